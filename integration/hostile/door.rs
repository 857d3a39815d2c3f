//! A port that behaves: below HTTP, or as an institution that knows people by what their tickets say.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::support::trouble::{Piece, Trouble, flawless};

/// What happens to a connection.
#[derive(Clone, Debug)]
pub struct Act {
    /// Something is heard first.
    pub hears: bool,
    /// Then this is said.
    pub says: Vec<u8>,
    /// And then …
    pub then: Then,
}

/// How a connection goes on.
#[derive(Clone, Copy, Debug)]
pub enum Then {
    Reset,
    End,
    Silence,
}

/// A port that is open until it is dropped.
#[derive(Debug)]
pub struct Door {
    port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
    _stop: DropGuard,
}

impl Door {
    /// Does the same with everybody.
    pub async fn open(act: Act) -> Self {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&heard);
        Self::serve(heard, move |stream| plays(act.clone(), Arc::clone(&all), stream)).await
    }

    /// Says yes to every ticket, for whom it names (`ST-ada-7`), but where `fault` has another answer to the
    /// question of this number. `poison` follows each answer, and the connection stays open.
    pub async fn knowing(
        fault: impl Fn(usize) -> Option<Trouble> + Send + Sync + 'static,
        poison: Option<String>,
    ) -> Self {
        let (fault, count) = (Arc::new(fault), Arc::new(AtomicUsize::new(0)));
        Self::serve(Arc::default(), move |stream| {
            let (fault, count, poison) = (Arc::clone(&fault), Arc::clone(&count), poison.clone());
            async move {
                knows(stream, || fault(count.fetch_add(1, Ordering::SeqCst)), poison).await;
            }
        })
        .await
    }

    async fn serve<F>(heard: Arc<Mutex<Vec<u8>>>, each: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let stop = CancellationToken::new();
        let ended = stop.clone();
        tokio::spawn(ended.clone().run_until_cancelled_owned(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(ended.clone().run_until_cancelled_owned(each(stream)));
            }
        }));
        Self { port, heard, _stop: stop.drop_guard() }
    }

    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}/sso", self.port)
    }

    /// Everything that anybody said here.
    pub fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

async fn plays(act: Act, heard: Arc<Mutex<Vec<u8>>>, mut stream: TcpStream) {
    if act.hears {
        let mut some = vec![0; 4096];
        let length = stream.read(&mut some).await.unwrap_or(0);
        heard.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&some[..length]);
    }
    let _said = stream.write_all(&act.says).await;
    match act.then {
        Then::Reset => stream.set_zero_linger().unwrap(),
        Then::End => {
            // Heard to its end, so that the end is not a reset.
            let _ended = stream.shutdown().await;
            let _rest = stream.read_to_end(&mut Vec::new()).await;
        }
        Then::Silence => std::future::pending().await,
    }
}

async fn knows(mut stream: TcpStream, fault: impl Fn() -> Option<Trouble>, poison: Option<String>) {
    while let Some(request) = request(&mut stream).await {
        let name = request
            .split_once("ticket=ST-")
            .and_then(|(_, rest)| rest.split(['-', '&', ' ']).next())
            .unwrap_or("nobody")
            .to_owned();
        let pieces = match fault() {
            Some(trouble) => trouble.pieces(&name),
            None => {
                let body = flawless(&name);
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                vec![Piece::bytes(format!("{head}{body}{}", poison.as_deref().unwrap_or_default()))]
            }
        };
        let is_fine =
            matches!(pieces.as_slice(), [Piece::Bytes(bytes)] if !bytes.windows(6).any(|w| w == b"close\r"));
        for piece in pieces {
            match piece {
                Piece::Bytes(bytes) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Piece::Again { bytes, pause } => {
                    while stream.write_all(&bytes).await.is_ok() {
                        tokio::time::sleep(pause.max(Duration::from_millis(1))).await;
                    }
                    return;
                }
                Piece::Silence => return std::future::pending().await,
            }
        }
        if !is_fine {
            let _ended = stream.shutdown().await;
            return;
        }
    }
}

async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}
