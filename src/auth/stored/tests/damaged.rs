//! Stored passwords with something missing, too much or changed: never a fault, and never told.

use encoding_rs::WINDOWS_1252;
use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};

use super::super::{Outcome, cost, matches};
use super::{CHEAP, outcome, rows};
use crate::config::backend::check::{PasswordCheck, Stored, WORDS};

/// Every check, with clear text and without.
fn everywhere(password: &str, text: &str) {
    for (_, check) in WORDS.into_iter().chain([("named", PasswordCheck::Named)]) {
        for (clear_text, charset) in [(false, encoding_rs::UTF_8), (true, WINDOWS_1252)] {
            let stored = Stored { check, charset, clear_text };
            if cost(&text.into(), stored) <= 2 * CHEAP {
                outcome(password, text, stored);
            }
        }
    }
}

/// The middle of a text made anew.
fn mutated(text: &str, at: usize, kind: u8, piece: &str) -> String {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let (from, to) = (places[at % places.len()], places[(at + usize::from(kind / 4)) % places.len()]);
    let (from, to) = (from.min(to), from.max(to));
    match kind % 4 {
        0 => format!("{}{piece}{}", &text[..from], &text[to..]),
        1 => format!("{}{piece}{}", &text[..from], &text[from..]),
        2 => format!("{}{}", &text[..to], &text[from..]),
        _ => text[..from].to_owned() + piece,
    }
}

proptest! {
    #[test]
    fn no_text_is_a_fault(password in ".{0,40}", text in ".{0,120}") {
        everywhere(&password, &text);
    }

    #[test]
    fn no_text_that_begins_well_is_a_fault(
        start in prop::sample::select(vec![
            "$6$", "$5$rounds=", "$y$", "$y$j", "$2b$04$", "$argon2id$v=19$m=8,t=1,p=1$", "$argon2i$", "$1$", "$apr1$",
            "$sha1$", "_", "$pbkdf2-sha256$", "$pbkdf2$i=1,l=32$", "{SSHA}", "{CRYPT}", "{CRYPT}$y$", "{PBKDF2-SHA512}",
            "{ARGON2}", "scrypt$", "scrypt$2$", "pbkdf2_sha256$1$", "bcrypt_sha256$$2b$04$", "argon2$argon2id$", "crypt$$",
        ]),
        rest in "[./0-9A-Za-z$=,+é]{0,130}",
    ) {
        everywhere("secret", &format!("{start}{rest}"));
    }

    #[test]
    fn no_damage_is_a_fault(row in any::<prop::sample::Index>(), at in 0_usize..200, kind in 0_u8..80, piece in ".{0,3}") {
        let rows = rows();
        let row = row.get(&rows);
        everywhere(row.password, &mutated(row.text, at, kind, &piece));
    }
}

#[test]
fn nothing_of_the_value_is_told() {
    for row in rows() {
        let cut = &row.text[..row.text.len() / 2];
        for (_, check) in WORDS {
            if let Outcome::Unreadable(why) = outcome("x", cut, Stored::in_utf_8(check)) {
                let salt = cut.rsplit(['$', '}']).next().unwrap_or_default();
                assert!(salt.len() < 6 || !why.contains(salt), "{why}");
            }
        }
    }
    let text = SecretString::from("{Hunter2 is my password}");
    let told = matches(&"x".into(), &text, Stored::in_utf_8(PasswordCheck::Ldap)).to_string();
    assert!(!told.contains(&text.expose_secret()[1..8]), "{told}");
}
