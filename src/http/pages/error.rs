//! Every error that a person can meet.

use askama::Template;

use crate::http::lang::Lang;

use super::error_text::{ErrorText, Facts, error_text};
use super::identity::{Host, split_host};
use super::{Chrome, Fact, Frame, Link, Moment, Stub, words};

words!(ErrorWords {
    address = "error-address",
    steps = "error-steps",
    reference = "error-reference",
    copy = "error-copy",
    copied = "error-copied",
    details = "error-details",
    code = "error-code",
    time = "error-time",
});

#[derive(Debug, Clone, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    pub frame: Frame,
    pub stubs: Vec<Stub>,
    pub words: ErrorWords,
    pub text: ErrorText,
    /// The host that asked, where it is not one of ours: 0 or 1.
    pub addresses: Vec<Host>,
    /// Who helps at the service.
    pub contacts_title: String,
    pub contacts: Vec<Link>,
    pub has_contacts: bool,
    pub actions: Vec<Link>,
    pub has_actions: bool,
    /// `K7QM-4TDX`: what the help desk asks for.
    pub reference: String,
    pub code: String,
    pub at: Moment,
    pub details: Vec<Fact>,
}

impl ErrorPage {
    /// `facts` without site and contact: they come from `chrome`.
    pub fn new(
        chrome: &Chrome,
        lang: &Lang,
        stub: Option<Stub>,
        code: &str,
        facts: &Facts<'_>,
        reference: &str,
        at: Moment,
    ) -> Self {
        let facts = Facts {
            site: &chrome.site_name,
            help_href: chrome.help.as_deref().unwrap_or_default(),
            help_text: chrome.help_text(),
            ..*facts
        };
        let text = error_text(lang, code, &facts);
        Self {
            frame: Frame::error(chrome, lang, &text.headline, Stub::name_of(stub.as_ref())),
            stubs: stub.into_iter().collect(),
            words: ErrorWords::of(lang),
            text,
            addresses: Vec::new(),
            contacts_title: String::new(),
            contacts: Vec::new(),
            has_contacts: false,
            actions: Vec::new(),
            has_actions: false,
            reference: reference.to_owned(),
            code: code.to_owned(),
            at,
            details: Vec::new(),
        }
    }

    /// The host of an address that is not registered. Only the host: path and query stay out.
    #[must_use]
    pub fn address(mut self, host: &str) -> Self {
        self.addresses = vec![split_host(host)];
        self
    }

    /// The same step again.
    #[must_use]
    pub fn retry(self, lang: &Lang, href: String) -> Self {
        self.action(lang.say("action-retry"), href)
    }

    /// The sign-in from its beginning, with the service kept.
    #[must_use]
    pub fn start(self, lang: &Lang, href: String) -> Self {
        self.action(lang.say("action-start"), href)
    }

    /// The list of institutions, after one of them did not work.
    #[must_use]
    pub fn choose_another(self, lang: &Lang, href: String) -> Self {
        self.action(lang.say("action-choose"), href)
    }

    /// The list of institutions, when none was chosen.
    #[must_use]
    pub fn choose(self, lang: &Lang, href: String) -> Self {
        self.action(lang.say("action-choose-first"), href)
    }

    /// Our own page without a service.
    #[must_use]
    pub fn home(self, lang: &Lang, chrome: &Chrome) -> Self {
        self.action(lang.say("action-home"), chrome.href("/login"))
    }

    /// The registered service that the person came from.
    #[must_use]
    pub fn back(self, lang: &Lang, service: &str, href: String) -> Self {
        self.action(lang.tell("action-back", &[("service", service.into())]), href)
    }

    /// Where the service tells how to get access: a link that somebody follows, never a redirect.
    #[must_use]
    pub fn access(self, lang: &Lang, service: &str, href: String) -> Self {
        self.action(lang.tell("action-access", &[("service", service.into())]), href)
    }

    /// Who helps at the service: links, or texts as they are.
    #[must_use]
    pub fn contacts(mut self, lang: &Lang, service: &str, contacts: &[String]) -> Self {
        let link = |contact: &String| {
            let written = contact.strip_prefix("mailto:").and_then(|address| address.split('?').next());
            let is_link = written.is_some() || contact.starts_with("https:");
            let href = if is_link { contact.clone() } else { String::new() };
            Link { label: written.unwrap_or(contact).to_owned(), href, primary: false }
        };
        self.contacts_title = lang.tell("error-contacts", &[("service", service.into())]);
        self.contacts = contacts.iter().map(link).collect();
        self.has_contacts = !self.contacts.is_empty();
        self
    }

    /// A button. The first one is the one to press.
    #[must_use]
    pub fn action(mut self, label: String, href: String) -> Self {
        let primary = self.actions.is_empty();
        self.actions.push(Link { label, href, primary });
        self.has_actions = true;
        self
    }

    /// For the operator: which institution, in the words of the configuration.
    #[must_use]
    pub fn provider(mut self, lang: &Lang, text: &str) -> Self {
        self.details.push(Fact::new(lang.say("error-provider"), text));
        self
    }

    /// The attribute that a service filters by, where it wants that to be known.
    #[must_use]
    pub fn attribute(mut self, lang: &Lang, name: &str) -> Self {
        self.details.push(Fact::new(lang.say("error-attribute"), name));
        self
    }

    /// For the operator: the command that explains it.
    #[must_use]
    pub fn explain(mut self, lang: &Lang, command: &str) -> Self {
        self.details.push(Fact::new(lang.say("error-explain"), command));
        self
    }

    /// For the operator: the command that tries it again.
    #[must_use]
    pub fn try_it(mut self, lang: &Lang, command: &str) -> Self {
        self.details.push(Fact::new(lang.say("error-try"), command));
        self
    }
}

#[cfg(test)]
impl ErrorPage {
    pub(super) fn samples(chrome: &Chrome, lang: &Lang) -> Vec<(&'static str, Self)> {
        use crate::domain::code::Code;

        let now = 1_772_621_527;
        Code::ALL
            .iter()
            .map(|code| {
                let code = code.as_str();
                let facts = Facts {
                    service: "Library Catalogue",
                    institution: "Hochschule für Künste Altmark",
                    attribute: "mail",
                    ..Facts::default()
                };
                let stub = Some(Stub::sample()).filter(|_| code.starts_with("upstream."));
                let at = Moment::new(lang, now, now);
                let page = Self::new(chrome, lang, stub, code, &facts, "K7QM-4TDX", at);
                let page = match code {
                    "service.not_registered" => page
                        .address("forms.n0rthfield.example")
                        .explain(lang, "passerelle explain --ref K7QM-4TDX")
                        .home(lang, chrome),
                    "service.filter" => page
                        .attribute(lang, "affiliation")
                        .contacts(
                            lang,
                            "Library Catalogue",
                            &[
                                "mailto:desk@northlibraries.example".to_owned(),
                                "Counter, ground floor".to_owned(),
                            ],
                        )
                        .access(
                            lang,
                            "Library Catalogue",
                            "https://catalogue.northlibraries.example/join".to_owned(),
                        ),
                    "upstream.timeout" => page
                        .provider(lang, "altmark.example")
                        .try_it(lang, "passerelle test-provider altmark.example")
                        .retry(lang, chrome.href("/federate/altmark.example"))
                        .choose_another(lang, chrome.href("/login?choose=1")),
                    "upstream.state_lost" => page.start(lang, chrome.href("/login")),
                    "provider.unknown" => page.choose(lang, chrome.href("/login?choose=1")),
                    "request.malformed" => page.back(
                        lang,
                        "Library Catalogue",
                        "https://catalogue.northlibraries.example/".to_owned(),
                    ),
                    _ => page,
                };
                (code, page)
            })
            .collect()
    }
}
