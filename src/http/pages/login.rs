//! The form for local accounts.

use askama::Template;

use crate::http::lang::Lang;

use super::{Chrome, Frame, Link, Note, Pair, Stub, words};

words!(LoginWords {
    username = "login-username",
    password = "login-password",
    show = "login-show",
    caps = "login-caps",
    warn = "login-warn",
    remember = "login-remember",
    remember_hint = "login-remember-hint",
    button = "login-button",
    or = "note-or",
});

/// What the form carries and what survives a failed attempt. Never a password.
#[derive(Debug, Clone, Default)]
pub struct LoginForm {
    pub lt: String,
    pub kept: Vec<Pair>,
    pub username: String,
    pub warn: bool,
    /// Ticked; only where the box is there at all.
    pub remember: bool,
    /// Whether people may stay signed in.
    pub may_remember: bool,
}

/// What is wrong with a field. `by` names the elements that say it.
#[derive(Debug, Clone, Default)]
pub struct FieldState {
    pub invalid: bool,
    pub by: &'static str,
    pub error: String,
}

#[derive(Debug, Clone, Template)]
#[template(path = "login.html")]
pub struct LoginPage {
    pub frame: Frame,
    pub stubs: Vec<Stub>,
    pub words: LoginWords,
    pub heading: String,
    pub lead: String,
    pub notes: Vec<Note>,
    pub action: String,
    pub form: LoginForm,
    pub username: FieldState,
    pub password: FieldState,
    /// What somebody does whose password is forgotten, or to be another one.
    pub links: Vec<Link>,
    pub has_links: bool,
    pub institution: Link,
}

impl LoginPage {
    pub fn new(chrome: &Chrome, lang: &Lang, stub: Option<Stub>, form: LoginForm) -> Self {
        let title = lang.say("login-title");
        Self {
            frame: Frame::new(chrome, lang, &title, Stub::name_of(stub.as_ref())),
            stubs: stub.into_iter().collect(),
            words: LoginWords::of(lang),
            heading: lang.say("login-heading"),
            lead: String::new(),
            notes: Vec::new(),
            action: chrome.href("/login"),
            form,
            username: FieldState::default(),
            password: FieldState::default(),
            links: Vec::new(),
            has_links: false,
            institution: Link::default(),
        }
        .forgotten(chrome, lang)
    }

    fn forgotten(self, chrome: &Chrome, lang: &Lang) -> Self {
        match &chrome.help {
            Some(help) => self.link(lang.say("login-forgotten"), help.clone()),
            None => self,
        }
    }

    /// People may change their passwords there.
    #[must_use]
    pub fn may_change(self, lang: &Lang, href: String) -> Self {
        self.link(lang.say("logged-password"), href)
    }

    fn link(mut self, label: String, href: String) -> Self {
        self.links.push(Link { label, href, primary: false });
        self.has_links = true;
        self
    }

    /// There are institutions as well: these accounts are for guests.
    #[must_use]
    pub fn institution(mut self, lang: &Lang, href: String) -> Self {
        self.heading = lang.say("login-heading-guest");
        self.institution = Link { label: lang.say("login-institution"), href, primary: false };
        self
    }

    /// The service wants the password again.
    #[must_use]
    pub fn renewal(mut self, lang: &Lang) -> Self {
        self.lead = match self.stubs.first() {
            Some(stub) => lang.tell("login-renewal", &[("service", stub.name.as_str().into())]),
            None => lang.say("login-renewal-plain"),
        };
        self
    }

    /// Somebody is signed in with an account that the service does not take (`None`: a local one).
    #[must_use]
    pub fn not_accepted(mut self, lang: &Lang, service: &str, institution: Option<&str>) -> Self {
        self.notes.push(Note::not_accepted(lang, service, institution));
        self
    }

    /// Somebody is to confirm who they are, and their institution cannot ask them.
    #[must_use]
    pub fn not_asked(mut self, lang: &Lang, institution: &str) -> Self {
        self.notes.push(Note::not_asked(lang, institution));
        self
    }

    /// Somebody signed out just now.
    #[must_use]
    pub fn signed_out(mut self, lang: &Lang) -> Self {
        self.notes.push(Note::info(String::new(), lang.say("note-signed-out")));
        self
    }

    /// `login.bad_credentials`. Both fields are marked: which one it was is nobody's business.
    #[must_use]
    pub fn wrong(self, chrome: &Chrome, lang: &Lang) -> Self {
        let note = Note::alert(lang.say("login-wrong"), String::new());
        let mut page = self.alert(chrome, lang, note.link(lang.say("login-wrong-hint"), "#u"));
        page.username = FieldState { invalid: true, by: "err", error: String::new() };
        page.password = page.username.clone();
        page
    }

    /// Sent without one of its fields.
    #[must_use]
    pub fn missing(self, chrome: &Chrome, lang: &Lang, username: bool, password: bool) -> Self {
        let mut note = Note::alert(lang.say("login-missing"), lang.say("login-missing-hint"));
        let mut state = |is_missing: bool, field: &str, by, key| {
            if !is_missing {
                return FieldState::default();
            }
            note.links.push(Link { label: lang.say(key), href: field.to_owned(), primary: false });
            FieldState { invalid: true, by, error: lang.say(key) }
        };
        let username = state(username, "#u", "u-err", "login-no-username");
        let password = state(password, "#p", "p-err", "login-no-password");
        Self { username, password, ..self.alert(chrome, lang, note) }
    }

    /// `login.form_expired`: nobody's fault, and the user name is kept.
    #[must_use]
    pub fn expired(mut self, lang: &Lang) -> Self {
        let mut note = Note::info(lang.say("login-expired"), lang.say("login-expired-hint"));
        note.alert = true;
        self.notes.push(note);
        self
    }

    /// The browser did not bring our cookie back, without which no form can be taken.
    #[must_use]
    pub fn no_cookies(mut self, lang: &Lang) -> Self {
        let mut note = Note::info(lang.say("login-cookies"), lang.say("login-cookies-hint"));
        note.alert = true;
        self.notes.push(note);
        self
    }

    fn alert(mut self, chrome: &Chrome, lang: &Lang, note: Note) -> Self {
        self.frame = Frame::error(chrome, lang, &note.title, Stub::name_of(self.stubs.first()));
        self.notes.push(note);
        self
    }
}

#[cfg(test)]
impl LoginPage {
    pub(super) fn samples(chrome: &Chrome, lang: &Lang) -> Vec<(&'static str, Self)> {
        let form = || LoginForm {
            lt: "LT-example".to_owned(),
            kept: vec![Pair::new("service", "https://catalogue.example/?a=1&b=2")],
            username: "guest.ruiz".to_owned(),
            warn: true,
            remember: true,
            may_remember: true,
        };
        let page = || Self::new(chrome, lang, Some(Stub::sample()), form());
        vec![
            ("empty", Self::new(chrome, lang, None, LoginForm::default())),
            ("guest", page().institution(lang, chrome.href("/login?choose=1"))),
            ("may-change", page().may_change(lang, chrome.href("/password"))),
            ("renewal", page().renewal(lang)),
            ("signed-out", page().signed_out(lang)),
            ("not-accepted", page().not_accepted(lang, "Library Catalogue", Some("Ashdown College"))),
            ("renewal-plain", Self::new(chrome, lang, None, form()).renewal(lang)),
            ("wrong", page().institution(lang, chrome.href("/login?choose=1")).wrong(chrome, lang)),
            ("missing", page().missing(chrome, lang, true, true)),
            ("missing-password", page().missing(chrome, lang, false, true)),
            ("expired", page().expired(lang)),
        ]
    }
}
