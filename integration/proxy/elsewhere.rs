//! Proxy tickets of an institution, for services of ours: the institution gives them, by a proxy-granting ticket
//! that it handed us with the sign-in.

use tempfile::TempDir;
use url::form_urlencoded::Serializer;

use crate::support::fake_cas::Withholds;
use crate::support::house::{ADA, WIKI};
use crate::support::journey::values;
use crate::support::log_out::{message, send};
use crate::support::{Browser, Callback, FakeCas, House};

use super::{code, handed_over, trusting};

/// A service at the institution.
const MAILBOX: &str = "https://mail.north.example/box?a=b";
const PROXY_TO: &str = "proxy_to = [\"https://mail.north.example/**\"]";

/// A portal of ours, and Ada from north.
struct Scene {
    north: FakeCas,
    house: House,
    ada: Browser,
    portal: Callback,
    _authorities: TempDir,
}

impl Scene {
    /// In: keys of the institution, keys of the portal.
    async fn with(keys: &str, portal_keys: &str) -> Self {
        let (north, portal) = (FakeCas::v3().knows("ada").start().await, Callback::start().await);
        let (builder, authorities) = trusting(House::with(), [&portal].into_iter());
        let entry = format!("{}{keys}\n", north.entry("north.example", "University of North"));
        let house = builder
            .provider(&entry)
            .service(&portal.toml("Portal", &format!("proxy_callback = true\n{portal_keys}")))
            .secret("Rk7v_x")
            .start()
            .await;
        let ada = Browser::at(&house);
        ada.arrives(WIKI, "north.example").await.ticket();
        Self { north, house, ada, portal, _authorities: authorities }
    }

    /// A proxy-granting ticket of ours.
    async fn pgt_of(&self, browser: &Browser) -> String {
        let ticket = browser.ticket_for(WIKI).await;
        let asked = [("pgtUrl", self.portal.url.as_str())];
        handed_over(&self.house.validate("p3/serviceValidate", &ticket, WIKI, &asked).await, &self.portal)
    }

    async fn asks(&self, pgt: &str, target: &str) -> String {
        let query = Serializer::new(String::new())
            .append_pair("pgt", pgt)
            .append_pair("targetService", target)
            .finish();
        self.house.text(&format!("proxy?{query}")).await
    }

    /// A delivery that somebody makes up. Out: the status.
    async fn is_delivered(&self, query: &str) -> u16 {
        let url = self.house.at(&format!("federate/north.example/callback{query}"));
        self.house.http.get(self.house.real(&url)).send().await.unwrap().status().as_u16()
    }
}

#[tokio::test]
async fn the_institution_gives_the_ticket() {
    let scene = Scene::with(PROXY_TO, "").await;
    let asked = &scene.north.validations()[0];
    assert_eq!(asked.param("pgtUrl").unwrap(), scene.house.at("federate/north.example/callback"));
    let grants = scene.north.grants();
    let [(theirs, true)] = &grants[..] else { panic!("{grants:?}") };
    assert_eq!(
        (scene.house.count("upstream_receipt").await, scene.house.count("upstream_grant").await),
        (0, 1)
    );

    let pgt = scene.pgt_of(&scene.ada).await;
    let answer = scene.asks(&pgt, MAILBOX).await;
    assert_eq!(values(&answer, "proxyTicket"), ["PT-1-a_b-cas01.north"], "{answer}");
    let asked = &scene.north.proxied()[0];
    assert_eq!(
        (asked.param("pgt").as_deref(), asked.param("targetService").as_deref()),
        (Some(theirs.as_str()), Some(MAILBOX))
    );
    assert!(asked.names().len() == 2 && !asked.query.contains(&pgt));
    assert!(!answer.contains(theirs));

    // Elsewhere our own rules hold, which know no such target.
    for target in [
        "https://mail.north.example.evil/",
        "https://mail.north.example:8443/box",
        "http://mail.north.example/",
    ] {
        assert_eq!(code(&scene.asks(&pgt, target).await), "UNAUTHORIZED_SERVICE", "{target}");
    }
    assert_eq!(code(&scene.asks("PGT-1", MAILBOX).await), "INVALID_TICKET");
    assert_eq!(code(&scene.asks(theirs, MAILBOX).await), "INVALID_TICKET", "theirs is none of ours");
    assert_eq!(scene.north.proxied().len(), 1);
}

#[tokio::test]
async fn it_ends_with_the_session() {
    let scene = Scene::with(PROXY_TO, "").await;
    let pgt = scene.pgt_of(&scene.ada).await;
    send(&scene.house.at("federate/north.example"), &message(&[&scene.north.last_ticket()])).await;
    assert_eq!(code(&scene.asks(&pgt, MAILBOX).await), "INVALID_TICKET");
    assert_eq!(scene.house.count("upstream_grant").await, 0);
    scene.ada.arrives(WIKI, "north.example").await.ticket();
    assert_eq!(scene.house.count("upstream_grant").await, 1);
    scene.ada.get("logout").await;
    assert_eq!(scene.house.count("upstream_grant").await, 0);
}

#[tokio::test]
async fn who_may_ask() {
    for keys in ["proxy_targets = [\"Portal\"]", "proxy_targets = [\"Wiki\"]"] {
        let scene = Scene::with(PROXY_TO, keys).await;
        let pgt = scene.pgt_of(&scene.ada).await;
        let answer = scene.asks(&pgt, MAILBOX).await;
        assert_eq!(code(&answer), "UNAUTHORIZED_SERVICE", "{answer}");
        assert!(scene.north.proxied().is_empty());
    }
    let scene = Scene::with("", "").await;
    assert_eq!(scene.north.validations()[0].param("pgtUrl"), None, "an institution that is not asked to");
    let pgt = scene.pgt_of(&scene.ada).await;
    assert_eq!(code(&scene.asks(&pgt, MAILBOX).await), "UNAUTHORIZED_SERVICE");
    assert_eq!(scene.is_delivered("").await, 404);
    assert_eq!(scene.is_delivered("?pgtId=PGT-1&pgtIou=PGTIOU-1").await, 404);

    let scene = Scene::with(PROXY_TO, "").await;
    let local = Browser::at(&scene.house);
    local.signs_in(ADA).await;
    let pgt = scene.pgt_of(&local).await;
    assert_eq!(
        code(&scene.asks(&pgt, MAILBOX).await),
        "UNAUTHORIZED_SERVICE",
        "somebody of ours has none there"
    );
    assert!(scene.north.proxied().is_empty());
}

#[tokio::test]
async fn the_institution_may_say_no() {
    let scene = Scene::with(PROXY_TO, "").await;
    let pgt = scene.pgt_of(&scene.ada).await;
    for (what, expected) in [
        (Withholds::Code("UNAUTHORIZED_SERVICE"), "UNAUTHORIZED_SERVICE"),
        (Withholds::Code("INVALID_TICKET"), "UNAUTHORIZED_USER"),
        (Withholds::Code("INTERNAL_ERROR"), "INTERNAL_ERROR"),
        (Withholds::Text("PT-1\"evil"), "INTERNAL_ERROR"),
        (Withholds::Text("PT 1"), "INTERNAL_ERROR"),
        (Withholds::Page, "INTERNAL_ERROR"),
    ] {
        scene.north.withholds(what.clone());
        let answer = scene.asks(&pgt, MAILBOX).await;
        assert_eq!(code(&answer), expected, "{what:?}: {answer}");
        assert!(
            answer.contains(", reference ") && !answer.contains("evil") && !answer.contains("Rk7v"),
            "{answer}"
        );
        let logs = scene.house.logs();
        let line = logs.lines().rfind(|line| line.contains("proxy.withheld")).unwrap();
        let is_none = line.contains("names a ticket that cannot be one");
        assert_eq!(is_none, matches!(what, Withholds::Text(_)), "{what:?}: {line}");
        assert!(!line.contains("evil"), "{line}");
    }
    scene.house.alter("DELETE FROM upstream_grant").await;
    assert_eq!(code(&scene.asks(&pgt, MAILBOX).await), "UNAUTHORIZED_USER");
}

#[tokio::test]
async fn strangers_deliver_nothing() {
    let scene = Scene::with(PROXY_TO, "").await;
    scene.house.clock.advance(121);
    assert_eq!(scene.is_delivered("").await, 200);
    assert_eq!(scene.is_delivered("?pgtId=PGT-1&pgtIou=PGTIOU-1").await, 200);
    assert_eq!(scene.house.count("upstream_receipt").await, 0, "nobody is on the way");

    Browser::at(&scene.house).arrives(WIKI, "north.example").await.ticket();
    let long = "x".repeat(1025);
    for query in [
        "?pgtId=PGT-1",
        "?pgtIou=PGTIOU-1",
        "?pgtId=&pgtIou=PGTIOU-1",
        "?pgtId=PGT%201&pgtIou=PGTIOU-1",
        "?pgtId=%FF&pgtIou=PGTIOU-1",
        &format!("?pgtId={long}&pgtIou=PGTIOU-1"),
        &format!("?pgtId=PGT-1&pgtIou={long}"),
    ] {
        assert_eq!(scene.is_delivered(query).await, 200, "{query}");
    }
    assert_eq!(scene.house.count("upstream_receipt").await, 0);
    // What nobody names is forgotten, and is no grant of anybody.
    for pgt in ["PGT-1", "PGT-2"] {
        assert_eq!(scene.is_delivered(&format!("?pgtId={pgt}&pgtIou=PGTIOU-1")).await, 200);
    }
    assert_eq!(
        (scene.house.count("upstream_receipt").await, scene.house.count("upstream_grant").await),
        (1, 2)
    );
    scene.house.sweep().await;
    assert_eq!(scene.house.count("upstream_receipt").await, 1);
    scene.house.clock.advance(120);
    scene.house.sweep().await;
    assert_eq!(scene.house.count("upstream_receipt").await, 0);
}

#[tokio::test]
async fn nothing_in_the_database_is_a_proxy_granting_ticket() {
    let scene = Scene::with(PROXY_TO, "").await;
    let marked =
        |like: &str| format!("UPDATE upstream_grant SET created_at = 0 WHERE grant_sealed {like} '%Rk7v%'");
    scene.house.alter(&marked("NOT LIKE")).await;
}
