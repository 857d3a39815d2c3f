//! Attributes with so many values that a directory sends the first ones only, and the others to whoever asks.

use std::time::Duration;

use tokio::time::Instant;

use super::people::house;
use super::{directory, people, right, values};
use crate::support::Browser;
use crate::support::house::ADA;
use crate::support::scripted::{Asked, BIND, Scripted};
use crate::support::trouble::Piece;

const DN: &str = "cn=Ada,dc=meridian,dc=example";

fn groups(from: usize, to: usize) -> Vec<String> {
    (from..to).map(|number| format!("cn={number}")).collect()
}

/// A directory where Ada is in so many groups, and learns so many at once.
async fn in_groups(all: usize, at_once: usize) -> Scripted {
    Scripted::with(move |asked| {
        if asked.kind == BIND {
            return vec![Piece::Bytes(asked.result(0x61, 0))];
        }
        let next = (0..all).step_by(at_once).find(|from| asked.says(&format!("memberOf;range={from}-*")));
        vec![Piece::Bytes(page(asked, all, at_once, next))]
    })
    .await
}

fn page(asked: &Asked, all: usize, at_once: usize, next: Option<usize>) -> Vec<u8> {
    let from = next.unwrap_or(0);
    let to = all.min(from + at_once);
    let last = if to == all { "*".to_owned() } else { (to - 1).to_string() };
    let name = format!("memberOf;range={from}-{last}");
    let mut attributes = vec![("memberOf", Vec::new()), (name.as_str(), groups(from, to))];
    if next.is_none() {
        attributes.push(("uid", vec!["ada".to_owned()]));
        attributes.push(("mail", vec!["ada@meridian.example".to_owned()]));
    }
    asked.entry(DN, &attributes)
}

/// How often a range was asked for.
fn asked_for(server: &Scripted, ranges: impl Iterator<Item = usize>) -> usize {
    ranges.filter(|from| server.heard(&format!("memberOf;range={from}-*"))).count()
}

#[tokio::test]
async fn all_values_are_asked_for() {
    for more in ["", "attributes_as = \"user\"", "attributes = [\"memberOf\"]"] {
        let server = in_groups(4000, 1500).await;
        let campus = directory(&people(&server.url, more), None);
        let (name, ada) = right(&campus, ADA.0, ADA.1).await;
        assert_eq!((name.as_str(), values(&ada, "memberOf")), ("ada", groups(0, 4000).join("|")), "{more}");
        assert_eq!(asked_for(&server, (0..4000).step_by(1500)), 2, "{more}");
        // On the connections that are there already.
        assert_eq!(server.opened(), 2, "{more}");
    }
    let server = in_groups(4000, 1500).await;
    let campus = directory(&people(&server.url, "attributes = [\"mail\"]"), None);
    let (_, ada) = right(&campus, ADA.0, ADA.1).await;
    assert_eq!(values(&ada, "mail"), "ada@meridian.example");
    assert_eq!(asked_for(&server, (0..4000).step_by(1500)), 0, "nobody is told of them");
}

#[tokio::test]
async fn no_more_values_than_are_told() {
    let server = in_groups(30_000, 1500).await;
    let house = house(&people(&server.url, "")).start().await;
    let browser = Browser::at(&house);
    let ticket = browser.signs_in_for(ADA, "https://all.example/").await;
    let answer = house.p3_service_validate(&ticket, "https://all.example/").await;
    assert_eq!(answer.matches("<cas:memberOf>").count(), 5000);
    assert_eq!(asked_for(&server, (0..30_000).step_by(1500)), 3);
    assert!(house.logs().contains("has too many values: told in part"), "{}", house.logs());
}

#[tokio::test]
async fn no_more_questions_than_twenty() {
    let server = in_groups(1000, 10).await;
    let campus = directory(&people(&server.url, ""), None);
    let (_, ada) = right(&campus, ADA.0, ADA.1).await;
    assert_eq!(values(&ada, "memberOf"), groups(0, 210).join("|"));
    assert_eq!(asked_for(&server, (0..1000).step_by(10)), 20);
}

#[tokio::test]
async fn what_does_not_come_in_time_stays_away() {
    let server = Scripted::with(|asked| match asked.kind {
        BIND => vec![Piece::Bytes(asked.result(0x61, 0))],
        _ if asked.says("memberOf;range=4-*") => vec![Piece::Silence],
        _ if asked.says("memberOf;range=2-*") => vec![Piece::Bytes(page(asked, 8, 2, Some(2)))],
        _ => vec![Piece::Bytes(page(asked, 8, 2, None))],
    })
    .await;
    let campus = directory(&people(&server.url, "timeout = \"800 ms\""), None);
    let began = Instant::now();
    let (_, ada) = right(&campus, ADA.0, ADA.1).await;
    assert_eq!(values(&ada, "memberOf"), groups(0, 4).join("|"));
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_same_values_again_are_no_more_values() {
    let server = Scripted::with(|asked| match asked.kind {
        BIND => vec![Piece::Bytes(asked.result(0x61, 0))],
        _ => vec![Piece::Bytes(page(asked, 8, 2, None))],
    })
    .await;
    let campus = directory(&people(&server.url, ""), None);
    let (_, ada) = right(&campus, ADA.0, ADA.1).await;
    assert_eq!(values(&ada, "memberOf"), groups(0, 2).join("|"));
}
