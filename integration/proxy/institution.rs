//! Tickets in the name of people of an institution.

use crate::support::house::WIKI;
use crate::support::journey::{user, values};
use crate::support::{Browser, FakeCas, House};

use super::{MAIL, Scene, code};

async fn scene(north: &FakeCas, keys: &str) -> Scene {
    let entry = format!("{}{keys}", north.entry("north.example", "North"));
    let mut scene = Scene::with(House::with().provider(&entry), "", &[]).await;
    scene.ada = Browser::at(&scene.house);
    scene.ada.arrives(WIKI, "north.example").await.ticket();
    scene
}

#[tokio::test]
async fn proxy_tickets_tell_the_latest_attributes_where_the_entry_says_so() {
    for (keys, expected) in
        [("attributes_live = \"latest\"\n", "countess@north.example"), ("", "ada@north.example")]
    {
        let north = FakeCas::v3().knows("ada").with_attribute("mail", "ada@north.example").start().await;
        let scene = scene(&north, keys).await;
        let pgt = scene.pgt().await;
        north.changes("ada", &[("mail", "countess@north.example")]);
        Browser::at(&scene.house).arrives(WIKI, "north.example").await.ticket();
        let ticket = scene.pt(&pgt, MAIL).await;
        let answer = scene.house.validate("p3/proxyValidate", &ticket, MAIL, &[]).await;
        assert_eq!(
            (user(&answer).as_str(), values(&answer, "mail")),
            ("ada@north.example", vec![expected.into()])
        );
    }
}

#[tokio::test]
async fn proxying_ends_with_the_session_of_an_institution() {
    let north = FakeCas::v3().knows("ada").start().await;
    let scene = scene(&north, "max_session = \"30 min\"\n").await;
    let pgt = scene.pgt().await;
    scene.house.clock.advance(1799);
    let late = scene.pt(&pgt, MAIL).await;
    scene.house.clock.advance(1);
    assert_eq!(code(&scene.asks(&pgt, MAIL).await), "INVALID_TICKET");
    let answer = scene.house.validate("proxyValidate", &late, MAIL, &[]).await;
    assert_eq!(code(&answer), "INVALID_TICKET");
}
