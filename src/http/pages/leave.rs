//! The question before signing out, where another site may have sent the browser here.

use askama::Template;

use crate::http::lang::Lang;

use super::identity::{Face, Host, person, second_line};
use super::{Chrome, Frame, Pair, words};

words!(LeaveWords { who = "leave-who", cancel = "leave-cancel" });

/// What the browser came with.
#[derive(Debug, Clone, Copy)]
pub struct Sent {
    /// The browser says that another site sent it; else nothing is known.
    pub by_another_site: bool,
    /// Every session of the person would end.
    pub all: bool,
}

#[derive(Debug, Clone, Template)]
#[template(path = "leave.html")]
pub struct LeavePage {
    pub frame: Frame,
    pub words: LeaveWords,
    pub heading: String,
    pub lead: String,
    pub button: String,
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
        sent: Sent,
        lt: String,
        kept: Vec<Pair>,
    ) -> Self {
        let (heading, button) = match sent.all {
            true => ("leave-heading-all", "leave-button-all"),
            false => ("leave-heading", "leave-button"),
        };
        let lead = if sent.by_another_site { "leave-lead-foreign" } else { "leave-lead" };
        let heading = lang.tell(heading, &[("site", chrome.site_name.as_str().into())]);
        Self {
            frame: Frame::new(chrome, lang, &heading, None),
            words: LeaveWords::of(lang),
            heading,
            lead: lang.say(lead),
            button: lang.say(button),
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
        let page = |who, by_another_site, all, kept| {
            Self::new(chrome, lang, who, Sent { by_another_site, all }, "LT-example".to_owned(), kept)
        };
        let ana = ("Ana Ruiz", "aruiz@northfield.example");
        vec![
            ("named", page(ana, true, false, kept())),
            ("plain", page(("guest.ruiz", "guest.ruiz"), false, false, Vec::new())),
            ("all", page(ana, false, true, vec![Pair::new("all", "1")])),
        ]
    }
}
