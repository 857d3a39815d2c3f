//! A ticket is issued, if its session lives.

use sqlx::PgConnection;

use super::{Answer, Plain, json};
use crate::domain::issued::IssuedTicket;
use crate::protocol::ticket::TicketKind;
use crate::protocol::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::hash::TicketHash;
use crate::store::rows::{attributes_text, list_text};
use crate::store::sql::statements;

statements! {
    /// SQLite takes a list as JSON. CROSS JOIN: the list is the outer loop.
    ISSUE = "INSERT INTO ticket (id, kind, session, service, rule, issued_at, expires_at, renewed, single_log_out,
            slo_url, user_name, attributes, authenticated_at, long_term, parent, proxies)
        SELECT q.value->>0, q.value->>1, session.id, q.value->>3, q.value->>4, q.value->>5, q.value->>6,
            q.value->>7, q.value->>8, q.value->>9, q.value->>10, q.value->>11, q.value->>12, q.value->>13,
            q.value->>14, q.value->>15
        FROM jsonb_each(?) AS q CROSS JOIN session ON session.id = q.value->>2
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

impl Plain for NewTicket {
    /// Whether its session exists.
    type Answer = bool;
    /// The hash of one that was issued.
    type Row = (String,);

    const SQLITE: &'static [&'static str] = &[ISSUE.sqlite];

    fn lists(group: &[&Self]) -> Result<Vec<String>, StoreError> {
        let texts = group.iter().map(|new| new.texts()).collect::<Result<Vec<_>, _>>()?;
        let rows: Vec<_> = group.iter().zip(&texts).map(|(new, texts)| as_json(new, texts)).collect();
        Ok(vec![json(&rows)?])
    }

    async fn on_postgres(c: &mut PgConnection, group: &[&Self]) -> Result<Vec<Self::Row>, StoreError> {
        let own = group.iter().map(|new| new.texts()).collect::<Result<Vec<_>, _>>()?;
        let (attributes, proxies): (Vec<_>, Vec<_>) = own.into_iter().unzip();
        let texts = |of: fn(&NewTicket) -> &str| group.iter().map(|new| of(new)).collect::<Vec<_>>();
        let times = |of: fn(&IssuedTicket) -> Timestamp| {
            group.iter().map(|new| of(&new.ticket).seconds()).collect::<Vec<_>>()
        };
        let flags =
            |of: fn(&IssuedTicket) -> bool| group.iter().map(|new| of(&new.ticket)).collect::<Vec<_>>();
        let slo_urls: Vec<_> = group.iter().map(|new| new.slo_url.as_deref()).collect();
        let parents: Vec<_> = group.iter().map(|new| new.parent.as_ref().map(TicketHash::as_str)).collect();
        let insert = sqlx::query_as(ISSUE.postgres)
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
            .bind(proxies);
        Ok(insert.fetch_all(c).await?)
    }

    /// A proxy-granting ticket was handed to a service, which asks once.
    fn lasts(&self) -> bool {
        self.ticket.kind == TicketKind::Pgt
    }

    fn answers(group: &[&Self], rows: Vec<Self::Row>) -> Vec<Answer<bool>> {
        group.iter().map(|new| Ok(rows.iter().any(|(id,)| id == new.hash.as_str()))).collect()
    }
}

impl NewTicket {
    /// Attributes, and the chain of proxies, which most tickets do not have.
    fn texts(&self) -> Result<(String, Option<String>), StoreError> {
        let proxies = &self.ticket.proxies;
        let proxies = (!proxies.is_empty()).then(|| list_text(proxies)).transpose()?;
        Ok((attributes_text(&self.ticket.attributes)?, proxies))
    }
}

/// The columns of [`ISSUE`], in its order.
fn as_json<'a>(
    new: &'a NewTicket,
    (attributes, proxies): &'a (String, Option<String>),
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
