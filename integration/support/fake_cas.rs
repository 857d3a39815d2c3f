//! An institution on loopback: a CAS server that does what a story needs, also when that is wrong.
//!
//! ```ignore
//! let north = FakeCas::v3().knows("ada").with_attribute("mail", "ada@north.example").start().await;
//! north.has(Trouble::Status(500));
//! north.recovers();
//! ```
//!
//! It writes HTTP by hand, one request a connection: so it can also break off, dawdle and lie.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use url::form_urlencoded;

use super::authority::{Authority, Paper};
use super::dialects;
use super::trouble::{Piece, Trouble};

/// Its path. Not ours: cookies do not know ports.
const MOUNT: &str = "/sso";
/// What a ticket of a cluster looks like: the node that issued it, with dots, at its end.
const NODE: &str = "cas01.north";

/// How it writes the attributes of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// `<cas:attributes>` with a child a value (CAS 3.0 §2.5.7).
    #[default]
    Nested,
    /// Children of the success, without a prefix, as RubyCAS does.
    Flat,
    /// `<cas:attribute name="" value=""/>`.
    Pairs,
    /// Nested, and the same again as pairs: django-cas-server.
    Twice,
}

/// How it adds the ticket to the address that it sends the browser back to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SendsBack {
    /// Behind everything that stands there.
    #[default]
    Appends,
    /// Takes the query apart, sorts it and writes it anew.
    Rebuilds,
    /// Writes every letter of the values as an escape: the same address, other bytes.
    Escapes,
    /// Loses the query that was there.
    DropsQuery,
    /// Calls the ticket `SAMLart`.
    AsArtifact,
    /// Sends nobody: the person pressed "cancel".
    WithoutTicket,
}

/// What it says at `/proxy` in place of a ticket.
#[derive(Clone, Debug)]
pub enum Withholds {
    /// No, with this code.
    Code(&'static str),
    /// This text for a ticket.
    Text(&'static str),
    /// Nothing that is CAS.
    Page,
}

/// One request that it got.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    /// Below the mount: `/login`, `/p3/serviceValidate`.
    pub path: String,
    /// As it came, without `?`.
    pub query: String,
    /// Everything after the request line.
    pub head: String,
    /// What was posted.
    pub body: String,
}

impl Request {
    /// The value of a parameter, decoded.
    pub fn param(&self, name: &str) -> Option<String> {
        param(&self.query, name)
    }

    /// The names of its parameters.
    pub fn names(&self) -> Vec<String> {
        form_urlencoded::parse(self.query.as_bytes()).map(|(name, _)| name.into_owned()).collect()
    }
}

fn param(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[derive(Clone, Debug, Default)]
struct Person {
    name: String,
    attributes: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
struct Ticket {
    user: String,
    service: String,
    new_login: bool,
}

/// What can be changed while it runs.
#[derive(Debug, Default)]
struct Mood {
    people: Vec<Person>,
    /// Who sits in front of the browser: an index of `people`.
    present: usize,
    /// Somebody is signed in there: without `renew` it asks nobody.
    signed_in: bool,
    tickets: HashMap<String, Ticket>,
    issued: usize,
    trouble: Option<Trouble>,
    sends_back: SendsBack,
    style: Style,
    ignores_renew: bool,
    hides_new_login: bool,
    ends_at_once: bool,
    /// The receipts of proxy-granting tickets that were handed over, by the ticket that was validated.
    receipts: HashMap<String, String>,
    /// Proxy-granting tickets, and whether they were handed over.
    grants: Vec<(String, bool)>,
    /// What is said to whoever asks for a proxy ticket; absent: one.
    withholds: Option<Withholds>,
    standard: Vec<(String, String)>,
    /// From when until when its assertions hold, in seconds after the beginning of every story.
    holds: (i64, i64),
    requests: Vec<Request>,
}

#[derive(Debug)]
struct Shared {
    version: u8,
    has_p3: bool,
    mood: Mutex<Mood>,
}

impl Shared {
    fn mood(&self) -> MutexGuard<'_, Mood> {
        self.mood.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A CAS server before it starts.
#[derive(Debug)]
pub struct Draft {
    version: u8,
    has_p3: bool,
    paper: Option<Paper>,
    mood: Mood,
}

impl Draft {
    fn of(version: u8) -> Self {
        Self {
            version,
            has_p3: version >= 3,
            paper: None,
            mood: Mood { holds: (-30, 30), ..Mood::default() },
        }
    }

    /// One more person; the first one sits in front of the browser.
    pub fn knows(mut self, name: &str) -> Self {
        self.mood.people.push(Person { name: name.to_owned(), attributes: Vec::new() });
        self
    }

    /// One more value of an attribute of the person named last.
    pub fn with_attribute(mut self, name: &str, value: &str) -> Self {
        let person = self.mood.people.last_mut().expect("knows() comes first");
        person.attributes.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Knows no `/p3`, as servers of CAS 2.
    pub fn without_p3(mut self) -> Self {
        self.has_p3 = false;
        self
    }

    /// Speaks TLS, with this paper.
    pub fn over_tls(mut self, paper: Paper) -> Self {
        self.paper = Some(paper);
        self
    }

    /// Opens a port of its own.
    pub async fn start(self) -> FakeCas {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let stop = CancellationToken::new();
        let (scheme, tls) = match self.paper {
            None => ("http", None),
            Some(paper) => ("https", Some(Authority::new(paper))),
        };
        let acceptor = tls.as_ref().map(Authority::acceptor);
        let shared =
            Arc::new(Shared { version: self.version, has_p3: self.has_p3, mood: Mutex::new(self.mood) });
        let (inside, ended) = (Arc::clone(&shared), stop.clone());
        tokio::spawn(async move {
            loop {
                let accepted = tokio::select! {
                    accepted = listener.accept() => accepted,
                    () = ended.cancelled() => return,
                };
                let Ok((stream, _)) = accepted else { continue };
                let (shared, ended, acceptor) = (Arc::clone(&inside), ended.clone(), acceptor.clone());
                tokio::spawn(async move {
                    tokio::select! {
                        () = connection(&shared, stream, acceptor) => {}
                        () = ended.cancelled() => {}
                    }
                });
            }
        });
        let base = format!("{scheme}://127.0.0.1:{port}{MOUNT}");
        FakeCas { shared, base, tls: tls.map(Arc::new), _stop: Arc::new(stop.drop_guard()) }
    }
}

/// A CAS server that runs until the last handle is gone.
#[derive(Clone, Debug)]
pub struct FakeCas {
    shared: Arc<Shared>,
    base: String,
    tls: Option<Arc<Authority>>,
    _stop: Arc<DropGuard>,
}

impl FakeCas {
    /// Knows `/validate` and nothing else.
    pub fn v1() -> Draft {
        Draft::of(1)
    }

    /// Knows `/serviceValidate` too.
    pub fn v2() -> Draft {
        Draft::of(2)
    }

    /// Knows `/p3/serviceValidate` too.
    pub fn v3() -> Draft {
        Draft::of(3)
    }

    /// Knows `/samlValidate` too.
    pub fn saml1() -> Draft {
        Draft::of(4)
    }

    /// What a `[[provider]]` calls `url`.
    pub fn url(&self) -> &str {
        &self.base
    }

    /// What a `[[provider]]` calls `protocol`.
    pub fn protocol(&self) -> &'static str {
        ["1.0", "2.0", "3.0", "saml1"][usize::from(self.shared.version - 1)]
    }

    /// What a `[[provider]]` calls `ca_file`.
    pub fn ca_file(&self) -> Option<PathBuf> {
        self.tls.as_ref().map(|authority| authority.ca_file())
    }

    /// Its `[[provider]]`, asked by its own protocol, to which a story may add lines.
    pub fn entry(&self, suffix: &str, name: &str) -> String {
        self.entry_as(self.protocol(), suffix, name)
    }

    /// The same, asked by another protocol than its newest.
    pub fn entry_as(&self, protocol: &str, suffix: &str, name: &str) -> String {
        let mut text = entry(suffix, name, &self.base);
        writeln!(text, "protocol = {protocol:?}").unwrap();
        if let Some(file) = self.ca_file() {
            writeln!(text, "ca_file = {:?}", file.display().to_string()).unwrap();
        }
        text
    }

    /// A browser opens this address, which leads to `/login` here, and signs in: where it is sent to. For
    /// stories that are not about the way there, and for TLS, which our browser does not speak.
    pub fn lets_in(&self, url: &str) -> String {
        let target = url.strip_prefix(&self.base).unwrap_or_else(|| panic!("not here: {url}"));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (method, path, query) = ("GET".to_owned(), path.to_owned(), query.to_owned());
        let request = Request { method, path, query, head: String::new(), body: String::new() };
        let mut mood = self.shared.mood();
        let back = login(&mut mood, &request);
        mood.requests.push(request);
        back.expect("nobody to let in")
    }

    /// From now on every validation has this trouble.
    pub fn has(&self, trouble: Trouble) {
        self.shared.mood().trouble = Some(trouble);
    }

    /// From now on all is well.
    pub fn recovers(&self) {
        self.shared.mood().trouble = None;
    }

    /// This person sits down in front of the browser; who was signed in there is signed out.
    pub fn is_used_by(&self, name: &str) {
        let mut mood = self.shared.mood();
        mood.signed_in = false;
        mood.present =
            mood.people.iter().position(|person| person.name == name).expect("nobody of that name");
    }

    /// The person's attributes become these.
    pub fn changes(&self, name: &str, attributes: &[(&str, &str)]) {
        let mut mood = self.shared.mood();
        let person = mood.people.iter_mut().find(|person| person.name == name).expect("nobody of that name");
        person.attributes =
            attributes.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    }

    /// How the ticket travels back.
    pub fn sends_back(&self, how: SendsBack) {
        self.shared.mood().sends_back = how;
    }

    /// How attributes are written.
    pub fn writes(&self, style: Style) {
        self.shared.mood().style = style;
    }

    /// Says this of every sign-in, beside `isFromNewLogin`: `authenticationDate` and the like.
    pub fn says(&self, name: &str, value: &str) {
        let mut mood = self.shared.mood();
        mood.standard.retain(|(known, _)| known != name);
        mood.standard.push((name.to_owned(), value.to_owned()));
    }

    /// Lets people in from single sign-on whatever was asked for, at the login and at the validation.
    pub fn ignores_renew(&self) {
        self.shared.mood().ignores_renew = true;
    }

    /// Says nothing of new logins, as servers of CAS 2.
    pub fn hides_new_login(&self) {
        self.shared.mood().hides_new_login = true;
    }

    /// Ends what every ticket stands for while it is being validated, and says so to whoever asks.
    pub fn ends_at_once(&self, so: bool) {
        self.shared.mood().ends_at_once = so;
    }

    /// From now on there are no proxy tickets.
    pub fn withholds(&self, what: Withholds) {
        self.shared.mood().withholds = Some(what);
    }

    /// Proxy-granting tickets, and whether they were taken.
    pub fn grants(&self) -> Vec<(String, bool)> {
        self.shared.mood().grants.clone()
    }

    /// The questions for proxy tickets.
    pub fn proxied(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.path == "/proxy").collect()
    }

    /// The ticket that was validated last.
    pub fn last_ticket(&self) -> String {
        self.validations().last().and_then(|asked| asked.param("ticket")).expect("a validation")
    }

    /// Assertions in SAML hold from then until then, in seconds after the beginning of every story.
    pub fn asserts_between(&self, from: i64, until: i64) {
        self.shared.mood().holds = (from, until);
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.mood().requests.clone()
    }

    /// The requests of browsers.
    pub fn logins(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.path == "/login").collect()
    }

    /// The requests of gateways.
    pub fn validations(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.path.ends_with("alidate")).collect()
    }
}

/// A `[[provider]]` with the three keys that every one has.
pub fn entry(suffix: &str, name: &str, url: &str) -> String {
    format!("[[provider]]\nsuffix = {suffix:?}\nname = {name:?}\nurl = {url:?}\n")
}

/// An address where nobody listens.
pub async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    format!("http://127.0.0.1:{port}{MOUNT}")
}

/// A port whose queue is full: whoever connects waits.
#[derive(Debug)]
pub struct FullQueue {
    _listener: TcpListener,
    _waiting: Vec<TcpStream>,
    url: String,
}

impl FullQueue {
    pub async fn open() -> Self {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        // The queue takes a few more than it was asked to; the first one that does not get in proves it full.
        while let Ok(Ok(stream)) =
            tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(address)).await
        {
            waiting.push(stream);
        }
        Self { url: format!("http://{address}{MOUNT}"), _listener: listener, _waiting: waiting }
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

async fn connection(shared: &Shared, stream: TcpStream, acceptor: Option<tokio_rustls::TlsAcceptor>) {
    match acceptor {
        None => serve(shared, stream).await,
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(shared, stream).await;
            }
        }
    }
}

async fn serve(shared: &Shared, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let Some(request) = read(&mut stream).await else {
        // Not HTTP: TLS, most likely.
        let _told = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n").await;
        let _ended = stream.shutdown().await;
        return;
    };
    hand_over(shared, &request).await;
    let pieces = answer(shared, &request);
    if shared.mood().ends_at_once && request.path.ends_with("alidate") {
        let (callback, ticket) = (request.param("service").unwrap(), request.param("ticket").unwrap());
        super::log_out::send(&callback, &super::log_out::message(&[&ticket])).await;
    }
    shared.mood().requests.push(request);
    for piece in pieces {
        let written = match piece {
            Piece::Bytes(bytes) => stream.write_all(&bytes).await,
            Piece::Again { bytes, pause } => {
                let mut written = Ok(());
                while written.is_ok() {
                    tokio::time::sleep(pause).await;
                    written = stream.write_all(&bytes).await;
                    if written.is_ok() {
                        written = stream.flush().await;
                    }
                }
                written
            }
            Piece::Silence => {
                let _flushed = stream.flush().await;
                return std::future::pending().await;
            }
        };
        if written.is_err() {
            return;
        }
    }
    let _ended = stream.shutdown().await;
}

/// Hands a proxy-granting ticket over, if a validation asks for one: first the address is tried, as servers do.
async fn hand_over(shared: &Shared, request: &Request) {
    let (Some(url), Some(ticket)) = (request.param("pgtUrl"), request.param("ticket")) else { return };
    if !shared.mood().tickets.contains_key(&ticket) {
        return;
    }
    let count = shared.mood().grants.len() + 1;
    let (pgt, iou) = (format!("PGT-{count}-Rk7v_x-{NODE}"), format!("PGTIOU-{count}-bW2-{NODE}"));
    let http = passerelle::outbound::client(None).unwrap();
    let mut taken = true;
    for address in [url.clone(), format!("{url}?pgtId={pgt}&pgtIou={iou}")] {
        let answer = http.get(address).send().await.unwrap();
        taken &= answer.status() == 200 && answer.headers().get("set-cookie").is_none();
    }
    let mut mood = shared.mood();
    mood.grants.push((pgt, taken));
    mood.receipts.insert(ticket, iou);
}

fn proxy(mood: &Mood, request: &Request) -> Piece {
    let pgt = request.param("pgt").unwrap_or_default();
    let known = mood.grants.iter().any(|(known, _)| *known == pgt);
    let failure = |code: &str| format!("<cas:proxyFailure code=\"{code}\">No ticket.</cas:proxyFailure>");
    let success = |ticket: &str| {
        format!("<cas:proxySuccess><cas:proxyTicket>{ticket}</cas:proxyTicket></cas:proxySuccess>")
    };
    let body = match &mood.withholds {
        Some(Withholds::Page) => return page(200, "Sign in."),
        Some(Withholds::Code(code)) => failure(code),
        Some(Withholds::Text(text)) => success(text),
        None if !known => failure("INVALID_TICKET"),
        None => success("PT-1-a_b-cas01.north"),
    };
    Piece::answer(200, "text/xml;charset=UTF-8", super::trouble::response(&body).as_bytes())
}

async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
        if !head[0].is_ascii_uppercase() {
            return None;
        }
    }
    let head = String::from_utf8(head).ok()?;
    let (line, head) = head.split_once("\r\n")?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut body = vec![0; header(head, "content-length").parse().unwrap_or_default()];
    stream.read_exact(&mut body).await.ok()?;
    Some(Request {
        body: String::from_utf8(body).ok()?,
        method: method.to_owned(),
        path: path.strip_prefix(MOUNT).unwrap_or(path).to_owned(),
        query: query.to_owned(),
        head: head.to_owned(),
    })
}

/// The value of a header; empty where there is none.
fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    lines
        .filter(|(own, _)| own.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
        .next()
        .unwrap_or("")
}

fn answer(shared: &Shared, request: &Request) -> Vec<Piece> {
    let mut mood = shared.mood();
    match request.path.as_str() {
        "/login" => match login(&mut mood, request) {
            Some(back) => vec![away(&back)],
            None => vec![page(200, "Sign in.")],
        },
        "/logout" | "/signout" => {
            mood.signed_in = false;
            match request.param("service") {
                Some(back) => vec![away(&back)],
                None => vec![page(200, "Signed out.")],
            }
        }
        "/proxy" => vec![proxy(&mood, request)],
        "/validate" => validation(&mut mood, request, text),
        "/samlValidate" if shared.version == 4 => {
            let asked = dialects::as_question(request);
            let audience = asked.param("service").unwrap_or_default();
            validation(&mut mood, &asked, |mood, found| saml(mood, found, &audience))
        }
        "/serviceValidate" | "/p3/serviceValidate"
            if shared.version >= 2 && request.param("format").as_deref() == Some("JSON") =>
        {
            validation(&mut mood, request, json)
        }
        "/serviceValidate" if shared.version >= 2 => validation(&mut mood, request, xml),
        "/p3/serviceValidate" if shared.has_p3 => validation(&mut mood, request, xml),
        _ => vec![page(404, "There is no such page.")],
    }
}

fn away(url: &str) -> Piece {
    Piece::bytes(format!(
        "HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    ))
}

fn page(status: u16, words: &str) -> Piece {
    Piece::answer(status, "text/html;charset=UTF-8", words.as_bytes())
}

/// Nobody types a password here: whoever sits in front of the browser is let in. Out: the way back.
fn login(mood: &mut Mood, request: &Request) -> Option<String> {
    let service = request.param("service")?;
    let renew = request.param("renew").is_some() && !mood.ignores_renew;
    if request.param("gateway").is_some() && !renew && !mood.signed_in {
        return Some(service);
    }
    let user = mood.people.get(mood.present)?.name.clone();
    mood.issued += 1;
    let ticket = format!("ST-{}-hQ2xRb7-{NODE}", mood.issued);
    let new_login = renew || !mood.signed_in;
    mood.signed_in = true;
    let back = match mood.sends_back {
        SendsBack::WithoutTicket => service.clone(),
        SendsBack::DropsQuery => {
            format!("{}?ticket={ticket}", service.split('?').next().unwrap_or_default())
        }
        SendsBack::Appends => format!("{service}{}ticket={ticket}", between(&service)),
        SendsBack::AsArtifact => format!("{service}{}SAMLart={ticket}", between(&service)),
        SendsBack::Rebuilds => {
            rebuilt(&service, &ticket, |value| form_urlencoded::byte_serialize(value.as_bytes()).collect())
        }
        SendsBack::Escapes => {
            rebuilt(&service, &ticket, |value| value.bytes().map(|byte| format!("%{byte:02x}")).collect())
        }
    };
    mood.tickets.insert(ticket, Ticket { user, service, new_login });
    Some(back)
}

fn between(service: &str) -> char {
    if service.contains('?') { '&' } else { '?' }
}

/// The address with its query sorted and written anew.
fn rebuilt(service: &str, ticket: &str, write: impl Fn(&str) -> String) -> String {
    let (path, query) = service.split_once('?').unwrap_or((service, ""));
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.push(("ticket".to_owned(), ticket.to_owned()));
    pairs.sort();
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", write(value))).collect();
    format!("{path}?{}", query.join("&"))
}

/// A validation that goes well: whom it names, and whether credentials were given for it.
struct Found {
    person: Person,
    new_login: bool,
    receipt: Option<String>,
}

fn validation(
    mood: &mut Mood,
    request: &Request,
    write: impl Fn(&Mood, Result<Found, &'static str>) -> Piece,
) -> Vec<Piece> {
    let found = take(mood, request);
    match mood.trouble.clone() {
        Some(trouble) => {
            trouble.pieces(found.ok().map(|found| found.person.name).as_deref().unwrap_or("ada"))
        }
        None => vec![write(mood, found)],
    }
}

/// A ticket is good once, for its service (CAS 3.0 §3.1.1).
fn take(mood: &mut Mood, request: &Request) -> Result<Found, &'static str> {
    let ticket = request.param("ticket").ok_or("INVALID_REQUEST")?;
    let receipt = mood.receipts.remove(&ticket);
    let ticket = mood.tickets.remove(&ticket).ok_or("INVALID_TICKET")?;
    if request.param("service").as_deref() != Some(ticket.service.as_str()) {
        return Err("INVALID_SERVICE");
    }
    if request.param("renew").is_some() && !ticket.new_login && !mood.ignores_renew {
        return Err("INVALID_TICKET");
    }
    let person = mood.people.iter().find(|person| person.name == ticket.user).cloned();
    Ok(Found { person: person.ok_or("INTERNAL_ERROR")?, new_login: ticket.new_login, receipt })
}

fn text(_: &Mood, found: Result<Found, &'static str>) -> Piece {
    let body = match found {
        Ok(found) => format!("yes\n{}\n", found.person.name),
        Err(_) => "no\n\n".to_owned(),
    };
    Piece::answer(200, "text/plain", body.as_bytes())
}

fn xml(mood: &Mood, found: Result<Found, &'static str>) -> Piece {
    let body = match found {
        Ok(found) => success(mood, &found),
        Err(code) => format!(
            "<cas:authenticationFailure code=\"{code}\">\n    The ticket was not accepted.\n  \
             </cas:authenticationFailure>"
        ),
    };
    Piece::answer(200, "text/xml;charset=UTF-8", super::trouble::response(&body).as_bytes())
}

/// Whom an answer names, and what it says of them.
pub struct Told {
    pub user: String,
    pub attributes: Vec<(String, String)>,
}

impl Told {
    fn of(mood: &Mood, found: &Found) -> Self {
        let mut attributes = mood.standard.clone();
        if !mood.hides_new_login {
            attributes.push(("isFromNewLogin".to_owned(), found.new_login.to_string()));
        }
        attributes.extend(found.person.attributes.clone());
        Self { user: found.person.name.clone(), attributes }
    }
}

fn saml(mood: &Mood, found: Result<Found, &'static str>, audience: &str) -> Piece {
    let body = match found {
        Ok(found) => dialects::saml(&Told::of(mood, &found), audience, mood.holds.0, mood.holds.1),
        Err(_) => dialects::saml_no(),
    };
    Piece::answer(200, "text/xml;charset=UTF-8", body.as_bytes())
}

fn json(mood: &Mood, found: Result<Found, &'static str>) -> Piece {
    let told = found.map(|found| Told::of(mood, &found));
    let body = dialects::json(told.as_ref().map_err(|code| *code));
    Piece::answer(200, "application/json;charset=UTF-8", body.as_bytes())
}

fn success(mood: &Mood, found: &Found) -> String {
    let all = Told::of(mood, found).attributes;
    let escape = super::trouble::escape;
    let nested = |all: &[(String, String)]| {
        let inside: String =
            all.iter().map(|(name, value)| format!("<cas:{name}>{}</cas:{name}>", escape(value))).collect();
        format!("<cas:attributes>{inside}</cas:attributes>")
    };
    let pairs = |all: &[(String, String)]| -> String {
        all.iter()
            .map(|(name, value)| format!("<cas:attribute name=\"{name}\" value=\"{}\"/>", escape(value)))
            .collect()
    };
    let attributes = match mood.style {
        _ if all.is_empty() => String::new(),
        Style::Nested => nested(&all),
        Style::Pairs => pairs(&all),
        Style::Twice => format!("{}{}", nested(&all), pairs(&all)),
        Style::Flat => {
            all.iter().map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>")).collect()
        }
    };
    let user = escape(&found.person.name);
    let receipt = found
        .receipt
        .as_ref()
        .map_or_else(String::new, |iou| format!("<cas:proxyGrantingTicket>{iou}</cas:proxyGrantingTicket>"));
    format!(
        "<cas:authenticationSuccess><cas:user>{user}</cas:user>{attributes}{receipt}</cas:authenticationSuccess>"
    )
}
