//! `url` and `pattern` of a service: which addresses it has, and what is seldom meant by them.

use super::page::{Spot, Words};
use super::problem::{ANY_HOST, HTTP_TOO, NO_PAGE, OPEN_DOT};
use super::provider::pattern;
use super::section::{Found, Section};
use crate::domain::open_host::{Reach, reach};
use crate::domain::pattern::{UrlPattern, WholePattern};
use crate::domain::service_rule::Addresses;

/// The addresses of a service, and where they stand.
#[derive(Debug)]
pub struct Address<'a> {
    /// The addresses.
    pub addresses: Addresses,
    /// The value of `url` or `pattern`.
    pub spot: Spot<'a>,
    /// Browsers can be sent to some of them.
    pub web: bool,
}

/// `url` or `pattern`, exactly one of them.
pub fn addresses<'a>(section: &mut Section<'a>) -> Option<Address<'a>> {
    let urls = section.text_or_list("url");
    let regex = section.opt_text("pattern");
    let any_host = section.bool("any_host", false);
    match (urls, regex) {
        (Some(_), Some(found)) => {
            found.spot.error("a service has `url` or `pattern`, not both");
            None
        }
        (Some(urls), None) => {
            let spot = urls.spot.clone();
            Some(Address { addresses: url_patterns(urls)?, spot, web: true })
        }
        (None, Some(found)) => {
            let (pattern, web) = whole_pattern(&found, any_host)?;
            Some(Address { addresses: Addresses::Pattern(pattern), spot: found.spot, web })
        }
        (None, None) => {
            if !section.has("url") && !section.has("pattern") {
                section.missing_one_of(&["url", "pattern"]);
            }
            None
        }
    }
}

fn url_patterns(urls: Found<'_, Vec<Found<'_, &str>>>) -> Option<Addresses> {
    let written = urls.value.len();
    let mut patterns = Vec::new();
    for found in urls.value {
        match UrlPattern::new(found.value) {
            Ok(pattern) => patterns.push(pattern),
            Err(reason) => found.spot.error(format!("`url` cannot be used: {reason}")),
        }
    }
    if written == 0 {
        urls.spot.error("`url` names no address");
    }
    (!patterns.is_empty()).then_some(Addresses::Urls(patterns))
}

/// The pattern, and whether web addresses can fit it.
fn whole_pattern(found: &Found<'_, &str>, any_host: bool) -> Option<(WholePattern, bool)> {
    if !found.value.starts_with('^') {
        let words = Words::new("`pattern` must begin with `^`");
        found.spot.tell(words.hint("it is matched with the whole address; url = \"…\" is simpler"));
        return None;
    }
    let pattern = pattern("pattern", found)?;
    let reach = reach(&pattern);
    let web = reach.is_none_or(|reach| reach.http || reach.https);
    if let Some(reach) = reach.filter(|reach| !reach.open) {
        odd(found, reach);
        return Some((pattern, web));
    }
    let why = "whoever has a web address could get tickets of our people.";
    if any_host {
        let words = Words::warning(ANY_HOST, "this pattern matches addresses at hosts of strangers");
        found.spot.tell(words.mark("any_host = true").note(why));
        return Some((pattern, web));
    }
    let words = Words::new("this pattern matches addresses at hosts of strangers").note(why);
    found.spot.tell(words.hint("name the host up to its `/`, or write any_host = true if that is meant"));
    None
}

/// What is allowed, but seldom meant.
fn odd(found: &Found<'_, &str>, reach: Reach) {
    let end = found.value.len();
    // Addresses in brackets are not asked about.
    if (reach.http || reach.https) && !reach.pages && !found.value.contains(r"\[") {
        let (host, spot) = (plain_host(found.value), found.spot.part(found.value, end..end));
        match host {
            Some(host) if reach.bare_host => spot.tell(
                Words::warning(NO_PAGE, format!("this pattern matches none of the pages of {host}"))
                    .mark("nothing follows the host")
                    .hint(format!("write url = \"{host}/**\"")),
            ),
            _ if reach.bare_host => spot.tell(
                Words::warning(NO_PAGE, "this pattern matches no page")
                    .mark("nothing follows the host")
                    .hint("end it with (/.*)?$"),
            ),
            _ => found.spot.tell(Words::warning(NO_PAGE, "this pattern matches no page").note(
                "addresses are compared with the host in small letters, and without its default port.",
            )),
        }
    }
    if let Some(dot) = open_dot(found.value) {
        let words = Words::warning(OPEN_DOT, "this dot matches any character of a host");
        found.spot.part(found.value, dot..dot + 1).tell(words.mark(r"write `\.`"));
    }
    if reach.http && reach.https {
        let words =
            Words::warning(HTTP_TOO, "this pattern matches http too: tickets travel without encryption");
        let words = words.hint("write https:// alone, or allow = [\"W014\"] if that is meant");
        match found.value.find("https?") {
            Some(at) => found.spot.part(found.value, at..at + "https?".len()).tell(words),
            None => found.spot.tell(words),
        }
    }
}

/// The part of a pattern that is about the host: from `://` to what ends a host.
fn host_part(pattern: &str) -> Option<(usize, &str)> {
    let start = pattern.find("://")? + "://".len();
    let rest = pattern.get(start..)?;
    let end = rest.find(['/', '$', ':']).unwrap_or(rest.len());
    Some((start, rest.get(..end)?))
}

/// Where a dot stands in the host that is neither escaped nor in a class nor repeated.
fn open_dot(pattern: &str) -> Option<usize> {
    let (start, host) = host_part(pattern)?;
    let (mut escaped, mut in_class) = (false, false);
    for (at, c) in host.char_indices() {
        let repeated = host.get(at + 1..).is_some_and(|rest| rest.starts_with(['*', '+', '?', '{']));
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '.' if !in_class && !repeated => return Some(start + at),
            _ => {}
        }
    }
    None
}

/// The origin that a pattern with nothing else names.
fn plain_host(pattern: &str) -> Option<String> {
    let (start, host) = host_part(pattern)?;
    let scheme = pattern.get(1..start).filter(|scheme| matches!(*scheme, "https://" | "http://"))?;
    let host = host.replace('\\', "");
    let plain = host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
    plain.then(|| format!("{scheme}{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_of_hosts() {
        for (pattern, at) in [
            (r"^https://wiki.meridian\.example/.*", Some(13)),
            (r"^https://wiki\.meridian\.example/.*", None),
            (r"^https://[a.]+\.example/.*", None),
            (r"^https://.*\.example/.*", None),
            (r"^https://(a\.|b.)c\.example/.*", Some(15)),
            ("^imap://a.example$", Some(9)),
            ("^.*", None),
        ] {
            assert_eq!(open_dot(pattern), at, "{pattern}");
        }
    }
}
