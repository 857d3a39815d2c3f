//! How commands reach the server that runs: a socket file for its own user and for root, one line of JSON
//! each way. What comes of a command is put into words by the server, since it knows what it did.

mod client;
mod words;

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub(super) use client::ask;

use super::Format;
use super::reloader::Outcome;
use crate::config::Listen;
use crate::http::serve::Listener;

/// Longest line that asks, in bytes.
const MOST_ASKED: u64 = 4096;
/// Longest wait for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest time for a command.
const WHOLE: Duration = Duration::from_secs(60);
/// Commands that may wait for each other.
const QUEUE: usize = 16;

/// What is asked for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub(super) enum Ask {
    /// Read the files again.
    Reload {
        /// Only tell what would change.
        dry_run: bool,
        /// How the results are written.
        format: Format,
        /// Whether they go to a terminal.
        colours: bool,
    },
}

/// What a command says, and ends with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Answer {
    /// The exit code.
    pub(super) code: u8,
    /// For stdout.
    pub(super) out: String,
    /// For stderr.
    pub(super) told: String,
}

/// A reload that somebody waits for.
#[derive(Debug)]
pub(super) struct Order {
    /// Change nothing.
    pub(super) dry_run: bool,
    /// Where they wait.
    pub(super) answer: oneshot::Sender<Outcome>,
}

/// The socket of a server.
#[derive(Debug)]
pub(super) struct Socket {
    listener: UnixListener,
    path: PathBuf,
    owner: u32,
}

/// The way to whoever reloads: both ends.
pub(super) fn orders() -> (mpsc::Sender<Order>, mpsc::Receiver<Order>) {
    mpsc::channel(QUEUE)
}

impl Socket {
    /// Makes the socket file. One that nobody listens on is replaced.
    pub(super) async fn open(path: PathBuf) -> anyhow::Result<Self> {
        let Listener::Unix(listener) = Listener::open(&Listen::Unix(path.clone())).await? else {
            bail!("it is no socket file");
        };
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).context("its mode")?;
        let owner = std::fs::metadata(&path)?.uid();
        Ok(Self { listener, path, owner })
    }

    /// Answers until told to stop.
    pub(super) async fn run(self, orders: mpsc::Sender<Order>, stop: CancellationToken) {
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stop.cancelled() => break,
            };
            let Ok((stream, _)) = accepted else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            // Before the file had its mode, somebody else may have come by it.
            let peer = stream.peer_cred().map(|peer| peer.uid());
            if peer.is_ok_and(|uid| uid == 0 || uid == self.owner) {
                tokio::spawn(answer(stream, orders.clone()));
            }
        }
    }
}

/// The file goes with the socket, also where the server did not get as far as to answer.
impl Drop for Socket {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.path);
    }
}

/// One question. Whoever asks and goes away hears nothing.
async fn answer(mut stream: UnixStream, orders: mpsc::Sender<Order>) {
    let mut line = String::new();
    let mut asking = BufReader::new((&mut stream).take(MOST_ASKED));
    let read = timeout(PATIENCE, asking.read_line(&mut line)).await;
    if !matches!(read, Ok(Ok(length)) if length > 0) {
        return;
    }
    let done = match serde_json::from_str(&line) {
        Ok(ask) => timeout(WHOLE, carry_out(ask, &orders)).await.ok(),
        Err(_) => Some(Answer::failed("the server does not know this command: is it of another version?")),
    };
    let done = done.unwrap_or_else(|| Answer::failed("the server takes too long"));
    if let Ok(mut line) = serde_json::to_string(&done) {
        line.push('\n');
        let _nobody_reads = timeout(PATIENCE, stream.write_all(line.as_bytes())).await;
    }
}

async fn carry_out(ask: Ask, orders: &mpsc::Sender<Order>) -> Answer {
    match ask {
        Ask::Reload { dry_run, format, colours } => {
            let (answer, outcome) = oneshot::channel();
            let ends = || Answer::failed("the server is about to end");
            if orders.send(Order { dry_run, answer }).await.is_err() {
                return ends();
            }
            outcome.await.map_or_else(|_| ends(), |outcome| words::of(&outcome, dry_run, format, colours))
        }
    }
}

impl Answer {
    /// Could not.
    fn failed(reason: &str) -> Self {
        Self { code: 3, out: String::new(), told: format!("passerelle: {reason}\n") }
    }
}

/// Opens the socket of the configuration, if it has one. A server runs without it, and says so.
pub(super) async fn open(path: Option<PathBuf>) -> Option<Socket> {
    let path = path?;
    match Socket::open(path.clone()).await {
        Ok(socket) => Some(socket),
        Err(error) => {
            let reason = format!("{error:#}");
            tracing::warn!(
                path = shown(&path),
                reason,
                "commands cannot reach this server: no socket (`control` in [server] names another place, or is false)"
            );
            None
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
