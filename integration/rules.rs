//! What a service may ask of people and of their attributes, beyond the plain list of what it is told.

use passerelle::domain::rules::Target;

use crate::release::{APP, app, told, with};
use crate::support::house::{ADA, BROOK, Database, NOTES, WIKI};
use crate::support::journey::{user, values};
use crate::support::{Browser, FakeCas, House};

#[tokio::test]
async fn values_are_rewritten_on_their_way() {
    let keys = r#"
[service.release]
host = { from = "mail", replace = '^.*@([a-z]+)\..*$', with = '\1' }
role = { from = "groups", steps = [{ replace = 'staff', with = 'employee' }, { replace = '^', with = 'role:' }, { replace = '(?<=role):(?P<name>.*)', with = '=\g<name>\\' }] }
years = { from = "age", replace = '3', with = '4' }
truth = { from = "active", replace = '(t)(r)', with = '\2\1' }
empty = { from = "displayName", replace = '.', with = '' }
gone = { from = "telephone", replace = 'a', with = 'b' }
mail = "mail"
"#;
    let house = with(keys).await;
    let answer = told(&house, ADA).await;
    for (name, expected) in [
        ("host", &["home", "home"][..]),
        ("role", &[r"role=employee\", r"role=library\"]),
        ("years", &["46"]),
        ("truth", &["rtue"]),
        ("empty", &[""]),
        ("gone", &[]),
        ("mail", &["ada@home.example", "countess@home.example"]),
    ] {
        assert_eq!(values(&answer, name), expected, "{name} in {answer}");
    }
    let order: Vec<_> = ["host", "role", "years", "truth", "empty", "mail"]
        .map(|name| answer.find(&format!("<cas:{name}")).unwrap())
        .to_vec();
    assert!(order.is_sorted(), "{answer}");
}

#[tokio::test]
async fn whom_a_pattern_turns_away() {
    for (keys, enters) in [
        ("[service.deny]\ngroups = \"staff\"", false),
        ("[service.deny]\ngroups = [\"nobody\", \"lib.*\"]", false),
        ("[service.deny]\ngroups = \"sta\"", true),
        ("[service.deny]\ntelephone = \".*\"", true),
        ("[service.deny]\nactive = \"true\"", false),
        ("[service.deny]\nbackend = \"staff\"", true),
        ("[service.filter]\ngroups = \"library\"\n[service.deny]\ngroups = \"staff\"", false),
        // Look-around in both.
        ("[service.deny]\ngroups = '(?!sta).*'", false),
        ("[service.filter]\ngroups = '(?!sta).*'", true),
        ("[service.filter]\ndisplayName = '(?!Ada).*'", false),
    ] {
        let house = with(keys).await;
        let ada = Browser::at(&house);
        ada.signs_in(ADA).await;
        let page = ada.visits(APP).await;
        let code = if enters { "" } else { "service.filter" };
        assert_eq!(page.maybe_ticket().is_some(), enters, "{keys}");
        assert!(enters || page.code() == code, "{keys}: {}", page.text());
    }
    let house = with("explain_filter = true\n[service.deny]\ngroups = \"staff\"").await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    assert!(ada.visits(APP).await.text().contains("groups"));
}

#[tokio::test]
async fn a_service_has_hours_and_an_end() {
    // Every story begins on Friday, 15 January 2027, at 08:00 UTC.
    for (keys, steps) in [
        ("valid_until = 2027-01-15T08:01:00Z", &[(0, true), (59, true), (1, false)][..]),
        ("valid_until = \"2027-01-15\"", &[(0, true), (15 * 3600, true), (3600, false)]),
        ("valid_until = 2027-01-15T10:00:00\ntime_zone = \"Europe/Paris\"", &[(0, true), (3600, false)]),
        ("valid_until = 2026-12-31", &[(0, false)]),
        (
            "hours = [\"Mon-Fri 08:00-18:00\"]",
            &[(0, true), (36_000, false), (14 * 3600 + 3 * 86_400 - 86_400, true)],
        ),
        (
            "hours = [\"Mon-Fri 08:00-09:00\"]\ntime_zone = \"Europe/Paris\"",
            &[(0, false), (23 * 3600, false)],
        ),
        ("hours = [\"Sat 00:00-24:00\", \"Fri 09:00-10:00\"]", &[(0, false), (3600, true), (3600, false)]),
    ] {
        let house = with(&format!("notice = \"Open when it is open\"\n{keys}")).await;
        for (seconds, open) in steps {
            house.clock.advance(*seconds);
            let ada = Browser::at(&house);
            // Before and after somebody is signed in.
            let first = ada.visits(APP).await;
            assert_eq!(first.asks_password(), *open, "{keys} {seconds}");
            assert!(*open || first.says("Open when it is open"), "{}", first.text());
            ada.signs_in(ADA).await;
            let page = ada.visits(APP).await;
            assert_eq!(page.maybe_ticket().is_some(), *open, "{keys} {seconds}");
            assert!(
                *open || (page.status, page.code().as_str()) == (403, "service.disabled"),
                "{}",
                page.text()
            );
        }
    }
}

#[tokio::test]
async fn a_form_that_was_open_too_long_leads_nowhere() {
    let house = with("valid_until = 2027-01-15T08:01:00Z").await;
    let ada = Browser::at(&house);
    let form = ada.visits(APP).await;
    house.clock.advance(60);
    assert_eq!(ada.types(&form, ADA).await.code(), "service.disabled");
    assert_eq!(house.count("session").await, 0, "no password was looked at");
    let out = ada.get(&format!("logout?service={APP}")).await;
    assert_eq!(out.status, 200, "nor does the way out lead there");
}

#[tokio::test]
async fn pseudonyms_differ_between_services_and_stay() {
    let pairwise = |name: &str, host: &str| {
        format!("[[service]]\nname = \"{name}\"\nurl = \"https://{host}/**\"\nuser_field = \"@pairwise\"\n")
    };
    let services = format!("{}{}", pairwise("One", "one.example"), pairwise("Two", "two.example"));
    let mut database = Some(Database::fresh());
    let mut seen = Vec::new();
    // The key of cookies is another one the second time, the database the same.
    for key in ["first key, of forty letters and digits..", "another key, of forty letters and digit."] {
        let house = House::with()
            .section("[session]\ncookie_secret_file = \"cookie.key\"\n")
            .file("cookie.key", key)
            .service(&services)
            .database(database.take().unwrap())
            .start()
            .await;
        // Chance repeats itself from gateway to gateway, but nothing may come twice to one database.
        (0..seen.len()).for_each(|_| drop(house.app.mint.reference()));
        for who in [ADA, BROOK] {
            let browser = Browser::at(&house);
            browser.signs_in(who).await;
            for service in ["https://one.example/", "https://two.example/"] {
                let ticket = browser.ticket_for(service).await;
                let user = user(&house.p3_service_validate(&ticket, service).await);
                assert!(user.len() == 32 && user.bytes().all(|b| b.is_ascii_alphanumeric()), "{user}");
                seen.push(user);
            }
        }
        database = Some(house.into_database());
    }
    let (first, second) = seen.split_at(4);
    assert_eq!(first, second);
    let apart: std::collections::BTreeSet<_> = first.iter().collect();
    assert_eq!(apart.len(), 4, "{first:?}");
}

const EVERYTHING: &str = "[service.release]\n\"*\" = \"*\"\n";

#[tokio::test]
async fn what_a_back_end_hides_and_passwords_are_told_to_nobody() {
    let backend = r#"
[[backend]]
name = "desk"
kind = "test"
user = "ada"
password = "x y z"
hidden_attributes = ["ROOM", "salary"]
[backend.attributes]
mail = "ada@home.example"
room = "4"
salary = 7
userPassword = "{CRYPT}x"
Password = "x y z"
"user_password;x-old" = "x"
provider = "elsewhere"
"#;
    let services = format!(
        "{}[[service]]\nname = \"B\"\nurl = \"https://b.example/**\"\n[service.filter]\nroom = \".*\"\n",
        app(EVERYTHING)
    );
    let house = House::with().backends(backend).service(&services).start().await;
    let ada = Browser::at(&house);
    let ticket = ada.signs_in_for(("ada", "x y z"), APP).await;
    let answer = house.p3_service_validate(&ticket, APP).await;
    assert_eq!(values(&answer, "mail"), ["ada@home.example"]);
    assert_eq!(values(&answer, "backend"), ["desk"]);
    assert_eq!(values(&answer, "upstream_provider"), ["elsewhere"]);
    for gone in ["room", "salary", "assword", "x y z", "CRYPT"] {
        assert!(!answer.contains(gone), "{gone} in {answer}");
    }
    assert_eq!(ada.visits("https://b.example/").await.code(), "service.filter");
}

#[tokio::test]
async fn passwords_of_institutions_stay_there() {
    let north = FakeCas::v3()
        .knows("ada")
        .with_attribute("mail", "ada@north.example")
        .with_attribute("userPassword", "hunter2")
        .with_attribute("sambaNTPassword", "hunter2")
        .start()
        .await;
    let house = House::with()
        .provider(&north.entry("north.example", "North"))
        .service(&app(EVERYTHING))
        .start()
        .await;
    let ada = Browser::at(&house);
    let ticket = ada.arrives(APP, "north.example").await.ticket();
    let answer = house.p3_service_validate(&ticket, APP).await;
    assert_eq!(values(&answer, "mail"), ["ada@north.example"]);
    assert!(!answer.contains("hunter2"), "{answer}");
}

#[tokio::test]
async fn patterns_may_look_around() {
    let service = "[[service]]\nname = \"Around\"\npattern = '^https://(?!secret)[a-z]+\\.apps\\.example/(?!admin)(\\w+)/\\1(/.*)?\\Z'\n";
    let house = House::with().service(service).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    for (address, known) in [
        ("https://a.apps.example/x/x", true),
        ("https://a.apps.example/x/x/y?q=1", true),
        ("https://a.apps.example/x/y", false),
        ("https://a.apps.example/admin/admin", false),
        ("https://secret.apps.example/x/x", false),
        ("https://a.apps.example.evil.example/x/x", false),
    ] {
        assert_eq!(ada.visits(address).await.maybe_ticket().is_some(), known, "{address}");
    }
}

#[tokio::test]
async fn pages_of_a_refusal_tell_who_helps() {
    let keys = r#"
denied_url = "https://join.example/?from=sign-in&to=app"
contacts = ["mailto:desk@app.example?subject=Access", "https://help.app.example/", "Room <4>, ground floor"]
"#;
    for (more, code) in [
        ("usernames = [\"x\"]", "service.user_not_allowed"),
        ("[service.filter]\ngroups = \"x\"", "service.filter"),
        ("user_field = \"telephone\"", "service.attribute_missing"),
        ("disabled = true", "service.disabled"),
        ("providers = [\"staff\"]", "service.provider_not_allowed"),
    ] {
        // Hidden local accounts stay so where there is an institution.
        let elsewhere =
            "[[provider]]\nsuffix = \"n.example\"\nname = \"N\"\nurl = \"http://127.0.0.1:1/cas\"";
        let house = House::with()
            .section("[federation]\nlocal_account = \"hidden\"\n")
            .provider(elsewhere)
            .service(&app(&format!("{keys}{more}")))
            .start()
            .await;
        let ada = Browser::at(&house);
        ada.types(&ada.get("login?provider=local").await, ADA).await;
        let page = ada.visits(APP).await;
        assert_eq!((page.status, page.code().as_str()), (403, code), "{}", page.text());
        let links = page.links();
        for link in [
            "mailto:desk@app.example?subject=Access",
            "https://help.app.example/",
            "https://join.example/?from=sign-in&to=app",
        ] {
            assert!(links.iter().any(|own| own == link), "{code} {link}: {links:?}");
        }
        assert!(page.says("desk@app.example") && page.says("Room <4>, ground floor"), "{}", page.text());
        assert!(page.buttons().iter().any(|button| button.starts_with("https://join.example/")));
        assert_eq!((page.location(), page.header("refresh")), ("", ""), "nobody is sent there");
        // Not on pages of other services.
        assert!(!ada.visits("https://unknown.example/").await.body.contains("join.example"));
        assert!(ada.visits(WIKI).await.maybe_ticket().is_some());
    }
}

#[tokio::test]
async fn what_is_no_web_page_is_known_but_nobody_is_sent_there() {
    let mail = "[[service]]\nname = \"Mail\"\npattern = '^imaps?://mail\\.example(:\\d+)?$'\nsingle_log_out_callback = \"https://mail.example/slo\"\n";
    let house = House::with().service(mail).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let page = ada.visits("imap://mail.example").await;
    assert_eq!((page.status, page.code().as_str(), page.location()), (400, "service.malformed", ""));
    let Target { text, rule } = house.app.config.rules.target("imap://mail.example").unwrap();
    assert_eq!((text.as_str(), rule.name.as_str()), ("imap://mail.example", "Mail"));
    assert!(house.app.config.rules.target(NOTES).is_ok());
}
