//! The answer (CAS 3.0 §4.2.5).
//!
//! Much of its form is there because programs count on it, and all of it is allowed by the schemas:
//!
//! - the prefixes `SOAP-ENV`, `samlp` and `saml`, and `samlp:Success` as it stands;
//! - an empty header before the body, because some take the second element of the envelope;
//! - namespaces declared on the response, because some cut it out of the body as text;
//! - conditions, then attributes, then the authentication, because some go by position;
//! - no white space between elements, because some take the first node inside.

use crate::protocol::attributes::Value;
use crate::protocol::refusal::{ErrorCode, Refusal};
use crate::protocol::response::{Standard, Validated};
use crate::protocol::time::Timestamp;
use crate::protocol::xml::{
    AUTHENTICATION_DATE, Forbidden, LONG_TERM, NEW_LOGIN, element_name, is_xml_text, push_escaped,
};

/// An assertion holds from this long before it is written until this long after, in seconds: clocks differ,
/// and whoever asks reads the answer at once.
const HOLDS: i64 = 60;

const OPEN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
    <SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\"><SOAP-ENV:Header/>\
    <SOAP-ENV:Body><samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:1.0:protocol\" \
    xmlns:saml=\"urn:oasis:names:tc:SAML:1.0:assertion\" MajorVersion=\"1\" MinorVersion=\"1\"";
const CLOSE: &str = "</samlp:Response></SOAP-ENV:Body></SOAP-ENV:Envelope>";
/// The namespace of attribute names that clients of CAS expect.
const ATTRIBUTE_NAMESPACE: &str = "http://www.ja-sig.org/products/cas/";

/// What stands around every answer.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Unique, and an NCName.
    pub response_id: &'a str,
    /// The `RequestID` of the question, if it had one.
    pub in_response_to: Option<&'a str>,
    /// The service that asks, if it said so.
    pub recipient: Option<&'a str>,
    pub now: Timestamp,
}

/// What became of a question (SAML 1.1 core §3.4.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The question is wrong.
    Requester,
    /// The question is right, and the answer is no.
    RequestDenied,
    /// The question is of a version of SAML that we do not speak.
    VersionMismatch,
    /// Something broke on our side.
    Responder,
}

impl Status {
    /// The status that says what a code of CAS says.
    pub fn of(code: ErrorCode) -> Self {
        match code {
            ErrorCode::InvalidRequest => Self::Requester,
            ErrorCode::InternalError => Self::Responder,
            _ => Self::RequestDenied,
        }
    }
}

/// A ticket was good. In: whom it is for, an ID of its own for the assertion, and who says so (an address).
pub fn success(frame: &Frame<'_>, assertion_id: &str, issuer: &str, validated: &Validated) -> String {
    let mut out = String::with_capacity(2500 + 250 * validated.attributes.len());
    open(&mut out, frame);
    out.push_str("<samlp:Status><samlp:StatusCode Value=\"samlp:Success\"/></samlp:Status>");
    out.push_str("<saml:Assertion MajorVersion=\"1\" MinorVersion=\"1\"");
    push_attribute(&mut out, "AssertionID", assertion_id);
    push_attribute(&mut out, "Issuer", issuer);
    push_attribute(&mut out, "IssueInstant", &frame.now.iso());
    out.push_str("><saml:Conditions");
    push_attribute(&mut out, "NotBefore", &frame.now.plus(-HOLDS).iso());
    push_attribute(&mut out, "NotOnOrAfter", &frame.now.plus(HOLDS).iso());
    out.push('>');
    if let Some(service) = frame.recipient {
        out.push_str("<saml:AudienceRestrictionCondition><saml:Audience>");
        push_escaped(&mut out, service, Forbidden::Drop);
        out.push_str("</saml:Audience></saml:AudienceRestrictionCondition>");
    }
    out.push_str("</saml:Conditions>");
    push_attribute_statement(&mut out, validated);
    let instant = validated.standard.map_or(frame.now, |standard| standard.authentication_date);
    // How somebody signed in at an institution is not known here, so nothing is claimed.
    out.push_str("<saml:AuthenticationStatement");
    push_attribute(&mut out, "AuthenticationMethod", "urn:oasis:names:tc:SAML:1.0:am:unspecified");
    push_attribute(&mut out, "AuthenticationInstant", &instant.iso());
    out.push('>');
    push_subject(&mut out, &validated.user);
    out.push_str("</saml:AuthenticationStatement></saml:Assertion>");
    out.push_str(CLOSE);
    out
}

/// A ticket was not good, or nothing could be asked about one.
pub fn failure(frame: &Frame<'_>, status: Status, refusal: &Refusal) -> String {
    let mut out = String::with_capacity(1000 + refusal.detail.len());
    open(&mut out, frame);
    out.push_str("<samlp:Status>");
    out.push_str(match status {
        Status::Requester => "<samlp:StatusCode Value=\"samlp:Requester\"/>",
        // A code of the second level may not stand alone.
        Status::RequestDenied => {
            "<samlp:StatusCode Value=\"samlp:Requester\"><samlp:StatusCode Value=\"samlp:RequestDenied\"/>\
             </samlp:StatusCode>"
        }
        Status::VersionMismatch => "<samlp:StatusCode Value=\"samlp:VersionMismatch\"/>",
        Status::Responder => "<samlp:StatusCode Value=\"samlp:Responder\"/>",
    });
    out.push_str("<samlp:StatusMessage>");
    push_escaped(&mut out, &refusal.to_string(), Forbidden::Drop);
    out.push_str("</samlp:StatusMessage></samlp:Status>");
    out.push_str(CLOSE);
    out
}

fn open(out: &mut String, frame: &Frame<'_>) {
    out.push_str(OPEN);
    push_attribute(out, "ResponseID", frame.response_id);
    push_attribute(out, "IssueInstant", &frame.now.iso());
    if let Some(id) = frame.in_response_to {
        push_attribute(out, "InResponseTo", id);
    }
    if let Some(service) = frame.recipient {
        push_attribute(out, "Recipient", service);
    }
    out.push('>');
}

/// Those of the protocol, then those of the person. There may not be none of them, and with a session
/// behind the ticket there never is.
fn push_attribute_statement(out: &mut String, validated: &Validated) {
    let mut inner = String::new();
    if let Some(Standard { authentication_date, long_term, new_login }) = validated.standard {
        push_values(&mut inner, AUTHENTICATION_DATE, &[Value::from(authentication_date.iso())]);
        push_values(&mut inner, LONG_TERM, &[Value::from(long_term)]);
        push_values(&mut inner, NEW_LOGIN, &[Value::from(new_login)]);
    }
    for (name, values) in validated.attributes.iter() {
        // Names are texts here, so they need no mapping, but two that differ only in what XML cannot carry
        // would be one. What the other forms do not tell is not told here either.
        if is_xml_text(name) && element_name(name).is_some() {
            push_values(&mut inner, name, values);
        }
    }
    if !inner.is_empty() {
        out.push_str("<saml:AttributeStatement>");
        push_subject(out, &validated.user);
        out.push_str(&inner);
        out.push_str("</saml:AttributeStatement>");
    }
}

fn push_values(out: &mut String, name: &str, values: &[Value]) {
    if values.is_empty() {
        return;
    }
    out.push_str("<saml:Attribute");
    push_attribute(out, "AttributeName", name);
    push_attribute(out, "AttributeNamespace", ATTRIBUTE_NAMESPACE);
    out.push('>');
    for value in values {
        out.push_str("<saml:AttributeValue>");
        push_escaped(out, &value.as_text(), Forbidden::Drop);
        out.push_str("</saml:AttributeValue>");
    }
    out.push_str("</saml:Attribute>");
}

fn push_subject(out: &mut String, user: &str) {
    out.push_str("<saml:Subject><saml:NameIdentifier>");
    push_escaped(out, user, Forbidden::Mark);
    out.push_str(
        "</saml:NameIdentifier><saml:SubjectConfirmation><saml:ConfirmationMethod>\
         urn:oasis:names:tc:SAML:1.0:cm:artifact</saml:ConfirmationMethod></saml:SubjectConfirmation></saml:Subject>",
    );
}

/// An XML attribute with a blank in front of it.
fn push_attribute(out: &mut String, name: &str, value: &str) {
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    push_escaped(out, value, Forbidden::Drop);
    out.push('"');
}
