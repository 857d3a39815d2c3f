//! Signing out of the institution too (CAS 3.0 §2.3): the page offers it, or the way leads through it.

use crate::federate::{north, south};
use crate::support::browser::Page;
use crate::support::house::{ADA, Builder, NOTES, WIKI};
use crate::support::journey::by;
use crate::support::trouble::Trouble;
use crate::support::{Browser, FakeCas, House};

const STILL: &str = "You may still be signed in at University of North";

fn with(north: &FakeCas, keys: &str) -> Builder {
    House::with().provider(&format!("{}{keys}\n", north.entry("north.example", "University of North")))
}

async fn signed_in(house: &House) -> Browser {
    let ada = Browser::at(house);
    ada.arrives(WIKI, "north.example").await.ticket();
    ada
}

/// The one button of the page that leads to the institution; empty: there is none.
fn to(north: &FakeCas, page: &Page) -> String {
    let mut found: Vec<String> =
        page.buttons().into_iter().filter(|link| link.starts_with(north.url())).collect();
    assert!(found.len() < 2, "{found:?}");
    found.pop().unwrap_or_default().replace("&amp;", "&")
}

#[tokio::test]
async fn the_page_offers_it() {
    let north = north().await;
    let house = with(&north, "").start().await;
    let ada = signed_in(&house).await;
    let page = ada.get("logout").await;
    assert!(page.says("You are signed out of") && page.says(STILL), "{}", page.text());
    assert!(page.says("Sign out of University of North") && page.header("refresh").is_empty());
    let button = to(&north, &page);
    let back = format!("{}/logout?service=", north.url());
    assert!(button.starts_with(&back), "{button}");

    let there = ada.get(&button).await;
    assert!(there.location().starts_with(&house.at("logout?back=")), "{}", there.location());
    let again = ada.follow(&there).await;
    assert_eq!(again.status, 200);
    assert!(
        again.says("University of North was asked to sign you out too") && !again.says(STILL),
        "{}",
        again.text()
    );
    assert_eq!(to(&north, &again), button, "it may be tried again");
    // What travels to the institution opens nothing there.
    let elsewhere = Browser::at(&house).get(there.location()).await;
    assert!(elsewhere.says("There is no sign-out to show here"), "{}", elsewhere.text());
    house.clock.advance(900);
    assert!(ada.get(there.location()).await.says("There is no sign-out to show here"));
    ada.arrives(WIKI, "north.example").await.ticket();
    assert_eq!(ada.get(there.location()).await.location(), house.at("login"), "signed in again meanwhile");
}

#[tokio::test]
async fn an_entry_may_offer_nothing_and_the_page_still_says_it() {
    let north = north().await;
    let house = with(&north, "logout = \"none\"").start().await;
    let ada = signed_in(&house).await;
    let page = ada.get("logout").await;
    assert!(page.says(STILL) && to(&north, &page).is_empty(), "{}", page.text());
    assert!(!page.says("Sign out of University"));
}

#[tokio::test]
async fn the_way_leads_through_it_and_comes_back() {
    let north = north().await;
    let house = with(&north, "logout = \"always\"").start().await;
    let ada = signed_in(&house).await;
    let away = ada.get("logout").await;
    assert_eq!(away.status, 303);
    assert!(away.location().starts_with(&format!("{}/logout?service=", north.url())), "{}", away.location());
    assert_eq!(house.count("session").await, 0, "our own sign-out came first");
    assert!(away.headers("set-cookie").iter().any(|cookie| cookie.starts_with("TGC-passerelle=;")));
    let there = ada.follow(&away).await;
    let page = ada.follow(&there).await;
    assert!(
        page.says("You are signed out of") && page.says("was asked to sign you out too"),
        "{}",
        page.text()
    );

    let nothing = ada.get("logout").await;
    assert!(
        nothing.says("You were not signed in") && !nothing.says("University of North was"),
        "{}",
        nothing.text()
    );
    assert!(!nothing.says(STILL) && to(&north, &nothing).is_empty());
}

#[tokio::test]
async fn a_service_comes_last() {
    let north = north().await;
    let house = with(&north, "logout = \"always\"").start().await;
    let ada = signed_in(&house).await;
    let away = ada.get(&format!("logout?service={NOTES}&all=1")).await;
    assert!(away.location().starts_with(&format!("{}/logout?service=", north.url())), "{}", away.location());
    let there = ada.follow(&away).await;
    assert_eq!(there.location(), house.at("logout?service=https%3A%2F%2Fnotes.example%2F"));
    let exit = ada.follow(&there).await;
    assert_eq!((exit.status, exit.location()), (303, NOTES));

    let ada = signed_in(&house).await;
    let away = ada.get("logout?service=https://evil.example/").await;
    assert!(!away.location().contains("evil"), "{}", away.location());
    let there = ada.follow(&away).await;
    assert!(ada.follow(&there).await.says("You are signed out of"));

    let house = with(&north, "").start().await;
    let ada = signed_in(&house).await;
    assert_eq!(
        ada.get(&format!("logout?service={NOTES}")).await.location(),
        NOTES,
        "nothing to offer on the way"
    );
}

#[tokio::test]
async fn older_servers_are_not_told_where_to_send_people() {
    let north = FakeCas::v2().knows("ada").start().await;
    let house = with(&north, "logout = \"always\"\npaths = { logout = \"/signout\" }").start().await;
    let ada = signed_in(&house).await;
    let straight = ada.get(&format!("logout?service={NOTES}")).await;
    assert_eq!(straight.location(), NOTES, "it would not come back");
    let ada = signed_in(&house).await;
    let away = ada.get("logout").await;
    assert_eq!((away.status, away.location()), (303, format!("{}/signout", north.url()).as_str()));
    assert!(ada.follow(&away).await.says("Signed out."));

    let house = with(&north, "").start().await;
    let ada = signed_in(&house).await;
    assert_eq!(to(&north, &ada.get("logout").await), format!("{}/logout", north.url()));
}

#[tokio::test]
async fn the_sign_in_page_may_follow() {
    let north = north().await;
    let house = with(&north, "logout = \"always\"").section("[logout]\nafter = \"login\"").start().await;
    let ada = signed_in(&house).await;
    let away = ada.get("logout").await;
    let there = ada.follow(&away).await;
    assert_eq!(there.location(), house.at("logout"));
    let page = ada.follow_home(there).await;
    assert!(page.says("You are signed out."), "{}", page.text());
}

#[tokio::test]
async fn the_sign_in_page_does_not_follow_where_somebody_must_be_warned() {
    let north = north().await;
    for (keys, warned) in [("", true), ("logout = \"none\"", false)] {
        let house = with(&north, keys).section("[logout]\nafter = \"login\"").start().await;
        let ada = signed_in(&house).await;
        let page = ada.follow_home(ada.get("logout").await).await;
        assert_eq!((page.status, page.says(STILL)), (200, warned), "{}", page.text());
        assert_eq!(page.says("You are signed out."), !warned, "{}", page.text());
        let button = to(&north, &page);
        assert_eq!(!button.is_empty(), warned);
        if warned {
            let again = ada.follow(&ada.get(&button).await).await;
            assert!(again.says("University of North was asked to sign you out too"), "{}", again.text());
        }
        let local = Browser::at(&house);
        local.signs_in(ADA).await;
        let page = local.follow_home(local.get("logout").await).await;
        assert!(page.says("You are signed out."), "{}", page.text());
    }
}

#[tokio::test]
async fn an_institution_that_left_the_files_is_named_by_its_suffix() {
    let north = north().await;
    for lines in ["[logout]\nafter = \"page\"", "[logout]\nafter = \"login\""] {
        let mut house = with(&north, "").start().await;
        let ada = signed_in(&house).await;
        house.reloads(House::with().section(lines)).await;
        let page = ada.get("logout").await;
        assert!(page.says("You may still be signed in at north.example"), "{}", page.text());
        assert_eq!(to(&north, &page), "");
        assert!(!page.says("Sign out of north.example"), "{}", page.text());
    }
}

#[tokio::test]
async fn after_a_form_of_ours_a_page_ends_the_chain() {
    let north = north().await;
    let house = with(&north, "logout = \"always\"").section("[logout]\nconfirm = true").start().await;
    let ada = signed_in(&house).await;
    let asked = ada.claiming("cross-site").get("logout").await;
    assert!(asked.says("Nothing has happened yet."), "{}", asked.text());
    let out = ada.claiming("same-origin").submit(&asked.form()).await;
    assert_eq!(out.status, 200);
    assert!(out.header("refresh").starts_with(&format!("0; url={}/logout?service=", north.url())));
    assert!(out.says("University of North"));
}

#[tokio::test]
async fn who_did_not_come_from_an_institution_is_not_sent_to_one() {
    let (north, south) = (north().await, south().await);
    let house = with(&north, "logout = \"always\"").provider(&south.entry("south.example", "South"));
    let house = house.start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let page = ada.get("logout").await;
    assert!(page.says("You are signed out of") && !page.says("still be signed in at"), "{}", page.text());
    let other = Browser::at(&house);
    other.arrives(WIKI, "south.example").await.ticket();
    let page = other.get("logout?all=1").await;
    assert!(
        page.says("You may still be signed in at South") && !page.says("University of North"),
        "{}",
        page.text()
    );
}

/// Whoever is sent to a server that says nothing sees nothing of ours any more, and reads nowhere that they signed
/// out.
#[tokio::test]
async fn nobody_is_sent_to_one_that_does_not_answer() {
    for lines in ["[logout]\nafter = \"page\"", "[logout]\nafter = \"login\""] {
        let north = north().await;
        let house = with(&north, "logout = \"always\"").section(lines).start().await;
        let (ada, other) = (signed_in(&house).await, signed_in(&house).await);
        north.has(Trouble::HangsUp);
        for _ in 0..2 {
            house.clock.advance(60);
            let stranger = Browser::at(&house);
            let page = stranger.returns(&stranger.get(&by(WIKI, "north.example")).await).await;
            assert_eq!(page.error_code(), "upstream.unreachable");
        }
        let page = ada.get("logout").await;
        assert_eq!((page.status, page.location()), (200, ""), "{lines}");
        assert!(page.says("You are signed out of") && page.says(STILL), "{}", page.text());
        assert!(!to(&north, &page).is_empty(), "who wants to may try");
        assert_eq!(other.get(&format!("logout?service={NOTES}")).await.location(), NOTES);
        assert_eq!(house.count("session").await, 0);
    }
}
