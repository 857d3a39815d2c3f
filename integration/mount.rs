//! Where the gateway lives: below a path or at the root, and behind https.

use reqwest::Method;

use crate::support::browser::login;
use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House, raw};

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

#[tokio::test]
async fn pro_08_one_slash_too_many_leads_to_the_address() {
    for (mount, public) in
        [("/cas", None), ("", None), ("/a/b-c", None), ("", Some("https://login.example/cas"))]
    {
        let house = match public {
            Some(url) => House::with().public(url),
            None => House::with().mount(mount),
        };
        let house = house.start().await;
        let ada = Browser::at(&house);
        for path in [
            "login",
            "logout",
            "validate",
            "serviceValidate",
            "proxyValidate",
            "p3/serviceValidate",
            "p3/proxyValidate",
            "samlValidate",
            "preferences",
            "federate/north.example",
            "federate/%2e%2e%2f",
        ] {
            for query in ["", "?", "?service=https://wiki.example/?a=%26&b=%zz&&c=+%20&x=//y"] {
                for method in [Method::GET, Method::POST, Method::HEAD] {
                    let target = house.at(&format!("{path}/{query}"));
                    let request = house.http.request(method.clone(), house.real(&target));
                    let answer = request.header("host", "evil.example").send().await.unwrap();
                    assert_eq!(answer.status(), 308, "{method} {target}");
                    let location = answer.headers()["location"].to_str().unwrap();
                    assert_eq!(location, house.at(&format!("{path}{query}")), "{method} {target}");
                    assert_eq!(answer.headers()["cache-control"], "no-store");
                }
            }
        }
        let ticket = ada.signs_in_for(ADA, WIKI).await;
        let answer = ada.get(&format!("validate/?service={WIKI}&ticket={ticket}")).await;
        assert_eq!(ada.follow(&answer).await.body, "yes\nada\n", "and no ticket is lost on the way");
        assert_eq!(ada.get("").await.status, 303, "the root has a slash of its own");
    }
}

#[tokio::test]
async fn pro_08_no_other_address_is_forgiven() {
    for mount in ["/cas", ""] {
        let house = House::with().mount(mount).start().await;
        for path in [
            "/login//",
            "//login",
            "//login/",
            "/login/x/",
            "/Login/",
            "/nowhere/",
            "/p3/validate",
            "/p3/validate/",
            "/p3/",
            "/federate//",
            "//evil.example/",
            "//evil.example//",
            "//evil.example/login/",
            "/static/",
            "/static/cas.css/",
            "/%2flogin/",
            "/login%2f",
            "/./login/",
            "/;/login/",
        ] {
            let answer = raw::get(house.address, format!("{mount}{path}").as_bytes(), "").await;
            assert!(raw::status(&answer) == 404, "{mount}{path}: {answer}");
            assert!(!answer.to_lowercase().contains("\r\nlocation:"), "{answer}");
        }
    }
}
