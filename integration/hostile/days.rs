//! Institutions over time: not asked while they answer nobody, known as silent, looked at in the background.

use passerelle::domain::identity::Suffix;
use passerelle::flows::watch;
use passerelle::protocol::time::Timestamp;
use passerelle::upstream::Upstreams;

use crate::support::authority::Paper;
use crate::support::house::WIKI;
use crate::support::journey::{by, user};
use crate::support::trouble::Trouble;
use crate::support::{Browser, FakeCas, House, Page};

/// Somebody new signs in as far as our callback.
async fn comes_back(house: &House, fake: &FakeCas, suffix: &str) -> Page {
    let browser = Browser::at(house);
    let away = browser.get(&by(WIKI, suffix)).await;
    assert_eq!(away.status, 303, "leaving is never refused: {}", away.text());
    browser.get(&fake.lets_in(away.location())).await
}

fn told(page: &Page) -> (u16, String) {
    (page.status, page.error_code())
}

fn http() -> (u16, String) {
    (502, "upstream.http".to_owned())
}

fn suffix(text: &str) -> Suffix {
    Suffix::parse(text).unwrap()
}

/// The lines about an institution with these words.
fn lines(house: &House, suffix: &str, words: &str) -> usize {
    house.logs().lines().filter(|line| line.contains(suffix) && line.contains(words)).count()
}

#[tokio::test]
async fn who_comes_to_one_that_answers_nobody_is_told_at_once() {
    let (sick, well) = (FakeCas::v3().knows("ada").start().await, FakeCas::v3().knows("bob").start().await);
    let house = House::with()
        .provider(&sick.entry("shut.example", "Shut"))
        .provider(&well.entry("well.example", "Well"))
        .start()
        .await;
    sick.has(Trouble::Status(503));
    for _ in 0..5 {
        assert_eq!(told(&comes_back(&house, &sick, "shut.example").await), http());
    }
    for _ in 0..5 {
        let page = comes_back(&house, &sick, "shut.example").await;
        assert_eq!(told(&page), http());
        assert!(page.buttons().remove(0).contains("/federate/shut.example"), "there is a button");
    }
    assert_eq!(sick.validations().len(), 5, "not asked any more");
    let ticket = Browser::at(&house).arrives(WIKI, "well.example").await.ticket();
    assert_eq!(user(&house.service_validate(&ticket, WIKI).await), "bob@well.example");

    // One is let through every few seconds; while it fails, the others are told at once.
    house.clock.advance(5);
    for _ in 0..3 {
        assert_eq!(told(&comes_back(&house, &sick, "shut.example").await), http());
    }
    assert_eq!(sick.validations().len(), 6);
    // A refusal is an answer too: from then on everybody is asked about.
    sick.has(Trouble::refuses("INVALID_TICKET"));
    house.clock.advance(5);
    let page = comes_back(&house, &sick, "shut.example").await;
    assert_eq!(told(&page), (502, "upstream.ticket_rejected".to_owned()));
    sick.recovers();
    for _ in 0..3 {
        assert_eq!(comes_back(&house, &sick, "shut.example").await.status, 303);
    }
}

/// A 500 may be what a server says to a ticket that it cannot read, and anybody can bring one: that decides for
/// nobody else.
#[tokio::test]
async fn an_error_of_the_server_is_an_answer() {
    let sick = FakeCas::v3().knows("ada").start().await;
    let house = House::with().provider(&sick.entry("sick.example", "Sick")).start().await;
    for status in [500, 501] {
        sick.has(Trouble::Status(status));
        for _ in 0..6 {
            assert_eq!(told(&comes_back(&house, &sick, "sick.example").await), http());
        }
    }
    assert_eq!(sick.validations().len(), 12, "asked each time");
    sick.recovers();
    assert_eq!(comes_back(&house, &sick, "sick.example").await.status, 303);
    assert_eq!(lines(&house, "sick.example", "provider.state"), 0);
}

#[tokio::test]
async fn silence_is_known_and_survives_a_change_of_the_files() {
    let sick = FakeCas::v3().knows("ada").start().await;
    let house = House::with().provider(&sick.entry("silent.example", "Silent")).start().await;
    let silent = suffix("silent.example");
    let since = |upstreams: &Upstreams| upstreams.silent_since(&silent);
    sick.has(Trouble::Status(503));
    let began = passerelle::clock::Clock::now(&house.clock);
    for _ in 0..6 {
        comes_back(&house, &sick, "silent.example").await;
        assert_eq!(since(&house.app.upstreams), None);
        house.clock.advance(10);
    }
    comes_back(&house, &sick, "silent.example").await;
    assert_eq!(since(&house.app.upstreams), Some(began));
    house.clock.advance(10);
    comes_back(&house, &sick, "silent.example").await;
    assert_eq!(lines(&house, "silent.example", "provider.state"), 1);

    let directory = &house.app.config.directory;
    let renewed = Upstreams::new(directory, None).unwrap().inheriting(&house.app.upstreams);
    assert_eq!(since(&renewed), Some(began));
    let elsewhere =
        House::with().provider(&FakeCas::v3().start().await.entry("silent.example", "Silent")).start().await;
    let moved = Upstreams::new(&elsewhere.app.config.directory, None).unwrap();
    assert_eq!(
        since(&moved.inheriting(&house.app.upstreams)),
        None,
        "another address is another institution"
    );

    sick.recovers();
    house.clock.advance(5);
    assert_eq!(comes_back(&house, &sick, "silent.example").await.status, 303);
    assert_eq!(since(&house.app.upstreams), None);
    assert_eq!(since(&renewed), None, "they share what they know");
    assert_eq!(lines(&house, "silent.example", "provider.state"), 2);
    assert_eq!(lines(&house, "silent.example", "state=\"answering\""), 1);
}

#[tokio::test]
async fn one_that_nobody_used_is_looked_at() {
    let (quiet, off) = (FakeCas::v3().knows("ada").start().await, FakeCas::v3().start().await);
    let house = House::with()
        .provider(&quiet.entry("quiet.example", "Quiet"))
        .provider(&format!("{}disabled = true\n", off.entry("off.example", "Off")))
        .start()
        .await;
    // The first look falls somewhere into the first minutes.
    watch::round(&house.app).await;
    house.clock.advance(361);
    assert_eq!(watch::round(&house.app).await, 1);
    let asked = quiet.validations();
    assert!(asked.last().unwrap().param("ticket").unwrap().starts_with("ST-0-"), "a ticket that is none");
    assert_eq!(asked.last().unwrap().param("service"), Some(house.at("federate/quiet.example")));
    assert_eq!(watch::round(&house.app).await, 0, "not again so soon");
    house.clock.advance(200);
    assert_eq!(comes_back(&house, &quiet, "quiet.example").await.status, 303);
    house.clock.advance(200);
    assert_eq!(watch::round(&house.app).await, 0, "somebody used it meanwhile");

    // One that fails is looked at often, until it answers, without anybody there.
    house.clock.advance(200);
    quiet.has(Trouble::Status(503));
    assert_eq!(watch::round(&house.app).await, 1);
    for _ in 0..4 {
        house.clock.advance(15);
        assert_eq!(watch::round(&house.app).await, 1);
    }
    assert!(house.app.upstreams.silent_since(&suffix("quiet.example")).is_some());
    quiet.recovers();
    house.clock.advance(15);
    assert_eq!(watch::round(&house.app).await, 1);
    assert_eq!(house.app.upstreams.silent_since(&suffix("quiet.example")), None);
    assert!(off.requests().is_empty(), "what is switched off is left alone");
}

#[tokio::test]
async fn nobody_is_looked_at_where_it_is_off() {
    let quiet = FakeCas::v3().start().await;
    let house = House::with()
        .section("[outbound]\nprobe = \"off\"")
        .provider(&quiet.entry("quiet.example", "Quiet"))
        .start()
        .await;
    watch::round(&house.app).await;
    house.clock.advance(86_400);
    assert_eq!(watch::round(&house.app).await, 0);
    assert!(quiet.requests().is_empty());
}

#[tokio::test]
async fn certificates_are_looked_at() {
    let good = FakeCas::v3().over_tls(Paper::Good).start().await;
    let expired = FakeCas::v3().over_tls(Paper::Expired).start().await;
    let plain = FakeCas::v3().start().await;
    let mut builder = House::with().provider(&plain.entry("plain-paper.example", "Plain"));
    for (fake, suffix) in [(&good, "good-paper.example"), (&expired, "old-paper.example")] {
        let file = fake.ca_file().unwrap();
        builder = builder.file(&file.display().to_string(), std::fs::read(&file).unwrap());
        builder = builder.provider(&fake.entry(suffix, suffix));
    }
    let house = builder.start().await;
    let ends = |text: &str| house.app.upstreams.certificate_ends(&suffix(text));
    watch::round(&house.app).await;
    house.clock.advance(361);
    watch::round(&house.app).await;
    assert_eq!(ends("plain-paper.example"), None);
    assert_eq!(ends("old-paper.example"), Timestamp::parse_iso("2021-01-01T00:00:00Z"));
    let good_until = ends("good-paper.example").expect("seen");
    assert!(good_until > passerelle::clock::Clock::now(&house.clock));
    assert_eq!(lines(&house, "old-paper.example", "provider.certificate"), 1);
    assert_eq!(lines(&house, "good-paper.example", "provider.certificate"), 0);

    // Ten days before its end, and only once.
    let left = good_until.seconds() - passerelle::clock::Clock::now(&house.clock).seconds();
    house.clock.advance(left - 10 * 86_400);
    watch::round(&house.app).await;
    house.clock.advance(86_400);
    watch::round(&house.app).await;
    assert_eq!(lines(&house, "good-paper.example", "provider.certificate"), 1);
    assert_eq!(lines(&house, "old-paper.example", "provider.certificate"), 1, "told once");
}
