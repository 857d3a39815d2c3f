//! The page of somebody who is signed in: the other devices, the institution, the services.

use passerelle::domain::issued::IssuedTicket;
use passerelle::protocol::attributes::Attributes;
use passerelle::protocol::ticket::TicketKind;
use passerelle::protocol::time::Timestamp;
use passerelle::store::{NewTicket, TakeTicket, TicketHash};

use crate::federate::{between, north, south};
use crate::support::form::{Form, attribute};
use crate::support::house::{ADA, BEGIN, BROOK, WIKI};
use crate::support::journey::by;
use crate::support::{Browser, House, Page, Service};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 \
    (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

/// The numbers behind the buttons that end another device.
fn ends(page: &Page) -> Vec<String> {
    let buttons = page.body.split("<button").filter(|tag| tag.contains(" name=\"end\""));
    buttons.map(|tag| attribute(tag, "value").unwrap()).collect()
}

/// Presses one of them.
async fn end(browser: &Browser, page: &Page, id: &str) -> Page {
    let lt = page.form().value("lt").unwrap().to_owned();
    browser.post("preferences", &[("lt", &lt), ("end", id)]).await
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.visits(WIKI).await.maybe_ticket().is_some()
}

#[tokio::test]
async fn another_device_is_told_and_ended() {
    let app = Service::start().await;
    let house = House::with().service(&app.toml("App", "")).start().await;
    let desk = Browser::at(&house).sending("user-agent", FIREFOX);
    let phone = Browser::at(&house).sending("user-agent", SAFARI);
    let other = Browser::at(&house);
    other.signs_in(BROOK).await;
    let ticket = phone.signs_in_for(ADA, &app.url).await;
    house.service_validate(&ticket, &app.url).await;
    house.clock.advance(600);
    desk.signs_in(ADA).await;
    let page = desk.get("login").await;
    assert!(page.says("Your other devices Safari on iPhone Last used 10 minutes ago"), "{}", page.text());
    assert!(page.says("Sign out on all 2 devices") && !page.says("Firefox"), "{}", page.text());
    assert_eq!(ends(&page).len(), 1);

    let ended = end(&desk, &page, &ends(&page)[0]).await;
    assert_eq!((ended.status, ended.location()), (303, house.at("login").as_str()));
    let page = desk.follow(&ended).await;
    assert!(!page.says("Your other devices") && !page.says("on all"), "{}", page.text());
    assert!(!is_signed_in(&phone).await && is_signed_in(&desk).await && is_signed_in(&other).await);
    house.tell_services().await;
    assert_eq!(app.told(), [ticket]);
}

#[tokio::test]
async fn nobody_ends_what_is_not_theirs() {
    let house = House::start().await;
    let (desk, phone, eve) = (Browser::at(&house), Browser::at(&house), Browser::at(&house));
    desk.signs_in(ADA).await;
    phone.signs_in(ADA).await;
    eve.signs_in(BROOK).await;
    let page = desk.get("login").await;
    let id = ends(&page)[0].clone();
    let own = eve.get("login").await;
    assert_eq!((end(&eve, &own, &id).await.status, own.says("Your other devices")), (303, false));
    // Without the token, with a used one, from another site, by nobody, and numbers of nothing.
    assert_eq!(desk.post("preferences", &[("end", &id)]).await.status, 303);
    assert_eq!(end(&desk.claiming("cross-site"), &page, &id).await.code(), "request.foreign");
    let guest = Browser::at(&house);
    assert_eq!(end(&guest, &guest.get("login").await, &id).await.status, 303);
    for odd in ["x", "\0", "é", &"9".repeat(1000)] {
        let page = desk.get("login").await;
        assert_eq!(end(&desk, &page, odd).await.status, 303, "{odd}");
        assert_eq!(end(&desk, &page, &id).await.status, 303, "the token was used");
    }
    // One's own session ends by signing out.
    let own = ends(&phone.get("login").await)[0].clone();
    end(&desk, &desk.get("login").await, &own).await;
    assert!(is_signed_in(&desk).await && is_signed_in(&phone).await);
    end(&desk, &desk.get("login").await, &id).await;
    assert!(is_signed_in(&desk).await && !is_signed_in(&phone).await);
}

#[tokio::test]
async fn sessions_that_are_over_are_no_devices() {
    let house = House::start().await;
    let (desk, phone) = (Browser::at(&house), Browser::at(&house));
    phone.signs_in(ADA).await;
    house.clock.advance(7200);
    desk.signs_in(ADA).await;
    assert!(!desk.get("login").await.says("Your other devices"), "no sweep was needed");
}

#[tokio::test]
async fn people_read_what_is_known_of_them() {
    let desk = r#"
[[backend]]
name = "desk"
kind = "test"
user = "ada"
password = "Engine, analytical: 1843"
hidden_attributes = ["room"]
attributes = { mail = ["ada@home.example", "countess@home.example"], room = "cellar 4", userPassword = "secret-of-1843" }
"#;
    let house = House::with().backends(desk).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let page = ada.get("login").await;
    assert!(page.says("What is known about you here") && !page.says("your institution"), "{}", page.text());
    assert!(page.says("ada@home.example, countess@home.example"), "{}", page.text());
    for inside in ["room", "cellar 4", "userPassword", "secret-of-1843", "analytical"] {
        assert!(!page.body.contains(inside), "{inside}");
    }
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let guest = Browser::at(&house);
    guest.arrives(WIKI, "north.example").await;
    let page = guest.get("login").await;
    assert!(page.says("What your institution told us about you"), "{}", page.text());
}

#[tokio::test]
async fn the_institution_is_forgotten() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    ada.arrives(WIKI, "south.example").await;
    ada.get("logout").await;
    ada.arrives(WIKI, "north.example").await;
    let page = ada.get("login").await;
    assert!(page.says("Forget University of North on this device"), "{}", page.text());
    let lt = page.form().value("lt").unwrap().to_owned();
    let forgot = ada.post("preferences", &[("lt", &lt), ("forget", "north.example")]).await;
    assert!(!ada.follow(&forgot).await.says("Forget University of North"));
    assert_eq!(ada.cookie("cas_recent").as_deref(), Some("south.example"));
    // On a shared computer there is nothing to forget.
    let guest = Browser::at(&house);
    let away = guest.get(&format!("{}&shared=1", by(WIKI, "north.example"))).await;
    guest.returns(&away).await;
    assert!(!guest.get("login").await.says("Forget"));
}

#[tokio::test]
async fn services_lead_to_their_front_pages() {
    let services = "[[service]]\nname = \"Payroll\"\nurl = \"https://apps.example/payroll/**\"\n\
        single_log_out = false\n";
    let house = House::with().service(services).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    for service in ["https://wiki.example/logout?x=1", "https://apps.example/payroll/cas/login?a=1#b"] {
        house.service_validate(&ada.ticket_for(service).await, service).await;
        house.clock.advance(60);
    }
    let page = ada.get("login").await;
    let links: Vec<_> = page.links().into_iter().filter(|link| link.starts_with("https:")).collect();
    assert_eq!(links, ["https://apps.example/payroll/", "https://wiki.example/"]);
    assert_eq!(page.text().matches("Sign out there yourself").count(), 1);
}

#[tokio::test]
async fn proxies_are_named() {
    let services = "[[service]]\nname = \"Mail store\"\nurl = \"https://imap.example/**\"\n";
    let house = House::with().service(services).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let cookie = TicketHash::of(&ada.cookie("TGC-passerelle").unwrap());
    let session = house.app.store.session(&cookie).await.unwrap().unwrap();
    let now = Timestamp::from_seconds(BEGIN);
    for (text, proxy, says) in [
        ("PT-1", "https://wiki.example/callback", "Through Wiki"),
        ("PT-2", "https://agent.elsewhere.example/x?y", "Through agent.elsewhere.example"),
    ] {
        let service = "https://imap.example/".to_owned();
        let now = now.plus(i64::from(text == "PT-2"));
        let ticket = IssuedTicket {
            kind: TicketKind::Pt,
            session: session.id.clone(),
            service: service.clone(),
            rule: "Mail store".to_owned(),
            issued_at: now,
            expires_at: now.plus(60),
            renewed: false,
            single_log_out: true,
            user: "ada".to_owned(),
            attributes: Attributes::new(),
            authenticated_at: now,
            long_term: false,
            proxies: vec![proxy.to_owned()],
        };
        let hash = TicketHash::of(text);
        let new = NewTicket { hash: hash.clone(), ticket, slo_url: None, parent: None };
        assert!(house.app.store.issue(new).await.unwrap());
        let take = TakeTicket {
            hash,
            text: text.to_owned(),
            service,
            renew: false,
            proxies_too: true,
            may_succeed: true,
            now,
        };
        assert!(house.app.store.take(take).await.unwrap().is_some());
        let page = ada.get("login").await;
        assert!(
            page.says(says) && !page.links().contains(&"https://imap.example/".to_owned()),
            "{}",
            page.text()
        );
    }
    house.service_validate(&ada.ticket_for("https://imap.example/").await, "https://imap.example/").await;
    let page = ada.get("login").await;
    assert!(page.says("Also through agent.elsewhere.example"), "{}", page.text());
    assert!(page.links().contains(&"https://imap.example/".to_owned()));
}

#[tokio::test]
async fn the_token_of_the_page_is_in_every_form() {
    let house = House::start().await;
    let (desk, phone) = (Browser::at(&house), Browser::at(&house));
    desk.signs_in(ADA).await;
    phone.signs_in(ADA).await;
    let forms = Form::all(&desk.get("login").await.body);
    let actions: Vec<_> = forms.iter().map(|form| form.action.as_str()).collect();
    assert_eq!(actions, ["/cas/logout", "/cas/preferences", "/cas/preferences"]);
    assert!(forms.iter().all(|form| form.value("lt").is_some_and(|lt| lt.starts_with("LT-"))));
}
