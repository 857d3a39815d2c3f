//! Somebody comes back from an institution: of any number of attempts with one handoff, one gets it.

use sqlx::PgConnection;

use super::{Answer, Plain, json};
use crate::domain::identity::Suffix;
use crate::protocol::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::handoffs::{Handoff, HandoffRow};
use crate::store::hash::TicketHash;
use crate::store::sql::statements;

statements! {
    /// One conditional statement. Whoever comes from elsewhere, or in another browser, does not end it.
    USE_UP = "UPDATE handoff SET used_at = q.now, ticket = q.ticket
        FROM (SELECT value->>0 AS id, value->>1 AS provider, value->>2 AS browser, value->>3 AS ticket,
                value->>4 AS now
            FROM jsonb_each(?)) AS q
        WHERE handoff.id = q.id AND handoff.provider = q.provider AND handoff.browser = q.browser
            AND handoff.used_at IS NULL AND handoff.expires_at > q.now
        RETURNING id, provider, url, protocol, browser, query, renew, created_at, expires_at, used_at",
    postgres: "UPDATE handoff SET used_at = q.now, ticket = q.ticket
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
            AS q (id, provider, browser, ticket, now)
        WHERE handoff.id = q.id AND handoff.provider = q.provider AND handoff.browser = q.browser
            AND handoff.used_at IS NULL AND handoff.expires_at > q.now
        RETURNING handoff.id, handoff.provider, url, protocol, handoff.browser, query, renew, created_at, expires_at,
            used_at";
}

/// An attempt to use a handoff up.
#[derive(Clone, Debug)]
pub struct ComeBack {
    /// The hash of what the return brings of it.
    pub id: TicketHash,
    /// The institution that it comes from.
    pub provider: Suffix,
    /// The hash of the browser mark.
    pub browser: TicketHash,
    /// The hash of the ticket that it brings besides.
    pub ticket: Option<TicketHash>,
    /// When.
    pub now: Timestamp,
}

impl ComeBack {
    fn is_of(&self, id: &str, provider: &str, browser: &str) -> bool {
        self.id.as_str() == id && self.provider.as_str() == provider && self.browser.as_str() == browser
    }

    fn is_like(&self, other: &Self) -> bool {
        self.is_of(other.id.as_str(), other.provider.as_str(), other.browser.as_str())
    }
}

/// The attempts that are made: of two that are alike the first gets it. Those that can only fail are no obstacle.
fn first<'a>(group: &[&'a ComeBack]) -> Vec<&'a ComeBack> {
    let mut first: Vec<&ComeBack> = Vec::with_capacity(group.len());
    for attempt in group {
        if !first.iter().any(|known| known.is_like(attempt)) {
            first.push(attempt);
        }
    }
    first
}

impl Plain for ComeBack {
    /// The handoff, if it was made for this institution and this browser, and nobody used it before.
    type Answer = Option<Handoff>;
    type Row = HandoffRow;

    const SQLITE: &'static [&'static str] = &[USE_UP.sqlite];

    fn lists(group: &[&Self]) -> Result<Vec<String>, StoreError> {
        let row = |attempt: &ComeBack| {
            let ComeBack { id, provider, browser, ticket, now } = attempt;
            let ticket = ticket.as_ref().map(|ticket| ticket.as_str().to_owned());
            (id.as_str().to_owned(), provider.as_str().to_owned(), browser.as_str().to_owned(), ticket, *now)
        };
        let rows: Vec<_> = first(group).into_iter().map(row).collect();
        Ok(vec![json(&rows)?])
    }

    async fn on_postgres(c: &mut PgConnection, group: &[&Self]) -> Result<Vec<HandoffRow>, StoreError> {
        let first = first(group);
        let texts = |of: fn(&ComeBack) -> &str| first.iter().map(|attempt| of(attempt)).collect::<Vec<_>>();
        let tickets = first.iter().map(|attempt| attempt.ticket.as_ref().map(TicketHash::as_str));
        let update = sqlx::query_as(USE_UP.postgres)
            .bind(texts(|attempt| attempt.id.as_str()))
            .bind(texts(|attempt| attempt.provider.as_str()))
            .bind(texts(|attempt| attempt.browser.as_str()))
            .bind(tickets.collect::<Vec<_>>())
            .bind(first.iter().map(|attempt| attempt.now.seconds()).collect::<Vec<_>>());
        Ok(update.fetch_all(c).await?)
    }

    fn answers(group: &[&Self], mut rows: Vec<HandoffRow>) -> Vec<Answer<Self::Answer>> {
        let answer = |attempt: &&ComeBack| {
            let own = rows.iter().position(|row| attempt.is_of(&row.id, &row.provider, &row.browser));
            own.map(|place| Handoff::try_from(rows.swap_remove(place))).transpose()
        };
        group.iter().map(answer).collect()
    }
}
