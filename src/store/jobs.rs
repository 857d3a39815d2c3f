//! What waits for the writer, and groups of it.

use std::mem::discriminant;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::error::StoreError;
use super::handoffs::Handoff;
use super::plain::{Answer, Ask, Asks, ComeBack, Kind, NewSession, NewTicket, TakeTicket, UseForm};
use super::sql::Tx;

/// One write in the queue.
pub(super) enum Job {
    UseForm(Ask<UseForm>),
    Leave(Ask<Handoff>),
    ComeBack(Ask<ComeBack>),
    SignIn(Ask<NewSession>),
    Issue(Ask<NewTicket>),
    Take(Ask<TakeTicket>),
    Work(Box<dyn Work>),
    /// Finish what is queued, take nothing more.
    Stop,
}

impl Job {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::UseForm(ask) => ask.is_abandoned(),
            Self::Leave(ask) => ask.is_abandoned(),
            Self::ComeBack(ask) => ask.is_abandoned(),
            Self::SignIn(ask) => ask.is_abandoned(),
            Self::Issue(ask) => ask.is_abandoned(),
            Self::Take(ask) => ask.is_abandoned(),
            Self::Work(work) => work.is_abandoned(),
            Self::Stop => false,
        }
    }

    /// Its asker hears what came of it, or why nothing did.
    fn settle(self, failure: Option<StoreError>) {
        match self {
            Self::UseForm(ask) => ask.settle(failure),
            Self::Leave(ask) => ask.settle(failure),
            Self::ComeBack(ask) => ask.settle(failure),
            Self::SignIn(ask) => ask.settle(failure),
            Self::Issue(ask) => ask.settle(failure),
            Self::Take(ask) => ask.settle(failure),
            Self::Work(work) => work.settle(failure),
            Self::Stop => {}
        }
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
    forms: Asks<UseForm>,
    leaves: Asks<Handoff>,
    returns: Asks<ComeBack>,
    sign_ins: Asks<NewSession>,
    issues: Asks<NewTicket>,
    takes: Asks<TakeTicket>,
    pub(super) works: Vec<Box<dyn Work>>,
}

impl Batch {
    /// One more, unless nobody waits for it any more. Out: false for [`Job::Stop`].
    pub(super) fn add(&mut self, job: Job) -> bool {
        if job.is_abandoned() {
            return true;
        }
        match job {
            Job::UseForm(ask) => self.forms.add(ask),
            Job::Leave(ask) => self.leaves.add(ask),
            Job::ComeBack(ask) => self.returns.add(ask),
            Job::SignIn(ask) => self.sign_ins.add(ask),
            Job::Issue(ask) => self.issues.add(ask),
            Job::Take(ask) => self.takes.add(ask),
            Job::Work(work) => self.works.push(work),
            Job::Stop => return false,
        }
        true
    }

    /// The plain values by kind, in the order in which they are written.
    pub(super) fn kinds(&self) -> [&dyn Kind; 6] {
        [&self.forms, &self.leaves, &self.returns, &self.sign_ins, &self.issues, &self.takes]
    }

    /// The same, to write them.
    pub(super) fn kinds_mut(&mut self) -> [&mut dyn Kind; 6] {
        let Self { forms, leaves, returns, sign_ins, issues, takes, .. } = self;
        [forms, leaves, returns, sign_ins, issues, takes]
    }

    pub(super) fn len(&self) -> usize {
        self.works.len() + self.kinds().iter().map(|kind| kind.len()).sum::<usize>()
    }

    /// Whether a power cut may not take it back: see [`Plain::lasts`](super::plain::Plain::lasts).
    pub(super) fn lasts(&self) -> bool {
        !self.works.is_empty() || self.kinds().iter().any(|kind| kind.lasts())
    }

    /// Whether it is plain values of one kind, and nothing else.
    pub(super) fn is_of_one_kind(&self) -> bool {
        self.works.is_empty() && self.kinds().iter().filter(|kind| kind.len() > 0).count() < 2
    }

    /// Runs the closures. Stops at the first error: then nothing may be committed.
    pub(super) async fn work(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        for work in &mut self.works {
            work.run(tx).await?;
        }
        Ok(())
    }

    fn into_jobs(self) -> impl Iterator<Item = Job> {
        let works = self.works.into_iter().map(Job::Work);
        works
            .chain(self.forms.into_asks().map(Job::UseForm))
            .chain(self.leaves.into_asks().map(Job::Leave))
            .chain(self.returns.into_asks().map(Job::ComeBack))
            .chain(self.sign_ins.into_asks().map(Job::SignIn))
            .chain(self.issues.into_asks().map(Job::Issue))
            .chain(self.takes.into_asks().map(Job::Take))
    }

    /// It is committed: everybody hears what came of their own.
    pub(super) fn answer(self) {
        self.into_jobs().for_each(|job| job.settle(None));
    }

    /// Nothing is kept: everybody hears why. An error of a single job arrives as it is.
    pub(super) fn refuse(self, error: StoreError) {
        let echo = error.echo();
        let mut own = (self.len() == 1).then_some(error);
        self.into_jobs().for_each(|job| job.settle(Some(own.take().unwrap_or_else(|| echo.echo()))));
    }

    /// Smaller batches: closures alone, plain values by kind; a batch of one kind falls into single ones.
    pub(super) fn split(self) -> Vec<Batch> {
        let to_single = self.is_of_one_kind();
        let mut parts: Vec<(_, Batch)> = Vec::new();
        for job in self.into_jobs() {
            let kind = discriminant(&job);
            let is_alone = to_single || matches!(job, Job::Work(_));
            match parts.last_mut().filter(|(of, _)| *of == kind && !is_alone) {
                Some((_, part)) => part.add(job),
                None => {
                    let mut part = Self::default();
                    part.add(job);
                    parts.push((kind, part));
                    true
                }
            };
        }
        parts.into_iter().map(|(_, part)| part).filter(|part| part.len() > 0).collect()
    }
}
