//! The question before somebody is signed in to a service.

use askama::Template;

use crate::http::lang::Lang;

use super::identity::{Face, Host, person, second_line};
use super::{Chrome, Fact, Frame, Pair, Stub, words};

words!(WarnWords {
    who = "warn-who",
    user = "warn-user",
    nothing_else = "warn-nothing-else",
    cancel = "warn-cancel",
});

#[derive(Debug, Clone, Template)]
#[template(path = "warn.html")]
pub struct WarnPage {
    pub frame: Frame,
    pub stubs: Vec<Stub>,
    pub words: WarnWords,
    pub heading: String,
    pub lead: String,
    pub action: String,
    pub cancel: String,
    pub lt: String,
    pub kept: Vec<Pair>,
    pub name: String,
    pub user: Host,
    pub face: Face,
    pub receives: String,
    pub sent_user: String,
    pub sent: Vec<Fact>,
    /// Beside the box that ends the question for this service; empty: there is none.
    pub skip: String,
    pub button: String,
}

impl WarnPage {
    /// `user` is who is signed in (`name` for people), `sent_user` the name that the service is
    /// told and `sent` the attributes, exactly as they are released.
    #[expect(clippy::too_many_arguments, reason = "one page, filled in one place")]
    pub fn new(
        chrome: &Chrome,
        lang: &Lang,
        mut stub: Stub,
        (name, user): (&str, &str),
        sent_user: &str,
        sent: Vec<Fact>,
        lt: String,
        kept: Vec<Pair>,
    ) -> Self {
        stub.lead = lang.say("stub-about");
        let service = [("service", stub.name.as_str().into())];
        let heading = lang.tell("warn-heading", &service);
        Self {
            frame: Frame::new(chrome, lang, &heading, None),
            words: WarnWords::of(lang),
            lead: lang.say("warn-lead"),
            action: chrome.href("/login"),
            cancel: chrome.href("/login"),
            lt,
            kept,
            name: name.to_owned(),
            user: second_line(name, user),
            face: person(name, user),
            receives: lang.tell("warn-receives", &service),
            sent_user: sent_user.to_owned(),
            sent,
            skip: String::new(),
            button: lang.tell("warn-button", &service),
            heading,
            stubs: vec![stub],
        }
    }

    /// The person may end the question for this service.
    #[must_use]
    pub fn may_skip(mut self, lang: &Lang) -> Self {
        let service = self.stubs.first().map(|stub| stub.name.clone()).unwrap_or_default();
        self.skip = lang.tell("warn-skip", &[("service", service.into())]);
        self
    }

    /// Not the person but the service's entry asks for the question (`warn = "always"`).
    #[must_use]
    pub fn always(mut self, lang: &Lang) -> Self {
        self.lead = lang.say("warn-lead-always");
        self
    }
}

#[cfg(test)]
impl WarnPage {
    pub(super) fn samples(chrome: &Chrome, lang: &Lang) -> Vec<(&'static str, Self)> {
        let page = |name: &'static str, sent: Vec<Fact>| {
            let stub = Stub::new(lang, "Staff Payroll", "payroll.northfield.example", None);
            let who = (name, "aruiz@northfield.example");
            let kept = vec![Pair::new("service", "https://payroll.northfield.example/")];
            Self::new(chrome, lang, stub, who, who.1, sent, "LT-example".to_owned(), kept)
        };
        let sent = vec![
            Fact::new("displayName", "Ana Ruiz"),
            Fact::new("mail", "ana.ruiz@northfield.example"),
            Fact::new("role", "staff, member"),
        ];
        vec![
            ("attributes", page("Ana Ruiz", sent).may_skip(lang)),
            ("name-only", page("aruiz@northfield.example", Vec::new()).always(lang)),
        ]
    }
}
