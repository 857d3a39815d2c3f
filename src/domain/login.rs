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
        _ => sign_in(facts, Why::Renewal),
    }
}

/// The service does not take this account: the page with that sentence, never a jump.
fn another_account(facts: &Facts<'_>) -> LoginStep {
    match (facts.offered.is_empty(), facts.local) {
        (true, Local::Offered) => LoginStep::AskPassword(Why::AnotherAccount),
        (true, _) => LoginStep::Refuse(Code::ServiceProviderNotAllowed),
        (false, _) => LoginStep::ChooseProvider(Why::AnotherAccount),
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
        // Only links lead on; without a service there is nobody to refuse for.
        ([], _) if facts.destination.is_none() => LoginStep::ChooseProvider(why),
        ([], _) => LoginStep::Refuse(Code::ServiceProviderNotAllowed),
        _ if facts.choose => LoginStep::ChooseProvider(why),
        ([only], Local::Hidden | Local::Off) => LoginStep::LeaveFor(Arc::clone(only)),
        _ => match facts.skipped_to {
            Some(provider) => LoginStep::LeaveFor(Arc::clone(provider)),
            None => LoginStep::ChooseProvider(why),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::directory::tests::provider;
    use crate::domain::identity::{Identity, Suffix};
    use crate::domain::name::Name;
    use crate::domain::rules::{Rules, tests::rule};
    use crate::domain::session::SessionId;
    use crate::protocol::attributes::Attributes;

    fn session(source: Source) -> SsoSession {
        let at = Timestamp::from_seconds(0);
        SsoSession {
            id: SessionId("s".to_owned()),
            identity: Identity { name: Name::stored("ana"), source },
            attributes: Attributes::new(),
            authenticated_at: at,
            signed_in_at: at,
            last_seen: at,
            long_term: false,
            remembered: false,
            warn: false,
            ends_at: None,
            unasked: Vec::new(),
            fresh: None,
            ip: String::new(),
            browser: String::new(),
        }
    }

    fn federated() -> SsoSession {
        session(Source::Provider(Suffix::parse("north.example").unwrap()))
    }

    fn local() -> SsoSession {
        session(Source::Backend("staff".to_owned()))
    }

    fn told(facts: &Facts<'_>) -> String {
        match next_step(facts) {
            LoginStep::ShowOperator => "operator".to_owned(),
            LoginStep::ShowSignedIn => "signed in".to_owned(),
            LoginStep::ChooseProvider(why) => format!("choose {why:?}"),
            LoginStep::AskPassword(why) => format!("password {why:?}"),
            LoginStep::LeaveFor(provider) => format!("leave {}", provider.suffix),
            LoginStep::AskInSilence(provider) => format!("in silence {}", provider.suffix),
            LoginStep::Warn => "warn".to_owned(),
            LoginStep::Issue => "issue".to_owned(),
            LoginStep::ReturnWithout => "return".to_owned(),
            LoginStep::Refuse(code) => code.as_str().to_owned(),
        }
    }

    /// Nobody is signed in, and there is no institution.
    fn nobody(destination: &Destination) -> Facts<'_> {
        Facts {
            now: Timestamp::from_seconds(0),
            destination: Some(destination),
            session: None,
            denied: None,
            fresh: false,
            confirmed: false,
            renew: false,
            service_renews: false,
            gateway: false,
            choose: false,
            named: Named::Nobody,
            offered: &[],
            skipped_to: None,
            passive: None,
            own_provider: None,
            local: Local::Offered,
            empty_house: false,
        }
    }

    #[test]
    fn every_way_through_login() {
        let wiki =
            Rules::new([rule("wiki", 1, "https://w.example/**")]).destination("https://w.example/").unwrap();
        let (north, south) =
            (Arc::new(provider("north.example", "N")), Arc::new(provider("south.example", "S")));
        let both = [Arc::clone(&north), Arc::clone(&south)];
        let one = [Arc::clone(&north)];
        let (federated, local) = (federated(), local());
        let warned = SsoSession { warn: true, ..self::federated() };
        let base = Facts { offered: &both, ..nobody(&wiki) };
        let sso = Facts { session: Some(&federated), own_provider: Some(&north), ..base.clone() };
        let home = Facts { session: Some(&local), ..base.clone() };
        let account = Denied::Account;
        let skips = Facts { skipped_to: Some(&south), ..base.clone() };
        let passive = Facts { passive: Some(&north), ..base.clone() };
        let filter = Denied::Filter { attribute: "a".to_owned() };
        let mut table: Vec<(&str, Facts<'_>)> = vec![
            // nobody is signed in
            ("choose SignIn", base.clone()),
            ("choose SignIn", Facts { offered: &one, ..base.clone() }),
            ("leave north.example", Facts { offered: &one, local: Local::Off, ..base.clone() }),
            ("leave north.example", Facts { offered: &one, local: Local::Hidden, ..base.clone() }),
            ("choose SignIn", Facts { offered: &one, local: Local::Off, choose: true, ..base.clone() }),
            ("password SignIn", Facts { offered: &[], ..base.clone() }),
            ("service.provider_not_allowed", Facts { offered: &[], local: Local::Off, ..base.clone() }),
            ("choose SignIn", Facts { offered: &[], local: Local::Off, destination: None, ..base.clone() }),
            ("leave south.example", Facts { named: Named::Provider(Arc::clone(&south)), ..base.clone() }),
            ("password SignIn", Facts { named: Named::Local, ..base.clone() }),
            ("provider.unknown", Facts { named: Named::Refused(Code::ProviderUnknown), ..base.clone() }),
            ("operator", Facts { offered: &[], local: Local::Off, empty_house: true, ..base.clone() }),
            ("return", Facts { gateway: true, ..base.clone() }),
            ("choose SignIn", Facts { gateway: true, renew: true, ..base.clone() }),
            ("choose SignIn", Facts { gateway: true, destination: None, ..base.clone() }),
            // the page is skipped, and what comes before that
            ("leave south.example", skips.clone()),
            ("leave south.example", Facts { renew: true, ..skips.clone() }),
            ("choose SignIn", Facts { choose: true, ..skips.clone() }),
            ("leave north.example", Facts { named: Named::Provider(Arc::clone(&north)), ..skips.clone() }),
            ("password SignIn", Facts { named: Named::Local, ..skips.clone() }),
            ("leave north.example", Facts { offered: &one, local: Local::Off, ..skips.clone() }),
            ("password SignIn", Facts { offered: &[], ..skips.clone() }),
            ("return", Facts { gateway: true, ..skips.clone() }),
            ("issue", Facts { session: Some(&federated), ..skips.clone() }),
            ("choose AnotherAccount", Facts { session: Some(&federated), denied: Some(&account), ..skips }),
            // somebody is asked in silence
            ("in silence north.example", Facts { gateway: true, ..passive.clone() }),
            ("choose SignIn", passive.clone()),
            ("choose SignIn", Facts { gateway: true, renew: true, ..passive.clone() }),
            ("choose SignIn", Facts { gateway: true, destination: None, ..passive.clone() }),
            ("return", Facts { gateway: true, service_renews: true, ..passive.clone() }),
            ("issue", Facts { gateway: true, session: Some(&federated), ..passive }),
            // somebody is
            ("issue", sso.clone()),
            ("issue", Facts { gateway: true, ..sso.clone() }),
            ("signed in", Facts { destination: None, ..sso.clone() }),
            ("signed in", Facts { destination: None, gateway: true, ..sso.clone() }),
            ("choose SignIn", Facts { destination: None, choose: true, ..sso.clone() }),
            ("leave south.example", Facts { named: Named::Provider(Arc::clone(&south)), ..sso.clone() }),
            ("issue", Facts { named: Named::Provider(Arc::clone(&north)), ..sso.clone() }),
            ("issue", Facts { named: Named::Provider(Arc::clone(&south)), gateway: true, ..sso.clone() }),
            ("issue", Facts { choose: true, gateway: true, ..sso.clone() }),
            ("password SignIn", Facts { named: Named::Local, ..sso.clone() }),
            ("issue", Facts { named: Named::Local, ..home.clone() }),
            ("warn", Facts { session: Some(&warned), ..sso.clone() }),
            ("warn", Facts { session: Some(&warned), gateway: true, ..sso.clone() }),
            ("issue", Facts { session: Some(&warned), confirmed: true, ..sso.clone() }),
            // renewal
            ("leave north.example", Facts { renew: true, ..sso.clone() }),
            ("leave north.example", Facts { renew: true, gateway: true, ..sso.clone() }),
            ("choose SignIn", Facts { renew: true, choose: true, ..sso.clone() }),
            ("issue", Facts { renew: true, fresh: true, ..sso.clone() }),
            ("password Renewal", Facts { renew: true, ..home.clone() }),
            ("choose Renewal", Facts { renew: true, own_provider: None, ..sso.clone() }),
            ("choose Renewal", Facts { renew: true, denied: Some(&account), ..home.clone() }),
            // a service that asks for it each time
            ("leave north.example", Facts { service_renews: true, ..sso.clone() }),
            ("password Renewal", Facts { service_renews: true, ..home.clone() }),
            ("issue", Facts { service_renews: true, fresh: true, ..sso.clone() }),
            ("issue", Facts { service_renews: true, fresh: true, gateway: true, ..sso.clone() }),
            ("return", Facts { service_renews: true, gateway: true, ..sso.clone() }),
            ("return", Facts { service_renews: true, gateway: true, ..base.clone() }),
            ("choose SignIn", Facts { service_renews: true, ..base.clone() }),
            (
                "leave north.example",
                Facts { service_renews: true, renew: true, gateway: true, ..sso.clone() },
            ),
            // not this account
            ("choose AnotherAccount", Facts { denied: Some(&account), ..sso.clone() }),
            ("password AnotherAccount", Facts { denied: Some(&account), offered: &[], ..sso.clone() }),
            (
                "service.provider_not_allowed",
                Facts { denied: Some(&account), offered: &[], local: Local::Off, ..sso.clone() },
            ),
            ("return", Facts { denied: Some(&account), gateway: true, ..sso.clone() }),
            ("service.filter", Facts { denied: Some(&filter), ..sso.clone() }),
            ("return", Facts { denied: Some(&filter), gateway: true, ..sso.clone() }),
        ];
        let mut picky = rule("vault", 1, "https://v.example/**");
        picky.max_auth_age = Some(60);
        let vault = Rules::new([picky]).destination("https://v.example/").unwrap();
        // Both sessions began at 0.
        let (in_time, late) = (Timestamp::from_seconds(60), Timestamp::from_seconds(61));
        let sso = Facts { now: late, destination: Some(&vault), ..sso };
        table.extend([
            ("issue", Facts { now: in_time, ..sso.clone() }),
            ("leave north.example", sso.clone()),
            ("password Renewal", Facts { now: late, destination: Some(&vault), ..home }),
            ("issue", Facts { fresh: true, ..sso.clone() }),
            ("return", Facts { gateway: true, ..sso.clone() }),
            ("service.filter", Facts { denied: Some(&filter), ..sso }),
        ]);
        for (expected, facts) in table {
            assert_eq!(told(&facts), expected, "{facts:#?}");
        }
    }

    #[test]
    fn the_service_then_the_person_say_whether_to_ask() {
        let asked = |warn, session_warns, unasked: &[&str]| {
            let rule = ServiceRule { warn, ..rule("wiki", 1, "https://w.example/**") };
            let unasked = unasked.iter().map(|&name| name.to_owned()).collect();
            asks_first(&rule, &SsoSession { warn: session_warns, unasked, ..local() })
        };
        for (warn, session_warns, unasked, asks) in [
            (Warn::User, false, &[][..], false),
            (Warn::User, true, &[], true),
            (Warn::User, true, &["wiki"], false),
            (Warn::User, true, &["Wiki"], true),
            (Warn::Always, false, &["wiki"], true),
            (Warn::Never, true, &[], false),
        ] {
            assert_eq!(asked(warn, session_warns, unasked), asks, "{warn:?} {session_warns} {unasked:?}");
        }
    }

    #[test]
    fn a_disabled_service_refuses_before_anything_is_asked() {
        let mut off = rule("wiki", 1, "https://w.example/**");
        off.disabled = true;
        let wiki = Rules::new([off]).destination("https://w.example/").unwrap();
        let facts = Facts { gateway: true, ..nobody(&wiki) };
        assert_eq!(told(&facts), "service.disabled");
    }
}
