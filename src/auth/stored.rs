//! Whether a password is the stored one, for every way of keeping a password. What a stored text says is read in
//! `config::backend::check::form`; here is the work.

mod cost;
mod derive;
mod hash64;
#[cfg(feature = "legacy-crypt")]
mod legacy;
#[cfg(feature = "legacy-crypt")]
mod md5_crypt;
mod own;
mod sha_crypt;
#[cfg(test)]
mod tests;
mod typed;
mod usual;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

use crate::config::backend::check::Stored;
use crate::config::backend::check::form::{Derived, Form};
use typed::Typed;

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

/// Compares. Takes as long as the stored value asks for, whatever the password is: never on an async thread.
pub fn matches(password: &SecretString, text: &SecretString, stored: Stored) -> Outcome {
    let typed = Typed::new(password, stored.charset);
    let right = match Form::read(text.expose_secret(), stored) {
        Err(unreadable) => return Outcome::Unreadable(unreadable.to_string()),
        Ok(Form::Nobody) => {
            // An account without a password must not be told from one that has one by a quick answer.
            if let Some(Ok(Form::Derived(usual))) =
                usual(stored.check).map(|text| Form::read(text.expose_secret(), stored))
            {
                let _ = is_derived(&typed, &usual);
            }
            Some(Choice::from(0))
        }
        Ok(Form::Clear(own)) => Some(is_same(&typed, password, &own)),
        Ok(Form::Derived(derived)) => is_derived(&typed, &derived),
    };
    match right.map(bool::from) {
        Some(true) => Outcome::Right,
        Some(false) => Outcome::Wrong,
        None => Outcome::Unreadable("there is no memory for the check".to_owned()),
    }
}

/// How much work a stored value asks for, in the microseconds that it takes about. Unreadable ones and clear
/// text ask for none.
pub fn cost(text: &SecretString, stored: Stored) -> u64 {
    match Form::read(text.expose_secret(), stored) {
        Ok(Form::Derived(derived)) => cost::cost(&derived.work),
        Ok(Form::Nobody | Form::Clear(_)) | Err(_) => 0,
    }
}

/// Does the work and compares. Out: `None` where there is no memory for it.
fn is_derived(typed: &Typed, derived: &Derived) -> Option<Choice> {
    let Derived { work, of_sha256, expected } = derived;
    let found = match of_sha256 {
        true => derive::derive(work, derive::hex_sha256(typed.bytes()).as_bytes(), expected.len())?,
        false => derive::derive(work, typed.bytes(), expected.len())?,
    };
    // crypt(3) would cut at the NUL, and then find a password right that is not.
    let cut = !of_sha256 && typed.has_nul() && derive::ends_at_nul(work);
    Some(found.ct_eq(expected) & Choice::from(u8::from(typed.is_whole() && !cut)))
}

/// Compares clear text, by digests: so neither place nor length of a difference shows.
fn is_same(typed: &Typed, password: &SecretString, own: &SecretString) -> Choice {
    let digest = |text: &SecretString| Sha256::digest(text.expose_secret().as_bytes());
    digest(password).ct_eq(&digest(own)) & Choice::from(u8::from(typed.is_whole()))
}
