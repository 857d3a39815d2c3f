//! Password hashes, on a bounded pool: hashing is the cheapest way to keep a server busy.

use std::sync::Arc;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::{PasswordVerifier, phc::PasswordHash};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// Longest wait for a free place.
const QUEUE: Duration = if cfg!(test) { Duration::from_millis(200) } else { Duration::from_secs(5) };

/// What an attempt for an unknown name is measured against where there is no user at all: Argon2id with
/// the usual cost.
const DUMMY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cGFzc2VyZWxsZS1zYWx0$W3eHbeHkKKHm3IOBWIrl1BkjJzyNhkJHnwzUjOkVpjE";

/// A pool of places to hash in: as many as cores.
pub struct Hashing {
    places: Arc<Semaphore>,
    dummy: SecretString,
}

/// No place became free in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked at once")]
pub struct Busy;

impl Hashing {
    /// A pool. `like`: a hash of the kind that passwords are kept in, so that an attempt for an unknown
    /// name takes as long as one for a known name.
    pub fn new(like: Option<SecretString>) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self { places: Arc::new(Semaphore::new(cores)), dummy: like.unwrap_or_else(|| DUMMY.into()) }
    }

    /// Whether the password is the one of the PHC text. A text that cannot be read never matches.
    pub async fn verify(&self, password: &SecretString, stored: &SecretString) -> Result<bool, Busy> {
        let place = tokio::time::timeout(QUEUE, Arc::clone(&self.places).acquire_owned());
        let Ok(Ok(place)) = place.await else { return Err(Busy) };
        let (password, stored) = (password.clone(), stored.clone());
        let checked = tokio::task::spawn_blocking(move || {
            let _place = place;
            matches(&password, &stored)
        });
        Ok(checked.await.unwrap_or(false))
    }

    /// Takes every place, so that nobody can be checked until they are given back.
    #[cfg(test)]
    pub async fn hold_all(&self) -> tokio::sync::OwnedSemaphorePermit {
        let all = u32::try_from(self.places.available_permits()).unwrap();
        Arc::clone(&self.places).acquire_many_owned(all).await.unwrap()
    }

    /// Spends the time that a password costs, and is as busy as that would be.
    pub async fn spend(&self) -> Result<(), Busy> {
        self.verify(&SecretString::from("none"), &self.dummy).await.map(|_never| ())
    }
}

/// How much work a stored hash asks for: memory times passes. Unreadable ones ask for none.
pub fn cost(stored: &SecretString) -> u64 {
    let Ok(hash) = PasswordHash::new(stored.expose_secret()) else { return 0 };
    let number = |name| hash.params.get_decimal(name).map_or(1, u64::from);
    number("m").saturating_mul(number("t"))
}

fn matches(password: &SecretString, stored: &SecretString) -> bool {
    let Ok(hash) = PasswordHash::new(stored.expose_secret()) else { return false };
    Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash).is_ok()
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordHasher;

    use super::*;

    #[tokio::test]
    async fn right_wrong_and_unreadable() {
        let hashing = Hashing::new(None);
        let stored = Argon2::default().hash_password(b"correct horse").unwrap().to_string();
        let stored = SecretString::from(stored);
        assert_eq!(hashing.verify(&"correct horse".into(), &stored).await, Ok(true));
        assert_eq!(hashing.verify(&"wrong".into(), &stored).await, Ok(false));
        assert_eq!(hashing.verify(&"x".into(), &"clear text".into()).await, Ok(false));
    }

    #[test]
    fn the_dummy_is_a_hash_that_nothing_matches() {
        assert!(PasswordHash::new(DUMMY).is_ok());
        assert!(!matches(&"none".into(), &DUMMY.into()));
        assert_eq!(cost(&DUMMY.into()), 19456 * 2);
        assert_eq!(cost(&"clear text".into()), 0);
    }
}
