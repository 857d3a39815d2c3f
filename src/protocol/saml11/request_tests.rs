//! Questions as clients write them, and what only looks like one.

use super::request::{BadRequest, MAX_REQUEST_ID, Request, read};
use crate::protocol::xml::{BadXml, Flaw};

const PLAIN: &str = "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Header/><S:Body>\
    <p:Request xmlns:p=\"urn:oasis:names:tc:SAML:1.0:protocol\" MajorVersion=\"1\" MinorVersion=\"1\" \
    RequestID=\"_7\" IssueInstant=\"2026-03-04T10:52:07Z\"><p:AssertionArtifact>ST-abc</p:AssertionArtifact>\
    </p:Request></S:Body></S:Envelope>";

fn asks(id: Option<&str>, ticket: &str) -> Result<Request, BadRequest> {
    Ok(Request { id: id.map(str::to_owned), ticket: ticket.to_owned() })
}

/// The plain question with one text changed.
fn with(old: &str, new: &str) -> String {
    let changed = PLAIN.replace(old, new);
    assert_ne!(changed, PLAIN, "{old}");
    changed
}

#[test]
fn clients_write_it_in_many_ways() {
    for (old, new, id) in [
        ("", "", Some("_7")),
        // No header, or one with something inside.
        ("<S:Header/>", "", Some("_7")),
        ("<S:Header/>", "<S:Header><x:y xmlns:x=\"urn:x\">z</x:y></S:Header>", Some("_7")),
        // Neither ID nor instant, no version, the older one.
        (" RequestID=\"_7\" IssueInstant=\"2026-03-04T10:52:07Z\"", "", None),
        (" MajorVersion=\"1\" MinorVersion=\"1\"", "", Some("_7")),
        ("MinorVersion=\"1\"", "MinorVersion=\"0\"", Some("_7")),
        // An ID that is no XML name, an empty one, an instant without a zone or in no form at all.
        ("_7", "2f1c1e1a-5d3c-4a57-9d2e-000000000000", Some("2f1c1e1a-5d3c-4a57-9d2e-000000000000")),
        ("_7", "", None),
        ("07Z", "07.071189", Some("_7")),
        ("2026-03-04T10:52:07Z", "2026-03-04 10:52:07 +0100", Some("_7")),
        // Declarations, line feeds in front, white space around everything.
        ("<S:Envelope", "<?xml version=\"1.0\" encoding=\"utf-8\"?><S:Envelope", Some("_7")),
        ("<S:Envelope", "\n\n  <?xml version='1.0' encoding='UTF-8'?>\n<S:Envelope", Some("_7")),
        ("<S:Envelope", "\u{feff}<S:Envelope", Some("_7")),
        ("><", ">\r\n\t <", Some("_7")),
        (">ST-abc<", ">\r\n    \tST-abc\n  <", Some("_7")),
        // Comments, sections, references.
        ("><", "><!-- <p:AssertionArtifact>ST-no</p:AssertionArtifact> --><", Some("_7")),
        (">ST-abc<", "><!-- here -->ST-abc<!-- it is --><", Some("_7")),
        (">ST-abc<", ">ST-<!-- all of it -->abc<", Some("_7")),
        (">ST-abc<", "><![CDATA[ST-abc]]><", Some("_7")),
        ("ST-abc", "ST&#45;abc", Some("_7")),
        // What kind of answer is wanted, and a signature.
        ("<p:Ass", "<p:RespondWith>saml:AuthenticationStatement</p:RespondWith><p:Ass", Some("_7")),
        (
            "<p:Ass",
            "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><a/></Signature><p:Ass",
            Some("_7"),
        ),
    ] {
        let body = if old.is_empty() { PLAIN.to_owned() } else { with(old, new) };
        assert_eq!(read(body.as_bytes()), asks(id, "ST-abc"), "{old} -> {new}");
    }
    let no_prefixes = "<Envelope xmlns='http://schemas.xmlsoap.org/soap/envelope/'><Body>\
        <Request xmlns='urn:oasis:names:tc:SAML:1.0:protocol' RequestID='a'>\
        <AssertionArtifact>ST-1</AssertionArtifact></Request></Body></Envelope>";
    assert_eq!(read(no_prefixes.as_bytes()), asks(Some("a"), "ST-1"));
}

#[test]
fn what_a_ticket_may_not_be_is_somebody_elses_matter() {
    for (text, ticket) in [("ST a b", "ST a b"), ("&lt;x&gt;&amp;", "<x>&"), ("\u{a0}ST-1", "\u{a0}ST-1")] {
        assert_eq!(read(with("ST-abc", text).as_bytes()), asks(Some("_7"), ticket));
    }
}

#[test]
fn what_only_looks_like_a_question() {
    let twice =
        "<p:AssertionArtifact>ST-abc</p:AssertionArtifact><p:AssertionArtifact>ST-x</p:AssertionArtifact>";
    let long = "x".repeat(MAX_REQUEST_ID + 1);
    for (old, new, wanted) in [
        (
            "schemas.xmlsoap.org/soap/envelope/",
            "www.w3.org/2003/05/soap-envelope",
            BadRequest::NotSoap { at: 0 },
        ),
        ("S:Envelope", "S:envelope", BadRequest::NotSoap { at: 0 }),
        ("SAML:1.0:protocol", "SAML:2.0:protocol", BadRequest::NotARequest { at: 83 }),
        ("p:Request", "p:Response", BadRequest::NotARequest { at: 83 }),
        ("MajorVersion=\"1\"", "MajorVersion=\"2\"", BadRequest::Version),
        ("MinorVersion=\"1\"", "MinorVersion=\"2\"", BadRequest::Version),
        ("MinorVersion=\"1\"", "MinorVersion=\"01\"", BadRequest::Version),
        ("<p:AssertionArtifact>ST-abc</p:AssertionArtifact>", twice, BadRequest::Artifact),
        ("<p:AssertionArtifact>ST-abc</p:AssertionArtifact>", "", BadRequest::Artifact),
        ("ST-abc", " \n ", BadRequest::Artifact),
        ("_7", &long, BadRequest::TooLong),
    ] {
        assert_eq!(read(with(old, new).as_bytes()), Err(wanted), "{old} -> {new}");
    }
    for (old, new) in [
        ("<S:Header/>", "<S:Header/><S:Header/>"),
        ("<S:Header/>", "<S:Body/>"),
        ("</S:Body>", "</S:Body><S:Body/>"),
        ("</S:Body>", "</S:Body>x"),
        ("</p:Request>", "</p:Request><p:Request/>"),
        ("<p:Ass", "<p:AttributeQuery/><p:Ass"),
        ("<p:Ass", "text<p:Ass"),
        ("AssertionArtifact", "assertionArtifact"),
        ("p:AssertionArtifact", "S:AssertionArtifact"),
        ("ST-abc", "ST-<b>abc</b>"),
        ("ST-abc", "ST-&xxe;"),
        ("xmlns:p", "xmlns:q"),
    ] {
        let body = with(old, new);
        assert!(read(body.as_bytes()).is_err(), "{old} -> {new}");
    }
}

#[test]
fn what_is_no_document() {
    let bomb = format!("<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>{PLAIN}");
    let outside = format!("<!DOCTYPE x SYSTEM \"file:///etc/hostname\">{PLAIN}");
    for body in [bomb.as_bytes(), outside.as_bytes()] {
        let flaw = read(body);
        assert!(matches!(flaw, Err(BadRequest::Xml(BadXml { flaw: Flaw::Doctype, .. }))), "{flaw:?}");
    }
    let deep = "<a>".repeat(10_000);
    let bodies: [&[u8]; 8] = [
        b"",
        b"  \n",
        b"ticket=ST-1&service=x",
        b"{\"ticket\": \"ST-1\"}",
        b"<S:Envelope",
        b"\xff\xfe<\0S\0",
        deep.as_bytes(),
        b"<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a/>",
    ];
    for body in bodies {
        assert!(read(body).is_err(), "{}", body.escape_ascii());
    }
    for end in 0..PLAIN.len() {
        assert!(read(&PLAIN.as_bytes()[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn the_ticket_is_not_printed() {
    assert_eq!(format!("{:?}", read(PLAIN.as_bytes()).unwrap()), "Request { id: Some(\"_7\"), .. }");
}

proptest::proptest! {
    #[test]
    fn arbitrary_input_is_no_panic(body: Vec<u8>, ticket: String) {
        let _any = read(&body);
        let _any = read(PLAIN.replace("ST-abc", &ticket).as_bytes());
    }
}
