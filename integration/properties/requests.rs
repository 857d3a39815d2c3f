//! What browsers and services send: queries, forms, tickets.

use passerelle::protocol::params::{LoginParams, Pairs, ValidateParams};
use passerelle::protocol::ticket::{MAX_TICKET, TicketId, shortened};
use passerelle::protocol::time::Timestamp;
use url::form_urlencoded;

/// Pairs are read as everybody reads them, and a request that was read can be carried along as it is.
pub fn params(data: &[u8]) -> bool {
    let Ok(pairs) = Pairs::parse(data) else { return false };
    let mut seen: Vec<(String, String)> = Vec::new();
    for (name, value) in form_urlencoded::parse(data) {
        if !seen.iter().any(|(own, _)| *own == name) {
            assert_eq!(pairs.first(&name), Some(value.as_ref()), "{name}");
            seen.push((name.into_owned(), value.into_owned()));
        }
    }
    if let Ok(Some(asked)) = ValidateParams::read(&pairs) {
        assert!(!asked.service.is_empty() && !asked.ticket.is_empty());
    }
    let Ok(asked) = LoginParams::read(&pairs) else { return true };
    let again = Pairs::parse(asked.to_query().as_bytes()).and_then(|pairs| LoginParams::read(&pairs));
    assert_eq!(again.as_ref().map(LoginParams::to_query), Ok(asked.to_query()));
    assert_eq!(
        again.map(|again| (again.service, again.renew, again.gateway)),
        Ok((asked.service, asked.renew, asked.gateway))
    );
    true
}

/// What is no ticket is not shown, and of a ticket too little to use it. An instant is its own.
pub fn ticket(data: &[u8]) -> bool {
    let text = super::text(data);
    let shown = shortened(text);
    assert!(text.starts_with(shown));
    if let Some(instant) = Timestamp::parse_iso(text) {
        assert_eq!(Timestamp::parse_iso(&instant.iso()), Some(instant), "{text}");
    }
    match TicketId::parse(text) {
        Ok(ticket) => {
            assert_eq!(ticket.expose(), text);
            assert!(text.len() <= MAX_TICKET && shown.len() <= text.len() / 2);
            assert!(!format!("{ticket:?}").contains(text));
            true
        }
        Err(_) => {
            assert_eq!(shown, "");
            Timestamp::parse_iso(text).is_some()
        }
    }
}
