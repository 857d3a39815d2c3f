//! Entries that somebody switched off by command, on every node.

use super::error::StoreError;
use super::sql::{Read, Tx, on, statements};
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
    let rows: Vec<(String, String)> = on!(read, ALL_OFF, |c, text| sqlx::query_as(text).fetch_all(c).await)?;
    let kinds = [Kind::Provider, Kind::Service];
    let known = rows.into_iter().filter_map(|(kind, name)| {
        // The table takes no other kind.
        kinds.into_iter().find(|known| known.as_str() == kind).map(|kind| (kind, name))
    });
    Ok(known.collect())
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
