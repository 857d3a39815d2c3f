//! "Where do you have an account?": what is on that page, who gets past it, and what a browser remembers.

use super::{LIBRARY, between, north, south};
use crate::support::browser::login;
use crate::support::form::Form;
use crate::support::house::{ADA, Builder, NOTES, WIKI};
use crate::support::journey::by;
use crate::support::{Browser, House, Page};

const EVERYBODY: &str = r#"
[[provider]]
suffix = "west.example"
name = "École de l'Ouest"
url = "https://cas.west.example/cas"
aliases = ["EDO"]

[[provider]]
suffix = "north.example"
name = "University of Northfield"
url = "https://cas.north.example/cas"
email_domains = ["north.example", "north.ac.example"]

[[provider]]
suffix = "first.example"
name = "Zeta, the first"
url = "https://cas.first.example/cas"
position = 1

[[provider]]
suffix = "hidden.example"
name = "Hidden"
url = "https://cas.hidden.example/cas"
email_domains = ["hidden.example"]
display = false

[[provider]]
suffix = "off.example"
name = "Off"
url = "https://cas.off.example/cas"
disabled = true

[[provider]]
suffix = "b.example"
name = "Same Name"
url = "https://cas.b.example/cas"

[[provider]]
suffix = "a.example"
name = "Same Name"
url = "https://cas.a.example/cas"
"#;

const SOME: &str = r#"
[[service]]
name = "Some"
url = "https://some.example/**"
providers = ["north.example", "hidden.example", "west.example"]

[[service]]
name = "One"
url = "https://one.example/**"
providers = ["west.example"]

[[service]]
name = "Nobody"
url = "https://nobody.example/**"
providers = ["off.example"]

[[service]]
name = "Home"
url = "https://home.example/**"
providers = ["local"]

[[service]]
name = "North and home"
url = "https://both.example/**"
providers = ["north.example", "local"]
"#;

fn everybody() -> Builder {
    House::with().provider(EVERYBODY).service(SOME)
}

/// Where a redirect leads: the host of the institution.
fn leads_to(page: &Page) -> &str {
    assert_eq!(page.status, 303, "{}", page.text());
    page.location().strip_prefix("https://cas.").unwrap().split('/').next().unwrap()
}

fn assert_refused(page: &Page, status: u16, code: &str) {
    assert_eq!((page.status, page.error_code().as_str()), (status, code), "{}", page.text());
    assert_eq!(page.location(), "");
}

const ALL: [&str; 5] = ["first.example", "west.example", "a.example", "b.example", "north.example"];

#[tokio::test]
async fn by_position_then_name_then_suffix() {
    let house = everybody().start().await;
    let page = Browser::at(&house).visits(WIKI).await;
    assert_eq!((page.status, page.offers()), (200, ALL.map(str::to_owned).to_vec()));
    assert!(!page.body.contains("hidden.example") && !page.body.contains("off.example"));
    // The local accounts come last.
    assert!(page.buttons().last().unwrap().ends_with("&provider=local"), "{:?}", page.buttons());
    // For a service that takes only some.
    let page = Browser::at(&house).visits("https://some.example/").await;
    assert_eq!(page.offers(), ["west.example", "north.example"]);
    assert!(page.says("Some") && !page.buttons().iter().any(|link| link.contains("provider=local")));
}

#[tokio::test]
async fn one_entry_is_no_choice() {
    let house = everybody().start().await;
    let nobody = Browser::at(&house);
    assert_eq!(leads_to(&nobody.visits("https://one.example/").await), "west.example");
    let form = nobody.visits("https://home.example/").await;
    assert!(form.status == 200 && form.asks_password());
    // Asked for, the page is there all the same.
    let page = nobody.get(&login("https://one.example/", "choose=1")).await;
    assert_eq!(page.offers(), ["west.example"]);
    // One institution and the local accounts are two entries.
    let page = nobody.visits("https://both.example/").await;
    assert!(page.offers() == ["north.example"] && !page.asks_password());
    let hidden = everybody().section("[federation]\nlocal_account = \"hidden\"").start().await;
    assert_eq!(leads_to(&Browser::at(&hidden).visits("https://both.example/").await), "north.example");
    let form = Browser::at(&hidden).get(&login("https://both.example/", "provider=local")).await;
    assert!(form.asks_password());
    // None at all.
    let page = nobody.visits("https://nobody.example/").await;
    assert_refused(&page, 403, "provider.disabled");
    assert!(!page.says("that you used"), "{}", page.text());
    assert!(!page.buttons().iter().any(|link| link.contains("choose=1")), "no choice to make");
}

#[tokio::test]
async fn local_accounts_switched_off() {
    let house = everybody().section("[federation]\nlocal_account = \"off\"").start().await;
    let nobody = Browser::at(&house);
    let page = nobody.visits(WIKI).await;
    assert!(!page.buttons().iter().any(|link| link.contains("provider=local")));
    let refused = nobody.get(&login(WIKI, "provider=local")).await;
    assert_refused(&refused, 403, "service.provider_not_allowed");
    // A password that is posted all the same is not looked at.
    let posted = nobody.post("login", &[("username", ADA.0), ("password", ADA.1), ("lt", "LT-x")]).await;
    assert_refused(&posted, 403, "service.provider_not_allowed");
    assert!(nobody.is_nobody().await);
}

#[tokio::test]
async fn named_by_link() {
    let house = everybody().start().await;
    let nobody = Browser::at(&house);
    for (suffix, host) in [
        ("north.example", "north.example"),
        ("NORTH.Example", "north.example"),
        ("hidden.example", "hidden.example"),
    ] {
        for target in [
            by(WIKI, suffix),
            by("https://some.example/", suffix),
            format!("login?provider={suffix}"),
            format!("federate/{suffix}"),
            format!("federate/{suffix}?service=https%3A%2F%2Fsome.example%2F"),
        ] {
            // Each in a browser of its own: so many in a row would be a circle.
            let away = Browser::at(&house).get(&target).await;
            assert_eq!(leads_to(&away), host, "{target}");
            let callback = away.location_param("service").unwrap();
            assert!(callback.starts_with(&house.at(&format!("federate/{host}?h="))), "{callback}");
        }
    }
    let from_form = nobody.get("login?provider=local").await;
    assert!(from_form.asks_password());
}

#[tokio::test]
async fn named_and_refused() {
    let house = everybody().start().await;
    let nobody = Browser::at(&house);
    for (suffix, service, status, code) in [
        ("nowhere.example", WIKI, 404, "provider.unknown"),
        ("north", WIKI, 404, "provider.unknown"),
        ("north.example%00", WIKI, 404, "provider.unknown"),
        ("%3Cscript%3E", WIKI, 404, "provider.unknown"),
        ("off.example", WIKI, 403, "provider.disabled"),
        ("a.example", "https://some.example/", 403, "service.provider_not_allowed"),
        ("hidden.example", "https://one.example/", 403, "service.provider_not_allowed"),
        ("north.example", "https://unknown.example/", 403, "service.not_registered"),
    ] {
        let query = login(service, "");
        let query = query.strip_prefix("login").unwrap();
        for target in [by(service, suffix), format!("federate/{suffix}{query}")] {
            let page = nobody.get(&target).await;
            assert_refused(&page, status, code);
            assert!(!page.body.contains("<script>"));
            if status == 404 || code == "provider.disabled" {
                assert_eq!(page.buttons(), [format!("/cas/login{query}&choose=1")], "{target}");
            }
        }
    }
    let local = nobody.get(&by("https://one.example/", "local")).await;
    assert_refused(&local, 403, "service.provider_not_allowed");
    assert_refused(&nobody.get("federate/%FF").await, 400, "request.malformed");
    let repeated = nobody.get("login?provider=a.example&provider=b.example").await;
    assert_refused(&repeated, 400, "request.malformed");
}

#[tokio::test]
async fn named_by_an_address() {
    let house = everybody().start().await;
    let nobody = Browser::at(&house);
    for hint in ["ana%40north.example", "ana@students.north.example", "NORTH.EXAMPLE", "ac@North.AC.example"]
    {
        assert_eq!(
            leads_to(&nobody.get(&login(WIKI, &format!("hint={hint}"))).await),
            "north.example",
            "{hint}"
        );
    }
    // Nobody's, nobody's for this service, or one that works by link only: the page.
    for (hint, service) in [
        ("ana@nowhere.example", WIKI),
        ("ana@notnorth.example", WIKI),
        ("example", WIKI),
        ("@", WIKI),
        ("ana@hidden.example", WIKI),
    ] {
        let page = nobody.get(&login(service, &format!("hint={hint}"))).await;
        assert_eq!((page.status, page.offers().len()), (200, 5), "{hint}");
    }
    assert_eq!(
        leads_to(&nobody.get(&login("https://one.example/", "hint=ana@north.example")).await),
        "west.example"
    );
}

/// What the page shows of its list.
fn found(page: &Page) -> Vec<String> {
    let entries = page.body.split("<li data-find=").skip(1).filter_map(|piece| piece.split_once("</li>"));
    let shown = entries.filter(|(entry, _)| !entry.split('>').next().unwrap().ends_with(" hidden"));
    shown
        .map(|(entry, _)| {
            entry.split("/federate/").nth(1).unwrap().split(['?', '"']).next().unwrap().to_owned()
        })
        .collect()
}

#[tokio::test]
async fn search() {
    let house = everybody().start().await;
    let nobody = Browser::at(&house);
    for (q, expected) in [
        ("north", vec!["north.example"]),
        ("field+univ", vec!["north.example"]),
        ("ECOLE", vec!["west.example"]),
        ("edo", vec!["west.example"]),
        ("ana%40north.ac.example", vec!["north.example"]),
        ("same", vec!["a.example", "b.example"]),
        ("hidden", vec![]),
        ("%3Cscript%3E", vec![]),
    ] {
        let page = nobody.get(&login(WIKI, &format!("q={q}"))).await;
        assert_eq!(
            (page.status, found(&page)),
            (200, expected.iter().map(|s| (*s).to_owned()).collect()),
            "{q}"
        );
        assert!(!page.body.contains("<script>"), "{q}");
        assert!(
            page.links().iter().filter(|l| l.contains("/federate/")).all(|l| l.contains("service=https"))
        );
    }
    // Also where there is nothing to choose from.
    let page = nobody.get(&login("https://one.example/", "q=north")).await;
    assert_eq!((page.status, found(&page)), (200, vec![]));
}

#[tokio::test]
async fn recent_ones_after_a_success_only() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    let away = ada.get(&by(WIKI, "north.example")).await;
    assert_eq!(ada.cookie("cas_recent"), None, "leaving is not arriving");
    north.has(crate::support::trouble::Trouble::Status(500));
    ada.returns(&away).await;
    assert_eq!(ada.cookie("cas_recent"), None, "nor is failing");
    north.recovers();
    let returned = ada.returns(&ada.get(&by(WIKI, "north.example")).await).await;
    let cookie = returned.headers("set-cookie").into_iter().find(|c| c.starts_with("cas_recent=")).unwrap();
    assert_eq!(cookie, "cas_recent=north.example; Path=/cas; HttpOnly; SameSite=Lax; Max-Age=15552000");

    ada.get("logout").await;
    let page = ada.visits(WIKI).await;
    assert_eq!(page.offers(), ["north.example"], "{}", page.text());
    assert!(page.buttons().iter().any(|link| link.contains("choose=1")), "a way to the others");
    assert_eq!(ada.get(&login(WIKI, "choose=1")).await.offers().len(), 2);
    // The newest comes first.
    ada.arrives(WIKI, "south.example").await.ticket();
    ada.get("logout").await;
    assert_eq!(ada.visits(WIKI).await.offers(), ["south.example", "north.example"]);
    ada.arrives(WIKI, "north.example").await.ticket();
    assert_eq!(ada.cookie("cas_recent").as_deref(), Some("north.example~south.example"));
}

#[tokio::test]
async fn nothing_is_remembered_on_a_shared_computer() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    let page = ada.get(&login(WIKI, "q=north&shared=1")).await;
    let link = page.links().into_iter().find(|link| link.contains("/federate/north.example")).unwrap();
    assert!(link.contains("shared=true"), "{link}");
    let returned = ada.returns(&ada.get(&link).await).await;
    ada.follow_home(returned).await.ticket();
    assert_eq!(ada.cookie("cas_recent"), None);
    ada.get("logout").await;
    assert_eq!(ada.visits(WIKI).await.offers().len(), 2);
}

/// The form that forgets.
fn forgets(page: &Page, what: &str) -> Form {
    let form = page.form();
    assert_eq!(form.action, "/cas/preferences");
    form.fill("forget", what)
}

#[tokio::test]
async fn forgotten_one_by_one_or_all() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    ada.set_cookie("cas_recent", "north.example~south.example");
    let page = ada.visits(LIBRARY).await;
    assert_eq!(page.offers(), ["north.example", "south.example"]);
    let answer = ada.submit(&forgets(&page, "north.example")).await;
    assert_eq!((answer.status, answer.location()), (303, house.at(&login(LIBRARY, "")).as_str()));
    let page = ada.follow(&answer).await;
    assert_eq!(page.offers(), ["south.example"]);
    // The same form again, of a page that was open twice, does nothing.
    let answer = ada.submit(&forgets(&page, "*")).await;
    let cookie = answer.headers("set-cookie").into_iter().find(|c| c.starts_with("cas_recent=")).unwrap();
    assert!(cookie.contains("cas_recent=;") && cookie.contains("Max-Age=0"), "{cookie}");
    let other = Browser::at(&house);
    other.set_cookie("cas_recent", "north.example~south.example");
    let stolen = other.submit(&forgets(&page, "*")).await;
    assert!(
        !stolen.headers("set-cookie").iter().any(|c| c.starts_with("cas_recent=")),
        "a token of somebody else"
    );
}

#[tokio::test]
async fn what_the_cookie_says_is_only_a_wish() {
    let house = everybody().start().await;
    for (cookie, service, expected) in [
        ("nowhere.example~north.example~off.example", WIKI, vec!["north.example"]),
        ("hidden.example~north.example", WIKI, vec!["north.example"]),
        ("NORTH.example", WIKI, vec!["north.example"]),
        ("a.example~west.example", "https://some.example/", vec!["west.example"]),
        (
            "north.example~west.example~a.example~b.example",
            WIKI,
            vec!["north.example", "west.example", "a.example"],
        ),
    ] {
        let browser = Browser::at(&house);
        browser.set_cookie("cas_recent", cookie);
        assert_eq!(browser.visits(service).await.offers(), expected, "{cookie}");
    }
    for cookie in
        ["nowhere.example", "hidden.example", "<script>", "~~~", "", "local", "https://evil.example/", "%00"]
    {
        let browser = Browser::at(&house);
        browser.set_cookie("cas_recent", cookie);
        let page = browser.visits(WIKI).await;
        assert_eq!((page.status, page.offers().len()), (200, 5), "{cookie}");
        assert!(!page.body.contains("evil") && !page.body.contains("<script>"));
    }
}

#[tokio::test]
async fn an_account_that_the_service_does_not_take() {
    let (north, south) = (north().await, south().await);
    let rules = r#"
        [[service]]
        name = "South only"
        url = "https://of-south.example/**"
        providers = ["south.example"]
        [[service]]
        name = "Closed"
        url = "https://closed.example/**"
        providers = ["off.example"]
    "#;
    let off = "[[provider]]\nsuffix = \"off.example\"\nname = \"Off\"\nurl = \"https://x.example\"\ndisabled = true\n";
    let house = between(&north, &south).service(rules).provider(off).start().await;
    let ada = Browser::at(&house);
    ada.arrives(WIKI, "north.example").await.ticket();

    // A page, not a jump, though there is one way only.
    let page = ada.visits("https://of-south.example/").await;
    assert_eq!((page.status, page.offers()), (200, vec!["south.example".to_owned()]));
    assert!(page.says("South only") && page.says("University of North"), "{}", page.text());
    assert_eq!(ada.visits("https://of-south.example/").await.maybe_ticket(), None);
    // Without asking anybody: back with empty hands.
    let back = ada.get(&login("https://of-south.example/", "gateway=true")).await;
    assert_eq!((back.status, back.location()), (303, "https://of-south.example/"));
    // Nothing else is allowed either.
    assert_refused(&ada.visits("https://closed.example/").await, 403, "service.provider_not_allowed");
    assert!(ada.visits(NOTES).await.maybe_ticket().is_some(), "and Ada is still signed in");
    // With the other account it works.
    let link = page.links().into_iter().find(|link| link.contains("/federate/south.example")).unwrap();
    let exit = ada.follow_home(ada.returns(&ada.get(&link).await).await).await;
    assert!(exit.location().starts_with("https://of-south.example/?ticket=ST-"));
}

#[tokio::test]
async fn signed_in_already() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    ada.arrives(WIKI, "north.example").await.ticket();
    // Through the same institution: on to the service, nobody is asked.
    let page = ada.get("federate/NORTH.example?service=https%3A%2F%2Fwiki.example%2F").await;
    assert_eq!(page.location(), house.at(&login(WIKI, "")));
    assert!(ada.follow_home(page).await.maybe_ticket().is_some());
    assert_eq!(north.logins().len(), 1);
    // Through another one: there.
    let page = ada.get("federate/south.example?service=https%3A%2F%2Fwiki.example%2F").await;
    assert!(page.location().starts_with(south.url()));
    // The page, for who wants to change.
    let page = ada.get(&login(WIKI, "choose=1")).await;
    assert_eq!((page.status, page.offers().len()), (200, 2));
}

#[tokio::test]
async fn federation_switched_off() {
    let (north, south) = (north().await, south().await);
    let house = House::with()
        .provider(&north.entry("north.example", "North"))
        .provider(&south.entry("south.example", "South"))
        .section("[federation]\nenabled = false")
        .start()
        .await;
    let nobody = Browser::at(&house);
    assert!(nobody.visits(WIKI).await.asks_password());
    assert_refused(&nobody.get(&by(WIKI, "north.example")).await, 403, "provider.disabled");
    assert_refused(&nobody.get("federate/north.example").await, 403, "provider.disabled");
    // What a browser remembers leads nowhere either, and one that was a way goes on being none.
    nobody.set_cookie("cas_recent", "north.example");
    nobody.set_cookie("cas_auto", "north.example~1800000060~0~0");
    assert!(nobody.visits(WIKI).await.asks_password());
    assert_eq!(nobody.get(&login(WIKI, "gateway=true")).await.location(), WIKI);
}
