//! Answers as servers write them, and what only looks like one.

use super::answer::{Expected, read_answer};
use super::response::{Frame, Status, failure, success};
use crate::protocol::attributes::{Attributes, Value};
use crate::protocol::refusal::{ErrorCode, Refusal};
use crate::protocol::response::{Answer, BadAnswer, Standard, UpstreamUser, Validated};
use crate::protocol::time::Timestamp;
use crate::protocol::xml::{BadXml, Flaw, Reading};

const NOW: i64 = 1_772_621_527;
const EXPECTED: Expected<'_> = Expected {
    request_id: "_ST-1",
    audience: "https://login.example/federate/north?h=a&b",
    now: Timestamp::from_seconds(NOW),
    skew: 30,
};

/// With a namespace by default, as some write it, and prefixes of its own.
const ANSWER: &str = "<?xml version='1.0' encoding='UTF-8'?>\n\
    <S:Envelope xmlns:S='http://schemas.xmlsoap.org/soap/envelope/'><S:Header/><S:Body>\
    <Response xmlns='urn:oasis:names:tc:SAML:1.0:protocol' xmlns:p='urn:oasis:names:tc:SAML:1.0:protocol' \
    InResponseTo='_ST-1' MajorVersion='1' MinorVersion='1' Recipient='https://login.example/'>\
    <Status><StatusCode Value='p:Success'></StatusCode></Status>\
    <a:Assertion xmlns:a='urn:oasis:names:tc:SAML:1.0:assertion' MajorVersion='1' MinorVersion='1'>\
    <a:Conditions NotBefore='2026-03-04T10:51:57.1Z' NotOnOrAfter='2026-03-04T11:52:37+01:00'>\
    <a:AudienceRestrictionCondition><a:Audience>https://login.example/federate/north?h=a&amp;b</a:Audience>\
    </a:AudienceRestrictionCondition></a:Conditions>\
    <a:AuthenticationStatement AuthenticationInstant='2026-03-04T10:40:00Z' AuthenticationMethod='urn:x'>\
    <a:Subject><a:NameIdentifier Format='urn:y'> ada </a:NameIdentifier><a:SubjectConfirmation/></a:Subject>\
    </a:AuthenticationStatement>\
    <a:AttributeStatement><a:Subject><a:NameIdentifier>ada</a:NameIdentifier></a:Subject>\
    <a:Attribute AttributeName='mail' AttributeNamespace='http://www.ja-sig.org/products/cas/'>\
    <a:AttributeValue>a@x</a:AttributeValue><a:AttributeValue>b&amp;<![CDATA[c]]></a:AttributeValue>\
    </a:Attribute></a:AttributeStatement></a:Assertion></Response></S:Body></S:Envelope>";

fn read(text: &str) -> Result<Answer, BadAnswer> {
    read_answer(text.as_bytes(), &Reading::default(), &EXPECTED)
}

fn who(text: &str) -> UpstreamUser {
    match read(text) {
        Ok(Answer::Success(who)) => who,
        other => panic!("{other:?}: {text}"),
    }
}

/// The answer with one text changed everywhere.
fn with(old: &str, new: &str) -> String {
    let changed = ANSWER.replace(old, new);
    assert_ne!(changed, ANSWER, "{old}");
    changed
}

#[test]
fn a_success() {
    let ada = who(ANSWER);
    assert_eq!(ada.user, "ada");
    assert_eq!(ada.attributes.get("mail"), Some(&[Value::from("a@x"), Value::from("b&c")][..]));
    assert_eq!(ada.attributes.first_text("authenticationDate").as_deref(), Some("2026-03-04T10:40:00Z"));
    assert_eq!((ada.attributes.len(), ada.pgt_iou, ada.proxies.len()), (2, None, 0));
}

#[test]
fn servers_write_it_in_many_ways() {
    let attributes_gone = {
        let (before, rest) = ANSWER.split_once("<a:AttributeStatement>").unwrap();
        format!("{before}{}", rest.split_once("</a:AttributeStatement>").unwrap().1)
    };
    for text in [
        attributes_gone,
        with("<S:Header/>", ""),
        with("InResponseTo='_ST-1'", ""),
        with("InResponseTo='_ST-1'", "InResponseTo=''"),
        with("MinorVersion='1'", "MinorVersion='0'"),
        with("><", ">\r\n\t <"),
        with("Value='p:Success'", "Value='Success'"),
        with("Value='p:Success'", "Value=' p:Success '"),
        with("<Status>", "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'><x/></Signature><Status>"),
        with("</a:Assertion>", "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/></a:Assertion>"),
        with("</a:Conditions>", "<a:DoNotCacheCondition/></a:Conditions>"),
        with("<a:Audience>", "<a:Audience>https://other.example/</a:Audience><a:Audience>\n "),
        with(" NotBefore='2026-03-04T10:51:57.1Z'", ""),
        with("AuthenticationInstant='2026-03-04T10:40:00Z'", ""),
        with("<a:AttributeValue>", "<a:AttributeValue xmlns:i='urn:i' i:type='xs:string'>"),
        with("<a:Subject>", "<a:Subject><!-- of it -->"),
    ] {
        assert_eq!(who(&text).user, "ada", "{text}");
    }
    let own = with("AttributeName='mail'", "AttributeName='authenticationDate'");
    assert_eq!(who(&own).attributes.first_text("authenticationDate").as_deref(), Some("a@x"));
    let urn = with("AttributeName='mail'", "AttributeName='urn:oid:2.5.4.3'");
    assert!(who(&urn).attributes.contains("urn:oid:2.5.4.3"));
    let none = with("<a:AttributeValue>a@x</a:AttributeValue>", "<a:AttributeValue/>");
    assert_eq!(who(&none).attributes.get("mail").unwrap()[0], Value::from(""));
}

/// From NotBefore on, and not at NotOnOrAfter any more; a clock may be wrong by so much.
#[test]
fn an_assertion_holds_for_a_time() {
    for (after, skew, holds) in [
        (0, 30, true),
        (-10, 0, true),
        (-11, 0, false),
        (-11, 1, true),
        (-40, 30, true),
        (-41, 30, false),
        (29, 0, true),
        (30, 0, false),
        (30, 1, true),
        (59, 30, true),
        (60, 30, false),
        (i64::MAX, 600, false),
        (i64::MIN, 600, false),
    ] {
        let now = Timestamp::from_seconds(NOW).plus(after);
        let answer = read_answer(ANSWER.as_bytes(), &Reading::default(), &Expected { now, skew, ..EXPECTED });
        assert_eq!(answer.is_ok(), holds, "{after} {skew}");
        assert!(holds || matches!(answer, Err(BadAnswer::NotNow { .. })), "{after} {skew}");
    }
}

#[test]
fn refusals() {
    let answer = |code: &str, more: &str| {
        format!(
            "<S:Envelope xmlns:S='http://schemas.xmlsoap.org/soap/envelope/'><S:Body>\
             <p:Response xmlns:p='urn:oasis:names:tc:SAML:1.0:protocol'><p:Status>{code}\
             <p:StatusMessage>\n no </p:StatusMessage></p:Status>{more}</p:Response></S:Body></S:Envelope>"
        )
    };
    for (status, code) in [
        ("<p:StatusCode Value='p:RequestDenied'/>", "RequestDenied"),
        ("<p:StatusCode Value='p:Responder'/>", "Responder"),
        (
            "<p:StatusCode Value='p:Requester'><p:StatusCode Value='p:RequestDenied'/></p:StatusCode>",
            "RequestDenied",
        ),
        (
            "<p:StatusCode Value='p:Requester'><p:StatusCode xmlns:o='urn:o' Value='o:OwnWord'/></p:StatusCode>",
            "OwnWord",
        ),
        ("<p:StatusCode Value='p:Requester'><p:StatusCode Value='p:'/></p:StatusCode>", "Requester"),
    ] {
        let refused = Answer::Failure { code: code.to_owned(), message: "no".to_owned() };
        assert_eq!(read(&answer(status, "")), Ok(refused), "{status}");
    }
    // The message in another place, as some write it.
    let refused =
        Answer::Failure { code: "VersionMismatch".to_owned(), message: "ticket not found".to_owned() };
    let status = "<p:StatusCode Value='p:VersionMismatch'> ticket not found </p:StatusCode>";
    assert_eq!(
        read(&answer(status, "").replace("<p:StatusMessage>\n no </p:StatusMessage>", "")),
        Ok(refused)
    );
    for status in [
        "",
        "<p:StatusCode/>",
        "<p:StatusCode Value=''/>",
        "<p:StatusCode Value='p:'/>",
        // A word of somebody else's, or of nobody's.
        "<p:StatusCode Value='Success'/>",
        "<p:StatusCode Value='o:Success'/>",
        "<p:StatusCode xmlns:o='urn:o' Value='o:Success'/>",
        "<p:StatusCode xmlns:o='urn:oasis:names:tc:SAML:2.0:protocol' Value='o:Success'/>",
        "<p:StatusCode Value='p:RequestDenied'/><p:StatusCode Value='p:Success'/>",
        "<StatusCode Value='p:Success'/>",
        // A success about nobody.
        "<p:StatusCode Value='p:Success'/>",
    ] {
        assert!(read(&answer(status, "")).is_err(), "{status}");
    }
    let assertion = "<a:Assertion xmlns:a='urn:oasis:names:tc:SAML:1.0:assertion'/>";
    assert!(read(&answer("<p:StatusCode Value='p:RequestDenied'/>", assertion)).is_err());
}

#[test]
fn nothing_else() {
    let (from, to) = (ANSWER.find("<a:Assertion").unwrap(), ANSWER.find("</Response>").unwrap());
    let assertion = &ANSWER[from..to];
    let eve = assertion.replace("ada", "eve");
    let statement = "<a:AuthenticationStatement><a:Subject><a:NameIdentifier>ada</a:NameIdentifier></a:Subject></a:AuthenticationStatement>";
    let first = |old: &str, new: &str| ANSWER.replacen(old, new, 1);
    for text in [
        // Another document.
        "<html><body>no</body></html>".to_owned(),
        "<cas:serviceResponse xmlns:cas='http://www.yale.edu/tp/cas'/>".to_owned(),
        "no\n\n".to_owned(),
        with("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"),
        with("SAML:1.0:protocol", "SAML:2.0:protocol"),
        with("SAML:1.0:assertion", "SAML:2.0:assertion"),
        with("MajorVersion='1'", "MajorVersion='2'"),
        with("MinorVersion='1'", "MinorVersion='2'"),
        with("<S:Header/>", "<S:Header/><S:Header/>"),
        with("<S:Header/>", "<S:Body/>"),
        // To another question, for another service.
        with("_ST-1", "_ST-2"),
        with("h=a&amp;b", "h=a&amp;c"),
        with("<a:Audience>https://login.example/federate/north?h=a&amp;b</a:Audience>", ""),
        with(
            "<a:AudienceRestrictionCondition>",
            "<a:AudienceRestrictionCondition><a:Audience>https://other.example/</a:Audience></a:AudienceRestrictionCondition><a:AudienceRestrictionCondition>",
        ),
        with("2026-03-04T10:51:57.1Z", "2026-03-04T10:51:57.1"),
        with("2026-03-04T10:51:57.1Z", "yesterday"),
        with("2026-03-04T10:51:57.1Z", ""),
        with("</a:Conditions>", "<a:Condition/></a:Conditions>"),
        with("</a:Conditions>", "<x/></a:Conditions>"),
        // Two of something, in every place.
        with(assertion, &format!("{assertion}{assertion}")),
        with(assertion, &format!("{eve}{assertion}")),
        with(assertion, &format!("{assertion}{eve}")),
        with("<Status>", &format!("{eve}<Status>")),
        with("</S:Body>", "<x/></S:Body>"),
        with("<Status>", "<Status><StatusCode Value='p:RequestDenied'/></Status><Status>"),
        with("<a:AttributeStatement>", &format!("{statement}<a:AttributeStatement>")),
        with(
            "</a:Assertion>",
            "<a:AttributeStatement><a:Subject><a:NameIdentifier>ada</a:NameIdentifier></a:Subject></a:AttributeStatement></a:Assertion>",
        ),
        with("<a:Conditions", "<a:Conditions/><a:Conditions"),
        with("<a:Subject>", "<a:Subject><a:NameIdentifier>eve</a:NameIdentifier></a:Subject><a:Subject>"),
        with("<a:NameIdentifier>", "<a:NameIdentifier>eve</a:NameIdentifier><a:NameIdentifier>"),
        with("<a:NameIdentifier>", "<NameIdentifier>eve</NameIdentifier><a:NameIdentifier>"),
        first("MinorVersion='1'", "MinorVersion='1' MinorVersion='1'"),
        // Two people, or nobody, or a part of a name.
        first("> ada <", ">eve<"),
        with(">ada<", ">eve<"),
        with(">ada<", "><"),
        with(">ada<", ">ad<!-- -->a<"),
        with(">ada<", "><x>ada</x><"),
        with(">ada<", ">ada&nbsp;<"),
        first("<a:NameIdentifier Format='urn:y'> ada </a:NameIdentifier>", ""),
        with("a:AuthenticationStatement", "a:AuthorizationDecisionStatement"),
        with("a:AuthenticationStatement", "AuthenticationStatement"),
        // Attributes that are none.
        with("AttributeName='mail'", ""),
        with("AttributeName='mail'", "AttributeName=''"),
        with("AttributeName='mail'", &format!("AttributeName='{}'", "x".repeat(257))),
        with("<a:AttributeValue>a@x</a:AttributeValue>", "<a:AttributeValue><x>a@x</x></a:AttributeValue>"),
        with("<a:AttributeValue>a@x</a:AttributeValue>", "<AttributeValue>a@x</AttributeValue>"),
        with("<a:AttributeValue>a@x</a:AttributeValue>", "a@x"),
        with("<a:AttributeValue>a@x</a:AttributeValue>", &"<a:AttributeValue/>".repeat(1000)),
        with("</a:Attribute>", "</a:Attribute><a:Evidence/>"),
        // What no document of ours may have.
        with("<S:Envelope", "<!DOCTYPE S:Envelope><S:Envelope"),
        with("<S:Envelope", "<?x y?><S:Envelope"),
        format!("{ANSWER}{ANSWER}"),
    ] {
        let answer = read(&text);
        assert!(answer.is_err(), "{answer:?}: {text}");
    }
    let doctype = with("<S:Envelope", "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><S:Envelope");
    assert!(matches!(read(&doctype), Err(BadAnswer::Xml(BadXml { flaw: Flaw::Doctype, .. }))));
}

#[test]
fn every_cut_is_refused() {
    for at in 0..ANSWER.len() {
        assert!(read_answer(&ANSWER.as_bytes()[..at], &Reading::default(), &EXPECTED).is_err(), "{at}");
    }
}

#[test]
fn our_own_answers_are_read() {
    let frame = Frame {
        response_id: "_r",
        in_response_to: Some(EXPECTED.request_id),
        recipient: Some(EXPECTED.audience),
        now: EXPECTED.now,
    };
    let mut attributes = Attributes::new();
    attributes.push("urn:oid:2.5.4.3", "Ada & <King>");
    let validated = Validated {
        user: "ada@north".to_owned(),
        attributes,
        standard: Some(Standard {
            authentication_date: Timestamp::from_seconds(NOW - 100),
            long_term: false,
            new_login: true,
        }),
        send_attributes: true,
        pgt_iou: None,
        proxies: Vec::new(),
    };
    let again = who(&success(&frame, "_a", "https://login.example/cas", &validated));
    assert_eq!(again.user, "ada@north");
    assert_eq!(again.attributes.first_text("urn:oid:2.5.4.3").as_deref(), Some("Ada & <King>"));
    assert_eq!(again.attributes.get("authenticationDate").map(<[_]>::len), Some(1));
    let refusal = Refusal::new(ErrorCode::InvalidTicket, "no");
    let refused = read(&failure(&frame, Status::RequestDenied, &refusal));
    assert!(matches!(refused, Ok(Answer::Failure { code, .. }) if code == "RequestDenied"));
}
