//! ENC: one text, many ways to write it (CAS 3.0 §2.1.1, RFC 3986).

use super::{ask, code, open, succeeds};
use crate::support::browser::login;
use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House, raw};

#[tokio::test]
async fn enc_01_a_service_goes_through_sign_in_and_validation_byte_for_byte() {
    let house = House::start().await;
    for tail in [
        "%20",
        "a%20b/c%2Fd",
        "?q=%E2%82%AC&r=%e2%82%ac",
        "?a=1%262&b=%3D&c=%23&d=%25",
        "?next=https%3A%2F%2Fx.example%2F%3Fa%3D1%26b%3D2",
        "?%61=%62",
        "?a=b+c%2Bd",
        "?x=%252F",
        ";jsession=1?a;b=c",
        "~u/(x)!*',;:@$[]",
        "?a[]=1&a[]=2",
        "?=&&=&",
        "?#",
    ] {
        let service = format!("{WIKI}{tail}");
        let ada = Browser::at(&house);
        let ticket = ada.signs_in_for(ADA, &service).await;
        assert!(house.validate("validate", &ticket, &service, &[]).await.starts_with("yes"), "{service}");
        let (front, fragment) = service.split_once('#').unwrap_or((&service, ""));
        let exit = ada.visits(&service).await;
        assert!(exit.location().starts_with(front), "{} {service}", exit.location());
        assert_eq!(exit.location().ends_with('#'), service.ends_with('#'), "{fragment}");
        assert!(succeeds(&house.p3_service_validate(&exit.ticket(), &service).await), "{service}");
    }
}

#[tokio::test]
async fn enc_02_raw_letters_and_blanks_in_a_service_are_refused() {
    let (house, ada) = open().await;
    let cookie = format!("Cookie: TGC-passerelle={}\r\n", ada.cookie("TGC-passerelle").unwrap());
    for raw_bytes in [
        &b"/cas/login?service=https://wiki.example/\xc3\xa9"[..],
        b"/cas/login?service=https://wiki.example/\xe9",
        b"/cas/login?service=https://wiki.example/a b",
    ] {
        let answer = raw::get(house.address, raw_bytes, &cookie).await;
        let status = raw::status(&answer);
        assert!((400..500).contains(&status) && !answer.contains("ticket=ST"), "{answer}");
    }
    for service in [
        "https://wiki.example/é",
        "https://wiki.example/a b",
        "https://wiki.example/\u{202e}x",
        "https://wiki.example/\u{2028}",
        "https://wiki.example/\u{a0}",
    ] {
        for more in ["", "gateway=1"] {
            let page = ada.get(&login(service, more)).await;
            assert_eq!((page.status, page.location()), (400, ""), "{service}");
        }
    }
}

#[tokio::test]
async fn enc_03_no_other_host_gets_past_the_registry() {
    let (house, ada) = open().await;
    for service in [
        "https://wiki.example.evil.example/",
        "https://wiki.example@evil.example/",
        "https://wiki.example:443@evil.example/",
        "https://wiki.example%40evil.example/",
        "https://wiki.example%2eevil.example/",
        "https://wiki.example\\.evil.example/",
        "https://wiki.example\\@evil.example/",
        "https://evil.example\\/wiki.example/",
        "https://evil.example#@wiki.example/",
        "https://evil.example?@wiki.example/",
        "https://evil.example/@wiki.example/",
        "https://evil.example;wiki.example/",
        "https://evil.example,wiki.example/",
        "https://evil.example&@wiki.example/",
        "https://evil.example\twiki.example/",
        "https://wiki.example\n.evil.example/",
        "https://wiki.example\0.evil.example/",
        "https://wiki.example\u{3002}evil.example/",
        "https://wiki.example\u{ff0f}evil.example/",
        "https://wiki.exam\u{ad}ple/",
        "https://\u{ff57}iki.example/",
        "https://WIK\u{130}.example/",
        "https://wiki.example:80:443/",
        "https://wiki.example:/",
        "https://wiki.example:0443/",
        "https://[wiki.example]/",
        "https://wiki.example./",
        "https://.wiki.example/",
        "https:/\\evil.example/",
        "https:///evil.example/",
        "https:////evil.example/",
        "//evil.example/https://wiki.example/",
        "\\\\evil.example/",
        "https:evil.example",
        " https://evil.example/",
        "ht\ntps://evil.example/",
        "https://xn--wiki-.example/",
    ] {
        for more in ["", "gateway=1", "renew=1", "method=POST", "method=HEADER"] {
            for target in [login(service, more), login(service, more).replacen("login", "logout", 1)] {
                let page = ada.twin().get(&target).await;
                assert_eq!((page.location(), page.maybe_ticket()), ("", None), "{service:?} {more}");
                let all = format!("{:?}", page.headers);
                assert!(!all.contains("evil"), "{service:?}: {all}");
                assert!(
                    !page.body.contains("action=\"https:") && !page.body.contains("href=\"https:"),
                    "{service:?}"
                );
            }
            ada.signs_in(ADA).await;
        }
    }
    assert_eq!(house.count("ticket").await, 0);
}

#[tokio::test]
async fn enc_04_control_characters_never_reach_a_location() {
    let (house, ada) = open().await;
    for sign in (0..=0x20u8).chain([0x7f]) {
        for service in [
            format!("https://wiki.example/{}x", char::from(sign)),
            format!("{}https://wiki.example/", char::from(sign)),
            format!("https://wiki.example/?a={}", char::from(sign)),
        ] {
            for more in ["", "gateway=true"] {
                let page = ada.get(&login(&service, more)).await;
                assert_eq!((page.status, page.location()), (400, ""), "{service:?}");
            }
        }
        // Escaped once more they are letters of the address, and stay so.
        let service = format!("https://wiki.example/%{sign:02x}");
        let exit = ada.visits(&service).await;
        assert!(exit.location().starts_with(&service), "{}", exit.location());
    }
    assert!(house.count("ticket").await > 0);
}

#[tokio::test]
async fn enc_05_plus_and_escaped_blank_are_the_same_in_a_parameter() {
    let house = House::start().await;
    let backend_user = "ada";
    let ada = Browser::at(&house);
    for password in
        ["Engine,+analytical:+1843", "Engine%2C%20analytical%3A%201843", "Engine,+analytical:%201843"]
    {
        let lt = ada.get("login?renew=1").await.form().value("lt").unwrap().to_owned();
        let body = format!("lt={lt}&username={backend_user}&password={password}");
        let typed = ada.request(reqwest::Method::POST, "login", Some(body)).await;
        assert_eq!(typed.status, 303, "{password}");
    }
    // `%2B` is a plus; in the address of a service a plus stays what it is.
    let service = "https://wiki.example/?q=a+b";
    for written in ["https://wiki.example/?q=a%2Bb", "https%3A%2F%2Fwiki.example%2F%3Fq%3Da%2bb"] {
        let ticket = ada.get(&format!("login?service={written}")).await.ticket();
        assert!(succeeds(&house.validate("serviceValidate", &ticket, service, &[]).await), "{written}");
    }
    let ticket = ada.ticket_for(service).await;
    let answer = house.text(&format!("serviceValidate?ticket={ticket}&service={service}")).await;
    assert_eq!(code(&answer), "INVALID_SERVICE", "unescaped, it is a blank: {answer}");
}

#[tokio::test]
async fn enc_06_credentials_beyond_ascii_are_plainly_refused() {
    let house = House::start().await;
    let guest = Browser::at(&house);
    for text in
        ["пользователь", "用户", "\u{1f600}", "a\u{301}da", "ａｄａ", "ada\u{202e}", "\u{feff}ada", "ſtaff"]
    {
        for who in [(text, ADA.1), (ADA.0, text), (text, text)] {
            let page = guest.types(&guest.visits(WIKI).await, who).await;
            assert_eq!((page.status, guest.cookie("TGC-passerelle")), (401, None), "{who:?}");
        }
    }
}

#[tokio::test]
async fn enc_07_a_scheme_in_capitals_is_read_as_any_other() {
    let (house, ada) = open().await;
    for (service, status) in [
        ("HTTPS://wiki.example/", 303),
        ("hTTpS://WiKi.ExAmPlE/", 303),
        ("HTTP://wiki.example/", 403),
        ("HTTP://evil.example/", 403),
        ("HTTPS:/wiki.example/", 400),
        ("JAVASCRIPT:x", 400),
    ] {
        let page = ada.visits(service).await;
        assert_eq!(page.status, status, "{service}");
        if status == 303 {
            assert!(page.location().starts_with(service), "byte for byte: {}", page.location());
            assert!(succeeds(&house.service_validate(&page.ticket(), service).await));
        }
    }
    let line = "GET HTTP://X/cas/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    ask(&house, line.as_bytes()).await;
}

#[tokio::test]
async fn enc_08_white_space_around_a_name_is_refused() {
    let house = House::start().await;
    let guest = Browser::at(&house);
    for name in ["ada ", " ada", "\tada", "ada\n", "ada\u{a0}", "\u{2003}ada", "ada\u{200b}", "a da"] {
        let page = guest.types(&guest.visits(WIKI).await, (name, ADA.1)).await;
        assert_eq!((page.status, guest.cookie("TGC-passerelle")), (401, None), "{name:?}");
    }
}
