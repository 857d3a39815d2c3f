//! Answers in JSON (CAS 3.0 §2.5.1, §2.5.2). Each story is named after the row of requirements it tells.

use serde_json::{Value, json};

use crate::support::house::{ADA, Database, NOTES, WIKI, read};
use crate::support::{Browser, House};

const XML: [&str; 4] = ["serviceValidate", "proxyValidate", "p3/serviceValidate", "p3/proxyValidate"];
const JSON: (&str, &str) = ("format", "JSON");
const APP: &str = "https://app.example/";

async fn open() -> (House, Browser) {
    let house = House::with()
        .service("[[service]]\nname = \"App\"\nurl = \"https://app.example/**\"\n[service.release]\n\"*\" = \"*\"\n")
        .start()
        .await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    (house, ada)
}

/// What is inside of the one element of the answer.
fn inside(answer: &str, name: &str) -> Value {
    let mut value: Value = serde_json::from_str(answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
    let response = value["serviceResponse"].take();
    let members = response.as_object().expect(answer);
    assert_eq!(members.keys().collect::<Vec<_>>(), [name], "{answer}");
    members[name].clone()
}

fn code(answer: &str) -> String {
    inside(answer, "authenticationFailure")["code"].as_str().expect("a code").to_owned()
}

#[tokio::test]
async fn jsn_01_05_06_a_success_on_all_four_addresses() {
    let (house, ada) = open().await;
    for path in XML {
        let answer = house.validate(path, &ada.ticket_for(APP).await, APP, &[JSON]).await;
        let told = inside(&answer, "authenticationSuccess");
        let expected = json!({
            "user": "ada",
            "attributes": {
                "authenticationDate": "2027-01-15T08:00:00Z",
                "longTermAuthenticationRequestTokenUsed": false,
                "isFromNewLogin": false,
                "displayName": "Ada King",
                "mail": ["ada@home.example", "countess@home.example"],
                "groups": ["staff", "library"],
                "active": true,
                "age": 36,
                "backend": "desk",
            },
        });
        assert_eq!(told, expected, "{path}");
        let first = answer.split_once("\"attributes\":{").unwrap().1;
        assert!(first.starts_with("\"authenticationDate\":\"2027"), "the standard ones come first: {answer}");
    }
}

#[tokio::test]
async fn jsn_02_failures_have_code_and_description() {
    let (house, ada) = open().await;
    for path in XML {
        let ticket = ada.ticket_for(WIKI).await;
        let refused = inside(&house.validate(path, &ticket, NOTES, &[JSON]).await, "authenticationFailure");
        assert_eq!(refused["code"], "INVALID_SERVICE");
        let words = format!("ticket {}… was issued for {WIKI}, not for {NOTES}", &ticket[..8]);
        assert_eq!(refused["description"], words);
        assert_eq!(refused.as_object().unwrap().len(), 2);
        assert_eq!(code(&house.validate(path, &ticket, WIKI, &[JSON]).await), "INVALID_TICKET");
        let sso = ada.ticket_for(WIKI).await;
        assert_eq!(
            code(&house.validate(path, &sso, WIKI, &[JSON, ("renew", "true")]).await),
            "INVALID_TICKET"
        );
    }
}

#[tokio::test]
async fn jsn_03_what_is_missing_is_an_invalid_request() {
    let (house, _ada) = open().await;
    for path in XML {
        for query in
            ["", "&service=x", "&ticket=ST-1", "&service=x&ticket=ST-1&ticket=ST-1", "&service=&ticket="]
        {
            assert_eq!(
                code(&house.text(&format!("{path}?format=JSON{query}")).await),
                "INVALID_REQUEST",
                "{query}"
            );
        }
    }
}

#[tokio::test]
async fn jsn_04_headers() {
    let (house, ada) = open().await;
    for path in XML {
        for ticket in [ada.ticket_for(WIKI).await, "ST-1".to_owned()] {
            let page =
                ada.get(&format!("{path}?format=JSON&service=https://wiki.example/&ticket={ticket}")).await;
            assert_eq!((page.status, page.header("content-type")), (200, "application/json; charset=utf-8"));
            assert_eq!((page.header("cache-control"), page.header("set-cookie")), ("no-store", ""));
            assert_eq!(page.header("x-content-type-options"), "nosniff");
        }
        // In a form as well.
        let ticket = ada.ticket_for(WIKI).await;
        let fields = [("service", WIKI), ("ticket", &ticket), JSON];
        let answer = house.http.post(house.at(path)).form(&fields).send().await.unwrap();
        assert_eq!(inside(&read(answer).await, "authenticationSuccess")["user"], "ada");
    }
}

#[tokio::test]
async fn jsn_07_xml_is_the_form_of_every_day() {
    let (house, ada) = open().await;
    for path in XML {
        for format in ["", "&format=", "&format=XML", "&format=xml", "&Format=JSON", "&FORMAT=JSON"] {
            let ticket = ada.ticket_for(WIKI).await;
            let page =
                ada.get(&format!("{path}?service=https://wiki.example/&ticket={ticket}{format}")).await;
            assert_eq!(page.header("content-type"), "text/xml; charset=utf-8", "{format}");
            assert!(page.body.contains("<cas:user>ada</cas:user>"), "{format}: {}", page.body);
        }
        let ticket = ada.ticket_for(WIKI).await;
        let small = house.validate(path, &ticket, WIKI, &[("format", "json")]).await;
        assert_eq!(inside(&small, "authenticationSuccess")["user"], "ada");
    }
    let ticket = ada.ticket_for(WIKI).await;
    assert_eq!(house.validate("validate", &ticket, WIKI, &[JSON]).await, "yes\nada\n", "CAS 1 has no forms");
}

#[tokio::test]
async fn jsn_08_another_form_is_an_invalid_request() {
    let (house, ada) = open().await;
    let ticket = ada.ticket_for(WIKI).await;
    for path in XML {
        for format in [
            "format=YAML",
            "format=JSON%20",
            "format=%3Cb%3E",
            "format=JSON&format=JSON",
            "format=JSON&format=XML",
        ] {
            let query = format!("service=https://wiki.example/&ticket={ticket}&{format}");
            let answer = house.text(&format!("{path}?{query}")).await;
            assert!(
                answer.contains("<cas:authenticationFailure code=\"INVALID_REQUEST\">"),
                "{format}: {answer}"
            );
            assert!(!answer.contains("<b>"), "{answer}");
        }
    }
    assert!(house.service_validate(&ticket, WIKI).await.contains("ada"), "no ticket was looked at");
}

#[tokio::test]
async fn jsn_09_hostile_values_stay_inside() {
    let hostile = "\\\"},\\u0000\\u2028</script>\\\\\\r\\n";
    let service = format!(
        "[[service]]\nname = \"App\"\nurl = \"https://app.example/**\"\n[service.release]\n\
         \"a\\\"b:c\" = {{ value = \"{hostile}\" }}\n"
    );
    let house = House::with().service(&service).start().await;
    let ticket = Browser::at(&house).signs_in_for(ADA, APP).await;
    let told =
        inside(&house.validate("p3/serviceValidate", &ticket, APP, &[JSON]).await, "authenticationSuccess");
    let attributes = told["attributes"].as_object().unwrap();
    assert_eq!(attributes["a\"b:c"], "\"},\0\u{2028}</script>\\\r\n");
    assert_eq!((attributes.len(), &attributes["isFromNewLogin"]), (4, &Value::Bool(true)));
    let service = "\"},\"user\":\"root\0\u{1}\u{fffe}";
    let answer = house.validate("serviceValidate", "ST-\"}\n", service, &[JSON]).await;
    assert_eq!(code(&answer), "INVALID_TICKET");
    let ticket = Browser::at(&house).signs_in_for(ADA, WIKI).await;
    let refused =
        inside(&house.validate("serviceValidate", &ticket, service, &[JSON]).await, "authenticationFailure");
    assert!(refused["description"].as_str().unwrap().ends_with(service), "{refused}");
}

#[tokio::test]
async fn jsn_10_one_attempt_in_any_form() {
    let (house, ada) = open().await;
    let ticket = ada.ticket_for(WIKI).await;
    assert!(
        house.validate("serviceValidate", &ticket, WIKI, &[JSON]).await.contains("authenticationSuccess")
    );
    assert!(house.service_validate(&ticket, WIKI).await.contains("INVALID_TICKET"));
    let ticket = ada.ticket_for(WIKI).await;
    assert!(house.service_validate(&ticket, WIKI).await.contains("authenticationSuccess"));
    assert_eq!(code(&house.validate("p3/proxyValidate", &ticket, WIKI, &[JSON]).await), "INVALID_TICKET");
}

#[tokio::test]
async fn old_addresses_tell_no_attributes_where_the_rule_says_so() {
    let app = "[[service]]\nname = \"App\"\nurl = \"https://app.example/**\"\nattributes_on_v2 = false\n";
    let house = House::with().service(app).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    for (path, tells) in [("serviceValidate", false), ("p3/serviceValidate", true)] {
        let answer = house.validate(path, &ada.ticket_for(APP).await, APP, &[JSON]).await;
        let told = inside(&answer, "authenticationSuccess");
        assert_eq!(told.get("attributes").is_some(), tells, "{path}");
    }
}

#[tokio::test]
async fn a_fault_is_told_as_one() {
    let house = House::with().database(Database::fresh()).start().await;
    let ada = Browser::at(&house);
    ada.signs_in(ADA).await;
    let ticket = ada.ticket_for(WIKI).await;
    house.app.store.close().await;
    assert_eq!(code(&house.validate("serviceValidate", &ticket, WIKI, &[JSON]).await), "INTERNAL_ERROR");
}
