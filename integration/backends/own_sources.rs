//! `kind = "http"`: a program of the operator's own, and what counts as no answer of it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::house::{ADA, Builder, WIKI};
use crate::support::journey::values;
use crate::support::{Browser, House};

const ANA: (&str, &str) = ("ana", "Rivers, of the north: 1907");
const APP: &str = "https://app.example/";
const SECRET: &str = "a secret of the house";

/// A house that asks there first, and a desk after it.
fn house(url: &str, keys: &str) -> Builder {
    let backends = format!(
        "[[backend]]\nname = \"people\"\nkind = \"http\"\nurl = \"{url}\"\nsecret_file = \"people.secret\"\n{keys}\n\
         [[backend]]\nname = \"desk\"\nkind = \"test\"\nuser = \"{}\"\npassword = \"{}\"\n",
        ADA.0, ADA.1
    );
    let service =
        "[[service]]\nname = \"App\"\nurl = \"https://app.example/**\"\n[service.release]\n\"*\" = \"*\"\n";
    House::with()
        .backends(&backends)
        .file("people.secret", format!("{SECRET}\n"))
        .service(service)
        .secret(ANA.1)
        .secret(SECRET)
}

/// The program of the documentation, as it stands there.
struct Example {
    url: String,
    child: Child,
    _folder: tempfile::TempDir,
}

impl Example {
    fn start() -> Self {
        let docs = include_str!("../../docs/operating.md");
        let (_, section) = docs.split_once("## Own sources").unwrap();
        let (_, rest) = section.split_once("```python\n").unwrap();
        let program = rest.split_once("```").unwrap().0;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("source.py"), program).unwrap();
        std::fs::write(folder.path().join("people.secret"), format!("{SECRET}\n")).unwrap();
        let mut command = Command::new("python3");
        command.arg(folder.path().join("source.py")).arg("0").stdout(Stdio::piped());
        let mut child =
            command.env("SECRET_FILE", folder.path().join("people.secret")).spawn().expect("python3 is here");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("port ").expect("it says where it listens");
        Self { url: format!("http://127.0.0.1:{port}/"), child, _folder: folder }
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _ended = self.child.wait();
    }
}

#[tokio::test]
async fn the_program_of_the_documentation() {
    let example = Example::start();
    let house = house(&example.url, "").start().await;
    let ana = Browser::at(&house);
    let ticket = ana.signs_in_for(ANA, APP).await;
    let answer = house.p3_service_validate(&ticket, APP).await;
    assert_eq!(values(&answer, "mail"), ["ana@people.example"]);
    assert_eq!(values(&answer, "unit"), ["Hydrology", "Maps"]);
    assert_eq!(values(&answer, "backend"), ["people"]);
    let guest = Browser::at(&house);
    let form = guest.visits(WIKI).await;
    assert_eq!(guest.types(&form, (ANA.0, "wrong")).await.status, 401);
    let form = guest.visits(WIKI).await;
    assert_eq!(guest.types(&form, ("nobody", ANA.1)).await.status, 401);
    Browser::at(&house).signs_in(ADA).await;
    let people = house.app.backends.single("people").unwrap();
    let steps = passerelle::auth::Steps::kept();
    assert_eq!(people.probe(&steps).await, Ok(()));
    assert_eq!(steps.list()[0].found, "404: nobody");
}

#[tokio::test]
async fn a_wrong_secret_is_nobody_s_wrong_password() {
    let example = Example::start();
    let house = house(&example.url, "").file("people.secret", "another").start().await;
    let guest = Browser::at(&house);
    let page = guest.types(&guest.visits(WIKI).await, ANA).await;
    assert_eq!((page.status, page.code().as_str()), (503, "login.backend_down"));
}

/// A server that answers what it is told to, and keeps the requests.
#[derive(Clone)]
struct Fake {
    url: String,
    answer: Arc<Mutex<Vec<u8>>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/check", listener.local_addr().unwrap());
        let fake = Self { url, answer: Arc::default(), heard: Arc::default() };
        let there = fake.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let there = there.clone();
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    let mut piece = [0; 4096];
                    while !is_whole(&request) {
                        let read = stream.read(&mut piece).await.unwrap();
                        if read == 0 {
                            return;
                        }
                        request.extend_from_slice(&piece[..read]);
                    }
                    there.heard.lock().unwrap().push(String::from_utf8(request).unwrap());
                    let answer = there.answer.lock().unwrap().clone();
                    match answer.is_empty() {
                        true => std::future::pending().await,
                        false => stream.write_all(&answer).await.unwrap_or_default(),
                    }
                });
            }
        });
        fake
    }

    fn answers(&self, status: &str, headers: &str, body: &str) {
        let text = format!(
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}",
            body.len()
        );
        *self.answer.lock().unwrap() = text.into_bytes();
    }

    fn says(&self, body: &Value) {
        self.answers("200 OK", "Content-Type: application/json\r\n", &body.to_string());
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// Whether head and body are there.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

#[tokio::test]
async fn what_is_asked() {
    let fake = Fake::start().await;
    let house = house(&fake.url, "").start().await;
    fake.says(&json!({ "username": "ana", "attributes": { "age": 36, "mail": "a\u{e9}@people.example", "on": true } }));
    let ana = Browser::at(&house);
    let ticket = ana.signs_in_for(("ana", "p\u{e4}ss \"word\""), APP).await;
    let answer = house.p3_service_validate(&ticket, APP).await;
    assert_eq!(
        (values(&answer, "age"), values(&answer, "on")),
        (vec!["36".to_owned()], vec!["true".to_owned()])
    );
    let heard = fake.heard();
    let bodies: Vec<Value> = heard
        .iter()
        .map(|request| serde_json::from_str(request.split_once("\r\n\r\n").unwrap().1).unwrap())
        .collect();
    assert_eq!(bodies[0], json!({ "username": "ana", "password": "p\u{e4}ss \"word\"" }));
    assert_eq!(bodies[1], json!({ "username": "ana" }), "read again for the ticket");
    assert_eq!(bodies.len(), 2);
    let head = heard[0].to_lowercase();
    assert!(head.starts_with("post /check http/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("authorization: bearer {SECRET}\r\n")), "{head}");
    assert!(head.contains("content-type: application/json\r\n"), "{head}");
}

#[tokio::test]
async fn answers_of_three_kinds_and_all_others() {
    let fake = Fake::start().await;
    let house = house(&fake.url, "timeout = \"300 ms\"").start().await;
    let person = r#"{"username":"ana"}"#;
    let long = format!("{{\"username\":\"ana\",\"x\":\"{}\"}}", "x".repeat(65_536));
    let cases: [(&str, &str, &str, u16); 16] = [
        ("200 OK", "", person, 303),
        ("401 Unauthorized", "WWW-Authenticate: Bearer\r\n", "no", 401),
        ("404 Not Found", "", "", 401),
        ("200 OK", "", &long, 503),
        ("200 OK", "", "", 503),
        ("200 OK", "", "{}", 503),
        ("200 OK", "", r#"{"username":7}"#, 503),
        ("200 OK", "", r#"{"username":"ana","attributes":["a"]}"#, 503),
        ("200 OK", "", r#"{"username":"ana","attributes":{"a":{"b":"c"}}}"#, 503),
        ("200 OK", "", r#"{"username":"ana"} and more"#, 503),
        ("201 Created", "", person, 503),
        ("204 No Content", "", "", 503),
        ("302 Found", "Location: /other\r\n", person, 503),
        ("403 Forbidden", "", "", 503),
        ("500 Internal Server Error", "", person, 503),
        ("503 Service Unavailable", "", person, 503),
    ];
    for (status, headers, body, page) in cases {
        fake.answers(status, headers, body);
        let guest = Browser::at(&house);
        let answered = guest.types(&guest.visits(WIKI).await, ANA).await;
        let words: String = body.chars().take(40).collect();
        assert_eq!(answered.status, page, "{status} {words}");
    }
    fake.answer.lock().unwrap().clear();
    let guest = Browser::at(&house);
    let answered = guest.types(&guest.visits(WIKI).await, ANA).await;
    assert_eq!((answered.status, answered.code().as_str()), (503, "login.backend_down"), "silence");
    assert!(fake.heard().iter().all(|request| request.starts_with("POST /check")), "no redirect is followed");
    assert!(house.logs().contains("no answer in 0.3 s"));
}

#[tokio::test]
async fn a_name_that_it_gives_is_looked_at() {
    let fake = Fake::start().await;
    let north = crate::support::fake_cas::entry("north.example", "North", "https://cas.north.example/cas");
    let house = house(&fake.url, "").provider(&north).start().await;
    for (given, status) in
        [("Ana.Ruiz", 303), ("ana@North.example", 401), ("", 401), ("a na", 401), ("ana\u{202e}", 401)]
    {
        fake.says(&json!({ "username": given }));
        let guest = Browser::at(&house);
        let form = guest.get("login?provider=local").await;
        assert_eq!(guest.types(&form, ANA).await.status, status, "{given:?}");
    }
    assert_eq!(house.count("session").await, 1);
}

/// Behind one that cannot be asked nobody is: the name could be another person's.
#[tokio::test]
async fn nobody_is_there() {
    let url = format!("{}/", crate::support::fake_cas::nobody().await.trim_end_matches("/cas"));
    let house = house(&url, "names = \"[^d].*\"").start().await;
    for (who, status) in [(ANA, 503), (ADA, 503), (("dora", "x"), 401)] {
        let guest = Browser::at(&house);
        assert_eq!(guest.types(&guest.visits(WIKI).await, who).await.status, status, "{}", who.0);
    }
}
