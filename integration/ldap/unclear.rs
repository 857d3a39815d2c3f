//! Binds that a directory answers with something that says nothing of the password.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::people::house;
use super::{people, slapd};
use crate::support::Browser;
use crate::support::house::{ADA, WIKI};

/// What is in front of the directory, and gives the answer to each bind but that of the first connection, which the
/// account has, this result code; 0: leaves it as it is.
async fn in_between(server: &str, code: Arc<AtomicU8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = server.trim_start_matches("ldap://").to_owned();
    tokio::spawn(async move {
        let mut number = 0;
        while let Ok((guest, _)) = listener.accept().await {
            let host = TcpStream::connect(&server).await.unwrap();
            let (is_first, code) = (number == 0, Arc::clone(&code));
            number += 1;
            tokio::spawn(async move {
                let ((mut from, mut to), (mut answers, mut asks)) = (guest.into_split(), host.into_split());
                let asking = tokio::spawn(async move { tokio::io::copy(&mut from, &mut asks).await });
                let mut buffer = [0; 4096];
                while let Ok(read @ 1..) = answers.read(&mut buffer).await {
                    let said = &mut buffer[..read];
                    let code = code.load(Ordering::Relaxed);
                    // BindResponse, its length, and an enumerated of one byte: the result code (RFC 4511 §4.2.2).
                    let at = said.windows(4).position(|four| matches!(four, [0x61, _, 0x0a, 0x01]));
                    if let Some(at) = at.filter(|_| !is_first && code > 0) {
                        said[at + 4] = code;
                    }
                    to.write_all(said).await.ok();
                }
                asking.abort();
            });
        }
    });
    format!("ldap://{address}")
}

/// A known name is told the same as an unknown one, and the log has the code.
#[tokio::test]
async fn results_that_say_nothing_of_the_password() {
    let slapd = slapd!();
    let code = Arc::new(AtomicU8::new(0));
    let between = in_between(&slapd.plain(), Arc::clone(&code)).await;
    let house = house(&people(&between, "")).start().await;
    let browser = Browser::at(&house);
    let attempt = async |person: (&str, &str)| {
        let form = browser.visits(WIKI).await;
        let page = browser.types(&form, person).await;
        (page.status, page.code(), page.text().replace(person.0, "…"))
    };
    let unknown = attempt(("nobody", ADA.1)).await;
    assert!(unknown.0 == 401 && unknown.2.contains("Wrong user name or password"), "{}", unknown.2);
    for result in [7, 8, 10, 13, 34, 80] {
        code.store(result, Ordering::Relaxed);
        assert_eq!(attempt(ADA).await, unknown, "{result}");
        let logs = house.logs();
        let told = logs.lines().filter(|line| line.contains("does not say whether a password is right"));
        assert_eq!(told.filter(|line| line.contains(&format!("({result})"))).count(), 1, "{logs}");
    }
    // The directory as a whole says that it cannot.
    for result in [51, 52, 53] {
        code.store(result, Ordering::Relaxed);
        let (status, code, text) = attempt(ADA).await;
        assert_eq!((status, code.as_str()), (503, "login.backend_down"), "{result}: {text}");
    }
}
