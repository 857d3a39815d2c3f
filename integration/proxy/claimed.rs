//! A local name that looks like one of an institution which comes later: services could not tell the two apart.

use super::{MAIL, Scene, code};
use crate::support::fake_cas::entry;
use crate::support::house::{ADA, WIKI};
use crate::support::journey::user;
use crate::support::{Browser, House};

const BOB: (&str, &str) = ("bob@other.example", "seven slow herons");
const DESK: &str = "[[backend]]\nname = \"guests\"\nkind = \"test\"\nuser = \"bob@other.example\"\npassword = \
    \"seven slow herons\"\n";

#[tokio::test]
async fn it_counts_as_nobody_from_then_on() {
    let mut scene = Scene::with(House::with().section(DESK), "", &[]).await;
    let hers = scene.ada.ticket_for(WIKI).await;
    let bob = Browser::at(&scene.house);
    bob.signs_in(BOB).await;
    scene.ada = bob.twin();
    let pgt = scene.pgt().await;
    let pt = scene.pt(&pgt, MAIL).await;
    let (first, second) = (bob.ticket_for(WIKI).await, bob.ticket_for(WIKI).await);
    assert_eq!(user(&scene.house.service_validate(&first, WIKI).await), BOB.0);

    let other = entry("Other.example", "Other", "https://cas.other.example/cas");
    scene.house.reloads(House::with().provider(&other)).await;
    let house = &scene.house;
    assert_eq!(user(&house.service_validate(&hers, WIKI).await), ADA.0, "everybody else goes on");
    assert_eq!(code(&house.service_validate(&second, WIKI).await), "INVALID_TICKET");
    assert_eq!(code(&house.validate("proxyValidate", &pt, MAIL, &[]).await), "INVALID_TICKET");
    assert_eq!(code(&scene.asks(&pgt, MAIL).await), "INVALID_TICKET");
    let page = bob.visits(WIKI).await;
    assert_eq!((page.status, page.maybe_ticket()), (200, None));
    assert!(
        page.says("Wiki") && page.body.contains("service=https%3A%2F%2Fwiki.example%2F"),
        "{}",
        page.text()
    );
    assert!(bob.is_nobody().await);
    assert!(house.logs().contains("session.claimed"));

    // Signing out still ends it, and whoever signs in as somebody else is that person.
    let form = bob.get(&crate::support::browser::login(WIKI, "provider=local")).await;
    let exit = bob.follow(&bob.types(&form, ADA).await).await;
    assert_eq!(user(&house.service_validate(&exit.ticket(), WIKI).await), ADA.0);
    assert_eq!(house.count("session").await, 2, "the two of Ada");
}
