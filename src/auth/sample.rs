//! What an attempt for an unknown name is measured against.

use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

use super::stored;
use crate::config::backend::check::Stored;

/// Most costs that are kept.
const MOST: usize = 8;

/// Stored passwords of every cost that a back-end has seen; until it has seen one, a text of the usual cost.
pub struct Sample {
    stored: Stored,
    /// The costliest first, each of another cost.
    seen: Mutex<Vec<(u64, SecretString)>>,
}

impl Sample {
    /// Nothing was seen yet. In: how the stored passwords are read.
    pub fn new(stored: Stored) -> Self {
        Self { stored, seen: Mutex::default() }
    }

    /// Notes a stored password. What cannot be read, or asks for no work, does not count; so clear text is
    /// never kept here.
    pub fn seen(&self, text: &SecretString) {
        let cost = stored::cost(text, self.stored);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if cost == 0 || seen.iter().any(|(known, _)| is_about(*known, cost)) {
            return;
        }
        let place = seen.partition_point(|(known, _)| *known > cost);
        seen.insert(place, (cost, text.clone()));
        seen.truncate(MOST);
    }

    /// The costliest, and how it is read. `None`: this way of keeping passwords costs no time.
    pub fn get(&self) -> Option<(SecretString, Stored)> {
        let seen =
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).first().map(|(_, text)| text.clone());
        seen.or_else(|| stored::usual(self.stored.check)).map(|text| (text, self.stored))
    }

    /// What comes nearest to a cost. `None`: nothing comes nearer than no work at all.
    pub fn nearest(&self, cost: u64) -> Option<SecretString> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if seen.is_empty() {
            seen.extend(
                stored::usual(self.stored.check).map(|text| (stored::cost(&text, self.stored), text)),
            );
        }
        let nearest = seen.into_iter().min_by_key(|(own, _)| own.abs_diff(cost));
        nearest.filter(|(own, _)| own.abs_diff(cost) < cost).map(|(_, text)| text)
    }
}

/// Whether nobody could tell them apart.
fn is_about(one: u64, other: u64) -> bool {
    one.abs_diff(other) <= one.max(other) / 10
}

/// A stored password of this cost, which no password is right for.
#[cfg(test)]
pub(super) fn argon2(kib: u32) -> SecretString {
    let hash = "W3eHbeHkKKHm3IOBWIrl1BkjJzyNhkJHnwzUjOkVpjE";
    format!("$argon2id$v=19$m={kib},t=2,p=1$cGFzc2VyZWxsZS1zYWx0${hash}").into()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::config::backend::check::PasswordCheck;

    fn text(sample: &Sample) -> String {
        sample.get().unwrap().0.expose_secret().to_owned()
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
    fn what_is_missing_is_found_among_what_was_seen() {
        let sample = Sample::new(Stored::in_utf_8(PasswordCheck::Argon2));
        let cost = |kib| stored::cost(&argon2(kib), sample.stored);
        for kib in [4096, 1024, 1030, 64] {
            sample.seen(&argon2(kib));
        }
        let near = |cost| sample.nearest(cost).map(|text| text.expose_secret().to_owned());
        for (wanted, found) in [(4096, 4096), (3072, 4096), (2048, 1024), (900, 1024), (50, 64)] {
            assert_eq!(near(cost(wanted)), Some(argon2(found).expose_secret().to_owned()), "{wanted}");
        }
        assert_eq!((near(cost(64) / 4), near(0)), (None, None));
    }

    #[test]
    fn clear_text_is_never_kept() {
        let sample = Sample::new(Stored::in_utf_8(PasswordCheck::Plain));
        sample.seen(&"in clear text".into());
        assert!(sample.get().is_none());
    }
}
