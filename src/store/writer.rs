//! The one task that writes. It takes what has queued up, runs it in one commit, and answers only then.
//!
//! A group is a wager that nothing in it fails. Lost wagers are paid by running the parts again, smaller:
//! so a job that fails answers its own error only. On PostgreSQL only plain values come here.

use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, PgConnection, PgPool, Postgres, SqlitePool};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

use super::LIMIT;
use super::error::StoreError;
use super::jobs::{Batch, Job};
use super::open::OpenFile;
use super::plain::{Script, Stopped};
use super::sql::{At, Conn, Read, Tx};

/// A plain BEGIN that reads and then writes fails at once when somebody else wrote in between.
const BEGIN: &str = "BEGIN IMMEDIATE";
const COMMIT: &str = "COMMIT";
/// Each commit is on the disk before it is answered.
const LASTING: &str = "PRAGMA synchronous = FULL";
/// A commit is with the operating system: a kill of the process loses nothing, a power cut the latest ones. The next
/// one that is lasting takes all before it along.
const BRIEF: &str = "PRAGMA synchronous = NORMAL";
/// Most jobs in one commit.
const GROUP: usize = 64;
/// A statement that PostgreSQL rolled back because of somebody else is tried this often.
pub(super) const TRIES: u32 = 5;
/// A quiet writer gives its connection back, so that a connection is tested before it is used again.
const QUIET: Duration = Duration::from_secs(1);

/// Where the writer gets its connection.
pub(super) enum Source {
    /// A file: one connection, opened when it is missing. It is looked for before each group.
    File(Box<SqliteConnectOptions>, OpenFile),
    /// The only connection of a database in memory, borrowed for each group.
    Memory(SqlitePool),
    Postgres(PgPool),
}

pub(super) struct Writer {
    source: Source,
    held: Option<Tx>,
    /// Whether the connection to a file is set to [`LASTING`], as new ones are.
    is_lasting: bool,
}

/// Why a batch failed.
enum Failure {
    /// The database as a whole: trying parts of it is of no use.
    Whole(StoreError),
    /// Something in it.
    Part(StoreError),
}

impl Writer {
    pub(super) fn new(source: Source) -> Self {
        Self { source, held: None, is_lasting: true }
    }

    /// Works until nobody can ask any more or [`Job::Stop`] comes; then finishes what is queued.
    pub(super) async fn work(mut self, mut queue: Receiver<Job>) {
        while let Some(first) = self.next(&mut queue).await {
            // Whoever is about to ask on this thread comes along.
            tokio::task::yield_now().await;
            let mut batch = Batch::default();
            let mut job = Some(first);
            while let Some(next) = job {
                if !batch.add(next) {
                    queue.close();
                }
                job = if batch.len() < GROUP { queue.try_recv().ok() } else { None };
            }
            self.settle(batch, &mut queue).await;
        }
        if let Some(Tx(Read(Conn::File(c)))) = self.held.take() {
            // The last connection of a file tidies its log away.
            let _ = sqlx::Connection::close(*c).await;
        }
    }

    async fn next(&mut self, queue: &mut Receiver<Job>) -> Option<Job> {
        if matches!(self.source, Source::Postgres(_)) && self.held.is_some() {
            match timeout(QUIET, queue.recv()).await {
                Ok(job) => return job,
                Err(_) => self.held = None,
            }
        }
        queue.recv().await
    }

    /// Brings a batch to its end. Out: whether the database is there; if not, whoever has queued up behind
    /// the batch has waited long enough and is refused with it.
    async fn settle(&mut self, mut batch: Batch, queue: &mut Receiver<Job>) -> bool {
        if batch.len() == 0 {
            return true;
        }
        // Statements that commit by themselves must not fail together with others that do.
        let failure = match self.source {
            Source::Postgres(_) if !batch.is_of_one_kind() => None,
            _ => match self.attempt(&mut batch).await {
                Ok(()) => {
                    batch.answer();
                    return true;
                }
                Err(failure) => Some(failure),
            },
        };
        match failure {
            Some(Failure::Whole(error)) => {
                tracing::warn!(jobs = batch.len(), %error, "a group of writes failed");
                // Taken before anybody hears of it: who asks after that answer is tried afresh.
                let behind = queued(queue);
                batch.refuse(error);
                behind.refuse(unavailable());
                return false;
            }
            Some(Failure::Part(error)) if batch.len() == 1 => {
                batch.refuse(error);
                return true;
            }
            _ => {}
        }
        let mut is_there = true;
        for part in batch.split() {
            if is_there {
                is_there = Box::pin(self.settle(part, queue)).await;
            } else {
                part.refuse(unavailable());
            }
        }
        is_there
    }

    /// Runs a batch and commits. After an error nothing of it is kept. A database that says nothing loses
    /// its connection, and whoever waits hears of it; in memory nothing is silent.
    async fn attempt(&mut self, batch: &mut Batch) -> Result<(), Failure> {
        if let Source::Memory(_) = self.source {
            return self.run(batch).await;
        }
        let silent = |_| Failure::Whole(StoreError::Unavailable("no answer in time".to_owned()));
        timeout(LIMIT, self.run(batch)).await.map_err(silent)?
    }

    async fn run(&mut self, batch: &mut Batch) -> Result<(), Failure> {
        let mut tx = self.grasp().await.map_err(Failure::Whole)?;
        let outcome = match tx.at() {
            At::Sqlite(_) => transaction(batch, &mut tx, &mut self.is_lasting).await,
            At::Postgres(c) => one_statement(batch, c).await,
        };
        // After trouble with the whole database the connection is not trusted again.
        let is_sound = !matches!(outcome, Err(Failure::Whole(_)));
        if is_sound && !matches!(self.source, Source::Memory(_)) {
            self.held = Some(tx);
        }
        outcome
    }

    async fn grasp(&mut self) -> Result<Tx, StoreError> {
        if let Source::File(_, file) = &self.source {
            file.is_there()?;
        }
        if let Some(tx) = self.held.take() {
            return Ok(tx);
        }
        let conn = match &self.source {
            Source::File(options, _) => {
                let new = Box::pin(options.connect()).await?;
                self.is_lasting = true;
                Conn::File(Box::new(new))
            }
            Source::Memory(pool) => Conn::Sqlite(Box::pin(pool.acquire()).await?),
            Source::Postgres(pool) => Conn::Postgres(Box::pin(acquired(pool)).await?),
        };
        Ok(Tx(Read(conn)))
    }
}

async fn acquired(pool: &PgPool) -> Result<PoolConnection<Postgres>, StoreError> {
    Ok(pool.acquire().await?)
}

/// Plain values of one kind on PostgreSQL.
async fn one_statement(batch: &mut Batch, c: &mut PgConnection) -> Result<(), Failure> {
    for kind in batch.kinds_mut().into_iter().filter(|kind| kind.len() > 0) {
        for attempt in 1.. {
            match kind.on_postgres(c).await {
                Ok(()) => break,
                Err(error) if error.is_worth_another_try() && attempt < TRIES => pause(attempt).await,
                Err(error) => return Err(of_whole_commit(error)),
            }
        }
    }
    Ok(())
}

/// An error of a statement that commits by itself.
fn of_whole_commit(error: StoreError) -> Failure {
    match error {
        StoreError::Unavailable(_) => Failure::Whole(error),
        error => Failure::Part(error),
    }
}

/// A little longer each time.
pub(super) async fn pause(attempt: u32) {
    tokio::time::sleep(Duration::from_millis(5) * attempt).await;
}

/// Closures and plain values on SQLite. Without closures it is one trip to the connection, begin and commit included.
async fn transaction(batch: &mut Batch, tx: &mut Tx, is_lasting: &mut bool) -> Result<(), Failure> {
    let mut script = Script::of(&batch.kinds()).map_err(Failure::Part)?;
    let has_begun = !batch.works.is_empty();
    let change = change(is_lasting, batch.lasts());
    if has_begun {
        if let Some(change) = change {
            say(tx, change).await.map_err(Failure::Whole)?;
        }
        say(tx, BEGIN).await.map_err(Failure::Whole)?;
        if let Err(error) = batch.work(tx).await {
            return Err(roll_back(tx, Failure::Part(error)).await);
        }
    }
    let commits_itself = !has_begun && script.len() == 1;
    if !has_begun && !commits_itself {
        script.begin_with(BEGIN);
    }
    if !commits_itself {
        script.end_with(COMMIT);
    }
    // What stands before its own statements.
    let mut before = usize::from(!has_begun && !commits_itself);
    if let Some(change) = change.filter(|_| !has_begun) {
        script.begin_with(change);
        before += 1;
    }
    let last = script.len() - 1;
    let At::Sqlite(c) = tx.at() else { return Ok(()) };
    match script.run(c, &mut batch.kinds_mut()).await {
        Ok(()) => Ok(()),
        Err(Stopped { at, error }) if at < before => Err(Failure::Whole(error)),
        Err(Stopped { error, .. }) if commits_itself => Err(of_whole_commit(error)),
        Err(Stopped { at, error }) if at == last => Err(roll_back(tx, Failure::Whole(error)).await),
        Err(Stopped { error, .. }) => Err(roll_back(tx, Failure::Part(error)).await),
    }
}

/// What sets the connection to what is wanted of it, if it is not. Where that fails, the connection is given up.
fn change(is_lasting: &mut bool, wanted: bool) -> Option<&'static str> {
    let is = std::mem::replace(is_lasting, wanted);
    (is != wanted).then_some(if wanted { LASTING } else { BRIEF })
}

/// Out: the failure, or the one of the attempt to take everything back.
async fn roll_back(tx: &mut Tx, failure: Failure) -> Failure {
    match say(tx, "ROLLBACK").await {
        Ok(()) => failure,
        Err(error) => Failure::Whole(error),
    }
}

async fn say(tx: &mut Tx, statement: &'static str) -> Result<(), StoreError> {
    match tx.at() {
        At::Sqlite(c) => sqlx::query(statement).execute(c).await.map(|_| ())?,
        At::Postgres(c) => sqlx::query(statement).execute(c).await.map(|_| ())?,
    }
    Ok(())
}

/// Everybody who is waiting.
fn queued(queue: &mut Receiver<Job>) -> Batch {
    let mut waiting = Batch::default();
    while let Ok(job) = queue.try_recv() {
        if !waiting.add(job) {
            queue.close();
        }
    }
    waiting
}

fn unavailable() -> StoreError {
    StoreError::Unavailable("the write before this one failed".to_owned())
}
