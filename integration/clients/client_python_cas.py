"""A service that signs people in with python-cas, in every way that library knows.

The first piece of the path says which way: a version of the protocol, `renew`,
`gateway`, `proxying` (it asks for proxy tickets) or `proxied` (it takes them). Every way
has a session of its own. Answers are JSON.
"""

import json
import secrets
import threading
from collections.abc import Iterable
from http.cookies import SimpleCookie
from importlib.metadata import version
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

import requests
from cas import CASClient, CASError, SingleLogoutMixin

from wsgi import Environ, StartResponse, address, serve

BASE, CAS = address("SERVICE_URL"), address("CAS_URL")
VERSIONS: dict[str, int | str] = {
    "cas1": 1, "cas2": 2, "cas3": 3, "saml": "CAS_2_SAML_1_0",
    "renew": 3, "gateway": 3, "proxying": 3, "proxied": 3,
}  # fmt: skip
CALLBACK = f"{BASE}/callback"


class Memory:
    """Who is signed in by which ticket, and the proxy-granting tickets that were called in."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.people: dict[str, dict[str, Any]] = {}
        self.tickets: dict[str, str] = {}
        self.granting: dict[str, str] = {}

    def opens(self, ticket: str, person: dict[str, Any]) -> str:
        key = secrets.token_urlsafe()
        with self.lock:
            self.people[key], self.tickets[ticket] = person, key
        return key

    def ends(self, ticket: str) -> None:
        with self.lock:
            self.people.pop(self.tickets.pop(ticket, ""), None)


memory = Memory()


def client(way: str, service: str) -> CASClient:
    more: dict[str, Any] = {}
    if way == "renew":
        more["renew"] = True
    if way == "gateway":
        more["extra_login_params"] = {"gateway": "true"}
    if way == "proxying":
        more["proxy_callback"] = CALLBACK
    made = CASClient(version=VERSIONS[way], service_url=service, server_url=f"{CAS}/", **more)
    if way == "proxied":
        made.url_suffix = "p3/proxyValidate"
    return made


def proxies(answer: bytes) -> list[str]:
    """The library hands out the user and not the proxies, so these are looked up in the answer."""
    from lxml import etree

    found = etree.fromstring(answer).xpath("//c:proxy/text()", namespaces={"c": "http://www.yale.edu/tp/cas"})
    return [str(text) for text in found]


def application(environ: Environ, start: StartResponse) -> Iterable[bytes]:
    path, query = environ["PATH_INFO"], parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    asked = dict(query)
    way = path.split("/")[1]
    if environ["REQUEST_METHOD"] == "POST":
        return told(environ, start)
    if path == "/about":
        return answer(start, client=f"python-cas {version('python-cas')}")
    if path == "/callback":
        if "pgtIou" in asked:
            memory.granting[asked["pgtIou"]] = asked["pgtId"]
        return answer(start)
    if way not in VERSIONS:
        return answer(start, bye=True)
    cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(f"python-{way}")
    key = cookie.value if cookie else ""
    if path.endswith("/logout"):
        memory.people.pop(key, None)
        return leave(start, client(way, BASE).get_logout_url(f"{BASE}/bye"))
    rest = urlencode([(name, value) for name, value in query if name not in {"ticket", "asked"}])
    # A gateway comes back without a ticket: the mark says that this one has been asked.
    service = BASE + path + ("?asked=1" if way == "gateway" else f"?{rest}" if rest else "")
    if "ticket" in asked:
        return come_back(start, way, service, asked["ticket"])
    person = memory.people.get(key)
    if person is None:
        if way == "gateway" and "asked" in asked:
            return answer(start, user=None)
        return leave(start, client(way, service).get_login_url())
    if way == "proxying":
        return answer(start, user=person["user"], answer=ask(person["granting"], asked["target"]))
    return answer(start, user=person["user"], attributes=person["attributes"])


def come_back(start: StartResponse, way: str, service: str, ticket: str) -> Iterable[bytes]:
    asking = client(way, service)
    if way == "proxied":
        said = asking.get_verification_response(ticket)
        user, _, _ = asking.verify_response(said)
        return answer(start, "200 OK" if user else "403 Forbidden", user=user, proxies=proxies(said))
    user, attributes, receipt = asking.verify_ticket(ticket)
    if not user:
        return answer(start, "403 Forbidden", refused=True)
    granting = memory.granting.pop(receipt, None) if receipt else None
    key = memory.opens(ticket, {"user": user, "attributes": attributes or {}, "granting": granting})
    return leave(start, service, [("Set-Cookie", f"python-{way}={key}; Path=/{way}; HttpOnly; Secure")])


def ask(granting: str, target: str) -> object:
    """Asks another service in the name of the person."""
    try:
        ticket = client("cas3", target).get_proxy_ticket(granting)
    except CASError as error:
        return f"no proxy ticket: {error}"
    said = requests.Session().get(target, params={"ticket": ticket}, timeout=15)
    try:
        return said.json()
    except ValueError:
        return f"{said.status_code} {said.text[:300]}"


def told(environ: Environ, start: StartResponse) -> Iterable[bytes]:
    form = parse_qs(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode())
    for ticket in SingleLogoutMixin.get_saml_slos(form.get("logoutRequest", [""])[0]) or []:
        memory.ends(ticket.text)
    return answer(start)


def leave(start: StartResponse, url: str, more: list[tuple[str, str]] | None = None) -> Iterable[bytes]:
    start("302 Found", [("Location", url), ("Content-Length", "0"), *(more or [])])
    return [b""]


def answer(start: StartResponse, status: str = "200 OK", **what: object) -> Iterable[bytes]:
    body = json.dumps(what, ensure_ascii=False).encode()
    start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


if __name__ == "__main__":
    serve(application, address("LISTEN_URL"))
