//! Opening: files, pools, migrations.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgPool, SqlitePool};

use tokio::time::timeout;

use super::error::StoreError;
use super::migrations;
use super::{PATIENCE, within};

/// Connections to PostgreSQL: more do not help.
const CONNECTIONS: u32 = 8;
/// Connections that read a file.
const READERS: u32 = 4;

/// A file as it was when it was opened. SQLite goes on in a file that was deleted or moved away, as if
/// somebody would ever read it again: so we look.
#[derive(Clone, Debug)]
pub(super) struct OpenFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl OpenFile {
    fn at(path: &Path) -> Result<Self, StoreError> {
        let gone = |error| StoreError::Unavailable(format!("{}: {error}", path.display()));
        let found = std::fs::metadata(path).map_err(gone)?;
        Ok(Self { path: path.to_owned(), device: found.dev(), inode: found.ino() })
    }

    /// Errors when the path leads elsewhere by now, until it leads to the same file again. Another one,
    /// were it a good copy, is opened by a restart only: who has written to this one is not there.
    /// About a microsecond.
    pub(super) fn is_there(&self) -> Result<(), StoreError> {
        let now = Self::at(&self.path)?;
        if (now.device, now.inode) != (self.device, self.inode) {
            let why = format!("{}: another file is in its place", self.path.display());
            return Err(StoreError::Unavailable(why));
        }
        Ok(())
    }
}

/// A file: how its writer connects, and a pool that reads. Creates and migrates it.
pub(super) async fn file(
    path: &Path,
    busy: Duration,
) -> Result<(SqliteConnectOptions, SqlitePool, OpenFile), StoreError> {
    create(path)?;
    // Never created by SQLite: a file that vanished must not come back without its tables.
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .busy_timeout(busy)
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    let writer = options.clone().journal_mode(SqliteJournalMode::Wal);
    first_visit(&writer).await?;
    let readers = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false);
    Ok((writer, readers.connect_lazy_with(options.pragma("query_only", "ON")), OpenFile::at(path)?))
}

/// A new file is for our own eyes: it holds the names of people.
fn create(path: &Path) -> Result<(), StoreError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::Unavailable(format!("{}: {error}", path.display()))),
    }
}

/// Several nodes may start at once, and the change to WAL does not wait for a lock by itself.
async fn first_visit(options: &SqliteConnectOptions) -> Result<(), StoreError> {
    let mut left = 20_u32;
    loop {
        let visit = async {
            let mut c = options.connect().await?;
            migrations::sqlite(&mut c).await?;
            Ok(c.close().await?)
        };
        match visit.await {
            Err(StoreError::Unavailable(_)) if left > 0 => left -= 1,
            outcome => return outcome,
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A database in memory: a pool of the one connection that is the database, and never expires.
pub(super) async fn memory() -> Result<SqlitePool, StoreError> {
    let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true).disable_statement_logging();
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .min_connections(1)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(options)
        .await?;
    migrations::sqlite(&mut *pool.acquire().await?).await?;
    Ok(pool)
}

/// A pool of connections to PostgreSQL. Migrates.
pub(super) async fn postgres(url: &str) -> Result<PgPool, StoreError> {
    let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
    let mut c = within(PATIENCE, async { Ok(options.connect().await?) }).await?;
    migrations::postgres(&mut c).await?;
    c.close().await?;
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE);
    // Somebody else may lock a table of ours, or the disk may be slow: then nobody waits longer than for a
    // locked file, and the server does not go on with what nobody waits for.
    let limit = format!("SET lock_timeout = {0}; SET statement_timeout = {0}", PATIENCE.as_millis());
    let pool = pool.after_connect(move |c, _| {
        let limit = limit.clone();
        Box::pin(async move { c.execute(AssertSqlSafe(limit)).await.map(|_| ()) })
    });
    // Who lets go of a connection of a server that hangs leaves it behind in the middle of something: it
    // gets a moment to come round, since a place in the pool is not free before.
    let pool = pool.after_release(|c, _| {
        Box::pin(async move {
            let silent = |_| sqlx::Error::Io(std::io::ErrorKind::TimedOut.into());
            timeout(PATIENCE, c.ping()).await.map_err(silent)?.map(|()| true)
        })
    });
    Ok(pool.connect_lazy_with(options))
}
