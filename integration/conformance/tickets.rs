//! TKT: what tickets look like, and that nobody guesses one (CAS 3.0 §3).

use std::collections::BTreeSet;

use super::{bits_of_chance, open};
use crate::support::browser::login;
use crate::support::house::{ADA, BROOK, NOTES, WIKI};
use crate::support::{Browser, House};

async fn sixty(ada: &Browser) -> Vec<String> {
    let mut tickets = Vec::new();
    for i in 0..60 {
        tickets.push(ada.ticket_for([WIKI, NOTES][i % 2]).await);
    }
    tickets
}

#[tokio::test]
async fn tkt_05_login_tickets_begin_with_lt() {
    let house = House::start().await;
    let guest = Browser::at(&house);
    for target in [login(WIKI, ""), "login".to_owned(), login(WIKI, "renew=1")] {
        let lt = guest.get(&target).await.form().value("lt").map(str::to_owned).unwrap();
        assert!(lt.starts_with("LT-"), "{lt}");
    }
}

#[tokio::test]
async fn tkt_06_every_ticket_is_of_letters_digits_and_hyphens() {
    let (_house, ada) = open().await;
    let mut all = sixty(&ada).await;
    all.push(ada.cookie("TGC-passerelle").unwrap());
    all.push(ada.get(&login(WIKI, "renew=1")).await.form().value("lt").unwrap().to_owned());
    for ticket in all {
        assert!(ticket.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{ticket}");
        assert!(ticket.len() <= 256);
    }
}

#[tokio::test]
async fn tkt_08_sixty_tickets_show_a_hundred_bits_of_chance() {
    let (_house, ada) = open().await;
    let bits = bits_of_chance(&sixty(&ada).await);
    assert!(bits >= 100.0, "{bits}");
}

#[tokio::test]
async fn tkt_09_no_ticket_tells_of_another() {
    // Tickets of one session, of another person, and after a restart on the same moment of the clock.
    let house = House::start().await;
    let (ada, brook) = (Browser::at(&house), Browser::at(&house));
    ada.signs_in(ADA).await;
    brook.signs_in(BROOK).await;
    let mut tickets = sixty(&ada).await;
    tickets.extend(sixty(&brook).await);
    for (i, one) in tickets.iter().enumerate() {
        for other in &tickets[..i] {
            let same = one.bytes().zip(other.bytes()).skip(3).filter(|(a, b)| a == b).count();
            // Of 29 places with 62 characters, half a place agrees by chance.
            assert!(same < 12, "{one} {other}");
        }
    }
    let sorted: BTreeSet<_> = tickets.iter().cloned().collect();
    assert!(!sorted.into_iter().eq(tickets.iter().cloned()), "they do not count up");
}

#[tokio::test]
async fn tkt_10_neither_service_nor_user_is_part_of_a_ticket() {
    let backend =
        "[[backend]]\nname = \"desk\"\nkind = \"test\"\nuser = \"AdaLovelace\"\npassword = \"x y z\"\n";
    let house = House::with().backends(backend).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(("AdaLovelace", "x y z")).await;
    for ticket in sixty(&ada).await {
        let small = ticket.to_lowercase();
        for part in ["lovelace", "example"] {
            assert!(!small.contains(part), "{ticket}");
        }
    }
}

#[tokio::test]
async fn tkt_12_a_service_ticket_has_32_characters() {
    let (_house, ada) = open().await;
    for ticket in sixty(&ada).await {
        assert_eq!(ticket.len(), 32, "{ticket}");
    }
}

#[tokio::test]
async fn tkt_13_each_request_has_a_ticket_of_its_own_and_all_are_good() {
    let (house, ada) = open().await;
    let tickets = sixty(&ada).await;
    assert_eq!(tickets.iter().collect::<BTreeSet<_>>().len(), 60);
    for (i, ticket) in tickets.iter().enumerate() {
        assert_eq!(house.validate("validate", ticket, [WIKI, NOTES][i % 2], &[]).await, "yes\nada\n");
    }
}
