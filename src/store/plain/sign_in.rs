//! Somebody signs in who brings nothing from before: a new session, and of people of an institution what is known of
//! them and the ticket that the session stands on.

use sqlx::PgConnection;

use super::{Answer, Plain, json};
use crate::domain::session::SsoSession;
use crate::protocol::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::hash::TicketHash;
use crate::store::rows::{attributes_text, list_text, maybe};
use crate::store::sessions::source_words;
use crate::store::sql::statements;

statements! {
    /// Not where the institution has ended meanwhile what the sign-in stands on.
    ENTER = "INSERT INTO session (id, cookie, name, source_kind, source, attributes, authenticated_at, signed_in_at,
            created_at, last_seen, long_term, warn, fresh_service, fresh_until, ip, browser, remembered, unasked,
            ends_at)
        SELECT q.value->>0, q.value->>1, q.value->>2, q.value->>3, q.value->>4, q.value->>5, q.value->>6,
            q.value->>7, q.value->>7, q.value->>8, q.value->>9, q.value->>10, q.value->>11, q.value->>12,
            q.value->>13, q.value->>14, q.value->>'$[15][0]', q.value->>'$[15][1]', q.value->>'$[15][2]'
        FROM jsonb_each(?) AS q
        WHERE NOT EXISTS (SELECT 1 FROM handoff
            WHERE ended AND provider = q.value->>4 AND ticket = q.value->>'$[15][3]')
        RETURNING id",
    // In one statement. A message of the institution that comes at this moment waits for the locks, and then finds
    // what stands on the ticket; one that was before us is seen, since a locked row is read anew.
    postgres: "WITH q AS (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                $7::bigint[], $8::bigint[], $9::bigint[], $10::boolean[], $11::boolean[], $12::text[], $13::bigint[],
                $14::text[], $15::text[], $16::boolean[], $17::text[], $18::bigint[], $19::text[])
            AS q (id, cookie, name, source_kind, source, attributes, authenticated_at, signed_in_at, last_seen,
                long_term, warn, fresh_service, fresh_until, ip, browser, remembered, unasked, ends_at, ticket)),
        held AS (SELECT handoff.provider, handoff.ticket, handoff.ended
            FROM handoff JOIN q ON handoff.provider = q.source AND handoff.ticket = q.ticket
            ORDER BY handoff.id FOR UPDATE OF handoff),
        entered AS (INSERT INTO session (id, cookie, name, source_kind, source, attributes, authenticated_at,
                signed_in_at, created_at, last_seen, long_term, warn, fresh_service, fresh_until, ip, browser,
                remembered, unasked, ends_at)
            SELECT id, cookie, name, source_kind, source, attributes, authenticated_at, signed_in_at, signed_in_at,
                last_seen, long_term, warn, fresh_service, fresh_until, ip, browser, remembered, unasked, ends_at
            FROM q
            WHERE NOT EXISTS (SELECT 1 FROM held
                WHERE held.ended AND held.provider = q.source AND held.ticket = q.ticket)
            RETURNING id, source_kind, source, name, attributes, signed_in_at),
        known AS (INSERT INTO federated_user (provider, name, attributes, first_login, last_login)
            SELECT DISTINCT ON (source, name) source, name, attributes, signed_in_at, signed_in_at FROM entered
            WHERE source_kind = 'provider'
            ORDER BY source, name, signed_in_at DESC, id DESC
            ON CONFLICT (provider, name) DO UPDATE
            SET attributes = excluded.attributes, last_login = excluded.last_login),
        linked AS (INSERT INTO upstream_session (provider, ticket, session)
            SELECT DISTINCT ON (q.source, q.ticket) q.source, q.ticket, q.id FROM q JOIN entered ON entered.id = q.id
            WHERE q.ticket IS NOT NULL
            ORDER BY q.source, q.ticket, q.signed_in_at DESC, q.id DESC
            ON CONFLICT (provider, ticket) DO UPDATE SET session = excluded.session)
        SELECT id FROM entered";

    /// Only for SQLite: who has entered is known.
    KNOW = "INSERT INTO federated_user (provider, name, attributes, first_login, last_login)
        SELECT session.source, session.name, session.attributes, session.signed_in_at, session.signed_in_at
        FROM jsonb_each(?) AS q CROSS JOIN session ON session.id = q.value->>0
        WHERE TRUE
        ON CONFLICT (provider, name) DO UPDATE
        SET attributes = excluded.attributes, last_login = excluded.last_login",
    postgres: "";

    /// Only for SQLite: their session stands on their ticket, by which the institution names it when it ends it.
    LINK = "INSERT INTO upstream_session (provider, ticket, session)
        SELECT session.source, q.value->>1, session.id
        FROM jsonb_each(?) AS q CROSS JOIN session ON session.id = q.value->>0
        WHERE TRUE
        ON CONFLICT (provider, ticket) DO UPDATE SET session = excluded.session",
    postgres: "";
}

/// A session of somebody who was not signed in before.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The session.
    pub session: SsoSession,
    /// The hash of its cookie.
    pub cookie: TicketHash,
    /// The hash of the institution's ticket, if the session's source is one.
    pub ticket: Option<TicketHash>,
}

impl Plain for NewSession {
    /// Whether it was written: not where the institution has ended what the sign-in stands on.
    type Answer = bool;
    /// The number of a session that was.
    type Row = (String,);

    const SQLITE: &'static [&'static str] = &[ENTER.sqlite, KNOW.sqlite, LINK.sqlite];

    fn lists(group: &[&Self]) -> Result<Vec<String>, StoreError> {
        let rows = group.iter().map(|new| new.as_json()).collect::<Result<Vec<_>, _>>()?;
        let link = |new: &&Self| new.ticket().map(|ticket| (new.session.id.0.clone(), ticket.to_owned()));
        let links: Vec<_> = group.iter().filter_map(link).collect();
        let links = json(&links)?;
        Ok(vec![json(&rows)?, links.clone(), links])
    }

    async fn on_postgres(c: &mut PgConnection, group: &[&Self]) -> Result<Vec<Self::Row>, StoreError> {
        let own = group.iter().map(|new| new.own_texts()).collect::<Result<Vec<_>, _>>()?;
        let (attributes, unasked): (Vec<_>, Vec<_>) = own.into_iter().unzip();
        let texts = |of: fn(&NewSession) -> &str| group.iter().map(|new| of(new)).collect::<Vec<_>>();
        let flags =
            |of: fn(&SsoSession) -> bool| group.iter().map(|new| of(&new.session)).collect::<Vec<_>>();
        let times = |of: fn(&SsoSession) -> Option<Timestamp>| {
            group.iter().map(|new| maybe(of(&new.session))).collect::<Vec<_>>()
        };
        let fresh = group.iter().map(|new| new.session.fresh.as_ref().map(|fresh| fresh.service.as_str()));
        let insert = sqlx::query_as(ENTER.postgres)
            .bind(texts(|new| new.session.id.as_str()))
            .bind(texts(|new| new.cookie.as_str()))
            .bind(texts(|new| new.session.identity.name.as_str()))
            .bind(texts(|new| source_words(&new.session.identity.source).0))
            .bind(texts(|new| source_words(&new.session.identity.source).1))
            .bind(attributes)
            .bind(times(|session| Some(session.authenticated_at)))
            .bind(times(|session| Some(session.signed_in_at)))
            .bind(times(|session| Some(session.last_seen)))
            .bind(flags(|session| session.long_term))
            .bind(flags(|session| session.warn))
            .bind(fresh.collect::<Vec<_>>())
            .bind(times(|session| session.fresh.as_ref().map(|fresh| fresh.until)))
            .bind(texts(|new| &new.session.ip))
            .bind(texts(|new| &new.session.browser))
            .bind(flags(|session| session.remembered))
            .bind(unasked)
            .bind(times(|session| session.ends_at))
            .bind(group.iter().map(|new| new.ticket()).collect::<Vec<_>>());
        Ok(insert.fetch_all(c).await?)
    }

    fn lasts(&self) -> bool {
        false
    }

    fn answers(group: &[&Self], rows: Vec<Self::Row>) -> Vec<Answer<bool>> {
        group.iter().map(|new| Ok(rows.iter().any(|(id,)| id == new.session.id.as_str()))).collect()
    }
}

impl NewSession {
    fn ticket(&self) -> Option<&str> {
        self.ticket.as_ref().map(TicketHash::as_str)
    }

    /// Attributes, and the services that the person is not asked about.
    fn own_texts(&self) -> Result<(String, String), StoreError> {
        Ok((attributes_text(&self.session.attributes)?, list_text(&self.session.unasked)?))
    }

    /// The columns of [`ENTER`], in its order. Sixteen is the most that a tuple may have here.
    fn as_json(&self) -> Result<impl serde::Serialize + '_, StoreError> {
        let (attributes, unasked) = self.own_texts()?;
        let (kind, source) = source_words(&self.session.identity.source);
        let SsoSession { id, identity, authenticated_at, signed_in_at, last_seen, .. } = &self.session;
        let SsoSession { long_term, warn, fresh, ip, browser, remembered, ends_at, .. } = &self.session;
        Ok((
            id.as_str(),
            self.cookie.as_str(),
            identity.name.as_str(),
            kind,
            source,
            attributes,
            authenticated_at,
            signed_in_at,
            last_seen,
            long_term,
            warn,
            fresh.as_ref().map(|fresh| fresh.service.as_str()),
            fresh.as_ref().map(|fresh| fresh.until),
            ip,
            browser,
            (remembered, unasked, ends_at, self.ticket()),
        ))
    }
}
