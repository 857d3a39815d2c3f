//! A service asks who a ticket belongs to (CAS 3.0 §2.4 to §2.9): one attempt, one answer, any address.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use insta::assert_snapshot;
use reqwest::Method;

use crate::support::browser::login;
use crate::support::house::{ADA, BROOK, NOTES, WIKI, read};
use crate::support::{Browser, House, raw};

const XML: [&str; 4] = ["serviceValidate", "proxyValidate", "p3/serviceValidate", "p3/proxyValidate"];
const ALL: [&str; 5] =
    ["validate", "serviceValidate", "proxyValidate", "p3/serviceValidate", "p3/proxyValidate"];

/// Whether an answer names somebody.
fn succeeds(answer: &str) -> bool {
    answer.starts_with("yes\n") || answer.contains("<cas:authenticationSuccess>")
}

/// The code of a failure.
fn code(answer: &str) -> &str {
    let (_, rest) = answer.split_once("<cas:authenticationFailure code=\"").expect(answer);
    rest.split('"').next().unwrap()
}

/// A house, and somebody who is signed in there.
async fn open() -> (House, Browser) {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    (house, ada)
}

#[tokio::test]
async fn every_address_knows_the_user() {
    let (house, ada) = open().await;
    for path in XML {
        let answer = house.validate(path, &ada.ticket_for(WIKI).await, WIKI, &[]).await;
        assert!(answer.contains("<cas:user>ada</cas:user>") && succeeds(&answer), "{path}: {answer}");
        for once in ["authenticationDate", "longTermAuthenticationRequestTokenUsed", "isFromNewLogin"] {
            assert_eq!(answer.matches(&format!("<cas:{once}>")).count(), 1, "{path}");
        }
    }
    assert_eq!(house.validate("validate", &ada.ticket_for(WIKI).await, WIKI, &[]).await, "yes\nada\n");
    assert_eq!(ada.get("p3/validate").await.status, 404);
}

#[tokio::test]
async fn a_ticket_serves_one_attempt_at_any_address() {
    let (house, ada) = open().await;
    for first in ALL {
        for second in ALL {
            let ticket = ada.ticket_for(WIKI).await;
            assert!(succeeds(&house.validate(first, &ticket, WIKI, &[]).await));
            assert!(!succeeds(&house.validate(second, &ticket, WIKI, &[]).await), "{first}, then {second}");
        }
    }
}

#[tokio::test]
async fn a_used_ticket_is_told_so() {
    let (house, ada) = open().await;
    let ticket = ada.ticket_for(WIKI).await;
    house.service_validate(&ticket, WIKI).await;
    let answer = house.service_validate(&ticket, WIKI).await.replace(&ticket[..8], "ST-");
    assert_snapshot!(answer, @r#"
    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
      <cas:authenticationFailure code="INVALID_TICKET">ticket ST-… is unknown, expired or was already used</cas:authenticationFailure>
    </cas:serviceResponse>
    "#);
    assert_eq!(house.validate("validate", &ticket, WIKI, &[]).await, "no\n");
}

#[tokio::test]
async fn another_service_is_refused_and_uses_the_ticket_up() {
    let (house, ada) = open().await;
    let right = "https://wiki.example/App?x=1&y=2";
    for other in [
        "https://wiki.example/App/?x=1&y=2",
        "https://wiki.example/App",
        "https://wiki.example/App?x=1",
        "https://wiki.example/App?y=2&x=1",
        "https://wiki.example/App?x=1&y=2&",
        "https://wiki.example/App?x=1&y=2#",
        "http://wiki.example/App?x=1&y=2",
        "https://wiki.example:443/App?x=1&y=2",
        "https://wiki.example/app?x=1&y=2",
        "https://WIKI.example/App?x=1&y=2",
        "https://wiki.example/%41pp?x=1&y=2",
        "https://notes.example/",
        "not an address",
    ] {
        for path in XML {
            let ticket = ada.ticket_for(right).await;
            assert_eq!(code(&house.validate(path, &ticket, other, &[]).await), "INVALID_SERVICE", "{other}");
            assert_eq!(code(&house.validate(path, &ticket, right, &[]).await), "INVALID_TICKET", "{other}");
        }
        let ticket = ada.ticket_for(right).await;
        assert_eq!(house.validate("validate", &ticket, other, &[]).await, "no\n");
        assert_eq!(house.validate("validate", &ticket, right, &[]).await, "no\n");
    }
    let ticket = ada.ticket_for(right).await;
    let answer = house.service_validate(&ticket, "https://notes.example/?secret=1").await;
    assert_snapshot!(answer.replace(&ticket[..8], "ST-"), @r#"
    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
      <cas:authenticationFailure code="INVALID_SERVICE">ticket ST-… was issued for https://wiki.example/App, not for https://notes.example/</cas:authenticationFailure>
    </cas:serviceResponse>
    "#);
}

#[tokio::test]
async fn escapes_are_decoded_before_the_comparison() {
    let (house, ada) = open().await;
    for service in
        ["https://wiki.example/a%20b?q=%2F&r=c+d", "https://wiki.example/?u=https%3A%2F%2Fx%2F%3Fy%3D1%26z"]
    {
        let ticket = ada.ticket_for(service).await;
        let every: String = service.bytes().map(|b| format!("%{b:02x}")).collect();
        let answer = house.text(&format!("serviceValidate?ticket={ticket}&service={every}")).await;
        assert!(succeeds(&answer), "{answer}");
    }
}

#[tokio::test]
async fn what_is_missing_is_an_invalid_request() {
    let (house, ada) = open().await;
    let service = "service=https%3A%2F%2Fwiki.example%2F";
    for path in XML {
        for query in [
            String::new(),
            service.to_owned(),
            "ticket=ST-1".to_owned(),
            format!("{service}&ticket="),
            "service=&ticket=ST-1".to_owned(),
            format!("{service}&Ticket=ST-1"),
            "Service=https%3A%2F%2Fwiki.example%2F&ticket=ST-1".to_owned(),
            format!("{service}&ticket=ST-1&ticket=ST-1"),
            format!("{service}&{service}&ticket=ST-1"),
            format!("{service}&ticket=%FF"),
        ] {
            let answer = house.text(&format!("{path}?{query}")).await;
            assert_eq!(code(&answer), "INVALID_REQUEST", "{path}?{query}");
            assert_eq!(house.text(&format!("validate?{query}")).await, "no\n");
        }
    }
    assert_snapshot!(house.text("p3/serviceValidate").await, @r#"
    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
      <cas:authenticationFailure code="INVALID_REQUEST">service and ticket are required</cas:authenticationFailure>
    </cas:serviceResponse>
    "#);
    // A repeated parameter is refused before any ticket is looked at.
    let ticket = ada.ticket_for(WIKI).await;
    house.text(&format!("serviceValidate?{service}&{service}&ticket={ticket}")).await;
    assert!(succeeds(&house.service_validate(&ticket, WIKI).await));
}

#[tokio::test]
async fn what_is_no_ticket_is_an_invalid_ticket() {
    let (house, ada) = open().await;
    let (cookie, form) = (ada.cookie("TGC-passerelle").unwrap(), ada.get("login?renew=1").await.form());
    let long = format!("ST-{}", "x".repeat(20_000));
    let mut odd = vec![cookie.as_str(), form.value("lt").unwrap(), long.as_str()];
    odd.extend([
        "ST-1",
        "PT-1",
        "PGT-1",
        "x",
        "ST-<cas:user>",
        "ST-&amp;\"'",
        "ST-\u{e9}",
        "ST-a b",
        "ST-\r\nx",
        "ST-\0",
        "%",
    ]);
    for ticket in odd {
        for path in XML {
            let answer = house.validate(path, ticket, WIKI, &[]).await;
            assert_eq!(code(&answer), "INVALID_TICKET", "{ticket}");
            assert!(answer.len() < 400, "{answer}");
            is_well_formed(&answer);
        }
        assert_eq!(house.validate("validate", ticket, WIKI, &[]).await, "no\n");
    }
}

/// Reads a document to its end.
fn is_well_formed(document: &str) {
    let mut reader = quick_xml::Reader::from_str(document);
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) => return,
            Ok(_) => {}
            Err(error) => panic!("{error}: {document}"),
        }
    }
}

#[tokio::test]
async fn hostile_services_stay_text() {
    let (house, ada) = open().await;
    for service in [
        "https://wiki.example/]]><cas:user>eve</cas:user>",
        "\"'&<>\0\u{1}\u{fffe}",
        "https://wiki.example/\r\n\r\n",
    ] {
        let ticket = ada.ticket_for(WIKI).await;
        let answer = house.service_validate(&ticket, service).await;
        assert_eq!(code(&answer), "INVALID_SERVICE");
        assert!(!answer.contains("<cas:user>"), "{answer}");
        is_well_formed(&answer);
    }
}

#[tokio::test]
async fn renew_takes_primary_tickets_only() {
    let (house, ada) = open().await;
    for path in ALL {
        let sso = ada.ticket_for(WIKI).await;
        let answer = house.validate(path, &sso, WIKI, &[("renew", "true")]).await;
        assert!(!succeeds(&answer), "{path}");
        if path != "validate" {
            assert_eq!(code(&answer), "INVALID_TICKET");
        }
        assert!(!succeeds(&house.validate(path, &sso, WIKI, &[]).await), "the attempt used it up");
        let form = ada.get(&login(WIKI, "renew=true")).await;
        let primary = ada.follow(&ada.types(&form, ADA).await).await.ticket();
        assert!(succeeds(&house.validate(path, &primary, WIKI, &[("renew", "true")]).await), "{path}");
        for no in ["renew=false", "renew=0", "renew=", "Renew=true", "RENEW=1"] {
            let sso = ada.ticket_for(WIKI).await;
            let answer = house.text(&format!("{path}?ticket={sso}&service=https://wiki.example/&{no}")).await;
            assert!(succeeds(&answer), "{path} {no}");
        }
    }
}

#[tokio::test]
async fn a_ticket_lives_a_minute() {
    let (house, ada) = open().await;
    let (young, old) = (ada.ticket_for(WIKI).await, ada.ticket_for(WIKI).await);
    house.clock.advance(59);
    assert!(succeeds(&house.service_validate(&young, WIKI).await));
    house.clock.advance(1);
    assert_eq!(code(&house.service_validate(&old, WIKI).await), "INVALID_TICKET");
    house.clock.advance(-60);
    assert!(!succeeds(&house.service_validate(&old, WIKI).await), "a clock that jumps back revives nothing");
}

#[tokio::test]
async fn tkt_09_a_late_ticket_is_logged_with_its_age() {
    // A name of its own, since stories that run beside this one log too.
    let slow = "[[service]]\nname = \"Slow\"\nurl = \"https://slow.example/**\"\n";
    let house = House::with().service(slow).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let (late, wrong) =
        (ada.ticket_for("https://slow.example/").await, ada.ticket_for("https://slow.example/").await);
    house.clock.advance(7);
    house.service_validate(&wrong, WIKI).await;
    house.clock.advance(80);
    let answer = house.service_validate(&late, "https://slow.example/").await;
    assert!(answer.contains("unknown, expired or was already used"), "no more than of any other: {answer}");
    let logs = house.logs();
    let lines: Vec<_> = logs.lines().filter(|line| line.contains("service=\"Slow\" code=")).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("code=\"INVALID_SERVICE\" age=7 reason=\"ticket ST-"), "{}", lines[0]);
    assert!(lines[1].contains("code=\"INVALID_TICKET\" age=87 reason=\"it came too late\""), "{}", lines[1]);
}

#[tokio::test]
async fn sv_22_a_new_login_is_told_from_single_sign_on() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let (first, second) = (ada.signs_in_for(ADA, WIKI).await, ada.ticket_for(WIKI).await);
    for (ticket, told) in [(first, "true"), (second, "false")] {
        let answer = house.p3_service_validate(&ticket, WIKI).await;
        assert!(answer.contains(&format!("<cas:isFromNewLogin>{told}</cas:isFromNewLogin>")), "{answer}");
    }
}

#[tokio::test]
async fn sv_30_no_secret_is_among_the_attributes() {
    let app =
        "[[service]]\nname = \"App\"\nurl = \"https://app.example/**\"\n[service.release]\n\"*\" = \"*\"\n";
    let house = House::with().service(app).start().await;
    for who in [ADA, BROOK] {
        let ticket = Browser::at(&house).signs_in_for(who, "https://app.example/").await;
        let answer = house.p3_service_validate(&ticket, "https://app.example/").await;
        assert!(answer.contains("<cas:displayName>"), "{answer}");
        assert!(
            !answer.contains("password") && !answer.contains("argon2") && !answer.contains(who.1),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn the_date_is_that_of_the_login() {
    let (house, ada) = open().await;
    house.clock.advance(4000);
    let answer = house.p3_service_validate(&ada.ticket_for(WIKI).await, WIKI).await;
    assert!(
        answer.contains("<cas:authenticationDate>2027-01-15T08:00:00Z</cas:authenticationDate>"),
        "{answer}"
    );
}

#[tokio::test]
async fn forms_are_posted_heads_ask_nothing_and_other_methods_are_refused() {
    let (house, ada) = open().await;
    for path in ALL {
        let url = house.at(path);
        let ticket = ada.ticket_for(WIKI).await;
        let query = format!("{url}?service=https%3A%2F%2Fwiki.example%2F&ticket={ticket}");
        let head = house.http.head(&query).send().await.unwrap();
        assert_eq!(head.status(), 200);
        assert!(head.headers()["content-type"].to_str().unwrap().starts_with("text/"));
        for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
            let answer = house.http.request(method.clone(), &query).send().await.unwrap();
            assert_eq!(answer.status(), 405, "{method} {path}");
            assert_eq!(answer.headers()["allow"], "GET,HEAD,POST", "{method} {path}");
        }
        let fields = [("service", WIKI), ("ticket", ticket.as_str()), ("unknown", "x")];
        let answer =
            house.http.post(&url).header("origin", "https://app.example").form(&fields).send().await.unwrap();
        assert!(answer.headers().get("set-cookie").is_none());
        assert!(succeeds(&read(answer).await), "{path}");
        let ticket = ada.ticket_for(WIKI).await;
        let halves = house.http.post(format!("{url}?ticket={ticket}")).form(&[("service", WIKI)]);
        assert!(succeeds(&read(halves.send().await.unwrap()).await), "{path}");
    }
}

#[tokio::test]
async fn headers_of_answers() {
    let (_house, ada) = open().await;
    for path in ALL {
        for query in
            [String::new(), format!("service=https://wiki.example/&ticket={}", ada.ticket_for(WIKI).await)]
        {
            let page = ada.get(&format!("{path}?{query}")).await;
            let kind = if path == "validate" { "text/plain" } else { "text/xml" };
            assert_eq!(page.status, 200);
            assert_eq!(page.header("content-type"), format!("{kind}; charset=utf-8"));
            assert_eq!(page.header("cache-control"), "no-store");
            assert_eq!(page.header("x-content-type-options"), "nosniff");
            assert_eq!(page.header("set-cookie"), "");
        }
    }
}

#[tokio::test]
async fn unknown_parameters_are_ignored_and_proxying_is_refused() {
    let (house, ada) = open().await;
    let ticket = ada.ticket_for(WIKI).await;
    assert!(succeeds(
        &house
            .validate(
                "serviceValidate",
                &ticket,
                WIKI,
                &[("x", "1"), ("x", "2"), ("pgtUrl", ""), ("PgtUrl", "y")]
            )
            .await
    ));
    let ticket = ada.ticket_for(WIKI).await;
    let asked = [("pgtUrl", "https://wiki.example/callback")];
    assert_eq!(
        code(&house.validate("serviceValidate", &ticket, WIKI, &asked).await),
        "UNAUTHORIZED_SERVICE_PROXY"
    );
    assert_eq!(
        code(&house.service_validate(&ticket, WIKI).await),
        "INVALID_TICKET",
        "and the ticket is used up"
    );
    let ticket = ada.ticket_for(WIKI).await;
    let answer = house.validate("validate", &ticket, WIKI, &asked).await;
    assert!(answer.starts_with("yes\n"), "no parameter there: {answer}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_at_once_one_gets_the_answer() {
    let (house, ada) = open().await;
    for round in 0..20 {
        let ticket = ada.ticket_for(WIKI).await;
        // One round on the text address alone, one on all, and so on.
        let paths: &[&str] = if round % 4 == 0 { &["validate"] } else { &ALL };
        let asks = (0..50).map(|i| house.validate(paths[i % paths.len()], &ticket, WIKI, &[]));
        let answers = join_all(asks).await;
        assert_eq!(answers.iter().filter(|answer| succeeds(answer)).count(), 1, "round {round}");
        assert!(answers.iter().all(|answer| !answer.contains("INTERNAL_ERROR")), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn right_and_wrong_services_race_for_one_ticket() {
    let (house, ada) = open().await;
    for _ in 0..10 {
        let ticket = ada.ticket_for(WIKI).await;
        let asks =
            (0..20).map(|i| house.validate(XML[i % 4], &ticket, if i % 2 == 0 { WIKI } else { NOTES }, &[]));
        let answers = join_all(asks).await;
        let first = answers.iter().filter(|answer| succeeds(answer) || code(answer) == "INVALID_SERVICE");
        assert_eq!(first.count(), 1, "one attempt decides");
    }
}

#[tokio::test]
async fn tickets_are_as_old_clients_can_take_them() {
    let (house, ada) = open().await;
    let mut seen = BTreeSet::new();
    for _ in 0..60 {
        let ticket = ada.ticket_for(WIKI).await;
        assert!(ticket.starts_with("ST-") && ticket.len() == 32, "{ticket}");
        assert!(ticket.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        assert!(seen.insert(ticket));
    }
    // At each place, 60 tickets use many different characters: nothing stands still.
    for place in 3..32 {
        let distinct: BTreeSet<u8> = seen.iter().map(|ticket| ticket.as_bytes()[place]).collect();
        assert!(distinct.len() > 20, "place {place}");
    }
    drop(house);
    let section =
        "[ticket]\nservice_prefix = \"STX\"\nservice_length = 256\nlogin_prefix = \"L\"\nlength = 100";
    let house = House::with().section(section).start().await;
    let ada = Browser::at(&house);
    assert!(
        ada.get("login").await.form().value("lt").is_some_and(|lt| lt.starts_with("L-") && lt.len() == 100)
    );
    let ticket = ada.signs_in_for(ADA, WIKI).await;
    assert!(ticket.starts_with("STX-") && ticket.len() == 256);
    assert!(succeeds(&house.service_validate(&ticket, WIKI).await));
}

#[tokio::test]
async fn http_1_0_is_answered() {
    let (house, ada) = open().await;
    let ticket = ada.ticket_for(WIKI).await;
    let target = format!("GET /cas/validate?service={WIKI}&ticket={ticket} HTTP/1.0\r\n\r\n");
    let answer = raw::exchange(house.address, target.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.0 200 OK\r\n") && answer.ends_with("\r\n\r\nyes\nada\n"), "{answer}");
}
