//! Proxy tickets and the chain of proxies that they came through.

use crate::conformance::schema::flaw;
use crate::support::house::{NOTES, WIKI};
use crate::support::journey::values;
use crate::support::{Callback, House, Service};

use super::{MAIL, Scene, code, handed_over, succeeds};

const NEW: [&str; 2] = ["proxyValidate", "p3/proxyValidate"];

#[tokio::test]
async fn pv_01_pv_11_a_proxy_ticket_names_its_proxy_as_it_was_given() {
    let scene = Scene::open().await;
    let named = format!("{}cb?a=1&b=%2f&b=", scene.portal.url);
    let answer = scene.wiki_with("serviceValidate", &named).await;
    let pgt = handed_over(&answer, &scene.portal);
    for path in NEW {
        let answer = scene.house.validate(path, &scene.pt(&pgt, MAIL).await, MAIL, &[]).await;
        assert!(succeeds(&answer), "{answer}");
        assert_eq!(values(&answer, "proxy"), [named.replace('&', "&amp;")]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pv_02_con_04_a_proxy_ticket_serves_one_attempt() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    let pt = scene.pt(&pgt, MAIL).await;
    assert!(succeeds(&scene.house.validate("proxyValidate", &pt, MAIL, &[]).await));
    assert_eq!(code(&scene.house.validate("p3/proxyValidate", &pt, MAIL, &[]).await), "INVALID_TICKET");
    for _ in 0..5 {
        let pt = scene.pt(&pgt, MAIL).await;
        let asks = (0..50).map(|n| scene.house.validate(NEW[n % 2], &pt, MAIL, &[]));
        let answers = futures_util::future::join_all(asks).await;
        assert_eq!(answers.iter().filter(|answer| succeeds(answer)).count(), 1);
    }
    let old = scene.pt(&pgt, MAIL).await;
    scene.house.clock.advance(60);
    assert_eq!(code(&scene.house.validate("proxyValidate", &old, MAIL, &[]).await), "INVALID_TICKET");
}

#[tokio::test]
async fn pv_03_another_service_is_refused_and_uses_it_up() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    for other in ["https://mail.example/inbox?folder=a b", "https://mail.example/inbox", NOTES, WIKI] {
        let pt = scene.pt(&pgt, MAIL).await;
        assert_eq!(code(&scene.house.validate("proxyValidate", &pt, other, &[]).await), "INVALID_SERVICE");
        assert_eq!(code(&scene.house.validate("proxyValidate", &pt, MAIL, &[]).await), "INVALID_TICKET");
    }
}

#[tokio::test]
async fn pv_04_pv_05_pv_06_pv_10_the_other_addresses_and_renew_refuse_it() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    for path in ["serviceValidate", "p3/serviceValidate"] {
        let pt = scene.pt(&pgt, MAIL).await;
        let answer = scene.house.validate(path, &pt, MAIL, &[("pgtUrl", &scene.portal.url)]).await;
        assert_eq!(code(&answer), "INVALID_TICKET");
        assert!(answer.contains("is a proxy ticket"), "{answer}");
        assert_eq!(code(&scene.house.validate("proxyValidate", &pt, MAIL, &[]).await), "INVALID_TICKET");
    }
    assert_eq!(scene.house.validate("validate", &scene.pt(&pgt, MAIL).await, MAIL, &[]).await, "no\n");
    let pt = scene.pt(&pgt, MAIL).await;
    let answer = scene.house.saml(&pt, MAIL).await;
    assert_eq!(
        (answer.status(), answer.user()),
        (vec!["Requester".into(), "RequestDenied".into()], String::new())
    );
    assert_eq!(code(&scene.house.validate("proxyValidate", &pt, MAIL, &[]).await), "INVALID_TICKET");
    for path in NEW {
        let pt = scene.pt(&pgt, MAIL).await;
        let answer = scene.house.validate(path, &pt, MAIL, &[("renew", "true")]).await;
        assert_eq!(code(&answer), "INVALID_TICKET", "{path}");
    }
    assert_eq!(scene.portal.heard().len(), 1, "and no callback for what was refused");
}

/// A grant that is born from a proxy ticket.
async fn next(scene: &Scene, pgt: &str, callback: &Callback) -> String {
    let pt = scene.pt(pgt, MAIL).await;
    let answer = scene.house.validate("p3/proxyValidate", &pt, MAIL, &[("pgtUrl", &callback.url)]).await;
    handed_over(&answer, callback)
}

#[tokio::test]
async fn pv_07_pv_08_pv_09_pv_12_pv_13_pv_15_chains_are_told_most_recent_first_and_die_together() {
    let (hub, store) = (Callback::start().await, Callback::start().await);
    let rules =
        [hub.toml("Hub", "proxy_callback = true"), store.toml("Store", "proxy_callback = true")].concat();
    let scene = Scene::with(House::with().service(&rules), "", &[&hub, &store]).await;
    let first = scene.pgt().await;
    let second = next(&scene, &first, &hub).await;
    let third = next(&scene, &second, &store).await;
    let [portal, hub_url, store_url] = [&scene.portal.url, &hub.url, &store.url];
    for (pgt, chain) in [
        (&first, vec![portal.clone()]),
        (&second, vec![hub_url.clone(), portal.clone()]),
        (&third, vec![store_url.clone(), hub_url.clone(), portal.clone()]),
    ] {
        let pt = scene.pt(pgt, MAIL).await;
        let pairs = [("pgtUrl", &*hub.url)];
        let answer = scene.house.validate("p3/proxyValidate", &pt, MAIL, &pairs).await;
        assert_eq!((values(&answer, "proxy"), flaw(&answer)), (chain, None), "{answer}");
        let place = |tag: &str| answer.find(&format!("<cas:{tag}>")).expect(tag);
        assert!(place("user") < place("attributes") && place("attributes") < place("proxyGrantingTicket"));
        assert!(place("proxyGrantingTicket") < place("proxies"));
    }
    let st = scene.ada.ticket_for(WIKI).await;
    let answer = scene.house.validate("p3/proxyValidate", &st, WIKI, &[]).await;
    assert!(succeeds(&answer) && !answer.contains("proxies"), "{answer}");

    let open = scene.pt(&third, MAIL).await;
    scene.ada.get("logout").await;
    assert_eq!(code(&scene.house.validate("proxyValidate", &open, MAIL, &[]).await), "INVALID_TICKET");
    for pgt in [first, second, third] {
        assert_eq!(code(&scene.asks(&pgt, MAIL).await), "INVALID_TICKET");
    }
    assert_eq!(scene.house.count("ticket").await, 0);
}

#[tokio::test]
async fn a_chain_has_an_end() {
    let scene = Scene::open().await;
    let mut pgt = scene.pgt().await;
    for _ in 1..50 {
        pgt = next(&scene, &pgt, &scene.portal).await;
    }
    let pt = scene.pt(&pgt, MAIL).await;
    let before = scene.portal.connections();
    let answer = scene.house.validate("proxyValidate", &pt, MAIL, &[("pgtUrl", &scene.portal.url)]).await;
    assert_eq!(code(&answer), "UNAUTHORIZED_SERVICE_PROXY", "{answer}");
    assert_eq!(scene.portal.connections(), before);
    let answer = scene.house.validate("proxyValidate", &scene.pt(&pgt, MAIL).await, MAIL, &[]).await;
    assert_eq!(values(&answer, "proxy").len(), 50, "without a further one it is good");
}

#[tokio::test]
async fn the_target_is_told_of_the_end_as_its_rule_says() {
    let (loud, quiet) = (Service::start().await, Service::start().await);
    let services =
        [loud.toml("Loud", "proxy = true"), quiet.toml("Quiet", "proxy = true\nsingle_log_out = false")]
            .concat();
    let scene = Scene::with(House::with().service(&services), "", &[]).await;
    let pgt = scene.pgt().await;
    let mut validated = Vec::new();
    for target in [&loud.url, &quiet.url] {
        let pt = scene.pt(&pgt, target).await;
        assert!(succeeds(&scene.house.validate("proxyValidate", &pt, target, &[]).await));
        validated.push(pt);
    }
    scene.pt(&pgt, &loud.url).await;
    scene.ada.get("logout").await;
    scene.house.tell_services().await;
    assert_eq!(loud.told(), [validated[0].as_str()], "what was validated, and nothing else");
    assert!(quiet.heard().is_empty());
}
