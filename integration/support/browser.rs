//! A browser: keeps cookies by the rules, reads forms, and follows nothing by itself.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;
use url::form_urlencoded::Serializer;

use super::form::{Form, unescaped};
use super::house::{House, read};

/// An answer.
#[derive(Clone, Debug)]
pub struct Page {
    /// Where it came from, as the address line shows it.
    pub url: String,
    /// The HTTP status.
    pub status: u16,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Page {
    /// The value of a header; empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a plain header"))
    }

    /// All values of a header.
    pub fn headers(&self, name: &str) -> Vec<&str> {
        self.headers.get_all(name).iter().map(|value| value.to_str().expect("a plain header")).collect()
    }

    /// Where a redirect leads, or where the short page leads that ends the way after a form.
    pub fn location(&self) -> &str {
        match self.header("location") {
            "" => self.header("refresh").strip_prefix("0; url=").unwrap_or_default(),
            location => location,
        }
    }

    /// The ticket that a redirect carries.
    pub fn ticket(&self) -> String {
        self.maybe_ticket().unwrap_or_else(|| panic!("no ticket in {self:?}"))
    }

    /// The ticket that a redirect carries, if there is one.
    pub fn maybe_ticket(&self) -> Option<String> {
        let url = Url::parse(self.location()).ok()?;
        url.query_pairs().find(|(name, _)| name == "ticket").map(|(_, value)| value.into_owned())
    }

    /// The first form that posts.
    pub fn form(&self) -> Form {
        let found = Form::all(&self.body).into_iter().find(|form| form.method == "post");
        found.unwrap_or_else(|| panic!("no form in {} {}", self.status, self.body))
    }

    /// Whether it asks for a password.
    pub fn asks_password(&self) -> bool {
        self.body.contains("name=\"password\"")
    }

    /// Whether its text, without markup, holds these words.
    pub fn says(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    /// Its text without markup, blanks drawn together.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for piece in self.body.split('<') {
            text.push(' ');
            text.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
        }
        unescaped(&text).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The code of an error page; empty on others.
    pub fn code(&self) -> String {
        let after = self.body.split_once("<dd><code>").map(|(_, rest)| rest);
        after.and_then(|rest| rest.split_once('<')).map(|(code, _)| code.to_owned()).unwrap_or_default()
    }
}

#[derive(Clone, Debug)]
struct Cookie {
    host: String,
    path: String,
    name: String,
    value: String,
}

/// A browser. Clones share its cookies: they are its tabs.
#[derive(Clone, Debug)]
pub struct Browser {
    http: reqwest::Client,
    jar: Arc<Mutex<Vec<Cookie>>>,
    base: String,
    origin: String,
    socket: String,
    headers: HeaderMap,
}

impl Browser {
    /// A new browser without cookies. Sends no `Sec-Fetch-Site`, as old ones do.
    pub fn at(house: &House) -> Self {
        Self {
            http: house.http.clone(),
            jar: Arc::default(),
            base: house.base.clone(),
            origin: house.app.config.server.public_url.origin().to_owned(),
            socket: format!("http://{}", house.address),
            headers: HeaderMap::new(),
        }
    }

    /// A new browser for a gateway in another process.
    pub fn elsewhere(base: &str) -> Self {
        let origin = Url::parse(base).expect("an address").origin().ascii_serialization();
        Self {
            http: passerelle::outbound::client(None).expect("a client"),
            jar: Arc::default(),
            base: base.to_owned(),
            socket: origin.clone(),
            origin,
            headers: HeaderMap::new(),
        }
    }

    /// The same browser, for requests with one more header.
    pub fn sending(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        let name = HeaderName::try_from(name).expect("a name");
        other.headers.insert(name, HeaderValue::from_str(value).expect("a value"));
        other
    }

    /// The same browser, for requests that say which site they come from.
    pub fn claiming(&self, site: &str) -> Self {
        self.sending("sec-fetch-site", site)
    }

    /// Another browser with a copy of these cookies.
    pub fn twin(&self) -> Self {
        let cookies = self.jar.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Self { jar: Arc::new(Mutex::new(cookies)), ..self.clone() }
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
        jar.iter().find(|cookie| cookie.name == name).map(|cookie| cookie.value.clone())
    }

    /// Puts a cookie for the gateway into the jar, as malice or an older session would.
    pub fn set_cookie(&self, name: &str, value: &str) {
        let url = Url::parse(&self.base).expect("an address");
        self.keep(&url, &format!("{name}={value}; Path=/; Secure"));
    }

    /// Throws all cookies away.
    pub fn forget(&self) {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// GET. In: a path below the mount path (`login?renew=1`), one of the host (`/x`), or an address.
    pub async fn get(&self, target: &str) -> Page {
        self.request(Method::GET, target, None).await
    }

    /// POST of a form.
    pub async fn post(&self, target: &str, fields: &[(&str, &str)]) -> Page {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        self.request(Method::POST, target, Some(body)).await
    }

    /// Sends a form of a page.
    pub async fn submit(&self, form: &Form) -> Page {
        assert_eq!(form.method, "post");
        let fields: Vec<_> =
            form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&form.action, &fields).await
    }

    /// Goes where a redirect leads: one step.
    pub async fn follow(&self, page: &Page) -> Page {
        assert_ne!(page.location(), "", "no redirect: {} {}", page.status, page.body);
        let from = Url::parse(&page.url).expect("an address");
        self.get(from.join(page.location()).expect("a place").as_str()).await
    }

    /// Follows redirects for as long as they stay at the gateway.
    pub async fn follow_home(&self, mut page: Page) -> Page {
        for _ in 0..10 {
            let stays = page.location().starts_with(&self.base) || page.location().starts_with('/');
            if !stays {
                return page;
            }
            page = self.follow(&page).await;
        }
        panic!("redirects without end: {page:?}");
    }

    /// `/login` for a service.
    pub async fn visits(&self, service: &str) -> Page {
        self.get(&login(service, "")).await
    }

    /// Fills in the form of a page and sends it: a redirect when it was right.
    pub async fn types(&self, form: &Page, (user, password): (&str, &str)) -> Page {
        assert!(form.asks_password(), "no place for a password: {} {}", form.status, form.text());
        self.submit(&form.form().fill("username", user).fill("password", password)).await
    }

    /// Signs in without a service.
    pub async fn signs_in(&self, who: (&str, &str)) -> Page {
        let answer = self.types(&self.get("login?provider=local").await, who).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer
    }

    /// Visits a service with the form on the way: the ticket is a primary one.
    pub async fn signs_in_for(&self, who: (&str, &str), service: &str) -> String {
        let answer = self.types(&self.get(&login(service, "provider=local")).await, who).await;
        self.follow_home(answer).await.ticket()
    }

    /// A ticket by single sign-on.
    pub async fn ticket_for(&self, service: &str) -> String {
        self.visits(service).await.ticket()
    }

    /// Any request.
    pub async fn request(&self, method: Method, target: &str, body: Option<String>) -> Page {
        let url = self.resolve(target);
        let is_ours = url.as_str().starts_with(&self.origin);
        let real = match url.as_str().strip_prefix(&self.origin) {
            Some(rest) => format!("{}{rest}", self.socket),
            None => url.as_str().to_owned(),
        };
        let mut request = self.http.request(method, real).headers(self.headers.clone());
        if let Some(cookies) = self.cookies_for(&url) {
            request = request.header("cookie", cookies);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        }
        let answer = request.send().await.unwrap_or_else(|error| panic!("{url} (ours: {is_ours}): {error}"));
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for cookie in headers.get_all("set-cookie") {
            self.keep(&url, cookie.to_str().expect("a plain cookie"));
        }
        Page { url: url.into(), status, headers, body: read(answer).await }
    }

    fn resolve(&self, target: &str) -> Url {
        let base = Url::parse(&format!("{}/", self.base)).expect("an address");
        base.join(target).expect("a place")
    }

    fn cookies_for(&self, url: &Url) -> Option<String> {
        let jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |cookie: &&Cookie| {
            let below = url.path().strip_prefix(cookie.path.as_str());
            Some(cookie.host.as_str()) == url.host_str()
                && below.is_some_and(|rest| {
                    rest.is_empty() || cookie.path.ends_with('/') || rest.starts_with('/')
                })
        };
        let mut cookies: Vec<&Cookie> = jar.iter().filter(fits).collect();
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<_> =
            cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Keeps a cookie, or drops it where a browser would.
    fn keep(&self, url: &Url, header: &str) {
        let mut parts = header.split(';').map(str::trim);
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a cookie");
        let attributes: Vec<(String, &str)> = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| (name.to_lowercase(), value))
            .collect();
        let find = |name: &str| attributes.iter().find(|(own, _)| own == name).map(|(_, value)| *value);
        let path = find("path").unwrap_or("/");
        let secure = find("secure").is_some();
        let allowed = match name {
            _ if find("domain").is_some() => panic!("a cookie for other hosts: {header}"),
            _ if name.starts_with("__Host-") => secure && path == "/" && url.scheme() == "https",
            _ if name.starts_with("__Secure-") => secure && url.scheme() == "https",
            _ => true,
        };
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut jar = self.jar.lock().unwrap_or_else(PoisonError::into_inner);
        if !allowed {
            return;
        }
        jar.retain(|old| {
            (old.host.as_str(), old.path.as_str(), old.name.as_str()) != (host.as_str(), path, name)
        });
        if find("max-age").is_none_or(|seconds| seconds != "0") {
            let (name, value, path) = (name.to_owned(), value.to_owned(), path.to_owned());
            jar.push(Cookie { host, path, name, value });
        }
    }
}

/// `login` with a service, and more of a query.
pub fn login(service: &str, more: &str) -> String {
    let query = Serializer::new(String::new()).append_pair("service", service).finish();
    if more.is_empty() { format!("login?{query}") } else { format!("login?{query}&{more}") }
}
