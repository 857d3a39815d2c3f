//! What an attempt for an unknown name is measured against.

use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use super::stored;
use crate::config::backend::check::Stored;

/// The costliest stored password that a back-end has seen; until it has seen one, a text of the usual cost.
pub struct Sample {
    stored: Stored,
    costliest: Mutex<Costliest>,
}

#[derive(Default)]
struct Costliest {
    cost: u64,
    /// `None`: nothing was seen yet.
    text: Option<SecretString>,
}

impl Sample {
    /// Nothing was seen yet. In: how the stored passwords are read.
    pub fn new(stored: Stored) -> Self {
        Self { stored, costliest: Mutex::default() }
    }

    /// Notes a stored password. What cannot be read, or asks for no work, does not count; so clear text is
    /// never kept here.
    pub fn seen(&self, text: &SecretString) {
        let cost = stored::cost(text, self.stored);
        let mut costliest = self.costliest.lock().unwrap_or_else(PoisonError::into_inner);
        if cost > costliest.cost {
            *costliest = Costliest { cost, text: Some(text.clone()) };
        }
    }

    /// The text to measure against, and how it is read. `None`: this way of keeping passwords costs no time.
    pub fn get(&self) -> Option<(SecretString, Stored)> {
        let seen = self.costliest.lock().unwrap_or_else(PoisonError::into_inner).text.clone();
        seen.or_else(|| stored::usual(self.stored.check)).map(|text| (text, self.stored))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::config::backend::check::PasswordCheck;

    fn text(sample: &Sample) -> String {
        sample.get().unwrap().0.expose_secret().to_owned()
    }

    fn argon2(kib: u32) -> SecretString {
        let hash = "W3eHbeHkKKHm3IOBWIrl1BkjJzyNhkJHnwzUjOkVpjE";
        format!("$argon2id$v=19$m={kib},t=2,p=1$cGFzc2VyZWxsZS1zYWx0${hash}").into()
    }

    #[test]
    fn the_costliest_is_kept() {
        let sample = Sample::new(Stored::in_utf_8(PasswordCheck::Argon2));
        let usual = stored::usual(PasswordCheck::Argon2).unwrap();
        assert_eq!(text(&sample), usual.expose_secret());
        // The first real one counts, also where it is cheaper than usual.
        for (seen, kept) in [(64, 64), (4096, 4096), (512, 4096), (8192, 8192)] {
            sample.seen(&argon2(seen));
            assert_eq!(text(&sample), argon2(kept).expose_secret());
        }
        sample.seen(&"in clear text".into());
        assert_eq!(text(&sample), argon2(8192).expose_secret());
    }

    #[test]
    fn clear_text_is_never_kept() {
        let sample = Sample::new(Stored::in_utf_8(PasswordCheck::Plain));
        sample.seen(&"in clear text".into());
        assert!(sample.get().is_none());
    }
}
