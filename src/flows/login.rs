//! `/login` (CAS 3.0 §2.1, §2.2): gathers facts, asks the dispatcher, carries out what it says.

use std::sync::Arc;

use crate::app::App;
use crate::config::LocalAccount;
use crate::domain::choice::{Offered, accepts};
use crate::domain::code::Code;
use crate::domain::identity::{Source, Suffix};
use crate::domain::login::{Facts, Local, LoginStep, Named, Why, next_step};
use crate::domain::provider::Provider;
use crate::domain::release::{Around, Denied, Released, enter};
use crate::domain::rules::Destination;
use crate::domain::service_rule::ServiceRule;
use crate::domain::session::SsoSession;
use crate::protocol::delivery::Delivery;
use crate::protocol::params::LoginParams;
use crate::protocol::ticket::TicketId;
use crate::protocol::time::Timestamp;
use crate::store::people::{self, Device};
use crate::store::{ServiceUse, sessions};

use super::federate::Leaving;
use super::known::refreshed;
use super::{About, Error, Fault, Guest, Refused, federate, issue, jump, no_way};

/// Most sessions of the person that the page of somebody who is signed in looks at: those used last.
const MAX_DEVICES: u32 = 20;

/// Where `/login` leads.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// To the service, with a ticket or (gateway) without.
    Exit {
        /// Where to.
        destination: Destination,
        /// What goes with it.
        ticket: Option<TicketId>,
        /// How it travels.
        delivery: Delivery,
    },
    /// To an institution.
    Away(Leaving),
    /// The page of somebody who is signed in.
    SignedIn(Box<SignedIn>),
    /// The selection page.
    Choose(Box<Choice>),
    /// The form of the local accounts.
    Password(Box<Choice>),
    /// The page that asks before a service.
    Warn {
        /// Where to.
        destination: Destination,
        /// Who.
        session: Box<SsoSession>,
        /// What the service would be told.
        released: Released,
    },
    /// Nothing is set up yet.
    Operator,
}

/// What the signed-in page shows.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The session.
    pub session: SsoSession,
    /// The institution, if it is still known.
    pub provider: Option<Arc<Provider>>,
    /// The services of the session, newest first.
    pub services: Vec<ServiceUse>,
    /// Sessions of the same person on other devices, the one used last first.
    pub elsewhere: Vec<Device>,
    /// Until when at the latest.
    pub until: Option<Timestamp>,
    /// There is an institution to change to.
    pub may_change: bool,
    /// Now.
    pub now: Timestamp,
}

/// What the selection page and the password form show.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Why it asks.
    pub why: Why,
    /// Where the person wants to go.
    pub destination: Option<Destination>,
    /// The institutions.
    pub offered: Offered,
    /// Whether local accounts are on the page.
    pub local: bool,
    /// Somebody is signed in who is asked before each service.
    pub warned: bool,
    /// The account that is signed in, by the name of its institution or back-end.
    pub signed_in_from: Option<String>,
    /// What somebody with a local account typed to sign in.
    pub local_user: Option<String>,
    /// Now.
    pub now: Timestamp,
}

/// Everything that was looked up for one request.
struct Lookup {
    now: Timestamp,
    session: Option<SsoSession>,
    destination: Option<Destination>,
    entry: Option<Result<Released, Denied>>,
    offered: Offered,
    skipped_to: Option<Arc<Provider>>,
    passive: Option<Arc<Provider>>,
    own_provider: Option<Arc<Provider>>,
    named: Named,
    local: Local,
}

/// Somebody arrives at `/login`.
///
/// In: the guest, the parameters, whether the warn page was just answered. Errors: refusals with the page
/// they end on, faults of the database; a ticket is never given out unsaved.
pub async fn arrive(
    app: &App,
    guest: &Guest,
    asked: &LoginParams,
    confirmed: bool,
) -> Result<Outcome, Error> {
    let mut guest = guest.clone();
    // Twice at most: the second time as somebody whose session has just ended elsewhere.
    for _ in 0..2 {
        let lookup = look_up(app, &guest, asked).await?;
        let step = next_step(&facts(app, &lookup, asked, confirmed));
        if let Some(outcome) = carry_out(app, &guest, asked, lookup, step).await? {
            return Ok(outcome);
        }
        guest.cookie = None;
    }
    Err(Refused::new(Code::ServerError, "a session ended twice in one request").into())
}

/// The registered service of a request; a refusal that offers nothing but a way out otherwise.
pub fn destination(app: &App, asked: &LoginParams) -> Result<Option<Destination>, Refused> {
    let Some(service) = &asked.service else { return Ok(None) };
    app.config.rules.destination(service).map(Some).map_err(|code| {
        let about = About { address: Some(service.clone()), ..About::default() };
        Refused::new(code, "the service was refused").about(about)
    })
}

/// Whether fresh credentials are asked for: by the request, or by the entry of the service.
pub fn renews(asked: &LoginParams, destination: Option<&Destination>) -> bool {
    asked.renew || destination.is_some_and(|destination| destination.rule.renew)
}

/// Whether an institution is to ask for credentials: as [`renews`], and where those of the session are too
/// old for the service, since otherwise it would only tell their old date again.
pub fn renews_upstream(
    asked: &LoginParams,
    destination: Option<&Destination>,
    session: Option<&SsoSession>,
    now: Timestamp,
) -> bool {
    let is_old = |(destination, session): (&Destination, &SsoSession)| {
        destination.rule.wants_newer_login(session.authenticated_at, now)
    };
    renews(asked, destination) || destination.zip(session).is_some_and(is_old)
}

/// Whether local accounts may be used, for a service or at all. Hidden behind institutions they are only where
/// there are some.
pub fn local(app: &App, destination: Option<&Destination>) -> Local {
    let taken = app
        .backends
        .names()
        .any(|name| destination.is_none_or(|d| d.rule.accounts.take(&Source::Backend(name.to_owned()))));
    match app.config.federation.local_account {
        LocalAccount::Last | LocalAccount::Position if taken => Local::Offered,
        LocalAccount::Hidden if taken && app.config.directory.is_empty() => Local::Offered,
        LocalAccount::Hidden if taken => Local::Hidden,
        _ => Local::Off,
    }
}

/// Whether the person of a session may enter a service now, and what it is told.
pub fn entry(
    app: &App,
    rule: &ServiceRule,
    session: &SsoSession,
    now: Timestamp,
) -> Result<Released, Denied> {
    let who = &session.identity;
    let others = app.config.directory.suffixes_foreign_to(&who.source);
    let pseudonym = |user: &str, service: &str| app.mint.pseudonym(user, service);
    let provider_name = app.config.directory.of(&who.source).map(|provider| provider.name.as_str());
    enter(rule, who, &session.attributes, others, &Around { now, provider_name, pseudonym: &pseudonym })
}

async fn look_up(app: &App, guest: &Guest, asked: &LoginParams) -> Result<Lookup, Error> {
    let now = app.clock.now();
    let destination = destination(app, asked)?;
    let session = match guest.session(app, now).await? {
        Some(session) => Some(refreshed(app, session, now).await?),
        None => None,
    };
    let rule = destination.as_ref().map(|destination| destination.rule.as_ref());
    let entry = session.as_ref().zip(rule).map(|(session, rule)| entry(app, rule, session, now));
    let own_provider = session
        .as_ref()
        .and_then(|session| app.config.directory.of(&session.identity.source))
        .filter(|provider| !provider.disabled && accepts(rule, provider))
        .cloned();
    let local = local(app, destination.as_ref());
    let offered = app.config.directory.offered(rule);
    let named = named(app, asked, destination.as_ref(), local);
    let skipped_to = jump::skipped_to(app, guest, asked, destination.as_ref(), now);
    // Nobody is asked in silence who is there.
    let stranger = destination.as_ref().filter(|_| session.is_none());
    let passive = stranger.and_then(|d| jump::passive(app, guest, asked, d, now));
    Ok(Lookup { now, session, destination, entry, offered, skipped_to, passive, own_provider, named, local })
}

fn named(app: &App, asked: &LoginParams, destination: Option<&Destination>, local: Local) -> Named {
    let rule = destination.map(|destination| destination.rule.as_ref());
    match (asked.provider.as_deref(), asked.hint.as_deref()) {
        (Some("local"), _) if local == Local::Off => Named::Refused(Code::ServiceProviderNotAllowed),
        (Some("local"), _) => Named::Local,
        (Some(suffix), _) => match federate::usable(app, suffix, destination) {
            Ok(provider) => Named::Provider(provider),
            Err(refused) => Named::Refused(refused.code),
        },
        (None, Some(hint)) => {
            app.config.directory.by_hint(hint, rule).cloned().map_or(Named::Nobody, Named::Provider)
        }
        (None, None) => Named::Nobody,
    }
}

fn facts<'a>(app: &App, lookup: &'a Lookup, asked: &LoginParams, confirmed: bool) -> Facts<'a> {
    let service = asked.service.as_deref().unwrap_or("");
    let session = lookup.session.as_ref();
    Facts {
        now: lookup.now,
        destination: lookup.destination.as_ref(),
        session,
        denied: lookup.entry.as_ref().and_then(|entry| entry.as_ref().err()),
        fresh: session.is_some_and(|session| session.is_fresh_for(service, lookup.now)),
        confirmed,
        renew: asked.renew,
        service_renews: lookup.destination.as_ref().is_some_and(|destination| destination.rule.renew),
        gateway: asked.gateway,
        choose: asked.choose || asked.q.is_some(),
        named: lookup.named.clone(),
        offered: &lookup.offered,
        skipped_to: lookup.skipped_to.as_ref(),
        passive: lookup.passive.as_ref(),
        own_provider: lookup.own_provider.as_ref(),
        local: lookup.local,
        empty_house: app.config.directory.is_empty() && app.backends.is_empty(),
    }
}

/// Carries a step out. `None`: the session ended meanwhile.
async fn carry_out(
    app: &App,
    guest: &Guest,
    asked: &LoginParams,
    lookup: Lookup,
    step: LoginStep,
) -> Result<Option<Outcome>, Error> {
    Ok(Some(match (step, lookup.destination.clone()) {
        (LoginStep::Issue, Some(destination)) => return exit(app, asked, lookup, destination).await,
        (LoginStep::Warn, Some(destination)) => match (lookup.session, lookup.entry) {
            (Some(session), Some(Ok(released))) => {
                Outcome::Warn { destination, session: Box::new(session), released }
            }
            _ => return Ok(None),
        },
        (LoginStep::ReturnWithout, Some(destination)) => {
            Outcome::Exit { destination, ticket: None, delivery: Delivery::Redirect }
        }
        (LoginStep::LeaveFor(provider), _) => {
            let session = lookup.session.as_ref();
            let renew = renews_upstream(asked, lookup.destination.as_ref(), session, lookup.now);
            let trips = jump::count(guest, &provider, asked, lookup.destination.as_ref(), lookup.now)?;
            let leaving = federate::leave(app, guest, provider, asked, renew, lookup.now).await?;
            Outcome::Away(Leaving { trips: Some(trips), ..leaving })
        }
        (LoginStep::AskInSilence(provider), Some(destination)) => {
            ask_in_silence(app, guest, provider, asked, destination, lookup.now).await?
        }
        (LoginStep::ChooseProvider(why), _) => Outcome::Choose(Box::new(choice(app, lookup, why))),
        (LoginStep::AskPassword(why), _) => Outcome::Password(Box::new(choice(app, lookup, why))),
        (LoginStep::ShowOperator, _) => Outcome::Operator,
        (LoginStep::NoWay, destination) => return Err(no_way::refused(app, destination, asked).into()),
        (LoginStep::Refuse(code), _) => return Err(refusal(app, lookup, code, asked).into()),
        // Without a destination these mean the signed-in page.
        (
            LoginStep::ShowSignedIn
            | LoginStep::Issue
            | LoginStep::Warn
            | LoginStep::ReturnWithout
            | LoginStep::AskInSilence(_),
            _,
        ) => return signed_in(app, lookup).await,
    }))
}

/// Once to the institution, without anything that a person would see; straight back where that was tried too
/// often.
async fn ask_in_silence(
    app: &App,
    guest: &Guest,
    provider: Arc<Provider>,
    asked: &LoginParams,
    destination: Destination,
    now: Timestamp,
) -> Result<Outcome, Error> {
    let Some(trips) = jump::one_more(guest, &provider, Some(&destination), now) else {
        return Ok(Outcome::Exit { destination, ticket: None, delivery: Delivery::Redirect });
    };
    let leaving = federate::leave_in_silence(app, guest, provider, asked, now).await?;
    Ok(Outcome::Away(Leaving { trips: Some(trips), ..leaving }))
}

async fn exit(
    app: &App,
    asked: &LoginParams,
    lookup: Lookup,
    destination: Destination,
) -> Result<Option<Outcome>, Error> {
    let (Some(session), Some(Ok(released))) = (lookup.session, lookup.entry) else { return Ok(None) };
    touch(app, &session, lookup.now).await?;
    let renew = renews(asked, Some(&destination));
    let ticket = issue::issue(app, &session, &destination, released, renew, lookup.now).await?;
    // The request has the first word, then the entry of the service.
    let delivery = asked.method.unwrap_or(destination.rule.response);
    Ok(ticket.map(|ticket| Outcome::Exit { destination, ticket: Some(ticket), delivery }))
}

async fn signed_in(app: &App, lookup: Lookup) -> Result<Option<Outcome>, Error> {
    let Some(session) = lookup.session else { return Ok(None) };
    touch(app, &session, lookup.now).await?;
    let (services, all) = {
        let mut read = app.store.read().await?;
        let services = sessions::services(&mut read, &session.id).await?;
        (services, people::devices_of(&mut read, &session.identity, MAX_DEVICES).await?)
    };
    let lives = &app.config.lives;
    let is_other = |other: &Device| other.session != session.id && !other.span.is_over(lives, lookup.now);
    Ok(Some(Outcome::SignedIn(Box::new(SignedIn {
        provider: app.config.directory.of(&session.identity.source).cloned(),
        services,
        elsewhere: all.into_iter().filter(is_other).collect(),
        until: session.ends_at_the_latest(&app.config.lives),
        may_change: !lookup.offered.is_empty(),
        now: lookup.now,
        session,
    }))))
}

/// Notes a use, if the last one that was noted is old enough.
pub(super) async fn touch(app: &App, session: &SsoSession, now: Timestamp) -> Result<(), Fault> {
    if session.wants_touch(&app.config.lives, now) {
        let id = session.id.clone();
        app.store
            .write(move |tx| {
                let id = id.clone();
                Box::pin(async move { sessions::touch(tx, &id, now).await })
            })
            .await?;
    }
    Ok(())
}

fn choice(app: &App, lookup: Lookup, why: Why) -> Choice {
    Choice {
        why,
        warned: lookup.session.as_ref().is_some_and(|session| session.warn),
        signed_in_from: lookup.session.as_ref().map(|session| source_name(app, &session.identity.source)),
        local_user: lookup.session.as_ref().and_then(local_user),
        destination: lookup.destination,
        offered: lookup.offered,
        local: lookup.local == Local::Offered,
        now: lookup.now,
    }
}

fn local_user(session: &SsoSession) -> Option<String> {
    let identity = &session.identity;
    identity.source.provider().is_none().then(|| identity.username().as_str().to_owned())
}

/// What people call a source: the name of the institution; empty for a local account.
pub fn source_name(app: &App, source: &Source) -> String {
    match app.config.directory.of(source) {
        Some(provider) => provider.name.clone(),
        None => source.provider().map_or("", Suffix::as_str).to_owned(),
    }
}

fn refusal(app: &App, lookup: Lookup, code: Code, asked: &LoginParams) -> Refused {
    let named = asked.provider.as_deref();
    let provider = named.and_then(|suffix| app.config.directory.find(suffix)).cloned();
    let attribute = match lookup.entry {
        Some(Err(Denied::Attribute { attribute })) => Some(attribute),
        Some(Err(Denied::Filter { attribute })) => {
            let explains = lookup.destination.as_ref().is_some_and(|d| d.rule.explain_filter);
            explains.then_some(attribute)
        }
        _ => None,
    };
    let source = lookup.session.as_ref().map(|session| source_name(app, &session.identity.source));
    let about = About {
        account: provider.as_ref().map(|provider| provider.name.clone()).or(source),
        destination: lookup.destination,
        provider,
        attribute,
        retry: Some(asked.clone()),
        ..About::default()
    };
    Refused::new(code, "the sign-in may not go on").about(about)
}
