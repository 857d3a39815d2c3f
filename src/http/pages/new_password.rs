//! The owner of a local account chooses another password.

use askama::Template;

use crate::http::lang::Lang;

use super::login::FieldState;
use super::{Chrome, Frame, Link, Note, Pair, Stub, words};

words!(NewPasswordWords {
    heading = "password-title",
    username = "login-username",
    current = "password-current",
    new = "password-new",
    again = "password-again",
    show = "login-show",
    caps = "login-caps",
    button = "password-button",
});

/// What the form carries and what survives a failed attempt. Never a password.
#[derive(Debug, Clone, Default)]
pub struct NewPasswordForm {
    pub lt: String,
    pub kept: Vec<Pair>,
    pub username: String,
    /// Nobody else is meant: the person is signed in.
    pub is_fixed: bool,
    /// Nobody goes on without another password.
    pub must: bool,
}

#[derive(Debug, Clone, Template)]
#[template(path = "new_password.html")]
pub struct NewPasswordPage {
    pub frame: Frame,
    pub stubs: Vec<Stub>,
    pub words: NewPasswordWords,
    pub lead: String,
    /// What a new password needs.
    pub hint: String,
    pub notes: Vec<Note>,
    pub action: String,
    pub form: NewPasswordForm,
    pub username: FieldState,
    pub current: FieldState,
    pub new: FieldState,
    pub again: FieldState,
    /// Absent for somebody who changes no password here.
    pub has_form: bool,
    /// Away, and all stays as it is.
    pub back: Link,
}

impl NewPasswordPage {
    /// `least` is how many characters a new password has at least; `back` leads away.
    pub fn new(
        chrome: &Chrome,
        lang: &Lang,
        stub: Option<Stub>,
        form: NewPasswordForm,
        least: usize,
        back: String,
    ) -> Self {
        let title = lang.say("password-title");
        let (lead, label) = match (form.must, form.is_fixed) {
            (true, _) => (lang.say("password-must"), "password-sign-in"),
            (false, true) => (lang.say("password-lead"), "password-back"),
            (false, false) => (String::new(), "password-sign-in"),
        };
        Self {
            frame: Frame::new(chrome, lang, &title, Stub::name_of(stub.as_ref())),
            stubs: stub.into_iter().collect(),
            words: NewPasswordWords::of(lang),
            lead,
            hint: lang.tell("password-hint", &[("n", least.into())]),
            notes: Vec::new(),
            action: chrome.href("/password"),
            form,
            username: FieldState::default(),
            current: FieldState::default(),
            new: FieldState::default(),
            again: FieldState::default(),
            has_form: true,
            back: Link { label: lang.say(label), href: back, primary: false },
        }
    }

    /// The page of somebody who changes no password here: no form.
    pub fn closed(chrome: &Chrome, lang: &Lang, stub: Option<Stub>, back: String) -> Self {
        let mut page = Self::new(chrome, lang, stub, NewPasswordForm::default(), 0, back);
        page.words.heading = lang.say("logged-password");
        page.frame = Frame::new(chrome, lang, &page.words.heading, Stub::name_of(page.stubs.first()));
        page.back.label = lang.say("password-home");
        page.has_form = false;
        let note = Note::info(lang.say("password-not-here"), lang.say("password-not-here-hint"));
        page.notes.push(helped(note, chrome, lang));
        page
    }

    /// Unknown name or wrong password: which one it was is nobody's business.
    #[must_use]
    pub fn wrong(self, chrome: &Chrome, lang: &Lang) -> Self {
        if self.form.is_fixed {
            let reason = lang.say("password-wrong-hint");
            let note = Note::alert(lang.say("password-wrong"), String::new()).link(reason.clone(), "#p");
            let mut page = self.alert(chrome, lang, note);
            page.current = FieldState { invalid: true, by: "p-err", error: reason };
            return page;
        }
        let note = Note::alert(lang.say("login-wrong"), String::new());
        let mut page = self.alert(chrome, lang, note.link(lang.say("login-wrong-hint"), "#u"));
        page.current = FieldState { invalid: true, by: "err", error: String::new() };
        page.username = page.current.clone();
        page
    }

    /// It is the password of an account that is not changed here.
    #[must_use]
    pub fn not_here(self, chrome: &Chrome, lang: &Lang) -> Self {
        let note = Note::alert(lang.say("password-not-here"), lang.say("password-not-here-hint"));
        self.alert(chrome, lang, helped(note, chrome, lang))
    }

    /// Sent without some of its fields: user name, current, new, new once more.
    #[must_use]
    pub fn missing(self, chrome: &Chrome, lang: &Lang, empty: [bool; 4]) -> Self {
        let [username, current, new, again] = empty;
        let mut note = Note::alert(lang.say("login-missing"), String::new());
        let mut state = |empty: bool, field, by, key| {
            if !empty {
                return FieldState::default();
            }
            note.links.push(Link { label: lang.say(key), href: field, primary: false });
            FieldState { invalid: true, by, error: lang.say(key) }
        };
        let username = state(username, "#u".to_owned(), "u-err", "login-no-username");
        let current = state(current, "#p".to_owned(), "p-err", "password-no-current");
        let new = state(new, "#n".to_owned(), "n-err", "password-no-new");
        let again = state(again, "#a".to_owned(), "a-err", "password-no-again");
        Self { username, current, new, again, ..self.alert(chrome, lang, note) }
    }

    /// The new one is not good enough, for this reason.
    #[must_use]
    pub fn weak(self, chrome: &Chrome, lang: &Lang, reason: String) -> Self {
        let note = Note::alert(lang.say("password-weak"), lang.say("password-unchanged"));
        let mut page = self.alert(chrome, lang, note.link(reason.clone(), "#n"));
        page.new = FieldState { invalid: true, by: "n-err", error: reason };
        page
    }

    /// Both new ones differ.
    #[must_use]
    pub fn different(self, chrome: &Chrome, lang: &Lang) -> Self {
        let reason = lang.say("password-again-differs");
        let note = Note::alert(lang.say("password-different"), lang.say("password-unchanged"));
        let mut page = self.alert(chrome, lang, note.link(reason.clone(), "#a"));
        page.again = FieldState { invalid: true, by: "a-err", error: reason };
        page
    }

    /// `login.form_expired`: nobody's fault, and nothing has changed.
    #[must_use]
    pub fn expired(mut self, lang: &Lang) -> Self {
        let mut note = Note::info(lang.say("login-expired"), lang.say("password-expired-hint"));
        note.alert = true;
        self.notes.push(note);
        self
    }

    /// The browser did not bring our cookie back, without which no form can be taken.
    #[must_use]
    pub fn no_cookies(mut self, lang: &Lang) -> Self {
        let mut note = Note::info(lang.say("login-cookies"), lang.say("password-cookies-hint"));
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

/// Where there is somebody to ask, the way there.
fn helped(note: Note, chrome: &Chrome, lang: &Lang) -> Note {
    match &chrome.help {
        Some(help) => note.link(lang.say("password-help"), help.clone()),
        None => note,
    }
}

#[cfg(test)]
impl NewPasswordPage {
    pub(super) fn samples(chrome: &Chrome, lang: &Lang) -> Vec<(&'static str, Self)> {
        let form = |is_fixed| NewPasswordForm {
            lt: "LT-example".to_owned(),
            kept: vec![Pair::new("service", "https://catalogue.example/?a=1&b=2")],
            username: "guest.ruiz".to_owned(),
            is_fixed,
            must: false,
        };
        let page = |is_fixed| {
            let back = chrome.href("/login");
            Self::new(chrome, lang, Some(Stub::sample()), form(is_fixed), 10, back)
        };
        let empty = || Self::new(chrome, lang, None, NewPasswordForm::default(), 10, chrome.href("/login"));
        let must = || {
            let form = NewPasswordForm { must: true, ..form(false) };
            Self::new(chrome, lang, Some(Stub::sample()), form, 10, chrome.href("/login"))
        };
        let short = || lang.tell("password-short", &[("n", 10.into())]);
        vec![
            ("empty", empty()),
            ("must", must()),
            ("must-wrong", must().wrong(chrome, lang)),
            ("closed", Self::closed(chrome, lang, Some(Stub::sample()), chrome.href("/login"))),
            ("signed-in", page(true)),
            ("wrong", page(false).wrong(chrome, lang)),
            ("wrong-signed-in", page(true).wrong(chrome, lang)),
            ("not-here", page(false).not_here(chrome, lang)),
            ("missing", empty().missing(chrome, lang, [true; 4])),
            ("weak", page(true).weak(chrome, lang, short())),
            ("different", page(true).different(chrome, lang)),
            ("expired", page(true).expired(lang)),
            ("no-cookies", page(false).no_cookies(lang)),
        ]
    }
}
