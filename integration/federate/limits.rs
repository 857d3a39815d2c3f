//! `max_session`: how long an institution lets a session of its people live.

use super::south;
use crate::support::house::{Builder, WIKI};
use crate::support::journey::{by, user};
use crate::support::{Browser, FakeCas, House, Service};

const HOUR: i64 = 3600;

/// Sessions of North live an hour, of all others ten; whoever wants to stays signed in for a month.
async fn gateway(app: &Service) -> (House, FakeCas, FakeCas) {
    let (north, south) = (FakeCas::v3().knows("ada").start().await, south().await);
    let house = House::with()
        .section("[session]\nremember_me = \"30 d\"")
        .provider(&format!("{}max_session = \"1 h\"\n", north.entry("north.example", "North")))
        .provider(&south.entry("south.example", "South"))
        .service(&app.toml("App", ""))
        .start()
        .await;
    (house, north, south)
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.visits(WIKI).await.maybe_ticket().is_some()
}

#[tokio::test]
async fn however_much_it_is_used() {
    let app = Service::start().await;
    let (house, _north, _south) = gateway(&app).await;
    let (ada, other) = (Browser::at(&house), Browser::at(&house));
    let ticket = ada.arrives(&app.url, "north.example").await.ticket();
    house.service_validate(&ticket, &app.url).await;
    other.arrives(WIKI, "south.example").await.ticket();
    let page = ada.get("login").await;
    assert!(page.body.contains("2027-01-15T09:00:00"), "until when at the latest: {}", page.body);
    house.clock.advance(HOUR - 20);
    assert!(is_signed_in(&ada).await);
    // No ticket outlives it.
    let late = ada.ticket_for(WIKI).await;
    house.clock.advance(19);
    assert_eq!(user(&house.service_validate(&ada.ticket_for(WIKI).await, WIKI).await), "ada@north.example");
    assert_eq!(house.sweep().await.sessions, 0);
    house.clock.advance(1);
    assert!(house.service_validate(&late, WIKI).await.contains("INVALID_TICKET"));
    assert!(!is_signed_in(&ada).await && is_signed_in(&other).await);

    // The sweep ends it, and services hear of that.
    assert_eq!(house.sweep().await.sessions, 1);
    house.tell_services().await;
    assert_eq!(app.told(), [ticket]);
    assert!(is_signed_in(&other).await);
    house.clock.advance(HOUR);
    assert_eq!(house.sweep().await.sessions, 0);
}

#[tokio::test]
async fn also_for_those_who_stay_signed_in() {
    let app = Service::start().await;
    let (house, _north, _south) = gateway(&app).await;
    for (suffix, seconds) in [("north.example", HOUR), ("south.example", 30 * 86_400)] {
        let ada = Browser::at(&house);
        let away = ada.get(&format!("{}&rememberMe=true", by(WIKI, suffix))).await;
        let returned = ada.returns(&away).await;
        let cookie =
            returned.headers("set-cookie").into_iter().find(|c| c.starts_with("TGC-")).unwrap().to_owned();
        assert!(cookie.ends_with(&format!("; Max-Age={seconds}")), "{cookie}");
        house.clock.advance(HOUR - 1);
        assert!(is_signed_in(&ada).await);
        house.clock.advance(1);
        assert_eq!(is_signed_in(&ada).await, suffix == "south.example");
        assert_eq!(house.sweep().await.sessions, u64::from(suffix == "north.example"));
    }
}

#[tokio::test]
async fn counted_from_the_last_sign_in() {
    let app = Service::start().await;
    let (house, north, _south) = gateway(&app).await;
    let ada = Browser::at(&house);
    let ticket = ada.arrives(&app.url, "north.example").await.ticket();
    house.service_validate(&ticket, &app.url).await;
    house.clock.advance(HOUR - 1);
    let away = ada.get("federate/north.example?renew=true").await;
    ada.follow_home(ada.returns(&away).await).await;
    house.clock.advance(HOUR - 1);
    assert!(is_signed_in(&ada).await, "the same session, an hour from now on");
    assert_eq!((house.count("session").await, app.told().len()), (1, 0));
    // A limit that the files no longer know holds until the next sign-in.
    house.clock.advance(1);
    assert!(!is_signed_in(&ada).await);
    assert!(ada.arrives(WIKI, "north.example").await.maybe_ticket().is_some());
    assert_eq!(north.logins().len(), 3);
    house.alter("UPDATE session SET ends_at = NULL WHERE ends_at IS NOT NULL").await;
    house.clock.advance(HOUR + 1);
    assert!(is_signed_in(&ada).await);
}

#[tokio::test]
async fn makes_no_session_longer() {
    let north = FakeCas::v3().knows("ada").start().await;
    let longer = |lines: &str| -> Builder {
        let entry = format!("{}max_session = \"30 d\"\n", north.entry("north.example", "North"));
        House::with().section(lines).provider(&entry)
    };
    for (lines, seconds) in [("", 7200), ("[session]\nidle = \"none\"\nlifetime = \"3 h\"", 3 * HOUR)] {
        let house = longer(lines).start().await;
        let ada = Browser::at(&house);
        ada.arrives(WIKI, "north.example").await.ticket();
        house.clock.advance(seconds);
        assert!(!is_signed_in(&ada).await, "{lines}");
        assert_eq!(house.sweep().await.sessions, 1);
    }
}
