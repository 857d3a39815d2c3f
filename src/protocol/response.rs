//! What a validation ends in: what we answer, and what a provider answered us.

use super::attributes::Attributes;
use super::time::Timestamp;
use super::xml::BadXml;

/// A ticket was good: what its service is told. Every codec writes this one value.
#[derive(Debug, Clone, PartialEq)]
pub struct Validated {
    pub user: String,
    /// Released attributes only. The three standard ones are not among them: see [`Standard`].
    pub attributes: Attributes,
    pub standard: Option<Standard>,
    /// Off for old CAS 2 clients that stop at `cas:attributes`: then neither kind is sent.
    pub send_attributes: bool,
    /// The receipt for a proxy-granting ticket, when one was asked for and its callback answered.
    pub pgt_iou: Option<String>,
    /// The proxies that the ticket came through, most recent first (CAS 3.0 §2.6.2).
    pub proxies: Vec<String>,
}

/// The attributes of the protocol itself (CAS 3.0 Appendix A): written first, in this order, and never
/// supplied from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standard {
    /// When the person signed in, not when the ticket was issued.
    pub authentication_date: Timestamp,
    pub long_term: bool,
    pub new_login: bool,
}

/// A well-formed answer of a provider.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    Success(UpstreamUser),
    /// The provider said no. Both texts are the provider's: bounded, never shown raw.
    Failure {
        code: String,
        message: String,
    },
}

/// A well-formed answer to whoever holds a proxy-granting ticket (CAS 3.0 §2.7.2).
#[derive(Clone, PartialEq, Eq)]
pub enum ProxyAnswer {
    /// The proxy ticket.
    Success(String),
    /// The provider said no. Both texts are the provider's: bounded, never shown raw.
    Failure { code: String, message: String },
}

/// Without the ticket.
impl std::fmt::Debug for ProxyAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Success(_) => f.write_str("Success"),
            Self::Failure { code, .. } => write!(f, "Failure({code:?})"),
        }
    }
}

/// Whom a provider vouches for. The name is not yet canonical: line breaks and worse may stand inside it,
/// and the rules for names refuse them.
#[derive(Debug, Clone, PartialEq)]
pub struct UpstreamUser {
    pub user: String,
    pub attributes: Attributes,
    pub pgt_iou: Option<String>,
    pub proxies: Vec<String>,
}

/// Why an answer is not believed. Holds a reason and a place, never the provider's text: this goes to logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAnswer {
    #[error(transparent)]
    Xml(#[from] BadXml),
    #[error("the answer is neither yes with one name nor no")]
    NotYesOrNo,
    #[error("the text is not in the charset that it names, or that is unknown, or there are two")]
    Charset,
    #[error("the JSON is no CAS answer (line {line}, column {column})")]
    Json { line: usize, column: usize },
    #[error("no status of SAML, or two (byte {at})")]
    Status { at: usize },
    #[error("the answer is to another question")]
    OtherQuestion,
    #[error("the assertion is for another audience (byte {at})")]
    OtherAudience { at: usize },
    #[error("the assertion does not hold now (byte {at})")]
    NotNow { at: usize },
    #[error("an instant that is none (byte {at})")]
    NoInstant { at: usize },
    #[error("the assertion is about two people (byte {at})")]
    TwoPeople { at: usize },
    #[error("another version than SAML 1.0 or 1.1 (byte {at})")]
    Version { at: usize },
    #[error("the document is no CAS answer (byte {at})")]
    NotAnAnswer { at: usize },
    #[error("an element stands where it may not (byte {at})")]
    Misplaced { at: usize },
    #[error("an element stands twice that may stand once (byte {at})")]
    Repeated { at: usize },
    #[error("a success without a user (byte {at})")]
    NoUser { at: usize },
    #[error("the user is empty (byte {at})")]
    EmptyUser { at: usize },
    #[error("a failure without a code (byte {at})")]
    NoCode { at: usize },
    #[error("a success without a proxy ticket (byte {at})")]
    NoTicket { at: usize },
    #[error("an attribute without a name, or with one that is too long (byte {at})")]
    AttributeName { at: usize },
    #[error("an attribute with two values in one element (byte {at})")]
    TwoValues { at: usize },
    #[error("more attribute values than {max} (byte {at})")]
    TooManyValues { at: usize, max: usize },
    #[error("a text that is too long (byte {at})")]
    TooLong { at: usize },
}
