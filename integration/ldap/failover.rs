//! Servers that are down, hang, hang up, or come back.

use std::time::Duration;

use passerelle::auth::Verdict;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

use super::people::house;
use super::{check, directory, people, right, slapd};
use crate::support::Browser;
use crate::support::authority::Paper;
use crate::support::house::{ADA, WIKI};

/// Where connections are taken, and nothing is ever said.
async fn hanging() -> (String, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    (format!("ldap://{}", listener.local_addr().unwrap()), listener)
}

/// How many connections were asked for there.
fn knocks(listener: TcpListener) -> usize {
    // Tokio leaves it in a state in which it does not wait.
    let listener = listener.into_std().unwrap();
    std::iter::from_fn(|| listener.accept().ok()).count()
}

/// Where nobody listens.
async fn closed() -> String {
    hanging().await.0
}

/// What is in front of the directory, and hangs up after so many bytes of answers on each connection; or says
/// these bytes in place of an answer.
async fn in_between(server: &str, most: usize, instead: Option<&'static [u8]>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = server.trim_start_matches("ldap://").to_owned();
    tokio::spawn(async move {
        while let Ok((guest, _)) = listener.accept().await {
            let host = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(async move {
                let ((mut from, mut to), (mut answers, mut asks)) = (guest.into_split(), host.into_split());
                let asking = tokio::spawn(async move { tokio::io::copy(&mut from, &mut asks).await });
                let mut left = most;
                let mut buffer = [0; 4096];
                while let Ok(read @ 1..) = answers.read(&mut buffer).await {
                    let part = read.min(left);
                    to.write_all(&buffer[..part]).await.ok();
                    left -= part;
                    match instead {
                        None if left == 0 => break,
                        // That was the answer to the next question.
                        Some(instead) if part == 0 => {
                            to.write_all(instead).await.ok();
                        }
                        _ => {}
                    }
                }
                asking.abort();
            });
        }
    });
    format!("ldap://{address}")
}

/// What is in front of the directory, and keeps each answer back for a while.
pub async fn slow(server: &str, pause: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = server.trim_start_matches("ldap://").to_owned();
    tokio::spawn(async move {
        while let Ok((guest, _)) = listener.accept().await {
            let host = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(async move {
                let ((mut from, mut to), (mut answers, mut asks)) = (guest.into_split(), host.into_split());
                tokio::spawn(async move { tokio::io::copy(&mut from, &mut asks).await });
                let mut buffer = [0; 4096];
                while let Ok(read @ 1..) = answers.read(&mut buffer).await {
                    tokio::time::sleep(pause).await;
                    to.write_all(&buffer[..read]).await.ok();
                }
            });
        }
    });
    format!("ldap://{address}")
}

fn list(urls: &[&str]) -> String {
    format!("{urls:?}")
}

#[tokio::test]
async fn the_first_is_down() {
    let slapd = slapd!();
    let campus = directory(&people(&list(&[&closed().await, &slapd.plain()]), ""), None);
    assert_eq!(right(&campus, ADA.0, ADA.1).await.0, "ada");
    assert_eq!(check(&campus, "ada", "wrong").await, Ok(Verdict::Wrong));
}

#[tokio::test]
async fn the_first_hangs_and_costs_one_wait_only() {
    let slapd = slapd!();
    let (silent, listener) = hanging().await;
    let campus = directory(&people(&list(&[&silent, &slapd.plain()]), "timeout = \"700 ms\""), None);
    let began = Instant::now();
    assert_eq!(right(&campus, ADA.0, ADA.1).await.0, "ada");
    assert!(began.elapsed() >= Duration::from_millis(700));
    for _ in 0..10 {
        assert_eq!(right(&campus, ADA.0, ADA.1).await.0, "ada");
    }
    assert_eq!(knocks(listener), 1);
}

#[tokio::test]
async fn nobody_answers() {
    let (silent, listener) = hanging().await;
    let url = list(&[&silent, &closed().await, &closed().await]);
    let house = house(&people(&url, "timeout = \"500 ms\"")).start().await;
    let browser = Browser::at(&house);
    let form = browser.visits(WIKI).await;
    let page = timeout(Duration::from_secs(10), browser.types(&form, ADA)).await.unwrap();
    assert_eq!((page.status, page.code().as_str()), (503, "login.backend_down"), "{}", page.text());
    let logs = house.logs();
    assert!(logs.contains("no answer in 500ms") && logs.contains("Connection refused"), "{logs}");
    assert_eq!(knocks(listener), 1);
}

#[tokio::test]
async fn a_server_that_is_slow_ends_within_the_time() {
    let (silent, listener) = hanging().await;
    let campus = directory(&people(&silent, "timeout = \"1 s\""), None);
    let began = Instant::now();
    let down = check(&campus, ADA.0, ADA.1).await.unwrap_err();
    assert!(down.to_string().contains("no answer in 1s"), "{down}");
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(knocks(listener), 1, "who was silent once is not waited for again");
}

#[tokio::test]
async fn connections_that_end_in_the_middle() {
    let slapd = slapd!();
    // The bind of the account is answered in 14 bytes; then an entry begins.
    for most in [1, 13, 14, 15, 40, 400] {
        let cut = in_between(&slapd.plain(), most, None).await;
        let campus = directory(&people(&cut, ""), None);
        let down = check(&campus, ADA.0, ADA.1).await.unwrap_err();
        assert!(
            down.to_string().contains("closed the connection") || down.to_string().contains("reset"),
            "{most}: {down}"
        );
        let campus = directory(&people(&list(&[&cut, &slapd.plain()]), ""), None);
        assert_eq!(right(&campus, ADA.0, ADA.1).await.0, "ada", "{most}");
        assert_eq!(check(&campus, "ada", "wrong").await, Ok(Verdict::Wrong), "{most}");
    }
}

#[tokio::test]
async fn answers_that_are_none() {
    let slapd = slapd!();
    let answers: [&[u8]; 6] = [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        // An entry without a name, a result without a code, an answer of no kind, one without a number.
        b"\x30\x05\x02\x01\x02\x64\x00",
        b"\x30\x05\x02\x01\x02\x65\x00",
        b"\x30\x05\x02\x01\x02\x7e\x00",
        b"\x30\x02\x65\x00",
        b"\x30\x0c\x02\x01\x02\x65\x07\x0a\x01\x00\x04\x00\x04\x00",
    ];
    for (number, answer) in answers.into_iter().enumerate() {
        let odd = in_between(&slapd.plain(), 14, Some(answer)).await;
        let campus = directory(&people(&odd, "timeout = \"1 s\""), None);
        let verdict = check(&campus, ADA.0, ADA.1).await;
        match number {
            // That is a whole answer, which knows nobody.
            5 => assert_eq!(verdict, Ok(Verdict::Unknown)),
            _ => assert!(verdict.is_err(), "{number}: {verdict:?}"),
        }
        let campus = directory(&people(&list(&[&odd, &slapd.plain()]), "timeout = \"1 s\""), None);
        if number < 5 {
            assert_eq!(right(&campus, ADA.0, ADA.1).await.0, "ada", "{number}");
        }
    }
}

#[tokio::test]
async fn a_server_that_stops_and_comes_back() {
    let mut slapd = slapd!(Paper::Good);
    let campus = directory(&people(&slapd.plain(), ""), None);
    assert_eq!(right(&campus, ADA.0, ADA.1).await.0, "ada");
    slapd.stop();
    let down = check(&campus, ADA.0, ADA.1).await.unwrap_err();
    assert!(down.to_string().contains("Connection refused"), "{down}");
    slapd.again();
    assert_eq!(right(&campus, ADA.0, ADA.1).await.0, "ada");
    // What was kept is of no use after a restart, and costs no try.
    slapd.stop();
    slapd.again();
    assert_eq!(right(&campus, ADA.0, ADA.1).await.0, "ada");
    assert_eq!(check(&campus, "ada", "wrong").await, Ok(Verdict::Wrong));
}
