//! Address patterns: what an operator writes in `url`, matched in time linear in the address.

use regex::{Regex, RegexBuilder};

use super::pattern::{SIZE_LIMIT, in_one_line};
use crate::protocol::service::ServiceUrl;

/// An address pattern: `scheme://host[:port]/path`, the host exact or `*.` for one or more labels on the
/// left, in the path `*` for anything but `/` and `**` for anything, at the end only. The query is never
/// part of the match.
#[derive(Clone, Debug)]
pub struct UrlPattern {
    source: String,
    pub(super) scheme: String,
    pub(super) host: HostPattern,
    pub(super) port: Option<u16>,
    pub(super) path: PathPattern,
}

#[derive(Clone, Debug)]
pub(super) enum HostPattern {
    Exact(String),
    /// One or more labels, a dot, and this.
    Below(String),
}

#[derive(Clone, Debug)]
pub(super) enum PathPattern {
    /// No star: this path.
    Exact(String),
    /// `**` at the end only: all below.
    Below(String),
    /// With `*`: compiled, so that no pattern is slow; and what stands before the first one.
    Stars { front: String, regex: Regex },
}

impl UrlPattern {
    /// Reads an address pattern. Errors with one sentence that tells what to change.
    pub fn new(source: &str) -> Result<Self, String> {
        let (scheme, rest) = source
            .split_once("://")
            .filter(|(scheme, _)| matches!(*scheme, "http" | "https"))
            .ok_or("an address begins with https:// or http://")?;
        let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        if path.contains(['?', '#']) || authority.contains(['?', '#']) {
            return Err("the query is never part of the match: end the address before `?`".to_owned());
        }
        let (host, wild) = match authority.strip_prefix("*.") {
            Some(parent) => (parent, true),
            None => (authority, false),
        };
        if host.contains('*') {
            return Err("`*` in a host stands alone on the left: `*.meridian.example`".to_owned());
        }
        let path = PathPattern::new(path)?;
        let probe = ServiceUrl::parse(&format!("{scheme}://{host}/")).map_err(|error| error.to_string())?;
        if wild && !probe.host().contains('.') {
            return Err("`*.` needs a host of at least two labels behind it".to_owned());
        }
        Ok(Self {
            source: source.to_owned(),
            scheme: scheme.to_owned(),
            host: if wild {
                HostPattern::Below(probe.host().to_owned())
            } else {
                HostPattern::Exact(probe.host().to_owned())
            },
            port: probe.port(),
            path,
        })
    }

    /// Whether an address belongs to the pattern.
    pub fn matches(&self, service: &ServiceUrl) -> bool {
        let host = match &self.host {
            HostPattern::Exact(host) => service.host() == host,
            HostPattern::Below(parent) => service
                .host()
                .strip_suffix(parent.as_str())
                .and_then(|left| left.strip_suffix('.'))
                .is_some_and(|labels| !labels.is_empty()),
        };
        host && service.scheme() == self.scheme
            && service.port() == self.port
            && self.path.matches(service.path())
    }

    /// The pattern as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The folder that everything of the pattern lies in, if it ends in `/**`: where a service has its front
    /// page.
    pub fn folder(&self) -> Option<&str> {
        match &self.path {
            PathPattern::Below(folder) if folder.ends_with('/') => Some(folder),
            _ => None,
        }
    }

    /// Some address of the pattern.
    pub fn example(&self) -> Option<ServiceUrl> {
        let wild = if self.source.contains("://*.") { "x." } else { "" };
        let text = self.source.replacen("*.", wild, usize::from(!wild.is_empty()));
        ServiceUrl::parse(&text.replace("**", "").replace('*', "x")).ok()
    }
}

impl PathPattern {
    /// Reads the path of a pattern. It must already be in the notation that addresses are brought into
    /// before they are compared, or it could never match.
    fn new(path: &str) -> Result<Self, String> {
        let (front, open_end) = match path.strip_suffix("**") {
            Some(front) => (front, true),
            None => (path, false),
        };
        if front.contains("**") {
            return Err("`**` may only stand at the end".to_owned());
        }
        let probe = format!("https://probe.example{}", front.replace('*', "x"));
        let normal = ServiceUrl::parse(&probe).map_err(|error| error.to_string())?;
        if probe.strip_prefix("https://probe.example") != Some(normal.path()) {
            return Err(format!("write the path as it is compared: {}", normal.path()));
        }
        Ok(match (front.contains('*'), open_end) {
            (false, false) => Self::Exact(front.to_owned()),
            (false, true) => Self::Below(front.to_owned()),
            (true, _) => {
                let regex = stars(front, open_end)?;
                Self::Stars { front: front.split('*').next().unwrap_or_default().to_owned(), regex }
            }
        })
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        match self {
            Self::Exact(own) => path == own,
            Self::Below(own) => path.starts_with(own.as_str()),
            Self::Stars { regex, .. } => regex.is_match(path),
        }
    }
}

fn stars(front: &str, open_end: bool) -> Result<Regex, String> {
    let pieces: Vec<String> = front.split('*').map(regex::escape).collect();
    let end = if open_end { ".*" } else { "" };
    let source = format!(r"\A{}{end}\z", pieces.join("[^/]*"));
    RegexBuilder::new(&source).size_limit(SIZE_LIMIT).build().map_err(|error| in_one_line(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, address: &str) -> bool {
        UrlPattern::new(pattern).unwrap().matches(&ServiceUrl::parse(address).unwrap())
    }

    #[test]
    fn addresses() {
        for (pattern, address, expected) in [
            ("https://w.example/**", "https://w.example", true),
            ("https://w.example/**", "https://w.example/", true),
            ("https://w.example/**", "https://W.EXAMPLE:443/a/b?x=1#f", true),
            ("https://w.example/**", "http://w.example/", false),
            ("https://w.example/**", "https://w.example:8443/", false),
            ("https://w.example/**", "https://w.example.evil.example/", false),
            ("https://w.example", "https://w.example/", true),
            ("https://w.example", "https://w.example/a", false),
            ("https://w.example/app/**", "https://w.example/app/x", true),
            ("https://w.example/app/**", "https://w.example/app", false),
            ("https://w.example/app/**", "https://w.example/app/../admin", false),
            ("https://w.example/app/**", "https://w.example/app/%2e%2e/admin", false),
            ("https://w.example/*/login", "https://w.example/a/login", true),
            ("https://w.example/*/login", "https://w.example/a/b/login", false),
            ("https://w.example/*/login", "https://w.example//login", true),
            ("https://w.example/v*/x*", "https://w.example/v1/xy", true),
            ("https://w.example/v*/x*", "https://w.example/v1/xy/z", false),
            ("https://w.example/v*/**", "https://w.example/v1/xy/z", true),
            ("https://w.example/a*a*a", "https://w.example/aaaa", true),
            ("https://w.example/a*b", "https://w.example/a", false),
            ("https://*.w.example/**", "https://a.w.example/", true),
            ("https://*.w.example/**", "https://a.b.w.example/", true),
            ("https://*.w.example/**", "https://w.example/", false),
            ("https://*.w.example/**", "https://evilw.example/", false),
            ("https://w.example/caf%C3%A9", "https://w.example/caf%c3%a9", true),
            ("http://127.0.0.1:8093/**", "http://127.0.0.1:8093/x", true),
            ("https://w.example:8443/**", "https://w.example:8443/", true),
        ] {
            assert_eq!(fits(pattern, address), expected, "{pattern} {address}");
        }
    }

    #[test]
    fn unusable_address_patterns_say_why() {
        for bad in [
            "w.example/**",
            "ftp://w.example/",
            "https://*/**",
            "https://*.example/**",
            "https://a*.w.example/",
            "https://w.example/**/x",
            "https://w.example/?x",
            "https://w.example/a/../b",
            "https://w.example/caf%c3%a9",
            "https://ada@w.example/",
            "https:///x",
        ] {
            assert!(UrlPattern::new(bad).is_err(), "{bad}");
        }
    }
}
