//! `kind = "http"`: a program of the operator's own is asked.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::super::page::Words;
use super::super::paths::certificates;
use super::super::section::Section;
use super::Around;

/// Most bytes of the file of a secret.
const LARGEST_SECRET: u64 = 64 << 10;

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
    let secret = section
        .filled_text("secret_file")
        .and_then(|found| super::secret(found.value, &found.spot, around.files, LARGEST_SECRET));
    let ca_file = section
        .filled_text("ca_file")
        .and_then(|found| certificates("ca_file", found.value, &found.spot, around.files));
    let found = section.text("url")?;
    let url = Url::parse(found.value).ok().filter(is_usable);
    if url.is_none() {
        let words = Words::new("passwords go to https, or to http on this machine only").secret();
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
