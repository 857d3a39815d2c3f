//! A session ends (CAS 3.0 §2.3): everything born from it is gone before the answer, and its services are
//! told afterwards, by the outbox.

use std::sync::Arc;

use crate::app::App;
use crate::domain::identity::Suffix;
use crate::domain::lifetimes::SIGN_OUT_SHOWN;
use crate::domain::provider::{LogOut, Provider};
use crate::domain::rules::Destination;
use crate::domain::session::{SessionId, SsoSession};
use crate::domain::told::{Messages, Told};
use crate::protocol::ticket::TicketId;
use crate::protocol::time::Timestamp;
use crate::store::{Farewell, ServiceUse, SignOut, StoreError, TicketHash, Tx, outbox, sessions, sign_outs};

use super::{Error, Guest};

/// Sessions that end in one transaction.
const BATCH: u32 = 50;

/// How somebody signs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// Every session of this person, in every browser.
    pub all: bool,
    /// A page will tell how far the services are.
    pub shown: Shown,
}

/// Whether a page tells of a sign-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It does where the person is to be warned: [`SignedOut::warns`].
    Warning,
}

/// Sessions that ended, and what may be said of their services by now.
#[derive(Clone, Debug)]
pub struct SignedOut {
    /// How many sessions ended.
    pub sessions: u64,
    /// All sessions of the person were meant.
    pub all: bool,
    /// The suffix of the institution that the person came from: its own session may go on.
    pub suffix: Option<String>,
    /// The institution, if it is still in the files.
    pub upstream: Option<Arc<Provider>>,
    /// It does not answer: nobody is sent there.
    pub silent: bool,
    /// The services, newest first.
    pub services: Vec<(ServiceUse, Told)>,
    /// By which [`look_back`] finds it again, where there is something to wait or to come back for.
    pub receipt: Option<TicketId>,
}

impl SignedOut {
    /// Whether the person has something to do at their institution, and must read so.
    pub fn warns(&self) -> bool {
        self.suffix.is_some() && is_to_be_told(self.upstream.as_deref(), self.silent)
    }
}

/// Whether people of this institution sign out there themselves. `None`: it is no longer in the files.
fn is_to_be_told(provider: Option<&Provider>, silent: bool) -> bool {
    provider.is_none_or(|provider| match provider.log_out {
        LogOut::Ask => true,
        // They would be sent there and see nothing of us any more.
        LogOut::Always => silent,
        LogOut::None => false,
    })
}

fn is_silent(app: &App, provider: Option<&Provider>) -> bool {
    provider.is_some_and(|provider| app.upstreams.silent_since(&provider.suffix).is_some())
}

/// Ends the session of this browser, or all sessions of its person. `None`: nothing was open.
///
/// Whoever comes with a session that is over by itself has no say about others: only that one ends.
pub async fn sign_out(app: &App, guest: &Guest, leaving: Leaving) -> Result<Option<SignedOut>, Error> {
    let now = app.clock.now();
    let Some(session) = guest.stored_session(app).await? else { return Ok(None) };
    let suffix = session.identity.source.provider();
    let shown = match leaving.shown {
        Shown::Yes => true,
        Shown::No => false,
        Shown::Warning => {
            let provider = |own: &Suffix| app.config.directory.find(own.as_str()).map(Arc::as_ref);
            let is_told = |provider| is_to_be_told(provider, is_silent(app, provider));
            suffix.is_some_and(|own| is_told(provider(own)))
        }
    };
    let receipt = shown.then(|| app.mint.sign_out_receipt());
    let all = leaving.all && !session.is_over(&app.config.lives, now);
    let end = End {
        receipt: receipt.as_ref().map(|receipt| TicketHash::of(receipt.expose())),
        all,
        now,
        done: SignOut {
            all,
            provider: suffix.map(|suffix| suffix.as_str().to_owned()),
            browser: suffix.map(|_| marked(guest)),
            ..SignOut::default()
        },
    };
    let done = end.carry_out(app, session.clone()).await?;
    app.outbox.notify_one();
    if done.sessions == 0 {
        return Ok(None);
    }
    tracing::info!(
        event = "logout",
        user = session.identity.username().as_str(),
        session = session.id.as_str(),
        sessions = done.sessions,
        "signed out"
    );
    let is_kept = is_kept(&done);
    let signed_out = signed_out(app, done, |used| match used.single_log_out {
        true => Told::BeingTold,
        false => Told::Yourself,
    });
    Ok(Some(SignedOut { receipt: receipt.filter(|_| is_kept), ..signed_out }))
}

/// The browser, as a stored sign-out knows it.
fn marked(guest: &Guest) -> String {
    TicketHash::of(guest.mark.as_str()).as_str().to_owned()
}

/// What there was to sign out of, and how far its services are now. Reads only. `None`: there is no such
/// receipt, it is too old, or the one of another browser.
pub async fn look_back(app: &App, guest: &Guest, receipt: &str) -> Result<Option<SignedOut>, Error> {
    let Ok(receipt) = TicketId::parse(receipt) else { return Ok(None) };
    let now = app.clock.now();
    let hash = TicketHash::of(receipt.expose());
    let mut read = app.store.read().await?;
    let Some(done) = sign_outs::find(&mut read, &hash, now.plus(-SIGN_OUT_SHOWN)).await? else {
        return Ok(None);
    };
    if done.browser.as_ref().is_some_and(|own| *own != marked(guest)) {
        return Ok(None);
    }
    let messages = outbox::of_receipt(&mut read, &hash).await?;
    drop(read);
    let signed_out = signed_out(app, done, |used| match messages.get(&used.rule) {
        _ if !used.single_log_out => Told::Yourself,
        Some(messages) => Messages::told(messages, &app.config.logout.retry, now),
        // An operator dropped it.
        None => Told::NoAnswer,
    });
    Ok(Some(SignedOut { receipt: Some(receipt), ..signed_out }))
}

/// Where somebody may go after signing out: a registered service that is open, or nowhere.
pub fn way_back(app: &App, service: Option<&str>) -> Option<Destination> {
    let found = app.config.rules.destination(service?).ok();
    found.filter(|found| found.rule.is_open(app.clock.now()))
}

/// Whether somebody may look at it again: services are being told, or there is an institution to sign out of
/// and to come back from.
fn is_kept(done: &SignOut) -> bool {
    done.provider.is_some() || done.services.iter().any(|used| used.single_log_out)
}

fn signed_out(app: &App, done: SignOut, told: impl Fn(&ServiceUse) -> Told) -> SignedOut {
    let provider = done.provider.as_deref().and_then(|suffix| app.config.directory.find(suffix)).cloned();
    SignedOut {
        sessions: done.sessions,
        all: done.all,
        suffix: done.provider,
        silent: is_silent(app, provider.as_deref()),
        upstream: provider,
        services: done.services.into_iter().map(|used| (used.clone(), told(&used))).collect(),
        receipt: None,
    }
}

/// What will be written: plain values, since the store may run a write again.
#[derive(Clone)]
struct End {
    receipt: Option<TicketHash>,
    all: bool,
    now: Timestamp,
    done: SignOut,
}

impl End {
    /// Ends the session at hand first, then in batches whatever others there are.
    async fn carry_out(mut self, app: &App, session: SsoSession) -> Result<SignOut, StoreError> {
        let session = Arc::new(session);
        let mut others = false;
        loop {
            let (plan, session) = (Arc::new(self.clone()), Arc::clone(&session));
            let before = self.done.sessions;
            self.done = app
                .store
                .write(move |tx| {
                    let (plan, session) = (Arc::clone(&plan), Arc::clone(&session));
                    Box::pin(async move { plan.step(tx, &session, others).await })
                })
                .await?;
            if !self.all || (others && self.done.sessions - before < u64::from(BATCH)) {
                return Ok(self.done);
            }
            others = true;
        }
    }

    async fn step(&self, tx: &mut Tx, session: &SsoSession, others: bool) -> Result<SignOut, StoreError> {
        let ids: Vec<SessionId> = match others {
            true => sessions::of_person(tx, &session.identity, BATCH).await?,
            false => vec![session.id.clone()],
        };
        let farewell = self.receipt.as_ref().map_or(Farewell::Told, Farewell::Asked);
        let mut done = self.done.clone();
        for id in &ids {
            let services = sessions::services(tx, id).await?;
            if sessions::end_with(tx, id, self.now, farewell).await? {
                done.sessions += 1;
                add(&mut done.services, services);
            }
        }
        if let Some(receipt) = &self.receipt
            && done.sessions > 0
            && is_kept(&done)
        {
            sign_outs::put(tx, receipt, self.now, &done).await?;
        }
        Ok(done)
    }
}

/// One line for each service, the newest first.
fn add(all: &mut Vec<ServiceUse>, further: Vec<ServiceUse>) {
    for used in further {
        match all.iter_mut().find(|known| known.rule == used.rule) {
            Some(known) => {
                known.single_log_out |= used.single_log_out;
                if known.at < used.at {
                    (known.at, known.service) = (used.at, used.service);
                }
            }
            None => all.push(used),
        }
    }
    all.sort_by(|a, b| (b.at, &a.rule).cmp(&(a.at, &b.rule)));
}
