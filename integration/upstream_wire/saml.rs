//! `protocol = "saml1"`.

use super::{LIBRARY, RELEASED};
use crate::support::fake_cas::SendsBack;
use crate::support::house::{BEGIN, WIKI};
use crate::support::journey::{by, user, values};
use crate::support::trouble::{MARK, Trouble};
use crate::support::{Browser, FakeCas, House, Page};
use passerelle::protocol::time::Timestamp;

async fn north() -> FakeCas {
    FakeCas::saml1().knows("ada").with_attribute("mail", "a@x").with_attribute("mail", "b&c@x").start().await
}

async fn house(fake: &FakeCas, more: &str) -> House {
    let entry = format!("{}{more}", fake.entry("north.example", "North"));
    House::with().service(RELEASED).provider(&entry).start().await
}

async fn tries(house: &House) -> Page {
    let browser = Browser::at(house);
    browser.returns(&browser.get(&by(WIKI, "north.example")).await).await
}

fn assert_told(page: &Page, code: &str) {
    assert_eq!((page.status, page.error_code().as_str()), (502, code), "{}", page.text());
    assert!(!page.body.contains(MARK));
}

#[tokio::test]
async fn the_whole_way() {
    for how in [SendsBack::Appends, SendsBack::AsArtifact, SendsBack::Escapes] {
        let fake = north().await;
        fake.sends_back(how);
        let house = house(&fake, "").await;
        let ticket = Browser::at(&house).arrives(LIBRARY, "north.example").await.ticket();
        let answer = house.p3_service_validate(&ticket, LIBRARY).await;
        assert_eq!(user(&answer), "ada@north.example", "{how:?}");
        assert_eq!(values(&answer, "mail"), ["a@x", "b&amp;c@x"]);
        // The instant of its statement is when the person signed in.
        let date = Timestamp::from_seconds(BEGIN - 600).iso();
        assert_eq!(values(&answer, "authenticationDate"), [date]);
        let [asked] = fake.validations().try_into().unwrap();
        assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/samlValidate"));
        assert_eq!(asked.names(), ["TARGET"]);
        assert_eq!(asked.param("TARGET"), fake.logins()[0].param("service"));
        let head = asked.head.to_lowercase();
        assert!(
            head.contains("content-type: text/xml; charset=utf-8") && head.contains("soapaction: "),
            "{head}"
        );
    }
}

#[tokio::test]
async fn credentials_are_asked_for_on_both_ways() {
    let fake = north().await;
    let house = house(&fake, "renew = true\n").await;
    let ticket = Browser::at(&house).arrives(WIKI, "north.example").await.ticket();
    let answer = house.validate("serviceValidate", &ticket, WIKI, &[("renew", "true")]).await;
    assert_eq!(user(&answer), "ada@north.example", "{answer}");
    assert_eq!(fake.logins()[0].param("renew").as_deref(), Some("true"));
    assert_eq!(fake.validations()[0].param("renew").as_deref(), Some("true"));
}

#[tokio::test]
async fn the_clock_there_may_be_a_little_wrong() {
    for (more, from, until, fine) in [
        ("", 30, 90, true),
        ("", 31, 90, false),
        ("", -90, -29, true),
        ("", -90, -30, false),
        ("skew = \"0 s\"\n", 0, 1, true),
        ("skew = \"0 s\"\n", 1, 90, false),
        ("skew = \"10 min\"\n", 600, 700, true),
    ] {
        let fake = north().await;
        fake.asserts_between(from, until);
        let house = house(&fake, more).await;
        let page = tries(&house).await;
        if fine {
            assert_eq!(page.status, 303, "{more} {from} {until}: {}", page.text());
        } else {
            assert_told(&page, "upstream.bad_answer");
        }
    }
}

#[tokio::test]
async fn what_is_no_answer() {
    let fake = north().await;
    let house = house(&fake, "").await;
    let page = |body: &str| Trouble::Says { kind: "text/html".to_owned(), body: body.as_bytes().to_vec() };
    for (trouble, code) in [
        (page(&format!("<html><body>{MARK}</body></html>")), "upstream.bad_answer"),
        (page("no\n\n"), "upstream.bad_answer"),
        (Trouble::user("ada"), "upstream.bad_answer"),
        (Trouble::Status(500), "upstream.http"),
        (Trouble::Large(10 << 20), "upstream.too_large"),
    ] {
        fake.has(trouble.clone());
        assert_told(&tries(&house).await, code);
    }
    fake.recovers();
    assert_eq!(tries(&house).await.status, 303);
    // A ticket that is not its own is refused, in words of SAML.
    let browser = Browser::at(&house);
    let away = browser.get(&by(WIKI, "north.example")).await;
    let back = format!("{}&ticket=ST-1-x", away.location_param("service").unwrap());
    assert_told(&browser.get(&back).await, "upstream.ticket_rejected");
    assert!(house.logs().contains("refused with RequestDenied"));
}

/// One ticket, whatever it is called.
#[tokio::test]
async fn two_tickets_are_none() {
    let fake = north().await;
    let house = house(&fake, "").await;
    let browser = Browser::at(&house);
    let away = browser.get(&by(WIKI, "north.example")).await;
    let back = browser.follow(&away).await.location().to_owned();
    let artifact = back.replace("ticket=", "SAMLart=");
    for twice in [format!("{artifact}&SAMLart=ST-x"), format!("{back}&ticket=ST-x")] {
        let page = browser.get(&twice).await;
        assert_eq!((page.status, page.error_code().as_str()), (400, "request.malformed"));
    }
    assert!(fake.validations().is_empty());
    assert_eq!(browser.get(&artifact).await.status, 303);
}
