//! Texts of the usual cost, for a time when no stored password has been seen.

use secrecy::SecretString;

use crate::config::backend::check::{Digest, PasswordCheck};

/// A stored text that costs what such texts cost as a rule, and that no password is known for: its digest
/// is made up. `None` for clear text, which costs nothing.
pub fn usual(check: PasswordCheck) -> Option<SecretString> {
    let made_up = |front: &str, character: &str, times: usize| format!("{front}{}", character.repeat(times));
    let text = match check {
        PasswordCheck::Plain => return None,
        PasswordCheck::Crypt => made_up("$6$nobody.nobody$", ".", 86),
        PasswordCheck::Ldap => format!("{{SSHA}}{}=", "A".repeat(31)),
        PasswordCheck::Bcrypt => made_up("$2b$12$nobodynobodynobodynoe", ".", 31),
        PasswordCheck::Argon2 | PasswordCheck::Named => {
            made_up("$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$", "A", 43)
        }
        PasswordCheck::Pbkdf2 => made_up("$pbkdf2-sha256$i=600000,l=32$bm9ib2R5bm9ib2R5$", "A", 43),
        PasswordCheck::Django => made_up("pbkdf2_sha256$1000000$nobodynobody$", "A", 43) + "=",
        PasswordCheck::Hex(digest) => "0".repeat(2 * length(digest)),
    };
    Some(SecretString::from(text))
}

fn length(digest: Digest) -> usize {
    match digest {
        Digest::Md5 => 16,
        Digest::Sha1 => 20,
        Digest::Sha224 => 28,
        Digest::Sha256 => 32,
        Digest::Sha384 => 48,
        Digest::Sha512 => 64,
    }
}
