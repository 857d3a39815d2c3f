//! What is worth one line and not one a request.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Most texts that are remembered. Beyond that nothing is new any more.
const MOST: usize = 1000;

/// Remembers what was already said since the start.
#[derive(Debug, Default)]
pub struct Once(Mutex<HashSet<String>>);

impl Once {
    /// Whether this is said for the first time.
    pub fn is_first(&self, text: &str) -> bool {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        !said.contains(text) && said.len() < MOST && said.insert(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_is_new_once_and_there_is_an_end() {
        let once = Once::default();
        assert!(once.is_first("a") && !once.is_first("a") && once.is_first("b"));
        let new = (0..2 * MOST).filter(|number| once.is_first(&number.to_string())).count();
        assert_eq!(new, MOST - 2);
    }
}
