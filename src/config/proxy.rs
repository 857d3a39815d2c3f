//! `[proxy]`: how proxy-granting tickets are delivered.

use std::time::Duration;

use super::section::Section;

/// `[proxy]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Limit of one callback. Default: 5 s.
    pub callback_timeout: Duration,
    /// Callbacks at plain http on this machine are allowed: for a desk. Default: false.
    pub allow_http_loopback: bool,
}

/// Reads `[proxy]`.
pub fn read(mut section: Section<'_>) -> Proxy {
    let second = Duration::from_secs(1);
    // CAS servers are expected to give up after 15 s at the latest.
    let callback_timeout = section.duration("callback_timeout", second * 5, second / 10..=second * 15);
    let allow_http_loopback = section.bool("allow_http_loopback", false);
    section.finish();
    Proxy { callback_timeout, allow_http_loopback }
}
