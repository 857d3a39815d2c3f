//! From events to a tree: what quick-xml leaves open is closed here.

use quick_xml::XmlVersion;
use quick_xml::errors::Error;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::attributes::AttrError;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};
use quick_xml::name::{Namespace, PrefixDeclaration, QName, ResolveResult};
use quick_xml::reader::NsReader;

use super::super::names::{is_ncname, is_xml_char};
use super::{
    BadXml, Element, Flaw, Leniency, MAX_DEPTH, MAX_ELEMENTS, MAX_TEXT, MAX_XML_ATTRIBUTES, Space, is_blank,
    is_space, is_utf8, trim,
};

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

pub(super) struct Builder<'a> {
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
    pub(super) fn new(text: &'a str, base: usize, leniency: Leniency) -> Self {
        let mut reader = NsReader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.check_comments = true;
        Self { reader, base, at: base, leniency, open: Vec::new(), root: None, elements: 0 }
    }

    pub(super) fn build(mut self) -> Result<Element, BadXml> {
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
