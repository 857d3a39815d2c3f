//! What means something in the code of a question: places for the name, percent signs, the end.

use std::ops::Range;

use super::scan::{before, is_of_name};
use super::{SqlKind, WrongQuery};

/// How a place for the name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `?`
    Mark,
    /// `$1`
    Number,
    /// `%s` or `%(username)s`
    Percent,
}

/// What stands in the code of a question.
pub(super) enum Token {
    Place(Form, Range<usize>),
    /// `%%`
    Double(Range<usize>),
    End(Range<usize>),
}

impl Token {
    /// Where it stands.
    pub(super) fn place(&self) -> &Range<usize> {
        let (Self::Place(_, range) | Self::Double(range) | Self::End(range)) = self;
        range
    }
}

/// Reads a piece of code. Errors: a place for something else than the name.
pub(super) fn read(
    text: &str,
    code: &Range<usize>,
    database: SqlKind,
    tokens: &mut Vec<Token>,
) -> Result<(), WrongQuery> {
    let mut at = code.start;
    while let Some(rest) = text.get(at..code.end).filter(|rest| !rest.is_empty()) {
        let sign = rest.chars().next().map_or(1, char::len_utf8);
        let length = match token(text, at, rest, database)? {
            None => sign,
            Some(token) => {
                let length = token.place().len();
                tokens.push(token);
                length
            }
        };
        at += length;
    }
    Ok(())
}

/// What stands at a place of the code, if it means anything here.
fn token(text: &str, at: usize, rest: &str, database: SqlKind) -> Result<Option<Token>, WrongQuery> {
    let range = |length: usize| at..at + length;
    Ok(match rest.chars().next() {
        Some(';') => Some(Token::End(range(1))),
        Some('?') if is_operator(text, at, rest, database) => None,
        Some('?') => match digits(rest) {
            0 => Some(Token::Place(Form::Mark, range(1))),
            more => return Err(other(rest, range(1 + more))),
        },
        Some('$') if !before(text, at).is_some_and(is_of_name) => match digits(rest) {
            0 => None,
            more if rest.get(..=more) == Some("$1") => Some(Token::Place(Form::Number, range(2))),
            more => return Err(other(rest, range(1 + more))),
        },
        Some('%') if rest.starts_with("%%") => Some(Token::Double(range(2))),
        Some('%') if rest.starts_with("%s") && !rest.chars().nth(2).is_some_and(is_of_name) => {
            Some(Token::Place(Form::Percent, range(2)))
        }
        Some('%') => named(rest)
            .map(|length| match rest.get(..length) {
                Some("%(username)s") => Ok(Token::Place(Form::Percent, range(length))),
                _ => Err(other(rest, range(length))),
            })
            .transpose()?,
        _ => None,
    })
}

/// Operators of PostgreSQL with a `?` in them that cannot be meant as the name: `?|`, `?&`, `??`, `@?`.
fn is_operator(text: &str, at: usize, rest: &str, database: SqlKind) -> bool {
    let first = matches!(before(text, at), Some('?' | '@'));
    let pair = rest.starts_with("??") || rest.starts_with("?&");
    let or = rest.starts_with("?|") && !rest.starts_with("?||");
    database == SqlKind::Postgres && (first || pair || or)
}

/// Whether a value must stand at a place, so that a `?` there cannot be meant as an operator between two.
pub(super) fn needs_value(text: &str, at: &Range<usize>) -> bool {
    let before = text.get(..at.start).unwrap_or_default().trim_end();
    let words = before.rsplit(|c: char| !is_of_name(c)).next().unwrap_or_default().to_lowercase();
    let follows_sign = before.is_empty() || before.ends_with(|c: char| "=<>(,+-*/|~!%&#^[".contains(c));
    follows_sign || VALUE_BEHIND.contains(&words.as_str())
}

/// Words behind which a value stands.
const VALUE_BEHIND: [&str; 14] = [
    "where", "and", "or", "not", "like", "ilike", "between", "to", "when", "then", "else", "select", "is",
    "having",
];

/// How many digits follow the first sign.
fn digits(text: &str) -> usize {
    text.chars().skip(1).take_while(char::is_ascii_digit).count()
}

/// The length of `%(…)s` at the beginning of a text.
fn named(text: &str) -> Option<usize> {
    let name = text.strip_prefix("%(")?;
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    (end > 0 && name.get(end..)?.starts_with(")s")).then_some(end + 4)
}

fn other(rest: &str, at: Range<usize>) -> WrongQuery {
    let written = rest.get(..at.len()).unwrap_or_default();
    WrongQuery {
        message: format!("`{written}` stands for nothing: there is one value, the name"),
        hint: "write `?`, `$1`, `%s` or `%(username)s`, as often as you need it",
        at: Some(at),
    }
}
