//! Finds services that no address ever reaches, since others that are tried before take all of theirs.
//!
//! Between address patterns the answer is exact. Of regular expressions it is given where it can be read
//! off: both are the same, or one takes everything that begins with a text and the other begins with that
//! text. Silence means nothing.

use std::collections::HashMap;

use super::pattern::WholePattern;
use super::relaxed::class;
use super::rules::Rules;
use super::service_rule::{Addresses, ServiceRule};
use super::url_pattern::{HostPattern, PathPattern, UrlPattern};
use crate::protocol::service::ServiceUrl;

/// What may follow the fixed beginning of a pattern that takes everything behind it.
const REST: [&str; 4] = [".*", ".*$", "(.*)", "(.*)$"];
/// The same for one that ends at a host and may go on with a path.
const PATH: [&str; 4] = ["(/.*)?", "(/.*)?$", "(?:/.*)?", "(?:/.*)?$"];

/// One of the patterns of a service.
#[derive(Clone, Copy)]
enum Part<'r> {
    Url(&'r UrlPattern),
    Regex(&'r WholePattern),
}

/// Services that can never match, by their place in the order, each with one that is tried before it.
pub fn shadowed(rules: &Rules) -> Vec<(usize, usize)> {
    let mut same: HashMap<&str, usize> = HashMap::new();
    let mut found = Vec::new();
    let list: Vec<&ServiceRule> = rules.iter().map(AsRef::as_ref).collect();
    for (at, rule) in list.iter().enumerate() {
        let earlier: Option<Vec<usize>> = parts(&rule.addresses)
            .into_iter()
            .map(|part| {
                let twin = match part {
                    Part::Regex(pattern) => same.get(pattern.source()).copied(),
                    Part::Url(_) => None,
                };
                twin.or_else(|| taken_by(part, at, rules, &list))
            })
            .collect();
        if let Some(first) = earlier.and_then(|earlier| earlier.first().copied()) {
            found.push((at, first));
        }
        if let Addresses::Pattern(pattern) = &rule.addresses {
            same.entry(pattern.source()).or_insert(at);
        }
    }
    found
}

fn parts(addresses: &Addresses) -> Vec<Part<'_>> {
    match addresses {
        Addresses::Urls(urls) => urls.iter().map(Part::Url).collect(),
        Addresses::Pattern(pattern) => vec![Part::Regex(pattern)],
    }
}

/// The first service before a place that takes every address of a part.
fn taken_by(part: Part<'_>, at: usize, rules: &Rules, list: &[&ServiceRule]) -> Option<usize> {
    let front = front(part);
    let example = match part {
        Part::Url(url) => url.example(),
        Part::Regex(_) => ServiceUrl::parse(&front).ok(),
    };
    let text = example.as_ref().map_or_else(|| front.clone(), ServiceUrl::normalised);
    let mut candidates = example.map(|example| rules.all_by_url(&example)).unwrap_or_default();
    candidates.extend(rules.all_by_pattern(&text));
    candidates.sort_unstable();
    let takes = |rule: &&ServiceRule| parts(&rule.addresses).into_iter().any(|all| covers(all, part, &front));
    candidates.into_iter().take_while(|candidate| *candidate < at).find(|at| list.get(*at).is_some_and(takes))
}

/// Whether every address of `part`, all of which begin with `front`, belongs to `all`.
fn covers(all: Part<'_>, part: Part<'_>, front: &str) -> bool {
    match (all, part) {
        (Part::Url(all), Part::Url(part)) => covers_url(all, part),
        (Part::Url(all), Part::Regex(_)) => covers_front(all, front),
        (Part::Regex(all), _) => {
            everything_behind(all.source()).is_some_and(|beginning| front.starts_with(&beginning))
        }
    }
}

fn covers_url(all: &UrlPattern, part: &UrlPattern) -> bool {
    let host = match (&all.host, &part.host) {
        (HostPattern::Exact(all), HostPattern::Exact(part)) => all == part,
        (HostPattern::Exact(_), HostPattern::Below(_)) => false,
        (HostPattern::Below(all), HostPattern::Exact(part)) => is_below(part, all),
        (HostPattern::Below(all), HostPattern::Below(part)) => part == all || is_below(part, all),
    };
    let path = match (&all.path, &part.path) {
        (PathPattern::Below(all), PathPattern::Exact(part) | PathPattern::Below(part)) => {
            part.starts_with(all.as_str())
        }
        (PathPattern::Below(all), PathPattern::Stars { front, .. }) => front.starts_with(all.as_str()),
        (all, PathPattern::Exact(part)) => all.matches(part),
        (PathPattern::Stars { regex: all, .. }, PathPattern::Stars { regex: part, .. }) => {
            all.as_str() == part.as_str()
        }
        (PathPattern::Exact(_) | PathPattern::Stars { .. }, _) => false,
    };
    host && path && all.scheme == part.scheme && all.port == part.port
}

fn is_below(host: &str, parent: &str) -> bool {
    host.strip_suffix(parent).is_some_and(|labels| labels.ends_with('.'))
}

/// Whether an address pattern takes everything that begins like this.
fn covers_front(all: &UrlPattern, front: &str) -> bool {
    let begins_in_path = front.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    let PathPattern::Below(path) = &all.path else { return false };
    let Ok(example) = ServiceUrl::parse(front) else { return false };
    begins_in_path && !front.contains(['?', '#']) && all.matches(&example) && example.path().starts_with(path)
}

/// The text that all addresses of a pattern begin with.
fn front(part: Part<'_>) -> String {
    match part {
        Part::Regex(pattern) => fixed(pattern.source()).0,
        Part::Url(url) => match (&url.host, &url.path) {
            (HostPattern::Below(_), _) => format!("{}://", url.scheme),
            (HostPattern::Exact(_), PathPattern::Exact(path) | PathPattern::Below(path)) => at(url, path),
            (HostPattern::Exact(_), PathPattern::Stars { front, .. }) => at(url, front),
        },
    }
}

fn at(url: &UrlPattern, path: &str) -> String {
    let origin = url.example().map(|example| example.origin()).unwrap_or_default();
    format!("{origin}{path}")
}

/// The text that a pattern takes everything behind of, if it is such a pattern.
fn everything_behind(source: &str) -> Option<String> {
    let (mut beginning, rest) = fixed(source);
    if PATH.contains(&rest) {
        // Every address has a path.
        beginning.push('/');
        return Some(beginning);
    }
    REST.contains(&rest).then_some(beginning)
}

/// What a pattern begins with that is no choice, and the rest of the pattern.
fn fixed(source: &str) -> (String, &str) {
    let nothing = (String::new(), source);
    let Some(body) = source.strip_prefix('^') else { return nothing };
    if has_choice(body) {
        return nothing;
    }
    let mut out = String::new();
    let mut before = 0;
    let mut at = 0;
    while let Some(c) = body.get(at..).and_then(|rest| rest.chars().next()) {
        let (literal, length) = match c {
            '\\' => match body.get(at + 1..).and_then(|rest| rest.chars().next()) {
                Some(next) if next.is_ascii_punctuation() && !"<>".contains(next) => (next, 2),
                _ => break,
            },
            // The character before is repeated or left out.
            '?' | '*' | '+' | '{' => {
                out.pop();
                at = before;
                break;
            }
            c if c.is_ascii_alphanumeric() || "/:-_~%=&@!#,;'".contains(c) => (c, 1),
            _ => break,
        };
        out.push(literal);
        before = at;
        at += length;
    }
    (out, body.get(at..).unwrap_or_default())
}

/// Whether there is a `|` outside of all groups.
fn has_choice(body: &str) -> bool {
    let mut depth = 0_i32;
    let mut at = 0;
    while let Some(c) = body.get(at..).and_then(|rest| rest.chars().next()) {
        at += match c {
            '\\' => 1 + body.get(at + 1..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8),
            '[' => body.get(at..).and_then(class).unwrap_or(1),
            _ => c.len_utf8(),
        };
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '|' if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::tests::{by_pattern, rule};

    fn service(addresses: &str) -> ServiceRule {
        if addresses.starts_with('^') {
            return by_pattern(addresses, addresses);
        }
        let urls = addresses.split(' ').map(|url| UrlPattern::new(url).unwrap()).collect();
        ServiceRule { addresses: Addresses::Urls(urls), ..rule(addresses, 100, "https://u.example/") }
    }

    #[test]
    fn later_services_that_nothing_reaches() {
        for (earlier, later, taken) in [
            ("https://w.example/**", "https://w.example/**", true),
            ("https://w.example/**", "https://w.example/app/**", true),
            ("https://w.example/**", "https://w.example/a/*/b", true),
            ("https://w.example/**", "https://w.example", true),
            ("https://w.example/**", "http://w.example/", false),
            ("https://w.example/**", "https://w.example:8443/", false),
            ("https://w.example/a/**", "https://w.example/**", false),
            ("https://w.example/a/**", "https://w.example/a", false),
            ("https://w.example/a", "https://w.example/a", true),
            ("https://w.example/a", "https://w.example/a**", false),
            ("https://w.example/*", "https://w.example/a", true),
            ("https://w.example/*", "https://w.example/a/b", false),
            ("https://w.example/*/**", "https://w.example/*/**", true),
            ("https://w.example/*x/**", "https://w.example/*/**", false),
            ("https://*.w.example/**", "https://a.w.example/x", true),
            ("https://*.w.example/**", "https://*.w.example/x", true),
            ("https://*.w.example/**", "https://*.b.w.example/x", true),
            ("https://*.b.w.example/**", "https://*.w.example/x", false),
            ("https://*.w.example/**", "https://w.example/x", false),
            ("https://w.example/**", "https://w.example/x https://v.example/x", false),
            ("https://w.example/** https://v.example/**", "https://w.example/x https://v.example/x", true),
            // Regular expressions.
            (r"^https://w\.example/x(y|z)$", r"^https://w\.example/x(y|z)$", true),
            (r"^https://w\.example/.*", r"^https://w\.example/x.*$", true),
            (r"^https://w\.example/.*$", "https://w.example/**", true),
            (r"^https://w\.example(/.*)?$", "https://w.example/a/*", true),
            (r"^https://w\.example(/.*)?$", r"^https://w\.example/a.*", true),
            (r"^https://w\.example(/.*)?$", r"^https://w\.example.*", false),
            (r"^https://w\.example/a.*$", "https://w.example/**", false),
            (r"^https://w\.example/ab?.*$", "https://w.example/ab", false),
            (r"^https://w\.example/.*|^http://x", "https://w.example/ab", false),
            (r"^https://w.example/.*", "https://w.example/**", false),
            ("https://w.example/**", r"^https://w\.example/x.*$", true),
            ("https://w.example/x/**", r"^https://w\.example/x.*$", false),
            ("https://w.example/x", r"^https://w\.example/x.*$", false),
            ("https://w.example/**", r"^https://w\.example/.*|^https://v\.example/.*", false),
            ("https://w.example/**", r"^https?://w\.example/.*", false),
            ("https://w.example/**", r"^https://w\.example.*", false),
            ("^.*", "https://w.example/**", true),
            ("^https://.*", "https://*.w.example/**", true),
        ] {
            let rules = Rules::new([service(earlier), service(later)]);
            let expected = if taken { vec![(1, 0)] } else { vec![] };
            assert_eq!(shadowed(&rules), expected, "{earlier} before {later}");
        }
    }

    #[test]
    fn several_may_take_the_addresses_together() {
        let rules = Rules::new(
            ["https://a.example/**", "https://b.example/**", "https://b.example/x https://a.example/x"]
                .map(service),
        );
        assert_eq!(shadowed(&rules), [(2, 1)]);
    }
}
