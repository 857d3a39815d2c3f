//! Forms that were sent: each is good once.

use super::error::StoreError;
use super::hash::TicketHash;
use super::sql::{Tx, delete_until, on, statements};
use crate::protocol::time::Timestamp;

statements! {
    USE_UP = "INSERT INTO used_form (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";

    DELETE_EXPIRED = "DELETE FROM used_form WHERE id IN
        (SELECT id FROM used_form WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// Uses a form up. `expires`: from when on it is refused by its age alone. Out: whether this is the first
/// time; of any number of callers one hears yes.
pub async fn use_up(tx: &mut Tx, form: &TicketHash, expires: Timestamp) -> Result<bool, StoreError> {
    let rows = on!(tx, USE_UP, |c, text| {
        let insert = sqlx::query(text).bind(form.as_str()).bind(expires.seconds());
        insert.execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Forgets forms that are too old to be accepted. Out: how many.
pub async fn delete_expired(tx: &mut Tx, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
    delete_until(tx, DELETE_EXPIRED, now, limit).await
}
