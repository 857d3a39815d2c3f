//! Text on its way into a document.

use super::names::is_xml_char;

/// What becomes of a character that XML 1.0 cannot carry, not even as a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forbidden {
    /// For values: a mark in their place would be noise.
    Drop,
    /// For names of people: without the character it would be somebody else's name. U+FFFD stands there
    /// instead, which no canonical name has.
    Mark,
}

/// Appends `text` so that a parser gives back exactly it, but for forbidden characters. Serves element
/// content and double-quoted attribute values alike.
pub fn push_escaped(out: &mut String, text: &str, forbidden: Forbidden) {
    let mut rest = text;
    // Runs of plain characters are copied whole: nearly every text is one run.
    while let Some(place) = rest.find(needs_care) {
        let (plain, from) = rest.split_at(place);
        out.push_str(plain);
        let mut chars = from.chars();
        match chars.next() {
            Some('&') => out.push_str("&amp;"),
            Some('<') => out.push_str("&lt;"),
            Some('>') => out.push_str("&gt;"),
            Some('"') => out.push_str("&quot;"),
            // A parser turns a bare one into a line feed.
            Some('\r') => out.push_str("&#13;"),
            _ if forbidden == Forbidden::Mark => out.push('\u{FFFD}'),
            _ => {}
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}

const fn needs_care(c: char) -> bool {
    matches!(c, '&' | '<' | '>' | '"' | '\r') || !is_xml_char(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str, forbidden: Forbidden) -> String {
        let mut out = String::new();
        push_escaped(&mut out, text, forbidden);
        out
    }

    #[test]
    fn escapes() {
        for (text, out) in [
            ("", ""),
            ("ada", "ada"),
            ("a&b<c>d\"e'f", "a&amp;b&lt;c&gt;d&quot;e'f"),
            ("]]>", "]]&gt;"),
            ("a\rb\r\n\tc", "a&#13;b&#13;\n\tc"),
            ("é\0ü\u{FFFE}😀\u{1b}", "éü😀"),
        ] {
            assert_eq!(escaped(text, Forbidden::Drop), out);
        }
        assert_eq!(escaped("ad\0a", Forbidden::Mark), "ad\u{FFFD}a");
    }
}
