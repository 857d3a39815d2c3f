//! A gateway in this process, on a loopback port of its own: configuration, database, doors and listener
//! are the real ones. Only the clock is moved by hand, and chance repeats itself.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use passerelle::app::App;
use passerelle::auth::Authenticator;
use passerelle::clock::ManualClock;
use passerelle::config::{Config, Files, Text, Texts};
use passerelle::flows::{slo_out, sweep};
use passerelle::http::InForce;
use passerelle::http::serve::{Listener, serve};
use passerelle::outbound;
use passerelle::protocol::time::Timestamp;
use sqlx::{ConnectOptions, Connection};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::form_urlencoded::Serializer;

use super::hash::cheap;
use super::logs;
use super::postgres::Postgres;
use super::puppet::Puppet;

/// When every story begins: 15 January 2027, 08:00 UTC.
pub const BEGIN: i64 = 1_800_000_000;
/// The person of the back-end `desk`.
pub const ADA: (&str, &str) = ("ada", "Engine, analytical: 1843");
/// The person of the back-end `staff`.
pub const BROOK: (&str, &str) = ("brook", "Bridge, over: troubled water");
/// A service that is always registered.
pub const WIKI: &str = "https://wiki.example/";
/// Another one.
pub const NOTES: &str = "https://notes.example/";

const SERVICES: &str = r#"
[[service]]
name = "Wiki"
url = "https://wiki.example/**"

[[service]]
name = "Notes"
url = "https://notes.example/**"
"#;

const BACKENDS: &str = r#"
[[backend]]
name = "desk"
kind = "test"
user = "ada"
password = "Engine, analytical: 1843"
attributes = { displayName = "Ada King", mail = ["ada@home.example", "countess@home.example"], groups = ["staff", "library"], active = true, age = 36 }

[[backend]]
name = "staff"
kind = "file"
path = "users.toml"
"#;

/// Real hashes, of little cost.
static USERS: LazyLock<String> = LazyLock::new(|| {
    let hash = cheap(BROOK.1);
    let user = format!("[[user]]\nname = \"{}\"\npassword = \"{hash}\"\n", BROOK.0);
    format!(
        "{user}attributes = {{ displayName = \"Lee Brook\", mail = \"lee@home.example\", groups = \"library\" }}\n"
    )
});

/// Where the gateway keeps everything.
#[derive(Clone, Debug)]
pub enum Database {
    /// A file in a folder of its own, which goes with the last who holds it.
    Sqlite(Arc<TempDir>),
    /// The address of a database of its own.
    Postgres(String),
}

impl Database {
    /// A new one, of the kind that `PASSERELLE_TEST_DATABASE` names.
    pub fn fresh() -> Self {
        match std::env::var("PASSERELLE_TEST_DATABASE").as_deref() {
            Err(_) | Ok("" | "sqlite") => Self::Sqlite(Arc::new(tempfile::tempdir().expect("a folder"))),
            Ok("postgres") => Self::Postgres(Postgres::shared().fresh_database()),
            Ok(other) => panic!("PASSERELLE_TEST_DATABASE is `sqlite` or `postgres`, not `{other}`"),
        }
    }

    /// Its address, as an operator writes it.
    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite:{}/passerelle.db", folder.path().display()),
            Self::Postgres(url) => url.clone(),
        }
    }
}

/// A gateway before it opens.
#[derive(Debug)]
pub struct Builder {
    mount: String,
    public: Option<String>,
    main: String,
    backends: String,
    services: Vec<String>,
    providers: Vec<String>,
    files: BTreeMap<String, Vec<u8>>,
    secrets: Vec<String>,
    database: Option<Database>,
    puppets: Vec<(String, Arc<Puppet>)>,
}

impl Builder {
    /// The path that everything lies below; `""` for none. Default: `/cas`.
    pub fn mount(mut self, path: &str) -> Self {
        path.clone_into(&mut self.mount);
        self
    }

    /// Another public address than the one of the socket, as behind a web server.
    pub fn public(mut self, url: &str) -> Self {
        self.public = Some(url.to_owned());
        self
    }

    /// Further sections of `passerelle.toml`.
    pub fn section(mut self, toml: &str) -> Self {
        self.main.push_str(toml);
        self.main.push('\n');
        self
    }

    /// One more file of `services.d`.
    pub fn service(mut self, toml: &str) -> Self {
        self.services.push(toml.to_owned());
        self
    }

    /// One more file of `providers.d`.
    pub fn provider(mut self, toml: &str) -> Self {
        self.providers.push(toml.to_owned());
        self
    }

    /// These `[[backend]]` in place of the usual two.
    pub fn backends(mut self, toml: &str) -> Self {
        toml.clone_into(&mut self.backends);
        self
    }

    /// A file that a key names.
    pub fn file(mut self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.to_owned(), content.into());
        self
    }

    /// A text that must not stand in any log line.
    pub fn secret(mut self, text: &str) -> Self {
        self.secrets.push(text.to_owned());
        self
    }

    /// A puppet in the place of the back-end of this name.
    pub fn puppet(mut self, name: &str, puppet: &Arc<Puppet>) -> Self {
        self.puppets.push((name.to_owned(), Arc::clone(puppet)));
        self
    }

    /// A database of the story's own.
    pub fn database(mut self, database: Database) -> Self {
        self.database = Some(database);
        self
    }

    /// Opens it.
    pub async fn start(mut self) -> House {
        let logs_from = logs::listen();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let base = self.public.take().unwrap_or_else(|| format!("http://{address}{}", self.mount));
        let database = self.database.take().unwrap_or_else(Database::fresh);
        let secrets = self.secrets.clone();
        let own = std::mem::take(&mut self.puppets).into_iter();
        let own = own.map(|(name, puppet)| (name, puppet as Arc<dyn Authenticator>)).collect();
        let config = Self { public: Some(base.clone()), ..self }.config(address, &database);
        let clock = ManualClock::at(Timestamp::from_seconds(BEGIN));
        let app =
            App::start_with(config, Arc::new(clock.clone()), Some(1), own).await.expect("the gateway opens");
        let in_force = InForce::new(app.clone()).expect("its pictures");
        let stop = CancellationToken::new();
        let answers = serve(Listener::Tcp(listener), in_force.routes(), in_force.seats(), stop.clone());
        tokio::spawn(answers);
        let http = outbound::client(None).expect("a client");
        House { app, clock, base, address, database, http, in_force, stop, logs_from, secrets }
    }

    /// What it says, for a gateway at this address.
    fn config(self, address: SocketAddr, database: &Database) -> Config {
        let base = self.public.unwrap_or_else(|| format!("http://{address}{}", self.mount));
        let main = format!(
            "[server]\npublic_url = \"{base}\"\nlisten = \"{address}\"\n\n[database]\nurl = \"{}\"\n\n{}\n{}",
            database.url(),
            self.main,
            self.backends,
        );
        let numbered = |folder: &str, texts: Vec<String>| {
            let named = |(i, text)| Text::new(format!("{folder}/{i:02}.toml"), String::into_bytes(text));
            texts.into_iter().enumerate().map(named).collect()
        };
        let texts = Texts {
            main: Text::new("passerelle.toml", main),
            providers: numbered("providers.d", self.providers),
            services: numbered("services.d", self.services),
            files: Files::Memory(self.files),
        };
        match Config::read(&texts, &|_| None) {
            Ok((config, _)) => config,
            Err(problems) => panic!("the configuration of this story:\n{}", problems.text(false, "")),
        }
    }
}

/// A gateway that answers.
#[derive(Debug)]
pub struct House {
    /// Its parts, for stories that look inside.
    pub app: App,
    /// Its clock.
    pub clock: ManualClock,
    /// Its public address, without a last slash.
    pub base: String,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it keeps everything.
    pub database: Database,
    /// A client that follows nothing and keeps no cookies.
    pub http: reqwest::Client,
    in_force: InForce,
    stop: CancellationToken,
    logs_from: usize,
    secrets: Vec<String>,
}

impl House {
    /// The usual one: mounted at `/cas`, two people, two services, no institution.
    pub async fn start() -> Self {
        Self::with().start().await
    }

    /// One that is to be changed before it opens.
    pub fn with() -> Builder {
        Builder {
            mount: "/cas".to_owned(),
            public: None,
            main: String::new(),
            backends: BACKENDS.to_owned(),
            services: vec![SERVICES.to_owned()],
            providers: Vec::new(),
            files: BTreeMap::from([("users.toml".to_owned(), USERS.clone().into_bytes())]),
            secrets: vec![ADA.1.to_owned(), BROOK.1.to_owned()],
            database: None,
            puppets: Vec::new(),
        }
    }

    /// Goes on under another configuration, as after a reload. What begins with `[server]` and `[database]`
    /// stays.
    pub async fn reloads(&mut self, other: Builder) {
        let config =
            Builder { public: Some(self.base.clone()), ..other }.config(self.address, &self.database);
        self.app = self.app.with_config(config).await.expect("the next gateway");
        self.in_force.change_to(self.app.clone()).expect("its pictures");
    }

    /// The public address of something below the mount path.
    pub fn at(&self, path: &str) -> String {
        format!("{}/{}", self.base, path.trim_start_matches('/'))
    }

    /// Where something of ours is really reached: the public address on the socket.
    pub fn real(&self, url: &str) -> String {
        let origin = self.app.config.server.public_url.origin();
        match url.strip_prefix(origin) {
            Some(rest) => format!("http://{}{rest}", self.address),
            None => url.to_owned(),
        }
    }

    /// What a validation address answers. In: `serviceValidate`, `p3/proxyValidate`, …; further pairs.
    pub async fn validate(&self, path: &str, ticket: &str, service: &str, more: &[(&str, &str)]) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("service", service).append_pair("ticket", ticket).extend_pairs(more);
        self.text(&format!("{path}?{}", query.finish())).await
    }

    /// `/serviceValidate`, shortly.
    pub async fn service_validate(&self, ticket: &str, service: &str) -> String {
        self.validate("serviceValidate", ticket, service, &[]).await
    }

    /// `/p3/serviceValidate`, shortly.
    pub async fn p3_service_validate(&self, ticket: &str, service: &str) -> String {
        self.validate("p3/serviceValidate", ticket, service, &[]).await
    }

    /// The body of a GET without cookies.
    pub async fn text(&self, path: &str) -> String {
        let answer = self.http.get(self.real(&self.at(path))).send().await.expect("an answer");
        read(answer).await
    }

    /// How many rows a table has, read beside the gateway.
    pub async fn count(&self, table: &str) -> i64 {
        let text = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let count = match &self.database {
            Database::Sqlite(_) => {
                let mut c = self.beside_sqlite().await;
                sqlx::query_scalar(text).fetch_one(&mut c).await
            }
            Database::Postgres(url) => {
                let mut c = sqlx::PgConnection::connect(url).await.expect("a connection");
                sqlx::query_scalar(text).fetch_one(&mut c).await
            }
        };
        count.expect("a number")
    }

    /// Changes rows as time or another version of us would have.
    pub async fn alter(&self, statement: &str) {
        let text = sqlx::AssertSqlSafe(statement.to_owned());
        let rows = match &self.database {
            Database::Sqlite(_) => {
                let mut c = self.beside_sqlite().await;
                sqlx::query(text).execute(&mut c).await.map(|done| done.rows_affected())
            }
            Database::Postgres(url) => {
                let mut c = sqlx::PgConnection::connect(url).await.expect("a connection");
                sqlx::query(text).execute(&mut c).await.map(|done| done.rows_affected())
            }
        };
        assert_ne!(rows.expect("a statement"), 0, "nothing was changed");
    }

    /// Another connection to the file.
    pub async fn beside_sqlite(&self) -> sqlx::SqliteConnection {
        let url = self.database.url();
        let path = url.strip_prefix("sqlite:").expect("a file");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        options.connect().await.expect("a connection")
    }

    /// Messages that wait or were given up.
    pub async fn outbox(&self) -> Vec<passerelle::store::Message> {
        let mut read = self.app.store.read().await.expect("a connection");
        passerelle::store::outbox::list(&mut read).await.expect("the outbox")
    }

    /// One round of the outbox: whatever is due now is tried. Out: how many messages.
    pub async fn tell_services(&self) -> usize {
        slo_out::round(&self.app, &self.stop).await.expect("the outbox")
    }

    /// One sweep.
    pub async fn sweep(&self) -> sweep::Swept {
        sweep::sweep(&self.app).await.expect("a sweep")
    }

    /// Closes it; what it kept is for another one.
    pub fn into_database(mut self) -> Database {
        std::mem::replace(&mut self.database, Database::Postgres(String::new()))
    }

    /// What was logged since this gateway opened; stories beside this one are heard too.
    pub fn logs(&self) -> String {
        logs::since(self.logs_from)
    }
}

impl Drop for House {
    /// What must hold at the end of every story.
    fn drop(&mut self) {
        self.stop.cancel();
        if !std::thread::panicking()
            && let Some(line) = logs::leak(&self.logs(), &self.secrets)
        {
            panic!("a secret in the log: {line}");
        }
    }
}

/// A whole body as text, with a cap.
pub async fn read(mut answer: reqwest::Response) -> String {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.expect("a body") {
        body.extend_from_slice(&chunk);
        assert!(body.len() < 8 << 20, "a body without end");
    }
    String::from_utf8(body).expect("UTF-8")
}
