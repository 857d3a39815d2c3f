//! Telling services that a session ended (CAS 3.0 §2.3.3): once, in the background, whatever they answer.

use std::time::Duration;

use insta::assert_snapshot;

use crate::support::house::{ADA, BROOK, Builder, WIKI};
use crate::support::service::Mood;
use crate::support::{Browser, House, Service};

/// Signs in for a service that validates its ticket.
async fn uses(house: &House, browser: &Browser, who: (&str, &str), url: &str) -> String {
    let ticket = browser.signs_in_for(who, url).await;
    assert!(house.service_validate(&ticket, url).await.contains("authenticationSuccess"));
    ticket
}

/// One more ticket, by single sign-on.
async fn goes_on(house: &House, browser: &Browser, url: &str) -> String {
    let ticket = browser.ticket_for(url).await;
    assert!(house.service_validate(&ticket, url).await.contains("authenticationSuccess"));
    ticket
}

/// Four services that take messages and never answer, beside those that are there already.
async fn with_four_that_hang(mut house: Builder) -> (House, Vec<Service>) {
    let mut hanging = Vec::new();
    for i in 0..4 {
        let app = Service::start().await;
        app.is(Mood::Hangs);
        house = house.service(&app.toml(&format!("Hanging {i}"), ""));
        hanging.push(app);
    }
    (house.start().await, hanging)
}

async fn open(app: &Service, keys: &str) -> (House, Browser) {
    let house = House::with().service(&app.toml("App", keys)).start().await;
    let ada = Browser::at(&house);
    (house, ada)
}

#[tokio::test]
async fn the_message() {
    let app = Service::start().await;
    let (house, ada) = open(&app, "").await;
    let ticket = uses(&house, &ada, ADA, &format!("{}a?b=c", app.url)).await;
    house.clock.advance(61);
    ada.get("logout").await;
    assert_eq!(house.tell_services().await, 1);
    let [heard] = &app.heard()[..] else { panic!("{:?}", app.heard()) };
    assert_eq!((heard.method.as_str(), heard.target.as_str()), ("POST", "/a?b=c"));
    assert_eq!(heard.content_type, "application/x-www-form-urlencoded");
    let document = heard.logout_request();
    let (before, rest) = document.split_once(" ID=\"").unwrap();
    let (id, after) = rest.split_once('"').unwrap();
    assert!(id.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && id.len() > 20, "{id}");
    assert!(id.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)), "an NCName: {id}");
    assert!(!id.contains(&ticket[3..]));
    assert_snapshot!(format!("{before} ID=\"LR-1\"{after}").replace(&ticket, "ST-1"), @r#"<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="LR-1" Version="2.0" IssueInstant="2027-01-15T08:01:01Z"><saml:NameID>ada</saml:NameID><samlp:SessionIndex>ST-1</samlp:SessionIndex></samlp:LogoutRequest>"#);
    assert!(house.outbox().await.is_empty());
}

#[tokio::test]
async fn every_validated_ticket_is_told_once() {
    let (wiki, blog) = (Service::start().await, Service::start().await);
    let house = House::with().service(&wiki.toml("W", "")).service(&blog.toml("B", "")).start().await;
    let ada = Browser::at(&house);
    let mut of_wiki = vec![uses(&house, &ada, ADA, &wiki.url).await, goes_on(&house, &ada, &wiki.url).await];
    let of_blog = goes_on(&house, &ada, &blog.url).await;
    ada.ticket_for(&blog.url).await;
    ada.get("logout").await;
    assert_eq!(house.tell_services().await, 3);
    ada.get("logout").await;
    assert_eq!(house.tell_services().await, 0, "told once, also if the log-out is repeated");
    let mut told = wiki.told();
    told.sort();
    of_wiki.sort();
    assert_eq!((told, blog.told()), (of_wiki, vec![of_blog]));
    let ids: std::collections::BTreeSet<_> = wiki
        .heard()
        .iter()
        .map(|heard| heard.logout_request().split('"').nth(5).map(str::to_owned))
        .collect();
    assert_eq!(ids.len(), 2, "each has an ID of its own");
}

#[tokio::test]
async fn a_service_that_was_refused_is_not_told() {
    let app = Service::start().await;
    let (house, ada) = open(&app, "").await;
    let ticket = ada.signs_in_for(ADA, &app.url).await;
    let asked = [("pgtUrl", "https://app.example/callback")];
    let answer = house.validate("serviceValidate", &ticket, &app.url, &asked).await;
    assert!(answer.contains("UNAUTHORIZED_SERVICE_PROXY"), "{answer}");
    ada.get("logout").await;
    assert_eq!((house.tell_services().await, app.heard().len()), (0, 0));
}

#[tokio::test]
async fn other_sessions_are_left_alone() {
    let app = Service::start().await;
    let (house, ada) = open(&app, "").await;
    let brook = Browser::at(&house);
    let ticket = uses(&house, &ada, ADA, &app.url).await;
    let other = uses(&house, &brook, BROOK, &app.url).await;
    ada.get("logout").await;
    house.tell_services().await;
    assert_eq!(app.told(), std::slice::from_ref(&ticket));
    brook.get(&format!("logout?service={WIKI}")).await;
    house.tell_services().await;
    assert_eq!(app.told(), [ticket, other], "also when the log-out leads to a service");
}

#[tokio::test]
async fn services_may_want_none_or_have_them_elsewhere() {
    let (deaf, app, hook) = (Service::start().await, Service::start().await, Service::start().await);
    let callback = format!("single_log_out_callback = \"{}slo?key=1\"", hook.url);
    let house = House::with().service(&deaf.toml("Deaf", "single_log_out = false"));
    let house = house.service(&app.toml("App", &callback)).start().await;
    let ada = Browser::at(&house);
    uses(&house, &ada, ADA, &deaf.url).await;
    let ticket = goes_on(&house, &ada, &app.url).await;
    let page = ada.get("logout").await;
    assert!(page.says("Sign out there yourself") && page.says("Being told"), "{}", page.text());
    house.tell_services().await;
    assert!(deaf.heard().is_empty() && app.heard().is_empty());
    assert_eq!((hook.told(), hook.heard()[0].target.as_str()), (vec![ticket], "/slo?key=1"));
}

#[tokio::test]
async fn a_failure_is_tried_again_and_then_given_up() {
    let app = Service::start().await;
    app.is(Mood::Status(500));
    let (house, ada) = open(&app, "").await;
    uses(&house, &ada, ADA, &app.url).await;
    ada.get("logout").await;
    for (tries, wait) in [(1, 10), (2, 60), (3, 180), (4, 360)] {
        assert_eq!(house.tell_services().await, 1, "try {tries}");
        assert_eq!(house.tell_services().await, 0, "not at once again");
        let [message] = &house.outbox().await[..] else { panic!("one message") };
        assert_eq!((message.tries, message.last_answer.as_deref()), (tries, Some("status 500")));
        let next = message.next_try.expect("it is tried again").seconds() - house.app.clock.now().seconds();
        assert!((wait..=wait + wait / 10).contains(&next), "{next} s for {wait} s, and a little chance");
        house.clock.advance(next - 1);
        assert_eq!(house.tell_services().await, 0, "not too early");
        house.clock.advance(1);
    }
    assert_eq!(house.tell_services().await, 1, "the last try");
    assert_eq!(house.outbox().await[0].next_try, None);
    house.clock.advance(86_399);
    assert_eq!((house.tell_services().await, app.heard().len()), (0, 5));
    house.sweep().await;
    let left = house.outbox().await.len();
    house.clock.advance(86_400);
    house.sweep().await;
    assert_eq!((left, house.outbox().await.len()), (0, 0));
}

#[tokio::test]
async fn a_service_that_recovers_hears_of_it() {
    let app = Service::start().await;
    app.is(Mood::Status(503));
    let (house, ada) = open(&app, "").await;
    let ticket = uses(&house, &ada, ADA, &app.url).await;
    ada.get("logout").await;
    house.tell_services().await;
    app.is(Mood::Status(204));
    house.clock.advance(11);
    assert_eq!(house.tell_services().await, 1);
    assert_eq!(app.told(), [ticket.clone(), ticket]);
    let heard = app.heard();
    assert_eq!(heard[0].body, heard[1].body, "the same message again, under the same ID");
    assert!(house.outbox().await.is_empty());
}

#[tokio::test]
async fn a_redirect_counts_as_told_and_is_not_followed() {
    let app = Service::start().await;
    app.is(Mood::Elsewhere);
    let (house, ada) = open(&app, "").await;
    uses(&house, &ada, ADA, &app.url).await;
    ada.get("logout").await;
    assert_eq!(house.tell_services().await, 1);
    assert_eq!((app.heard().len(), house.outbox().await.len()), (1, 0));
}

#[tokio::test]
async fn nobody_waits_for_services_that_hang() {
    let healthy = Service::start().await;
    let house = House::with()
        .section("[logout]\ntimeout = \"0.3 s\"\nparallel = 2")
        .service(&healthy.toml("Healthy", ""));
    let (house, hanging) = with_four_that_hang(house).await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    for app in hanging.iter().chain([&healthy]) {
        goes_on(&house, &ada, &app.url).await;
    }
    // Nobody works at the outbox here, and the page is there all the same.
    assert_eq!(ada.get("logout").await.status, 200);
    let told = tokio::time::timeout(Duration::from_secs(6), house.tell_services()).await;
    assert_eq!(told.ok(), Some(5));
    assert_eq!(healthy.told().len(), 1);
    let left = house.outbox().await;
    assert_eq!(left.len(), 4);
    assert!(left.iter().all(|message| message.last_answer.as_deref() == Some("no answer in time")));
}

#[tokio::test]
async fn many_messages_of_one_service_that_hangs_keep_nobody_waiting() {
    let (hanging, healthy) = (Service::start().await, Service::start().await);
    hanging.is(Mood::Hangs);
    let house = House::with().service(&hanging.toml("Hanging", "")).service(&healthy.toml("Healthy", ""));
    let house = house.start().await;
    let (ada, brook) = (Browser::at(&house), Browser::at(&house));
    ada.signs_in(ADA).await;
    for _ in 0..60 {
        goes_on(&house, &ada, &hanging.url).await;
    }
    ada.get("logout").await;
    house.clock.advance(1);
    uses(&house, &brook, BROOK, &healthy.url).await;
    // The first is there when the round begins, the second comes while it hangs.
    let other = Browser::at(&house);
    uses(&house, &other, BROOK, &healthy.url).await;
    brook.get("logout").await;
    let late = async {
        while healthy.heard().is_empty() {
            tokio::task::yield_now().await;
        }
        other.get("logout").await;
        while healthy.heard().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        told = house.tell_services() => panic!("the round ended: {told}"),
        done = tokio::time::timeout(Duration::from_secs(2), late) => done.expect("told within two seconds"),
    }
    assert!(hanging.heard().len() <= 2, "a quarter of ten: {}", hanging.heard().len());
}

#[tokio::test]
async fn a_service_that_is_gone_keeps_nobody_from_being_told() {
    let (gone, app) = (Service::start().await, Service::start().await);
    let house = House::with().service(&gone.toml("Gone", "")).service(&app.toml("App", "")).start().await;
    let ada = Browser::at(&house);
    let url = gone.url.clone();
    uses(&house, &ada, ADA, &url).await;
    goes_on(&house, &ada, &app.url).await;
    drop(gone);
    // The port closes when its task has ended.
    while tokio::net::TcpStream::connect(url.trim_start_matches("http://").trim_end_matches('/'))
        .await
        .is_ok()
    {
        tokio::task::yield_now().await;
    }
    ada.get("logout").await;
    assert_eq!(house.tell_services().await, 2);
    assert_eq!((app.told().len(), house.outbox().await.len()), (1, 1));
    assert_eq!(house.outbox().await[0].last_answer.as_deref(), Some("no connection"));
}

#[tokio::test]
async fn the_name_in_the_message_is_the_one_that_was_released() {
    let app = Service::start().await;
    let (house, ada) = open(&app, "user_field = \"mail\"").await;
    uses(&house, &ada, ADA, &app.url).await;
    ada.get("logout").await;
    house.tell_services().await;
    let document = app.heard()[0].logout_request();
    assert!(document.contains(">ada@home.example</saml:NameID>"), "{document}");
}

#[tokio::test]
async fn slo_16_hanging_services_do_not_hold_up_a_healthy_one() {
    let healthy = Service::start().await;
    // As many places as services that hang, each with more than one message.
    let house = House::with().section("[logout]\nparallel = 4").service(&healthy.toml("Healthy", ""));
    let (house, hanging) = with_four_that_hang(house).await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    for app in hanging.iter().flat_map(|app| std::iter::repeat_n(app, 5)) {
        goes_on(&house, &ada, &app.url).await;
    }
    ada.get("logout").await;
    // The others are under way before this one comes.
    let brook = Browser::at(&house);
    uses(&house, &brook, BROOK, &healthy.url).await;
    let all_hang = async {
        while hanging.iter().any(|app| app.heard().is_empty()) {
            tokio::task::yield_now().await;
        }
        brook.get("logout").await;
        while healthy.heard().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        told = house.tell_services() => panic!("the round ended: {told}"),
        done = tokio::time::timeout(Duration::from_secs(6), all_hang) => done.expect("told within six seconds"),
    }
    let heard: Vec<_> = hanging.iter().map(|app| app.heard().len()).collect();
    assert!(heard.iter().sum::<usize>() <= 8, "one round of those that hang before it: {heard:?}");
}
