//! How the ticket travels (CAS 3.0 §2.1.1, `method`).

use crate::federate::{between, north, south};
use crate::support::browser::login;
use crate::support::form::Form;
use crate::support::house::{ADA, NOTES, WIKI};
use crate::support::journey::user;
use crate::support::{Browser, House, Page, Service};

/// The form of the page that posts, without a ticket in any address of it.
fn posts(page: &Page) -> (Form, String) {
    assert_eq!((page.status, page.location(), page.header("cache-control")), (200, "", "no-store"));
    let form = page.form();
    let names: Vec<_> = form.fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["ticket"], "{}", page.body);
    assert!(page.body.contains(" data-post>") && !page.body.contains("http-equiv=\"refresh\""));
    let ticket = form.value("ticket").unwrap().to_owned();
    assert_eq!(page.body.matches(&ticket).count(), 1, "in the field, and nowhere else");
    assert!(ticket.starts_with("ST-"), "{ticket}");
    (form, ticket)
}

#[tokio::test]
async fn req_27_method_post_posts_the_ticket() {
    let app = Service::start().await;
    let house = House::with().service(&app.toml("App", "")).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    for service in ["https://wiki.example/a%20b?x=%2f&x=&'y'=%22#top", WIKI, "https://wiki.example"] {
        let page = ada.get(&login(service, "method=POST")).await;
        let (form, ticket) = posts(&page);
        assert_eq!(form.action, service);
        let policy = page.header("content-security-policy");
        assert!(policy.contains("; form-action 'self' https:; "), "{policy}");
        assert_eq!(user(&house.service_validate(&ticket, service).await), "ada");
        assert!(!house.logs().contains(&ticket));
    }
    // The service gets a POST, and nothing in its address.
    let page = ada.get(&login(&app.url, "method=POST")).await;
    let (form, ticket) = posts(&page);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("; form-action 'self' http: https:; "), "{policy}");
    ada.submit(&form).await;
    let heard = app.heard().remove(0);
    assert_eq!((heard.method.as_str(), heard.target.as_str()), ("POST", "/"));
    assert_eq!(heard.body, format!("ticket={ticket}"));
}

#[tokio::test]
async fn req_28_method_header_tells_service_and_ticket() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let service = "https://wiki.example/a?b=%2F&b=#c";
    let page = ada.get(&login(service, "method=HEADER")).await;
    assert_eq!((page.status, page.location(), page.header("service")), (200, "", service));
    assert_eq!((page.header("cache-control"), page.header("refresh")), ("no-store", ""));
    assert!(page.says("You are signed in to Wiki") && !page.body.contains("http-equiv=\"refresh\""));
    let ticket = page.header("ticket").to_owned();
    assert_eq!(page.buttons(), [format!("https://wiki.example/a?b=%2F&b=&ticket={ticket}#c")]);
    assert_eq!(user(&house.service_validate(&ticket, service).await), "ada");
    assert!(!house.logs().contains(&ticket));
}

#[tokio::test]
async fn req_29_an_unknown_method_is_a_redirect() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let long = "x".repeat(500);
    for method in ["GET", "PUT", "get", "", "%3Cscript%3E", "POST%20", long.as_str()] {
        let exit = ada.get(&login(WIKI, &format!("method={method}"))).await;
        assert_eq!(exit.status, 303, "{method}");
        assert!(exit.maybe_ticket().is_some(), "{method}");
    }
    assert_eq!(ada.get(&login(WIKI, "method=GET&method=POST")).await.code(), "request.malformed");
    posts(&ada.get(&login(WIKI, "method=post")).await);
}

#[tokio::test]
async fn req_33_an_old_ticket_does_not_stay_beside_the_posted_one() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let service = "https://wiki.example/?a=1&ticket=ST-old&b=2";
    let (form, ticket) = posts(&ada.get(&login(service, "method=POST")).await);
    assert_eq!(form.action, "https://wiki.example/?a=1&b=2");
    assert_eq!(user(&house.service_validate(&ticket, service).await), "ada");
}

#[tokio::test]
async fn the_entry_of_the_service_decides_where_the_request_is_silent() {
    let services = "[[service]]\nname = \"Post\"\nurl = \"https://post.example/**\"\nresponse = \"post\"\n\
        [[service]]\nname = \"Header\"\nurl = \"https://header.example/**\"\nresponse = \"header\"\n";
    let house = House::with().service(services).start().await;
    let ada = Browser::at(&house);
    // Without a ticket there is nothing to post.
    let back = ada.get(&login("https://post.example/", "gateway=true&method=POST")).await;
    assert_eq!((back.status, back.location()), (303, "https://post.example/"));
    ada.signs_in(ADA).await;
    posts(&ada.visits("https://post.example/").await);
    assert_eq!(ada.visits("https://header.example/").await.header("service"), "https://header.example/");
    for method in ["GET", "PUT"] {
        let exit = ada.get(&login("https://post.example/", &format!("method={method}"))).await;
        assert!(exit.maybe_ticket().is_some(), "{method}");
    }
    posts(&ada.get(&login("https://header.example/", "method=POST")).await);
}

#[tokio::test]
async fn after_the_forms_of_ours_it_is_posted_too() {
    let house = House::start().await;
    let ada = Browser::at(&house).claiming("same-origin");
    let form = ada.get(&login(WIKI, "method=POST&warn=1")).await;
    assert_eq!(form.form().value("method"), Some("POST"));
    let asks = ada.follow(&ada.types(&form, ADA).await).await;
    assert_eq!(asks.form().value("method"), Some("POST"));
    let (_, ticket) = posts(&ada.submit(&asks.form().fill("go", "1")).await);
    assert_eq!(user(&house.service_validate(&ticket, WIKI).await), "ada");
}

#[tokio::test]
async fn a_service_that_is_not_ours_gets_nothing_in_any_way() {
    let services =
        "[[service]]\nname = \"Staff\"\nurl = \"https://staff.example/**\"\nusernames = [\"brook\"]\n";
    let house = House::with().service(services).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    for (service, status, code) in [
        ("https://evil.example/", 403, "service.not_registered"),
        ("http://wiki.example/", 403, "service.not_https"),
        ("javascript://wiki.example/%0aalert(1)", 400, "service.malformed"),
        ("https://wiki.example/\r\nticket: ST-1", 400, "service.malformed"),
        ("https://staff.example/", 403, "service.user_not_allowed"),
    ] {
        for method in ["POST", "HEADER"] {
            let page = ada.get(&login(service, &format!("method={method}"))).await;
            assert_eq!((page.status, page.code().as_str()), (status, code), "{service} {method}");
            assert!(!page.body.contains("<form") && page.header("ticket").is_empty(), "{service} {method}");
            assert!(!page.header("content-security-policy").contains("https:"), "{service} {method}");
        }
    }
    assert_eq!(house.count("ticket").await, 0);
}

/// Everything that a request may say comes through an institution, byte for byte.
#[tokio::test]
async fn parameters_survive_the_whole_way() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).section("[session]\nremember_me = \"30 d\"").start().await;
    let ada = Browser::at(&house);
    let service = "https://notes.example/a%20b?x=%2f&x=#top";
    let all = "renew=1&gateway=true&method=POST&warn=on&rememberMe=true&shared=1&locale=en";
    let choice = ada.get(&login(service, all)).await;
    let link = choice.links().into_iter().find(|link| link.contains("/federate/north.example")).unwrap();
    let returned = ada.returns(&ada.get(&link).await).await;
    for (name, value) in [
        ("service", service),
        ("renew", "true"),
        ("gateway", "true"),
        ("method", "POST"),
        ("warn", "true"),
        ("rememberMe", "true"),
        ("shared", "true"),
        ("lang", "en"),
    ] {
        assert_eq!(returned.location_param(name).as_deref(), Some(value), "{name}");
    }
    let kept = returned.headers("set-cookie").into_iter().filter(|cookie| !cookie.ends_with("Max-Age=0"));
    assert_eq!(kept.count(), 1, "a shared computer keeps the session only");
    let asks = ada.follow(&returned).await;
    assert!(asks.says("Continue to Notes?"), "{}", asks.text());
    let (form, ticket) = posts(&ada.submit(&asks.form().fill("go", "1")).await);
    assert_eq!(form.action, service);
    let answer = house.validate("p3/serviceValidate", &ticket, service, &[("renew", "true")]).await;
    assert_eq!(user(&answer), "ada@north.example");
    assert!(answer.contains("<cas:longTermAuthenticationRequestTokenUsed>false<"), "{answer}");
    assert!(ada.visits(NOTES).await.says("Continue to Notes?"));
}
