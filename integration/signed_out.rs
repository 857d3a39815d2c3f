//! The page after signing out: what it says of each service, and what it never does.

use crate::support::browser::Page;
use crate::support::house::{ADA, BROOK, NOTES, WIKI};
use crate::support::service::Mood;
use crate::support::{Browser, House, Service};

const NORTH: &str = r#"
[[provider]]
suffix = "north.example"
name = "University of North"
url = "https://cas.north.example/cas"
"#;

async fn uses(house: &House, browser: &Browser, url: &str) {
    let ticket = browser.ticket_for(url).await;
    assert!(house.service_validate(&ticket, url).await.contains("authenticationSuccess"));
}

/// A gateway with one application, that ada is signed in to.
async fn signed_in(app: &Service, keys: &str, section: &str) -> (House, Browser) {
    let house = House::with().section(section).service(&app.toml("App", keys)).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    uses(&house, &ada, &app.url).await;
    (house, ada)
}

/// Where the page looks next; empty: nowhere.
fn next_look(page: &Page) -> &str {
    let refresh = page.header("refresh");
    let meta = page.body.contains("http-equiv=\"refresh\"");
    assert_eq!(meta, !refresh.is_empty(), "header and page say the same");
    refresh.strip_prefix("2; url=").unwrap_or_default()
}

async fn look(browser: &Browser, page: &Page) -> Page {
    let next = next_look(page);
    assert!(next.starts_with("/cas/logout?receipt="), "{next}: {}", page.text());
    browser.get(next).await
}

#[tokio::test]
async fn the_page_looks_again_until_the_service_has_answered() {
    let app = Service::start().await;
    let (house, ada) = signed_in(&app, "", "").await;
    let page = ada.get("logout").await;
    assert!(page.says("Being told") && page.says("The services below are being told."), "{}", page.text());
    let policy = page.header("content-security-policy").to_owned();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    let second = look(&ada, &page).await;
    assert!(second.says("Being told") && next_look(&second).ends_with("&n=2"), "{}", second.text());
    assert_eq!((second.status, second.header("cache-control")), (200, "no-store"));
    house.tell_services().await;
    let third = look(&ada, &second).await;
    assert!(third.says("Signed out") && third.says("has accepted the sign-out"), "{}", third.text());
    assert_eq!(next_look(&third), "");
    assert_eq!(third.header("content-security-policy"), policy);
    let again = ada.get(next_look(&second)).await;
    assert!(again.says("Signed out") && app.heard().len() == 1, "whoever reloads tells nobody again");
}

#[tokio::test]
async fn it_looks_five_times_and_stays_truthful() {
    let app = Service::start().await;
    let (_house, ada) = signed_in(&app, "", "").await;
    let mut page = ada.get("logout").await;
    for _ in 0..5 {
        page = look(&ada, &page).await;
    }
    assert_eq!(next_look(&page), "");
    assert!(page.says("Being told"));
}

#[tokio::test]
async fn each_state_has_its_words() {
    let (app, deaf) = (Service::start().await, Service::start().await);
    app.is(Mood::Status(500));
    let house = House::with().service(&app.toml("App", ""));
    let house = house.service(&deaf.toml("Deaf", "single_log_out = false")).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    uses(&house, &ada, &app.url).await;
    uses(&house, &ada, &deaf.url).await;
    let first = ada.get("logout").await;
    assert!(first.says("Being told") && first.says("Sign out there yourself"), "{}", first.text());
    assert!(first.links().contains(&deaf.url), "{:?}", first.links());
    let receipt = next_look(&first).to_owned();
    house.tell_services().await;
    let trying = ada.get(&receipt).await;
    assert!(trying.says("Trying again"), "{}", trying.text());
    assert!(trying.says("It did not answer. We keep trying for 10 minutes."), "{}", trying.text());
    assert!(trying.says("2 of the services below may still have you signed in."));
    assert!(!trying.body.contains("500") && next_look(&trying).is_empty(), "no text of an error");
    for _ in 0..4 {
        house.clock.advance(400);
        house.tell_services().await;
        assert!(house.count("sign_out").await == 1);
    }
    // Fifteen minutes are over by now.
    assert!(!ada.get(&receipt).await.says("App"));
    for words in ["everywhere", "completely", "session", "ticket"] {
        assert!(!trying.text().to_lowercase().contains(words), "{words}");
    }
}

#[tokio::test]
async fn a_service_that_was_given_up_is_named() {
    let app = Service::start().await;
    app.is(Mood::Status(404));
    let (house, ada) = signed_in(&app, "", "[logout]\nretry = [\"10 s\"]").await;
    let receipt = next_look(&ada.get("logout").await).to_owned();
    house.tell_services().await;
    assert!(ada.get(&receipt).await.says("We keep trying for a minute."));
    house.clock.advance(11);
    house.tell_services().await;
    let page = ada.get(&receipt).await;
    assert!(page.says("No answer") && page.says("It could not be told. Sign out there yourself."));
    assert!(page.links().contains(&app.url));
}

#[tokio::test]
async fn a_receipt_reads_and_no_more() {
    let app = Service::start().await;
    let (house, ada) = signed_in(&app, "", "").await;
    let receipt = next_look(&ada.get("logout").await).to_owned();
    let eve = Browser::at(&house);
    assert!(eve.get(&receipt).await.says("App"), "it is bound to nothing");
    for wrong in ["logout?receipt=made-up", "logout?receipt=%3Cscript%3E&n=1", "logout?receipt=x&n=many"] {
        let page = eve.get(wrong).await;
        assert!(page.status == 200 && page.says("You are not signed in to"), "{wrong}: {}", page.text());
        assert!(!page.says("App") && next_look(&page).is_empty(), "{wrong}");
        assert!(!page.says("You are signed out") && page.says("or it was too long ago."), "{wrong}");
    }
    ada.signs_in(ADA).await;
    let page = ada.get(&receipt).await;
    assert_eq!((page.status, page.location()), (303, house.at("login").as_str()), "not true of ada any more");
    assert!(ada.visits(WIKI).await.maybe_ticket().is_some(), "and a reload signs nobody out");
}

#[tokio::test]
async fn what_was_shown_is_swept_after_a_quarter_of_an_hour() {
    let app = Service::start().await;
    let (house, ada) = signed_in(&app, "", "").await;
    let receipt = next_look(&ada.get("logout").await).to_owned();
    house.clock.advance(60);
    house.tell_services().await;
    assert!(house.outbox().await.is_empty(), "no work any more");
    assert_eq!(
        house.count("outbox WHERE session_index <> '' OR name_id <> ''").await,
        0,
        "no ticket is kept"
    );
    house.clock.advance(839);
    house.sweep().await;
    assert!(ada.get(&receipt).await.says("App"));
    house.clock.advance(1);
    assert!(!ada.get(&receipt).await.says("App"), "expiry does not wait for a sweep");
    house.sweep().await;
    assert_eq!((house.count("sign_out").await, house.count("outbox").await), (0, 1));
    house.clock.advance(60);
    house.sweep().await;
    assert_eq!(house.count("outbox").await, 0);
}

#[tokio::test]
async fn without_a_page_nothing_is_kept_for_one() {
    let app = Service::start().await;
    let (house, ada) = signed_in(&app, "", "").await;
    assert_eq!(ada.get(&format!("logout?service={WIKI}")).await.location(), WIKI);
    house.tell_services().await;
    assert_eq!((house.count("sign_out").await, house.count("outbox").await, app.told().len()), (0, 0, 1));
}

#[tokio::test]
async fn all_sessions_of_one_person_end() {
    let app = Service::start().await;
    let house = House::with().service(&app.toml("App", "")).start().await;
    let (here, there, idle) = (Browser::at(&house), Browser::at(&house), Browser::at(&house));
    let other = Browser::at(&house);
    idle.signs_in(ADA).await;
    house.clock.advance(7000);
    for (browser, who) in [(&here, ADA), (&there, ADA), (&other, BROOK)] {
        browser.signs_in(who).await;
        uses(&house, browser, &app.url).await;
    }
    let page = here.get("logout?all=1").await;
    assert!(page.says("You were signed out in 3 browsers."), "{}", page.text());
    house.tell_services().await;
    assert_eq!(app.told().len(), 2);
    let looked = look(&here, &page).await;
    assert!(looked.says("Signed out") && looked.says("You were signed out in 3 browsers."));
    assert!(there.visits(WIKI).await.asks_password() && idle.visits(WIKI).await.asks_password());
    assert!(other.visits(WIKI).await.maybe_ticket().is_some());
    here.signs_in(ADA).await;
    assert!(here.get("logout?all=true").await.says("You were signed in in this browser only."));
}

#[tokio::test]
async fn a_session_that_is_over_ends_no_others() {
    let house = House::start().await;
    let (old, young) = (Browser::at(&house), Browser::at(&house));
    old.signs_in(ADA).await;
    house.clock.advance(7200);
    young.signs_in(ADA).await;
    old.get("logout?all=1").await;
    assert!(young.visits(WIKI).await.maybe_ticket().is_some());
}

#[tokio::test]
async fn more_sessions_than_one_transaction_holds() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    for _ in 0..120 {
        ada.signs_in(ADA).await;
        ada.forget();
    }
    ada.signs_in(ADA).await;
    assert!(ada.get("logout?all=1").await.says("You were signed out in 121 browsers."));
    assert_eq!(house.count("session").await, 0);
}

#[tokio::test]
async fn the_sign_in_page_may_follow() {
    let house = House::with().section("[logout]\nafter = \"login\"").provider(NORTH).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let away = ada.get("logout").await;
    assert_eq!((away.status, away.location()), (303, house.at("login?choose=1&signed_out=1").as_str()));
    let page = ada.follow(&away).await;
    assert!(page.says("You are signed out.") && page.offers() == ["north.example"], "{}", page.text());
    assert_eq!(ada.get(&format!("logout?service={WIKI}")).await.location(), WIKI, "a service comes first");
    ada.signs_in(ADA).await;
    for claim in ["login?signed_out=1", "login?choose=1&signed_out=1", "login?renew=1&signed_out=1"] {
        assert!(!ada.get(claim).await.says("You are signed out."), "{claim}: nobody may say so of ada");
    }
}

#[tokio::test]
async fn other_sites_may_have_to_ask() {
    let app = Service::start().await;
    let (house, ada) = signed_in(&app, "", "[logout]\nconfirm = true").await;
    let elsewhere = ada.claiming("cross-site");
    for browser in [&elsewhere, &ada.claiming("same-site"), &ada] {
        let page = browser.get(&format!("logout?service={WIKI}&all=1")).await;
        assert!(page.status == 200 && page.says("Nothing has happened yet."), "{}", page.text());
        assert!(page.says("on all your devices?") && page.says("Sign out on all devices"), "{}", page.text());
        assert_eq!(page.form().action, "/cas/logout");
    }
    assert!(ada.visits(WIKI).await.maybe_ticket().is_some());
    let known = elsewhere.get(&format!("logout?service={WIKI}")).await;
    assert!(known.says("Another site sent you here") && !known.says("on all"), "{}", known.text());
    assert!(
        ada.get("logout").await.says("You were sent here to sign out."),
        "nothing is known of where from"
    );
    let form = known.form();
    let unsigned = ada.submit(&form.clone().fill("lt", "LT-made-up")).await;
    assert!(unsigned.says("Nothing has happened yet."), "{}", unsigned.text());
    let out = ada.submit(&form).await;
    assert_eq!((out.status, out.location()), (303, WIKI));
    assert!(ada.visits(WIKI).await.asks_password());
    assert!(elsewhere.get("logout").await.says("You were not signed in"), "nothing to ask about");
    for own in ["same-origin", "none"] {
        ada.signs_in(ADA).await;
        assert!(ada.claiming(own).get("logout").await.says("You are signed out of"), "{own}");
        assert!(house.count("session").await == 0);
    }
}

#[tokio::test]
async fn institutions_are_forgotten_on_the_way_out() {
    let house = House::with().provider(NORTH).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    ada.set_cookie("cas_recent", "north.example");
    let page = ada.get("logout").await;
    assert!(page.says("University of North is remembered on this device."), "{}", page.text());
    let form = page.form();
    assert_eq!(form.action, "/cas/preferences");
    let out = ada.get("logout?forget_provider=1").await;
    assert!(!out.says("is remembered"), "{}", out.text());
    let cookies = out.headers("set-cookie");
    for name in ["cas_recent=;", "cas_auto=;"] {
        assert!(
            cookies.iter().any(|cookie| cookie.starts_with(name) && cookie.contains("Max-Age=0")),
            "{name}"
        );
    }
    let kept = ada.get("logout?forget_provider=0").await;
    assert_eq!(kept.headers("set-cookie").len(), 1);
}

#[tokio::test]
async fn a_service_that_is_switched_off_is_nowhere_to_go() {
    let off = "[[service]]\nname = \"Off\"\nurl = \"https://off.example/**\"\ndisabled = true\n";
    let house = House::with().service(off).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let page = ada.get("logout?service=https://off.example/").await;
    assert_eq!((page.status, page.location()), (200, ""));
    assert!(!page.body.contains("off.example"));
    assert!(ada.visits(NOTES).await.asks_password());
}
