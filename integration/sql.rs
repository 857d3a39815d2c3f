//! People in a table of somebody else: PostgreSQL, MariaDB and SQLite, real ones, with the same stories.

mod columns;
mod house;
mod lost;
mod names;
mod trial;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use passerelle::auth::{Authenticator, Hashing, Known, Sql, Steps, Verdict};
use passerelle::config::{BackendKind, Config, Files, Text, Texts};
use passerelle::protocol::attributes::Attributes;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};
use tempfile::TempDir;

use crate::support::hash::cheap as hash;
use crate::support::mariadb::MariaDb;
use crate::support::postgres::{self, Postgres};

/// The password of most people here.
const PASSWORD: &str = "Näh, über: Brücken ✓";
/// The question of most stories.
const QUERY: &str = "SELECT login AS username, pw AS password, people.* FROM people WHERE login = ?";

/// A database of the story's own.
enum Server {
    Postgres(String),
    Maria(&'static MariaDb, String),
    Sqlite(TempDir),
}

impl Server {
    async fn maria() -> Option<Self> {
        let server = MariaDb::shared()?;
        Some(Self::Maria(server, server.fresh_database().await))
    }

    fn postgres() -> Option<Self> {
        postgres::is_installed().then(|| Self::Postgres(Postgres::shared().fresh_database()))
    }

    fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    /// One of each, as far as they are installed.
    async fn all() -> Vec<Self> {
        [Self::postgres(), Self::maria().await, Some(Self::sqlite())].into_iter().flatten().collect()
    }

    /// One of each with the people of most stories.
    async fn with_people() -> Vec<Self> {
        let servers = Self::all().await;
        for server in &servers {
            server.run(&people(server)).await;
        }
        servers
    }

    fn url(&self) -> String {
        match self {
            Self::Postgres(url) => url.clone(),
            Self::Maria(server, database) => server.by_socket(database),
            Self::Sqlite(folder) => format!("sqlite:{}/people.db", folder.path().display()),
        }
    }

    /// Runs statements beside the gateway.
    async fn run(&self, statements: &str) {
        let text = AssertSqlSafe(statements.to_owned());
        match self {
            Self::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await.unwrap();
                connection.execute(sqlx::raw_sql(text)).await.unwrap();
            }
            Self::Maria(server, database) => server.execute(database, statements).await,
            Self::Sqlite(folder) => {
                let path = folder.path().join("people.db");
                let options =
                    sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
                let mut connection = options.connect().await.unwrap();
                connection.execute(sqlx::raw_sql(text)).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    /// A text in its SQL.
    fn quoted(&self, text: &str) -> String {
        let text = text.replace('\'', "''");
        match self {
            Self::Maria(..) => format!("'{}'", text.replace('\\', "\\\\")),
            _ => format!("'{text}'"),
        }
    }

    fn back_end(&self, keys: &str) -> BackEnd {
        BackEnd::at(&self.url(), keys)
    }
}

/// A back-end of this kind, asked directly.
struct BackEnd {
    name: String,
    sql: Sql,
}

impl BackEnd {
    /// In: the address, and further keys; a question of its own where they have `query`.
    fn at(url: &str, keys: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("table-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let query = if keys.contains("query") { String::new() } else { format!("query = {QUERY:?}\n") };
        let check = if keys.contains("password_check") { "" } else { "password_check = \"argon2\"\n" };
        let main = format!(
            "[server]\npublic_url = \"http://127.0.0.1:8090/cas\"\n[[backend]]\nname = \"{name}\"\nkind = \"sql\"\nurl = \"{url}\"\n{check}{query}{keys}\n"
        );
        let texts = Texts {
            main: Text::new("passerelle.toml", main),
            providers: Vec::new(),
            services: Vec::new(),
            files: Files::Memory(BTreeMap::new()),
        };
        let config = match Config::read(&texts, &|_| None) {
            Ok((config, _)) => config,
            Err(problems) => panic!("{}", problems.text(false, "")),
        };
        let back_end = &config.backends[0];
        let BackendKind::Sql(keys) = &back_end.kind else { panic!("{back_end:?}") };
        Self { sql: Sql::new(&name, keys, back_end.signs_in, Arc::new(Hashing::default())), name }
    }

    /// Who a name and a password are: the name, `wrong`, `unknown`, or why nobody knows.
    async fn check(&self, name: &str, password: &str) -> String {
        match self.sql.check(name, &password.into(), &Steps::untold()).await {
            Ok(Verdict::Right { name, .. }) => name,
            Ok(Verdict::Wrong) => "wrong".to_owned(),
            Ok(Verdict::Unknown) => "unknown".to_owned(),
            Ok(other) => panic!("{other:?}"),
            Err(down) => format!("down: {down}"),
        }
    }

    /// What is known of a name, a line each.
    async fn known(&self, name: &str) -> String {
        match self.sql.attributes(name, &Steps::untold()).await {
            Ok(Known::Now { attributes, .. }) => lines(&attributes),
            Ok(other) => format!("{other:?}"),
            Err(down) => format!("down: {down}"),
        }
    }

    /// What a trial says, and its steps.
    async fn probe(&self) -> (String, String) {
        let steps = Steps::kept();
        let said = self.sql.probe(&steps).await.map_or_else(|down| down.to_string(), |()| "fine".to_owned());
        (said, told(&steps))
    }
}

/// Steps, a line each, without times.
fn told(steps: &Steps) -> String {
    let lines = steps.list().into_iter().map(|step| {
        let found = match step.found.rsplit_once(", ") {
            Some((front, end)) if end.ends_with(" ms") => front.to_owned(),
            _ => step.found,
        };
        format!("{}: {found}", step.what)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Attributes as JSON, a line each: their types can be seen.
fn lines(attributes: &Attributes) -> String {
    let line = |(name, values): (&str, &[_])| format!("{name} {}", serde_json::to_string(values).unwrap());
    attributes.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The table of most stories, with everybody in it.
fn people(server: &Server) -> String {
    let mut text =
        "CREATE TABLE people (login VARCHAR(300), pw VARCHAR(300), mail VARCHAR(100), room INTEGER, \
                    pw_copy VARCHAR(300), absent VARCHAR(10));"
            .to_owned();
    for login in names::NAMES {
        let (login, hash) = (server.quoted(login), server.quoted(&hash(PASSWORD)));
        let row = format!("({login}, {hash}, 'someone@home.example', 7, {hash}, NULL)");
        text.push_str(&format!("INSERT INTO people VALUES {row};"));
    }
    text.push_str(
        "INSERT INTO people (login, pw) VALUES ('nopassword', NULL), ('empty', ''), ('odd', '$9$odd');",
    );
    text.push_str("INSERT INTO people (login, pw) SELECT 'twin', pw FROM people WHERE login = 'ada';");
    text.push_str("INSERT INTO people (login, pw) SELECT 'twin', pw FROM people WHERE login = 'ada';");
    text
}
