//! `format = "json"`.

use super::{LIBRARY, RELEASED};
use crate::support::house::WIKI;
use crate::support::journey::{by, user, values};
use crate::support::trouble::{Trouble, flawless};
use crate::support::{Browser, FakeCas, House};

async fn north() -> FakeCas {
    FakeCas::v3().knows("ada").with_attribute("mail", "a@x").with_attribute("mail", "b&c@x").start().await
}

fn entry(fake: &FakeCas, protocol: &str) -> String {
    format!("{}format = \"json\"\n", fake.entry_as(protocol, "north.example", "North"))
}

#[tokio::test]
async fn it_is_asked_for_and_read() {
    for protocol in ["2.0", "3.0"] {
        let fake = north().await;
        let house = House::with().service(RELEASED).provider(&entry(&fake, protocol)).start().await;
        let ticket = Browser::at(&house).arrives(LIBRARY, "north.example").await.ticket();
        let answer = house.p3_service_validate(&ticket, LIBRARY).await;
        assert_eq!(user(&answer), "ada@north.example");
        assert_eq!(values(&answer, "mail"), ["a@x", "b&amp;c@x"]);
        let asked = fake.validations().remove(0);
        assert_eq!(asked.param("format").as_deref(), Some("JSON"));
    }
}

#[tokio::test]
async fn nothing_else_is_read_as_json() {
    let fake = north().await;
    let house = House::with().provider(&entry(&fake, "3.0")).start().await;
    let json = |body: &str| Trouble::Says { kind: "text/html".to_owned(), body: body.as_bytes().to_vec() };
    for (trouble, code) in [
        (Trouble::xml(flawless("ada")), "upstream.bad_answer"),
        (
            json("{\"serviceResponse\":{\"authenticationSuccess\":{\"user\":\"ada\",\"user\":\"eve\"}}}"),
            "upstream.bad_answer",
        ),
        (
            json("{\"serviceResponse\":{\"authenticationFailure\":{\"code\":\"INVALID_TICKET\"}}}"),
            "upstream.ticket_rejected",
        ),
        (json("no\n\n"), "upstream.ticket_rejected"),
    ] {
        fake.has(trouble.clone());
        let browser = Browser::at(&house);
        let page = browser.returns(&browser.get(&by(WIKI, "north.example")).await).await;
        assert_eq!((page.status, page.error_code().as_str()), (502, code), "{trouble:?}");
    }
}
