//! What a request asked for is still known when its person is back from the institution.

use super::{between, north, south};
use crate::support::browser::login;
use crate::support::house::{NOTES, WIKI};
use crate::support::journey::{by, user, values};
use crate::support::{Browser, Service};

const REMEMBERS: &str = "[session]\nremember_me = \"30 d\"";

#[tokio::test]
async fn every_parameter_of_a_request_comes_back() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).section(REMEMBERS).start().await;
    let service = "service=https%3A%2F%2Fwiki.example%2F%3Fa%3D1%26b%3D%252F%23top";
    for (asked, back, upstream) in [
        (String::new(), String::new(), &["service"][..]),
        (service.to_owned(), service.to_owned(), &["service"]),
        (format!("{service}&renew=true"), format!("{service}&renew=true"), &["service", "renew"]),
        (format!("{service}&renew=1"), format!("{service}&renew=true"), &["service", "renew"]),
        (format!("{service}&renew=0"), service.to_owned(), &["service"]),
        // Without a service there is nothing that the renewal was for any more.
        ("renew=true".to_owned(), String::new(), &["service", "renew"]),
        (
            format!("{service}&renew=true&gateway=true"),
            format!("{service}&renew=true&gateway=true"),
            &["service", "renew"],
        ),
        (format!("{service}&method=POST"), format!("{service}&method=POST"), &["service"]),
        (format!("{service}&method=HEADER"), format!("{service}&method=HEADER"), &["service"]),
        (format!("{service}&warn=1"), format!("{service}&warn=true"), &["service"]),
        (format!("{service}&rememberMe=on"), format!("{service}&rememberMe=true"), &["service"]),
        (format!("{service}&shared=1"), format!("{service}&shared=true"), &["service"]),
        (format!("{service}&locale=fr"), format!("{service}&lang=fr"), &["service"]),
        (format!("{service}&lang=zh-Hans&locale=fr"), format!("{service}&lang=zh-Hans"), &["service"]),
        // What only chose the next page, and what nobody knows.
        (format!("{service}&choose=1&q=north&hint=x&utm=1"), service.to_owned(), &["service"]),
        (
            format!("{service}&renew=1&gateway=1&method=POST&warn=1&rememberMe=1&locale=fr"),
            format!("{service}&renew=true&gateway=true&method=POST&warn=true&rememberMe=true&lang=fr"),
            &["service", "renew"],
        ),
    ] {
        for start in ["federate/north.example?", "login?provider=north.example&"] {
            if start.starts_with("login") && asked.contains("choose=1") {
                continue;
            }
            let browser = Browser::at(&house);
            let away = browser.get(format!("{start}{asked}").trim_end_matches(['?', '&'])).await;
            assert_eq!(away.status, 303, "{start}{asked}: {}", away.text());
            let returned = browser.returns(&away).await;
            let login = if back.is_empty() { "login".to_owned() } else { format!("login?{back}") };
            assert_eq!(returned.location(), house.at(&login), "{start}{asked}");
            assert_eq!(north.logins().last().unwrap().names(), upstream, "{start}{asked}");
        }
    }
}

#[tokio::test]
async fn and_means_what_it_meant() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).section(REMEMBERS).start().await;
    let lands = async |more: &str| {
        let browser = Browser::at(&house);
        let away = browser.get(&format!("{}{more}", by(WIKI, "north.example"))).await;
        let page = browser.follow_home(browser.returns(&away).await).await;
        (browser, page)
    };
    let (_, page) = lands("&method=POST").await;
    assert_eq!((page.status, page.form().action.as_str()), (200, WIKI));
    let ticket = page.form().value("ticket").unwrap().to_owned();
    assert_eq!(user(&house.service_validate(&ticket, WIKI).await), "ada@north.example");
    let (_, page) = lands("&method=HEADER").await;
    assert!(page.header("ticket").starts_with("ST-"), "{:?}", page.headers);
    let (browser, page) = lands("&warn=1").await;
    assert!(page.status == 200 && page.maybe_ticket().is_none() && page.says("Wiki"), "{}", page.text());
    assert_eq!(browser.visits(NOTES).await.maybe_ticket(), None, "and before the next service");
    let (_, page) = lands("&rememberMe=1").await;
    let answer = house.p3_service_validate(&page.ticket(), WIKI).await;
    assert_eq!(values(&answer, "longTermAuthenticationRequestTokenUsed"), ["true"]);
    // On a shared computer nothing is kept, whatever else was asked for.
    let (browser, page) = lands("&rememberMe=1&shared=1").await;
    let answer = house.p3_service_validate(&page.ticket(), WIKI).await;
    assert_eq!(values(&answer, "longTermAuthenticationRequestTokenUsed"), ["false"]);
    assert_eq!(browser.cookie("cas_recent"), None);
}

#[tokio::test]
async fn an_institution_link_for_somebody_from_another_one_ends_the_old_session_first() {
    let (north, south, app) = (north().await, south().await, Service::start().await);
    let house = between(&north, &south).service(&app.toml("App", "")).start().await;
    let browser = Browser::at(&house);
    let ticket = browser.arrives(&app.url, "north.example").await.ticket();
    house.service_validate(&ticket, &app.url).await;
    let old = browser.twin();
    let link = format!("federate/south.example?{}", login(&app.url, "").trim_start_matches("login?"));
    let away = browser.get(&link).await;
    assert!(away.location().starts_with(south.url()), "{}", away.location());
    // On the way there nothing has ended: whoever gives up is still signed in.
    house.tell_services().await;
    assert!(!old.is_nobody().await && app.told().is_empty());
    let exit = browser.follow_home(browser.returns(&away).await).await;
    assert!(old.is_nobody().await);
    house.tell_services().await;
    assert_eq!(app.told(), [ticket]);
    assert_eq!(user(&house.service_validate(&exit.ticket(), &app.url).await), "ada@south.example");
    assert_eq!(house.count("session").await, 1);

    // Through the same one again it goes on at once.
    let on = browser.get(&link).await;
    assert_eq!(on.location(), house.at(&login(&app.url, "")));
    assert_eq!(south.logins().len(), 1);
}

#[tokio::test]
async fn where_sessions_may_stand_beside_each_other_the_old_one_stays() {
    let (north, south, app) = (north().await, south().await, Service::start().await);
    let house = between(&north, &south)
        .section("[session]\nsingle_identity = false")
        .service(&app.toml("App", ""))
        .start()
        .await;
    let browser = Browser::at(&house);
    let ticket = browser.arrives(&app.url, "north.example").await.ticket();
    house.service_validate(&ticket, &app.url).await;
    let old = browser.twin();
    let away = browser.get("federate/south.example").await;
    browser.follow_home(browser.returns(&away).await).await;
    house.tell_services().await;
    assert!(!old.is_nobody().await && app.told().is_empty());
}

#[tokio::test]
async fn two_tabs_of_one_browser_with_news_in_between() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    let (one, two) =
        (ada.get(&by(super::LIBRARY, "north.example")).await, ada.get(&by(WIKI, "north.example")).await);
    let first = ada.returns(&one).await;
    north.changes("ada", &[("mail", "countess@north.example")]);
    let second = ada.returns(&two).await;
    // Both in one session, which knows the news.
    let ticket = ada.follow_home(first).await.ticket();
    assert_eq!(
        values(&house.p3_service_validate(&ticket, super::LIBRARY).await, "mail"),
        ["countess@north.example"]
    );
    let ticket = ada.follow_home(second).await.ticket();
    assert_eq!(user(&house.p3_service_validate(&ticket, WIKI).await), "ada@north.example");
    assert_eq!((house.count("session").await, house.count("federated_user").await), (1, 1));
}
