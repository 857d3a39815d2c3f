//! The dispatcher of `/login`: facts in, the next step out.
//!
//! Steps never call each other. Each one ends in a redirect back to `/login` with the parameters of the
//! request, and the facts have changed by then (CAS 3.0 §2.1, §2.2).

use std::sync::Arc;

use super::code::Code;
use super::identity::Source;
use super::provider::Provider;
use super::release::Denied;
use super::rules::Destination;
use super::service_rule::{ServiceRule, Warn};
use super::session::SsoSession;
use crate::protocol::time::Timestamp;

/// Whether somebody may sign in with a local account, for this service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    /// No: there is no back-end, it is switched off, or the service takes none.
    Off,
    /// By `provider=local` only.
    Hidden,
    /// It is on the selection page.
    Offered,
}

/// What `provider=` or `hint=` of the request means.
#[derive(Clone, Debug)]
pub enum Named {
    /// Neither is there, or the hint tells nobody.
    Nobody,
    /// This institution; it may be used for this service.
    Provider(Arc<Provider>),
    /// The local accounts; they may be used for this service.
    Local,
    /// Something that cannot be used.
    Refused(Code),
}

/// Everything that the decision depends on.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// Now.
    pub now: Timestamp,
    /// Where the person wants to go: a registered service.
    pub destination: Option<&'a Destination>,
    /// The session of this browser, if it is still good.
    pub session: Option<&'a SsoSession>,
    /// Whether its person may enter the destination.
    pub denied: Option<&'a Denied>,
    /// Credentials were just given for exactly this request.
    pub fresh: bool,
    /// The warn page was just answered with "continue".
    pub confirmed: bool,
    /// Parameter `renew`.
    pub renew: bool,
    /// The service asks for fresh credentials by its entry, whatever the request says.
    pub service_renews: bool,
    /// Parameter `gateway`.
    pub gateway: bool,
    /// The page was asked for, by `choose` or a search.
    pub choose: bool,
    /// Parameter `provider` or `hint`.
    pub named: Named,
    /// The institutions on the page for this service.
    pub offered: &'a [Arc<Provider>],
    /// The institution for which this browser skips the page, if nothing speaks against it now.
    pub skipped_to: Option<&'a Arc<Provider>>,
    /// The institution that may be asked in silence whether somebody is signed in there.
    pub passive: Option<&'a Arc<Provider>>,
    /// The institution of the session, if it may still be used for this service.
    pub own_provider: Option<&'a Arc<Provider>>,
    /// Local accounts.
    pub local: Local,
    /// Nothing is set up: no institution, no back-end.
    pub empty_house: bool,
}

/// Why a page asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Nobody is signed in.
    SignIn,
    /// The service asks to confirm who it is.
    Renewal,
    /// The same, and the institution that could ask the person is switched off, or gone.
    NotAsked,
    /// The service does not take the account that is signed in.
    AnotherAccount,
}

/// What `/login` does next.
#[derive(Clone, Debug)]
pub enum LoginStep {
    /// Tell the operator how to begin.
    ShowOperator,
    /// The page of somebody who is signed in.
    ShowSignedIn,
    /// The selection page.
    ChooseProvider(Why),
    /// The form of the local accounts.
    AskPassword(Why),
    /// To the institution.
    LeaveFor(Arc<Provider>),
    /// To the institution, which is to ask nothing (`gateway`).
    AskInSilence(Arc<Provider>),
    /// Ask before the ticket exists.
    Warn,
    /// A ticket, and back to the service.
    Issue,
    /// Back to the service without a ticket.
    ReturnWithout,
    /// Nothing is offered to sign in with.
    NoWay,
    /// A page that ends the way.
    Refuse(Code),
}

/// Decides what `/login` does next.
pub fn next_step(facts: &Facts<'_>) -> LoginStep {
    if facts.destination.is_some_and(|destination| !destination.rule.is_open(facts.now)) {
        return LoginStep::Refuse(Code::ServiceDisabled);
    }
    match facts.session {
        Some(session) => with_session(facts, session),
        // renew beats gateway; gateway without a service means nothing (CAS 3.0 §2.1.1).
        None if facts.gateway && !facts.renew && facts.destination.is_some() => in_silence(facts),
        None => sign_in(facts, Why::SignIn),
    }
}

/// Nobody is asked anything. An institution that asks for no credentials gives no fresh ones.
fn in_silence(facts: &Facts<'_>) -> LoginStep {
    match facts.passive {
        Some(provider) if !facts.service_renews => LoginStep::AskInSilence(Arc::clone(provider)),
        _ => LoginStep::ReturnWithout,
    }
}

fn with_session(facts: &Facts<'_>, session: &SsoSession) -> LoginStep {
    // Whoever asks for no interaction is not asked anything: not which account they mean, not to confirm it.
    let quiet = facts.gateway && !facts.renew && facts.destination.is_some();
    if facts.choose && !quiet && !facts.offered.is_empty() {
        return LoginStep::ChooseProvider(Why::SignIn);
    }
    if let Some(step) = another_source(facts, &session.identity.source).filter(|_| !quiet) {
        return step;
    }
    if (facts.renew || facts.service_renews) && !facts.fresh {
        return if quiet { LoginStep::ReturnWithout } else { renewal(facts, &session.identity.source) };
    }
    let Some(destination) = facts.destination else { return LoginStep::ShowSignedIn };
    // The last of the checks: nobody is asked for a password who may not enter all the same. Fresh
    // credentials will do, whatever date an institution gives them, or this would never end.
    let too_old = destination.rule.wants_newer_login(session.authenticated_at, facts.now);
    match facts.denied {
        None if too_old && !facts.fresh && quiet => LoginStep::ReturnWithout,
        None if too_old && !facts.fresh => renewal(facts, &session.identity.source),
        None if !facts.confirmed && asks_first(&destination.rule, session) => LoginStep::Warn,
        None => LoginStep::Issue,
        Some(_) if quiet => LoginStep::ReturnWithout,
        Some(Denied::Account) => another_account(facts),
        Some(denied) => LoginStep::Refuse(denied.code()),
    }
}

/// Whether the page that asks stands before this service: its entry has the first word, then the person,
/// for all services and for this one.
fn asks_first(rule: &ServiceRule, session: &SsoSession) -> bool {
    match rule.warn {
        Warn::Always => true,
        Warn::Never => false,
        Warn::User => session.warn && !session.unasked.contains(&rule.name),
    }
}

/// Somebody who is signed in names another source than the one they came from.
fn another_source(facts: &Facts<'_>, own: &Source) -> Option<LoginStep> {
    match (&facts.named, own) {
        (Named::Provider(provider), own) if own.provider() != Some(&provider.suffix) => {
            Some(LoginStep::LeaveFor(Arc::clone(provider)))
        }
        (Named::Local, Source::Provider(_)) => Some(LoginStep::AskPassword(Why::SignIn)),
        (Named::Refused(code), _) => Some(LoginStep::Refuse(*code)),
        _ => None,
    }
}

/// Credentials again, from where the session came from, without the selection page.
fn renewal(facts: &Facts<'_>, own: &Source) -> LoginStep {
    match (own, facts.own_provider) {
        (Source::Provider(_), Some(provider)) => LoginStep::LeaveFor(Arc::clone(provider)),
        (Source::Backend(_), _) if facts.local != Local::Off && facts.denied != Some(&Denied::Account) => {
            LoginStep::AskPassword(Why::Renewal)
        }
        (Source::Backend(_), _) => sign_in(facts, Why::Renewal),
        // No form of ours confirms that it is them: they have no password here.
        (Source::Provider(_), None) if facts.denied == Some(&Denied::Account) => {
            sign_in(facts, Why::AnotherAccount)
        }
        (Source::Provider(_), None) => sign_in(facts, Why::NotAsked),
    }
}

/// The service does not take this account: the page with that sentence, never a jump.
fn another_account(facts: &Facts<'_>) -> LoginStep {
    match (&facts.named, facts.offered.is_empty(), facts.local) {
        // Hidden or not, they were asked for by name.
        (Named::Local, ..) | (_, true, Local::Offered) => LoginStep::AskPassword(Why::AnotherAccount),
        (_, true, _) => LoginStep::Refuse(Code::ServiceProviderNotAllowed),
        (_, false, _) => LoginStep::ChooseProvider(Why::AnotherAccount),
    }
}

/// Which page somebody sees who must sign in: the first that holds.
fn sign_in(facts: &Facts<'_>, why: Why) -> LoginStep {
    if facts.empty_house {
        return LoginStep::ShowOperator;
    }
    match &facts.named {
        Named::Provider(provider) => return LoginStep::LeaveFor(Arc::clone(provider)),
        Named::Local => return LoginStep::AskPassword(why),
        Named::Refused(code) => return LoginStep::Refuse(*code),
        Named::Nobody => {}
    }
    match (facts.offered, facts.local) {
        ([], Local::Offered) => LoginStep::AskPassword(why),
        ([], _) if facts.denied == Some(&Denied::Account) => {
            LoginStep::Refuse(Code::ServiceProviderNotAllowed)
        }
        ([], _) => LoginStep::NoWay,
        _ if facts.choose => LoginStep::ChooseProvider(why),
        ([only], Local::Hidden | Local::Off) => LoginStep::LeaveFor(Arc::clone(only)),
        _ => match facts.skipped_to {
            Some(provider) => LoginStep::LeaveFor(Arc::clone(provider)),
            None => LoginStep::ChooseProvider(why),
        },
    }
}

#[cfg(test)]
mod tests;
