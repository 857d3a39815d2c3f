//! Stories on a real database: `PASSERELLE_TEST_DATABASE=sqlite|postgres`, SQLite unless told.

mod accounts;
mod grants;
mod hanging;
mod lists;
mod outside;
mod people;
mod plain;
#[path = "../../../integration/support/postgres.rs"]
mod postgres;
mod sessions;
mod switches;
mod tickets;
mod uses;
mod writer;

use tempfile::TempDir;

use super::{DatabaseUrl, NewTicket, Store, StoreError, TakeTicket, TicketHash};
use crate::domain::identity::{Identity, Source, Suffix};
use crate::domain::issued::IssuedTicket;
use crate::domain::name::Name;
use crate::domain::session::{SessionId, SsoSession};
use crate::protocol::attributes::{Attributes, Value};
use crate::protocol::ticket::TicketKind;
use crate::protocol::time::Timestamp;

/// A store of its own for a test.
struct House {
    store: Store,
    url: DatabaseUrl,
    _folder: TempDir,
}

impl std::ops::Deref for House {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl House {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = match std::env::var("PASSERELLE_TEST_DATABASE").as_deref() {
            Ok("postgres") => DatabaseUrl::Postgres(postgres::Postgres::shared().fresh_database()),
            Ok("sqlite") | Err(_) => DatabaseUrl::Sqlite(folder.path().join("p.db")),
            Ok(other) => panic!("PASSERELLE_TEST_DATABASE is sqlite or postgres, not {other}"),
        };
        Self { store: Store::open(&url).await.unwrap(), url, _folder: folder }
    }

    /// Signs somebody in.
    async fn session(&self, id: &str) {
        let (session, cookie) = (session(id), TicketHash::of(id));
        let done = self.write(move |tx| {
            let (session, cookie) = (session.clone(), cookie.clone());
            Box::pin(async move { super::sessions::insert(tx, &session, &cookie).await })
        });
        done.await.unwrap();
    }

    /// Ends a session.
    async fn end(&self, id: &str, now: i64) -> bool {
        let id = SessionId(id.to_owned());
        let done = self.write(move |tx| {
            let id = id.clone();
            Box::pin(async move { super::sessions::end(tx, &id, at(now)).await })
        });
        done.await.unwrap()
    }

    async fn outbox(&self) -> Vec<super::Message> {
        super::outbox::list(&mut self.read().await.unwrap()).await.unwrap()
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn suffix(text: &str) -> Suffix {
    Suffix::parse(text).unwrap()
}

/// Values of every type, and texts that trip careless storage.
fn attributes() -> Attributes {
    let mut all = Attributes::new();
    all.set("mail", vec![Value::from("ada@north.example"), Value::from("a'\"\\\u{0}\u{2028}é張")]);
    all.set("zero", vec![]);
    all.set("age", vec![Value::Integer(36), Value::Integer(i64::MIN), Value::Integer(i64::MAX)]);
    all.set("share", vec![Value::Float(0.1 + 0.2), Value::Float(1.0), Value::Float(f64::MIN_POSITIVE)]);
    all.set("member", vec![Value::Bool(true), Value::Bool(false)]);
    all.set("digits", vec![Value::from("007"), Value::from("true"), Value::from(""), Value::from("1.0")]);
    all.set("Mail", vec![Value::from("x".repeat(20_000))]);
    all
}

fn session(id: &str) -> SsoSession {
    SsoSession {
        id: SessionId(id.to_owned()),
        identity: Identity { name: Name::stored("ada"), source: Source::Provider(suffix("north.example")) },
        attributes: attributes(),
        authenticated_at: at(900),
        signed_in_at: at(1000),
        last_seen: at(1000),
        long_term: false,
        remembered: false,
        warn: false,
        ends_at: None,
        unasked: Vec::new(),
        fresh: None,
        ip: "192.0.2.1".to_owned(),
        browser: "Firefox".to_owned(),
    }
}

const WIKI: &str = "https://wiki.example/login?next=%2F1";

fn issued(session: &str) -> IssuedTicket {
    IssuedTicket {
        kind: TicketKind::St,
        session: SessionId(session.to_owned()),
        service: WIKI.to_owned(),
        rule: "wiki".to_owned(),
        issued_at: at(1000),
        expires_at: at(1060),
        renewed: false,
        single_log_out: true,
        user: "ada@north.example".to_owned(),
        attributes: attributes(),
        authenticated_at: at(900),
        long_term: true,
        proxies: Vec::new(),
    }
}

fn new(text: &str, ticket: IssuedTicket) -> NewTicket {
    NewTicket { hash: TicketHash::of(text), ticket, slo_url: None, parent: None }
}

fn take(text: &str) -> TakeTicket {
    TakeTicket {
        hash: TicketHash::of(text),
        text: text.to_owned(),
        service: WIKI.to_owned(),
        renew: false,
        proxies_too: false,
        may_succeed: true,
        now: at(1010),
    }
}

fn is_unavailable<T>(outcome: &Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::Unavailable(_)))
}
