//! What we store ourselves: Argon2id, in PHC form.

use argon2::password_hash::{PasswordHasher, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};

/// A password could not be hashed: the system has no memory or no chance to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct NotHashed(argon2::password_hash::Error);

/// The text to store for a password: Argon2id with the parameters of today and a salt of its own. Takes some
/// 25 ms and 19 MiB: never on an async thread.
pub fn hash(password: &SecretString) -> Result<SecretString, NotHashed> {
    let hash = Argon2::default().hash_password(password.expose_secret().as_bytes()).map_err(NotHashed)?;
    Ok(SecretString::from(hash.to_string()))
}

/// Whether a stored text is what [`hash`] makes today.
pub fn is_current(text: &SecretString) -> bool {
    let Ok(hash) = PasswordHash::new(text.expose_secret()) else { return false };
    let Ok(params) = Params::try_from(&hash) else { return false };
    let today = Params::default();
    hash.algorithm == Algorithm::default().ident()
        && hash.version == Some(Version::default().into())
        && hash.salt.is_some()
        && hash.hash.as_ref().is_some_and(|hash| hash.len() >= Params::DEFAULT_OUTPUT_LEN)
        && (params.m_cost(), params.t_cost(), params.p_cost())
            == (today.m_cost(), today.t_cost(), today.p_cost())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::stored::{Outcome, matches};
    use crate::config::backend::check::{PasswordCheck, Stored};

    #[test]
    fn what_is_made_is_current_and_matches() {
        let (one, other) = (hash(&"correct horse".into()).unwrap(), hash(&"correct horse".into()).unwrap());
        assert_ne!(one.expose_secret(), other.expose_secret(), "each has a salt of its own");
        assert!(is_current(&one));
        let stored = Stored::in_utf_8(PasswordCheck::Named);
        assert_eq!(matches(&"correct horse".into(), &one, stored), Outcome::Right);
        assert_eq!(matches(&"correct horse ".into(), &one, stored), Outcome::Wrong);
    }

    #[test]
    fn another_kind_or_cost_is_not_current() {
        let rest = "$cGFzc2VyZWxsZS1zYWx0$W3eHbeHkKKHm3IOBWIrl1BkjJzyNhkJHnwzUjOkVpjE";
        assert!(is_current(&format!("$argon2id$v=19$m=19456,t=2,p=1{rest}").into()));
        for front in [
            "$argon2i$v=19$m=19456,t=2,p=1",
            "$argon2id$v=16$m=19456,t=2,p=1",
            "$argon2id$m=19456,t=2,p=1",
            "$argon2id$v=19$m=19455,t=2,p=1",
            "$argon2id$v=19$m=19456,t=3,p=1",
            "$argon2id$v=19$m=19456,t=2,p=2",
        ] {
            assert!(!is_current(&format!("{front}{rest}").into()), "{front}");
        }
        for text in ["", "secret", "$6$salt$hash", "$argon2id$v=19$m=19456,t=2,p=1", "{SSHA}AAAA"] {
            assert!(!is_current(&text.into()), "{text}");
        }
    }
}
