//! The side of a command.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::{Answer, Ask, PATIENCE, WHOLE};

/// Longest answer, in bytes.
const MOST_ANSWERED: u64 = 16 << 20;

/// Asks the server at a socket file. Errors where none answers.
pub(in crate::cli) async fn ask(path: &Path, ask: Ask) -> anyhow::Result<Answer> {
    let nobody = || format!("no server answers at {}", path.display());
    let connecting = timeout(PATIENCE, UnixStream::connect(path));
    let mut stream =
        connecting.await.map_err(anyhow::Error::from).and_then(|done| Ok(done?)).with_context(nobody)?;
    let line = serde_json::to_string(&ask)? + "\n";
    let mut answer = String::new();
    let asked = timeout(WHOLE + Duration::from_secs(5), async {
        stream.write_all(line.as_bytes()).await?;
        BufReader::new((&mut stream).take(MOST_ANSWERED)).read_line(&mut answer).await
    });
    asked.await.with_context(nobody)?.with_context(nobody)?;
    if answer.is_empty() {
        return Err(anyhow!("it is for its own user and for root").context(nobody()));
    }
    serde_json::from_str(&answer).context("the server answers in a way that this program does not know")
}
