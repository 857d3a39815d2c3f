//! Our cookies. Over https with prefixes that keep other hosts from setting them; over http plain, with
//! the mount path, since cookies do not know ports.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

use crate::config::PublicUrl;
use crate::domain::identity::Suffix;
use crate::domain::lifetimes::HANDOFF;
use crate::domain::skip::{AFTER_SIGN_OUT, Skip, instant};
use crate::domain::trips::{ROW, Trips};
use crate::flows::BrowserMark;
use crate::protocol::ticket::TicketId;
use crate::protocol::time::Timestamp;

const SESSION: &str = "TGC-passerelle";
const MARK: &str = "cas_browser";
const RECENT: &str = "cas_recent";
const WARN: &str = "cas_warn";
/// How long the wish to be asked is kept, in seconds: 400 days, the most that browsers allow.
const WARN_LIFE: i64 = 400 * 86_400;
/// The institution that is gone to without asking.
const AUTO: &str = "cas_auto";
/// Departures that nobody pressed a button for.
const TRIPS: &str = "cas_trips";
/// When somebody signed out, where an institution could sign them in again in silence.
const OUT: &str = "cas_out";
/// The password was changed, and nobody was told yet.
const CHANGED: &str = "cas_changed";
/// How long that is news, in seconds.
const NEWS: i64 = 60;
/// Begins the names of marks that belong to one sign-in under way.
const GOING: &str = "cas_go_";
/// Begins the names of cookies that hold the handoff of one institution.
const STATE: &str = "cas_at_";
/// Characters of a handoff in such a name: enough to tell tabs apart, too few to be of use.
const GOING_KEY: usize = 8;
/// Most sign-ins under way that are looked at.
const MOST_GOING: usize = 16;
/// Most institutions that are remembered.
const MOST_RECENT: usize = 3;

/// What a browser brought of ours. Values are data from outside.
#[derive(Clone, Debug, Default)]
pub struct Jar {
    /// The session cookie.
    pub session: Option<String>,
    /// The browser mark.
    pub mark: Option<String>,
    /// Suffixes of institutions used before.
    pub recent: Vec<String>,
    /// The person wants to be asked before each service.
    pub warn: bool,
    /// The password was changed, and the page of who is signed in has not said so yet.
    pub password_changed: bool,
    /// The institution that is gone to without asking.
    pub skip: Option<Skip>,
    /// Departures that nobody pressed a button for.
    pub trips: Trips,
    /// When somebody signed out here, a short while ago.
    pub signed_out_at: Option<Timestamp>,
    /// Marks that belong to one sign-in under way, by the beginning of its handoff.
    going: Vec<(String, String)>,
    /// Handoffs of institutions that compare the whole address, by suffix in small letters.
    pub states: Vec<(String, String)>,
}

impl Jar {
    /// Reads the cookies of a request. A name that comes twice counts the first time: the browser sends
    /// the narrower path first.
    pub fn of(headers: &HeaderMap, base: &PublicUrl) -> Self {
        let (session, mark, recent) = (name(base, SESSION), name(base, MARK), name(base, RECENT));
        let (going, state, warn) = (name(base, GOING), name(base, STATE), name(base, WARN));
        let (auto, trips, out) = (name(base, AUTO), name(base, TRIPS), name(base, OUT));
        let changed = name(base, CHANGED);
        let mut jar = Self::default();
        // Other applications on this host may set cookies of any bytes: only their own pair is lost.
        let pairs = headers.get_all(COOKIE).iter().flat_map(|value| value.as_bytes().split(|&b| b == b';'));
        let texts = pairs.filter_map(|pair| std::str::from_utf8(pair).ok());
        for (key, value) in texts.filter_map(|pair| pair.trim().split_once('=')) {
            if key == session && jar.session.is_none() {
                jar.session = Some(value.to_owned());
            } else if key == mark && jar.mark.is_none() {
                jar.mark = Some(value.to_owned());
            } else if key == recent && jar.recent.is_empty() {
                jar.recent = suffixes(value);
            } else if key == auto && jar.skip.is_none() {
                jar.skip = Skip::read(value);
            } else if key == trips && !jar.trips.is_some() {
                jar.trips = Trips::read(value);
            } else if key == out && jar.signed_out_at.is_none() {
                jar.signed_out_at = instant(value);
            } else if key == warn {
                jar.warn |= value == "1";
            } else if key == changed {
                jar.password_changed |= value == "1";
            } else if let Some(key) = key.strip_prefix(&going).filter(|_| jar.going.len() < MOST_GOING) {
                jar.going.push((key.to_owned(), value.to_owned()));
            } else if let Some(key) = key.strip_prefix(&state).filter(|_| jar.states.len() < MOST_GOING) {
                jar.states.push((key.to_owned(), value.to_owned()));
            }
        }
        jar
    }
}

impl Jar {
    /// The mark that was given to the tab which left with this handoff.
    pub fn mark_of(&self, handoff: &str) -> Option<&str> {
        let key = handoff.get(..GOING_KEY)?;
        self.going.iter().find(|(own, _)| own == key).map(|(_, value)| value.as_str())
    }
}

impl Jar {
    /// The handoff of the institution whose return address has this path.
    pub fn state_at(&self, path: &str) -> Option<&str> {
        let way = path.trim_end_matches('/').strip_suffix("/return")?;
        state_of(&self.states, way.rsplit('/').next()?)
    }
}

/// The handoff of an institution, out of what a browser brought.
pub fn state_of<'a>(states: &'a [(String, String)], suffix: &str) -> Option<&'a str> {
    states.iter().find(|(own, _)| own.eq_ignore_ascii_case(suffix)).map(|(_, value)| value.as_str())
}

/// A sign that suffixes cannot hold and cookies can.
const BETWEEN: &str = "~";

fn suffixes(value: &str) -> Vec<String> {
    let valid = value.split(BETWEEN).filter(|text| Suffix::parse(text).is_ok());
    valid.take(MOST_RECENT).map(str::to_owned).collect()
}

/// Sets the session cookie: for so many seconds where somebody stays signed in (CAS 3.0 §4.1.5), else until
/// the browser closes (§3.6.1).
pub fn session(base: &PublicUrl, cookie: &TicketId, keeps: Option<i64>) -> HeaderValue {
    header(base, SESSION, cookie.expose(), keeps)
}

/// Takes the session cookie away.
pub fn no_session(base: &PublicUrl) -> HeaderValue {
    header(base, SESSION, "", Some(0))
}

/// Sets the browser mark, until the browser closes.
pub fn mark(base: &PublicUrl, mark: &BrowserMark) -> HeaderValue {
    header(base, MARK, mark.as_str(), None)
}

/// Sets the mark of one sign-in under way, as long as that may take.
pub fn going(base: &PublicUrl, handoff: &TicketId, mark: &BrowserMark) -> HeaderValue {
    let key = handoff.expose().get(..GOING_KEY).unwrap_or_default();
    header(base, &format!("{GOING}{key}"), mark.as_str(), Some(HANDOFF))
}

/// Keeps the handoff of the newest sign-in under way at an institution, as long as that may take.
pub fn state(base: &PublicUrl, suffix: &Suffix, handoff: &TicketId) -> HeaderValue {
    let name = format!("{STATE}{}", suffix.as_str().to_ascii_lowercase());
    header(base, &name, handoff.expose(), Some(HANDOFF))
}

/// Remembers institutions, newest first, for `seconds`; an empty list forgets all.
pub fn recent(base: &PublicUrl, suffixes: &[String], seconds: i64) -> HeaderValue {
    let list = suffixes.get(..MOST_RECENT).unwrap_or(suffixes);
    let life = if list.is_empty() { 0 } else { seconds };
    header(base, RECENT, &list.join(BETWEEN), Some(life))
}

/// Remembers, or forgets, that the person wants to be asked before each service.
pub fn warn(base: &PublicUrl, on: bool) -> HeaderValue {
    if on { header(base, WARN, "1", Some(WARN_LIFE)) } else { header(base, WARN, "", Some(0)) }
}

/// Notes that the password was changed, until a page has said so.
pub fn password_changed(base: &PublicUrl, news: bool) -> HeaderValue {
    if news { header(base, CHANGED, "1", Some(NEWS)) } else { header(base, CHANGED, "", Some(0)) }
}

/// Remembers the institution that is gone to without asking, for `seconds`.
pub fn skip(base: &PublicUrl, skip: &Skip, seconds: i64) -> HeaderValue {
    header(base, AUTO, &skip.to_text(), Some(seconds))
}

/// From now on the selection page is shown again.
pub fn no_skip(base: &PublicUrl) -> HeaderValue {
    header(base, AUTO, "", Some(0))
}

/// Counts departures that nobody pressed a button for.
pub fn trips(base: &PublicUrl, trips: &Trips) -> HeaderValue {
    header(base, TRIPS, &trips.to_text(), Some(ROW))
}

/// Somebody signed in: what led there was no circle.
pub fn no_trips(base: &PublicUrl) -> HeaderValue {
    header(base, TRIPS, "", Some(0))
}

/// Remembers for a while that somebody signed out.
pub fn signed_out(base: &PublicUrl, now: Timestamp) -> HeaderValue {
    header(base, OUT, &now.seconds().to_string(), Some(AFTER_SIGN_OUT))
}

/// Forgets the institutions that were used, and the one that is gone to without asking.
pub fn no_provider(base: &PublicUrl) -> [HeaderValue; 2] {
    [header(base, RECENT, "", Some(0)), header(base, AUTO, "", Some(0))]
}

/// Over https `__Host-` for everything but the session cookie, whose path is to be as narrow as possible.
fn name(base: &PublicUrl, plain: &str) -> String {
    match (base.is_https(), plain == SESSION) {
        (false, _) => plain.to_owned(),
        (true, true) => format!("__Secure-{plain}"),
        (true, false) => format!("__Host-{plain}"),
    }
}

fn header(base: &PublicUrl, plain: &str, value: &str, max_age: Option<i64>) -> HeaderValue {
    let https = base.is_https();
    let mount = if base.mount().is_empty() { "/" } else { base.mount() };
    let path = if https && plain != SESSION { "/" } else { mount };
    let mut text = format!("{}={value}; Path={path}; HttpOnly; SameSite=Lax", name(base, plain));
    if https {
        text.push_str("; Secure");
    }
    if let Some(seconds) = max_age {
        text.push_str(&format!("; Max-Age={seconds}"));
    }
    // Our values are letters, digits and `-_.~`, and the path is one that was parsed.
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str) -> PublicUrl {
        PublicUrl::parse(url).unwrap()
    }

    fn jar(cookie: &str, base: &PublicUrl) -> Jar {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_str(cookie).unwrap());
        Jar::of(&headers, base)
    }

    #[test]
    fn names_and_paths_depend_on_the_scheme() {
        let ticket = TicketId::parse("TGT-1").unwrap();
        assert_eq!(
            session(&base("https://login.example/cas"), &ticket, None),
            "__Secure-TGC-passerelle=TGT-1; Path=/cas; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            session(&base("http://127.0.0.1:8090/cas"), &ticket, Some(60)),
            "TGC-passerelle=TGT-1; Path=/cas; HttpOnly; SameSite=Lax; Max-Age=60"
        );
        assert_eq!(
            recent(&base("https://login.example/cas"), &["north.example".to_owned()], 60),
            "__Host-cas_recent=north.example; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60"
        );
        assert_eq!(
            state(&base("https://login.example/cas"), &Suffix::parse("North.example").unwrap(), &ticket),
            "__Host-cas_at_north.example=TGT-1; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=600"
        );
        assert_eq!(
            warn(&base("https://login.example/cas"), true),
            "__Host-cas_warn=1; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=34560000"
        );
        assert_eq!(
            no_session(&base("https://login.example")),
            "__Secure-TGC-passerelle=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"
        );
    }

    #[test]
    fn what_comes_back_is_read_as_data() {
        let base = base("http://127.0.0.1/cas");
        let read = jar("x=1; TGC-passerelle=a; TGC-passerelle=b; cas_browser=m; broken", &base);
        assert_eq!((read.session.as_deref(), read.mark.as_deref()), (Some("a"), Some("m")));
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_bytes(b"theme=caf\xe9; TGC-passerelle=a").unwrap());
        assert_eq!(Jar::of(&headers, &base).session.as_deref(), Some("a"));
        let read =
            jar("cas_auto=<x>; cas_auto=north.example~1802592000~0~0; cas_trips=1800000000~0000000a2", &base);
        assert_eq!(read.skip.map(|skip| skip.suffix.as_str().to_owned()).as_deref(), Some("north.example"));
        assert_eq!(read.trips.to_text(), "1800000000~0000000a2");
        assert!(jar("cas_warn=1", &base).warn && !jar("cas_warn=; cas_warned=1", &base).warn);
        assert_eq!(jar("cas_recent=north.example~a_b", &base).recent, ["north.example", "a_b"]);
        let read = jar("cas_at_north.example=TGH-1; cas_at_=x; cas_at_north.example=TGH-2", &base);
        for path in ["/federate/North.Example/return", "/federate/north.example/return/"] {
            assert_eq!(read.state_at(path), Some("TGH-1"), "{path}");
        }
        for path in ["/federate/north.example", "/federate/south.example/return", ""] {
            assert_eq!(read.state_at(path), None, "{path}");
        }
        assert_eq!(jar("cas_recent=<x>~local~a_~b~c~d~e~f", &base).recent.len(), 3);
    }
}
