//! The tables, brought up to date when a store is opened.

use std::borrow::Cow;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Connection, PgConnection, SqlSafeStr, SqliteConnection};

use super::error::StoreError;

const SQLITE: &[(i64, &str, &str)] = &[
    (1, "start", include_str!("../../migrations/sqlite/0001_start.sql")),
    (2, "complete", include_str!("../../migrations/sqlite/0002_complete.sql")),
    (3, "federation", include_str!("../../migrations/sqlite/0003_federation.sql")),
    (4, "accounts", include_str!("../../migrations/sqlite/0004_accounts.sql")),
    (5, "devices", include_str!("../../migrations/sqlite/0005_devices.sql")),
];
const POSTGRES: &[(i64, &str, &str)] = &[
    (1, "start", include_str!("../../migrations/postgres/0001_start.sql")),
    (2, "complete", include_str!("../../migrations/postgres/0002_complete.sql")),
    (3, "federation", include_str!("../../migrations/postgres/0003_federation.sql")),
    (4, "accounts", include_str!("../../migrations/postgres/0004_accounts.sql")),
    (5, "devices", include_str!("../../migrations/postgres/0005_devices.sql")),
];

/// Any number that no other program locks on the same database.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7277353735)";

/// Migrates a file. BEGIN IMMEDIATE makes others that start at the same time wait for us, and then they
/// find nothing left to do: the migrator itself locks nothing on SQLite.
pub(super) async fn sqlite(c: &mut SqliteConnection) -> Result<(), StoreError> {
    let mut tx = c.begin_with("BEGIN IMMEDIATE").await?;
    migrator(SQLITE).run(&mut *tx).await.map_err(|error| sorted(error, SQLITE))?;
    Ok(tx.commit().await?)
}

/// Migrates a PostgreSQL database, one node at a time. Our lock ends with the transaction, also when
/// something fails; the migrator's own would stay with the connection.
pub(super) async fn postgres(c: &mut PgConnection) -> Result<(), StoreError> {
    let mut tx = c.begin().await?;
    sqlx::query(LOCK).execute(&mut *tx).await?;
    migrator(POSTGRES).run(&mut *tx).await.map_err(|error| sorted(error, POSTGRES))?;
    Ok(tx.commit().await?)
}

fn migrator(list: &[(i64, &'static str, &'static str)]) -> Migrator {
    let migrations = list.iter().map(|&(version, name, text)| {
        Migration::new(version, Cow::Borrowed(name), MigrationType::Simple, text.into_sql_str(), false)
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    migrator.set_locking(false);
    migrator
}

/// A migration that we do not have is a later version's.
fn sorted(error: MigrateError, list: &[(i64, &'static str, &'static str)]) -> StoreError {
    let known = list.iter().map(|(version, ..)| *version).max().unwrap_or_default();
    match error {
        MigrateError::VersionMissing(found) => StoreError::TooNew { found, known },
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Sql(other.into()),
    }
}
