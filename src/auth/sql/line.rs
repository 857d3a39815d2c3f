//! A connection to one of the databases.

use std::time::Duration;

use encoding_rs::Encoding;
use sqlx::ConnectOptions;
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::row::Row;
use super::trouble::Trouble;
use super::{mysql, postgres, sqlite};
use crate::config::backend::sql::{Query, SqlKind, SqlUrl};

/// Where to connect to, and after how long the server itself gives a question up.
pub enum Address {
    Postgres(Box<PgConnectOptions>, Duration),
    Mysql(Box<MySqlConnectOptions>, &'static Encoding, Duration),
    Sqlite(Box<SqliteConnectOptions>),
}

/// A connection. PostgreSQL is told with each question when to give up, and its columns are kept where the library
/// cannot tell them.
pub enum Line {
    Postgres(PgConnection, Duration, Option<postgres::Columns>),
    Mysql(MySqlConnection, &'static Encoding),
    Sqlite(SqliteConnection),
}

/// What a question gives.
pub struct Described {
    /// Its columns.
    pub columns: Vec<String>,
    /// How many places for the name the database sees.
    pub places: usize,
}

impl Address {
    /// Reads an address. Errors: an option in it that cannot be used.
    pub fn of(url: &SqlUrl, timeout: Duration) -> Result<Self, String> {
        // We give up first, and say so.
        let limit = timeout + Duration::from_secs(1);
        let unusable = |error: sqlx::Error| format!("`url` cannot be used: {error}");
        Ok(match url.kind {
            SqlKind::Postgres => {
                let options: PgConnectOptions = url.expose().parse().map_err(unusable)?;
                Self::Postgres(Box::new(options.disable_statement_logging()), limit)
            }
            SqlKind::Mysql => {
                let options: MySqlConnectOptions = url.expose().parse().map_err(unusable)?;
                // The modes of the server: `||` means in a query what it means there.
                let options = options.pipes_as_concat(false).no_engine_substitution(false);
                Self::Mysql(Box::new(options.disable_statement_logging()), url.charset, limit)
            }
            SqlKind::Sqlite => {
                let options = SqliteConnectOptions::new().filename(url.path().unwrap_or("".as_ref()));
                let options = options.read_only(true).create_if_missing(false).busy_timeout(timeout);
                Self::Sqlite(Box::new(options.disable_statement_logging()))
            }
        })
    }
}

impl Line {
    /// Connects.
    pub async fn open(address: &Address) -> Result<Self, Trouble> {
        let opened = match address {
            Address::Postgres(options, limit) => {
                options.connect().await.map(|connection| Self::Postgres(connection, *limit, None))
            }
            Address::Mysql(options, charset, limit) => match options.connect().await {
                Ok(mut connection) => {
                    mysql::settle(&mut connection, *limit).await.map(|()| Self::Mysql(connection, charset))
                }
                Err(error) => Err(error),
            },
            Address::Sqlite(options) => options.connect().await.map(Self::Sqlite),
        };
        opened.map_err(|error| match Trouble::of(&error, "") {
            Trouble::NoSuchName => Trouble::Refused("the server refused the connection".to_owned()),
            other => other,
        })
    }

    /// The rows of the question for a name, two at most.
    pub async fn rows(&mut self, query: &Query, name: &str) -> Result<Vec<Row>, Trouble> {
        match self {
            Self::Postgres(connection, limit, kept) => {
                postgres::rows(connection, query, name, *limit, kept).await
            }
            Self::Mysql(connection, charset) => mysql::rows(connection, query, name, charset).await,
            Self::Sqlite(connection) => sqlite::rows(connection, query, name).await,
        }
    }

    /// What the question gives, without asking it.
    pub async fn describe(&mut self, query: &Query) -> Result<Described, Trouble> {
        match self {
            Self::Postgres(connection, ..) => postgres::describe(connection, query).await,
            Self::Mysql(connection, _) => mysql::describe(connection, query).await,
            Self::Sqlite(connection) => sqlite::describe(connection, query).await,
        }
    }

    /// Whether it is worth keeping: a file is opened at once, and may be another one by the next question.
    pub fn is_kept(&self) -> bool {
        !matches!(self, Self::Sqlite(_))
    }
}
