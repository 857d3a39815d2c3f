//! TGC: the cookie of the session (CAS 3.0 §3.6).

use std::collections::BTreeSet;

use super::bits_of_chance;
use crate::support::house::{ADA, BROOK, WIKI};
use crate::support::{Browser, House};

const COOKIE: &str = "TGC-passerelle";

/// The values of so many sessions.
async fn values(house: &House, count: usize) -> Vec<String> {
    let mut values = Vec::new();
    for _ in 0..count {
        let ada = Browser::at(house);
        ada.signs_in(ADA).await;
        values.push(ada.cookie(COOKIE).unwrap());
    }
    values
}

#[tokio::test]
async fn tgc_01_a_cookie_carries_the_session() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let other = Browser::at(&house);
    other.set_cookie(COOKIE, &ada.cookie(COOKIE).unwrap());
    assert!(other.visits(WIKI).await.maybe_ticket().is_some(), "the cookie is enough");
    ada.forget();
    assert!(ada.visits(WIKI).await.asks_password(), "and needed");
}

#[tokio::test]
async fn tgc_10_sixty_values_show_a_hundred_bits_of_chance() {
    let house = House::start().await;
    let bits = bits_of_chance(&values(&house, 60).await);
    assert!(bits >= 100.0, "{bits}");
}

#[tokio::test]
async fn tgc_11_a_value_that_was_changed_anywhere_is_nobody() {
    let house = House::start().await;
    let value = values(&house, 1).await.remove(0);
    let eve = Browser::at(&house);
    for place in 0..value.len() {
        let mut bytes = value.clone().into_bytes();
        bytes[place] = if bytes[place] == b'x' { b'y' } else { b'x' };
        eve.set_cookie(COOKIE, &String::from_utf8(bytes).unwrap());
        assert!(eve.visits(WIKI).await.asks_password(), "place {place}");
    }
}

#[tokio::test]
async fn tgc_12_every_session_has_a_new_value() {
    let house = House::start().await;
    let mut all = values(&house, 20).await;
    let ada = Browser::at(&house);
    for _ in 0..3 {
        ada.signs_in(ADA).await;
        all.push(ada.cookie(COOKIE).unwrap());
        ada.get("logout").await;
    }
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 23);
}

#[tokio::test]
async fn tgc_13_the_user_name_is_not_in_it() {
    let house = House::start().await;
    let brook = Browser::at(&house);
    let typed = brook.signs_in(BROOK).await;
    assert!(!typed.headers("set-cookie").concat().to_lowercase().contains("brook"));
}

#[tokio::test]
async fn tgc_14_a_failed_sign_in_starts_no_session() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    for who in [(ADA.0, "wrong"), ("nobody", ADA.1), ("", ADA.1), (ADA.0, "")] {
        let page = ada.types(&ada.visits(WIKI).await, who).await;
        assert!(page.headers("set-cookie").iter().all(|cookie| !cookie.contains(COOKIE)), "{who:?}");
        assert_eq!((ada.cookie(COOKIE), house.count("session").await), (None, 0));
    }
}
