//! Signing in at an institution (CAS 3.0 §2.5, and what a gateway adds): who leaves, comes back, and is
//! who afterwards.

mod attributes;
mod circles;
mod handoff;
mod latest;
mod limits;
mod names;
mod no_way;
mod parameters;
mod renewal;
mod scopes;
mod selection;
mod sign_out;
mod silence;
mod skip;
mod slo_in;

use crate::support::fake_cas::{SendsBack, Style};
use crate::support::house::{Builder, NOTES, WIKI};
use crate::support::journey::{by, user, values};
use crate::support::trouble::{Trouble, response};
use crate::support::{Browser, FakeCas, House, Service};

/// An institution where Ada is known.
pub async fn north() -> FakeCas {
    let draft = FakeCas::v3().knows("ada").with_attribute("mail", "ada@north.example");
    draft.with_attribute("affiliation", "staff").with_attribute("affiliation", "member").start().await
}

/// Another one, where another Ada is known, and Bob.
pub async fn south() -> FakeCas {
    FakeCas::v3().knows("ada").with_attribute("mail", "ada@south.example").knows("bob").start().await
}

/// A gateway with both, without local accounts, whose services are told everything.
pub fn between(north: &FakeCas, south: &FakeCas) -> Builder {
    let all = "[service.release]\n\"*\" = \"*\"\n";
    House::with()
        .backends("")
        .provider(&north.entry("north.example", "University of North"))
        .provider(&south.entry("south.example", "South College"))
        .service(&format!("[[service]]\nname = \"Library\"\nurl = \"https://library.example/**\"\n{all}"))
}

/// The service that is told everything.
pub const LIBRARY: &str = "https://library.example/";

#[tokio::test]
async fn choose_sign_in_arrive() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);

    let choice = ada.visits(LIBRARY).await;
    assert_eq!((choice.status, choice.offers()), (200, vec!["south.example".into(), "north.example".into()]));
    let link = choice.links().into_iter().find(|link| link.contains("/federate/north.example")).unwrap();
    assert_eq!(link, "/cas/federate/north.example?service=https%3A%2F%2Flibrary.example%2F");
    let away = ada.get(&link).await;
    assert_eq!(away.status, 303);
    assert!(away.location().starts_with(&format!("{}/login?service=", north.url())), "{}", away.location());
    assert!(ada.is_nobody().await);

    let returned = ada.returns(&away).await;
    assert_eq!(
        (returned.status, returned.location()),
        (303, house.at("login?service=https%3A%2F%2Flibrary.example%2F").as_str())
    );
    let exit = ada.follow(&returned).await;
    assert!(exit.status == 303 && exit.location().starts_with("https://library.example/?ticket=ST-"));
    insta::assert_snapshot!(house.p3_service_validate(&exit.ticket(), LIBRARY).await, @r#"
    <cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">
      <cas:authenticationSuccess>
        <cas:user>ada@north.example</cas:user>
        <cas:attributes>
          <cas:authenticationDate>2027-01-15T08:00:00Z</cas:authenticationDate>
          <cas:longTermAuthenticationRequestTokenUsed>false</cas:longTermAuthenticationRequestTokenUsed>
          <cas:isFromNewLogin>false</cas:isFromNewLogin>
          <cas:upstream_isFromNewLogin>true</cas:upstream_isFromNewLogin>
          <cas:mail>ada@north.example</cas:mail>
          <cas:affiliation>staff</cas:affiliation>
          <cas:affiliation>member</cas:affiliation>
          <cas:provider>north.example</cas:provider>
          <cas:providerName>University of North</cas:providerName>
        </cas:attributes>
      </cas:authenticationSuccess>
    </cas:serviceResponse>
    "#);

    // And into a second one without a page.
    let second = ada.visits(NOTES).await;
    assert_eq!(second.status, 303);
    assert_eq!(user(&house.service_validate(&second.ticket(), NOTES).await), "ada@north.example");
    assert_eq!((north.logins().len(), north.validations().len(), south.requests().len()), (1, 1, 0));
}

#[tokio::test]
async fn nothing_of_ours_travels_but_an_address_to_come_back_to() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    let service = "https://library.example/a?secret=1";
    ada.arrives(service, "north.example").await.ticket();

    let login = &north.logins()[0];
    assert_eq!(login.names(), ["service"]);
    let callback = login.param("service").unwrap();
    let id = callback.strip_prefix(&house.at("federate/north.example?h=")).expect("built from public_url");
    assert!(id.len() >= 22 && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
    let validation = &north.validations()[0];
    assert_eq!(validation.path, "/p3/serviceValidate");
    assert_eq!(validation.names(), ["service", "ticket"]);
    assert_eq!(validation.param("service").unwrap(), callback);
    assert!(validation.param("ticket").unwrap().ends_with("-cas01.north"));
    let head = validation.head.to_lowercase();
    assert!(validation.method == "GET" && !head.contains("cookie") && !head.contains("referer"), "{head}");
    assert!(!head.contains("accept-encoding"), "{head}");
    for request in north.requests() {
        assert!(!request.query.contains("library") && !request.query.contains("secret"), "{request:?}");
    }
}

#[tokio::test]
async fn the_callback_never_follows_the_host_header() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).public("https://login.meridian.example/cas").start().await;
    let ada = Browser::at(&house);
    for (name, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-forwarded-proto", "http"),
    ] {
        let away = ada.sending(name, value).get("federate/north.example").await;
        let callback = away.location_param("service").unwrap();
        assert!(
            callback.starts_with("https://login.meridian.example/cas/federate/north.example?h="),
            "{callback}"
        );
    }
}

#[tokio::test]
async fn every_protocol_that_an_institution_speaks() {
    for (draft, asked_by, paths) in [
        (FakeCas::v1(), "1.0", vec!["/validate"]),
        (FakeCas::v2(), "1.0", vec!["/validate"]),
        (FakeCas::v2(), "2.0", vec!["/serviceValidate"]),
        (FakeCas::v3(), "2.0", vec!["/serviceValidate"]),
        (FakeCas::v3(), "3.0", vec!["/p3/serviceValidate"]),
        // Set to the newest, and it does not know that one.
        (FakeCas::v2(), "3.0", vec!["/p3/serviceValidate", "/serviceValidate"]),
        (FakeCas::v3().without_p3(), "3.0", vec!["/p3/serviceValidate", "/serviceValidate"]),
    ] {
        let north = draft.knows("ada").with_attribute("mail", "ada@north.example").start().await;
        let house = House::with()
            .provider(&north.entry_as(asked_by, "north.example", "North"))
            .service("[[service]]\nname = \"L\"\nurl = \"https://library.example/**\"\n[service.release]\nmail = \"mail\"\n")
            .start()
            .await;
        let ticket = Browser::at(&house).arrives(LIBRARY, "north.example").await.ticket();
        let answer = house.p3_service_validate(&ticket, LIBRARY).await;
        assert_eq!(user(&answer), "ada@north.example", "{asked_by} {paths:?}");
        let mail = if asked_by == "1.0" { vec![] } else { vec!["ada@north.example".to_owned()] };
        assert_eq!(values(&answer, "mail"), mail, "{asked_by} {paths:?}");
        let asked: Vec<_> = north.validations().iter().map(|request| request.path.clone()).collect();
        assert_eq!(asked, paths);
    }
}

#[tokio::test]
async fn over_tls_with_an_authority_of_its_own() {
    let north = FakeCas::v3().knows("ada").over_tls(crate::support::authority::Paper::Good).start().await;
    let file = north.ca_file().unwrap();
    let house = House::with()
        .provider(&north.entry("north.example", "North"))
        .file(&file.display().to_string(), std::fs::read(&file).unwrap())
        .start()
        .await;
    let ada = Browser::at(&house);
    let away = ada.get(&by(WIKI, "north.example")).await;
    assert!(away.location().starts_with("https://127.0.0.1:"), "{}", away.location());
    let returned = ada.get(&north.lets_in(away.location())).await;
    let ticket = ada.follow_home(returned).await.ticket();
    assert_eq!(user(&house.service_validate(&ticket, WIKI).await), "ada@north.example");
}

#[tokio::test]
async fn however_the_ticket_is_added_to_the_address() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    for how in [SendsBack::Appends, SendsBack::Rebuilds, SendsBack::Escapes] {
        north.sends_back(how);
        let ticket = Browser::at(&house).arrives(WIKI, "north.example").await.ticket();
        assert_eq!(user(&house.service_validate(&ticket, WIKI).await), "ada@north.example", "{how:?}");
    }
}

#[tokio::test]
async fn however_attributes_are_written() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    for style in [Style::Nested, Style::Flat, Style::Pairs, Style::Twice] {
        north.writes(style);
        let ticket = Browser::at(&house).arrives(LIBRARY, "north.example").await.ticket();
        let answer = house.p3_service_validate(&ticket, LIBRARY).await;
        assert_eq!(values(&answer, "mail"), ["ada@north.example"], "{style:?}");
        assert_eq!(values(&answer, "affiliation"), ["staff", "member"], "{style:?}");
    }
}

/// Answers of real servers, as they come over the wire.
#[tokio::test]
async fn dialects_of_real_servers() {
    let success = |inside: &str| format!("<cas:authenticationSuccess>{inside}</cas:authenticationSuccess>");
    let ruby =
        "<cas:user>ana</cas:user><mail><![CDATA[--- ana@a.example]]></mail><groups>[\"x\",\"y\"]</groups>";
    let pairs = "<cas:user>ana</cas:user><cas:attribute name=\"mail\" value=\"ana@a.example\"/>\
                 <cas:attribute name=\"groups\">x</cas:attribute>";
    let mcb = "<cas:user>ana</cas:user><cas:attributes><cas:attraStyle>Jasig</cas:attraStyle>\
               <cas:mail>ana@a.example</cas:mail></cas:attributes>";
    let indented = "\n  <cas:user>\n    ana\n  </cas:user>\n  <cas:attributes>\n    <cas:mail></cas:mail>\n\
                    </cas:attributes>\n";
    let proxied = "<cas:user>ana</cas:user><cas:proxyGrantingTicket>PGTIOU-1</cas:proxyGrantingTicket>\
                   <cas:proxies><cas:proxy>https://p.example/</cas:proxy></cas:proxies>";
    let other_prefix = "<r:serviceResponse xmlns:r='http://www.yale.edu/tp/cas'><r:authenticationSuccess>\
                        <r:user>ana</r:user></r:authenticationSuccess></r:serviceResponse>";
    let default_space = "<serviceResponse xmlns='http://www.yale.edu/tp/cas'><authenticationSuccess>\
                         <user>ana</user></authenticationSuccess></serviceResponse>";
    let soap = |body: &str| Trouble::Says {
        kind: "application/soap+xml; charset=utf-8".to_owned(),
        body: body.as_bytes().to_vec(),
    };
    let untyped = |body: &str| Trouble::Says { kind: String::new(), body: body.as_bytes().to_vec() };
    let declared = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", response(&success(ruby)));
    let mark = format!("\u{feff}{}", response(&success("<cas:user>ana</cas:user>")));
    let table: [(&str, Trouble, &[&str], &[&str]); 10] = [
        ("D2", Trouble::user("ana"), &[], &[]),
        ("D2 with proxies", Trouble::success(proxied), &[], &[]),
        ("D5", Trouble::success(ruby), &["--- ana@a.example"], &["[&quot;x&quot;,&quot;y&quot;]"]),
        ("D5 declared", Trouble::xml(declared), &["--- ana@a.example"], &["[&quot;x&quot;,&quot;y&quot;]"]),
        ("D6", Trouble::success(pairs), &["ana@a.example"], &["x"]),
        ("D7", soap(&response(&success(indented))), &[""], &[]),
        ("D10", Trouble::success(mcb), &["ana@a.example"], &[]),
        ("another prefix", Trouble::xml(other_prefix), &[], &[]),
        ("no prefix", untyped(default_space), &[], &[]),
        ("a byte order mark", Trouble::xml(mark), &[], &[]),
    ];
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    for (name, dialect, mail, groups) in table {
        north.has(dialect);
        let ticket = Browser::at(&house).arrives(LIBRARY, "north.example").await.ticket();
        let answer = house.p3_service_validate(&ticket, LIBRARY).await;
        assert_eq!(user(&answer), "ana@north.example", "{name}");
        assert_eq!(values(&answer, "mail"), mail, "{name}: {answer}");
        assert_eq!(values(&answer, "groups"), groups, "{name}: {answer}");
    }
}

#[tokio::test]
async fn who_comes_back_gets_in_again() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    ada.arrives(WIKI, "north.example").await.ticket();
    let first = ada.cookie("TGC-passerelle");

    // 70 seconds later in another browser, 3 months later in both: the old session is long over.
    house.clock.advance(70);
    let other = Browser::at(&house);
    other.arrives(WIKI, "north.example").await.ticket();
    house.clock.advance(90 * 86_400);
    for browser in [&ada, &other] {
        let asks = browser.visits(WIKI).await;
        assert_eq!((asks.status, asks.maybe_ticket()), (200, None));
        let ticket = browser.arrives(WIKI, "north.example").await.ticket();
        assert_eq!(user(&house.service_validate(&ticket, WIKI).await), "ada@north.example");
    }
    assert_ne!(ada.cookie("TGC-passerelle"), first);
    // And once more after everything old was swept away.
    house.clock.advance(90 * 86_400);
    house.sweep().await;
    ada.arrives(WIKI, "north.example").await.ticket();
}

#[tokio::test]
async fn two_tabs_at_once_both_arrive() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    // The browser has been here before; now two tabs leave before either is back.
    ada.get("federate/north.example").await;
    let (one, two) =
        tokio::join!(ada.get("federate/north.example?service=https%3A%2F%2Fwiki.example%2F"), async {
            ada.get("federate/north.example?service=https%3A%2F%2Fnotes.example%2F").await
        });
    assert_ne!(one.location(), two.location());
    let (one, two) = tokio::join!(ada.returns(&one), ada.returns(&two));
    assert_eq!((one.status, two.status), (303, 303), "{} {}", one.text(), two.text());
    let (one, two) = (ada.follow_home(one).await, ada.follow_home(two).await);
    assert_eq!(user(&house.service_validate(&one.ticket(), WIKI).await), "ada@north.example");
    assert_eq!(user(&house.service_validate(&two.ticket(), NOTES).await), "ada@north.example");
}

#[tokio::test]
async fn two_tabs_arrive_whose_very_first_requests_crossed() {
    let (north, south) = (north().await, south().await);
    let house = between(&north, &south).start().await;
    let ada = Browser::at(&house);
    // Neither request knows of the other: both get a mark, and the browser keeps the later one.
    let other_tab = ada.twin();
    let one = ada.get("federate/north.example?service=https%3A%2F%2Fwiki.example%2F").await;
    let two = other_tab.get("federate/north.example?service=https%3A%2F%2Fnotes.example%2F").await;
    for cookie in two.headers("set-cookie") {
        let (name, rest) = cookie.split_once('=').unwrap();
        ada.set_cookie(name, rest.split(';').next().unwrap());
    }
    for (away, service) in [(one, WIKI), (two, NOTES)] {
        let home = ada.follow_home(ada.returns(&away).await).await;
        assert_eq!(user(&house.service_validate(&home.ticket(), service).await), "ada@north.example");
    }
}

#[tokio::test]
async fn one_name_at_two_institutions_is_two_people() {
    let (north, south, app) = (north().await, south().await, Service::start().await);
    let house = between(&north, &south).service(&app.toml("App", "")).start().await;
    let ada = Browser::at(&house);
    let of_north = ada.arrives(&app.url, "north.example").await.ticket();
    assert_eq!(user(&house.service_validate(&of_north, &app.url).await), "ada@north.example");
    let old = ada.twin();

    // In the same browser the second one takes the place of the first, whose application is told.
    let of_south = ada.arrives(&app.url, "south.example").await.ticket();
    assert_eq!(user(&house.service_validate(&of_south, &app.url).await), "ada@south.example");
    assert!(old.is_nobody().await, "the first session has ended");
    house.tell_services().await;
    assert_eq!(app.told(), [of_north]);
    assert!(!ada.is_nobody().await);
}

#[tokio::test]
async fn the_same_person_again_keeps_the_session() {
    let (north, south, app) = (north().await, south().await, Service::start().await);
    let house = between(&north, &south).service(&app.toml("App", "")).start().await;
    let ada = Browser::at(&house);
    let ticket = ada.arrives(&app.url, "north.example").await.ticket();
    house.service_validate(&ticket, &app.url).await;
    let (old, cookie) = (ada.twin(), ada.cookie("TGC-passerelle"));
    let renewed = ada.get("federate/north.example?renew=true").await;
    ada.follow_home(ada.returns(&renewed).await).await;
    assert_ne!(ada.cookie("TGC-passerelle"), cookie, "a new cookie at every sign-in");
    assert!(old.is_nobody().await, "and the old one is worth nothing");
    assert!(ada.follow_home(ada.visits(WIKI).await).await.maybe_ticket().is_some());
    house.tell_services().await;
    assert!(app.told().is_empty());
}

#[tokio::test]
async fn an_error_page_leads_to_the_help_desk_of_the_institution() {
    let north = north().await;
    for (help, href) in
        [("https://it.north.example/help?a=1&b=2", "https://it.north.example/help?a=1&#38;b=2"), ("", "")]
    {
        let entry = format!("{}help = \"{help}\"\n", north.entry("north.example", "North <U>"));
        let house = House::with().provider(&entry).start().await;
        let ada = Browser::at(&house);
        north.has(Trouble::refuses("INVALID_TICKET"));
        let page = ada.returns(&ada.get(&by(WIKI, "north.example")).await).await;
        assert_eq!(page.error_code(), "upstream.ticket_rejected", "{}", page.text());
        assert!(page.says("tell the help desk of North <U> and give the reference below"), "{}", page.text());
        let linked = page.body.contains(&format!("<a href=\"{href}\"><bdi>North &#60;U&#62;</bdi></a>"));
        assert_eq!(linked, !href.is_empty(), "{}", page.body);
    }
}
