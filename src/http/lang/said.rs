//! Messages that are the same every time, without placeholders or always with the same filler: looked up once.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// The words of one language as they were said before, by key. Keys stand in the code, so there is an end.
#[derive(Debug, Default)]
pub(super) struct Said(RwLock<HashMap<&'static str, String>>);

impl Said {
    /// What was said for this key, or what `say` says now.
    pub(super) fn or(&self, key: &'static str, say: impl FnOnce() -> String) -> String {
        if let Some(said) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            return said.clone();
        }
        let words = say();
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key, words.clone());
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_looked_up_once() {
        let said = Said::default();
        assert_eq!(said.or("a", || "one".to_owned()), "one");
        assert_eq!(said.or("b", || "two".to_owned()), "two");
        assert_eq!(said.or("a", || unreachable!("it was said")), "one");
    }
}
