//! Which characters XML 1.0 knows, and which of them make a name.

use std::borrow::Cow;

use super::{AUTHENTICATION_DATE, LONG_TERM, NEW_LOGIN};

/// Names that no attribute may have in an answer. The first three are ours to say. The others are what
/// clients look for: many of them search the whole document, and some take the last one they find, so an
/// attribute called `user` would change who somebody is.
const RESERVED: [&str; 8] = [
    AUTHENTICATION_DATE,
    LONG_TERM,
    NEW_LOGIN,
    "user",
    "attributes",
    "proxyGrantingTicket",
    "proxies",
    "proxy",
];

/// `Char` of XML 1.0 §2.2.
pub const fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// Whether every XML attribute can carry the text as it is: line breaks and tabs become blanks there.
pub fn is_xml_text(text: &str) -> bool {
    text.chars().all(|c| is_xml_char(c) && !c.is_control())
}

/// `NameStartChar` of XML 1.0 §2.3 without the colon, which is for prefixes.
const fn starts_name(c: char) -> bool {
    matches!(c, 'A'..='Z' | '_' | 'a'..='z'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}'
        | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// `NameChar` of XML 1.0 §2.3 without the colon.
const fn continues_name(c: char) -> bool {
    starts_name(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// Whether the text is a name without a colon (Namespaces in XML 1.0 §3).
pub fn is_ncname(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(starts_name) && chars.all(continues_name)
}

/// The element name for an attribute name: itself where that can be, else mapped, so that the document is
/// well formed and the reader can still guess. `None`: this attribute is not written.
///
/// Characters that no name may have become `_`, a first one that may not stand first gets `_` in front,
/// characters that XML does not know at all are dropped.
pub fn element_name(name: &str) -> Option<Cow<'_, str>> {
    let mapped = if is_ncname(name) { Cow::Borrowed(name) } else { Cow::Owned(map(name)?) };
    // After the mapping: `\0user` is `user` too.
    (!RESERVED.contains(&mapped.as_ref())).then_some(mapped)
}

fn map(name: &str) -> Option<String> {
    let mut mapped = String::with_capacity(name.len() + 1);
    for c in name.chars().filter(|&c| is_xml_char(c)) {
        let fit = if continues_name(c) { c } else { '_' };
        if mapped.is_empty() && !starts_name(fit) {
            mapped.push('_');
        }
        mapped.push(fit);
    }
    (!mapped.is_empty()).then_some(mapped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_mapped_by_rule() {
        for (name, element) in [
            ("mail", "mail"),
            ("eduPersonAffiliation", "eduPersonAffiliation"),
            ("urn:oid:2.5.4.3", "urn_oid_2.5.4.3"),
            ("given name", "given_name"),
            ("1st", "_1st"),
            ("-x", "_-x"),
            (".x", "_.x"),
            (":x", "_x"),
            (" ", "_"),
            ("http://schemas.example/claim", "http___schemas.example_claim"),
            ("prénom", "prénom"),
            ("名前", "名前"),
            ("a\u{0}b\u{FFFE}c", "abc"),
            ("a><evil/>", "a__evil__"),
            ("x=\"1\"", "x__1_"),
            ("xmlns", "xmlns"),
            ("😀", "😀"),
            ("×", "_"),
            ("User", "User"),
        ] {
            assert_eq!(element_name(name).as_deref(), Some(element), "{name:?}");
        }
    }

    #[test]
    fn some_names_are_not_written() {
        for name in [
            "",
            "\0",
            "\u{FFFF}\u{1}",
            "authenticationDate",
            "longTermAuthenticationRequestTokenUsed",
            "isFromNewLogin",
            "\0isFromNewLogin",
            "user",
            "us\u{8}er",
            "attributes",
            "proxyGrantingTicket",
            "proxies",
            "proxy",
        ] {
            assert_eq!(element_name(name), None, "{name:?}");
        }
    }

    #[test]
    fn whatever_comes_out_is_a_name() {
        proptest::proptest!(|(name in ".{0,40}")| {
            if let Some(element) = element_name(&name) {
                proptest::prop_assert!(is_ncname(&element), "{element:?}");
                proptest::prop_assert_eq!(element_name(&element), Some(element.clone()));
            }
        });
    }
}
