//! What is written, read back by the strict reader of documents.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::response::{Frame, Status, failure, success};
use crate::protocol::attributes::{Attributes, Value};
use crate::protocol::refusal::{ErrorCode, Refusal};
use crate::protocol::response::{Standard, Validated};
use crate::protocol::time::Timestamp;
use crate::protocol::xml::tree::{self, Element, Space};

const FRAME: Frame<'_> = Frame {
    response_id: "_r",
    in_response_to: Some("_7"),
    recipient: Some("https://w.example/?a=1&b=2"),
    now: Timestamp::from_seconds(1_772_621_600),
};

fn ada() -> Validated {
    Validated {
        user: "ada@north".to_owned(),
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

fn written(frame: &Frame<'_>, validated: &Validated) -> String {
    success(frame, "_a", "https://login.example/cas", validated)
}

/// The document as a tree.
fn document(text: &str) -> Element {
    tree::parse(text.as_bytes(), None).unwrap_or_else(|bad| panic!("{bad}: {text}"))
}

/// The element at these places, each of that name.
fn at<'a>(mut element: &'a Element, way: &[(usize, Space, &str)]) -> &'a Element {
    for (place, space, name) in way {
        element = &element.children().unwrap()[*place];
        assert!(element.is(*space, name), "{name}: {}", element.name);
    }
    element
}

const RESPONSE: [(usize, Space, &str); 2] =
    [(1, Space::Soap, "Body"), (0, Space::Saml11Protocol, "Response")];
const STATEMENT: [(usize, Space, &str); 2] =
    [(1, Space::Saml11Assertion, "Assertion"), (1, Space::Saml11Assertion, "AttributeStatement")];

/// Names with values, as a client reads them.
fn told(root: &Element) -> Vec<(String, Vec<String>)> {
    let statement = at(at(root, &RESPONSE), &STATEMENT);
    let (subject, attributes) = statement.children().unwrap().split_first().unwrap();
    assert!(subject.is(Space::Saml11Assertion, "Subject"));
    let values = |attribute: &Element| {
        let values = attribute.children().unwrap().iter();
        values.map(|value| value.text().unwrap().to_owned()).collect()
    };
    let told = attributes.iter().map(|a| (a.attribute("AttributeName").unwrap().to_owned(), values(a)));
    told.collect()
}

#[test]
fn a_success() {
    let mut all = ada();
    all.attributes.push("urn:oid:2.5.4.3", "Ada King");
    all.attributes.push("mail", "a@x");
    all.attributes.push("mail", "b@x");
    all.attributes.push("age", 36_i64);
    all.attributes.push("empty", "");
    all.attributes.set("none", Vec::new());
    assert_snapshot!(written(&FRAME, &all).replace("><", ">\n<"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/">
    <SOAP-ENV:Header/>
    <SOAP-ENV:Body>
    <samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:1.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion" MajorVersion="1" MinorVersion="1" ResponseID="_r" IssueInstant="2026-03-04T10:53:20Z" InResponseTo="_7" Recipient="https://w.example/?a=1&amp;b=2">
    <samlp:Status>
    <samlp:StatusCode Value="samlp:Success"/>
    </samlp:Status>
    <saml:Assertion MajorVersion="1" MinorVersion="1" AssertionID="_a" Issuer="https://login.example/cas" IssueInstant="2026-03-04T10:53:20Z">
    <saml:Conditions NotBefore="2026-03-04T10:52:20Z" NotOnOrAfter="2026-03-04T10:54:20Z">
    <saml:AudienceRestrictionCondition>
    <saml:Audience>https://w.example/?a=1&amp;b=2</saml:Audience>
    </saml:AudienceRestrictionCondition>
    </saml:Conditions>
    <saml:AttributeStatement>
    <saml:Subject>
    <saml:NameIdentifier>ada@north</saml:NameIdentifier>
    <saml:SubjectConfirmation>
    <saml:ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:artifact</saml:ConfirmationMethod>
    </saml:SubjectConfirmation>
    </saml:Subject>
    <saml:Attribute AttributeName="authenticationDate" AttributeNamespace="http://www.ja-sig.org/products/cas/">
    <saml:AttributeValue>2026-03-04T10:52:07Z</saml:AttributeValue>
    </saml:Attribute>
    <saml:Attribute AttributeName="longTermAuthenticationRequestTokenUsed" AttributeNamespace="http://www.ja-sig.org/products/cas/">
    <saml:AttributeValue>false</saml:AttributeValue>
    </saml:Attribute>
    <saml:Attribute AttributeName="isFromNewLogin" AttributeNamespace="http://www.ja-sig.org/products/cas/">
    <saml:AttributeValue>true</saml:AttributeValue>
    </saml:Attribute>
    <saml:Attribute AttributeName="urn:oid:2.5.4.3" AttributeNamespace="http://www.ja-sig.org/products/cas/">
    <saml:AttributeValue>Ada King</saml:AttributeValue>
    </saml:Attribute>
    <saml:Attribute AttributeName="mail" AttributeNamespace="http://www.ja-sig.org/products/cas/">
    <saml:AttributeValue>a@x</saml:AttributeValue>
    <saml:AttributeValue>b@x</saml:AttributeValue>
    </saml:Attribute>
    <saml:Attribute AttributeName="age" AttributeNamespace="http://www.ja-sig.org/products/cas/">
    <saml:AttributeValue>36</saml:AttributeValue>
    </saml:Attribute>
    <saml:Attribute AttributeName="empty" AttributeNamespace="http://www.ja-sig.org/products/cas/">
    <saml:AttributeValue>
    </saml:AttributeValue>
    </saml:Attribute>
    </saml:AttributeStatement>
    <saml:AuthenticationStatement AuthenticationMethod="urn:oasis:names:tc:SAML:1.0:am:unspecified" AuthenticationInstant="2026-03-04T10:52:07Z">
    <saml:Subject>
    <saml:NameIdentifier>ada@north</saml:NameIdentifier>
    <saml:SubjectConfirmation>
    <saml:ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:artifact</saml:ConfirmationMethod>
    </saml:SubjectConfirmation>
    </saml:Subject>
    </saml:AuthenticationStatement>
    </saml:Assertion>
    </samlp:Response>
    </SOAP-ENV:Body>
    </SOAP-ENV:Envelope>
    "#);
}

#[test]
fn failures() {
    let refusal = Refusal::new(ErrorCode::InvalidTicket, "ticket <ST-abc> & more");
    let text = failure(&FRAME, Status::RequestDenied, &refusal);
    assert_snapshot!(text.replace("><", ">\n<"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/">
    <SOAP-ENV:Header/>
    <SOAP-ENV:Body>
    <samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:1.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion" MajorVersion="1" MinorVersion="1" ResponseID="_r" IssueInstant="2026-03-04T10:53:20Z" InResponseTo="_7" Recipient="https://w.example/?a=1&amp;b=2">
    <samlp:Status>
    <samlp:StatusCode Value="samlp:Requester">
    <samlp:StatusCode Value="samlp:RequestDenied"/>
    </samlp:StatusCode>
    <samlp:StatusMessage>INVALID_TICKET: ticket &lt;ST-abc&gt; &amp; more</samlp:StatusMessage>
    </samlp:Status>
    </samlp:Response>
    </SOAP-ENV:Body>
    </SOAP-ENV:Envelope>
    "#);
    let bare = Frame { in_response_to: None, recipient: None, ..FRAME };
    for (status, word) in [
        (Status::of(ErrorCode::InvalidRequest), "samlp:Requester"),
        (Status::of(ErrorCode::InternalError), "samlp:Responder"),
        (Status::VersionMismatch, "samlp:VersionMismatch"),
    ] {
        let root = document(&failure(&bare, status, &refusal));
        let code = at(
            at(&root, &RESPONSE),
            &[(0, Space::Saml11Protocol, "Status"), (0, Space::Saml11Protocol, "StatusCode")],
        );
        assert_eq!(code.attribute("Value"), Some(word));
        assert!(code.children().unwrap().is_empty());
        let response = at(&root, &RESPONSE);
        assert_eq!((response.attribute("InResponseTo"), response.attribute("Recipient")), (None, None));
        assert_eq!(response.children().unwrap().len(), 1);
    }
    assert_eq!(Status::of(ErrorCode::InvalidService), Status::RequestDenied);
}

#[test]
fn clients_that_go_by_position_or_by_text_find_their_way() {
    let text = written(&FRAME, &ada());
    let root = document(&text);
    at(&root, &[(0, Space::Soap, "Header")]);
    let response = at(&root, &RESPONSE);
    let code =
        at(response, &[(0, Space::Saml11Protocol, "Status"), (0, Space::Saml11Protocol, "StatusCode")]);
    assert_eq!(code.attribute("Value"), Some("samlp:Success"));
    at(at(response, &STATEMENT[..1]), &[(0, Space::Saml11Assertion, "Conditions")]);
    let name = [(0, Space::Saml11Assertion, "Subject"), (0, Space::Saml11Assertion, "NameIdentifier")];
    assert_eq!(at(at(response, &STATEMENT), &name).text(), Ok("ada@north"));
    let authentication =
        at(at(response, &STATEMENT[..1]), &[(2, Space::Saml11Assertion, "AuthenticationStatement")]);
    assert_eq!(at(authentication, &name).text(), Ok("ada@north"));
    // Cut out as text, the response is still a document.
    let (_, rest) = text.split_once("<SOAP-ENV:Body>").unwrap();
    let (inner, _) = rest.split_once("</SOAP-ENV:Body>").unwrap();
    assert!(document(inner).is(Space::Saml11Protocol, "Response"));
    assert!(!text.contains("> <") && !text.contains('\n'), "nothing between elements");
}

#[test]
fn names_of_the_protocol_are_never_a_persons() {
    let mut eve = ada();
    for name in ["isFromNewLogin", "user", "authenticationDate\u{1}", "a\tb", "a\nb", "\u{fffe}", "x\0"] {
        eve.attributes.push(name, "evil");
    }
    assert_eq!(written(&FRAME, &eve), written(&FRAME, &ada()));
}

#[test]
fn nothing_known_but_the_name() {
    let root = document(&written(&FRAME, &Validated { standard: None, ..ada() }));
    let assertion = at(at(&root, &RESPONSE), &STATEMENT[..1]);
    at(assertion, &[(1, Space::Saml11Assertion, "AuthenticationStatement")]);
}

proptest! {
    #[test]
    fn always_well_formed(user: String, name: String, value: String, service: String, id: String) {
        let mut all = ada();
        all.user = user;
        all.attributes.push(name, value);
        let frame = Frame { in_response_to: Some(&id), recipient: Some(&service), ..FRAME };
        document(&written(&frame, &all));
        document(&failure(&frame, Status::Requester, &Refusal::new(ErrorCode::InvalidRequest, service.as_str())));
    }

    #[test]
    fn everything_comes_back(
        user in "\\PC{1,20}",
        name in "x[^\\p{C}\u{fffe}\u{ffff}]{0,20}",
        values in proptest::collection::vec("[^\\p{Cc}\u{fffe}\u{ffff}]{0,20}|[\t\n\r]", 1..4),
    ) {
        let mut all = ada();
        all.user = user.clone();
        all.attributes.set(name.as_str(), values.iter().map(|value| Value::from(value.as_str())).collect());
        let root = document(&written(&FRAME, &all));
        let way = [(0, Space::Saml11Assertion, "Subject"), (0, Space::Saml11Assertion, "NameIdentifier")];
        prop_assert_eq!(at(at(at(&root, &RESPONSE), &STATEMENT), &way).text().unwrap(), user);
        prop_assert_eq!(told(&root).pop(), Some((name, values)));
        prop_assert_eq!(at(&root, &RESPONSE).attribute("Recipient"), FRAME.recipient);
    }
}
