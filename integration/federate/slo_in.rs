//! An institution says that a session ended there (CAS 3.0 §2.3.3): ours that stand on it end, and no other.

use crate::federate::{between, north, south};
use crate::support::fake_cas::Draft;
use crate::support::house::{ADA, NOTES, WIKI};
use crate::support::journey::{by, user};
use crate::support::log_out::{message, post, send};
use crate::support::{Browser, FakeCas, House, Service};

/// Signs in at north for a service, which validates its ticket. Out: that ticket.
async fn uses(house: &House, browser: &Browser, service: &str) -> String {
    let ticket = browser.arrives(service, "north.example").await.ticket();
    assert_eq!(user(&house.service_validate(&ticket, service).await), "ada@north.example");
    ticket
}

/// Where north sends its messages: the address that it gave its last ticket for.
fn callback(north: &FakeCas) -> String {
    north.logins().last().and_then(|login| login.param("service")).expect("a login")
}

#[tokio::test]
async fn a_message_ends_the_session_and_its_services_are_told() {
    let drafts: [fn() -> Draft; 3] = [FakeCas::v1, FakeCas::v2, FakeCas::v3];
    for draft in drafts {
        let (north, app) = (draft().knows("ada").start().await, Service::start().await);
        let house = House::with().provider(&north.entry("north.example", "North"));
        let house = house.service(&app.toml("App", "")).start().await;
        let ada = Browser::at(&house);
        let ticket = uses(&house, &ada, &app.url).await;
        let open = ada.ticket_for(NOTES).await;
        let url = callback(&north);
        assert!(url.starts_with(&house.at("federate/north.example?h=")), "{url}");

        let heard = send(&url, &message(&[&north.last_ticket()])).await;
        assert!(heard.is_ok(), "{heard:?}");
        assert_eq!((house.count("session").await, house.count("ticket").await), (0, 0));
        assert!(ada.is_nobody().await);
        assert!(!house.service_validate(&open, NOTES).await.contains("authenticationSuccess"));
        assert_eq!(house.tell_services().await, 1);
        assert_eq!(app.told(), [ticket]);
        assert!(house.logs().contains("slo.received"));

        assert!(send(&url, &message(&[&north.last_ticket()])).await.is_ok(), "again");
        assert_eq!(house.tell_services().await, 0, "told once");
        uses(&house, &ada, WIKI).await;
    }
}

#[tokio::test]
async fn only_what_this_institution_began_ends() {
    let (north, south) = (north().await, south().await);
    let house = House::with().provider(&north.entry("north.example", "North"));
    let house = house.provider(&south.entry("south.example", "South")).start().await;
    let (ada, local) = (Browser::at(&house), Browser::at(&house));
    let ours = uses(&house, &ada, WIKI).await;
    local.signs_in(ADA).await;
    let ticket = north.last_ticket();
    let (home, foreign) = (house.at("federate/north.example"), house.at("federate/south.example"));

    assert!(send(&foreign, &message(&[&ticket])).await.is_ok(), "what another institution began");
    let cut = ticket.get(..ticket.len() - 1).unwrap();
    for unknown in [cut, &ours, "ST-1", "%", "' OR 1=1 --"] {
        assert!(send(&home, &message(&[unknown])).await.is_ok(), "{unknown}");
    }
    for nonsense in
        ["", "x", "<LogoutRequest/>", &message(&[&ticket]).replace("LogoutRequest", "LogoutResponse")]
    {
        assert!(send(&home, nonsense).await.is_ok(), "{nonsense}");
    }
    let hidden = message(&[&ticket]).replace("<samlp:Log", "<!DOCTYPE x><samlp:Log");
    assert!(send(&home, &hidden).await.is_ok(), "a document type");
    let form = "application/x-www-form-urlencoded";
    let large = format!("logoutRequest={}{}", " ".repeat(70_000), message(&[&ticket]));
    for (kind, body) in [(form, large), (form, "%ff=%ff".to_owned()), ("text/xml", message(&[&ticket]))] {
        assert!(post(&home, kind, body).await.is_ok(), "{kind}");
    }
    let many: Vec<String> = (0..64).map(|n| format!("ST-{n}")).chain([ticket.clone()]).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert!(send(&home, &message(&many)).await.is_ok(), "work is bounded");
    assert_eq!(house.count("session").await, 2);

    for suffix in ["nowhere.example", "local", "%3Cscript%3E"] {
        let heard = send(&house.at(&format!("federate/{suffix}")), &message(&[&ticket])).await;
        assert!(heard.is_ok(), "{suffix}");
    }
    assert_eq!(house.count("session").await, 2);
    assert!(send(&home, &message(&many[1..])).await.is_ok());
    assert!(ada.is_nobody().await && !local.is_nobody().await);
}

#[tokio::test]
async fn careless_servers_are_understood() {
    let (north, house) = {
        let north = north().await;
        let house = House::with().provider(&north.entry("north.example", "North")).start().await;
        (north, house)
    };
    let ada = Browser::at(&house);
    let home = house.at("federate/north.example");
    for write in [
        // Prefixes that are bound to nothing, an instant of letters, an ID that begins with a digit.
        |ticket: &str| {
            format!(
                "<samlp:LogoutRequest ID=\"17\" Version=\"2.0\" IssueInstant=\"Fri, 15 Jan 2027 08:00:00 +0000\">\n\
                 <saml:NameID></saml:NameID>\n<samlp:SessionIndex>{ticket}</samlp:SessionIndex>\n\
                 </samlp:LogoutRequest>"
            )
        },
        |ticket: &str| format!("\n\n  <?xml version=\"1.0\"?>{}\n", message(&[ticket]).replace("Z\"", "\"")),
        |ticket: &str| message(&[ticket]).replace("<saml:NameID>@NOT_USED@</saml:NameID>", ""),
        |ticket: &str| message(&["ST-of-a-service-that-we-are-not", ticket]),
    ] {
        uses(&house, &ada, WIKI).await;
        let message = write(&north.last_ticket());
        assert!(send(&home, &message).await.is_ok());
        assert!(ada.is_nobody().await, "{message}");
    }
}

#[tokio::test]
async fn every_ticket_that_a_session_stands_on_ends_it() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let (ada, other) = (Browser::at(&house), Browser::at(&house));
    let home = house.at("federate/north.example");
    for first in [true, false] {
        uses(&house, &ada, WIKI).await;
        let old = north.last_ticket();
        let away = ada.get(&format!("{}&renew=true", by(WIKI, "north.example"))).await;
        let back = ada.returns(&away).await;
        ada.follow_home(back).await.ticket();
        assert_ne!(north.last_ticket(), old);
        assert_eq!((house.count("session").await, house.count("upstream_session").await), (1, 2));
        let ticket = if first { old } else { north.last_ticket() };
        assert!(send(&home, &message(&[&ticket])).await.is_ok());
        assert_eq!((house.count("session").await, house.count("upstream_session").await), (0, 0));
    }
    uses(&house, &ada, WIKI).await;
    let one = north.last_ticket();
    uses(&house, &other, WIKI).await;
    assert!(send(&home, &message(&[&one, &north.last_ticket(), &one])).await.is_ok());
    assert!(ada.is_nobody().await && other.is_nobody().await, "several in one message");
}

#[tokio::test]
async fn an_entry_says_whether_it_is_listened_to() {
    let north = north().await;
    for (keys, ends) in [("single_log_out = false", false), ("single_log_out = true", true)] {
        let house = House::with().provider(&format!("{}{keys}\n", north.entry("north.example", "North")));
        let house = house.start().await;
        let ada = Browser::at(&house);
        uses(&house, &ada, WIKI).await;
        assert!(send(&callback(&north), &message(&[&north.last_ticket()])).await.is_ok());
        assert_eq!(ada.is_nobody().await, ends, "{keys}");
    }
}

#[tokio::test]
async fn an_institution_that_left_the_files_is_still_heard() {
    let (north, app) = (north().await, Service::start().await);
    let entry = north.entry("North.example", "North");
    let mut house = House::with().provider(&entry).service(&app.toml("App", "")).start().await;
    let ada = Browser::at(&house);
    let ticket = ada.arrives(&app.url, "North.example").await.ticket();
    let almost = house.validate("serviceValidate", &ticket, &app.url, &[]).await;
    assert!(almost.contains("authenticationSuccess"), "{almost}");
    house.reloads(House::with().service(&app.toml("App", ""))).await;
    assert!(!ada.is_nobody().await, "the session goes on");

    assert!(send(&callback(&north), &message(&["ST-1"])).await.is_ok(), "a stranger");
    assert_eq!(house.count("session").await, 1);
    assert!(send(&callback(&north), &message(&[&north.last_ticket()])).await.is_ok());
    assert_eq!(house.count("session").await, 0);
    assert_eq!((house.tell_services().await, app.told()), (1, vec![ticket]));
}

#[tokio::test]
async fn somebody_who_is_still_on_the_way_in_does_not_get_in() {
    let north = north().await;
    let house = House::with().provider(&north.entry("north.example", "North")).start().await;
    let ada = Browser::at(&house);
    north.ends_at_once(true);
    let away = ada.get(&by(WIKI, "north.example")).await;
    let page = ada.returns(&away).await;
    assert_eq!(
        (page.status, page.error_code().as_str()),
        (502, "upstream.ticket_rejected"),
        "{}",
        page.text()
    );
    assert_eq!((house.count("session").await, house.count("upstream_session").await), (0, 0));
    assert!(ada.is_nobody().await);
    north.ends_at_once(false);
    uses(&house, &ada, WIKI).await;
    assert!(!ada.is_nobody().await, "the next ticket is another one");
}

#[tokio::test]
async fn strangers_leave_nothing_behind() {
    let north = north().await;
    let house = House::with().provider(&north.entry("north.example", "North")).start().await;
    for (n, suffix) in (0..20).zip(["north.example", "nowhere.example", "local", "%3C"].iter().cycle()) {
        let url = house.at(&format!("federate/{suffix}"));
        assert!(send(&url, &message(&[&format!("ST-{n}")])).await.is_ok(), "{suffix}");
    }
    for table in ["handoff", "upstream_session", "outbox", "session"] {
        assert_eq!(house.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn what_one_node_hears_holds_on_all() {
    let (north, app) = (north().await, Service::start().await);
    let house = House::with().provider(&north.entry("north.example", "North"));
    let house = house.service(&app.toml("App", "")).start().await;
    let other = House::with().provider(&north.entry("north.example", "North")).public(&house.base);
    let other = other.service(&app.toml("App", "")).database(house.database.clone()).start().await;
    let ada = Browser::at(&house);
    let ticket = uses(&house, &ada, &app.url).await;
    assert!(send(&other.real(&callback(&north)), &message(&[&north.last_ticket()])).await.is_ok());
    assert!(ada.is_nobody().await, "at the node where she signed in");
    assert_eq!(house.tell_services().await, 1, "by any node");
    assert_eq!((other.tell_services().await, app.told()), (0, vec![ticket]));
}
