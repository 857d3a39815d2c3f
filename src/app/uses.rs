//! Which services were used since somebody last asked: noted in memory, since a write of its own for each
//! ticket would be dear.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Names of rules.
#[derive(Debug, Default)]
pub struct Uses(Mutex<BTreeSet<String>>);

impl Uses {
    /// A ticket was issued for this service.
    pub fn note(&self, rule: &str) {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !used.contains(rule) {
            used.insert(rule.to_owned());
        }
    }

    /// The services that were used, and none the next time.
    pub fn take(&self) -> Vec<String> {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *used).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_use_is_taken_once() {
        let uses = Uses::default();
        uses.note("wiki");
        uses.note("wiki");
        uses.note("cloud");
        assert_eq!((uses.take(), uses.take()), (vec!["cloud".to_owned(), "wiki".to_owned()], vec![]));
    }
}
