//! The words of the pages. One folder a language below `templates/lang/`, compiled in: a further
//! language is a further folder, nothing here changes.

mod choose;
#[cfg(test)]
mod keys;
mod said;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{Loader, static_loader};
use unic_langid::LanguageIdentifier;

use self::said::Said;

static_loader! {
    static WORDS = {
        locales: "./templates/lang",
        fallback_language: "en",
        // Pages isolate foreign text with <bdi>; marks inside attributes and titles would be noise.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// Scripts that run from right to left, by the language that they belong to.
const RIGHT_TO_LEFT: [&str; 5] = ["ar", "fa", "he", "ur", "ps"];

/// Stands for "no name" in a message that has a variant for it: `[unnamed]`.
pub const UNNAMED: &str = "unnamed";

/// A language and what is known of it.
#[derive(Debug)]
struct Known {
    id: LanguageIdentifier,
    tag: String,
    said: Said,
}

/// All languages, by tag.
static ALL: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let known =
        |id: &LanguageIdentifier| Known { id: id.clone(), tag: id.to_string(), said: Said::default() };
    let mut all: Vec<_> = WORDS.locales().map(known).collect();
    all.sort_by(|one, other| one.tag.cmp(&other.tag));
    all
});

/// The one whose words stand in where no other is wanted.
static FALLBACK: LazyLock<Known> = LazyLock::new(|| {
    let id = WORDS.fallback().clone();
    Known { tag: id.to_string(), id, said: Said::default() }
});

/// A language that we have words for.
#[derive(Clone, Copy)]
pub struct Lang(&'static Known);

impl fmt::Debug for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lang({})", self.0.tag)
    }
}

impl PartialEq for Lang {
    fn eq(&self, other: &Self) -> bool {
        self.0.tag == other.0.tag
    }
}

impl Eq for Lang {}

impl Default for Lang {
    fn default() -> Self {
        Self(&FALLBACK)
    }
}

impl Lang {
    /// The language of exactly this tag, if there are words for it.
    pub fn named(tag: &str) -> Option<Self> {
        Self::all().into_iter().find(|lang| lang.0.tag.eq_ignore_ascii_case(tag))
    }

    /// All languages, by tag.
    pub fn all() -> Vec<Self> {
        ALL.iter().map(Self).collect()
    }

    /// The language of a page: the link (`?lang=`, `?locale=`), the cookie, the browser, the site.
    pub fn choose(
        query: Option<&str>,
        cookie: Option<&str>,
        accept_language: Option<&str>,
        default: Option<&str>,
    ) -> Self {
        let tags: Vec<&str> = ALL.iter().map(|known| known.tag.as_str()).collect();
        let one = |tag: Option<&str>| tag.and_then(|tag| choose::best(tag, &tags));
        let at = one(query)
            .or_else(|| one(cookie))
            .or_else(|| accept_language.and_then(|header| choose::accepted(header, &tags)))
            .or_else(|| one(default));
        at.and_then(|at| ALL.get(at)).map(Self).unwrap_or_default()
    }

    /// For `lang=`, `hreflang=` and the cookie.
    pub fn tag(&self) -> String {
        self.0.tag.clone()
    }

    /// For `dir=`.
    pub fn dir(&self) -> &'static str {
        if RIGHT_TO_LEFT.contains(&self.0.id.language.as_str()) { "rtl" } else { "ltr" }
    }

    /// The message of this key, which has no placeholder.
    pub fn say(&self, key: &'static str) -> String {
        self.0.said.or(key, || self.tell(key, &[]))
    }

    /// The message of this key with `filler` for its one placeholder: always the same one.
    pub fn say_around(&self, key: &'static str, gap: &'static str, filler: &'static str) -> String {
        self.0.said.or(key, || self.tell(key, &[(gap, filler.into())]))
    }

    /// A number as it is written, its digits in threes.
    pub fn number(&self, n: usize) -> String {
        let (digits, between) = (n.to_string(), self.say("number-thousands"));
        let mut written = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                written.push_str(&between);
            }
            written.push(digit);
        }
        written
    }

    /// The message of this key with its placeholders filled.
    pub fn tell(&self, key: &'static str, args: &[(&'static str, FluentValue<'_>)]) -> String {
        let args: HashMap<Cow<'static, str>, FluentValue<'_>> =
            args.iter().map(|(name, value)| (Cow::Borrowed(*name), value.clone())).collect();
        let found = WORDS.try_lookup_complete(&self.0.id, key, Some(&args));
        // Seen by the first test that renders the page; a visitor still gets a page.
        debug_assert!(found.is_some(), "no words for {key:?}, or a placeholder of it is not filled");
        found.unwrap_or_else(|| key.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_and_filled_without_marks() {
        let en = Lang::named("EN").expect("English");
        assert_eq!((en.tag().as_str(), en.dir()), ("en", "ltr"));
        assert_eq!(en.tell("warn-heading", &[("service", "Wiki".into())]), "Continue to Wiki?");
        let found =
            |n: FluentValue<'static>, number| en.tell("select-found", &[("n", n), ("number", number)]);
        assert_eq!(found(1.into(), "1".into()), "1 institution found");
        assert_eq!(found("{n}".into(), "{n}".into()), "{n} institutions found");
        for (n, written) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (123_456, "123,456"), (1_234_567, "1,234,567")]
        {
            assert_eq!(en.number(n), written);
        }
    }

    #[test]
    fn the_first_choice_that_we_have_wins() {
        assert_eq!(Lang::choose(Some("tlh"), None, Some("tlh, en-GB;q=0.3"), None).tag(), "en");
        assert_eq!(Lang::choose(None, Some("en"), None, None).tag(), "en");
        assert_eq!(Lang::choose(Some("../x"), Some(""), Some(";;q=,"), Some("nonsense")), Lang::default());
    }
}
