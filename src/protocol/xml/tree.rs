//! A small strict reader of XML: bytes in, a tree out, or a reason.
//!
//! quick-xml is a lexer that leaves much to its caller: references are events of their own, the end of
//! input inside an element is no error, several roots and text around them pass. What it leaves open is
//! closed here, once, for every format. The tree knows XML and its namespaces and nothing of CAS.

use quick_xml::XmlVersion;
use quick_xml::errors::Error;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, PrefixDeclaration, QName, ResolveResult};
use quick_xml::reader::NsReader;

use super::NAMESPACE;
use super::names::{is_ncname, is_xml_char};

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

/// Whether white space follows each quoted value: quick-xml reads on without it.
fn are_apart(attributes: &str) -> bool {
    let mut rest = attributes;
    while let Some((_, quoted)) = rest.split_once(['"', '\'']) {
        let quote =
            if rest.as_bytes().get(rest.len() - quoted.len() - 1) == Some(&b'"') { '"' } else { '\'' };
        match quoted.split_once(quote) {
            Some((_, after)) if after.is_empty() || after.starts_with(is_space) => rest = after,
            _ => return false,
        }
    }
    true
}

struct Builder<'a> {
    reader: NsReader<&'a [u8]>,
    /// Where the text begins in the bytes.
    base: usize,
    /// Where the present event begins.
    at: usize,
    leniency: Leniency,
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl<'a> Builder<'a> {
    fn new(text: &'a str, base: usize, leniency: Leniency) -> Self {
        let mut reader = NsReader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_comments = true;
        Self { reader, base, at: base, leniency, open: Vec::new(), root: None, elements: 0 }
    }

    fn build(mut self) -> Result<Element, BadXml> {
        loop {
            self.at = self.place(self.reader.buffer_position());
            let event = self.reader.read_event().map_err(|error| self.flaw_of(&error))?;
            match event {
                Event::Decl(declaration) => self.declaration(&declaration)?,
                Event::Start(start) => self.start(&start)?,
                Event::End(_) => self.end()?,
                Event::Text(text) if text.contains("]]>") => return self.bad(Flaw::Syntax),
                Event::Text(text) => self.text(&text.xml10_content(), false)?,
                Event::CData(text) => self.text(&text.xml10_content(), true)?,
                Event::GeneralRef(reference) => self.reference(&reference)?,
                Event::Comment(_) => {
                    if let Some(element) = self.open.last_mut() {
                        element.has_comment = true;
                    }
                }
                Event::DocType(_) => return self.bad(Flaw::Doctype),
                Event::PI(_) => return self.bad(Flaw::Instruction),
                // Only `expand_empty_elements` off would bring one.
                Event::Empty(_) => return self.bad(Flaw::Syntax),
                Event::Eof => {
                    if !self.open.is_empty() {
                        return self.bad(Flaw::CutOff);
                    }
                    let at = self.at;
                    return self.root.ok_or(BadXml { flaw: Flaw::Empty, at });
                }
            }
        }
    }

    fn bad<T>(&self, flaw: Flaw) -> Result<T, BadXml> {
        Err(BadXml { flaw, at: self.at })
    }

    fn place(&self, position: u64) -> usize {
        self.base.saturating_add(usize::try_from(position).unwrap_or(usize::MAX))
    }

    fn flaw_of(&self, error: &Error) -> BadXml {
        let at = self.place(self.reader.error_position());
        let flaw = match error {
            Error::Namespace(_) => Flaw::Prefix,
            _ => Flaw::Syntax,
        };
        BadXml { flaw, at }
    }

    /// XML 1.1 has other line ends and characters, and nobody sends it.
    fn declaration(&self, declaration: &BytesDecl<'_>) -> Result<(), BadXml> {
        if self.at != self.base || declaration.version().ok().as_deref() != Some("1.0") {
            return self.bad(Flaw::Syntax);
        }
        match declaration.encoding() {
            None => Ok(()),
            Some(Ok(label)) if self.leniency.any_encoding || is_utf8(&label) => Ok(()),
            Some(_) => self.bad(Flaw::Encoding),
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), BadXml> {
        if self.open.is_empty() && self.root.is_some() {
            return self.bad(Flaw::OutsideRoot);
        }
        if self.open.len() >= MAX_DEPTH {
            return self.bad(Flaw::TooDeep);
        }
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return self.bad(Flaw::TooMany);
        }
        let (local, prefix) = start.name().decompose();
        let name = local.into_inner();
        if !is_ncname(name) || prefix.is_some_and(|prefix| !is_ncname(prefix.into_inner())) {
            return self.bad(Flaw::Syntax);
        }
        if name.len() > MAX_TEXT {
            return self.bad(Flaw::TooLong);
        }
        let attributes = self.attributes(start)?;
        let space = match self.reader.resolver().resolve_prefix(prefix, true) {
            ResolveResult::Bound(Namespace(address)) => Space::of(address),
            ResolveResult::Unbound => Space::Other,
            ResolveResult::Unknown(_) if self.leniency.unbound => Space::Other,
            ResolveResult::Unknown(_) => return self.bad(Flaw::Prefix),
        };
        let value = attributes.iter().find(|(name, _)| name == "Value");
        let value_space = value.map_or(Space::Other, |(_, value)| self.space_of(trim(value)));
        self.open.push(Element {
            space,
            name: name.to_owned(),
            at: self.at,
            attributes,
            value_space,
            children: Vec::new(),
            text: String::new(),
            has_comment: false,
        });
        Ok(())
    }

    /// The namespace of a name that stands as a value.
    fn space_of(&self, name: &str) -> Space {
        let (_, prefix) = QName(name).decompose();
        match self.reader.resolver().resolve_prefix(prefix, true) {
            ResolveResult::Bound(Namespace(address)) => Space::of(address),
            ResolveResult::Unbound | ResolveResult::Unknown(_) => Space::Other,
        }
    }

    fn attributes(&self, start: &BytesStart<'_>) -> Result<Vec<(String, String)>, BadXml> {
        if !are_apart(start.attributes_raw()) {
            return self.bad(Flaw::Syntax);
        }
        let mut kept = Vec::new();
        for (count, attribute) in start.attributes().enumerate() {
            if count >= MAX_XML_ATTRIBUTES {
                return self.bad(Flaw::TooMany);
            }
            let attribute = match attribute {
                Ok(attribute) => attribute,
                Err(AttrError::Duplicated(..)) => return self.bad(Flaw::TwiceInElement),
                Err(_) => return self.bad(Flaw::Syntax),
            };
            if attribute.value.contains('<') {
                return self.bad(Flaw::Syntax);
            }
            if attribute.value.len() > MAX_TEXT {
                return self.bad(Flaw::TooLong);
            }
            let Ok(value) = attribute.normalized_value(XmlVersion::Explicit1_0) else {
                return self.bad(Flaw::Reference);
            };
            if !value.chars().all(is_xml_char) {
                return self.bad(Flaw::Reference);
            }
            if let Some(declared) = attribute.key.as_namespace_binding() {
                if matches!(declared, PrefixDeclaration::Named(prefix) if !is_ncname(prefix)) {
                    return self.bad(Flaw::Syntax);
                }
                continue;
            }
            let (local, prefix) = attribute.key.decompose();
            if !is_ncname(local.into_inner()) {
                return self.bad(Flaw::Syntax);
            }
            match prefix {
                None => kept.push((local.into_inner().to_owned(), value.into_owned())),
                // Nothing of what we read has a prefix, but it must be bound all the same.
                Some(_) => match self.reader.resolver().resolve_prefix(prefix, false) {
                    ResolveResult::Bound(_) => {}
                    _ => return self.bad(Flaw::Prefix),
                },
            }
        }
        Ok(kept)
    }

    fn end(&mut self) -> Result<(), BadXml> {
        let Some(element) = self.open.pop() else { return self.bad(Flaw::Syntax) };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    /// White space may stand around the root; anything that was written as a section or a reference may not.
    fn text(&mut self, text: &str, marked: bool) -> Result<(), BadXml> {
        let Some(element) = self.open.last_mut() else {
            return if is_blank(text) && !marked { Ok(()) } else { self.bad(Flaw::OutsideRoot) };
        };
        if element.text.len() + text.len() > MAX_TEXT {
            return self.bad(Flaw::TooLong);
        }
        element.text.push_str(text);
        Ok(())
    }

    /// The five entities of XML itself and characters by number. Nothing can declare others.
    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), BadXml> {
        match reference.resolve_char_ref() {
            Ok(Some(c)) if is_xml_char(c) => self.text(c.encode_utf8(&mut [0; 4]), true),
            Ok(None) => match resolve_xml_entity(reference) {
                Some(text) => self.text(text, true),
                None => self.bad(Flaw::Reference),
            },
            _ => self.bad(Flaw::Reference),
        }
    }
}
