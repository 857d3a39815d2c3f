//! What a page shows after a sign-out, found by its receipt: for minutes, and only to be read.

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::hash::TicketHash;
use super::sessions::ServiceUse;
use super::sql::{Read, Tx, delete_until, on, statements};
use crate::protocol::time::Timestamp;

statements! {
    /// Again where the sessions of a person end in several steps.
    PUT = "INSERT INTO sign_out (id, created_at, page) VALUES ($1, $2, $3)
        ON CONFLICT (id) DO UPDATE SET page = excluded.page";

    FIND = "SELECT page FROM sign_out WHERE id = $1 AND created_at > $2";

    DELETE_OLD = "DELETE FROM sign_out WHERE id IN
        (SELECT id FROM sign_out WHERE created_at <= $1 ORDER BY created_at LIMIT $2)";
}

/// What there was to sign out of. Neither who it was nor a ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOut {
    /// How many sessions ended.
    pub sessions: u64,
    /// All sessions of the person were meant, not only the one of this browser.
    pub all: bool,
    /// Their services, newest first.
    pub services: Vec<ServiceUse>,
    /// The suffix of the institution that the session came from.
    pub provider: Option<String>,
    /// The hash of the browser mark, where the receipt travels to an institution: for that browser alone.
    #[serde(default)]
    pub browser: Option<String>,
}

/// Keeps it.
pub async fn put(
    tx: &mut Tx,
    receipt: &TicketHash,
    now: Timestamp,
    sign_out: &SignOut,
) -> Result<(), StoreError> {
    let encode = |error: serde_json::Error| StoreError::Sql(sqlx::Error::Encode(error.into()));
    let page = serde_json::to_string(sign_out).map_err(encode)?;
    on!(tx, PUT, |c, text| {
        let upsert = sqlx::query(text).bind(receipt.as_str()).bind(now.seconds()).bind(&page);
        upsert.execute(c).await.map(|_| ())
    })?;
    Ok(())
}

/// The one of this receipt, if it is younger than `since`.
pub async fn find(
    read: &mut Read,
    receipt: &TicketHash,
    since: Timestamp,
) -> Result<Option<SignOut>, StoreError> {
    let page: Option<String> = on!(read, FIND, |c, text| {
        sqlx::query_scalar(text).bind(receipt.as_str()).bind(since.seconds()).fetch_optional(c).await
    })?;
    let wrong = |_| StoreError::inconsistent("sign_out", receipt.as_str());
    page.map(|page| serde_json::from_str(&page).map_err(wrong)).transpose()
}

/// Forgets those that are as old as `cut`. Out: how many.
pub async fn delete_old(tx: &mut Tx, cut: Timestamp, limit: u32) -> Result<u64, StoreError> {
    delete_until(tx, DELETE_OLD, cut, limit).await
}
