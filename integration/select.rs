//! Where somebody has an account: the page of institutions, its short ways, and what this device remembers.

mod entries;
mod form;
mod local;
mod search;
mod shared;
mod size;

use crate::support::browser::login;
use crate::support::form::Form;
use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House, Page};

/// Three that are offered, and two that are not.
const PROVIDERS: &str = r#"
[[provider]]
suffix = "west.example"
name = "West Academy"
url = "https://cas.west.example"
position = 200
[[provider]]
suffix = "north.example"
name = "University of North"
url = "https://cas.north.example/cas/"
email_domains = ["north.example", "students.example"]
aliases = ["UNF"]
[[provider]]
suffix = "east.example"
name = "École d'Est"
url = "https://cas.east.example/cas"
[[provider]]
suffix = "hidden.example"
name = "Hidden College"
url = "https://cas.hidden.example"
display = false
[[provider]]
suffix = "off.example"
name = "Closed College"
url = "https://cas.off.example"
disabled = true
"#;

async fn open() -> (House, Browser) {
    let house = House::with().provider(PROVIDERS).start().await;
    let guest = Browser::at(&house);
    (house, guest)
}

/// The links to institutions, in order; those that a search hides are left out.
fn offered(page: &Page) -> Vec<String> {
    let entries = page
        .body
        .split("<li data-find=")
        .skip(1)
        .filter(|entry| !entry.split('>').next().unwrap().contains(" hidden"));
    let suffix =
        |entry: &str| entry.split("/federate/").nth(1).unwrap().split(['?', '"']).next().unwrap().to_owned();
    entries.map(suffix).collect()
}

#[tokio::test]
async fn institutions_by_position_and_name() {
    let (_house, guest) = open().await;
    let page = guest.visits(WIKI).await;
    assert_eq!(offered(&page), ["east.example", "north.example", "west.example"]);
    let link = "href=\"/cas/federate/north.example?service=https%3A%2F%2Fwiki.example%2F\"";
    assert!(page.body.contains(link), "the request travels along");
    assert!(!page.says("Hidden College") && !page.says("Closed College"));
    let none: [&str; 0] = [];
    assert_eq!(page.headers("set-cookie"), none, "links need no cookie");
}

#[tokio::test]
async fn a_search_works_without_script() {
    let (_house, guest) = open().await;
    for (q, found) in [
        ("north", vec!["north.example"]),
        ("UNF", vec!["north.example"]),
        ("ecole est", vec!["east.example"]),
        ("ada@students.example", vec!["north.example"]),
        ("hidden", vec![]),
    ] {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", q).finish();
        let page = guest.get(&login(WIKI, &query)).await;
        assert_eq!(offered(&page), found, "{q}");
        let form = Form::all(&page.body).into_iter().find(|form| form.method == "get").unwrap();
        assert_eq!((form.value("q"), form.value("service")), (Some(q), Some(WIKI)));
    }
    let page = guest.get(&login(WIKI, "q=%3Cscript%3Ealert(1)%3C/script%3E")).await;
    assert!(page.says("<script>alert(1)</script>") && !page.body.contains("<script>alert"));
}

#[tokio::test]
async fn short_ways_to_an_institution() {
    let (house, guest) = open().await;
    let mut states = std::collections::BTreeSet::new();
    for target in [
        "federate/north.example",
        "federate/NORTH.example",
        "login?provider=north.example",
        "login?hint=ada@students.example",
        "login?hint=cs.north.example",
        "login?provider=hidden.example",
    ] {
        // Each in a browser of its own: so many in a row would be a circle.
        let away = Browser::at(&house).get(target).await;
        let suffix = if target.contains("hidden") { "hidden" } else { "north" };
        let path = if suffix == "north" { "/cas/login" } else { "/login" };
        assert_eq!(away.status, 303, "{target}");
        let url = url::Url::parse(away.location()).unwrap();
        assert_eq!((url.host_str(), url.path()), (Some(format!("cas.{suffix}.example").as_str()), path));
        let [(name, callback)] = &url.query_pairs().collect::<Vec<_>>()[..] else { panic!("{url}") };
        let state =
            callback.strip_prefix(&house.at(&format!("federate/{suffix}.example?h="))).expect("our address");
        assert!(name == "service" && state.len() == 32, "no address of the service travels: {callback}");
        assert!(states.insert(state.to_owned()), "each start has a state of its own");
    }
    assert!(guest.get("login?renew=true&provider=north.example").await.location().ends_with("&renew=true"));
    let page = guest.get("login?hint=nobody@else.example").await;
    assert!(page.says("Where do you have an account?") && offered(&page).is_empty());
    let form = Form::all(&page.body).into_iter().find(|form| form.method == "get").unwrap();
    assert_eq!(form.value("q"), Some("nobody@else.example"), "at least something to search for");
    guest.set_cookie("cas_recent", "north.example");
    assert!(guest.get("login?hint=nobody@else.example").await.says("Where do you have an account?"));
    for (target, status, code) in [
        ("federate/off.example", 403, "provider.disabled"),
        ("login?provider=off.example", 403, "provider.disabled"),
        ("federate/none.example", 404, "provider.unknown"),
        ("federate/local", 404, "provider.unknown"),
    ] {
        let page = guest.get(target).await;
        assert_eq!((page.status, page.code().as_str()), (status, code), "{target}");
    }
}

#[tokio::test]
async fn one_institution_alone_is_gone_to_at_once() {
    let one = "[[provider]]\nsuffix = \"north.example\"\nname = \"N\"\nurl = \"https://cas.north.example\"\n";
    let house = House::with().backends("").provider(one).start().await;
    let guest = Browser::at(&house);
    assert!(guest.visits(WIKI).await.location().starts_with("https://cas.north.example/login?service="));
    assert!(guest.get(&login(WIKI, "choose=1")).await.says("Where do you have an account?"));
    let page = guest.get(&login(WIKI, "provider=local")).await;
    assert_eq!((page.status, page.code().as_str()), (403, "service.provider_not_allowed"));
}

#[tokio::test]
async fn a_service_may_take_some_only() {
    let rules = r#"
[[service]]
name = "North only"
url = "https://north.app.example/**"
providers = ["north.example", "hidden.example"]
[[service]]
name = "Institutions"
url = "https://all.app.example/**"
providers = ["!local", "!west.example"]
"#;
    let house = House::with().provider(PROVIDERS).service(rules).start().await;
    let guest = Browser::at(&house);
    let north = "https://north.app.example/";
    assert!(guest.visits(north).await.location().starts_with("https://cas.north.example/cas/login?"));
    let page = guest.visits("https://all.app.example/").await;
    assert_eq!(offered(&page), ["east.example", "north.example"]);
    assert!(!page.says("Use a guest account"));
    for target in [
        login(north, "provider=west.example"),
        login(north, "provider=local"),
        format!("federate/west.example?service={north}"),
    ] {
        let page = guest.get(&target).await;
        assert_eq!((page.status, page.code().as_str()), (403, "service.provider_not_allowed"), "{target}");
    }
    // Somebody local is shown the page with that sentence, and not sent away unasked.
    guest.signs_in(ADA).await;
    let page = guest.visits(north).await;
    assert!(page.status == 200 && page.says("does not accept the account"), "{}", page.text());
    assert_eq!(page.maybe_ticket(), None);
    // A posted password is not looked at where no local account is taken.
    let form = guest.get("login?renew=true&service=https://wiki.example/").await;
    let posted = guest
        .submit(&form.form().fill("username", ADA.0).fill("password", ADA.1).fill("service", north))
        .await;
    assert_eq!((posted.status, posted.code().as_str()), (403, "service.provider_not_allowed"));
}

#[tokio::test]
async fn the_device_remembers_and_forgets() {
    let (house, guest) = open().await;
    guest.set_cookie("cas_recent", "west.example~gone.example~north.example");
    let page = guest.visits(WIKI).await;
    assert!(page.says("Continue with your institution") && page.says("West Academy") && !page.says("École"));
    let form = page.form();
    assert_eq!((form.action.as_str(), form.value("service")), ("/cas/preferences", Some(WIKI)));
    assert!(guest.get(&login(WIKI, "choose=1")).await.says("Where do you have an account?"));
    let foreign = guest.claiming("cross-site").submit(&form.clone().fill("forget", "*")).await;
    assert_eq!(foreign.code(), "request.foreign");
    let back = guest.submit(&form.clone().fill("forget", "WEST.example")).await;
    assert_eq!(back.status, 303);
    assert!(
        back.header("set-cookie").starts_with("cas_recent=gone.example~north.example; Path=/cas;"),
        "{back:?}"
    );
    assert_eq!(
        guest.submit(&form.fill("forget", "*")).await.header("set-cookie"),
        "",
        "one form, one answer"
    );
    let fresh = Browser::at(&house);
    fresh.set_cookie("cas_recent", "<script>~local~a b~north.example");
    assert!(fresh.visits(WIKI).await.says("University of North"));
}
