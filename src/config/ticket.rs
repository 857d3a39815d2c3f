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
    /// Seconds from issue to validation of a service ticket. Default: 60 s.
    pub service_validity: i64,
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
    /// Default: `LT`.
    pub login_prefix: String,
    /// Begins with `ST`. Default: `ST`.
    pub service_prefix: String,
}

/// Reads `[ticket]`.
pub fn read(mut section: Section<'_>) -> Ticket {
    let login_prefix = prefix(&mut section, "login_prefix", "LT");
    let service_prefix = prefix(&mut section, "service_prefix", "ST");
    let length = length(&mut section, "length");
    let login_length = self::length(&mut section, "login_length").or_else(|| length.clone());
    let service_length = self::length(&mut section, "service_length");
    let shortest_login = (login_prefix.len() + FEWEST_OF_LOGIN).max(SHORTEST_LOGIN);
    let shortest_service = service_prefix.len() + FEWEST_BEHIND_PREFIX;
    let ticket = Ticket {
        service_validity: section.seconds("service_validity", 60),
        login_validity: section.seconds("login_validity", 30 * 60),
        keep_for_logout: section.seconds("keep_for_logout", 24 * 3600),
        tell_at_age: section.bool("tell_at_age", false),
        length: length.map_or(64, |found| found.value),
        login_length: at_least(login_length, 64, shortest_login, "login", &section),
        service_length: at_least(service_length, 32, shortest_service, "service", &section),
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
