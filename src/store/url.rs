//! Where the database is, as an operator writes it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

/// The address of a database. `Debug` and `Display` show no password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:path`: a file.
    Sqlite(PathBuf),
    /// `sqlite::memory:`: gone when the process ends.
    Memory,
    /// `postgres://…` or `postgresql://…`, as it was written.
    Postgres(String),
}

/// A text that is no address of a database. Never repeats the text: it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotADatabaseUrl {
    /// Neither of the known beginnings.
    #[error("the address of a database begins with sqlite: or postgres://")]
    Scheme,
    /// `sqlite:` and nothing behind it.
    #[error("`sqlite:` needs the path of a file behind it")]
    NoPath,
    /// `?mode=…` and the like.
    #[error("the path of a SQLite file takes no options behind a `?`")]
    Options,
    /// PostgreSQL cannot read it.
    #[error("the address of PostgreSQL cannot be read: {0}")]
    Postgres(String),
}

impl DatabaseUrl {
    /// Reads an address. Errors when the scheme is not ours or PostgreSQL's client cannot read the rest.
    pub fn parse(text: &str) -> Result<Self, NotADatabaseUrl> {
        if text == "sqlite::memory:" {
            return Ok(Self::Memory);
        }
        if let Some(rest) = text.strip_prefix("sqlite:") {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            return match path {
                "" => Err(NotADatabaseUrl::NoPath),
                path if path.contains('?') => Err(NotADatabaseUrl::Options),
                path => Ok(Self::Sqlite(PathBuf::from(path))),
            };
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return match PgConnectOptions::from_str(text) {
                Ok(_) => Ok(Self::Postgres(text.to_owned())),
                Err(error) => Err(NotADatabaseUrl::Postgres(error.to_string())),
            };
        }
        Err(NotADatabaseUrl::Scheme)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Memory => f.write_str("sqlite::memory:"),
            Self::Postgres(text) => match PgConnectOptions::from_str(text) {
                Ok(options) => {
                    let socket = options.get_socket().map(|path| path.display().to_string());
                    let host = socket.unwrap_or_else(|| options.get_host().to_owned());
                    let database = options.get_database().unwrap_or_default();
                    write!(f, "postgres://{host}:{}/{database}", options.get_port())
                }
                Err(_) => f.write_str("postgres://…"),
            },
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_operators_write() {
        let file = |path: &str| Ok(DatabaseUrl::Sqlite(PathBuf::from(path)));
        assert_eq!(DatabaseUrl::parse("sqlite::memory:"), Ok(DatabaseUrl::Memory));
        assert_eq!(DatabaseUrl::parse("sqlite:passerelle.db"), file("passerelle.db"));
        assert_eq!(DatabaseUrl::parse("sqlite:/var/lib/p/p.db"), file("/var/lib/p/p.db"));
        assert_eq!(DatabaseUrl::parse("sqlite:///var/lib/p/p.db"), file("/var/lib/p/p.db"));
        assert_eq!(DatabaseUrl::parse("sqlite:"), Err(NotADatabaseUrl::NoPath));
        assert_eq!(DatabaseUrl::parse("sqlite:a.db?mode=ro"), Err(NotADatabaseUrl::Options));
        assert_eq!(DatabaseUrl::parse("mysql://h/d"), Err(NotADatabaseUrl::Scheme));
        assert!(DatabaseUrl::parse("postgresql://u@h/d").is_ok());
        assert!(DatabaseUrl::parse("postgres://h:notaport/d").is_err());
    }

    #[test]
    fn shows_no_password() {
        for text in ["postgres://u:hush@h:5433/d", "postgres://h:5433/d?user=u&password=hush"] {
            let url = DatabaseUrl::parse(text).unwrap();
            assert_eq!(format!("{url:?} {url}"), "postgres://h:5433/d postgres://h:5433/d");
        }
        let wrong = DatabaseUrl::parse("postgres://u:hush@h:notaport/d").unwrap_err();
        assert!(!wrong.to_string().contains("hush"));
    }
}
