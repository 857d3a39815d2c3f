//! Whether an SVG picture may be served from our origin: it must not run, fetch or lead anywhere.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SvgProblem {
    #[error("it is not well-formed XML in UTF-8")]
    Malformed,
    #[error("its first element is not <svg>")]
    NotSvg,
    #[error("it has a document type")]
    DocType,
    #[error("it has a processing instruction")]
    Instruction,
    #[error("it holds <{0}>")]
    Element(String),
    #[error("it holds the attribute {0}")]
    Attribute(String),
    #[error("it refers to something outside of itself: {0}")]
    Reference(String),
}

/// Elements that run something or bring in other documents. Local names, in lower case.
const FORBIDDEN: [&str; 12] = [
    "script",
    "foreignobject",
    "iframe",
    "embed",
    "object",
    "audio",
    "video",
    "handler",
    "listener",
    "set",
    "link",
    "base",
];

/// Reads the whole picture; the first problem ends it.
pub(super) fn check(bytes: &[u8]) -> Result<(), SvgProblem> {
    let text = std::str::from_utf8(bytes).map_err(|_| SvgProblem::Malformed)?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    let mut open: Vec<String> = Vec::new();
    let mut rooted = false;
    loop {
        match reader.read_event().map_err(|_| SvgProblem::Malformed)? {
            Event::Start(tag) => open.push(enter(&tag, &open, &mut rooted)?),
            Event::Empty(tag) => {
                enter(&tag, &open, &mut rooted)?;
            }
            Event::End(_) => {
                open.pop();
            }
            Event::Text(words) if inside_style(&open) => style(&words)?,
            Event::CData(words) if inside_style(&open) => style(&words)?,
            // A reference in a style could spell anything.
            Event::GeneralRef(_) if inside_style(&open) => {
                return Err(SvgProblem::Element("style".to_owned()));
            }
            Event::DocType(_) => return Err(SvgProblem::DocType),
            Event::PI(_) => return Err(SvgProblem::Instruction),
            Event::Eof => break,
            _ => {}
        }
    }
    if !open.is_empty() {
        return Err(SvgProblem::Malformed);
    }
    if rooted { Ok(()) } else { Err(SvgProblem::NotSvg) }
}

/// Checks an element and its attributes; gives its local name.
fn enter(tag: &BytesStart<'_>, open: &[String], rooted: &mut bool) -> Result<String, SvgProblem> {
    let name = local(tag.name().as_ref());
    if open.is_empty() && (*rooted || name != "svg") {
        return Err(SvgProblem::NotSvg);
    }
    *rooted = true;
    if FORBIDDEN.contains(&name.as_str()) {
        return Err(SvgProblem::Element(name));
    }
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|_| SvgProblem::Malformed)?;
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(|_| SvgProblem::Malformed)?;
        check_attribute(&local(attribute.key.as_ref()), &value)?;
    }
    Ok(name)
}

fn check_attribute(name: &str, value: &str) -> Result<(), SvgProblem> {
    if name.starts_with("on") {
        return Err(SvgProblem::Attribute(name.to_owned()));
    }
    match name {
        "href" | "src" => inward(value),
        // An animation may write a reference or a handler when nobody looks.
        "attributename"
            if matches!(local(value).as_str(), "href" | "src") || local(value).starts_with("on") =>
        {
            Err(SvgProblem::Attribute(name.to_owned()))
        }
        // Names of namespaces look like addresses and are never fetched.
        _ => style(value),
    }
}

/// A part of the picture itself, or pixels inside it.
fn inward(target: &str) -> Result<(), SvgProblem> {
    let target = target.trim();
    let pixels = ["data:image/png;", "data:image/jpeg;", "data:image/webp;"];
    if target.starts_with('#') || pixels.iter().any(|kind| target.starts_with(kind)) {
        return Ok(());
    }
    Err(SvgProblem::Reference(shortened(target)))
}

/// Style sheets, and attributes that are read like them (`fill="url(#a)"`).
fn style(words: &str) -> Result<(), SvgProblem> {
    let lower = words.to_ascii_lowercase();
    // An escape (`\75rl(`) hides what it says from a reader like this one.
    let hides = lower.contains('\\') && (lower.contains('(') || lower.contains('@'));
    if hides || lower.contains("@import") || lower.contains("javascript:") {
        return Err(SvgProblem::Reference(shortened(words)));
    }
    for (at, _) in lower.match_indices("url(") {
        let target = lower.get(at + 4..).unwrap_or_default();
        let target = target.split(')').next().unwrap_or_default();
        inward(target.trim().trim_matches(['"', '\'']))?;
    }
    Ok(())
}

fn inside_style(open: &[String]) -> bool {
    open.iter().any(|name| name == "style")
}

/// `xlink:href` -> `href`; browsers differ in how they read case here, so it does not count.
fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase()
}

fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(inner: &str) -> String {
        format!(
            r#"<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{inner}</svg>"#
        )
    }

    #[test]
    fn harmless_pictures_pass() {
        let harmless = [
            "<path d='M1 2'/>",
            "<title>A &amp; B</title><!-- script -->",
            "<style>.a{fill:#fff;stroke:url(#g)}</style><rect class='a' style='fill:red'/>",
            "<use xlink:href='#a'/><rect fill=\"url('#g')\"/>",
            "<image href='data:image/png;base64,AAAA'/>",
            "<animate attributeName='opacity' to='1'/>",
        ];
        for inner in harmless {
            assert_eq!(check(picture(inner).as_bytes()), Ok(()), "{inner}");
        }
        assert_eq!(check("\u{feff}<svg/>".as_bytes()), Ok(()));
    }

    #[test]
    fn pictures_that_run_fetch_or_lead_away_are_refused() {
        let refused = [
            "<script>alert(1)</script>",
            "<SCRIPT/>",
            "<x:script xmlns:x='http://www.w3.org/2000/svg'/>",
            "<g onload='alert(1)'/>",
            "<g ONLOAD='alert(1)'/>",
            "<foreignObject/>",
            "<a href='javascript:alert(1)'/>",
            "<a xlink:href=' jav&#x61;script:alert(1)'/>",
            "<a href='https://other.example/'/>",
            "<image href='//other.example/a.png'/>",
            "<image href='data:image/svg+xml;base64,AAAA'/>",
            "<use href='other.svg#a'/>",
            "<rect fill='url(https://other.example/#g)'/>",
            "<rect style='fill:URL( \"//other.example/\")'/>",
            "<style>@import 'https://other.example/';</style>",
            "<style><![CDATA[a{fill:url(//other.example)}]]></style>",
            "<style>a{fill:\\75rl(//other.example)}</style>",
            "<style>a{fill:u&#114;l(//other.example)}</style>",
            "<animate attributeName='href' to='javascript:alert(1)'/>",
            "<set attributeName='onclick' to='alert(1)'/>",
            "<?xml-stylesheet href='https://other.example/'?>",
            "<g><path></g>",
            "<path d=1/>",
            "&undefined",
        ];
        for inner in refused {
            assert!(check(picture(inner).as_bytes()).is_err(), "{inner}");
        }
        let whole = [
            "",
            "words",
            "<html/>",
            "<svg>",
            "<svg/><svg/>",
            "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>",
            "<svg/><script/>",
        ];
        for text in whole {
            assert!(check(text.as_bytes()).is_err(), "{text}");
        }
        assert_eq!(check(b"<svg>\xff</svg>"), Err(SvgProblem::Malformed));
    }
}
