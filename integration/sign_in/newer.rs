//! Services that want credentials that are not too old (`max_auth_age`).

use crate::federate::{between, north, south};
use crate::support::browser::login;
use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House};

const VAULT: &str = "https://vault.example/";
const ENTRY: &str =
    "[[service]]\nname = \"Vault\"\nurl = \"https://vault.example/**\"\nmax_auth_age = \"10 min\"\n";

#[tokio::test]
async fn credentials_that_are_too_old_are_asked_for_again() {
    let house = House::with().service(ENTRY).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    house.clock.advance(600);
    assert!(ada.visits(VAULT).await.maybe_ticket().is_some(), "ten minutes are not more than ten");
    house.clock.advance(1);
    assert!(ada.visits(WIKI).await.maybe_ticket().is_some(), "others do not mind");
    assert_eq!(ada.get(&login(VAULT, "gateway=true")).await.location(), VAULT, "nothing may be asked");
    let form = ada.visits(VAULT).await;
    assert!(form.asks_password() && form.says("Vault asks you to confirm that it is you."));
    assert!(ada.follow(&ada.types(&form, ADA).await).await.maybe_ticket().is_some());
    assert!(ada.visits(VAULT).await.maybe_ticket().is_some(), "and then they are new");
    assert_eq!(house.count("session").await, 1);
}

/// The institution tells an old date with every sign-in: it is asked to ask, once for each ticket.
#[tokio::test]
async fn an_institution_that_tells_old_dates_makes_no_loop() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).service(ENTRY).start().await;
    let ada = Browser::at(&house);
    ada.arrives(WIKI, "north.example").await;
    house.clock.advance(3600);
    north.says("authenticationDate", "2001-01-01T00:00:00Z");
    let away = ada.visits(VAULT).await;
    assert!(away.location().starts_with(north.url()), "{}", away.location());
    let exit = ada.follow(&ada.returns(&away).await).await;
    assert!(exit.maybe_ticket().is_some());
    let renewed = north.logins().pop().and_then(|request| request.param("renew"));
    assert_eq!(renewed.as_deref(), Some("true"));
}
