//! What others do to a database, and every statement on both.

use std::time::Duration;

use sqlx::{ConnectOptions, Connection, Executor, SqlSafeStr};

use super::*;
use crate::store::{
    counts, federated, forms, grants, handoffs, leases, outbox, overview, people, secrets, sessions,
    sign_outs, tickets, upstream_grants,
};

fn all_statements() -> impl Iterator<Item = &'static crate::store::sql::Sql> {
    let lists = [
        sessions::ALL,
        tickets::ALL,
        crate::store::plain::leave::ALL,
        crate::store::plain::come_back::ALL,
        crate::store::plain::sign_in::ALL,
        crate::store::plain::issue::ALL,
        crate::store::plain::take::ALL,
        crate::store::plain::use_form::ALL,
        grants::ALL,
        upstream_grants::ALL,
        handoffs::ALL,
        forms::ALL,
        federated::ALL,
        outbox::ALL,
        people::ALL,
        secrets::ALL,
        leases::ALL,
        crate::store::uses::ALL,
        crate::store::accounts::ALL,
        crate::store::switches::ALL,
        sign_outs::ALL,
        overview::ALL,
        counts::ALL,
    ];
    lists.into_iter().flatten()
}

#[tokio::test]
async fn every_statement_is_understood_by_both() {
    let memory = crate::store::open::memory().await.unwrap();
    let mut c = memory.acquire().await.unwrap();
    for statement in all_statements() {
        let plan = (&mut *c).prepare(statement.sqlite.into_sql_str()).await;
        assert!(plan.is_ok(), "{} on SQLite: {:?}", statement.name, plan.err());
    }
    let url = postgres::Postgres::shared().fresh_database();
    let pool = crate::store::open::postgres(&url).await.unwrap();
    let mut c = pool.acquire().await.unwrap();
    let only_sqlite = |name: &str| {
        ["::FORGET_TOLD", "sign_in::KNOW", "sign_in::LINK"].iter().any(|own| name.ends_with(own))
    };
    for statement in all_statements().filter(|statement| !only_sqlite(statement.name)) {
        let plan = (&mut *c).prepare(statement.postgres.into_sql_str()).await;
        assert!(plan.is_ok(), "{} on PostgreSQL: {:?}", statement.name, plan.err());
    }
}

/// Strangers ask this as often as they like: it must cost the same however many sign-ins are under way.
#[tokio::test]
async fn whether_a_delivery_is_expected_is_found_without_reading_a_table() {
    let memory = crate::store::open::memory().await.unwrap();
    let expected = upstream_grants::ALL.iter().find(|sql| sql.name.ends_with("IS_EXPECTED")).unwrap();
    let text = format!("EXPLAIN QUERY PLAN {}", expected.sqlite);
    let plan = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind("north.example").bind(1).bind(2000).bind(2);
    let plan: Vec<(i64, i64, i64, String)> = plan.fetch_all(&memory).await.unwrap();
    let steps: Vec<&str> = plan.iter().map(|(_, _, _, step)| step.as_str()).collect();
    let on_handoffs: Vec<_> = steps.iter().filter(|step| step.contains(" handoff ")).collect();
    assert!(!on_handoffs.is_empty(), "{steps:?}");
    assert!(on_handoffs.iter().all(|step| step.starts_with("SEARCH")), "{steps:?}");
    assert!(on_handoffs.iter().all(|step| step.contains("handoff_used_at")), "{steps:?}");
}

#[tokio::test]
async fn several_nodes_may_start_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut urls = vec![DatabaseUrl::Sqlite(folder.path().join("p.db"))];
    if std::env::var("PASSERELLE_TEST_DATABASE").as_deref() == Ok("postgres") {
        urls = vec![DatabaseUrl::Postgres(postgres::Postgres::shared().fresh_database())];
    }
    for url in urls {
        let nodes = futures_util::future::join_all((0..6).map(|_| Store::open(&url))).await;
        assert_eq!(
            nodes.into_iter().filter_map(|node| node.map_err(|error| panic!("{error}")).ok()).count(),
            6
        );
    }
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let house = House::new().await;
    house.close().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (9, 'later', TRUE, 'x', 0)";
    match &house.url {
        DatabaseUrl::Postgres(url) => {
            let newer = newer.replace("'x'", "'x'::bytea");
            let mut c = sqlx::PgConnection::connect(url).await.unwrap();
            sqlx::query(sqlx::AssertSqlSafe(newer)).execute(&mut c).await.unwrap();
        }
        DatabaseUrl::Sqlite(path) => {
            let mut c = sqlx::sqlite::SqliteConnectOptions::new().filename(path).connect().await.unwrap();
            sqlx::query(newer).execute(&mut c).await.unwrap();
        }
        DatabaseUrl::Memory => {}
    }
    let refused = Store::open(&house.url).await;
    assert!(matches!(refused, Err(StoreError::TooNew { found: 9, .. })), "{refused:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_is_for_our_own_eyes() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&DatabaseUrl::Sqlite(folder.path().join("p.db"))).await.unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    store.close().await;
}

#[tokio::test]
async fn readers_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&DatabaseUrl::Sqlite(folder.path().join("p.db"))).await.unwrap();
    let mut read = store.read().await.unwrap();
    let crate::store::sql::At::Sqlite(c) = read.at() else { panic!("not SQLite") };
    assert!(sqlx::query("DELETE FROM session").execute(c).await.is_err());
}

#[tokio::test]
async fn a_locked_file_is_unavailable_until_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.db");
    let url = DatabaseUrl::Sqlite(path.clone());
    let store = Store::open_with(&url, Duration::from_millis(100)).await.unwrap();
    let house = House { store, url, _folder: folder };
    house.session("s").await;
    let mut other = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    sqlx::query("BEGIN EXCLUSIVE").execute(&mut other).await.unwrap();
    let (hot, closure) = tokio::join!(
        house.issue(new("ST-1", issued("s"))),
        house.write(|tx| Box::pin(async move { secrets::get_or_insert(tx, "k", "v").await })),
    );
    assert!(is_unavailable(&hot) && is_unavailable(&closure), "{hot:?} {closure:?}");
    assert!(is_unavailable(&house.take(take("ST-1")).await));
    // Reading goes on.
    assert!(house.outbox().await.is_empty());
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    assert!(house.issue(new("ST-1", issued("s"))).await.unwrap());
    assert!(house.take(take("ST-1")).await.unwrap().is_some());
    assert!(house.end("s", 1100).await);
}

#[tokio::test]
async fn a_file_that_is_gone_or_another_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, aside) = (folder.path().join("p.db"), folder.path().join("aside.db"));
    let store = Store::open(&DatabaseUrl::Sqlite(path.clone())).await.unwrap();
    let house = House { store, url: DatabaseUrl::Sqlite(path.clone()), _folder: folder };
    house.session("s").await;
    let refuses = async |why: &str| {
        let write = house.write(|tx| Box::pin(async move { secrets::get_or_insert(tx, "k", "v").await }));
        assert!(is_unavailable(&house.issue(new("ST-1", issued("s"))).await), "{why}");
        assert!(is_unavailable(&write.await), "{why}");
        assert!(is_unavailable(&house.store.session(&TicketHash::of("s")).await), "{why}");
    };
    std::fs::rename(&path, &aside).unwrap();
    refuses("moved away").await;
    assert!(!path.exists(), "nothing is made in its place");
    std::fs::write(&path, "").unwrap();
    refuses("an empty one").await;
    std::fs::copy(&aside, &path).unwrap();
    refuses("a copy").await;
    std::fs::rename(&aside, &path).unwrap();
    assert!(house.issue(new("ST-1", issued("s"))).await.unwrap(), "the same again");
    assert!(house.store.session(&TicketHash::of("s")).await.unwrap().is_some());
    std::fs::remove_file(&path).unwrap();
    refuses("deleted").await;
}

#[tokio::test]
async fn a_row_that_makes_no_sense_is_named() {
    let house = House::new().await;
    house.session("s").await;
    house.issue(new("ST-1", issued("s"))).await.unwrap();
    house.issue(new("ST-2", issued("s"))).await.unwrap();
    let spoil = "UPDATE ticket SET attributes = 'xx' WHERE id = $1";
    let spoilt = house.write(move |tx| {
        Box::pin(async move {
            let id = TicketHash::of("ST-1");
            match tx.at() {
                crate::store::sql::At::Sqlite(c) => {
                    sqlx::query(spoil).bind(id.as_str()).execute(c).await.map(|_| ())?;
                }
                crate::store::sql::At::Postgres(c) => {
                    sqlx::query(spoil).bind(id.as_str()).execute(c).await.map(|_| ())?;
                }
            }
            Ok(())
        })
    });
    spoilt.await.unwrap();
    let (wrong, right) = tokio::join!(house.take(take("ST-1")), house.take(take("ST-2")));
    assert!(matches!(wrong, Err(StoreError::Inconsistent { table: "ticket", .. })), "{wrong:?}");
    assert!(right.unwrap().is_some());
}

#[tokio::test]
async fn a_locked_table_is_waited_for_and_then_told() {
    let DatabaseUrl::Postgres(url) = House::new().await.url.clone() else { return };
    let store = Store::open(&DatabaseUrl::Postgres(url.clone())).await.unwrap();
    let mut other = url.parse::<sqlx::postgres::PgConnectOptions>().unwrap().connect().await.unwrap();
    let mut lock = other.begin().await.unwrap();
    sqlx::query("LOCK TABLE ticket IN ACCESS EXCLUSIVE MODE").execute(&mut *lock).await.unwrap();
    let refused = store.take(take("ST-a")).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    lock.rollback().await.unwrap();
    assert!(store.take(take("ST-a")).await.unwrap().is_none());
}
