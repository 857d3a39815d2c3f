//! What an entry of the page tells: names, groups, help, notices; and what no page tells.

use super::offered;
use crate::support::browser::login;
use crate::support::house::WIKI;
use crate::support::{Browser, House, Page};

const PROVIDERS: &str = r#"
[[provider]]
suffix = "valmont.example"
name = "École de Valmont"
names = { en = "Valmont School", fr = "École de Valmont" }
url = "https://cas.valmont.example"
group = "France"
help = "https://it.valmont.example/help?a=1&b=2"
[provider.notice]
text = "Repairs until noon"
texts = { fr = "Travaux" }
from = "2027-01-15T08:00:10Z"
until = "2027-01-15T12:00:00Z"
[[provider]]
suffix = "roche.example"
name = "Université de Roche"
names = { fr = "Université de Roche" }
url = "https://cas.roche.example"
group = "France"
aliases = ["UDR"]
[provider.notice]
texts = { fr = "Fermé" }
[[provider]]
suffix = "north.example"
name = "Northfield"
url = "https://cas.north.example"
help = "mailto:help@north.example"
[[provider]]
suffix = "hidden.example"
name = "Hidden College"
url = "https://cas.hidden.example"
display = false
help = "https://it.hidden.example"
"#;

/// The part of the page about an institution.
fn entry<'p>(page: &'p Page, suffix: &str) -> &'p str {
    let mut entries = page.body.split("<li ").skip(1).map(|entry| entry.split("</li>").next().unwrap());
    entries.find(|entry| entry.contains(&format!("/federate/{suffix}"))).expect(suffix)
}

pub(super) fn headings(page: &Page) -> Vec<&str> {
    let rest = page.body.split("<h2 class=\"grp\"").skip(1);
    rest.map(|rest| rest.split("<bdi>").nth(1).unwrap().split('<').next().unwrap()).collect()
}

#[tokio::test]
async fn names_and_groups() {
    let house = House::with().provider(PROVIDERS).start().await;
    let guest = Browser::at(&house);
    let page = guest.visits(WIKI).await;
    // In the order of the names that the page shows.
    assert_eq!(offered(&page), ["north.example", "roche.example", "valmont.example"]);
    assert_eq!(headings(&page), ["Others", "France"]);
    assert!(entry(&page, "valmont.example").contains("<strong><bdi>Valmont School</bdi></strong>"));
    assert!(entry(&page, "roche.example").contains("<bdi lang=\"fr\">Université de Roche</bdi>"));
    assert!(entry(&page, "north.example").contains("<bdi>Northfield</bdi>"));
    // A name in another language is found as well.
    let page = guest.get(&login(WIKI, "q=ecole")).await;
    assert_eq!(offered(&page), ["valmont.example"]);
    // One group needs no heading.
    let service = "[[service]]\nname = \"F\"\nurl = \"https://f.example/**\"\nproviders = [\"roche.example\", \"valmont.example\"]\n";
    let house = House::with().provider(PROVIDERS).service(service).start().await;
    let page = Browser::at(&house).visits("https://f.example/").await;
    assert!(headings(&page).is_empty() && offered(&page).len() == 2, "{}", page.text());
}

#[tokio::test]
async fn help_and_what_is_going_on() {
    let house = House::with().provider(PROVIDERS).start().await;
    let guest = Browser::at(&house);
    let page = guest.visits(WIKI).await;
    let valmont = entry(&page, "valmont.example");
    assert!(valmont.contains("href=\"https://it.valmont.example/help?a=1&#38;b=2\""), "{valmont}");
    assert!(page.says("Help of Valmont School") && page.says("Help of Northfield"));
    assert!(entry(&page, "roche.example").contains("<span class=\"tag info\" lang=\"fr\">Fermé</span>"));
    assert!(!valmont.contains("Repairs"), "not yet");
    for (seconds, told) in [(10, true), (4 * 3600 - 11, true), (1, false)] {
        house.clock.advance(seconds);
        let page = guest.visits(WIKI).await;
        assert_eq!(entry(&page, "valmont.example").contains("Repairs until noon"), told, "{seconds}");
    }
    // Also where it was used before.
    guest.set_cookie("cas_recent", "roche.example~valmont.example");
    let page = guest.visits(WIKI).await;
    assert!(
        page.says("Continue with your institution") && page.says("Fermé") && page.says("Help of Valmont")
    );
    assert!(page.says("Forget Valmont School"));
}

#[tokio::test]
async fn the_hidden_one_is_nowhere() {
    let house = House::with().provider(PROVIDERS).start().await;
    let guest = Browser::at(&house);
    guest.set_cookie("cas_recent", "hidden.example");
    for target in [
        login(WIKI, ""),
        login(WIKI, "choose=1"),
        login(WIKI, "q=college"),
        login(WIKI, "hint=a@hidden.example"),
        format!("login/institutions?service={WIKI}"),
        format!("login/institutions?service={WIKI}&q=college"),
    ] {
        let page = guest.get(&target).await;
        assert_eq!(page.status, 200, "{target}");
        // What was looked for is written into the field, no more.
        assert!(!page.body.contains("Hidden College") && !page.body.contains("/federate/hidden"), "{target}");
        assert!(!page.body.contains("it.hidden.example"), "{target}");
    }
    assert_eq!(guest.get("federate/hidden.example").await.status, 303);
}
