//! A small strict reader of XML: bytes in, a tree out, or a reason.
//!
//! quick-xml is a lexer that leaves much to its caller: references are events of their own, the end of
//! input inside an element is no error, several roots and text around them pass. What it leaves open is
//! closed here, once, for every format. The tree knows XML and its namespaces and nothing of CAS.

mod builder;

use builder::Builder;

use super::NAMESPACE;
use super::names::is_xml_char;

const MAX_DEPTH: usize = 16;
/// Twice the attribute values of an answer (some servers write each in two ways), and some structure.
const MAX_ELEMENTS: usize = 2100;
const MAX_XML_ATTRIBUTES: usize = 32;
/// Of one text or XML attribute, in bytes.
pub const MAX_TEXT: usize = 64 * 1024;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Why bytes are no document for us, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{flaw} (byte {at})")]
pub struct BadXml {
    pub flaw: Flaw,
    pub at: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("there is no element")]
    Empty,
    #[error("another encoding than UTF-8 is declared")]
    Encoding,
    #[error("the bytes are not UTF-8")]
    NotUtf8,
    #[error("a character that XML does not know")]
    Character,
    #[error("the document breaks off")]
    CutOff,
    #[error("the document is not well formed")]
    Syntax,
    #[error("a document type declaration")]
    Doctype,
    #[error("a processing instruction")]
    Instruction,
    #[error("a reference to an unknown entity or character")]
    Reference,
    #[error("an attribute stands twice in one element")]
    TwiceInElement,
    #[error("a prefix that is bound to no namespace")]
    Prefix,
    #[error("something stands before or after the root element")]
    OutsideRoot,
    #[error("elements are nested too deeply")]
    TooDeep,
    #[error("there are too many elements or attributes")]
    TooMany,
    #[error("a text is too long")]
    TooLong,
    #[error("a comment inside of text")]
    CommentInText,
    #[error("an element where only text may stand")]
    ElementInText,
    #[error("text where only elements may stand")]
    TextBetween,
}

/// Namespaces that we have a use for. The others are not kept: a long one on each element would cost more
/// memory than the document has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    Cas,
    SamlProtocol,
    SamlAssertion,
    /// SOAP 1.1, around SAML 1.1.
    Soap,
    Saml11Protocol,
    Saml11Assertion,
    Other,
}

impl Space {
    fn of(address: &str) -> Self {
        match address {
            NAMESPACE => Self::Cas,
            "urn:oasis:names:tc:SAML:2.0:protocol" => Self::SamlProtocol,
            "urn:oasis:names:tc:SAML:2.0:assertion" => Self::SamlAssertion,
            "http://schemas.xmlsoap.org/soap/envelope/" => Self::Soap,
            "urn:oasis:names:tc:SAML:1.0:protocol" => Self::Saml11Protocol,
            "urn:oasis:names:tc:SAML:1.0:assertion" => Self::Saml11Assertion,
            _ => Self::Other,
        }
    }
}

#[derive(Debug)]
pub struct Element {
    pub space: Space,
    /// The local name.
    pub name: String,
    /// Where its tag begins.
    pub at: usize,
    /// Those without a prefix.
    attributes: Vec<(String, String)>,
    /// In which namespace the name stands that is the attribute `Value`.
    value_space: Space,
    children: Vec<Element>,
    text: String,
    has_comment: bool,
}

impl Element {
    pub fn is(&self, space: Space, name: &str) -> bool {
        self.space == space && self.name == name
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The attribute `Value` as a name with a prefix (QName): its namespace and its local name.
    pub fn value_name(&self) -> Option<(Space, &str)> {
        let value = trim(self.attribute("Value")?);
        Some((self.value_space, value.split_once(':').map_or(value, |(_, local)| local)))
    }

    /// All of the text, or an error: no part of it may hide behind a comment or an element.
    pub fn text(&self) -> Result<&str, BadXml> {
        let text = self.text_around_comments()?;
        if self.has_comment {
            return Err(BadXml { flaw: Flaw::CommentInText, at: self.at });
        }
        Ok(text)
    }

    /// All of the text, as if no comment were there: for secrets, of which a part opens nothing. Names of
    /// people go by [`Element::text`].
    pub fn text_around_comments(&self) -> Result<&str, BadXml> {
        match self.children.first() {
            Some(child) => Err(BadXml { flaw: Flaw::ElementInText, at: child.at }),
            None => Ok(&self.text),
        }
    }

    /// The elements inside, between which there is white space and nothing else.
    pub fn children(&self) -> Result<&[Self], BadXml> {
        if is_blank(&self.text) {
            Ok(&self.children)
        } else {
            Err(BadXml { flaw: Flaw::TextBetween, at: self.at })
        }
    }
}

/// Without the white space of XML around it. Other blanks stay: they are part of a name, and the rules for
/// names refuse them.
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

fn is_blank(text: &str) -> bool {
    text.chars().all(is_space)
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// Reads a whole document. `charset` is what the transport said of it.
pub fn parse(bytes: &[u8], charset: Option<&str>) -> Result<Element, BadXml> {
    if charset.is_some_and(|label| !is_utf8(label)) {
        return Err(BadXml { flaw: Flaw::Encoding, at: 0 });
    }
    read(bytes, Leniency::default())
}

/// Reads a whole document that was in another charset: it may still say so.
pub fn parse_decoded(bytes: &[u8]) -> Result<Element, BadXml> {
    read(bytes, Leniency { any_encoding: true, ..Leniency::default() })
}

/// Reads a whole document in which prefixes may be bound to nothing: what has one is in no namespace that we
/// know. For messages in which a secret counts and no name.
pub fn parse_unbound(bytes: &[u8]) -> Result<Element, BadXml> {
    read(bytes, Leniency { unbound: true, ..Leniency::default() })
}

/// What a document may do that others may not.
#[derive(Clone, Copy, Debug, Default)]
struct Leniency {
    /// Name another encoding than UTF-8: it was decoded before.
    any_encoding: bool,
    /// Use prefixes that are bound to nothing.
    unbound: bool,
}

fn read(bytes: &[u8], leniency: Leniency) -> Result<Element, BadXml> {
    let (skipped, bytes) = match bytes.strip_prefix(BOM) {
        Some(rest) => (BOM.len(), rest),
        None => (0, bytes),
    };
    let text = std::str::from_utf8(bytes)
        .map_err(|error| BadXml { flaw: Flaw::NotUtf8, at: skipped + error.valid_up_to() })?;
    if let Some(at) = text.find(|c| !is_xml_char(c)) {
        return Err(BadXml { flaw: Flaw::Character, at: skipped + at });
    }
    // quick-xml would forgive a second mark.
    if text.starts_with('\u{FEFF}') {
        return Err(BadXml { flaw: Flaw::OutsideRoot, at: skipped });
    }
    Builder::new(text, skipped, leniency).build()
}

fn is_utf8(label: &str) -> bool {
    let label = label.trim_matches(['"', '\'', ' ']);
    label.eq_ignore_ascii_case("utf-8") || label.eq_ignore_ascii_case("utf8")
}
