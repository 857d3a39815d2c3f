//! When services were last used, so that an operator finds the ones that nobody needs any more.

use std::collections::BTreeSet;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::error::StoreError;
use super::rows::list_text;
use super::sql::{At, Tx, statements};
use super::{DatabaseUrl, PATIENCE, within};
use crate::protocol::time::Timestamp;

statements! {
    // WHERE true: without it SQLite takes ON for a part of the join.
    MEET = "INSERT INTO service_use (rule, last_used) SELECT value, $2 FROM json_each($1) WHERE true
        ON CONFLICT (rule) DO NOTHING",
    postgres: "INSERT INTO service_use (rule, last_used) SELECT name, $2 FROM unnest($1::text[]) AS known (name)
        ON CONFLICT (rule) DO NOTHING";

    NOTE = "UPDATE service_use SET last_used = $2
        WHERE rule IN (SELECT value FROM json_each($1)) AND last_used < $2",
    postgres: "UPDATE service_use SET last_used = $2 WHERE rule = ANY($1) AND last_used < $2";

    UNUSED = "SELECT rule FROM service_use WHERE last_used <= $1";
}

/// Services are known from now on, by the names of their rules, unless they were before.
pub async fn meet(tx: &mut Tx, rules: &[String], now: Timestamp) -> Result<(), StoreError> {
    run(tx, MEET, rules, now).await
}

/// Tickets were issued for these services.
pub async fn note(tx: &mut Tx, rules: &[String], now: Timestamp) -> Result<(), StoreError> {
    run(tx, NOTE, rules, now).await
}

async fn run(tx: &mut Tx, sql: super::sql::Sql, rules: &[String], now: Timestamp) -> Result<(), StoreError> {
    match tx.at() {
        At::Sqlite(c) => {
            let query = sqlx::query(sql.sqlite).bind(list_text(rules)?).bind(now.seconds());
            query.execute(c).await?;
        }
        At::Postgres(c) => {
            let query = sqlx::query(sql.postgres).bind(rules).bind(now.seconds());
            query.execute(c).await?;
        }
    }
    Ok(())
}

/// The services that were known at `cut` and not used since. Only looks: makes no file and no table, and
/// waits for nobody. Errors where there is no database yet, or one of another version.
pub async fn unused(url: &DatabaseUrl, cut: Timestamp) -> Result<BTreeSet<String>, StoreError> {
    let look = async {
        let rules: Vec<String> = match url {
            DatabaseUrl::Memory => Vec::new(),
            DatabaseUrl::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).create_if_missing(false);
                let mut c = options.pragma("query_only", "ON").disable_statement_logging().connect().await?;
                let rules = sqlx::query_scalar(UNUSED.sqlite).bind(cut.seconds()).fetch_all(&mut c).await?;
                c.close().await?;
                rules
            }
            DatabaseUrl::Postgres(text) => {
                let options: sqlx::postgres::PgConnectOptions = text.parse()?;
                let mut c = options.disable_statement_logging().connect().await?;
                let rules = sqlx::query_scalar(UNUSED.postgres).bind(cut.seconds()).fetch_all(&mut c).await?;
                c.close().await?;
                rules
            }
        };
        Ok(rules.into_iter().collect())
    };
    within(PATIENCE, look).await
}
