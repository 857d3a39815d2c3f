//! `/logout` (CAS 3.0 §2.3): the session ends, here and at once.

use crate::support::house::{ADA, BROOK, NOTES, WIKI};
use crate::support::{Browser, House, raw};

#[tokio::test]
async fn signing_out_ends_the_session_and_says_so() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let ticket = ada.signs_in_for(ADA, WIKI).await;
    house.service_validate(&ticket, WIKI).await;
    let stolen = ada.twin();
    let page = ada.get("logout").await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    assert!(page.says("You are signed out of Sign-in") && page.says("Wiki"), "{}", page.text());
    assert_eq!(page.headers("set-cookie"), ["TGC-passerelle=; Path=/cas; HttpOnly; SameSite=Lax; Max-Age=0"]);
    assert_eq!(ada.cookie("TGC-passerelle"), None);
    assert!(ada.visits(WIKI).await.asks_password());
    assert!(stolen.visits(WIKI).await.asks_password(), "the server forgot it too");
    assert_eq!((house.count("session").await, house.count("ticket").await), (0, 0));
    let ticket = ada.signs_in_for(ADA, WIKI).await;
    assert!(house.service_validate(&ticket, WIKI).await.contains("ada"), "and in again");
}

#[tokio::test]
async fn tickets_that_nobody_validated_die_with_it() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let tickets = [ada.signs_in_for(ADA, WIKI).await, ada.ticket_for(WIKI).await];
    ada.get("logout").await;
    for ticket in tickets {
        assert!(house.service_validate(&ticket, WIKI).await.contains("INVALID_TICKET"));
    }
    assert!(house.outbox().await.is_empty(), "and nobody is told of them");
}

#[tokio::test]
async fn nothing_was_open_and_the_page_says_so() {
    let house = House::start().await;
    let guest = Browser::at(&house);
    let page = guest.get("logout").await;
    assert!(page.status == 200 && page.says("You were not signed in to Sign-in"), "{}", page.text());
    guest.set_cookie("TGC-passerelle", "TGT-made-up");
    assert!(guest.get("logout").await.says("You were not signed in"));
    assert_eq!(guest.get(&format!("logout?service={WIKI}")).await.location(), WIKI);
}

#[tokio::test]
async fn a_registered_service_is_gone_back_to() {
    let house = House::start().await;
    for service in ["https://wiki.example/bye?x=1&b=&a=%2F#top", "https://notes.example"] {
        let ada = Browser::at(&house);
        ada.signs_in(ADA).await;
        let query =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("service", service).finish();
        let back = ada.get(&format!("logout?{query}")).await;
        assert_eq!((back.status, back.location()), (303, service));
        assert!(ada.visits(WIKI).await.asks_password());
    }
}

#[tokio::test]
async fn nobody_is_sent_anywhere_else() {
    let house = House::start().await;
    for query in [
        "service=https://evil.example/",
        "service=//evil.example/",
        "service=http://wiki.example/",
        "service=javascript:alert(1)",
        "service=https://wiki.example@evil.example/",
        "service=https://wiki.example%0d%0aX:y/",
        "service=https:\\\\evil.example",
        "service=",
        "url=https://wiki.example/",
        "Service=https://wiki.example/",
    ] {
        let ada = Browser::at(&house);
        ada.signs_in(ADA).await;
        let page = ada.get(&format!("logout?{query}")).await;
        assert_eq!((page.status, page.location()), (200, ""), "{query}");
        assert!(!page.body.contains("evil"), "{query}");
        assert!(ada.visits(WIKI).await.asks_password(), "{query}");
    }
}

#[tokio::test]
async fn only_this_session_ends() {
    let house = House::start().await;
    let (here, there, other) = (Browser::at(&house), Browser::at(&house), Browser::at(&house));
    here.signs_in(ADA).await;
    there.signs_in(ADA).await;
    other.signs_in(BROOK).await;
    here.get("logout").await;
    assert!(there.visits(WIKI).await.maybe_ticket().is_some());
    assert!(other.visits(NOTES).await.maybe_ticket().is_some());
}

#[tokio::test]
async fn the_button_of_our_page_signs_out_and_forms_of_others_do_not() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let form = ada.get("login").await.form();
    assert_eq!(form.action, "/cas/logout");
    let page = ada.claiming("cross-site").submit(&form).await;
    assert_eq!((page.status, page.code().as_str()), (403, "request.foreign"));
    assert!(ada.visits(WIKI).await.maybe_ticket().is_some());
    let back = ada.claiming("same-origin").submit(&form.clone().fill("service", WIKI)).await;
    assert_eq!((back.status, back.location()), (200, WIKI), "a short page ends the way after a form");
    assert!(ada.visits(WIKI).await.asks_password());
}

#[tokio::test]
async fn a_request_that_makes_no_sense_ends_nothing() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    for query in ["service=https://wiki.example/&service=https://notes.example/", "service=%FF"] {
        let page = ada.get(&format!("logout?{query}")).await;
        assert_eq!((page.status, page.code().as_str()), (400, "request.malformed"), "{query}");
    }
    assert!(ada.visits(WIKI).await.maybe_ticket().is_some());
}

#[tokio::test]
async fn looking_is_not_signing_out() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let cookie = ada.cookie("TGC-passerelle").unwrap();
    let head = format!(
        "HEAD /cas/logout HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: TGC-passerelle={cookie}\r\n\r\n"
    );
    assert_eq!(raw::status(&raw::exchange(house.address, head.as_bytes()).await), 200);
    assert!(ada.visits(WIKI).await.maybe_ticket().is_some());
}
