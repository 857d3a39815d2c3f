//! An application on loopback: remembers what it was told, and answers as it likes.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// With this status.
    Status(u16),
    /// With a redirect to a place of its own, which it would remember.
    Elsewhere,
    /// Never.
    Hangs,
}

/// One request that came.
#[derive(Clone, Debug)]
pub struct Heard {
    /// `POST`.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The media type.
    pub content_type: String,
    /// The body.
    pub body: String,
}

impl Heard {
    /// The field `logoutRequest` of the posted form.
    pub fn logout_request(&self) -> String {
        let mut pairs = url::form_urlencoded::parse(self.body.as_bytes());
        pairs
            .find(|(name, _)| name == "logoutRequest")
            .map(|(_, value)| value.into_owned())
            .expect("the field")
    }

    /// The ticket that the message is about.
    pub fn session_index(&self) -> String {
        let document = self.logout_request();
        let (_, rest) = document.split_once("<samlp:SessionIndex>").expect("a session index");
        rest.split_once('<').expect("its end").0.to_owned()
    }
}

#[derive(Debug)]
struct Memory {
    mood: Mutex<Mood>,
    heard: Mutex<Vec<Heard>>,
}

/// An application.
#[derive(Debug)]
pub struct Service {
    /// Its address, with a last slash.
    pub url: String,
    memory: Arc<Memory>,
    task: JoinHandle<()>,
}

impl Service {
    /// Opens one that answers 200.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let memory = Arc::new(Memory { mood: Mutex::new(Mood::Status(200)), heard: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&memory));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.expect("served") });
        Self { url, memory, task }
    }

    /// `[[service]]` for it, with further keys.
    pub fn toml(&self, name: &str, more: &str) -> String {
        format!("[[service]]\nname = \"{name}\"\nurl = \"{}**\"\n{more}\n", self.url)
    }

    /// Changes how it answers.
    pub fn is(&self, mood: Mood) {
        *self.memory.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// Everything that came, oldest first.
    pub fn heard(&self) -> Vec<Heard> {
        self.memory.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The tickets whose end it was told.
    pub fn told(&self) -> Vec<String> {
        self.heard().iter().map(Heard::session_index).collect()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    State(memory): State<Arc<Memory>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let text = |name| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let heard = Heard {
        method: method.to_string(),
        target: uri.to_string(),
        content_type: text(header::CONTENT_TYPE).unwrap_or_default(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    memory.heard.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
    let mood = *memory.mood.lock().unwrap_or_else(PoisonError::into_inner);
    match mood {
        Mood::Status(code) => StatusCode::from_u16(code).expect("a status").into_response(),
        Mood::Elsewhere => (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response(),
        Mood::Hangs => std::future::pending().await,
    }
}
