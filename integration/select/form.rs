//! Forms of older pages: they name the institution in what they post.

use super::PROVIDERS;
use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House};

#[tokio::test]
async fn a_form_names_the_institution() {
    let house = House::with().provider(PROVIDERS).start().await;
    let guest = Browser::at(&house);
    let started = house.at("federate/north.example?service=https%3A%2F%2Fwiki.example%2F&renew=true");
    for target in ["federate", "login"] {
        let fields = [("provider", "NORTH.example"), ("service", WIKI), ("renew", "1"), ("lt", "")];
        let answer = guest.post(target, &fields).await;
        assert_eq!((answer.status, answer.location()), (303, started.as_str()), "{target}");
        // Parameters may also stand in the address.
        let answer =
            guest.post(&format!("{target}?service={WIKI}&renew=1"), &[("provider", "north.example")]).await;
        assert_eq!((answer.status, answer.location()), (303, started.as_str()), "{target}");
        assert!(guest.follow(&answer).await.location().starts_with("https://cas.north.example/cas/login?"));
        // A hidden one is named as by link.
        let answer = guest.post(target, &[("provider", "hidden.example")]).await;
        assert_eq!((answer.status, answer.location()), (303, house.at("federate/hidden.example").as_str()));
        for suffix in ["none.example", "../x", "<script>", "//evil.example"] {
            let page = guest.post(target, &[("provider", suffix), ("service", WIKI)]).await;
            assert_eq!((page.status, page.code().as_str()), (404, "provider.unknown"), "{suffix}");
            assert!(page.says("Wiki"), "{}", page.text());
            assert!(
                page.location().is_empty() && !page.body.contains("<script>") && !page.body.contains("evil")
            );
        }
        let twice = guest.post(target, &[("provider", "a"), ("provider", "b")]).await;
        assert_eq!((twice.status, twice.code().as_str()), (400, "request.malformed"), "{target}");
    }
    let answer = guest.post("federate", &[("provider", "local"), ("service", WIKI)]).await;
    assert_eq!(answer.location(), house.at("login?service=https%3A%2F%2Fwiki.example%2F&provider=local"));
    let answer = guest.post("federate", &[("service", WIKI)]).await;
    assert_eq!(answer.location(), house.at("login?service=https%3A%2F%2Fwiki.example%2F&choose=1"));
    assert_eq!(guest.get("federate").await.status, 405);
}

#[tokio::test]
async fn a_form_of_another_site_does_as_much_as_a_link() {
    let house = House::with().provider(PROVIDERS).start().await;
    let guest = Browser::at(&house).claiming("cross-site");
    for target in ["federate", "login"] {
        let answer = guest.post(target, &[("provider", "north.example"), ("service", WIKI)]).await;
        let started = house.at("federate/north.example?service=https%3A%2F%2Fwiki.example%2F");
        assert_eq!((answer.status, answer.location()), (303, started.as_str()), "{target}");
    }
    for more in [("password", ADA.1), ("username", ADA.0), ("lt", "LT-1")] {
        let page = guest.post("login", &[("provider", "north.example"), more]).await;
        assert_eq!((page.status, page.code().as_str()), (403, "request.foreign"), "{}", more.0);
    }
}

#[tokio::test]
async fn a_password_is_no_choice() {
    let house = House::with().provider(PROVIDERS).start().await;
    let guest = Browser::at(&house);
    // What has a token or a password is the form of the local accounts, whatever it names besides.
    let page = guest.post("login", &[("provider", "north.example"), ("password", ADA.1)]).await;
    assert!(page.location().is_empty() && page.asks_password(), "{}", page.text());
    let form = guest.get("login?provider=local").await.form();
    let form = form.fill("username", ADA.0).fill("password", ADA.1).fill("provider", "north.example");
    let answer = guest.submit(&form).await;
    assert_eq!((answer.status, answer.location()), (303, house.at("login").as_str()));
}
