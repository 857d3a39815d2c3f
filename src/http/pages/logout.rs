//! After signing out. Never "everywhere" or "completely": a service that accepts the message
//! proves nothing.

use askama::Template;

use crate::domain::told::Told;
use crate::http::lang::Lang;

use super::identity::{Face, Host, split_host};
use super::{Chrome, Frame, Link, words};

words!(LogoutWords { services = "logout-services", forget = "logout-forget" });

/// A service that the session had open.
#[derive(Debug, Clone)]
pub struct LeftService {
    pub name: String,
    pub host: Host,
    pub face: Face,
    pub told: Told,
    /// The colour of the tag: `ok`, `info`, `warn` or `bad`.
    pub level: &'static str,
    pub trying: bool,
    pub tag: String,
    pub line: String,
    pub open: Link,
}

impl LeftService {
    /// `href` leads to the front page of the service; empty: it is no place of the web.
    pub fn new(lang: &Lang, name: &str, host: &str, logo: Option<&str>, told: Told, href: String) -> Self {
        let (level, tag, line) = match told {
            Told::BeingTold => ("info", lang.say("logout-being-told"), String::new()),
            Told::Accepted => ("ok", lang.say("logout-accepted"), String::new()),
            Told::TryingAgain { left } => ("warn", lang.say("logout-trying"), trying(lang, left)),
            Told::Yourself => ("warn", lang.say("logout-yourself"), lang.say("logout-yourself-line")),
            Told::NoAnswer => ("bad", lang.say("logout-no-answer"), lang.say("logout-no-answer-line")),
        };
        let href = if matches!(told, Told::Yourself | Told::NoAnswer) { href } else { String::new() };
        Self {
            name: name.to_owned(),
            host: split_host(host),
            face: Face::new(name, name, logo),
            told,
            level,
            trying: matches!(told, Told::TryingAgain { .. }),
            tag,
            line,
            open: Link { label: lang.tell("logout-open", &[("service", name.into())]), href, primary: false },
        }
    }
}

/// For how long we keep trying, near enough.
fn trying(lang: &Lang, seconds: i64) -> String {
    let minutes = (seconds.saturating_add(30) / 60).max(1);
    if minutes <= 120 {
        return lang.tell("logout-trying-minutes", &[("n", minutes.into())]);
    }
    lang.tell("logout-trying-hours", &[("n", ((minutes + 30) / 60).into())])
}

/// The session at the institution, which we cannot end.
#[derive(Debug, Clone)]
pub struct StillOpen {
    /// The colour: `warn`, or `info` where the browser was there already.
    pub level: &'static str,
    pub title: String,
    pub text: String,
    pub link: Link,
}

#[derive(Debug, Clone, Template)]
#[template(path = "logout.html")]
pub struct LogoutPage {
    pub frame: Frame,
    pub words: LogoutWords,
    pub heading: String,
    pub lead: String,
    pub ended: String,
    pub services: Vec<LeftService>,
    pub has_services: bool,
    pub upstream: Vec<StillOpen>,
    pub again: Link,
    /// When the page looks again, and where: for the header and for `<meta>`.
    pub refresh: String,
    pub remembered: String,
    pub forget: String,
    pub lt: String,
}

impl LogoutPage {
    /// A session has ended, these services were open in it.
    pub fn ended(chrome: &Chrome, lang: &Lang, services: Vec<LeftService>) -> Self {
        let count = |told: fn(Told) -> bool| services.iter().filter(|service| told(service.told)).count();
        let waiting = count(|told| told == Told::BeingTold);
        let open = count(|told| told != Told::Accepted);
        let lead = match (services.len(), waiting, open) {
            (0, _, _) => String::new(),
            (_, 1.., _) => lang.say("logout-lead-told"),
            (n, _, 0) => lang.tell("logout-lead-accepted", &[("n", n.into())]),
            (1, _, _) => lang.say("logout-lead-open-only"),
            (_, _, n) => lang.tell("logout-lead-open", &[("n", n.into())]),
        };
        Self::bare(chrome, lang, ["logout-title", "logout-heading", "logout-again"], lead, services)
    }

    /// There was no session.
    pub fn nothing(chrome: &Chrome, lang: &Lang) -> Self {
        let keys = ["logout-title-nothing", "logout-heading-nothing", "logout-first"];
        Self::bare(chrome, lang, keys, lang.say("logout-lead-nothing"), Vec::new())
    }

    /// Nobody is signed in, and of the sign-out that was to be shown nothing is known: there was none, or it
    /// is too long ago. So the page says neither that it took place nor that it did not.
    pub fn unknown(chrome: &Chrome, lang: &Lang) -> Self {
        let keys = ["logout-title-unknown", "logout-heading-unknown", "logout-first"];
        Self::bare(chrome, lang, keys, lang.say("logout-lead-unknown"), Vec::new())
    }

    fn bare(
        chrome: &Chrome,
        lang: &Lang,
        [title, heading, again]: [&'static str; 3],
        lead: String,
        services: Vec<LeftService>,
    ) -> Self {
        Self {
            frame: Frame::new(chrome, lang, &lang.say(title), None),
            words: LogoutWords::of(lang),
            heading: lang.tell(heading, &[("site", chrome.site_name.as_str().into())]),
            lead,
            ended: String::new(),
            has_services: !services.is_empty(),
            services,
            upstream: Vec::new(),
            again: Link { label: lang.say(again), href: chrome.href("/login"), primary: true },
            refresh: String::new(),
            remembered: String::new(),
            forget: chrome.href("/preferences"),
            lt: String::new(),
        }
    }

    /// Whether a service is being told right now.
    pub fn is_waiting(&self) -> bool {
        self.services.iter().any(|service| service.told == Told::BeingTold)
    }

    /// Every session of the person was to end: so many did.
    #[must_use]
    pub fn all(mut self, lang: &Lang, sessions: u64) -> Self {
        self.ended = lang.tell("logout-ended", &[("n", sessions.into())]);
        self
    }

    /// So many institutions are remembered on this device, this one first.
    #[must_use]
    pub fn remembered(mut self, lang: &Lang, first: &str, count: usize, lt: String) -> Self {
        self.remembered = match count {
            1 => lang.tell("logout-remembered", &[("institution", first.into())]),
            n => lang.tell("logout-remembered-many", &[("n", n.into())]),
        };
        self.lt = lt;
        self
    }

    /// The session came from an institution and may go on there. `href` is its sign-out; empty: none is
    /// offered. `is_back`: it was signed out of already, and its server sent the browser back, which is no
    /// proof.
    #[must_use]
    pub fn upstream(mut self, lang: &Lang, institution: &str, href: String, is_back: bool) -> Self {
        let name = [("institution", institution.into())];
        let (level, title, text) = match is_back {
            true => ("info", "logout-upstream-back", "logout-upstream-back-hint"),
            false => ("warn", "logout-upstream", "logout-upstream-hint"),
        };
        self.upstream = vec![StillOpen {
            level,
            title: lang.tell(title, &name),
            text: lang.say(text),
            link: Link { label: lang.tell("logout-upstream-button", &name), href, primary: false },
        }];
        self
    }
}

#[cfg(test)]
impl LogoutPage {
    pub(super) fn samples(chrome: &Chrome, lang: &Lang) -> Vec<(&'static str, Self)> {
        let service = |name: &str, host: &str, told| {
            LeftService::new(lang, name, host, None, told, format!("https://{host}/"))
        };
        let catalogue = |told| service("Library Catalogue", "catalogue.northlibraries.example", told);
        let wiki = |told| service("Research Wiki", "wiki.meridian.example", told);
        let forms = || service("Old Forms", "forms.northfield.example", Told::Yourself);
        let mail = |told| service("Webmail", "mail.northfield.example", told);
        let page = |services| Self::ended(chrome, lang, services);
        let northfield = "University of Northfield";
        let lt = || "LT-example".to_owned();
        let mut told = page(vec![catalogue(Told::Accepted), wiki(Told::BeingTold), forms()]).upstream(
            lang,
            northfield,
            "https://cas.northfield.example/cas/logout".to_owned(),
            false,
        );
        told.refresh = "2; url=/cas/logout?receipt=x&n=1".to_owned();
        let trying = Told::TryingAgain { left: 610 };
        vec![
            ("told", told),
            (
                "mixed",
                page(vec![catalogue(Told::Accepted), wiki(Told::Accepted), mail(trying), forms()])
                    .upstream(lang, northfield, "https://cas.northfield.example/cas/logout".to_owned(), false)
                    .remembered(lang, northfield, 1, lt()),
            ),
            ("accepted", page(vec![catalogue(Told::Accepted), wiki(Told::Accepted)]).all(lang, 3)),
            ("accepted-one", page(vec![catalogue(Told::Accepted)]).all(lang, 1)),
            ("no-answer", page(vec![mail(Told::NoAnswer)])),
            ("trying", page(vec![wiki(Told::TryingAgain { left: 20_000 }), mail(trying)])),
            ("yourself", page(vec![forms()])),
            ("institution-only", page(Vec::new()).upstream(lang, northfield, String::new(), false)),
            (
                "back",
                page(vec![catalogue(Told::Accepted)]).upstream(
                    lang,
                    northfield,
                    "https://cas.northfield.example/cas/logout".to_owned(),
                    true,
                ),
            ),
            ("no-services", page(Vec::new()).remembered(lang, northfield, 2, lt())),
            ("nothing", Self::nothing(chrome, lang)),
            ("unknown", Self::unknown(chrome, lang)),
        ]
    }
}
