//! The session that every sign-in ends in.

use std::sync::Arc;

use crate::app::App;
use crate::domain::code::Code;
use crate::domain::identity::{Identity, Suffix};
use crate::domain::lifetimes::FRESH;
use crate::domain::session::{Fresh, SessionId, SsoSession};
use crate::protocol::attributes::Attributes;
use crate::protocol::params::LoginParams;
use crate::protocol::ticket::TicketId;
use crate::protocol::time::Timestamp;
use crate::store::{
    NewSession, StoreError, TicketHash, Tx, accounts, federated, handoffs, sessions, upstream_grants,
};

use super::{Error, Guest, Refused};

/// Credentials were given and believed.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Who.
    pub identity: Identity,
    /// What their source says of them.
    pub attributes: Attributes,
    /// When credentials were given.
    pub authenticated_at: Timestamp,
    /// The sign-in stands on a remembered one.
    pub long_term: bool,
    /// Stay signed in: other limits hold for the session. See [`may_remember`].
    pub remembered: bool,
    /// The computer is a shared one: nothing from before is remembered either.
    pub shared: bool,
    /// Ask before each service.
    pub warn: bool,
    /// The service for which fresh credentials were given; empty: for none.
    pub fresh_for: Option<String>,
    /// For how many seconds the session lives at the most, whatever holds for others.
    pub lasts: Option<i64>,
    /// The institution and the hash of its ticket, by which it will name the session when it ends there.
    pub upstream: Option<(Suffix, TicketHash)>,
    /// The hash of its receipt for a proxy-granting ticket that it handed over.
    pub receipt: Option<TicketHash>,
    /// When the password was set that was checked, for an account of our own.
    pub password_at: Option<Timestamp>,
}

/// A session that was just signed in to.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The value of the new cookie.
    pub cookie: TicketId,
    /// For how many seconds the browser keeps it; `None`: until it closes.
    pub keeps: Option<i64>,
    /// The person is asked before each service.
    pub warn: bool,
}

/// Whether somebody stays signed in who asks for this: where it is allowed, and never on a shared computer
/// (CAS 3.0 §4.1).
pub fn may_remember(app: &App, asked: &LoginParams) -> bool {
    asked.remember_me && !asked.shared && app.config.lives.remembered.is_some()
}

/// Starts a session, or carries the one of the same person on, under a new cookie.
///
/// An older session of somebody else in this browser ends first, its services will be told. Out: the
/// new cookie; an identifier that we did not issue is never taken over. Refusals: the institution has ended
/// what the sign-in stands on, and nothing has changed.
pub async fn open(app: &App, guest: &Guest, sign_in: SignIn, now: Timestamp) -> Result<Opened, Error> {
    let reason = "the institution ended the session meanwhile";
    let refused = || Refused::new(Code::UpstreamTicketRejected, reason).into();
    try_open(app, guest, sign_in, now).await?.ok_or_else(refused)
}

/// The same. Out: `None`, and nothing has changed, where what the sign-in stands on is gone: the institution has
/// ended it, or the account of our own is switched off or has another password by now.
pub(super) async fn try_open(
    app: &App,
    guest: &Guest,
    sign_in: SignIn,
    now: Timestamp,
) -> Result<Option<Opened>, Error> {
    let cookie = app.mint.session_cookie();
    let old = guest.stored_session(app).await?;
    let plan = Arc::new(Plan::new(app, guest, old, sign_in, &cookie, now));
    let opened = match plan.new_session() {
        Some(new) => app.store.sign_in(new).await?,
        None => write(app, Arc::clone(&plan)).await?,
    };
    if !opened {
        return Ok(None);
    }
    if plan.ends.is_some() {
        app.outbox.notify_one();
    }
    let session = &plan.session;
    tracing::info!(
        event = "login.ok",
        user = session.identity.username().as_str(),
        source = session.identity.source.label(),
        session = session.id.as_str(),
        ip = session.ip,
        "signed in"
    );
    // No longer than the session lives: what is left in the browser then means nothing.
    let lasts = session.ends_at.map(|end| end.seconds() - now.seconds());
    let keeps = app.config.lives.remembered.filter(|_| session.remembered);
    let keeps = keeps.map(|own| lasts.map_or(own, |most| most.min(own)));
    Ok(Some(Opened { cookie, keeps, warn: session.warn }))
}

async fn write(app: &App, plan: Arc<Plan>) -> Result<bool, StoreError> {
    app.store
        .write(move |tx| {
            let plan = Arc::clone(&plan);
            Box::pin(async move { plan.carry_out(tx).await })
        })
        .await
}

/// What will be written: plain values, since the store may run a write again.
struct Plan {
    session: SsoSession,
    cookie: TicketHash,
    carries_on: bool,
    ends: Option<SessionId>,
    upstream: Option<(Suffix, TicketHash)>,
    receipt: Option<TicketHash>,
    password_at: Option<Timestamp>,
    now: Timestamp,
}

impl Plan {
    fn new(
        app: &App,
        guest: &Guest,
        old: Option<SsoSession>,
        sign_in: SignIn,
        cookie: &TicketId,
        now: Timestamp,
    ) -> Self {
        let carried = old
            .as_ref()
            .filter(|old| old.identity == sign_in.identity && !old.is_over(&app.config.lives, now));
        // Whoever only confirms who they are does not say that the device shall forget them.
        let remembered = sign_in.remembered || (!sign_in.shared && carried.is_some_and(|old| old.remembered));
        // At an institution there is no box to untick: the wish of the session goes on.
        let has_no_box = sign_in.upstream.is_some();
        let warn = sign_in.warn || (has_no_box && carried.is_some_and(|old| old.warn));
        let fresh = sign_in.fresh_for.map(|service| Fresh { service, until: now.plus(FRESH) });
        let session = SsoSession {
            id: carried.map_or_else(|| SessionId(app.mint.row(now)), |old| old.id.clone()),
            identity: sign_in.identity,
            attributes: sign_in.attributes,
            authenticated_at: sign_in.authenticated_at,
            signed_in_at: now,
            last_seen: now,
            long_term: sign_in.long_term || remembered,
            remembered,
            warn,
            ends_at: sign_in.lasts.map(|seconds| now.plus(seconds)),
            // Answers of somebody who signs in again hold on; `renew` leaves the column alone.
            unasked: carried.map(|old| old.unasked.clone()).unwrap_or_default(),
            fresh,
            ip: guest.ip.clone(),
            browser: guest.browser.clone(),
        };
        let carries_on = carried.is_some();
        let leaves_old = !app.config.session.single_identity
            && old.as_ref().is_some_and(|old| !old.is_over(&app.config.lives, now));
        let ends = old.filter(|_| !carries_on && !leaves_old).map(|old| old.id);
        Self {
            session,
            cookie: TicketHash::of(cookie.expose()),
            carries_on,
            ends,
            upstream: sign_in.upstream,
            receipt: sign_in.receipt,
            password_at: sign_in.password_at,
            now,
        }
    }

    /// The most frequent plan, which needs no transaction of its own: somebody comes with nothing from before, and
    /// has no account of ours that notes the sign-in.
    fn new_session(&self) -> Option<NewSession> {
        let is_new = !self.carries_on && self.ends.is_none() && self.receipt.is_none();
        (is_new && self.password_at.is_none()).then(|| NewSession {
            session: self.session.clone(),
            cookie: self.cookie.clone(),
            ticket: self.upstream.as_ref().map(|(_, ticket)| ticket.clone()),
        })
    }

    /// Out: false, and nothing is written, where what it stands on is gone.
    async fn carry_out(&self, tx: &mut Tx) -> Result<bool, StoreError> {
        // First of all: whoever switches the account off, or changes its password, writes this row first too.
        if let Some(password_at) = self.password_at
            && !accounts::signed_in(tx, &self.session.identity.name, password_at, self.now).await?
        {
            return Ok(false);
        }
        // First of all: a message that ends it takes these rows in the same order.
        if let Some((suffix, ticket)) = &self.upstream
            && handoffs::has_ended(tx, suffix, ticket).await?
        {
            return Ok(false);
        }
        if let Some(old) = &self.ends {
            sessions::end(tx, old, self.now).await?;
        }
        let kept = self.carries_on && sessions::renew(tx, &self.session, &self.cookie).await?;
        if !kept {
            sessions::insert(tx, &self.session, &self.cookie).await?;
        }
        if let Some((suffix, ticket)) = &self.upstream {
            let who = &self.session.identity;
            federated::remember(tx, suffix, &who.name, &self.session.attributes, self.now).await?;
            federated::link(tx, suffix, ticket, &self.session.id).await?;
            if let Some(receipt) = &self.receipt {
                upstream_grants::assign(tx, receipt, suffix, &self.session.id, self.now).await?;
            }
        }
        Ok(true)
    }
}
