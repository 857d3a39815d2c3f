//! The checklist of the protocol, one test a row, named `<row>_<what it says>` and grouped as in
//! `docs/conformance.md`. Rows that a story elsewhere in `integration` shows stand there alone; `table`
//! holds the document against the sources.

mod cookie;
mod encodings;
mod framing;
mod login_acceptor;
mod login_requestor;
mod network;
mod overload;
mod race;
pub mod schema;
mod service_validate;
mod table;
mod tickets;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::support::house::ADA;
use crate::support::{Browser, House, raw};

/// The addresses that validate and answer with XML.
const XML: [&str; 4] = ["serviceValidate", "proxyValidate", "p3/serviceValidate", "p3/proxyValidate"];

/// Whether an answer of any form names somebody.
fn succeeds(answer: &str) -> bool {
    answer.starts_with("yes\n")
        || answer.contains("<cas:authenticationSuccess>")
        || answer.starts_with("{\"serviceResponse\":{\"authenticationSuccess\":")
        || answer.contains("<samlp:StatusCode Value=\"samlp:Success\"/>")
}

/// The code of a failure; empty where the answer is none.
fn code(answer: &str) -> &str {
    let after = answer.split_once("<cas:authenticationFailure code=\"").map(|(_, rest)| rest);
    after.and_then(|rest| rest.split('"').next()).unwrap_or_default()
}

/// A house, and somebody who is signed in there.
async fn open() -> (House, Browser) {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    (house, ada)
}

/// Sends bytes and gives the answer, which must come in time and be no fault of ours.
async fn ask(house: &House, bytes: &[u8]) -> String {
    let asked = tokio::time::timeout(Duration::from_secs(20), raw::exchange(house.address, bytes));
    let answer = asked.await.unwrap_or_else(|_| panic!("no end: {}", beginning(bytes)));
    let status = raw::status(&answer);
    assert!(status < 500 || status == 501 || status == 505, "{}: {answer}", beginning(bytes));
    answer
}

fn beginning(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(300).collect()
}

/// The house still answers whoever comes next.
async fn stands(house: &House) {
    let next = tokio::time::timeout(Duration::from_secs(20), Browser::at(house).get("login")).await;
    assert!(next.expect("an answer in time").asks_password());
}

/// The body of an answer that was read raw.
fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").map_or("", |(_, body)| body)
}

/// An estimate of the chance in texts of one length, in bits: at each place, as many as the number of
/// different characters there can show.
fn bits_of_chance(texts: &[String]) -> f64 {
    let length = texts.iter().map(String::len).min().unwrap_or_default();
    let different = |place| texts.iter().map(|text| text.as_bytes()[place]).collect::<BTreeSet<u8>>().len();
    (0..length).map(|place| f64::from(u32::try_from(different(place)).unwrap()).log2()).sum()
}
