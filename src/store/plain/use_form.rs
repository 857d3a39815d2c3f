//! A form comes back: of any number of times that it is posted, one counts.

use sqlx::PgConnection;

use super::{Answer, Plain, json};
use crate::protocol::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::hash::TicketHash;
use crate::store::sql::statements;

statements! {
    USE_UP = "INSERT INTO used_form (id, expires_at) SELECT value->>0, value->>1 FROM jsonb_each(?) WHERE TRUE
        ON CONFLICT (id) DO NOTHING RETURNING id",
    // In one order everywhere, so that two nodes do not wait for each other.
    postgres: "INSERT INTO used_form (id, expires_at)
        SELECT id, expires_at FROM unnest($1::text[], $2::bigint[]) AS q (id, expires_at) ORDER BY id
        ON CONFLICT (id) DO NOTHING RETURNING id";
}

/// An attempt to use a form up.
#[derive(Clone, Debug)]
pub struct UseForm {
    /// The hash of its one-time token.
    pub form: TicketHash,
    /// From when on it is refused by its age alone.
    pub expires: Timestamp,
}

impl Plain for UseForm {
    /// Whether this is the first time.
    type Answer = bool;
    /// The token of a form that was not used before.
    type Row = (String,);

    const SQLITE: &'static [&'static str] = &[USE_UP.sqlite];

    fn lists(group: &[&Self]) -> Result<Vec<String>, StoreError> {
        let rows: Vec<_> = group.iter().map(|attempt| (attempt.form.as_str(), attempt.expires)).collect();
        Ok(vec![json(&rows)?])
    }

    async fn on_postgres(c: &mut PgConnection, group: &[&Self]) -> Result<Vec<Self::Row>, StoreError> {
        let insert = sqlx::query_as(USE_UP.postgres)
            .bind(group.iter().map(|attempt| attempt.form.as_str()).collect::<Vec<_>>())
            .bind(group.iter().map(|attempt| attempt.expires.seconds()).collect::<Vec<_>>());
        Ok(insert.fetch_all(c).await?)
    }

    fn answers(group: &[&Self], mut rows: Vec<Self::Row>) -> Vec<Answer<bool>> {
        // Of two attempts with one form the first has it.
        let answer = |attempt: &&UseForm| {
            let own = rows.iter().position(|(id,)| id == attempt.form.as_str());
            Ok(own.map(|place| rows.swap_remove(place)).is_some())
        };
        group.iter().map(answer).collect()
    }
}
