//! Messages that services must get: filled where a session ends, emptied in the background by any node.

use std::collections::HashMap;
use std::fmt;

use super::error::StoreError;
use super::hash::TicketHash;
use super::rows::{list_text, maybe};
use super::sql::{At, Read, Tx, delete_until, on, statements};
use crate::domain::told::Messages;
use crate::protocol::ticket::shortened;
use crate::protocol::time::Timestamp;

statements! {
    /// Who claims a message moves its next try to the end of the lease: if nobody reports, it is due
    /// again then. Nodes on PostgreSQL step over each other's rows. `$4` has the name of a service once for
    /// each of its messages under way, `$6` the names of those that failed just now: they come last. Else a first
    /// message comes before the second one of any other service. So services that hang, with many waiting, do
    /// not take all places again and again.
    CLAIM = "UPDATE outbox SET next_try = $2, leased_until = $2
        WHERE id IN (SELECT id FROM
                (SELECT id, next_try, row_number() OVER (PARTITION BY service ORDER BY next_try, id)
                    + (SELECT count(*) FROM json_each($4) WHERE value = outbox.service) AS place,
                    service IN (SELECT value FROM json_each($6)) AS late
                    FROM outbox WHERE next_try <= $1) AS due
            WHERE place <= $5 ORDER BY late, place, next_try, id LIMIT $3)
        RETURNING id, url, service, session_index, name_id, created_at, next_try, tries, last_answer, leased_until",
    postgres: "UPDATE outbox SET next_try = $2, leased_until = $2
        WHERE id IN (SELECT outbox.id FROM outbox JOIN
                (SELECT id, row_number() OVER (PARTITION BY service ORDER BY next_try, id)
                    + (SELECT count(*) FROM unnest($4::text[]) AS busy (name) WHERE name = outbox.service)
                    AS place, service = ANY($6::text[]) AS late
                    FROM outbox WHERE next_try <= $1) AS due ON due.id = outbox.id
            WHERE place <= $5 AND outbox.next_try <= $1
            ORDER BY late, place, outbox.next_try, outbox.id LIMIT $3 FOR UPDATE OF outbox SKIP LOCKED)
        RETURNING id, url, service, session_index, name_id, created_at, next_try, tries, last_answer, leased_until";

    DELIVERED = "DELETE FROM outbox WHERE id = $1 AND receipt IS NULL";

    /// What a page still asks about keeps no ticket and no name.
    TOLD = "UPDATE outbox SET told_at = $2, next_try = NULL, leased_until = NULL, session_index = '', name_id = ''
        WHERE id = $1";

    AGAIN = "UPDATE outbox SET tries = tries + 1, next_try = $2, last_answer = $3, leased_until = NULL
        WHERE id = $1";

    NEXT_DUE = "SELECT min(next_try) FROM outbox";

    DELETE_GIVEN_UP = "DELETE FROM outbox WHERE id IN
        (SELECT id FROM outbox WHERE next_try IS NULL AND told_at IS NULL AND created_at <= $1 LIMIT $2)";

    DELETE_TOLD = "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE told_at <= $1 LIMIT $2)";

    LIST = "SELECT id, url, service, session_index, name_id, created_at, next_try, tries, last_answer, leased_until
        FROM outbox WHERE told_at IS NULL ORDER BY created_at, id";

    OF_RECEIPT = "SELECT service,
            count(*) FILTER (WHERE next_try IS NULL AND told_at IS NULL) AS lost,
            count(*) FILTER (WHERE next_try IS NOT NULL AND tries > 0) AS failing,
            count(*) FILTER (WHERE next_try IS NOT NULL AND tries = 0) AS untried,
            max(next_try) FILTER (WHERE tries > 0) AS next_try,
            min(tries) FILTER (WHERE next_try IS NOT NULL AND tries > 0) AS tries
        FROM outbox WHERE receipt = $1 GROUP BY service";

    /// Not one that somebody is busy with: it would be told twice. One that was given up gets all its tries.
    RETRY = "UPDATE outbox SET tries = CASE WHEN next_try IS NULL THEN 0 ELSE tries END, next_try = $2,
            leased_until = NULL
        WHERE id = $1 AND told_at IS NULL AND (leased_until IS NULL OR leased_until <= $2)";

    DROP = "DELETE FROM outbox WHERE id = $1 AND told_at IS NULL";
}

/// A message to a service: this session is over.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// Unique, and fit to be the ID of an XML element.
    pub id: String,
    /// Where it goes.
    pub url: String,
    /// The name of the rule of the service.
    pub service: String,
    /// The text of the ticket that the service validated.
    pub session_index: String,
    /// The user name that the service was told.
    pub name_id: String,
    /// When the session ended.
    pub created_at: Timestamp,
    /// When it is due; for a claimed one: when the claim ends; `None`: given up.
    pub next_try: Option<Timestamp>,
    /// How often it failed.
    pub tries: u32,
    /// What the last failure was.
    pub last_answer: Option<String>,
    /// Until when somebody is busy with it.
    pub leased_until: Option<Timestamp>,
}

/// Neither the whole ticket nor the user.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ticket = shortened(&self.session_index);
        write!(f, "Message({ticket}… to {}, tries {}, next {:?})", self.service, self.tries, self.next_try)
    }
}

/// How many messages somebody takes.
#[derive(Clone, Copy, Debug)]
pub struct Share<'a> {
    /// At most so many at once,
    pub limit: u32,
    /// and of one service so many, together with those under way.
    pub each: u32,
    /// The service of every message under way.
    pub busy: &'a [String],
    /// Services that failed just now: all others come first.
    pub late: &'a [String],
}

/// Takes messages that are due, for as long as `lease_until`. Out: oldest first.
pub async fn claim(
    tx: &mut Tx,
    now: Timestamp,
    lease_until: Timestamp,
    share: Share<'_>,
) -> Result<Vec<Message>, StoreError> {
    let (limit, each) = (i64::from(share.limit), i64::from(share.each));
    let rows: Vec<MessageRow> = match tx.at() {
        At::Sqlite(c) => {
            let update = sqlx::query_as(CLAIM.sqlite).bind(now.seconds()).bind(lease_until.seconds());
            let update = update.bind(limit).bind(list_text(share.busy)?).bind(each);
            update.bind(list_text(share.late)?).fetch_all(c).await?
        }
        At::Postgres(c) => {
            let update = sqlx::query_as(CLAIM.postgres).bind(now.seconds()).bind(lease_until.seconds());
            update.bind(limit).bind(share.busy).bind(each).bind(share.late).fetch_all(c).await?
        }
    };
    let mut messages: Vec<_> = rows.into_iter().map(Message::from).collect();
    messages.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(messages)
}

/// The service has it. Where a page may still ask, the row stays for that.
pub async fn delivered(tx: &mut Tx, id: &str, now: Timestamp) -> Result<(), StoreError> {
    let gone = on!(tx, DELIVERED, |c, text| {
        sqlx::query(text).bind(id).execute(c).await.map(|done| done.rows_affected())
    })?;
    if gone == 0 {
        on!(tx, TOLD, |c, text| {
            sqlx::query(text).bind(id).bind(now.seconds()).execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// It failed, and is due again later.
pub async fn again(tx: &mut Tx, id: &str, next_try: Timestamp, answer: &str) -> Result<(), StoreError> {
    failed(tx, id, Some(next_try), answer).await
}

/// It failed for the last time. The row stays for the operator to see.
pub async fn give_up(tx: &mut Tx, id: &str, answer: &str) -> Result<(), StoreError> {
    failed(tx, id, None, answer).await
}

async fn failed(tx: &mut Tx, id: &str, next: Option<Timestamp>, answer: &str) -> Result<(), StoreError> {
    on!(tx, AGAIN, |c, text| {
        sqlx::query(text).bind(id).bind(maybe(next)).bind(answer).execute(c).await.map(|_| ())
    })?;
    Ok(())
}

/// When the next message is due, if any is.
pub async fn next_due(read: &mut Read) -> Result<Option<Timestamp>, StoreError> {
    let due: Option<i64> = on!(read, NEXT_DUE, |c, text| sqlx::query_scalar(text).fetch_one(c).await)?;
    Ok(due.map(Timestamp::from_seconds))
}

/// Forgets messages that were given up and are as old as `cut`. Out: how many.
pub async fn delete_given_up(tx: &mut Tx, cut: Timestamp, limit: u32) -> Result<u64, StoreError> {
    delete_until(tx, DELETE_GIVEN_UP, cut, limit).await
}

/// Forgets messages that were told at or before `cut`. Out: how many.
pub async fn delete_told(tx: &mut Tx, cut: Timestamp, limit: u32) -> Result<u64, StoreError> {
    delete_until(tx, DELETE_TOLD, cut, limit).await
}

/// How far the messages of one sign-out are, by the name of the service.
pub async fn of_receipt(
    read: &mut Read,
    receipt: &TicketHash,
) -> Result<HashMap<String, Messages>, StoreError> {
    let rows: Vec<ProgressRow> =
        on!(read, OF_RECEIPT, |c, text| sqlx::query_as(text).bind(receipt.as_str()).fetch_all(c).await)?;
    let mut all = HashMap::new();
    for row in rows {
        let messages = Messages {
            is_lost: row.lost > 0,
            is_failing: row.failing > 0,
            is_untried: row.untried > 0,
            next_try: row.next_try.map(Timestamp::from_seconds),
            tries: row.tries.and_then(|tries| usize::try_from(tries).ok()).unwrap_or_default(),
        };
        all.insert(row.service, messages);
    }
    Ok(all)
}

/// Makes a message due now. Out: false when there is none, or somebody is busy with it.
pub async fn retry(tx: &mut Tx, id: &str, now: Timestamp) -> Result<bool, StoreError> {
    let rows = on!(tx, RETRY, |c, text| {
        let update = sqlx::query(text).bind(id).bind(now.seconds());
        update.execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Forgets a message. Out: whether there was one.
pub async fn forget(tx: &mut Tx, id: &str) -> Result<bool, StoreError> {
    let rows = on!(tx, DROP, |c, text| {
        sqlx::query(text).bind(id).execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// All messages that wait or were given up, oldest first.
pub async fn list(read: &mut Read) -> Result<Vec<Message>, StoreError> {
    let rows: Vec<MessageRow> = on!(read, LIST, |c, text| sqlx::query_as(text).fetch_all(c).await)?;
    Ok(rows.into_iter().map(Message::from).collect())
}

#[derive(sqlx::FromRow)]
struct ProgressRow {
    service: String,
    lost: i64,
    failing: i64,
    untried: i64,
    next_try: Option<i64>,
    tries: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct MessageRow {
    id: String,
    url: String,
    service: String,
    session_index: String,
    name_id: String,
    created_at: i64,
    next_try: Option<i64>,
    tries: i64,
    last_answer: Option<String>,
    leased_until: Option<i64>,
}

impl From<MessageRow> for Message {
    fn from(row: MessageRow) -> Self {
        Self {
            id: row.id,
            url: row.url,
            service: row.service,
            session_index: row.session_index,
            name_id: row.name_id,
            created_at: Timestamp::from_seconds(row.created_at),
            next_try: row.next_try.map(Timestamp::from_seconds),
            tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
            last_answer: row.last_answer,
            leased_until: row.leased_until.map(Timestamp::from_seconds),
        }
    }
}
