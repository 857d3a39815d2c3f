//! The other end of a wire: says given bytes, connection by connection, and writes down what it heard.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};

/// What it does with a connection, one after the other. At the end it hangs up.
#[derive(Clone, Debug)]
pub enum Act {
    /// Hears a request and says these bytes.
    Says(Vec<u8>),
    /// Hears a request and no more.
    Hears,
    /// Hears a request and leaves the connection open, without a word.
    Waits,
}

/// A request: its first line, its other lines, its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    pub line: String,
    pub head: String,
    pub body: String,
}

impl Heard {
    /// The value of a header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut values = lines.filter(|(own, _)| own.eq_ignore_ascii_case(name));
        values.next().map_or("", |(_, value)| value.trim())
    }
}

/// A server on loopback.
#[derive(Debug)]
pub struct Wire {
    base: String,
    told: Arc<Mutex<Told>>,
    _stop: DropGuard,
}

#[derive(Debug, Default)]
struct Told {
    connections: usize,
    heard: Vec<Heard>,
}

impl Wire {
    /// In: what becomes of each connection; the last of them of all that follow. One of which nothing becomes
    /// is closed at once.
    pub async fn with(connections: Vec<Vec<Act>>) -> Self {
        Self::open(connections, None).await
    }

    /// The same over TLS.
    pub async fn over_tls(acceptor: TlsAcceptor, connections: Vec<Vec<Act>>) -> Self {
        Self::open(connections, Some(acceptor)).await
    }

    async fn open(connections: Vec<Vec<Act>>, acceptor: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if acceptor.is_some() { "https" } else { "http" };
        let base = format!("{scheme}://{}", listener.local_addr().unwrap());
        let (told, stop) = (Arc::new(Mutex::new(Told::default())), CancellationToken::new());
        let (inside, ended) = (Arc::clone(&told), stop.clone());
        tokio::spawn(ended.run_until_cancelled_owned(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let number = {
                    let mut told = lock(&inside);
                    told.connections += 1;
                    told.connections - 1
                };
                let acts = connections.get(number).or(connections.last()).cloned().unwrap_or_default();
                let (told, acceptor) = (Arc::clone(&inside), acceptor.clone());
                tokio::spawn(async move {
                    match acceptor {
                        None => play(stream, acts, told).await,
                        Some(acceptor) if !acts.is_empty() => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                play(stream, acts, told).await;
                            }
                        }
                        Some(_) => {}
                    }
                });
            }
        }));
        Self { base, told, _stop: stop.drop_guard() }
    }

    /// Says the same to everybody, one request a connection.
    pub async fn saying(bytes: impl Into<Vec<u8>>) -> Self {
        Self::with(vec![vec![Act::Says(bytes.into())]]).await
    }

    /// `http://127.0.0.1:…`.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Every request so far.
    pub fn heard(&self) -> Vec<Heard> {
        lock(&self.told).heard.clone()
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        lock(&self.told).connections
    }
}

fn lock(told: &Mutex<Told>) -> std::sync::MutexGuard<'_, Told> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn play(mut stream: impl AsyncRead + AsyncWrite + Unpin, acts: Vec<Act>, told: Arc<Mutex<Told>>) {
    for act in acts {
        let Some(heard) = hear(&mut stream).await else { return };
        lock(&told).heard.push(heard);
        match act {
            Act::Says(bytes) => {
                let _written = stream.write_all(&bytes).await;
                let _flushed = stream.flush().await;
            }
            Act::Hears => {}
            Act::Waits => std::future::pending().await,
        }
    }
    let _ended = stream.shutdown().await;
}

async fn hear(stream: &mut (impl AsyncRead + Unpin)) -> Option<Heard> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let (line, head) = head.split_once("\r\n")?;
    let mut heard = Heard { line: line.to_owned(), head: head.to_owned(), body: String::new() };
    let mut body = vec![0; heard.header("content-length").parse().unwrap_or_default()];
    stream.read_exact(&mut body).await.ok()?;
    heard.body = String::from_utf8(body).ok()?;
    Some(heard)
}

/// A whole answer: the status, lines of headers, the body.
pub fn http(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\n", body.len()).into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}
