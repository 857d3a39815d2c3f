//! Tickets that are told and forgotten; how they are issued and taken stands in `plain`.

use super::error::StoreError;
use super::plain::{self, NewTicket};
use super::sql::{At, Tx, delete_until, statements};
use crate::protocol::time::Timestamp;

statements! {
    /// SQLite has no DELETE inside a WITH: first the messages, then [`FORGET_TOLD`] with the same choice.
    TELL = "INSERT INTO outbox (id, url, service, session_index, name_id, created_at, next_try, tries)
        SELECT 'LR-' || id, coalesce(slo_url, service), rule, slo_text, user_name, $2, $2, 0 FROM ticket
        WHERE single_log_out AND id IN (SELECT id FROM ticket WHERE slo_text IS NOT NULL AND issued_at <= $1
            ORDER BY issued_at, id LIMIT $3)",
    postgres: "WITH told AS (
            DELETE FROM ticket WHERE id IN (SELECT id FROM ticket WHERE slo_text IS NOT NULL AND issued_at <= $1
                ORDER BY issued_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
            RETURNING *),
        filled AS (
            INSERT INTO outbox (id, url, service, session_index, name_id, created_at, next_try, tries)
            SELECT 'LR-' || id, coalesce(slo_url, service), rule, slo_text, user_name, $2, $2, 0 FROM told
            WHERE single_log_out)
        SELECT count(*) FROM told";

    /// Only for SQLite: on PostgreSQL nothing is left by then.
    FORGET_TOLD = "DELETE FROM ticket WHERE id IN (SELECT id FROM ticket
        WHERE slo_text IS NOT NULL AND issued_at <= $1 ORDER BY issued_at, id LIMIT $2)";

    DELETE_EXPIRED = "DELETE FROM ticket WHERE id IN
        (SELECT id FROM ticket WHERE slo_text IS NULL AND expires_at <= $1 ORDER BY expires_at LIMIT $2)";
}

/// Remembers one ticket as a part of a larger write. Out: whether its session exists.
pub async fn issue_fresh(tx: &mut Tx, new: NewTicket) -> Result<bool, StoreError> {
    plain::alone(tx, new).await
}

/// Moves validated tickets that were issued at or before `cut` to the outbox. Out: how many tickets went.
pub async fn told_at_age(tx: &mut Tx, cut: Timestamp, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
    match tx.at() {
        At::Sqlite(c) => {
            let tell =
                sqlx::query(TELL.sqlite).bind(cut.seconds()).bind(now.seconds()).bind(i64::from(limit));
            tell.execute(&mut *c).await?;
            let forget = sqlx::query(FORGET_TOLD.sqlite).bind(cut.seconds()).bind(i64::from(limit));
            Ok(forget.execute(c).await?.rows_affected())
        }
        At::Postgres(c) => {
            let tell = sqlx::query_scalar::<_, i64>(TELL.postgres);
            let count =
                tell.bind(cut.seconds()).bind(now.seconds()).bind(i64::from(limit)).fetch_one(c).await?;
            Ok(u64::try_from(count).unwrap_or_default())
        }
    }
}

/// Deletes expired tickets that nobody ever validated with success. Out: how many.
pub async fn delete_expired(tx: &mut Tx, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
    delete_until(tx, DELETE_EXPIRED, now, limit).await
}
