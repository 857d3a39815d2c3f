//! The question: a SOAP 1.1 envelope around one `samlp:Request` with one `AssertionArtifact`, which is the
//! ticket (CAS 3.0 §4.2.2).

use std::fmt;

use crate::protocol::xml::BadXml;
use crate::protocol::xml::tree::{self, Element, Space, trim};

/// Longest `RequestID` that is repeated in an answer, in bytes.
pub const MAX_REQUEST_ID: usize = 256;

/// One question.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// What the answer repeats. Some clients send none, others one that is no XML name: it means nothing
    /// to us, so it is taken as it is.
    pub id: Option<String>,
    /// The text presented as a ticket, without the white space around it.
    pub ticket: String,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Why bytes are no question: reason and place, never their text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRequest {
    #[error(transparent)]
    Xml(#[from] BadXml),
    #[error("the document is no SOAP 1.1 envelope (byte {at})")]
    NotSoap { at: usize },
    #[error("the envelope holds no SAML 1.1 request (byte {at})")]
    NotARequest { at: usize },
    #[error("the request is of another version than SAML 1.0 or 1.1")]
    Version,
    #[error("there is not exactly one AssertionArtifact")]
    Artifact,
    #[error("an element stands where it may not (byte {at})")]
    Misplaced { at: usize },
    #[error("the RequestID is too long")]
    TooLong,
}

/// Reads a question. Namespaces count; prefixes, comments and the header do not. The caller has bounded
/// the size.
///
/// `IssueInstant` is not looked at: clients write it without a zone or leave it out, and a ticket has a
/// time of its own.
///
/// # Errors
///
/// Whatever does not ask about exactly one ticket.
pub fn read(body: &[u8]) -> Result<Request, BadRequest> {
    // Line feeds before the declaration: written by hand in many a program, and harmless.
    let root = tree::parse(body.trim_ascii_start(), None)?;
    let request = in_body(&root)?;
    let version = |name, known: &[&str]| request.attribute(name).is_none_or(|value| known.contains(&value));
    if !version("MajorVersion", &["1"]) || !version("MinorVersion", &["0", "1"]) {
        return Err(BadRequest::Version);
    }
    let id = request.attribute("RequestID").filter(|id| !id.is_empty());
    if id.is_some_and(|id| id.len() > MAX_REQUEST_ID) {
        return Err(BadRequest::TooLong);
    }
    Ok(Request { id: id.map(str::to_owned), ticket: artifact(request)? })
}

/// The one element in the body of the envelope.
fn in_body(root: &Element) -> Result<&Element, BadRequest> {
    if !root.is(Space::Soap, "Envelope") {
        return Err(BadRequest::NotSoap { at: root.at });
    }
    let body = match root.children()? {
        [body] | [_, body] if !body.is(Space::Soap, "Body") => {
            return Err(BadRequest::NotSoap { at: body.at });
        }
        [body] => body,
        [header, body] if header.is(Space::Soap, "Header") => body,
        [other, ..] => return Err(BadRequest::Misplaced { at: other.at }),
        [] => return Err(BadRequest::NotSoap { at: root.at }),
    };
    match body.children()? {
        [request] if request.is(Space::Saml11Protocol, "Request") => Ok(request),
        [other] => Err(BadRequest::NotARequest { at: other.at }),
        [_, second, ..] => Err(BadRequest::Misplaced { at: second.at }),
        [] => Err(BadRequest::NotARequest { at: body.at }),
    }
}

fn artifact(request: &Element) -> Result<String, BadRequest> {
    let mut found = None;
    for child in request.children()? {
        if child.is(Space::Saml11Protocol, "AssertionArtifact") {
            if found.replace(trim(child.text_around_comments()?)).is_some() {
                return Err(BadRequest::Artifact);
            }
        } else if !child.is(Space::Saml11Protocol, "RespondWith") && child.space != Space::Other {
            // What kind of answer is wanted, and signatures, are of no use to us; another question is.
            return Err(BadRequest::Misplaced { at: child.at });
        }
    }
    found.filter(|ticket| !ticket.is_empty()).map(str::to_owned).ok_or(BadRequest::Artifact)
}
