//! Texts of the usual cost, for a time when no stored password has been seen.

use secrecy::SecretString;

use crate::config::backend::check::PasswordCheck;

/// Without optimisation a round of PBKDF2 takes a hundred times as long.
const LESS: u32 = if cfg!(debug_assertions) { 100 } else { 1 };

/// A stored text that costs what such texts cost as a rule, and that no password is known for: its digest
/// is made up. `None` for clear text, which costs nothing.
pub fn usual(check: PasswordCheck) -> Option<SecretString> {
    let made_up = |front: &str, character: &str, times: usize| format!("{front}{}", character.repeat(times));
    let text = match check {
        PasswordCheck::Plain => return None,
        PasswordCheck::Crypt => made_up("$6$nobody.nobody$", ".", 86),
        PasswordCheck::Ldap => format!("{{SSHA}}{}=", "A".repeat(31)),
        PasswordCheck::Bcrypt => made_up("$2b$12$nobodynobodynobodynobe", ".", 31),
        PasswordCheck::Argon2 | PasswordCheck::Named => {
            made_up("$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$", "A", 43)
        }
        PasswordCheck::Pbkdf2 => {
            made_up(&format!("$pbkdf2-sha256$i={},l=32$bm9ib2R5bm9ib2R5$", 600_000 / LESS), "A", 43)
        }
        PasswordCheck::Django => {
            made_up(&format!("pbkdf2_sha256${}$nobodynobody$", 1_000_000 / LESS), "A", 43) + "="
        }
        PasswordCheck::Hex(digest) => "0".repeat(2 * digest.length()),
    };
    Some(SecretString::from(text))
}
