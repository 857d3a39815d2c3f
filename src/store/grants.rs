//! Proxy-granting tickets. They are rows of the table of tickets and are issued like all others; here is
//! how they are used, any number of times, and what becomes of a ticket that one was to be born from.

use super::error::StoreError;
use super::hash::TicketHash;
use super::rows::list_from;
use super::sql::{Read, Tx, on, statements};
use crate::domain::session::SessionId;
use crate::protocol::time::Timestamp;

statements! {
    BY_HASH = "SELECT session, rule, expires_at, proxies FROM ticket WHERE id = $1 AND kind = 'pgt'";

    NOT_DELIVERED = "UPDATE ticket SET slo_text = NULL WHERE id = $1 AND kind IN ('st', 'pt')";
}

/// A proxy-granting ticket as we remember it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The session it was born from.
    pub session: SessionId,
    /// The name of the service that holds it.
    pub rule: String,
    /// From when on it is as if it did not exist.
    pub expires_at: Timestamp,
    /// The chain of what is born from it, most recent proxy first.
    pub proxies: Vec<String>,
}

/// The proxy-granting ticket of this hash. Any other kind of ticket is none, and looking does not use it up.
pub async fn find(read: &mut Read, hash: &TicketHash) -> Result<Option<Grant>, StoreError> {
    let row: Option<(String, String, i64, Option<String>)> =
        on!(read, BY_HASH, |c, text| sqlx::query_as(text).bind(hash.as_str()).fetch_optional(c).await)?;
    row.map(|(session, rule, expires_at, proxies)| {
        let chain = proxies.map_or(Some(Vec::new()), |text| list_from(&text));
        Ok(Grant {
            session: SessionId(session),
            rule,
            expires_at: Timestamp::from_seconds(expires_at),
            proxies: chain.ok_or_else(|| StoreError::inconsistent("ticket", hash.as_str()))?,
        })
    })
    .transpose()
}

/// A ticket was good, and what was to be born from it could not be delivered: its validation failed after
/// all, so its service does not know the session by it and is not told when it ends.
pub async fn not_delivered(tx: &mut Tx, ticket: &TicketHash) -> Result<(), StoreError> {
    on!(tx, NOT_DELIVERED, |c, text| {
        sqlx::query(text).bind(ticket.as_str()).execute(c).await.map(|_| ())
    })?;
    Ok(())
}
