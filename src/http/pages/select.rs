//! Where do you have an account?

#[cfg(test)]
mod samples;

use askama::Template;

use crate::http::lang::Lang;

use super::identity::Face;
use super::{Chrome, Frame, Link, Moment, Note, Pair, Press, Sentence, Stub, words};

/// Seconds.
const DAY: i64 = 24 * 3600;

words!(SelectWords {
    find = "select-find",
    find_hint = "select-find-hint",
    search = "select-search",
    list = "select-list",
    show_all = "select-show-all",
    shared = "select-shared",
    shared_hint = "select-shared-hint",
    forget_all = "select-forget-all",
    or = "note-or",
});

/// An institution to choose: a link.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    pub name: String,
    /// The language of the name, where it is not that of the page.
    pub lang: String,
    pub suffix: String,
    pub href: String,
    pub face: Face,
    /// What the script searches.
    pub find: String,
    /// Does not answer the search; stays in the page for the script.
    pub hidden: bool,
    /// "Not answering since …": one or none.
    pub silences: Vec<Silence>,
    /// What its people are told: one or none.
    pub notices: Vec<Told>,
    /// Where its people get help.
    pub help: Link,
    /// "Forget …", on the returning page.
    pub forget: String,
}

/// How long an institution has not answered: the sentence around a time.
#[derive(Debug, Clone)]
pub struct Silence {
    pub sentence: Sentence,
    pub iso: String,
}

/// A text of the configuration and its language, where that is not the one of the page.
#[derive(Debug, Clone)]
pub struct Told {
    pub text: String,
    pub lang: String,
}

impl Entry {
    pub fn new(name: &str, suffix: &str, href: String, logo: Option<&str>, find: &str) -> Self {
        Self {
            name: name.to_owned(),
            suffix: suffix.to_owned(),
            href,
            face: Face::new(name, suffix, logo),
            find: find.to_owned(),
            ..Self::default()
        }
    }

    /// The local accounts, among the institutions. They have no address to show.
    pub fn local(label: &str, href: String, find: &str) -> Self {
        let entry = Self::new(label, "local", href, None, find);
        Self { suffix: String::new(), ..entry }
    }

    /// The name is in another language than the page.
    #[must_use]
    pub fn in_language(mut self, tag: Option<&str>) -> Self {
        self.lang = tag.unwrap_or_default().to_owned();
        self
    }

    /// It has not answered since then. Both in seconds since 1970.
    #[must_use]
    pub fn silent(mut self, lang: &Lang, since: i64, now: i64) -> Self {
        let moment = Moment::new(lang, since, now);
        // A time of the day means the last one of that name.
        let time = match moment.hour_and_minute().filter(|_| now - since < DAY) {
            Some((hour, minute)) => {
                lang.tell("select-silent-time", &[("hour", hour.into()), ("minute", minute.into())])
            }
            None => moment.text.clone(),
        };
        let sentence = Sentence::around(lang, "select-silent", "time", &time);
        self.silences = vec![Silence { sentence, iso: moment.iso }];
        self
    }

    /// What its people are told at the moment, with the language of the text where it is another one.
    #[must_use]
    pub fn notice(mut self, text: &str, tag: Option<&str>) -> Self {
        self.notices = vec![Told { text: text.to_owned(), lang: tag.unwrap_or_default().to_owned() }];
        self
    }

    /// Where its people get help.
    #[must_use]
    pub fn help(mut self, lang: &Lang, href: &str) -> Self {
        let label = lang.tell("select-help", &[("institution", self.name.as_str().into())]);
        self.help = Link { label, href: href.to_owned(), primary: false };
        self
    }
}

/// Institutions of one country, state or kind. Without a name: no heading.
#[derive(Debug, Clone)]
pub struct Group {
    pub name: String,
    pub entries: Vec<Entry>,
    pub hidden: bool,
    /// Those whose whole name was typed.
    pub above: bool,
}

impl Group {
    pub fn new(name: Option<&str>, entries: Vec<Entry>) -> Self {
        let hidden = entries.iter().all(|entry| entry.hidden);
        Self { name: name.unwrap_or_default().to_owned(), entries, hidden, above: false }
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
    /// Where the script asks for institutions; empty: all of them are in the page.
    pub more_href: String,
}

/// The search form and its list, ready for the template.
#[derive(Debug, Clone)]
pub struct List {
    pub action: String,
    pub search: Search,
    pub found: Vec<Found>,
    pub count: String,
    pub count_one: String,
    pub count_many: String,
    pub count_all: String,
}

/// The institutions that a search found: what is inside the list.
#[derive(Debug, Clone)]
pub struct Found {
    pub groups: Vec<Group>,
    /// How many there are, and that only some are shown.
    pub count: String,
    pub empty: bool,
    pub nothing: Sentence,
    pub nothing_hint: String,
    pub help: Link,
}

impl Found {
    /// In: what was looked for, those that stand above, the groups with what is shown, how many were found in
    /// all.
    pub fn new(
        chrome: &Chrome,
        lang: &Lang,
        q: &str,
        (above, mut groups): (Vec<Entry>, Vec<Group>),
        all: usize,
    ) -> Self {
        if !above.is_empty() {
            groups.insert(0, Group { above: true, ..Group::new(None, above) });
        }
        let term = q.trim();
        let shown = groups.iter().flat_map(|group| &group.entries).filter(|entry| !entry.hidden).count();
        let key = match (term.is_empty(), shown < all) {
            (true, false) => "select-all",
            (true, true) => "select-all-first",
            (false, false) => "select-found",
            (false, true) => "select-found-first",
        };
        let numbers = [("n", all.into()), ("number", lang.number(all).into()), ("shown", shown.into())];
        Self {
            count: lang.tell(key, &numbers),
            empty: shown == 0,
            nothing: Sentence::around(lang, "select-nothing", "term", term),
            nothing_hint: lang.tell("select-nothing-hint", &[("site", chrome.site_name.as_str().into())]),
            help: match &chrome.help {
                Some(href) => Link { label: lang.say("select-ask"), href: href.clone(), primary: false },
                None => Link::default(),
            },
            groups,
        }
    }

    /// First those that were used before on this device.
    #[must_use]
    pub fn used_before(mut self, lang: &Lang, entries: Vec<Entry>) -> Self {
        self.groups.insert(0, Group::new(Some(&lang.say("select-recent")), entries));
        self
    }
}

/// The same alone, as the script puts it into the list.
#[derive(Debug, Clone, Template)]
#[template(path = "found.html")]
pub struct FoundPage {
    pub found: Found,
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
    /// Whether this page is shown.
    pub skip: Press,
    pub local: Link,
    pub has_or: bool,
}

impl SelectPage {
    /// The search, what it found, and how many institutions there are.
    pub fn first(
        chrome: &Chrome,
        lang: &Lang,
        stub: Option<Stub>,
        search: Search,
        (found, all): (Found, usize),
    ) -> Self {
        let mut page = Self::bare(chrome, lang, stub);
        page.lists = vec![List::new(chrome, lang, search, found, all)];
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
        page.lead = lang.tell("select-lead-again", &[("n", recent.len().into())]);
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
            skip: Press::default(),
            local: Link::default(),
            has_or: false,
        }
    }

    /// Somebody is signed in with an account that the service does not take (`None`: a local one).
    #[must_use]
    pub fn not_accepted(mut self, lang: &Lang, service: &str, institution: Option<&str>) -> Self {
        self.notes.push(Note::not_accepted(lang, service, institution));
        self
    }

    /// Somebody is to confirm who they are, and their institution cannot ask them.
    #[must_use]
    pub fn not_asked(mut self, lang: &Lang, institution: &str) -> Self {
        self.notes.push(Note::not_asked(lang, institution));
        self
    }

    /// The button that skips this page from now on, or shows it again.
    #[must_use]
    pub fn skip(mut self, button: Press) -> Self {
        self.skip = button;
        self
    }

    /// Somebody signed out just now.
    #[must_use]
    pub fn signed_out(mut self, lang: &Lang) -> Self {
        self.notes.push(Note::info(String::new(), lang.say("note-signed-out")));
        self
    }

    /// An institution sent somebody back without a ticket.
    #[must_use]
    pub fn sent_back(mut self, lang: &Lang, institution: &str) -> Self {
        let told = lang.tell("select-sent-back", &[("institution", institution.into())]);
        self.notes.push(Note::warn(String::new(), told));
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
    fn new(chrome: &Chrome, lang: &Lang, search: Search, found: Found, all: usize) -> Self {
        Self {
            action: chrome.href("/login"),
            count: found.count.clone(),
            count_one: lang.tell("select-found", &[("n", 1.into()), ("number", "1".into())]),
            count_many: lang.tell("select-found", &[("n", "{n}".into()), ("number", "{n}".into())]),
            count_all: lang.tell("select-all", &[("n", all.into()), ("number", lang.number(all).into())]),
            search,
            found: vec![found],
        }
    }
}
