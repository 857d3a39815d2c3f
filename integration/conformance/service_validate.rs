//! VAL and SV: what a service hears of a ticket (CAS 3.0 §2.4 to §2.9).

use super::{XML, code, open, succeeds};
use crate::support::house::{ADA, BROOK, WIKI, read};
use crate::support::journey::values;
use crate::support::{Browser, House};

#[tokio::test]
async fn val_02_a_failure_is_no_and_nothing_else() {
    let (house, ada) = open().await;
    let used = ada.ticket_for(WIKI).await;
    assert_eq!(house.validate("validate", &used, WIKI, &[]).await.as_bytes(), b"yes\nada\n");
    for (ticket, service) in [(used.as_str(), WIKI), ("ST-1", WIKI), ("", WIKI), ("ST-1", ""), ("x", "y")] {
        assert_eq!(house.validate("validate", ticket, service, &[]).await.as_bytes(), b"no\n");
    }
}

#[tokio::test]
async fn val_10_sv_14_failures_have_the_status_of_successes() {
    let (house, ada) = open().await;
    let used = ada.ticket_for(WIKI).await;
    house.service_validate(&used, WIKI).await;
    for path in ["validate", "serviceValidate", "proxyValidate", "p3/serviceValidate", "p3/proxyValidate"] {
        for query in [
            String::new(),
            "ticket=ST-1".to_owned(),
            "service=x&ticket=ST-1".to_owned(),
            format!("service={WIKI}&ticket={used}"),
            format!("service={WIKI}&ticket={}&pgtUrl=x", ada.ticket_for(WIKI).await),
            "service=%FF&ticket=%00".to_owned(),
            "service=a&service=b&ticket=c".to_owned(),
        ] {
            let answer = house.http.get(house.at(&format!("{path}?{query}"))).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{path}?{query}");
        }
    }
}

#[tokio::test]
async fn sv_04_a_sentence_goes_with_the_code() {
    let (house, ada) = open().await;
    let used = ada.ticket_for(WIKI).await;
    house.service_validate(&used, WIKI).await;
    let other = ada.ticket_for(WIKI).await;
    for (ticket, service, expected) in [
        ("", WIKI, "INVALID_REQUEST"),
        ("ST-1", WIKI, "INVALID_TICKET"),
        (&used, WIKI, "INVALID_TICKET"),
        (&other, "https://notes.example/", "INVALID_SERVICE"),
    ] {
        let answer = house.service_validate(ticket, service).await;
        assert_eq!(code(&answer), expected);
        let words = answer.split_once("\">").and_then(|(_, rest)| rest.split_once("\">"));
        let words = words.and_then(|(_, rest)| rest.split('<').next()).unwrap_or_default();
        assert!(words.split_whitespace().count() >= 4, "{answer}");
    }
}

#[tokio::test]
async fn sv_18_names_of_parameters_are_case_sensitive() {
    let (house, ada) = open().await;
    for path in XML {
        let ticket = ada.ticket_for(WIKI).await;
        for query in [
            format!("Service={WIKI}&ticket={ticket}"),
            format!("service={WIKI}&Ticket={ticket}"),
            format!("SERVICE={WIKI}&TICKET={ticket}"),
        ] {
            assert_eq!(code(&house.text(&format!("{path}?{query}")).await), "INVALID_REQUEST", "{query}");
        }
        assert!(succeeds(&house.validate(path, &ticket, WIKI, &[("Service", "x"), ("RENEW", "1")]).await));
    }
}

#[tokio::test]
async fn sv_20_the_p3_addresses_tell_attributes_whatever_the_service_is_set_to() {
    let app = "[[service]]\nname = \"App\"\nurl = \"https://app.example/**\"\nattributes_on_v2 = false\n\
        [service.release]\nmail = \"mail\"\n";
    let house = House::with().service(app).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    for path in ["p3/serviceValidate", "p3/proxyValidate"] {
        let ticket = ada.ticket_for("https://app.example/").await;
        let answer = house.validate(path, &ticket, "https://app.example/", &[]).await;
        assert_eq!(values(&answer, "mail"), ["ada@home.example", "countess@home.example"], "{path}");
        assert_eq!(answer.matches("<cas:attributes>").count(), 1);
    }
}

#[tokio::test]
async fn sv_22_new_login_is_true_after_the_form_and_false_by_single_sign_on() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let typed = ada.signs_in_for(ADA, WIKI).await;
    for path in XML {
        let ticket = ada.ticket_for(WIKI).await;
        let answer = house.validate(path, &ticket, WIKI, &[]).await;
        assert_eq!(values(&answer, "isFromNewLogin"), ["false"], "{path}");
    }
    let answer = house.p3_service_validate(&typed, WIKI).await;
    assert_eq!(values(&answer, "isFromNewLogin"), ["true"]);
}

#[tokio::test]
async fn sv_27_a_form_is_a_validation_too() {
    let (house, ada) = open().await;
    for path in XML {
        let ticket = ada.ticket_for(WIKI).await;
        let post = house.http.post(house.at(path)).form(&[("service", WIKI), ("ticket", &ticket)]);
        assert!(succeeds(&read(post.send().await.unwrap()).await), "{path}");
        assert!(!succeeds(&house.validate(path, &ticket, WIKI, &[]).await), "one attempt");
    }
}

#[tokio::test]
async fn sv_29_a_ticket_works_after_a_couple_of_seconds() {
    let (house, ada) = open().await;
    for path in XML {
        let ticket = ada.ticket_for(WIKI).await;
        house.clock.advance(5);
        assert!(succeeds(&house.validate(path, &ticket, WIKI, &[]).await), "{path}");
    }
}

#[tokio::test]
async fn sv_30_no_password_and_no_hash_is_told_even_where_all_is_released() {
    let app =
        "[[service]]\nname = \"App\"\nurl = \"https://app.example/**\"\n[service.release]\n\"*\" = \"*\"\n";
    let house = House::with().service(app).start().await;
    for who in [ADA, BROOK] {
        let browser = Browser::at(&house);
        let ticket = browser.signs_in_for(who, "https://app.example/").await;
        let answer = house.p3_service_validate(&ticket, "https://app.example/").await;
        assert!(answer.contains("<cas:displayName>"), "{answer}");
        let cookie = browser.cookie("TGC-passerelle").unwrap();
        for secret in [who.1, "argon2", "$", "password", cookie.as_str(), ticket.as_str()] {
            assert!(!answer.contains(secret), "{secret}: {answer}");
        }
    }
}
