//! A person leaves for their institution and comes back: the walk that the gateway exists for.
//!
//! CAS has no state of its own for this, so every sign-in under way is a stored handoff: the institution,
//! where the person wants to go, a random number that travels in the callback address, an end, and the
//! mark of the browser. It is accepted with all of them, and once.

use std::sync::Arc;

use crate::app::App;
use crate::client::Question;
use crate::domain::choice::accepts;
use crate::domain::code::Code;
use crate::domain::lifetimes::HANDOFF;
use crate::domain::provider::Provider;
use crate::domain::rules::Destination;
use crate::protocol::params::{LoginParams, Pairs};
use crate::protocol::ticket::TicketId;
use crate::protocol::time::Timestamp;
use crate::store::{Handoff, TicketHash, handoffs};
use crate::upstream::{Begun, Trouble};

use super::arrival::sign_in;
use super::open::{Opened, SignIn, open};
use super::{About, Error, Guest, Refused, login};

/// Longest ticket of an institution that is passed on to it, in bytes.
const MAX_UPSTREAM_TICKET: usize = 1024;

/// Where `GET /federate/{suffix}` leads.
#[derive(Clone, Debug)]
pub enum Start {
    /// To the institution.
    Away(Leaving),
    /// Already signed in there: back to `/login`.
    GoOn,
}

/// Somebody on the way to an institution.
#[derive(Clone, Debug)]
pub struct Leaving {
    /// Its sign-in address, with our callback.
    pub url: String,
    /// The institution.
    pub provider: Arc<Provider>,
    /// What the return will bring back.
    pub handoff: TicketId,
}

/// Where a return leads.
#[derive(Clone, Debug)]
pub enum Return {
    /// Signed in: a new cookie, then `/login` with the parameters.
    SignedIn {
        /// The session.
        opened: Opened,
        /// The institution.
        provider: Arc<Provider>,
        /// The parameters that the sign-in began with.
        asked: LoginParams,
    },
    /// A return that was met before, by somebody who is signed in: `/login` with the parameters.
    GoOn {
        /// The parameters that the sign-in began with.
        asked: LoginParams,
    },
    /// The institution sent nobody: the selection page.
    Choose {
        /// The parameters that the sign-in began with.
        asked: LoginParams,
    },
}

/// The institution of a suffix, if it may be used for the destination.
pub fn usable(app: &App, suffix: &str, destination: Option<&Destination>) -> Result<Arc<Provider>, Refused> {
    let Some(provider) = app.config.directory.find(suffix) else {
        return Err(Refused::new(Code::ProviderUnknown, "no such provider"));
    };
    let code = if provider.disabled {
        Code::ProviderDisabled
    } else if !accepts(destination.map(|d| d.rule.as_ref()), provider) {
        Code::ServiceProviderNotAllowed
    } else {
        return Ok(Arc::clone(provider));
    };
    let about = About {
        destination: destination.cloned(),
        account: Some(provider.name.clone()),
        provider: Some(Arc::clone(provider)),
        ..About::default()
    };
    Err(Refused::new(code, "the provider may not be used").about(about))
}

/// Somebody follows the link of an institution.
pub async fn start(app: &App, guest: &Guest, suffix: &str, asked: &LoginParams) -> Result<Start, Error> {
    let now = app.clock.now();
    let destination = login::destination(app, asked)?;
    if destination.as_ref().is_some_and(|destination| !destination.rule.is_open(now)) {
        let about = About { destination, ..About::default() };
        return Err(Refused::new(Code::ServiceDisabled, "the service is switched off").about(about).into());
    }
    let with_retry = |mut refused: Refused| {
        refused.about.retry = Some(asked.clone());
        refused
    };
    let provider = usable(app, suffix, destination.as_ref()).map_err(with_retry)?;
    if asked.gateway && !asked.renew && destination.is_some() {
        // No interaction is wanted: `/login` knows what that means.
        return Ok(Start::GoOn);
    }
    let session = guest.session(app, now).await?;
    let here = session.filter(|s| s.identity.source.provider() == Some(&provider.suffix));
    let renew = login::renews_upstream(asked, destination.as_ref(), here.as_ref(), now);
    let is_there = here.is_some();
    if is_there && !renew {
        return Ok(Start::GoOn);
    }
    Ok(Start::Away(leave(app, guest, provider, asked, renew, now).await?))
}

/// Stores a handoff and gives the address at the institution, which is to ask for credentials if `renew`.
pub async fn leave(
    app: &App,
    guest: &Guest,
    provider: Arc<Provider>,
    asked: &LoginParams,
    renew: bool,
    now: Timestamp,
) -> Result<Leaving, Error> {
    // An institution that always asks is asked to, and to confirm that.
    let renew = renew || provider.approach.renew;
    let id = app.mint.handoff();
    let callback = callback(app, &provider, id.expose());
    let Some(url) = app.upstreams.leave(&provider, &callback, renew, false) else {
        return Err(Refused::new(Code::ProviderUnknown, "the provider has no way").into());
    };
    let handoff = Arc::new(Handoff {
        id: TicketHash::of(id.expose()),
        provider: provider.suffix.clone(),
        url: provider.url.clone(),
        protocol: provider.protocol,
        browser: TicketHash::of(guest.mark.as_str()),
        query: asked.to_query(),
        renew,
        shared: asked.shared,
        created_at: now,
        expires_at: now.plus(HANDOFF),
        used_at: None,
    });
    app.store
        .write(move |tx| {
            let handoff = Arc::clone(&handoff);
            Box::pin(async move { handoffs::insert(tx, &handoff).await })
        })
        .await?;
    tracing::debug!(provider = provider.suffix.as_str(), "left for the institution");
    Ok(Leaving { url, provider, handoff: id })
}

/// Built from `public_url` alone, with the one parameter that upstreams keep as it is.
fn callback(app: &App, provider: &Provider, id: &str) -> String {
    app.config.server.public_url.at(&format!("/federate/{}?h={id}", provider.suffix))
}

/// A browser comes back from an institution.
///
/// In: the suffix of the path, the handoff and the ticket of the query. Errors: every kind of trouble
/// ends on a page, never in an automatic way back.
pub async fn come_back(
    app: &App,
    guest: &Guest,
    suffix: &str,
    h: &str,
    ticket: Option<&str>,
) -> Result<Return, Error> {
    let now = app.clock.now();
    let Ok(id) = TicketId::parse(h) else { return Err(lost(None).into()) };
    let hash = TicketHash::of(id.expose());
    let provider =
        app.config.directory.find(suffix).ok_or_else(|| {
            Refused::new(Code::ProviderUnknown, "a return of a provider that does not exist")
        })?;
    let brought = ticket.map(TicketHash::of);
    let Some(handoff) = use_up(app, guest, provider, (hash.clone(), brought), now).await? else {
        return met_again(app, guest, &hash, now).await;
    };
    let asked = params(&handoff);
    if provider.disabled {
        return Err(usable(app, suffix, None).err().unwrap_or_else(|| lost(None)).into());
    }
    let Some(ticket) = ticket.filter(|ticket| ticket.len() <= MAX_UPSTREAM_TICKET) else {
        return Ok(Return::Choose { asked });
    };
    let trouble = |trouble: Trouble| refused(provider, &asked, trouble, app);
    let begun = Begun { suffix: &provider.suffix, url: &handoff.url, protocol: handoff.protocol };
    let callback = callback(app, provider, id.expose());
    let question = Question { renew: handoff.renew, ..Question::new(ticket, &callback) };
    let principal = app.upstreams.redeem(begun, question, now).await.map_err(trouble)?;
    if handoff.renew && principal.new_login == Some(false) {
        return Err(trouble(Trouble::unconfirmed("renew was asked for and not met")).into());
    }
    let sign_in = sign_in(app, provider, &handoff, &asked, principal, ticket, now).map_err(trouble)?;
    // There is no form of ours with a box: the link of the request counts, or the wish from before.
    let sign_in = SignIn { warn: asked.warn || guest.warn, ..sign_in };
    let opened = open(app, guest, sign_in, now).await.map_err(|error| match error {
        Error::Refusal(no) => trouble(Trouble { code: no.code, reason: no.reason }).into(),
        fault @ Error::Fault(_) => fault,
    })?;
    Ok(Return::SignedIn { opened, provider: Arc::clone(provider), asked })
}

async fn use_up(
    app: &App,
    guest: &Guest,
    provider: &Arc<Provider>,
    (id, ticket): (TicketHash, Option<TicketHash>),
    now: Timestamp,
) -> Result<Option<Handoff>, Error> {
    let (browser, provider) = (TicketHash::of(guest.mark.as_str()), Arc::clone(provider));
    let used = app
        .store
        .write(move |tx| {
            let (id, browser, provider) = (id.clone(), browser.clone(), Arc::clone(&provider));
            let ticket = ticket.clone();
            Box::pin(async move {
                handoffs::use_up(tx, &id, &provider.suffix, &browser, ticket.as_ref(), now).await
            })
        })
        .await?;
    Ok(used)
}

/// A handoff that cannot be used: somebody signed in meets their own again (back, reload) and goes on;
/// for everybody else the sign-in is lost. Of another browser's handoff nothing is told.
async fn met_again(app: &App, guest: &Guest, id: &TicketHash, now: Timestamp) -> Result<Return, Error> {
    let found = {
        let mut read = app.store.read().await?;
        handoffs::find(&mut read, id).await?
    };
    let own = found.filter(|handoff| handoff.browser == TicketHash::of(guest.mark.as_str()));
    let Some(handoff) = own else { return Err(lost(None).into()) };
    let asked = params(&handoff);
    let session = guest.session(app, now).await?;
    let was_this = session.is_some_and(|s| s.identity.source.provider() == Some(&handoff.provider));
    if handoff.used_at.is_some() && was_this {
        return Ok(Return::GoOn { asked });
    }
    Err(lost(Some(asked)).into())
}

fn params(handoff: &Handoff) -> LoginParams {
    // The text is our own: it was written by `LoginParams::to_query`.
    Pairs::parse(handoff.query.as_bytes()).and_then(|pairs| LoginParams::read(&pairs)).unwrap_or_default()
}

fn lost(asked: Option<LoginParams>) -> Refused {
    Refused::new(Code::UpstreamStateLost, "the handoff is unknown, used, expired or of another browser")
        .about(About { retry: asked, ..About::default() })
}

fn refused(provider: &Arc<Provider>, asked: &LoginParams, trouble: Trouble, app: &App) -> Refused {
    let about = About {
        destination: login::destination(app, asked).ok().flatten(),
        account: Some(provider.name.clone()),
        provider: Some(Arc::clone(provider)),
        retry: Some(asked.clone()),
        ..About::default()
    };
    Refused::new(trouble.code, trouble.reason).about(about)
}
