//! The reader for what a provider answered in JSON (CAS 3.0 §2.5.2).
//!
//! Exact like that of XML: one object with one member, which is a success or a failure, nothing stands
//! twice, and a value is text, a number, a truth or a list of these.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::protocol::attributes::{Attributes, Value};
use crate::protocol::response::{Answer, BadAnswer, UpstreamUser};
use crate::protocol::xml::{MAX_NAME, MAX_PROXIES, MAX_VALUE, MAX_VALUES, trim};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document {
    service_response: Response,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Response {
    authentication_success: Option<Success>,
    authentication_failure: Option<Failure>,
}

/// Members that are not named here stand for nothing: servers add their own. They are skipped without being
/// kept, however deep they are.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Success {
    user: String,
    attributes: Option<Attributes>,
    proxy_granting_ticket: Option<String>,
    proxies: Option<Vec<String>>,
    // Words of the protocol that have their place elsewhere.
    authentication_success: Option<IgnoredAny>,
    authentication_failure: Option<IgnoredAny>,
    service_response: Option<IgnoredAny>,
}

impl Success {
    fn holds_another(&self) -> bool {
        let elsewhere = [&self.authentication_success, &self.authentication_failure, &self.service_response];
        elsewhere.into_iter().any(Option::is_some)
    }
}

#[derive(Deserialize)]
struct Failure {
    code: String,
    description: Option<String>,
}

/// Reads an answer. The caller has looked at the status and bounded the size.
///
/// # Errors
///
/// Whatever is not exactly an answer is none. The error tells reason and place, never the text.
pub fn read(body: &[u8]) -> Result<Answer, BadAnswer> {
    let Document { service_response } = serde_json::from_slice(body)
        .map_err(|error| BadAnswer::Json { line: error.line(), column: error.column() })?;
    match (service_response.authentication_success, service_response.authentication_failure) {
        (Some(success), None) => read_success(success).map(Answer::Success),
        (None, Some(failure)) => read_failure(&failure),
        _ => Err(BadAnswer::NotAnAnswer { at: 0 }),
    }
}

fn read_success(success: Success) -> Result<UpstreamUser, BadAnswer> {
    if success.holds_another() {
        return Err(BadAnswer::NotAnAnswer { at: 0 });
    }
    let user = trim(&success.user);
    if user.is_empty() {
        return Err(BadAnswer::EmptyUser { at: 0 });
    }
    let attributes = success.attributes.unwrap_or_default();
    if attributes.iter().map(|(_, values)| values.len()).sum::<usize>() > MAX_VALUES {
        return Err(BadAnswer::TooManyValues { at: 0, max: MAX_VALUES });
    }
    if attributes.iter().any(|(name, _)| name.is_empty() || name.len() > MAX_NAME) {
        return Err(BadAnswer::AttributeName { at: 0 });
    }
    let is_long = |value: &Value| matches!(value, Value::Text(text) if text.len() > MAX_VALUE);
    let proxies = success.proxies.unwrap_or_default();
    if proxies.len() > MAX_PROXIES {
        return Err(BadAnswer::TooManyValues { at: 0, max: MAX_PROXIES });
    }
    let texts = [Some(&success.user), success.proxy_granting_ticket.as_ref()];
    if attributes.iter().any(|(_, values)| values.iter().any(is_long))
        || texts.into_iter().flatten().chain(&proxies).any(|text| text.len() > MAX_VALUE)
    {
        return Err(BadAnswer::TooLong { at: 0 });
    }
    Ok(UpstreamUser { user: user.to_owned(), attributes, pgt_iou: success.proxy_granting_ticket, proxies })
}

fn read_failure(failure: &Failure) -> Result<Answer, BadAnswer> {
    let message = failure.description.as_deref().unwrap_or_default();
    match trim(&failure.code) {
        "" => Err(BadAnswer::NoCode { at: 0 }),
        code if code.len() > MAX_NAME || message.len() > MAX_VALUE => Err(BadAnswer::TooLong { at: 0 }),
        code => Ok(Answer::Failure { code: code.to_owned(), message: trim(message).to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::json;
    use crate::protocol::refusal::{ErrorCode, Refusal};
    use crate::protocol::response::{Standard, Validated};
    use crate::protocol::time::Timestamp;

    fn success(inside: &str) -> String {
        format!(r#"{{"serviceResponse":{{"authenticationSuccess":{{{inside}}}}}}}"#)
    }

    fn who(json: &str) -> UpstreamUser {
        match read(json.as_bytes()) {
            Ok(Answer::Success(who)) => who,
            other => panic!("{other:?}: {json}"),
        }
    }

    #[test]
    fn successes() {
        assert_eq!(who(&success(r#""user":" ada\n""#)).user, "ada");
        let all = who(&success(
            r#""user":"ada","attributes":{"mail":["a@x","b@x"],"cn":"Ada & <King>","age":36,"height":1.5,
               "staff":true,"none":null,"empty":"","coded":"[\"x\"]","much":18446744073709551615},
               "proxyGrantingTicket":"PGTIOU-1","proxies":["https://b.example/","https://a.example/"],
               "more":{"of":["their",{"own":1}]}"#,
        ));
        let told: Vec<_> = all.attributes.iter().collect();
        assert_eq!(told.len(), 9);
        assert_eq!(all.attributes.get("mail"), Some(&[Value::from("a@x"), Value::from("b@x")][..]));
        assert_eq!(all.attributes.get("cn"), Some(&[Value::from("Ada & <King>")][..]));
        assert_eq!(all.attributes.get("age"), Some(&[Value::from(36_i64)][..]));
        assert_eq!(all.attributes.get("staff"), Some(&[Value::from(true)][..]));
        assert_eq!(all.attributes.get("none"), Some(&[][..]));
        assert_eq!(all.attributes.get("empty"), Some(&[Value::from("")][..]));
        assert_eq!(all.attributes.get("coded"), Some(&[Value::from("[\"x\"]")][..]));
        assert_eq!(all.attributes.get("much"), Some(&[Value::from("18446744073709551615")][..]));
        assert_eq!(all.pgt_iou.as_deref(), Some("PGTIOU-1"));
        assert_eq!(all.proxies, ["https://b.example/", "https://a.example/"]);
        let nothing =
            who(&success(r#""user":"ada","attributes":null,"proxyGrantingTicket":null,"proxies":null"#));
        assert!(nothing.attributes.is_empty() && nothing.pgt_iou.is_none());
    }

    #[test]
    fn failures() {
        for (inside, code, message) in [
            (r#""code":"INVALID_TICKET","description":" no\n""#, "INVALID_TICKET", "no"),
            (r#""code":" X ""#, "X", ""),
        ] {
            let json = format!(r#" {{"serviceResponse":{{"authenticationFailure":{{{inside}}}}}}} "#);
            let refused = Answer::Failure { code: code.to_owned(), message: message.to_owned() };
            assert_eq!(read(json.as_bytes()), Ok(refused), "{json}");
        }
    }

    #[test]
    fn nothing_else() {
        let ada = r#""user":"ada""#;
        let whole = success(ada);
        let no = r#""authenticationFailure":{"code":"X"}"#;
        let nested = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let many: String =
            (0..=MAX_VALUES).map(|n| format!("{}\"x\"", if n == 0 { "" } else { "," })).collect();
        for json in [
            String::new(),
            "null".to_owned(),
            "{}".to_owned(),
            r#"{"serviceResponse":{}}"#.to_owned(),
            r#"{"serviceResponse":{"authenticationSuccess":null}}"#.to_owned(),
            r#"{"serviceResponse":{"authenticationSuccess":{}}}"#.to_owned(),
            // Both, in either order, and one inside of the other.
            whole.replace("}}}", &format!("}},{no}}}}}")),
            whole.replace("{\"auth", &format!("{{{no},\"auth")),
            success(&format!("{ada},{no}")),
            success(&format!("{ada},\"authenticationSuccess\":{{}}")),
            // Something twice.
            success(r#""user":"eve","user":"ada""#),
            success(&format!(r#"{ada},"attributes":{{}},"attributes":{{}}"#)),
            success(&format!(r#"{ada},"attributes":{{"a":1,"a":2}}"#)),
            whole.replace("{\"auth", "{\"authenticationSuccess\":{\"user\":\"eve\"},\"auth"),
            format!("{whole}{whole}"),
            format!("{whole}x"),
            // Other words, and other places.
            whole.replace("serviceResponse", "ServiceResponse"),
            whole.replace("{\"auth", "{\"x\":1,\"auth"),
            r#"{"authenticationSuccess":{"user":"ada"}}"#.to_owned(),
            // No user, or none that is a text.
            success(""),
            success(r#""user":"""#),
            success(r#""user":" \n""#),
            success(r#""user":null"#),
            success(r#""user":7"#),
            success(r#""user":["ada"]"#),
            success(r#""user":{"x":"ada"}"#),
            // Values that are none.
            success(&format!(r#"{ada},"attributes":{{"a":{{"b":1}}}}"#)),
            success(&format!(r#"{ada},"attributes":{{"a":[["b"]]}}"#)),
            success(&format!(r#"{ada},"attributes":{{"":"b"}}"#)),
            success(&format!(r#"{ada},"attributes":["a"]"#)),
            success(&format!(r#"{ada},"attributes":{{"{}":1}}"#, "x".repeat(MAX_NAME + 1))),
            success(&format!(r#"{ada},"attributes":{{"a":"{}"}}"#, "x".repeat(MAX_VALUE + 1))),
            success(&format!(r#"{ada},"attributes":{{"a":[{many}]}}"#)),
            success(&format!(r#"{ada},"proxies":[{}]"#, vec!["\"x\""; MAX_PROXIES + 1].join(","))),
            success(&format!(r#"{ada},"attributes":{{"a":{nested}}}"#)),
            success(&format!(r#""user":"{}""#, "x".repeat(MAX_VALUE + 1))),
            // Failures that say nothing.
            r#"{"serviceResponse":{"authenticationFailure":{}}}"#.to_owned(),
            r#"{"serviceResponse":{"authenticationFailure":{"code":""}}}"#.to_owned(),
            format!(r#"{{"serviceResponse":{{"authenticationFailure":{{"code":"{}"}}}}}}"#, "X".repeat(300)),
            // No JSON.
            whole.replace('"', "'"),
            whole[..whole.len() - 1].to_owned(),
            format!("\u{feff}{whole}"),
            "<serviceResponse/>".to_owned(),
        ] {
            assert!(read(json.as_bytes()).is_err(), "{json}");
        }
        assert!(read(b"{\"serviceResponse\":{\"authenticationSuccess\":{\"user\":\"\xff\"}}}").is_err());
    }

    #[test]
    fn an_error_tells_the_place_and_not_the_text() {
        let error = read(success(r#""user":["SECRET"]"#).as_bytes()).unwrap_err();
        assert!(matches!(error, BadAnswer::Json { line: 1, .. }), "{error}");
        assert!(!error.to_string().contains("SECRET"));
    }

    #[test]
    fn our_own_answers_are_read() {
        let mut attributes = Attributes::new();
        attributes.push("urn:oid:2.5.4.3", "Ada King");
        attributes.push("age", 36_i64);
        let validated = Validated {
            user: "ada@north".to_owned(),
            attributes,
            standard: Some(Standard {
                authentication_date: Timestamp::from_seconds(1_772_621_527),
                long_term: false,
                new_login: true,
            }),
            send_attributes: true,
            pgt_iou: Some("PGTIOU-1".to_owned()),
            proxies: vec!["https://b.example/".to_owned()],
        };
        let again = who(&json::success(&validated));
        assert_eq!((again.user.as_str(), again.pgt_iou.as_deref()), ("ada@north", Some("PGTIOU-1")));
        assert_eq!(again.attributes.first_text("urn:oid:2.5.4.3").as_deref(), Some("Ada King"));
        assert_eq!(again.attributes.get("isFromNewLogin"), Some(&[Value::from(true)][..]));
        let refusal = json::failure(&Refusal::new(ErrorCode::InvalidTicket, "no"));
        assert!(
            matches!(read(refusal.as_bytes()), Ok(Answer::Failure { code, .. }) if code == "INVALID_TICKET")
        );
    }
}
