//! What a request brings, read once at the door: who knocks, in which language, with which parameters.

use std::convert::Infallible;
use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use crate::flows::{Device, Guest};
use crate::protocol::params::{MalformedParams, Pairs};
use crate::protocol::ticket::TicketId;

use super::cookies;
use super::doors::Doors;
use super::lang::Lang;

/// Longest name of a browser that is kept, in characters.
const MAX_BROWSER: usize = 200;

/// The other end of the connection; `None` on a socket file. The listener puts it into each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub Option<IpAddr>);

/// A request of a browser.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Who knocks.
    pub guest: Guest,
    /// The query, byte for byte.
    pub raw_query: String,
    /// The query, decoded.
    pub query: Result<Pairs, MalformedParams>,
    /// The institutions used before on this device.
    pub recent: Vec<String>,
    /// Its person chose another password a moment ago, and was not told yet.
    pub password_changed: bool,
    /// `Sec-Fetch-Site`, if the browser sends it.
    pub fetch_site: Option<String>,
    /// `Origin`, if the browser sends it.
    pub origin: Option<String>,
    states: Vec<(String, String)>,
    lang_asked: Option<String>,
    lang_accepted: Option<String>,
}

impl Visit {
    /// The handoff in the cookie of an institution, by its suffix.
    pub fn state_of(&self, suffix: &str) -> Option<&str> {
        cookies::state_of(&self.states, suffix)
    }

    /// The language of its pages.
    pub fn lang(&self) -> Lang {
        Lang::choose(self.lang_asked.as_deref(), None, self.lang_accepted.as_deref(), None)
    }
}

impl FromRequestParts<Doors> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, doors: &Doors) -> Result<Self, Infallible> {
        Ok(Self::of(parts, doors))
    }
}

impl Visit {
    fn of(parts: &Parts, doors: &Doors) -> Self {
        let headers = &parts.headers;
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let jar = cookies::Jar::of(headers, &doors.app.config.server.public_url);
        let raw_query = parts.uri.query().unwrap_or_default().to_owned();
        let query = Pairs::parse(raw_query.as_bytes());
        let asked = |name| query.as_ref().ok().and_then(|pairs| pairs.first(name)).map(str::to_owned);
        let known = |value: &str| doors.app.mint.known_mark(value);
        let handoff = asked("h").or_else(|| jar.state_at(parts.uri.path()).map(str::to_owned));
        let of_this_tab = handoff.and_then(|handoff| jar.mark_of(&handoff).and_then(known));
        let fetch_site = text(header::HeaderName::from_static("sec-fetch-site"));
        let known = of_this_tab.or_else(|| jar.mark.as_deref().and_then(known));
        Self {
            guest: Guest {
                cookie: jar.session.and_then(|value| TicketId::parse(&value).ok()),
                mark_is_new: known.is_none(),
                mark: known.unwrap_or_else(|| doors.app.mint.browser_mark()),
                warn: jar.warn,
                device: Device {
                    recent: jar.recent.clone(),
                    skip: jar.skip,
                    trips: jar.trips,
                    signed_out_at: jar.signed_out_at,
                },
                from_us: fetch_site.as_deref() == Some("same-origin"),
                from_elsewhere: matches!(fetch_site.as_deref(), Some("cross-site" | "same-site")),
                ip: address(parts, doors),
                browser: text(header::USER_AGENT).unwrap_or_default().chars().take(MAX_BROWSER).collect(),
            },
            recent: jar.recent,
            password_changed: jar.password_changed,
            states: jar.states,
            fetch_site,
            origin: text(header::ORIGIN),
            lang_asked: asked("lang").or_else(|| asked("locale")),
            lang_accepted: text(header::ACCEPT_LANGUAGE),
            raw_query,
            query,
        }
    }
}

/// The address of the browser: of the connection, or, when that is one of our own proxies (or a socket
/// file, behind which only a proxy can be), the last address in `X-Forwarded-For` that is not.
fn address(parts: &Parts, doors: &Doors) -> String {
    let peer = parts.extensions.get::<Peer>().and_then(|peer| peer.0);
    let trusted = &doors.app.config.server.trusted_proxies;
    let is_ours = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
    let behind_proxy = peer.as_ref().is_none_or(is_ours);
    let forwarded = behind_proxy.then(|| last_foreign(&parts.headers, is_ours)).flatten();
    forwarded.or(peer).map(|ip| ip.to_string()).unwrap_or_default()
}

/// Reads the list from its end, where our own proxies wrote; what stands before the first address that
/// is not ours, anybody may have written.
fn last_foreign(headers: &HeaderMap, is_ours: impl Fn(&IpAddr) -> bool) -> Option<IpAddr> {
    let all: Vec<&str> = headers.get_all("x-forwarded-for").iter().filter_map(|v| v.to_str().ok()).collect();
    let mut last = None;
    for text in all.iter().rev().flat_map(|value| value.rsplit(',')) {
        let Ok(ip) = text.trim().parse::<IpAddr>() else { break };
        last = Some(ip.to_canonical());
        if !is_ours(&ip) {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_before_our_own_proxies_counts() {
        let ours = |ip: &IpAddr| ip.to_string().starts_with("10.");
        for (lines, seen) in [
            (&["203.0.113.7"][..], Some("203.0.113.7")),
            (&["198.51.100.1, 203.0.113.7, 10.0.0.2"], Some("203.0.113.7")),
            (&["198.51.100.1", "203.0.113.7,10.0.0.2"], Some("203.0.113.7")),
            (&["<script>, 203.0.113.7"], Some("203.0.113.7")),
            (&["203.0.113.7, unknown"], None),
            (&["10.0.0.1, 10.0.0.2"], Some("10.0.0.1")),
            (&[""], None),
            (&[], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            let found = last_foreign(&headers, ours).map(|ip| ip.to_string());
            assert_eq!(found.as_deref(), seen, "{lines:?}");
        }
    }
}
