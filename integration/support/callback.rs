//! An application that takes proxy-granting tickets: remembers what came, and answers as it likes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::authority::{Authority, Paper};

/// How it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// With this status and a short body.
    Status(u16),
    /// With this status and this place.
    Redirects(u16, String),
    /// With 200 and a body without end.
    Endless,
    /// With 200 and the beginning of a body.
    HangsInBody,
    /// With the beginning of the headers.
    HangsInHeaders,
    /// Never.
    Hangs,
    /// Not at all: it hangs up.
    HangsUp,
    /// With this status, when it is told to.
    Waits(u16),
}

#[derive(Debug)]
struct Memory {
    answer: Mutex<Answer>,
    heard: Mutex<Vec<String>>,
    connections: AtomicUsize,
    go_on: Notify,
    arrived: Notify,
}

/// An application.
#[derive(Debug)]
pub struct Callback {
    /// Its address, with a last slash.
    pub url: String,
    authority: Option<Authority>,
    memory: Arc<Memory>,
    task: JoinHandle<()>,
}

impl Callback {
    /// Opens one over TLS that answers 200.
    pub async fn start() -> Self {
        Self::showing(Some(Paper::Good)).await
    }

    /// Opens one that shows this certificate; none: over plain http.
    pub async fn showing(paper: Option<Paper>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let scheme = if paper.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}/", listener.local_addr().expect("an address"));
        let authority = paper.map(Authority::new);
        let memory = Arc::new(Memory {
            answer: Mutex::new(Answer::Status(200)),
            heard: Mutex::default(),
            connections: AtomicUsize::new(0),
            go_on: Notify::new(),
            arrived: Notify::new(),
        });
        let (inside, acceptor) = (Arc::clone(&memory), authority.as_ref().map(Authority::acceptor));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                inside.connections.fetch_add(1, Ordering::SeqCst);
                let (memory, acceptor) = (Arc::clone(&inside), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => serve(&memory, stream).await,
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                serve(&memory, stream).await;
                            }
                        }
                    }
                });
            }
        });
        Self { url, authority, memory, task }
    }

    /// `[[service]]` for it, with further keys.
    pub fn toml(&self, name: &str, more: &str) -> String {
        format!("[[service]]\nname = \"{name}\"\nurl = \"{}**\"\n{more}\n", self.url)
    }

    /// The authority to trust, as PEM; empty over plain http.
    pub fn pem(&self) -> String {
        let file = self.authority.as_ref().map(Authority::ca_file);
        file.map(|file| std::fs::read_to_string(file).expect("its file")).unwrap_or_default()
    }

    /// Changes how it answers.
    pub fn is(&self, answer: Answer) {
        *self.memory.answer.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    /// Everything that came, oldest first: method and target.
    pub fn heard(&self) -> Vec<String> {
        self.memory.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How often somebody connected.
    pub fn connections(&self) -> usize {
        self.memory.connections.load(Ordering::SeqCst)
    }

    /// Waits until a request has come.
    pub async fn is_asked(&self) {
        self.memory.arrived.notified().await;
    }

    /// Lets one go on that waits.
    pub fn goes_on(&self) {
        self.memory.go_on.notify_one();
    }

    /// All that was handed over, oldest first: the proxy-granting ticket and its receipt.
    pub fn grants(&self) -> Vec<(String, String)> {
        let of_target = |line: &String| {
            let query = line.split_once('?').expect("a query").1;
            let value = |name: &str| {
                let mut pairs = url::form_urlencoded::parse(query.as_bytes());
                pairs.find(|(own, _)| own == name).expect("the parameter").1.into_owned()
            };
            (value("pgtId"), value("pgtIou"))
        };
        self.heard().iter().map(of_target).collect()
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(memory: &Memory, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let Some(line) = read(&mut stream).await else { return };
    memory.heard.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    memory.arrived.notify_one();
    let answer = memory.answer.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let whole = |status: u16, more: &str| {
        format!("HTTP/1.1 {status} X\r\nConnection: close\r\n{more}Content-Length: 5\r\n\r\ntaken")
    };
    match answer {
        Answer::Status(status @ (204 | 304)) => {
            say(&mut stream, &format!("HTTP/1.1 {status} X\r\nConnection: close\r\n\r\n")).await;
        }
        Answer::Status(status) => say(&mut stream, &whole(status, "")).await,
        Answer::Redirects(status, place) => {
            say(&mut stream, &whole(status, &format!("Location: {place}\r\n"))).await;
        }
        Answer::Waits(status) => {
            memory.go_on.notified().await;
            say(&mut stream, &whole(status, "")).await;
        }
        Answer::Endless => {
            say(&mut stream, "HTTP/1.1 200 X\r\nConnection: close\r\n\r\n").await;
            while stream.write_all(&[b' '; 1 << 14]).await.is_ok() {}
        }
        Answer::HangsInBody => {
            say(&mut stream, "HTTP/1.1 200 X\r\nContent-Length: 500\r\n\r\nbegin").await;
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        Answer::HangsInHeaders => {
            say(&mut stream, "HTTP/1.1 200 X\r\nContent-").await;
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
        Answer::Hangs => tokio::time::sleep(Duration::from_secs(60)).await,
        Answer::HangsUp => {}
    }
    let _ended = stream.shutdown().await;
}

async fn say(stream: &mut (impl AsyncWrite + Unpin), text: &str) {
    let _gone = stream.write_all(text.as_bytes()).await;
    let _flushed = stream.flush().await;
}

/// Reads a request to the end of its headers. Out: `GET /path?query`.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let line = head.lines().next()?;
    Some(line.strip_suffix(" HTTP/1.1")?.to_owned())
}
