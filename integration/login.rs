//! `/login` (CAS 3.0 §2.1, §2.2): who arrives, which page asks, and where it ends.

use insta::assert_snapshot;

use crate::support::browser::login;
use crate::support::house::{ADA, BROOK, NOTES, WIKI};
use crate::support::{Browser, House};

const NORTH: &str = r#"
[[provider]]
suffix = "north.example"
name = "University of North"
url = "https://cas.north.example/cas"
"#;

#[tokio::test]
async fn a_password_then_single_sign_on() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let form = ada.visits(WIKI).await;
    assert!(form.status == 200 && form.asks_password());
    assert_eq!(form.form().value("service"), Some(WIKI));
    let typed = ada.types(&form, ADA).await;
    let here = house.at("login?service=https%3A%2F%2Fwiki.example%2F");
    assert_eq!((typed.status, typed.location()), (303, here.as_str()));
    let exit = ada.follow(&typed).await;
    assert!(exit.status == 303 && exit.location().starts_with("https://wiki.example/?ticket=ST-"));
    assert_eq!(exit.header("cache-control"), "no-store");
    assert_snapshot!(house.service_validate(&exit.ticket(), WIKI).await, @r#"
    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
      <cas:authenticationSuccess>
        <cas:user>ada</cas:user>
        <cas:attributes>
          <cas:authenticationDate>2027-01-15T08:00:00Z</cas:authenticationDate>
          <cas:longTermAuthenticationRequestTokenUsed>false</cas:longTermAuthenticationRequestTokenUsed>
          <cas:isFromNewLogin>true</cas:isFromNewLogin>
        </cas:attributes>
      </cas:authenticationSuccess>
    </cas:serviceResponse>
    "#);
    house.clock.advance(60);
    assert_snapshot!(house.p3_service_validate(&ada.ticket_for(NOTES).await, NOTES).await, @r#"
    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
      <cas:authenticationSuccess>
        <cas:user>ada</cas:user>
        <cas:attributes>
          <cas:authenticationDate>2027-01-15T08:00:00Z</cas:authenticationDate>
          <cas:longTermAuthenticationRequestTokenUsed>false</cas:longTermAuthenticationRequestTokenUsed>
          <cas:isFromNewLogin>false</cas:isFromNewLogin>
        </cas:attributes>
      </cas:authenticationSuccess>
    </cas:serviceResponse>
    "#);
}

#[tokio::test]
async fn the_front_door_leads_to_login_with_its_query() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    for path in
        ["/cas?service=%68ttps://x.example/%20+&&a=%zz", "/cas/?service=%68ttps://x.example/%20+&&a=%zz"]
    {
        let front = ada.get(path).await;
        assert_eq!(front.status, 303);
        assert_eq!(front.location(), house.at("login?service=%68ttps://x.example/%20+&&a=%zz"));
    }
    assert_eq!(ada.get("/cas").await.location(), house.at("login"));
}

#[tokio::test]
async fn with_an_institution_the_page_asks_where_the_account_is() {
    let house = House::with().provider(NORTH).start().await;
    let ada = Browser::at(&house);
    let page = ada.visits(WIKI).await;
    assert!(
        page.says("Where do you have an account?") && page.says("University of North"),
        "{}",
        page.text()
    );
    assert!(page.says("Use a guest account") && !page.asks_password());
    let local = ada.get(&login(WIKI, "provider=local")).await;
    assert!(local.asks_password() && local.says("Sign in with your institution"));
    let ticket = ada.signs_in_for(ADA, WIKI).await;
    assert!(house.service_validate(&ticket, WIKI).await.contains("<cas:user>ada</cas:user>"));
}

#[tokio::test]
async fn an_empty_house_tells_the_operator_how_to_begin() {
    let house = House::with().backends("").start().await;
    let page = Browser::at(&house).visits(WIKI).await;
    assert!(page.status == 200 && !page.asks_password(), "{}", page.text());
    assert!(page.body.contains("providers.d"), "{}", page.text());
}

#[tokio::test]
async fn the_form_is_what_clients_of_forms_look_for() {
    let house = House::start().await;
    let service = "https://wiki.example/a%20b?x=1&y=%22&z=<>".replace("<>", "%3C%3E");
    let page = Browser::at(&house).get(&login(&service, "method=POST&renew=1&gateway=1&warn=1")).await;
    let form = page.form();
    assert_eq!((form.action.as_str(), form.method.as_str()), ("/cas/login", "post"));
    assert!(form.value("lt").unwrap().starts_with("LT-"));
    for (name, value) in [
        ("service", service.as_str()),
        ("renew", "true"),
        ("gateway", "true"),
        ("method", "POST"),
        ("warn", "1"),
        ("username", ""),
        ("password", ""),
    ] {
        assert_eq!(form.value(name), Some(value), "{name}");
    }
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn without_a_service_the_page_says_who_is_signed_in() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    assert!(ada.get("login").await.asks_password());
    assert!(ada.get("login?service=").await.asks_password(), "an empty service is none");
    let typed = ada.signs_in(ADA).await;
    assert_eq!(typed.location(), house.at("login"));
    let ticket = ada.ticket_for(WIKI).await;
    house.service_validate(&ticket, WIKI).await;
    for target in ["login", "login?gateway=true", "login?service=&gateway=true"] {
        let page = ada.get(target).await;
        assert!(page.status == 200 && page.says("Ada King") && page.says("Wiki"), "{}", page.text());
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_look_the_same() {
    let house = House::with().secret("Engine, steam: 1712").start().await;
    let mut pages = Vec::new();
    for name in [ADA.0, BROOK.0, "nobody"] {
        let guest = Browser::at(&house);
        let wrong = guest.types(&guest.visits(WIKI).await, (name, "Engine, steam: 1712")).await;
        assert_eq!(wrong.status, 401);
        assert_eq!(wrong.form().value("username"), Some(name));
        assert_eq!(wrong.form().value("service"), Some(WIKI));
        assert!(wrong.says("Wrong user name or password") && !wrong.body.contains("steam"));
        assert_eq!(guest.cookie("TGC-passerelle"), None);
        assert!(guest.visits(WIKI).await.asks_password());
        pages.push(wrong.text());
    }
    assert!(pages.iter().all(|page| *page == pages[0]));
}

#[tokio::test]
async fn empty_and_missing_fields_are_named_and_nobody_is_asked() {
    let house = House::start().await;
    let guest = Browser::at(&house);
    for (username, password, says) in [
        (Some(""), Some("x"), "Enter your user name."),
        (None, Some("x"), "Enter your user name."),
        (Some("ada"), Some(""), "Enter your password."),
        (Some("ada"), None, "Enter your password."),
    ] {
        let mut form = guest.get("login").await.form().without("username").without("password");
        for (name, value) in [("username", username), ("password", password)] {
            form = value.into_iter().fold(form, |form, value| form.fill(name, value));
        }
        let page = guest.submit(&form).await;
        assert!(page.status == 200 && page.says(says), "{}", page.text());
        assert_eq!(guest.cookie("TGC-passerelle"), None);
    }
    // Names of fields are case-sensitive.
    let form = guest.get("login").await.form().fill("Username", ADA.0).fill("Password", ADA.1);
    assert!(guest.submit(&form).await.says("Enter your user name."));
}

#[tokio::test]
async fn renew_asks_again_and_makes_a_primary_ticket() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let form = ada.get(&login(WIKI, "renew=true")).await;
    assert!(form.asks_password() && form.says("Wiki asks you to confirm that it is you."));
    assert_eq!(form.form().value("username"), Some(ADA.0), "known, and not asked for again");
    let typed = ada.types(&form, ADA).await;
    assert!(typed.location().ends_with("renew=true"), "{}", typed.location());
    let ticket = ada.follow(&typed).await.ticket();
    let answer = house.validate("serviceValidate", &ticket, WIKI, &[("renew", "true")]).await;
    assert!(answer.contains("<cas:isFromNewLogin>true<"), "{answer}");
    // The next one is asked for again, and single sign-on is not what renew wants.
    assert!(ada.get(&login(WIKI, "renew=1")).await.asks_password());
    let ticket = ada.ticket_for(WIKI).await;
    let answer = house.validate("serviceValidate", &ticket, WIKI, &[("renew", "true")]).await;
    assert!(answer.contains("INVALID_TICKET"), "{answer}");
}

#[tokio::test]
async fn fresh_credentials_serve_the_service_they_were_given_for() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let typed = ada.types(&ada.get(&login(WIKI, "renew=true")).await, ADA).await;
    assert!(ada.get(&login(NOTES, "renew=true")).await.asks_password());
    house.clock.advance(299);
    assert!(ada.twin().follow(&typed).await.maybe_ticket().is_some());
    let typed = ada.types(&ada.get(&login(WIKI, "renew=true")).await, ADA).await;
    house.clock.advance(300);
    assert!(ada.follow(&typed).await.asks_password(), "five minutes are over");
}

#[tokio::test]
async fn a_failed_renewal_gives_no_ticket_and_ends_nothing() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let wrong = ada.types(&ada.get(&login(WIKI, "renew=true")).await, (ADA.0, "wrong")).await;
    assert_eq!((wrong.status, wrong.maybe_ticket()), (401, None));
    assert!(ada.get(&login(WIKI, "renew=true")).await.asks_password());
    assert!(ada.visits(WIKI).await.maybe_ticket().is_some());
}

#[tokio::test]
async fn gateway_never_asks() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let service = "https://wiki.example/a?b=%2F&b=&c#d";
    let back = ada.get(&login(service, "gateway=true")).await;
    assert_eq!((back.status, back.location()), (303, service));
    assert!(ada.get("login?gateway=true").await.asks_password());
    assert!(ada.get(&login(WIKI, "gateway=true&renew=true")).await.asks_password());
    ada.signs_in(ADA).await;
    assert!(ada.get(&login(WIKI, "gateway=true")).await.maybe_ticket().is_some());
    assert!(ada.get(&login(WIKI, "gateway=true&renew=true")).await.asks_password());
}

#[tokio::test]
async fn names_are_case_sensitive_and_no_means_no() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    for no in ["false", "False", "0", "no", ""] {
        assert!(ada.get(&login(WIKI, &format!("gateway={no}"))).await.asks_password(), "gateway={no}");
    }
    assert!(ada.get(&login(WIKI, "Gateway=true&GATEWAY=true")).await.asks_password());
    ada.signs_in(ADA).await;
    for no in ["renew=false", "renew=False", "renew=0", "renew=no", "renew=", "RENEW=true", "Renew=1"] {
        assert!(ada.get(&login(WIKI, no)).await.maybe_ticket().is_some(), "{no}");
    }
    let page = ada.get("login?Service=https%3A%2F%2Fwiki.example%2F").await;
    assert!(page.status == 200 && page.says("Ada King"));
}

#[tokio::test]
async fn a_ticket_is_added_and_nothing_else_changes() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let long = format!("https://wiki.example/{}", "x".repeat(1800));
    for (service, before, after) in [
        ("https://wiki.example", "https://wiki.example?ticket=", ""),
        ("https://wiki.example/?", "https://wiki.example/?ticket=", ""),
        ("https://wiki.example/?b=2&a=%2f&b=&&=x", "https://wiki.example/?b=2&a=%2f&b=&&=x&ticket=", ""),
        ("https://wiki.example/a%20b/%C3%A9#top?x", "https://wiki.example/a%20b/%C3%A9?ticket=", "#top?x"),
        ("https://wiki.example/?a=1#f", "https://wiki.example/?a=1&ticket=", "#f"),
        ("https://wiki.example/?ticket=ST-old&a=1", "https://wiki.example/?a=1&ticket=", ""),
        ("https://wiki.example/?a+b=c+d", "https://wiki.example/?a+b=c+d&ticket=", ""),
        ("HTTPS://WIKI.example/", "HTTPS://WIKI.example/?ticket=", ""),
        (&long, &format!("{long}?ticket="), ""),
    ] {
        let exit = ada.visits(service).await;
        let ticket = exit.ticket();
        assert_eq!(exit.location(), format!("{before}{ticket}{after}"));
        let answer = house.service_validate(&ticket, service).await;
        assert!(answer.contains("<cas:user>ada<"), "{service}: {answer}");
    }
}

#[tokio::test]
async fn after_a_form_a_short_page_ends_the_way() {
    let house = House::start().await;
    let ada = Browser::at(&house).claiming("same-origin");
    let typed = ada.types(&ada.visits(WIKI).await, ADA).await;
    let exit = ada.follow(&typed).await;
    let url = format!("https://wiki.example/?ticket={}", exit.ticket());
    assert_eq!((exit.status, exit.header("location")), (200, ""));
    assert_eq!(exit.header("refresh"), format!("0; url={url}"));
    assert!(exit.body.contains(&format!("href=\"{url}\"")) && exit.says("Wiki"));
    assert_eq!(ada.claiming("cross-site").visits(WIKI).await.status, 303);
}

#[tokio::test]
async fn warn_asks_before_each_service() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let typed = ada
        .submit(
            &ada.get("login").await.form().fill("username", ADA.0).fill("password", ADA.1).fill("warn", "1"),
        )
        .await;
    assert_eq!(typed.status, 303);
    for target in [login(WIKI, ""), login(WIKI, "gateway=true")] {
        let page = ada.get(&target).await;
        assert_eq!((page.status, page.maybe_ticket()), (200, None));
        assert!(page.says("Wiki") && page.says("Ada King"), "{}", page.text());
        let go = page.form().fill("go", "1");
        let ticket = ada.submit(&go).await.ticket();
        assert!(house.service_validate(&ticket, WIKI).await.contains("ada"));
        // The same answer does not count twice.
        assert_eq!(ada.submit(&go).await.maybe_ticket(), None);
    }
    let made_up = ada.visits(WIKI).await.form().fill("go", "1").fill("lt", "LT-made-up");
    assert_eq!(ada.submit(&made_up).await.maybe_ticket(), None);
}

#[tokio::test]
async fn warn_does_not_lose_renew() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let form = ada.get(&login(WIKI, "renew=true&warn=true")).await;
    assert!(form.body.contains("checked"));
    let page = ada.follow(&ada.types(&form, ADA).await).await;
    let ticket = ada.submit(&page.form().fill("go", "1")).await.ticket();
    let answer = house.validate("validate", &ticket, WIKI, &[("renew", "true")]).await;
    assert_eq!(answer, "yes\nada\n");
}

#[tokio::test]
async fn posting_the_form_while_signed_in_is_a_sign_in() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    let (first, second) = (ada.visits(WIKI).await, ada.visits(NOTES).await);
    assert!(ada.follow(&ada.types(&first, ADA).await).await.maybe_ticket().is_some());
    let exit = ada.follow(&ada.types(&second, ADA).await).await;
    assert!(exit.location().starts_with("https://notes.example/?ticket="), "two tabs, two services");
}

#[tokio::test]
async fn twenty_parallel_visits_get_twenty_tickets() {
    let house = House::start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let tickets = futures_util::future::join_all((0..20).map(|_| ada.ticket_for(WIKI))).await;
    let distinct: std::collections::BTreeSet<_> = tickets.iter().collect();
    assert_eq!(distinct.len(), 20);
    for ticket in &tickets {
        assert!(house.service_validate(ticket, WIKI).await.contains("<cas:user>ada<"));
    }
}

#[tokio::test]
async fn two_browsers_stay_apart() {
    let house = House::start().await;
    let (ada, brook) = (Browser::at(&house), Browser::at(&house));
    ada.signs_in(ADA).await;
    brook.signs_in(BROOK).await;
    for (browser, name) in [(&ada, "ada"), (&brook, "brook")] {
        let ticket = browser.ticket_for(WIKI).await;
        assert_eq!(house.validate("validate", &ticket, WIKI, &[]).await, format!("yes\n{name}\n"));
    }
}
