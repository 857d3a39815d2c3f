//! The single sign-on session: what CAS calls a ticket-granting ticket (CAS 3.0 §3.8).

use super::identity::Identity;
use super::lifetimes::Lifetimes;
use crate::protocol::attributes::Attributes;
use crate::protocol::time::Timestamp;

/// The number of a session in our own tables. No secret: the cookie carries another one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(pub String);

impl SessionId {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Stands for the time when credentials were given, where an institution tells one that nobody can read: longer
/// ago than any service allows. Servers that do not know it write the same.
pub const UNDATED: Timestamp = Timestamp::from_seconds(0);

/// One sign-in of one person in one browser.
#[derive(Clone, Debug)]
pub struct SsoSession {
    /// Our number for it.
    pub id: SessionId,
    /// Who.
    pub identity: Identity,
    /// What the source said at the last sign-in.
    pub attributes: Attributes,
    /// When credentials were given: the older date where an institution tells its own, [`UNDATED`] where that
    /// cannot be read.
    pub authenticated_at: Timestamp,
    /// When the session was last signed in to, here.
    pub signed_in_at: Timestamp,
    /// Last use, to the minute or finer.
    pub last_seen: Timestamp,
    /// The sign-in stands on a remembered one.
    pub long_term: bool,
    /// The person asked to stay signed in: other limits hold.
    pub remembered: bool,
    /// Asks before each service.
    pub warn: bool,
    /// Over at this moment at the latest, whatever else holds: the limit of the institution.
    pub ends_at: Option<Timestamp>,
    /// Names of services for which the person is not asked again.
    pub unasked: Vec<String>,
    /// Fresh credentials that no ticket has used yet.
    pub fresh: Option<Fresh>,
    /// Address of the browser.
    pub ip: String,
    /// What the browser calls itself, shortened.
    pub browser: String,
}

/// Fresh credentials, given for one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// The service address; empty: for none.
    pub service: String,
    /// Until when they count.
    pub until: Timestamp,
}

/// What decides how long a session lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// As in [`SsoSession::remembered`].
    pub remembered: bool,
    /// As in [`SsoSession::signed_in_at`].
    pub signed_in_at: Timestamp,
    /// As in [`SsoSession::last_seen`].
    pub last_seen: Timestamp,
    /// As in [`SsoSession::ends_at`].
    pub ends_at: Option<Timestamp>,
}

impl Span {
    /// Whether the session has ended by itself.
    pub fn is_over(&self, lives: &Lifetimes, now: Timestamp) -> bool {
        self.ends(lives).is_some_and(|end| now >= end)
    }

    fn ends(&self, lives: &Lifetimes) -> Option<Timestamp> {
        let own = lives.session_ends(self.remembered, self.signed_in_at, self.last_seen);
        own.into_iter().chain(self.ends_at).min()
    }
}

impl SsoSession {
    fn span(&self) -> Span {
        let &Self { remembered, signed_in_at, last_seen, ends_at, .. } = self;
        Span { remembered, signed_in_at, last_seen, ends_at }
    }

    /// When credentials were given, in the words for services: the sign-in here where nobody knows.
    pub fn told_date(&self) -> Timestamp {
        if self.authenticated_at == UNDATED { self.signed_in_at } else { self.authenticated_at }
    }

    /// Whether the session has ended by itself.
    pub fn is_over(&self, lives: &Lifetimes, now: Timestamp) -> bool {
        self.span().is_over(lives, now)
    }

    /// Until when the session lives if it was last used then; `None`: for ever.
    pub fn ends(&self, lives: &Lifetimes, last_seen: Timestamp) -> Option<Timestamp> {
        Span { last_seen, ..self.span() }.ends(lives)
    }

    /// Until when the session lives however much it is used; `None`: for ever.
    pub fn ends_at_the_latest(&self, lives: &Lifetimes) -> Option<Timestamp> {
        let own = lives.session_ends_at_the_latest(self.remembered, self.signed_in_at);
        own.into_iter().chain(self.ends_at).min()
    }

    /// Whether a use now is worth a line in the database.
    pub fn wants_touch(&self, lives: &Lifetimes, now: Timestamp) -> bool {
        now >= self.last_seen.plus(lives.seen_grain())
    }

    /// Whether credentials were just given for exactly this service.
    pub fn is_fresh_for(&self, service: &str, now: Timestamp) -> bool {
        self.fresh.as_ref().is_some_and(|fresh| fresh.service == service && now < fresh.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::identity::Source;
    use crate::domain::name::Name;

    fn session(begun: Timestamp) -> SsoSession {
        SsoSession {
            id: SessionId("s".to_owned()),
            identity: Identity { name: Name::stored("ana"), source: Source::Backend("staff".to_owned()) },
            attributes: Attributes::new(),
            authenticated_at: begun,
            signed_in_at: begun,
            last_seen: begun,
            long_term: false,
            remembered: false,
            warn: false,
            ends_at: None,
            unasked: Vec::new(),
            fresh: None,
            ip: String::new(),
            browser: String::new(),
        }
    }

    #[test]
    fn a_limit_of_its_own_ends_it_however_long_others_live() {
        let begun = Timestamp::from_seconds(1_000_000);
        let lives = Lifetimes { remembered: Some(90_000), ..Lifetimes::of_tests() };
        for remembered in [false, true] {
            let capped = SsoSession { remembered, ends_at: Some(begun.plus(600)), ..session(begun) };
            assert_eq!(capped.ends(&lives, begun.plus(500)), Some(begun.plus(600)));
            assert_eq!(capped.ends_at_the_latest(&lives), Some(begun.plus(600)));
            let used = SsoSession { last_seen: begun.plus(599), ..capped };
            assert!(!used.is_over(&lives, begun.plus(599)) && used.is_over(&lives, begun.plus(600)));
        }
        // It makes no session longer.
        let late = SsoSession { ends_at: Some(begun.plus(1_000_000)), ..session(begun) };
        assert_eq!(late.ends(&lives, begun), Some(begun.plus(7200)));
        let forever = Lifetimes { idle: None, session: None, ..lives };
        assert_eq!(late.ends(&forever, begun), late.ends_at);
        assert_eq!(session(begun).ends(&forever, begun), None);
    }

    #[test]
    fn a_session_in_use_does_not_end() {
        let lives = Lifetimes { idle: Some(30), session: None, ..Lifetimes::of_tests() };
        let begun = Timestamp::from_seconds(1_000_000);
        let mut session = session(begun);
        for used in (8..400).step_by(8) {
            let now = begun.plus(used);
            assert!(!session.is_over(&lives, now), "after {used} s");
            if session.wants_touch(&lives, now) {
                session.last_seen = now;
            }
        }
        assert!(session.is_over(&lives, session.last_seen.plus(30)));
    }
}
