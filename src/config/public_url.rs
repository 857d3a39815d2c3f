//! The address under which people reach us. Everything that we hand out is built from it.

use crate::protocol::service::{ServiceUrl, is_loopback};

/// `server.public_url`, read once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    base: String,
    origin: String,
    host: String,
}

impl PublicUrl {
    /// Reads an address: `http` or `https`, a host, a port or none, and a path, which becomes the mount
    /// path; a last slash is left out. Errors with one sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = web_address(text)?;
        let mount = url.path().trim_end_matches('/');
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        if !mount.chars().all(plain) || mount.contains("//") {
            return Err("the path may hold letters, digits, `-`, `.`, `_`, `~` and single `/`".to_owned());
        }
        if written_path(text).is_some_and(|path| path != url.path()) {
            return Err("the path is not written as browsers read it".to_owned());
        }
        let origin = url.origin();
        Ok(Self { base: format!("{origin}{mount}"), origin, host: url.host().to_owned() })
    }

    /// The whole address without a last slash.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The path without a last slash: `/cas`, or nothing.
    pub fn mount(&self) -> &str {
        self.base.strip_prefix(&self.origin).unwrap_or_default()
    }

    /// `scheme://host[:port]`, the port only where it is not the default.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether browsers reach us over https.
    pub fn is_https(&self) -> bool {
        self.base.starts_with("https:")
    }

    /// The host in small letters; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the host is this machine for whoever asks.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// The address of something of ours. In: a path below the mount path, `/login` or `login`.
    pub fn at(&self, path: &str) -> String {
        format!("{}/{}", self.base, path.strip_prefix('/').unwrap_or(path))
    }
}

/// What follows the host, if anything does.
fn written_path(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("://")?;
    rest.get(rest.find('/')?..)
}

/// Reads an address without query and fragment. Errors with one sentence.
pub fn web_address(text: &str) -> Result<ServiceUrl, String> {
    if text.contains(['?', '#']) {
        return Err("the address must end before `?` and `#`".to_owned());
    }
    ServiceUrl::parse(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        for (text, base, mount, loopback) in [
            ("https://login.example/cas", "https://login.example/cas", "/cas", false),
            ("https://login.example/cas/", "https://login.example/cas", "/cas", false),
            ("https://Login.Example", "https://login.example", "", false),
            ("https://login.example:443/", "https://login.example", "", false),
            ("http://127.0.0.1:8090/a/b", "http://127.0.0.1:8090/a/b", "/a/b", true),
            ("http://localhost:8090", "http://localhost:8090", "", true),
            ("http://[::1]:8090/cas", "http://[::1]:8090/cas", "/cas", true),
        ] {
            let url = PublicUrl::parse(text).unwrap();
            assert_eq!((url.base(), url.mount(), url.is_loopback()), (base, mount, loopback), "{text}");
        }
        let url = PublicUrl::parse("https://login.example:8443/cas").unwrap();
        assert_eq!(url.at("/login?x=1"), "https://login.example:8443/cas/login?x=1");
        assert_eq!(url.at("login"), "https://login.example:8443/cas/login");
        assert_eq!((url.origin(), url.host()), ("https://login.example:8443", "login.example"));
        assert!(url.is_https());
    }

    #[test]
    fn what_is_no_public_address() {
        for text in [
            "",
            "login.example/cas",
            "ftp://login.example",
            "https://",
            "https://login.example/cas?x",
            "https://login.example/cas#x",
            "https://ada@login.example/cas",
            "https://login.example/a//b",
            "https://login.example/a/../b",
            "https://login.example/a%20b",
            "https://login.example/a;b",
            "https://login.example/a b",
        ] {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
    }
}
