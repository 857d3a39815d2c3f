//! A service asks in SAML 1.1 (CAS 3.0 §4.2). Each story is named after the row of requirements it tells.

use passerelle::protocol::time::Timestamp;
use reqwest::Method;

use crate::support::browser::login;
use crate::support::house::{ADA, BEGIN, Database, NOTES, WIKI, read};
use crate::support::saml::{ASSERTION, Document, PROTOCOL, SOAP, question};
use crate::support::{Browser, House, Service};

const TARGET: &str = "TARGET=https%3A%2F%2Fwiki.example%2F";
const APP: &str = "https://app.example/";
/// One service behind https, one without, one without that is told all the same.
const SERVICES: [&str; 3] = [
    "[[service]]\nname = \"App\"\nurl = \"https://app.example/**\"\n[service.release]\n\"*\" = \"*\"\n",
    "[[service]]\nname = \"Plain\"\nurl = \"http://plain.example/**\"\n[service.release]\n\"*\" = \"*\"\n",
    "[[service]]\nname = \"Old\"\nurl = \"http://old.example/**\"\nhttp_attributes = true\n[service.release]\n\"*\" = \"*\"\n",
];

async fn open() -> (House, Browser) {
    let house = SERVICES.iter().fold(House::with(), |house, service| house.service(service)).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    (house, ada)
}

fn denied(answer: &Document) -> bool {
    answer.status() == ["Requester", "RequestDenied"] && answer.all(ASSERTION, "Assertion").is_empty()
}

#[tokio::test]
async fn sam_01_02_03_12_a_valid_ticket_names_the_user() {
    let (house, ada) = open().await;
    let answer = house.saml(&ada.ticket_for(WIKI).await, WIKI).await;
    assert_eq!((answer.status(), answer.user()), (vec!["Success".to_owned()], "ada".to_owned()));
    assert_eq!((answer.0[0].space.as_str(), answer.0[0].name.as_str()), (SOAP, "Envelope"));
    let response = answer.one(PROTOCOL, "Response");
    assert_eq!(response.way, "/Envelope/Body/Response");
    assert_eq!((response.get("MajorVersion"), response.get("MinorVersion")), ("1", "1"));
    assert_eq!(response.get("IssueInstant"), "2027-01-15T08:00:00Z");
    assert_eq!((response.get("InResponseTo"), response.get("Recipient")), ("_question-1", WIKI));
    assert_eq!(answer.one(ASSERTION, "Assertion").get("Issuer"), house.base);
    for way in ["AttributeStatement", "AuthenticationStatement"] {
        let way = format!("/Envelope/Body/Response/Assertion/{way}/Subject/NameIdentifier");
        assert!(answer.0.iter().any(|node| node.way == way && node.text == "ada"), "{way}");
    }
}

#[tokio::test]
async fn sam_04_the_attributes_of_the_protocol_are_told_first() {
    let (house, ada) = open().await;
    house.clock.advance(100);
    let answer = house.saml(&ada.ticket_for(APP).await, APP).await;
    let told: Vec<_> =
        answer.told().into_iter().map(|(name, values)| format!("{name}={}", values.join(","))).collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
    authenticationDate=2027-01-15T08:00:00Z
    longTermAuthenticationRequestTokenUsed=false
    isFromNewLogin=false
    displayName=Ada King
    mail=ada@home.example,countess@home.example
    groups=staff,library
    active=true
    age=36
    backend=desk
    "#);
    for attribute in answer.all(ASSERTION, "Attribute") {
        assert_eq!(attribute.get("AttributeNamespace"), "http://www.ja-sig.org/products/cas/");
    }
}

#[tokio::test]
async fn sam_05_one_attempt_at_any_address() {
    let (house, ada) = open().await;
    let ticket = ada.ticket_for(WIKI).await;
    assert_eq!(house.saml(&ticket, WIKI).await.user(), "ada");
    assert!(denied(&house.saml(&ticket, WIKI).await));
    assert_eq!(house.validate("validate", &ticket, WIKI, &[]).await, "no\n");
    let ticket = ada.ticket_for(WIKI).await;
    house.service_validate(&ticket, WIKI).await;
    assert!(denied(&house.saml(&ticket, WIKI).await));
}

#[tokio::test]
async fn sam_06_target_must_match() {
    let (house, ada) = open().await;
    for other in ["https://wiki.example", "http://wiki.example/", "https://wiki.example/?", NOTES, "x"] {
        let ticket = ada.ticket_for(WIKI).await;
        let answer = house.saml(&ticket, other).await;
        assert!(denied(&answer), "{other}");
        assert!(answer.one(PROTOCOL, "StatusMessage").text.starts_with("INVALID_SERVICE: "), "{other}");
        assert!(denied(&house.saml(&ticket, WIKI).await), "the attempt used it up");
    }
}

#[tokio::test]
async fn sam_07_08_target_is_required_and_case_sensitive() {
    let (house, ada) = open().await;
    let ticket = ada.ticket_for(WIKI).await;
    let service = "https%3A%2F%2Fwiki.example%2F";
    for query in [
        String::new(),
        "TARGET=".to_owned(),
        format!("target={service}"),
        format!("Target={service}&service={service}"),
        format!("{TARGET}&{TARGET}"),
        "TARGET=%FF".to_owned(),
    ] {
        let answer = Document::read(&house.posts_saml(&query, question(&ticket)).await);
        assert_eq!(answer.status(), ["Requester"], "{query}");
        assert_eq!(answer.one(PROTOCOL, "Response").get("InResponseTo"), "_question-1");
        assert!(answer.one(PROTOCOL, "StatusMessage").text.starts_with("INVALID_REQUEST: "), "{query}");
    }
    assert_eq!(house.saml(&ticket, WIKI).await.user(), "ada", "no ticket was looked at");
}

#[tokio::test]
async fn sam_09_10_11_what_is_no_request_is_refused() {
    let (house, ada) = open().await;
    let ticket = ada.ticket_for(WIKI).await;
    let good = question(&ticket);
    let elsewhere = Service::start().await;
    let deep = "<a>".repeat(5000);
    let large = format!("<a>{}</a>", "x".repeat(6 << 20));
    let billion = format!(
        "<!DOCTYPE l [<!ENTITY a \"ha\">{}]>{}",
        (b'b'..=b'k')
            .map(|c| format!("<!ENTITY {} \"{}\">", c as char, format!("&{};", (c - 1) as char).repeat(10)))
            .collect::<String>(),
        good.replace(&ticket, "&k;"),
    );
    for body in [
        "",
        "ticket=ST-1",
        "{}",
        "<a/>",
        "<SOAP-ENV:Envelope",
        "\u{1}\0",
        &deep,
        &large,
        &billion,
        &format!(
            "<!DOCTYPE x [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>{}",
            good.replace(&ticket, "&x;")
        ),
        &format!("<!DOCTYPE x SYSTEM \"{}dtd\">{good}", elsewhere.url),
        &format!(
            "<!DOCTYPE x [<!ENTITY x SYSTEM \"{0}\"><!ENTITY % y SYSTEM \"{0}y\">%y;]>{1}",
            elsewhere.url,
            good.replace(&ticket, "&x;")
        ),
        &good.replace(
            "</samlp:Request>",
            "<samlp:AssertionArtifact>ST-2</samlp:AssertionArtifact></samlp:Request>",
        ),
        &good.replace("SAML:1.0", "SAML:2.0"),
        &format!("{good}{good}"),
    ] {
        let text = house.posts_saml(TARGET, body.to_owned()).await;
        let answer = Document::read(&text);
        assert_eq!(answer.status(), ["Requester"], "{}", &body[..body.len().min(200)]);
        assert!(text.len() < 1500 && answer.user().is_empty(), "{text}");
    }
    assert!(elsewhere.heard().is_empty(), "nothing is fetched");
    let older = good.replace("MajorVersion=\"1\"", "MajorVersion=\"2\"");
    assert_eq!(Document::read(&house.posts_saml(TARGET, older).await).status(), ["VersionMismatch"]);
    assert_eq!(house.saml(&ticket, WIKI).await.user(), "ada", "no ticket was looked at");
}

#[tokio::test]
async fn sam_12_23_clients_write_it_in_many_ways() {
    let (house, ada) = open().await;
    let without =
        |text: &str| text.replace(" RequestID=\"_question-1\" IssueInstant=\"2027-01-15T08:00:00Z\"", "");
    type Change = fn(&str) -> String;
    let ways: [(&str, Change, &str); 6] = [
        ("other prefixes", |text| text.replace("SOAP-ENV", "S").replace("samlp", "q"), "_question-1"),
        (
            "a declaration",
            |text| format!("\n<?xml version='1.0' encoding='utf-8'?>\n{text}\n"),
            "_question-1",
        ),
        (
            "comments",
            |text| text.replace("><", "><!-- <samlp:AssertionArtifact>ST-1</samlp:AssertionArtifact> --><"),
            "_question-1",
        ),
        ("SAML 1.0", |text| text.replace("MinorVersion=\"1\"", "MinorVersion=\"0\""), "_question-1"),
        ("an odd ID", |text| text.replace("_question-1", "1 &lt;&quot;"), "1 <\""),
        ("no instant", |text| text.replace("2027-01-15T08:00:00Z", ""), "_question-1"),
    ];
    for (what, change, id) in ways {
        let asked = change(&question(&ada.ticket_for(WIKI).await));
        let answer = Document::read(&house.posts_saml(TARGET, asked).await);
        assert_eq!(
            (answer.user().as_str(), answer.one(PROTOCOL, "Response").get("InResponseTo")),
            ("ada", id),
            "{what}"
        );
    }
    let answer =
        Document::read(&house.posts_saml(TARGET, without(&question(&ada.ticket_for(WIKI).await))).await);
    assert_eq!(answer.user(), "ada");
    let response = answer.one(PROTOCOL, "Response");
    assert!(response.attributes.iter().all(|(name, _)| name != "InResponseTo"));
}

#[tokio::test]
async fn sam_13_post_only() {
    let (house, ada) = open().await;
    let ticket = ada.ticket_for(WIKI).await;
    let url = house.at(&format!("samlValidate?{TARGET}&SAMLart={ticket}&ticket={ticket}"));
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let answer = house.http.request(method.clone(), &url).body(question(&ticket)).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["allow"].to_str().unwrap()),
            (405, "POST,HEAD"),
            "{method}"
        );
    }
    let head = house.http.head(&url).send().await.unwrap();
    assert_eq!(head.status(), 200);
    assert_eq!(read(head).await, "");
    assert_eq!(house.saml(&ticket, WIKI).await.user(), "ada", "nothing used it up");
}

#[tokio::test]
async fn sam_14_15_conditions_hold_now_and_for_this_service() {
    let (house, ada) = open().await;
    house.clock.advance(3000);
    let service = "https://wiki.example/App?x=1&y=<2>".replace(['<', '>'], "");
    let answer = house.saml(&ada.ticket_for(&service).await, &service).await;
    let conditions = answer.one(ASSERTION, "Conditions");
    let at = |name: &str| Timestamp::parse_iso(conditions.get(name)).unwrap().seconds() - BEGIN - 3000;
    assert_eq!((at("NotBefore"), at("NotOnOrAfter")), (-60, 60));
    let audience = answer.one(ASSERTION, "Audience");
    assert_eq!(audience.text, service);
    assert!(audience.way.ends_with("/Conditions/AudienceRestrictionCondition/Audience"));
}

#[tokio::test]
async fn sam_16_19_the_header_is_optional_and_white_space_is_nothing() {
    let (house, ada) = open().await;
    for (old, new) in [("<SOAP-ENV:Header/>", ""), (">ST-", ">\n\t    ST-"), ("</samlp:A", "\r\n  </samlp:A")]
    {
        let asked = question(&ada.ticket_for(WIKI).await).replace(old, new);
        assert_eq!(Document::read(&house.posts_saml(TARGET, asked).await).user(), "ada", "{new:?}");
    }
}

#[tokio::test]
async fn sam_17_unknown_tickets_are_denied() {
    let (house, ada) = open().await;
    let (cookie, form) = (ada.cookie("TGC-passerelle").unwrap(), ada.get("login?renew=1").await.form());
    let late = ada.ticket_for(WIKI).await;
    house.clock.advance(60);
    let long = format!("ST-{}", "x".repeat(20_000));
    for ticket in [&cookie, form.value("lt").unwrap(), &late, &long, "ST-1", "PT-1", "&lt;x&gt;", "ST-\u{e9}"]
    {
        let answer = house.saml(ticket, WIKI).await;
        assert!(denied(&answer), "{ticket}");
        assert!(answer.one(PROTOCOL, "StatusMessage").text.starts_with("INVALID_TICKET: "));
    }
}

#[tokio::test]
async fn sam_18_headers() {
    let (house, ada) = open().await;
    for body in [question(&ada.ticket_for(WIKI).await), String::new()] {
        // Whatever type the question says it has.
        for kind in ["text/xml; charset=utf-8", "application/xml", "application/soap+xml", "text/plain"] {
            let post =
                house.http.post(house.at(&format!("samlValidate?{TARGET}"))).header("content-type", kind);
            let answer = post.header("origin", "https://a.example").body(body.clone()).send().await.unwrap();
            let header = |name| answer.headers().get(name).map_or("", |value| value.to_str().unwrap());
            assert_eq!(answer.status(), 200);
            assert_eq!(header("content-type"), "text/xml; charset=utf-8");
            assert_eq!((header("cache-control"), header("x-content-type-options")), ("no-store", "nosniff"));
            assert_eq!(header("set-cookie"), "");
        }
    }
}

#[tokio::test]
async fn sam_20_attributes_only_over_https_unless_the_rule_says_so() {
    let (house, ada) = open().await;
    for (service, told) in [(APP, true), ("http://plain.example/", false), ("http://old.example/", true)] {
        let answer = house.saml(&ada.ticket_for(service).await, service).await;
        assert_eq!(answer.user(), "ada");
        let names: Vec<_> = answer.told().into_iter().map(|(name, _)| name).collect();
        let ours = ["authenticationDate", "longTermAuthenticationRequestTokenUsed", "isFromNewLogin"];
        assert_eq!(names[..3], ours, "{service}");
        assert_eq!(names.iter().any(|name| name == "mail"), told, "{service}: {names:?}");
        assert_eq!(names.len() > 3, told, "{service}: {names:?}");
    }
    let plain = "http://plain.example/";
    let answer = house.p3_service_validate(&ada.ticket_for(plain).await, plain).await;
    assert!(answer.contains("<cas:mail>"), "the other addresses have no such rule");
}

#[tokio::test]
async fn sam_21_how_and_when() {
    let (house, ada) = open().await;
    house.clock.advance(4000);
    let answer = house.saml(&ada.ticket_for(WIKI).await, WIKI).await;
    let statement = answer.one(ASSERTION, "AuthenticationStatement");
    assert_eq!(statement.get("AuthenticationMethod"), "urn:oasis:names:tc:SAML:1.0:am:unspecified");
    assert_eq!(
        statement.get("AuthenticationInstant"),
        "2027-01-15T08:00:00Z",
        "of the login, not of the ticket"
    );
    assert_eq!(answer.one(ASSERTION, "Assertion").get("IssueInstant"), "2027-01-15T09:06:40Z");
}

#[tokio::test]
async fn sam_22_ids_are_unique_names() {
    let (house, ada) = open().await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let answer = house.saml(&ada.ticket_for(WIKI).await, WIKI).await;
        seen.push(answer.one(PROTOCOL, "Response").get("ResponseID").to_owned());
        seen.push(answer.one(ASSERTION, "Assertion").get("AssertionID").to_owned());
    }
    seen.push(house.saml("ST-1", WIKI).await.one(PROTOCOL, "Response").get("ResponseID").to_owned());
    for id in &seen {
        assert!(
            id.starts_with('_') && id.len() == 33 && id[1..].bytes().all(|b| b.is_ascii_alphanumeric()),
            "{id}"
        );
        assert_eq!(seen.iter().filter(|other| *other == id).count(), 1, "{id}");
    }
}

#[tokio::test]
async fn renew_is_heard() {
    let (house, ada) = open().await;
    let sso = ada.ticket_for(WIKI).await;
    let query = format!("{TARGET}&renew=true");
    assert!(denied(&Document::read(&house.posts_saml(&query, question(&sso)).await)));
    assert!(denied(&house.saml(&sso, WIKI).await), "the attempt used it up");
    let form = ada.get(&login(WIKI, "renew=true")).await;
    let primary = ada.follow(&ada.types(&form, ADA).await).await.ticket();
    let answer = Document::read(&house.posts_saml(&query, question(&primary)).await);
    assert_eq!(answer.user(), "ada");
    assert!(answer.told().contains(&("isFromNewLogin".to_owned(), vec!["true".to_owned()])));
}

#[tokio::test]
async fn hostile_values_stay_text() {
    let value = "]]><saml:NameIdentifier>root</saml:NameIdentifier>\\u0001\\\"&'\\r";
    let service = format!(
        "[[service]]\nname = \"App\"\nurl = \"https://app.example/**\"\n[service.release]\n\
         \"urn:oid:1 <&>\\\"\" = {{ value = \"{value}\" }}\n"
    );
    let house = House::with().service(&service).start().await;
    let ticket = Browser::at(&house).signs_in_for(ADA, APP).await;
    let answer = house.saml(&ticket, APP).await;
    assert_eq!(answer.user(), "ada");
    let told = answer.told();
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(told[3].0, "urn:oid:1 <&>\"");
    assert_eq!(told[3].1, ["]]><saml:NameIdentifier>root</saml:NameIdentifier>\"&'\r"]);
    let evil = house.saml("ST-1", "\"><saml:Assertion>\0\u{1}&lt;").await;
    assert!(denied(&evil));
    assert_eq!(evil.one(PROTOCOL, "Response").get("Recipient"), "\"><saml:Assertion>&lt;");
}

#[tokio::test]
async fn a_fault_is_told_as_one() {
    let house = House::with().database(Database::fresh()).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let ticket = ada.ticket_for(WIKI).await;
    house.app.store.close().await;
    let answer = house.saml(&ticket, WIKI).await;
    assert_eq!(answer.status(), ["Responder"]);
    let message = &answer.one(PROTOCOL, "StatusMessage").text;
    let (_, reference) = message.rsplit_once(' ').unwrap();
    assert!(message.starts_with("INTERNAL_ERROR: ") && house.logs().contains(reference), "{message}");
}
