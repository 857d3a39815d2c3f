//! Nothing is offered to sign in with: nobody is told that their account is refused, and no button leads round.

use super::{north, south};
use crate::support::browser::login;
use crate::support::house::WIKI;
use crate::support::journey::by;
use crate::support::{Browser, House, Page};

const OFF: &str = "disabled = true\n";
const FOR_SOUTH: &str = r#"
[[service]]
name = "South only"
url = "https://s.example/**"
providers = ["south.example"]
"#;
const HIDDEN: &str = r#"
[[provider]]
suffix = "h.example"
name = "H"
url = "https://cas.h.example"
display = false
"#;

fn assert_refused(page: &Page, code: &str) {
    assert_eq!((page.status, page.error_code().as_str()), (403, code), "{}", page.text());
}

#[tokio::test]
async fn institutions_that_are_switched_off() {
    let (north, south) = (north().await, south().await);
    let off = |own: &[&str]| {
        let house = House::with().backends("").service(FOR_SOUTH);
        let one = north.entry("north.example", "North") + own[0];
        house.provider(&one).provider(&(south.entry("south.example", "South") + own[1]))
    };
    // One of two: for who needs it, by its name.
    let house = off(&["", OFF]).start().await;
    let nobody = Browser::at(&house);
    assert!(nobody.visits(WIKI).await.location().starts_with(north.url()));
    let page = nobody.visits("https://s.example/").await;
    assert_refused(&page, "provider.disabled");
    assert!(page.says("South is not available at the moment") && page.says("South only"), "{}", page.text());
    assert!(!page.says("choose that one") && page.buttons().len() == 1, "{:?}", page.buttons());
    // Where there is another one it can be chosen.
    let page = nobody.get(&by(WIKI, "south.example")).await;
    assert_refused(&page, "provider.disabled");
    assert!(page.says("choose that one") && page.buttons()[0].ends_with("choose=1"), "{:?}", page.buttons());
    // Both, also without a service.
    let house = off(&[OFF, OFF]).start().await;
    let nobody = Browser::at(&house);
    for target in [login(WIKI, ""), login(WIKI, "choose=1"), "login".to_owned(), "login?q=n".to_owned()] {
        let page = nobody.get(&target).await;
        assert_refused(&page, "provider.disabled");
        assert!(page.says("Signing in is not available") && !page.says("that you used"), "{}", page.text());
        assert!(page.buttons().iter().all(|link| !link.contains("choose")), "{:?}", page.buttons());
    }
    // The whole federation.
    let house = off(&["", ""]).section("[federation]\nenabled = false").start().await;
    assert_refused(&Browser::at(&house).visits(WIKI).await, "provider.disabled");
}

#[tokio::test]
async fn an_institution_that_nobody_knows() {
    let north = north().await;
    let house = House::with().provider(&north.entry("north.example", "North")).start().await;
    let nobody = Browser::at(&house);
    let link = format!("federate/nosuch.example?service={WIKI}");
    for target in [link.as_str(), &by(WIKI, "nosuch.example")] {
        let page = nobody.get(target).await;
        assert_eq!((page.status, page.error_code().as_str()), (404, "provider.unknown"), "{target}");
        assert!(page.says("Wiki"), "where it was to lead is told: {}", page.text());
        let on = "/cas/login?service=https%3A%2F%2Fwiki.example%2F&choose=1";
        assert_eq!(page.buttons(), [on], "{target}");
    }
}

#[tokio::test]
async fn only_links_lead_on() {
    let house = House::with().backends("").provider(HIDDEN).start().await;
    let nobody = Browser::at(&house);
    let page = nobody.get("login").await;
    assert_refused(&page, "service.provider_not_allowed");
    assert!(page.says("There is no way to sign in here at the moment"), "{}", page.text());
    assert!(nobody.get("federate/h.example").await.location().starts_with("https://cas.h.example/login?"));
}
