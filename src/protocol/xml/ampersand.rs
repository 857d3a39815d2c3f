//! A repair for servers that write `R&D` where `R&amp;D` belongs.

use std::borrow::Cow;

/// Where an `&` is no reference in the first place.
const LITERAL: [(&[u8], &[u8]); 3] = [(b"<![CDATA[", b"]]>"), (b"<!--", b"-->"), (b"<?", b"?>")];
const DOCTYPE: &[u8] = b"<!DOCTYPE";
/// Longest name that is looked at: those of entities that anybody writes are shorter.
const MAX_REFERENCE: usize = 64;

/// The document with `&amp;` for every `&` that begins no reference. Whatever else is wrong with it stays
/// wrong: an unknown entity is a reference, and a document with a type of its own is left as it is, since
/// nobody reads it.
pub fn repaired(document: &[u8]) -> Cow<'_, [u8]> {
    let mut out: Vec<u8> = Vec::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(rest) = document.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(DOCTYPE) {
            return Cow::Borrowed(document);
        }
        let literal = LITERAL.iter().find(|(open, _)| rest.starts_with(open));
        if let Some((open, close)) = literal {
            let inside = rest.get(open.len()..).unwrap_or_default();
            let Some(end) = inside.windows(close.len()).position(|window| window == *close) else { break };
            at += open.len() + end + close.len();
            continue;
        }
        at += 1;
        if rest.first() == Some(&b'&') && !begins_reference(rest.get(1..).unwrap_or_default()) {
            out.extend_from_slice(document.get(kept..at).unwrap_or_default());
            out.extend_from_slice(b"amp;");
            kept = at;
        }
    }
    if out.is_empty() {
        return Cow::Borrowed(document);
    }
    out.extend_from_slice(document.get(kept..).unwrap_or_default());
    Cow::Owned(out)
}

/// Whether `name;`, `#7;` or `#x7;` follows.
fn begins_reference(rest: &[u8]) -> bool {
    let window = rest.get(..MAX_REFERENCE).unwrap_or(rest);
    let Some(end) = window.iter().position(|&b| b == b';') else { return false };
    let Some(name) = window.get(..end) else { return false };
    match name {
        [b'#', b'x', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit),
        [b'#', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
        [first, rest @ ..] => {
            let letter = |b: &u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b':') || !b.is_ascii();
            letter(first) && rest.iter().all(|b| letter(b) || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
        }
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stray_one_is_text() {
        for (written, meant) in [
            ("<a>R&D</a>", "<a>R&amp;D</a>"),
            ("<a>R & D</a>", "<a>R &amp; D</a>"),
            ("<a>a&&b</a>", "<a>a&amp;&amp;b</a>"),
            ("<a>&</a>", "<a>&amp;</a>"),
            ("&", "&amp;"),
            ("<a x='R&D'/>", "<a x='R&amp;D'/>"),
            ("<a>x?a=1&b=2;</a>", "<a>x?a=1&amp;b=2;</a>"),
            ("<a>&;</a>", "<a>&amp;;</a>"),
            ("<a>&#;</a>", "<a>&amp;#;</a>"),
            ("<a>&#x;</a>", "<a>&amp;#x;</a>"),
            ("<a>&#12a;</a>", "<a>&amp;#12a;</a>"),
            ("<a>&1st;</a>", "<a>&amp;1st;</a>"),
            ("<a>R&D<b>;</b></a>", "<a>R&amp;D<b>;</b></a>"),
            ("<a>é&é</a>", "<a>é&amp;é</a>"),
        ] {
            assert_eq!(String::from_utf8_lossy(&repaired(written.as_bytes())), meant);
        }
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        for document in [
            "",
            "<a>b</a>",
            "<a>&amp;&lt;&gt;&quot;&apos;</a>",
            "<a>&#38;&#x26;&#X26;</a>".replace("&#X26;", "").as_str(),
            // Unknown, and for the reader to refuse.
            "<a>&nbsp;</a>",
            "<a>AT&T;</a>",
            "<a>&é;</a>",
            "<a><![CDATA[R&D]]></a>",
            "<a><!-- R&D --></a>",
            "<?x R&D?><a/>",
            "<a><![CDATA[R&D",
            "<!DOCTYPE a [<!ENTITY b 'R&D'>]><a>R&D</a>",
            "<a>&b</a><!DOCTYPE",
        ] {
            assert_eq!(String::from_utf8_lossy(&repaired(document.as_bytes())), document);
        }
        let mixed = "<a><![CDATA[R&D]]>R&D<!--&--></a>";
        assert_eq!(repaired(mixed.as_bytes()), "<a><![CDATA[R&D]]>R&amp;D<!--&--></a>".as_bytes());
    }

    #[test]
    fn a_second_repair_changes_nothing() {
        proptest::proptest!(|(document in "[&;#xa<!\\[\\]CDAT>?-]{0,60}")| {
            let once = repaired(document.as_bytes()).into_owned();
            proptest::prop_assert_eq!(repaired(&once), once.as_slice());
        });
    }
}
