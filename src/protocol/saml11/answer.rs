//! The reader for what an institution answered (CAS 3.0 §4.2.5; SAML 1.1 core §2, §3).
//!
//! Exact in namespace and position, like that of XML: one envelope, one response, one status, one assertion,
//! about one person, for us, now. The answer comes over the connection that we opened, so a signature says
//! nothing more, and is not looked at.

use crate::protocol::attributes::Attributes;
use crate::protocol::response::{Answer, BadAnswer, UpstreamUser};
use crate::protocol::time::Timestamp;
use crate::protocol::xml::tree::{Element, Space, trim};
use crate::protocol::xml::{AUTHENTICATION_DATE, MAX_NAME, MAX_VALUES, Reading};

use Space::{Saml11Assertion as Assertion, Saml11Protocol as Protocol, Soap};

/// What an answer has to fit.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The `RequestID` of the question.
    pub request_id: &'a str,
    /// The service that asks.
    pub audience: &'a str,
    /// When.
    pub now: Timestamp,
    /// Seconds that the clock there may be wrong.
    pub skew: i64,
}

/// Reads an answer. The caller has looked at the status of HTTP and bounded the size.
///
/// When the person signed in stands among the attributes as `authenticationDate`, as in the other protocols,
/// if the server does not say it there itself.
///
/// # Errors
///
/// Whatever is not exactly an answer to this question is none. The error tells reason and place, never the
/// text.
pub fn read_answer(body: &[u8], reading: &Reading<'_>, expected: &Expected<'_>) -> Result<Answer, BadAnswer> {
    let root = reading.parse(body)?;
    let response = response(&root)?;
    is_version_1(response)?;
    let other = |id: &str| !id.is_empty() && id != expected.request_id;
    if response.attribute("InResponseTo").is_some_and(other) {
        return Err(BadAnswer::OtherQuestion);
    }
    let (mut status, mut assertion) = (None, None);
    for child in ours(response.children()?) {
        let slot = match child.name.as_str() {
            "Status" if child.space == Protocol => &mut status,
            "Assertion" if child.space == Assertion => &mut assertion,
            _ => return Err(BadAnswer::Misplaced { at: child.at }),
        };
        if slot.replace(child).is_some() {
            return Err(BadAnswer::Repeated { at: child.at });
        }
    }
    let status = status.ok_or(BadAnswer::Status { at: response.at })?;
    match (refusal(status)?, assertion) {
        (None, Some(assertion)) => person(assertion, expected).map(Answer::Success),
        (None, None) => Err(BadAnswer::NoUser { at: response.at }),
        (Some((code, message)), None) => Ok(Answer::Failure { code, message }),
        (Some(_), Some(assertion)) => Err(BadAnswer::Misplaced { at: assertion.at }),
    }
}

/// The one response in the envelope.
fn response(root: &Element) -> Result<&Element, BadAnswer> {
    let not = |element: &Element| BadAnswer::NotAnAnswer { at: element.at };
    if !root.is(Soap, "Envelope") {
        return Err(not(root));
    }
    let body = match root.children()? {
        [body] if body.is(Soap, "Body") => body,
        [header, body] if header.is(Soap, "Header") && body.is(Soap, "Body") => body,
        _ => return Err(not(root)),
    };
    match body.children()? {
        [response] if response.is(Protocol, "Response") => Ok(response),
        [_, second, ..] => Err(BadAnswer::Misplaced { at: second.at }),
        _ => Err(not(body)),
    }
}

/// Elements of SAML; signatures and the like are of other namespaces.
fn ours(children: &[Element]) -> impl Iterator<Item = &Element> {
    children.iter().filter(|child| child.space != Space::Other)
}

fn is_version_1(element: &Element) -> Result<(), BadAnswer> {
    let fits = |name, known: &[&str]| element.attribute(name).is_none_or(|value| known.contains(&value));
    if fits("MajorVersion", &["1"]) && fits("MinorVersion", &["0", "1"]) {
        Ok(())
    } else {
        Err(BadAnswer::Version { at: element.at })
    }
}

/// The code and the message of a status; `None`: success. The prefix of a code counts for what it is bound
/// to. Of two levels the inner one says more.
fn refusal(status: &Element) -> Result<Option<(String, String)>, BadAnswer> {
    let bad = BadAnswer::Status { at: status.at };
    let mut outer = None;
    let mut message = "";
    for child in ours(status.children()?) {
        match child.name.as_str() {
            "StatusCode" if child.space == Protocol && outer.is_none() => outer = Some(child),
            "StatusMessage" if child.space == Protocol => message = trim(child.text()?),
            "StatusDetail" if child.space == Protocol => {}
            _ => return Err(bad),
        }
    }
    let outer = outer.ok_or(bad)?;
    let (space, code) = outer.value_name().ok_or(bad)?;
    if space != Protocol || code.is_empty() || code.len() > MAX_NAME {
        return Err(bad);
    }
    if code == "Success" {
        return Ok(None);
    }
    // Some write the message as the text of the code. It is a refusal all the same.
    let (inner, text) = match outer.text() {
        Ok(text) => (None, trim(text)),
        Err(_) => (outer.children()?.first().and_then(Element::value_name).map(|(_, inner)| inner), ""),
    };
    let code = inner.filter(|inner| !inner.is_empty() && inner.len() <= MAX_NAME).unwrap_or(code);
    let message = if message.is_empty() { text } else { message };
    Ok(Some((code.to_owned(), message.to_owned())))
}

fn person(assertion: &Element, expected: &Expected<'_>) -> Result<UpstreamUser, BadAnswer> {
    is_version_1(assertion)?;
    let (mut conditions, mut authentication, mut statement) = (None, None, None);
    for child in ours(assertion.children()?) {
        let slot = match child.name.as_str() {
            _ if child.space != Assertion => return Err(BadAnswer::Misplaced { at: child.at }),
            "Conditions" => &mut conditions,
            "AuthenticationStatement" => &mut authentication,
            "AttributeStatement" => &mut statement,
            "Advice" => continue,
            _ => return Err(BadAnswer::Misplaced { at: child.at }),
        };
        if slot.replace(child).is_some() {
            return Err(BadAnswer::Repeated { at: child.at });
        }
    }
    if let Some(conditions) = conditions {
        hold(conditions, expected)?;
    }
    let authentication: &Element = authentication.ok_or(BadAnswer::NoUser { at: assertion.at })?;
    let user = subject(authentication)?;
    let mut attributes = Attributes::new();
    if let Some(statement) = statement {
        if subject(statement)? != user {
            return Err(BadAnswer::TwoPeople { at: statement.at });
        }
        attributes = read_attributes(statement)?;
    }
    let instant = authentication.attribute("AuthenticationInstant").map(trim);
    if let Some(instant) = instant.filter(|_| !attributes.contains(AUTHENTICATION_DATE)) {
        attributes.push(AUTHENTICATION_DATE, instant);
    }
    Ok(UpstreamUser { user: user.to_owned(), attributes, pgt_iou: None, proxies: Vec::new() })
}

/// Whether the assertion holds now, and for us. A condition that we do not know is one that is not met
/// (SAML 1.1 core §2.3.2.1).
fn hold(conditions: &Element, expected: &Expected<'_>) -> Result<(), BadAnswer> {
    let at = conditions.at;
    let instant = |name| match conditions.attribute(name).map(trim) {
        None => Ok(None),
        Some(text) => Timestamp::parse_iso(text).map(Some).ok_or(BadAnswer::NoInstant { at }),
    };
    let is_early = instant("NotBefore")?.is_some_and(|from| expected.now.plus(expected.skew) < from);
    let is_late = instant("NotOnOrAfter")?.is_some_and(|until| expected.now.plus(-expected.skew) >= until);
    if is_early || is_late {
        return Err(BadAnswer::NotNow { at });
    }
    for condition in conditions.children()? {
        if condition.is(Assertion, "DoNotCacheCondition") {
            continue;
        }
        if !condition.is(Assertion, "AudienceRestrictionCondition") {
            return Err(BadAnswer::Misplaced { at: condition.at });
        }
        let mut is_ours = false;
        for audience in condition.children()? {
            if !audience.is(Assertion, "Audience") {
                return Err(BadAnswer::Misplaced { at: audience.at });
            }
            is_ours |= trim(audience.text()?) == expected.audience;
        }
        if !is_ours {
            return Err(BadAnswer::OtherAudience { at: condition.at });
        }
    }
    Ok(())
}

/// Whom a statement is about.
fn subject(statement: &Element) -> Result<&str, BadAnswer> {
    let subject = the_only(statement, "Subject")?;
    let name = the_only(subject, "NameIdentifier")?;
    match trim(name.text()?) {
        "" => Err(BadAnswer::EmptyUser { at: name.at }),
        user => Ok(user),
    }
}

/// The one child of this name.
fn the_only<'a>(parent: &'a Element, name: &str) -> Result<&'a Element, BadAnswer> {
    let mut found = parent.children()?.iter().filter(|child| child.name == name);
    let only = found.next().ok_or(BadAnswer::NoUser { at: parent.at })?;
    if only.space != Assertion {
        return Err(BadAnswer::Misplaced { at: only.at });
    }
    found.next().map_or(Ok(only), |second| Err(BadAnswer::Repeated { at: second.at }))
}

fn read_attributes(statement: &Element) -> Result<Attributes, BadAnswer> {
    let mut attributes = Attributes::new();
    let mut count = 0;
    for child in ours(statement.children()?) {
        if child.is(Assertion, "Subject") {
            continue;
        }
        if !child.is(Assertion, "Attribute") {
            return Err(BadAnswer::Misplaced { at: child.at });
        }
        let name = child.attribute("AttributeName").unwrap_or_default();
        if name.is_empty() || name.len() > MAX_NAME {
            return Err(BadAnswer::AttributeName { at: child.at });
        }
        for value in child.children()? {
            if !value.is(Assertion, "AttributeValue") {
                return Err(BadAnswer::Misplaced { at: value.at });
            }
            attributes.push(name, value.text()?);
            count += 1;
        }
    }
    if count > MAX_VALUES {
        return Err(BadAnswer::TooManyValues { at: statement.at, max: MAX_VALUES });
    }
    Ok(attributes)
}
