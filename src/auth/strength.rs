//! Whether a new password is good enough: long enough, nothing that stands elsewhere, and not guessed at once.

use secrecy::{ExposeSecret, SecretString};
use zxcvbn::feedback::Warning;
use zxcvbn::{Score, zxcvbn};

use super::MAX_PASSWORD;

/// Why a new password is not good enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer characters than this.
    TooShort(usize),
    /// More bytes than [`MAX_PASSWORD`].
    TooLong,
    /// It has a NUL in it.
    Nul,
    /// It is the one that is to be replaced.
    Same,
    /// It is the user name.
    UserName,
    /// Made of words about the person, or of the service.
    OwnWords,
    /// Keys beside each other.
    Keys,
    /// One thing again and again.
    Repeats,
    /// Many people have it.
    Common,
    /// `abcdef`, `6543`.
    Sequence,
    /// A date or a year.
    Date,
    /// A word or a name alone.
    Word,
    /// Easily guessed, for no single reason.
    Guessable,
}

/// Fewest characters of a word about somebody that a password is looked through for.
const OWN_WORD: usize = 3;

/// Fewest characters that have to be left of a password without what is known of its owner.
const OF_ITS_OWN: usize = 6;

/// What is wrong with a new password, the first that is found.
///
/// In: it, the one that it replaces, the user name, further words about the person, the fewest characters. Costs
/// milliseconds, for the longest that is looked at too.
pub fn weakness(
    new: &SecretString,
    current: &SecretString,
    name: &str,
    words: &[String],
    least: usize,
) -> Option<Weakness> {
    let text = new.expose_secret();
    if text.len() > MAX_PASSWORD {
        return Some(Weakness::TooLong);
    }
    // Programs in C end a text there: a directory or the system would take its front for the whole.
    if text.contains('\0') {
        return Some(Weakness::Nul);
    }
    if text.chars().count() < least {
        return Some(Weakness::TooShort(least));
    }
    if text == current.expose_secret() {
        return Some(Weakness::Same);
    }
    if text.to_lowercase() == name.to_lowercase() {
        return Some(Weakness::UserName);
    }
    let words: Vec<String> = words.iter().flat_map(|word| parts(word)).chain(parts(name)).collect();
    let rest = without(text, &words);
    // Words that are each long enough count as a good password where nobody knows whose they are.
    if rest.as_ref().is_some_and(|rest| rest.chars().count() < OF_ITS_OWN) {
        return Some(Weakness::OwnWords);
    }
    let known: Vec<&str> = words.iter().map(String::as_str).collect();
    let found = zxcvbn(text, &known);
    if found.score() >= Score::Two {
        return None;
    }
    if rest.is_some() {
        return Some(Weakness::OwnWords);
    }
    Some(found.feedback().and_then(|feedback| feedback.warning()).map_or(Weakness::Guessable, of_warning))
}

/// What is left of a password without these words, the years in it, and what stands between. Out: `None` where
/// none of the words is in it.
fn without(text: &str, words: &[String]) -> Option<String> {
    let mut words: Vec<&str> =
        words.iter().map(String::as_str).filter(|word| word.chars().count() >= OWN_WORD).collect();
    // Of words that hold each other the longest goes first.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let plain = text.to_lowercase();
    // What stood around a word does not become a new one.
    let rest = words.iter().fold(plain.clone(), |rest, word| rest.replace(word, " "));
    let is_between = |c: char| c.is_whitespace() || "-_.,:;@+/|".contains(c);
    let left = rest.split(is_between).filter(|part| !is_year(part));
    (rest != plain).then(|| left.collect())
}

/// A year that people live in.
fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse::<u16>().is_ok_and(|year| (1900..2100).contains(&year))
}

/// A text, the words in it, and these without what stands between, in small letters.
fn parts(text: &str) -> Vec<String> {
    let text = text.to_lowercase();
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| *word != text && !word.is_empty());
    let mut parts: Vec<String> = words.map(str::to_owned).collect();
    parts.push(text.chars().filter(|c| c.is_alphanumeric()).collect());
    parts.push(text);
    parts
}

fn of_warning(warning: Warning) -> Weakness {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => {
            Weakness::Keys
        }
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            Weakness::Repeats
        }
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => Weakness::Common,
        Warning::SequencesLikeAbcAreEasyToGuess => Weakness::Sequence,
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Weakness::Date,
        Warning::AWordByItselfIsEasyToGuess
        | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => Weakness::Word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named() {
        let words = ["Ada King".to_owned(), "ada.king@meridian.example".to_owned()];
        let long = "ä".repeat(MAX_PASSWORD);
        for (new, found) in [
            ("copper kettle lantern", None),
            ("jvk7 Qz0w/x", None),
            ("short", Some(Weakness::TooShort(10))),
            ("äöüäöüäö7", Some(Weakness::TooShort(10))),
            (long.as_str(), Some(Weakness::TooLong)),
            ("copper kettle\0lantern", Some(Weakness::Nul)),
            ("the one before", Some(Weakness::Same)),
            ("ADA.LOVELACE", Some(Weakness::UserName)),
            ("adalovelace1", Some(Weakness::OwnWords)),
            ("meridian12", Some(Weakness::OwnWords)),
            ("qwertyuiop", Some(Weakness::Common)),
            ("aaaaaaaaaaaa", Some(Weakness::Repeats)),
            ("abcdefghijkl", Some(Weakness::Sequence)),
            ("Password123", Some(Weakness::Common)),
        ] {
            let is = weakness(&new.into(), &"the one before".into(), "ada.lovelace", &words, 10);
            assert_eq!(is, found, "{new}");
        }
    }

    #[test]
    fn what_is_known_of_somebody_is_nothing_of_their_own() {
        let wolf = ["Kim Lindberg", "wolf@meridian.example", "login.meridian.example"].map(str::to_owned);
        for (name, new, found) in [
            ("wolf", "wolf wolf wolf", Some(Weakness::OwnWords)),
            ("wolf", "Lindberg Kim", Some(Weakness::OwnWords)),
            ("wolf", "wolf@meridian", Some(Weakness::OwnWords)),
            ("wolf", "Meridian.Example", Some(Weakness::OwnWords)),
            ("wolf", "wolf 2026 wolf", Some(Weakness::OwnWords)),
            ("wolf", "wolf1999wolf/kim", Some(Weakness::OwnWords)),
            ("wolf", "login-wolf-login", Some(Weakness::OwnWords)),
            ("ana", "ana ana ana", Some(Weakness::OwnWords)),
            ("ana", "AnaAnaAnaAna", Some(Weakness::OwnWords)),
            // Enough is left.
            ("ana", "banana kettle lantern", None),
            ("wolf", "wolf copper lantern", None),
            ("wolf", "jvk7 wolf Qz0w/x", None),
            // Nothing of it is a word of theirs.
            ("wolf", "+/+_:.;,|@-;", None),
        ] {
            let is = weakness(&new.into(), &"the one before".into(), name, &wolf, 10);
            assert_eq!(is, found, "{name}: {new}");
        }
    }
}
