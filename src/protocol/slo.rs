//! Single logout: the message that says a ticket's session is over (CAS 3.0 §2.3.3, Appendix C).
//!
//! A SAML 2.0 LogoutRequest in the form field `logoutRequest`. It is signed by nobody: the only secret in
//! it is the service ticket.

use std::fmt;

use super::time::Timestamp;
use super::xml::tree::{self, Element, Space, trim};
use super::xml::{BadXml, Forbidden, is_ncname, push_escaped};

/// How many sessions one message may end: work for a stranger is bounded.
pub const MAX_SESSION_INDEXES: usize = 64;
/// Length of an id, of a name and of a session index, in bytes.
pub const MAX_LENGTH: usize = 1024;

/// One message.
#[derive(Clone, PartialEq, Eq)]
pub struct LogoutRequest {
    /// Unique, and an NCName: a letter or `_` comes first.
    pub id: String,
    pub issue_instant: Timestamp,
    /// Whom it concerns. Receivers go by the session index; some senders leave it empty or write
    /// `@NOT_USED@`.
    pub name_id: String,
    /// The service tickets that were validated: one in our messages, several when another server says so.
    pub session_indexes: Vec<String>,
}

/// Without the tickets: whoever knows one can end a session.
impl fmt::Debug for LogoutRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutRequest")
            .field("id", &self.id)
            .field("issue_instant", &self.issue_instant.iso())
            .field("name_id", &self.name_id)
            .field("session_indexes", &self.session_indexes.len())
            .finish()
    }
}

impl LogoutRequest {
    pub fn to_xml(&self) -> String {
        let mut out = String::with_capacity(420 + self.name_id.len() + 100 * self.session_indexes.len());
        out.push_str("<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\"");
        out.push_str(" xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"");
        push_escaped(&mut out, &self.id, Forbidden::Drop);
        out.push_str("\" Version=\"2.0\" IssueInstant=\"");
        out.push_str(&self.issue_instant.iso());
        out.push_str("\"><saml:NameID>");
        push_escaped(&mut out, &self.name_id, Forbidden::Mark);
        out.push_str("</saml:NameID>");
        for index in &self.session_indexes {
            // On one line and without blanks: clients exist that cut the ticket out with a pattern.
            out.push_str("<samlp:SessionIndex>");
            push_escaped(&mut out, index, Forbidden::Drop);
            out.push_str("</samlp:SessionIndex>");
        }
        out.push_str("</samlp:LogoutRequest>");
        out
    }
}

/// Why a message is not believed: reason and place, never its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLogout {
    #[error(transparent)]
    Xml(#[from] BadXml),
    #[error("the document is no SAML 2.0 LogoutRequest")]
    NotALogout,
    #[error("the id is missing or no name")]
    Id,
    #[error("the instant is missing or has no zone")]
    Instant,
    #[error("there is not exactly one name")]
    Name,
    #[error("there is no session index, or one is empty")]
    NoSession,
    #[error("there are too many session indexes")]
    TooMany,
    #[error("a text is too long (byte {at})")]
    TooLong { at: usize },
    #[error("an element stands where it may not (byte {at})")]
    Misplaced { at: usize },
}

/// Reads a message as strictly as an answer: names by namespace, children of the root only.
///
/// # Errors
///
/// Whatever is no LogoutRequest that ends a session by its index.
pub fn read(body: &[u8]) -> Result<LogoutRequest, BadLogout> {
    let root = tree::parse(body, None)?;
    if !root.is(Space::SamlProtocol, "LogoutRequest") || root.attribute("Version") != Some("2.0") {
        return Err(BadLogout::NotALogout);
    }
    let id = root.attribute("ID").filter(|id| is_ncname(id) && id.len() <= MAX_LENGTH);
    let instant = root.attribute("IssueInstant").and_then(Timestamp::parse_iso);
    let mut name_id = None;
    let mut session_indexes = Vec::new();
    for child in root.children()? {
        if child.is(Space::SamlAssertion, "NameID") {
            if name_id.replace(bounded(child)?).is_some() {
                return Err(BadLogout::Name);
            }
        } else if child.is(Space::SamlProtocol, "SessionIndex") {
            if session_indexes.len() >= MAX_SESSION_INDEXES {
                return Err(BadLogout::TooMany);
            }
            session_indexes.push(bounded(child)?);
        } else if !child.is(Space::SamlAssertion, "Issuer") && child.space != Space::Other {
            // Who sent it is known from where it came in; foreign elements are signatures of no use to us.
            return Err(BadLogout::Misplaced { at: child.at });
        }
    }
    if session_indexes.is_empty() || session_indexes.iter().any(String::is_empty) {
        return Err(BadLogout::NoSession);
    }
    Ok(LogoutRequest {
        id: id.ok_or(BadLogout::Id)?.to_owned(),
        issue_instant: instant.ok_or(BadLogout::Instant)?,
        name_id: name_id.ok_or(BadLogout::Name)?,
        session_indexes,
    })
}

/// The tickets that a message of another server names, more leniently than [`read`]: the secret in it is all
/// that counts, so that who ends what is no more uncertain for it. Servers exist that bind no prefix, write
/// instants in forms of their own, begin an ID with a digit, or put blanks before the declaration.
///
/// # Errors
///
/// No well-formed element `LogoutRequest`, a document type, no `SessionIndex` right inside of it, or more than
/// [`MAX_SESSION_INDEXES`].
pub fn session_indexes(body: &str) -> Result<Vec<String>, BadLogout> {
    let root = tree::parse_unbound(trim(body).as_bytes())?;
    if root.name != "LogoutRequest" {
        return Err(BadLogout::NotALogout);
    }
    let named = root.children()?.iter().filter(|child| child.name == "SessionIndex");
    let mut found = Vec::new();
    for index in named.map(bounded) {
        let index = index?;
        if found.len() >= MAX_SESSION_INDEXES {
            return Err(BadLogout::TooMany);
        }
        if !index.is_empty() && !found.contains(&index) {
            found.push(index);
        }
    }
    if found.is_empty() { Err(BadLogout::NoSession) } else { Ok(found) }
}

fn bounded(element: &Element) -> Result<String, BadLogout> {
    let text = trim(element.text()?);
    if text.len() > MAX_LENGTH {
        return Err(BadLogout::TooLong { at: element.at });
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> LogoutRequest {
        LogoutRequest {
            id: "LR-7f3a".to_owned(),
            issue_instant: Timestamp::from_seconds(1_772_621_527),
            name_id: "ada@north".to_owned(),
            session_indexes: vec!["ST-abc123".to_owned()],
        }
    }

    #[test]
    fn writes_one_line() {
        insta::assert_snapshot!(sample().to_xml(), @r#"<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="LR-7f3a" Version="2.0" IssueInstant="2026-03-04T10:52:07Z"><saml:NameID>ada@north</saml:NameID><samlp:SessionIndex>ST-abc123</samlp:SessionIndex></samlp:LogoutRequest>"#);
    }

    #[test]
    fn reads_what_it_writes() {
        let mut request = sample();
        request.name_id = "o'neil & <sons> \"x\" é".to_owned();
        request.session_indexes.push("ST-2".to_owned());
        assert_eq!(read(request.to_xml().as_bytes()), Ok(request));
    }

    #[test]
    fn reads_what_others_write() {
        // White space, other prefixes, an issuer, a fraction, an empty name, a signature.
        let xml = br#"<?xml version="1.0" encoding="UTF-8"?>
            <p:LogoutRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0"
                IssueInstant="2026-03-04T11:52:07.123+01:00" Destination="https://x.example/">
              <Issuer xmlns="urn:oasis:names:tc:SAML:2.0:assertion">cas</Issuer>
              <Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><x/></Signature>
              <NameID xmlns="urn:oasis:names:tc:SAML:2.0:assertion"/>
              <p:SessionIndex>
                ST-1
              </p:SessionIndex>
              <p:SessionIndex>ST-2</p:SessionIndex>
            </p:LogoutRequest>"#;
        let read = read(xml).unwrap();
        insta::assert_snapshot!(format!("{read:?}"), @r#"LogoutRequest { id: "_1", issue_instant: "2026-03-04T10:52:07Z", name_id: "", session_indexes: 2 }"#);
        assert_eq!(read.session_indexes, ["ST-1", "ST-2"]);
    }

    #[test]
    fn the_tickets_of_careless_servers_are_found() {
        for (xml, tickets) in [
            (
                "\n  <?xml version=\"1.0\"?><samlp:LogoutRequest ID=\"7\" Version=\"2.0\" IssueInstant=\"Wed, 04 Mar \
                 2026 10:52:07 +0100\">\n<saml:NameID></saml:NameID>\n<samlp:SessionIndex>\nST-1\n</samlp:SessionIndex>\
                 \n  </samlp:LogoutRequest>\n",
                &["ST-1"][..],
            ),
            ("<LogoutRequest><SessionIndex>ST-1</SessionIndex><SessionIndex/></LogoutRequest>", &["ST-1"]),
            (
                "<LogoutRequest><SessionIndex>ST-2</SessionIndex><SessionIndex>ST-1</SessionIndex>\
                 <SessionIndex>ST-2</SessionIndex></LogoutRequest>",
                &["ST-2", "ST-1"],
            ),
            (&sample().to_xml(), &["ST-abc123"]),
        ] {
            let found = session_indexes(xml).unwrap_or_else(|bad| panic!("{bad}: {xml}"));
            assert_eq!(found, tickets, "{xml}");
        }
        let index = |n| format!("<SessionIndex>ST-{n}</SessionIndex>");
        let many =
            |count| format!("<LogoutRequest>{}</LogoutRequest>", (0..count).map(index).collect::<String>());
        assert_eq!(session_indexes(&many(MAX_SESSION_INDEXES)).map(|all| all.len()), Ok(MAX_SESSION_INDEXES));
        assert_eq!(session_indexes(&many(MAX_SESSION_INDEXES + 1)), Err(BadLogout::TooMany));
    }

    #[test]
    fn what_names_no_ticket_is_refused_whoever_writes_it() {
        for xml in [
            "",
            "yes",
            "<SessionIndex>ST-1</SessionIndex>",
            "<LogoutResponse><SessionIndex>ST-1</SessionIndex></LogoutResponse>",
            "<LogoutRequest/>",
            "<LogoutRequest><SessionIndex> </SessionIndex></LogoutRequest>",
            "<LogoutRequest><x><SessionIndex>ST-1</SessionIndex></x></LogoutRequest>",
            "<LogoutRequest><SessionIndex>ST-1</SessionIndex>",
            "<LogoutRequest><SessionIndex>&t;</SessionIndex></LogoutRequest>",
            "<!DOCTYPE x [<!ENTITY t \"ST-1\">]><LogoutRequest><SessionIndex>&t;</SessionIndex></LogoutRequest>",
            "<!DOCTYPE x><LogoutRequest><SessionIndex>ST-1</SessionIndex></LogoutRequest>",
        ] {
            assert!(session_indexes(xml).is_err(), "{xml}");
        }
    }

    #[test]
    fn every_cut_is_refused() {
        let xml = sample().to_xml();
        for end in 0..xml.len() {
            assert!(read(&xml.as_bytes()[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn refuses_what_is_almost_one() {
        let good = sample().to_xml();
        let many = "<samlp:SessionIndex>ST-1</samlp:SessionIndex>".repeat(MAX_SESSION_INDEXES);
        let long = "x".repeat(MAX_LENGTH + 1);
        for (old, new, wanted) in [
            ("LogoutRequest", "LogoutResponse", BadLogout::NotALogout),
            ("SAML:2.0:protocol", "SAML:1.0:protocol", BadLogout::NotALogout),
            ("Version=\"2.0\"", "Version=\"1.1\"", BadLogout::NotALogout),
            ("Version=\"2.0\"", "", BadLogout::NotALogout),
            ("ID=\"LR-7f3a\"", "", BadLogout::Id),
            ("ID=\"LR-7f3a\"", "ID=\"7f3a\"", BadLogout::Id),
            ("ID=\"LR-7f3a\"", "ID=\"a b\"", BadLogout::Id),
            ("LR-7f3a", &long, BadLogout::Id),
            ("07Z", "07", BadLogout::Instant),
            ("IssueInstant=", "Issued=", BadLogout::Instant),
            ("<saml:NameID>ada@north</saml:NameID>", "", BadLogout::Name),
            ("</saml:NameID>", "</saml:NameID><saml:NameID/>", BadLogout::Name),
            ("ST-abc123", "", BadLogout::NoSession),
            ("ST-abc123", " \n ", BadLogout::NoSession),
            ("<samlp:SessionIndex>ST-abc123</samlp:SessionIndex>", "", BadLogout::NoSession),
            ("<samlp:SessionIndex>ST", &format!("{many}<samlp:SessionIndex>ST"), BadLogout::TooMany),
        ] {
            let xml = good.replace(old, new);
            assert_ne!(xml, good, "{old}");
            assert_eq!(read(xml.as_bytes()), Err(wanted), "{old} -> {new}");
        }
        for (old, new) in [
            ("ST-abc123", &*format!("ST-{long}")),
            ("ST-abc123", "ST-<!-- x -->abc123"),
            ("ST-abc123", "<x>ST-abc123</x>"),
            ("ST-abc123", "&ticket;"),
            ("<saml:NameID>", "<samlp:NameID/><saml:NameID>"),
            ("<saml:NameID>", "<samlp:Extensions/><saml:NameID>"),
            ("<saml:NameID>", "junk<saml:NameID>"),
            ("<samlp:Log", "<!DOCTYPE x><samlp:Log"),
            ("</samlp:LogoutRequest>", "</samlp:LogoutRequest><x/>"),
        ] {
            let xml = good.replace(old, new);
            assert_ne!(xml, good, "{old}");
            assert!(read(xml.as_bytes()).is_err(), "{old} -> {new}");
        }
        assert!(read(b"").is_err());
        assert!(read(b"yes\nada\n").is_err());
    }

    #[test]
    fn always_well_formed() {
        proptest::proptest!(|(name_id in ".{0,40}", index in ".{0,40}", id in ".{0,10}")| {
            let xml = LogoutRequest { name_id, id, session_indexes: vec![index], ..sample() }.to_xml();
            proptest::prop_assert!(tree::parse(xml.as_bytes(), None).is_ok(), "{xml}");
        });
    }
}
