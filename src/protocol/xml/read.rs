//! The one reader for what a provider answers (CAS 3.0 §2.5.2, §2.5.3).
//!
//! Exact in namespace and position: a success is the only child of the root, a user is a child of the
//! success, and each is there once. Only elements that stand for a person's attributes may be outside the
//! CAS namespace, and they may have one of three forms, because servers do:
//!
//! 1. nested: `<cas:attributes><cas:mail>a@x</cas:mail></cas:attributes>` (CAS 3.0 §2.5.7);
//! 2. flat: `<mail>a@x</mail>` as a child of the success (RubyCAS, CASino);
//! 3. pairs: `<cas:attribute name="mail" value="a@x"/>`, or the value as text, in either place.
//!
//! Some servers send a person's attributes in two forms at once. A form adds only names that the forms
//! before it do not have, so nothing is counted twice.

use std::borrow::Cow;

use super::ampersand;
use super::tree::{self, BadXml, Element, MAX_TEXT, Space, trim};
use crate::protocol::attributes::Attributes;
use crate::protocol::response::{Answer, BadAnswer, ProxyAnswer, UpstreamUser};

/// How many values all attributes together may have.
pub const MAX_VALUES: usize = 1000;
/// Length of an attribute's name and of a failure's code, in bytes.
pub const MAX_NAME: usize = 256;
/// Length of a value, of the user and of a message, in bytes.
pub const MAX_VALUE: usize = MAX_TEXT;
/// Length of a proxy ticket, in bytes: four times what clients are asked to take (CAS 3.0 §3.2.1).
const MAX_TICKET: usize = 1024;
/// How many proxies a ticket may have come through.
pub const MAX_PROXIES: usize = 100;

/// Elements of the schema that have their place, and it is not inside of a success.
const ELSEWHERE: [&str; 7] = [
    "serviceResponse",
    "authenticationSuccess",
    "authenticationFailure",
    "proxySuccess",
    "proxyFailure",
    "proxyTicket",
    "proxy",
];

/// How to read one provider's answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reading<'a> {
    /// The charset of the Content-Type, if it names one. Only UTF-8 is read.
    pub charset: Option<&'a str>,
    /// The bytes were in another charset, and somebody made UTF-8 of them: what the document and its
    /// Content-Type say of that is history.
    pub is_decoded: bool,
    /// An `&` that begins no reference is text.
    pub repair_ampersands: bool,
}

impl Reading<'_> {
    /// The document.
    pub(in crate::protocol) fn parse(&self, body: &[u8]) -> Result<Element, BadXml> {
        let repaired = if self.repair_ampersands { ampersand::repaired(body) } else { Cow::Borrowed(body) };
        match self.is_decoded {
            true => tree::parse_decoded(&repaired),
            false => tree::parse(&repaired, self.charset),
        }
    }
}

/// Reads an answer. The caller has looked at the status and bounded the size.
///
/// # Errors
///
/// Whatever is not exactly an answer is none. The error tells reason and place, never the text.
pub fn read(body: &[u8], reading: &Reading<'_>) -> Result<Answer, BadAnswer> {
    let root = reading.parse(body)?;
    let only = the_only_child(&root)?;
    match only.name.as_str() {
        "authenticationSuccess" => success(only).map(Answer::Success),
        "authenticationFailure" => failure(only).map(|(code, message)| Answer::Failure { code, message }),
        _ => Err(BadAnswer::NotAnAnswer { at: only.at }),
    }
}

/// Reads an answer to the question for a proxy ticket (CAS 3.0 §2.7.2), as strictly.
///
/// # Errors
///
/// As [`read`].
pub fn read_proxy(body: &[u8], reading: &Reading<'_>) -> Result<ProxyAnswer, BadAnswer> {
    let root = reading.parse(body)?;
    let only = the_only_child(&root)?;
    match only.name.as_str() {
        "proxySuccess" => proxy_ticket(only).map(ProxyAnswer::Success),
        "proxyFailure" => failure(only).map(|(code, message)| ProxyAnswer::Failure { code, message }),
        _ => Err(BadAnswer::NotAnAnswer { at: only.at }),
    }
}

/// The one element of an answer, which is of CAS.
fn the_only_child(root: &Element) -> Result<&Element, BadAnswer> {
    if !root.is(Space::Cas, "serviceResponse") {
        return Err(BadAnswer::NotAnAnswer { at: root.at });
    }
    match root.children()? {
        [only] if only.space == Space::Cas => Ok(only),
        [only] => Err(BadAnswer::NotAnAnswer { at: only.at }),
        [_, second, ..] => Err(BadAnswer::Misplaced { at: second.at }),
        [] => Err(BadAnswer::NotAnAnswer { at: root.at }),
    }
}

fn proxy_ticket(element: &Element) -> Result<String, BadAnswer> {
    let ticket = match element.children()? {
        [ticket] if ticket.is(Space::Cas, "proxyTicket") => ticket,
        [other] | [_, other, ..] => return Err(BadAnswer::Misplaced { at: other.at }),
        [] => return Err(BadAnswer::NoTicket { at: element.at }),
    };
    match trim(ticket.text()?) {
        "" => Err(BadAnswer::NoTicket { at: ticket.at }),
        text if text.len() > MAX_TICKET => Err(BadAnswer::TooLong { at: ticket.at }),
        text => Ok(text.to_owned()),
    }
}

/// Its code and its message.
fn failure(element: &Element) -> Result<(String, String), BadAnswer> {
    let code = trim(element.attribute("code").unwrap_or_default());
    if code.is_empty() {
        return Err(BadAnswer::NoCode { at: element.at });
    }
    if code.len() > MAX_NAME {
        return Err(BadAnswer::TooLong { at: element.at });
    }
    Ok((code.to_owned(), trim(element.text()?).to_owned()))
}

fn success(element: &Element) -> Result<UpstreamUser, BadAnswer> {
    let mut user = None;
    let mut attributes = None;
    let mut pgt_iou = None;
    let mut proxies = None;
    let mut found = Found::default();
    for child in element.children()? {
        let slot = match child.name.as_str() {
            "user" => &mut user,
            "attributes" => &mut attributes,
            "proxyGrantingTicket" => &mut pgt_iou,
            "proxies" => &mut proxies,
            // Words of the protocol are no attributes here: a failure inside of a success is neither.
            name if ELSEWHERE.contains(&name) => return Err(BadAnswer::Misplaced { at: child.at }),
            _ => {
                found.add(child, Form::Flat)?;
                continue;
            }
        };
        // An element with such a name in another namespace is no attribute: it wants to be mistaken.
        if child.space != Space::Cas {
            return Err(BadAnswer::Misplaced { at: child.at });
        }
        if slot.replace(child).is_some() {
            return Err(BadAnswer::Repeated { at: child.at });
        }
    }
    let user: &Element = user.ok_or(BadAnswer::NoUser { at: element.at })?;
    let name = trim(user.text()?);
    if name.is_empty() {
        return Err(BadAnswer::EmptyUser { at: user.at });
    }
    if let Some(nested) = attributes {
        for child in nested.children()? {
            found.add(child, Form::Nested)?;
        }
    }
    let attributes = found.merge();
    if attributes.iter().map(|(_, values)| values.len()).sum::<usize>() > MAX_VALUES {
        return Err(BadAnswer::TooManyValues { at: element.at, max: MAX_VALUES });
    }
    Ok(UpstreamUser {
        user: name.to_owned(),
        attributes,
        pgt_iou: pgt_iou.map(|iou| iou.text().map(|text| trim(text).to_owned())).transpose()?,
        proxies: proxies.map(read_proxies).transpose()?.unwrap_or_default(),
    })
}

fn read_proxies(element: &Element) -> Result<Vec<String>, BadAnswer> {
    let children = element.children()?;
    if children.len() > MAX_PROXIES {
        return Err(BadAnswer::TooManyValues { at: element.at, max: MAX_PROXIES });
    }
    let mut proxies = Vec::with_capacity(children.len());
    for child in children {
        if !child.is(Space::Cas, "proxy") {
            return Err(BadAnswer::Misplaced { at: child.at });
        }
        proxies.push(trim(child.text()?).to_owned());
    }
    Ok(proxies)
}

/// Attributes by the form in which they came.
#[derive(Default)]
struct Found {
    nested: Attributes,
    flat: Attributes,
    pairs: Attributes,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Nested,
    Flat,
}

impl Found {
    fn add(&mut self, element: &Element, form: Form) -> Result<(), BadAnswer> {
        // Old servers say with this element in which form they write.
        if element.name == "attraStyle" {
            return Ok(());
        }
        let (kept, name, value) = match (element.attribute("name"), form) {
            // Without a name in it, `attribute` is an attribute that is called so.
            (Some(name), _) if element.name == "attribute" => (&mut self.pairs, name, pair_value(element)?),
            (_, Form::Nested) => (&mut self.nested, element.name.as_str(), element.text()?),
            (_, Form::Flat) => (&mut self.flat, element.name.as_str(), element.text()?),
        };
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(BadAnswer::AttributeName { at: element.at });
        }
        kept.push(name, value);
        Ok(())
    }

    fn merge(self) -> Attributes {
        let mut all = self.nested;
        for form in [self.flat, self.pairs] {
            for (name, values) in form {
                if !all.contains(&name) {
                    all.set(name, values);
                }
            }
        }
        all
    }
}

/// The value of a pair stands in an XML attribute or as text; with both, two readers would read two.
fn pair_value(element: &Element) -> Result<&str, BadAnswer> {
    let text = element.text()?;
    match element.attribute("value") {
        None => Ok(text),
        Some(value) if trim(text).is_empty() => Ok(value),
        Some(_) => Err(BadAnswer::TwoValues { at: element.at }),
    }
}
