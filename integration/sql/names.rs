//! Who is known: the name is a value, whatever it is made of.

use super::{BackEnd, PASSWORD, Server};
use crate::support::logs;

/// People of the table, by names that would mean something to somebody who builds statements of text.
pub const NAMES: [&str; 12] = [
    "ada",
    "zoë",
    "张伟",
    "o'neill",
    "a%b",
    "a_b",
    r"back\slash",
    r"end\",
    "semi;--",
    "$1",
    "%s%(username)s?",
    "\"quoted\"",
];

#[tokio::test]
async fn names_are_values_in_every_database() {
    for server in Server::with_people().await {
        let back_end = server.back_end("");
        for name in NAMES {
            assert_eq!(back_end.check(name, PASSWORD).await, name, "{}", server.url());
            assert_eq!(back_end.check(name, "Näh, über: Brücken").await, "wrong", "{name}");
        }
        let long = "a".repeat(5000);
        for nobody in [
            "nobody",
            "' OR '1'='1",
            "ada' --",
            r"ada\' OR 1=1 -- ",
            "%",
            "ad_",
            "a*",
            "x'; DROP TABLE people; --",
            "ada\0",
            "\0",
            "\u{1}",
            "😀",
            "",
            long.as_str(),
        ] {
            assert_eq!(back_end.check(nobody, PASSWORD).await, "unknown", "{nobody:?} {}", server.url());
        }
        // The table is still there, and so is everybody in it.
        assert_eq!(back_end.check("ada", PASSWORD).await, "ada");
    }
}

#[tokio::test]
async fn the_name_may_be_written_in_four_ways_and_more_than_once() {
    for server in Server::with_people().await {
        for place in ["?", "$1", "%s", "%(username)s"] {
            let query = format!(
                "query = '''\nSELECT login AS username, pw AS password FROM people\n \
                 WHERE mail <> '?' AND login = {place} AND login = {place} /* '?' */;\n-- that is all\n'''"
            );
            let back_end = server.back_end(&query);
            assert_eq!(back_end.check("ada", PASSWORD).await, "ada", "{place} {}", server.url());
            assert_eq!(back_end.check("bob", PASSWORD).await, "unknown", "{place} {}", server.url());
            assert_eq!(back_end.probe().await.0, "fine", "{place} {}", server.url());
        }
    }
}

#[tokio::test]
async fn exactly_one_row_is_somebody() {
    let from = logs::listen();
    for server in Server::with_people().await {
        let back_end = server.back_end("");
        for _ in 0..3 {
            assert_eq!(back_end.check("twin", PASSWORD).await, "unknown");
            assert_eq!(back_end.known("twin").await, "Nobody");
        }
        // Many rows are not waited for, and the next question has its own answer.
        let all =
            server.back_end("query = \"SELECT login AS username, pw AS password FROM people WHERE '' <> ?\"");
        assert_eq!(all.check("ada", PASSWORD).await, "unknown");
        assert_eq!(all.check("ada", PASSWORD).await, "unknown");
        let logs = logs::since(from);
        let lines =
            logs.lines().filter(|line| line.contains("several rows") && line.contains(&back_end.name));
        assert_eq!(lines.count(), 1, "{logs}");
    }
}

#[tokio::test]
async fn passwords_that_nobody_can_have() {
    let from = logs::listen();
    for server in Server::with_people().await {
        let back_end = server.back_end("");
        for name in ["nopassword", "empty", "odd"] {
            for _ in 0..2 {
                assert_eq!(back_end.check(name, PASSWORD).await, "wrong", "{name} {}", server.url());
            }
        }
        let logs = logs::since(from);
        let line = |name: &str| {
            let of = |line: &&str| line.contains(&back_end.name) && line.contains(&format!("user={name} "));
            logs.lines().filter(of).filter(|line| line.contains("ERROR")).count()
        };
        assert_eq!([line("odd"), line("nopassword")], [1, 0], "{logs}");
        assert!(!logs.contains("$9$odd"), "{logs}");
    }
}

#[tokio::test]
async fn a_name_is_what_the_table_says() {
    for server in Server::all().await {
        server
            .run("CREATE TABLE a (login VARCHAR(20), number INTEGER, mail VARCHAR(40)); INSERT INTO a VALUES ('ada', 7, 'A@home.example'), (NULL, 8, 'b'), ('', 9, 'c')")
            .await;
        let pw = super::hash(PASSWORD);
        for (columns, mail, name) in [
            ("login AS username, 'PW' AS password", "a@HOME.example", "ada"),
            ("login AS \"UserName\", 'PW' AS \"PASSWORD\"", "a@home.example", "ada"),
            ("number AS username, 'PW' AS password", "a@home.example", "7"),
            ("login AS username, 'PW' AS password", "b", "unknown"),
            ("login AS username, 'PW' AS password", "c", "unknown"),
        ] {
            let columns = columns.replace("PW", &pw);
            let query = format!("query = '''SELECT {columns} FROM a WHERE lower(mail) = lower(?)'''");
            assert_eq!(server.back_end(&query).check(mail, PASSWORD).await, name, "{columns} {mail}");
        }
    }
}

/// A column that has few letters, and a connection that has: nobody else is meant, and nothing is down.
#[tokio::test]
async fn letters_that_a_table_lacks() {
    let latin = "CREATE TABLE people (login VARCHAR(50), pw VARCHAR(300), city VARCHAR(50))";
    let rows = format!("INSERT INTO people VALUES ('zoë', '{}', 'Größenwahn')", super::hash(PASSWORD));
    if let Some(server) = Server::maria().await {
        server.run(&format!("{latin} CHARACTER SET latin1; {rows}")).await;
        for charset in ["", "&charset=utf8mb4", "&charset=utf8", "&charset=latin1"] {
            let back_end = BackEnd::at(&format!("{}{charset}", server.url()), "");
            assert_eq!(back_end.check("zoë", PASSWORD).await, "zoë", "{charset}");
            assert_eq!(back_end.known("zoë").await, "login [\"zoë\"]\ncity [\"Größenwahn\"]", "{charset}");
            for nobody in ["张伟", "😀", "zo€"] {
                assert_eq!(back_end.check(nobody, PASSWORD).await, "unknown", "{charset} {nobody}");
            }
        }
    }
    if let Some(server) = Server::postgres() {
        server
            .run("CREATE DATABASE few ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
            .await;
        let url = server.url();
        let (_, host) = url.split_once('?').unwrap();
        let few = Server::Postgres(format!("postgres:///few?{host}"));
        few.run(&format!("{latin}; {rows}")).await;
        let back_end = few.back_end("");
        assert_eq!(back_end.check("zoë", PASSWORD).await, "zoë");
        assert_eq!(back_end.known("zoë").await, "login [\"zoë\"]\ncity [\"Größenwahn\"]");
        assert_eq!(back_end.check("张伟", PASSWORD).await, "unknown");
    }
}
