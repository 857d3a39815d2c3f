//! Proxying in JSON (CAS 3.0 §2.6.2, §2.7.2).

use serde_json::{Value, json};

use crate::support::house::{ADA, WIKI};
use crate::support::{Callback, House};

use super::{MAIL, Scene};

const JSON: [(&str, &str); 1] = [("format", "JSON")];

fn inside(answer: &str) -> Value {
    let mut value: Value = serde_json::from_str(answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
    value["serviceResponse"].take()
}

/// Validates with a callback. Out: what is told, and the proxy-granting ticket that came.
async fn grant(scene: &Scene, ticket: &str, service: &str, callback: &Callback) -> (Value, String) {
    let pairs = [JSON[0], ("pgtUrl", &*callback.url)];
    let answer = scene.house.validate("p3/proxyValidate", ticket, service, &pairs).await;
    let told = inside(&answer)["authenticationSuccess"].take();
    let (pgt, iou) = callback.grants().pop().expect("a grant");
    assert_eq!(told["proxyGrantingTicket"], iou, "{answer}");
    assert!(!answer.contains(&pgt), "{answer}");
    (told, pgt)
}

#[tokio::test]
async fn px_01_px_14_a_proxy_ticket_in_json() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    let page =
        scene.ada.get(&format!("proxy?pgt={pgt}&targetService=https://mail.example/&format=JSON")).await;
    assert_eq!((page.status, page.header("content-type")), (200, "application/json; charset=utf-8"));
    let told = inside(&page.body);
    let ticket = told["proxySuccess"]["proxyTicket"].as_str().expect("a ticket").to_owned();
    assert_eq!(told, json!({ "proxySuccess": { "proxyTicket": ticket } }));
    let answer = scene.house.validate("proxyValidate", &ticket, "https://mail.example/", &JSON).await;
    assert_eq!(inside(&answer)["authenticationSuccess"]["user"], ADA.0);
}

#[tokio::test]
async fn px_10_failures_in_json_are_a_proxy_failure_too() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    for (pgt, target, code) in [
        (pgt.as_str(), "", "INVALID_REQUEST"),
        ("", MAIL, "INVALID_REQUEST"),
        ("PGT-1", MAIL, "INVALID_TICKET"),
        (&pgt, "https://unknown.example/", "UNAUTHORIZED_SERVICE"),
        (&pgt, WIKI, "UNAUTHORIZED_SERVICE"),
        (&pgt, "\"}},\"proxySuccess\":{\"proxyTicket\":\"PT-1\0", "UNAUTHORIZED_SERVICE"),
    ] {
        let told = inside(&scene.asks_with(pgt, target, &JSON).await);
        let failure = told["proxyFailure"].as_object().unwrap_or_else(|| panic!("{told}"));
        assert_eq!((told.as_object().unwrap().len(), failure.len()), (1, 2), "{told}");
        assert_eq!(failure["code"], code, "{told}");
        assert!(failure["description"].as_str().is_some_and(|words| !words.is_empty()), "{told}");
    }
    let odd = scene.asks_with(&pgt, MAIL, &[("format", "YAML")]).await;
    assert!(odd.contains("<cas:proxyFailure code=\"INVALID_REQUEST\">"), "{odd}");
}

#[tokio::test]
async fn pv_09_pv_14_proxies_in_json_the_last_one_first() {
    let (hub, store) = (Callback::start().await, Callback::start().await);
    let rules =
        [hub.toml("Hub", "proxy_callback = true"), store.toml("Store", "proxy_callback = true")].concat();
    let scene = Scene::with(House::with().service(&rules), "", &[&hub, &store]).await;
    let (told, first) = grant(&scene, &scene.ada.ticket_for(WIKI).await, WIKI, &scene.portal).await;
    assert_eq!(told.get("proxies"), None, "a service ticket has none: {told}");
    let (told, second) = grant(&scene, &scene.pt(&first, MAIL).await, MAIL, &hub).await;
    assert_eq!(told["proxies"], json!([scene.portal.url]));
    let (told, third) = grant(&scene, &scene.pt(&second, MAIL).await, MAIL, &store).await;
    assert_eq!(told["proxies"], json!([hub.url, scene.portal.url]));
    for path in ["proxyValidate", "p3/proxyValidate"] {
        let answer = scene.house.validate(path, &scene.pt(&third, MAIL).await, MAIL, &JSON).await;
        let told = inside(&answer)["authenticationSuccess"].take();
        assert_eq!(told["proxies"], json!([store.url, hub.url, scene.portal.url]), "{path}");
        assert_eq!(told["user"], ADA.0);
    }
}

#[tokio::test]
async fn pv_04_pv_05_refused_where_no_proxies_are_taken_and_told_why() {
    let scene = Scene::open().await;
    let pgt = scene.pgt().await;
    for path in ["serviceValidate", "p3/serviceValidate"] {
        let answer = scene.house.validate(path, &scene.pt(&pgt, MAIL).await, MAIL, &JSON).await;
        let failure = inside(&answer)["authenticationFailure"].take();
        assert_eq!(failure["code"], "INVALID_TICKET", "{answer}");
        assert!(failure["description"].as_str().unwrap().contains("is a proxy ticket"), "{answer}");
    }
}
