//! A ticket is taken: of any number of attempts one gets it.

use std::collections::HashMap;
use std::fmt;

use sqlx::PgConnection;

use super::{Answer, Plain, json};
use crate::domain::issued::IssuedTicket;
use crate::domain::session::SessionId;
use crate::protocol::ticket::{TicketKind, shortened};
use crate::protocol::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::hash::TicketHash;
use crate::store::rows::{attributes_from, list_from};
use crate::store::sql::statements;

statements! {
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
            FROM jsonb_each(?)) AS q
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

/// The attempts that are made: of two at one ticket the first gets it.
fn first<'a>(group: &[&'a TakeTicket]) -> Vec<&'a TakeTicket> {
    let mut first: Vec<&TakeTicket> = Vec::with_capacity(group.len());
    for take in group {
        if !first.iter().any(|known| known.hash == take.hash) {
            first.push(take);
        }
    }
    first
}

/// A text for PostgreSQL cannot hold NUL, and a service of ours holds ASCII only: unequal before and after.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

impl Plain for TakeTicket {
    /// The ticket, if it was there and nobody took it before.
    type Answer = Option<IssuedTicket>;
    type Row = TicketRow;

    const SQLITE: &'static [&'static str] = &[TAKE.sqlite];

    fn lists(group: &[&Self]) -> Result<Vec<String>, StoreError> {
        let row = |take: &TakeTicket| {
            let (text, service) = (without_nul(&take.text), without_nul(&take.service));
            let TakeTicket { hash, renew, proxies_too, may_succeed, now, .. } = take;
            (hash.as_str().to_owned(), text, service, *renew, *proxies_too, *may_succeed, *now)
        };
        let rows: Vec<_> = first(group).into_iter().map(row).collect();
        Ok(vec![json(&rows)?])
    }

    async fn on_postgres(c: &mut PgConnection, group: &[&Self]) -> Result<Vec<Self::Row>, StoreError> {
        let first = first(group);
        let flags = |of: fn(&TakeTicket) -> bool| first.iter().map(|take| of(take)).collect::<Vec<_>>();
        let update = sqlx::query_as(TAKE.postgres)
            .bind(first.iter().map(|take| take.hash.as_str()).collect::<Vec<_>>())
            .bind(first.iter().map(|take| without_nul(&take.text)).collect::<Vec<_>>())
            .bind(first.iter().map(|take| without_nul(&take.service)).collect::<Vec<_>>())
            .bind(flags(|take| take.renew))
            .bind(flags(|take| take.proxies_too))
            .bind(flags(|take| take.may_succeed))
            .bind(first.iter().map(|take| take.now.seconds()).collect::<Vec<_>>());
        Ok(update.fetch_all(c).await?)
    }

    fn answers(group: &[&Self], rows: Vec<Self::Row>) -> Vec<Answer<Self::Answer>> {
        let mut found: HashMap<_, _> = rows.into_iter().map(|row| (row.id.clone(), row)).collect();
        let answer =
            |take: &&TakeTicket| found.remove(take.hash.as_str()).map(IssuedTicket::try_from).transpose();
        group.iter().map(answer).collect()
    }
}

#[derive(sqlx::FromRow)]
pub(in crate::store) struct TicketRow {
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
