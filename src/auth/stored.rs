//! Whether a password is the stored one.

mod own;
mod usual;

use std::fmt;

use argon2::Argon2;
use argon2::password_hash::{PasswordVerifier, phc::PasswordHash};
use secrecy::{ExposeSecret, SecretString};

use crate::config::backend::check::{PasswordCheck, Stored};

pub use own::{NotHashed, hash, is_current};
pub use usual::usual;

/// What comes of a password and a stored value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is the password.
    Right,
    /// It is not.
    Wrong,
    /// The stored value cannot be read, so no password is right. Says which scheme it names, never the value.
    Unreadable(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Right => f.write_str("right"),
            Self::Wrong => f.write_str("wrong"),
            Self::Unreadable(scheme) => write!(f, "the stored value cannot be read ({scheme})"),
        }
    }
}

/// Compares. Takes as long as the stored value asks for: never on an async thread.
pub fn matches(password: &SecretString, text: &SecretString, _stored: Stored) -> Outcome {
    let Ok(hash) = PasswordHash::new(text.expose_secret()) else {
        return Outcome::Unreadable("unknown".to_owned());
    };
    match Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash) {
        Ok(()) => Outcome::Right,
        Err(_) => Outcome::Wrong,
    }
}

/// How much work a stored value asks for, in the microseconds that it takes about. Unreadable ones ask for none.
pub fn cost(text: &SecretString, stored: Stored) -> u64 {
    if stored.check == PasswordCheck::Plain {
        return 0;
    }
    let Ok(hash) = PasswordHash::new(text.expose_secret()) else { return 0 };
    let number = |name| hash.params.get_decimal(name).map_or(1, u64::from);
    number("m").saturating_mul(number("t")) / 2
}
