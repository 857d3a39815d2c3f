//! A service that takes the people of some back-ends only.

use crate::support::browser::login;
use crate::support::fake_cas::entry;
use crate::support::house::{BROOK, Builder, WIKI};
use crate::support::{Browser, House};

const GINA: (&str, &str) = ("gina", "Guest, of honour: 1901");
const PAYROLL: &str = "https://payroll.example/";
const BACKENDS: &str = r#"
[[backend]]
name = "guests"
kind = "test"
user = "gina"
password = "Guest, of honour: 1901"

[[backend]]
name = "staff"
kind = "file"
path = "users.toml"

[[backend]]
name = "nobody"
kind = "none"
"#;

/// A house with a payroll for some sources.
fn payroll(providers: &str) -> Builder {
    let service = format!(
        "[[service]]\nname = \"Payroll\"\nurl = \"https://payroll.example/**\"\nproviders = {providers}\n\
         [service.release]\nfrom = \"backend\"\n"
    );
    House::with().backends(BACKENDS).service(&service).secret(GINA.1)
}

fn north() -> String {
    entry("north.example", "University of North", "https://cas.north.example/cas")
}

#[tokio::test]
async fn a_session_from_elsewhere_is_asked_for_another_account() {
    let house = payroll("[\"staff\"]").start().await;
    let browser = Browser::at(&house);
    browser.signs_in(GINA).await;
    assert!(browser.visits(WIKI).await.maybe_ticket().is_some());
    let page = browser.visits(PAYROLL).await;
    assert!(page.status == 200 && page.asks_password() && page.maybe_ticket().is_none());
    assert!(page.says("Payroll does not accept the account that you are signed in with"), "{}", page.text());
    let quiet = browser.get(&login(PAYROLL, "gateway=true")).await;
    assert_eq!((quiet.status, quiet.location()), (303, PAYROLL));
    let typed = browser.types(&page, BROOK).await;
    let ticket = browser.follow(&typed).await.ticket();
    let answer = house.p3_service_validate(&ticket, PAYROLL).await;
    assert!(answer.contains("<cas:user>brook</cas:user>"), "{answer}");
    assert!(answer.contains("<cas:from>staff</cas:from>"), "{answer}");
}

/// A right password of a back-end that the service does not take: the person is signed in and told so, without a
/// ticket.
#[tokio::test]
async fn a_right_password_of_another_back_end_gives_no_ticket() {
    let house = payroll("[\"staff\"]").start().await;
    let browser = Browser::at(&house);
    let typed = browser.types(&browser.visits(PAYROLL).await, GINA).await;
    assert!(typed.status == 303 && typed.location().starts_with(&house.at("login?")), "{}", typed.location());
    let page = browser.follow(&typed).await;
    assert!(page.status == 200 && page.asks_password() && page.says("Payroll does not accept"));
    assert_eq!(house.count("ticket").await, 0);
    // No chain of redirects: the page stays however often it is asked for.
    assert_eq!(browser.get(&login(PAYROLL, "renew=true")).await.status, 200);
    assert_eq!(house.count("ticket").await, 0);
    assert!(browser.visits(WIKI).await.maybe_ticket().is_some(), "signed in for the others");
}

#[tokio::test]
async fn who_is_taken() {
    for (providers, gina, brook) in [
        ("[\"staff\"]", false, true),
        ("[\"guests\", \"nobody\"]", true, false),
        ("[\"local\"]", true, true),
        ("[\"!guests\"]", false, true),
        ("[\"!staff\", \"!nobody\"]", true, false),
        ("[\"nobody\"]", false, false),
    ] {
        let house = payroll(providers).start().await;
        for (who, may, backend) in [(GINA, gina, "guests"), (BROOK, brook, "staff")] {
            let browser = Browser::at(&house);
            let typed = browser.types(&browser.visits(PAYROLL).await, who).await;
            let page = browser.follow(&typed).await;
            assert_eq!(page.maybe_ticket().is_some(), may, "{providers} {}: {}", who.0, page.text());
            if may {
                let answer = house.p3_service_validate(&page.ticket(), PAYROLL).await;
                assert!(answer.contains(&format!("<cas:from>{backend}</cas:from>")), "{answer}");
            }
        }
    }
}

/// However the local accounts are offered, beside institutions that are on or off.
#[tokio::test]
async fn no_place_of_the_local_accounts_gives_a_ticket_to_others() {
    for providers in ["[\"staff\"]", "[\"staff\", \"north.example\"]"] {
        for enabled in [true, false] {
            for place in ["last", "position", "hidden", "off"] {
                let case = format!("{providers} {enabled} {place}");
                let section = format!("[federation]\nenabled = {enabled}\nlocal_account = \"{place}\"");
                let house = payroll(providers).provider(&north()).section(&section).start().await;
                let browser = Browser::at(&house);
                let form = browser.get(&login(PAYROLL, "provider=local")).await;
                if place == "off" {
                    assert_eq!(
                        (form.status, form.code().as_str()),
                        (403, "service.provider_not_allowed"),
                        "{case}"
                    );
                    continue;
                }
                let typed = browser.types(&form, GINA).await;
                assert_eq!(typed.status, 303, "{case}");
                let page = browser.follow(&typed).await;
                assert_eq!(page.maybe_ticket(), None, "{case}");
                let asks = page.status == 200 && page.says("Payroll does not accept the account");
                let refuses = page.status == 403 && page.code() == "service.provider_not_allowed";
                assert!(asks || refuses, "{case}: {} {}", page.status, page.text());
                assert_eq!(house.count("ticket").await, 0, "{case}");
                let again = browser.get(&login(PAYROLL, "provider=local&renew=true")).await;
                let typed = browser.types(&again, BROOK).await;
                let ticket = browser.follow_home(typed).await.ticket();
                let answer = house.p3_service_validate(&ticket, PAYROLL).await;
                assert!(answer.contains("<cas:from>staff</cas:from>"), "{case}: {answer}");
            }
        }
    }
}

#[tokio::test]
async fn nobody_signs_in_where_nobody_is_known() {
    let house = House::with().backends("[[backend]]\nname = \"nobody\"\nkind = \"none\"\n").start().await;
    let browser = Browser::at(&house);
    for who in [GINA, BROOK, ("nobody", "x")] {
        let wrong = browser.types(&browser.visits(WIKI).await, who).await;
        assert_eq!(wrong.status, 401);
    }
    assert_eq!(house.count("session").await, 0);
}

/// A local name that reads like somebody's of an institution is a wrong one, whatever its case.
#[tokio::test]
async fn a_name_of_an_institution_is_nobody_here() {
    let house = House::with()
        .backends("[[backend]]\nname = \"desk\"\nkind = \"none\"\n")
        .puppet("desk", &everybody())
        .provider(&north())
        .start()
        .await;
    for (name, status) in
        [("ada@north.example", 401), ("ada@North.EXAMPLE", 401), ("ada@east.example", 303), ("ada", 303)]
    {
        let browser = Browser::at(&house);
        let form = browser.get("login?provider=local").await;
        assert_eq!(browser.types(&form, (name, "x")).await.status, status, "{name}");
    }
}

fn everybody() -> std::sync::Arc<crate::support::Puppet> {
    let puppet = crate::support::Puppet::new();
    for name in ["ada@north.example", "ada@North.EXAMPLE", "ada@east.example", "ada"] {
        puppet.knows((name, "x"), &[]);
    }
    puppet
}
