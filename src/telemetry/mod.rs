//! Log lines: one an event, on stderr, values as fields beside a message that reads alone.
//!
//! May use: `protocol`. Never in a line: tickets, passwords, attribute values.

mod once;

use std::io::IsTerminal;

pub use once::Once;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

/// Starts logging. The level comes from `PASSERELLE_LOG` (`info` by default, also
/// `passerelle=debug,sqlx=warn`). A second call does nothing.
pub fn start() {
    start_at("info");
}

/// The same with another level where `PASSERELLE_LOG` says nothing.
pub fn start_at(level: &str) {
    let filter = EnvFilter::try_from_env("PASSERELLE_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let lines = fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let _already = lines.try_init();
}
