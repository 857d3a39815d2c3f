//! Below HTTP: connections that break at each stage, and handshakes that nobody should finish. What papers
//! are believed is in `upstream.rs`.

use std::fmt::Write as _;

use futures_util::future::join_all;

use super::door::{Act, Door, Then};
use super::{Ends, TIMEOUT, TLS, UNREACHABLE, ended, nothing_is_told, patience};
use crate::support::fake_cas::entry;
use crate::support::house::WIKI;
use crate::support::journey::{by, user};
use crate::support::trouble::{MARK, flawless};
use crate::support::{Browser, FakeCas, House};

/// A record of TLS: its kind, and what is in it.
fn record(kind: u8, inside: &[u8]) -> Vec<u8> {
    let length = u16::try_from(inside.len()).unwrap().to_be_bytes();
    [&[kind, 3, 1], &length[..], inside].concat()
}

/// The greeting of a server that speaks a version, with nothing further.
fn greets(version: [u8; 2]) -> Vec<u8> {
    let body = [&version[..], &[7; 32], &[0, 0, 0x2f, 0]].concat();
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    record(22, &[&[2], &length[1..], &body[..]].concat())
}

fn rows() -> Vec<(&'static str, &'static str, Act, Ends)> {
    let act = |hears, says: &[u8], then| Act { hears, says: says.to_vec(), then };
    let body = flawless("ada");
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    let half = format!("{head}{}", &body[..80]);
    let garbage = format!("220 {MARK} ESMTP\r\n").repeat(40);
    vec![
        ("reset before anything is said", "http", act(false, b"", Then::Reset), UNREACHABLE),
        ("reset after the question", "http", act(true, b"", Then::Reset), UNREACHABLE),
        ("reset in the head", "http", act(true, &head.as_bytes()[..20], Then::Reset), UNREACHABLE),
        ("reset in the body", "http", act(true, half.as_bytes(), Then::Reset), UNREACHABLE),
        ("an end before anything is said", "http", act(false, b"", Then::End), UNREACHABLE),
        ("an end in the head", "http", act(true, &head.as_bytes()[..20], Then::End), UNREACHABLE),
        ("an end in the body", "http", act(true, half.as_bytes(), Then::End), UNREACHABLE),
        (
            "an answer before the question, then nothing",
            "http",
            act(false, garbage.as_bytes(), Then::Silence),
            UNREACHABLE,
        ),
        ("silence", "http", act(false, b"", Then::Silence), TIMEOUT),
        ("silence in place of a handshake", "https", act(false, b"", Then::Silence), TIMEOUT),
        ("silence after the greeting", "https", act(true, b"", Then::Silence), TIMEOUT),
        ("half a record", "https", act(true, &greets([3, 3])[..20], Then::Silence), TIMEOUT),
        ("words in place of a handshake", "https", act(true, garbage.as_bytes(), Then::End), TLS),
        (
            "a page in place of a handshake",
            "https",
            act(true, format!("{head}{body}").as_bytes(), Then::End),
            TLS,
        ),
        ("an alert", "https", act(true, &record(21, &[2, 40]), Then::End), TLS),
        ("an alert about the name", "https", act(true, &record(21, &[2, 112]), Then::End), TLS),
        ("SSL 3", "https", act(true, &greets([3, 0]), Then::End), TLS),
        ("TLS 1.0", "https", act(true, &greets([3, 1]), Then::End), TLS),
        ("TLS 1.1", "https", act(true, &greets([3, 2]), Then::End), TLS),
        ("a weak cipher", "https", act(true, &greets([3, 3]), Then::End), TLS),
        ("a record that is too long", "https", act(true, &[22, 3, 3, 0xff, 0xff, 0, 0, 0], Then::End), TLS),
        ("data before the handshake", "https", act(true, &record(23, body.as_bytes()), Then::End), TLS),
        ("reset in the handshake", "https", act(true, &greets([3, 3])[..20], Then::Reset), UNREACHABLE),
        ("an end in place of a handshake", "https", act(true, b"", Then::End), UNREACHABLE),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn below_http() {
    let well = FakeCas::v3().knows("bob").start().await;
    let mut builder = House::with().provider(&well.entry("well.example", "Well"));
    let mut all = Vec::new();
    for (at, (name, scheme, act, ends)) in rows().into_iter().enumerate() {
        let (suffix, door) = (format!("sick{at}.example"), Door::open(act).await);
        let entry = entry(&suffix, name, &door.url(scheme));
        builder = builder.provider(&format!("{entry}{}", patience(&ends)));
        all.push((name, scheme, suffix, door, ends));
    }
    let house = builder.start().await;
    let stories = all.iter().map(|(name, scheme, suffix, door, ends)| {
        let house = &house;
        async move {
            let browser = Browser::at(house);
            let away = browser.get(&by(WIKI, suffix)).await;
            let back = format!("{}&ticket=ST-1-secret", away.location_param("service").unwrap());
            ended(house, &browser, name, ends, suffix, &back).await;
            if *scheme == "https" {
                assert!(!door.heard().contains("ticket"), "{name}: a ticket was told to anybody who listens");
            }
        }
    });
    join_all(stories).await;
    nothing_is_told(&house);
}

/// An answer that nobody asked for waits in the connection for the next who asks: it must not be theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_answer_too_many_is_nobodys() {
    let eve = flawless("eve");
    let poison = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{eve}", eve.len());
    let door = Door::knowing(|_| None, Some(poison)).await;
    let house = House::with().provider(&entry("sick.example", "Sick", &door.url("http"))).start().await;
    for round in 0..20 {
        let mut name = String::from("person");
        write!(name, "{round}").unwrap();
        let browser = Browser::at(&house);
        let away = browser.get(&by(WIKI, "sick.example")).await;
        let back = format!("{}&ticket=ST-{name}-1", away.location_param("service").unwrap());
        let returned = browser.get(&back).await;
        if returned.status == 303 {
            let ticket = browser.follow_home(returned).await.ticket();
            let answer = house.service_validate(&ticket, WIKI).await;
            assert_eq!(user(&answer), format!("{name}@sick.example"));
        } else {
            // The connection was given up: a page, and nobody is anybody.
            assert_eq!(returned.error_code(), "upstream.unreachable");
            assert!(browser.is_nobody().await);
        }
    }
}
