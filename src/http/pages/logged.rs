//! Somebody is signed in and asked for nothing else.

use askama::Template;

use crate::http::lang::Lang;

use super::identity::{Face, Host, person, second_line, split_host};
use super::{Chrome, Fact, Frame, Link, Moment, Note, Press, Sentence, device, words};

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
    devices = "logged-devices",
    device = "logged-device",
    warn = "login-warn",
    save = "logged-save",
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
    /// Another service that went there in the person's name; empty: none did.
    pub through: String,
}

impl OpenService {
    pub fn new(name: &str, host: &str, href: String, logo: Option<&str>, at: Moment, yourself: bool) -> Self {
        let face = Face::new(name, name, logo);
        let (name, host, through) = (name.to_owned(), split_host(host), String::new());
        Self { name, host, face, href, at, yourself, through }
    }

    /// `proxy` went there too, or alone where the browser itself did not.
    #[must_use]
    pub fn through(mut self, lang: &Lang, proxy: &str, too: bool) -> Self {
        let proxy = [("service", proxy.into())];
        self.through =
            if too { lang.tell("logged-also-through", &proxy) } else { lang.tell("logged-through", &proxy) };
        self
    }
}

/// Another device of the same person.
#[derive(Debug, Clone)]
pub struct Device {
    pub id: String,
    pub name: String,
    pub seen: Moment,
    /// The sentence around [`Device::seen`].
    pub seen_line: Sentence,
    /// The words of its button around its name.
    pub end: Sentence,
}

impl Device {
    /// `user_agent` is what its browser calls itself.
    pub fn new(lang: &Lang, id: &str, user_agent: &str, seen: Moment) -> Self {
        let name = match device::named(user_agent) {
            (Some(browser), Some(system)) => {
                let both = [("browser", browser.into()), ("system", system.into())];
                lang.tell("logged-browser-on", &both)
            }
            (Some(browser), None) => browser.to_owned(),
            (None, Some(system)) => lang.tell("logged-some-browser-on", &[("system", system.into())]),
            (None, None) => lang.say("logged-some-browser"),
        };
        Self {
            id: id.to_owned(),
            seen_line: Sentence::around(lang, "logged-device-seen", "when", &seen.text),
            end: Sentence::around(lang, "logged-end", "device", &name),
            name,
            seen,
        }
    }
}

#[derive(Debug, Clone, Template)]
#[template(path = "logged.html")]
pub struct LoggedPage {
    pub frame: Frame,
    pub notes: Vec<Note>,
    pub words: LoggedWords,
    pub who: Who,
    pub action: String,
    pub preferences: String,
    pub lt: String,
    /// The button that signs out everywhere; empty where there is one device.
    pub sign_out_all: String,
    pub devices: Vec<Device>,
    pub has_devices: bool,
    /// Asked before each service.
    pub warn: bool,
    /// The institution that may be forgotten (its suffix), and the button; empty: there is none.
    pub forget: String,
    pub forget_label: String,
    /// Whether the selection page is shown.
    pub skip: Press,
    pub services: Vec<OpenService>,
    pub has_services: bool,
    pub change: Link,
    /// To the page of a new password.
    pub password: Link,
    pub told_title: String,
    pub told: Vec<Fact>,
    pub has_told: bool,
}

impl LoggedPage {
    /// `told` is what is known of the person; `may_change` if there is any institution to change to.
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
        let (label, told_title) = match who.institution.is_empty() {
            true => ("login-institution", "logged-known"),
            false => ("logged-change", "logged-told"),
        };
        Self {
            frame: Frame::new(chrome, lang, &lang.say("logged-title"), None),
            notes: Vec::new(),
            words: LoggedWords::of(lang),
            who,
            action: chrome.href("/logout"),
            preferences: chrome.href("/preferences"),
            lt,
            sign_out_all: String::new(),
            devices: Vec::new(),
            has_devices: false,
            warn: false,
            forget: String::new(),
            forget_label: String::new(),
            skip: Press::default(),
            has_services: !services.is_empty(),
            services,
            change: Link { label: lang.say(label), href, primary: false },
            password: Link::default(),
            told_title: lang.say(told_title),
            has_told: !told.is_empty(),
            told,
        }
    }

    /// Other devices of the person.
    #[must_use]
    pub fn devices(mut self, lang: &Lang, devices: Vec<Device>) -> Self {
        if !devices.is_empty() {
            self.sign_out_all = lang.tell("logged-sign-out-all", &[("n", (devices.len() + 1).into())]);
        }
        self.has_devices = !devices.is_empty();
        self.devices = devices;
        self
    }

    /// The person may choose another password.
    #[must_use]
    pub fn password(mut self, lang: &Lang, href: String) -> Self {
        self.password = Link { label: lang.say("logged-password"), href, primary: false };
        self
    }

    /// The password was changed just now.
    #[must_use]
    pub fn password_changed(mut self, lang: &Lang) -> Self {
        self.notes.push(Note::done(lang.say("logged-password-changed")));
        self
    }

    /// The person is asked before each service.
    #[must_use]
    pub fn warns(mut self, warn: bool) -> Self {
        self.warn = warn;
        self
    }

    /// The button that skips the selection page from now on, or shows it again.
    #[must_use]
    pub fn skip(mut self, button: Press) -> Self {
        self.skip = button;
        self
    }

    /// The institution is remembered on this device.
    #[must_use]
    pub fn remembered(mut self, lang: &Lang, suffix: &str, institution: &str) -> Self {
        suffix.clone_into(&mut self.forget);
        self.forget_label = lang.tell("logged-forget", &[("institution", institution.into())]);
        self
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
            service("Mail Store", "imap.northfield.example", -114, false).through(lang, "Webmail", false),
            service("Calendar", "calendar.northfield.example", -114, false).through(lang, "Webmail", true),
        ];
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        let devices = vec![
            Device::new(lang, "d1", firefox, at(-1020)),
            Device::new(lang, "d2", "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X)", at(-6000)),
            Device::new(lang, "d3", "", at(-9000)),
            Device::new(lang, "d4", "Lynx Chrome/1.0", at(-90_000)),
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
        let guest = || Who::new(None, "guest.ruiz", None, (at(0), at(0)), None);
        let known = || vec![Fact::new("affiliation", "guest")];
        let lt = || "LT-example".to_owned();
        vec![
            (
                "federated",
                Self::new(chrome, lang, ana, lt(), services, told, true)
                    .devices(lang, devices)
                    .warns(true)
                    .remembered(lang, "northfield.example", "University of Northfield")
                    .skip(Press::skip(lang, "northfield.example", "University of Northfield", 86_400)),
            ),
            (
                "local",
                Self::new(chrome, lang, guest(), lt(), Vec::new(), known(), false)
                    .password(lang, chrome.href("/password")),
            ),
            (
                "changed",
                Self::new(chrome, lang, guest(), lt(), Vec::new(), known(), false)
                    .password(lang, chrome.href("/password"))
                    .password_changed(lang),
            ),
            (
                "bare",
                Self::new(chrome, lang, guest(), lt(), Vec::new(), Vec::new(), false).skip(Press::ask(lang)),
            ),
        ]
    }
}
