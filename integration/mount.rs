//! Where the gateway lives: below a path or at the root, and behind https.

use crate::support::browser::login;
use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House};

#[tokio::test]
async fn any_mount_path_works() {
    for (mount, path) in [("", "/"), ("/cas", "/cas"), ("/a/b-c", "/a/b-c")] {
        let house = House::with().mount(mount).start().await;
        let ada = Browser::at(&house);
        let form = ada.visits(WIKI).await;
        assert_eq!(form.form().action, format!("{mount}/login"));
        assert_eq!(form.header("set-cookie").split("; ").nth(1), Some(format!("Path={path}").as_str()));
        for asset in form.body.split("\"").filter(|text| text.contains("/static/")) {
            assert!(asset.starts_with(&format!("{mount}/static/")), "{asset}");
            assert_eq!(ada.get(asset).await.status, 200, "{asset}");
        }
        let typed = ada.types(&form, ADA).await;
        assert!(typed.header("set-cookie").contains(&format!("; Path={path}; ")), "{typed:?}");
        let ticket = ada.follow_home(typed).await.ticket();
        assert!(house.p3_service_validate(&ticket, WIKI).await.contains("ada"));
        assert_eq!(ada.get(&format!("{mount}/")).await.location(), house.at("login"));
        let page = ada.get("logout").await;
        assert!(
            page.says("You are signed out")
                && page.header("set-cookie").contains(&format!("; Path={path}; "))
        );
        let elsewhere = if mount == "/cas" { "/login" } else { "/cas/login" };
        assert_eq!(ada.get(elsewhere).await.status, 404);
    }
}

#[tokio::test]
async fn over_https_cookies_have_the_names_that_browsers_guard() {
    let house = House::with().public("https://login.example/cas").start().await;
    let ada = Browser::at(&house);
    let form = ada.visits(WIKI).await;
    let mark = ada.cookie("__Host-cas_browser").expect("the mark");
    assert_eq!(
        form.headers("set-cookie"),
        [format!("__Host-cas_browser={mark}; Path=/; HttpOnly; SameSite=Lax; Secure").as_str()]
    );
    assert_eq!(form.header("strict-transport-security"), "max-age=31536000");
    let typed = ada.types(&form, ADA).await;
    assert_eq!(typed.location(), "https://login.example/cas/login?service=https%3A%2F%2Fwiki.example%2F");
    let value = ada.cookie("__Secure-TGC-passerelle").expect("the session");
    assert_eq!(
        typed.headers("set-cookie"),
        [format!("__Secure-TGC-passerelle={value}; Path=/cas; HttpOnly; SameSite=Lax; Secure").as_str()]
    );
    let ticket = ada.follow_home(typed).await.ticket();
    assert_eq!(house.validate("validate", &ticket, WIKI, &[]).await, "yes\nada\n");
    // The plain name, which any host of the domain could set, is not looked at.
    let eve = Browser::at(&house);
    eve.set_cookie("TGC-passerelle", &value);
    eve.set_cookie("cas_browser", &mark);
    assert!(eve.visits(WIKI).await.asks_password());
    let page = ada.get("logout").await;
    assert!(page.header("set-cookie").starts_with("__Secure-TGC-passerelle=; Path=/cas;"), "{page:?}");
}

#[tokio::test]
async fn at_the_root_over_https_too() {
    let house = House::with().public("https://login.example").start().await;
    let ada = Browser::at(&house);
    let ticket = ada.signs_in_for(ADA, WIKI).await;
    assert!(house.service_validate(&ticket, WIKI).await.contains("ada"));
    let form = ada.get(&login(WIKI, "renew=1")).await;
    let page = ada.sending("origin", "https://login.example").types(&form, ADA).await;
    assert_eq!(page.status, 303);
    let form = ada.get(&login("https://notes.example/", "renew=1")).await;
    let page = ada.sending("origin", "http://login.example").types(&form, ADA).await;
    assert_eq!(page.code(), "request.foreign");
}

#[tokio::test]
async fn the_root_mount_does_not_take_the_cookies_of_neighbours_for_ours() {
    let house = House::with().mount("").start().await;
    let ada = Browser::at(&house);
    for name in ["TGC", "TGC-passerelle2", "xTGC-passerelle", "tgc-passerelle", "__Secure-TGC-passerelle"] {
        ada.set_cookie(name, "TGT-1");
    }
    assert!(ada.visits(WIKI).await.asks_password());
    ada.signs_in(ADA).await;
    assert!(ada.visits(WIKI).await.maybe_ticket().is_some());
}
