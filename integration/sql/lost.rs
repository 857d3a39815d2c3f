//! Databases that are gone, come back, or never answer.

use std::time::Duration;

use passerelle::auth::{Authenticator, Down, Steps, Went};
use tokio::net::TcpListener;
use tokio::time::timeout;

use super::{BackEnd, PASSWORD, Server};
use crate::support::mariadb::MariaDb;
use crate::support::postgres::Postgres;
use crate::support::relay::{Relay, Target};

/// A server behind a place that is closed and opened, and its address there.
pub async fn behind(server: &Server) -> Option<(Relay, String)> {
    match server {
        Server::Postgres(url) => {
            let relay = Relay::open(Target::Socket(Postgres::shared().socket())).await;
            let database = url.strip_prefix("postgres:///")?.split('?').next()?.to_owned();
            let url = format!("postgres://postgres@127.0.0.1:{}/{database}?sslmode=disable", relay.port());
            Some((relay, url))
        }
        Server::Maria(maria, database) => {
            maria.execute("", "CREATE USER IF NOT EXISTS reader@'127.0.0.1' IDENTIFIED BY 'Fern+Moss@9'; GRANT SELECT ON *.* TO reader@'127.0.0.1'").await;
            let relay = Relay::open(Target::Port(MariaDb::port(maria))).await;
            let url = format!("mysql://reader:Fern%2BMoss%409@127.0.0.1:{}/{database}", relay.port());
            Some((relay, url))
        }
        Server::Sqlite(_) => None,
    }
}

#[tokio::test]
async fn a_server_that_comes_back_is_asked_again() {
    for server in Server::with_people().await {
        let Some((mut relay, url)) = behind(&server).await else { continue };
        let back_end = BackEnd::at(&url, "");
        assert_eq!(back_end.check("ada", PASSWORD).await, "ada", "{url}");
        // Connections that were kept are dead, the server is not.
        relay.open_again().await;
        assert_eq!(back_end.check("ada", PASSWORD).await, "ada", "{url}");
        assert_eq!(back_end.check("nobody", PASSWORD).await, "unknown", "{url}");
        relay.close().await;
        for _ in 0..2 {
            let said = back_end.check("ada", PASSWORD).await;
            assert!(
                said.starts_with("down: ") && said.contains("refused") && !said.contains("Fern"),
                "{said}"
            );
        }
        relay.open_again().await;
        assert_eq!(back_end.check("ada", PASSWORD).await, "ada", "{url}");
        assert_eq!(back_end.check("ada", "wrong").await, "wrong", "{url}");
    }
}

/// The server itself ends connections: an administrator, a restart.
#[tokio::test]
async fn connections_that_the_server_ends_are_made_again() {
    for server in Server::with_people().await {
        let end = match &server {
            Server::Postgres(_) => {
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            }
            Server::Maria(..) => {
                "BEGIN NOT ATOMIC FOR one IN (SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()) DO KILL one.id; END FOR; END"
            }
            Server::Sqlite(_) => continue,
        };
        let back_end = server.back_end("connections = 3");
        for _ in 0..3 {
            let all = [
                back_end.check("ada", PASSWORD),
                back_end.check("zoë", PASSWORD),
                back_end.check("a%b", PASSWORD),
            ];
            let [first, second, third] = all;
            assert_eq!(tokio::join!(first, second, third), ("ada".into(), "zoë".into(), "a%b".into()));
            server.run(end).await;
        }
    }
}

#[tokio::test]
async fn a_file_that_is_gone_is_down() {
    let server = Server::sqlite();
    server.run(&super::people(&server)).await;
    let Server::Sqlite(folder) = &server else { unreachable!() };
    let back_end = server.back_end("timeout = \"300 ms\"");
    assert_eq!(back_end.check("ada", PASSWORD).await, "ada");
    let (file, away) = (folder.path().join("people.db"), folder.path().join("away.db"));
    std::fs::rename(&file, &away).unwrap();
    let said = back_end.check("ada", PASSWORD).await;
    assert!(said.contains("unable to open database file"), "{said}");
    assert!(!file.exists(), "no empty file is made in its place");
    std::fs::rename(&away, &file).unwrap();
    assert_eq!(back_end.check("ada", PASSWORD).await, "ada");
    // Somebody writes for longer than we wait.
    let mut writer = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    writer = writer.journal_mode(sqlx::sqlite::SqliteJournalMode::Delete);
    let mut writer = sqlx::ConnectOptions::connect(&writer).await.unwrap();
    sqlx::Executor::execute(&mut writer, "BEGIN EXCLUSIVE").await.unwrap();
    let said = timeout(Duration::from_secs(10), back_end.check("ada", PASSWORD)).await.unwrap();
    assert!(said.starts_with("down: "), "{said}");
    sqlx::Executor::execute(&mut writer, "COMMIT").await.unwrap();
    assert_eq!(back_end.check("ada", PASSWORD).await, "ada");
}

/// Whoever takes connections and says nothing has the time of one question, and no more.
#[tokio::test]
async fn a_server_that_hangs_is_down_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for scheme in ["postgres", "mysql"] {
        let back_end = BackEnd::at(
            &format!("{scheme}://u:hunter2@127.0.0.1:{port}/d"),
            "timeout = \"200 ms\"\nconnections = 1",
        );
        // Those who wait for a connection wait no longer, and say so: a crowd alone is no outage.
        let both = async { tokio::join!(back_end.check("ada", "x"), back_end.check("ben", "x")) };
        let (first, second) = timeout(Duration::from_secs(10), both).await.unwrap();
        let place = format!("down: {scheme}://127.0.0.1:{port}/d");
        assert_eq!(first, format!("{place}: no answer within 200ms"));
        assert_eq!(second, format!("{place}: all of its `connections` are busy with other questions"));
    }
    drop(listener);
}

/// The same in the middle of a question.
#[tokio::test]
async fn a_question_that_takes_too_long_is_given_up() {
    for (server, wait) in [(Server::postgres(), "pg_sleep(30)::text"), (Server::maria().await, "sleep(30)")] {
        let Some(server) = server else { continue };
        server.run(&super::people(&server)).await;
        let keys = format!(
            "timeout = \"300 ms\"\nquery = \"SELECT login AS username, pw AS password, {wait} AS x FROM people WHERE login = ?\""
        );
        let back_end = server.back_end(&keys);
        let said = timeout(Duration::from_secs(10), back_end.check("ada", PASSWORD)).await.unwrap();
        assert!(said.ends_with("no answer within 300ms"), "{said}");
        // What was given up is no one's answer later.
        assert_eq!(back_end.check("nobody", PASSWORD).await, "unknown", "{}", server.url());
    }
}

/// A slow question keeps the one connection busy: the database answers, so nobody calls it silent.
#[tokio::test]
async fn whoever_finds_no_free_connection_is_one_of_a_crowd() {
    let Some(server) = Server::postgres() else { return };
    server.run(&super::people(&server)).await;
    let keys = "timeout = \"4 s\"\nconnections = 1\nquery = \"SELECT login AS username, pw AS password, pg_sleep(3.6)::text AS x FROM people WHERE login = ?\"";
    let back_end = server.back_end(keys);
    let steps = Steps::kept();
    let password = PASSWORD.into();
    let (first, second) = tokio::join!(back_end.known("ada"), back_end.sql.check("ada", &password, &steps));
    assert!(first.starts_with("x "), "{first}");
    assert!(matches!(second, Err(Down::Crowd(_))), "{second:?}");
    assert_eq!(steps.list().last().map(|step| step.went), Some(Went::Badly));
}

/// However many sign in at once: the database is asked on a few connections.
#[tokio::test]
async fn connections_are_few() {
    let Some(server) = Server::postgres() else { return };
    server.run(&super::people(&server)).await;
    let Server::Postgres(url) = &server else { unreachable!() };
    let back_end = server.back_end("connections = 2");
    let all = (0..20).map(|_| back_end.known("ada"));
    let known = futures_util::future::join_all(all).await;
    assert!(known.iter().all(|one| one.contains("room [7]")), "{known:?}");
    let mut beside = <sqlx::PgConnection as sqlx::Connection>::connect(url).await.unwrap();
    let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let count: i64 = sqlx::query_scalar(count).fetch_one(&mut beside).await.unwrap();
    assert!((1..=2).contains(&count), "{count}");
}
