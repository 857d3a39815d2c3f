//! What was done on the way to an answer, for an operator who asks.

use std::sync::{Mutex, PoisonError};

use super::Outcome;

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was done, in a word or two: `query`, `search`, `bind`.
    pub what: &'static str,
    /// How it went.
    pub went: Went,
    /// What came of it: no password, no hash, no value of an attribute.
    pub found: String,
    /// Who can mend it, and how.
    pub hint: Option<&'static str>,
}

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    /// As it should.
    Well,
    /// Not, and the question went on.
    Oddly,
    /// Not, and that is why this person cannot sign in, or is not known.
    Badly,
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
        self.note(Went::Well, what, found);
    }

    /// Tells the step that is the reason of a failure.
    pub fn failed(&self, what: &'static str, found: impl FnOnce() -> String) {
        self.note(Went::Badly, what, found);
    }

    /// Tells a step. In also: how it went.
    pub fn note(&self, went: Went, what: &'static str, found: impl FnOnce() -> String) {
        if let Some(list) = &self.0 {
            let step = Step { what, went, found: found(), hint: None };
            list.lock().unwrap_or_else(PoisonError::into_inner).push(step);
        }
    }

    /// Tells whether a password is right, and what to do about a stored one that is of no use.
    pub fn password(&self, outcome: &Outcome, words: impl FnOnce() -> String) {
        let went = if *outcome == Outcome::Right { Went::Well } else { Went::Badly };
        self.note(went, "password", words);
        if matches!(outcome, Outcome::Unreadable(_)) {
            self.advise("the stored password is not of the kind that the back-end reads: store another, or mend `password_check`");
        }
    }

    /// Says who can mend the last step, and how.
    pub fn advise(&self, hint: &'static str) {
        let Some(list) = &self.0 else { return };
        if let Some(step) = list.lock().unwrap_or_else(PoisonError::into_inner).last_mut() {
            step.hint = Some(hint);
        }
    }

    /// The steps so far.
    pub fn list(&self) -> Vec<Step> {
        let list = self.0.as_ref().map(|list| list.lock().unwrap_or_else(PoisonError::into_inner).clone());
        list.unwrap_or_default()
    }
}
