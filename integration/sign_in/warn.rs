//! Being asked before a service: the wish of a person, and of an entry.

use crate::federate::{between, north, south};
use crate::support::browser::login;
use crate::support::form::Form;
use crate::support::house::{ADA, NOTES, WIKI};
use crate::support::journey::by;
use crate::support::{Browser, House, Page};

const COOKIE: &str = "cas_warn";

fn asks(page: &Page) -> bool {
    let asks = page.status == 200 && page.body.contains("name=\"go\"");
    assert_ne!(asks, page.maybe_ticket().is_some(), "{} {}", page.status, page.text());
    asks
}

fn goes_on(page: &Page) -> Form {
    page.form().fill("go", "1")
}

fn preferences(page: &Page) -> Form {
    let mut forms = Form::all(&page.body).into_iter();
    forms.find(|form| form.value("save").is_some()).expect("the boxes of the signed-in page")
}

/// Signs in without a service, with the box as it is or as it is set.
async fn signs_in(browser: &Browser, warn: Option<bool>) -> Page {
    let mut form = browser.get("login").await.form().fill("username", ADA.0).fill("password", ADA.1);
    form = match warn {
        Some(true) => form.fill("warn", "1"),
        Some(false) => form.without("warn"),
        None => form,
    };
    browser.submit(&form).await
}

#[tokio::test]
async fn the_choice_holds_for_the_next_session() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let typed = signs_in(&ada, Some(true)).await;
    let cookie = typed.headers("set-cookie")[1];
    assert_eq!(cookie, "cas_warn=1; Path=/cas; HttpOnly; SameSite=Lax; Max-Age=34560000");
    assert!(asks(&ada.visits(WIKI).await));
    ada.get("logout").await;
    let form = ada.visits(WIKI).await;
    assert_eq!(form.form().value("warn"), Some("1"), "ticked beforehand");
    signs_in(&ada, None).await;
    assert!(asks(&ada.visits(WIKI).await));
    // Unticking it ends the wish.
    ada.get("logout").await;
    signs_in(&ada, Some(false)).await;
    assert_eq!(ada.cookie(COOKIE), None);
    assert!(!asks(&ada.visits(WIKI).await));
    assert_eq!(ada.get("login?renew=true").await.form().value("warn"), None);
}

#[tokio::test]
async fn a_slip_leaves_the_box_as_it_was_sent() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.set_cookie(COOKIE, "1");
    let form =
        ada.visits(WIKI).await.form().without("warn").fill("username", ADA.0).fill("password", "wrong");
    let slip = ada.submit(&form).await;
    assert_eq!((slip.status, slip.form().value("warn")), (401, None));
    assert_eq!(ada.cookie(COOKIE).as_deref(), Some("1"), "nothing was decided yet");
    // Data from outside is no wish.
    let eve = Browser::at(&house);
    eve.set_cookie(COOKIE, "true; x");
    assert_eq!(eve.visits(WIKI).await.form().value("warn"), None);
}

#[tokio::test]
async fn a_shared_computer_keeps_it_for_the_session_only() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let form = ada.get(&login(WIKI, "shared=1&warn=1")).await;
    let page = ada.follow(&ada.types(&form, ADA).await).await;
    assert!(asks(&page) && ada.submit(&goes_on(&page)).await.maybe_ticket().is_some());
    assert_eq!(ada.cookie(COOKIE), None);
    // A renewal does not lose it.
    let form = ada.get(&login(WIKI, "renew=true&shared=1")).await;
    assert_eq!(form.form().value("warn"), Some("1"));
    assert!(asks(&ada.follow(&ada.types(&form, ADA).await).await));
}

#[tokio::test]
async fn answering_leaves_the_choice_as_it_is() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    signs_in(&ada, Some(true)).await;
    for _ in 0..2 {
        let page = ada.visits(WIKI).await;
        let exit = ada.submit(&goes_on(&page)).await;
        assert!(exit.maybe_ticket().is_some() && exit.headers("set-cookie").is_empty());
    }
    let page = ada.visits(NOTES).await;
    let cancel = ada.get(&page.buttons()[0]).await;
    assert!(cancel.says("Ada King") && cancel.maybe_ticket().is_none());
    assert!(asks(&ada.visits(WIKI).await));
}

#[tokio::test]
async fn one_service_may_be_left_out() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    signs_in(&ada, Some(true)).await;
    let page = ada.visits(WIKI).await;
    assert!(page.says("Do not ask again for Wiki"));
    let spoilt = goes_on(&page).fill("skip", "1").fill("lt", "LT-made-up");
    assert!(ada.submit(&spoilt).await.maybe_ticket().is_none());
    assert!(asks(&ada.visits(WIKI).await), "nothing counts without the token of the page");
    let page = ada.visits(WIKI).await;
    ada.submit(&goes_on(&page).fill("skip", "1")).await.ticket();
    for address in [WIKI, "https://wiki.example/deeper"] {
        assert!(!asks(&ada.visits(address).await));
    }
    assert!(asks(&ada.visits(NOTES).await));
    // It holds through a renewal, and ends when the wish is switched on anew.
    ada.follow(&ada.types(&ada.get(&login(WIKI, "renew=true&warn=1")).await, ADA).await).await.ticket();
    let boxes = preferences(&ada.get("login").await);
    ada.submit(&boxes).await;
    assert!(!asks(&ada.visits(WIKI).await), "saved as it was");
    ada.submit(&preferences(&ada.get("login").await).without("warn")).await;
    ada.submit(&preferences(&ada.get("login").await).fill("warn", "1")).await;
    assert!(asks(&ada.visits(WIKI).await));
}

#[tokio::test]
async fn the_entry_of_a_service_has_the_first_word() {
    let services = "[[service]]\nname = \"Always\"\nurl = \"https://always.example/**\"\nwarn = \"always\"\n\
        [[service]]\nname = \"Never\"\nurl = \"https://never.example/**\"\nwarn = \"never\"\n";
    let house = House::with().service(services).start().await;
    let (always, never) = ("https://always.example/", "https://never.example/");
    let ada = Browser::at(&house);
    signs_in(&ada, None).await;
    for target in [login(always, ""), login(always, "gateway=true")] {
        let page = ada.get(&target).await;
        assert!(asks(&page) && page.says("This service is set up to ask each time."), "{}", page.text());
        assert!(!page.body.contains("name=\"skip\""));
        // Whoever sends it all the same changes nothing.
        ada.submit(&goes_on(&page).fill("skip", "1")).await.ticket();
    }
    assert!(asks(&ada.visits(always).await));
    assert!(!asks(&ada.visits(WIKI).await));
    ada.submit(&preferences(&ada.get("login").await).fill("warn", "1")).await;
    assert!(!asks(&ada.visits(never).await));
    assert!(asks(&ada.visits(WIKI).await));
}

#[tokio::test]
async fn switched_on_the_page_of_who_is_signed_in() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    signs_in(&ada, None).await;
    let boxes = preferences(&ada.get("login").await);
    assert_eq!((boxes.action.as_str(), boxes.value("warn")), ("/cas/preferences", None));
    let saved = ada.submit(&boxes.clone().fill("warn", "1")).await;
    assert_eq!((saved.status, saved.location()), (303, house.at("login").as_str()));
    assert_eq!(ada.cookie(COOKIE).as_deref(), Some("1"));
    assert!(asks(&ada.visits(WIKI).await));
    // The token serves once.
    ada.submit(&boxes.without("warn")).await;
    assert!(asks(&ada.visits(WIKI).await));
    let boxes = preferences(&ada.get("login").await);
    assert_eq!(boxes.value("warn"), Some("1"));
    ada.submit(&boxes.without("warn")).await;
    assert_eq!(ada.cookie(COOKIE), None);
    assert!(!asks(&ada.visits(WIKI).await));
    // Of another site it does nothing.
    let boxes = preferences(&ada.get("login").await).fill("warn", "1");
    assert_eq!(ada.claiming("cross-site").submit(&boxes).await.code(), "request.foreign");
    assert!(!asks(&ada.visits(WIKI).await));
}

#[tokio::test]
async fn people_of_institutions_are_asked_too() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    let away = ada.get(&format!("{}&warn=true", by(WIKI, "north.example"))).await;
    assert!(asks(&ada.follow(&ada.returns(&away).await).await));
    assert_eq!(ada.cookie(COOKIE).as_deref(), Some("1"));
    ada.get("logout").await;
    // The wish from before, without a word in the request.
    assert!(asks(&ada.arrives(WIKI, "north.example").await));
    ada.submit(&preferences(&ada.get("login").await).without("warn")).await;
    ada.get("logout").await;
    assert!(!asks(&ada.arrives(WIKI, "north.example").await));
    // For the session alone, through a renewal.
    let guest = Browser::at(&house);
    let away = guest.get(&format!("{}&warn=true&shared=1", by(WIKI, "north.example"))).await;
    assert!(asks(&guest.follow(&guest.returns(&away).await).await));
    let away = guest.get(&login(WIKI, "renew=true&shared=1")).await;
    assert!(asks(&guest.follow(&guest.returns(&away).await).await));
    assert_eq!(guest.cookie(COOKIE), None);
}
