//! The short page on the way out. It ends the chain of redirects after a form of ours, which
//! Chromium would otherwise hold against `form-action`.

use askama::Template;

use crate::http::lang::Lang;

use super::{Chrome, Frame, words};

words!(ExitWords { lead = "exit-lead" });

#[derive(Debug, Clone, Template)]
#[template(path = "exit.html")]
pub struct ExitPage {
    pub frame: Frame,
    pub words: ExitWords,
    pub heading: String,
    pub button: String,
    pub url: String,
}

impl ExitPage {
    /// `url` is where the person is taken: http(s) only, the caller sees to that.
    pub fn new(chrome: &Chrome, lang: &Lang, name: &str, url: String) -> Self {
        let args = [("name", name.into())];
        let heading = lang.tell("exit-heading", &args);
        Self {
            frame: Frame::new(chrome, lang, &heading, None),
            words: ExitWords::of(lang),
            button: lang.tell("exit-button", &args),
            heading,
            url,
        }
    }
}

#[cfg(test)]
impl ExitPage {
    pub(super) fn samples(chrome: &Chrome, lang: &Lang) -> Vec<(&'static str, Self)> {
        let url = "https://catalogue.northlibraries.example/?q='a';\"b\"&ticket=ST-1".to_owned();
        vec![("service", Self::new(chrome, lang, "Library Catalogue", url))]
    }
}
