//! Services whose entry asks for credentials each time.

use crate::federate::{between, north, south};
use crate::support::browser::login;
use crate::support::house::{ADA, WIKI};
use crate::support::journey::{by, user};
use crate::support::{Browser, House};

const VAULT: &str = "https://vault.example/";
const ENTRY: &str = "[[service]]\nname = \"Vault\"\nurl = \"https://vault.example/**\"\nrenew = true\n";

#[tokio::test]
async fn it_asks_each_time_and_its_tickets_are_primary() {
    let house = House::with().service(ENTRY).start().await;
    let ada = Browser::at(&house);
    // The sign-in itself is one of the times.
    let ticket = ada.signs_in_for(ADA, VAULT).await;
    assert_eq!(house.validate("validate", &ticket, VAULT, &[("renew", "true")]).await, "yes\nada\n");
    for _ in 0..2 {
        let form = ada.visits(VAULT).await;
        assert!(form.asks_password() && form.says("Vault asks you to confirm that it is you."));
        assert_eq!(form.form().value("renew"), None, "nothing is put into the request");
        let wrong = ada.types(&form, (ADA.0, "wrong")).await;
        assert!(wrong.status == 401 && wrong.says("Vault asks you to confirm that it is you."));
        assert!(ada.visits(WIKI).await.maybe_ticket().is_some(), "the session lives on");
        let ticket = ada.follow(&ada.types(&ada.visits(VAULT).await, ADA).await).await.ticket();
        assert_eq!(house.validate("validate", &ticket, VAULT, &[("renew", "true")]).await, "yes\nada\n");
    }
    assert_eq!(house.count("session").await, 1);
}

#[tokio::test]
async fn where_nothing_may_be_asked_it_gets_no_ticket() {
    let house = House::with().service(ENTRY).start().await;
    let ada = Browser::at(&house);
    let gateway = login(VAULT, "gateway=true");
    assert_eq!(ada.get(&gateway).await.location(), VAULT);
    ada.signs_in(ADA).await;
    let back = ada.get(&gateway).await;
    assert_eq!((back.status, back.location()), (303, VAULT));
    // renew beats gateway.
    assert!(ada.get(&login(VAULT, "gateway=true&renew=true")).await.asks_password());
    // Fresh credentials that wait for this service are enough.
    ada.types(&ada.visits(VAULT).await, ADA).await;
    assert!(ada.get(&gateway).await.maybe_ticket().is_some());
    assert_eq!(ada.get(&gateway).await.location(), VAULT);
}

#[tokio::test]
async fn institutions_are_asked_for_credentials_each_time() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).service(ENTRY).start().await;
    let ada = Browser::at(&house);
    let primary = async |ticket: &str| {
        user(&house.validate("serviceValidate", ticket, VAULT, &[("renew", "true")]).await)
    };
    let exit = ada.arrives(VAULT, "north.example").await;
    assert_eq!(primary(&exit.ticket()).await, "ada@north.example");
    // Again: straight to the own institution, also by its link.
    for target in [
        login(VAULT, ""),
        by(VAULT, "north.example"),
        format!("federate/north.example?{}", &login(VAULT, "")[6..]),
    ] {
        let away = ada.get(&target).await;
        assert!(away.location().starts_with(north.url()), "{target}: {}", away.location());
        let exit = ada.follow(&ada.returns(&away).await).await;
        assert_eq!(primary(&exit.ticket()).await, "ada@north.example", "{target}");
    }
    for asked in [north.logins(), north.validations()] {
        assert_eq!(asked.len(), 4);
        assert!(asked.iter().all(|request| request.param("renew").as_deref() == Some("true")), "{asked:?}");
    }
}

#[tokio::test]
async fn an_institution_that_does_not_confirm_gives_no_ticket() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).service(ENTRY).start().await;
    north.ignores_renew();
    let ada = Browser::at(&house);
    ada.arrives(WIKI, "north.example").await;
    let page = ada.returns(&ada.visits(VAULT).await).await;
    assert_eq!((page.status, page.error_code().as_str()), (502, "upstream.ticket_rejected"));
    assert!(ada.visits(WIKI).await.maybe_ticket().is_some());
}
