//! A callback that does not get the ticket, or does not take it.

use std::time::Duration;

use crate::support::authority::Paper;
use crate::support::callback::Answer;
use crate::support::fake_cas::nobody;
use crate::support::house::{NOTES, WIKI};
use crate::support::journey::values;
use crate::support::service::Service;
use crate::support::{Callback, House};

use super::{BRIEF, MAIL, Scene, code, succeeds};

const FAILED: &str = "INVALID_PROXY_CALLBACK";

/// Asks with a callback that fails. Out: the answer, which tells nothing, for a ticket that is used up.
async fn fails(scene: &Scene, pgt_url: &str) -> String {
    let ticket = scene.ada.ticket_for(WIKI).await;
    let pairs = [("pgtUrl", pgt_url)];
    let answer = scene.house.validate("p3/serviceValidate", &ticket, WIKI, &pairs).await;
    assert!(!succeeds(&answer) && values(&answer, "proxyGrantingTicket").is_empty(), "{pgt_url}: {answer}");
    assert!(!answer.contains("PGT-") && !answer.contains("PGTIOU-"), "PGT-15: {answer}");
    let again = scene.house.validate("serviceValidate", &ticket, WIKI, &[]).await;
    assert_eq!(code(&again), "INVALID_TICKET", "PGT-16: {again}");
    answer
}

#[tokio::test]
async fn pgt_04_pgt_05_pgt_09_only_200_counts_and_no_redirect_is_followed() {
    let elsewhere = Callback::start().await;
    let rule = elsewhere.toml("Elsewhere", "proxy_callback = true");
    let scene = Scene::with(House::with().service(&rule), "", &[&elsewhere]).await;
    for status in [201, 202, 204, 206, 304, 400, 401, 403, 404, 410, 429, 500, 502, 503] {
        scene.portal.is(Answer::Status(status));
        assert_eq!(code(&fails(&scene, &scene.portal.url).await), FAILED, "{status}");
    }
    for status in [301, 302, 303, 307, 308] {
        scene.portal.is(Answer::Redirects(status, elsewhere.url.clone()));
        assert_eq!(code(&fails(&scene, &scene.portal.url).await), FAILED, "{status}");
    }
    assert_eq!(elsewhere.connections(), 0);
    for (pgt, _) in scene.portal.grants() {
        assert_eq!(
            code(&scene.asks(&pgt, MAIL).await),
            "INVALID_TICKET",
            "what was not taken is worth nothing"
        );
    }
}

#[tokio::test]
async fn pgt_06_pgt_07_pgt_15_whatever_the_network_says_the_answer_is_the_same() {
    let mut callbacks = Vec::new();
    let mut builder = House::with().section(BRIEF);
    for (n, paper) in [
        Paper::OfAnotherAuthority,
        Paper::Expired,
        Paper::NotYetValid,
        Paper::ForAnotherHost,
        Paper::SelfSigned,
    ]
    .into_iter()
    .enumerate()
    {
        let callback = Callback::showing(Some(paper)).await;
        builder = builder.service(&callback.toml(&format!("Paper {n}"), "proxy_callback = true"));
        callbacks.push(callback);
    }
    // Good paper, of an authority that this gateway does not know.
    let unknown = Callback::start().await;
    builder = builder.service(&unknown.toml("Unknown", "proxy_callback = true"));
    let plain = Callback::showing(None).await;
    let (nobody, plain_url) =
        (nobody().await.replace("http:", "https:"), plain.url.replace("http:", "https:"));
    let open = format!(
        "[[service]]\nname = \"Others\"\nurl = [\"{nobody}/**\", \"{plain_url}**\", \"https://no-such-host.invalid/**\"]\n\
         proxy_callback = true\n"
    );
    let trusted: Vec<&Callback> = callbacks.iter().collect();
    let scene = Scene::with(builder.service(&open), "", &trusted).await;

    let mut urls: Vec<String> = callbacks.iter().map(|callback| callback.url.clone()).collect();
    urls.extend([unknown.url.clone(), format!("{nobody}/"), plain_url]);
    urls.push("https://no-such-host.invalid/cb".to_owned());
    let mut shown = Vec::new();
    for url in &urls {
        let answer = fails(&scene, url).await;
        assert_eq!(code(&answer), FAILED, "{url}");
        shown.push(answer);
    }
    for answer in [Answer::HangsUp, Answer::Hangs, Answer::HangsInHeaders] {
        scene.portal.is(answer);
        shown.push(fails(&scene, &scene.portal.url).await);
    }
    let without_reference = |answer: &String| {
        let (front, rest) = answer.split_once("reference ").expect(answer);
        format!("{front}{}", &rest["XXXX-XXXX".len()..])
    };
    let texts: std::collections::BTreeSet<String> = shown.iter().map(without_reference).collect();
    assert_eq!(texts.len(), 1, "{texts:?}");
    for callback in callbacks.iter().chain([&unknown]) {
        assert_eq!(callback.heard(), [""; 0], "nothing is told before the certificate is believed");
    }
    let (_, reference) = shown[1].split_once("reference ").unwrap();
    // Other gateways draw the same references: their chance is the same.
    let told = |line: &str| line.contains(&reference[..9]) && line.contains("holder=\"Paper 1\"");
    let logs = scene.house.logs();
    let line = logs.lines().find(|line| told(line)).expect("a line");
    assert!(line.contains("event=\"proxy.refused\"") && line.contains("has ended"), "{line}");
}

#[tokio::test]
async fn pgt_08_pgt_10_what_is_not_https_is_refused_without_a_call() {
    let plain = Callback::showing(None).await;
    let scene =
        Scene::with(House::with().service(&plain.toml("Plain", "proxy_callback = true")), "", &[]).await;
    let portal = scene.portal.url.trim_start_matches("https://").to_owned();
    for url in [
        plain.url.clone(),
        format!("http://{portal}"),
        format!("ftp://{portal}"),
        format!("https://ana@{portal}"),
        format!("https:{portal}"),
        format!("//{portal}"),
        format!(" https://{portal}"),
        format!("https://{portal}\r\nX: y"),
        format!("https://{portal}\0"),
        format!("{}\\@evil.example/", scene.portal.url),
        "file:///etc/hostname".to_owned(),
        "javascript:alert(1)".to_owned(),
        "portal".to_owned(),
        "<cas:user>eve</cas:user>".to_owned(),
        format!("{}{}", scene.portal.url, "x".repeat(5000)),
    ] {
        assert_eq!(code(&fails(&scene, &url).await), FAILED, "{url:?}");
    }
    assert_eq!((plain.connections(), scene.portal.connections()), (0, 0));
}

#[tokio::test]
async fn pgt_11_a_callback_without_the_right_is_refused_without_a_call() {
    let (stranger, known, off) = (Callback::start().await, Callback::start().await, Callback::start().await);
    let rules =
        format!("{}{}", known.toml("Known", ""), off.toml("Off", "proxy_callback = true\ndisabled = true"));
    // The right of whoever validates is not asked.
    let own = "[[service]]\nname = \"Own\"\nurl = \"https://own.example/**\"\nproxy_callback = true";
    let builder = House::with().service(&rules).service(own);
    let scene = Scene::with(builder, "", &[&stranger, &known, &off]).await;
    for url in [&stranger.url, &known.url, &off.url, "https://unknown.example/cb", NOTES] {
        assert_eq!(code(&fails(&scene, url).await), "UNAUTHORIZED_SERVICE_PROXY", "{url}");
    }
    let ticket = scene.ada.ticket_for("https://own.example/").await;
    let pairs = [("pgtUrl", &*known.url)];
    let answer = scene.house.validate("serviceValidate", &ticket, "https://own.example/", &pairs).await;
    assert_eq!(code(&answer), "UNAUTHORIZED_SERVICE_PROXY");
    assert_eq!((stranger.connections(), known.connections(), off.connections()), (0, 0, 0));
    let (_, reference) = answer.split_once("reference ").unwrap();
    assert!(scene.house.logs().lines().any(|line| line.contains(&reference[..9]) && line.contains("Own")));
}

#[tokio::test]
async fn pgt_12_a_callback_that_hangs_is_cut_off_and_holds_nobody_else_up() {
    let sick = Callback::start().await;
    sick.is(Answer::Hangs);
    let patience = "[proxy]\ncallback_timeout = \"3 s\"";
    let builder = House::with().section(patience).service(&sick.toml("Sick", "proxy_callback = true"));
    let scene = Scene::with(builder, "", &[&sick]).await;
    let mut tickets = Vec::new();
    for _ in 0..24 {
        tickets.push(scene.ada.ticket_for(WIKI).await);
    }
    let pairs = [("pgtUrl", &*sick.url)];
    let hanging = tickets.iter().map(|ticket| scene.house.validate("serviceValidate", ticket, WIKI, &pairs));
    let hanging = futures_util::future::join_all(hanging);
    let well = async {
        while sick.heard().len() < 16 {
            sick.is_asked().await;
        }
        scene.pgt().await;
        scene.house.validate("serviceValidate", &scene.ada.ticket_for(WIKI).await, WIKI, &[]).await
    };
    tokio::pin!(hanging, well);
    let early = tokio::select! {
        answer = &mut well => answer,
        _ = &mut hanging => panic!("the sick ones ended first"),
    };
    assert!(succeeds(&early));
    assert_eq!(sick.heard().len(), 16, "one service has a share of the places");
    let answers = tokio::time::timeout(Duration::from_secs(10), hanging).await.expect("cut off");
    assert!(answers.iter().all(|answer| code(answer) == FAILED), "{answers:?}");
}

#[tokio::test]
async fn pgt_13_nothing_is_sent_unless_the_ticket_was_good() {
    let scene = Scene::open().await;
    let pgt_url = ("pgtUrl", &*scene.portal.url);
    let house = &scene.house;
    let ticket = scene.ada.ticket_for(WIKI).await;
    for (ticket, service, more) in [
        (ticket.as_str(), NOTES, vec![pgt_url]),
        (ticket.as_str(), WIKI, vec![pgt_url]),
        (&scene.ada.ticket_for(WIKI).await, WIKI, vec![pgt_url, ("renew", "true")]),
        ("ST-unknown", WIKI, vec![pgt_url]),
        ("", WIKI, vec![pgt_url]),
    ] {
        assert!(!succeeds(&house.validate("p3/serviceValidate", ticket, service, &more).await));
    }
    let old = scene.ada.ticket_for(WIKI).await;
    house.clock.advance(60);
    assert!(!succeeds(&house.validate("serviceValidate", &old, WIKI, &[pgt_url]).await));
    let repeated = format!(
        "serviceValidate?service={WIKI}&ticket={}&pgtUrl={}&pgtUrl={}",
        scene.ada.ticket_for(WIKI).await,
        scene.portal.url,
        scene.portal.url
    );
    assert_eq!(code(&house.text(&repeated).await), "INVALID_REQUEST");
    assert_eq!(scene.portal.connections(), 0);
}

#[tokio::test]
async fn a_service_may_take_an_answer_without_a_receipt() {
    let old = "[[service]]\nname = \"Old\"\nurl = \"https://old.example/**\"\npgt_optional = true";
    let scene = Scene::with(House::with().service(old), "", &[]).await;
    let service = "https://old.example/";
    let ask = async |url: &str| {
        let ticket = scene.ada.ticket_for(service).await;
        scene.house.validate("serviceValidate", &ticket, service, &[("pgtUrl", url)]).await
    };
    assert_eq!(values(&ask(&scene.portal.url).await, "proxyGrantingTicket").len(), 1);
    scene.portal.is(Answer::Status(500));
    let answer = ask(&scene.portal.url).await;
    assert!(succeeds(&answer) && values(&answer, "proxyGrantingTicket").is_empty(), "{answer}");
    assert_eq!(code(&ask("https://unknown.example/").await), "UNAUTHORIZED_SERVICE_PROXY");
    assert_eq!(code(&ask("http://old.example/").await), FAILED);
    // The portal's own key makes no difference to the wiki.
    assert_eq!(code(&scene.wiki_with("serviceValidate", &scene.portal.url).await), FAILED);
}

/// Its services were told when the session ended: one that hears of a success after that is never told again.
#[tokio::test]
async fn an_answer_without_a_receipt_needs_a_session_too() {
    let old = "[[service]]\nname = \"Old\"\nurl = \"https://old.example/**\"\npgt_optional = true";
    let scene = Scene::with(House::with().service(old), "", &[]).await;
    let service = "https://old.example/";
    let ticket = scene.ada.ticket_for(service).await;
    scene.portal.is(Answer::Waits(500));
    let pairs = [("pgtUrl", &*scene.portal.url)];
    let asks = scene.house.validate("serviceValidate", &ticket, service, &pairs);
    let ends = async {
        scene.portal.is_asked().await;
        scene.ada.get("logout").await;
        scene.portal.goes_on();
    };
    let (answer, ()) = tokio::join!(asks, ends);
    assert_eq!(code(&answer), "INVALID_TICKET", "{answer}");
}

#[tokio::test]
async fn whoever_validated_in_vain_is_told_nothing_at_the_end() {
    let app = Service::start().await;
    let scene = Scene::with(House::with().service(&app.toml("App", "")), "", &[]).await;
    let ask = async |url: &str| {
        let ticket = scene.ada.ticket_for(&app.url).await;
        let answer = scene.house.validate("serviceValidate", &ticket, &app.url, &[("pgtUrl", url)]).await;
        (ticket, answer)
    };
    let (good, _) = ask(&scene.portal.url).await;
    scene.portal.is(Answer::Status(404));
    assert_eq!(code(&ask(&scene.portal.url).await.1), FAILED);
    assert_eq!(code(&ask("https://unknown.example/").await.1), "UNAUTHORIZED_SERVICE_PROXY");
    scene.ada.get("logout").await;
    scene.house.tell_services().await;
    assert_eq!(app.told(), [good]);
    assert_eq!(scene.house.count("ticket").await, 0);
}
