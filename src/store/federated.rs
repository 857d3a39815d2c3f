//! People of institutions, and which of our sessions stands on which of their tickets.

use super::error::StoreError;
use super::hash::{TicketHash, hash_list};
use super::rows::{attributes_from, attributes_text};
use super::sql::{At, Read, Tx, delete_until, in_time, on, statements};
use crate::domain::identity::Suffix;
use crate::domain::name::Name;
use crate::domain::session::SessionId;
use crate::protocol::attributes::Attributes;
use crate::protocol::time::Timestamp;

statements! {
    REMEMBER = "INSERT INTO federated_user (provider, name, attributes, first_login, last_login)
        VALUES ($1, $2, $3, $4, $4)
        ON CONFLICT (provider, name) DO UPDATE
        SET attributes = excluded.attributes, last_login = excluded.last_login";

    LATEST = "SELECT attributes FROM federated_user WHERE provider = $1 AND name = $2";

    DELETE_UNSEEN = "DELETE FROM federated_user WHERE (provider, name) IN
        (SELECT u.provider, u.name FROM federated_user u
            WHERE u.last_login <= $1 AND NOT EXISTS
                (SELECT 1 FROM session s WHERE s.source_kind = 'provider'
                    AND s.source = u.provider AND s.name = u.name)
            LIMIT $2)";

    LINK = "INSERT INTO upstream_session (provider, ticket, session) VALUES ($1, $2, $3)
        ON CONFLICT (provider, ticket) DO UPDATE SET session = excluded.session";

    /// A return that is under way counts: its session may be written at this moment.
    IS_KNOWN = "SELECT 1 WHERE EXISTS
            (SELECT 1 FROM upstream_session WHERE provider = $1 AND ticket IN (SELECT value FROM json_each($2)))
        OR EXISTS (SELECT 1 FROM handoff WHERE provider = $1 AND ticket IN (SELECT value FROM json_each($2)))",
    postgres: "SELECT 1 WHERE EXISTS
            (SELECT 1 FROM upstream_session WHERE provider = $1 AND ticket = ANY($2))
        OR EXISTS (SELECT 1 FROM handoff WHERE provider = $1 AND ticket = ANY($2))";

    STANDING = "SELECT DISTINCT session FROM upstream_session
        WHERE provider = $1 AND ticket IN (SELECT value FROM json_each($2)) ORDER BY session",
    postgres: "SELECT DISTINCT session FROM upstream_session WHERE provider = $1 AND ticket = ANY($2)
        ORDER BY session";
}

/// Somebody of an institution signed in, with these attributes.
pub async fn remember(
    tx: &mut Tx,
    provider: &Suffix,
    name: &Name,
    attributes: &Attributes,
    now: Timestamp,
) -> Result<(), StoreError> {
    let attributes = attributes_text(attributes)?;
    on!(tx, REMEMBER, |c, text| {
        let upsert = sqlx::query(text).bind(provider.as_str()).bind(name.as_str());
        upsert.bind(&attributes).bind(now.seconds()).execute(c).await.map(|_| ())
    })?;
    Ok(())
}

/// What was told of somebody at their latest sign-in, in whichever browser; `None`: they were forgotten.
pub async fn latest(
    read: &mut Read,
    provider: &Suffix,
    name: &Name,
) -> Result<Option<Attributes>, StoreError> {
    let text: Option<String> = on!(read, LATEST, |c, text| {
        let select = sqlx::query_scalar(text).bind(provider.as_str()).bind(name.as_str());
        select.fetch_optional(c).await
    })?;
    let wrong = || StoreError::inconsistent("federated_user", provider.as_str());
    text.map(|text| attributes_from(&text).ok_or_else(wrong)).transpose()
}

/// Forgets people who have no session and did not sign in since `cut`. Out: how many.
pub async fn delete_unseen(tx: &mut Tx, cut: Timestamp, limit: u32) -> Result<u64, StoreError> {
    delete_until(tx, DELETE_UNSEEN, cut, limit).await
}

/// The session stands on this ticket of the institution, which names it when it logs somebody out.
pub async fn link(
    tx: &mut Tx,
    provider: &Suffix,
    ticket: &TicketHash,
    session: &SessionId,
) -> Result<(), StoreError> {
    on!(tx, LINK, |c, text| {
        let upsert = sqlx::query(text).bind(provider.as_str()).bind(ticket.as_str());
        upsert.bind(session.as_str()).execute(c).await.map(|_| ())
    })?;
    Ok(())
}

/// Whether anybody came back from this institution with one of these tickets, whose sign-in or session is not
/// over yet. Reads only: a stranger's message about nothing keeps nobody waiting.
pub async fn is_known(
    read: &mut Read,
    provider: &Suffix,
    tickets: &[TicketHash],
) -> Result<bool, StoreError> {
    let hashes: Vec<&str> = tickets.iter().map(TicketHash::as_str).collect();
    let found: Option<i32> = match read.at() {
        At::Sqlite(c) => {
            let select = sqlx::query_scalar(IS_KNOWN.sqlite).bind(provider.as_str()).bind(hash_list(&hashes));
            in_time(select.fetch_optional(c)).await?
        }
        At::Postgres(c) => {
            let select = sqlx::query_scalar(IS_KNOWN.postgres).bind(provider.as_str()).bind(hashes);
            in_time(select.fetch_optional(c)).await?
        }
    };
    Ok(found.is_some())
}

/// The sessions that stand on these tickets of this institution, in the order in which everybody ends them.
pub async fn standing_on(
    read: &mut Read,
    provider: &Suffix,
    tickets: &[TicketHash],
) -> Result<Vec<SessionId>, StoreError> {
    let hashes: Vec<&str> = tickets.iter().map(TicketHash::as_str).collect();
    let ids: Vec<String> = match read.at() {
        At::Sqlite(c) => {
            let select = sqlx::query_scalar(STANDING.sqlite).bind(provider.as_str()).bind(hash_list(&hashes));
            in_time(select.fetch_all(c)).await?
        }
        At::Postgres(c) => {
            let select = sqlx::query_scalar(STANDING.postgres).bind(provider.as_str()).bind(hashes);
            in_time(select.fetch_all(c)).await?
        }
    };
    Ok(ids.into_iter().map(SessionId).collect())
}
