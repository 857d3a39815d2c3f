//! Log lines: one an event, on stderr, values as fields beside a message that reads alone.
//!
//! May use: `protocol`. Never in a line: tickets, passwords, attribute values.

mod once;
mod seldom;

use std::io::IsTerminal;

pub use once::Once;
pub use seldom::Seldom;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

/// What checks certificates writes a line of its own about each that it refuses. Ours name the institution too.
const VERIFIER: &str = "rustls_platform_verifier";
/// What speaks to directories does the same when a connection ends.
const LDAP: &str = "ldap3";

/// Starts logging. The level comes from `PASSERELLE_LOG` (`info` by default, also
/// `passerelle=debug,sqlx=warn`). A second call does nothing.
pub fn start() {
    start_at("info");
}

/// The same with another level where `PASSERELLE_LOG` says nothing.
pub fn start_at(level: &str) {
    let asked = std::env::var("PASSERELLE_LOG").ok();
    let asked = asked.as_deref().filter(|text| !text.is_empty() && EnvFilter::try_new(text).is_ok());
    let lines = fmt()
        .with_env_filter(EnvFilter::new(directives(asked.unwrap_or(level))))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let _already = lines.try_init();
}

/// The filter with what dependencies say twice left out, unless it asks for that by name.
fn directives(filter: &str) -> String {
    let mut filter = filter.to_owned();
    for said_twice in [VERIFIER, LDAP] {
        if !filter.contains(said_twice) {
            filter.push_str(&format!(",{said_twice}=off"));
        }
    }
    filter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_twice_is_left_out_unless_it_is_asked_for() {
        assert_eq!(directives("info"), "info,rustls_platform_verifier=off,ldap3=off");
        assert_eq!(directives("debug,sqlx=warn"), "debug,sqlx=warn,rustls_platform_verifier=off,ldap3=off");
        let asked = "info,rustls_platform_verifier=error,ldap3=warn";
        assert_eq!(directives(asked), asked);
        assert!(EnvFilter::try_new(directives("passerelle=debug")).is_ok());
    }
}
