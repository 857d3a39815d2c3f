//! NET-27 and NET-28: where one request ends and the next begins. Two programs that disagree on it are how
//! requests are smuggled; whatever is ambiguous is refused and the connection closed.

use super::{ask, stands};
use crate::support::{House, raw};

const NEXT: &str = "GET /cas/nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

fn post(head: &str, body: &str) -> String {
    format!("POST /cas/validate HTTP/1.1\r\nHost: x\r\n{head}\r\n{body}{NEXT}")
}

fn answers(answer: &str) -> usize {
    answer.matches("HTTP/1.1 ").count()
}

#[tokio::test]
async fn net_27_pipelined_requests_are_answered_in_order() {
    let house = House::start().await;
    let get = |path: &str| format!("GET /cas/{path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let form = "POST /cas/validate HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\nticket=";
    let chunks = "POST /cas/serviceValidate HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n";
    let all = format!("{}{form}{chunks}{}{NEXT}", get("validate"), get("login"));
    let answer = ask(&house, all.as_bytes()).await;
    assert_eq!(answers(&answer), 5, "{answer}");
    let marks = ["no\n", "no\n", "INVALID_REQUEST", "name=\"password\"", "HTTP/1.1 404"];
    let places: Vec<_> = marks
        .iter()
        .scan(0, |from, mark| {
            let at = *from + answer[*from..].find(mark)?;
            *from = at + mark.len();
            Some(at)
        })
        .collect();
    assert_eq!(places.len(), 5, "{answer}");
}

#[tokio::test]
async fn net_28_two_lengths_end_the_connection() {
    let house = House::start().await;
    for head in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: \r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length : 5\r\n",
        "Content-Length\t: 5\r\n",
        " Content-Length: 5\r\n",
        "Content-\r\n Length: 5\r\n",
        "Content-Length\0: 5\r\n",
        "X: a\r\n folded\r\n",
        "X: a\0b\r\n",
        "X\r\n",
        ": x\r\n",
    ] {
        let answer = ask(&house, post(head, "hello").as_bytes()).await;
        assert_eq!((raw::status(&answer), answers(&answer)), (400, 1), "{head:?}: {answer}");
    }
    stands(&house).await;
}

#[tokio::test]
async fn net_28_a_length_beside_chunks_smuggles_nothing() {
    let house = House::start().await;
    // Read by the length, the body of the first ends in the middle of what reads as a request; read by
    // its chunks, that request stands alone.
    let hidden = "GET /cas/login HTTP/1.1\r\nHost: x\r\n\r\n";
    for (head, body) in [
        ("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", format!("0\r\n\r\n{hidden}")),
        ("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", format!("0\r\n\r\n{hidden}")),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", format!("0\r\n\r\n{hidden}")),
        ("Transfer-Encoding: identity\r\nContent-Length: 5\r\n", format!("0\r\n\r\n{hidden}")),
        ("Transfer-Encoding: xchunked\r\n", format!("0\r\n\r\n{hidden}")),
        ("Transfer-Encoding: chunked, identity\r\n", format!("0\r\n\r\n{hidden}")),
        ("Transfer-Encoding: \x0bchunked\r\nContent-Length: 5\r\n", format!("0\r\n\r\n{hidden}")),
        ("Transfer-Encoding : chunked\r\nContent-Length: 5\r\n", format!("0\r\n\r\n{hidden}")),
        ("X: y\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n", format!("0\r\n\r\n{hidden}")),
    ] {
        let answer = ask(&house, post(head, &body).as_bytes()).await;
        // Refused, or read by its chunks and the last on this connection (RFC 9112 §6.3).
        let is_last = answer.contains("\r\nconnection: close\r\n");
        assert!(answers(&answer) == 1 && (raw::status(&answer) == 400 || is_last), "{head:?}: {answer}");
    }
    stands(&house).await;
}

#[tokio::test]
async fn net_28_broken_chunks_end_the_connection() {
    let house = House::start().await;
    for chunks in [
        "5\nhello\n0\n\n",
        "5\r\nhello",
        "5\r\nhelloX\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "-1\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "zz\r\nhello\r\n0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n",
        "FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n",
        "10000000000000000005\r\nhello\r\n0\r\n\r\n",
    ] {
        let answer = ask(&house, post("Transfer-Encoding: chunked\r\n", chunks).as_bytes()).await;
        assert!(answers(&answer) <= 1, "{chunks:?}: {answer}");
        assert!(!answer.contains("HTTP/1.1 404"), "what followed was not read as a request: {answer}");
    }
    let extended = format!("5;{}\r\nhello\r\n0\r\n\r\n", "x".repeat(100_000));
    assert!(answers(&ask(&house, post("Transfer-Encoding: chunked\r\n", &extended).as_bytes()).await) <= 1);
    let trailers = format!("0\r\n{}\r\n", "X: y\r\n".repeat(20_000));
    ask(&house, post("Transfer-Encoding: chunked\r\n", &trailers).as_bytes()).await;
    stands(&house).await;
}

#[tokio::test]
async fn net_28_bare_line_feeds_and_missing_hosts_hide_no_request() {
    let house = House::start().await;
    for bytes in [
        "GET /cas/login HTTP/1.1\nHost: x\nConnection: close\n\n".to_owned(),
        "GET /cas/login HTTP/1.1\rHost: x\r\r".to_owned(),
        format!("\r\n\r\n{NEXT}"),
        "GET /cas/login HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n".to_owned(),
        "GET /cas/login HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(),
        "GET /cas/login HTTP/1.1\r\nHost: x\r\nConnection: upgrade, close\r\nUpgrade: h2c\r\n\r\n".to_owned(),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        "GET /cas/login HTTP/1.1\r\nHost: x\r\nExpect: 200-ok\r\nConnection: close\r\n\r\n".to_owned(),
    ] {
        let answer = ask(&house, bytes.as_bytes()).await;
        assert!(answers(&answer) + answer.matches("HTTP/1.0 ").count() <= 1, "{bytes:?}: {answer}");
    }
    // A request without a length has no body: what follows is the next request, never part of the first.
    let two = format!("POST /cas/validate HTTP/1.1\r\nHost: x\r\n\r\n{NEXT}");
    assert_eq!(answers(&ask(&house, two.as_bytes()).await), 2);
    stands(&house).await;
}
