//! What we answer in JSON (CAS 3.0 §2.5.2, §2.6.2, §2.7.2).
//!
//! Attributes keep their names and types: JSON has room for `urn:oid:2.5.4.3`, for numbers and truths.
//! One value stands alone, several are a list, none is an empty list.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::protocol::attributes::{Attributes, Value};
use crate::protocol::refusal::{ErrorCode, Refusal};
use crate::protocol::response::{Standard, Validated};
use crate::protocol::ticket::TicketId;
use crate::protocol::xml::{AUTHENTICATION_DATE, LONG_TERM, NEW_LOGIN, element_name};

/// A ticket was good.
pub fn success(validated: &Validated) -> String {
    let sends =
        validated.send_attributes && (validated.standard.is_some() || !validated.attributes.is_empty());
    text(&Body::AuthenticationSuccess(Success {
        user: &validated.user,
        proxy_granting_ticket: validated.pgt_iou.as_deref(),
        proxies: &validated.proxies,
        attributes: sends.then_some(Told(validated.standard.as_ref(), &validated.attributes)),
    }))
}

/// A ticket was not good.
pub fn failure(refusal: &Refusal) -> String {
    text(&Body::AuthenticationFailure(Failure::of(refusal)))
}

/// A proxy ticket for whoever holds a proxy-granting one.
pub fn proxy_success(ticket: &TicketId) -> String {
    text(&Body::ProxySuccess(ProxySuccess { proxy_ticket: ticket.expose() }))
}

/// No proxy ticket. CAS 3.0 §2.7.2 shows `authenticationFailure` here and `proxyFailure` in the XML beside
/// it; we say the same in both.
pub fn proxy_failure(refusal: &Refusal) -> String {
    text(&Body::ProxyFailure(Failure::of(refusal)))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    service_response: &'a Body<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Body<'a> {
    AuthenticationSuccess(Success<'a>),
    AuthenticationFailure(Failure<'a>),
    ProxySuccess(ProxySuccess<'a>),
    ProxyFailure(Failure<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Success<'a> {
    user: &'a str,
    /// The receipt, as in XML.
    #[serde(skip_serializing_if = "Option::is_none")]
    proxy_granting_ticket: Option<&'a str>,
    /// Most recent first, as in XML.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    proxies: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Told<'a>>,
}

#[derive(Serialize)]
struct Failure<'a> {
    code: &'static str,
    description: &'a str,
}

impl<'a> Failure<'a> {
    fn of(refusal: &'a Refusal) -> Self {
        Self { code: refusal.code.as_str(), description: &refusal.detail }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProxySuccess<'a> {
    proxy_ticket: &'a str,
}

/// The attributes of the protocol, then those of the person.
struct Told<'a>(Option<&'a Standard>, &'a Attributes);

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        if let Some(standard) = self.0 {
            map.serialize_entry(AUTHENTICATION_DATE, &standard.authentication_date.iso())?;
            map.serialize_entry(LONG_TERM, &standard.long_term)?;
            map.serialize_entry(NEW_LOGIN, &standard.new_login)?;
        }
        for (name, values) in self.1.iter() {
            // What XML does not tell is not told here either, so no name of the protocol stands twice.
            if element_name(name).is_some() {
                map.serialize_entry(name, &OneOrMany(values))?;
            }
        }
        map.end()
    }
}

struct OneOrMany<'a>(&'a [Value]);

impl Serialize for OneOrMany<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            [only] => only.serialize(out),
            several => several.serialize(out),
        }
    }
}

/// Texts, truths, finite numbers and keys that are texts can always be written. Were it otherwise, the
/// answer is a no.
fn text(body: &Body<'_>) -> String {
    serde_json::to_string(&Answer { service_response: body }).unwrap_or_else(|_| {
        let code = ErrorCode::InternalError;
        format!(r#"{{"serviceResponse":{{"authenticationFailure":{{"code":"{code}","description":""}}}}}}"#)
    })
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::time::Timestamp;

    fn bare(user: &str) -> Validated {
        Validated {
            user: user.to_owned(),
            attributes: Attributes::new(),
            standard: Some(Standard {
                authentication_date: Timestamp::from_seconds(1_772_621_527),
                long_term: false,
                new_login: true,
            }),
            send_attributes: true,
            pgt_iou: None,
            proxies: Vec::new(),
        }
    }

    fn read(json: &str) -> serde_json::Value {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn a_success() {
        let mut all = bare("ada@north");
        all.attributes.push("urn:oid:2.5.4.3", "Ada King");
        all.attributes.push("mail", "a@x");
        all.attributes.push("mail", "b@x");
        all.attributes.push("age", 36_i64);
        all.attributes.push("height", 1.5);
        all.attributes.push("staff", true);
        all.attributes.push("empty", "");
        all.attributes.set("none", Vec::new());
        assert_snapshot!(success(&all), @r#"{"serviceResponse":{"authenticationSuccess":{"user":"ada@north","attributes":{"authenticationDate":"2026-03-04T10:52:07Z","longTermAuthenticationRequestTokenUsed":false,"isFromNewLogin":true,"urn:oid:2.5.4.3":"Ada King","mail":["a@x","b@x"],"age":36,"height":1.5,"staff":true,"empty":"","none":[]}}}}"#);
        let through = Validated {
            pgt_iou: Some("PGTIOU-1".to_owned()),
            proxies: vec!["https://late.example/".to_owned(), "https://early.example/".to_owned()],
            send_attributes: false,
            ..all
        };
        assert_snapshot!(success(&through), @r#"{"serviceResponse":{"authenticationSuccess":{"user":"ada@north","proxyGrantingTicket":"PGTIOU-1","proxies":["https://late.example/","https://early.example/"]}}}"#);
    }

    #[test]
    fn failures_and_proxy_answers() {
        let refusal = Refusal::new(ErrorCode::InvalidTicket, "a \"ticket\"\n");
        assert_snapshot!(failure(&refusal), @r#"{"serviceResponse":{"authenticationFailure":{"code":"INVALID_TICKET","description":"a \"ticket\"\n"}}}"#);
        assert_snapshot!(proxy_failure(&refusal), @r#"{"serviceResponse":{"proxyFailure":{"code":"INVALID_TICKET","description":"a \"ticket\"\n"}}}"#);
        let ticket = TicketId::parse("PT-1").unwrap();
        assert_snapshot!(proxy_success(&ticket), @r#"{"serviceResponse":{"proxySuccess":{"proxyTicket":"PT-1"}}}"#);
    }

    #[test]
    fn names_of_the_protocol_are_never_a_persons() {
        let mut eve = bare("eve");
        for name in ["isFromNewLogin", "authenticationDate\0", "\u{8}user", "proxies", "attributes", "", "\0"]
        {
            eve.attributes.push(name, "evil");
        }
        assert!(!success(&eve).contains("evil"));
        assert_eq!(success(&eve), success(&bare("eve")));
    }

    proptest! {
        #[test]
        fn everything_comes_back(user: String, names: [String; 2], values: Vec<String>, number: i64, float: f64) {
            let mut all = bare(&user);
            let (text, numbers) = (format!("t:{}", names[0]), format!("n:{}", names[1]));
            all.attributes.set(text.as_str(), values.iter().map(|value| Value::from(value.as_str())).collect());
            all.attributes.set(numbers.as_str(), vec![Value::from(number), Value::from(float)]);
            let answer = read(&success(&all));
            let told = &answer["serviceResponse"]["authenticationSuccess"];
            prop_assert_eq!(&told["user"], &user);
            let attributes = told["attributes"].as_object().unwrap();
            prop_assert_eq!(attributes.len(), 5);
            match values.as_slice() {
                [only] => prop_assert_eq!(&attributes[&text], only),
                several => prop_assert_eq!(&attributes[&text], &serde_json::json!(several)),
            }
            prop_assert_eq!(&attributes[&numbers][0], number);
            prop_assert_eq!(attributes[&numbers][1].as_f64(), Some(float));
        }

        #[test]
        fn a_description_stays_one_text(detail: String) {
            let answer = read(&failure(&Refusal::new(ErrorCode::InvalidService, detail.as_str())));
            prop_assert_eq!(&answer["serviceResponse"]["authenticationFailure"]["description"], &detail);
        }
    }
}
