//! "Always go there": the selection page is skipped by choice, and never where that would not end.

use super::{LIBRARY, between, north, south};
use crate::support::browser::login;
use crate::support::fake_cas::{FakeCas, SendsBack};
use crate::support::form::Form;
use crate::support::house::{BEGIN, NOTES, WIKI};
use crate::support::journey::by;
use crate::support::trouble::Trouble;
use crate::support::{Browser, House, Page};

const MONTH: i64 = 30 * 86_400;

/// A browser that skips the page for the north, since just now.
async fn skipping(house: &House) -> Browser {
    let ada = Browser::at(house);
    ada.set_cookie("cas_auto", &format!("north.example~{}~0~0", house.app.clock.now().seconds() + MONTH));
    ada
}

fn leaves_for(page: &Page, institution: &FakeCas) -> bool {
    page.status == 303 && page.location().starts_with(institution.url())
}

fn is_the_page(page: &Page) -> bool {
    page.status == 200 && !page.offers().is_empty()
}

/// The form with the choice, and the suffix that its button sends.
fn chooses(page: &Page) -> Option<Form> {
    let (_, rest) = page.body.split_once("name=\"auto\" value=\"")?;
    Some(page.form().fill("auto", rest.split('"').next()?))
}

fn auto_cookie(page: &Page) -> Option<String> {
    page.headers("set-cookie").into_iter().find(|cookie| cookie.starts_with("cas_auto=")).map(str::to_owned)
}

#[tokio::test]
async fn chosen_and_taken_back_on_the_selection_page() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    assert_eq!(chooses(&ada.visits(LIBRARY).await), None, "nobody came back from anywhere yet");
    ada.arrives(LIBRARY, "north.example").await.ticket();
    ada.get("logout").await;
    let page = ada.visits(LIBRARY).await;
    assert!(page.says("You used this one before on this device."), "{}", page.text());
    assert!(
        page.says("Go straight to University of North next time For 30 days on this device."),
        "{}",
        page.text()
    );
    let answer = ada.submit(&chooses(&page).unwrap()).await;
    assert_eq!(answer.location(), house.at(&login(LIBRARY, "")));
    let cookie = format!("cas_auto=north.example~{}~0~0", BEGIN + MONTH);
    assert_eq!(
        auto_cookie(&answer),
        Some(format!("{cookie}; Path=/cas; HttpOnly; SameSite=Lax; Max-Age={MONTH}"))
    );
    let away = ada.follow(&answer).await;
    assert!(leaves_for(&away, &north), "{}", away.text());
    ada.follow_home(ada.returns(&away).await).await.ticket();

    // And no more: the page is there for a while after a sign-out, with the button.
    ada.get("logout").await;
    let page = ada.visits(NOTES).await;
    assert!(page.says("Let me choose my institution each time"), "{}", page.text());
    let answer = ada.submit(&page.form().fill("ask", "1")).await;
    assert!(auto_cookie(&answer).unwrap().contains("Max-Age=0"));
    assert_eq!(ada.cookie("cas_auto"), None);
    house.clock.advance(3600);
    assert!(is_the_page(&ada.visits(NOTES).await));
}

#[tokio::test]
async fn chosen_and_forgotten_by_somebody_signed_in() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    ada.arrives(LIBRARY, "north.example").await.ticket();
    let page = ada.get("login").await;
    assert!(page.buttons().iter().any(|link| link.contains("choose=1")), "a way to another one");
    let form = Form::all(&page.body).into_iter().find(|form| form.action.ends_with("/preferences")).unwrap();
    let answer = ada.submit(&form.without("save").fill("auto", "north.example")).await;
    assert!(auto_cookie(&answer).unwrap().starts_with("cas_auto=north.example~"));
    let page = ada.follow(&answer).await;
    assert!(page.says("Let me choose my institution each time") && chooses(&page).is_none());
    // Who forgets the institution does not want to go there unasked.
    let forget = page.form().without("save").fill("forget", "NORTH.example");
    let answer = ada.submit(&Form { action: "/cas/preferences".to_owned(), ..forget }).await;
    assert_eq!((ada.cookie("cas_auto"), ada.cookie("cas_recent")), (None, None), "{answer:?}");
}

#[tokio::test]
async fn nobody_else_chooses() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    ada.arrives(WIKI, "north.example").await.ticket();
    ada.get("logout").await;
    let fresh = async || ada.visits(WIKI).await.form();
    for form in [
        fresh().await.fill("auto", "south.example"),
        fresh().await.fill("auto", "https://evil.example/"),
        fresh().await.fill("auto", "local"),
        fresh().await.fill("auto", "north.example").fill("shared", "1"),
        fresh().await.fill("auto", "north.example").fill("lt", "LT-made-up"),
    ] {
        let answer = ada.submit(&form).await;
        assert_eq!((answer.status, auto_cookie(&answer)), (303, None), "{form:?}");
    }
    let good = fresh().await.fill("auto", "north.example");
    let foreign = ada.claiming("cross-site").submit(&good).await;
    assert_eq!((foreign.error_code().as_str(), auto_cookie(&foreign)), ("request.foreign", None));
    let stolen = Browser::at(&house);
    stolen.set_cookie("cas_recent", "north.example");
    assert_eq!(auto_cookie(&stolen.submit(&good).await), None, "a token of another browser");
    // On a shared computer there is no button at all.
    assert_eq!(chooses(&ada.get(&login(WIKI, "shared=1")).await), None);
}

#[tokio::test]
async fn forbidden() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).section("[federation]\nskip_page = \"off\"").start().await;
    let ada = skipping(&house).await;
    assert!(is_the_page(&ada.visits(WIKI).await));
    ada.arrives(WIKI, "north.example").await.ticket();
    assert_eq!(chooses(&ada.get("login").await), None);
    ada.get("logout").await;
    let page = ada.visits(WIKI).await;
    assert_eq!(chooses(&page), None);
    assert_eq!(auto_cookie(&ada.submit(&page.form().fill("auto", "north.example")).await), None);
}

#[tokio::test]
async fn the_page_is_shown_where_it_is_asked_for() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = skipping(&house).await;
    for more in ["choose=1", "q=north", "shared=1"] {
        let page = ada.get(&login(WIKI, more)).await;
        assert!(is_the_page(&page), "{more} {}", page.text());
    }
    assert!(leaves_for(&ada.visits(WIKI).await, &north));
    assert!(leaves_for(&ada.get("login").await, &north), "without a service too");
    assert!(leaves_for(&ada.get(&by(WIKI, "south.example")).await, &south), "a name comes first");
    assert!(leaves_for(&ada.get(&login(WIKI, "renew=true")).await, &north));
}

#[tokio::test]
async fn after_a_failure_the_page_is_back_for_five_minutes() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = skipping(&house).await;
    north.has(Trouble::Status(500));
    let failed = ada.returns(&ada.visits(WIKI).await).await;
    assert_eq!(failed.error_code(), "upstream.http");
    assert!(failed.buttons().iter().any(|link| link.contains("choose=1")), "{:?}", failed.buttons());
    let until = BEGIN + MONTH;
    let cookie = auto_cookie(&failed).unwrap();
    assert!(cookie.starts_with(&format!("cas_auto=north.example~{until}~{BEGIN}~0;")), "{cookie}");
    assert!(is_the_page(&ada.visits(WIKI).await));
    house.clock.advance(299);
    assert!(is_the_page(&ada.visits(WIKI).await));
    house.clock.advance(1);
    assert!(is_the_page(&ada.get(&login(WIKI, "renew=true")).await), "not for a renewal");
    let away = ada.visits(WIKI).await;
    assert!(leaves_for(&away, &north));
    // A success is the end of that, and the choice ends when it would have.
    north.recovers();
    let well = ada.returns(&away).await;
    let left = MONTH - 300;
    let cookie = auto_cookie(&well).unwrap();
    assert!(cookie.starts_with(&format!("cas_auto=north.example~{until}~0~0;")), "{cookie}");
    assert!(cookie.ends_with(&format!("Max-Age={left}")), "{cookie}");
}

#[tokio::test]
async fn who_was_sent_back_with_empty_hands_chooses() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = skipping(&house).await;
    north.sends_back(SendsBack::WithoutTicket);
    let back = ada.returns(&ada.visits(WIKI).await).await;
    assert!(back.location().ends_with("choose=1"), "{}", back.location());
    assert!(is_the_page(&ada.visits(WIKI).await), "and is not sent there again");
    house.clock.advance(300);
    assert!(leaves_for(&ada.visits(WIKI).await, &north));
}

#[tokio::test]
async fn after_a_sign_out_the_page_is_back_for_ten_minutes() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = skipping(&house).await;
    ada.follow_home(ada.returns(&ada.visits(WIKI).await).await).await.ticket();
    let left = ada.get("logout").await;
    assert!(auto_cookie(&left).unwrap().contains(&format!("~0~{BEGIN};")), "{left:?}");
    assert!(is_the_page(&ada.visits(WIKI).await));
    house.clock.advance(599);
    assert!(is_the_page(&ada.visits(WIKI).await));
    house.clock.advance(1);
    assert!(leaves_for(&ada.visits(WIKI).await, &north));
    // Forgetting takes all of it.
    let left = ada.get("logout?forget_provider=1").await;
    let cookie = auto_cookie(&left).unwrap();
    assert!(cookie.starts_with("cas_auto=;") && cookie.ends_with("Max-Age=0"), "{cookie}");
}

#[tokio::test]
async fn it_ends_by_itself() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = skipping(&house).await;
    house.clock.advance(MONTH - 1);
    assert!(leaves_for(&ada.visits(WIKI).await, &north));
    house.clock.advance(1);
    assert!(is_the_page(&ada.visits(WIKI).await), "whatever the browser still sends");
    let greedy = Browser::at(&house);
    greedy.set_cookie("cas_auto", &format!("north.example~{}~0~0", BEGIN + 10 * MONTH));
    assert!(is_the_page(&greedy.visits(WIKI).await));
}

const SOME: &str = r#"
[[provider]]
suffix = "off.example"
name = "Off"
url = "https://cas.off.example/cas"
disabled = true

[[provider]]
suffix = "hidden.example"
name = "Hidden"
url = "https://cas.hidden.example/cas"
display = false
"#;

#[tokio::test]
async fn what_the_cookie_says_is_only_a_wish() {
    let (north, south) = (north().await, south().await);
    let only = "[[service]]\nname = \"Both\"\nurl = \"https://some.example/**\"\n\
                providers = [\"north.example\", \"south.example\"]\n";
    let house = between(&north, &south).provider(SOME).service(only).start().await;
    let until = BEGIN + 60;
    let with = |value: &str| {
        let browser = Browser::at(&house);
        browser.set_cookie("cas_auto", value);
        browser
    };
    let hidden = with(&format!("hidden.example~{until}~0~0"));
    let away = hidden.visits(WIKI).await;
    assert!(away.location().starts_with("https://cas.hidden.example/cas/login?"), "{}", away.location());
    assert!(is_the_page(&hidden.visits("https://some.example/").await), "not for this service");
    for value in [
        format!("off.example~{until}~0~0"),
        format!("nowhere.example~{until}~0~0"),
        format!("local~{until}~0~0"),
        format!("https://evil.example/~{until}~0~0"),
        format!("north.example~{until}~0"),
        format!("north.example~{until}~0~0~0"),
        format!("north.example~{until}~-1~0"),
        "north.example".to_owned(),
        "<script>".to_owned(),
    ] {
        let page = with(&value).visits(WIKI).await;
        assert!(is_the_page(&page) && !page.body.contains("evil"), "{value}");
    }
}

#[tokio::test]
async fn never_a_jump_for_an_account_that_the_service_does_not_take() {
    let (north, south) = (north().await, south().await);
    let rule = "[[service]]\nname = \"South only\"\nurl = \"https://of-south.example/**\"\nproviders = [\"south.example\"]\n";
    let house = between(&north, &south).service(rule).start().await;
    let ada = Browser::at(&house);
    ada.arrives(WIKI, "north.example").await.ticket();
    ada.set_cookie("cas_auto", &format!("south.example~{}~0~0", BEGIN + 60));
    let page = ada.visits("https://of-south.example/").await;
    assert_eq!((page.status, page.offers()), (200, vec!["south.example".to_owned()]));
}
