//! Sessions and tickets as an operator looks at them. Nothing here works as a credential.

use super::error::StoreError;
use super::rows::{attributes_from, list_from, maybe};
use super::sessions::SessionRow;
use super::sql::{Read, on, statements};
use crate::domain::session::{SessionId, SsoSession};
use crate::protocol::time::Timestamp;

statements! {
    /// Each condition counts only where its value is given.
    LIST = "SELECT cookie, id, name, source_kind, source, attributes, authenticated_at, signed_in_at,
            last_seen, long_term, warn, fresh_service, fresh_until, ip, browser, remembered, unasked, ends_at,
            created_at
        FROM session
        WHERE (CAST($1 AS TEXT) IS NULL OR id = CAST($1 AS TEXT))
            AND (CAST($2 AS TEXT) IS NULL OR CAST($2 AS TEXT)
                = CASE source_kind WHEN 'provider' THEN name || '@' || source ELSE name END)
            AND (CAST($3 AS TEXT) IS NULL OR lower(source) = lower(CAST($3 AS TEXT)))
            AND (CAST($4 AS TEXT) IS NULL OR EXISTS
                (SELECT 1 FROM ticket WHERE ticket.session = session.id AND rule = CAST($4 AS TEXT)))
            AND (CAST($5 AS BIGINT) IS NULL OR last_seen <= CAST($5 AS BIGINT))
        ORDER BY created_at, id";

    TICKETS = "SELECT id, kind, service, rule, issued_at, expires_at, taken_at, slo_text IS NOT NULL AS succeeded,
            renewed, single_log_out, parent, proxies, user_name, attributes
        FROM ticket WHERE session = $1 ORDER BY issued_at, id";

    MESSAGES = "SELECT count(*) FROM ticket WHERE session = $1 AND single_log_out AND slo_text IS NOT NULL";
}

/// Which sessions somebody wants to see; what is absent is no condition.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// This one.
    pub id: Option<String>,
    /// Those of this user, byte for byte as services are told.
    pub user: Option<String>,
    /// Those of this institution or back-end.
    pub source: Option<String>,
    /// Those that have a ticket for the service of this name.
    pub service: Option<String>,
    /// Those that nobody used since.
    pub unused_since: Option<Timestamp>,
}

/// A session, and when it began.
#[derive(Clone, Debug)]
pub struct Listed {
    /// It.
    pub session: SsoSession,
    /// When it began; a renewal does not change that.
    pub created_at: Timestamp,
}

/// A ticket, told by the first characters of its hash.
#[derive(Clone, Debug)]
pub struct ListedTicket {
    /// The beginning of its hash.
    pub id: String,
    /// `st`, `pt`, `pgt`.
    pub kind: String,
    /// The service address.
    pub service: String,
    /// The name of its rule.
    pub rule: String,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// When it was validated with success.
    pub validated_at: Option<Timestamp>,
    /// Born from credentials that were given for it.
    pub renewed: bool,
    /// Its service is told when the session ends.
    pub single_log_out: bool,
    /// The beginning of the hash of the ticket that it was born from.
    pub parent: Option<String>,
    /// The proxies that it came through, most recent first.
    pub proxies: Vec<String>,
    /// The user name as released.
    pub user: String,
    /// The names of the attributes as released.
    pub attributes: Vec<String>,
}

/// The sessions that somebody wants to see, oldest first, those among them that are over but not swept yet.
pub async fn sessions(read: &mut Read, wanted: &Wanted) -> Result<Vec<Listed>, StoreError> {
    let rows: Vec<ListedRow> = on!(read, LIST, |c, text| {
        let select = sqlx::query_as(text).bind(&wanted.id).bind(&wanted.user).bind(&wanted.source);
        select.bind(&wanted.service).bind(maybe(wanted.unused_since)).fetch_all(c).await
    })?;
    let listed = |row: ListedRow| {
        let created_at = Timestamp::from_seconds(row.created_at);
        Ok(Listed { session: SsoSession::try_from(row.session)?, created_at })
    };
    rows.into_iter().map(listed).collect()
}

/// The tickets of a session, oldest first.
pub async fn tickets(read: &mut Read, id: &SessionId) -> Result<Vec<ListedTicket>, StoreError> {
    let rows: Vec<TicketRow> =
        on!(read, TICKETS, |c, text| sqlx::query_as(text).bind(id.as_str()).fetch_all(c).await)?;
    rows.into_iter().map(ListedTicket::try_from).collect()
}

/// How many messages the end of a session would cause.
pub async fn messages(read: &mut Read, id: &SessionId) -> Result<u64, StoreError> {
    let count: i64 =
        on!(read, MESSAGES, |c, text| sqlx::query_scalar(text).bind(id.as_str()).fetch_one(c).await)?;
    Ok(u64::try_from(count).unwrap_or_default())
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    session: SessionRow,
    created_at: i64,
}

#[derive(sqlx::FromRow)]
struct TicketRow {
    id: String,
    kind: String,
    service: String,
    rule: String,
    issued_at: i64,
    expires_at: i64,
    taken_at: Option<i64>,
    succeeded: bool,
    renewed: bool,
    single_log_out: bool,
    parent: Option<String>,
    proxies: Option<String>,
    user_name: String,
    attributes: String,
}

/// Enough of a hash to tell the tickets of a session apart.
fn short(hash: &str) -> String {
    hash.get(..12).unwrap_or(hash).to_owned()
}

impl TryFrom<TicketRow> for ListedTicket {
    type Error = StoreError;

    fn try_from(row: TicketRow) -> Result<Self, StoreError> {
        let wrong = || StoreError::inconsistent("ticket", &row.id);
        let attributes = attributes_from(&row.attributes).ok_or_else(wrong)?;
        Ok(Self {
            proxies: row.proxies.map_or(Some(Vec::new()), |text| list_from(&text)).ok_or_else(wrong)?,
            attributes: attributes.iter().map(|(name, _)| name.to_owned()).collect(),
            id: short(&row.id),
            kind: row.kind,
            service: row.service,
            rule: row.rule,
            issued_at: Timestamp::from_seconds(row.issued_at),
            expires_at: Timestamp::from_seconds(row.expires_at),
            validated_at: row.taken_at.filter(|_| row.succeeded).map(Timestamp::from_seconds),
            renewed: row.renewed,
            single_log_out: row.single_log_out,
            parent: row.parent.as_deref().map(short),
            user: row.user_name,
        })
    }
}
