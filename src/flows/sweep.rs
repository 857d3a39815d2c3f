//! What ends by itself: sessions that are idle or too old, tickets that nobody validated, forms, handoffs,
//! and what pages after a sign-out showed. Expiry holds at every use without it; a sweep tells services and keeps tables small.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::app::{App, Current};
use crate::domain::lifetimes::{HANDOFF_KEPT, SIGN_OUT_SHOWN};
use crate::domain::session::SessionId;
use crate::protocol::time::Timestamp;
use crate::store::{
    Cuts, StoreError, Tx, counts, federated, forms, handoffs, leases, outbox, sessions, sign_outs, tickets,
    upstream_grants,
};

use super::uses;

/// Rows in one transaction: small, so that sign-ins get in between.
const BATCH: u32 = 500;
/// Messages that were given up are kept so long, in seconds, for people to look at.
const GIVEN_UP: i64 = 86_400;

/// Whoever sweeps has the lease of this name; while it is held, some server runs.
pub const LEASE: &str = "sweep";

/// What a sweep did, or would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Sessions that ended.
    pub sessions: u64,
    /// Tickets that were deleted.
    pub tickets: u64,
    /// People of institutions who were forgotten.
    pub people: u64,
    /// Handoffs, forms, and what is left of sign-outs and their messages, that was deleted.
    pub others: u64,
}

/// What a sweep looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Sessions that are over.
    pub sessions: bool,
    /// Tickets.
    pub tickets: bool,
    /// People of institutions.
    pub people: bool,
    /// Handoffs, forms, sign-outs, messages.
    pub others: bool,
}

impl Parts {
    /// Everything.
    pub const ALL: Self = Self { sessions: true, tickets: true, people: true, others: true };
}

/// Sweeps every `clean.every` until told to stop. On several nodes one at a time does it.
pub async fn run(app: impl Into<Current>, stop: CancellationToken) {
    let mut current: Current = app.into();
    let mut app = current.seen();
    let holder = app.mint.row(app.clock.now());
    said(uses::begin(&app).await);
    let mut last = Instant::now();
    loop {
        let every = app.config.clean.every.max(Duration::from_secs(1));
        tokio::select! {
            () = tokio::time::sleep_until(last + every) => last = Instant::now(),
            () = current.changed() => {
                app = current.seen();
                // Services may have come.
                said(uses::begin(&app).await);
                continue;
            }
            () = stop.cancelled() => return said(uses::note(&app).await),
        }
        said(uses::note(&app).await);
        match my_turn(&app, &holder).await {
            Ok(true) => match sweep(&app).await {
                Ok(swept) if swept == Swept::default() => {}
                Ok(swept) => tracing::info!(
                    event = "cleaned",
                    sessions = swept.sessions,
                    tickets = swept.tickets,
                    people = swept.people,
                    others = swept.others,
                    "swept"
                ),
                Err(error) => tracing::error!(error = error.to_string(), "the sweep failed"),
            },
            Ok(false) => {}
            Err(error) => tracing::error!(error = error.to_string(), "the sweep could not begin"),
        }
    }
}

/// What was used is worth a line when it is lost, not an end.
fn said(noted: Result<(), StoreError>) {
    if let Err(error) = noted {
        tracing::error!(error = error.to_string(), "the use of services could not be noted");
    }
}

async fn my_turn(app: &App, holder: &str) -> Result<bool, StoreError> {
    let now = app.clock.now();
    // A little shorter than the interval: who had it last time may have it again.
    let interval = i64::try_from(app.config.clean.every.as_secs()).unwrap_or(300);
    let until = now.plus((interval * 9 / 10).max(1));
    let holder = holder.to_owned();
    app.store
        .write(move |tx| {
            let holder = holder.clone();
            Box::pin(async move { leases::take(tx, LEASE, &holder, now, until).await })
        })
        .await
}

/// One sweep of everything.
pub async fn sweep(app: &App) -> Result<Swept, StoreError> {
    sweep_parts(app, Parts::ALL).await
}

/// One sweep of some of it.
pub async fn sweep_parts(app: &App, parts: Parts) -> Result<Swept, StoreError> {
    let now = app.clock.now();
    let mut swept = Swept::default();
    if parts.sessions {
        swept.sessions = end_sessions(app, now).await?;
    }
    if parts.tickets {
        if let Some(age) = app.config.lives.told_at_age {
            let cut = now.plus(-age);
            swept.tickets += all(app, move |tx| Box::pin(tickets::told_at_age(tx, cut, now, BATCH))).await?;
        }
        swept.tickets += all(app, move |tx| Box::pin(tickets::delete_expired(tx, now, BATCH))).await?;
    }
    if parts.people {
        let cut = now.plus(-app.config.federation.keep_users);
        swept.people = all(app, move |tx| Box::pin(federated::delete_unseen(tx, cut, BATCH))).await?;
    }
    if parts.others {
        swept.others = sweep_others(app, now).await?;
    }
    app.outbox.notify_one();
    Ok(swept)
}

async fn sweep_others(app: &App, now: Timestamp) -> Result<u64, StoreError> {
    let (shown, given_up) = (now.plus(-SIGN_OUT_SHOWN), now.plus(-GIVEN_UP));
    let kept = now.plus(-HANDOFF_KEPT);
    Ok(all(app, move |tx| Box::pin(handoffs::delete_expired(tx, kept, BATCH))).await?
        + all(app, move |tx| Box::pin(forms::delete_expired(tx, now, BATCH))).await?
        + all(app, move |tx| Box::pin(upstream_grants::delete_expired(tx, now, BATCH))).await?
        + all(app, move |tx| Box::pin(sign_outs::delete_old(tx, shown, BATCH))).await?
        + all(app, move |tx| Box::pin(outbox::delete_told(tx, shown, BATCH))).await?
        + all(app, move |tx| Box::pin(outbox::delete_given_up(tx, given_up, BATCH))).await?)
}

/// How much [`sweep_parts`] would find. Changes nothing. What hangs on a session that is over is counted by
/// itself too.
pub async fn count(app: &App, parts: Parts) -> Result<Swept, StoreError> {
    let now = app.clock.now();
    let mut read = app.store.read().await?;
    let mut found = Swept::default();
    if parts.sessions {
        found.sessions = counts::sessions(&mut read, cuts(app, now)).await?;
    }
    if parts.tickets {
        found.tickets = counts::tickets(&mut read, now).await?;
        if let Some(age) = app.config.lives.told_at_age {
            found.tickets += counts::tickets_at_age(&mut read, now.plus(-age)).await?;
        }
    }
    if parts.people {
        found.people = counts::people(&mut read, now.plus(-app.config.federation.keep_users)).await?;
    }
    if parts.others {
        found.others = counts::handoffs(&mut read, now.plus(-HANDOFF_KEPT)).await?
            + counts::leftovers(&mut read, now).await?
            + counts::shown(&mut read, now.plus(-SIGN_OUT_SHOWN)).await?
            + counts::given_up(&mut read, now.plus(-GIVEN_UP)).await?;
    }
    Ok(found)
}

fn cuts(app: &App, now: Timestamp) -> Cuts {
    let lives = app.config.lives;
    let before = |limit: Option<i64>| limit.map(|seconds| now.plus(-seconds));
    Cuts { idle: before(lives.idle), hard: before(lives.session), remembered: before(lives.remembered), now }
}

/// Ends the sessions that are over. Each is looked at again inside its transaction, since it may have
/// been used meanwhile.
async fn end_sessions(app: &App, now: Timestamp) -> Result<u64, StoreError> {
    let cuts = cuts(app, now);
    let mut ended = 0;
    loop {
        let batch: Vec<SessionId> = {
            let mut read = app.store.read().await?;
            sessions::overdue(&mut read, cuts, BATCH).await?
        };
        let mut ended_now = 0;
        let full = batch.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX);
        for id in batch {
            let over = app
                .store
                .write(move |tx| {
                    let id = id.clone();
                    Box::pin(async move { sessions::end_if_overdue(tx, &id, cuts, now).await })
                })
                .await?;
            ended_now += u64::from(over);
        }
        ended += ended_now;
        if ended_now == 0 || !full {
            return Ok(ended);
        }
    }
}

/// Runs a deletion in batches until one is not full.
async fn all<F>(app: &App, delete: F) -> Result<u64, StoreError>
where
    F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, Result<u64, StoreError>> + Send + Sync + Clone + 'static,
{
    let mut total = 0;
    loop {
        let deleted = app.store.write(delete.clone()).await?;
        total += deleted;
        if deleted < u64::from(BATCH) {
            return Ok(total);
        }
    }
}
