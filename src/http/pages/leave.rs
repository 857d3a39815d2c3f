//! The question before signing out, where another site may have sent the browser here.

use askama::Template;

use crate::http::lang::Lang;

use super::identity::{Face, Host, person, second_line};
use super::{Chrome, Frame, Pair, words};

words!(LeaveWords { lead = "leave-lead", who = "leave-who", button = "leave-button", cancel = "leave-cancel" });

#[derive(Debug, Clone, Template)]
#[template(path = "leave.html")]
pub struct LeavePage {
    pub frame: Frame,
    pub words: LeaveWords,
    pub heading: String,
    pub action: String,
    pub cancel: String,
    pub lt: String,
    pub kept: Vec<Pair>,
    pub name: String,
    pub user: Host,
    pub face: Face,
}

impl LeavePage {
    /// Who is signed in (`name` for people), and the parameters of the request.
    pub fn new(
        chrome: &Chrome,
        lang: &Lang,
        (name, user): (&str, &str),
        lt: String,
        kept: Vec<Pair>,
    ) -> Self {
        let heading = lang.tell("leave-heading", &[("site", chrome.site_name.as_str().into())]);
        Self {
            frame: Frame::new(chrome, lang, &heading, None),
            words: LeaveWords::of(lang),
            heading,
            action: chrome.href("/logout"),
            cancel: chrome.href("/login"),
            lt,
            kept,
            name: name.to_owned(),
            user: second_line(name, user),
            face: person(name, user),
        }
    }
}

#[cfg(test)]
impl LeavePage {
    pub(super) fn samples(chrome: &Chrome, lang: &Lang) -> Vec<(&'static str, Self)> {
        let kept = || vec![Pair::new("service", "https://catalogue.northlibraries.example/?a=1&b=2")];
        let page = |who, kept| Self::new(chrome, lang, who, "LT-example".to_owned(), kept);
        vec![
            ("named", page(("Ana Ruiz", "aruiz@northfield.example"), kept())),
            ("plain", page(("guest.ruiz", "guest.ruiz"), Vec::new())),
        ]
    }
}
