//! Other tongues of the fake institution: SAML 1.1 and JSON.

use std::fmt::Write as _;

use passerelle::protocol::saml11;
use passerelle::protocol::time::Timestamp;
use serde_json::json;
use url::form_urlencoded::Serializer;

use super::fake_cas::{Request, Told};
use super::house::BEGIN;
use super::trouble::escape;

/// A question in SAML as the same question in words of CAS.
pub fn as_question(request: &Request) -> Request {
    let mut query = Serializer::new(String::new());
    if let Some(target) = request.param("TARGET") {
        query.append_pair("service", &target);
    }
    if let Ok(asked) = saml11::read(request.body.as_bytes()) {
        query.append_pair("ticket", &asked.ticket);
    }
    if let Some(renew) = request.param("renew") {
        query.append_pair("renew", &renew);
    }
    Request { query: query.finish(), ..request.clone() }
}

/// A yes about whoever it is, to whom it was asked. In: instants beside the beginning of every story.
pub fn saml(told: &Told, audience: &str, from: i64, until: i64) -> String {
    let at = |seconds| Timestamp::from_seconds(BEGIN + seconds).iso();
    let user = escape(&told.user);
    let subject =
        format!("<saml1:Subject><saml1:NameIdentifier>{user}</saml1:NameIdentifier></saml1:Subject>");
    let mut attributes = String::new();
    for (name, value) in &told.attributes {
        write!(
            attributes,
            "<saml1:Attribute AttributeName=\"{}\" AttributeNamespace=\"urn:x\">\
             <saml1:AttributeValue>{}</saml1:AttributeValue></saml1:Attribute>",
            escape(name),
            escape(value)
        )
        .unwrap();
    }
    envelope(&format!(
        "<saml1p:Status><saml1p:StatusCode Value=\"saml1p:Success\"/></saml1p:Status>\
         <saml1:Assertion xmlns:saml1=\"urn:oasis:names:tc:SAML:1.0:assertion\" MajorVersion=\"1\" MinorVersion=\"1\">\
         <saml1:Conditions NotBefore=\"{}\" NotOnOrAfter=\"{}\"><saml1:AudienceRestrictionCondition>\
         <saml1:Audience>{}</saml1:Audience></saml1:AudienceRestrictionCondition></saml1:Conditions>\
         <saml1:AuthenticationStatement AuthenticationInstant=\"{}\">{subject}</saml1:AuthenticationStatement>\
         <saml1:AttributeStatement>{subject}{attributes}</saml1:AttributeStatement></saml1:Assertion>",
        at(from),
        at(until),
        escape(audience),
        at(-600),
    ))
}

/// A no.
pub fn saml_no() -> String {
    envelope("<saml1p:Status><saml1p:StatusCode Value=\"saml1p:RequestDenied\"/></saml1p:Status>")
}

fn envelope(content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <soap11:Envelope xmlns:soap11=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap11:Body>\
         <saml1p:Response xmlns:saml1p=\"urn:oasis:names:tc:SAML:1.0:protocol\" MajorVersion=\"1\" MinorVersion=\"1\">\
         {content}</saml1p:Response></soap11:Body></soap11:Envelope>"
    )
}

/// An answer in JSON: a list for every attribute.
pub fn json(told: Result<&Told, &str>) -> String {
    let inside = match told {
        Ok(told) => {
            let mut attributes = serde_json::Map::new();
            for (name, value) in &told.attributes {
                let list = attributes.entry(name).or_insert_with(|| json!([]));
                list.as_array_mut().unwrap().push(json!(value));
            }
            json!({ "authenticationSuccess": { "user": told.user, "attributes": attributes } })
        }
        Err(code) => json!({ "authenticationFailure": { "code": code, "description": "no" } }),
    };
    json!({ "serviceResponse": inside }).to_string()
}
