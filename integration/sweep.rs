//! What ends by itself, and who hears of it.

use passerelle::flows::sweep::Swept;

use crate::support::house::{ADA, BROOK, WIKI};
use crate::support::{Browser, House, Service};

const NORTH: &str = r#"
[[provider]]
suffix = "north.example"
name = "University of North"
url = "https://cas.north.example/cas"
"#;

async fn uses(house: &House, browser: &Browser, url: &str) -> String {
    let ticket = browser.ticket_for(url).await;
    assert!(house.service_validate(&ticket, url).await.contains("authenticationSuccess"));
    ticket
}

#[tokio::test]
async fn sessions_that_nobody_used_end_and_their_services_are_told() {
    let app = Service::start().await;
    let house = House::with().service(&app.toml("App", "")).start().await;
    let (ada, brook) = (Browser::at(&house), Browser::at(&house));
    ada.signs_in(ADA).await;
    brook.signs_in(BROOK).await;
    let ticket = uses(&house, &ada, &app.url).await;
    uses(&house, &brook, &app.url).await;
    house.clock.advance(7000);
    brook.get("login").await;
    house.clock.advance(199);
    assert_eq!(house.sweep().await.sessions, 0);
    house.clock.advance(1);
    assert_eq!(house.sweep().await.sessions, 1);
    assert_eq!(house.sweep().await, Swept::default());
    house.tell_services().await;
    assert_eq!(app.told(), [ticket]);
    assert!(brook.visits(WIKI).await.maybe_ticket().is_some());
}

#[tokio::test]
async fn sessions_that_are_too_old_end_whatever_their_use() {
    let app = Service::start().await;
    let house =
        House::with().section("[session]\nidle = \"none\"").service(&app.toml("App", "")).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let ticket = uses(&house, &ada, &app.url).await;
    house.clock.advance(35_999);
    uses(&house, &ada, WIKI).await;
    assert_eq!(house.sweep().await.sessions, 0);
    house.clock.advance(1);
    assert_eq!(house.sweep().await.sessions, 1);
    house.tell_services().await;
    assert_eq!(app.told(), [ticket]);
}

#[tokio::test]
async fn tickets_that_nobody_validated_vanish_without_a_word() {
    let app = Service::start().await;
    let house = House::with().service(&app.toml("App", "")).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    ada.ticket_for(&app.url).await;
    uses(&house, &ada, &app.url).await;
    house.clock.advance(59);
    assert_eq!(house.sweep().await.tickets, 0);
    house.clock.advance(1);
    assert_eq!(house.sweep().await.tickets, 1);
    assert_eq!((house.count("ticket").await, house.outbox().await.len()), (1, 0));
}

#[tokio::test]
async fn a_ticket_that_was_tried_in_vain_is_not_told() {
    let app = Service::start().await;
    let house = House::with().service(&app.toml("App", "")).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let ticket = ada.ticket_for(&app.url).await;
    assert!(house.service_validate(&ticket, WIKI).await.contains("INVALID_SERVICE"));
    house.clock.advance(60);
    house.sweep().await;
    ada.get("logout").await;
    assert_eq!((house.tell_services().await, house.count("ticket").await), (0, 0));
}

#[tokio::test]
async fn services_can_be_told_at_an_age() {
    let app = Service::start().await;
    let section = "[ticket]\ntell_at_age = true\nkeep_for_logout = \"1 h\"";
    let house = House::with().section(section).service(&app.toml("App", "")).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let ticket = uses(&house, &ada, &app.url).await;
    house.clock.advance(3599);
    house.sweep().await;
    assert_eq!(house.tell_services().await, 0);
    house.clock.advance(2);
    assert_eq!(house.sweep().await.tickets, 1);
    assert_eq!(house.tell_services().await, 1);
    assert_eq!(app.told(), [ticket]);
    let second = uses(&house, &ada, &app.url).await;
    ada.get("logout").await;
    house.tell_services().await;
    assert_eq!(app.told()[1..], [second], "the session lived on, and the first ticket is not told again");
}

#[tokio::test]
async fn a_ticket_stays_as_long_as_its_session() {
    let app = Service::start().await;
    let section = "[session]\nidle = \"none\"\nlifetime = \"none\"";
    let house = House::with().section(section).service(&app.toml("App", "")).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let ticket = uses(&house, &ada, &app.url).await;
    house.clock.advance(40 * 86_400);
    assert_eq!(house.sweep().await.tickets, 0);
    ada.get("logout").await;
    house.tell_services().await;
    assert_eq!(app.told(), [ticket]);
}

#[tokio::test]
async fn handoffs_and_used_forms_vanish() {
    let house = House::with().provider(NORTH).start().await;
    let ada = Browser::at(&house);
    let away = ada.get("federate/north.example").await;
    assert!(
        away.location().starts_with("https://cas.north.example/cas/login?service="),
        "{}",
        away.location()
    );
    ada.types(&ada.get("login?provider=local").await, (ADA.0, "wrong")).await;
    assert_eq!((house.count("handoff").await, house.count("used_form").await), (1, 1));
    house.clock.advance(1799);
    assert_eq!(house.sweep().await, Swept::default());
    house.clock.advance(1);
    assert_eq!(house.sweep().await.others, 1);
    assert_eq!(house.count("used_form").await, 0);
    // Good for ten minutes, kept for an hour more.
    house.clock.advance(2399);
    assert_eq!(house.sweep().await, Swept::default());
    house.clock.advance(1);
    assert_eq!(house.sweep().await.others, 1);
    assert_eq!(house.count("handoff").await, 0);
}

#[tokio::test]
async fn showing_pages_writes_nothing() {
    let house = House::with().provider(NORTH).start().await;
    let guest = Browser::at(&house);
    for target in ["login", "login?provider=local", "logout", "login?gateway=1&service=https://wiki.example/"]
    {
        guest.get(target).await;
    }
    for table in ["session", "ticket", "handoff", "used_form", "federated_user", "outbox"] {
        assert_eq!(house.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn more_than_one_batch_is_swept_at_once() {
    let house = House::with().provider(NORTH).start().await;
    let guest = Browser::at(&house).claiming("same-origin");
    for _ in 0..11 {
        futures_util::future::join_all((0..50).map(|_| guest.get("federate/north.example"))).await;
    }
    house.clock.advance(4200);
    assert_eq!(house.sweep().await.others, 550);
}
