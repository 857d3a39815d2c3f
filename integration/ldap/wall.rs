//! Directories that would do harm: each ends on its page with its reason in the log, nothing stays open, and the gateway
//! goes on.

use std::time::Duration;

use passerelle::auth::Verdict;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

use super::people::house;
use super::{check, directory, people, right, slapd};
use crate::support::house::{ADA, WIKI};
use crate::support::scripted::{Asked, BIND, EXTENDED, Scripted, ber};
use crate::support::slapd::GATEWAY;
use crate::support::trouble::Piece;
use crate::support::{Browser, House};

/// The number of the first search of a connection, behind the bind of the account.
const FIRST: u8 = 2;

fn first() -> Asked {
    Asked { id: FIRST, kind: 0, bytes: Vec::new() }
}

/// An answer with so many levels below it.
fn nested(levels: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let header = |tag: u8, levels: u32| [&[tag, 0x84][..], &(levels * 6).to_be_bytes()].concat();
    (0..levels).rev().for_each(|level| bytes.extend(header(0x30, level)));
    first().answer(&ber(0x64, &bytes))
}

/// An entry of so many bytes.
fn large(bytes: usize) -> Vec<u8> {
    let value = ber(4, &vec![b'x'; bytes]);
    let attribute = ber(0x30, &[ber(4, b"jpegPhoto"), ber(0x31, &value)].concat());
    first().answer(&ber(0x64, &[ber(4, b"uid=ada"), ber(0x30, &attribute)].concat()))
}

fn header(length: u32) -> Vec<u8> {
    [&[0x30, 0x84][..], &length.to_be_bytes(), &[2, 1, FIRST, 0x64]].concat()
}

/// Somebody signs in, twice, and reads both times that it cannot be now.
async fn refused(house: &House, url: &str, words: &str) {
    for _ in 0..2 {
        let browser = Browser::at(house);
        let form = browser.visits(WIKI).await;
        let page = timeout(Duration::from_secs(10), browser.types(&form, ADA)).await.unwrap();
        assert_eq!(
            (page.status, page.code().as_str()),
            (503, "login.backend_down"),
            "{words}: {}",
            page.text()
        );
    }
    let logs = house.logs();
    let told = logs.lines().any(|line| line.contains(url) && line.contains(words));
    assert!(told, "{words}: {logs}");
}

#[tokio::test]
async fn answers_that_would_do_harm() {
    let rows: Vec<(&str, Vec<Piece>)> = vec![
        ("it sends a message of more than 16 levels", vec![Piece::Bytes(nested(100_000))]),
        ("it sends a message of more than 16 levels", vec![Piece::Bytes(nested(15)), Piece::Silence]),
        ("it sends a message of more than 8 MiB", vec![Piece::Bytes(header(2_000_000_000)), Piece::Silence]),
        ("it sends a message of more than 8 MiB", vec![Piece::Bytes(large(100 << 20))]),
        ("its answer is too large", vec![Piece::Again { bytes: large(1 << 20), pause: Duration::ZERO }]),
        (
            "it sends a message of more than 100000 values",
            vec![Piece::Bytes(first().answer(&ber(0x64, &[4, 0].repeat(1_000_000))))],
        ),
        (
            "it sends a message without a length",
            vec![Piece::bytes(*b"\x30\x80\x02\x01\x02\x64\x80"), Piece::Silence],
        ),
        (
            "it sends a message with a length of more than 4 octets",
            vec![Piece::bytes(*b"\x30\x88\0\0\0\0\0\0\0\x0c"), Piece::Silence],
        ),
        (
            "it sends a message with a part that is longer than the whole",
            vec![Piece::bytes(*b"\x30\x07\x02\x01\x02\x64\x02\x04\x7f"), Piece::Silence],
        ),
        ("it does not speak LDAP", vec![Piece::bytes("HTTP/1.1 400 Bad Request\r\n\r\n"), Piece::Silence]),
    ];
    for (words, pieces) in rows {
        let evil = Scripted::to_searches(pieces).await;
        // Nobody waits for what is refused: not even once this long.
        let house = house(&people(&evil.url, "timeout = \"20 s\"")).start().await;
        refused(&house, &evil.url, words).await;
        evil.is_alone().await;
        assert_eq!(evil.opened(), 2, "{words}: each time anew");
        // Two answers, each with what is on the way when the connection ends.
        assert!(evil.said() < 2 * (24 << 20), "{words}: {} bytes", evil.said());
        assert!(house.text("login").await.contains("<form"), "{words}");
    }
}

#[tokio::test]
async fn a_header_that_drips() {
    let drip =
        vec![Piece::bytes(*b"\x30\x84"), Piece::Again { bytes: vec![0], pause: Duration::from_millis(400) }];
    let evil = Scripted::to_searches(drip).await;
    let house = house(&people(&evil.url, "timeout = \"600 ms\"")).start().await;
    refused(&house, &evil.url, "no answer in 600ms").await;
    evil.is_alone().await;
}

#[tokio::test]
async fn noise_before_the_first_message() {
    let noise = |asked: &Asked| {
        vec![Piece::Bytes([b"220 ready\r\n".to_vec(), asked.result(0x61, 0)].concat()), Piece::Silence]
    };
    let evil = Scripted::with(noise).await;
    let house = house(&people(&evil.url, "timeout = \"20 s\"")).start().await;
    refused(&house, &evil.url, "it does not speak LDAP").await;
    evil.is_alone().await;
}

#[tokio::test]
async fn an_answer_to_a_bind_is_small() {
    let long = Scripted::with(|asked| {
        let text = ber(4, &vec![b'x'; 1 << 20]);
        vec![Piece::Bytes(asked.answer(&ber(0x61, &[&[0x0a, 1, 0, 4, 0][..], &text].concat())))]
    })
    .await;
    let house = house(&people(&long.url, "timeout = \"20 s\"")).start().await;
    refused(&house, &long.url, "its answer is too large").await;
    long.is_alone().await;
}

#[tokio::test]
async fn another_server_is_asked_in_place_of_one_that_does_harm() {
    let slapd = slapd!();
    let evil = Scripted::to_searches(vec![Piece::Bytes(nested(100_000)), Piece::Silence]).await;
    let urls = format!("{:?}", [evil.url.clone(), slapd.plain()]);
    let campus = directory(&people(&urls, "timeout = \"20 s\""), None);
    let began = Instant::now();
    assert_eq!(right(&campus, ADA.0, ADA.1).await.0, "ada");
    assert_eq!(check(&campus, "ada", "wrong").await, Ok(Verdict::Wrong));
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    evil.is_alone().await;
    assert_eq!(evil.opened(), 1, "it is avoided for a while");
}

#[tokio::test]
async fn what_is_said_in_clear_text_is_never_kept() {
    let bound = Asked { id: 1, kind: 0, bytes: Vec::new() }.result(0x61, 0);
    let rows: [(&str, u8, Vec<u8>); 4] = [
        ("it says more in clear text, behind its answer to StartTLS", 0, bound.clone()),
        ("it says more in clear text, behind its answer to StartTLS", 0, b"\x16".to_vec()),
        ("it refuses StartTLS: protocol error (2)", 2, Vec::new()),
        ("it refuses StartTLS: unavailable (52)", 52, Vec::new()),
    ];
    for (words, code, behind) in rows {
        let evil = Scripted::with(move |asked| match asked.kind {
            EXTENDED => {
                vec![Piece::Bytes([asked.result(0x78, code), behind.clone()].concat()), Piece::Silence]
            }
            kind => vec![Piece::Bytes(asked.result(if kind == BIND { 0x61 } else { 0x65 }, 0))],
        })
        .await;
        let house = house(&people(&evil.url, "timeout = \"20 s\"\nstarttls = true")).start().await;
        refused(&house, &evil.url, words).await;
        evil.is_alone().await;
        for word in [GATEWAY.0, GATEWAY.1, ADA.0, ADA.1] {
            assert!(!evil.heard(word), "{words}: {word}");
        }
    }
}

#[tokio::test]
async fn clear_text_in_place_of_a_handshake() {
    let bound = Asked { id: 1, kind: 0, bytes: Vec::new() }.result(0x61, 0);
    let evil = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ldap://{}", evil.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = evil.accept().await.unwrap();
        let mut heard = vec![0; 31];
        stream.read_exact(&mut heard).await.unwrap();
        stream.write_all(&Asked { id: 1, kind: 0, bytes: Vec::new() }.result(0x78, 0)).await.unwrap();
        // The handshake has begun: now the answer to a bind that nobody sent.
        heard.push(stream.read_u8().await.unwrap());
        stream.write_all(&bound).await.unwrap();
        stream.read_to_end(&mut heard).await.ok();
        heard
    });
    let campus = directory(&people(&url, "timeout = \"5 s\"\nstarttls = true"), None);
    assert!(check(&campus, ADA.0, ADA.1).await.is_err());
    let heard = timeout(Duration::from_secs(10), server).await.unwrap().unwrap();
    assert!(!heard.windows(GATEWAY.1.len()).any(|part| part == GATEWAY.1.as_bytes()));
}

/// What is in front of the directory, and hands its answers on byte by byte.
async fn byte_by_byte(server: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ldap://{}", listener.local_addr().unwrap());
    let server = server.trim_start_matches("ldap://").to_owned();
    tokio::spawn(async move {
        while let Ok((guest, _)) = listener.accept().await {
            let host = TcpStream::connect(&server).await.unwrap();
            guest.set_nodelay(true).unwrap();
            tokio::spawn(async move {
                let ((mut from, mut to), (mut answers, mut asks)) = (guest.into_split(), host.into_split());
                tokio::spawn(async move { tokio::io::copy(&mut from, &mut asks).await });
                while let Ok(byte) = answers.read_u8().await {
                    to.write_all(&[byte]).await.ok();
                }
            });
        }
    });
    url
}

#[tokio::test]
async fn good_answers_pass_in_any_parts() {
    let slapd = slapd!();
    let campus = directory(&people(&byte_by_byte(&slapd.plain()).await, ""), None);
    for _ in 0..3 {
        assert_eq!(right(&campus, ADA.0, ADA.1).await.0, "ada");
        assert_eq!(check(&campus, "ada", "wrong").await, Ok(Verdict::Wrong));
        assert_eq!(check(&campus, "nobody", "wrong").await, Ok(Verdict::Unknown));
    }
}
