//! `kind = "sql"`: users in a table of somebody else.

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::super::page::Words;
use super::super::section::Section;
use super::Around;
use super::check::{self, PasswordCheck, Stored};

/// What is asked where no `query` is written.
pub const QUERY: &str = "SELECT user AS username, pass AS password, users.* FROM users WHERE user = ?";

/// The keys of `kind = "sql"`.
#[derive(Clone, Debug)]
pub struct Sql {
    /// Where the table is.
    pub url: SqlUrl,
    /// The operator's query, as written.
    pub query: String,
    /// How passwords are kept in it.
    pub stored: Stored,
    /// For one question, connecting included. Default: 5 s.
    pub timeout: Duration,
    /// Most connections. Default: 4.
    pub connections: u32,
}

/// An address with user and password. `Debug` and `Display` show neither.
#[derive(Clone)]
pub struct SqlUrl {
    /// Which database it is.
    pub kind: SqlKind,
    text: SecretString,
}

/// The databases that are spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlKind {
    /// `postgres://`
    Postgres,
    /// `mysql://`, also MariaDB.
    Mysql,
    /// `sqlite:`, a file.
    Sqlite,
}

impl SqlUrl {
    /// The address as written.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }
}

impl fmt::Display for SqlUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.expose();
        let front = text.split_once('?').map_or(text, |(front, _)| front);
        match front.split_once("://") {
            Some((scheme, rest)) => {
                write!(f, "{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, end)| end))
            }
            None => f.write_str(front),
        }
    }
}

impl fmt::Debug for SqlUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqlUrl({self})")
    }
}

/// Reads the keys.
pub(super) fn read(section: &mut Section<'_>, around: &Around<'_>) -> Option<Sql> {
    let second = Duration::from_secs(1);
    let stored = check::read(section, PasswordCheck::Crypt);
    let query = section.opt_text("query").map_or(QUERY, |found| found.value).to_owned();
    let timeout = section.duration("timeout", second * 5, second / 10..=second * 60);
    let connections = u32::try_from(section.int("connections", 4, 1..=64)).unwrap_or(4);
    let url = url(section, around)?;
    Some(Sql { url, query, stored, timeout, connections })
}

fn url(section: &mut Section<'_>, around: &Around<'_>) -> Option<SqlUrl> {
    let found = section.text("url")?;
    let text = match found.value.strip_prefix("env:") {
        None => found.value.to_owned(),
        Some(name) => match (around.env)(name).filter(|value| !value.is_empty()) {
            Some(value) => value,
            None => {
                found.spot.error(format!("the variable `{name}` of the environment is not set"));
                return None;
            }
        },
    };
    let kind = kind(&text);
    if kind.is_none() {
        let words = Words::new("`url` is no address of a database that we know").secret();
        let known = r#"such as "postgres://user@host/name", "mysql://user@host/name", "sqlite:users.db" or "env:NAME""#;
        found.spot.tell(words.hint(known));
    }
    let kind = kind?;
    let text = match (kind, text.strip_prefix("sqlite:")) {
        (SqlKind::Sqlite, Some(path)) => {
            let path = path.strip_prefix("//").unwrap_or(path);
            format!("sqlite:{}", around.files.resolve(path).display())
        }
        _ => text,
    };
    Some(SqlUrl { kind, text: SecretString::from(text) })
}

fn kind(text: &str) -> Option<SqlKind> {
    if let Some(path) = text.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        return (!path.is_empty() && !path.contains('?') && !path.contains(":memory:"))
            .then_some(SqlKind::Sqlite);
    }
    url::Url::parse(text).ok()?;
    match text.split_once("://")?.0 {
        "postgres" | "postgresql" => Some(SqlKind::Postgres),
        "mysql" | "mariadb" => Some(SqlKind::Mysql),
        _ => None,
    }
}
