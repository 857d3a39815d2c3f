//! One text of SQL for two databases: statements with names, connections, and [`on!`], which writes the
//! two arms.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

use super::LIMIT;
use super::error::StoreError;
use crate::protocol::time::Timestamp;

/// A statement: its name, and its text for each database (the same one where that is possible).
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    /// What it is called in the code: for the test that prepares it.
    #[cfg(test)]
    pub name: &'static str,
    /// Its text for SQLite.
    pub sqlite: &'static str,
    /// Its text for PostgreSQL.
    pub postgres: &'static str,
}

/// Declares the statements of a file, and `ALL` of them for the test that prepares every one.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sqlite:expr $(, postgres: $postgres:expr)?;)*) => {
        $($(#[$doc])* const $name: $crate::store::sql::Sql = $crate::store::sql::Sql {
            #[cfg(test)]
            name: concat!(module_path!(), "::", stringify!($name)),
            sqlite: $sqlite,
            postgres: $crate::store::sql::last(&[$sqlite $(, $postgres)?]),
        };)*
        /// Every statement of this file.
        #[cfg(test)]
        pub(in crate::store) const ALL: &[$crate::store::sql::Sql] = &[$($name),*];
    };
}
pub(super) use statements;

/// Runs a statement on whichever database this is: `on!(tx, STATEMENT, |c, text| sqlx::query(text)…)`.
/// For `execute`, map to the row count: the two result types differ. A statement that takes longer than
/// anybody waits is an error.
macro_rules! on {
    ($at:expr, $sql:expr, |$c:ident, $text:ident| $body:expr) => {
        match $at.at() {
            $crate::store::sql::At::Sqlite($c) => {
                let $text = $sql.sqlite;
                $crate::store::sql::in_time(async { $body }).await
            }
            $crate::store::sql::At::Postgres($c) => {
                let $text = $sql.postgres;
                $crate::store::sql::in_time(async { $body }).await
            }
        }
    };
}
pub(super) use on;

/// [`on!`] puts every statement in here: a server that hangs says nothing at all.
pub(super) async fn in_time<T>(
    statement: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let silent = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
    tokio::time::timeout(LIMIT, statement).await.map_err(silent)?
}

/// Runs a deletion that takes an instant and a limit. Out: how many rows went.
pub(super) async fn delete_until(
    tx: &mut Tx,
    deletion: Sql,
    until: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    let rows = on!(tx, deletion, |c, text| {
        let delete = sqlx::query(text).bind(until.seconds()).bind(i64::from(limit));
        delete.execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(rows)
}

/// The last text of a list.
pub(super) const fn last(texts: &'static [&'static str]) -> &'static str {
    match texts {
        [.., last] => last,
        [] => "",
    }
}

/// A connection to read from. Let it go before you write: with a database in memory there is only one.
pub struct Read(pub(super) Conn);

/// A write under way. Whatever fails in it, pass the error on: the transaction is lost then.
///
/// It reads as well, so every function that takes a [`Read`] takes a `Tx`.
pub struct Tx(pub(super) Read);

pub(super) enum Conn {
    /// The one connection of the writer to a file.
    File(Box<SqliteConnection>),
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
    PostgresTx(Transaction<'static, Postgres>),
}

/// The connection beneath.
pub(super) enum At<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl Read {
    pub(super) fn at(&mut self) -> At<'_> {
        match &mut self.0 {
            Conn::File(c) => At::Sqlite(c),
            Conn::Sqlite(c) => At::Sqlite(c),
            Conn::Postgres(c) => At::Postgres(c),
            Conn::PostgresTx(c) => At::Postgres(c),
        }
    }
}

impl Deref for Tx {
    type Target = Read;

    fn deref(&self) -> &Read {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Read {
        &mut self.0
    }
}
