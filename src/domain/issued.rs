//! A ticket as we remember it, and whether an attempt to validate it succeeds.

use super::session::SessionId;
use crate::protocol::attributes::Attributes;
use crate::protocol::refusal::{ErrorCode, Refusal};
use crate::protocol::service::without_query;
use crate::protocol::ticket::{TicketKind, shortened};
use crate::protocol::time::Timestamp;

/// Everything that a validation needs, frozen when the ticket was issued.
#[derive(Clone, Debug, PartialEq)]
pub struct IssuedTicket {
    /// Its kind, known from the table and not from its prefix.
    pub kind: TicketKind,
    /// The session it was born from.
    pub session: SessionId,
    /// The service address, byte for byte.
    pub service: String,
    /// The name of the rule that matched.
    pub rule: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// From when on it is as if it did not exist.
    pub expires_at: Timestamp,
    /// Born from credentials that were given for it.
    pub renewed: bool,
    /// The service is told when the session ends.
    pub single_log_out: bool,
    /// The user name as released.
    pub user: String,
    /// The attributes as released.
    pub attributes: Attributes,
    /// When credentials were given.
    pub authenticated_at: Timestamp,
    /// The sign-in stands on a remembered one.
    pub long_term: bool,
    /// The proxies that it came through, each by its callback address, most recent first (CAS 3.0 §2.6.2).
    pub proxies: Vec<String>,
}

impl IssuedTicket {
    /// Whether it is as if it did not exist.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }

    /// How long ago it was issued, in seconds.
    pub fn age(&self, now: Timestamp) -> i64 {
        now.seconds().saturating_sub(self.issued_at.seconds())
    }
}

/// An attempt to validate a ticket.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The text presented as a ticket.
    pub ticket: &'a str,
    /// The service that presents it.
    pub service: &'a str,
    /// Only a ticket from fresh credentials will do.
    pub renew: bool,
    /// The address is one that takes proxy tickets.
    pub proxies_too: bool,
}

/// Decides an attempt (CAS 3.0 §2.5, §3.1.1). The ticket is used up whatever the answer is.
pub fn check(ticket: &IssuedTicket, attempt: &Attempt<'_>, now: Timestamp) -> Result<(), Refusal> {
    let short = shortened(attempt.ticket);
    if ticket.is_over(now) {
        return Err(unknown(attempt.ticket));
    }
    match ticket.kind {
        TicketKind::St => {}
        TicketKind::Pt if attempt.proxies_too => {}
        TicketKind::Pt => {
            let detail = format!("ticket {short}… is a proxy ticket: ask /proxyValidate");
            return Err(Refusal::new(ErrorCode::InvalidTicket, detail));
        }
        _ => return Err(unknown(attempt.ticket)),
    }
    if ticket.service != attempt.service {
        let detail = format!(
            "ticket {short}… was issued for {}, not for {}",
            in_short(&ticket.service),
            in_short(attempt.service),
        );
        return Err(Refusal::new(ErrorCode::InvalidService, detail));
    }
    if attempt.renew && !ticket.renewed {
        let detail = format!("ticket {short}… was issued from single sign-on, and renew was asked for");
        return Err(Refusal::new(ErrorCode::InvalidTicket, detail));
    }
    Ok(())
}

/// Longest address that a message repeats, in characters: whoever sends much does not get it back.
const SHORT: usize = 200;

fn in_short(service: &str) -> String {
    let address = without_query(service);
    match address.char_indices().nth(SHORT) {
        Some((at, _)) => format!("{}…", address.get(..at).unwrap_or_default()),
        None => address.to_owned(),
    }
}

/// The answer for a ticket that does not exist, any more or at all.
pub fn unknown(ticket: &str) -> Refusal {
    let detail = match shortened(ticket) {
        "" => "the ticket is not one of ours".to_owned(),
        short => format!("ticket {short}… is unknown, expired or was already used"),
    };
    Refusal::new(ErrorCode::InvalidTicket, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket() -> IssuedTicket {
        IssuedTicket {
            kind: TicketKind::St,
            session: SessionId("s".to_owned()),
            service: "https://w.example/login?next=1".to_owned(),
            rule: "wiki".to_owned(),
            issued_at: Timestamp::from_seconds(1000),
            expires_at: Timestamp::from_seconds(1060),
            renewed: false,
            single_log_out: true,
            user: "ana".to_owned(),
            attributes: Attributes::new(),
            authenticated_at: Timestamp::from_seconds(900),
            long_term: false,
            proxies: Vec::new(),
        }
    }

    fn attempt(service: &str) -> Attempt<'_> {
        Attempt { ticket: "ST-abcdefghijklmnop", service, renew: false, proxies_too: false }
    }

    #[test]
    fn each_failure_has_its_code() {
        let now = Timestamp::from_seconds(1059);
        let right = "https://w.example/login?next=1";
        assert_eq!(check(&ticket(), &attempt(right), now), Ok(()));
        for (ticket, attempt, now, code) in [
            (ticket(), attempt(right), Timestamp::from_seconds(1060), ErrorCode::InvalidTicket),
            (ticket(), attempt("https://w.example/login"), now, ErrorCode::InvalidService),
            (ticket(), attempt("https://w.example/login?next=1&"), now, ErrorCode::InvalidService),
            (ticket(), Attempt { renew: true, ..attempt(right) }, now, ErrorCode::InvalidTicket),
            (
                IssuedTicket { kind: TicketKind::Pt, ..ticket() },
                attempt(right),
                now,
                ErrorCode::InvalidTicket,
            ),
            (
                IssuedTicket { kind: TicketKind::Pgt, ..ticket() },
                attempt(right),
                now,
                ErrorCode::InvalidTicket,
            ),
        ] {
            assert_eq!(check(&ticket, &attempt, now).unwrap_err().code, code);
        }
        let renewed = IssuedTicket { renewed: true, ..ticket() };
        assert_eq!(check(&renewed, &Attempt { renew: true, ..attempt(right) }, now), Ok(()));
    }

    #[test]
    fn the_text_of_a_failure_hides_queries() {
        let refusal =
            check(&ticket(), &attempt("https://w.example/x?secret=1"), Timestamp::from_seconds(1001));
        assert_eq!(
            refusal.unwrap_err().detail,
            "ticket ST-abcde… was issued for https://w.example/login, not for https://w.example/x"
        );
        assert_eq!(unknown("<script>").detail, "the ticket is not one of ours");
    }
}
