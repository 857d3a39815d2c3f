//! Where do you have an account?

use askama::Template;

use crate::http::lang::{Lang, UNNAMED};

use super::identity::Face;
use super::{Chrome, Frame, Link, Note, Pair, Sentence, Stub, words};

words!(SelectWords {
    find = "select-find",
    find_hint = "select-find-hint",
    search = "select-search",
    list = "select-list",
    show_all = "select-show-all",
    ask = "select-ask",
    shared = "select-shared",
    shared_hint = "select-shared-hint",
    forget_all = "select-forget-all",
    or = "note-or",
});

/// An institution to choose: a link.
#[derive(Debug, Clone)]
pub struct Entry {
    pub name: String,
    pub suffix: String,
    pub href: String,
    pub face: Face,
    /// What the script searches besides name and suffix: short names, cities, e-mail domains.
    pub find: String,
    /// Does not answer the search; stays in the page for the script.
    pub hidden: bool,
    /// "Forget …", on the returning page.
    pub forget: String,
}

impl Entry {
    pub fn new(name: &str, suffix: &str, href: String, logo: Option<&str>, find: String) -> Self {
        Self {
            name: name.to_owned(),
            suffix: suffix.to_owned(),
            href,
            face: Face::new(name, suffix, logo),
            find,
            hidden: false,
            forget: String::new(),
        }
    }
}

/// Institutions of one country, state or kind. Without a name: no heading.
#[derive(Debug, Clone)]
pub struct Group {
    pub name: String,
    pub entries: Vec<Entry>,
    pub hidden: bool,
}

impl Group {
    pub fn new(name: Option<&str>, entries: Vec<Entry>) -> Self {
        let hidden = entries.iter().all(|entry| entry.hidden);
        Self { name: name.unwrap_or_default().to_owned(), entries, hidden }
    }
}

/// What the search form was asked, and what it has to carry on.
#[derive(Debug, Clone, Default)]
pub struct Search {
    pub q: String,
    pub shared: bool,
    pub kept: Vec<Pair>,
    /// This page without `q`, for readers without script.
    pub all_href: String,
}

/// The search form and its list, ready for the template.
#[derive(Debug, Clone)]
pub struct List {
    pub action: String,
    pub search: Search,
    pub groups: Vec<Group>,
    pub count: String,
    pub count_one: String,
    pub count_many: String,
    pub count_all: String,
    pub empty: bool,
    pub nothing: Sentence,
    pub nothing_hint: String,
}

/// The form that forgets institutions: its token and the parameters of the page.
#[derive(Debug, Clone, Default)]
pub struct Forget {
    pub lt: String,
    pub kept: Vec<Pair>,
}

#[derive(Debug, Clone, Template)]
#[template(path = "select.html")]
pub struct SelectPage {
    pub frame: Frame,
    pub stubs: Vec<Stub>,
    pub words: SelectWords,
    pub heading: String,
    pub lead: String,
    pub notes: Vec<Note>,
    pub recent: Vec<Entry>,
    pub forget: Forget,
    pub lists: Vec<List>,
    pub other: Link,
    pub local: Link,
    pub has_or: bool,
}

impl SelectPage {
    /// All institutions, with the search.
    pub fn first(
        chrome: &Chrome,
        lang: &Lang,
        stub: Option<Stub>,
        search: Search,
        groups: Vec<Group>,
    ) -> Self {
        let mut page = Self::bare(chrome, lang, stub);
        page.lists = vec![List::new(chrome, lang, search, groups)];
        page
    }

    /// Those used before on this device. `other_href` leads to all of them.
    pub fn returning(
        chrome: &Chrome,
        lang: &Lang,
        stub: Option<Stub>,
        recent: Vec<Entry>,
        forget: Forget,
        other_href: String,
    ) -> Self {
        let mut page = Self::bare(chrome, lang, stub);
        page.heading = lang.say("select-heading-again");
        page.lead = lang.say("select-lead-again");
        page.recent = recent;
        for entry in &mut page.recent {
            entry.forget = lang.tell("select-forget", &[("institution", entry.name.as_str().into())]);
        }
        page.forget = forget;
        page.other = Link { label: lang.say("select-other"), href: other_href, primary: false };
        page.has_or = true;
        page
    }

    fn bare(chrome: &Chrome, lang: &Lang, stub: Option<Stub>) -> Self {
        let title = lang.say("select-title");
        Self {
            frame: Frame::new(chrome, lang, &title, Stub::name_of(stub.as_ref())),
            stubs: stub.into_iter().collect(),
            words: SelectWords::of(lang),
            heading: lang.say("select-heading"),
            lead: lang.say("select-lead"),
            notes: Vec::new(),
            recent: Vec::new(),
            forget: Forget::default(),
            lists: Vec::new(),
            other: Link::default(),
            local: Link::default(),
            has_or: false,
        }
    }

    /// Somebody is signed in with an account that the service does not take (`None`: a local one).
    #[must_use]
    pub fn not_accepted(mut self, lang: &Lang, service: &str, institution: Option<&str>) -> Self {
        let args = [("service", service.into()), ("institution", institution.unwrap_or(UNNAMED).into())];
        self.notes.push(Note::warn(String::new(), lang.tell("select-not-accepted", &args)));
        self
    }

    /// Somebody signed out just now.
    #[must_use]
    pub fn signed_out(mut self, lang: &Lang) -> Self {
        self.notes.push(Note::info(String::new(), lang.say("note-signed-out")));
        self
    }

    /// The way to the local form. `label` as configured; absent: "Use a guest account".
    #[must_use]
    pub fn local(mut self, lang: &Lang, label: Option<&str>, href: String) -> Self {
        let label = label.map_or_else(|| lang.say("select-local"), str::to_owned);
        self.local = Link { label, href, primary: false };
        self.has_or = true;
        self
    }
}

impl List {
    fn new(chrome: &Chrome, lang: &Lang, search: Search, groups: Vec<Group>) -> Self {
        let entries = || groups.iter().flat_map(|group| &group.entries);
        let (all, shown) = (entries().count(), entries().filter(|entry| !entry.hidden).count());
        let count_all = lang.tell("select-all", &[("n", all.into())]);
        let term = search.q.trim().to_owned();
        Self {
            action: chrome.href("/login"),
            count: if term.is_empty() {
                count_all.clone()
            } else {
                lang.tell("select-found", &[("n", shown.into())])
            },
            count_one: lang.tell("select-found", &[("n", 1.into())]),
            count_many: lang.tell("select-found", &[("n", "{n}".into())]),
            count_all,
            empty: shown == 0,
            nothing: Sentence::around(lang, "select-nothing", "term", &term),
            nothing_hint: lang.tell("select-nothing-hint", &[("site", chrome.site_name.as_str().into())]),
            search,
            groups,
        }
    }
}

#[cfg(test)]
impl SelectPage {
    pub(super) fn samples(chrome: &Chrome, lang: &Lang) -> Vec<(&'static str, Self)> {
        let entry = |name: &str, suffix: &str| {
            let href = chrome.href(&format!("/federate/{suffix}?service=https%3A%2F%2Fcatalogue.example%2F"));
            Entry::new(name, suffix, href, None, "short city".to_owned())
        };
        let groups = || {
            vec![
                Group::new(Some("France"), vec![entry("École polytechnique de Valmont", "valmont.example")]),
                Group::new(
                    Some("United Kingdom"),
                    vec![
                        entry("Northfield Teaching Hospital", "nth.example"),
                        entry("University of Northfield", "northfield.example"),
                    ],
                ),
            ]
        };
        let kept = vec![Pair::new("service", "https://catalogue.example/?a=1&b=\"2\"")];
        let search = |q: &str| Search {
            q: q.to_owned(),
            shared: !q.is_empty(),
            kept: kept.clone(),
            all_href: chrome.href("/login?choose=1"),
        };
        let mut found = groups();
        found.remove(0);
        let (mut hidden, mut nothing) = (groups().remove(0), groups());
        hidden.entries.iter_mut().for_each(|entry| entry.hidden = true);
        found.insert(0, Group::new(Some("France"), hidden.entries));
        for group in &mut nothing {
            group.entries.iter_mut().for_each(|entry| entry.hidden = true);
            group.hidden = true;
        }
        let one = vec![Group::new(None, groups().remove(1).entries)];
        let recent = || {
            vec![
                entry("University of Northfield", "northfield.example"),
                entry("Observatoire des Cévennes", "obs-cevennes.example"),
            ]
        };
        let forget = Forget { lt: "LT-example".to_owned(), kept: kept.clone() };
        let other = chrome.href("/login?choose=1");
        vec![
            (
                "first",
                Self::first(chrome, lang, Some(Stub::talkative()), search(""), groups()).local(
                    lang,
                    None,
                    chrome.href("/login?provider=local"),
                ),
            ),
            ("found", Self::first(chrome, lang, Some(Stub::sample()), search("north"), found)),
            ("nothing", Self::first(chrome, lang, Some(Stub::sample()), search("<b>nowhere"), nothing)),
            (
                "not-accepted",
                Self::first(chrome, lang, None, search(""), one).not_accepted(
                    lang,
                    "Research Wiki",
                    Some("Ashdown College"),
                ),
            ),
            ("signed-out", Self::first(chrome, lang, None, search(""), groups()).signed_out(lang)),
            (
                "returning",
                Self::returning(chrome, lang, Some(Stub::sample()), recent(), forget.clone(), other.clone()),
            ),
            (
                "returning-refused",
                Self::returning(chrome, lang, Some(Stub::sample()), recent(), forget, other)
                    .not_accepted(lang, "Research Wiki", None)
                    .local(lang, Some("Use a visitor account"), chrome.href("/login?provider=local")),
            ),
        ]
    }
}
