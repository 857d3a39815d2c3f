//! Work that one node at a time does.

use super::error::StoreError;
use super::sql::{Read, Tx, on, statements};
use crate::protocol::time::Timestamp;

statements! {
    TAKE = "INSERT INTO lease (name, holder, until) VALUES ($1, $2, $4)
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
        WHERE lease.holder = excluded.holder OR lease.until <= $3";

    HELD = "SELECT count(*) FROM lease WHERE name = $1 AND until > $2";
}

/// Takes or keeps the lease of that name until `until`. Out: whether `holder` has it now.
pub async fn take(
    tx: &mut Tx,
    name: &str,
    holder: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let rows = on!(tx, TAKE, |c, text| {
        let upsert = sqlx::query(text).bind(name).bind(holder).bind(now.seconds()).bind(until.seconds());
        upsert.execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Whether anybody has the lease of that name.
pub async fn is_held(read: &mut Read, name: &str, now: Timestamp) -> Result<bool, StoreError> {
    let count: i64 = on!(read, HELD, |c, text| {
        sqlx::query_scalar(text).bind(name).bind(now.seconds()).fetch_one(c).await
    })?;
    Ok(count > 0)
}
