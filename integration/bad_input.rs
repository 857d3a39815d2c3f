//! What nobody should send, and somebody does: refused in words, never a fault of ours.

use reqwest::Method;

use crate::support::house::{ADA, WIKI};
use crate::support::{Browser, House, Page, raw};

const NORTH: &str = r#"
[[provider]]
suffix = "north.example"
name = "University of North"
url = "https://cas.north.example/cas"
"#;

const OFF: &str = r#"
[[service]]
name = "Off"
url = "https://off.example/**"
disabled = true
notice = "Back on Monday"
"#;

fn refused(page: &Page, status: u16, code: &str) {
    assert_eq!((page.status, page.code().as_str()), (status, code), "{} {}", page.url, page.text());
    assert_eq!((page.location(), page.asks_password()), ("", false), "{}", page.url);
    assert!(!page.header("cas-reference").is_empty() && page.says(page.header("cas-reference")));
}

fn with_service(path: &str, service: &str, more: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("service", service).finish();
    format!("{path}?{query}{more}")
}

#[tokio::test]
async fn services_that_are_not_ours_are_refused_before_anything_is_asked() {
    let house = House::with().provider(NORTH).service(OFF).start().await;
    let (guest, ada) = (Browser::at(&house), Browser::at(&house));
    ada.signs_in(ADA).await;
    let long = format!("https://wiki.example/{}", "x".repeat(5000));
    for (service, status, code) in [
        ("https://evil.example/", 403, "service.not_registered"),
        ("https://wiki.example.evil.example/", 403, "service.not_registered"),
        ("https://evilwiki.example/", 403, "service.not_registered"),
        ("https://evil.example/https://wiki.example/", 403, "service.not_registered"),
        ("https://evil.example/?https://wiki.example/", 403, "service.not_registered"),
        ("https://evil.example#https://wiki.example/", 403, "service.not_registered"),
        ("https://wiki.example:444/", 403, "service.not_registered"),
        ("https://wiki.example./", 400, "service.malformed"),
        ("http://wiki.example/", 403, "service.not_https"),
        ("https://off.example/", 403, "service.disabled"),
        ("https://wiki.example@evil.example/", 400, "service.malformed"),
        ("https://ada:secret@wiki.example/", 400, "service.malformed"),
        ("https://wiki.example\\@evil.example/", 400, "service.malformed"),
        ("https:\\\\evil.example/", 400, "service.malformed"),
        ("//evil.example/", 400, "service.malformed"),
        ("https:/wiki.example/", 400, "service.malformed"),
        ("https:wiki.example", 400, "service.malformed"),
        ("javascript:alert(1)", 400, "service.malformed"),
        ("javascript://wiki.example/%0aalert(1)", 400, "service.malformed"),
        ("data:text/html,<script>alert(1)</script>", 400, "service.malformed"),
        ("ftp://wiki.example/", 400, "service.malformed"),
        ("wiki.example", 400, "service.malformed"),
        ("/login", 400, "service.malformed"),
        (" https://wiki.example/", 400, "service.malformed"),
        ("https://wiki.example/ x", 400, "service.malformed"),
        ("https://wiki.example/\r\nSet-Cookie: x=1", 400, "service.malformed"),
        ("https://wiki.example/\0", 400, "service.malformed"),
        ("https://wiki.example/é", 400, "service.malformed"),
        ("https://wiki.example/<script>", 400, "service.malformed"),
        ("https://w%69ki.example/", 400, "service.malformed"),
        ("https://wıki.example/", 400, "service.malformed"),
        ("https://wiki。example/", 400, "service.malformed"),
        ("https://0x7f.1/", 400, "service.malformed"),
        ("https://wiki.example:99999/", 400, "service.malformed"),
        (&long, 400, "service.malformed"),
    ] {
        for browser in [&guest, &ada] {
            for more in
                ["", "&gateway=true", "&renew=true", "&provider=local", "&provider=north.example", "&warn=1"]
            {
                let page = browser.get(&with_service("login", service, more)).await;
                refused(&page, status, code);
                assert!(
                    !page.body.contains("href=\"http") && !page.body.contains("<script>alert"),
                    "{service}"
                );
                assert_eq!(page.header("set-cookie"), "");
            }
            refused(&browser.get(&with_service("federate/north.example", service, "")).await, status, code);
        }
    }
    assert_eq!((house.count("ticket").await, house.count("handoff").await), (0, 0));
    assert!(ada.get(&with_service("login", "https://off.example/", "")).await.says("Back on Monday"));
}

#[tokio::test]
async fn an_address_that_is_refused_is_shown_by_its_host_alone() {
    let house = House::start().await;
    let guest = Browser::at(&house);
    let page = guest.get(&with_service("login", "https://evil.example/path?token=secret", "")).await;
    assert!(page.says("evil.example") && !page.body.contains("secret") && !page.body.contains("/path"));
    assert!(!house.logs().contains("token=secret"));
}

#[tokio::test]
async fn what_is_given_twice_is_malformed() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    for query in [
        "service=https://wiki.example/&service=https://evil.example/",
        "service=https://wiki.example/&service=https://wiki.example/",
        "service=https://wiki.example/&renew=true&renew=false",
        "service=https://wiki.example/&gateway=1&gateway=1",
        "service=https://wiki.example/&method=GET&method=POST",
        "service=&service=https://wiki.example/",
        "provider=local&provider=x",
    ] {
        refused(&ada.get(&format!("login?{query}")).await, 400, "request.malformed");
    }
    let form = Browser::at(&house);
    let lt = form.get("login").await.form().value("lt").unwrap().to_owned();
    let posted = [("lt", lt.as_str()), ("username", "ada"), ("password", "x"), ("username", "brook")];
    refused(&form.post("login", &posted).await, 400, "request.malformed");
    assert!(ada.get("login?x=1&x=2&lang=en").await.says("Ada King"), "what nobody reads may be there twice");
}

#[tokio::test]
async fn bytes_that_are_no_text() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let service = "service=https%3A%2F%2Fwiki.example%2F";
    for query in ["service=%FF", "service=%C3%28", "%FF=1", "service=%ED%A0%80", "q=%FE&service=x"] {
        for path in ["login", "logout", "federate/north.example"] {
            refused(&ada.get(&format!("{path}?{query}")).await, 400, "request.malformed");
        }
    }
    assert!(ada.get(&format!("login?{service}&x=%zz&y=%&z=%0")).await.maybe_ticket().is_some());
    for target in [
        &b"/cas/login?service=\xff\xfe"[..],
        b"/cas/\xff",
        b"/cas/login?\0",
        b"/cas/login?a b",
        b"\\evil",
        b"http://evil.example/cas/login",
    ] {
        let answer = raw::get(house.address, target, "").await;
        assert!((200..500).contains(&raw::status(&answer)), "{target:?}: {answer}");
        assert!(!answer.contains("evil.example"), "{answer}");
    }
}

#[tokio::test]
async fn too_much_is_refused() {
    let house = House::start().await;
    let guest = Browser::at(&house);
    let many = |count: usize| "a=1&".repeat(count);
    refused(&guest.get(&format!("login?{}", many(5000))).await, 400, "request.malformed");
    assert!(guest.get(&format!("login?{}", many(1000))).await.asks_password());
    assert!(house.text(&format!("serviceValidate?{}", many(5000))).await.contains("INVALID_REQUEST"));
    let big = "x".repeat(6 << 20);
    for (path, status) in [("login", 413), ("preferences", 413), ("serviceValidate", 200), ("validate", 200)]
    {
        let head = format!(
            "POST /cas/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            big.len()
        );
        let answer = raw::exchange(house.address, format!("{head}{big}").as_bytes()).await;
        // Who answers before reading all may cut the sender off.
        assert!([status, 0].contains(&raw::status(&answer)), "{path}: {answer}");
        let small = guest.request(Method::POST, path, Some("x".repeat(70 << 10))).await;
        assert_eq!(small.status, status, "{path}");
        match path {
            "login" | "preferences" => refused(&small, 413, "request.too_large"),
            "validate" => assert_eq!(small.body, "no\n"),
            _ => assert!(small.body.contains("INVALID_REQUEST")),
        }
    }
    let line = format!("/cas/login?x={}", "y".repeat(200 << 10));
    assert!((400..500).contains(&raw::status(&raw::get(house.address, line.as_bytes(), "").await)));
    let header = format!("X-Long: {}\r\n", "y".repeat(200 << 10));
    assert!((400..500).contains(&raw::status(&raw::get(house.address, b"/cas/login", &header).await)));
    assert!(guest.get("login").await.asks_password(), "and the house stands");
}

#[tokio::test]
async fn methods_that_an_address_does_not_know() {
    let house = House::start().await;
    let guest = Browser::at(&house);
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"] {
        for path in ["login", "logout", "federate/x", "preferences", "serviceValidate", "", "static/x"] {
            let page = guest.request(Method::from_bytes(method.as_bytes()).unwrap(), path, None).await;
            refused(&page, 405, "request.method");
        }
    }
    refused(&guest.get("preferences").await, 405, "request.method");
    refused(&guest.post("federate/north.example/x", &[]).await, 404, "not_found");
    for path in ["login", "logout", "", "serviceValidate", "validate", "federate/x"] {
        let page = guest.request(Method::HEAD, path, None).await;
        assert_eq!((page.status, page.body.as_str(), page.header("set-cookie")), (200, "", ""), "{path}");
    }
}

#[tokio::test]
async fn paths_that_do_not_exist() {
    let house = House::start().await;
    let guest = Browser::at(&house);
    for path in [
        "x",
        "/",
        "/x",
        "/caslogin",
        "/CAS/login",
        "Login",
        "login/x",
        "p3/validate",
        "p3",
        "federate/north.example/x",
        "static/",
        "static/../login",
        "static/%2e%2e%2fpasserelle.toml",
        "static/..%2f..%2fetc%2fpasswd",
        ".git/config",
        "%00",
        "login%00",
        "admin/",
    ] {
        let page = guest.get(path).await;
        assert!([404, 200].contains(&page.status), "{path}: {}", page.status);
        match page.status {
            // Nobody reads what a style sheet says that is not there.
            404 if path.starts_with("static/") => assert!(page.body.is_empty() || page.code() == "not_found"),
            404 => refused(&page, 404, "not_found"),
            _ => assert_eq!(path, "static/../login", "a browser resolves this one itself"),
        }
    }
    let answer = raw::get(house.address, b"/cas/static/../login", "").await;
    assert_eq!(raw::status(&answer), 404);
    refused(&guest.get("federate/unknown.example").await, 404, "provider.unknown");
    refused(&guest.get("login?provider=unknown.example").await, 404, "provider.unknown");
    refused(&guest.get("federate/%3Cscript%3E").await, 404, "provider.unknown");
}

#[tokio::test]
async fn cookies_that_are_garbage_are_nobody() {
    let house = House::start().await;
    let many = "x=y; ".repeat(2000);
    let long = format!("TGC-passerelle=TGT-{}", "x".repeat(20_000));
    for cookie in [
        "TGC-passerelle=",
        "TGC-passerelle",
        "=",
        ";;;;",
        "TGC-passerelle=\"TGT-1\"",
        "TGC-passerelle=TGT-%00",
        "TGC-passerelle=<script>",
        "cas_browser=x-y; TGC-passerelle=ST-1",
        "cas_recent=~~~local~<x>",
        many.as_str(),
        long.as_str(),
        "TGC-passerelle=' OR 1=1 --",
    ] {
        let answer = raw::get(
            house.address,
            b"/cas/login?service=https://wiki.example/",
            &format!("Cookie: {cookie}\r\n"),
        )
        .await;
        assert!(raw::status(&answer) == 200 && answer.contains("name=\"password\""), "{cookie}: {answer}");
        assert!(!answer.contains("<script>"));
    }
    let mut bytes =
        b"GET /cas/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: TGC-passerelle=\xff\xfe\r\n\r\n"
            .to_vec();
    assert_eq!(raw::status(&raw::exchange(house.address, &bytes).await), 200);
    bytes = b"GET /cas/login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUser-Agent: \xff\r\nAccept-Language: \xff;q=x,,\r\n\r\n".to_vec();
    assert_eq!(raw::status(&raw::exchange(house.address, &bytes).await), 200);
}

#[tokio::test]
async fn the_host_of_a_request_reaches_nothing() {
    let house = House::with().provider(NORTH).start().await;
    let headers = "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nForwarded: host=evil.example\r\n\
        X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Prefix: /evil\r\nX-Original-URL: /evil\r\nX-Rewrite-URL: /evil\r\n";
    for target in [
        "/cas",
        "/cas/",
        "/cas/login",
        "/cas/login?provider=local",
        "/cas/logout",
        "/cas/federate/north.example",
        "/cas/login?service=https://wiki.example/&gateway=1",
        "/cas/login?service=https://x.example/",
        "/cas/nowhere",
        "/cas/serviceValidate",
        "/evil",
    ] {
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n{headers}\r\n");
        let answer = raw::exchange(house.address, request.as_bytes()).await;
        assert!(raw::status(&answer) > 0 && !answer.contains("evil"), "{target}: {answer}");
    }
    // HTTP/1.0 has none at all.
    let answer = raw::exchange(house.address, b"GET /cas/ HTTP/1.0\r\n\r\n").await;
    assert!(answer.to_lowercase().contains(&format!("location: {}", house.at("login"))), "{answer}");
    assert!(!house.logs().contains("192.0.2.1"), "nobody is believed who is no proxy of ours");
}

#[tokio::test]
async fn odd_bodies_of_the_form() {
    let house = House::start().await;
    let guest = Browser::at(&house);
    guest.get("login").await;
    for (kind, body) in [
        ("application/json", "{\"username\":\"ada\",\"password\":\"x\"}"),
        (
            "multipart/form-data; boundary=x",
            "--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\nada\r\n--x--",
        ),
        (
            "text/xml",
            "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><x>&a;</x>",
        ),
        ("application/x-www-form-urlencoded", "&&&===&=&%"),
        ("", ""),
    ] {
        let page =
            guest.sending("content-type", kind).request(Method::POST, "login", Some(body.to_owned())).await;
        assert!(page.status == 200 && page.says("This page was open too long"), "{kind}: {}", page.text());
    }
    refused(
        &guest.request(Method::POST, "login", Some("username=%FF".to_owned())).await,
        400,
        "request.malformed",
    );
}

#[tokio::test]
async fn requests_that_never_end_block_nobody() {
    use tokio::io::AsyncWriteExt;
    let house = House::start().await;
    let mut open = Vec::new();
    for i in 0..40 {
        let mut stream = tokio::net::TcpStream::connect(house.address).await.unwrap();
        let half: &[u8] = if i % 2 == 0 {
            b"GET /cas/login HT"
        } else {
            b"POST /cas/login HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nlt"
        };
        stream.write_all(half).await.unwrap();
        open.push(stream);
    }
    assert!(Browser::at(&house).visits(WIKI).await.asks_password());
}

#[tokio::test]
async fn requests_in_one_piece_are_told_apart() {
    let house = House::start().await;
    let get = "GET /cas/validate HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = "GET /cas/validate HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = raw::exchange(house.address, format!("{get}{get}{last}").as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 3);
    for head in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -1\r\n",
        "Transfer-Encoding: x\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Content-Length : 5\r\n",
    ] {
        let request = format!("POST /cas/validate HTTP/1.1\r\nHost: x\r\n{head}\r\nhello{last}");
        let answer = raw::exchange(house.address, request.as_bytes()).await;
        assert_eq!((raw::status(&answer), answer.matches("HTTP/1.1 ").count()), (400, 1), "{head}: {answer}");
    }
}
