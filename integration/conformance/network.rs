//! NET: odd requests. Refused in words or in the form of the address, never a fault of ours.

use super::{ask, body, code, open, stands};
use crate::support::browser::login;
use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House, raw};

/// Every address below the mount path, by what may be asked of it.
const READ: [&str; 9] = [
    "",
    "login",
    "logout",
    "validate",
    "serviceValidate",
    "proxyValidate",
    "p3/serviceValidate",
    "p3/proxyValidate",
    "federate/north.example",
];

fn request(method: &str, path: &str, head: &str) -> String {
    format!("{method} /cas/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n")
}

#[tokio::test]
async fn net_01_head_is_answered_without_a_body_and_changes_nothing() {
    let (house, ada) = open().await;
    let cookie = format!("Cookie: TGC-passerelle={}\r\n", ada.cookie("TGC-passerelle").unwrap());
    let ticket = ada.ticket_for(WIKI).await;
    for path in READ {
        let query = format!("{path}?service={WIKI}&ticket={ticket}");
        let answer = ask(&house, request("HEAD", &query, &cookie).as_bytes()).await;
        assert_eq!((raw::status(&answer), body(&answer)), (200, ""), "{path}");
        assert!(!answer.to_lowercase().contains("set-cookie"), "{path}: {answer}");
    }
    let style = ada.get("login?renew=1").await.body;
    let style = style.split('"').find(|text| text.ends_with(".css")).unwrap().to_owned();
    let head = ada.request(reqwest::Method::HEAD, &style, None).await;
    assert_eq!(
        (head.status, head.body.as_str(), head.header("content-type")),
        (200, "", "text/css; charset=utf-8")
    );
    assert!(house.service_validate(&ticket, WIKI).await.contains("ada"), "nothing was used up or ended");
}

#[tokio::test]
async fn net_02_odd_methods_are_refused() {
    let house = House::start().await;
    let ours =
        ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "CONNECT", "get", "Get", "FOO", "G-T", "M-SEARCH"];
    for method in ours {
        for path in READ {
            let answer = ask(&house, request(method, path, "").as_bytes()).await;
            let status = raw::status(&answer);
            assert!((400..500).contains(&status) || status == 501, "{method} {path}: {answer}");
        }
    }
    let long = "X".repeat(5000);
    for bad in [long.as_str(), "G ET", "GET\t", "", "\0", "G\u{e9}T", "GET /cas/login HTTP/1.1\r\n\r\nGET"] {
        ask(&house, request(bad, "login", "").as_bytes()).await;
    }
    for line in [
        "GET",
        "GET /cas/login",
        "GET /cas/login HTTP/3.0",
        "GET /cas/login HTTP/1.1 x",
        "GET  /cas/login  HTTP/1.1",
    ] {
        let answer = ask(&house, format!("{line}\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).await;
        assert!(!answer.contains("200 OK"), "{line}: {answer}");
    }
    stands(&house).await;
}

#[tokio::test]
async fn net_03_options_is_harmless() {
    let (house, ada) = open().await;
    let cookie = format!("Cookie: TGC-passerelle={}\r\n", ada.cookie("TGC-passerelle").unwrap());
    let ticket = ada.ticket_for(WIKI).await;
    for path in READ {
        let asked =
            format!("{cookie}Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n");
        let query = format!("{path}?service={WIKI}&ticket={ticket}");
        let answer = ask(&house, request("OPTIONS", &query, &asked).as_bytes()).await.to_lowercase();
        assert!(!answer.contains("access-control-") && !answer.contains("set-cookie"), "{path}: {answer}");
    }
    ask(&house, b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(house.service_validate(&ticket, WIKI).await.contains("ada"));
}

#[tokio::test]
async fn net_04_huge_tickets_are_refused() {
    let (house, ada) = open().await;
    let ticket = ada.ticket_for(WIKI).await;
    for size in [257, 4096, 20_000, 50_000] {
        let huge = format!("{ticket}{}", "x".repeat(size));
        for path in super::XML {
            let answer = house.validate(path, &huge, WIKI, &[]).await;
            assert_eq!(code(&answer), "INVALID_TICKET", "{size}");
            assert!(answer.len() < 400, "none of it comes back: {answer}");
        }
        assert_eq!(house.validate("validate", &huge, WIKI, &[]).await, "no\n");
        let form = [("service", WIKI), ("ticket", huge.as_str())];
        let posted = house.http.post(house.at("validate")).form(&form).send().await.unwrap();
        assert_eq!(posted.status(), 200);
    }
    assert!(house.service_validate(&ticket, WIKI).await.contains("ada"), "the right one was not touched");
}

#[tokio::test]
async fn net_05_huge_services_are_refused() {
    let (house, ada) = open().await;
    for size in [4100, 20_000, 50_000] {
        let huge = format!("{WIKI}{}", "x".repeat(size));
        for more in ["", "gateway=true", "renew=true", "provider=local"] {
            let page = ada.get(&login(&huge, more)).await;
            assert_eq!((page.status, page.code().as_str()), (400, "service.malformed"), "{size} {more}");
            assert!(page.body.len() < 20_000);
        }
        assert_eq!(ada.twin().get(&login(&huge, "").replace("login", "logout")).await.location(), "");
        ada.signs_in(ADA).await;
        let ticket = ada.ticket_for(WIKI).await;
        let answer = house.service_validate(&ticket, &huge).await;
        assert!(code(&answer) == "INVALID_SERVICE" && answer.len() < 1000, "{} bytes", answer.len());
    }
}

#[tokio::test]
async fn net_06_a_service_of_1800_characters_works() {
    let (house, ada) = open().await;
    for (front, filler) in [("", "x"), ("?a=", "%2F"), ("a/b?q=", "&y=1"), ("", "a/")] {
        let mut service = format!("{WIKI}{front}");
        while service.len() + filler.len() <= 1800 {
            service.push_str(filler);
        }
        let exit = ada.visits(&service).await;
        assert!(exit.location().starts_with(&service));
        assert!(house.service_validate(&exit.ticket(), &service).await.contains("<cas:user>ada<"));
    }
}

/// What an escape can hold that is no text, or not the text that it looks like.
const ODD: [&str; 12] = [
    "%",
    "%%",
    "%2",
    "%zz",
    "%u0041",
    "%00",
    "%FF",
    "%C0%AF",
    "%ED%A0%80",
    "%F4%90%80%80",
    "%0d%0a",
    "a%00b%",
];

#[tokio::test]
async fn net_08_broken_escapes_bad_utf_8_and_nul_are_no_fault_of_ours() {
    let (house, ada) = open().await;
    let cookie = format!("Cookie: TGC-passerelle={}\r\n", ada.cookie("TGC-passerelle").unwrap());
    for path in READ {
        for odd in ODD {
            for query in [
                format!("service={odd}"),
                format!("service=https://wiki.example/{odd}&ticket={odd}"),
                format!(
                    "service={WIKI}&ticket=ST-1{odd}&renew={odd}&gateway={odd}&lang={odd}&provider={odd}"
                ),
                format!("{odd}={odd}&{odd}"),
                format!("h={odd}&ticket={odd}&q={odd}&hint={odd}"),
            ] {
                let answer =
                    ask(&house, request("GET", &format!("{path}?{query}"), &cookie).as_bytes()).await;
                assert!(raw::status(&answer) > 0, "{path}?{query}");
                if path == "validate" {
                    assert_eq!(body(&answer), "no\n", "{query}");
                } else if path.ends_with("Validate") {
                    assert!(!code(&answer).is_empty(), "{path}?{query}: {answer}");
                }
            }
        }
    }
    for path in [
        "",
        "%",
        "%zz",
        "%00",
        "%ff",
        "login%",
        "login%2f",
        "..%2flogin",
        "static/%",
        "static/%ff",
        "federate/%",
        "federate/%ff",
        "federate/%00",
        "p3/%2e%2e/login",
    ] {
        ask(&house, request("GET", path, &cookie).as_bytes()).await;
        ask(&house, request("POST", path, "Content-Length: 0\r\n").as_bytes()).await;
    }
    stands(&house).await;
}

#[tokio::test]
async fn net_09_odd_bytes_as_credentials_sign_nobody_in() {
    let house = House::start().await;
    let guest = Browser::at(&house);
    for odd in ODD {
        let lt = guest.visits(WIKI).await.form().value("lt").unwrap().to_owned();
        for fields in [
            format!("username={odd}&password={odd}"),
            format!("username=ada&password=Engine%2C+analytical%3A+1843{odd}"),
        ] {
            let page = guest
                .request(reqwest::Method::POST, "login", Some(format!("lt={lt}&service={WIKI}&{fields}")))
                .await;
            assert!([200, 400, 401].contains(&page.status), "{fields}: {}", page.status);
            assert_eq!((guest.cookie("TGC-passerelle"), page.maybe_ticket()), (None, None), "{fields}");
        }
    }
    assert_eq!(house.count("session").await, 0);
}

#[tokio::test]
async fn net_10_of_two_services_neither_the_unregistered_nor_the_last_is_gone_to() {
    let (house, ada) = open().await;
    for (one, other) in [(WIKI, "https://evil.example/"), ("https://evil.example/", WIKI), (WIKI, WIKI)] {
        for path in ["login", "logout"] {
            for more in ["", "&gateway=1", "&renew=1"] {
                let page = ada.get(&format!("{path}?service={one}&service={other}{more}")).await;
                assert_eq!(
                    (page.status, page.location(), page.code().as_str()),
                    (400, "", "request.malformed")
                );
            }
        }
    }
    // Once in the address and once in the form: the form is what the person saw.
    let guest = Browser::at(&house);
    let form = guest.visits(WIKI).await.form().fill("username", ADA.0).fill("password", ADA.1);
    let fields: Vec<_> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let typed = guest.post("login?service=https%3A%2F%2Fevil.example%2F", &fields).await;
    assert!(!typed.location().contains("evil"), "{}", typed.location());
}

#[tokio::test]
async fn net_11_a_repeated_ticket_is_an_invalid_request_and_uses_none_up() {
    let (house, ada) = open().await;
    let ticket = ada.ticket_for(WIKI).await;
    for path in super::XML {
        for second in [ticket.as_str(), "ST-1", ""] {
            for query in
                [format!("ticket={ticket}&ticket={second}"), format!("ticket={second}&ticket={ticket}")]
            {
                let answer = house.text(&format!("{path}?service={WIKI}&{query}")).await;
                assert_eq!(code(&answer), "INVALID_REQUEST", "{query}");
            }
        }
        // Half in the address, half in the form: it is given twice all the same.
        let post = house.http.post(house.at(&format!("{path}?ticket={ticket}")));
        let post = post.form(&[("service", WIKI), ("ticket", &ticket)]).send().await.unwrap();
        assert_eq!(code(&crate::support::house::read(post).await), "INVALID_REQUEST");
    }
    assert!(house.service_validate(&ticket, WIKI).await.contains("ada"));
}

#[tokio::test]
async fn net_13_odd_bodies_are_refused_in_the_form_of_the_address() {
    let house = House::start().await;
    let bomb = format!(
        "<!DOCTYPE a [{}]><a>&x9;</a>",
        (1..10).map(|i| format!("<!ENTITY x{i} \"&x{};&x{};\">", i - 1, i - 1)).collect::<String>()
    );
    let deep = "<a>".repeat(10_000);
    let lists = "[".repeat(60_000);
    let bodies = [
        ("application/json", "{\"service\":\"x\",\"ticket\":\"y\"}"),
        ("application/json", lists.as_str()),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"ticket\"\r\n\r\nST-1\r\n--x--",
        ),
        ("text/xml", bomb.as_str()),
        ("text/xml", deep.as_str()),
        ("application/x-www-form-urlencoded", "&&&===&=&%&;&\0=\0"),
        ("application/x-www-form-urlencoded; charset=utf-16", "s\0e\0r\0v\0i\0c\0e\0=\0x\0"),
        ("", "\u{feff}service=x"),
        ("x", ""),
    ];
    for path in READ {
        for (kind, text) in &bodies {
            let head = format!("Content-Type: {kind}\r\nContent-Length: {}\r\n", text.len());
            let answer = ask(&house, format!("{}{text}", request("POST", path, &head)).as_bytes()).await;
            match path {
                "validate" => assert_eq!(body(&answer), "no\n", "{kind}"),
                path if path.ends_with("Validate") => assert_eq!(code(&answer), "INVALID_REQUEST", "{kind}"),
                _ => assert!((200..500).contains(&raw::status(&answer)), "{path} {kind}: {answer}"),
            }
        }
    }
    for encoding in ["gzip", "br", "x"] {
        let head = format!("Content-Encoding: {encoding}\r\nContent-Length: 4\r\n");
        for path in ["login", "validate", "serviceValidate"] {
            ask(&house, format!("{}\x1f\x0b\x08\0", request("POST", path, &head)).as_bytes()).await;
        }
    }
    stands(&house).await;
}

#[tokio::test]
async fn net_16_links_and_forms_know_our_public_address_only() {
    let house = House::with().public("https://login.example/cas").start().await;
    let said = "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher\r\nForwarded: host=evil.example;proto=gopher\r\n\
        X-Original-URL: /evil\r\nX-Forwarded-Port: 666\r\nX-Forwarded-Server: evil.example\r\n";
    for host in [
        "evil.example",
        "evil.example:666",
        "",
        "login.example@evil.example",
        "evil.example\"><script>",
        "x y",
    ] {
        for path in [
            "",
            "login",
            "login?provider=local",
            "logout",
            "nowhere",
            "login?service=https://wiki.example/&gateway=1",
            "login?service=x",
        ] {
            let request =
                format!("GET /cas/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{said}\r\n");
            let answer = ask(&house, request.as_bytes()).await;
            for theirs in ["evil.example", "/evil", "gopher", ":666"] {
                assert!(!answer.contains(theirs), "{host} {path}: {answer}");
            }
        }
    }
    let absolute =
        "GET https://evil.example/cas/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    let answer = ask(&house, absolute.as_bytes()).await.to_lowercase();
    assert!(answer.contains("location: https://login.example/cas/login\r\n"), "{answer}");
}

#[tokio::test]
async fn net_18_every_answer_forbids_guessing_its_type() {
    let (house, ada) = open().await;
    let cookie = format!("Cookie: TGC-passerelle={}\r\n", ada.cookie("TGC-passerelle").unwrap());
    let css = ada.get("login").await.body.split('"').find(|text| text.ends_with(".css")).unwrap().to_owned();
    let css = css.strip_prefix("/cas/").unwrap().to_owned();
    let also = [
        css.as_str(),
        "static/none.css",
        "nowhere",
        "static/%ff",
        "%ff",
        "login?service=x",
        "login?service=https://wiki.example/",
    ];
    for method in ["GET", "HEAD", "POST", "PUT", "OPTIONS"] {
        for path in READ.iter().chain(&also).filter(|path| **path != "logout") {
            let answer = ask(&house, request(method, path, &cookie).as_bytes()).await.to_lowercase();
            assert!(answer.contains("\r\nx-content-type-options: nosniff\r\n"), "{method} {path}: {answer}");
        }
    }
}

#[tokio::test]
async fn net_22_http_1_0_works_without_a_host() {
    let (house, ada) = open().await;
    let cookie = ada.cookie("TGC-passerelle").unwrap();
    let visit = format!("GET /cas/login?service={WIKI} HTTP/1.0\r\nCookie: TGC-passerelle={cookie}\r\n\r\n");
    let answer = ask(&house, visit.as_bytes()).await;
    let ticket = answer.split_once("ticket=").and_then(|(_, rest)| rest.split("\r\n").next()).expect(&answer);
    let check = format!("GET /cas/serviceValidate?service={WIKI}&ticket={ticket} HTTP/1.0\r\n\r\n");
    let answer = ask(&house, check.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.0 200") && answer.contains("<cas:user>ada<"), "{answer}");
    let form = format!("lt=x&username=ada&service={WIKI}");
    let post = format!("POST /cas/login HTTP/1.0\r\nContent-Length: {}\r\n\r\n{form}", form.len());
    assert!(ask(&house, post.as_bytes()).await.starts_with("HTTP/1.0 200"));
}

#[tokio::test]
async fn net_23_no_header_tells_the_software_or_its_version() {
    let house = House::start().await;
    for path in READ.iter().chain(&["nowhere", "static/none.css"]) {
        let answer = ask(&house, request("GET", path, "").as_bytes()).await.to_lowercase();
        let (head, _) = answer.split_once("\r\n\r\n").unwrap();
        for name in ["\nserver:", "\nx-powered-by:", "\nvia:", env!("CARGO_PKG_VERSION"), "hyper", "axum"] {
            assert!(!head.contains(name), "{path}: {head}");
        }
    }
    let broken = ask(&house, b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03").await.to_lowercase();
    assert!(!broken.contains("server:"), "{broken}");
}
