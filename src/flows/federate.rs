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
use crate::domain::provider::{Provider, StateIn};
use crate::domain::rules::Destination;
use crate::domain::trips::Trips;
use crate::protocol::params::{LoginParams, Pairs, push_pair};
use crate::protocol::ticket::{TicketId, could_be_foreign};
use crate::protocol::time::Timestamp;
use crate::store::{ComeBack, Handoff, TicketHash, handoffs};
use crate::upstream::{Begun, Trouble};

use super::arrival::sign_in;
use super::open::{Opened, SignIn, open};
use super::{About, Error, Guest, Refused, jump, login};

/// Marks the parameters of a handoff whose institution was asked in silence.
const SILENT: &str = "silent";

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
    /// The count of departures that nobody pressed a button for, where this is one.
    pub trips: Option<Trips>,
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
    /// An institution that was asked in silence knows nobody: back to the service, as if it had not been asked.
    Without {
        /// The service.
        destination: Destination,
    },
    /// The institution sent nobody: the selection page.
    Choose {
        /// The institution.
        provider: Arc<Provider>,
        /// The parameters that the sign-in began with.
        asked: LoginParams,
    },
}

/// The institution of a suffix, if it may be used for the destination.
pub fn usable(app: &App, suffix: &str, destination: Option<&Destination>) -> Result<Arc<Provider>, Refused> {
    let Some(provider) = app.config.directory.find(suffix) else {
        let about = About { destination: destination.cloned(), ..About::default() };
        return Err(Refused::new(Code::ProviderUnknown, "no such provider").about(about));
    };
    let code = if provider.disabled {
        Code::ProviderDisabled
    } else if !accepts(destination.map(|d| d.rule.as_ref()), provider) {
        Code::ServiceProviderNotAllowed
    } else {
        return Ok(Arc::clone(provider));
    };
    let about = About { destination: destination.cloned(), ..About::of(provider) };
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
    // A link on a page of ours was pressed by somebody; any other may be followed without a hand.
    let trips = match guest.from_us {
        true => None,
        false => Some(jump::count(guest, &provider, asked, destination.as_ref(), now)?),
    };
    let leaving = leave(app, guest, provider, asked, renew, now).await?;
    Ok(Start::Away(Leaving { trips, ..leaving }))
}

/// Stores a handoff and gives the address at the institution, which is to ask for credentials if `renew`, or if
/// its entry wants that always.
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
    depart(app, guest, provider, guest.wishes(asked).to_query(), (renew, false), now).await
}

/// Like [`leave`], to ask in silence: who is not signed in there comes back with empty hands, and goes on to
/// the service with them. Nobody asks in silence to stay signed in.
pub async fn leave_in_silence(
    app: &App,
    guest: &Guest,
    provider: Arc<Provider>,
    asked: &LoginParams,
    now: Timestamp,
) -> Result<Leaving, Error> {
    let mut query = LoginParams { remember_me: false, ..asked.clone() }.to_query();
    push_pair(&mut query, SILENT, "true");
    depart(app, guest, provider, query, (false, true), now).await
}

async fn depart(
    app: &App,
    guest: &Guest,
    provider: Arc<Provider>,
    query: String,
    (renew, gateway): (bool, bool),
    now: Timestamp,
) -> Result<Leaving, Error> {
    let id = app.mint.handoff();
    let callback = callback(app, &provider, id.expose(), provider.approach.state_in);
    let Some(url) = app.upstreams.leave(&provider, &callback, renew, gateway) else {
        return Err(Refused::new(Code::ProviderUnknown, "the provider has no way").into());
    };
    let handoff = Handoff {
        id: TicketHash::of(id.expose()),
        provider: provider.suffix.clone(),
        url: provider.url.clone(),
        protocol: provider.protocol,
        browser: TicketHash::of(guest.mark.as_str()),
        query,
        renew,
        created_at: now,
        expires_at: now.plus(HANDOFF),
        used_at: None,
    };
    app.store.leave(handoff).await?;
    tracing::debug!(provider = provider.suffix.as_str(), "left for the institution");
    Ok(Leaving { url, provider, handoff: id, trips: None })
}

/// Built from `public_url` alone, with the one parameter that upstreams keep as it is, or with none.
fn callback(app: &App, provider: &Provider, id: &str, state_in: StateIn) -> String {
    let path = match state_in {
        StateIn::Url => format!("/federate/{}?h={id}", provider.suffix),
        StateIn::Cookie => format!("/federate/{}/return", provider.suffix),
    };
    app.config.server.public_url.at(&path)
}

/// Where an institution hands proxy-granting tickets over, if it is asked to. The same for all sign-ins: it
/// stands in what targets are told, and they compare it.
fn pgt_url(app: &App, provider: &Provider) -> Option<String> {
    let path = format!("/federate/{}/callback", provider.suffix);
    provider.grants().then(|| app.config.server.public_url.at(&path))
}

/// A browser comes back from an institution.
///
/// In: the suffix of the path, the handoff, how that travelled (the ticket is for that callback address and
/// no other), the ticket of the query. Errors: every kind of trouble ends on a page, never in an automatic
/// way back.
pub async fn come_back(
    app: &App,
    guest: &Guest,
    suffix: &str,
    h: &str,
    state_in: StateIn,
    ticket: Option<&str>,
) -> Result<Return, Error> {
    let now = app.clock.now();
    let Ok(id) = TicketId::parse(h) else { return Err(lost(About::default()).into()) };
    let hash = TicketHash::of(id.expose());
    let Some(provider) = app.config.directory.find(suffix) else {
        let own = own(guest, found(app, &hash).await?);
        let about = own.map(|handoff| about(app, &Kept::of(&handoff).by_hand())).unwrap_or_default();
        let reason = "a return of a provider that does not exist";
        return Err(Refused::new(Code::ProviderUnknown, reason).about(about).into());
    };
    let attempt = ComeBack {
        id: hash.clone(),
        provider: provider.suffix.clone(),
        browser: TicketHash::of(guest.mark.as_str()),
        ticket: ticket.map(TicketHash::of),
        now,
    };
    let Some(handoff) = app.store.come_back(attempt).await? else {
        return met_again(app, guest, &hash, ticket, now).await;
    };
    let kept = Kept::of(&handoff);
    let by_hand = kept.by_hand();
    let trouble = |trouble: Trouble| refused(provider, &by_hand, trouble, app);
    if provider.disabled {
        let off = Trouble { code: Code::ProviderDisabled, reason: "switched off meanwhile".to_owned() };
        return Err(trouble(off).into());
    }
    let Kept { asked, silent } = kept;
    let Some(ticket) = ticket.filter(|ticket| could_be_foreign(ticket)) else {
        return match login::destination(app, &asked)? {
            Some(destination) if silent => Ok(Return::Without { destination }),
            _ => {
                let provider = Arc::clone(provider);
                let suffix = provider.suffix.as_str();
                tracing::info!(event = "returned.without", provider = suffix, "came back without a ticket");
                Ok(Return::Choose { provider, asked })
            }
        };
    };
    let begun = Begun { suffix: &provider.suffix, url: &handoff.url, protocol: handoff.protocol };
    let callback = callback(app, provider, id.expose(), state_in);
    let pgt_url = pgt_url(app, provider);
    let question =
        Question { renew: handoff.renew, pgt_url: pgt_url.as_deref(), ..Question::new(ticket, &callback) };
    // On the heap, since most of what happens here does not wait for anybody.
    let principal = Box::pin(app.upstreams.redeem(begun, question, now)).await.map_err(trouble)?;
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

/// A handoff that cannot be used: somebody signed in meets their own again (back, reload) and goes on;
/// for everybody else the sign-in is lost.
async fn met_again(
    app: &App,
    guest: &Guest,
    id: &TicketHash,
    ticket: Option<&str>,
    now: Timestamp,
) -> Result<Return, Error> {
    let found = found(app, id).await?;
    let session = guest.session(app, now).await?;
    if found.is_none() && session.is_some() {
        // An old one that is long gone. Nothing is taken from it, and somebody is signed in.
        return Ok(Return::GoOn { asked: LoginParams::default() });
    }
    let Some(handoff) = own(guest, found) else { return Err(lost(About::default()).into()) };
    let kept = Kept::of(&handoff);
    let is_somebody = session.is_some();
    let was_this = session.is_some_and(|s| s.identity.source.provider() == Some(&handoff.provider));
    if handoff.used_at.is_some() && was_this {
        return Ok(Return::GoOn { asked: kept.asked });
    }
    // Empty hands prove nothing and cost nothing: they may come again, and late.
    if ticket.is_none()
        && kept.silent
        && let Some(destination) = login::destination(app, &kept.asked)?
    {
        return Ok(match is_somebody {
            true => Return::GoOn { asked: kept.asked },
            false => Return::Without { destination },
        });
    }
    Err(lost(about(app, &kept.by_hand())).into())
}

/// A handoff, good or not.
async fn found(app: &App, id: &TicketHash) -> Result<Option<Handoff>, Error> {
    let mut read = app.store.read().await?;
    Ok(handoffs::find(&mut read, id).await?)
}

/// Of another browser's handoff nothing is told.
fn own(guest: &Guest, found: Option<Handoff>) -> Option<Handoff> {
    found.filter(|handoff| handoff.browser == TicketHash::of(guest.mark.as_str()))
}

/// What a sign-in under way began with.
struct Kept {
    asked: LoginParams,
    /// The institution was asked in silence.
    silent: bool,
}

impl Kept {
    fn of(handoff: &Handoff) -> Self {
        // The text is our own: `LoginParams::to_query` wrote it, and `leave_in_silence`.
        let pairs = Pairs::parse(handoff.query.as_bytes()).unwrap_or_default();
        Self { asked: LoginParams::read(&pairs).unwrap_or_default(), silent: pairs.first(SILENT).is_some() }
    }

    /// The parameters for the buttons of a page of ours: whoever reads it is asked by now, so what they begin is
    /// no silent trip.
    fn by_hand(&self) -> LoginParams {
        LoginParams { gateway: self.asked.gateway && !self.silent, ..self.asked.clone() }
    }
}

fn lost(about: About) -> Refused {
    Refused::new(Code::UpstreamStateLost, "the handoff is unknown, used, expired or of another browser")
        .about(about)
}

/// Where somebody wanted to go, and with what they can try again.
fn about(app: &App, asked: &LoginParams) -> About {
    let destination = login::destination(app, asked).ok().flatten();
    About { destination, retry: Some(asked.clone()), ..About::default() }
}

fn refused(provider: &Arc<Provider>, asked: &LoginParams, trouble: Trouble, app: &App) -> Refused {
    let About { destination, retry, .. } = about(app, asked);
    let about = About { destination, retry, ..About::of(provider) };
    Refused::new(trouble.code, trouble.reason).about(about)
}
