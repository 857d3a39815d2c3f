//! Where a table of somebody else is.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, UTF_8};
use secrecy::{ExposeSecret, SecretString};
use url::{ParseError, Url};

use super::super::super::texts::Files;
use super::options;

/// An address with user and password. `Debug` and `Display` show neither.
#[derive(Clone)]
pub struct SqlUrl {
    /// Which database it is.
    pub kind: SqlKind,
    /// What is spoken on the connection: UTF-8, unless a MySQL address says otherwise.
    pub charset: &'static Encoding,
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
    /// Which database an address is of, by how it begins.
    pub(super) fn kind_of(text: &str) -> Option<SqlKind> {
        if text.starts_with("sqlite:") {
            return Some(SqlKind::Sqlite);
        }
        match text.split_once("://")?.0 {
            "postgres" | "postgresql" => Some(SqlKind::Postgres),
            "mysql" | "mariadb" => Some(SqlKind::Mysql),
            _ => None,
        }
    }

    /// Reads an address. Errors: what is wrong with it, without a word of it that could be secret.
    pub(super) fn parse(text: &str, files: &Files) -> Result<Self, WrongUrl> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return file(path, files);
        }
        let kind = Self::kind_of(text).ok_or(WrongUrl::new(NO_ADDRESS, KNOWN))?;
        signs(text)?;
        let text = with_host(text);
        let url = Url::parse(&text).map_err(|error| match error {
            ParseError::InvalidPort => {
                WrongUrl::new("the port in `url` is not a number up to 65535", ESCAPES)
            }
            _ => WrongUrl::new(NO_ADDRESS, KNOWN),
        })?;
        let charset = options::read(&url, kind).map_err(|message| WrongUrl::new(message, KNOWN))?;
        let named = url.query_pairs().any(|(name, value)| name == "dbname" && !value.is_empty());
        if url.path().trim_matches('/').is_empty() && !named {
            let hint = "the name of the database follows the host and a `/`";
            return Err(WrongUrl::new("`url` names no database", hint));
        }
        Ok(Self { kind, charset, text: SecretString::from(text) })
    }

    /// The address, with user and password.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// Whether what is said on the connection leaves this machine, and the other end need not prove who it is.
    pub(super) fn travels_unguarded(&self) -> bool {
        let Some(url) = Url::parse(self.expose()).ok().filter(|_| self.kind != SqlKind::Sqlite) else {
            return false;
        };
        let options: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        // Where one is written twice, the last one holds.
        let option = |wanted: &[&str]| {
            let found = options.iter().rev().find(|(name, _)| wanted.contains(&name.as_str()));
            found.map(|(_, value)| value.as_str())
        };
        let other = match self.kind {
            SqlKind::Mysql => option(&["socket"]).map(|_| "/"),
            _ => option(&["host", "hostaddr"]),
        };
        let host = other.or(url.host_str()).unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let local = bare.starts_with('/')
            || bare.eq_ignore_ascii_case("localhost")
            || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        let proven = option(&["sslmode", "ssl-mode"]).is_some_and(|mode| {
            ["verify-full", "verify_identity"].iter().any(|full| mode.eq_ignore_ascii_case(full))
        });
        !local && !proven
    }

    /// The file of a SQLite database.
    pub fn path(&self) -> Option<&Path> {
        self.expose().strip_prefix("sqlite:").map(Path::new)
    }
}

const NO_ADDRESS: &str = "`url` is no address of a database that we know";
const KNOWN: &str =
    r#"such as "postgres://user@host/name", "mysql://user@host/name", "sqlite:users.db" or "env:NAME""#;
const ESCAPES: &str = "in a user or a password write `@` as %40, `#` as %23, `/` as %2F";

/// What is wrong with an address, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrongUrl {
    pub(super) message: String,
    pub(super) hint: &'static str,
}

impl WrongUrl {
    fn new(message: impl Into<String>, hint: &'static str) -> Self {
        Self { message: message.into(), hint }
    }
}

/// Looks for signs of a password that is not escaped, which would cut the address at another place than meant.
fn signs(text: &str) -> Result<(), WrongUrl> {
    let (_, rest) = text.split_once("://").unwrap_or_default();
    if rest.contains('#') {
        return Err(WrongUrl::new("`url` has a `#`, which nothing may follow here", ESCAPES));
    }
    let rest = rest.split('?').next().unwrap_or_default();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    if authority.matches('@').count() > 1 {
        return Err(WrongUrl::new("`url` has more than one `@` in front of the host", ESCAPES));
    }
    if path.contains('@') {
        return Err(WrongUrl::new("`url` has an `@` behind the first `/`", ESCAPES));
    }
    Ok(())
}

fn file(path: &str, files: &Files) -> Result<SqlUrl, WrongUrl> {
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.contains('?') || path.contains(":memory:") {
        return Err(WrongUrl::new(NO_ADDRESS, KNOWN));
    }
    let path: PathBuf = files.resolve(path);
    let text = SecretString::from(format!("sqlite:{}", path.display()));
    Ok(SqlUrl { kind: SqlKind::Sqlite, charset: UTF_8, text })
}

/// The address with `localhost` where it names no host.
fn with_host(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
    if !host.is_empty() && !host.starts_with(':') {
        return text.to_owned();
    }
    let at = if authority.contains('@') { "@" } else { "" };
    format!("{scheme}://{user}{at}localhost{host}{path}")
}

impl fmt::Display for SqlUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == SqlKind::Sqlite {
            return f.write_str(self.expose());
        }
        let Ok(url) = Url::parse(self.expose()) else { return f.write_str("…") };
        let option =
            |wanted: &str| url.query_pairs().find(|(name, _)| name == wanted).map(|(_, value)| value);
        write!(f, "{}://", url.scheme())?;
        match option("socket").or_else(|| option("host")).or_else(|| option("hostaddr")) {
            Some(host) => f.write_str(&host)?,
            None => f.write_str(url.host_str().unwrap_or_default())?,
        }
        match (option("port"), url.port()) {
            (Some(port), _) => write!(f, ":{port}")?,
            (None, Some(port)) => write!(f, ":{port}")?,
            (None, None) => {}
        }
        match option("dbname") {
            Some(name) => write!(f, "/{name}"),
            None => f.write_str(url.path()),
        }
    }
}

impl fmt::Debug for SqlUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqlUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn parse(text: &str) -> Result<SqlUrl, String> {
        SqlUrl::parse(text, &Files::Memory(BTreeMap::new())).map_err(|wrong| wrong.message)
    }

    #[test]
    fn what_is_shown_of_an_address_and_what_is_used() {
        for (text, used, shown) in [
            ("postgres://u:p@h:5433/d", None, "postgres://h:5433/d"),
            ("postgresql://u:p@h/d?password=x&sslmode=require", None, "postgresql://h/d"),
            (
                "postgres:///d?host=/run/x&user=u",
                Some("postgres://localhost/d?host=/run/x&user=u"),
                "postgres:///run/x/d",
            ),
            ("postgres://u:p@/d", Some("postgres://u:p@localhost/d"), "postgres://localhost/d"),
            ("mysql://u:p@:3307/d", Some("mysql://u:p@localhost:3307/d"), "mysql://localhost:3307/d"),
            ("mariadb://u:p%40@h/d?charset=latin1", None, "mariadb://h/d"),
            (
                "mysql:///d?socket=/run/m.sock",
                Some("mysql://localhost/d?socket=/run/m.sock"),
                "mysql:///run/m.sock/d",
            ),
        ] {
            let url = parse(text).unwrap();
            assert_eq!(url.expose(), used.unwrap_or(text), "{text}");
            assert_eq!(
                (url.to_string().as_str(), format!("{url:?}")),
                (shown, format!("SqlUrl({shown})")),
                "{text}"
            );
        }
        assert_eq!(parse("mysql://h/d?charset=latin1").unwrap().charset.name(), "windows-1252");
    }

    #[test]
    fn what_is_no_address() {
        for (text, words) in [
            ("oracle://h/d", "no address"),
            ("sqlite:", "no address"),
            ("sqlite::memory:", "no address"),
            ("sqlite:a.db?mode=rwc", "no address"),
            ("postgres://h:port/d", "the port in `url`"),
            ("postgres://u:hunter2/x@h/d", "an `@` behind"),
            ("postgres://u:12/x@h/d", "an `@` behind"),
            ("postgres://u:hunter2@x@h/d", "more than one `@`"),
            ("mysql://u:hunter2#x@h/d", "has a `#`"),
            ("mysql://h/d#x", "has a `#`"),
            ("mysql://u:p@h", "names no database"),
            ("postgres://h/?sslmode=require", "names no database"),
            ("mysql://h/d?timezone=x", "`timezone`"),
            ("mysql://h/d?charset=ebcdic", "`charset`"),
            ("mysql://h/d?ssl-mode=require", "one of disabled, preferred, required"),
            ("postgres://h/d?sslmode=required", "one of disable, allow"),
        ] {
            let wrong = parse(text).unwrap_err();
            assert!(wrong.contains(words) && !wrong.contains("hunter2"), "{text}: {wrong}");
        }
        assert!(parse("postgres://h/?dbname=d").is_ok() && parse("mysql://u:a%40%23%2Fb@h/d").is_ok());
    }

    #[test]
    fn what_others_could_listen_to() {
        for (text, open) in [
            ("postgres://db.example/d", true),
            ("postgres://db.example/d?sslmode=require", true),
            ("postgres://db.example/d?sslmode=verify-full", false),
            ("postgres://localhost/d", false),
            ("postgres:///d", false),
            ("postgres://[::1]/d", false),
            ("postgres://db.example/d?host=/run/postgresql", false),
            ("postgres:///d?host=db.example", true),
            ("postgres:///d?hostaddr=10.0.0.1", true),
            ("mysql://db.example/d?ssl-mode=VERIFY_CA", true),
            ("mysql://db.example/d?ssl-mode=VERIFY_IDENTITY", false),
            ("mysql://db.example/d?socket=/run/m.sock", false),
            ("mysql://127.0.0.2/d", false),
            ("mysql://localhost.example/d", true),
            ("sqlite:d", false),
        ] {
            assert_eq!(parse(text).unwrap().travels_unguarded(), open, "{text}");
        }
    }
}
