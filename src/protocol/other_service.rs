//! The address of a service that is no web page: `imap://mail.example`, `ldap://directory.example:636`.
//! It gets proxy tickets (CAS 3.0 §2.7.1, `targetService`) and is never a place to send a browser to.

use super::service::{MAX_SERVICE, MalformedService};

/// Longest scheme in bytes.
const MAX_SCHEME: usize = 32;
/// What browsers run or open: never a service. Web addresses are read by
/// [`ServiceUrl`](super::service::ServiceUrl).
const NEVER: [&str; 13] = [
    "http",
    "https",
    "javascript",
    "data",
    "file",
    "vbscript",
    "blob",
    "about",
    "filesystem",
    "view-source",
    "ws",
    "wss",
    "mailto",
];

/// An address with another scheme than http and https, byte for byte as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherService(String);

impl OtherService {
    /// Reads such an address: a scheme, a colon, and visible ASCII. Errors with the reason why it is
    /// refused.
    pub fn parse(text: &str) -> Result<Self, MalformedService> {
        if text.len() > MAX_SERVICE {
            return Err(MalformedService::TooLong);
        }
        if text.bytes().any(|b| b <= b' ' || b >= 0x7f || b"\\\"<>".contains(&b)) {
            return Err(MalformedService::RawCharacter);
        }
        let (scheme, rest) = text.split_once(':').ok_or(MalformedService::Unparsable)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"+-.".contains(&b);
        let is_scheme = scheme.len() <= MAX_SCHEME
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(plain);
        if !is_scheme || NEVER.iter().any(|never| never.eq_ignore_ascii_case(scheme)) {
            return Err(MalformedService::NotWeb);
        }
        if rest.trim_start_matches('/').is_empty() {
            return Err(MalformedService::OddHost);
        }
        Ok(Self(text.to_owned()))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text is meant as the address of a web page, readable or not.
pub fn is_web(text: &str) -> bool {
    text.split_once(':')
        .is_none_or(|(scheme, _)| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounded_texts_with_a_scheme() {
        for text in ["imap://mail.example", "ldap://d.example:636/dc=x", "smtp:mail.example", "x+y-z.1:a"] {
            assert_eq!(OtherService::parse(text).map(|read| read.0), Ok(text.to_owned()));
        }
        for (text, why) in [
            ("", MalformedService::Unparsable),
            ("mail.example", MalformedService::Unparsable),
            ("imap:", MalformedService::OddHost),
            ("imap://", MalformedService::OddHost),
            ("://mail.example", MalformedService::NotWeb),
            ("1map://mail.example", MalformedService::NotWeb),
            ("ima_p://mail.example", MalformedService::NotWeb),
            ("https:mail.example", MalformedService::NotWeb),
            ("JavaScript:alert(1)", MalformedService::NotWeb),
            ("javascript://mail.example", MalformedService::NotWeb),
            ("data:text/html,x", MalformedService::NotWeb),
            ("file:///etc/passwd", MalformedService::NotWeb),
            ("vbscript:x", MalformedService::NotWeb),
            ("blob:https://a.example/1", MalformedService::NotWeb),
            ("about:blank", MalformedService::NotWeb),
            ("imap://mail.example/a b", MalformedService::RawCharacter),
            ("imap://mail.example/\n", MalformedService::RawCharacter),
            ("imap://mäil.example", MalformedService::RawCharacter),
            ("imap://mail.example\\x", MalformedService::RawCharacter),
        ] {
            assert_eq!(OtherService::parse(text), Err(why), "{text:?}");
        }
        let long = format!("imap://{}", "a".repeat(MAX_SERVICE));
        assert_eq!(OtherService::parse(&long), Err(MalformedService::TooLong));
    }

    #[test]
    fn web_texts() {
        for (text, web) in
            [("https://a", true), ("HTTP:", true), ("/a", true), ("imap://a", false), ("javascript:x", false)]
        {
            assert_eq!(is_web(text), web, "{text}");
        }
    }
}
