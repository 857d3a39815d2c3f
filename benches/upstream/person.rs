//! Somebody with a browser: one connection that stays open, and cookies. Cheap, so that the gateway gets
//! the machine.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use url::form_urlencoded::{Serializer, byte_serialize};

const SERVICE: &str = "https://app.example/";
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// A browser.
pub struct Person {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
    cookies: HashMap<String, String>,
}

struct Page {
    status: u16,
    location: String,
    body: String,
}

impl Person {
    /// Nobody yet.
    pub fn at(address: SocketAddr) -> Self {
        Self { address, connection: None, cookies: HashMap::new() }
    }

    /// Signs in at an institution as somebody new, up to the service that is told who it is. Errors: what
    /// came in place of that.
    pub async fn signs_in_at(&mut self, suffix: &str) -> Result<(), String> {
        self.cookies.clear();
        let service: String = byte_serialize(SERVICE.as_bytes()).collect();
        let away = self.get(&format!("/cas/login?service={service}&provider={suffix}")).await?;
        let callback = parameter(&away.location, "service").ok_or_else(|| said(&away))?;
        let name = format!("u{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let back = self.get(&format!("{callback}&ticket=ST-{name}")).await?;
        self.arrives(back, &format!("{name}@{suffix}")).await
    }

    /// The same with a local account.
    pub async fn signs_in_here(&mut self) -> Result<(), String> {
        self.cookies.clear();
        let service: String = byte_serialize(SERVICE.as_bytes()).collect();
        let page = self.get(&format!("/cas/login?service={service}&provider=local")).await?;
        let form = filled(&page.body);
        let back = self.request("POST", "/cas/login", Some(&form)).await?;
        self.arrives(back, "ada").await
    }

    async fn arrives(&mut self, mut page: Page, who: &str) -> Result<(), String> {
        let ticket = loop {
            match parameter(&page.location, "ticket") {
                Some(ticket) if page.location.starts_with(SERVICE) => break ticket,
                _ if page.location.is_empty() => return Err(said(&page)),
                _ => page = self.get(&page.location.clone()).await?,
            }
        };
        let query = Serializer::new(String::new())
            .append_pair("service", SERVICE)
            .append_pair("ticket", &ticket)
            .finish();
        let answer = self.get(&format!("/cas/serviceValidate?{query}")).await?;
        if answer.body.contains(&format!("<cas:user>{who}</cas:user>")) { Ok(()) } else { Err(answer.body) }
    }

    async fn get(&mut self, target: &str) -> Result<Page, String> {
        self.request("GET", target, None).await
    }

    async fn request(&mut self, method: &str, target: &str, form: Option<&str>) -> Result<Page, String> {
        let origin = format!("http://{}", self.address);
        let target = target.strip_prefix(&origin).unwrap_or(target);
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut text = format!(
            "{method} {target} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n",
            self.address,
            cookies.join("; ")
        );
        if let Some(form) = form {
            text.push_str(&format!(
                "Origin: {origin}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
                form.len()
            ));
        }
        text.push_str("\r\n");
        text.push_str(form.unwrap_or_default());
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                BufReader::new(TcpStream::connect(self.address).await.map_err(|error| error.to_string())?)
            }
        };
        connection.write_all(text.as_bytes()).await.map_err(|error| error.to_string())?;
        let (page, stays) = self.read(&mut connection).await?;
        self.connection = stays.then_some(connection);
        Ok(page)
    }

    async fn read(&mut self, connection: &mut BufReader<TcpStream>) -> Result<(Page, bool), String> {
        let (mut page, mut length, mut stays) =
            (Page { status: 0, location: String::new(), body: String::new() }, 0, true);
        let mut line = String::new();
        loop {
            line.clear();
            if connection.read_line(&mut line).await.map_err(|error| error.to_string())? == 0 {
                return Err("the gateway hung up".to_owned());
            }
            let text = line.trim_end();
            if page.status == 0 {
                page.status = text.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default();
                continue;
            }
            let Some((name, value)) = text.split_once(": ") else { break };
            match name.to_ascii_lowercase().as_str() {
                "location" => value.clone_into(&mut page.location),
                "refresh" => value.trim_start_matches("0; url=").clone_into(&mut page.location),
                "content-length" => length = value.parse().unwrap_or_default(),
                "connection" => stays = value != "close",
                "set-cookie" => {
                    let pair = value.split(';').next().and_then(|pair| pair.split_once('='));
                    if let Some((name, value)) = pair {
                        self.cookies.insert(name.to_owned(), value.to_owned());
                    }
                }
                _ => {}
            }
        }
        let mut body = vec![0; length];
        connection.read_exact(&mut body).await.map_err(|error| error.to_string())?;
        page.body = String::from_utf8_lossy(&body).into_owned();
        Ok((page, stays))
    }
}

/// The form of a page, with a name and a password.
fn filled(body: &str) -> String {
    let mut form = Serializer::new(String::new());
    for tag in body.split("<input type=\"hidden\" ").skip(1) {
        let value = |name: &str| tag.split_once(name).and_then(|(_, rest)| rest.split('"').next());
        if let (Some(name), Some(value)) = (value("name=\""), value(" value=\"")) {
            form.append_pair(name, &value.replace("&amp;", "&").replace("&#38;", "&"));
        }
    }
    form.append_pair("username", "ada").append_pair("password", "engine").finish()
}

/// The value of a parameter of an address.
fn parameter(address: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

/// What a page says that nobody wanted.
fn said(page: &Page) -> String {
    let code = page.body.split_once("<code>").and_then(|(_, rest)| rest.split('<').next());
    format!("{} {}", page.status, code.unwrap_or("a page without a code"))
}
