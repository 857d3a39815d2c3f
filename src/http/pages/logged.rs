//! Somebody is signed in and asked for nothing else.

use askama::Template;

use crate::http::lang::Lang;

use super::identity::{Face, Host, person, second_line, split_host};
use super::{Chrome, Fact, Frame, Link, Moment, words};

words!(LoggedWords {
    tag = "logged-tag",
    institution = "logged-institution",
    since = "logged-since",
    seen = "logged-seen",
    until = "logged-until",
    sign_out = "logged-sign-out",
    services = "logged-services",
    services_hint = "logged-services-hint",
    no_services = "logged-no-services",
    yourself = "logged-yourself",
    device = "logged-device",
    told = "logged-told",
});

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct Who {
    pub name: String,
    pub user: Host,
    pub face: Face,
    /// Empty for a local account.
    pub institution: String,
    pub since: Moment,
    /// The last use before this one.
    pub seen: Moment,
    /// One at most: a session may live without an end.
    pub until: Vec<Moment>,
}

impl Who {
    /// `name` for people; absent: the user name.
    pub fn new(
        name: Option<&str>,
        user: &str,
        institution: Option<&str>,
        (since, seen): (Moment, Moment),
        until: Option<Moment>,
    ) -> Self {
        let name = name.unwrap_or(user);
        Self {
            name: name.to_owned(),
            user: second_line(name, user),
            face: person(name, user),
            institution: institution.unwrap_or_default().to_owned(),
            since,
            seen,
            until: until.into_iter().collect(),
        }
    }
}

/// A service of this session. Newest first is the caller's order.
#[derive(Debug, Clone)]
pub struct OpenService {
    pub name: String,
    pub host: Host,
    pub face: Face,
    pub href: String,
    pub at: Moment,
    /// Single log-out is off: signing out here does not reach it.
    pub yourself: bool,
}

impl OpenService {
    pub fn new(name: &str, host: &str, href: String, logo: Option<&str>, at: Moment, yourself: bool) -> Self {
        let face = Face::new(name, name, logo);
        Self { name: name.to_owned(), host: split_host(host), face, href, at, yourself }
    }
}

#[derive(Debug, Clone, Template)]
#[template(path = "logged.html")]
pub struct LoggedPage {
    pub frame: Frame,
    pub words: LoggedWords,
    pub who: Who,
    pub action: String,
    pub lt: String,
    pub services: Vec<OpenService>,
    pub has_services: bool,
    pub change: Link,
    pub told: Vec<Fact>,
    pub has_told: bool,
    pub has_device: bool,
}

impl LoggedPage {
    /// `told` is what the institution said; `may_change` if there is any institution to change to.
    pub fn new(
        chrome: &Chrome,
        lang: &Lang,
        who: Who,
        lt: String,
        services: Vec<OpenService>,
        told: Vec<Fact>,
        may_change: bool,
    ) -> Self {
        let href = if may_change { chrome.href("/login?choose=1") } else { String::new() };
        // Somebody with a local account has no institution to change.
        let label = if who.institution.is_empty() { "login-institution" } else { "logged-change" };
        Self {
            frame: Frame::new(chrome, lang, &lang.say("logged-title"), None),
            words: LoggedWords::of(lang),
            who,
            action: chrome.href("/logout"),
            lt,
            has_services: !services.is_empty(),
            services,
            change: Link { label: lang.say(label), href, primary: false },
            has_told: !told.is_empty(),
            has_device: may_change || !told.is_empty(),
            told,
        }
    }
}

#[cfg(test)]
impl LoggedPage {
    pub(super) fn samples(chrome: &Chrome, lang: &Lang) -> Vec<(&'static str, Self)> {
        let now = 1_772_621_527;
        let at = |minutes: i64| Moment::new(lang, now + minutes * 60, now);
        let service = |name: &str, host: &str, minutes, yourself| {
            OpenService::new(name, host, format!("https://{host}/"), None, at(minutes), yourself)
        };
        let services = vec![
            service("Library Catalogue", "catalogue.northlibraries.example", -11, false),
            service("Research Wiki", "wiki.meridian.example", -97, false),
            service("Old Forms", "forms.northfield.example", -113, true),
        ];
        let told = vec![
            Fact::new("displayName", "Ana Ruiz"),
            Fact::new("mail", "ana.ruiz@northfield.example"),
            Fact::new("eduPersonAffiliation", "staff, member"),
        ];
        let ana = Who::new(
            Some("Ana Ruiz"),
            "aruiz@northfield.example",
            Some("University of Northfield"),
            (at(-114), at(-2)),
            Some(at(486)),
        );
        let guest = Who::new(None, "guest.ruiz", None, (at(0), at(0)), None);
        let lt = || "LT-example".to_owned();
        vec![
            ("federated", Self::new(chrome, lang, ana, lt(), services, told, true)),
            ("local", Self::new(chrome, lang, guest, lt(), Vec::new(), Vec::new(), false)),
        ]
    }
}
