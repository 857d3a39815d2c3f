//! `gateway`: nobody is asked anything. An institution that lets that be done is asked once, in silence.

use super::{north, south};
use crate::support::browser::login;
use crate::support::fake_cas::FakeCas;
use crate::support::house::{BEGIN, NOTES, WIKI};
use crate::support::journey::{by, user};
use crate::support::trouble::Trouble;
use crate::support::{Browser, House, Page};

/// A gateway whose northern institution may be asked in silence.
async fn house(north: &FakeCas, south: &FakeCas) -> House {
    let passive = format!("{}passive = true\n", north.entry("north.example", "University of North"));
    House::with()
        .backends("")
        .provider(&passive)
        .provider(&south.entry("south.example", "South College"))
        .start()
        .await
}

/// A browser that remembers the north and has no session here.
fn remembering(house: &House) -> Browser {
    let ada = Browser::at(house);
    ada.set_cookie("cas_recent", "north.example~south.example");
    ada
}

fn quietly(service: &str) -> String {
    login(service, "gateway=true")
}

fn asks(page: &Page, north: &FakeCas) -> bool {
    page.status == 303
        && page.location().starts_with(north.url())
        && page.location_param("gateway").as_deref() == Some("true")
}

fn empty_hands(page: &Page, service: &str) -> bool {
    page.status == 303 && page.location() == service
}

#[tokio::test]
async fn somebody_signed_in_there_arrives() {
    let (north, south) = (north().await, south().await);
    let house = house(&north, &south).await;
    // Ada is signed in at the institution, by way of another browser window that is gone here.
    Browser::at(&house).arrives(NOTES, "north.example").await.ticket();
    let ada = remembering(&house);
    let away = ada.get(&quietly(WIKI)).await;
    assert!(asks(&away, &north), "{}", away.location());
    assert_eq!(away.location_param("renew"), None);
    let returned = ada.returns(&away).await;
    assert_eq!(returned.location(), house.at(&quietly(WIKI)));
    let exit = ada.follow(&returned).await;
    assert_eq!(user(&house.service_validate(&exit.ticket(), WIKI).await), "ada@north.example");
    // From now on there is a session, and nobody is asked.
    let logins = north.logins().len();
    ada.get(&quietly(NOTES)).await.ticket();
    assert_eq!(north.logins().len(), logins);
}

#[tokio::test]
async fn nobody_there_goes_back_at_once() {
    let (north, south) = (north().await, south().await);
    let house = house(&north, &south).await;
    let ada = remembering(&house);
    let service = "https://wiki.example/a?b=%20c&d#e";
    let away = ada.get(&quietly(service)).await;
    assert!(asks(&away, &north), "{}", away.location());
    let back = ada.follow(&away).await;
    assert_eq!(back.location_param("ticket"), None);
    let exit = ada.follow(&back).await;
    assert!(empty_hands(&exit, service), "{} {}", exit.status, exit.location());
    assert_eq!((north.logins().len(), north.validations().len()), (1, 0), "no second try");
    // The same return again, and late: as before.
    assert!(empty_hands(&ada.follow(&back).await, service));
    house.clock.advance(601);
    assert!(empty_hands(&ada.follow(&back).await, service));
    assert_eq!(north.logins().len(), 1);
    // A return that another browser met is nobody's way to anywhere.
    let other = Browser::at(&house).get(back.location()).await;
    assert_eq!((other.error_code().as_str(), other.location()), ("upstream.state_lost", ""));
}

#[tokio::test]
async fn a_return_that_is_met_again_by_somebody_goes_on() {
    let (north, south) = (north().await, south().await);
    let house = house(&north, &south).await;
    let ada = remembering(&house);
    let back = ada.follow(&ada.get(&quietly(WIKI)).await).await;
    assert!(empty_hands(&ada.follow(&back).await, WIKI));
    ada.arrives(NOTES, "south.example").await.ticket();
    let again = ada.follow_home(ada.follow(&back).await).await;
    assert!(again.location().starts_with(&format!("{WIKI}?ticket=ST-")), "{}", again.location());
}

#[tokio::test]
async fn an_address_of_the_return_leads_to_registered_services_only() {
    let (north, south) = (north().await, south().await);
    let house = house(&north, &south).await;
    let ada = remembering(&house);
    let back = ada.follow(&ada.get(&quietly(WIKI)).await).await;
    house
        .alter("UPDATE handoff SET query = 'service=https%3A%2F%2Fevil.example%2F&gateway=true&silent=true'")
        .await;
    let page = ada.follow(&back).await;
    assert_eq!((page.error_code().as_str(), page.location()), ("service.not_registered", ""));
}

#[tokio::test]
async fn straight_back_where_nobody_may_be_asked() {
    let (north, south) = (north().await, south().await);
    let house = house(&north, &south).await;
    let nobody = Browser::at(&house);
    assert!(empty_hands(&nobody.get(&quietly(WIKI)).await, WIKI), "nothing is remembered");
    for (cookie, value) in [
        ("cas_recent", "south.example~north.example".to_owned()),
        ("cas_recent", "nowhere.example".to_owned()),
        ("cas_auto", format!("south.example~{}~0~0", BEGIN + 60)),
        ("cas_auto", format!("north.example~{}~{BEGIN}~0", BEGIN + 60)),
        ("cas_auto", format!("north.example~{}~0~{BEGIN}", BEGIN + 60)),
    ] {
        let ada = Browser::at(&house);
        if cookie == "cas_auto" {
            ada.set_cookie("cas_recent", "north.example");
        }
        ada.set_cookie(cookie, &value);
        assert!(empty_hands(&ada.get(&quietly(WIKI)).await, WIKI), "{cookie}={value}");
    }
    let shared = remembering(&house).get(&login(WIKI, "gateway=true&shared=1")).await;
    assert!(empty_hands(&shared, WIKI));
    assert_eq!(north.requests().len() + south.requests().len(), 0);
    // What is gone to without asking is asked first.
    let ada = Browser::at(&house);
    ada.set_cookie("cas_recent", "south.example");
    ada.set_cookie("cas_auto", &format!("north.example~{}~0~0", BEGIN + 60));
    assert!(asks(&ada.get(&quietly(WIKI)).await, &north));
    // Fresh credentials beat silence (CAS 3.0 §2.1.1): somebody is asked.
    let page = remembering(&house).get(&login(WIKI, "gateway=true&renew=true")).await;
    assert_eq!((page.status, page.offers().len()), (200, 2));
}

#[tokio::test]
async fn straight_back_from_a_service_that_cannot_be_served_in_silence() {
    let (north, south) = (north().await, south().await);
    let passive = format!("{}passive = true\n", north.entry("north.example", "North"));
    let rules = r#"
        [[service]]
        name = "South only"
        url = "https://of-south.example/**"
        providers = ["south.example"]
        [[service]]
        name = "Vault"
        url = "https://vault.example/**"
        renew = true
    "#;
    let house = House::with()
        .backends("")
        .provider(&passive)
        .provider(&south.entry("south.example", "South"))
        .service(rules)
        .start()
        .await;
    for service in ["https://of-south.example/", "https://vault.example/"] {
        assert!(empty_hands(&remembering(&house).get(&quietly(service)).await, service), "{service}");
    }
    assert_eq!(north.requests().len(), 0);
}

#[tokio::test]
async fn who_signed_out_is_not_signed_in_again_behind_their_back() {
    let (north, south) = (north().await, south().await);
    let house = house(&north, &south).await;
    let ada = Browser::at(&house);
    ada.arrives(WIKI, "north.example").await.ticket();
    ada.get("logout").await;
    assert!(empty_hands(&ada.get(&quietly(WIKI)).await, WIKI));
    house.clock.advance(599);
    assert!(empty_hands(&ada.get(&quietly(WIKI)).await, WIKI));
    house.clock.advance(1);
    assert!(asks(&ada.get(&quietly(WIKI)).await, &north));
}

#[tokio::test]
async fn trouble_ends_on_a_page_whose_buttons_ask() {
    let (north, south) = (north().await, south().await);
    let house = house(&north, &south).await;
    Browser::at(&house).arrives(NOTES, "north.example").await.ticket();
    let ada = remembering(&house);
    north.has(Trouble::Status(500));
    let back = ada.follow(&ada.get(&quietly(WIKI)).await).await;
    let page = ada.follow(&back).await;
    assert_eq!((page.error_code().as_str(), page.location()), ("upstream.http", ""));
    for link in page.buttons() {
        assert!(link.contains("wiki.example") && !link.contains("gateway"), "{link}");
    }
    // Met again it is not a silent one either: there was a ticket.
    let again = ada.follow(&back).await;
    assert_eq!(again.error_code(), "upstream.state_lost");
    assert!(again.buttons().iter().all(|link| !link.contains("gateway")), "{:?}", again.buttons());
    assert!(ada.get(&by(WIKI, "north.example")).await.location().starts_with(north.url()));
}

#[tokio::test]
async fn not_for_ever() {
    let (north, south) = (north().await, south().await);
    let house = house(&north, &south).await;
    let ada = remembering(&house);
    for _ in 0..5 {
        let back = ada.follow(&ada.get(&quietly(WIKI)).await).await;
        assert!(empty_hands(&ada.follow(&back).await, WIKI));
    }
    assert!(empty_hands(&ada.get(&quietly(WIKI)).await, WIKI), "without the way to the institution");
    assert_eq!(north.logins().len(), 5);
    house.clock.advance(60);
    assert!(asks(&ada.get(&quietly(WIKI)).await, &north));
}
