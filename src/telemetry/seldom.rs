//! What is worth a line now and then, and not one a request.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::protocol::time::Timestamp;

/// How long a text is not said again, in seconds.
const MINUTE: i64 = 60;
/// Most texts that are remembered. Beyond that everything is said.
const MOST: usize = 10_000;

/// Remembers what was said within the last minute.
#[derive(Debug, Default)]
pub struct Seldom(Mutex<Said>);

#[derive(Debug, Default)]
struct Said {
    at: HashMap<String, Timestamp>,
    /// When old ones were looked for last.
    swept: Option<Timestamp>,
}

impl Seldom {
    /// Whether this was not said for a minute; it is said now.
    pub fn is_due(&self, text: &str, now: Timestamp) -> bool {
        // Also where the clock was set back.
        let is_recent = |at: Timestamp| at <= now && now < at.plus(MINUTE);
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if said.at.get(text).copied().is_some_and(is_recent) {
            return false;
        }
        // To look through all of them costs: once a second.
        if said.at.len() >= MOST && said.swept.replace(now) != Some(now) {
            said.at.retain(|_, at| is_recent(*at));
        }
        if said.at.len() < MOST {
            said.at.insert(text.to_owned(), now);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    #[test]
    fn a_text_is_said_once_a_minute() {
        let seldom = Seldom::default();
        assert!(seldom.is_due("a", at(0)) && !seldom.is_due("a", at(0)) && seldom.is_due("b", at(1)));
        assert!(!seldom.is_due("a", at(59)) && seldom.is_due("a", at(60)) && !seldom.is_due("a", at(119)));
        assert!(seldom.is_due("a", at(0)), "the clock was set back");
    }

    #[test]
    fn what_is_remembered_has_an_end() {
        let seldom = Seldom::default();
        let due =
            |from: usize, now| (from..from + MOST).filter(|one| seldom.is_due(&one.to_string(), now)).count();
        assert_eq!(due(0, at(0)), MOST);
        // No room is left: nothing is lost.
        assert_eq!((due(MOST, at(1)), due(MOST, at(1))), (MOST, MOST));
        assert_eq!((due(MOST, at(60)), due(MOST, at(61))), (MOST, 0));
        assert_eq!(seldom.0.lock().unwrap().at.len(), MOST);
    }
}
