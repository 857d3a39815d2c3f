//! How far a service knows that a session is over: what may be said of it after a sign-out.

use std::time::Duration;

use crate::protocol::time::Timestamp;

/// What may be said of a service. A service that took the message has accepted it, CAS gives no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The first try is under way.
    BeingTold,
    /// It accepted all messages.
    Accepted,
    /// It did not answer, and is tried again for about so many seconds.
    TryingAgain {
        /// Until the last try.
        left: i64,
    },
    /// It wants no messages: the person signs out there.
    Yourself,
    /// It could not be told, and nobody tries any more.
    NoAnswer,
}

/// The messages to one service about one sign-out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Messages {
    /// One was given up.
    pub is_lost: bool,
    /// One failed and is sent again.
    pub is_failing: bool,
    /// One was not tried to its end yet.
    pub is_untried: bool,
    /// When the last of those that failed is due.
    pub next_try: Option<Timestamp>,
    /// How often those that failed did so, at least.
    pub tries: usize,
}

impl Messages {
    /// The worst state of all of them. `retry` has the waits between tries.
    pub fn told(&self, retry: &[Duration], now: Timestamp) -> Told {
        if self.is_lost {
            Told::NoAnswer
        } else if self.is_failing {
            let wait = self.next_try.map_or(0, |next| next.seconds().saturating_sub(now.seconds()).max(0));
            let later: Duration = retry.iter().skip(self.tries).sum();
            Told::TryingAgain {
                left: wait.saturating_add(i64::try_from(later.as_secs()).unwrap_or(i64::MAX)),
            }
        } else if self.is_untried {
            Told::BeingTold
        } else {
            Told::Accepted
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_counts() {
        let retry = [10, 60, 180, 360].map(Duration::from_secs);
        let now = Timestamp::from_seconds(1000);
        let none = Messages::default();
        let untried = Messages { is_untried: true, ..none };
        let failing = Messages { is_failing: true, next_try: Some(now.plus(10)), tries: 1, ..untried };
        let last = Messages { next_try: Some(now.plus(-3)), tries: 4, ..failing };
        let lost = Messages { is_lost: true, ..failing };
        for (messages, told) in [
            (none, Told::Accepted),
            (untried, Told::BeingTold),
            (failing, Told::TryingAgain { left: 610 }),
            (last, Told::TryingAgain { left: 0 }),
            (lost, Told::NoAnswer),
        ] {
            assert_eq!(messages.told(&retry, now), told, "{messages:?}");
        }
    }
}
