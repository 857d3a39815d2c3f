//! REQ: `/login` as somebody arrives there (CAS 3.0 §2.1).

use super::open;
use crate::support::browser::login;
use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House};

#[tokio::test]
async fn req_03_a_session_and_a_service_need_no_interaction() {
    let (house, ada) = open().await;
    let exit = ada.visits(WIKI).await;
    assert_eq!((exit.status, exit.asks_password()), (303, false));
    assert!(house.service_validate(&exit.ticket(), WIKI).await.contains("<cas:user>ada</cas:user>"));
}

#[tokio::test]
async fn req_14_the_form_has_a_login_ticket_of_its_own() {
    let house = House::start().await;
    let guest = Browser::at(&house);
    let lt = |page: crate::support::Page| page.form().value("lt").map(str::to_owned).expect("lt");
    assert_ne!(lt(guest.visits(WIKI).await), lt(guest.visits(WIKI).await));
}

#[tokio::test]
async fn req_15_a_service_is_carried_in_the_form_unchanged() {
    let house = House::start().await;
    let guest = Browser::at(&house);
    for service in [
        "https://wiki.example",
        "https://wiki.example/?a=1&a=2&&b=&=c&amp;d=%26amp%3B",
        "https://wiki.example/%c3%A9/?q=%2f+%20&r='x'#top?y=1",
        "HTTPS://WIKI.example:443/?ticket=ST-old",
    ] {
        for more in ["", "renew=true", "provider=local"] {
            let page = guest.get(&login(service, more)).await;
            assert_eq!(page.form().value("service"), Some(service), "{more}");
        }
    }
}

#[tokio::test]
async fn req_17_the_form_offers_warn_unticked() {
    let house = House::start().await;
    let page = Browser::at(&house).visits(WIKI).await;
    let boxes: Vec<_> = page.body.split("<input").filter(|tag| tag.contains("name=\"warn\"")).collect();
    assert_eq!(boxes.len(), 1);
    assert!(boxes[0].contains("type=\"checkbox\""));
    assert_eq!(page.form().value("warn"), None, "it is sent only by whoever ticks it");
}

#[tokio::test]
async fn req_30_whatever_carries_a_ticket_is_not_kept() {
    let (_house, ada) = open().await;
    let redirect = ada.visits(WIKI).await;
    let page = ada.claiming("same-origin").visits(WIKI).await;
    assert_eq!((redirect.status, page.status), (303, 200));
    for exit in [redirect, page] {
        assert!(exit.maybe_ticket().is_some());
        assert_eq!(exit.header("cache-control"), "no-store");
        assert_eq!((exit.header("etag"), exit.header("last-modified"), exit.header("expires")), ("", "", ""));
    }
}

#[tokio::test]
async fn req_32_the_browser_goes_to_the_service_with_a_get() {
    let house = House::start().await;
    for site in ["same-origin", "none"] {
        let ada = Browser::at(&house).claiming(site);
        let mut page = ada.types(&ada.visits(WIKI).await, ADA).await;
        loop {
            // 307 and 308 would post the password on; a form in the page could do the same.
            assert!([200, 303].contains(&page.status), "{}", page.status);
            assert!(!page.body.contains("<form"), "{}", page.body);
            if page.maybe_ticket().is_some() {
                break;
            }
            page = ada.follow(&page).await;
        }
    }
}

#[tokio::test]
async fn req_34_an_empty_service_is_none() {
    let (house, ada) = open().await;
    for target in ["login?service=", "login?service=&gateway=true", "login?service&renew=false"] {
        let page = ada.get(target).await;
        assert!(page.status == 200 && page.says("Ada King"), "{target}: {}", page.text());
    }
    let guest = Browser::at(&house);
    for target in ["login?service=", "login?service=&gateway=true", "login?service=&renew=true"] {
        let page = guest.get(target).await;
        assert!(page.asks_password() && page.form().value("service").is_none(), "{target}");
    }
    assert!(guest.get("logout?service=").await.says("You were not signed in"));
}
