//! Staying signed in (CAS 3.0 §4.1).

use std::collections::BTreeMap;

use passerelle::config::{Config, Files, Text, Texts};

use crate::federate::{between, north, south};
use crate::support::browser::login;
use crate::support::house::{ADA, WIKI};
use crate::support::journey::by;
use crate::support::{Browser, House, Page};

const COOKIE: &str = "TGC-passerelle";
const MONTH: i64 = 30 * 86_400;

async fn open() -> House {
    House::with().section("[session]\nremember_me = \"30 d\"").start().await
}

fn offers(page: &Page) -> bool {
    page.body.contains("name=\"rememberMe\"")
}

/// The life of the session cookie that this answer sets.
fn keeps(page: &Page) -> Option<i64> {
    let cookies = page.headers("set-cookie");
    let own = cookies.iter().find(|cookie| cookie.starts_with(COOKIE)).expect("a session");
    own.split_once("Max-Age=").map(|(_, seconds)| seconds.parse().unwrap())
}

async fn is_long_term(house: &House, browser: &Browser) -> bool {
    let answer = house.p3_service_validate(&browser.ticket_for(WIKI).await, WIKI).await;
    let yes = answer.contains("<cas:longTermAuthenticationRequestTokenUsed>true<");
    assert_ne!(yes, answer.contains("<cas:longTermAuthenticationRequestTokenUsed>false<"), "{answer}");
    yes
}

#[tokio::test]
async fn rmb_01_02_a_box_that_nobody_ticked() {
    let house = open().await;
    let ada = Browser::at(&house);
    for target in ["login".to_owned(), login(WIKI, "rememberMe=true"), login(WIKI, "warn=1&renew=1")] {
        let form = ada.get(&target).await;
        assert!(offers(&form) && form.says("Keep me signed in"), "{target}");
        assert_eq!(form.form().value("rememberMe"), None, "{target}");
    }
    // What the person ticked survives their slip.
    let form = ada.visits(WIKI).await.form().fill("username", ADA.0).fill("rememberMe", "1");
    let slip = ada.submit(&form.fill("password", "wrong")).await;
    assert_eq!(slip.form().value("rememberMe"), Some("1"));
    assert!(!offers(&ada.get(&login(WIKI, "shared=1")).await), "nothing is kept on a shared computer");
    assert!(!offers(&Browser::at(&House::start().await).visits(WIKI).await), "off as shipped");
}

#[tokio::test]
async fn rmb_03_04_the_session_lasts_and_its_tickets_say_so() {
    let house = open().await;
    let ada = Browser::at(&house);
    let form = ada.get("login").await.form().fill("username", ADA.0).fill("password", ADA.1);
    let typed = ada.submit(&form.fill("rememberMe", "1")).await;
    assert_eq!(keeps(&typed), Some(MONTH));
    for _ in 0..3 {
        house.clock.advance(7 * 86_400);
        house.sweep().await;
        assert!(is_long_term(&house, &ada).await);
    }
    let in_saml = house.saml(&ada.ticket_for(WIKI).await, WIKI).await;
    let yes = ("longTermAuthenticationRequestTokenUsed".to_owned(), vec!["true".to_owned()]);
    assert!(in_saml.told().contains(&yes), "{in_saml:?}");
    let in_json =
        house.validate("p3/serviceValidate", &ada.ticket_for(WIKI).await, WIKI, &[("format", "JSON")]).await;
    assert!(in_json.contains("\"longTermAuthenticationRequestTokenUsed\":true"), "{in_json}");
    house.clock.advance(9 * 86_400);
    house.sweep().await;
    assert!(ada.visits(WIKI).await.asks_password(), "thirty days are over");
    assert_eq!(house.count("session").await, 0);
}

#[tokio::test]
async fn rmb_03_for_three_months_at_most() {
    let longest = 90 * 86_400;
    let house = House::with().section("[session]\nremember_me = \"90 d\"").start().await;
    let ada = Browser::at(&house);
    let form = ada.get("login").await.form().fill("username", ADA.0).fill("password", ADA.1);
    assert_eq!(keeps(&ada.submit(&form.fill("rememberMe", "1")).await), Some(longest));
    // Used or not: no use makes it longer.
    house.clock.advance(longest - 1);
    assert!(is_long_term(&house, &ada).await);
    house.clock.advance(1);
    assert!(ada.visits(WIKI).await.asks_password());
    let text = Text::new("passerelle.toml", "[session]\nremember_me = \"91 d\"\n");
    let texts = Texts {
        main: text,
        providers: Vec::new(),
        services: Vec::new(),
        files: Files::Memory(BTreeMap::new()),
    };
    let problems = Config::read(&texts, &|_| None).unwrap_err().text(false, "");
    assert!(problems.contains("`remember_me` must be from"), "{problems}");
}

#[tokio::test]
async fn rmb_05_without_the_box_it_is_a_session_as_all_others() {
    let house = open().await;
    let ada = Browser::at(&house);
    assert_eq!(keeps(&ada.signs_in(ADA).await), None);
    assert!(!is_long_term(&house, &ada).await);
    house.clock.advance(7200);
    assert!(ada.visits(WIKI).await.asks_password());
}

#[tokio::test]
async fn where_it_may_not_be_asking_does_nothing() {
    let (shared, off) = (open().await, House::start().await);
    for (house, field) in [(&shared, "shared"), (&off, "other")] {
        let ada = Browser::at(house);
        let form = ada.get("login").await.form().fill("username", ADA.0).fill("password", ADA.1);
        let typed = ada.submit(&form.fill("rememberMe", "1").fill(field, "1")).await;
        assert_eq!((typed.status, keeps(&typed)), (303, None), "{field}");
        assert!(!is_long_term(house, &ada).await, "{field}");
    }
}

#[tokio::test]
async fn a_renewal_of_the_same_person_does_not_forget() {
    let house = open().await;
    let ada = Browser::at(&house);
    let form = ada.get("login").await.form().fill("username", ADA.0).fill("password", ADA.1);
    ada.submit(&form.fill("rememberMe", "1")).await;
    let old = ada.cookie(COOKIE);
    house.clock.advance(86_400);
    let typed = ada.types(&ada.get(&login(WIKI, "renew=true")).await, ADA).await;
    assert_eq!(keeps(&typed), Some(MONTH));
    assert_ne!(ada.cookie(COOKIE), old);
    let ticket = ada.follow(&typed).await.ticket();
    let answer = house.validate("p3/serviceValidate", &ticket, WIKI, &[("renew", "true")]).await;
    assert!(answer.contains("<cas:isFromNewLogin>true<"), "{answer}");
    assert!(answer.contains("TokenUsed>true<"), "{answer}");
    assert_eq!(house.count("session").await, 1);
    // On a computer that is called a shared one it does.
    let form = ada.get(&login(WIKI, "renew=true&shared=1")).await;
    assert_eq!(keeps(&ada.types(&form, ADA).await), None);
    house.clock.advance(7200);
    assert!(ada.visits(WIKI).await.asks_password());
}

#[tokio::test]
async fn people_of_institutions_ask_for_it_by_the_request() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).section("[session]\nremember_me = \"30 d\"").start().await;
    for (query, stays) in [("rememberMe=true", true), ("rememberMe=true&shared=1", false), ("", false)] {
        let ada = Browser::at(&house);
        let away = ada.get(&format!("{}&{query}", by(WIKI, "north.example"))).await;
        let returned = ada.returns(&away).await;
        assert_eq!(keeps(&returned), stays.then_some(MONTH), "{query}");
        assert_eq!(is_long_term(&house, &ada).await, stays, "{query}");
        house.clock.advance(7200);
        assert_eq!(ada.visits(WIKI).await.maybe_ticket().is_some(), stays, "{query}");
    }
}

/// A link of another site decides that for nobody, however few clicks it takes; a page of ours does, and so do
/// browsers that do not say where they come from.
#[tokio::test]
async fn a_link_of_another_site_keeps_nobody() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).section("[session]\nremember_me = \"30 d\"").start().await;
    for (site, stays) in
        [("cross-site", false), ("same-site", false), ("same-origin", true), ("none", true), ("", true)]
    {
        let ada = Browser::at(&house);
        let comes = if site.is_empty() { ada.clone() } else { ada.claiming(site) };
        let away = comes.get(&format!("{}&rememberMe=true", by(WIKI, "north.example"))).await;
        // On the way back every browser comes from the institution.
        let returned = ada.claiming("cross-site").returns(&away).await;
        assert_eq!(keeps(&returned), stays.then_some(MONTH), "{site}");
        assert_eq!(is_long_term(&house, &ada).await, stays, "{site}");
    }
    // Past the selection page it is the wish of whoever chose there.
    let ada = Browser::at(&house);
    let page = ada.claiming("cross-site").get(&login(WIKI, "rememberMe=true")).await;
    let link = page.links().into_iter().find(|link| link.contains("/federate/north.example")).unwrap();
    let away = ada.claiming("same-origin").get(&link).await;
    assert_eq!(keeps(&ada.returns(&away).await), Some(MONTH));
}
