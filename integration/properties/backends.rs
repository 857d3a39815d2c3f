//! What operators write of back-ends, and what those keep of people.

use passerelle::auth::{Outcome, cost_of_stored, is_stored};
use passerelle::config::backend::check::form::{Form, Work};
use passerelle::config::backend::check::{PasswordCheck, Stored, WORDS};
use passerelle::config::backend::sql::{Query, SqlKind, WrongQuery};
use secrecy::SecretString;

/// Longest mark of a scheme that is repeated in words: anything longer may be a password.
const LONGEST_MARK: usize = 26;
/// Work that takes no longer is done, in microseconds.
const QUICK: u64 = 400;

/// A question has places for the name, and the same ones when it is read again; else the words say where it is wrong.
pub fn query(data: &[u8]) -> bool {
    let text = super::text(data);
    let all = [SqlKind::Postgres, SqlKind::Mysql, SqlKind::Sqlite];
    let read = all.map(|database| match Query::parse(text, database) {
        Ok(query) => {
            is_a_question(text, &query, database);
            true
        }
        Err(WrongQuery { message, hint, at }) => {
            assert!(!message.is_empty() && !hint.is_empty());
            assert!(at.is_none_or(|at| text.get(at).is_some_and(|part| !part.is_empty())), "{message}");
            false
        }
    });
    read.contains(&true)
}

fn is_a_question(text: &str, query: &Query, database: SqlKind) {
    let (written, places) = (query.text(), query.places());
    assert!(places > 0, "{written}");
    if database == SqlKind::Postgres {
        let mut from = written;
        for place in (1..=places).map(|number| format!("${number}")) {
            let (_, rest) =
                from.split_once(&place).unwrap_or_else(|| panic!("{place} is missing: {written}"));
            from = rest;
        }
    } else {
        assert!(written.matches('?').count() >= places, "{written}");
    }
    // A `%%` has become `%`, and a second number means nothing.
    let is_read_again = !text.contains('%') && (database != SqlKind::Postgres || places == 1);
    if is_read_again {
        assert_eq!(Query::parse(written, database).as_ref(), Ok(query));
    }
}

/// What is stored is read or refused without saying it, asks for no more work than a sign-in is worth, and what is
/// read can be compared. In: a word of `password_check` (or `named`, or `ldap clear`), and the value on the next lines.
pub fn stored(data: &[u8]) -> bool {
    let Some((word, value)) = super::text(data).split_once('\n') else { return false };
    let known = WORDS.iter().find(|(known, _)| *known == word).map(|(_, check)| *check);
    let check = match word {
        "named" => PasswordCheck::Named,
        "ldap clear" => PasswordCheck::Ldap,
        _ => match known {
            Some(check) => check,
            None => return false,
        },
    };
    let stored = Stored { clear_text: word == "ldap clear", ..Stored::in_utf_8(check) };
    let secret = SecretString::from(value);
    let compared = || is_stored(&SecretString::from("a guess"), &secret, stored);
    match Form::read(value, stored) {
        Err(reason) => {
            let told = reason.to_string();
            assert!(told.len() < 80 && (value.len() <= LONGEST_MARK || !told.contains(value)), "{told}");
            assert_eq!(compared(), Outcome::Unreadable(told));
            return false;
        }
        Ok(Form::Nobody) => assert_eq!(cost_of_stored(&secret, stored), 0),
        Ok(Form::Clear(_)) => {
            assert!(check == PasswordCheck::Plain || stored.clear_text, "clear text by {word}");
            assert_eq!(compared() == Outcome::Right, value.trim_start_matches("{CLEARTEXT}") == "a guess");
        }
        Ok(Form::Derived(derived)) => {
            assert!(!derived.expected.is_empty(), "anything would be right");
            is_bounded(&derived.work);
            if cost_of_stored(&secret, stored) <= QUICK {
                assert!(!matches!(compared(), Outcome::Unreadable(_)), "{word}: read, and of no use");
            }
        }
    }
    true
}

fn is_bounded(work: &Work) {
    let is_within = match work {
        Work::Pbkdf2 { rounds, .. } | Work::ShaCrypt { rounds, .. } => (1..=10_000_000).contains(rounds),
        Work::Argon2 { memory, passes, .. } => {
            *memory <= 256 << 10 && u64::from(*memory) * u64::from(*passes) <= 4 << 20
        }
        Work::Scrypt { log_n, r, p, .. } => {
            let blocks = (1_u64 << *log_n) * u64::from(*r);
            blocks / 8 <= 256 << 10 && blocks * u64::from(*p) <= 8 << 20
        }
        Work::Bcrypt { cost, .. } => (4..=16).contains(cost),
        _ => true,
    };
    assert!(is_within, "{work:?}");
}
