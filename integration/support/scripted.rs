//! A directory on loopback that says what a story has it say, and remembers what it was asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

use super::trouble::Piece;

/// A bind, a search and an extended request (RFC 4511 §4.2, §4.5, §4.12): how what they say begins.
pub const BIND: u8 = 0x60;
pub const SEARCH: u8 = 0x63;
pub const EXTENDED: u8 = 0x77;

/// A question.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The number of the message.
    pub id: u8,
    /// How what it says begins.
    pub kind: u8,
    /// All of it.
    pub bytes: Vec<u8>,
}

impl Asked {
    /// Reads the head of a message, which came by itself.
    fn new(bytes: &[u8]) -> Self {
        let long = if bytes[1] & 0x80 == 0 { 0 } else { usize::from(bytes[1] & 0x7f) };
        let [2, 1, id, kind] = bytes[2 + long..6 + long] else { panic!("no question: {bytes:x?}") };
        Self { id, kind, bytes: bytes.to_vec() }
    }

    /// Whether these words stand in it.
    pub fn says(&self, words: &str) -> bool {
        self.bytes.windows(words.len()).any(|part| part == words.as_bytes())
    }

    /// An answer to it.
    pub fn answer(&self, said: &[u8]) -> Vec<u8> {
        ber(0x30, &[&[2, 1, self.id], said].concat())
    }

    /// A result: the kind of the answer, and its code.
    pub fn result(&self, kind: u8, code: u8) -> Vec<u8> {
        self.answer(&ber(kind, &[0x0a, 1, code, 4, 0, 4, 0]))
    }

    /// An entry with these attributes, and that this was all.
    pub fn entry(&self, dn: &str, attributes: &[(&str, Vec<String>)]) -> Vec<u8> {
        let mut list = Vec::new();
        for (name, values) in attributes {
            let values: Vec<u8> = values.iter().flat_map(|value| ber(4, value.as_bytes())).collect();
            list.extend(ber(0x30, &[ber(4, name.as_bytes()), ber(0x31, &values)].concat()));
        }
        let entry = ber(0x64, &[ber(4, dn.as_bytes()), ber(0x30, &list)].concat());
        [self.answer(&entry), self.result(0x65, 0)].concat()
    }
}

/// An element (X.690 §8.1), with a length of four octets as Active Directory writes it.
pub fn ber(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag, 0x84];
    bytes.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
    bytes.extend(content);
    bytes
}

type Script = Arc<dyn Fn(&Asked) -> Vec<Piece> + Send + Sync>;

/// The directory.
pub struct Scripted {
    /// Its address.
    pub url: String,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    heard: Mutex<Vec<u8>>,
    opened: AtomicUsize,
    said: AtomicUsize,
    open: watch::Sender<usize>,
}

impl Scripted {
    /// One that answers each question with these pieces.
    pub async fn with(script: impl Fn(&Asked) -> Vec<Piece> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ldap://{}", listener.local_addr().unwrap());
        let (seen, script): (Arc<Seen>, Script) = (Arc::default(), Arc::new(script));
        let own = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, script) = (Arc::clone(&own), Arc::clone(&script));
                seen.opened.fetch_add(1, Ordering::SeqCst);
                seen.open.send_modify(|open| *open += 1);
                tokio::spawn(async move {
                    serve(stream, &script, &seen).await;
                    seen.open.send_modify(|open| *open -= 1);
                });
            }
        });
        Self { url, seen }
    }

    /// One that answers binds as it should, and any other question with these pieces.
    pub async fn to_searches(pieces: Vec<Piece>) -> Self {
        Self::with(move |asked| match asked.kind {
            BIND => vec![Piece::Bytes(asked.result(0x61, 0))],
            _ => pieces.clone(),
        })
        .await
    }

    /// How many connections there were.
    pub fn opened(&self) -> usize {
        self.seen.opened.load(Ordering::SeqCst)
    }

    /// How many bytes it said.
    pub fn said(&self) -> usize {
        self.seen.said.load(Ordering::SeqCst)
    }

    /// Whether anybody ever said these words to it.
    pub fn heard(&self, words: &str) -> bool {
        let heard = self.seen.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.windows(words.len()).any(|part| part == words.as_bytes())
    }

    /// Waits until everybody has hung up.
    pub async fn is_alone(&self) {
        let mut open = self.seen.open.subscribe();
        let alone = timeout(Duration::from_secs(10), open.wait_for(|open| *open == 0)).await;
        assert!(alone.is_ok(), "{} connections are still open", *self.seen.open.borrow());
    }
}

async fn serve(stream: TcpStream, script: &Script, seen: &Seen) {
    let (mut hears, mut says) = stream.into_split();
    let (asked, questions) = mpsc::unbounded_channel();
    tokio::select! {
        () = listens(&mut hears, &asked, seen) => {}
        () = answers(&mut says, questions, script, seen) => {}
    }
}

async fn listens(hears: &mut OwnedReadHalf, asked: &mpsc::UnboundedSender<Vec<u8>>, seen: &Seen) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = hears.read(&mut buffer).await {
        seen.heard.lock().unwrap_or_else(PoisonError::into_inner).extend(&buffer[..read]);
        let _told = asked.send(buffer[..read].to_vec());
    }
}

/// Ends where the other side hung up.
async fn answers(
    says: &mut OwnedWriteHalf,
    mut questions: mpsc::UnboundedReceiver<Vec<u8>>,
    script: &Script,
    seen: &Seen,
) {
    while let Some(question) = questions.recv().await {
        for piece in script(&Asked::new(&question)) {
            let (bytes, pause, again) = match piece {
                Piece::Bytes(bytes) => (bytes, Duration::ZERO, false),
                Piece::Again { bytes, pause } => (bytes, pause, true),
                Piece::Silence => std::future::pending().await,
            };
            loop {
                for part in bytes.chunks(1 << 14) {
                    if says.write_all(part).await.is_err() {
                        return;
                    }
                    seen.said.fetch_add(part.len(), Ordering::SeqCst);
                }
                if !again {
                    break;
                }
                sleep(pause).await;
            }
        }
    }
}
