//! An institution that says yes to every ticket, after a while or when it is let.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A server on loopback.
pub struct Stub {
    port: u16,
    held: watch::Sender<bool>,
    asked: Arc<AtomicUsize>,
}

impl Stub {
    /// Answers after `away`.
    pub async fn start(away: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (held, holds) = watch::channel(false);
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, away, holds.clone(), Arc::clone(&count)));
            }
        });
        Self { port, held, asked }
    }

    /// Its address, for a `[[provider]]`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/sso", self.port)
    }

    /// From now on nobody is answered, or everybody who waits.
    pub fn holds(&self, hold: bool) {
        self.asked.store(0, Ordering::SeqCst);
        self.held.send_replace(hold);
    }

    /// Questions since the last change.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn serve(
    mut stream: TcpStream,
    away: Duration,
    mut held: watch::Receiver<bool>,
    asked: Arc<AtomicUsize>,
) {
    let mut head = Vec::new();
    let mut some = [0; 4096];
    loop {
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read(&mut some).await {
                Ok(0) | Err(_) => return,
                Ok(length) => head.extend_from_slice(some.get(..length).unwrap_or_default()),
            }
        }
        let text = String::from_utf8_lossy(&head).into_owned();
        head.clear();
        let name = text.split_once("ticket=ST-").and_then(|(_, rest)| rest.split([' ', '&']).next());
        let name = name.unwrap_or("nobody").to_owned();
        asked.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(away).await;
        if held.wait_for(|held| !held).await.is_err() {
            return;
        }
        let body = format!(
            "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\"><cas:authenticationSuccess>\
             <cas:user>{name}</cas:user></cas:authenticationSuccess></cas:serviceResponse>"
        );
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
