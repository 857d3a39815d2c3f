//! A callback that takes the ticket.

use std::collections::BTreeSet;

use crate::conformance::schema::flaw;
use crate::support::authority::Paper;
use crate::support::callback::Answer;
use crate::support::house::{ADA, WIKI};
use crate::support::journey::values;
use crate::support::{Browser, Callback, House};

use super::{BRIEF, MAIL, Scene, code, handed_over, succeeds};

#[tokio::test]
async fn pgt_01_pgt_02_pgt_14_one_get_brings_the_ticket_and_the_answer_its_receipt() {
    let scene = Scene::open().await;
    for path in ["serviceValidate", "proxyValidate", "p3/serviceValidate", "p3/proxyValidate"] {
        let before = scene.portal.heard().len();
        let answer = scene.wiki_with(path, &format!("{}cas/callback", scene.portal.url)).await;
        assert!(succeeds(&answer) && flaw(&answer).is_none(), "{answer}");
        let heard = scene.portal.heard();
        let [line] = &heard[before..] else { panic!("{heard:?}") };
        let (pgt, iou) = scene.portal.grants().pop().unwrap();
        assert_eq!(*line, format!("GET /cas/callback?pgtId={pgt}&pgtIou={iou}"));
        assert_eq!(values(&answer, "proxyGrantingTicket"), [iou.as_str()]);
        assert!(pgt.starts_with("PGT-") && pgt.len() == 64, "{pgt}");
        assert!(iou.starts_with("PGTIOU-") && iou.len() == 64, "{iou}");
        assert!(!answer.contains(&pgt), "{answer}");
        assert!(values(&answer, "proxy").is_empty(), "PV-09: {answer}");
        scene.pt(&pgt, MAIL).await;
    }
}

#[tokio::test]
async fn pgt_03_the_query_of_the_callback_is_kept() {
    let scene = Scene::open().await;
    for (asked, came) in [
        ("?a=1&a=2&b=&c&=d", "/?a=1&a=2&b=&c&=d&"),
        ("cb?x=%2F%20+%C3%A9&pgtId=mine", "/cb?x=%2F%20+%C3%A9&pgtId=mine&"),
        ("cb?", "/cb?"),
        ("cb?a&", "/cb?a&"),
        ("cb?a=1#part", "/cb?a=1&"),
    ] {
        assert!(succeeds(&scene.wiki_with("serviceValidate", &format!("{}{asked}", scene.portal.url)).await));
        let line = scene.portal.heard().pop().unwrap();
        let (front, added) = line.rsplit_once("pgtId=").unwrap();
        assert_eq!(front, format!("GET {came}"));
        let (pgt, iou) = added.split_once("&pgtIou=").unwrap();
        assert!(pgt.starts_with("PGT-") && iou.starts_with("PGTIOU-") && !iou.contains('&'), "{line}");
    }
}

#[tokio::test]
async fn pgt_17_pgt_19_empty_is_absent_and_names_have_their_case() {
    let scene = Scene::open().await;
    let url = scene.portal.url.clone();
    for pairs in [[("pgtUrl", "")], [("pgturl", &*url)], [("PgtUrl", &*url)], [("PGTURL", &*url)]] {
        let ticket = scene.ada.ticket_for(WIKI).await;
        let answer = scene.house.validate("serviceValidate", &ticket, WIKI, &pairs).await;
        assert!(succeeds(&answer) && values(&answer, "proxyGrantingTicket").is_empty(), "{answer}");
    }
    let ticket = scene.ada.ticket_for(WIKI).await;
    let answer = scene.house.validate("validate", &ticket, WIKI, &[("pgtUrl", &url)]).await;
    assert_eq!(answer, "yes\nada\n", "no parameter there");
    assert_eq!(scene.portal.connections(), 0);
}

#[tokio::test]
async fn pgt_18_a_body_without_end_or_one_that_stops_counts_by_its_status() {
    let scene = Scene::with(House::with().section(BRIEF), "", &[]).await;
    for answer in [Answer::Endless, Answer::HangsInBody] {
        scene.portal.is(answer.clone());
        let pgt = scene.pgt().await;
        assert_eq!(code(&scene.asks(&pgt, MAIL).await), "", "{answer:?}");
    }
}

#[tokio::test]
async fn pgt_20_each_is_another_one() {
    let scene = Scene::open().await;
    for _ in 0..10 {
        scene.pgt().await;
    }
    let all: BTreeSet<String> = scene.portal.grants().into_iter().flat_map(|(pgt, iou)| [pgt, iou]).collect();
    assert_eq!(all.len(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn con_09_one_ticket_gives_one_grant_at_most() {
    let scene = Scene::open().await;
    let ticket = scene.ada.ticket_for(WIKI).await;
    let pairs = [("pgtUrl", &*scene.portal.url)];
    let asks = (0..50).map(|_| scene.house.validate("serviceValidate", &ticket, WIKI, &pairs));
    let answers = futures_util::future::join_all(asks).await;
    assert_eq!(answers.iter().filter(|answer| succeeds(answer)).count(), 1);
    assert_eq!(scene.portal.heard().len(), 1);
}

#[tokio::test]
async fn the_grant_lives_as_long_as_it_says_and_no_longer_than_a_session_can() {
    let lives = "[ticket]\npgt_validity = \"30 min\"\n[session]\nidle = \"10 min\"\nlifetime = \"50 min\"";
    let scene = Scene::with(House::with().section(lives), "", &[]).await;
    let first = scene.pgt().await;
    for _ in 0..3 {
        // Each use keeps the session awake.
        scene.house.clock.advance(599);
        scene.pt(&first, MAIL).await;
    }
    scene.house.clock.advance(3);
    assert_eq!(code(&scene.asks(&first, MAIL).await), "INVALID_TICKET", "after half an hour");
    let second = scene.pgt().await;
    for _ in 0..2 {
        scene.house.clock.advance(590);
        scene.pt(&second, MAIL).await;
    }
    scene.house.clock.advance(100);
    assert_eq!(code(&scene.asks(&second, MAIL).await), "INVALID_TICKET", "the session is over after 50 min");
    let swept = scene.house.sweep().await;
    assert_eq!((swept.sessions, scene.house.count("ticket").await), (1, 0), "{swept:?}");
}

#[tokio::test]
async fn a_session_nobody_uses_takes_its_grants_with_it() {
    let scene = Scene::with(House::with().section("[session]\nidle = \"10 min\""), "", &[]).await;
    let pgt = scene.pgt().await;
    scene.house.clock.advance(601);
    assert_eq!(code(&scene.asks(&pgt, MAIL).await), "INVALID_TICKET");
}

#[tokio::test]
async fn a_sweep_leaves_what_lives() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    scene.house.clock.advance(3599);
    scene.house.sweep().await;
    scene.pt(&pgt, MAIL).await;
    scene.house.clock.advance(61);
    let swept = scene.house.sweep().await;
    assert_eq!(swept.tickets, 2, "the grant, and the ticket that nobody validated");
    assert_eq!(code(&scene.asks(&pgt, MAIL).await), "INVALID_TICKET");
}

#[tokio::test]
async fn on_a_desk_plain_http_to_this_machine_will_do() {
    let desk = Callback::showing(None).await;
    let services = desk.toml("Desk", "proxy_callback = true");
    let allowed = "[proxy]\nallow_http_loopback = true";
    let scene = Scene::with(House::with().section(allowed).service(&services), "", &[]).await;
    let answer = scene.wiki_with("serviceValidate", &desk.url).await;
    scene.pt(&handed_over(&answer, &desk), MAIL).await;
    let elsewhere = "http://desk.example/";
    assert_eq!(code(&scene.wiki_with("serviceValidate", elsewhere).await), "INVALID_PROXY_CALLBACK");
}

#[tokio::test]
async fn a_session_that_ends_meanwhile_has_no_grant() {
    let scene = Scene::open().await;
    scene.portal.is(Answer::Waits(200));
    let asks = scene.wiki_with("serviceValidate", &scene.portal.url);
    let ends = async {
        scene.portal.is_asked().await;
        scene.ada.get("logout").await;
        scene.portal.goes_on();
    };
    // The ticket is issued first, so that only the validation runs beside the sign-out.
    let (answer, ()) = tokio::join!(asks, ends);
    assert_eq!(code(&answer), "INVALID_TICKET", "{answer}");
    let (pgt, _) = scene.portal.grants().pop().unwrap();
    assert_eq!(code(&scene.asks(&pgt, MAIL).await), "INVALID_TICKET");
    assert_eq!(scene.house.count("ticket").await, 0);
}

#[tokio::test]
async fn the_log_names_services_and_no_tickets() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    let pt = scene.pt(&pgt, MAIL).await;
    let logs = scene.house.logs();
    for words in ["event=\"proxy.granted\"", "service=\"Wiki\" holder=\"Portal\""] {
        assert!(logs.contains(words), "{words}");
    }
    assert!(logs.contains("service=\"Mail\" holder=\"Portal\""));
    for secret in [&pgt, &pt] {
        assert!(!logs.contains(secret.as_str()));
    }
}

#[tokio::test]
async fn whoever_is_signed_in_elsewhere_keeps_theirs() {
    let scene = Scene::open().await;
    let (here, other) = (scene.pgt().await, Browser::at(&scene.house));
    other.signs_in(ADA).await;
    other.get("logout").await;
    scene.pt(&here, MAIL).await;
}

#[tokio::test]
async fn certificates_of_the_further_file_are_enough() {
    let other = Callback::showing(Some(Paper::Good)).await;
    let rule = other.toml("Other", "proxy_callback = true");
    let scene = Scene::with(House::with().service(&rule), "", &[&other]).await;
    let answer = scene.wiki_with("serviceValidate", &other.url).await;
    scene.pt(&handed_over(&answer, &other), MAIL).await;
}
