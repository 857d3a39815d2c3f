//! How much a sweep would do: the conditions of its statements, counted.

use super::error::StoreError;
use super::rows::maybe;
use super::sessions::Cuts;
use super::sql::{Read, Sql, on, statements};
use crate::protocol::time::Timestamp;

statements! {
    SESSIONS = "SELECT count(*) FROM session WHERE signed_in_at <= $3 AND remembered
            OR last_seen <= $1 AND (NOT remembered OR $3 IS NULL)
            OR signed_in_at <= $2 AND (NOT remembered OR $3 IS NULL)
            OR ends_at <= $4";

    TICKETS = "SELECT count(*) FROM ticket WHERE slo_text IS NULL AND expires_at <= $1";

    TICKETS_AT_AGE = "SELECT count(*) FROM ticket WHERE slo_text IS NOT NULL AND issued_at <= $1";

    PEOPLE = "SELECT count(*) FROM federated_user u WHERE u.last_login <= $1 AND NOT EXISTS
        (SELECT 1 FROM session s WHERE s.source_kind = 'provider' AND s.source = u.provider AND s.name = u.name)";

    HANDOFFS = "SELECT count(*) FROM handoff WHERE expires_at <= $1";

    FORMS = "SELECT count(*) FROM used_form WHERE expires_at <= $1";

    RECEIPTS = "SELECT count(*) FROM upstream_receipt WHERE expires_at <= $1";

    SIGN_OUTS = "SELECT count(*) FROM sign_out WHERE created_at <= $1";

    TOLD = "SELECT count(*) FROM outbox WHERE told_at <= $1";

    GIVEN_UP = "SELECT count(*) FROM outbox WHERE next_try IS NULL AND told_at IS NULL AND created_at <= $1";
}

/// Sessions that are over.
pub async fn sessions(read: &mut Read, cuts: Cuts) -> Result<u64, StoreError> {
    let count: i64 = on!(read, SESSIONS, |c, text| {
        let select = sqlx::query_scalar(text).bind(maybe(cuts.idle)).bind(maybe(cuts.hard));
        select.bind(maybe(cuts.remembered)).bind(cuts.now.seconds()).fetch_one(c).await
    })?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Expired tickets that nobody validated.
pub async fn tickets(read: &mut Read, now: Timestamp) -> Result<u64, StoreError> {
    until(read, TICKETS, now).await
}

/// Validated tickets that were issued at or before `cut`.
pub async fn tickets_at_age(read: &mut Read, cut: Timestamp) -> Result<u64, StoreError> {
    until(read, TICKETS_AT_AGE, cut).await
}

/// People of institutions without a session who did not sign in since `cut`.
pub async fn people(read: &mut Read, cut: Timestamp) -> Result<u64, StoreError> {
    until(read, PEOPLE, cut).await
}

/// Handoffs that expired until `cut`.
pub async fn handoffs(read: &mut Read, cut: Timestamp) -> Result<u64, StoreError> {
    until(read, HANDOFFS, cut).await
}

/// Forms and deliveries of institutions that expired.
pub async fn leftovers(read: &mut Read, now: Timestamp) -> Result<u64, StoreError> {
    Ok(until(read, FORMS, now).await? + until(read, RECEIPTS, now).await?)
}

/// What pages after a sign-out showed until `cut`, and messages that were told by then.
pub async fn shown(read: &mut Read, cut: Timestamp) -> Result<u64, StoreError> {
    Ok(until(read, SIGN_OUTS, cut).await? + until(read, TOLD, cut).await?)
}

/// Messages that were given up and are as old as `cut`.
pub async fn given_up(read: &mut Read, cut: Timestamp) -> Result<u64, StoreError> {
    until(read, GIVEN_UP, cut).await
}

async fn until(read: &mut Read, count: Sql, until: Timestamp) -> Result<u64, StoreError> {
    let count: i64 =
        on!(read, count, |c, text| sqlx::query_scalar(text).bind(until.seconds()).fetch_one(c).await)?;
    Ok(u64::try_from(count).unwrap_or_default())
}
