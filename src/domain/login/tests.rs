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
        LoginStep::NoWay => "no way".to_owned(),
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
    let (north, south) = (Arc::new(provider("north.example", "N")), Arc::new(provider("south.example", "S")));
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
        ("no way", Facts { offered: &[], local: Local::Off, ..base.clone() }),
        ("no way", Facts { offered: &[], local: Local::Off, destination: None, ..base.clone() }),
        ("no way", Facts { offered: &[], local: Local::Hidden, choose: true, ..base.clone() }),
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
        ("choose NotAsked", Facts { renew: true, own_provider: None, ..sso.clone() }),
        ("password NotAsked", Facts { renew: true, own_provider: None, offered: &[], ..sso.clone() }),
        (
            "password AnotherAccount",
            Facts { renew: true, denied: Some(&account), own_provider: None, offered: &[], ..sso.clone() },
        ),
        ("choose Renewal", Facts { renew: true, denied: Some(&account), ..home.clone() }),
        ("no way", Facts { renew: true, own_provider: None, offered: &[], local: Local::Off, ..sso.clone() }),
        (
            "service.provider_not_allowed",
            Facts {
                renew: true,
                denied: Some(&account),
                own_provider: None,
                offered: &[],
                local: Local::Off,
                ..sso.clone()
            },
        ),
        // a service that asks for it each time
        ("leave north.example", Facts { service_renews: true, ..sso.clone() }),
        ("password Renewal", Facts { service_renews: true, ..home.clone() }),
        ("issue", Facts { service_renews: true, fresh: true, ..sso.clone() }),
        ("issue", Facts { service_renews: true, fresh: true, gateway: true, ..sso.clone() }),
        ("return", Facts { service_renews: true, gateway: true, ..sso.clone() }),
        ("return", Facts { service_renews: true, gateway: true, ..base.clone() }),
        ("choose SignIn", Facts { service_renews: true, ..base.clone() }),
        ("leave north.example", Facts { service_renews: true, renew: true, gateway: true, ..sso.clone() }),
        // not this account
        ("choose AnotherAccount", Facts { denied: Some(&account), ..sso.clone() }),
        ("password AnotherAccount", Facts { denied: Some(&account), offered: &[], ..sso.clone() }),
        (
            "password AnotherAccount",
            Facts {
                denied: Some(&account),
                named: Named::Local,
                offered: &[],
                local: Local::Hidden,
                ..home.clone()
            },
        ),
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
