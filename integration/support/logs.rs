//! Everything that this process logs, and what must never stand in it.

use std::io::Write;
use std::sync::{LazyLock, Mutex, Once, PoisonError};

use regex::Regex;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());
/// A ticket that could still be used: longer than the few characters that are shown to tell it by.
static TICKET: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:ST|PT|LT|TGT|PGT|PGTIOU)-[A-Za-z0-9-]{10,}").expect("a pattern"));

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

/// Begins to listen, once for the process. Out: where the lines of the caller begin.
pub fn listen() -> usize {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("passerelle=trace,info"))
            .with_ansi(false)
            .with_writer(Lines);
        subscriber.init();
    });
    LINES.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// The lines since `from`: also those of other stories that run beside this one.
pub fn since(from: usize) -> String {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(lines.get(from..).unwrap_or_default()).into_owned()
}

/// The first line that tells a secret: a ticket, or one of these texts.
pub fn leak(lines: &str, secrets: &[String]) -> Option<String> {
    let tells =
        |line: &&str| TICKET.is_match(line) || secrets.iter().any(|secret| line.contains(secret.as_str()));
    lines.lines().find(tells).map(str::to_owned)
}

#[test]
fn a_leak_is_found() {
    let secrets = ["Engine, analytical".to_owned()];
    for bad in ["ticket=ST-abcdefghij1", "x TGT-0123456789abc y", "typed Engine, analytical"] {
        assert!(leak(&format!("fine\n{bad}\nfine"), &secrets).is_some(), "{bad}");
    }
    assert_eq!(leak("ticket ST-abcde… is unknown\nuser=ada", &secrets), None);
}
