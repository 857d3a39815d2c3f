//! A bounded pool for password hashes: hashing is the cheapest way to keep a server busy.
//!
//! Half of the cores hash at the most, so that tickets are issued and validated in a storm of sign-ins as at any
//! other time. The places bound the memory too: one hash of the usual cost takes 19 MiB. Who finds [`QUEUE`]
//! people waiting is told at once.

use std::sync::Arc;
#[cfg(test)]
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::Semaphore;

use super::stored::{self, NotHashed, Outcome};
use crate::config::backend::check::Stored;
use crate::outbound::Queue;

/// Longest wait for a free place.
const PATIENCE: Duration = if cfg!(test) { Duration::from_millis(200) } else { Duration::from_secs(5) };
/// Most attempts that wait for one.
const QUEUE: usize = 64;
/// Most places, however many cores there are: for memory.
const MOST: usize = 8;

/// A pool of places to hash in: half as many as cores.
#[derive(Debug)]
pub struct Hashing {
    places: Arc<Semaphore>,
    queue: Queue,
    #[cfg(test)]
    runs: AtomicUsize,
}

/// No place became free in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked at once")]
pub struct Busy;

/// Why there is no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoHash {
    /// No place became free in time.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The system has no memory or no chance to give.
    #[error(transparent)]
    NotHashed(#[from] NotHashed),
    /// The work ended without a word.
    #[error("the hashing died")]
    Died,
}

impl Default for Hashing {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            places: Arc::new(Semaphore::new(places(cores))),
            queue: Queue::new(QUEUE),
            #[cfg(test)]
            runs: AtomicUsize::new(0),
        }
    }
}

/// How many places there are on so many cores.
fn places(cores: usize) -> usize {
    (cores / 2).clamp(1, MOST)
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

    /// The text to store for a password.
    pub async fn hash(&self, password: &SecretString) -> Result<SecretString, NoHash> {
        let password = password.clone();
        let hashed = self.run(move || stored::hash(&password)).await?.ok_or(NoHash::Died)?;
        Ok(hashed?)
    }

    /// Runs costly work in a place of the pool. Out: `None` where it died.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<Option<T>, Busy> {
        let place = {
            let _waiting = self.queue.enter().ok_or(Busy)?;
            tokio::time::timeout(PATIENCE, Arc::clone(&self.places).acquire_owned()).await
        };
        let Ok(Ok(place)) = place else { return Err(Busy) };
        #[cfg(test)]
        self.runs.fetch_add(1, Ordering::Relaxed);
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        Ok(done.await.ok())
    }

    /// How often a place was taken.
    #[cfg(test)]
    pub fn runs(&self) -> usize {
        self.runs.load(Ordering::Relaxed)
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
    use futures_util::FutureExt;
    use futures_util::future::join_all;

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
        let stored = hashing.hash(&"correct horse".into()).await.unwrap();
        assert_eq!(hashing.verify(&"correct horse".into(), &stored, argon2).await, Ok(Outcome::Right));
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let hashing = Hashing::default();
        let _all = hashing.hold_all().await;
        assert_eq!(hashing.run(|| 1).await, Err(Busy));
        assert_eq!(hashing.hash(&"x".into()).await.err(), Some(NoHash::Busy(Busy)));
    }

    #[test]
    fn others_keep_half_of_the_machine() {
        let of = [1, 2, 3, 4, 8, 64].map(places);
        assert_eq!(of, [1, 1, 1, 2, 4, MOST]);
    }

    #[tokio::test]
    async fn the_queue_has_an_end() {
        let hashing = Hashing::default();
        let all = hashing.hold_all().await;
        let mut queue = Box::pin(join_all((0..QUEUE).map(|_| hashing.run(|| 1))));
        assert!(futures_util::poll!(&mut queue).is_pending());
        assert_eq!(hashing.run(|| 1).now_or_never(), Some(Err(Busy)), "told at once");
        drop(all);
        assert!(queue.await.iter().all(|one| *one == Ok(Some(1))));
        assert_eq!((hashing.run(|| 2).await, hashing.runs()), (Ok(Some(2)), QUEUE + 1));
    }
}
