//! The one read that every request makes: whose session a cookie is. A task takes all questions that have
//! queued up and asks the database once, since on SQLite each statement costs two changes of thread.

use std::collections::HashMap;

use tokio::sync::{mpsc, oneshot};

use super::error::StoreError;
use super::hash::TicketHash;
use super::sessions;
use super::{PATIENCE, Pool, within};
use crate::domain::session::SsoSession;

/// Most questions in one statement.
const GROUP: usize = 64;
/// Most questions that wait.
const QUEUE: usize = 1024;

type Answer = Result<Option<SsoSession>, StoreError>;

/// A cookie and who asks.
struct Question {
    cookie: TicketHash,
    asker: oneshot::Sender<Answer>,
}

/// The way to the task. It ends when nobody can ask any more.
#[derive(Clone)]
pub(super) struct Lookup(mpsc::Sender<Question>);

impl Lookup {
    /// Starts the task.
    pub(super) fn start(pool: Pool) -> Self {
        let (ask, questions) = mpsc::channel(QUEUE);
        tokio::spawn(work(pool, questions));
        Self(ask)
    }

    /// Asks, and waits 5 s at most, the queue included. The answer is as fresh as a read of one's own:
    /// nothing is kept between two groups.
    pub(super) async fn ask(&self, cookie: TicketHash) -> Answer {
        let closed = || StoreError::Unavailable("the store is closed".to_owned());
        let asked = async {
            let (asker, answer) = oneshot::channel();
            self.0.send(Question { cookie, asker }).await.map_err(|_| closed())?;
            answer.await.map_err(|_| closed())?
        };
        within(PATIENCE, asked).await
    }
}

async fn work(pool: Pool, mut questions: mpsc::Receiver<Question>) {
    let mut group = Vec::with_capacity(GROUP);
    while questions.recv_many(&mut group, GROUP).await > 0 {
        group.retain(|question| !question.asker.is_closed());
        if group.is_empty() {
            continue;
        }
        let found = within(PATIENCE, find(&pool, &group)).await;
        if matches!(found, Err(StoreError::Unavailable(_))) {
            // Whoever came meanwhile has waited too, and would wait in vain as long again.
            while let Ok(question) = questions.try_recv() {
                group.push(question);
            }
        }
        for Question { cookie, asker } in group.drain(..) {
            let _gone = asker.send(match &found {
                Ok(rows) => rows.get(cookie.as_str()).map(one).transpose(),
                Err(error) => Err(error.echo()),
            });
        }
    }
}

fn one(row: &Result<SsoSession, StoreError>) -> Result<SsoSession, StoreError> {
    match row {
        Ok(session) => Ok(session.clone()),
        Err(StoreError::Inconsistent { table, key }) => Err(StoreError::inconsistent(table, key)),
        Err(error) => Err(error.echo()),
    }
}

async fn find(
    pool: &Pool,
    group: &[Question],
) -> Result<HashMap<String, Result<SsoSession, StoreError>>, StoreError> {
    let mut cookies: Vec<&str> = group.iter().map(|question| question.cookie.as_str()).collect();
    cookies.sort_unstable();
    cookies.dedup();
    sessions::by_cookies(&mut Box::pin(pool.read()).await?, &cookies).await
}
