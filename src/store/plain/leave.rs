//! Somebody leaves for an institution: what is remembered of it until they are back.

use sqlx::PgConnection;

use super::{Answer, Plain, json};
use crate::protocol::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::handoffs::Handoff;
use crate::store::sql::statements;

statements! {
    LEAVE = "INSERT INTO handoff (id, provider, url, protocol, browser, query, renew, created_at, expires_at)
        SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8
        FROM jsonb_each(?)",
    postgres: "INSERT INTO handoff (id, provider, url, protocol, browser, query, renew, created_at, expires_at)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[],
            $8::bigint[], $9::bigint[])";
}

impl Plain for Handoff {
    type Answer = ();
    type Row = ();

    const SQLITE: &'static [&'static str] = &[LEAVE.sqlite];

    fn lists(group: &[&Self]) -> Result<Vec<String>, StoreError> {
        let row = |new: &Self| {
            let Handoff {
                id, provider, url, protocol, browser, query, renew, created_at, expires_at, ..
            } = new;
            let (id, browser) = (id.as_str().to_owned(), browser.as_str().to_owned());
            let (provider, protocol) = (provider.as_str().to_owned(), protocol.as_str());
            (id, provider, url.clone(), protocol, browser, query.clone(), *renew, *created_at, *expires_at)
        };
        let rows: Vec<_> = group.iter().map(|new| row(new)).collect();
        Ok(vec![json(&rows)?])
    }

    async fn on_postgres(c: &mut PgConnection, group: &[&Self]) -> Result<Vec<()>, StoreError> {
        let texts = |of: fn(&Handoff) -> &str| group.iter().map(|new| of(new)).collect::<Vec<_>>();
        let times =
            |of: fn(&Handoff) -> Timestamp| group.iter().map(|new| of(new).seconds()).collect::<Vec<_>>();
        let insert = sqlx::query(LEAVE.postgres)
            .bind(texts(|new| new.id.as_str()))
            .bind(texts(|new| new.provider.as_str()))
            .bind(texts(|new| &new.url))
            .bind(texts(|new| new.protocol.as_str()))
            .bind(texts(|new| new.browser.as_str()))
            .bind(texts(|new| &new.query))
            .bind(group.iter().map(|new| new.renew).collect::<Vec<_>>())
            .bind(times(|new| new.created_at))
            .bind(times(|new| new.expires_at));
        insert.execute(c).await?;
        Ok(Vec::new())
    }

    fn lasts(&self) -> bool {
        false
    }

    fn answers(group: &[&Self], _rows: Vec<()>) -> Vec<Answer<()>> {
        group.iter().map(|_| Ok(())).collect()
    }
}
