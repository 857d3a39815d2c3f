//! The remembered half of a login while the browser is at a provider; how it is written and used up stands in
//! `plain`.

use std::fmt;

use super::error::StoreError;
use super::hash::{TicketHash, hash_list};
use super::sql::{At, Read, Tx, delete_until, in_time, on, statements};
use crate::domain::identity::Suffix;
use crate::domain::provider::CasVersion;
use crate::protocol::time::Timestamp;

statements! {
    NOTE_END = "UPDATE handoff SET ended = TRUE
        WHERE provider = $1 AND ticket IN (SELECT value FROM json_each($2))",
    postgres: "UPDATE handoff SET ended = TRUE WHERE provider = $1 AND ticket = ANY($2)";

    /// On PostgreSQL a message that comes at this moment waits, and then finds what stands on the ticket.
    HAS_ENDED = "SELECT ended FROM handoff WHERE provider = $1 AND ticket = $2",
    postgres: "SELECT ended FROM handoff WHERE provider = $1 AND ticket = $2 ORDER BY id FOR UPDATE";

    FIND = "SELECT id, provider, url, protocol, browser, query, renew, created_at, expires_at, used_at
        FROM handoff WHERE id = $1";

    DELETE_EXPIRED = "DELETE FROM handoff WHERE id IN
        (SELECT id FROM handoff WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// A login that waits for somebody to come back from an institution.
#[derive(Clone, PartialEq, Eq)]
pub struct Handoff {
    /// The hash of what stands in the address to come back to.
    pub id: TicketHash,
    /// The institution.
    pub provider: Suffix,
    /// Its address when the browser left.
    pub url: String,
    /// How it is asked.
    pub protocol: CasVersion,
    /// The hash of the browser mark.
    pub browser: TicketHash,
    /// The login parameters that were kept, as a query string.
    pub query: String,
    /// Credentials were asked for, whatever session there is.
    pub renew: bool,
    /// When the browser left.
    pub created_at: Timestamp,
    /// From when on nobody signs in with it.
    pub expires_at: Timestamp,
    /// When somebody came back with it.
    pub used_at: Option<Timestamp>,
}

/// Without the parameters: they may be private.
impl fmt::Debug for Handoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handoff({:?} to {}, {:?})", self.id, self.provider, self.used_at)
    }
}

/// The institution ends what stands on these tickets: whoever came back with one and has no session yet gets
/// none. So a message needs no row of its own.
pub async fn note_end(tx: &mut Tx, provider: &Suffix, tickets: &[TicketHash]) -> Result<(), StoreError> {
    let hashes: Vec<&str> = tickets.iter().map(TicketHash::as_str).collect();
    match tx.at() {
        At::Sqlite(c) => {
            let update = sqlx::query(NOTE_END.sqlite).bind(provider.as_str()).bind(hash_list(&hashes));
            in_time(update.execute(c)).await?;
        }
        At::Postgres(c) => {
            let update = sqlx::query(NOTE_END.postgres).bind(provider.as_str()).bind(hashes);
            in_time(update.execute(c)).await?;
        }
    }
    Ok(())
}

/// Whether the institution ended what stands on this ticket.
pub async fn has_ended(tx: &mut Tx, provider: &Suffix, ticket: &TicketHash) -> Result<bool, StoreError> {
    let ended: Vec<bool> = on!(tx, HAS_ENDED, |c, text| {
        sqlx::query_scalar(text).bind(provider.as_str()).bind(ticket.as_str()).fetch_all(c).await
    })?;
    Ok(ended.contains(&true))
}

/// A handoff, used up, expired or not: to explain why it is refused.
pub async fn find(read: &mut Read, id: &TicketHash) -> Result<Option<Handoff>, StoreError> {
    let row: Option<HandoffRow> =
        on!(read, FIND, |c, text| sqlx::query_as(text).bind(id.as_str()).fetch_optional(c).await)?;
    row.map(Handoff::try_from).transpose()
}

/// Deletes handoffs that expired until `cut`. Out: how many.
pub async fn delete_expired(tx: &mut Tx, cut: Timestamp, limit: u32) -> Result<u64, StoreError> {
    delete_until(tx, DELETE_EXPIRED, cut, limit).await
}

#[derive(sqlx::FromRow)]
pub(super) struct HandoffRow {
    pub(super) id: String,
    pub(super) provider: String,
    url: String,
    protocol: String,
    pub(super) browser: String,
    query: String,
    renew: bool,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
}

impl TryFrom<HandoffRow> for Handoff {
    type Error = StoreError;

    fn try_from(row: HandoffRow) -> Result<Self, StoreError> {
        let wrong = || StoreError::inconsistent("handoff", &row.id);
        Ok(Self {
            provider: Suffix::parse(&row.provider).map_err(|_| wrong())?,
            protocol: CasVersion::from_word(&row.protocol).ok_or_else(wrong)?,
            id: TicketHash::stored(row.id),
            url: row.url,
            browser: TicketHash::stored(row.browser),
            query: row.query,
            renew: row.renew,
            created_at: Timestamp::from_seconds(row.created_at),
            expires_at: Timestamp::from_seconds(row.expires_at),
            used_at: row.used_at.map(Timestamp::from_seconds),
        })
    }
}
