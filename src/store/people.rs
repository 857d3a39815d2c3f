//! The sessions of one person, on all their devices, what was read of them last, and what they chose for one.

use super::error::StoreError;
use super::rows::attributes_text;
use super::sessions::{self, source_words};
use super::sql::{Read, Tx, on, statements};
use crate::domain::identity::Identity;
use crate::domain::session::{SessionId, Span};
use crate::protocol::attributes::Attributes;
use crate::protocol::time::Timestamp;

statements! {
    /// In the order of an index: nobody has so many sessions that their page gets slow.
    OF_PERSON = "SELECT id, browser, remembered, signed_in_at, last_seen, ends_at FROM session
        WHERE name = $1 AND source = $2 AND source_kind = $3 ORDER BY last_seen DESC LIMIT $4";

    /// The person is part of the condition: a number alone ends nobody's session.
    HOLD_OF_PERSON = "SELECT id FROM session WHERE id = $1 AND name = $2 AND source = $3 AND source_kind = $4",
    postgres: "SELECT id FROM session WHERE id = $1 AND name = $2 AND source = $3 AND source_kind = $4
        FOR UPDATE";

    /// Names of local accounts with an `@` in them: of our own, and of whoever is signed in.
    LOCAL_WITH_AT = "SELECT name FROM account WHERE name LIKE '%@%'
        UNION SELECT name FROM session WHERE source_kind = 'backend' AND name LIKE '%@%' LIMIT $1";

    /// Whoever switches it on anew is asked about every service again.
    SET_WARN = "UPDATE session SET warn = $2, unasked = CASE WHEN warn THEN unasked ELSE '[]' END WHERE id = $1";

    /// Nobody has to wait for the thousand sessions that a program has: those used last are those that are used.
    DIFFERS = "SELECT 1 FROM (SELECT attributes FROM session WHERE name = $1 AND source = $2 AND source_kind = $3
            ORDER BY last_seen DESC LIMIT 20) AS latest
        WHERE attributes <> $4 LIMIT 1";

    REMEMBER = "UPDATE session SET attributes = $4 WHERE attributes <> $4 AND id IN
        (SELECT id FROM session WHERE name = $1 AND source = $2 AND source_kind = $3
            ORDER BY last_seen DESC LIMIT 20)";

    /// One statement, so that two tabs do not lose one another's answer.
    ADD_UNASKED = "UPDATE session SET unasked = json_insert(unasked, '$[#]', $2)
        WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM json_each(unasked) WHERE value = $2)",
    postgres: "UPDATE session SET unasked = (unasked::jsonb || to_jsonb($2::text))::text
        WHERE id = $1 AND NOT unasked::jsonb @> to_jsonb($2::text)";
}

/// A session as its person sees it from another device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its number.
    pub session: SessionId,
    /// What the browser calls itself, shortened.
    pub browser: String,
    /// How long it lives.
    pub span: Span,
}

/// The sessions of a person, the one used last first; over or not.
pub async fn devices_of(read: &mut Read, who: &Identity, limit: u32) -> Result<Vec<Device>, StoreError> {
    let (kind, source) = source_words(&who.source);
    let rows: Vec<(String, String, bool, i64, i64, Option<i64>)> = on!(read, OF_PERSON, |c, text| {
        let select = sqlx::query_as(text).bind(who.name.as_str()).bind(source).bind(kind);
        select.bind(i64::from(limit)).fetch_all(c).await
    })?;
    let at = Timestamp::from_seconds;
    let device = |(id, browser, remembered, signed_in_at, last_seen, ends_at): (_, _, _, _, _, Option<_>)| {
        let span = Span {
            remembered,
            signed_in_at: at(signed_in_at),
            last_seen: at(last_seen),
            ends_at: ends_at.map(at),
        };
        Device { session: SessionId(id), browser, span }
    };
    Ok(rows.into_iter().map(device).collect())
}

/// The local names that have an `@`, as far as they are known here: our own accounts, and who is signed in. Looks at
/// every row, so it is for rare moments.
pub async fn local_names_with_at(read: &mut Read, limit: u32) -> Result<Vec<String>, StoreError> {
    Ok(on!(read, LOCAL_WITH_AT, |c, text| {
        sqlx::query_scalar(text).bind(i64::from(limit)).fetch_all(c).await
    })?)
}

/// Ends a session, if it is one of this person. Out: whether it was.
pub async fn end_of(tx: &mut Tx, id: &SessionId, who: &Identity, now: Timestamp) -> Result<bool, StoreError> {
    let (kind, source) = source_words(&who.source);
    let held: Option<String> = on!(tx, HOLD_OF_PERSON, |c, text| {
        let hold = sqlx::query_scalar(text).bind(id.as_str()).bind(who.name.as_str());
        hold.bind(source).bind(kind).fetch_optional(c).await
    })?;
    match held {
        Some(_) => sessions::end(tx, id, now).await,
        None => Ok(false),
    }
}

/// Whether one of the sessions that this person used last is stored with other attributes than these.
pub async fn differs(read: &mut Read, who: &Identity, attributes: &Attributes) -> Result<bool, StoreError> {
    let (kind, source) = source_words(&who.source);
    let attributes = attributes_text(attributes)?;
    let found: Option<i32> = on!(read, DIFFERS, |c, text| {
        let select = sqlx::query_scalar(text).bind(who.name.as_str()).bind(source).bind(kind);
        select.bind(&attributes).fetch_optional(c).await
    })?;
    Ok(found.is_some())
}

/// What was read of a person just now, for those of the sessions used last that are stored with something else.
pub async fn remember(tx: &mut Tx, who: &Identity, attributes: &Attributes) -> Result<(), StoreError> {
    let (kind, source) = source_words(&who.source);
    let attributes = attributes_text(attributes)?;
    on!(tx, REMEMBER, |c, text| {
        let update = sqlx::query(text).bind(who.name.as_str()).bind(source).bind(kind);
        update.bind(&attributes).execute(c).await.map(|_| ())
    })?;
    Ok(())
}

/// Whether the person is asked before each service.
pub async fn set_warn(tx: &mut Tx, id: &SessionId, warn: bool) -> Result<(), StoreError> {
    on!(tx, SET_WARN, |c, text| {
        sqlx::query(text).bind(id.as_str()).bind(warn).execute(c).await.map(|_| ())
    })?;
    Ok(())
}

/// The person is not asked about this service again, by the name of its rule.
pub async fn do_not_ask(tx: &mut Tx, id: &SessionId, rule: &str) -> Result<(), StoreError> {
    on!(tx, ADD_UNASKED, |c, text| {
        sqlx::query(text).bind(id.as_str()).bind(rule).execute(c).await.map(|_| ())
    })?;
    Ok(())
}
