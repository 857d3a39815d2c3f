// A service that signs people in with http-cas-client, on Node's own web server. The first piece of the
// path says which way: a version of the protocol, `renew`, `gateway`, `proxying` (it asks for proxy
// tickets) or `proxied` (it takes them). Every way has a session of its own. Answers are JSON.

'use strict';

const http = require('http');
const { createRequire } = require('module');

// The packages are installed in a folder for generated files, not beside this file.
const installed = createRequire(`${process.env.NODE_PACKAGES}/`);
const httpCasClient = installed('http-cas-client');
const { version } = installed('http-cas-client/package.json');

const base = process.env.SERVICE_URL;
const common = { casServerUrlPrefix: process.env.CAS_URL, serverName: base };
const handlers = {
  cas2: httpCasClient({ ...common, cas: 2 }),
  cas3: httpCasClient({ ...common, cas: 3 }),
  renew: httpCasClient({ ...common, cas: 3, client: { renew: true } }),
  gateway: httpCasClient({ ...common, cas: 3, client: { gateway: true } }),
  proxying: httpCasClient({
    ...common,
    cas: 3,
    client: { proxy: { callbackUrl: `${base}/proxying/callback`, receptorUrl: '/proxying/callback' } },
  }),
  proxied: httpCasClient({ ...common, cas: 3, client: { proxy: { acceptAny: true } } }),
};

function session(way, req, res) {
  const cookie = (value) => res.setHeader('Set-Cookie', `node-${way}=${value}; Path=/${way}; HttpOnly; Secure`);
  return {
    getTicket: () => (new RegExp(`(?:^|; )node-${way}=([^;]+)`).exec(req.headers.cookie || '') || [])[1],
    ticketCreated: cookie,
    ticketDestroyed: () => cookie(''),
  };
}

function shows(res, what, status = 200) {
  res.writeHead(status, { 'Content-Type': 'application/json' });
  res.end(JSON.stringify(what));
}

async function answer(req, res) {
  const { pathname, searchParams } = new URL(req.url, base);
  const way = pathname.split('/')[1];
  if (way === 'about') {
    return shows(res, { client: `http-cas-client ${version} (Node ${process.versions.node})` });
  }
  if (!handlers[way]) {
    return shows(res, { bye: true });
  }
  if (!(await handlers[way](req, res, session(way, req, res)))) {
    return res.end();
  }
  const { user, attributes } = req.principal;
  if (way === 'proxying') {
    const target = searchParams.get('target');
    // Either the answer itself, or a client with the cookie that the other service gave.
    const asked = await req.ticket.request(target);
    const { data } = 'data' in asked ? asked : await asked.get(target);
    return shows(res, { user, answer: data });
  }
  return shows(res, { user, attributes: attributes || {} });
}

const at = new URL(process.env.LISTEN_URL);
http
  .createServer((req, res) => {
    answer(req, res).catch((error) => {
      console.error(req.method, req.url, error.message);
      if (!res.headersSent) shows(res, { refused: error.message }, 403);
    });
  })
  .listen(Number(at.port), at.hostname);
