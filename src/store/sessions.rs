//! Single sign-on sessions: who is signed in, in which browser.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use super::hash::{TicketHash, hash_list};
use super::overview;
use super::rows::{attributes_from, attributes_text, list_from, maybe};
use super::sql::{At, Read, Tx, on, statements};
use crate::domain::identity::{Identity, Source, Suffix};
use crate::domain::name::Name;
use crate::domain::session::{Fresh, SessionId, SsoSession};
use crate::protocol::time::Timestamp;

statements! {
    BY_COOKIES = "SELECT cookie, id, name, source_kind, source, attributes, authenticated_at, signed_in_at,
            last_seen, long_term, warn, fresh_service, fresh_until, ip, browser, remembered, unasked, ends_at
        FROM session WHERE cookie IN (SELECT value FROM json_each($1))",
    postgres: "SELECT cookie, id, name, source_kind, source, attributes, authenticated_at, signed_in_at,
            last_seen, long_term, warn, fresh_service, fresh_until, ip, browser, remembered, unasked, ends_at
        FROM session WHERE cookie = ANY($1)";

    BY_ID = "SELECT cookie, id, name, source_kind, source, attributes, authenticated_at, signed_in_at,
            last_seen, long_term, warn, fresh_service, fresh_until, ip, browser, remembered, unasked, ends_at
        FROM session WHERE id = $1";

    INSERT = "INSERT INTO session (id, cookie, attributes, authenticated_at, signed_in_at, last_seen, long_term,
            warn, fresh_service, fresh_until, ip, browser, remembered, ends_at, created_at, name, source_kind,
            source)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $5, $15, $16, $17)";

    RENEW = "UPDATE session SET cookie = $2, attributes = $3, authenticated_at = $4, signed_in_at = $5,
            last_seen = $6, long_term = $7, warn = $8, fresh_service = $9, fresh_until = $10, ip = $11,
            browser = $12, remembered = $13, ends_at = $14
        WHERE id = $1";

    TOUCH = "UPDATE session SET last_seen = $2 WHERE id = $1 AND last_seen < $2";

    USE_FRESH = "UPDATE session SET fresh_service = NULL, fresh_until = NULL
        WHERE id = $1 AND fresh_service = $2 AND fresh_until > $3";

    /// On SQLite there is one writer; on PostgreSQL the row is locked, so that no ticket is issued for it
    /// between here and its end.
    HOLD = "SELECT id FROM session WHERE id = $1",
    postgres: "SELECT id FROM session WHERE id = $1 FOR UPDATE";

    HOLD_OVERDUE = "SELECT id FROM session WHERE id = $1 AND (signed_in_at <= $4 AND remembered
            OR ends_at <= $5
            OR (last_seen <= $2 OR signed_in_at <= $3) AND (NOT remembered OR $4 IS NULL))",
    postgres: "SELECT id FROM session WHERE id = $1 AND (signed_in_at <= $4 AND remembered
            OR ends_at <= $5
            OR (last_seen <= $2 OR signed_in_at <= $3) AND (NOT remembered OR $4 IS NULL)) FOR UPDATE";

    /// On PostgreSQL somebody may be validating a ticket of this session at this moment: DELETE waits for
    /// them and returns the row as they left it, so that no service misses its message.
    TELL_SERVICES = "INSERT INTO outbox (id, url, service, session_index, name_id, created_at, next_try, tries,
            receipt)
        SELECT 'LR-' || id, coalesce(slo_url, service), rule, slo_text, user_name, $2, $2, 0, $3 FROM ticket
        WHERE session = $1 AND single_log_out AND slo_text IS NOT NULL",
    postgres: "WITH gone AS (DELETE FROM ticket WHERE session = $1 RETURNING *)
        INSERT INTO outbox (id, url, service, session_index, name_id, created_at, next_try, tries,
            receipt)
        SELECT 'LR-' || id, coalesce(slo_url, service), rule, slo_text, user_name, $2, $2, 0, $3 FROM gone
        WHERE single_log_out AND slo_text IS NOT NULL";

    DELETE = "DELETE FROM session WHERE id = $1";

    OF_PERSON = "SELECT id FROM session WHERE name = $1 AND source_kind = $2 AND source = $3 ORDER BY id LIMIT $4";

    OVERDUE = "SELECT id FROM session WHERE signed_in_at <= $3 AND remembered
            OR last_seen <= $1 AND (NOT remembered OR $3 IS NULL)
            OR signed_in_at <= $2 AND (NOT remembered OR $3 IS NULL)
            OR ends_at <= $4 LIMIT $5";

    /// Beside the latest use, the latest one that came through a proxy.
    SERVICES = "SELECT service, rule, taken_at, told, direct, chain FROM
            (SELECT service, rule, taken_at,
                max(CASE WHEN single_log_out THEN 1 ELSE 0 END) OVER (PARTITION BY rule) = 1 AS told,
                max(CASE WHEN proxies IS NULL THEN 1 ELSE 0 END) OVER (PARTITION BY rule) = 1 AS direct,
                first_value(proxies) OVER (PARTITION BY rule
                    ORDER BY CASE WHEN proxies IS NULL THEN 1 ELSE 0 END, taken_at DESC, service) AS chain,
                row_number() OVER (PARTITION BY rule ORDER BY taken_at DESC, service) AS place
            FROM ticket WHERE session = $1 AND slo_text IS NOT NULL) AS used
        WHERE place = 1 ORDER BY taken_at DESC, rule LIMIT 100";
}

/// The fourteen values that [`INSERT`] and [`RENEW`] share.
macro_rules! bind_common {
    ($text:expr, $session:expr, $cookie:expr, $attributes:expr) => {
        sqlx::query($text)
            .bind($session.id.as_str())
            .bind($cookie.as_str())
            .bind(&$attributes)
            .bind($session.authenticated_at.seconds())
            .bind($session.signed_in_at.seconds())
            .bind($session.last_seen.seconds())
            .bind($session.long_term)
            .bind($session.warn)
            .bind($session.fresh.as_ref().map(|fresh| fresh.service.as_str()))
            .bind($session.fresh.as_ref().map(|fresh| fresh.until.seconds()))
            .bind(&$session.ip)
            .bind(&$session.browser)
            .bind($session.remembered)
            .bind($session.ends_at.map(Timestamp::seconds))
    };
}

/// Until when a session must have been used, and signed in to, to be over. `None`: no such limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cuts {
    /// Last seen at or before this: over.
    pub idle: Option<Timestamp>,
    /// Signed in to at or before this: over.
    pub hard: Option<Timestamp>,
    /// The same for those who asked to stay signed in; where nobody may any more, `idle` and `hard` end
    /// their sessions too.
    pub remembered: Option<Timestamp>,
    /// With an end of its own at or before this: over.
    pub now: Timestamp,
}

/// A service that a session was used for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceUse {
    /// The service address of the latest validation.
    pub service: String,
    /// The name of its rule.
    pub rule: String,
    /// The latest validation.
    pub at: Timestamp,
    /// It is told when the session ends.
    pub single_log_out: bool,
    /// The browser itself went there.
    pub direct: bool,
    /// The callback address of the proxy that went there last in the person's name, if any did.
    pub through: Option<String>,
}

/// The sessions of these cookies, by cookie. A row that makes no sense is an error of its own.
pub(super) async fn by_cookies(
    read: &mut Read,
    cookies: &[&str],
) -> Result<HashMap<String, Result<SsoSession, StoreError>>, StoreError> {
    let rows: Vec<SessionRow> = match read.at() {
        At::Sqlite(c) => sqlx::query_as(BY_COOKIES.sqlite).bind(hash_list(cookies)).fetch_all(c).await?,
        At::Postgres(c) => sqlx::query_as(BY_COOKIES.postgres).bind(cookies).fetch_all(c).await?,
    };
    Ok(rows.into_iter().map(|row| (row.cookie.clone(), SsoSession::try_from(row))).collect())
}

/// The session of this number.
pub async fn by_id(read: &mut Read, id: &SessionId) -> Result<Option<SsoSession>, StoreError> {
    let row: Option<SessionRow> =
        on!(read, BY_ID, |c, text| sqlx::query_as(text).bind(id.as_str()).fetch_optional(c).await)?;
    row.map(SsoSession::try_from).transpose()
}

/// A new session under its cookie.
pub async fn insert(tx: &mut Tx, session: &SsoSession, cookie: &TicketHash) -> Result<(), StoreError> {
    let (kind, source) = source_words(&session.identity.source);
    let attributes = attributes_text(&session.attributes)?;
    on!(tx, INSERT, |c, text| {
        let insert = bind_common!(text, session, cookie, attributes);
        let insert = insert.bind(session.identity.name.as_str()).bind(kind).bind(source);
        insert.execute(c).await.map(|_| ())
    })?;
    Ok(())
}

/// Signs in to a session again: a new cookie, and everything but who it is. Out: whether it exists.
pub async fn renew(tx: &mut Tx, session: &SsoSession, cookie: &TicketHash) -> Result<bool, StoreError> {
    let attributes = attributes_text(&session.attributes)?;
    let rows = on!(tx, RENEW, |c, text| {
        let renew = bind_common!(text, session, cookie, attributes);
        renew.execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// The session is used. Never goes back in time.
pub async fn touch(tx: &mut Tx, id: &SessionId, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, TOUCH, |c, text| {
        sqlx::query(text).bind(id.as_str()).bind(now.seconds()).execute(c).await.map(|_| ())
    })?;
    Ok(())
}

/// Uses the fresh credentials up. Out: whether there were any for exactly this service; of any number of
/// callers one hears yes.
pub async fn use_fresh(
    tx: &mut Tx,
    id: &SessionId,
    service: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows = on!(tx, USE_FRESH, |c, text| {
        let update = sqlx::query(text).bind(id.as_str()).bind(service).bind(now.seconds());
        update.execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Who hears of the end of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Farewell<'a> {
    /// Its services.
    Told,
    /// Its services, and a page may ask how far they are, by the hash of its receipt.
    Asked(&'a TicketHash),
    /// Nobody.
    Silent,
}

/// Ends a session: everything born from it goes, and the outbox has a message for every validated ticket
/// whose service wants one. Out: whether there was such a session.
pub async fn end(tx: &mut Tx, id: &SessionId, now: Timestamp) -> Result<bool, StoreError> {
    end_with(tx, id, now, Farewell::Told).await
}

/// The same, and who hears of it.
pub async fn end_with(
    tx: &mut Tx,
    id: &SessionId,
    now: Timestamp,
    farewell: Farewell<'_>,
) -> Result<bool, StoreError> {
    let held: Option<String> =
        on!(tx, HOLD, |c, text| sqlx::query_scalar(text).bind(id.as_str()).fetch_optional(c).await)?;
    finish(tx, id, now, held.is_some(), farewell).await
}

/// Ends a session that is over, unless somebody used it meanwhile. Out: whether it was ended.
pub async fn end_if_overdue(
    tx: &mut Tx,
    id: &SessionId,
    cuts: Cuts,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let held: Option<String> = on!(tx, HOLD_OVERDUE, |c, text| {
        let hold = sqlx::query_scalar(text).bind(id.as_str());
        hold.bind(maybe(cuts.idle))
            .bind(maybe(cuts.hard))
            .bind(maybe(cuts.remembered))
            .bind(cuts.now.seconds())
            .fetch_optional(c)
            .await
    })?;
    finish(tx, id, now, held.is_some(), Farewell::Told).await
}

async fn finish(
    tx: &mut Tx,
    id: &SessionId,
    now: Timestamp,
    exists: bool,
    farewell: Farewell<'_>,
) -> Result<bool, StoreError> {
    if exists {
        let receipt = match farewell {
            Farewell::Asked(receipt) => Some(receipt.as_str()),
            Farewell::Told | Farewell::Silent => None,
        };
        if farewell != Farewell::Silent {
            on!(tx, TELL_SERVICES, |c, text| {
                let tell = sqlx::query(text).bind(id.as_str()).bind(now.seconds()).bind(receipt);
                tell.execute(c).await.map(|_| ())
            })?;
        }
        on!(tx, DELETE, |c, text| sqlx::query(text).bind(id.as_str()).execute(c).await.map(|_| ()))?;
    }
    Ok(exists)
}

/// Sessions of one person, in any browser, over or not. In this order everybody ends them, so that two who do
/// it at the same time do not wait for each other.
pub async fn of_person(read: &mut Read, who: &Identity, limit: u32) -> Result<Vec<SessionId>, StoreError> {
    let (kind, source) = source_words(&who.source);
    let ids: Vec<String> = on!(read, OF_PERSON, |c, text| {
        let select = sqlx::query_scalar(text).bind(who.name.as_str()).bind(kind).bind(source);
        select.bind(i64::from(limit)).fetch_all(c).await
    })?;
    Ok(ids.into_iter().map(SessionId).collect())
}

/// How much ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Sessions.
    pub sessions: u64,
    /// Messages to their services.
    pub messages: u64,
}

/// Ends every session of a person but one. In: who hears of it. Sessions that open meanwhile write the row of
/// their account first, as everybody does who calls this, so none slips through.
pub async fn end_of_person(
    tx: &mut Tx,
    who: &Identity,
    but: Option<&SessionId>,
    now: Timestamp,
    farewell: Farewell<'_>,
) -> Result<Ends, StoreError> {
    let mut ends = Ends::default();
    for id in of_person(tx, who, u32::MAX).await? {
        if Some(&id) == but {
            continue;
        }
        let messages = if farewell == Farewell::Silent { 0 } else { overview::messages(tx, &id).await? };
        if end_with(tx, &id, now, farewell).await? {
            ends.sessions += 1;
            ends.messages += messages;
        }
    }
    Ok(ends)
}

/// What [`end_of_person`] would do.
pub async fn count_of_person(read: &mut Read, who: &Identity) -> Result<Ends, StoreError> {
    let mut ends = Ends::default();
    for id in of_person(read, who, u32::MAX).await? {
        ends.sessions += 1;
        ends.messages += overview::messages(read, &id).await?;
    }
    Ok(ends)
}

/// Some sessions that are over.
pub async fn overdue(read: &mut Read, cuts: Cuts, limit: u32) -> Result<Vec<SessionId>, StoreError> {
    let ids: Vec<String> = on!(read, OVERDUE, |c, text| {
        let select = sqlx::query_scalar(text).bind(maybe(cuts.idle)).bind(maybe(cuts.hard));
        let select = select.bind(maybe(cuts.remembered)).bind(cuts.now.seconds());
        select.bind(i64::from(limit)).fetch_all(c).await
    })?;
    Ok(ids.into_iter().map(SessionId).collect())
}

/// The services that a session was used for, newest first: one line for each rule, however many addresses
/// of it were visited, and of very many the newest.
pub async fn services(read: &mut Read, id: &SessionId) -> Result<Vec<ServiceUse>, StoreError> {
    let rows: Vec<(String, String, i64, bool, bool, Option<String>)> =
        on!(read, SERVICES, |c, text| sqlx::query_as(text).bind(id.as_str()).fetch_all(c).await)?;
    let service_use =
        |(service, rule, at, single_log_out, direct, chain): (_, _, _, _, _, Option<String>)| {
            let at = Timestamp::from_seconds(at);
            let proxies = chain.and_then(|text| list_from(&text)).unwrap_or_default();
            let through = proxies.into_iter().next();
            ServiceUse { service, rule, at, single_log_out, direct, through }
        };
    Ok(rows.into_iter().map(service_use).collect())
}

pub(super) fn source_words(source: &Source) -> (&'static str, &str) {
    match source {
        Source::Provider(suffix) => ("provider", suffix.as_str()),
        Source::Backend(name) => ("backend", name),
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct SessionRow {
    cookie: String,
    id: String,
    name: String,
    source_kind: String,
    source: String,
    attributes: String,
    authenticated_at: i64,
    signed_in_at: i64,
    last_seen: i64,
    long_term: bool,
    warn: bool,
    fresh_service: Option<String>,
    fresh_until: Option<i64>,
    ip: String,
    browser: String,
    remembered: bool,
    unasked: String,
    ends_at: Option<i64>,
}

impl TryFrom<SessionRow> for SsoSession {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let wrong = || StoreError::inconsistent("session", &row.id);
        let source = match row.source_kind.as_str() {
            "provider" => Suffix::parse(&row.source).ok().map(Source::Provider),
            "backend" => Some(Source::Backend(row.source)),
            _ => None,
        };
        let fresh = match (row.fresh_service, row.fresh_until) {
            (Some(service), Some(until)) => Some(Fresh { service, until: Timestamp::from_seconds(until) }),
            _ => None,
        };
        Ok(Self {
            identity: Identity { name: Name::stored(row.name), source: source.ok_or_else(wrong)? },
            attributes: attributes_from(&row.attributes).ok_or_else(wrong)?,
            unasked: list_from(&row.unasked).ok_or_else(wrong)?,
            remembered: row.remembered,
            id: SessionId(row.id),
            authenticated_at: Timestamp::from_seconds(row.authenticated_at),
            signed_in_at: Timestamp::from_seconds(row.signed_in_at),
            last_seen: Timestamp::from_seconds(row.last_seen),
            long_term: row.long_term,
            warn: row.warn,
            ends_at: row.ends_at.map(Timestamp::from_seconds),
            fresh,
            ip: row.ip,
            browser: row.browser,
        })
    }
}
