//! Small things that several pages show.

use fluent_templates::fluent_bundle::FluentValue;

use crate::http::lang::{Lang, UNNAMED};

/// A hidden field of a form: a parameter of the request that has to survive.
#[derive(Debug, Clone)]
pub struct Pair {
    pub name: String,
    pub value: String,
}

impl Pair {
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into() }
    }
}

/// A row of a list of facts: something and its values in one text.
#[derive(Debug, Clone)]
pub struct Fact {
    pub name: String,
    pub values: String,
}

impl Fact {
    pub fn new(name: impl Into<String>, values: impl Into<String>) -> Self {
        Self { name: name.into(), values: values.into() }
    }
}

/// A button of a form: what it is called, and the pair that it sends. Without a label there is none.
#[derive(Debug, Clone, Default)]
pub struct Press {
    pub label: String,
    /// What stands below it; empty: nothing.
    pub hint: String,
    pub name: &'static str,
    pub value: String,
}

impl Press {
    /// Skips the selection page from now on, for so many seconds.
    pub fn skip(lang: &Lang, suffix: &str, institution: &str, life: i64) -> Self {
        let label = lang.tell("select-skip", &[("institution", institution.into())]);
        let hint = lang.tell("select-skip-hint", &[("days", (life / (24 * 3600)).into())]);
        Self { label, hint, name: "auto", value: suffix.to_owned() }
    }

    /// Shows it again.
    pub fn ask(lang: &Lang) -> Self {
        let label = lang.say("select-ask-again");
        Self { label, hint: String::new(), name: "ask", value: "1".to_owned() }
    }
}

/// Where a button or a line leads. Empty `href`: it is not shown.
#[derive(Debug, Clone, Default)]
pub struct Link {
    pub label: String,
    pub href: String,
    pub primary: bool,
}

/// A box that tells something. `level` is `bad`, `warn`, `info` or `ok`; an alert takes the focus.
#[derive(Debug, Clone)]
pub struct Note {
    pub level: &'static str,
    pub title: String,
    /// Empty: the links say it all.
    pub text: String,
    /// What is wrong, each with the field that it is about; or who helps.
    pub links: Vec<Link>,
    pub alert: bool,
    /// Something that went well: it is read out, and takes nothing.
    pub done: bool,
}

impl Note {
    fn of(level: &'static str, title: String, text: String) -> Self {
        Self { level, title, text, links: Vec::new(), alert: false, done: false }
    }

    pub fn alert(title: String, text: String) -> Self {
        Self { alert: true, ..Self::of("bad", title, text) }
    }

    pub fn warn(title: String, text: String) -> Self {
        Self::of("warn", title, text)
    }

    pub fn done(text: String) -> Self {
        Self { done: true, ..Self::of("ok", String::new(), text) }
    }

    /// A further line that leads somewhere.
    #[must_use]
    pub fn link(mut self, label: String, href: impl Into<String>) -> Self {
        self.links.push(Link { label, href: href.into(), primary: false });
        self
    }

    /// A service does not take the account that is signed in, of this institution (`None`: a local one).
    pub fn not_accepted(lang: &Lang, service: &str, institution: Option<&str>) -> Self {
        let args = [("service", service.into()), ("institution", institution.unwrap_or(UNNAMED).into())];
        Self::warn(String::new(), lang.tell("select-not-accepted", &args))
    }

    /// The institution that could ask somebody again is switched off.
    pub fn not_asked(lang: &Lang, institution: &str) -> Self {
        Self::warn(String::new(), lang.tell("note-not-asked", &[("institution", institution.into())]))
    }

    pub fn info(title: String, text: String) -> Self {
        Self::of("info", title, text)
    }
}

/// A whole sentence of the language file in which one placeholder is a link (or is filled by the
/// script). The order of its words stays with the translator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sentence {
    pub before: String,
    pub href: String,
    pub link: String,
    pub after: String,
}

/// Stands for the placeholder while the sentence is made. Private use: no name holds it.
const GAP: &str = "\u{E000}";

impl Sentence {
    /// A sentence without a link.
    pub fn plain(text: String) -> Self {
        Self { before: text, ..Self::default() }
    }

    /// The message `key` with the placeholder `gap` left open: `link` stands there and leads to
    /// `href`. Without `link` the message takes its variant `[unnamed]`.
    pub fn with_link(
        lang: &Lang,
        key: &'static str,
        gap: &'static str,
        (href, link): (&str, &str),
        args: &[(&'static str, FluentValue<'_>)],
    ) -> Self {
        let filler = if link.is_empty() { UNNAMED } else { GAP };
        let args: Vec<_> =
            args.iter().cloned().chain(std::iter::once((gap, FluentValue::from(filler)))).collect();
        Self::open(&lang.tell(key, &args), href, link)
    }

    /// The message `key` around a text of its own element, which the script may write anew.
    pub fn around(lang: &Lang, key: &'static str, gap: &'static str, text: &str) -> Self {
        Self::open(&lang.say_around(key, gap, GAP), "", text)
    }

    fn open(text: &str, href: &str, link: &str) -> Self {
        let Some((before, after)) = text.split_once(GAP) else { return Self::plain(text.to_owned()) };
        Self {
            before: before.to_owned(),
            href: href.to_owned(),
            link: link.to_owned(),
            after: after.to_owned(),
        }
    }
}
