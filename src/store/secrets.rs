//! Secrets that all nodes share, made at the first start.

use super::error::StoreError;
use super::sql::{Tx, on, statements};

statements! {
    INSERT = "INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    GET = "SELECT value FROM secret WHERE name = $1";
}

/// The secret of that name; `candidate` becomes it if there is none. All nodes hear the same.
pub async fn get_or_insert(tx: &mut Tx, name: &str, candidate: &str) -> Result<String, StoreError> {
    on!(tx, INSERT, |c, text| sqlx::query(text).bind(name).bind(candidate).execute(c).await.map(|_| ()))?;
    let value = on!(tx, GET, |c, text| sqlx::query_scalar(text).bind(name).fetch_one(c).await)?;
    Ok(value)
}
