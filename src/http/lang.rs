//! The words of the pages. One folder a language below `templates/lang/`, compiled in: a further
//! language is a further folder, nothing here changes.

mod choose;
#[cfg(test)]
mod keys;

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{Loader, static_loader};
use unic_langid::LanguageIdentifier;

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

/// A language that we have words for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lang {
    id: LanguageIdentifier,
}

impl Default for Lang {
    fn default() -> Self {
        Self { id: WORDS.fallback().clone() }
    }
}

impl Lang {
    /// The language of exactly this tag, if there are words for it.
    pub fn named(tag: &str) -> Option<Self> {
        Self::all().into_iter().find(|lang| lang.tag().eq_ignore_ascii_case(tag))
    }

    /// All languages, by tag.
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> = WORDS.locales().map(|id| Self { id: id.clone() }).collect();
        all.sort_by_key(Self::tag);
        all
    }

    /// The language of a page: the link (`?lang=`, `?locale=`), the cookie, the browser, the site.
    pub fn choose(
        query: Option<&str>,
        cookie: Option<&str>,
        accept_language: Option<&str>,
        default: Option<&str>,
    ) -> Self {
        let all = Self::all();
        let tags: Vec<String> = all.iter().map(Self::tag).collect();
        let one = |tag: Option<&str>| tag.and_then(|tag| choose::best(tag, &tags));
        let at = one(query)
            .or_else(|| one(cookie))
            .or_else(|| accept_language.and_then(|header| choose::accepted(header, &tags)))
            .or_else(|| one(default));
        at.and_then(|at| all.into_iter().nth(at)).unwrap_or_default()
    }

    /// For `lang=`, `hreflang=` and the cookie.
    pub fn tag(&self) -> String {
        self.id.to_string()
    }

    /// For `dir=`.
    pub fn dir(&self) -> &'static str {
        if RIGHT_TO_LEFT.contains(&self.id.language.as_str()) { "rtl" } else { "ltr" }
    }

    /// The message of this key.
    pub fn say(&self, key: &'static str) -> String {
        self.tell(key, &[])
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
        let found = WORDS.try_lookup_complete(&self.id, key, Some(&args));
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
