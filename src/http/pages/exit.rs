//! The short page on the way out. It ends the chain of redirects after a form of ours, which
//! Chromium would otherwise hold against `form-action`, or it carries the form that posts a ticket.

use askama::Template;

use crate::http::lang::Lang;

use super::{Chrome, Frame};

#[derive(Debug, Clone, Template)]
#[template(path = "exit.html")]
pub struct ExitPage {
    pub frame: Frame,
    pub heading: String,
    pub lead: String,
    pub button: String,
    pub url: String,
    /// It goes to `url` by itself.
    pub goes_on: bool,
    /// Not empty: it is posted to `url`, by our script or by the button.
    pub ticket: String,
}

impl ExitPage {
    /// `url` is where the person is taken: http(s) only, the caller sees to that.
    pub fn new(chrome: &Chrome, lang: &Lang, name: &str, url: String) -> Self {
        let args = [("name", name.into())];
        let heading = lang.tell("exit-heading", &args);
        Self {
            frame: Frame::new(chrome, lang, &heading, None),
            lead: lang.say("exit-lead"),
            button: lang.tell("exit-button", &args),
            heading,
            url,
            goes_on: true,
            ticket: String::new(),
        }
    }

    /// The ticket is posted instead (CAS 3.0 §2.1.1, `method=POST`).
    #[must_use]
    pub fn posting(mut self, ticket: String) -> Self {
        self.goes_on = false;
        self.ticket = ticket;
        self
    }

    /// The ticket was read from the headers of this answer; a person who is shown the page may go on.
    #[must_use]
    pub fn ready(mut self, chrome: &Chrome, lang: &Lang, name: &str) -> Self {
        self.heading = lang.tell("exit-heading-ready", &[("name", name.into())]);
        self.frame = Frame::new(chrome, lang, &self.heading, None);
        self.lead = lang.say("exit-lead-ready");
        self.goes_on = false;
        self
    }
}

#[cfg(test)]
impl ExitPage {
    pub(super) fn samples(chrome: &Chrome, lang: &Lang) -> Vec<(&'static str, Self)> {
        let name = "Library Catalogue";
        let url = "https://catalogue.northlibraries.example/?q='a';\"b\"&ticket=ST-1".to_owned();
        let page = || Self::new(chrome, lang, name, url.clone());
        vec![
            ("service", page()),
            ("posting", page().posting("ST-1".to_owned())),
            ("ready", page().ready(chrome, lang, name)),
        ]
    }
}
