//! A back-end that does not answer.

use std::sync::Arc;

use crate::support::house::{ADA, Builder, WIKI};
use crate::support::puppet::Mood;
use crate::support::{Browser, House, Puppet};

const BACKENDS: &str = r#"
[[backend]]
name = "far-{mark}"
kind = "none"
names = "x-.*"

[[backend]]
name = "desk"
kind = "test"
user = "ada"
password = "Engine, analytical: 1843"
attributes = { mail = "ada@home.example" }
"#;
const XAVER: (&str, &str) = ("x-aver", "Rays, of light: 1895");

/// The name of the far one is unlike that of other stories: they share a log.
fn house(mark: &str, far: &Arc<Puppet>) -> Builder {
    far.knows(XAVER, &[("mail", "new@far.example")]);
    let service =
        "[[service]]\nname = \"App\"\nurl = \"https://app.example/**\"\n[service.release]\nmail = \"mail\"\n";
    let backends = BACKENDS.replace("{mark}", mark);
    House::with().backends(&backends).puppet(&format!("far-{mark}"), far).service(service).secret(XAVER.1)
}

#[tokio::test]
async fn it_is_never_a_wrong_password_and_told_once() {
    let far = Puppet::new();
    let house = house("once", &far).start().await;
    far.is(Mood::Down);
    for _ in 0..3 {
        let guest = Browser::at(&house);
        let page = guest.types(&guest.visits(WIKI).await, XAVER).await;
        assert_eq!((page.status, page.code().as_str()), (503, "login.backend_down"));
        assert_eq!(guest.cookie("TGC-passerelle"), None);
    }
    // Whom it cannot know notices nothing, and neither does a name that is wrong elsewhere.
    let guest = Browser::at(&house);
    assert_eq!(guest.types(&guest.visits(WIKI).await, ("ada", "wrong")).await.status, 401);
    assert_eq!(guest.types(&guest.visits(WIKI).await, ADA).await.status, 303);
    assert_eq!(far.checks(), 3);
    far.is(Mood::Well);
    Browser::at(&house).signs_in(XAVER).await;
    Browser::at(&house).signs_in(XAVER).await;
    let log = house.logs();
    let lines = |state: &str| {
        let is_ours = |line: &&str| line.contains("backend.state") && line.contains("far-once");
        log.lines().filter(is_ours).filter(|line| line.contains(&format!("state=\"{state}\""))).count()
    };
    assert_eq!((lines("silent"), lines("answering")), (1, 1), "{log}");
}

#[tokio::test]
async fn people_who_are_in_go_on_with_what_was_known() {
    let far = Puppet::new();
    let house = house("in", &far).start().await;
    let browser = Browser::at(&house);
    let ticket = browser.signs_in_for(XAVER, "https://app.example/").await;
    assert!(house.p3_service_validate(&ticket, "https://app.example/").await.contains("new@far.example"));
    far.knows(XAVER, &[("mail", "newer@far.example")]);
    let mail = async || {
        let ticket = browser.ticket_for("https://app.example/").await;
        house.p3_service_validate(&ticket, "https://app.example/").await
    };
    assert!(mail().await.contains("newer@far.example"), "they are read for each ticket");
    far.is(Mood::Down);
    for _ in 0..2 {
        assert!(mail().await.contains("newer@far.example"), "those of the last reading");
    }
    let lines = |house: &House| {
        let log = house.logs();
        let is_ours = |line: &&str| line.contains("attributes.stored") && line.contains("far-in");
        log.lines().filter(is_ours).count()
    };
    assert_eq!(lines(&house), 1, "one a person and minute");
    house.clock.advance(60);
    assert!(mail().await.contains("newer@far.example"));
    assert_eq!(lines(&house), 2);
    far.is(Mood::Well);
    assert!(mail().await.contains("newer@far.example"));
}

/// What is taken away from somebody does not come back while nobody can be asked: in no browser, and also not for
/// those who are taken out as a whole.
#[tokio::test]
async fn what_was_taken_away_stays_away() {
    let far = Puppet::new();
    let house = house("away", &far).start().await;
    let told = async |browser: &Browser| {
        let ticket = browser.ticket_for("https://app.example/").await;
        house.p3_service_validate(&ticket, "https://app.example/").await
    };
    let (first, second) = (Browser::at(&house), Browser::at(&house));
    first.signs_in(XAVER).await;
    far.knows(XAVER, &[("mail", "second@far.example")]);
    second.signs_in(XAVER).await;
    assert!(told(&second).await.contains("second@far.example"));
    far.is(Mood::Down);
    assert!(told(&first).await.contains("second@far.example"), "what a sign-in elsewhere has read");
    far.is(Mood::Well);
    far.knows(XAVER, &[("room", "7")]);
    assert!(!told(&first).await.contains("mail>"));
    far.is(Mood::Down);
    for browser in [&first, &second] {
        let answer = told(browser).await;
        assert!(answer.contains("x-aver") && !answer.contains("mail>"), "{answer}");
    }
    far.is(Mood::Well);
    far.forgets(XAVER.0);
    let answer = told(&second).await;
    assert!(answer.contains("x-aver") && !answer.contains("mail>"), "{answer}");
    let log = house.logs();
    let is_gone =
        |line: &str| line.contains("far-away") && line.contains("nobody of that name is known any more");
    // The silence before was told within the same minute.
    assert!(!log.lines().any(is_gone), "{log}");
    house.clock.advance(60);
    told(&second).await;
    assert!(house.logs().lines().any(is_gone));
}

#[tokio::test]
async fn one_that_hangs_keeps_nobody_else() {
    let far = Puppet::new();
    let house = house("hangs", &far).start().await;
    far.is(Mood::Hangs);
    let mut waiting = Vec::new();
    for _ in 0..20 {
        let guest = Browser::at(&house);
        let form = guest.visits(WIKI).await;
        waiting.push(tokio::spawn(async move { guest.types(&form, XAVER).await.status }));
    }
    far.was_asked(20).await;
    let ada = Browser::at(&house);
    assert_eq!(ada.types(&ada.visits(WIKI).await, ADA).await.status, 303);
    assert!(waiting.iter().all(|one| !one.is_finished()));
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
}
