//! Proxy-granting tickets of institutions: delivered under a receipt, then of a session. Sealed by whoever
//! hands them in.

use super::error::StoreError;
use super::hash::TicketHash;
use super::sql::{Read, Tx, delete_until, on, statements};
use crate::domain::identity::Suffix;
use crate::domain::lifetimes::RECEIPT;
use crate::domain::session::SessionId;
use crate::protocol::time::Timestamp;

/// Most that wait of one institution: anybody may deliver something, sign-ins under way are fewer.
const MOST_WAITING: i64 = 2000;

statements! {
    IS_EXPECTED = "SELECT 1 WHERE EXISTS (SELECT 1 FROM handoff WHERE provider = $1 AND used_at > $2)
        AND (SELECT count(*) FROM upstream_receipt WHERE provider = $1 AND expires_at > $4) < $3";

    PUT = "INSERT INTO upstream_receipt (id, provider, grant_sealed, expires_at)
        SELECT $1, $2, $3, CAST($4 AS BIGINT)
        WHERE (SELECT count(*) FROM upstream_receipt WHERE provider = $2 AND expires_at > $6) < $5
        ON CONFLICT (id) DO NOTHING";

    MOVE = "INSERT INTO upstream_grant (session, provider, grant_sealed, created_at)
        SELECT $1, provider, grant_sealed, CAST($4 AS BIGINT) FROM upstream_receipt
        WHERE id = $2 AND provider = $3 AND expires_at > $4
        ON CONFLICT (session) DO UPDATE SET provider = excluded.provider,
            grant_sealed = excluded.grant_sealed, created_at = excluded.created_at";

    DROP = "DELETE FROM upstream_receipt WHERE id = $1 AND provider = $2";

    OF_SESSION = "SELECT grant_sealed FROM upstream_grant WHERE session = $1 AND provider = $2";

    DELETE_EXPIRED = "DELETE FROM upstream_receipt WHERE id IN
        (SELECT id FROM upstream_receipt WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// Whether somebody came back from this institution just now, so that a delivery may belong to them, and there is
/// room for it. Reads only: strangers keep nobody waiting.
pub async fn is_expected(read: &mut Read, provider: &Suffix, now: Timestamp) -> Result<bool, StoreError> {
    let since = now.plus(-RECEIPT).seconds();
    let found: Option<i32> = on!(read, IS_EXPECTED, |c, text| {
        let select = sqlx::query_scalar(text).bind(provider.as_str()).bind(since);
        select.bind(MOST_WAITING).bind(now.seconds()).fetch_optional(c).await
    })?;
    Ok(found.is_some())
}

/// Keeps what was delivered under a receipt for [`RECEIPT`], if there is room. The first delivery counts.
pub async fn put(
    tx: &mut Tx,
    receipt: &TicketHash,
    provider: &Suffix,
    sealed: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let expires_at = now.plus(RECEIPT).seconds();
    on!(tx, PUT, |c, text| {
        let insert = sqlx::query(text).bind(receipt.as_str()).bind(provider.as_str()).bind(sealed);
        let insert = insert.bind(expires_at).bind(MOST_WAITING).bind(now.seconds());
        insert.execute(c).await.map(|_| ())
    })?;
    Ok(())
}

/// What was delivered under this receipt becomes the grant of a session, in place of an older one. Out: whether
/// there was anything.
pub async fn assign(
    tx: &mut Tx,
    receipt: &TicketHash,
    provider: &Suffix,
    session: &SessionId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows = on!(tx, MOVE, |c, text| {
        let insert = sqlx::query(text).bind(session.as_str()).bind(receipt.as_str());
        let insert = insert.bind(provider.as_str()).bind(now.seconds());
        insert.execute(c).await.map(|done| done.rows_affected())
    })?;
    on!(tx, DROP, |c, text| {
        sqlx::query(text).bind(receipt.as_str()).bind(provider.as_str()).execute(c).await.map(|_| ())
    })?;
    Ok(rows == 1)
}

/// The sealed grant that this institution gave for a session.
pub async fn of_session(
    read: &mut Read,
    session: &SessionId,
    provider: &Suffix,
) -> Result<Option<String>, StoreError> {
    let sealed = on!(read, OF_SESSION, |c, text| {
        let select = sqlx::query_scalar(text).bind(session.as_str()).bind(provider.as_str());
        select.fetch_optional(c).await
    })?;
    Ok(sealed)
}

/// Forgets what nobody named in time. Out: how many.
pub async fn delete_expired(tx: &mut Tx, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
    delete_until(tx, DELETE_EXPIRED, now, limit).await
}
