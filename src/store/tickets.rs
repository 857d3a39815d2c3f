//! Tickets: issued, taken, told, forgotten. The two hot writes are statements for a whole group.

use std::collections::HashMap;
use std::fmt;

use super::error::StoreError;
use super::hash::TicketHash;
use super::rows::{attributes_from, attributes_text, list_from, list_text};
use super::sql::{At, Read, Tx, delete_until, statements};
use crate::domain::issued::IssuedTicket;
use crate::domain::session::SessionId;
use crate::protocol::ticket::{TicketKind, shortened};
use crate::protocol::time::Timestamp;

statements! {
    /// SQLite takes a list as JSON. CROSS JOIN: the list is the outer loop.
    ISSUE = "INSERT INTO ticket (id, kind, session, service, rule, issued_at, expires_at, renewed, single_log_out,
            slo_url, user_name, attributes, authenticated_at, long_term, parent, proxies)
        SELECT q.value->>0, q.value->>1, session.id, q.value->>3, q.value->>4, q.value->>5, q.value->>6,
            q.value->>7, q.value->>8, q.value->>9, q.value->>10, q.value->>11, q.value->>12, q.value->>13,
            q.value->>14, q.value->>15
        FROM json_each($1) AS q CROSS JOIN session ON session.id = q.value->>2
        RETURNING id",
    // The lock makes us wait for somebody who ends a session, and then see that it is gone: without it
    // the foreign key would refuse the whole group.
    postgres: "INSERT INTO ticket (id, kind, session, service, rule, issued_at, expires_at, renewed, single_log_out,
            slo_url, user_name, attributes, authenticated_at, long_term, parent, proxies)
        SELECT q.id, q.kind, session.id, q.service, q.rule, q.issued_at, q.expires_at, q.renewed,
            q.single_log_out, q.slo_url, q.user_name, q.attributes, q.authenticated_at, q.long_term, q.parent,
            q.proxies
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[],
                $8::boolean[], $9::boolean[], $10::text[], $11::text[], $12::text[], $13::bigint[], $14::boolean[],
                $15::text[], $16::text[])
            AS q (id, kind, session, service, rule, issued_at, expires_at, renewed, single_log_out, slo_url,
                user_name, attributes, authenticated_at, long_term, parent, proxies)
        JOIN session ON session.id = q.session
        FOR KEY SHARE OF session
        RETURNING id";

    /// The ticket is used up whatever the attempt is; one that grants others is nothing to validate, and
    /// trying does not end it. The text of the ticket is kept only where the attempt succeeds,
    /// since services know their sessions by it: the condition is the twin of
    /// [`crate::domain::issued::check`], and a test holds the two together.
    TAKE = "UPDATE ticket SET taken_at = q.now,
            slo_text = CASE WHEN ticket.service = q.service AND q.now < ticket.expires_at
                AND (ticket.renewed OR NOT q.renew) AND q.may_succeed
                AND (ticket.kind = 'st' OR (ticket.kind = 'pt' AND q.proxies_too)) THEN q.text END
        FROM (SELECT value->>0 AS id, value->>1 AS text, value->>2 AS service, value->>3 AS renew,
                value->>4 AS proxies_too, value->>5 AS may_succeed, value->>6 AS now
            FROM json_each($1)) AS q
        WHERE ticket.id = q.id AND ticket.kind IN ('st', 'pt') AND ticket.taken_at IS NULL
        RETURNING id, kind, session, service, rule, issued_at, expires_at, renewed, single_log_out, user_name,
            attributes, authenticated_at, long_term, proxies",
    postgres: "UPDATE ticket SET taken_at = q.now,
            slo_text = CASE WHEN ticket.service = q.service AND q.now < ticket.expires_at
                AND (ticket.renewed OR NOT q.renew) AND q.may_succeed
                AND (ticket.kind = 'st' OR (ticket.kind = 'pt' AND q.proxies_too)) THEN q.text END
        FROM unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $5::boolean[], $6::boolean[], $7::bigint[])
            AS q (id, text, service, renew, proxies_too, may_succeed, now)
        WHERE ticket.id = q.id AND ticket.kind IN ('st', 'pt') AND ticket.taken_at IS NULL
        RETURNING ticket.id, kind, session, ticket.service, rule, issued_at, expires_at, renewed, single_log_out,
            user_name, attributes, authenticated_at, long_term, proxies";

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

/// A ticket to remember.
#[derive(Clone, Debug)]
pub struct NewTicket {
    /// Its hash.
    pub hash: TicketHash,
    /// What a validation needs.
    pub ticket: IssuedTicket,
    /// Where the end of the session is told, in place of the service address.
    pub slo_url: Option<String>,
    /// The ticket that this one was born from.
    pub parent: Option<TicketHash>,
}

/// An attempt to take a ticket.
#[derive(Clone)]
pub struct TakeTicket {
    /// The hash of [`TakeTicket::text`].
    pub hash: TicketHash,
    /// The text that was presented as a ticket.
    pub text: String,
    /// The service that presents it.
    pub service: String,
    /// Only a ticket from fresh credentials will do.
    pub renew: bool,
    /// A proxy ticket will do.
    pub proxies_too: bool,
    /// False: the attempt fails in any case, by something that is not the ticket's fault. It uses the
    /// ticket up all the same.
    pub may_succeed: bool,
    /// When.
    pub now: Timestamp,
}

impl fmt::Debug for TakeTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TakeTicket({}…, {:?})", shortened(&self.text), self.hash)
    }
}

/// Remembers one ticket as a part of a larger write. Out: whether its session exists.
pub async fn issue_fresh(tx: &mut Tx, new: &NewTicket) -> Result<bool, StoreError> {
    Ok(issue_all(tx, &[new]).await?.contains(&true))
}

/// Remembers tickets. Out, for each: whether its session exists.
pub(super) async fn issue_all(at: &mut Read, list: &[&NewTicket]) -> Result<Vec<bool>, StoreError> {
    let mut attributes = Vec::with_capacity(list.len());
    let mut proxies = Vec::with_capacity(list.len());
    for new in list {
        attributes.push(attributes_text(&new.ticket.attributes)?);
        proxies.push(proxies_text(&new.ticket.proxies)?);
    }
    let ids: Vec<String> = match at.at() {
        At::Sqlite(c) => {
            let texts = attributes.iter().zip(&proxies);
            let rows: Vec<_> = list.iter().zip(texts).map(|(new, texts)| as_json(new, texts)).collect();
            sqlx::query_scalar(ISSUE.sqlite).bind(json(&rows)?).fetch_all(c).await?
        }
        At::Postgres(c) => {
            let texts = |of: fn(&NewTicket) -> &str| list.iter().map(|new| of(new)).collect::<Vec<_>>();
            let times = |of: fn(&IssuedTicket) -> Timestamp| seconds(list, of);
            let flags =
                |of: fn(&IssuedTicket) -> bool| list.iter().map(|new| of(&new.ticket)).collect::<Vec<_>>();
            let slo_urls: Vec<_> = list.iter().map(|new| new.slo_url.as_deref()).collect();
            let parents: Vec<_> =
                list.iter().map(|new| new.parent.as_ref().map(TicketHash::as_str)).collect();
            sqlx::query_scalar(ISSUE.postgres)
                .bind(texts(|new| new.hash.as_str()))
                .bind(texts(|new| new.ticket.kind.as_str()))
                .bind(texts(|new| new.ticket.session.as_str()))
                .bind(texts(|new| &new.ticket.service))
                .bind(texts(|new| &new.ticket.rule))
                .bind(times(|ticket| ticket.issued_at))
                .bind(times(|ticket| ticket.expires_at))
                .bind(flags(|ticket| ticket.renewed))
                .bind(flags(|ticket| ticket.single_log_out))
                .bind(slo_urls)
                .bind(texts(|new| &new.ticket.user))
                .bind(attributes)
                .bind(times(|ticket| ticket.authenticated_at))
                .bind(flags(|ticket| ticket.long_term))
                .bind(parents)
                .bind(proxies)
                .fetch_all(c)
                .await?
        }
    };
    Ok(list.iter().map(|new| ids.iter().any(|id| id == new.hash.as_str())).collect())
}

fn seconds(list: &[&NewTicket], of: fn(&IssuedTicket) -> Timestamp) -> Vec<i64> {
    list.iter().map(|new| of(&new.ticket).seconds()).collect()
}

/// The chain as JSON; most tickets have none.
fn proxies_text(proxies: &[String]) -> Result<Option<String>, StoreError> {
    (!proxies.is_empty()).then(|| list_text(proxies)).transpose()
}

/// The columns of [`ISSUE`], in its order.
fn as_json<'a>(
    new: &'a NewTicket,
    (attributes, proxies): (&'a String, &'a Option<String>),
) -> impl serde::Serialize + 'a {
    let NewTicket { hash, ticket, slo_url, parent } = new;
    // Sixteen is the most that a tuple may have here.
    (
        hash.as_str(),
        ticket.kind.as_str(),
        ticket.session.as_str(),
        &ticket.service,
        &ticket.rule,
        ticket.issued_at,
        ticket.expires_at,
        ticket.renewed,
        ticket.single_log_out,
        slo_url,
        &ticket.user,
        attributes,
        ticket.authenticated_at,
        ticket.long_term,
        parent.as_ref().map(TicketHash::as_str),
        proxies,
    )
}

fn json(rows: &[impl serde::Serialize]) -> Result<String, StoreError> {
    serde_json::to_string(rows).map_err(|error| StoreError::Sql(sqlx::Error::Encode(error.into())))
}

/// Takes tickets. Out, for each attempt in its order: the ticket, if it was there and nobody took it
/// before; of two attempts at one ticket the first gets it.
pub(super) async fn take_all(
    at: &mut Read,
    list: &[&TakeTicket],
) -> Result<Vec<Result<Option<IssuedTicket>, StoreError>>, StoreError> {
    let mut first: Vec<&TakeTicket> = Vec::with_capacity(list.len());
    for take in list {
        if !first.iter().any(|known| known.hash == take.hash) {
            first.push(take);
        }
    }
    // A text for PostgreSQL cannot hold NUL, and a service of ours holds ASCII only: unequal before and after.
    let services: Vec<_> = first.iter().map(|take| take.service.replace('\0', "\u{fffd}")).collect();
    let texts: Vec<_> = first.iter().map(|take| take.text.replace('\0', "\u{fffd}")).collect();
    let rows: Vec<TicketRow> = match at.at() {
        At::Sqlite(c) => {
            let row = |((take, service), text)| {
                let take: &TakeTicket = take;
                (take.hash.as_str(), text, service, take.renew, take.proxies_too, take.may_succeed, take.now)
            };
            let rows: Vec<(_, &String, &String, _, _, _, _)> =
                first.iter().copied().zip(&services).zip(&texts).map(row).collect();
            sqlx::query_as(TAKE.sqlite).bind(json(&rows)?).fetch_all(c).await?
        }
        At::Postgres(c) => {
            sqlx::query_as(TAKE.postgres)
                .bind(first.iter().map(|take| take.hash.as_str()).collect::<Vec<_>>())
                .bind(texts)
                .bind(services)
                .bind(first.iter().map(|take| take.renew).collect::<Vec<_>>())
                .bind(first.iter().map(|take| take.proxies_too).collect::<Vec<_>>())
                .bind(first.iter().map(|take| take.may_succeed).collect::<Vec<_>>())
                .bind(first.iter().map(|take| take.now.seconds()).collect::<Vec<_>>())
                .fetch_all(c)
                .await?
        }
    };
    let mut found: HashMap<_, _> = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
    let answer =
        |take: &&TakeTicket| found.remove(take.hash.as_str()).map(IssuedTicket::try_from).transpose();
    Ok(list.iter().map(answer).collect())
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

#[derive(sqlx::FromRow)]
struct TicketRow {
    id: String,
    kind: String,
    session: String,
    service: String,
    rule: String,
    issued_at: i64,
    expires_at: i64,
    renewed: bool,
    single_log_out: bool,
    user_name: String,
    attributes: String,
    authenticated_at: i64,
    long_term: bool,
    proxies: Option<String>,
}

impl TryFrom<TicketRow> for IssuedTicket {
    type Error = StoreError;

    fn try_from(row: TicketRow) -> Result<Self, StoreError> {
        let wrong = || StoreError::inconsistent("ticket", &row.id);
        Ok(Self {
            kind: TicketKind::from_word(&row.kind).ok_or_else(wrong)?,
            attributes: attributes_from(&row.attributes).ok_or_else(wrong)?,
            proxies: row.proxies.map_or(Some(Vec::new()), |text| list_from(&text)).ok_or_else(wrong)?,
            session: SessionId(row.session),
            service: row.service,
            rule: row.rule,
            issued_at: Timestamp::from_seconds(row.issued_at),
            expires_at: Timestamp::from_seconds(row.expires_at),
            renewed: row.renewed,
            single_log_out: row.single_log_out,
            user: row.user_name,
            authenticated_at: Timestamp::from_seconds(row.authenticated_at),
            long_term: row.long_term,
        })
    }
}
