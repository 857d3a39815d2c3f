//! What was done on the way to an answer, for an operator who asks.

use std::sync::{Mutex, PoisonError};

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was done, in a word or two: `query`, `search`, `bind`.
    pub what: &'static str,
    /// What came of it: no password, no hash, no value of an attribute.
    pub found: String,
}

/// Where back-ends tell their steps. A sign-in has no list: nothing is written down then.
#[derive(Debug, Default)]
pub struct Steps(Option<Mutex<Vec<Step>>>);

impl Steps {
    /// Writes nothing down.
    pub fn untold() -> Self {
        Self(None)
    }

    /// Keeps every step.
    pub fn kept() -> Self {
        Self(Some(Mutex::default()))
    }

    /// Tells a step. In: what was done, and what came of it, made only where somebody reads it.
    pub fn tell(&self, what: &'static str, found: impl FnOnce() -> String) {
        if let Some(list) = &self.0 {
            list.lock().unwrap_or_else(PoisonError::into_inner).push(Step { what, found: found() });
        }
    }

    /// The steps so far.
    pub fn list(&self) -> Vec<Step> {
        let list = self.0.as_ref().map(|list| list.lock().unwrap_or_else(PoisonError::into_inner).clone());
        list.unwrap_or_default()
    }
}
