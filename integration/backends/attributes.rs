//! `[[attributes]]`: what further sources know of people who signed in elsewhere.

use std::sync::Arc;

use crate::support::house::{ADA, Builder};
use crate::support::journey::{user, values};
use crate::support::puppet::Mood;
use crate::support::{Browser, FakeCas, House, Puppet};

const APP: &str = "https://app.example/";
const BACKENDS: &str = r#"
[[backend]]
name = "desk"
kind = "test"
user = "ada"
password = "Engine, analytical: 1843"
attributes = { mail = "ada@home.example", Card = "17" }

[[backend]]
name = "people"
kind = "sql"
url = "sqlite:people.db"
sign_in = false
hidden_attributes = ["Salary"]
"#;

/// A house whose people are known better by a table. `keys`: of its `[[attributes]]`.
fn house(people: &Arc<Puppet>, keys: &str) -> Builder {
    let backends = format!("{BACKENDS}\n[[attributes]]\nbackend = \"people\"\n{keys}\n");
    let service = "[[service]]\nname = \"App\"\nurl = \"https://app.example/**\"\nproxy = true\n\
        [service.release]\n\"*\" = \"*\"\n";
    House::with().backends(&backends).puppet("people", people).service(service)
}

/// What the service is told of somebody who is signed in.
async fn told(house: &House, browser: &Browser) -> String {
    house.p3_service_validate(&browser.ticket_for(APP).await, APP).await
}

async fn ada(house: &House) -> Browser {
    let browser = Browser::at(house);
    browser.signs_in(ADA).await;
    browser
}

#[tokio::test]
async fn they_add_and_never_overwrite() {
    let people = Puppet::new();
    let rows = [
        ("unit", "Mathematics"),
        ("unit", "Engines"),
        ("MAIL", "other@people.example"),
        ("card", "99"),
        ("salary", "1"),
        ("password", "x"),
        ("backend", "people"),
    ];
    people.knows(("ada", ""), &rows);
    let house = house(&people, "").start().await;
    let browser = ada(&house).await;
    let answer = told(&house, &browser).await;
    assert_eq!(values(&answer, "unit"), ["Mathematics", "Engines"]);
    assert_eq!(values(&answer, "mail"), ["ada@home.example"]);
    assert_eq!((values(&answer, "Card"), values(&answer, "card")), (vec!["17".to_owned()], vec![]));
    assert!(!answer.contains("people.example") && !answer.contains("salary"), "{answer}");
    assert_eq!(values(&answer, "backend"), ["desk"], "{answer}");
    assert!(!answer.to_lowercase().contains("password"), "{answer}");
    // The person sees them too, and they are not kept with the session.
    let page = browser.get("login").await;
    assert!(page.status == 200 && page.says("Mathematics"), "{}", page.text());
    let mut read = house.app.store.read().await.unwrap();
    let identity = passerelle::domain::identity::Identity {
        name: passerelle::domain::name::canonical("ada", &passerelle::config::local_names(), []).unwrap(),
        source: passerelle::domain::identity::Source::Backend("desk".to_owned()),
    };
    let stored = passerelle::store::sessions::of_person(&mut read, &identity, 9).await.unwrap();
    assert_eq!(stored.len(), 1);
    let stored = passerelle::store::sessions::by_id(&mut read, &stored[0]).await.unwrap().unwrap();
    assert!(!stored.attributes.contains("unit") && stored.attributes.contains("mail"));
}

#[tokio::test]
async fn people_of_institutions_are_looked_up_by_how_services_know_them() {
    let north = FakeCas::v3().knows("ana").with_attribute("employeeNumber", "e-7").start().await;
    let people = Puppet::new();
    people.knows(("ana@north.example", ""), &[("unit", "Hydrology")]);
    people.knows(("e-7", ""), &[("unit", "Rivers")]);
    people.knows(("ana", ""), &[("unit", "somebody else's")]);
    for (keys, unit) in [
        ("", Some("Hydrology")),
        ("for = [\"NORTH.example\"]", Some("Hydrology")),
        ("for = [\"desk\"]", None),
        ("key = \"employeeNumber\"", Some("Rivers")),
        ("key = \"absent\"", None),
    ] {
        let entry = north.entry("north.example", "North");
        let house = house(&people, keys).provider(&entry).start().await;
        let browser = Browser::at(&house);
        let exit = browser.arrives(APP, "north.example").await;
        let answer = house.p3_service_validate(&exit.ticket(), APP).await;
        assert_eq!(user(&answer), "ana@north.example");
        assert_eq!(values(&answer, "unit").first().map(String::as_str), unit, "{keys}: {answer}");
    }
}

#[tokio::test]
async fn they_count_for_filters_and_for_the_name() {
    let people = Puppet::new();
    people.knows(("ada", ""), &[("unit", "Engines"), ("number", "e-1843")]);
    let service = "[[service]]\nname = \"Lab\"\nurl = \"https://lab.example/**\"\nuser_field = \"number\"\n\
        [service.filter]\nunit = \"Engines\"\n";
    let house = house(&people, "keep = \"0 s\"").service(service).start().await;
    let browser = ada(&house).await;
    let ticket = browser.ticket_for("https://lab.example/").await;
    let answer = house.p3_service_validate(&ticket, "https://lab.example/").await;
    assert_eq!(user(&answer), "e-1843", "{answer}");
    people.knows(("ada", ""), &[("unit", "Looms"), ("number", "e-1843")]);
    let page = browser.visits("https://lab.example/").await;
    assert_eq!((page.status, page.code().as_str()), (403, "service.filter"));
}

#[tokio::test]
async fn an_answer_is_kept_for_a_while() {
    for (keys, looks) in
        [("", [1, 1, 1, 2]), ("keep = \"1 min\"", [1, 1, 2, 3]), ("keep = \"0 s\"", [1, 2, 3, 4])]
    {
        let people = Puppet::new();
        people.knows(("ada", ""), &[("unit", "Engines")]);
        let house = house(&people, keys).start().await;
        let browser = ada(&house).await;
        let mut seen = Vec::new();
        for wait in [0, 59, 60, 600] {
            house.clock.advance(wait);
            told(&house, &browser).await;
            seen.push(people.looks());
        }
        assert_eq!(seen, looks, "{keys}");
    }
    // Nobody is kept too: a table is not asked all day for people whom it does not know.
    let people = Puppet::new();
    let house = house(&people, "").start().await;
    let browser = ada(&house).await;
    for _ in 0..3 {
        told(&house, &browser).await;
    }
    assert_eq!(people.looks(), 1);
}

#[tokio::test]
async fn who_asks_at_the_same_time_waits_for_one_question() {
    let people = Puppet::new();
    people.knows(("ada", ""), &[("unit", "Engines")]);
    let house = house(&people, "").start().await;
    let identity = passerelle::domain::identity::Identity {
        name: passerelle::domain::name::canonical("ada", &passerelle::config::local_names(), []).unwrap(),
        source: passerelle::domain::identity::Source::Backend("desk".to_owned()),
    };
    let now = house.app.clock.now();
    let ask = || house.app.backends.supplemented(&identity, Default::default(), now);
    let all = futures_util::future::join_all((0..50).map(|_| ask())).await;
    assert!(all.iter().all(|known| known.first_text("unit").as_deref() == Some("Engines")));
    assert_eq!(people.looks(), 1);
}

#[tokio::test]
async fn a_source_that_is_down_is_left_out_and_asked_again() {
    let people = Puppet::new();
    people.knows(("ada", ""), &[("unit", "Engines")]);
    let house = house(&people, "").start().await;
    let browser = ada(&house).await;
    people.is(Mood::Down);
    for looks in 1..=3 {
        let answer = told(&house, &browser).await;
        assert!(values(&answer, "mail").len() == 1 && values(&answer, "unit").is_empty(), "{answer}");
        assert_eq!(people.looks(), looks, "nothing of that is kept");
    }
    people.is(Mood::Well);
    assert_eq!(values(&told(&house, &browser).await, "unit"), ["Engines"]);
}
