//! The address of an application, as somebody asked for it.
//!
//! Browsers and libraries read sloppy addresses differently, and an address that two programs read
//! differently is an open door. So an address is parsed once, strictly: what does not survive a round
//! trip is refused, matching is done on the parsed parts, and the redirect is built from the very text
//! that was matched (CAS 3.0 §2.2.4).

use std::fmt;
use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

/// Longest service address in bytes. Services of 1,800 characters are seen; browsers stop at more.
pub const MAX_SERVICE: usize = 4096;

/// A service address that can be matched and left for. `Display` and [`ServiceUrl::as_str`] give the
/// text exactly as it was asked for.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceUrl {
    text: String,
    scheme: String,
    host: String,
    port: Option<u16>,
    path: String,
    query: Option<String>,
}

/// Why an address cannot be read. The message is for developers and repeats nothing of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedService {
    /// Longer than [`MAX_SERVICE`] bytes.
    #[error("the address is longer than {MAX_SERVICE} bytes")]
    TooLong,
    /// A control character, blank, backslash or other character that must be percent-encoded.
    #[error("the address holds a character that must be percent-encoded")]
    RawCharacter,
    /// Neither `http://host…` nor `https://host…`.
    #[error("the address does not begin with http:// or https:// and a host")]
    NotWeb,
    /// User name or password before the host.
    #[error("the address holds a user name before the host")]
    UserInfo,
    /// A host that browsers would rewrite: empty, escaped, odd notation of an IP address.
    #[error("the host is not written the way a browser reads it")]
    OddHost,
    /// A segment `.` or `..` with parameters behind it: some servers cut those off and then go up.
    #[error("the path holds a dot segment with parameters")]
    DotSegment,
    /// Not an address at all.
    #[error("the address cannot be parsed")]
    Unparsable,
}

impl ServiceUrl {
    /// Reads a service address.
    ///
    /// In: the text of the parameter `service`, already percent-decoded once. Out: the address, or the
    /// reason why it is refused.
    pub fn parse(text: &str) -> Result<Self, MalformedService> {
        if text.len() > MAX_SERVICE {
            return Err(MalformedService::TooLong);
        }
        if text.bytes().any(|b| b <= b' ' || b >= 0x7f || b"\\\"<>".contains(&b)) {
            return Err(MalformedService::RawCharacter);
        }
        let authority = authority_of(text).ok_or(MalformedService::NotWeb)?;
        if authority.contains('@') {
            return Err(MalformedService::UserInfo);
        }
        let url = Url::parse(text).map_err(|_| MalformedService::Unparsable)?;
        let host = written_host(authority, &url).ok_or(MalformedService::OddHost)?;
        let path = normalised_escapes(url.path());
        if path.split('/').any(is_dots_with_parameters) {
            return Err(MalformedService::DotSegment);
        }
        Ok(Self {
            text: text.to_owned(),
            scheme: url.scheme().to_owned(),
            host,
            port: url.port_or_known_default(),
            path,
            query: url.query().map(str::to_owned),
        })
    }

    /// The address exactly as it was asked for.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The host in small letters; an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, also where it is the default one of the scheme.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The path without dot segments, its escapes in one notation.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it leads to this machine and nowhere else.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// `scheme://host[:port]`, the port only where it is not the default: for `form-action`.
    pub fn origin(&self) -> String {
        match self.port {
            Some(port) if !self.has_default_port() => format!("{}://{}:{port}", self.scheme, self.host),
            _ => format!("{}://{}", self.scheme, self.host),
        }
    }

    /// The whole address in one notation, without a fragment: what a regular expression is matched with.
    pub fn normalised(&self) -> String {
        let query = self.query.as_deref().map(|q| format!("?{q}")).unwrap_or_default();
        format!("{}{}{query}", self.origin(), self.path)
    }

    /// The part before `?` and `#`, for messages: what follows may be private.
    pub fn without_query(&self) -> &str {
        without_query(&self.text)
    }

    /// The same address with the scheme https, to find out whether only that was missing.
    pub fn over_https(&self) -> Option<Self> {
        let rest = self.text.get("http".len()..).filter(|_| self.scheme == "http")?;
        Self::parse(&format!("https{rest}")).ok()
    }

    /// The address for a form that posts the ticket: byte for byte, but for a `ticket` that is already in its
    /// query and would stand beside the new one.
    pub fn without_ticket(&self) -> String {
        let (front, fragment) = match self.text.split_once('#') {
            Some((front, fragment)) => (front, format!("#{fragment}")),
            None => (self.text.as_str(), String::new()),
        };
        match front.split_once('?') {
            Some((before, query)) => format!("{before}?{}{fragment}", without_tickets(query)),
            None => self.text.clone(),
        }
    }

    /// The address with `ticket` added to its query (CAS 3.0 §2.2.4): everything else stays byte for
    /// byte, a fragment stays behind the query, and a `ticket` that is already there goes away.
    pub fn with_ticket(&self, ticket: &str) -> String {
        self.with_query(without_tickets, &format!("ticket={ticket}"))
    }

    /// The address with `pgtId` and `pgtIou` added to its query (CAS 3.0 §2.5.4): everything else stays byte
    /// for byte, a fragment stays behind the query.
    pub fn with_grant(&self, pgt: &str, pgt_iou: &str) -> String {
        self.with_query(str::to_owned, &format!("pgtId={pgt}&pgtIou={pgt_iou}"))
    }

    fn with_query(&self, keep: fn(&str) -> String, further: &str) -> String {
        let (front, fragment) = match self.text.split_once('#') {
            Some((front, fragment)) => (front, Some(fragment)),
            None => (self.text.as_str(), None),
        };
        let (before, query) = match front.split_once('?') {
            Some((before, query)) => (before, keep(query)),
            None => (front, String::new()),
        };
        let mut out = String::with_capacity(self.text.len() + further.len() + 2);
        out.push_str(before);
        out.push('?');
        out.push_str(&query);
        if !query.is_empty() && !query.ends_with('&') {
            out.push('&');
        }
        out.push_str(further);
        if let Some(fragment) = fragment {
            out.push('#');
            out.push_str(fragment);
        }
        out
    }

    fn has_default_port(&self) -> bool {
        matches!((self.scheme.as_str(), self.port), ("http", Some(80)) | ("https", Some(443)) | (_, None))
    }
}

impl fmt::Debug for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceUrl({})", self.without_query())
    }
}

impl fmt::Display for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether a host in small letters, an IPv6 address in brackets, is this machine for whoever asks.
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => bare == "localhost" || bare.ends_with(".localhost"),
    }
}

/// The part of any text before `?` and `#`.
pub fn without_query(text: &str) -> &str {
    text.split(['?', '#']).next().unwrap_or("")
}

/// What stands between `://` and the path, for http and https only. A missing slash (`https:/host`) is
/// something that browsers repair and we do not.
fn authority_of(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    rest.split(['/', '?', '#']).next().filter(|authority| !authority.is_empty())
}

/// The host, if the text already writes it as the parser understands it.
fn written_host(authority: &str, url: &Url) -> Option<String> {
    let parsed = match url.host()? {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => format!("[{address}]"),
    };
    let host = match authority.strip_prefix('[') {
        Some(rest) => authority.get(..rest.find(']')? + 2)?,
        None => authority.split(':').next()?,
    };
    let port = authority.get(host.len()..)?;
    let port_is_plain = port.is_empty()
        || port.strip_prefix(':').is_some_and(|digits| {
            !digits.is_empty() && !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit())
        });
    let name_is_plain = !parsed.starts_with('.') && !parsed.ends_with('.') && !parsed.contains("..");
    (host.eq_ignore_ascii_case(&parsed) && port_is_plain && name_is_plain).then_some(parsed)
}

/// Whether a segment, its escapes in one notation, is `.` or `..` to servers that cut off what follows a `;`.
fn is_dots_with_parameters(segment: &str) -> bool {
    let rest = segment.strip_prefix("..").or_else(|| segment.strip_prefix('.'));
    rest.is_some_and(|rest| rest.starts_with(';') || rest.starts_with("%3B"))
}

/// One notation for percent escapes: unreserved characters plain, the others in capital letters
/// (RFC 3986 §6.2.2).
fn normalised_escapes(path: &str) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((plain, escaped)) = rest.split_once('%') {
        out.push_str(plain);
        match escaped.get(..2).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit())) {
            Some(hex) => {
                push_escape(&mut out, hex);
                rest = escaped.get(2..).unwrap_or("");
            }
            None => {
                out.push('%');
                rest = escaped;
            }
        }
    }
    out.push_str(rest);
    out
}

fn push_escape(out: &mut String, hex: &str) {
    let byte = u8::from_str_radix(hex, 16).unwrap_or(0);
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        out.push(char::from(byte));
    } else {
        out.push('%');
        out.push_str(&hex.to_ascii_uppercase());
    }
}

/// A query without its `ticket` parameters; every other piece stays as it is.
fn without_tickets(query: &str) -> String {
    let is_ticket = |piece: &&str| {
        let name = piece.split('=').next().unwrap_or("").replace('+', " ");
        percent_decode_str(&name).decode_utf8().is_ok_and(|name| name == "ticket")
    };
    if !query.split('&').any(|piece| is_ticket(&piece)) {
        return query.to_owned();
    }
    query.split('&').filter(|piece| !is_ticket(piece)).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ServiceUrl {
        ServiceUrl::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn parts_are_read_as_a_browser_reads_them() {
        for (text, normalised) in [
            ("https://wiki.example", "https://wiki.example/"),
            ("HTTPS://Wiki.Example:443/a", "https://wiki.example/a"),
            ("https://wiki.example:8443/a/../b?x=1#top", "https://wiki.example:8443/b?x=1"),
            ("https://wiki.example/%7Eada/%2e%2e/%c3%a9", "https://wiki.example/%C3%A9"),
            (
                "https://wiki.example/a;v=1/...;/.x;/b%2fc/..x",
                "https://wiki.example/a;v=1/...;/.x;/b%2Fc/..x",
            ),
            ("https://wiki.example/?next=/..;/", "https://wiki.example/?next=/..;/"),
            ("http://127.0.0.1:8093/", "http://127.0.0.1:8093/"),
            ("http://[::1]:8093/", "http://[::1]:8093/"),
            ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
        ] {
            assert_eq!(read(text).normalised(), normalised, "{text}");
            assert_eq!(read(text).as_str(), text);
        }
    }

    #[test]
    fn what_two_programs_read_differently_is_refused() {
        for (text, why) in [
            ("", MalformedService::NotWeb),
            ("/relative", MalformedService::NotWeb),
            ("//wiki.example/", MalformedService::NotWeb),
            ("https:wiki.example", MalformedService::NotWeb),
            ("https:/wiki.example", MalformedService::NotWeb),
            ("https:///wiki.example", MalformedService::NotWeb),
            ("javascript:alert(1)", MalformedService::NotWeb),
            ("javascript://wiki.example/%0aalert(1)", MalformedService::NotWeb),
            ("data:text/html,x", MalformedService::NotWeb),
            ("ftp://wiki.example/", MalformedService::NotWeb),
            ("https://wiki.example\\@evil.example/", MalformedService::RawCharacter),
            ("https://wiki.example/\r\nX: y", MalformedService::RawCharacter),
            ("https://wiki.example/a b", MalformedService::RawCharacter),
            (" https://wiki.example/", MalformedService::RawCharacter),
            ("https://wiki.example/\0", MalformedService::RawCharacter),
            ("https://wikí.example/", MalformedService::RawCharacter),
            ("https://wiki.example/é", MalformedService::RawCharacter),
            ("https://ada@wiki.example/", MalformedService::UserInfo),
            ("https://ada:pw@wiki.example/", MalformedService::UserInfo),
            ("https://wiki.example:443@evil.example/", MalformedService::UserInfo),
            ("https://wiki%2eexample/", MalformedService::OddHost),
            ("https://0x7f.1/", MalformedService::OddHost),
            ("https://2130706433/", MalformedService::OddHost),
            ("https://wiki.example./", MalformedService::OddHost),
            ("https://wiki.example:/", MalformedService::OddHost),
            ("https://wiki.example:0443/", MalformedService::OddHost),
            ("https://wiki.example/app/..;/admin", MalformedService::DotSegment),
            ("https://wiki.example/app/..;x=1/admin", MalformedService::DotSegment),
            ("https://wiki.example/app/.;/admin", MalformedService::DotSegment),
            ("https://wiki.example/app/%2e%2E;/admin", MalformedService::DotSegment),
            ("https://wiki.example/app/.%2e%3bx/admin", MalformedService::DotSegment),
            ("https://wiki.example/app/..;", MalformedService::DotSegment),
            ("https://:443/", MalformedService::Unparsable),
            ("https://wiki.example:99999/", MalformedService::Unparsable),
            ("https://[::1", MalformedService::Unparsable),
        ] {
            assert_eq!(ServiceUrl::parse(text).err(), Some(why), "{text:?}");
        }
        assert_eq!(
            ServiceUrl::parse(&format!("https://wiki.example/{}", "a".repeat(MAX_SERVICE))).err(),
            Some(MalformedService::TooLong)
        );
    }

    #[test]
    fn a_ticket_is_added_and_nothing_else_changes() {
        for (service, redirect) in [
            ("https://w.example", "https://w.example?ticket=ST-1"),
            ("https://w.example/", "https://w.example/?ticket=ST-1"),
            ("https://w.example/?", "https://w.example/?ticket=ST-1"),
            ("https://w.example/?b=2&a=1&a=&c", "https://w.example/?b=2&a=1&a=&c&ticket=ST-1"),
            ("https://w.example/p%C3%A9?q=%20+%2B", "https://w.example/p%C3%A9?q=%20+%2B&ticket=ST-1"),
            ("https://w.example/#/deep?x", "https://w.example/?ticket=ST-1#/deep?x"),
            ("https://w.example/?a#f", "https://w.example/?a&ticket=ST-1#f"),
            ("https://w.example/?ticket=old&a=1", "https://w.example/?a=1&ticket=ST-1"),
            ("https://w.example/?a=1&%74icket=old", "https://w.example/?a=1&ticket=ST-1"),
            ("https://w.example/?ticket", "https://w.example/?ticket=ST-1"),
            ("https://w.example/?Ticket=kept&", "https://w.example/?Ticket=kept&ticket=ST-1"),
        ] {
            assert_eq!(read(service).with_ticket("ST-1"), redirect, "{service}");
        }
    }

    #[test]
    fn an_old_ticket_does_not_stay_beside_a_new_one() {
        for (service, bare) in [
            ("https://w.example", "https://w.example"),
            ("https://w.example/#f", "https://w.example/#f"),
            ("https://w.example/?b=2&&a=%2f", "https://w.example/?b=2&&a=%2f"),
            ("https://w.example/?a=1&ticket=ST-old#f", "https://w.example/?a=1#f"),
        ] {
            assert_eq!(read(service).without_ticket(), bare);
        }
    }

    #[test]
    fn a_grant_is_added_and_nothing_else_changes() {
        for (callback, asked) in [
            ("https://p.example", "https://p.example?pgtId=PGT-1&pgtIou=PGTIOU-1"),
            ("https://p.example/cb?", "https://p.example/cb?pgtId=PGT-1&pgtIou=PGTIOU-1"),
            ("https://p.example/cb?a=1&a=&b&", "https://p.example/cb?a=1&a=&b&pgtId=PGT-1&pgtIou=PGTIOU-1"),
            ("https://p.example/?ticket=x#f", "https://p.example/?ticket=x&pgtId=PGT-1&pgtIou=PGTIOU-1#f"),
        ] {
            assert_eq!(read(callback).with_grant("PGT-1", "PGTIOU-1"), asked, "{callback}");
        }
    }

    #[test]
    fn origins_leave_default_ports_out() {
        assert_eq!(read("https://w.example:443/x").origin(), "https://w.example");
        assert_eq!(read("http://w.example:443/x").origin(), "http://w.example:443");
        assert_eq!(read("http://w.example/x").over_https().unwrap().as_str(), "https://w.example/x");
        assert_eq!(read("https://w.example/x").over_https(), None);
    }

    #[test]
    fn debug_keeps_the_query_private() {
        assert_eq!(format!("{:?}", read("https://w.example/a?token=s")), "ServiceUrl(https://w.example/a)");
    }
}
