//! What columns become.

use insta::assert_snapshot;

use super::{PASSWORD, Server};

#[tokio::test]
async fn everything_but_the_password_is_an_attribute() {
    for server in Server::with_people().await {
        let back_end = server.back_end("");
        let all = "login [\"ada\"]\nmail [\"someone@home.example\"]\nroom [7]";
        assert_eq!(back_end.known("ada").await, all, "{}", server.url());
        assert_eq!(back_end.known("nobody").await, "Nobody");
        // Of columns of one name the first counts.
        let twice = "SELECT login AS username, pw AS password, 'first' AS mail, people.*, 'x' AS username FROM people WHERE login = ?";
        let back_end = server.back_end(&format!("query = \"{twice}\""));
        let first = "mail [\"first\"]\nlogin [\"ada\"]\nroom [7]";
        assert_eq!(back_end.known("ada").await, first, "{}", server.url());
        assert_eq!(back_end.check("ada", PASSWORD).await, "ada");
    }
}

#[tokio::test]
async fn a_source_of_attributes_needs_no_password() {
    for server in Server::with_people().await {
        let keys = "sign_in = false\nquery = \"SELECT login AS username, mail FROM people WHERE login = ?\"";
        let back_end = server.back_end(keys);
        assert_eq!(back_end.known("zoë").await, "mail [\"someone@home.example\"]");
        assert_eq!(back_end.probe().await.0, "fine");
    }
}

#[tokio::test]
async fn the_question_that_nobody_wrote() {
    for server in Server::all().await {
        let user = if matches!(server, Server::Postgres(_)) { "\"user\"" } else { "user" };
        let (hash, name) = (super::hash(PASSWORD), server.quoted("ada"));
        server
            .run(&format!("CREATE TABLE users ({user} VARCHAR(20), pass VARCHAR(200), city VARCHAR(20)); INSERT INTO users VALUES ({name}, '{hash}', 'Bath'), ('root', '', ''), ('postgres', '', '')"))
            .await;
        let back_end = server.back_end("# no query");
        assert_eq!(back_end.check("ada", PASSWORD).await, "ada", "{}", server.url());
        assert_eq!(back_end.known("ada").await, "user [\"ada\"]\ncity [\"Bath\"]");
        assert_eq!(back_end.check("nobody", PASSWORD).await, "unknown", "{}", server.url());
    }
}

#[tokio::test]
async fn types_of_postgresql() {
    let Some(server) = Server::postgres() else { return };
    server
        .run(
            "CREATE TYPE mood AS ENUM ('calm', 'merry');
             CREATE DOMAIN digest AS bytea;
             CREATE TABLE people (login text, pw char(200), a smallint, b bigint, c real, d double precision,
               e numeric(30, 10), f boolean, g date, h timestamp, i timestamptz, j text[], k integer[], l uuid,
               m bytea, n json, o jsonb, p jsonb, q mood, r inet, s interval, t char(10), u numeric[], v bytea[],
               w time, x digest, y text, z double precision, mood mood[], large numeric);
             INSERT INTO people VALUES ('ada', 'secret', -3, 9007199254740993, 1.1, 2.5, 12345678901234567890.1, true,
               '2026-11-21', '2026-11-21 08:16:46.5', '2026-11-21 08:16:46+02', '{a,NULL,\"b c\"}', '{1,2}',
               '6f1f1c1e-0000-4000-8000-000000000001', '\\x00ff41', '[1, \"x\", true]', '{\"b\": [1.50]}',
               '\"scalar\"', 'merry', '192.0.2.7/24', '1 day 02:00', 'abc', '{1.50,2}', '{\"\\\\x41\",\"\\\\x00\"}',
               '23:59:59', '\\xff', '', 'NaN', '{calm,merry}', 1e40);",
        )
        .await;
    let keys = "query = \"SELECT login AS username, pw AS password, people.* FROM people WHERE login = ?\"";
    assert_snapshot!(server.back_end(keys).known("ada").await, @r#"
    login ["ada"]
    a [-3]
    b [9007199254740993]
    c [1.1]
    d [2.5]
    e ["12345678901234567890.1000000000"]
    f [true]
    g ["2026-11-21"]
    h ["2026-11-21T08:16:46.5"]
    i ["2026-11-21T06:16:46+00:00"]
    j ["a","b c"]
    k [1,2]
    l ["6f1f1c1e-0000-4000-8000-000000000001"]
    m ["AP9B"]
    n [1,"x",true]
    o ["{\"b\": [1.50]}"]
    p ["scalar"]
    q ["merry"]
    r ["192.0.2.7/24"]
    s ["1 day 02:00:00"]
    t ["abc"]
    u ["1.50","2"]
    v ["QQ==","AA=="]
    w ["23:59:59"]
    x ["/w=="]
    y [""]
    z ["NaN"]
    mood ["calm","merry"]
    large ["10000000000000000000000000000000000000000"]
    "#);
}

/// A type that the library has no word for makes no row unreadable, and the others stay what they are.
#[tokio::test]
async fn types_of_postgresql_that_few_know() {
    let Some(server) = Server::postgres() else { return };
    server
        .run(
            "CREATE TABLE people (login text, pw text, a int4multirange, b datemultirange, c int4multirange[],
               d numeric, e bytea, f char(4), g int4range, h integer);
             INSERT INTO people VALUES ('ada', 'secret', '{[1,3),[5,9)}', '{}', ARRAY['{[1,2)}'::int4multirange],
               1.50, '\\x00ff', 'ab', '[1,5)', 7);",
        )
        .await;
    let keys = "query = \"SELECT login AS username, pw AS password, people.* FROM people WHERE login = ?\"";
    let back_end = server.back_end(keys);
    let first = back_end.known("ada").await;
    assert_snapshot!(first, @r#"
    login ["ada"]
    a ["{[1,3),[5,9)}"]
    b ["{}"]
    c ["{[1,2)}"]
    d ["1.50"]
    e ["AP8="]
    f ["ab"]
    g ["[1,5)"]
    h [7]
    "#);
    assert_eq!(back_end.known("ada").await, first, "the connection keeps what it was told");
    assert_eq!(back_end.check("nobody", "secret").await, "unknown");
}

/// What a name is compared with decides how.
#[tokio::test]
async fn comparisons_of_postgresql() {
    let Some(server) = Server::postgres() else { return };
    server
        .run(
            "CREATE EXTENSION citext; CREATE TYPE who AS ENUM ('ada', 'ben');
             CREATE TABLE people (number integer, kind who, any_case citext DEFAULT 'ada', short varchar(9), fixed char(9), plain name, data jsonb);
             INSERT INTO people VALUES (7, 'ada', DEFAULT, 'ada', 'ada', 'ada', '{\"admin\": 1}');",
        )
        .await;
    for (condition, name, seen) in [
        ("kind = ?", "ada", "7"),
        ("kind = ?", "cee", "unknown"),
        ("any_case = ?", "ADA", "7"),
        ("short = $1", "ada", "7"),
        ("fixed = %s", "ada", "7"),
        ("plain = ?", "ada", "7"),
        ("lower(short) = lower(?)", "ADA", "7"),
        ("number::text = ?", "7", "7"),
        ("short = $1 AND data ? 'admin'", "ada", "7"),
        ("short = $1 AND data ? 'guest'", "ada", "unknown"),
        ("short = ? OR kind::text = ?", "ada", "7"),
    ] {
        let keys = format!(
            "query = \"SELECT number AS username, pg_typeof(number)::text AS password FROM people WHERE {condition}\""
        );
        let seen_now = server.back_end(&keys).check(name, "x").await;
        let wanted = if seen == "7" { "wrong" } else { seen };
        assert_eq!(seen_now, wanted, "{condition} {name}");
    }
    let keys = "query = \"SELECT number AS username, short AS password FROM people WHERE number = ?\"";
    let (said, _) = server.back_end(keys).probe().await;
    assert!(said.contains("the type INT4; make it text there, as in `id::text = ?`"), "{said}");
}

#[tokio::test]
async fn types_of_mariadb() {
    let Some(server) = Server::maria().await else { return };
    server
        .run(
            "CREATE TABLE people (login VARCHAR(20), pw VARBINARY(200), a TINYINT, b BIGINT UNSIGNED, c FLOAT, d DOUBLE,
               e DECIMAL(30, 10), f BOOLEAN, f5 TINYINT(1), g DATE, h DATETIME(6), i TIMESTAMP NULL, j TIME(3), k YEAR,
               l BIT(1), m BIT(12), n ENUM('calm','merry'), o SET('x','y','z'), p BLOB, q JSON, r CHAR(10), s TEXT,
               t MEDIUMINT UNSIGNED, u BINARY(3), v DATE, w VARCHAR(20) COLLATE utf8mb4_bin, x BIGINT, y INET6, z POINT);
             SET time_zone = '+02:00';
             INSERT INTO people VALUES ('ada', 'secret', -3, 18446744073709551615, 1.1, 2.5, 12345678901234567890.1, true, 5,
               '2026-11-21', '2026-11-21 08:16:46.5', '2026-11-21 08:16:46', '-26:03:04.5', 2026, b'1', b'101010101010',
               'merry', 'x,z', x'00ff41', '[1, \"x\"]', 'abc', 'long', 16000000, x'000102', NULL, 'É', -9007199254740993,
               '2001:db8::1', POINT(1, 2));",
        )
        .await;
    let keys = "query = \"SELECT login AS username, pw AS password, people.* FROM people WHERE login = ?\"";
    assert_snapshot!(server.back_end(keys).known("ada").await, @r#"
    login ["ada"]
    a [-3]
    b ["18446744073709551615"]
    c [1.1]
    d [2.5]
    e ["12345678901234567890.1000000000"]
    f [true]
    f5 [5]
    g ["2026-11-21"]
    h ["2026-11-21T08:16:46.5"]
    i ["2026-11-21T06:16:46+00:00"]
    j ["-26:03:04.5"]
    k [2026]
    l [true]
    m [2730]
    n ["merry"]
    o ["x","z"]
    p ["AP9B"]
    q ["[1, \"x\"]"]
    r ["abc"]
    s ["long"]
    t [16000000]
    u ["AAEC"]
    w ["É"]
    x [-9007199254740993]
    y ["2001:db8::1"]
    z ["AAAAAAEBAAAAAAAAAAAA8D8AAAAAAAAAQA=="]
    "#);
    // `||` is what it is on the server: here no text is put together.
    let keys =
        "query = \"SELECT login AS username, 'x' AS password FROM people WHERE login = ? || login = 'ada'\"";
    assert_eq!(server.back_end(keys).check("nobody", "y").await, "wrong");
}

#[tokio::test]
async fn types_of_sqlite() {
    let server = Server::sqlite();
    server
        .run(
            "CREATE TABLE people (login TEXT, pw TEXT, a INTEGER, b REAL, c BOOLEAN, d BOOLEAN, e BLOB, f DATE, g NUMERIC, h, i JSON);
             INSERT INTO people VALUES ('ada', 'secret', -9007199254740993, 2.5, 1, 5, x'00ff41', '2026-11-21', '1.50', 'any', '[1]');",
        )
        .await;
    let keys = "query = \"SELECT login AS username, pw AS password, people.*, 1 + 1 AS j, CAST(x'ff41' AS TEXT) AS k FROM people WHERE login = ?\"";
    assert_snapshot!(server.back_end(keys).known("ada").await, @r#"
    login ["ada"]
    a [-9007199254740993]
    b [2.5]
    c [true]
    d [5]
    e ["AP9B"]
    f ["2026-11-21"]
    g [1.5]
    h ["any"]
    i ["[1]"]
    j [2]
    k ["/0E="]
    "#);
}

/// Tables change under connections that are kept.
#[tokio::test]
async fn a_table_that_changes_is_read_as_it_is() {
    for server in Server::with_people().await {
        let back_end = server.back_end("");
        assert_eq!(back_end.check("ada", PASSWORD).await, "ada");
        server.run("ALTER TABLE people ADD COLUMN city VARCHAR(20); UPDATE people SET city = 'Bath'").await;
        assert!(back_end.known("ada").await.ends_with("city [\"Bath\"]"), "{}", server.url());
        server.run("ALTER TABLE people RENAME COLUMN city TO town").await;
        assert!(back_end.known("ada").await.ends_with("town [\"Bath\"]"), "{}", server.url());
    }
}

/// A question that writes is refused by the database.
#[tokio::test]
async fn nothing_is_written() {
    for server in Server::with_people().await {
        let mut questions = vec!["UPDATE people SET room = 8 WHERE login = ?"];
        if let Server::Postgres(_) = &server {
            let body = "UPDATE people SET room = 8 WHERE login = $1 RETURNING login, pw";
            server.run(&format!("CREATE FUNCTION find(varchar) RETURNS TABLE (username varchar, password varchar) LANGUAGE sql AS '{body}'")).await;
            questions.push("SELECT * FROM find(?)");
        }
        for question in questions {
            let back_end = server.back_end(&format!("query = \"{question}\""));
            let said = back_end.check("ada", PASSWORD).await;
            assert!(said.starts_with("down: "), "{question} {said}");
        }
        assert!(server.back_end("").known("ada").await.contains("room [7]"), "{}", server.url());
    }
}
