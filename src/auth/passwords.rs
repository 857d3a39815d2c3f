//! The stored passwords of one back-end: whoever is refused waits as long as for the costliest of them.

use std::sync::Arc;

use secrecy::SecretString;

use super::sample::Sample;
use super::{Down, Hashing, Outcome, stored};
use crate::config::backend::check::Stored;
use crate::domain::name::visible;
use crate::telemetry::Once;

/// Compares typed passwords with stored ones.
pub struct Passwords {
    backend: String,
    stored: Stored,
    sample: Sample,
    hashing: Arc<Hashing>,
    /// The people whose stored password was reported.
    said: Once,
}

impl Passwords {
    /// In: the name of the back-end, for the log, and how it keeps passwords.
    pub fn new(backend: &str, stored: Stored, hashing: Arc<Hashing>) -> Self {
        let (backend, sample) = (backend.to_owned(), Sample::new(stored));
        Self { backend, stored, sample, hashing, said: Once::default() }
    }

    /// Notes a stored password that nobody asks for at this moment.
    pub fn seen(&self, text: &SecretString) {
        self.sample.seen(text);
    }

    /// What an attempt for an unknown name is measured against.
    pub fn sample(&self) -> Option<(SecretString, Stored)> {
        self.sample.get()
    }

    /// Whether it is the stored one. In: whose it is, for the log.
    pub async fn check(
        &self,
        user: &str,
        password: &SecretString,
        text: &SecretString,
    ) -> Result<Outcome, Down> {
        let (outcome, spent) = self.compare(user, password, text).await?;
        if outcome != Outcome::Right {
            self.refuse(password, spent).await?;
        }
        Ok(outcome)
    }

    /// The same for one of several, with the cost of the work that it was: whoever refuses in the end calls
    /// [`Passwords::refuse`].
    pub async fn compare(
        &self,
        user: &str,
        password: &SecretString,
        text: &SecretString,
    ) -> Result<(Outcome, u64), Down> {
        self.sample.seen(text);
        let outcome = self.hashing.verify(password, text, self.stored).await?;
        if let Outcome::Unreadable(scheme) = &outcome {
            self.report(user, scheme);
        }
        let spent = match (self.cost(text), &outcome) {
            // A mark that no password is right was measured against a usual one.
            (0, Outcome::Wrong) => stored::usual(self.stored.check).map_or(0, |usual| self.cost(&usual)),
            (cost, _) => cost,
        };
        Ok((outcome, spent))
    }

    /// A refusal: spends what is missing to the costliest password here, since a quick answer would tell what is
    /// stored. In: what was typed, and the cost of what was compared already.
    pub async fn refuse(&self, password: &SecretString, spent: u64) -> Result<(), Down> {
        let Some((costliest, stored)) = self.sample.get() else { return Ok(()) };
        let missing = stored::cost(&costliest, stored).saturating_sub(spent);
        if let Some(text) = self.sample.nearest(missing) {
            self.hashing.verify(password, &text, stored).await?;
        }
        Ok(())
    }

    /// A stored value in bytes as text; `None`: it is none in the charset of passwords.
    pub fn decoded(&self, value: &[u8]) -> Option<SecretString> {
        let text = self.stored.charset.decode_without_bom_handling_and_without_replacement(value)?;
        Some(SecretString::from(text.into_owned()))
    }

    /// How much work it is to compare with a stored password, in microseconds.
    pub fn cost(&self, text: &SecretString) -> u64 {
        stored::cost(text, self.stored)
    }

    /// Tells once that somebody's stored password is of no use. In: what it seems to be, never the text.
    pub fn report(&self, user: &str, scheme: &str) {
        if self.said.is_first(user) {
            let (backend, user) = (self.backend.as_str(), visible(user));
            tracing::error!(backend, %user, scheme, "a stored password cannot be read, so nobody signs in with it");
        }
    }

    /// The pool.
    pub fn hashing(&self) -> &Hashing {
        &self.hashing
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::argon2;
    use super::*;
    use crate::config::backend::check::PasswordCheck;

    /// Each check takes a place of the pool, so that counts what is done.
    #[tokio::test]
    async fn a_refusal_is_as_costly_as_the_costliest() {
        let hashing = Arc::new(Hashing::default());
        let stored = Stored::in_utf_8(PasswordCheck::Argon2);
        let passwords = Passwords::new("staff", stored, Arc::clone(&hashing));
        passwords.seen(&argon2(4096));
        let typed = SecretString::from("x");
        for (text, more) in [(argon2(4096), 1), (argon2(3000), 1), (argon2(64), 2), ("odd".into(), 2)] {
            let before = hashing.runs();
            assert_ne!(passwords.check("ada", &typed, &text).await, Ok(Outcome::Right));
            assert_eq!(hashing.runs() - before, more, "{}", passwords.cost(&text));
        }
        let before = hashing.runs();
        passwords.refuse(&typed, 0).await.unwrap();
        assert_eq!(hashing.runs() - before, 1);
    }

    #[test]
    fn a_value_that_cannot_be_read_is_reported_once_a_person() {
        let stored = Stored::in_utf_8(PasswordCheck::Argon2);
        let passwords = Passwords::new("staff", stored, Arc::default());
        passwords.report("ada", "odd");
        assert!(!passwords.said.is_first("ada") && passwords.said.is_first("ben"));
    }
}
