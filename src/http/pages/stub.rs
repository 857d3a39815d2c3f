//! The stub of the ticket: where the person is going. All of it comes from the configuration.

use crate::http::lang::Lang;

use super::identity::{Face, Host, split_host};

#[derive(Debug, Clone)]
pub struct Stub {
    pub lead: String,
    pub name: String,
    pub host: Host,
    pub face: Face,
    pub description: String,
    pub notice: String,
}

impl Stub {
    /// `name` and `logo` as registered, `host` of the matched service URL.
    pub fn new(lang: &Lang, name: &str, host: &str, logo: Option<&str>) -> Self {
        Self {
            lead: lang.say("stub-going"),
            name: name.to_owned(),
            host: split_host(host),
            face: Face::new(name, name, logo),
            description: String::new(),
            notice: String::new(),
        }
    }

    /// What the service says about itself: a line of description, and what is going on at the moment.
    #[must_use]
    pub fn saying(mut self, description: Option<&str>, notice: Option<&str>) -> Self {
        self.description = description.unwrap_or_default().to_owned();
        self.notice = notice.unwrap_or_default().to_owned();
        self
    }

    /// The name for titles.
    pub(super) fn name_of(stub: Option<&Self>) -> Option<&str> {
        stub.map(|stub| stub.name.as_str())
    }
}

#[cfg(test)]
impl Stub {
    pub(super) fn sample() -> Self {
        let lang = Lang::default();
        Self::new(&lang, "Library Catalogue", "catalogue.northlibraries.example", None)
    }

    pub(super) fn talkative() -> Self {
        Self::sample()
            .saying(Some("Books, maps and journals of nine libraries"), Some("Closed for repair on Sunday."))
    }
}
