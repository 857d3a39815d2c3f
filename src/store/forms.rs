//! Forms that were sent, to be forgotten: each is good once, in `plain/use_form`.

use super::error::StoreError;
use super::sql::{Tx, delete_until, statements};
use crate::protocol::time::Timestamp;

statements! {
    DELETE_EXPIRED = "DELETE FROM used_form WHERE id IN
        (SELECT id FROM used_form WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// Forgets forms that are too old to be accepted. Out: how many.
pub async fn delete_expired(tx: &mut Tx, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
    delete_until(tx, DELETE_EXPIRED, now, limit).await
}
