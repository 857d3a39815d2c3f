//! Connections that are opened when somebody needs one, and kept for the next question.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

use super::NOBODY;
use super::line::{Address, Described, Line};
use super::row::Row;
use super::trouble::Trouble;
use crate::auth::guard::patience;
use crate::auth::{Down, Steps, Went};
use crate::config::backend::sql::{Query, Sql};

/// How often a question is tried where the connection is lost (BCK-06).
const TRIES: u32 = 3;
/// Rest before a new connection is tried again.
const REST: Duration = Duration::from_millis(100);
/// For how long a connection is kept that nobody uses: what lies between may have forgotten it by then.
const IDLE: Duration = Duration::from_secs(60);

/// A question to one database, and the connections that it is asked on.
pub struct Seats {
    /// Where it is, for people.
    place: String,
    address: Result<Address, String>,
    query: Query,
    timeout: Duration,
    seats: Semaphore,
    idle: Mutex<Vec<(Line, Instant)>>,
}

/// A connection, and whether it was just made.
struct Taken {
    line: Line,
    is_new: bool,
}

/// What is done on a connection.
enum Task<'n> {
    Ask(&'n str),
    Describe,
}

/// What comes of it.
enum Done {
    Rows(Vec<Row>),
    Described(Described),
}

impl Seats {
    /// Connects to nothing yet.
    pub fn new(sql: &Sql) -> Self {
        let connections = usize::try_from(sql.connections).unwrap_or(1);
        Self {
            place: sql.url.to_string(),
            address: Address::of(&sql.url, sql.timeout),
            query: sql.query.clone(),
            timeout: sql.timeout,
            seats: Semaphore::new(connections),
            idle: Mutex::default(),
        }
    }

    /// How many places for the name the question has.
    pub fn places(&self) -> usize {
        self.query.places()
    }

    /// The rows for a name, two at most. Errors: no answer in time, or none at all.
    pub async fn ask(&self, name: &str, steps: &Steps) -> Result<Vec<Row>, Down> {
        match self.within(Task::Ask(name), steps).await? {
            Done::Rows(rows) => Ok(rows),
            Done::Described(_) => Ok(Vec::new()),
        }
    }

    /// What the question gives, without asking it.
    pub async fn describe(&self, steps: &Steps) -> Result<Described, Down> {
        match self.within(Task::Describe, steps).await? {
            Done::Described(described) => Ok(described),
            Done::Rows(_) => Ok(Described { columns: Vec::new(), places: self.places() }),
        }
    }

    async fn within(&self, task: Task<'_>, steps: &Steps) -> Result<Done, Down> {
        let Ok(Ok(_seat)) = timeout(patience(self.timeout), self.seats.acquire()).await else {
            let words = "all of its `connections` are busy with other questions";
            steps.failed("connect", || words.to_owned());
            return Err(Down::Crowd(format!("{}: {words}", self.place)));
        };
        let done = timeout(self.timeout, self.tries(&task, steps)).await;
        let silent = || Err(Trouble::Lost(format!("no answer within {:?}", self.timeout)));
        done.unwrap_or_else(|_| silent()).or_else(|trouble| match trouble {
            Trouble::NoSuchName => Ok(Done::Rows(Vec::new())),
            Trouble::Refused(reason) => Err(Down::Unfit(format!("{}: {reason}", self.place))),
            Trouble::Lost(reason) => Err(Down::Silent(format!("{}: {reason}", self.place))),
        })
    }

    /// Does it, again on another connection where one is lost.
    async fn tries(&self, task: &Task<'_>, steps: &Steps) -> Result<Done, Trouble> {
        let mut tried = 1;
        loop {
            let (trouble, was_new) = match self.take(steps).await {
                Err(trouble) => (trouble, true),
                Ok(mut taken) => match self.once(&mut taken.line, task, steps).await {
                    Ok(done) => {
                        self.put_back(taken.line, &done);
                        return Ok(done);
                    }
                    Err(trouble) => (trouble, taken.is_new),
                },
            };
            match trouble {
                Trouble::Lost(reason) if tried < TRIES => {
                    steps.note(Went::Oddly, "connection lost", || reason);
                    // Whatever ended this one has ended the others.
                    self.idle().clear();
                    if was_new {
                        sleep(REST * tried).await;
                    }
                    tried += 1;
                }
                other => return Err(other),
            }
        }
    }

    async fn once(&self, line: &mut Line, task: &Task<'_>, steps: &Steps) -> Result<Done, Trouble> {
        let began = Instant::now();
        match task {
            Task::Describe => line.describe(&self.query).await.map(Done::Described),
            Task::Ask(name) => {
                let rows = line.rows(&self.query, name).await?;
                // A trial asks for nobody.
                let is_fine = rows.len() == 1 || (rows.is_empty() && *name == NOBODY);
                steps.note(if is_fine { Went::Well } else { Went::Badly }, "query", || {
                    let many = ["no row", "1 row"].get(rows.len()).unwrap_or(&"several rows");
                    format!("{many}, {} ms", began.elapsed().as_millis())
                });
                if rows.len() > 1 {
                    steps
                        .advise("nobody can sign in with a name that has several rows: let `query` give one");
                }
                Ok(Done::Rows(rows))
            }
        }
    }

    async fn take(&self, steps: &Steps) -> Result<Taken, Trouble> {
        let kept = {
            let mut idle = self.idle();
            idle.retain(|(_, since)| since.elapsed() < IDLE);
            idle.pop()
        };
        if let Some((line, _)) = kept {
            steps.tell("connect", || format!("{}: connected already", self.place));
            return Ok(Taken { line, is_new: false });
        }
        let address = self.address.as_ref().map_err(|reason| Trouble::Refused(reason.clone()))?;
        let began = Instant::now();
        let line = Line::open(address).await?;
        steps.tell("connect", || format!("{}, {} ms", self.place, began.elapsed().as_millis()));
        Ok(Taken { line, is_new: true })
    }

    /// Keeps a connection, unless more rows wait on it.
    fn put_back(&self, line: Line, done: &Done) {
        let is_clean = match done {
            Done::Rows(rows) => rows.len() < 2,
            Done::Described(_) => true,
        };
        if line.is_kept() && is_clean {
            self.idle().push((line, Instant::now()));
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(Line, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
