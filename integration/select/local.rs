//! Where the local accounts stand.

use super::entries::headings;
use super::{PROVIDERS, offered};
use crate::support::browser::login;
use crate::support::form::attribute;
use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House, Page};

async fn open(federation: &str) -> (House, Browser) {
    let section = format!("[federation]\n{federation}\n");
    let house = House::with().provider(PROVIDERS).section(&section).start().await;
    let guest = Browser::at(&house);
    (house, guest)
}

/// All entries of the list by where they lead, the local accounts as `local`.
fn list(page: &Page) -> Vec<String> {
    leads(&page.body)
}

fn leads(body: &str) -> Vec<String> {
    let entries = body.split("<li ").skip(1);
    let leads = |entry: &str| {
        let href = attribute(entry.split("<a").nth(1).unwrap(), "href").unwrap();
        match href.contains("provider=local") {
            true => "local".to_owned(),
            false => href.split("/federate/").nth(1).unwrap().split('?').next().unwrap().to_owned(),
        }
    };
    entries.map(leads).collect()
}

#[tokio::test]
async fn behind_all_others() {
    let (_house, guest) = open("local_name = \"Guests & <friends>\"").await;
    let page = guest.visits(WIKI).await;
    assert_eq!(list(&page), ["east.example", "north.example", "west.example"]);
    let button = page.buttons().pop().unwrap();
    assert_eq!(button, "/cas/login?service=https%3A%2F%2Fwiki.example%2F&provider=local");
    assert!(page.says("or Guests & <friends>") && !page.body.contains("<friends>"));
    guest.set_cookie("cas_recent", "north.example");
    assert!(guest.visits(WIKI).await.says("Guests & <friends>"));
    assert!(guest.get(&button).await.asks_password());
}

#[tokio::test]
async fn among_them() {
    for (position, name, expected) in [
        (100, "Guests", vec!["east.example", "local", "north.example", "west.example"]),
        (100, "Visitors", vec!["east.example", "north.example", "local", "west.example"]),
        (1, "Guests", vec!["local", "east.example", "north.example", "west.example"]),
        (200, "Zoo", vec!["east.example", "north.example", "west.example", "local"]),
    ] {
        let (_house, guest) = open(&format!(
            "local_account = \"position\"\nlocal_position = {position}\nlocal_name = \"{name}\""
        ))
        .await;
        let page = guest.visits(WIKI).await;
        assert_eq!(list(&page), expected, "{position} {name}");
        assert!(page.says("4 institutions") && page.buttons().iter().all(|link| !link.contains("local")));
        let found = guest.get(&login(WIKI, &format!("q={name}"))).await;
        assert!(found.says("1 institution found") && offered_all(&found) == ["local"], "{}", found.text());
        // Where the list is not shown, they are a button.
        guest.set_cookie("cas_recent", "north.example");
        let page = guest.visits(WIKI).await;
        assert!(page.buttons().iter().any(|link| link.ends_with("&provider=local")) && page.says(name));
        assert!(guest.get(&login(WIKI, "provider=local")).await.asks_password());
    }
}

/// Neither in the group before them nor among the others.
#[tokio::test]
async fn among_groups() {
    let provider = |suffix: &str, group: &str| {
        format!(
            "[[provider]]\nsuffix = \"{suffix}\"\nname = \"{suffix}\"\nurl = \"https://cas.{suffix}\"\n{group}\n"
        )
    };
    let (north, south) = ("group = \"North\"", "group = \"South\"");
    for (groups, expected, sections) in [
        ([north, south, ""], vec!["North", "South", "Others"], vec!["a b", "local", "c", "d"]),
        ([north, south, south], vec!["North", "South"], vec!["a b", "local", "c d"]),
        ([north, "", ""], vec!["North", "Others"], vec!["a b", "local", "c d"]),
        // One group has no heading, and so no section of its own for them.
        ([north, north, north], vec![], vec!["a b local c d"]),
        (["", "", ""], vec![], vec!["a b local c d"]),
    ] {
        let [first, second, third] = groups;
        let providers = ["a", "b", "c", "d"].into_iter().zip([first, first, second, third]);
        let providers: String = providers.map(|(suffix, group)| provider(suffix, group)).collect();
        let section = "[federation]\nlocal_account = \"position\"\nlocal_name = \"bb\"\n";
        let house = House::with().provider(&providers).section(section).start().await;
        let guest = Browser::at(&house);
        let page = guest.visits(WIKI).await;
        assert_eq!(headings(&page), expected, "{groups:?}");
        let parts = page.body.split("<section").skip(1).map(|part| part.split("</section>").next().unwrap());
        let shown: Vec<String> = parts.map(|part| leads(part).join(" ")).collect();
        assert_eq!(shown, sections, "{groups:?}");
        assert_eq!(page.body.matches("<section>\n").count(), 1, "no heading names it: {}", page.body);
        let found = guest.get(&login(WIKI, "q=bb")).await;
        assert_eq!(offered_all(&found), ["local"], "{groups:?}");
    }
}

fn offered_all(page: &Page) -> Vec<String> {
    let hidden =
        page.body.split("<li ").skip(1).map(|entry| entry.split('>').next().unwrap().ends_with(" hidden"));
    list(page).into_iter().zip(hidden).filter(|(_, hidden)| !hidden).map(|(lead, _)| lead).collect()
}

#[tokio::test]
async fn by_link_only() {
    let (_house, guest) = open("local_account = \"hidden\"").await;
    let page = guest.visits(WIKI).await;
    assert_eq!(list(&page), ["east.example", "north.example", "west.example"]);
    assert!(!page.body.contains("provider=local"));
    let form = guest.get(&login(WIKI, "provider=local")).await;
    assert!(guest.types(&form, ADA).await.status == 303);
}

#[tokio::test]
async fn hidden_behind_nobody() {
    let house = House::with().section("[federation]\nlocal_account = \"hidden\"").start().await;
    let guest = Browser::at(&house);
    assert!(guest.get("login").await.asks_password());
    let form = guest.visits(WIKI).await;
    assert_eq!(guest.types(&form, ADA).await.status, 303);
}

#[tokio::test]
async fn as_if_there_were_none() {
    let (house, guest) = open("local_account = \"off\"").await;
    let page = guest.visits(WIKI).await;
    assert!(offered(&page).len() == 3 && !page.body.contains("provider=local"));
    let refused = guest.get(&login(WIKI, "provider=local")).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "service.provider_not_allowed"));
    // A token that is good, from before the files changed: the password is not looked at, and not logged.
    let posted = guest.post("login", &[("username", ADA.0), ("password", ADA.1), ("lt", "LT-x")]).await;
    assert_eq!((posted.status, posted.code().as_str()), (403, "service.provider_not_allowed"));
    let posted = guest.post("login", &[("username", ADA.0), ("password", "wrong"), ("lt", "LT-x")]).await;
    assert_eq!((posted.status, posted.code().as_str()), (403, "service.provider_not_allowed"));
    assert_eq!(house.count("session").await, 0);
    assert!(!house.logs().contains("wrong user name or password"));
}

#[tokio::test]
async fn one_entry_with_them_is_no_choice() {
    let one = "[[provider]]\nsuffix = \"n.example\"\nname = \"N\"\nurl = \"https://cas.n.example\"\n";
    for (place, chooses) in [("last", true), ("position", true), ("hidden", false), ("off", false)] {
        let section = format!("[federation]\nlocal_account = \"{place}\"\n");
        let house = House::with().provider(one).section(&section).start().await;
        let page = Browser::at(&house).visits(WIKI).await;
        assert_eq!(page.status == 200, chooses, "{place}");
        assert_eq!(page.location().starts_with("https://cas.n.example/login"), !chooses, "{place}");
    }
}
