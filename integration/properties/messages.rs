//! What servers and services send: answers to a validation, messages that a session is over, questions in
//! SAML.

use passerelle::protocol::attributes::{Attributes, Value};
use passerelle::protocol::json;
use passerelle::protocol::refusal::{ErrorCode, Refusal};
use passerelle::protocol::response::{Answer, BadAnswer, ProxyAnswer, Standard, UpstreamUser, Validated};
use passerelle::protocol::saml11::{self, Frame, MAX_REQUEST_ID, Request, Status};
use passerelle::protocol::slo;
use passerelle::protocol::text as cas1;
use passerelle::protocol::time::Timestamp;
use passerelle::protocol::xml::{self, MAX_NAME, MAX_VALUES, Reading};
use quick_xml::Reader;
use quick_xml::events::Event;

/// A message that was read can be written, and read again as the same. Whoever reads it leniently finds the same tickets.
pub fn logout(data: &[u8]) -> bool {
    let found = std::str::from_utf8(data).ok().and_then(|text| slo::session_indexes(text).ok());
    if let Some(found) = &found {
        assert!(!found.is_empty() && found.len() <= slo::MAX_SESSION_INDEXES);
        assert!(found.iter().all(|ticket| !ticket.is_empty() && ticket.len() <= slo::MAX_LENGTH));
    }
    let Ok(message) = slo::read(data) else { return false };
    let found = found.expect("what is right is not refused");
    assert!(message.session_indexes.iter().all(|ticket| found.contains(ticket)));
    assert!(message.session_indexes.len() <= slo::MAX_SESSION_INDEXES);
    assert!(!message.session_indexes.iter().any(String::is_empty));
    let written = message.to_xml();
    assert_eq!(slo::read(written.as_bytes()), Ok(message), "{written}");
    true
}

/// An answer that was read can be told on: whatever stands in it, our own answer is well-formed, and says
/// the same name.
pub fn xml(data: &[u8]) -> bool {
    let Ok(answer) = xml::read(data, &Reading::default()) else { return false };
    let Answer::Success(who) = answer else { return true };
    assert!(!who.user.is_empty());
    let count: usize = who.attributes.iter().map(|(_, values)| values.len()).sum();
    assert!(count <= MAX_VALUES);
    if count + 3 > MAX_VALUES {
        return true;
    }
    let written = xml::success(&told(&who));
    match xml::read(written.as_bytes(), &Reading::default()) {
        Ok(Answer::Success(again)) => {
            assert_eq!(
                (&again.user, &again.pgt_iou, &again.proxies),
                (&who.user, &who.pgt_iou, &who.proxies)
            );
        }
        other => panic!("{other:?}: {written}"),
    }
    true
}

fn told(who: &UpstreamUser) -> Validated {
    let standard =
        Standard { authentication_date: Timestamp::from_seconds(0), long_term: false, new_login: true };
    Validated {
        user: who.user.clone(),
        attributes: who.attributes.clone(),
        standard: Some(standard),
        send_attributes: true,
        pgt_iou: who.pgt_iou.clone(),
        proxies: who.proxies.clone(),
    }
}

/// What an institution says in its other tongues, and what was repaired: names somebody, within bounds, and can
/// be told on.
pub fn answers(data: &[u8]) -> bool {
    let repairing = Reading { repair_ampersands: true, ..Reading::default() };
    let (now, audience) =
        (Timestamp::from_seconds(1_772_621_527), "https://login.example/federate/north?h=a");
    let expected = saml11::Expected { request_id: "_ST-1", audience, now, skew: 30 };
    let read = [
        json::read(data).ok(),
        saml11::read_answer(data, &Reading::default(), &expected).ok(),
        xml::read(data, &repairing).ok(),
    ];
    if let Ok(ProxyAnswer::Success(ticket)) = xml::read_proxy(data, &repairing) {
        assert!(!ticket.is_empty() && ticket.len() <= 1024);
        return true;
    }
    for answer in read.iter().flatten() {
        let Answer::Success(who) = answer else { continue };
        assert!(!who.user.is_empty());
        assert!(who.attributes.iter().map(|(_, values)| values.len()).sum::<usize>() <= MAX_VALUES);
        assert!(who.attributes.iter().all(|(name, _)| !name.is_empty() && name.len() <= MAX_NAME));
        let written = json::success(&told(who));
        match json::read(written.as_bytes()) {
            Ok(Answer::Success(again)) => {
                assert_eq!(again.user, who.user.trim_matches([' ', '\t', '\r', '\n']))
            }
            // Ours say three values more.
            Err(BadAnswer::TooManyValues { .. }) => {}
            other => panic!("{other:?}: {written}"),
        }
    }
    read.iter().any(Option::is_some)
}

/// A name that came over CAS 1 goes out over it as the same, and stays on its line.
pub fn text(data: &[u8]) -> bool {
    let Ok(answer) = cas1::read(data) else { return false };
    let Answer::Success(who) = answer else { return true };
    let written = cas1::success(&who.user).expect("one line");
    assert_eq!(written.lines().count(), 2, "{written:?}");
    match cas1::read(written.as_bytes()) {
        Ok(Answer::Success(again)) => assert_eq!(again.user, who.user),
        other => panic!("{other:?}: {written:?}"),
    }
    true
}

/// A question that was read asks about one ticket, and says the same when it is written plainly. Whatever
/// stands in it, our answers have the elements that they always have, and hold it as text.
pub fn saml(data: &[u8]) -> bool {
    let Ok(asked) = saml11::read(data) else { return false };
    assert!(!asked.ticket.is_empty() && xml_trim(&asked.ticket) == asked.ticket, "{:?}", asked.ticket);
    assert!(asked.id.as_ref().is_none_or(|id| !id.is_empty() && id.len() <= MAX_REQUEST_ID));
    // A reference a character is many times as long.
    if data.len() < 2000 {
        let written = question(&asked);
        assert_eq!(saml11::read(written.as_bytes()).as_ref(), Ok(&asked), "{written}");
    }
    let plain = Request { id: asked.id.as_ref().map(|_| "_1".to_owned()), ticket: "ST-1".to_owned() };
    for (ours, usual) in our_answers(&asked).iter().zip(our_answers(&plain)) {
        let ((names, text), (usual_names, _)) = (outline(ours), outline(&usual));
        assert_eq!(names, usual_names, "{ours}");
        assert!(text.contains(&asked.ticket), "{ours}");
    }
    true
}

fn xml_trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

/// A question without anything that may be left out; every character of the values is a reference.
fn question(asked: &Request) -> String {
    let escaped = |text: &str| text.chars().map(|c| format!("&#{};", u32::from(c))).collect::<String>();
    let id = asked.id.as_ref().map(|id| format!(" RequestID='{}'", escaped(id))).unwrap_or_default();
    let ticket = escaped(&asked.ticket);
    format!(
        "<Envelope xmlns='http://schemas.xmlsoap.org/soap/envelope/'><Body>\
         <Request xmlns='urn:oasis:names:tc:SAML:1.0:protocol'{id}>\
         <AssertionArtifact>{ticket}</AssertionArtifact></Request></Body></Envelope>"
    )
}

/// What may be answered, with the values of the question at every place that takes a text.
fn our_answers(asked: &Request) -> [String; 2] {
    let now = Timestamp::from_seconds(0);
    let (id, ticket) = (asked.id.as_deref(), asked.ticket.as_str());
    let frame = Frame { response_id: "_r", in_response_to: id, recipient: Some(ticket), now };
    let mut attributes = Attributes::new();
    attributes.set("mail", vec![Value::from(ticket)]);
    let validated = Validated {
        user: ticket.to_owned(),
        attributes,
        standard: Some(Standard { authentication_date: now, long_term: false, new_login: true }),
        send_attributes: true,
        pgt_iou: None,
        proxies: Vec::new(),
    };
    let refusal = Refusal::new(ErrorCode::InvalidTicket, ticket.to_owned());
    [
        saml11::success(&frame, "_a", "https://sso.example", &validated),
        saml11::failure(&frame, Status::RequestDenied, &refusal),
    ]
}

/// The names of all elements with those of their attributes, and all text.
fn outline(document: &str) -> (Vec<String>, String) {
    let mut reader = Reader::from_str(document);
    reader.config_mut().expand_empty_elements = true;
    let (mut names, mut text) = (Vec::new(), String::new());
    loop {
        match reader.read_event().unwrap_or_else(|error| panic!("{error}: {document}")) {
            Event::Start(tag) => {
                names.push(tag.name().as_ref().to_owned());
                let attributes = tag.attributes().map(|pair| pair.expect("a pair").key.as_ref().to_owned());
                names.extend(attributes);
            }
            Event::Text(piece) => text.push_str(&piece),
            Event::GeneralRef(name) => {
                let whole = format!("&{};", &*name);
                text.push_str(&quick_xml::escape::unescape(&whole).expect("a known reference"));
            }
            Event::End(_) | Event::Decl(_) => {}
            Event::Eof => return (names, text),
            other => panic!("{other:?}: {document}"),
        }
    }
}
