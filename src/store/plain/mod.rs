//! The writes of every login, as plain values: a group of any size leaves in one statement a kind.
//!
//! On SQLite all kinds of a group leave in one text, in `script`: each trip to the thread of a connection costs more
//! than what is done there. On PostgreSQL each kind is a statement that commits by itself.
//!
//! | file | a value |
//! |---|---|
//! | `use_form` | a form comes back: [`UseForm`] |
//! | `leave` | somebody leaves for an institution: [`Handoff`](super::Handoff) |
//! | `come_back` | somebody comes back: [`ComeBack`] |
//! | `sign_in` | a new session of somebody who brings nothing from before: [`NewSession`] |
//! | `issue` | [`NewTicket`] |
//! | `take` | [`TakeTicket`] |

pub(super) mod come_back;
pub(super) mod issue;
pub(super) mod leave;
mod script;
pub(super) mod sign_in;
pub(super) mod take;
pub(super) mod use_form;

use futures_util::future::BoxFuture;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, PgConnection};
use tokio::sync::oneshot;

pub use self::come_back::ComeBack;
pub use self::issue::NewTicket;
pub(super) use self::script::{Script, Stopped};
pub use self::sign_in::NewSession;
pub use self::take::TakeTicket;
pub use self::use_form::UseForm;
use super::error::StoreError;
use super::sql::{At, Read};

pub(super) type Answer<T> = Result<T, StoreError>;

/// A value that is written together with others of its kind.
pub(super) trait Plain: Send + Sync + 'static {
    /// What its asker hears.
    type Answer: Send + 'static;
    /// What a group gives back, a row for each value that something came of.
    type Row: Send + Unpin + for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow>;

    /// The statements for SQLite. Each takes one text, as a bare `?` since others stand before it; rows come from the
    /// first.
    const SQLITE: &'static [&'static str];

    /// The texts that [`Plain::SQLITE`] takes: lists in JSON.
    fn lists(group: &[&Self]) -> Result<Vec<String>, StoreError>;

    /// The statement for PostgreSQL, on arrays.
    fn on_postgres(
        c: &mut PgConnection,
        group: &[&Self],
    ) -> impl Future<Output = Result<Vec<Self::Row>, StoreError>> + Send;

    /// Whether a power cut may not take it back once it is answered. What may be lost with the machine (never with
    /// the process alone) is what a person does again: leave, sign in, ask for a ticket.
    fn lasts(&self) -> bool {
        true
    }

    /// What came of each, in their order.
    fn answers(group: &[&Self], rows: Vec<Self::Row>) -> Vec<Answer<Self::Answer>>;
}

/// Writes one value as a part of a larger write.
pub(super) async fn alone<Q: Plain>(at: &mut Read, question: Q) -> Result<Q::Answer, StoreError> {
    let (ask, _answer) = Ask::new(question);
    let mut asks = Asks::default();
    asks.add(ask);
    match at.at() {
        At::Sqlite(c) => {
            let script = Script::of(&[&asks])?;
            script.run(c, &mut [&mut asks]).await?;
        }
        At::Postgres(c) => asks.on_postgres(c).await?,
    }
    let none = || StoreError::Unavailable("the write was never run".to_owned());
    asks.asks.pop().and_then(|ask| ask.outcome).ok_or_else(none)?
}

/// A value and who waits for it.
pub(super) struct Ask<Q: Plain> {
    question: Q,
    asker: oneshot::Sender<Answer<Q::Answer>>,
    outcome: Option<Answer<Q::Answer>>,
}

impl<Q: Plain> Ask<Q> {
    pub(super) fn new(question: Q) -> (Self, oneshot::Receiver<Answer<Q::Answer>>) {
        let (asker, answer) = oneshot::channel();
        (Self { question, asker, outcome: None }, answer)
    }

    pub(super) fn is_abandoned(&self) -> bool {
        self.asker.is_closed()
    }

    /// Says what came of it. An asker that is gone is none of our business.
    pub(super) fn settle(self, failure: Option<StoreError>) {
        let none = || Err(StoreError::Unavailable("the write was never run".to_owned()));
        let _ = self.asker.send(match failure {
            Some(error) => Err(error),
            None => self.outcome.unwrap_or_else(none),
        });
    }
}

/// The values of one kind in a group.
pub(super) struct Asks<Q: Plain> {
    asks: Vec<Ask<Q>>,
    rows: Vec<Q::Row>,
}

impl<Q: Plain> Default for Asks<Q> {
    fn default() -> Self {
        Self { asks: Vec::new(), rows: Vec::new() }
    }
}

impl<Q: Plain> Asks<Q> {
    pub(super) fn add(&mut self, ask: Ask<Q>) {
        self.asks.push(ask);
    }

    pub(super) fn into_asks(self) -> impl Iterator<Item = Ask<Q>> {
        self.asks.into_iter()
    }

    fn questions(&self) -> Vec<&Q> {
        self.asks.iter().map(|ask| &ask.question).collect()
    }
}

/// [`Asks`] of whatever type.
pub(super) trait Kind: Send {
    fn len(&self) -> usize;
    /// Whether one of them must last: see [`Plain::lasts`].
    fn lasts(&self) -> bool;
    /// The statements for SQLite, and what each takes.
    fn statements(&self) -> Result<Vec<(&'static str, String)>, StoreError>;
    /// A row that came back.
    fn keep(&mut self, row: &SqliteRow) -> Result<(), StoreError>;
    /// All rows have come back.
    fn conclude(&mut self);
    fn on_postgres<'t>(&'t mut self, c: &'t mut PgConnection) -> BoxFuture<'t, Result<(), StoreError>>;
}

impl<Q: Plain> Kind for Asks<Q> {
    fn len(&self) -> usize {
        self.asks.len()
    }

    fn lasts(&self) -> bool {
        self.asks.iter().any(|ask| ask.question.lasts())
    }

    fn statements(&self) -> Result<Vec<(&'static str, String)>, StoreError> {
        Ok(Q::SQLITE.iter().copied().zip(Q::lists(&self.questions())?).collect())
    }

    fn keep(&mut self, row: &SqliteRow) -> Result<(), StoreError> {
        self.rows.push(Q::Row::from_row(row)?);
        Ok(())
    }

    fn conclude(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let answers = Q::answers(&self.questions(), rows);
        for (ask, answer) in self.asks.iter_mut().zip(answers) {
            ask.outcome = Some(answer);
        }
    }

    fn on_postgres<'t>(&'t mut self, c: &'t mut PgConnection) -> BoxFuture<'t, Result<(), StoreError>> {
        Box::pin(async move {
            self.rows = Q::on_postgres(c, &self.questions()).await?;
            self.conclude();
            Ok(())
        })
    }
}

/// A list as it travels to SQLite.
fn json(rows: &[impl serde::Serialize]) -> Result<String, StoreError> {
    serde_json::to_string(rows).map_err(|error| StoreError::Sql(sqlx::Error::Encode(error.into())))
}
