//! The first page of a new installation, for the person who runs it.

use askama::Template;

use crate::http::lang::Lang;

use super::{Chrome, Frame, words};

words!(OperatorWords {
    heading_provider = "operator-provider",
    provider_hint = "operator-provider-hint",
    heading_service = "operator-service",
    service_hint = "operator-service-hint",
    check = "operator-check",
});

#[derive(Debug, Clone, Template)]
#[template(path = "operator.html")]
pub struct OperatorPage {
    pub frame: Frame,
    pub words: OperatorWords,
    pub heading: String,
    pub lead: String,
    pub folder: String,
}

impl OperatorPage {
    /// `folder` is where `passerelle.toml` lies. Shown on loopback only: it is a path of the machine.
    pub fn new(chrome: &Chrome, lang: &Lang, folder: &str) -> Self {
        Self {
            frame: Frame::new(chrome, lang, &lang.say("operator-title"), None),
            words: OperatorWords::of(lang),
            heading: lang.tell("operator-heading", &[("site", chrome.site_name.as_str().into())]),
            lead: lang.tell("operator-lead", &[("folder", folder.into())]),
            folder: folder.trim_end_matches('/').to_owned(),
        }
    }
}

#[cfg(test)]
impl OperatorPage {
    pub(super) fn samples(chrome: &Chrome, lang: &Lang) -> Vec<(&'static str, Self)> {
        vec![("first-run", Self::new(chrome, lang, "/etc/passerelle"))]
    }
}
