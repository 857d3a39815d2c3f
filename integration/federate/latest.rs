//! `attributes_live`: whose attributes a session tells, and since when.

use super::{LIBRARY, north, south};
use crate::support::journey::{user, values};
use crate::support::{Browser, FakeCas, House};

const STAFF: &str = "[[service]]\nname = \"Staff\"\nurl = \"https://staff.example/**\"\n[service.filter]\n\
                     affiliation = \"staff\"\n";

async fn gateway(north: &FakeCas, south: &FakeCas, live: &str) -> House {
    let library = "[[service]]\nname = \"Library\"\nurl = \"https://library.example/**\"\n";
    House::with()
        .backends("")
        .provider(&format!("{}{live}", north.entry("north.example", "North")))
        .provider(&format!("{}{live}", south.entry("south.example", "South")))
        .service(&format!("{library}[service.release]\n\"*\" = \"*\"\n"))
        .service(STAFF)
        .start()
        .await
}

async fn mail(house: &House, browser: &Browser) -> Vec<String> {
    let answer = house.p3_service_validate(&browser.ticket_for(LIBRARY).await, LIBRARY).await;
    values(&answer, "mail")
}

#[tokio::test]
async fn of_the_latest_sign_in_in_any_browser() {
    let (north, south) = (north().await, south().await);
    let house = gateway(&north, &south, "attributes_live = \"latest\"\n").await;
    let (desk, laptop, other) = (Browser::at(&house), Browser::at(&house), Browser::at(&house));
    desk.arrives(LIBRARY, "north.example").await.ticket();
    // Somebody else who has the same name.
    other.arrives(LIBRARY, "south.example").await.ticket();
    let before = desk.ticket_for(LIBRARY).await;

    north.changes("ada", &[("mail", "countess@north.example"), ("displayName", "The Countess")]);
    laptop.arrives(LIBRARY, "north.example").await.ticket();
    assert_eq!(mail(&house, &desk).await, ["countess@north.example"]);
    assert_eq!(mail(&house, &other).await, ["ada@south.example"]);
    // The page of the person shows them too, and who may enter is decided by them.
    let page = desk.get("login").await;
    assert!(page.says("The Countess"), "{}", page.text());
    assert_eq!(desk.visits("https://staff.example/").await.error_code(), "service.filter");
    // What was issued before says what was known then.
    let answer = house.p3_service_validate(&before, LIBRARY).await;
    assert_eq!(
        (user(&answer).as_str(), values(&answer, "mail")),
        ("ada@north.example", vec!["ada@north.example".into()])
    );

    // The next sign-in changes it for both again, and nothing of it but the attributes.
    house.clock.advance(60);
    north.changes("ada", &[("mail", "ada@north.example"), ("affiliation", "staff")]);
    let away = laptop.get("federate/north.example?renew=true").await;
    laptop.follow_home(laptop.returns(&away).await).await;
    assert!(desk.visits("https://staff.example/").await.maybe_ticket().is_some());
    let answer = house.p3_service_validate(&desk.ticket_for(LIBRARY).await, LIBRARY).await;
    assert_eq!(values(&answer, "authenticationDate"), ["2027-01-15T08:00:00Z"]);

    // Somebody whose attributes were lost is known by those of the session.
    house.alter("DELETE FROM federated_user WHERE provider = 'north.example'").await;
    assert_eq!(mail(&house, &desk).await, ["ada@north.example"]);
}

#[tokio::test]
async fn of_the_session_unless_the_entry_says_so() {
    for live in ["", "attributes_live = \"session\"\n"] {
        let (north, south) = (north().await, south().await);
        let house = gateway(&north, &south, live).await;
        let (desk, laptop) = (Browser::at(&house), Browser::at(&house));
        desk.arrives(LIBRARY, "north.example").await.ticket();
        north.changes("ada", &[("mail", "countess@north.example")]);
        laptop.arrives(LIBRARY, "north.example").await.ticket();
        assert_eq!(mail(&house, &desk).await, ["ada@north.example"]);
        assert_eq!(mail(&house, &laptop).await, ["countess@north.example"]);
        assert!(desk.visits("https://staff.example/").await.maybe_ticket().is_some());
        assert_eq!(laptop.visits("https://staff.example/").await.error_code(), "service.filter");
    }
}
