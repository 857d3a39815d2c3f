//! `[ticket]`: how tickets look and how long they live.

use super::section::{Found, Section};

/// Characters behind a prefix: a hyphen and 22 random ones, 131 bits.
const FEWEST_BEHIND_PREFIX: usize = 23;
/// Fewest characters of a login ticket, which holds a time and a signature, behind its prefix.
const FEWEST_OF_LOGIN: usize = 58;
/// Fewest characters of a login ticket.
const SHORTEST_LOGIN: usize = 60;
/// Most characters of a ticket.
const LONGEST: usize = crate::protocol::ticket::MAX_TICKET;
/// Most characters of a prefix.
const LONGEST_PREFIX: usize = 20;

/// `[ticket]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Seconds from issue to validation of a service or proxy ticket. Default: 60 s.
    pub service_validity: i64,
    /// Seconds that a proxy-granting ticket lives. Default: 1 h.
    pub pgt_validity: i64,
    /// Seconds that a form lives. Default: 30 min.
    pub login_validity: i64,
    /// Seconds that a validated ticket is kept. Default: 24 h.
    pub keep_for_logout: i64,
    /// At that age its service is told, even while the session lives. Default: false.
    pub tell_at_age: bool,
    /// Characters of tickets without a length of their own. Default: 64.
    pub length: usize,
    /// Characters of a login ticket. Default: `length`.
    pub login_length: usize,
    /// Characters of a service ticket. Default: 32.
    pub service_length: usize,
    /// Characters of a proxy ticket. Default: 32.
    pub proxy_length: usize,
    /// Characters of a proxy-granting ticket. Default: `length`.
    pub pgt_length: usize,
    /// Characters of the receipt for one. Default: `length`.
    pub pgtiou_length: usize,
    /// Default: `LT`.
    pub login_prefix: String,
    /// Begins with `ST`. Default: `ST`.
    pub service_prefix: String,
    /// Default: `PT`.
    pub proxy_prefix: String,
    /// Default: `PGT`.
    pub pgt_prefix: String,
    /// Default: `PGTIOU`.
    pub pgtiou_prefix: String,
}

/// Reads `[ticket]`.
pub fn read(mut section: Section<'_>) -> Ticket {
    let login_prefix = prefix(&mut section, "login_prefix", "LT");
    let service_prefix = prefix(&mut section, "service_prefix", "ST");
    let proxy_prefix = prefix(&mut section, "proxy_prefix", "PT");
    let pgt_prefix = prefix(&mut section, "pgt_prefix", "PGT");
    let pgtiou_prefix = prefix(&mut section, "pgtiou_prefix", "PGTIOU");
    let length = length(&mut section, "length");
    let login_length = self::length(&mut section, "login_length").or_else(|| length.clone());
    let service_length = self::length(&mut section, "service_length");
    let proxy_length = self::length(&mut section, "proxy_length");
    let pgt_length = self::length(&mut section, "pgt_length").or_else(|| length.clone());
    let pgtiou_length = self::length(&mut section, "pgtiou_length").or_else(|| length.clone());
    let shortest_login = (login_prefix.len() + FEWEST_OF_LOGIN).max(SHORTEST_LOGIN);
    let shortest = |prefix: &str| prefix.len() + FEWEST_BEHIND_PREFIX;
    let ticket = Ticket {
        service_validity: section.seconds("service_validity", 60),
        pgt_validity: section.seconds("pgt_validity", 3600),
        login_validity: section.seconds("login_validity", 30 * 60),
        keep_for_logout: section.seconds("keep_for_logout", 24 * 3600),
        tell_at_age: section.bool("tell_at_age", false),
        length: length.map_or(64, |found| found.value),
        login_length: at_least(login_length, 64, shortest_login, "login", &section),
        service_length: at_least(service_length, 32, shortest(&service_prefix), "service", &section),
        proxy_length: at_least(proxy_length, 32, shortest(&proxy_prefix), "proxy", &section),
        pgt_length: at_least(pgt_length, 64, shortest(&pgt_prefix), "proxy-granting", &section),
        pgtiou_length: at_least(pgtiou_length, 64, shortest(&pgtiou_prefix), "receipt", &section),
        proxy_prefix,
        pgt_prefix,
        pgtiou_prefix,
        login_prefix,
        service_prefix,
    };
    section.finish();
    ticket
}

fn prefix(section: &mut Section<'_>, key: &'static str, default: &str) -> String {
    let Some(found) = section.opt_text(key) else { return default.to_owned() };
    let text = found.value;
    if text.len() > LONGEST_PREFIX || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        found.spot.error(format!("`{key}` has 1 to {LONGEST_PREFIX} letters and digits: A-Z a-z 0-9"));
    } else if default == "ST" && !text.starts_with("ST") {
        found.spot.error(format!("`{key}` must begin with ST: applications look for it"));
    } else {
        return text.to_owned();
    }
    default.to_owned()
}

fn length<'a>(section: &mut Section<'a>, key: &'static str) -> Option<Found<'a, usize>> {
    let found = section.opt_int(key, FEWEST_BEHIND_PREFIX as i64 + 1..=LONGEST as i64)?;
    Some(Found { value: usize::try_from(found.value).ok()?, spot: found.spot })
}

/// The length of a kind of ticket. Records one that is too short for its prefix, at the length, or at the
/// table where the prefix alone is written.
fn at_least(
    written: Option<Found<'_, usize>>,
    default: usize,
    shortest: usize,
    what: &str,
    section: &Section<'_>,
) -> usize {
    let value = written.as_ref().map_or(default, |found| found.value);
    if value < shortest {
        let spot = written.map_or_else(|| section.header(), |found| found.spot);
        spot.error(format!("a {what} ticket with this prefix has {shortest} to {LONGEST} characters"));
    }
    value
}
