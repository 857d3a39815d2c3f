//! What stands around an answer: status, headers, lengths, encodings.

use std::time::Duration;

use super::{
    BAD, HTTP, LARGE, Row, TIMEOUT, UNREACHABLE, XML, ada, flawless_with, raw, says, suffers, typed,
};
use crate::support::trouble::{MARK, Piece, Trouble, bomb, flawless};

const OK: &str = "HTTP/1.1 200 OK";

/// A beginning, and then the same for ever.
fn again(first: &str, bytes: &str, pause: u64) -> Trouble {
    let bytes = bytes.as_bytes().to_vec();
    Trouble::Raw(vec![Piece::bytes(first), Piece::Again { bytes, pause: Duration::from_millis(pause) }])
}

fn chunked(chunks: &str) -> Trouble {
    says(&format!("{OK}\r\nContent-Type: {XML}\r\nTransfer-Encoding: chunked"), chunks)
}

fn redirects(status: u16, to: &str) -> Trouble {
    flawless_with(&format!("HTTP/1.1 {status} {MARK}"), &format!("\r\nLocation: {to}"))
}

fn slow() -> Vec<Row> {
    vec![
        ("a status line that never ends", again("HTTP/1.1 200 ", "x", 50), TIMEOUT),
        ("a header a byte at a time", again("HTTP/1.1 200 OK\r\nX-A: ", "x", 50), TIMEOUT),
        ("to be continued, for ever", again("", "HTTP/1.1 100 Continue\r\n\r\n", 10), TIMEOUT),
        ("early hints for ever", again("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 10), TIMEOUT),
        (
            "a chunk a byte at a time",
            again("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n", 50),
            TIMEOUT,
        ),
        (
            "a chunk that is announced and does not come",
            Trouble::Raw(vec![
                Piece::bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n"),
                Piece::Silence,
            ]),
            TIMEOUT,
        ),
        (
            "a whole answer without its last byte",
            Trouble::Raw(vec![
                Piece::bytes(format!(
                    "{OK}\r\nContent-Length: {}\r\n\r\n{}",
                    flawless("ada").len() + 1,
                    flawless("ada")
                )),
                Piece::Silence,
            ]),
            TIMEOUT,
        ),
        (
            "a success of an hour ago, drip by drip",
            again(&format!("{OK}\r\nContent-Length: 900000\r\n\r\n{}", flawless("ada")), " ", 20),
            TIMEOUT,
        ),
    ]
}

fn statuses() -> Vec<Row> {
    let mut rows: Vec<Row> = vec![
        ("another protocol", flawless_with("ICY 200 OK", ""), UNREACHABLE),
        ("a version to come", flawless_with("HTTP/9.9 200 OK", ""), UNREACHABLE),
        ("two digits", flawless_with("HTTP/1.1 20 OK", ""), UNREACHABLE),
        ("four digits", flawless_with("HTTP/1.1 2000 OK", ""), UNREACHABLE),
        ("no number", flawless_with("HTTP/1.1 OK OK", ""), UNREACHABLE),
        ("a negative one", flawless_with("HTTP/1.1 -200 OK", ""), UNREACHABLE),
        ("a body and no head", raw(flawless("ada")), UNREACHABLE),
        ("an empty line and no head", raw(format!("\r\n\r\n\r\n{}", flawless("ada"))), UNREACHABLE),
        ("switching protocols", flawless_with("HTTP/1.1 101 Switching Protocols", "\r\nUpgrade: evil"), HTTP),
        (
            "a second answer after early hints",
            {
                raw(format!(
                    "HTTP/1.1 103 Early Hints\r\nLink: <{MARK}>\r\n\r\n{OK}\r\nContent-Length: {}\r\n\r\n{}",
                    flawless("ada").len(),
                    flawless("ada")
                ))
            },
            ada(),
        ),
        ("a redirect to itself", redirects(302, "?"), HTTP),
        ("a redirect to us", redirects(303, "/cas/login"), HTTP),
        ("a redirect to a file", redirects(301, "file:///etc/passwd"), HTTP),
        ("a redirect to a script", redirects(307, "javascript:alert(1)"), HTTP),
        ("a redirect to gopher", redirects(308, "gopher://evil.example/"), HTTP),
        ("a redirect to nowhere", redirects(302, ""), HTTP),
        (
            "a redirect with a line break",
            redirects(302, "https://evil.example/%0d%0aSet-Cookie:%20TGC=1"),
            HTTP,
        ),
    ];
    for status in [
        201, 202, 205, 206, 226, 300, 304, 305, 400, 402, 405, 407, 410, 418, 429, 451, 501, 502, 511, 599,
        999,
    ] {
        let trouble = match status {
            // A body is not allowed there.
            205 | 304 => says(&format!("HTTP/1.1 {status} {MARK}"), ""),
            _ => Trouble::SuccessUnder(status),
        };
        rows.push(("a status that is not 200", trouble, HTTP));
    }
    rows
}

fn lengths() -> Vec<Row> {
    let body = flawless("ada");
    let length = |text: &str| says(&format!("{OK}\r\nContent-Length: {text}"), &flawless("ada"));
    let big = "x".repeat(1 << 20);
    vec![
        ("shorter than it is", length("40"), BAD),
        ("no length at all", length("0"), BAD),
        ("a negative length", length("-1"), UNREACHABLE),
        ("a length beyond numbers", length("99999999999999999999999999"), UNREACHABLE),
        ("a length in words", length("many"), UNREACHABLE),
        ("a length with a sign", length("+40"), UNREACHABLE),
        ("two gigabytes announced", length("2147483648"), UNREACHABLE),
        ("none, up to the end of the connection", says(OK, &body), ada()),
        (
            "more than we read, up to the end of the connection",
            says(OK, &format!("{body}{}", " ".repeat(2 << 20))),
            LARGE,
        ),
        ("chunked", chunked(&format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())), ada()),
        (
            "chunked, each byte alone",
            chunked(&format!(
                "{}0\r\n\r\n",
                body.chars().map(|c| format!("1\r\n{c}\r\n")).collect::<String>()
            )),
            ada(),
        ),
        (
            "chunked, with a trailer",
            chunked(&format!("{:x};{MARK}=1\r\n{body}\r\n0\r\nX-{MARK}: 1\r\n\r\n", body.len())),
            ada(),
        ),
        ("a chunk of no number", chunked(&format!("zz\r\n{body}\r\n0\r\n\r\n")), UNREACHABLE),
        ("a chunk of more than there is", chunked(&format!("fffff\r\n{body}")), UNREACHABLE),
        (
            "a chunk beyond numbers",
            chunked(&format!("fffffffffffffffff1\r\n{body}\r\n0\r\n\r\n")),
            UNREACHABLE,
        ),
        ("a chunk without its end", chunked(&format!("{:x}\r\n{body}0\r\n\r\n", body.len())), UNREACHABLE),
        ("chunks without an end", chunked(&format!("{:x}\r\n{body}\r\n", body.len())), UNREACHABLE),
        ("an extension of a megabyte", chunked(&format!("5;{big}\r\nhello\r\n0\r\n\r\n")), UNREACHABLE),
        ("a megabyte of header", says(&format!("{OK}\r\nX-{MARK}: {big}"), &body), UNREACHABLE),
        (
            "a thousand headers",
            says(
                &format!("{OK}{}", (0..1000).map(|n| format!("\r\nX-{n}: {MARK}")).collect::<String>()),
                &body,
            ),
            UNREACHABLE,
        ),
        ("a header with a zero", says(&format!("{OK}\r\nX: a\0b"), &body), UNREACHABLE),
        ("a header without a colon", says(&format!("{OK}\r\n{MARK}"), &body), UNREACHABLE),
        ("a header that goes on", says(&format!("{OK}\r\nX: a\r\n b"), &body), UNREACHABLE),
        ("a header with a blank in its name", says(&format!("{OK}\r\nX Y: a"), &body), UNREACHABLE),
        (
            "two answers in one",
            raw(format!(
                "{OK}\r\nContent-Length: {}\r\n\r\n{body}{OK}\r\nContent-Length: {}\r\n\r\n{}",
                body.len(),
                flawless("eve").len(),
                flawless("eve")
            )),
            ada(),
        ),
        ("two documents in one", says(OK, &format!("{}{body}", flawless("eve"))), BAD),
    ]
}

fn encodings() -> Vec<Row> {
    let body = flawless("ada");
    let bom = [b"\xef\xbb\xbf", body.as_bytes()].concat();
    let declared = |encoding: &str| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>{body}");
    vec![
        ("a mark before the first byte", typed(XML, bom.clone()), ada()),
        ("two marks", typed(XML, [b"\xef\xbb\xbf".to_vec(), bom].concat()), BAD),
        ("declared as what it is", typed(XML, declared("utf-8")), ada()),
        ("declared as UTF-16", typed("text/xml", declared("UTF-16")), BAD),
        ("declared as UTF-7", typed("text/xml", declared("UTF-7")), BAD),
        ("declared as nothing known", typed("text/xml", declared(MARK)), BAD),
        ("declared twice, differently", typed("text/xml;charset=utf-8", declared("ISO-8859-1")), BAD),
        (
            "a charset of the header that is none",
            typed(&format!("text/xml; charset={MARK}"), body.clone()),
            BAD,
        ),
        (
            "UTF-32",
            typed("text/xml", body.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect::<Vec<_>>()),
            BAD,
        ),
        (
            "latin letters",
            typed(
                "text/xml",
                body.replace("ada", "ad?")
                    .into_bytes()
                    .iter()
                    .map(|b| if *b == b'?' { 0xe9 } else { *b })
                    .collect::<Vec<_>>(),
            ),
            BAD,
        ),
        ("overlong letters", typed("text/xml", [body.as_bytes(), b"\xc0\xaf"].concat()), BAD),
        (
            "half a letter",
            typed(
                "text/xml",
                body.replace("ada", "ad\u{e9}")
                    .into_bytes()
                    .into_iter()
                    .filter(|b| *b != 0xa9)
                    .collect::<Vec<_>>(),
            ),
            BAD,
        ),
        (
            "called gzip and is none",
            Trouble::SuccessWith { header: "Content-Encoding", value: "gzip".to_owned() },
            BAD,
        ),
        (
            "called brotli and is none",
            Trouble::SuccessWith { header: "Content-Encoding", value: "br".to_owned() },
            BAD,
        ),
        ("a bomb in gzip", Trouble::Zipped(bomb(128)), BAD),
        ("a picture", typed("image/png", b"\x89PNG\r\n\x1a\n".to_vec()), BAD),
        ("a megabyte of zeroes", typed(XML, vec![0; 1 << 20]), BAD),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn slow_ones() {
    suffers("3.0", slow()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn odd_statuses() {
    suffers("3.0", statuses()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn odd_lengths() {
    suffers("3.0", lengths()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn odd_encodings() {
    suffers("2.0", encodings()).await;
}
