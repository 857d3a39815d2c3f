//! Where a table of somebody else is.

use std::fmt;
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, UTF_8};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::super::super::texts::Files;

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

/// What the address of a PostgreSQL may say after `?`.
const POSTGRES: [&str; 17] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
];

/// The same for MySQL.
const MYSQL: [&str; 12] = [
    "sslmode",
    "ssl-mode",
    "sslca",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "charset",
    "collation",
    "socket",
];

/// What MySQL calls the charsets that we can write and read, and their labels.
const CHARSETS: [(&str, &str); 25] = [
    ("utf8mb4", "utf-8"),
    ("utf8mb3", "utf-8"),
    ("utf8", "utf-8"),
    ("ascii", "utf-8"),
    ("latin1", "windows-1252"),
    ("latin2", "iso-8859-2"),
    ("latin5", "windows-1254"),
    ("latin7", "iso-8859-13"),
    ("cp1250", "windows-1250"),
    ("cp1251", "windows-1251"),
    ("cp1256", "windows-1256"),
    ("cp1257", "windows-1257"),
    ("cp866", "ibm866"),
    ("greek", "iso-8859-7"),
    ("hebrew", "iso-8859-8"),
    ("koi8r", "koi8-r"),
    ("koi8u", "koi8-u"),
    ("macroman", "macintosh"),
    ("tis620", "windows-874"),
    ("big5", "big5"),
    ("gbk", "gbk"),
    ("gb2312", "gbk"),
    ("cp932", "shift_jis"),
    ("eucjpms", "euc-jp"),
    ("euckr", "euc-kr"),
];

impl SqlUrl {
    /// Reads an address. Errors: what is wrong with it, without a word of it that could be secret.
    pub(super) fn parse(text: &str, files: &Files) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return file(path, files);
        }
        let kind = match text.split_once("://") {
            Some(("postgres" | "postgresql", _)) => SqlKind::Postgres,
            Some(("mysql" | "mariadb", _)) => SqlKind::Mysql,
            _ => return Err(NO_ADDRESS.to_owned()),
        };
        let text = with_host(text);
        let url = Url::parse(&text).map_err(|_| NO_ADDRESS.to_owned())?;
        let charset = options(&url, kind)?;
        Ok(Self { kind, charset, text: SecretString::from(text) })
    }

    /// The address, with user and password.
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// The file of a SQLite database.
    pub fn path(&self) -> Option<&Path> {
        self.expose().strip_prefix("sqlite:").map(Path::new)
    }
}

const NO_ADDRESS: &str = "`url` is no address of a database that we know";

fn file(path: &str, files: &Files) -> Result<SqlUrl, String> {
    let path = path.strip_prefix("//").unwrap_or(path);
    if path.is_empty() || path.contains('?') || path.contains(":memory:") {
        return Err(NO_ADDRESS.to_owned());
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

/// Looks at what follows `?`. Out: the charset of the connection.
fn options(url: &Url, kind: SqlKind) -> Result<&'static Encoding, String> {
    let mut charset = UTF_8;
    for (name, value) in url.query_pairs() {
        let known = match kind {
            SqlKind::Mysql => MYSQL.contains(&name.as_ref()),
            _ => POSTGRES.contains(&name.as_ref()) || name == "options" || name.starts_with("options["),
        };
        if !known {
            return Err(format!("`url` has an option that is not known, `{name}`"));
        }
        let modes: &[&str] = match kind {
            SqlKind::Mysql => &["disabled", "preferred", "required", "verify_ca", "verify_identity"],
            _ => &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
        };
        let is_mode = matches!(name.as_ref(), "sslmode" | "ssl-mode");
        if is_mode && !modes.contains(&value.to_lowercase().as_str()) {
            return Err(format!("`{name}` in `url` is one of {}", modes.join(", ")));
        }
        if name == "charset" {
            charset = encoding(&value).ok_or_else(|| format!("`charset` in `url` cannot be {value:?}"))?;
        }
    }
    Ok(charset)
}

fn encoding(charset: &str) -> Option<&'static Encoding> {
    let (_, label) = CHARSETS.iter().find(|(name, _)| *name == charset)?;
    Encoding::for_label(label.as_bytes())
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
        SqlUrl::parse(text, &Files::Memory(BTreeMap::new()))
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
        assert!(CHARSETS.iter().all(|(name, _)| encoding(name).is_some()));
    }

    #[test]
    fn what_is_no_address() {
        for (text, words) in [
            ("oracle://h/d", "no address"),
            ("sqlite:", "no address"),
            ("sqlite::memory:", "no address"),
            ("sqlite:a.db?mode=rwc", "no address"),
            ("postgres://h:port/d", "no address"),
            ("mysql://h/d?timezone=x", "`timezone`"),
            ("mysql://h/d?charset=ebcdic", "`charset`"),
            ("mysql://h/d?ssl-mode=require", "one of disabled, preferred, required"),
            ("postgres://h/d?sslmode=required", "one of disable, allow"),
        ] {
            let wrong = parse(text).unwrap_err();
            assert!(wrong.contains(words), "{text}: {wrong}");
        }
    }
}
