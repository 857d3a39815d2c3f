//! `[site]`: how we look.

use std::path::PathBuf;

use super::paths::image;
use super::section::Section;
use super::texts::Files;

/// How we look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The name on every page. Default: `Sign-in`.
    pub name: String,
    /// Top left. Default: the built-in mark.
    pub logo: Mark,
    /// In the tab of the browser. Default: the built-in mark.
    pub favicon: Mark,
    /// Where people get help: a `mailto:` or `https:` link. Default: none.
    pub help: Option<String>,
}

/// A picture that stands for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Ours.
    BuiltIn,
    /// None: `false`.
    None,
    /// A file: SVG or PNG, at most 64 KiB.
    File(PathBuf),
}

/// Reads `[site]`.
pub fn read(mut section: Section<'_>, files: &Files) -> Site {
    let name = section.opt_text("name").map_or("Sign-in", |found| found.value).to_owned();
    let logo = mark(&mut section, "logo", files);
    let favicon = mark(&mut section, "favicon", files);
    let help = help(&mut section);
    section.finish();
    Site { name, logo, favicon, help }
}

fn mark(section: &mut Section<'_>, key: &'static str, files: &Files) -> Mark {
    let Some(found) = section.text_or_bool(key) else { return Mark::BuiltIn };
    match found.value {
        Ok(path) => image(key, path, &found.spot, files).map_or(Mark::BuiltIn, Mark::File),
        Err(false) => Mark::None,
        Err(true) => {
            found.spot.error(format!("`{key}` is the path of a picture, or false for none"));
            Mark::BuiltIn
        }
    }
}

/// The key `help`: a link.
pub fn help(section: &mut Section<'_>) -> Option<String> {
    let found = section.filled_text("help")?;
    if !is_link(found.value) {
        found.spot.error("`help` is a link that begins with mailto: or https:");
        return None;
    }
    Some(found.value.to_owned())
}

/// Whether a text is a link that begins with `mailto:` or `https:`.
pub fn is_link(text: &str) -> bool {
    let odd = text.contains(|c: char| c.is_whitespace() || c.is_control());
    let fits = |url: &url::Url| match url.scheme() {
        "mailto" => url.path().contains('@'),
        "https" => url.has_host(),
        _ => false,
    };
    !odd && url::Url::parse(text).ok().as_ref().is_some_and(fits)
}
