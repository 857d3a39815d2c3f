//! Institutions that want to do harm, or are beyond help: a table of what they do, and what becomes of it.
//!
//! `upstream.rs` has the troubles of every day. Here a row is bytes, down to the packet, and every row ends
//! in one of two ways: a page of ours with a code, where nobody is signed in and nothing of what the
//! institution wrote is shown or logged; or the right person, where what looks odd is allowed. After every
//! row somebody signs in elsewhere.

mod answers;
mod days;
mod door;
mod mix;
mod returns;
mod tls;
mod wire;

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;

use crate::support::fake_cas::FakeCas;
use crate::support::house::{NOTES, WIKI};
use crate::support::journey::{by, user};
use crate::support::trouble::{MARK, Piece, Trouble, flawless};
use crate::support::{Browser, House, Page};

/// How a row ends.
#[derive(Clone, Debug)]
enum Ends {
    /// On a page of ours.
    On(u16, &'static str),
    /// With this person signed in.
    As(String),
}

const TIMEOUT: Ends = Ends::On(504, "upstream.timeout");
const UNREACHABLE: Ends = Ends::On(502, "upstream.unreachable");
const TLS: Ends = Ends::On(502, "upstream.tls");
const HTTP: Ends = Ends::On(502, "upstream.http");
const REJECTED: Ends = Ends::On(502, "upstream.ticket_rejected");
const BAD: Ends = Ends::On(502, "upstream.bad_answer");
const LARGE: Ends = Ends::On(502, "upstream.too_large");
const NAME: Ends = Ends::On(502, "upstream.username_invalid");

fn ada() -> Ends {
    Ends::As("ada".to_owned())
}

/// A row: a name, what the institution does, how that ends.
type Row = (&'static str, Trouble, Ends);

/// No answer of ours takes longer than this.
const PATIENCE: Duration = Duration::from_secs(30);

const XML: &str = "text/xml;charset=UTF-8";

/// Exactly these bytes, and then the connection ends.
fn raw(bytes: impl Into<Vec<u8>>) -> Trouble {
    Trouble::Raw(vec![Piece::Bytes(bytes.into())])
}

/// The head of an answer, and a body of any length.
fn says(head: &str, body: &str) -> Trouble {
    raw(format!("{head}\r\nConnection: close\r\n\r\n{body}"))
}

/// A flawless body of which the head tells the length.
fn flawless_with(line: &str, headers: &str) -> Trouble {
    let body = flawless("ada");
    says(&format!("{line}\r\nContent-Type: {XML}\r\nContent-Length: {}{headers}", body.len()), &body)
}

fn typed(kind: &str, body: impl Into<Vec<u8>>) -> Trouble {
    Trouble::Says { kind: kind.to_owned(), body: body.into() }
}

/// Shortly where it will be in vain, so that nobody has to wait; never so short that load decides.
fn patience(ends: &Ends) -> &'static str {
    if matches!(ends, Ends::On(504, _)) { "timeout = \"1 s\"\n" } else { "timeout = \"20 s\"\n" }
}

/// Every row at an institution of its own, many at the same time.
async fn suffers(protocol: &str, rows: Vec<Row>) {
    let well = FakeCas::v3().knows("bob").start().await;
    let mut builder = House::with().provider(&well.entry("well.example", "Well"));
    let mut all = Vec::new();
    for (at, row) in rows.into_iter().enumerate() {
        let (suffix, sick) = (format!("sick{at}.example"), FakeCas::v3().knows("ada").start().await);
        let entry = sick.entry_as(protocol, &suffix, &format!("Sick {at}"));
        builder = builder.provider(&format!("{entry}{}", patience(&row.2)));
        all.push((suffix, sick, row));
    }
    let house = builder.start().await;
    let stories = all.iter().map(|(suffix, sick, (name, trouble, ends))| {
        let house = &house;
        async move {
            sick.has(trouble.clone());
            let browser = Browser::at(house);
            let away = browser.get(&by(WIKI, suffix)).await;
            assert_eq!(away.status, 303, "{name}: {}", away.text());
            let back = sick.lets_in(away.location());
            ended(house, &browser, name, ends, suffix, &back).await;
        }
    });
    stream::iter(stories.collect::<Vec<_>>()).buffer_unordered(24).count().await;
    nothing_is_told(&house);
}

/// Comes back with a ticket, and sees how it ends.
async fn ended(house: &House, browser: &Browser, name: &str, ends: &Ends, suffix: &str, back: &str) {
    let page = tokio::time::timeout(PATIENCE, browser.get(back)).await.expect("an answer in time");
    match ends {
        Ends::On(status, code) => {
            assert_eq!(
                (page.status, page.error_code().as_str()),
                (*status, *code),
                "{name}: {}",
                page.text()
            );
            nobody_is_in(name, &page, browser).await;
        }
        Ends::As(who) => {
            assert_eq!(page.status, 303, "{name}: {}", page.text());
            let ticket = browser.follow_home(page).await.ticket();
            let answer = house.service_validate(&ticket, WIKI).await;
            assert_eq!(user(&answer), format!("{who}@{suffix}"), "{name}");
        }
    }
    // Whatever it did, somebody else gets in elsewhere, and in this browser too.
    let bob = if matches!(ends, Ends::On(..)) { browser.clone() } else { Browser::at(house) };
    let ticket = bob.arrives(NOTES, "well.example").await.ticket();
    assert_eq!(user(&house.service_validate(&ticket, NOTES).await), "bob@well.example", "{name}");
}

/// What holds of every page that an institution's trouble ends on.
async fn nobody_is_in(name: &str, page: &Page, browser: &Browser) {
    assert!(page.headers("set-cookie").iter().all(|cookie| !cookie.contains("TGC")), "{name}");
    assert_eq!((page.location(), page.header("refresh")), ("", ""), "{name}: no way back by itself");
    assert!(!page.body.contains("http-equiv"), "{name}");
    assert_eq!(page.header("cas-reference").len(), 9, "{name}");
    for theirs in [MARK, "evil", "eve", "root:", "passwd", "java.lang", "<script>"] {
        assert!(!page.body.contains(theirs), "{name}: {theirs} is on the page");
    }
    let retry = page.buttons();
    assert!(retry.first().is_some_and(|to| to.contains("/federate/sick")), "{name}: {retry:?}");
    assert!(browser.is_nobody().await, "{name}");
    let asks = browser.visits(WIKI).await;
    assert_eq!((asks.status, asks.maybe_ticket()), (200, None), "{name}");
}

fn nothing_is_told(house: &House) {
    let logs = house.logs();
    for theirs in [MARK, "FORGED", "Hunter2-hunter2"] {
        assert!(!logs.contains(theirs), "{theirs} of an institution is in the log");
    }
}
