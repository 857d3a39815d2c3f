//! What waits for the writer, and groups of it.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::error::StoreError;
use super::sql::Tx;
use super::tickets::{self, NewTicket, TakeTicket};
use crate::domain::issued::IssuedTicket;

type Answer<T> = Result<T, StoreError>;

/// One write in the queue.
pub(super) enum Job {
    Issue(Ask<NewTicket, bool>),
    Take(Ask<TakeTicket, Option<IssuedTicket>>),
    Work(Box<dyn Work>),
    /// Finish what is queued, take nothing more.
    Stop,
}

/// A hot write and who waits for it.
pub(super) struct Ask<Q, A> {
    pub(super) question: Q,
    pub(super) asker: oneshot::Sender<Answer<A>>,
    outcome: Option<Answer<A>>,
}

impl<Q, A> Ask<Q, A> {
    pub(super) fn new(question: Q) -> (Self, oneshot::Receiver<Answer<A>>) {
        let (asker, answer) = oneshot::channel();
        (Self { question, asker, outcome: None }, answer)
    }

    /// Says what came of it. An asker that is gone is none of our business.
    fn settle(self, failure: Option<&StoreError>) {
        let none = || Err(StoreError::Unavailable("the write was never run".to_owned()));
        let outcome = failure.map_or_else(|| self.outcome.unwrap_or_else(none), |error| Err(error.echo()));
        let _ = self.asker.send(outcome);
    }
}

/// A closure and who waits for it. It may run again, so it keeps no state between runs.
pub(super) trait Work: Send {
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Result<(), StoreError>>;
    fn settle(self: Box<Self>, failure: Option<StoreError>);
    fn is_abandoned(&self) -> bool;
}

/// [`Work`] of a certain type.
pub(super) struct Typed<F, T> {
    pub(super) write: F,
    pub(super) asker: oneshot::Sender<Answer<T>>,
    pub(super) outcome: Option<T>,
}

impl<F, T> Work for Typed<F, T>
where
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Answer<T>> + Send + Sync + 'static,
    T: Send + 'static,
{
    fn run<'t>(&'t mut self, tx: &'t mut Tx) -> BoxFuture<'t, Result<(), StoreError>> {
        Box::pin(async move {
            self.outcome = None;
            self.outcome = Some(guarded(&self.write, tx).await?);
            Ok(())
        })
    }

    fn settle(self: Box<Self>, failure: Option<StoreError>) {
        let none = || StoreError::Unavailable("the write was never run".to_owned());
        let outcome = match failure {
            Some(error) => Err(error),
            None => self.outcome.ok_or_else(none),
        };
        let _ = self.asker.send(outcome);
    }

    fn is_abandoned(&self) -> bool {
        self.asker.is_closed()
    }
}

/// Runs a write; a panic in it is [`StoreError::Panicked`].
pub(super) async fn guarded<F, T>(write: &F, tx: &mut Tx) -> Answer<T>
where
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Answer<T>>,
{
    let run = AssertUnwindSafe(async { write(tx).await });
    run.catch_unwind().await.unwrap_or(Err(StoreError::Panicked))
}

/// Jobs that share a commit.
#[derive(Default)]
pub(super) struct Batch {
    issues: Vec<Ask<NewTicket, bool>>,
    takes: Vec<Ask<TakeTicket, Option<IssuedTicket>>>,
    works: Vec<Box<dyn Work>>,
}

impl Batch {
    /// One more, unless nobody waits for it any more. Out: false for [`Job::Stop`].
    pub(super) fn add(&mut self, job: Job) -> bool {
        match job {
            Job::Issue(ask) if !ask.asker.is_closed() => self.issues.push(ask),
            Job::Take(ask) if !ask.asker.is_closed() => self.takes.push(ask),
            Job::Work(work) if !work.is_abandoned() => self.works.push(work),
            Job::Issue(_) | Job::Take(_) | Job::Work(_) => {}
            Job::Stop => return false,
        }
        true
    }

    pub(super) fn len(&self) -> usize {
        self.issues.len() + self.takes.len() + self.works.len()
    }

    /// Whether it is a single statement, which commits by itself.
    pub(super) fn is_one_statement(&self) -> bool {
        self.works.is_empty() && (self.issues.is_empty() || self.takes.is_empty())
    }

    /// Runs everything. Stops at the first error: then nothing may be committed.
    pub(super) async fn run(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        for work in &mut self.works {
            work.run(tx).await?;
        }
        if !self.issues.is_empty() {
            let list: Vec<_> = self.issues.iter().map(|ask| &ask.question).collect();
            let done = tickets::issue_all(tx, &list).await?;
            for (ask, issued) in self.issues.iter_mut().zip(done) {
                ask.outcome = Some(Ok(issued));
            }
        }
        if !self.takes.is_empty() {
            let list: Vec<_> = self.takes.iter().map(|ask| &ask.question).collect();
            let done = tickets::take_all(tx, &list).await?;
            for (ask, taken) in self.takes.iter_mut().zip(done) {
                ask.outcome = Some(taken);
            }
        }
        Ok(())
    }

    /// It is committed: everybody hears what came of their own.
    pub(super) fn answer(self) {
        self.issues.into_iter().for_each(|ask| ask.settle(None));
        self.takes.into_iter().for_each(|ask| ask.settle(None));
        self.works.into_iter().for_each(|work| work.settle(None));
    }

    /// Nothing is kept: everybody hears why. An error of a single job arrives as it is.
    pub(super) fn refuse(mut self, error: StoreError) {
        if self.len() == 1 {
            if let Some(ask) = self.issues.pop() {
                let _ = ask.asker.send(Err(error));
            } else if let Some(ask) = self.takes.pop() {
                let _ = ask.asker.send(Err(error));
            } else if let Some(work) = self.works.pop() {
                work.settle(Some(error));
            }
            return;
        }
        self.issues.into_iter().for_each(|ask| ask.settle(Some(&error)));
        self.takes.into_iter().for_each(|ask| ask.settle(Some(&error)));
        self.works.into_iter().for_each(|work| work.settle(Some(error.echo())));
    }

    /// Smaller batches: closures alone, the hot writes by kind; a batch of one kind falls into single ones.
    pub(super) fn split(self) -> Vec<Batch> {
        let mut parts: Vec<_> =
            self.works.into_iter().map(|work| Batch { works: vec![work], ..Self::default() }).collect();
        let mixed = !parts.is_empty() || !(self.issues.is_empty() || self.takes.is_empty());
        if mixed {
            parts.push(Batch { issues: self.issues, ..Self::default() });
            parts.push(Batch { takes: self.takes, ..Self::default() });
        } else {
            parts.extend(self.issues.into_iter().map(|ask| Batch { issues: vec![ask], ..Self::default() }));
            parts.extend(self.takes.into_iter().map(|ask| Batch { takes: vec![ask], ..Self::default() }));
        }
        parts.retain(|part| part.len() > 0);
        parts
    }
}
