//! `state_in = "cookie"`: for institutions that compare the whole address.

use crate::support::fake_cas::SendsBack;
use crate::support::house::{NOTES, WIKI};
use crate::support::journey::{by, user};
use crate::support::{Browser, FakeCas, House, Page};

const RETURN: &str = "/federate/north.example/return";

async fn north() -> FakeCas {
    FakeCas::v3().knows("ada").start().await
}

fn entry(fake: &FakeCas) -> String {
    format!("{}state_in = \"cookie\"\n", fake.entry("north.example", "North"))
}

async fn house(fake: &FakeCas) -> House {
    House::with().provider(&entry(fake)).start().await
}

fn assert_lost(page: &Page) {
    assert_eq!((page.status, page.error_code().as_str()), (400, "upstream.state_lost"), "{}", page.text());
    assert!(!page.headers("set-cookie").iter().any(|cookie| cookie.contains("TGC")));
}

/// Leaves, and stands before the way back.
async fn leaves(browser: &Browser, service: &str) -> String {
    let away = browser.get(&by(service, "north.example")).await;
    assert_eq!(away.status, 303, "{}", away.text());
    browser.follow(&away).await.location().to_owned()
}

#[tokio::test]
async fn the_address_is_always_the_same() {
    let fake = north().await;
    let house = house(&fake).await;
    for _ in 0..2 {
        let ticket = Browser::at(&house).arrives(WIKI, "north.example").await.ticket();
        assert_eq!(user(&house.service_validate(&ticket, WIKI).await), "ada@north.example");
    }
    let callback = Some(format!("{}{RETURN}", house.base));
    for request in fake.logins().iter().chain(&fake.validations()) {
        assert_eq!(request.param("service"), callback);
    }
}

#[tokio::test]
async fn the_cookie() {
    let fake = north().await;
    let house = house(&fake).await;
    let browser = Browser::at(&house);
    let away = browser.get(&by(WIKI, "north.example")).await;
    let cookies = away.headers("set-cookie");
    let state = cookies.iter().find(|cookie| cookie.starts_with("cas_at_north.example=")).unwrap();
    assert!(state.ends_with("; Path=/cas; HttpOnly; SameSite=Lax; Max-Age=600"), "{state}");
    let value = state.split(['=', ';']).nth(1).unwrap();
    assert!(value.len() >= 22 && !away.location().contains(value));
    // Institutions that take the number in the address need none.
    let other = north().await;
    let house = House::with().provider(&other.entry("north.example", "North")).start().await;
    let away = Browser::at(&house).get(&by(WIKI, "north.example")).await;
    assert!(!away.headers("set-cookie").iter().any(|cookie| cookie.contains("cas_at_")));
}

/// Which tab comes back cannot be seen: what the newest asked for counts, and once.
#[tokio::test]
async fn the_newest_of_two_tabs_counts() {
    let fake = north().await;
    let house = house(&fake).await;
    let browser = Browser::at(&house);
    let older = leaves(&browser, WIKI).await;
    let state_of_older = browser.cookie("cas_at_north.example").unwrap();
    let newer = leaves(&browser, NOTES).await;
    assert_ne!(browser.cookie("cas_at_north.example").unwrap(), state_of_older);
    let exit = browser.follow_home(browser.get(&newer).await).await;
    assert_eq!(user(&house.service_validate(&exit.ticket(), NOTES).await), "ada@north.example");
    // The older one meets a handoff that was used: it is signed in by now, and goes on; its ticket is not asked about.
    let asked = fake.validations().len();
    let page = browser.get(&older).await;
    assert_eq!(page.status, 303);
    assert!(page.location().contains("notes.example"), "{}", page.location());
    assert_eq!(fake.validations().len(), asked);
}

#[tokio::test]
async fn without_its_cookie_or_its_browser() {
    let fake = north().await;
    let house = house(&fake).await;
    let browser = Browser::at(&house);
    let back = leaves(&browser, WIKI).await;
    // Another browser, with nothing of the kind.
    assert_lost(&Browser::at(&house).get(&back).await);
    // With the number, and without the mark.
    let number = browser.cookie("cas_at_north.example").unwrap();
    let thief = Browser::at(&house);
    thief.get("login").await;
    thief.set_cookie("cas_at_north.example", &number);
    assert_lost(&thief.get(&back).await);
    // A number in the address is for institutions of the other kind.
    let ticket = back.split("ticket=").nth(1).unwrap();
    assert!(fake.validations().is_empty());
    assert_eq!(browser.get(&back).await.status, 303);
    assert_eq!(fake.validations().len(), 1);
    let page = Browser::at(&house).get(&format!("federate/north.example?h={number}&ticket={ticket}")).await;
    assert_lost(&page);
}

#[tokio::test]
async fn once_and_for_ten_minutes() {
    let fake = north().await;
    let house = house(&fake).await;
    let browser = Browser::at(&house);
    let back = leaves(&browser, WIKI).await;
    house.clock.advance(600);
    assert_lost(&browser.get(&back).await);
    assert!(fake.validations().is_empty());
    let back = leaves(&browser, WIKI).await;
    assert_eq!(browser.get(&back).await.status, 303);
    // Again, signed in: on, and the ticket is not shown again.
    assert_eq!(browser.get(&back).await.status, 303);
    assert_eq!(fake.validations().len(), 1);
    // Signed out, nobody goes on.
    browser.get("logout").await;
    assert_lost(&browser.get(&back).await);
    assert_eq!(fake.validations().len(), 1);
}

#[tokio::test]
async fn nobody_sent() {
    let fake = north().await;
    let house = house(&fake).await;
    fake.sends_back(SendsBack::WithoutTicket);
    let browser = Browser::at(&house);
    let page = browser.returns(&browser.get(&by(WIKI, "north.example")).await).await;
    assert_eq!(page.status, 303);
    assert!(page.location().contains("choose=1"), "{}", page.location());
    fake.sends_back(SendsBack::AsArtifact);
    let ticket = browser.arrives(WIKI, "north.example").await.ticket();
    assert_eq!(user(&house.service_validate(&ticket, WIKI).await), "ada@north.example");
}

/// Two institutions at once do not disturb each other.
#[tokio::test]
async fn an_institution_has_its_own() {
    let (north, south) = (north().await, FakeCas::v3().knows("eve").start().await);
    let entry_south = format!("{}state_in = \"cookie\"\n", south.entry("South.example", "South"));
    let house = House::with().provider(&entry(&north)).provider(&entry_south).start().await;
    let browser = Browser::at(&house);
    let first = leaves(&browser, WIKI).await;
    let away = browser.get(&by(WIKI, "South.example")).await;
    let second = browser.follow(&away).await.location().to_owned();
    let exit = browser.follow_home(browser.get(&first).await).await;
    assert_eq!(user(&house.service_validate(&exit.ticket(), WIKI).await), "ada@north.example");
    assert_eq!(browser.get(&second).await.status, 303);
    assert_eq!((north.validations().len(), south.validations().len()), (1, 1));
}
