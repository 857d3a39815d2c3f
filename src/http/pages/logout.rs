//! After signing out. Never "everywhere" or "completely": a service that accepts the message
//! proves nothing.

use askama::Template;

use crate::http::lang::Lang;

use super::identity::{Face, Host, split_host};
use super::{Chrome, Frame, Link, words};

words!(LogoutWords {
    services = "logout-services",
    being_told = "logout-being-told",
    yourself = "logout-yourself",
    yourself_line = "logout-yourself-line",
});

/// How far a service knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The message is on its way.
    BeingTold,
    /// Single log-out is off: the person goes there, by this link.
    SignOutYourself { href: String },
}

/// A service that the session had open.
#[derive(Debug, Clone)]
pub struct LeftService {
    pub name: String,
    pub host: Host,
    pub face: Face,
    pub yourself: bool,
    pub open: Link,
}

impl LeftService {
    pub fn new(lang: &Lang, name: &str, host: &str, logo: Option<&str>, told: Told) -> Self {
        let (yourself, href) = match told {
            Told::BeingTold => (false, String::new()),
            Told::SignOutYourself { href } => (true, href),
        };
        Self {
            name: name.to_owned(),
            host: split_host(host),
            face: Face::new(name, name, logo),
            yourself,
            open: Link { label: lang.tell("logout-open", &[("service", name.into())]), href, primary: false },
        }
    }
}

/// The session at the institution, which we cannot end.
#[derive(Debug, Clone)]
pub struct StillOpen {
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
    pub services: Vec<LeftService>,
    pub has_services: bool,
    pub upstream: Vec<StillOpen>,
    pub again: Link,
    pub back: Link,
}

impl LogoutPage {
    /// A session has ended, these services were open in it.
    pub fn ended(chrome: &Chrome, lang: &Lang, services: Vec<LeftService>) -> Self {
        let by_hand = services.iter().filter(|service| service.yourself).count();
        let lead = match (services.len(), by_hand) {
            (0, _) => String::new(),
            (_, 0) => lang.say("logout-lead-told"),
            (_, n) => lang.tell("logout-lead-yourself", &[("n", n.into())]),
        };
        let heading = lang.tell("logout-heading", &[("site", chrome.site_name.as_str().into())]);
        Self::bare(chrome, lang, heading, lead, lang.say("logout-again"), services)
    }

    /// There was no session.
    pub fn nothing(chrome: &Chrome, lang: &Lang) -> Self {
        let heading = lang.tell("logout-heading-nothing", &[("site", chrome.site_name.as_str().into())]);
        let lead = lang.say("logout-lead-nothing");
        Self::bare(chrome, lang, heading, lead, lang.say("logout-first"), Vec::new())
    }

    fn bare(
        chrome: &Chrome,
        lang: &Lang,
        heading: String,
        lead: String,
        again: String,
        services: Vec<LeftService>,
    ) -> Self {
        Self {
            frame: Frame::new(chrome, lang, &lang.say("logout-title"), None),
            words: LogoutWords::of(lang),
            heading,
            lead,
            has_services: !services.is_empty(),
            services,
            upstream: Vec::new(),
            again: Link { label: again, href: chrome.href("/login"), primary: true },
            back: Link::default(),
        }
    }

    /// The session came from an institution and may go on there. `href` is its sign-out.
    #[must_use]
    pub fn upstream(mut self, lang: &Lang, institution: &str, href: String) -> Self {
        let name = [("institution", institution.into())];
        self.upstream = vec![StillOpen {
            title: lang.tell("logout-upstream", &name),
            text: lang.say("logout-upstream-hint"),
            link: Link { label: lang.tell("logout-upstream-button", &name), href, primary: false },
        }];
        self
    }

    /// The registered service that sent the person here.
    #[must_use]
    pub fn back(mut self, lang: &Lang, service: &str, href: String) -> Self {
        let label = lang.tell("logout-back", &[("service", service.into())]);
        self.back = Link { label, href, primary: false };
        self
    }
}

#[cfg(test)]
impl LogoutPage {
    pub(super) fn samples(chrome: &Chrome, lang: &Lang) -> Vec<(&'static str, Self)> {
        let told = |name: &str, host: &str| LeftService::new(lang, name, host, None, Told::BeingTold);
        let by_hand = |name: &str, host: &str| {
            let href = format!("https://{host}/");
            LeftService::new(lang, name, host, None, Told::SignOutYourself { href })
        };
        let catalogue = || told("Library Catalogue", "catalogue.northlibraries.example");
        let mixed = vec![
            catalogue(),
            told("Research Wiki", "wiki.meridian.example"),
            by_hand("Old Forms", "forms.northfield.example"),
        ];
        vec![
            (
                "mixed",
                Self::ended(chrome, lang, mixed)
                    .upstream(
                        lang,
                        "University of Northfield",
                        "https://cas.northfield.example/cas/logout".to_owned(),
                    )
                    .back(lang, "Library Catalogue", "https://catalogue.northlibraries.example/".to_owned()),
            ),
            ("told", Self::ended(chrome, lang, vec![catalogue()])),
            ("no-services", Self::ended(chrome, lang, Vec::new())),
            ("nothing", Self::nothing(chrome, lang)),
        ]
    }
}
