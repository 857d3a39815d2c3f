//! Who is signed in at the sample app: a cookie, and what it stands for, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

use crate::protocol::response::UpstreamUser;

const NAME: &str = "passerelle_sample";

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(super) struct Session {
    /// The ticket that brought them: the gateway ends the session by its name.
    pub ticket: String,
    /// Who, and what is known.
    pub person: UpstreamUser,
    /// The answer to the ticket as it came.
    pub raw: String,
    /// With what to get tickets for other services, in their name.
    pub pgt: Option<String>,
}

/// All of them, by the value of their cookie.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<String, Session>>);

impl Sessions {
    pub(super) fn begin(&self, key: String, session: Session) {
        self.all().insert(key, session);
    }

    pub(super) fn find(&self, key: Option<&str>) -> Option<Session> {
        self.all().get(key?).cloned()
    }

    pub(super) fn end(&self, key: Option<&str>) {
        if let Some(key) = key {
            self.all().remove(key);
        }
    }

    pub(super) fn end_of_ticket(&self, ticket: &str) {
        self.all().retain(|_, session| session.ticket != ticket);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The value of our cookie, if the browser brought it.
pub(super) fn key(headers: &HeaderMap) -> Option<&str> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == NAME).map(|(_, value)| value)
}

/// Sets the cookie of the app at a path, until the browser closes.
pub(super) fn cookie(mount: &str, key: &str) -> String {
    format!("{NAME}={key}; Path={mount}; HttpOnly; SameSite=Lax")
}

/// Takes the cookie away.
pub(super) fn no_cookie(mount: &str) -> String {
    format!("{}; Max-Age=0", cookie(mount, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::attributes::Attributes;

    fn session(ticket: &str) -> Session {
        let person = UpstreamUser {
            user: "ana@northfield.example".to_owned(),
            attributes: Attributes::new(),
            pgt_iou: None,
            proxies: Vec::new(),
        };
        Session { ticket: ticket.to_owned(), person, raw: String::new(), pgt: None }
    }

    #[test]
    fn a_session_ends_by_its_cookie_or_by_its_ticket() {
        let sessions = Sessions::default();
        sessions.begin("a".to_owned(), session("ST-1"));
        sessions.begin("b".to_owned(), session("ST-2"));
        assert_eq!(sessions.find(Some("a")).unwrap().ticket, "ST-1");
        assert!(sessions.find(None).is_none() && sessions.find(Some("c")).is_none());
        sessions.end_of_ticket("ST-1");
        assert!(sessions.find(Some("a")).is_none() && sessions.find(Some("b")).is_some());
        sessions.end(None);
        sessions.end(Some("b"));
        assert!(sessions.find(Some("b")).is_none());
    }

    #[test]
    fn the_cookie_is_found_among_others_and_stays_here() {
        let mut headers = HeaderMap::new();
        assert_eq!(key(&headers), None);
        headers.insert(COOKIE, "x=1; passerelle_sample=abc; y=2".parse().unwrap());
        assert_eq!(key(&headers), Some("abc"));
        assert_eq!(cookie("/sample", "abc"), "passerelle_sample=abc; Path=/sample; HttpOnly; SameSite=Lax");
    }
}
