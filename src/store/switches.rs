//! Entries that somebody switched off by command, on every node.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::error::StoreError;
use super::sql::{Read, Tx, on, statements};
use super::{DatabaseUrl, PATIENCE, within};
use crate::domain::switches::{Kind, Switches};
use crate::protocol::time::Timestamp;

statements! {
    ALL_OFF = "SELECT kind, name FROM switch";

    // Who was off stays off since then.
    OFF = "INSERT INTO switch (kind, name, disabled_at) VALUES ($1, $2, $3) ON CONFLICT (kind, name) DO NOTHING";

    ON = "DELETE FROM switch WHERE kind = $1 AND name = $2";
}

/// All that are off.
pub async fn read(read: &mut Read) -> Result<Switches, StoreError> {
    Ok(known(on!(read, ALL_OFF, |c, text| sqlx::query_as(text).fetch_all(c).await)?))
}

/// The same of a database that nobody has opened. Only looks: makes no file and no table, and waits for nobody.
/// Errors where there is no database yet, or one of another version.
pub async fn glance(url: &DatabaseUrl) -> Result<Switches, StoreError> {
    let look = async {
        let rows: Vec<(String, String)> = match url {
            DatabaseUrl::Memory => Vec::new(),
            DatabaseUrl::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).create_if_missing(false);
                let mut c = options.pragma("query_only", "ON").disable_statement_logging().connect().await?;
                let rows = sqlx::query_as(ALL_OFF.sqlite).fetch_all(&mut c).await?;
                c.close().await?;
                rows
            }
            DatabaseUrl::Postgres(text) => {
                let options: sqlx::postgres::PgConnectOptions = text.parse()?;
                let mut c = options.disable_statement_logging().connect().await?;
                let rows = sqlx::query_as(ALL_OFF.postgres).fetch_all(&mut c).await?;
                c.close().await?;
                rows
            }
        };
        Ok(known(rows))
    };
    within(PATIENCE, look).await
}

fn known(rows: Vec<(String, String)>) -> Switches {
    let kinds = [Kind::Provider, Kind::Service];
    let known = rows.into_iter().filter_map(|(kind, name)| {
        // The table takes no other kind.
        kinds.into_iter().find(|known| known.as_str() == kind).map(|kind| (kind, name))
    });
    known.collect()
}

/// Switches an entry off. Out: whether it was on.
pub async fn off(tx: &mut Tx, kind: Kind, name: &str, now: Timestamp) -> Result<bool, StoreError> {
    let rows = on!(tx, OFF, |c, text| {
        let insert = sqlx::query(text).bind(kind.as_str()).bind(kind.key(name)).bind(now.seconds());
        insert.execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Takes the switch away. Out: whether there was one.
pub async fn on(tx: &mut Tx, kind: Kind, name: &str) -> Result<bool, StoreError> {
    let rows = on!(tx, ON, |c, text| {
        let delete = sqlx::query(text).bind(kind.as_str()).bind(kind.key(name));
        delete.execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}
