//! A bounded pool for password hashes: hashing is the cheapest way to keep a server busy.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::Semaphore;

use super::stored::{self, Outcome};
use crate::config::backend::check::Stored;

/// Longest wait for a free place.
const QUEUE: Duration = if cfg!(test) { Duration::from_millis(200) } else { Duration::from_secs(5) };

/// A pool of places to hash in: as many as cores.
pub struct Hashing {
    places: Arc<Semaphore>,
}

/// No place became free in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked at once")]
pub struct Busy;

impl Default for Hashing {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self { places: Arc::new(Semaphore::new(cores)) }
    }
}

impl Hashing {
    /// Whether the password is the stored one.
    pub async fn verify(
        &self,
        password: &SecretString,
        text: &SecretString,
        stored: Stored,
    ) -> Result<Outcome, Busy> {
        let (password, text) = (password.clone(), text.clone());
        let checked = self.run(move || stored::matches(&password, &text, stored)).await?;
        Ok(checked.unwrap_or_else(|| Outcome::Unreadable("the check died".to_owned())))
    }

    /// Runs costly work in a place of the pool. Out: `None` where it died.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, Busy> {
        let place = tokio::time::timeout(QUEUE, Arc::clone(&self.places).acquire_owned());
        let Ok(Ok(place)) = place.await else { return Err(Busy) };
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        Ok(done.await.ok())
    }

    /// Takes every place, so that nobody can be checked until they are given back.
    #[cfg(test)]
    pub async fn hold_all(&self) -> tokio::sync::OwnedSemaphorePermit {
        let all = u32::try_from(self.places.available_permits()).unwrap();
        Arc::clone(&self.places).acquire_many_owned(all).await.unwrap()
    }
}

#[cfg(test)]
mod tests {
    use argon2::Argon2;
    use argon2::password_hash::PasswordHasher;

    use super::*;
    use crate::config::backend::check::PasswordCheck;

    #[tokio::test]
    async fn right_wrong_and_unreadable() {
        let hashing = Hashing::default();
        let argon2 = Stored::in_utf_8(PasswordCheck::Argon2);
        let text = Argon2::default().hash_password(b"correct horse").unwrap().to_string();
        let text = SecretString::from(text);
        assert_eq!(hashing.verify(&"correct horse".into(), &text, argon2).await, Ok(Outcome::Right));
        assert_eq!(hashing.verify(&"wrong".into(), &text, argon2).await, Ok(Outcome::Wrong));
        let unreadable = hashing.verify(&"x".into(), &"clear text".into(), argon2).await;
        assert!(matches!(unreadable, Ok(Outcome::Unreadable(_))));
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let hashing = Hashing::default();
        let _all = hashing.hold_all().await;
        assert_eq!(hashing.run(|| 1).await, Err(Busy));
    }
}
