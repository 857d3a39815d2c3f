//! Nobody is sent round for ever: departures that nobody pressed a button for are counted.

use super::{between, north, south};
use crate::support::browser::login;
use crate::support::fake_cas::SendsBack;
use crate::support::house::WIKI;
use crate::support::journey::by;
use crate::support::{Browser, House, Page};

fn assert_circle(page: &Page) {
    assert_eq!((page.status, page.error_code().as_str()), (502, "upstream.loop"), "{}", page.text());
    assert_eq!(page.location(), "");
    let [first] = &page.buttons()[..] else { panic!("{:?}", page.buttons()) };
    assert!(first.contains("/cas/login?") && first.contains("choose=1"), "{first}");
}

#[tokio::test]
async fn an_institution_that_sends_people_back_at_once() {
    let north = north().await;
    let house = House::with().backends("").provider(&north.entry("north.example", "North")).start().await;
    let ada = Browser::at(&house);
    north.sends_back(SendsBack::WithoutTicket);
    for _ in 0..5 {
        let back = ada.returns(&ada.visits(WIKI).await).await;
        assert!(back.location().ends_with("choose=1"), "{}", back.location());
    }
    let page = ada.visits(WIKI).await;
    assert_circle(&page);
    assert!(page.says("North and") && page.says("back and forth"), "{}", page.text());
    assert_eq!(north.logins().len(), 5);

    // Whoever presses a button goes on. (The link of another site is followed without a hand.)
    let choice = ada.get(&page.buttons()[0]).await;
    let link = choice.links().into_iter().find(|link| link.contains("/federate/north.example")).unwrap();
    assert_circle(&ada.claiming("cross-site").get(&link).await);
    assert_circle(&ada.get(&link).await);
    north.sends_back(SendsBack::Appends);
    let away = ada.claiming("same-origin").get(&link).await;
    assert!(away.location().starts_with(north.url()), "{}", away.text());
    // A sign-in that ends well is the end of the count.
    let returned = ada.returns(&away).await;
    assert!(returned.headers("set-cookie").iter().any(|c| c.starts_with("cas_trips=;")), "{returned:?}");
    ada.follow_home(returned).await.ticket();
    assert_eq!(ada.cookie("cas_trips"), None);
}

/// A browser that comes up again opens all its tabs at once, and each goes to the one institution by itself.
#[tokio::test]
async fn many_tabs_are_no_circle() {
    let north = north().await;
    let any = "[[service]]\nname = \"Everything\"\nurl = \"https://*.app.example/**\"\n";
    let house = House::with()
        .backends("")
        .service(any)
        .provider(&north.entry("north.example", "North"))
        .start()
        .await;
    let ada = Browser::at(&house);
    let services: Vec<_> = (0..10).map(|i| format!("https://tab{i}.app.example/path?x={i}")).collect();
    let mut last = None;
    for round in 0..3 {
        for service in &services {
            let away = ada.visits(service).await;
            assert!(away.location().starts_with(north.url()), "{round} {service}: {}", away.text());
            last = Some(away);
        }
    }
    // A sign-in in one of them is enough for all.
    ada.follow_home(ada.returns(&last.unwrap()).await).await.ticket();
    for service in &services {
        ada.visits(service).await.ticket();
    }
}

#[tokio::test]
async fn a_minute_later_it_is_somebody_else() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    for _ in 0..5 {
        let away = ada.get(&by(WIKI, "north.example")).await;
        let cookie = away.headers("set-cookie").into_iter().find(|c| c.starts_with("cas_trips=")).unwrap();
        assert!(cookie.ends_with("; Path=/cas; HttpOnly; SameSite=Lax; Max-Age=60"), "{cookie}");
        house.clock.advance(11);
    }
    // The other ways that lead there by themselves count too, and what changes at every turn counts for nothing.
    assert_circle(&ada.get(&by(WIKI, "north.example")).await);
    assert_circle(&ada.get(&by("https://wiki.example/;jsessionid=7?state=7", "north.example")).await);
    let link = "federate/north.example?service=https%3A%2F%2Fwiki.example%2F";
    assert_circle(&ada.get(link).await);
    house.clock.advance(5);
    assert!(ada.get(&by(WIKI, "north.example")).await.location().starts_with(north.url()));
    // What the cookie says are only numbers.
    for value in ["", "x", "~", "5", "99999999999~1", "5~1", "1800000059~ffffffff9", "9999999999~ffffffff9"] {
        let browser = Browser::at(&house);
        browser.set_cookie("cas_trips", value);
        assert_eq!(browser.get(&by(WIKI, "north.example")).await.status, 303, "{value}");
    }
}

#[tokio::test]
async fn somebody_signed_in_is_not_renewed_for_ever_either() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    ada.arrives(WIKI, "north.example").await.ticket();
    for _ in 0..5 {
        assert!(ada.get(&login(WIKI, "renew=true")).await.location().starts_with(north.url()));
    }
    assert_circle(&ada.get(&login(WIKI, "renew=true")).await);
    ada.visits(WIKI).await.ticket();
}

#[tokio::test]
async fn two_gateways_that_know_only_each_other() {
    let (east, west) = ("http://east.example/cas", "http://west.example/cas");
    let knows = |own: &str, other: &str, url: &str| {
        let provider = format!("[[provider]]\nsuffix = {other:?}\nname = {other:?}\nurl = {url:?}\n");
        let service = format!("[[service]]\nname = \"The other\"\nurl = \"{url}/**\"\n");
        House::with().backends("").public(own).provider(&provider).service(&service)
    };
    let (a, b) =
        (knows(east, "west.example", west).start().await, knows(west, "east.example", east).start().await);
    let (at_a, at_b) = (Browser::at(&a), Browser::at(&b));
    let mut page = at_a.visits(WIKI).await;
    let mut hops = 0;
    while page.status == 303 {
        hops += 1;
        assert!(hops < 20, "{}", page.location());
        let browser = if page.location().starts_with(east) { &at_a } else { &at_b };
        page = browser.get(page.location()).await;
    }
    assert_circle(&page);
    assert_eq!(hops, 11, "five from each, and the first, which was for another service");
}
