//! What every page says to the browser: nothing from elsewhere, no framing, nothing kept.

use reqwest::Method;

use crate::support::browser::login;
use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House, Page};

const NORTH: &str = r#"
[[provider]]
suffix = "north.example"
name = "University of North"
url = "https://cas.north.example/cas"
[[provider]]
suffix = "south.example"
name = "University of South"
url = "https://cas.south.example/cas"
disabled = true
"#;

/// One page of every kind.
async fn all(house: &House) -> Vec<Page> {
    let (guest, ada) = (Browser::at(house), Browser::at(house));
    let put = Method::PUT;
    let mut pages = vec![
        guest.visits(WIKI).await,
        guest.get(&login(WIKI, "provider=local")).await,
        guest.get("login?q=nothing").await,
        guest.get("logout").await,
        guest.get("nowhere").await,
        guest.get("/nowhere").await,
        guest.request(put, "login", None).await,
        guest.visits("https://evil.example/").await,
        guest.visits("javascript:alert(1)").await,
        guest.get("login?service=a&service=b").await,
        guest.get("federate/south.example").await,
        guest.get("federate/north.example?h=x&ticket=y").await,
        guest.request(Method::POST, "login", Some("x".repeat(100_000))).await,
        guest.claiming("cross-site").post("login", &[]).await,
        guest.post("login", &[]).await,
    ];
    let form = ada.get(&login(WIKI, "provider=local&warn=1")).await;
    pages.push(ada.types(&form, (ADA.0, "wrong")).await);
    let form = ada.get(&login(WIKI, "provider=local&warn=1")).await;
    let typed = ada.types(&form, ADA).await;
    let warn = ada.follow(&typed).await;
    pages.push(ada.get("login").await);
    pages.push(ada.claiming("same-origin").submit(&warn.form().fill("go", "1")).await);
    pages.push(warn);
    pages.push(ada.get(&login(WIKI, "renew=true")).await);
    pages.push(ada.get("logout").await);
    pages
}

#[tokio::test]
async fn every_page_is_closed() {
    let house = House::with().provider(NORTH).start().await;
    for page in all(&house).await {
        let policy = page.header("content-security-policy");
        let rest =
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'";
        let own = format!("{rest}; base-uri 'none'; frame-ancestors 'none'");
        let wiki = format!("{rest} https://wiki.example; base-uri 'none'; frame-ancestors 'none'");
        assert!(policy == own || policy == wiki, "{}: {policy}", page.url);
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("server", ""),
            ("x-powered-by", ""),
            ("access-control-allow-origin", ""),
        ] {
            assert_eq!(page.header(name), value, "{}: {name}", page.url);
        }
        assert!(page.body.contains("<html lang=\"en\"") && page.body.contains("<meta charset=\"utf-8\">"));
    }
}

#[tokio::test]
async fn pages_load_nothing_from_elsewhere_and_hold_no_script() {
    let house = House::with().provider(NORTH).start().await;
    for page in all(&house).await {
        for tag in page.body.split('<').filter(|tag| {
            ["script", "link", "img", "iframe", "style"].iter().any(|name| tag.starts_with(name))
        }) {
            let source = tag.split_once("src=\"").or_else(|| tag.split_once("href=\"")).map(|(_, rest)| rest);
            assert!(source.is_some_and(|url| url.starts_with("/cas/static/")), "{}: <{tag}", page.url);
        }
        for odd in [" style=\"", " onclick", " onload", " onerror", " onsubmit", "javascript:", "<base"] {
            assert!(!page.body.contains(odd), "{}: {odd}", page.url);
        }
    }
}

#[tokio::test]
async fn redirects_are_not_kept_and_tell_no_referrer() {
    let house = House::with().provider(NORTH).start().await;
    let ada = Browser::at(&house);
    let typed = ada.signs_in(ADA).await;
    for page in
        [typed, ada.get("/cas").await, ada.visits(WIKI).await, ada.get("federate/north.example").await]
    {
        assert_eq!(page.status, 303, "{}", page.url);
        for (name, value) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(page.header(name), value, "{}: {name}", page.url);
        }
        let to_institution = page.url.contains("/federate/");
        assert_eq!(page.body.contains("Taking you to"), to_institution, "{}", page.body);
        assert!(to_institution || page.body.is_empty(), "{}", page.body);
    }
}

#[tokio::test]
async fn what_pages_load_may_be_kept() {
    let house = House::start().await;
    let guest = Browser::at(&house);
    let html = guest.get("login").await.body;
    let mut seen = 0;
    for url in html.split('"').filter(|text| text.starts_with("/cas/static/")) {
        let asset = guest.get(url).await;
        assert_eq!((asset.status, asset.header("x-content-type-options")), (200, "nosniff"), "{url}");
        assert!(asset.header("cache-control").contains("immutable"), "{url}: {:?}", asset.headers);
        seen += 1;
    }
    assert!(seen >= 3);
    assert_eq!(guest.get("static/gateway.css").await.status, 404);
}
