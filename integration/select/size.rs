//! Many institutions: what the page holds, and what it asks for.

use super::offered;
use crate::support::browser::login;
use crate::support::house::WIKI;
use crate::support::{Browser, House};

fn many(count: usize) -> String {
    let entry = |at: usize| {
        format!(
            "[[provider]]\nsuffix = \"i{at}.example\"\nname = \"Institute {at:04} of {}\"\nurl = \"https://cas.i{at}.example\"\n",
            if at.is_multiple_of(2) { "Evenness" } else { "Öddness" }
        )
    };
    (0..count).map(entry).collect()
}

fn fragment(more: &str) -> String {
    login(WIKI, more).replacen("login?", "login/institutions?", 1)
}

#[tokio::test]
async fn three_hundred_are_in_the_page() {
    let house = House::with().provider(&many(300)).start().await;
    let page = Browser::at(&house).visits(WIKI).await;
    assert_eq!((offered(&page).len(), page.body.matches("data-more").count()), (300, 0));
    assert!(page.says("300 institutions") && !page.header("content-security-policy").contains("connect-src"));
}

#[tokio::test]
async fn of_more_the_first_are() {
    let house = House::with().provider(&many(301)).start().await;
    let guest = Browser::at(&house);
    let page = guest.visits(WIKI).await;
    let found = offered(&page);
    assert_eq!((found.len(), found[0].as_str(), found[49].as_str()), (50, "i0.example", "i49.example"));
    assert!(page.says("301 institutions. The first 50 are shown; type to find yours."), "{}", page.text());
    // Its script may ask us, and nobody else.
    assert!(page.header("content-security-policy").ends_with("; connect-src 'self'"));
    let more = "data-more=\"/cas/login/institutions?service=https%3A%2F%2Fwiki.example%2F\"";
    assert!(page.body.contains(more));
    // Those used before come first.
    guest.set_cookie("cas_recent", "i300.example~i7.example");
    let page = guest.get(&login(WIKI, "choose=1")).await;
    let found = offered(&page);
    assert_eq!(
        (found.len(), &found[..3]),
        (52, &["i300.example".into(), "i7.example".into(), "i0.example".into()][..])
    );
    assert!(page.says("Used before on this device") && page.says("301 institutions. The first 50 are shown"));
    // Without script the form asks.
    let page = guest.get(&login(WIKI, "q=oddness")).await;
    assert_eq!((offered(&page).len(), offered(&page)[0].as_str()), (50, "i1.example"));
    assert!(page.says("150 institutions found. The first 50 are shown; type more to find yours."));
    let page = guest.get(&login(WIKI, "q=0300")).await;
    assert_eq!(offered(&page), ["i300.example"]);
    assert!(page.says("1 institution found") && !page.says("are shown"));
    let page = guest.get(&login(WIKI, "q=nowhere")).await;
    assert!(offered(&page).is_empty() && page.says("No institution matches “ nowhere ”"), "{}", page.text());
}

#[tokio::test]
async fn the_script_asks_for_a_part() {
    let services = r#"
[[service]]
name = "Few"
url = "https://few.example/**"
providers = ["i1.example", "i2.example"]
[[service]]
name = "Closed"
url = "https://closed.example/**"
disabled = true
"#;
    let house = House::with().provider(&many(400)).service(services).start().await;
    let guest = Browser::at(&house);
    let part = guest.get(&fragment("q=oeddness&shared=1&lang=en")).await;
    assert_eq!((part.status, offered(&part).len()), (200, 50));
    assert!(
        part.body
            .trim_start()
            .starts_with("<div data-count=\"200 institutions found. The first 50 are shown; type more"),
        "{}",
        part.body
    );
    assert!(!part.body.contains("<html") && !part.body.contains("<script"));
    assert_eq!(
        (part.header("cache-control"), part.header("vary")),
        ("private, max-age=300", "accept-language")
    );
    let none: [&str; 0] = [];
    assert_eq!(part.headers("set-cookie"), none);
    let query = "service=https%3A%2F%2Fwiki.example%2F&shared=true&lang=en";
    assert!(
        part.body.contains(&format!("href=\"/cas/federate/i1.example?{}\"", query.replace('&', "&#38;")))
    );
    // Nothing is asked: the beginning.
    let part = guest.get(&fragment("")).await;
    assert!(part.body.contains("data-count=\"400 institutions. The first 50 ") && offered(&part).len() == 50);
    // The service says which.
    let part = guest.get("login/institutions?service=https://few.example/&q=institute").await;
    assert_eq!(offered(&part), ["i1.example", "i2.example"]);
    let part = guest.get("login/institutions?q=<script>alert(1)").await;
    assert!(part.says("<script>alert(1)") && !part.body.contains("<script"));
    for (target, status, code) in [
        ("login/institutions?service=https://unknown.example/", 403, "service.not_registered"),
        ("login/institutions?service=x", 400, "service.malformed"),
        ("login/institutions?q=a&q=b", 400, "request.malformed"),
    ] {
        let page = guest.get(target).await;
        assert_eq!((page.status, page.code().as_str()), (status, code), "{target}");
        assert_eq!(page.header("cache-control"), "no-store", "{target}");
    }
    let long = format!("login/institutions?q={}", "x".repeat(1001));
    assert_eq!(guest.get(&long).await.code(), "request.malformed");
}

#[tokio::test]
async fn a_whole_name_stands_above_and_headings_keep_their_order() {
    let entry = |suffix: &str, name: &str, more: &str| {
        format!(
            "[[provider]]\nsuffix = \"{suffix}\"\nname = \"{name}\"\nurl = \"https://cas.example\"\n{more}\n"
        )
    };
    let few = [
        entry("a.example", "Alpha College", "group = \"East\"\naliases = [\"Zeta\"]"),
        entry("b.example", "Beta Zeta Delta", "group = \"West\""),
        entry("c.example", "Delta Zetas", "group = \"East\""),
        entry("d.example", "Zeta", "group = \"South\"\naliases = [\"Alph\"]"),
    ];
    for more in [0, 2000] {
        let house = House::with().provider(&(few.concat() + &many(more))).start().await;
        let guest = Browser::at(&house);
        let page = guest.get(&login(WIKI, "q=zeta")).await;
        assert_eq!(offered(&page), ["a.example", "d.example", "c.example", "b.example"], "{more}");
        let page = guest.get(&login(WIKI, "q=alph")).await;
        assert_eq!(offered(&page), ["d.example", "a.example"], "{more}");
        // A part of names moves nothing, and a heading is looked for too.
        for (q, found) in
            [("zet", vec!["a", "c", "b", "d"]), ("south", vec!["d"]), ("cas.c.example", vec!["c"])]
        {
            let page = guest.get(&login(WIKI, &format!("q={q}"))).await;
            let found: Vec<_> = found.iter().map(|name| format!("{name}.example")).collect();
            assert_eq!(offered(&page), found, "{q} of {more}");
            assert!(
                !page.body.contains("data-above") && page.body.contains("class=\"grp\""),
                "{q} of {more}"
            );
        }
        let all = if more == 0 { "4 institutions" } else { "2,004 institutions. The first 50 are shown" };
        assert!(guest.visits(WIKI).await.says(all), "{more}");
    }
}
