//! Sign-ins that are under way while the files change.

use crate::support::fake_cas::{Draft, entry};
use crate::support::house::{Builder, WIKI};
use crate::support::journey::{by, user};
use crate::support::{Browser, FakeCas, House, Page};

fn north() -> Draft {
    FakeCas::v3().knows("ada")
}

/// A house with one institution, and Ada about to come back from there.
async fn almost(north: &FakeCas) -> (House, Browser, String) {
    let house = House::with().provider(&north.entry("north.example", "North")).start().await;
    let ada = Browser::at(&house);
    let away = ada.get(&by(WIKI, "north.example")).await;
    let back = ada.follow(&away).await.location().to_owned();
    (house, ada, back)
}

fn with(provider: &str) -> Builder {
    House::with().provider(provider)
}

fn is_refused(page: &Page, status: u16, code: &str) {
    assert_eq!((page.status, page.error_code().as_str()), (status, code), "{}", page.text());
}

fn assert_keeps_the_service(page: &Page) {
    assert!(page.says("Wiki"), "{}", page.text());
    let [button, ..] = &page.buttons()[..] else { panic!("no way on: {}", page.text()) };
    assert!(button.starts_with("/cas/login?service=https%3A%2F%2Fwiki.example%2F"), "{button}");
}

#[tokio::test]
async fn an_institution_that_moved_is_asked_where_it_was() {
    let (old, new) = (north().start().await, north().start().await);
    let (mut house, ada, back) = almost(&old).await;
    house.reloads(with(&new.entry_as("2.0", "north.example", "North, moved"))).await;
    let exit = ada.follow_home(ada.get(&back).await).await;
    assert_eq!(user(&house.service_validate(&exit.ticket(), WIKI).await), "ada@north.example");
    assert_eq!((old.validations().len(), new.requests().len()), (1, 0));
    assert_eq!(old.validations()[0].path, "/p3/serviceValidate", "in the protocol that it began with");

    Browser::at(&house).arrives(WIKI, "north.example").await.ticket();
    assert_eq!(
        (old.validations().len(), new.validations().len()),
        (1, 1),
        "who comes now goes to the new place"
    );
}

#[tokio::test]
async fn an_institution_that_is_gone_lets_nobody_in() {
    let north = north().start().await;
    let (mut house, ada, back) = almost(&north).await;
    house.reloads(with(&entry("south.example", "South", "https://cas.south.example/cas"))).await;
    let page = ada.get(&back).await;
    is_refused(&page, 404, "provider.unknown");
    assert_keeps_the_service(&page);
    let eve = Browser::at(&house).get(&back).await;
    is_refused(&eve, 404, "provider.unknown");
    assert!(!eve.says("Wiki") && !eve.body.contains("wiki.example"), "what Ada wanted is not told");
    assert!(ada.is_nobody().await && north.validations().is_empty());
}

#[tokio::test]
async fn an_institution_that_was_switched_off_lets_nobody_in() {
    let north = north().start().await;
    let (mut house, ada, back) = almost(&north).await;
    house.reloads(with(&format!("{}disabled = true\n", north.entry("north.example", "North")))).await;
    let page = ada.get(&back).await;
    is_refused(&page, 403, "provider.disabled");
    assert_keeps_the_service(&page);
    assert!(ada.is_nobody().await && north.validations().is_empty());
}

#[tokio::test]
async fn whoever_is_signed_in_stays_when_their_institution_goes() {
    let north = north().start().await;
    let (mut house, ada, back) = almost(&north).await;
    ada.follow_home(ada.get(&back).await).await.ticket();
    house.reloads(House::with()).await;
    let exit = ada.visits(WIKI).await;
    assert_eq!(user(&house.service_validate(&exit.ticket(), WIKI).await), "ada@north.example");
}

#[tokio::test]
async fn a_ticket_of_before_is_validated_after() {
    let north = north().start().await;
    let (mut house, ada, back) = almost(&north).await;
    let ticket = ada.follow_home(ada.get(&back).await).await.ticket();
    house.reloads(House::with().section("[ticket]\nservice_prefix = \"STnew\"\nservice_length = 40")).await;
    assert_eq!(user(&house.service_validate(&ticket, WIKI).await), "ada@north.example");
    let next = ada.visits(WIKI).await.ticket();
    assert!(next.starts_with("STnew-") && next.len() == 40, "{next}");
}
