//! `[database]`: where everything is kept.

use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::page::Words;
use super::section::{Found, Section};
use super::texts::Files;

/// Reads a variable of the environment.
pub type Env<'e> = &'e dyn Fn(&str) -> Option<String>;

/// `[database]`.
#[derive(Clone, Debug)]
pub struct Database {
    /// Default: `sqlite:passerelle.db` in the folder of `passerelle.toml`.
    pub url: Address,
}

/// Where a database is. `Debug` and `Display` leave user and password out.
#[derive(Clone)]
pub enum Address {
    /// A file.
    Sqlite(PathBuf),
    /// Gone when the process ends.
    Memory,
    /// `postgres://…`, as written.
    Postgres(SecretString),
}

impl Address {
    /// Whether it is this one, with the same user and password.
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Sqlite(own), Self::Sqlite(other)) => own == other,
            (Self::Memory, Self::Memory) => true,
            (Self::Postgres(own), Self::Postgres(other)) => own.expose_secret() == other.expose_secret(),
            _ => false,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Memory => f.write_str("sqlite::memory:"),
            Self::Postgres(text) => {
                let text = text.expose_secret();
                let front = text.split_once('?').map_or(text, |(front, _)| front);
                let (scheme, rest) = front.split_once("://").unwrap_or(("postgres", ""));
                write!(f, "{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, end)| end))
            }
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// Reads `[database]`. In: the environment, for `env:NAME`.
pub fn read(mut section: Section<'_>, env: Env<'_>, files: &Files) -> Database {
    let default = || Address::Sqlite(files.resolve("passerelle.db"));
    let Some(found) = section.opt_text("url") else {
        section.finish();
        return Database { url: default() };
    };
    section.finish();
    let url = written(&found, env).and_then(|text| {
        let url = usable(&text, files);
        if url.is_none() {
            let words = Words::new("`url` is no address of a database that we know").secret();
            let known = r#"such as "sqlite:passerelle.db", "postgres://user@host/name" or "env:NAME""#;
            found.spot.tell(words.hint(known));
        }
        url
    });
    Database { url: url.unwrap_or_else(default) }
}

/// A text as it is written, or the variable that `env:NAME` names; one that is not set is told.
pub(super) fn written(found: &Found<'_, &str>, env: Env<'_>) -> Option<String> {
    let Some(name) = found.value.strip_prefix("env:") else { return Some(found.value.to_owned()) };
    let value = env(name).filter(|value| !value.is_empty());
    if value.is_none() {
        found.spot.error(format!("the variable `{name}` of the environment is not set"));
    }
    value
}

/// An address that the store can open, if it is one. A SQLite file takes no options.
fn usable(text: &str, files: &Files) -> Option<Address> {
    if let Some(path) = text.strip_prefix("sqlite:") {
        return match path.strip_prefix("//").unwrap_or(path) {
            ":memory:" => Some(Address::Memory),
            path if path.is_empty() || path.contains('?') => None,
            path => Some(Address::Sqlite(files.resolve(path))),
        };
    }
    let known = text.starts_with("postgres://") || text.starts_with("postgresql://");
    (known && url::Url::parse(text).is_ok()).then(|| Address::Postgres(SecretString::from(text)))
}
