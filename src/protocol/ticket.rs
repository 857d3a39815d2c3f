//! Tickets as texts: what a ticket may look like, and a type that does not give its secret away.
//!
//! What a ticket *is* (a service ticket, a login ticket) is known to the store that issued it, not to
//! its prefix: a prefix is decoration that an operator may change.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest ticket that anybody may hand us, in bytes (CAS 3.0 §3.7 lets services expect 256).
pub const MAX_TICKET: usize = 256;

/// Longest text of another server that is taken for a ticket of it, in bytes.
const MAX_FOREIGN: usize = 1024;

/// The kinds of tickets of CAS 3.0 §3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TicketKind {
    /// Service ticket, §3.1.
    St,
    /// Proxy ticket, §3.2.
    Pt,
    /// Proxy-granting ticket, §3.3.
    Pgt,
    /// The receipt that stands for a proxy-granting ticket, §3.4.
    PgtIou,
    /// Login ticket, §3.5.
    Lt,
    /// Ticket-granting ticket: the value of the session cookie, §3.6.
    Tgt,
}

impl TicketKind {
    /// The word that stands in the database and in messages: `st`, `pt`, …
    pub fn as_str(self) -> &'static str {
        match self {
            Self::St => "st",
            Self::Pt => "pt",
            Self::Pgt => "pgt",
            Self::PgtIou => "pgtiou",
            Self::Lt => "lt",
            Self::Tgt => "tgt",
        }
    }

    /// The kind that [`TicketKind::as_str`] names, if any.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::St, Self::Pt, Self::Pgt, Self::PgtIou, Self::Lt, Self::Tgt]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// The text of a ticket. Whoever holds it may use it, so `Debug` shows a few characters only and the
/// text leaves through [`TicketId::expose`] alone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TicketId(String);

/// Whether a text could be a ticket of another server, to be asked about or handed back to it. Anybody can bring
/// any text, and some servers have trouble with texts that no server ever gave out. CAS 3.0 §3.7 knows letters,
/// digits and the hyphen; real tickets also hold other signs of visible ASCII.
pub fn could_be_foreign(text: &str) -> bool {
    (1..=MAX_FOREIGN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A text that cannot be a ticket: empty, too long, or with characters outside `A-Z a-z 0-9 -`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a ticket has 1 to 256 characters of A-Z a-z 0-9 and hyphen")]
pub struct NotATicket;

impl TicketId {
    /// Takes a text for a ticket. Errors when it holds characters that no ticket of ours can hold
    /// (CAS 3.0 §3.7) or is empty or longer than [`MAX_TICKET`].
    pub fn parse(text: &str) -> Result<Self, NotATicket> {
        let fits = !text.is_empty() && text.len() <= MAX_TICKET;
        if fits && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotATicket)
        }
    }

    /// Takes a text for a ticket of another server, to be handed on: names of nodes with dots and low lines
    /// stand in many. Errors when it holds anything that means something in an address or a document.
    pub fn parse_foreign(text: &str) -> Result<Self, NotATicket> {
        let fits = !text.is_empty() && text.len() <= MAX_TICKET;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        if fits && text.bytes().all(plain) { Ok(Self(text.to_owned())) } else { Err(NotATicket) }
    }

    /// A ticket that was just made from letters and digits.
    #[cfg(feature = "server")]
    pub(crate) fn of_alphabet(text: String) -> Self {
        debug_assert!(Self::parse(&text).is_ok());
        Self(text)
    }

    /// The secret itself: for a redirect, a cookie or a hash, never for a log line.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", shortened(&self.0))
    }
}

/// The first characters of a ticket, enough to recognise it in a message and far too few to use it.
///
/// In: any text that somebody presented as a ticket. Out: the prefix and up to five characters after it,
/// or an empty text where the input is no ticket.
pub fn shortened(text: &str) -> &str {
    let Ok(_) = TicketId::parse(text) else { return "" };
    let start = text.find('-').map_or(0, |at| at + 1);
    let end = (start + 5).min(text.len() / 2);
    text.get(..end).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_alphabet_of_tickets_is_accepted() {
        for good in ["ST-1", "a", &"x".repeat(256)] {
            assert!(TicketId::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "ST_1", "ST-1 ", "ST-\0", "ST-é", "ST-1\n", &"x".repeat(257)] {
            assert_eq!(TicketId::parse(bad), Err(NotATicket), "{bad:?}");
        }
    }

    #[test]
    fn a_ticket_of_another_server_may_name_its_node() {
        assert!(TicketId::parse_foreign("PT-1-a_b~c-cas01.north.example").is_ok());
        for bad in ["", "PT 1", "PT-<b>", "PT-&amp;", "PT-\"", "PT-é", "PT-1/", "PT%41", &"x".repeat(257)] {
            assert_eq!(TicketId::parse_foreign(bad), Err(NotATicket), "{bad:?}");
        }
    }

    #[test]
    fn debug_does_not_tell_the_secret() {
        let ticket = TicketId::parse("ST-abcdefghijklmnopqrstuvwxyz012").unwrap();
        assert_eq!(format!("{ticket:?}"), "ST-abcde…");
        assert_eq!(shortened("ST-ab"), "ST");
        assert_eq!(shortened("<b>"), "");
    }

    #[test]
    fn kinds_travel_as_words() {
        assert_eq!(TicketKind::from_word("pgtiou"), Some(TicketKind::PgtIou));
        assert_eq!(TicketKind::from_word("ST"), None);
    }
}
