//! What browsers keep for us, and for everybody else on the host.

use http::header::{COOKIE, HeaderMap, HeaderValue};
use passerelle::config::PublicUrl;
use passerelle::domain::identity::Suffix;
use passerelle::http::cookies::Jar;
use passerelle::protocol::ticket::TicketId;

/// A cookie is ours by its whole name; what is remembered is checked.
pub fn cookies(data: &[u8]) -> bool {
    let Ok(value) = HeaderValue::from_bytes(data) else { return false };
    let headers = HeaderMap::from_iter([(COOKIE, value)]);
    let mut found = false;
    for (base, name) in
        [("http://127.0.0.1/cas", "TGC-passerelle"), ("https://login.example/cas", "__Secure-TGC-passerelle")]
    {
        let jar = Jar::of(&headers, &PublicUrl::parse(base).expect("an address"));
        if let Some(session) = &jar.session {
            let pair = format!("{name}={session}");
            assert!(data.split(|&b| b == b';').any(|own| String::from_utf8_lossy(own).trim() == pair.trim()));
            let _ticket = TicketId::parse(session);
        }
        assert!(jar.recent.len() <= 3 && jar.recent.iter().all(|text| Suffix::parse(text).is_ok()));
        for handoff in ["", "H", "abcdefgh", "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", super::text(data)] {
            assert!(handoff.len() >= 8 || jar.mark_of(handoff).is_none());
        }
        found |= jar.session.is_some() || jar.mark.is_some() || !jar.recent.is_empty();
    }
    found
}
