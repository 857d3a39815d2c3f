//! What can go wrong with a database, sorted by what a caller can do about it.

use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;

/// Why the store did not answer.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Locked, full, gone, or overrun. Later it may work again. Whether a write that was under way has
    /// happened is not known; nobody was told that it did.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A key is taken, or a row that is referred to does not exist. Names the constraint.
    #[error("the database refuses a row: {0}")]
    Conflict(String),
    /// A row that makes no sense: somebody else wrote into our tables, or a version of ours that we are not.
    #[error("a row of table {table} makes no sense: {key}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The row, or the part of it that is wrong.
        key: String,
    },
    /// The database was migrated by a later version of passerelle. We refuse to run backwards.
    #[error(
        "the database has migration {found}, and this version knows {known} only: use a newer passerelle"
    )]
    TooNew {
        /// The migration found.
        found: i64,
        /// The last one known here.
        known: i64,
    },
    /// The code of a write panicked. Nothing of it was kept.
    #[error("a write panicked")]
    Panicked,
    /// Everything else.
    #[error("the database answered an error: {0}")]
    Sql(#[source] sqlx::Error),
}

impl StoreError {
    /// A row of `table` that makes no sense.
    pub(super) fn inconsistent(table: &'static str, key: impl Into<String>) -> Self {
        Self::Inconsistent { table, key: key.into() }
    }

    /// The same news for one more asker: of what befell a whole group.
    pub(super) fn echo(&self) -> Self {
        match self {
            Self::Conflict(constraint) => Self::Conflict(constraint.clone()),
            Self::Unavailable(why) => Self::Unavailable(why.clone()),
            other => Self::Unavailable(other.to_string()),
        }
    }

    /// Whether PostgreSQL rolled back only because of somebody else at the same time.
    pub(super) fn is_worth_another_try(&self) -> bool {
        // serialization_failure, deadlock_detected
        let code = match self {
            Self::Sql(sqlx::Error::Database(error)) => error.code(),
            _ => None,
        };
        matches!(code.as_deref(), Some("40001" | "40P01"))
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed => Self::Unavailable(error.to_string()),
            sqlx::Error::Database(inner) => match inner.kind() {
                ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation => {
                    Self::Conflict(constraint(inner.as_ref()))
                }
                _ if is_out(inner.as_ref()) => Self::Unavailable(inner.to_string()),
                _ => Self::Sql(error),
            },
            _ => Self::Sql(error),
        }
    }
}

/// The constraint: PostgreSQL names it, SQLite writes it into its message.
fn constraint(error: &dyn DatabaseError) -> String {
    let named = error.constraint().map(str::to_owned);
    named.unwrap_or_else(|| error.message().rsplit(": ").next().unwrap_or_default().to_owned())
}

/// Whether the database as a whole cannot serve us now.
fn is_out(error: &dyn DatabaseError) -> bool {
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<SqliteError>().is_some() {
        // The low byte is the primary code: BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN. Of a
        // file that was moved away SQLite says nothing in WAL mode: see `open::OpenFile`.
        let primary = code.parse::<i32>().map(|code| code & 0xff);
        return matches!(primary, Ok(5 | 6 | 8 | 10 | 13 | 14));
    }
    if error.try_downcast_ref::<PgDatabaseError>().is_some() {
        // Connection, resources, shutdown or start-up, a server that became read-only, a statement
        // that took too long, a lock not given.
        let classes = ["08", "53", "57"];
        return classes.iter().any(|class| code.starts_with(class)) || code == "25006" || code == "55P03";
    }
    false
}
