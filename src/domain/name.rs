//! The one function that turns an upstream or typed name into a name, or refuses it.
//!
//! Two spellings of one person are two accounts, and applications downstream trim what we do not. So a
//! name is brought into one form (NFC) once, here, and what nobody can see or would trim is refused.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::identity::Suffix;
use super::never::is_secret;
use super::pattern::WholePattern;
use super::scope::without_scope;
use crate::protocol::attributes::{Attributes, Value};

/// Longest name in bytes, after normalisation.
pub const MAX_NAME: usize = 256;

/// A canonical name: NFC, visible, no outer blanks. Compared byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name(String);

impl Name {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name that was canonical when it was stored.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

/// Which names of a source are accepted.
#[derive(Clone, Debug, Default)]
pub struct NameRules {
    /// Change to small letters first.
    pub lowercase: bool,
    /// Pattern for the whole name; absent: no `@`, no blank.
    pub accept: Option<WholePattern>,
    /// Scopes that are cut off first, without the `@`.
    pub strip_scope: Vec<String>,
    /// The attribute, by their name, that is the name.
    pub user_from: Option<String>,
}

/// Why a name is no name. Never holds the name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameRefused {
    /// Nothing is left.
    #[error("the name is empty")]
    Empty,
    /// Over [`MAX_NAME`] bytes.
    #[error("the name has more than {MAX_NAME} bytes")]
    TooLong,
    /// Control, invisible, bidirectional or line-breaking characters, or outer blanks.
    #[error("the name holds characters that cannot be seen")]
    Invisible,
    /// The attribute that is the name is not there.
    #[error("the attribute of the rule `user_from` is not there")]
    NoAttribute,
    /// It has no value, or several.
    #[error("the attribute of the rule `user_from` has not exactly one value")]
    NotOneValue,
    /// Its value is neither text nor a whole number, or one that nobody looks at.
    #[error("the attribute of the rule `user_from` holds no name")]
    NoName,
    /// The rules of the source do not accept it.
    #[error("the name does not pass the rule `accept`")]
    NotAccepted,
    /// It ends as the people of an institution are written.
    #[error("the name ends like a name of the institution `{0}`")]
    LooksFederated(Suffix),
}

impl NameRules {
    /// What is taken for the name, before anybody looks at it: what the answer gives as the user, or the one
    /// value of the attribute `user_from`.
    ///
    /// In: the user and the attributes of an answer. Errors where the attribute has not exactly one value that
    /// could be a name: one of two would be somebody else tomorrow.
    fn raw<'a>(&self, user: &'a str, theirs: &'a Attributes) -> Result<Cow<'a, str>, NameRefused> {
        let Some(attribute) = &self.user_from else { return Ok(Cow::Borrowed(user)) };
        if is_secret(attribute) {
            return Err(NameRefused::NoName);
        }
        match theirs.get(attribute) {
            None => Err(NameRefused::NoAttribute),
            Some([value @ (Value::Text(_) | Value::Integer(_))]) => Ok(value.as_text()),
            Some([_]) => Err(NameRefused::NoName),
            Some(_) => Err(NameRefused::NotOneValue),
        }
    }

    /// The name of whoever an answer is about. In: the user and the attributes of the answer, the suffixes of
    /// all other institutions. Errors: see [`canonical`], and where the rules name an attribute that gives none.
    pub fn of_answer<'s>(
        &self,
        user: &str,
        theirs: &Attributes,
        other_suffixes: impl IntoIterator<Item = &'s Suffix>,
    ) -> Result<Name, NameRefused> {
        canonical(&self.raw(user, theirs)?, self, other_suffixes)
    }

    /// Any text that can be seen, with blanks and `@` inside.
    #[expect(clippy::expect_used, reason = "a constant pattern, compiled by every test")]
    pub fn anything_visible() -> &'static Self {
        static RULES: LazyLock<NameRules> = LazyLock::new(|| NameRules {
            accept: Some(WholePattern::new("(?s).*").expect("a pattern of ours")),
            ..NameRules::default()
        });
        &RULES
    }
}

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by every test")]
static UNSEEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]").expect("a pattern of ours")
});

/// Whether a text holds characters that cannot be seen, or that change how others are seen.
pub fn has_unseen(text: &str) -> bool {
    UNSEEN.is_match(text)
}

/// A text with a mark in place of each character that nobody sees, or that turns the order of others around.
pub fn visible(text: &str) -> Cow<'_, str> {
    UNSEEN.replace_all(text, "\u{fffd}")
}

/// Turns what an institution said or somebody typed into a name.
///
/// In: the raw name, the rules of its source, the suffixes of all providers but the name's own. Out: the
/// canonical name, or why there is none. In this order: one form, scope off, small letters, what holds for
/// all, `accept`, and nobody of another institution.
pub fn canonical<'s>(
    raw: &str,
    rules: &NameRules,
    other_suffixes: impl IntoIterator<Item = &'s Suffix>,
) -> Result<Name, NameRefused> {
    let mut name: String = raw.nfc().collect();
    let left = without_scope(&name, &rules.strip_scope).len();
    name.truncate(left);
    if rules.lowercase {
        name = name.to_lowercase().nfc().collect();
    }
    if name.is_empty() {
        return Err(NameRefused::Empty);
    }
    if name.len() > MAX_NAME {
        return Err(NameRefused::TooLong);
    }
    if has_unseen(&name) || name.trim() != name {
        return Err(NameRefused::Invisible);
    }
    let accepted = match &rules.accept {
        Some(pattern) => pattern.matches(&name),
        None => !name.contains('@') && !name.contains(char::is_whitespace),
    };
    if !accepted {
        return Err(NameRefused::NotAccepted);
    }
    match looks_federated(&name, other_suffixes) {
        Some(suffix) => Err(NameRefused::LooksFederated(suffix.clone())),
        None => Ok(Name(name)),
    }
}

/// The suffix that a name ends with, if it could be the rendering of a federated one.
pub fn looks_federated<'s>(name: &str, suffixes: impl IntoIterator<Item = &'s Suffix>) -> Option<&'s Suffix> {
    let (_, end) = name.rsplit_once('@')?;
    suffixes.into_iter().find(|suffix| suffix.same_as(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(raw: &str) -> Result<String, NameRefused> {
        canonical(raw, &NameRules::default(), []).map(|name| name.0)
    }

    #[test]
    fn ordinary_names_pass_unchanged() {
        for name in ["ana", "Ana.Ruiz", "o'neill", "aña", "张伟", "x", "ana+test", "مريم"] {
            assert_eq!(plain(name).as_deref(), Ok(name));
        }
    }

    #[test]
    fn two_spellings_become_one() {
        assert_eq!(plain("an\u{303}a").as_deref(), Ok("a\u{f1}a"));
        let rules = NameRules { lowercase: true, ..NameRules::default() };
        assert_eq!(canonical("ANA", &rules, []).unwrap().as_str(), "ana");
    }

    #[test]
    fn what_cannot_be_seen_is_refused() {
        for raw in [
            " ana",
            "ana ",
            "ana\n",
            "an\ta",
            "ana\0",
            "ana\u{7f}",
            "a\u{85}b",
            "a\u{200b}b",
            "a\u{200d}b",
            "a\u{202e}b",
            "a\u{2066}b",
            "\u{feff}ana",
            "a\u{2028}b",
            "a\u{ad}b",
            "a\u{e000}b",
            "a\u{3164}b",
        ] {
            assert_eq!(plain(raw), Err(NameRefused::Invisible), "{raw:?}");
        }
        assert_eq!(plain(""), Err(NameRefused::Empty));
        assert_eq!(plain("a b"), Err(NameRefused::NotAccepted));
        assert_eq!(plain("a\u{a0}b"), Err(NameRefused::NotAccepted));
        assert_eq!(plain(&"é".repeat(128)).map(|name| name.len()), Ok(256));
        assert_eq!(plain(&"é".repeat(129)), Err(NameRefused::TooLong));
    }

    #[test]
    fn an_institution_speaks_for_its_own_people_only() {
        let others = [Suffix::parse("north.example").unwrap()];
        assert_eq!(plain("ana@home.example"), Err(NameRefused::NotAccepted));
        let accept = Some(WholePattern::new(".*").unwrap());
        let rules = NameRules { accept, ..NameRules::default() };
        assert!(canonical("ana@home.example", &rules, &others).is_ok());
        assert!(matches!(
            canonical("ana@NORTH.example", &rules, &others),
            Err(NameRefused::LooksFederated(_))
        ));
    }

    #[test]
    fn a_scope_goes_before_anything_is_looked_at() {
        let scopes = |list: &[&str]| list.iter().map(|&scope| scope.to_owned()).collect();
        let others = [Suffix::parse("south.example").unwrap()];
        let rules = NameRules { strip_scope: scopes(&["north.example"]), ..NameRules::default() };
        for (raw, name) in [
            ("ana", Ok("ana")),
            ("ana@north.example", Ok("ana")),
            ("Ana@NORTH.example", Ok("Ana")),
            ("an\u{303}a@north.example", Ok("a\u{f1}a")),
            ("@north.example", Err(NameRefused::Empty)),
            ("ana @north.example", Err(NameRefused::Invisible)),
            ("ana@north.example ", Err(NameRefused::Invisible)),
            ("ana@med.north.example", Err(NameRefused::NotAccepted)),
            ("ana@north.example@north.example", Err(NameRefused::NotAccepted)),
            ("ana@south.example@north.example", Err(NameRefused::NotAccepted)),
        ] {
            let got = canonical(raw, &rules, &others);
            assert_eq!(got.as_ref().map(Name::as_str), name.as_ref().copied(), "{raw:?}");
        }
        // The pattern sees what is left, in small letters; whoever is left is still nobody else's.
        let accept = Some(WholePattern::new("[a-z@.]+").unwrap());
        let rules = NameRules { lowercase: true, accept, ..rules };
        assert_eq!(canonical("ANA@North.Example", &rules, &others).unwrap().as_str(), "ana");
        let two = canonical("ana@south.example@north.example", &rules, &others);
        assert!(matches!(two, Err(NameRefused::LooksFederated(_))));
    }

    #[test]
    fn an_attribute_may_be_the_name() {
        let rules = |from: &str| NameRules { user_from: Some(from.to_owned()), ..NameRules::default() };
        let mut theirs = Attributes::new();
        theirs.push("uid", "ana");
        theirs.push("number", 4711_i64);
        theirs.push("member", true);
        theirs.push("share", 0.5);
        theirs.push("mail", "a@north.example");
        theirs.push("mail", "a@north.example");
        theirs.push("userPassword", "x");
        theirs.set("nothing", Vec::new());
        let raw = |from: &str| rules(from).raw("T-1", &theirs).map(Cow::into_owned);
        assert_eq!(NameRules::default().raw("T-1", &theirs).as_deref(), Ok("T-1"));
        assert_eq!(raw("uid").as_deref(), Ok("ana"));
        assert_eq!(raw("number").as_deref(), Ok("4711"));
        for (from, refused) in [
            ("UID", NameRefused::NoAttribute),
            ("mail", NameRefused::NotOneValue),
            ("nothing", NameRefused::NotOneValue),
            ("member", NameRefused::NoName),
            ("share", NameRefused::NoName),
            ("userPassword", NameRefused::NoName),
        ] {
            assert_eq!(raw(from), Err(refused), "{from}");
        }
    }

    /// Whatever institutions call their people, two of them are never written alike, and no local account is
    /// written like one of them.
    #[test]
    fn two_people_are_never_written_alike() {
        use crate::domain::identity::{Identity, Source};
        let suffixes = ["a.example", "b.a.example", "A-1", "b"].map(|text| Suffix::parse(text).unwrap());
        let accept = Some(WholePattern::new("(?s).*").unwrap());
        let anything = NameRules { accept, ..NameRules::default() };
        let cut = NameRules { strip_scope: vec!["a.example".to_owned(), "b".to_owned()], ..anything.clone() };
        let people = |raw: &str| {
            let mut people = Vec::new();
            for rules in [&anything, &cut] {
                for own in &suffixes {
                    let others = suffixes.iter().filter(|suffix| *suffix != own);
                    let name = canonical(raw, rules, others);
                    people.extend(name.map(|name| Identity { name, source: Source::Provider(own.clone()) }));
                }
            }
            let local = canonical(raw, &anything, &suffixes);
            people.extend(local.map(|name| Identity { name, source: Source::Backend("b".to_owned()) }));
            people
        };
        let piece =
            "(ana|[a-zA-Z@. ]{0,4}|é|e\u{301})(@(a\\.example|A\\.Example|b\\.a\\.example|b|A-1|a-1|c))?";
        let raw = format!("{piece}(@b)?");
        proptest::proptest!(|(one in raw.as_str(), two in raw.as_str())| {
            for first in people(&one) {
                for second in people(&two) {
                    proptest::prop_assert_eq!(first == second, first.username() == second.username(),
                        "{:?} {:?}", first, second);
                }
            }
        });
    }
}
