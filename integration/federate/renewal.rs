//! `renew` (CAS 3.0 §2.1.1, §2.5.1): fresh credentials, from the institution that can ask for them.

use super::{between, north, south};
use crate::support::browser::login;
use crate::support::house::{NOTES, WIKI};
use crate::support::journey::{by, user, values};
use crate::support::{Browser, FakeCas, House, Page};

/// What a validation that wants a primary ticket answers.
async fn renewed(house: &House, ticket: &str, service: &str) -> String {
    house.validate("p3/serviceValidate", ticket, service, &[("renew", "true")]).await
}

/// Leaves with `renew`, signs in, comes back, goes on to the service.
async fn renews(browser: &Browser, north: &FakeCas, service: &str) -> Page {
    let away = browser.get(&login(service, "renew=true&provider=north.example")).await;
    assert_eq!(away.location_param("renew").as_deref(), Some("true"), "{}", away.location());
    let page = browser.follow_home(browser.returns(&away).await).await;
    assert_eq!(north.validations().last().unwrap().param("renew").as_deref(), Some("true"));
    page
}

#[tokio::test]
async fn goes_upstream_and_into_the_validation_and_makes_a_primary_ticket() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    let ticket = renews(&ada, &north, WIKI).await.ticket();
    let answer = renewed(&house, &ticket, WIKI).await;
    assert_eq!(user(&answer), "ada@north.example", "{answer}");
    assert_eq!(values(&answer, "isFromNewLogin"), ["true"]);
    assert_eq!(north.logins().last().unwrap().names(), ["service", "renew"]);
    assert_eq!(north.validations().last().unwrap().names(), ["service", "ticket", "renew"]);

    // One ticket uses the fresh credentials up.
    let second = ada.ticket_for(WIKI).await;
    let answer = renewed(&house, &second, WIKI).await;
    assert!(answer.contains("INVALID_TICKET"), "{answer}");
    // Asked for again, Ada is asked again, without the selection page.
    let again = ada.get(&login(WIKI, "renew=true")).await;
    assert!(again.location().starts_with(north.url()), "{} {}", again.status, again.location());
}

#[tokio::test]
async fn without_it_a_ticket_is_never_primary() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    // The institution says "new login", but nobody asked, and a reload could make two of it.
    let ticket = ada.arrives(WIKI, "north.example").await.ticket();
    let answer = house.p3_service_validate(&ticket, WIKI).await;
    assert_eq!(values(&answer, "isFromNewLogin"), ["false"]);
    let ticket = Browser::at(&house).arrives(WIKI, "north.example").await.ticket();
    assert!(renewed(&house, &ticket, WIKI).await.contains("INVALID_TICKET"));
}

#[tokio::test]
async fn counts_for_the_service_that_asked_only() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    let away = ada.get(&login(WIKI, "renew=true&provider=north.example")).await;
    let returned = ada.returns(&away).await;
    let notes = ada.ticket_for(NOTES).await;
    assert!(renewed(&house, &notes, NOTES).await.contains("INVALID_TICKET"));
    let wiki = ada.follow_home(returned).await.ticket();
    assert_eq!(user(&renewed(&house, &wiki, WIKI).await), "ada@north.example");
}

#[tokio::test]
async fn without_a_service_it_ends_on_the_page_of_the_person() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    let away = ada.get("federate/north.example?renew=true").await;
    let returned = ada.returns(&away).await;
    assert_eq!(returned.location(), house.at("login"));
    let page = ada.follow(&returned).await;
    assert!(page.status == 200 && page.says("ada@north.example"), "{}", page.text());
}

#[tokio::test]
async fn met_by_silence_where_the_institution_tells_nothing() {
    let (north, south) = (FakeCas::v2().knows("ada").start().await, south().await);
    north.hides_new_login();
    let house = between(&north, &south).start().await;
    let ticket = renews(&Browser::at(&house), &north, WIKI).await.ticket();
    assert_eq!(user(&renewed(&house, &ticket, WIKI).await), "ada@north.example");
}

#[tokio::test]
async fn unmet_it_ends_on_a_page() {
    for honest in [true, false] {
        let (north, south) = (north().await, south().await);
        let house = between(&north, &south).start().await;
        let ada = Browser::at(&house);
        ada.arrives(WIKI, "north.example").await.ticket();
        let cookie = ada.cookie("TGC-passerelle");
        // Lets Ada in without asking her; says so, or refuses to confirm it.
        north.ignores_renew();
        if !honest {
            north.has(crate::support::trouble::Trouble::refuses("INVALID_TICKET"));
        }
        let away = ada.get(&login(WIKI, "renew=true")).await;
        let page = ada.returns(&away).await;
        assert_eq!((page.status, page.error_code().as_str()), (502, "upstream.ticket_rejected"));
        assert_eq!(page.location(), "");
        let retry = page.links().into_iter().find(|link| link.contains("/federate/north.example")).unwrap();
        assert!(retry.contains("service=https%3A%2F%2Fwiki.example%2F&renew=true"), "{retry}");
        // The session that was there stays, and gives no primary ticket.
        assert_eq!(ada.cookie("TGC-passerelle"), cookie);
        let ticket = ada.ticket_for(WIKI).await;
        assert!(renewed(&house, &ticket, WIKI).await.contains("INVALID_TICKET"));
        // Retried by hand it ends on the page again, not in a circle.
        let again = ada.returns(&ada.get(&retry).await).await;
        assert_eq!(again.status, 502);
    }
}

#[tokio::test]
async fn somebody_else_at_the_institution_ends_the_session() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let browser = Browser::at(&house);
    browser.arrives(WIKI, "south.example").await.ticket();
    let old = browser.twin();
    south.is_used_by("bob");
    let away = browser.get(&login(WIKI, "renew=true")).await;
    let ticket = browser.follow_home(browser.returns(&away).await).await.ticket();
    assert_eq!(user(&renewed(&house, &ticket, WIKI).await), "bob@south.example");
    assert!(old.is_nobody().await);
}

#[tokio::test]
async fn a_word_for_no_is_no() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let away = Browser::at(&house).get(&format!("{}&renew=false", by(WIKI, "north.example"))).await;
    assert_eq!(away.location_param("renew"), None);
}

/// An institution whose entry says `renew = true`.
async fn always_asked(north: &FakeCas) -> House {
    House::with()
        .backends("")
        .provider(&format!("{}renew = true\n", north.entry("north.example", "North")))
        .start()
        .await
}

#[tokio::test]
async fn asked_at_every_sign_in_where_the_entry_says_so() {
    let north = north().await;
    let house = always_asked(&north).await;
    let ada = Browser::at(&house);
    let ticket = ada.arrives(WIKI, "north.example").await.ticket();
    assert_eq!(north.logins()[0].names(), ["service", "renew"]);
    assert_eq!(north.validations()[0].names(), ["service", "ticket", "renew"]);
    let answer = renewed(&house, &ticket, WIKI).await;
    assert_eq!(values(&answer, "isFromNewLogin"), ["true"], "{answer}");
    // Who is signed in here goes on, without fresh credentials.
    let ticket = ada.ticket_for(NOTES).await;
    assert!(renewed(&house, &ticket, NOTES).await.contains("INVALID_TICKET"));
    let on = ada.get("federate/north.example?service=https%3A%2F%2Fwiki.example%2F").await;
    assert_eq!((on.location(), north.logins().len()), (house.at(&login(WIKI, "")).as_str(), 1));
    // Single sign-on there is not enough.
    north.ignores_renew();
    let page = Browser::at(&house);
    let page = page.returns(&page.get(&by(WIKI, "north.example")).await).await;
    assert_eq!((page.status, page.error_code().as_str()), (502, "upstream.ticket_rejected"));
}

#[tokio::test]
async fn asked_for_by_the_entry_of_a_service() {
    let (north, south) = (north().await, south().await);
    let vault = "[[service]]\nname = \"Vault\"\nurl = \"https://vault.example/**\"\nrenew = true\n";
    let house = between(&north, &south).service(vault).start().await;
    let ada = Browser::at(&house);
    let vault = "https://vault.example/";
    let ticket = ada.arrives(vault, "north.example").await.ticket();
    assert_eq!(north.logins()[0].names(), ["service", "renew"]);
    assert_eq!(values(&renewed(&house, &ticket, vault).await, "isFromNewLogin"), ["true"]);
    // Each time, and for no other service.
    assert!(ada.visits(vault).await.location().starts_with(north.url()));
    assert!(renewed(&house, &ada.ticket_for(WIKI).await, WIKI).await.contains("INVALID_TICKET"));
}

#[tokio::test]
async fn an_institution_of_cas_1_counts_by_its_validation() {
    let north = FakeCas::v1().knows("ada").start().await;
    let house = House::with().provider(&north.entry("north.example", "North")).start().await;
    let ada = Browser::at(&house);
    ada.arrives(WIKI, "north.example").await.ticket();
    let ticket = renews(&ada, &north, WIKI).await.ticket();
    assert_eq!(north.validations().last().unwrap().path, "/validate");
    assert_eq!(user(&renewed(&house, &ticket, WIKI).await), "ada@north.example");
    // It lets Ada in unasked, and its validation does not hide that.
    north.has(crate::support::trouble::Trouble::Says {
        kind: "text/plain".to_owned(),
        body: b"no\n\n".to_vec(),
    });
    let page = ada.returns(&ada.get(&login(WIKI, "renew=true")).await).await;
    assert_eq!((page.status, page.error_code().as_str()), (502, "upstream.ticket_rejected"));
}

/// Their institution was switched off since: whatever is left to sign in with, nobody confirms with it that it is
/// them.
#[tokio::test]
async fn where_the_own_institution_is_off_the_page_says_so() {
    let (north, south) = (north().await, south().await);
    let off = format!("{}disabled = true\n", north.entry("north.example", "University of North"));
    let words = "University of North is not available at the moment.";
    for alone in [true, false] {
        let mut house = between(&north, &south).start().await;
        let ada = Browser::at(&house);
        ada.arrives(WIKI, "north.example").await.ticket();
        let mut next = House::with().provider(&off);
        if !alone {
            next = next.provider(&south.entry("south.example", "South College"));
        }
        house.reloads(next).await;
        let page = ada.get(&login(WIKI, "renew=true")).await;
        assert_eq!((page.status, page.asks_password()), (200, alone), "{}", page.text());
        assert!(page.says(words) && page.says("Wiki"), "{}", page.text());
        assert!(!page.says("to confirm that it is you"), "{}", page.text());
        if alone {
            let again = ada.types(&page, ("ada", "wrong")).await;
            assert_eq!(again.status, 401);
            assert!(!again.says("to confirm that it is you"), "{}", again.text());
        }
        // Without the wish nobody is asked, and nothing is said.
        ada.visits(WIKI).await.ticket();
    }
}
