//! What must not change anything: asking without reading, and the mark of a browser.

use reqwest::Method;

use crate::federate::{between, north, south};
use crate::support::browser::login;
use crate::support::house::{ADA, WIKI};
use crate::support::journey::by;
use crate::support::{Browser, House};

#[tokio::test]
async fn head_changes_nothing_on_any_page() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    house.clock.advance(600);
    let form = ada.get(&login(WIKI, "renew=true")).await;
    let count =
        async || (house.count("ticket").await, house.count("session").await, house.count("used_form").await);
    let before = count().await;
    for target in
        ["", "login", "logout", "preferences", &login(WIKI, ""), &login(WIKI, "method=POST"), "logout?all=1"]
    {
        let answer = ada.request(Method::HEAD, target, None).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{target}");
        assert!(answer.headers("set-cookie").is_empty() && answer.header("ticket").is_empty(), "{target}");
        assert_eq!(answer.header("cache-control"), "no-store", "{target}");
    }
    assert_eq!(count().await, before);
    assert!(ada.types(&form, ADA).await.status == 303, "the form is as good as before");
}

#[tokio::test]
async fn head_leaves_for_no_institution() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    for target in ["federate/north.example".to_owned(), by(WIKI, "north.example")] {
        assert_eq!(ada.request(Method::HEAD, &target, None).await.location(), "", "{target}");
    }
    assert_eq!(house.count("handoff").await, 0);
}

#[tokio::test]
async fn tkt_10_the_mark_of_a_browser_outlives_signing_in_and_out() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let form = ada.visits(WIKI).await;
    let marks = form.headers("set-cookie");
    assert!(marks.len() == 1 && marks[0].ends_with("; Path=/cas; HttpOnly; SameSite=Lax"), "{marks:?}");
    let mark = ada.cookie("cas_browser");
    for page in
        [ada.types(&form, ADA).await, ada.get("login").await, ada.get("logout").await, ada.get("login").await]
    {
        assert!(!page.headers("set-cookie").iter().any(|cookie| cookie.starts_with("cas_browser")));
    }
    assert_eq!(ada.cookie("cas_browser"), mark);
    // One that is not ours is replaced.
    ada.forget();
    ada.set_cookie("cas_browser", "made-up");
    assert!(ada.visits(WIKI).await.header("set-cookie").starts_with("cas_browser="));
}
