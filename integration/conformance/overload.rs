//! NET: too much of everything. Bounded in time and memory, and nobody else waits.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{ask, body, code, open, stands};
use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House, raw};

/// Every address that takes no form, and those that do.
const ALL: [&str; 12] = [
    "login",
    "logout",
    "preferences",
    "validate",
    "serviceValidate",
    "p3/proxyValidate",
    "samlValidate",
    "proxy",
    "federate/north.example",
    "static/none.css",
    "nowhere",
    "",
];

/// What is right to say to too much: the address's own form of a refusal, or nothing to one who does not
/// stop talking.
fn is_refused(path: &str, answer: &str) {
    match (raw::status(answer), path) {
        (0, _) => {}
        // The same request elsewhere at our own address: nothing of it was read.
        (303, "") => assert!(answer.contains("\r\nlocation: http://127.0.0.1:"), "{answer}"),
        // Whoever posts there hears the same, whatever it is worth.
        (200, "federate/north.example") => assert_eq!(body(answer), "ok"),
        (200, "validate") => assert_eq!(body(answer), "no\n"),
        (200, "samlValidate") => {
            assert!(answer.contains("<samlp:StatusMessage>INVALID_REQUEST: "), "{answer}")
        }
        (200, "proxy") => assert!(answer.contains("<cas:proxyFailure code=\"INVALID_REQUEST\">"), "{answer}"),
        (200, path) if path.ends_with("Validate") => assert_eq!(code(answer), "INVALID_REQUEST", "{path}"),
        (status, _) => assert!((400..500).contains(&status), "{path}: {answer}"),
    }
}

#[tokio::test]
async fn net_07_six_megabytes_are_not_read() {
    let house = House::start().await;
    let big = "x=".repeat(3 << 20);
    for path in ALL {
        let line = format!("POST /cas/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        let with_length = format!("{line}Content-Length: {}\r\n\r\n{big}", big.len());
        is_refused(path, &ask(&house, with_length.as_bytes()).await);
        let in_chunks =
            format!("{line}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{big}\r\n0\r\n\r\n", big.len());
        is_refused(path, &ask(&house, in_chunks.as_bytes()).await);
        let small_chunks =
            format!("{line}Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n", "1\r\nx\r\n".repeat(200_000));
        is_refused(path, &ask(&house, small_chunks.as_bytes()).await);
        let on_get = format!(
            "GET /cas/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{big}",
            big.len()
        );
        ask(&house, on_get.as_bytes()).await;
    }
    stands(&house).await;
}

#[tokio::test]
async fn net_07_a_form_too_large_to_read_signs_nobody_out() {
    let (house, ada) = open().await;
    let all = "x".repeat(6 << 20);
    let page = ada.post("logout", &[("all", "1"), ("x", &all)]).await;
    assert_eq!((page.status, page.code().as_str()), (413, "request.too_large"));
    assert!(page.headers("set-cookie").iter().all(|cookie| !cookie.starts_with("TGC-")));
    ada.ticket_for(WIKI).await;
    let head = format!("POST /cas/logout HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", house.address);
    let cookie = format!("Cookie: TGC-passerelle={}\r\n", ada.cookie("TGC-passerelle").unwrap());
    let cut = format!("{head}{cookie}Transfer-Encoding: chunked\r\n\r\n3\r\na=1\r\nzz\r\n");
    let status = raw::status(&ask(&house, cut.as_bytes()).await);
    assert!(matches!(status, 0 | 400..500), "{status}");
    ada.ticket_for(WIKI).await;
}

#[tokio::test]
async fn net_07_who_asks_before_sending_is_told_at_once() {
    let house = House::start().await;
    for (path, form) in [("login", ""), ("validate", "no\n"), ("serviceValidate", "INVALID_REQUEST")] {
        let mut stream = TcpStream::connect(house.address).await.unwrap();
        let head = format!(
            "POST /cas/{path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            6 << 20
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = vec![0; 100_000];
        let mut read = 0;
        // The answer comes without a byte of the body: neither asked for nor waited for.
        while !String::from_utf8_lossy(&answer[..read]).contains("\r\n\r\n") {
            let some = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut answer[read..]));
            read += some.await.expect("in time").unwrap();
        }
        let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
        let status = if path == "login" { 413 } else { 200 };
        assert_eq!(raw::status(&answer), status, "{path}: {answer}");
        assert!(answer.contains(form) && !answer.contains("100 Continue"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn net_15_five_thousand_parameters_are_refused() {
    let (house, ada) = open().await;
    let ticket = ada.ticket_for(WIKI).await;
    let asked = format!("service={WIKI}&ticket={ticket}");
    let many = "&a=1".repeat(5000);
    for path in ALL {
        let get = format!("GET /cas/{path}?{asked}{many} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        is_refused(path, &ask(&house, get.as_bytes()).await);
        let form = format!("{asked}{many}");
        let head = format!(
            "POST /cas/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            form.len()
        );
        is_refused(path, &ask(&house, format!("{head}{form}").as_bytes()).await);
    }
    let headers = "X-A: 1\r\n".repeat(5000);
    let answer = raw::get(house.address, b"/cas/login", &headers).await;
    assert_eq!(raw::status(&answer), 431);
    assert!(house.service_validate(&ticket, WIKI).await.contains("ada"), "none of it was an attempt");
}

#[tokio::test]
async fn net_25_forty_unfinished_requests_do_not_block_others() {
    let house = House::start().await;
    let halves: [&[u8]; 8] = [
        b"",
        b"G",
        b"GET /cas/login HT",
        b"GET /cas/login HTTP/1.1\r\nHost: x\r\nX",
        b"POST /cas/login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nlt",
        b"POST /cas/serviceValidate HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n",
        b"POST /cas/validate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nx",
        b"POST /cas/federate/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
    ];
    let mut open = Vec::new();
    for i in 0..40 {
        let mut stream = TcpStream::connect(house.address).await.unwrap();
        stream.write_all(halves[i % halves.len()]).await.unwrap();
        open.push(stream);
    }
    let ada = Browser::at(&house);
    let story = async {
        let ticket = ada.signs_in_for(ADA, WIKI).await;
        house.service_validate(&ticket, WIKI).await
    };
    let answer = tokio::time::timeout(Duration::from_secs(20), story).await.expect("nobody waits");
    assert!(answer.contains("<cas:user>ada<"), "{answer}");
    drop(open);
}

#[tokio::test]
async fn net_25_clients_that_dawdle_do_not_block_others() {
    let house = House::start().await;
    let (mut slow, address) = (Vec::new(), house.address);
    for i in 0..40 {
        slow.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            // Some write a byte at a time and never end, some ask for much and never read.
            if i % 2 == 0 {
                for byte in format!("GET /cas/login HTTP/1.1\r\nHost: x\r\nX: {}", "y".repeat(300)).bytes() {
                    stream.write_all(&[byte]).await.unwrap();
                    tokio::task::yield_now().await;
                }
            } else {
                let many = "GET /cas/login HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2000);
                let _sent = stream.write_all(many.as_bytes()).await;
            }
            std::future::pending::<()>().await;
        }));
    }
    let ada = Browser::at(&house);
    let story = async {
        let ticket = ada.signs_in_for(ADA, WIKI).await;
        house.service_validate(&ticket, WIKI).await
    };
    let answer = tokio::time::timeout(Duration::from_secs(30), story).await.expect("nobody waits");
    slow.iter().for_each(tokio::task::JoinHandle::abort);
    assert!(answer.contains("<cas:user>ada<"), "{answer}");
}
