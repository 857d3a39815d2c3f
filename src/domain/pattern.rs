//! Regular expressions that operators write.
//!
//! The engine is linear in the text (`regex`). What it refuses, look-around and back-references, goes to
//! one that tries and takes back (`fancy-regex`), with a limit of steps: a text that needs more has no
//! answer, and whoever asks says what that means. A pattern for the second engine comes with a relaxed
//! one for the first, which fits at least the same texts: most texts never reach the second.

use std::borrow::Cow;
use std::ops::ControlFlow;

use regex::{Regex, RegexBuilder};

use super::relaxed::relaxed;

pub use super::url_pattern::UrlPattern;

/// Largest compiled pattern in bytes.
pub(super) const SIZE_LIMIT: usize = 1 << 20;
/// Most steps that the second engine takes for one text.
const STEP_LIMIT: usize = 20_000;
/// Longest text that the second engine takes, and that is rewritten at all, in bytes: what it looks ahead
/// is not counted as steps, and searching again behind every match costs the square of the length.
pub const LONGEST_TEXT: usize = 4096;

/// The text needs more steps than a pattern may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pattern takes too many steps for this text")]
pub struct GaveUp;

/// A regular expression that must match the whole of a text, even if somebody forgot the anchors.
#[derive(Clone, Debug)]
pub struct WholePattern {
    source: String,
    engine: Engine,
}

#[derive(Clone, Debug)]
enum Engine {
    Linear(Regex),
    Limited { exact: Box<fancy_regex::Regex>, relaxed: Option<Regex> },
}

impl WholePattern {
    /// Compiles a pattern. `\Z` means the very end. Errors with the reason of the engine in one line.
    pub fn new(source: &str) -> Result<Self, String> {
        let read = without_late_end(source);
        let engine = match linear(&read) {
            Ok(regex) => Engine::Linear(regex),
            Err(error) => {
                let exact = Box::new(limited(&read, &error)?);
                Engine::Limited { exact, relaxed: relaxed(&read).and_then(|text| linear(&text).ok()) }
            }
        };
        Ok(Self { source: source.to_owned(), engine })
    }

    /// Whether the whole text matches. Errors when that takes too many steps, as every text beyond
    /// [`LONGEST_TEXT`] does that only the second engine could tell.
    pub fn try_matches(&self, text: &str) -> Result<bool, GaveUp> {
        match &self.engine {
            Engine::Linear(regex) => Ok(regex.is_match(text)),
            Engine::Limited { relaxed: Some(relaxed), .. } if !relaxed.is_match(text) => Ok(false),
            Engine::Limited { .. } if text.len() > LONGEST_TEXT => Err(GaveUp),
            Engine::Limited { exact, .. } => exact.is_match(text).map_err(|_| GaveUp),
        }
    }

    /// Whether the whole text matches; a text that takes too many steps does not.
    pub fn matches(&self, text: &str) -> bool {
        self.try_matches(text).unwrap_or(false)
    }

    /// The pattern as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// A pattern for the linear engine, with our anchors, that fits at least what this one does; and
    /// whether it fits exactly that. `None`: this one cannot be relaxed.
    pub fn at_least(&self) -> Option<(&str, bool)> {
        match &self.engine {
            Engine::Linear(regex) => Some((regex.as_str(), true)),
            Engine::Limited { relaxed, .. } => relaxed.as_ref().map(|regex| (regex.as_str(), false)),
        }
    }
}

fn linear(source: &str) -> Result<Regex, regex::Error> {
    // Compiled alone first: `a)(b` would become valid inside our group.
    RegexBuilder::new(source).size_limit(SIZE_LIMIT).build()?;
    // A pattern in verbose mode may end in a comment, which would swallow our bracket.
    RegexBuilder::new(&format!(r"\A(?:{source})\z"))
        .size_limit(SIZE_LIMIT)
        .build()
        .or_else(|_| RegexBuilder::new(&format!("\\A(?:{source}\n)\\z")).size_limit(SIZE_LIMIT).build())
}

/// The second engine, for what the first refuses. In: why it did.
fn limited(source: &str, refused: &regex::Error) -> Result<fancy_regex::Regex, String> {
    let reason = in_one_line(refused);
    if !matches!(refused, regex::Error::Syntax(_)) {
        return Err(reason);
    }
    // The first engine's words are better, unless they only say that it does not know the construct.
    let unknown = reason.contains("look-around") || reason.contains("backreferences");
    let tell =
        |error: fancy_regex::Error| if unknown { one_line(&error.to_string()) } else { reason.clone() };
    build_limited(source).map_err(tell)?;
    build_limited(&format!(r"\A(?:{source})\z"))
        .or_else(|_| build_limited(&format!("\\A(?:{source}\n)\\z")))
        .map_err(|error| one_line(&error.to_string()))
}

fn build_limited(source: &str) -> Result<fancy_regex::Regex, fancy_regex::Error> {
    fancy_regex::RegexBuilder::new(source).backtrack_limit(STEP_LIMIT).delegate_size_limit(SIZE_LIMIT).build()
}

/// `\Z` is the very end, as patterns written for Python mean it; here it would be unknown, or the place
/// before a last line break.
fn without_late_end(source: &str) -> Cow<'_, str> {
    if !source.contains(r"\Z") {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len());
    let mut escaped = false;
    for c in source.chars() {
        out.push(if escaped && c == 'Z' { 'z' } else { c });
        escaped = c == '\\' && !escaped;
    }
    Cow::Owned(out)
}

pub(super) fn in_one_line(error: &regex::Error) -> String {
    one_line(&error.to_string())
}

fn one_line(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty())
        .unwrap_or("unusable")
        .trim_start_matches("error: ")
        .to_owned()
}

/// A regular expression that is looked for anywhere in a text.
#[derive(Clone, Debug)]
pub struct SearchPattern(Search);

#[derive(Clone, Debug)]
enum Search {
    Linear(Regex),
    Limited(Box<fancy_regex::Regex>),
}

impl PartialEq for SearchPattern {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for SearchPattern {}

impl SearchPattern {
    fn as_str(&self) -> &str {
        match &self.0 {
            Search::Linear(regex) => regex.as_str(),
            Search::Limited(regex) => regex.as_str(),
        }
    }

    /// Compiles a pattern, as [`WholePattern::new`] does.
    pub fn new(source: &str) -> Result<Self, String> {
        let read = without_late_end(source);
        match RegexBuilder::new(&read).size_limit(SIZE_LIMIT).build() {
            Ok(regex) => Ok(Self(Search::Linear(regex))),
            Err(error) => {
                limited(&read, &error)?;
                let regex = build_limited(&read).map_err(|error| one_line(&error.to_string()))?;
                Ok(Self(Search::Limited(Box::new(regex))))
            }
        }
    }

    /// What one search costs beside the length of the text: a search of the second engine may take many
    /// steps.
    pub const fn cost(&self) -> usize {
        match &self.0 {
            Search::Linear(_) => 1,
            Search::Limited(_) => 64,
        }
    }

    /// How many groups it has, with the whole match as group 0.
    pub fn groups(&self) -> usize {
        match &self.0 {
            Search::Linear(regex) => regex.captures_len(),
            Search::Limited(regex) => regex.captures_len(),
        }
    }

    /// The number of a named group.
    pub fn group(&self, name: &str) -> Option<usize> {
        match &self.0 {
            Search::Linear(regex) => regex.capture_names().position(|own| own == Some(name)),
            Search::Limited(regex) => regex.capture_names().position(|own| own == Some(name)),
        }
    }

    /// Goes through every leftmost match that does not overlap the one before. `see` gets the text
    /// between the last match and this one, and what a group of it holds. Out: the text behind the last
    /// one. Errors when that takes too many steps, and when `see` breaks off.
    pub fn each<'t>(
        &self,
        text: &'t str,
        mut see: impl FnMut(&'t str, &dyn Fn(usize) -> &'t str) -> ControlFlow<()>,
    ) -> Result<&'t str, GaveUp> {
        let mut behind = 0;
        match &self.0 {
            Search::Linear(regex) => {
                for found in regex.captures_iter(text) {
                    let Some(whole) = found.get(0) else { continue };
                    let group = |number| found.get(number).map_or("", |group| group.as_str());
                    if see(text.get(behind..whole.start()).unwrap_or_default(), &group).is_break() {
                        return Err(GaveUp);
                    }
                    behind = whole.end();
                }
            }
            Search::Limited(regex) => {
                for found in regex.captures_iter(text) {
                    let found = found.map_err(|_| GaveUp)?;
                    let Some(whole) = found.get(0) else { continue };
                    let group = |number| found.get(number).map_or("", |group| group.as_str());
                    if see(text.get(behind..whole.start()).unwrap_or_default(), &group).is_break() {
                        return Err(GaveUp);
                    }
                    behind = whole.end();
                }
            }
        }
        Ok(text.get(behind..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_texts_only() {
        let pattern = WholePattern::new("staff|student").unwrap();
        for (text, fits) in [("staff", true), ("student", true), ("staffs", false), ("xstaff", false)] {
            assert_eq!(pattern.matches(text), fits, "{text}");
        }
        assert!(!WholePattern::new("a").unwrap().matches("a\n"));
        assert!(WholePattern::new("(?x) a # letter").unwrap().matches("a"));
        assert!(!WholePattern::new("(?x) a # letter").unwrap().matches("ab"));
        assert!(WholePattern::new(r"(\w{500}){500}").is_err());
    }

    #[test]
    fn what_the_linear_engine_refuses() {
        for (pattern, text, fits) in [
            (r"^(?!admin)[a-z]+$", "adam", true),
            (r"^(?!admin)[a-z]+$", "admins", false),
            (r"(?=a)ab", "ab", true),
            (r"(?=a)ab", "abc", false),
            (r"(?=a)a|b", "xb", false),
            (r"(a|b)\1", "aa", true),
            (r"(a|b)\1", "ab", false),
            (r"(?P<x>a|b)(?P=x)", "bb", true),
            (r"[a-z]+(?<!admin)", "root", true),
            (r"[a-z]+(?<!admin)", "theadmin", false),
            ("(?x)(?=a) a # letter", "a", true),
            ("(?x)(?=a) a # letter", "ab", false),
            (r"a{,2}", "aa", true),
            (r"a{,2}", "aaa", false),
            // The very end, in both engines.
            (r"a\Z", "a", true),
            (r"a\Z", "a\n", false),
            (r"(?=a)a\Z", "a\n", false),
            (r"a\\Z", r"a\Z", true),
        ] {
            assert_eq!(WholePattern::new(pattern).unwrap().matches(text), fits, "{pattern} {text}");
        }
        for bad in ["a)(b", "(?=a", r"(?=a)\2)", "(", "[z-a]", "(?=a))(", r"(?=a)(\w{500}){500}"] {
            let reason = WholePattern::new(bad).unwrap_err();
            assert!(!reason.is_empty() && !reason.contains('\n'), "{bad} {reason}");
        }
    }

    #[test]
    fn a_pattern_without_end_comes_to_one() {
        let endless = WholePattern::new(r"^(?!x)(a+)+\1?b$").unwrap();
        let long = "a".repeat(4000);
        // The relaxed pattern says no by itself.
        assert_eq!(endless.try_matches(&long), Ok(false));
        let text = format!("{}c", "a".repeat(60));
        let backward = WholePattern::new(r"^(?:(a|aa)(?!b))+(?!c)c$").unwrap();
        assert_eq!(backward.try_matches(&text), Err(GaveUp));
        assert!(!backward.matches(&text));
    }

    #[test]
    fn the_second_engine_takes_no_long_texts() {
        let pattern = WholePattern::new(r"(?=.*b)a+b").unwrap();
        let text = |length| format!("{}b", "a".repeat(length - 1));
        assert_eq!(pattern.try_matches(&text(LONGEST_TEXT)), Ok(true));
        assert_eq!(pattern.try_matches(&text(LONGEST_TEXT + 1)), Err(GaveUp));
        // These are told by the first engine.
        assert_eq!(pattern.try_matches(&"a".repeat(LONGEST_TEXT + 1)), Ok(false));
        assert_eq!(WholePattern::new("a+b").unwrap().try_matches(&text(LONGEST_TEXT + 1)), Ok(true));
    }

    #[test]
    fn a_search_ends_when_it_is_told_to() {
        for pattern in ["a", "(?=a)a"] {
            let mut seen = 0;
            let out = SearchPattern::new(pattern).unwrap().each("aaaa", |_, _| {
                seen += 1;
                if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            assert_eq!((out, seen), (Err(GaveUp), 2), "{pattern}");
        }
    }

    #[test]
    fn what_is_relaxed_fits_at_least_as_much() {
        for (pattern, relaxed) in [
            ("abc", Some((r"\A(?:abc)\z", true))),
            (r"^(?!evil)[a-z]+$", Some((r"\A(?:^(?:)[a-z]+$)\z", false))),
            (r"(?(1)a|b)(c)", None),
        ] {
            if let Ok(pattern) = WholePattern::new(pattern) {
                assert_eq!(pattern.at_least(), relaxed);
            }
        }
    }
}
