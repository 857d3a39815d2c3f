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
    /// For somebody who is signed in: away, and all stays as it is.
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
        let href = if form.is_fixed { back } else { String::new() };
        Self {
            frame: Frame::new(chrome, lang, &title, Stub::name_of(stub.as_ref())),
            stubs: stub.into_iter().collect(),
            words: NewPasswordWords::of(lang),
            lead: if form.is_fixed { lang.say("password-lead") } else { String::new() },
            hint: lang.tell("password-hint", &[("n", least.into())]),
            notes: Vec::new(),
            action: chrome.href("/password"),
            form,
            username: FieldState::default(),
            current: FieldState::default(),
            new: FieldState::default(),
            again: FieldState::default(),
            back: Link { label: lang.say("password-back"), href, primary: false },
        }
    }

    /// Nobody goes on without another password.
    #[must_use]
    pub fn must(mut self, lang: &Lang) -> Self {
        self.lead = lang.say("password-must");
        self
    }

    /// Unknown name or wrong password: which one it was is nobody's business.
    #[must_use]
    pub fn wrong(self, chrome: &Chrome, lang: &Lang) -> Self {
        let (title, hint) = match self.form.is_fixed {
            true => ("password-wrong", "password-wrong-hint"),
            false => ("login-wrong", "login-wrong-hint"),
        };
        let mut page = self.alert(chrome, lang, lang.say(title), lang.say(hint));
        page.current = FieldState { invalid: true, by: "err", error: String::new() };
        if !page.form.is_fixed {
            page.username = page.current.clone();
        }
        page
    }

    /// It is the password of an account that is not changed here.
    #[must_use]
    pub fn not_here(self, chrome: &Chrome, lang: &Lang) -> Self {
        self.alert(chrome, lang, lang.say("password-not-here"), lang.say("password-not-here-hint"))
    }

    /// Sent without some of its fields: user name, current, new, new once more.
    #[must_use]
    pub fn missing(self, chrome: &Chrome, lang: &Lang, empty: [bool; 4]) -> Self {
        let mut page = self.alert(chrome, lang, lang.say("login-missing"), lang.say("login-missing-hint"));
        let [username, current, new, again] = empty;
        let state = |empty: bool, by, key| match empty {
            true => FieldState { invalid: true, by, error: lang.say(key) },
            false => FieldState::default(),
        };
        page.username = state(username, "u-err", "login-no-username");
        page.current = state(current, "p-err", "password-no-current");
        page.new = state(new, "n-err", "password-no-new");
        page.again = state(again, "a-err", "password-no-again");
        page
    }

    /// The new one is not good enough, for this reason.
    #[must_use]
    pub fn weak(self, chrome: &Chrome, lang: &Lang, reason: String) -> Self {
        let mut page = self.alert(chrome, lang, lang.say("password-weak"), lang.say("password-weak-hint"));
        page.new = FieldState { invalid: true, by: "n-err", error: reason };
        page
    }

    /// Both new ones differ.
    #[must_use]
    pub fn different(self, chrome: &Chrome, lang: &Lang) -> Self {
        let (title, hint) = (lang.say("password-different"), lang.say("password-different-hint"));
        let mut page = self.alert(chrome, lang, title, hint);
        page.again = FieldState { invalid: true, by: "a-err", error: lang.say("password-again-differs") };
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
        let mut note = Note::info(lang.say("login-cookies"), lang.say("login-cookies-hint"));
        note.alert = true;
        self.notes.push(note);
        self
    }

    fn alert(mut self, chrome: &Chrome, lang: &Lang, title: String, text: String) -> Self {
        self.frame = Frame::error(chrome, lang, &title, Stub::name_of(self.stubs.first()));
        self.notes.push(Note::alert(title, text));
        self
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
        };
        let page = |is_fixed| {
            let back = chrome.href("/login");
            Self::new(chrome, lang, Some(Stub::sample()), form(is_fixed), 10, back)
        };
        let empty = || Self::new(chrome, lang, None, NewPasswordForm::default(), 10, chrome.href("/login"));
        let short = || lang.tell("password-short", &[("n", 10.into())]);
        vec![
            ("empty", empty()),
            ("must", page(false).must(lang)),
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
