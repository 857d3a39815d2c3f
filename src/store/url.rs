//! Where the database is. Texts that operators write are read and refused with the configuration.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

/// The address of a database. `Debug` and `Display` show no password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// Gone when the process ends.
    Memory,
    /// `postgres://…` or `postgresql://…`, as it was written.
    Postgres(String),
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
    fn shows_no_password() {
        for text in ["postgres://u:hush@h:5433/d", "postgres://h:5433/d?user=u&password=hush"] {
            let url = DatabaseUrl::Postgres(text.to_owned());
            assert_eq!(format!("{url:?} {url}"), "postgres://h:5433/d postgres://h:5433/d");
        }
        let wrong = DatabaseUrl::Postgres("postgres://u:hush@h:notaport/d".to_owned());
        assert!(!wrong.to_string().contains("hush"));
    }
}
