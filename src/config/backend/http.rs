//! `kind = "http"`: a program of the operator's own is asked.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::super::page::Words;
use super::super::paths::certificates;
use super::super::section::Section;
use super::Around;

/// The keys of `kind = "http"`.
#[derive(Clone, Debug)]
pub struct Http {
    /// Where the questions go.
    pub url: Url,
    /// What we show there, as a bearer token.
    pub secret: Option<SecretString>,
    /// For one question. Default: 5 s.
    pub timeout: Duration,
    /// Authorities in place of those of the system.
    pub ca_file: Option<PathBuf>,
}

/// Reads the keys.
pub(super) fn read(section: &mut Section<'_>, around: &Around<'_>) -> Option<Http> {
    let second = Duration::from_secs(1);
    let timeout = section.duration("timeout", second * 5, second / 10..=second * 60);
    let secret = section.filled_text("secret_file").and_then(|found| {
        let secret = super::secret(found.value, &found.spot, around.files);
        let travels = secret.as_ref().is_none_or(|secret| fits_a_header(secret.expose_secret()));
        if !travels {
            found.spot.error("the secret has characters that cannot be sent: use one line of visible ASCII");
        }
        secret.filter(|_| travels)
    });
    let ca_file = section
        .filled_text("ca_file")
        .and_then(|found| certificates("ca_file", found.value, &found.spot, around.files));
    let found = section.text("url")?;
    let url = Url::parse(found.value).ok();
    let somebody = |url: &Url| !url.username().is_empty() || url.password().is_some();
    if url.as_ref().is_some_and(somebody) {
        let words = Words::new("`url` names a user or a password, which are not sent from there").address();
        found.spot.tell(words.hint("put a secret into a file, and name that with `secret_file`"));
        return None;
    }
    let url = url.filter(is_usable);
    if url.is_none() {
        let words = Words::new("passwords go to https, or to http on this machine only").address();
        found
            .spot
            .tell(words.hint("such as \"https://people.example/check\" or \"http://127.0.0.1:9000/check\""));
    }
    Some(Http { url: url?, secret, timeout, ca_file })
}

/// Whether passwords may travel there.
fn is_usable(url: &Url) -> bool {
    let nobody = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let here = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    nobody && (url.scheme() == "https" && url.host().is_some() || url.scheme() == "http" && here)
}

/// Whether a text can be sent as a bearer token.
fn fits_a_header(secret: &str) -> bool {
    secret.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_travel_safely() {
        for (url, safe) in [
            ("https://people.example/check?x=1", true),
            ("http://127.0.0.1:9000/", true),
            ("http://[::1]:9000/", true),
            ("http://localhost/", true),
            ("http://people.example/", false),
            ("http://localhost.people.example/", false),
            ("https://us:secret@people.example/", false),
            ("ftp://127.0.0.1/", false),
        ] {
            assert_eq!(is_usable(&Url::parse(url).unwrap()), safe, "{url}");
        }
        for (secret, fits) in [("a b-~", true), ("two\nlines", false), ("caf\u{e9}", false), ("\t", false)] {
            assert_eq!(fits_a_header(secret), fits, "{secret:?}");
        }
    }
}
