//! UTF-8 of answers that are in another charset and say so: in the Content-Type, in the declaration of the
//! document, by a byte order mark. Who says nothing means UTF-8; who says two things is not read, and what
//! is not in its charset is not guessed at.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, X_USER_DEFINED};

use super::transport::Body;
use crate::protocol::response::BadAnswer;

/// As far as a declaration is looked for, in bytes.
const MAX_DECLARATION: usize = 256;

/// A text without a declaration of its own.
pub(super) fn text(body: &Body) -> Result<Cow<'_, [u8]>, BadAnswer> {
    let (encoding, length) = agreed(body, None)?;
    in_utf8(body, encoding, length).map(|(bytes, _)| bytes)
}

/// A document. Out: its bytes, and whether they were others.
pub(super) fn xml(body: &Body) -> Result<(Cow<'_, [u8]>, bool), BadAnswer> {
    let bytes = body.bytes.get(..MAX_DECLARATION).unwrap_or(&body.bytes);
    let start = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => {
            encoding.decode_without_bom_handling(bytes.get(length..).unwrap_or_default()).0
        }
        // Whatever else is read writes a declaration as ASCII does.
        None => String::from_utf8_lossy(bytes),
    };
    let (encoding, length) = agreed(body, declared(&start))?;
    in_utf8(body, encoding, length)
}

/// The label in the declaration of a document.
fn declared(start: &str) -> Option<&str> {
    let (declaration, _) = start.strip_prefix("<?xml")?.split_once("?>")?;
    let (_, rest) = declaration.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest.get(1..)?.split_once(quote).map(|(label, _)| label)
}

/// The encoding that everybody names who names one, and the length of the mark.
fn agreed(body: &Body, declared: Option<&str>) -> Result<(&'static Encoding, usize), BadAnswer> {
    let mark = Encoding::for_bom(&body.bytes);
    let mut found = mark.map(|(encoding, _)| encoding);
    for label in [body.charset.as_deref(), declared].into_iter().flatten() {
        let named = encoding(label, found, &body.bytes)?;
        if found.is_some_and(|found| found != named) {
            return Err(BadAnswer::Charset);
        }
        found = Some(named);
    }
    let encoding = found.unwrap_or(UTF_8);
    // Which byte comes first, only the mark says.
    if mark.is_none() && (encoding == UTF_16LE || encoding == UTF_16BE) {
        return Err(BadAnswer::Charset);
    }
    Ok((encoding, mark.map_or(0, |(_, length)| length)))
}

/// The encoding of a label. Encodings with states are not read, nor those that look like ASCII and are not.
fn encoding(
    label: &str,
    mark: Option<&'static Encoding>,
    bytes: &[u8],
) -> Result<&'static Encoding, BadAnswer> {
    let label = label.trim();
    let utf_16 = |encoding: &&Encoding| *encoding == UTF_16LE || *encoding == UTF_16BE;
    if let Some(mark) = mark.filter(utf_16).filter(|_| label.eq_ignore_ascii_case("utf-16")) {
        return Ok(mark);
    }
    let is_ascii = label.eq_ignore_ascii_case("us-ascii") || label.eq_ignore_ascii_case("ascii");
    if is_ascii && !bytes.is_ascii() {
        return Err(BadAnswer::Charset);
    }
    let known = Encoding::for_label_no_replacement(label.as_bytes());
    let readable = |encoding: &&'static Encoding| {
        utf_16(encoding) || (encoding.is_ascii_compatible() && *encoding != X_USER_DEFINED)
    };
    known.filter(readable).ok_or(BadAnswer::Charset)
}

/// Out: the text, and whether its bytes were others.
fn in_utf8<'b>(
    body: &'b Body,
    encoding: &'static Encoding,
    mark: usize,
) -> Result<(Cow<'b, [u8]>, bool), BadAnswer> {
    if encoding == UTF_8 {
        // The readers look at it themselves, and tell the place.
        return Ok((Cow::Borrowed(&body.bytes), false));
    }
    let bytes = body.bytes.get(mark..).unwrap_or_default();
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    Ok((Cow::Owned(text.ok_or(BadAnswer::Charset)?.into_owned().into_bytes()), true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(charset: &str, bytes: impl Into<Vec<u8>>) -> Body {
        let charset = Some(charset.to_owned()).filter(|charset| !charset.is_empty());
        Body { bytes: bytes.into(), charset }
    }

    fn latin(text: &str) -> Vec<u8> {
        text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
    }

    fn utf_16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = mark.then_some('\u{feff}');
        mark.into_iter()
            .collect::<String>()
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(bytes)
            .collect()
    }

    fn saying(label: &str) -> String {
        format!("<?xml version='1.0' encoding='{label}'?><a>Zoë</a>")
    }

    #[test]
    fn documents_that_say_what_they_are_in() {
        let plain = "<a>Zoë</a>";
        for (charset, bytes, meant, decoded) in [
            ("", plain.as_bytes().to_vec(), plain.to_owned(), false),
            ("utf-8", plain.into(), plain.to_owned(), false),
            ("UTF8", saying("utf-8").into(), saying("utf-8"), false),
            ("ISO-8859-1", latin(plain), plain.to_owned(), true),
            ("latin1", latin(plain), plain.to_owned(), true),
            ("windows-1252", b"<a>\x80</a>".to_vec(), "<a>€</a>".to_owned(), true),
            ("", latin(&saying("ISO-8859-1")), saying("ISO-8859-1"), true),
            (
                "",
                latin(&saying("ISO-8859-1").replace('\'', "\"")),
                saying("ISO-8859-1").replace('\'', "\""),
                true,
            ),
            ("iso-8859-1", latin(&saying("windows-1252")), saying("windows-1252"), true),
            ("", utf_16(plain, true, u16::to_be_bytes), plain.to_owned(), true),
            ("", utf_16(plain, true, u16::to_le_bytes), plain.to_owned(), true),
            ("utf-16", utf_16(&saying("UTF-16"), true, u16::to_be_bytes), saying("UTF-16"), true),
            ("utf-16le", utf_16(plain, true, u16::to_le_bytes), plain.to_owned(), true),
            ("iso-8859-15", b"<a>\xa4</a>".to_vec(), "<a>€</a>".to_owned(), true),
            ("us-ascii", b"<a>z</a>".to_vec(), "<a>z</a>".to_owned(), true),
            ("", format!("\u{feff}{plain}").into_bytes(), format!("\u{feff}{plain}"), false),
        ] {
            let body = body(charset, bytes);
            let (read, was_other) = xml(&body).unwrap_or_else(|bad| panic!("{charset} {meant}: {bad}"));
            assert_eq!((String::from_utf8_lossy(&read).as_ref(), was_other), (meant.as_str(), decoded));
        }
    }

    #[test]
    fn documents_that_contradict_themselves() {
        let plain = "<a>z</a>";
        for (charset, bytes) in [
            // Two names.
            ("utf-8", saying("ISO-8859-1").into_bytes()),
            ("iso-8859-1", saying("UTF-8").into_bytes()),
            ("iso-8859-1", latin(&saying("ISO-8859-15"))),
            ("iso-8859-1", utf_16(plain, true, u16::to_be_bytes)),
            ("iso-8859-1", format!("\u{feff}{plain}").into_bytes()),
            ("utf-16le", utf_16(plain, true, u16::to_be_bytes)),
            ("", utf_16(&saying("UTF-8"), true, u16::to_be_bytes)),
            ("", saying("UTF-16").into_bytes()),
            // UTF-16 that does not say which byte comes first.
            ("utf-16", utf_16(plain, false, u16::to_be_bytes)),
            ("utf-16be", utf_16(plain, false, u16::to_be_bytes)),
            // Names of nothing, or of what is not read.
            ("klingon", plain.into()),
            ("x-user-defined", plain.into()),
            ("iso-2022-jp", plain.into()),
            ("iso-2022-kr", plain.into()),
            ("utf-7", plain.into()),
            ("", saying("EBCDIC-CP-FR").into_bytes()),
            // Not in the charset that is named.
            ("us-ascii", "<a>Zoë</a>".into()),
            ("shift_jis", b"<a>\x81</a>".to_vec()),
            ("utf-16", [utf_16(plain, true, u16::to_le_bytes), vec![0]].concat()),
            ("utf-16", [utf_16(plain, true, u16::to_le_bytes), vec![0, 0xd8, 0x41, 0]].concat()),
        ] {
            assert_eq!(xml(&body(charset, bytes)).unwrap_err(), BadAnswer::Charset, "{charset}");
        }
    }

    #[test]
    fn texts() {
        let decoded = |charset, bytes: Vec<u8>| text(&body(charset, bytes)).map(Cow::into_owned);
        assert_eq!(decoded("", b"yes\nada\n".to_vec()), Ok(b"yes\nada\n".to_vec()));
        assert_eq!(decoded("iso-8859-1", latin("yes\nZoë\n")), Ok("yes\nZoë\n".into()));
        assert_eq!(decoded("utf-16", utf_16("no", true, u16::to_be_bytes)), Ok(b"no".to_vec()));
        // What looks like a declaration is none here.
        assert_eq!(decoded("", saying("ISO-8859-1").into()), Ok(saying("ISO-8859-1").into()));
        assert_eq!(decoded("klingon", b"no".to_vec()), Err(BadAnswer::Charset));
        // Not UTF-8, which the reader finds out.
        assert_eq!(decoded("", vec![0xff]), Ok(vec![0xff]));
    }
}
