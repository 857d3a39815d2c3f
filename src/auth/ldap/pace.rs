//! How long a wrong password takes here, so that an unknown name takes as long.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many binds are remembered.
const KEPT: usize = 16;

/// The last binds that were refused; until there is one, the last that were not.
#[derive(Default)]
pub struct Pace(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    refused: Vec<Duration>,
    accepted: Vec<Duration>,
    next: usize,
    oldest: usize,
}

impl Pace {
    /// Notes how long a bind took, and whether the password was wrong.
    pub fn took(&self, time: Duration, refused: bool) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.oldest % KEPT;
        kept.oldest = kept.oldest.wrapping_add(1);
        let list = if refused { &mut kept.refused } else { &mut kept.accepted };
        match list.get_mut(at) {
            Some(place) => *place = time,
            None => list.push(time),
        }
    }

    /// How long an attempt without a bind has to wait: as long as one of the last that had one took, each in
    /// turn. So neither the mean nor the spread tells them apart. `None`: there was no bind yet.
    pub fn like_the_last(&self) -> Option<Duration> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.next = kept.next.wrapping_add(1);
        let list = if kept.refused.is_empty() { &kept.accepted } else { &kept.refused };
        list.get(kept.next.checked_rem(list.len())?).copied()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_unknown_name_waits_like_one_of_the_last_refused() {
        let pace = Pace::default();
        let of = |ms| Duration::from_millis(ms);
        assert_eq!(pace.like_the_last(), None);
        pace.took(of(3), false);
        assert_eq!(pace.like_the_last(), Some(of(3)), "better than nothing");
        pace.took(of(40), true);
        pace.took(of(3), false);
        pace.took(of(60), true);
        let told: BTreeSet<_> = (0..8).filter_map(|_| pace.like_the_last()).collect();
        assert_eq!(told, BTreeSet::from([of(40), of(60)]));
    }

    #[test]
    fn what_was_long_ago_is_forgotten() {
        let pace = Pace::default();
        pace.took(Duration::from_secs(9), true);
        for _ in 0..KEPT {
            pace.took(Duration::from_millis(5), true);
        }
        assert!((0..2 * KEPT).all(|_| pace.like_the_last() == Some(Duration::from_millis(5))));
    }
}
