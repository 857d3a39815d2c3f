//! What a stored password says: the way it was made and what came of it, before any work is done.

use std::fmt;

use secrecy::SecretString;

use super::{Digest, PasswordCheck, Stored, WORDS, codes, crypt, django, ldap, phc};

/// Longest text that is looked at, in bytes.
const LONGEST: usize = 4096;

/// A stored password that can be read.
pub enum Form {
    /// No password is right, and that is meant so: an account without one, or a locked one.
    Nobody,
    /// The password itself.
    Clear(SecretString),
    /// What comes of the password by some work.
    Derived(Derived),
}

/// A digest, a hash: what comes of the right password.
pub struct Derived {
    /// What is done with the password.
    pub work: Work,
    /// Whether that is done with the hexadecimal SHA-256 of the password in its place, which has one length
    /// however long the password is.
    pub of_sha256: bool,
    /// What must come of it. For the work of crypt(3) the text behind the salt, else bytes.
    pub expected: Vec<u8>,
}

/// What is done with a password. Salts are bytes, except in legacy forms, where they are characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// One digest of `front`, the password and `back`.
    Digest { digest: Digest, front: Vec<u8>, back: Vec<u8> },
    /// PBKDF2 with HMAC.
    Pbkdf2 { digest: Digest, rounds: u32, salt: Vec<u8> },
    /// Argon2. In KiB, passes, lanes.
    Argon2 { kind: Argon2, version: u32, memory: u32, passes: u32, lanes: u32, salt: Vec<u8> },
    /// scrypt; N as its logarithm.
    Scrypt { log_n: u8, r: u32, p: u32, salt: Vec<u8> },
    /// bcrypt, which looks at 72 bytes.
    Bcrypt { cost: u32, salt: [u8; 16] },
    /// `$y$`
    Yescrypt { params: yescrypt::Params, salt: Vec<u8> },
    /// `$5$` and `$6$`
    ShaCrypt { wide: bool, rounds: u32, salt: Vec<u8> },
    /// `$1$` and `$apr1$`
    #[cfg(feature = "legacy-crypt")]
    Md5Crypt { magic: &'static str, salt: Vec<u8> },
    /// `$sha1$`
    #[cfg(feature = "legacy-crypt")]
    Sha1Crypt { rounds: u32, salt: String },
    /// DES with two characters of salt. `whole`: all of the password counts, eight bytes at a time, not only the
    /// first eight.
    #[cfg(feature = "legacy-crypt")]
    Des { salt: String, whole: bool },
    /// `_`, four characters of rounds, four of salt.
    #[cfg(feature = "legacy-crypt")]
    Bsdi { rounds: u32, salt: String },
}

/// The three of Argon2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argon2 {
    /// Argon2d
    D,
    /// Argon2i
    I,
    /// Argon2id
    Id,
}

/// Why a stored password cannot be read. Names the scheme, never the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Of no form that belongs to the check.
    Unknown,
    /// Whole, and of a form of another check: the mark, as in `{SSHA}`, `$6$`, and the word of that check.
    Elsewhere(String, &'static str),
    /// A mark that we do not know, as it is written: `{SCHEME}`, `$id$`.
    Scheme(String),
    /// The password itself, where that is not allowed.
    ClearText,
    /// A known form with something missing or too much.
    Damaged(&'static str),
    /// More work than a sign-in is worth.
    TooCostly(&'static str),
    /// The program was built without it.
    NotBuiltIn(&'static str),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("no form that is known here"),
            Self::Elsewhere(mark, check) => write!(f, "{mark}, which `password_check = \"{check}\"` reads"),
            Self::Scheme(mark) => write!(f, "{mark} is not known"),
            Self::ClearText => f.write_str("clear text, which is not allowed"),
            Self::Damaged(scheme) => write!(f, "{scheme}, incomplete or damaged"),
            Self::TooCostly(scheme) => write!(f, "{scheme}, costs too much"),
            Self::NotBuiltIn(scheme) => write!(f, "{scheme}, not built in"),
        }
    }
}

/// What reading gives.
pub(super) type Reading = Result<Form, Unreadable>;

impl Form {
    /// Reads a stored text. Errors: it is not of a form that the check allows, it is damaged, or it asks for
    /// more work than anybody may cause.
    pub fn read(text: &str, stored: Stored) -> Result<Self, Unreadable> {
        if text.is_empty() || text.len() > LONGEST {
            return Err(Unreadable::Unknown);
        }
        Self::of_check(text, stored).map_err(|why| match why {
            Unreadable::Unknown | Unreadable::Scheme(_) | Unreadable::ClearText => {
                elsewhere(text, stored).unwrap_or(why)
            }
            why => why,
        })
    }

    /// The same by the one check alone.
    fn of_check(text: &str, stored: Stored) -> Reading {
        match stored.check {
            PasswordCheck::Plain => Ok(Self::Clear(SecretString::from(text))),
            PasswordCheck::Crypt => crypt::read(text),
            PasswordCheck::Ldap => ldap::read(text, stored.clear_text),
            PasswordCheck::Bcrypt => crypt::bcrypt(text),
            PasswordCheck::Argon2 => phc::argon2(text),
            PasswordCheck::Pbkdf2 => phc::pbkdf2(text),
            PasswordCheck::Django => django::read(text),
            PasswordCheck::Hex(digest) => hex(text, digest),
            PasswordCheck::Named => named(text),
        }
    }

    /// What comes of a password by one work.
    pub(super) fn derived(work: Work, expected: Vec<u8>) -> Self {
        Self::Derived(Derived { work, of_sha256: false, expected })
    }
}

/// What a text says that another check reads as a whole: so its mark is one that we know, and no part of a password.
fn elsewhere(text: &str, stored: Stored) -> Option<Unreadable> {
    let (check, mark) = match text {
        _ if text.starts_with("$2") => (PasswordCheck::Bcrypt, None),
        _ if text.starts_with("$argon2") => (PasswordCheck::Argon2, None),
        _ if text.starts_with("$pbkdf2") => (PasswordCheck::Pbkdf2, None),
        _ if text.starts_with('$') => (PasswordCheck::Crypt, None),
        _ if text.starts_with('{') => {
            (PasswordCheck::Ldap, text.split_once('}').map(|(mark, _)| format!("{}}}", mark.to_uppercase())))
        }
        _ if django::is_named(text) => {
            (PasswordCheck::Django, text.split_once('$').map(|(mark, _)| mark.to_owned()))
        }
        _ => return None,
    };
    let of_dollars = || text.split('$').nth(1).map(|id| format!("${id}$"));
    let other = Stored { check, clear_text: false, ..stored };
    let (word, _) = WORDS.iter().find(|(_, own)| *own == check)?;
    let reads = check != stored.check && Form::of_check(text, other).is_ok();
    reads.then(|| Some(Unreadable::Elsewhere(mark.or_else(of_dollars)?, word))).flatten()
}

/// A text that says itself what it is: never clear text, never a bare digest.
fn named(text: &str) -> Reading {
    match text {
        _ if text.starts_with("$argon2") => phc::argon2(text),
        _ if text.starts_with("$pbkdf2") => phc::pbkdf2(text),
        _ if text.starts_with('{') => ldap::read(text, false),
        _ if django::is_named(text) => django::read(text),
        _ => crypt::read(text),
    }
}

fn hex(text: &str, digest: Digest) -> Reading {
    let expected = codes::hex(text).filter(|bytes| bytes.len() == digest.length());
    let work = Work::Digest { digest, front: Vec::new(), back: Vec::new() };
    expected.map(|expected| Form::derived(work, expected)).ok_or(Unreadable::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_check_is_named_and_nothing_else_is() {
        let sha = format!("$6$salt${}", ".".repeat(86));
        let bcrypt = format!("$2b$12${}", ".".repeat(53));
        let ssha = "{ssha}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for (check, text, why) in [
            (PasswordCheck::Crypt, ssha, "{SSHA}, which `password_check = \"ldap\"` reads"),
            (PasswordCheck::Django, ssha, "{SSHA}, which `password_check = \"ldap\"` reads"),
            (PasswordCheck::Argon2, &sha, "$6$, which `password_check = \"crypt\"` reads"),
            (PasswordCheck::Ldap, &sha, "$6$, which `password_check = \"crypt\"` reads"),
            (PasswordCheck::Pbkdf2, &bcrypt, "$2b$, which `password_check = \"bcrypt\"` reads"),
            (
                PasswordCheck::Crypt,
                "md5$salt$5ebe2294ecd0e0f08eab7690d2a6ee69",
                "md5, which `password_check = \"django\"` reads",
            ),
            // What only looks like it may be a password.
            (PasswordCheck::Crypt, "{SSHA}hunter2", "no form that is known here"),
            (PasswordCheck::Crypt, "{my secret}", "no form that is known here"),
            (PasswordCheck::Argon2, "$6$hunter2", "no form that is known here"),
            (PasswordCheck::Crypt, "md5$hunter2", "no form that is known here"),
            (PasswordCheck::Ldap, "hunter2", "clear text, which is not allowed"),
        ] {
            let read = Form::read(text, Stored::in_utf_8(check));
            assert_eq!(read.err().map(|own| own.to_string()).as_deref(), Some(why), "{text}");
        }
    }
}
