//! CON: many at once for one ticket, and one of them gets the answer (CAS 3.0 §3.1.1).
//!
//! `PASSERELLE_RACE_ROUNDS` sets the number of rounds; how many is enough depends on what is to be shown:
//!
//! ```text
//! PASSERELLE_RACE_ROUNDS=1000 cargo test --test integration race -- --nocapture
//! ```

use futures_util::future::join_all;
use url::form_urlencoded::Serializer;

use super::{open, succeeds};
use crate::support::house::{NOTES, WIKI};
use crate::support::saml::question;
use crate::support::{Browser, House};

/// A place where a ticket can be shown: an address, and what else is asked there.
type Door = (&'static str, &'static [(&'static str, &'static str)]);

/// All of them, in every form.
const DOORS: &[Door] = &[
    ("validate", &[]),
    ("serviceValidate", &[]),
    ("proxyValidate", &[]),
    ("p3/serviceValidate", &[]),
    ("p3/proxyValidate", &[]),
    SAML,
    ("serviceValidate", &[("format", "JSON")]),
    ("proxyValidate", &[("format", "JSON")]),
    ("p3/serviceValidate", &[("format", "JSON")]),
    ("p3/proxyValidate", &[("format", "JSON")]),
    ("p3/serviceValidate", &[("renew", "false")]),
];
/// It is asked by POST, and names the service otherwise.
const SAML: Door = ("samlValidate", &[]);
const AT_ONCE: usize = 50;
const ROUNDS: usize = 5;

fn rounds() -> usize {
    std::env::var("PASSERELLE_RACE_ROUNDS").map_or(ROUNDS, |text| text.parse().expect("a number of rounds"))
}

/// What an address says of a ticket.
async fn show(house: &House, (path, more): Door, ticket: &str, service: &str) -> String {
    if path != SAML.0 {
        return house.validate(path, ticket, service, more).await;
    }
    let query = Serializer::new(String::new()).append_pair("TARGET", service).finish();
    house.posts_saml(&query, question(ticket)).await
}

/// Whether an answer says that the ticket is no good, which is less than that something broke.
fn refuses(answer: &str) -> bool {
    answer == "no\n" || answer.contains("INVALID_TICKET")
}

/// What is right: one success, and of the others every one a refusal.
const ONE: (usize, usize) = (1, AT_ONCE - 1);

/// One round: how many were answered with success, and how many with a refusal.
async fn round(house: &House, ada: &Browser, doors: &[Door]) -> (usize, usize) {
    let ticket = ada.ticket_for(WIKI).await;
    let asks = (0..AT_ONCE).map(|i| show(house, doors[i % doors.len()], &ticket, WIKI));
    let answers = join_all(asks).await;
    let count = |what: fn(&str) -> bool| answers.iter().filter(|answer| what(answer)).count();
    (count(succeeds), count(refuses))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn con_01_of_fifty_at_once_at_one_address_one_gets_the_answer() {
    let (house, ada) = open().await;
    for door in DOORS {
        for number in 0..ROUNDS {
            assert_eq!(round(&house, &ada, &[*door]).await, ONE, "{door:?} {number}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn con_02_of_fifty_at_once_at_the_text_address_one_gets_the_answer() {
    let (house, ada) = open().await;
    for number in 0..ROUNDS {
        assert_eq!(round(&house, &ada, &DOORS[..1]).await, ONE, "round {number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn con_03_of_fifty_at_once_over_all_addresses_one_gets_the_answer() {
    let (house, ada) = open().await;
    let rounds = rounds();
    let mut wrong = Vec::new();
    for number in 0..rounds {
        let seen = round(&house, &ada, DOORS).await;
        if seen != ONE {
            wrong.push((number, seen));
        }
    }
    assert!(wrong.is_empty(), "of {rounds} rounds, (number, (successes, refusals)): {wrong:?}");
    println!("{rounds} rounds of {AT_ONCE}: one success in each");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn con_05_of_fifty_at_once_in_saml_one_gets_the_answer() {
    let (house, ada) = open().await;
    for number in 0..ROUNDS {
        assert_eq!(round(&house, &ada, &[SAML]).await, ONE, "round {number}");
        assert_eq!(round(&house, &ada, &[SAML, DOORS[1]]).await, ONE, "round {number}, beside another");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn con_06_twenty_sign_ons_of_one_session_at_once_get_twenty_tickets() {
    let (house, ada) = open().await;
    let tickets = join_all((0..20).map(|i| ada.ticket_for([WIKI, NOTES][i % 2]))).await;
    let distinct: std::collections::BTreeSet<_> = tickets.iter().collect();
    assert_eq!(distinct.len(), 20);
    let asks =
        tickets.iter().enumerate().map(|(i, ticket)| house.service_validate(ticket, [WIKI, NOTES][i % 2]));
    assert!(join_all(asks).await.iter().all(|answer| succeeds(answer)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn con_08_right_and_wrong_services_at_once_give_one_success_at_most() {
    let (house, ada) = open().await;
    for number in 0..ROUNDS {
        let ticket = ada.ticket_for(WIKI).await;
        let asks = (0..AT_ONCE)
            .map(|i| show(&house, DOORS[i % DOORS.len()], &ticket, if i % 3 == 0 { WIKI } else { NOTES }));
        let answers = join_all(asks).await;
        assert!(answers.iter().filter(|answer| succeeds(answer)).count() <= 1, "round {number}");
        assert!(answers.iter().all(|answer| !answer.contains("INTERNAL_ERROR")), "round {number}");
        assert!(!succeeds(&house.service_validate(&ticket, WIKI).await), "and nothing is left");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn con_10_one_form_posted_six_times_at_once_gives_one_session() {
    let house = House::start().await;
    for number in 0..ROUNDS {
        let ada = Browser::at(&house);
        let form = ada.visits(WIKI).await;
        let before = house.count("session").await;
        let posts = join_all((0..6).map(|_| ada.types(&form, crate::support::house::ADA))).await;
        assert_eq!(posts.iter().filter(|page| page.status == 303).count(), 1, "round {number}");
        assert_eq!(house.count("session").await, before + 1);
    }
}
