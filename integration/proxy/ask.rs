//! `/proxy`.

use reqwest::Method;

use crate::conformance::schema::flaw;
use crate::support::house::{ADA, BROOK, NOTES, WIKI, read};
use crate::support::journey::{user, values};
use crate::support::{Browser, House};

use super::{MAIL, Scene, code, succeeds};

#[tokio::test]
async fn px_01_px_11_px_14_a_proxy_ticket() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    let answer = scene.asks(&pgt, MAIL).await;
    let ticket = values(&answer, "proxyTicket").pop().unwrap();
    assert!(ticket.starts_with("PT-") && ticket.len() == 32, "{ticket}");
    insta::assert_snapshot!(answer.replace(&ticket, "PT-1"), @r#"
    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
      <cas:proxySuccess>
        <cas:proxyTicket>PT-1</cas:proxyTicket>
      </cas:proxySuccess>
    </cas:serviceResponse>
    "#);
    let page = scene.ada.get(&format!("proxy?pgt={pgt}&targetService=https://mail.example/")).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/xml; charset=utf-8"));
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("set-cookie"), "");
}

#[tokio::test]
async fn px_02_px_10_px_12_what_is_missing_is_an_invalid_request() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    let target = "targetService=https://mail.example/";
    for query in [
        String::new(),
        format!("pgt={pgt}"),
        target.to_owned(),
        format!("pgt=&{target}"),
        format!("pgt={pgt}&targetService="),
        format!("PGT={pgt}&{target}"),
        format!("pgt={pgt}&targetservice=https://mail.example/"),
        format!("pgt={pgt}&TargetService=https://mail.example/"),
        format!("pgt={pgt}&pgt={pgt}&{target}"),
        format!("pgt={pgt}&{target}&{target}"),
        format!("pgt={pgt}&targetService=%FF"),
    ] {
        let answer = scene.house.text(&format!("proxy?{query}")).await;
        assert_eq!(code(&answer), "INVALID_REQUEST", "{query}");
        assert!(answer.contains("<cas:proxyFailure code="), "{answer}");
        assert!(!answer.contains(&pgt));
    }
    insta::assert_snapshot!(scene.house.text("proxy").await, @r#"
    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
      <cas:proxyFailure code="INVALID_REQUEST">pgt and targetService are required</cas:proxyFailure>
    </cas:serviceResponse>
    "#);
}

#[tokio::test]
async fn px_03_an_unknown_ticket_is_an_invalid_one_whatever_the_target() {
    let scene = Scene::open().await;
    let long = format!("PGT-{}", "x".repeat(20_000));
    for pgt in ["PGT-1", "x", "PGT-<b>", "PGT-\0", "PGT-\u{e9}", long.as_str()] {
        for target in [MAIL, "https://unknown.example/", "junk"] {
            let answer = scene.asks(pgt, target).await;
            assert_eq!(code(&answer), "INVALID_TICKET", "{answer}");
            assert!(answer.contains("<cas:proxyFailure ") && answer.len() < 400, "{answer}");
        }
    }
}

#[tokio::test]
async fn px_04_px_05_a_target_without_the_right_is_an_unauthorised_service() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    for target in [
        "https://unknown.example/",
        "http://mail.example/",
        "https://mail.example@evil.example/",
        "https://mail.example.evil.example/",
        "javascript:alert(1)",
        "junk",
        WIKI,
        NOTES,
        &scene.portal.url,
    ] {
        let answer = scene.asks(&pgt, target).await;
        assert_eq!(code(&answer), "UNAUTHORIZED_SERVICE", "{target}");
        assert!(answer.contains("<cas:proxyFailure code="), "{answer}");
    }
    scene.pt(&pgt, MAIL).await;
    let answer = scene.asks(&pgt, NOTES).await;
    let (_, reference) = answer.split_once("reference ").unwrap();
    let logs = scene.house.logs();
    let told = ["event=\"proxy.refused\"", "holder=\"Portal\"", "UNAUTHORIZED_SERVICE", &reference[..9]];
    assert!(logs.lines().any(|line| told.iter().all(|words| line.contains(words))));
}

#[tokio::test]
async fn a_service_may_be_held_to_certain_targets() {
    let list = "[[service]]\nname = \"List\"\nurl = \"https://list.example/**\"\nproxy = true";
    let scene = Scene::with(House::with().service(list), "proxy_targets = [\"List\"]", &[]).await;
    let pgt = scene.pgt().await;
    scene.pt(&pgt, "https://list.example/").await;
    assert_eq!(code(&scene.asks(&pgt, MAIL).await), "UNAUTHORIZED_SERVICE");
}

#[tokio::test]
async fn px_06_con_07_one_grant_gives_many_tickets_also_at_once() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    let answers = futures_util::future::join_all((0..20).map(|_| scene.pt(&pgt, MAIL))).await;
    let all: std::collections::BTreeSet<&String> = answers.iter().collect();
    assert_eq!(all.len(), 20);
    for ticket in &answers {
        let answer = scene.house.validate("proxyValidate", ticket, MAIL, &[]).await;
        assert!(succeeds(&answer), "{answer}");
    }
}

#[tokio::test]
async fn px_07_receipts_service_tickets_and_cookies_grant_nothing_and_stay_what_they_are() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    let (_, iou) = scene.portal.grants().pop().unwrap();
    let (st, pt) = (scene.ada.ticket_for(WIKI).await, scene.pt(&pgt, MAIL).await);
    let cookie = scene.ada.cookie("TGC-passerelle").unwrap();
    for text in [&iou, &st, &pt, &cookie] {
        assert_eq!(code(&scene.asks(text, MAIL).await), "INVALID_TICKET");
    }
    assert!(succeeds(&scene.house.service_validate(&st, WIKI).await));
    assert!(succeeds(&scene.house.validate("proxyValidate", &pt, MAIL, &[]).await));
    // The other way round: nothing to validate, and an attempt does not end it.
    for path in ["serviceValidate", "proxyValidate", "p3/proxyValidate"] {
        for text in [&pgt, &iou] {
            let answer = scene.house.validate(path, text, &scene.portal.url, &[]).await;
            assert_eq!(code(&answer), "INVALID_TICKET");
        }
    }
    scene.pt(&pgt, MAIL).await;
}

#[tokio::test]
async fn px_08_a_grant_dies_at_sign_out() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    scene.pt(&pgt, MAIL).await;
    scene.ada.get("logout").await;
    assert_eq!(code(&scene.asks(&pgt, MAIL).await), "INVALID_TICKET");
    assert_eq!(scene.house.count("ticket").await, 0);
}

#[tokio::test]
async fn px_09_a_target_need_not_be_a_web_address() {
    let imap = "[[service]]\nname = \"Imap\"\npattern = '^imaps?://mail\\.example(:\\d+)?$'\nproxy = true\n";
    let scene = Scene::with(House::with().service(imap), "", &[]).await;
    let pgt = scene.pgt().await;
    for target in ["imap://mail.example", "imap://mail.example:143", "imaps://mail.example"] {
        for path in ["proxyValidate", "p3/proxyValidate"] {
            let pt = scene.pt(&pgt, target).await;
            let answer = scene.house.validate(path, &pt, target, &[]).await;
            assert_eq!((user(&answer), flaw(&answer)), (ADA.0.to_owned(), None), "{target}");
            assert_eq!(values(&answer, "proxy"), [scene.portal.url.as_str()]);
        }
        // Byte for byte: another one of the same entry is another service.
        let pt = scene.pt(&pgt, target).await;
        let answer = scene.house.validate("proxyValidate", &pt, "imap://mail.example:993", &[]).await;
        assert_eq!(code(&answer), "INVALID_SERVICE");
        assert_eq!(code(&scene.house.validate("proxyValidate", &pt, target, &[]).await), "INVALID_TICKET");
    }
    for target in ["imap://evil.example", "imap://mail.example.evil.example", "ldap://mail.example", "imap:"]
    {
        assert_eq!(code(&scene.asks(&pgt, target).await), "UNAUTHORIZED_SERVICE", "{target}");
    }
    // Nobody signs in to it, and its end is told to nobody.
    assert_eq!(scene.ada.visits("imap://mail.example").await.maybe_ticket(), None);
    scene.ada.get("logout").await;
    let told: Vec<_> = scene.house.outbox().await.into_iter().map(|message| message.service).collect();
    assert_eq!(told, ["Wiki"], "who validated the ticket that all of this came of");
}

#[tokio::test]
async fn px_13_hostile_texts_stay_text() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    for text in ["</cas:proxyFailure><cas:proxySuccess>", "\"'&<>\0\u{1}\u{fffe}", "]]>", "\r\n\r\n"] {
        for answer in [scene.asks(text, MAIL).await, scene.asks(&pgt, text).await] {
            assert!(!answer.contains("<cas:proxySuccess>"), "{answer}");
            assert!(answer.contains("<cas:proxyFailure code="), "{answer}");
        }
    }
}

#[tokio::test]
async fn whoever_may_not_enter_the_target_gets_no_ticket_for_it() {
    let target = |name: &str, more: &str| {
        let host = name.to_lowercase();
        format!("[[service]]\nname = \"{name}\"\nurl = \"https://{host}.example/**\"\nproxy = true\n{more}\n")
    };
    let services = [
        target("Staff", "providers = [\"staff\"]"),
        target("Named", "usernames = [\"somebody\"]"),
        target("Grown", "[service.filter]\ngroups = \"press\""),
        target("Field", "user_field = \"employeeNumber\""),
        target("New", "max_auth_age = \"1 min\""),
        target("Off", "disabled = true"),
        target("Open", ""),
    ]
    .concat();
    let scene = Scene::with(House::with().service(&services), "", &[]).await;
    let pgt = scene.pgt().await;
    scene.pt(&pgt, "https://new.example/").await;
    // By then the credentials are too old, and nobody is there to give others.
    scene.house.clock.advance(61);
    for name in ["staff", "named", "grown", "field", "new"] {
        let answer = scene.asks(&pgt, &format!("https://{name}.example/")).await;
        assert_eq!(code(&answer), "UNAUTHORIZED_USER", "{answer}");
    }
    assert_eq!(code(&scene.asks(&pgt, "https://off.example/").await), "UNAUTHORIZED_SERVICE");
    scene.pt(&pgt, "https://open.example/").await;
    let brook = Browser::at(&scene.house);
    let ticket = brook.signs_in_for(BROOK, WIKI).await;
    let pairs = [("pgtUrl", &*scene.portal.url)];
    scene.house.validate("serviceValidate", &ticket, WIKI, &pairs).await;
    let (of_brook, _) = scene.portal.grants().pop().unwrap();
    let staff = scene.pt(&of_brook, "https://staff.example/").await;
    let answer = scene.house.validate("proxyValidate", &staff, "https://staff.example/", &[]).await;
    assert_eq!(user(&answer), BROOK.0);
}

#[tokio::test]
async fn it_tells_what_the_rule_of_the_target_says() {
    let scene = Scene::open().await;
    scene.house.clock.advance(100);
    let pgt = scene.pgt().await;
    let pt = scene.pt(&pgt, MAIL).await;
    let answer = scene.house.validate("proxyValidate", &pt, MAIL, &[]).await;
    assert_eq!(user(&answer), ADA.0);
    assert_eq!(values(&answer, "mail"), ["ada@home.example", "countess@home.example"]);
    assert!(values(&answer, "displayName").is_empty());
    assert_eq!(values(&answer, "isFromNewLogin"), ["false"]);
    assert_eq!(values(&answer, "authenticationDate"), ["2027-01-15T08:00:00Z"]);
}

#[tokio::test]
async fn forms_are_posted_heads_ask_nothing_and_other_methods_are_refused() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    let url = scene.house.at("proxy");
    let before = scene.house.count("ticket").await;
    let query = format!("{url}?pgt={pgt}&targetService=https://mail.example/");
    let head = scene.house.http.head(&query).send().await.unwrap();
    assert_eq!((head.status().as_u16(), scene.house.count("ticket").await), (200, before));
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let answer = scene.house.http.request(method.clone(), &query).send().await.unwrap();
        assert_eq!(answer.status(), 405, "{method}");
    }
    let fields = [("pgt", pgt.as_str()), ("targetService", MAIL)];
    let answer = read(scene.house.http.post(&url).form(&fields).send().await.unwrap()).await;
    assert_eq!(values(&answer, "proxyTicket").len(), 1, "{answer}");
    let halves = scene.house.http.post(format!("{url}?pgt={pgt}")).form(&[("targetService", MAIL)]);
    assert_eq!(values(&read(halves.send().await.unwrap()).await, "proxyTicket").len(), 1);
}
