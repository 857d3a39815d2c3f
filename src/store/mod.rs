//! All SQL of ours: one text for SQLite and PostgreSQL, rows to domain types and back.
//!
//! May use: `domain`, `protocol`; sqlx. No clock and no chance: `now` and ids come in.
//!
//! Two words: [`Store::read`] hands out a connection, [`Store::write`] takes a closure that the writer may
//! group with others in one commit, or run again. The writes of every login, from [`Store::leave`] to
//! [`Store::take`], travel as plain values and leave in one statement a kind for the whole group.
//!
//! | file | holds |
//! |---|---|
//! | [`sessions`], [`people`], [`tickets`], [`grants`], [`handoffs`], [`forms`], [`federated`], [`upstream_grants`], [`outbox`], [`secrets`], [`leases`], [`uses`], [`switches`], [`accounts`] | a family of tables each, its statements at the top |
//! | [`sign_outs`] | what a page after a sign-out shows |
//! | [`overview`], [`counts`] | what an operator looks at, how much a sweep would do |
//! | `plain` | the writes of every login |
//! | `writer`, `jobs` | the queue, groups, commits |
//! | `open`, `migrations`, `url` | how a database is found, made and kept up to date |
//! | `sql`, `rows` | connections and statements for two databases |

pub mod accounts;
pub mod counts;
mod error;
pub mod federated;
pub mod forms;
pub mod grants;
pub mod handoffs;
mod hash;
mod jobs;
pub mod leases;
mod lookup;
mod migrations;
mod open;
pub mod outbox;
pub mod overview;
pub mod people;
mod plain;
mod rows;
pub mod secrets;
pub mod sessions;
pub mod sign_outs;
mod sql;
pub mod switches;
#[cfg(test)]
mod tests;
pub mod tickets;
pub mod upstream_grants;
mod url;
pub mod uses;
mod writer;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::{PgPool, SqlitePool};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

pub use self::error::StoreError;
pub use self::grants::Grant;
pub use self::handoffs::Handoff;
pub use self::hash::TicketHash;
use self::jobs::{Job, Typed, guarded};
use self::lookup::Lookup;
use self::open::OpenFile;
pub use self::outbox::Message;
use self::plain::Ask;
pub use self::plain::{ComeBack, NewSession, NewTicket, TakeTicket, UseForm};
pub use self::sessions::{Cuts, Farewell, ServiceUse};
pub use self::sign_outs::SignOut;
use self::sql::Conn;
pub use self::sql::{Read, Tx};
pub use self::url::DatabaseUrl;
use self::writer::{Source, TRIES, Writer, pause};
use crate::domain::issued::IssuedTicket;
use crate::domain::session::SsoSession;

/// Writes that may wait for the writer.
const QUEUE: usize = 1024;
/// How long somebody waits: for room in the queue, for a locked file or table, for a connection, for the
/// session of a cookie.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a statement or a write as a whole may take, beyond what the database itself would tell us.
const LIMIT: Duration = Duration::from_secs(6);

/// The database. Cheap to clone: all clones are one.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    pool: Pool,
    lookup: Lookup,
    queue: mpsc::Sender<Job>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Clone)]
enum Pool {
    /// A file, or (without one) a database in memory.
    Sqlite(SqlitePool, Option<OpenFile>),
    Postgres(PgPool),
}

impl Pool {
    async fn read(&self) -> Result<Read, StoreError> {
        Ok(Read(match self {
            Self::Sqlite(pool, file) => {
                file.as_ref().map_or(Ok(()), OpenFile::is_there)?;
                Conn::Sqlite(pool.acquire().await?)
            }
            Self::Postgres(pool) => Conn::Postgres(pool.acquire().await?),
        }))
    }
}

impl Store {
    /// Opens a database, makes it when it is a file that does not exist, and brings its tables up to date.
    /// Errors when it cannot be reached, or was migrated by a later version ([`StoreError::TooNew`]).
    pub async fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        Self::open_with(url, PATIENCE).await
    }

    async fn open_with(url: &DatabaseUrl, busy: Duration) -> Result<Self, StoreError> {
        let (pool, source) = match url {
            DatabaseUrl::Sqlite(path) => {
                let (writer, readers, file) = open::file(path, busy).await?;
                (Pool::Sqlite(readers, Some(file.clone())), Source::File(Box::new(writer), file))
            }
            DatabaseUrl::Memory => {
                let pool = open::memory().await?;
                (Pool::Sqlite(pool.clone(), None), Source::Memory(pool))
            }
            DatabaseUrl::Postgres(text) => {
                let pool = open::postgres(text).await?;
                (Pool::Postgres(pool.clone()), Source::Postgres(pool))
            }
        };
        let (queue, jobs) = mpsc::channel(QUEUE);
        let writer = Mutex::new(Some(tokio::spawn(Writer::new(source).work(jobs))));
        let lookup = Lookup::start(pool.clone());
        Ok(Self { inner: Arc::new(Inner { pool, lookup, queue, writer }) })
    }

    /// Finishes the writes that are queued, refuses later ones, and lets go of the database.
    pub async fn close(&self) {
        let writer = self.inner.writer.lock().await.take();
        if let Some(writer) = writer {
            let _ = self.inner.queue.send(Job::Stop).await;
            if let Err(error) = writer.await {
                tracing::error!(%error, "the writer of the database ended badly");
            }
        }
        match &self.inner.pool {
            Pool::Sqlite(pool, _) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }

    /// A connection to read from. Errors when there is none within 5 s; a statement has `LIMIT`.
    pub async fn read(&self) -> Result<Read, StoreError> {
        // On the heap: a future of this kind is large, and lies in every flow that reads.
        Box::pin(self.inner.pool.read()).await
    }

    /// The session of a cookie. Requests that ask at the same time share one statement.
    pub async fn session(&self, cookie: &TicketHash) -> Result<Option<SsoSession>, StoreError> {
        self.inner.lookup.ask(cookie.clone()).await
    }

    /// Runs a write in a transaction of which all or nothing is kept, and answers when it is committed.
    ///
    /// The closure owns what it captures and may run more than once: clone inside, and wait for nothing
    /// but the database.
    /// ```ignore
    /// store.write(move |tx| {
    ///     let id = id.clone();
    ///     Box::pin(async move { sessions::end(tx, &id, now).await })
    /// })
    /// ```
    /// Errors: its own, and [`StoreError::Unavailable`], [`StoreError::Panicked`].
    pub async fn write<F, T>(&self, write: F) -> Result<T, StoreError>
    where
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>> + Send + Sync + 'static,
        T: Send + 'static,
    {
        if let Pool::Postgres(pool) = &self.inner.pool {
            return Box::pin(within(LIMIT, write_alone(pool, &write))).await;
        }
        let (asker, answer) = oneshot::channel();
        self.enqueue(Job::Work(Box::new(Typed { write, asker, outcome: None })), answer).await
    }

    /// Uses a form up. Out: whether this is the first time; of any number of callers one hears yes.
    pub async fn use_form(&self, attempt: UseForm) -> Result<bool, StoreError> {
        let (ask, answer) = Ask::new(attempt);
        self.enqueue(Job::UseForm(ask), answer).await
    }

    /// Remembers a handoff.
    pub async fn leave(&self, new: Handoff) -> Result<(), StoreError> {
        let (ask, answer) = Ask::new(new);
        self.enqueue(Job::Leave(ask), answer).await
    }

    /// Uses a handoff up: of any number of callers one gets it, and only from the provider and in the browser that
    /// it was made for.
    pub async fn come_back(&self, attempt: ComeBack) -> Result<Option<Handoff>, StoreError> {
        let (ask, answer) = Ask::new(attempt);
        self.enqueue(Job::ComeBack(ask), answer).await
    }

    /// Starts a session of somebody who was not signed in. Out: false, and nothing is written, where the institution
    /// has ended meanwhile what the sign-in stands on.
    pub async fn sign_in(&self, new: NewSession) -> Result<bool, StoreError> {
        let (ask, answer) = Ask::new(new);
        self.enqueue(Job::SignIn(ask), answer).await
    }

    /// Remembers a ticket. Out: false when its session does not exist (any more).
    pub async fn issue(&self, new: NewTicket) -> Result<bool, StoreError> {
        let (ask, answer) = Ask::new(new);
        self.enqueue(Job::Issue(ask), answer).await
    }

    /// Takes a ticket, which is used up then whatever the attempt is. Of any number of callers one gets it.
    pub async fn take(&self, attempt: TakeTicket) -> Result<Option<IssuedTicket>, StoreError> {
        let (ask, answer) = Ask::new(attempt);
        self.enqueue(Job::Take(ask), answer).await
    }

    async fn enqueue<T>(
        &self,
        job: Job,
        answer: oneshot::Receiver<Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let closed = || StoreError::Unavailable("the store is closed".to_owned());
        match self.inner.queue.try_send(job) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(closed()),
            Err(mpsc::error::TrySendError::Full(job)) => {
                let full = |_| StoreError::Unavailable("too many writes are waiting".to_owned());
                Box::pin(self.inner.queue.send_timeout(job, PATIENCE)).await.map_err(full)?;
            }
        }
        answer.await.map_err(|_| closed())?
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.inner.pool {
            Pool::Sqlite(..) => "Store(SQLite)",
            Pool::Postgres(_) => "Store(PostgreSQL)",
        })
    }
}

/// A server that hangs says nothing at all, so we look at our own clock.
async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let silent = |_| StoreError::Unavailable(format!("no answer within {} s", limit.as_secs()));
    tokio::time::timeout(limit, work).await.map_err(silent)?
}

/// A transaction of its own on PostgreSQL, again when the server rolled it back because of another one.
async fn write_alone<F, T>(pool: &PgPool, write: &F) -> Result<T, StoreError>
where
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<T, StoreError>>,
{
    let mut attempt = 1;
    loop {
        let outcome = async {
            let mut tx = Tx(Read(Conn::PostgresTx(pool.begin().await?)));
            let value = guarded(write, &mut tx).await?;
            if let Tx(Read(Conn::PostgresTx(transaction))) = tx {
                transaction.commit().await?;
            }
            Ok(value)
        };
        match outcome.await {
            Err(error) if StoreError::is_worth_another_try(&error) && attempt < TRIES => pause(attempt).await,
            Err(error) if error.is_worth_another_try() => return Err(error.echo()),
            outcome => return outcome,
        }
        attempt += 1;
    }
}
