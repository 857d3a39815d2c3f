//! What the last answers of an institution say of it: whether it is asked at all, and whether it is silent.
//!
//! An institution that gave [`IN_A_ROW`] questions in a row no answer within [`WINDOW`] seconds is not asked
//! any more for [`PAUSE`] seconds: people are told at once what they would otherwise be told after the whole
//! wait. Then one question is let through; a proper answer ends it all, no answer begins the next pause. A
//! ticket of an institution lives for seconds only, so nobody's ticket is kept for later: the page has a
//! button, and whoever is still signed in there is back with a new ticket in a moment.
//!
//! A refusal of a ticket is a proper answer, and so is everything else that is not silence, a broken
//! connection, a bad certificate or one of the statuses by which somebody in front of a server says that it is
//! not there: 502, 503, 504. A 500 is an answer: some servers give it for a ticket that they cannot read, and
//! anybody can bring one of those.

use std::collections::VecDeque;

use crate::client::ValidateError;
use crate::protocol::time::Timestamp;

use super::Trouble;

/// So many questions in a row without an answer end the asking …
const IN_A_ROW: usize = 5;
/// … if they ended within so many seconds.
const WINDOW: i64 = 30;
/// Seconds between two trials at an institution that is not asked.
const PAUSE: i64 = 5;
/// Without any answer for so many seconds an institution is silent.
const SILENT: i64 = 60;

/// What is known of one institution. Decides; who asks holds it.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    /// When the last questions ended that had no answer, since the last that had one.
    unanswered: VecDeque<Timestamp>,
    /// When the first of all those ended.
    since: Option<Timestamp>,
    /// What the last of them met.
    last: Option<Trouble>,
    /// Not asked until then; `None`: asked.
    shut_until: Option<Timestamp>,
    /// Somebody tries just now.
    trial: bool,
    /// Proper answers so far.
    answers: u64,
    /// When the last proper answer came.
    answered: Option<Timestamp>,
}

/// A question under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    is_trial: bool,
    answers: u64,
}

/// What a question changed that is worth a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It has not answered since then.
    Silent(Timestamp),
    /// It answers again; it had not since then.
    Answering(Timestamp),
    /// It is not asked for a while.
    Shut,
}

/// Whether an error says that the institution did not answer. In: what came of a question.
pub(super) fn is_no_answer(error: &ValidateError) -> bool {
    match error {
        ValidateError::Timeout | ValidateError::Unreachable(_) | ValidateError::Tls(_) => true,
        ValidateError::Status(status) => matches!(*status, 502..=504),
        _ => false,
    }
}

impl Breaker {
    /// Why nobody asks just now; `None`: ask.
    pub(super) fn refuses(&self, now: Timestamp) -> Option<Trouble> {
        let until = self.shut_until?;
        // A clock that was set back must not keep it shut for longer.
        let is_over = now >= until || now.plus(PAUSE) < until;
        if is_over && !self.trial {
            return None;
        }
        let last = self.last.as_ref()?;
        Some(Trouble { code: last.code, reason: format!("not asked, after: {}", last.reason) })
    }

    /// A question begins: the one that is let through, where nobody else asks.
    pub(super) fn begins(&mut self, now: Timestamp) -> Result<Question, Trouble> {
        match self.refuses(now) {
            Some(trouble) => Err(trouble),
            None => {
                let is_trial = self.shut_until.is_some();
                self.trial |= is_trial;
                Ok(Question { is_trial, answers: self.answers })
            }
        }
    }

    /// A proper answer came.
    pub(super) fn answered(&mut self, now: Timestamp, _: Question) -> Option<Change> {
        let was_silent = self.silent_since();
        *self = Self { answers: self.answers.wrapping_add(1), answered: Some(now), ..Self::default() };
        was_silent.map(Change::Answering)
    }

    /// No answer came.
    pub(super) fn not_answered(
        &mut self,
        now: Timestamp,
        question: Question,
        trouble: &Trouble,
    ) -> Option<Change> {
        self.left(question);
        if question.answers != self.answers {
            // It answered somebody else since this was asked: what hung then says nothing of now.
            return None;
        }
        let was_silent = self.silent_since().is_some();
        self.since.get_or_insert(now);
        self.last = Some(trouble.clone());
        if self.unanswered.len() == IN_A_ROW {
            self.unanswered.pop_front();
        }
        self.unanswered.push_back(now);
        let was_shut = self.shut_until.is_some();
        let first = self.unanswered.front().map_or(now, |first| *first);
        let in_a_row = self.unanswered.len() == IN_A_ROW && now.seconds() - first.seconds() <= WINDOW;
        if question.is_trial || (in_a_row && !was_shut) {
            self.shut_until = Some(now.plus(PAUSE));
        }
        match self.silent_since() {
            Some(since) if !was_silent => Some(Change::Silent(since)),
            _ if !was_shut && self.shut_until.is_some() => Some(Change::Shut),
            _ => None,
        }
    }

    /// Whoever asked went away before there was an answer, or before it could be judged.
    pub(super) fn left(&mut self, question: Question) {
        self.trial &= !question.is_trial;
    }

    /// Since when nothing had an answer, if that spans [`SILENT`] seconds.
    pub(super) fn silent_since(&self) -> Option<Timestamp> {
        let last = self.unanswered.back()?;
        self.since.filter(|since| last.seconds() - since.seconds() >= SILENT)
    }

    /// Since when nothing had an answer, however short that is; and when that was last found.
    pub(super) fn unanswered(&self) -> Option<(Timestamp, Timestamp)> {
        Some((self.since?, *self.unanswered.back()?))
    }

    /// When the last proper answer came.
    pub(super) fn last_answer(&self) -> Option<Timestamp> {
        self.answered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Code;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    fn trouble(reason: &str) -> Trouble {
        Trouble { code: Code::UpstreamTimeout, reason: reason.to_owned() }
    }

    impl Breaker {
        fn fails(&mut self, now: i64) -> Option<Change> {
            let question = self.begins(at(now)).expect("not shut");
            self.not_answered(at(now), question, &trouble("no answer in time"))
        }

        fn succeeds(&mut self, now: i64) -> Option<Change> {
            let question = self.begins(at(now)).expect("not shut");
            self.answered(at(now), question)
        }
    }

    #[test]
    fn five_in_a_row_shut_it_and_an_answer_opens_it() {
        let mut breaker = Breaker::default();
        for now in [0, 5, 10, 20] {
            assert_eq!(breaker.fails(now), None);
            assert_eq!(breaker.refuses(at(now)), None);
        }
        assert_eq!(breaker.fails(30), Some(Change::Shut));
        let refused = breaker.refuses(at(34)).unwrap();
        assert_eq!(
            (refused.code, refused.reason.as_str()),
            (Code::UpstreamTimeout, "not asked, after: no answer in time")
        );
        // One is let through, and only one.
        let trial = breaker.begins(at(35)).unwrap();
        assert!(breaker.begins(at(36)).is_err() && breaker.begins(at(99)).is_err());
        assert_eq!(breaker.not_answered(at(40), trial, &trouble("still nothing")), None);
        assert!(breaker.begins(at(44)).unwrap_err().reason.contains("still nothing"));
        let trial = breaker.begins(at(45)).unwrap();
        breaker.left(trial);
        assert_eq!(breaker.succeeds(45), None, "silent for less than a minute");
        for now in [45, 45, 45, 45] {
            assert_eq!(breaker.fails(now), None, "counted anew");
        }
    }

    #[test]
    fn slow_ones_and_broken_rows_do_not_shut_it() {
        let mut breaker = Breaker::default();
        for now in [0, 8, 16, 24, 32, 40, 48] {
            assert_eq!(breaker.fails(now), None, "{now}");
        }
        let mut breaker = Breaker::default();
        for now in 0..20 {
            for _ in 0..4 {
                assert_eq!(breaker.fails(now), None);
            }
            assert_eq!(breaker.succeeds(now), None);
        }
    }

    #[test]
    fn what_was_asked_before_the_last_answer_says_nothing() {
        let mut breaker = Breaker::default();
        let old: Vec<_> = (0..20).map(|_| breaker.begins(at(0)).unwrap()).collect();
        breaker.succeeds(3);
        for question in old {
            assert_eq!(breaker.not_answered(at(5), question, &trouble("late")), None);
        }
        assert_eq!((breaker.refuses(at(5)), breaker.unanswered()), (None, None));
    }

    #[test]
    fn a_minute_of_nothing_is_silence() {
        let mut breaker = Breaker::default();
        for (now, change) in [(0, None), (59, None), (60, Some(Change::Silent(at(0)))), (90, None)] {
            assert_eq!(breaker.fails(now), change, "{now}");
        }
        assert_eq!(breaker.silent_since(), Some(at(0)));
        assert_eq!(breaker.succeeds(100), Some(Change::Answering(at(0))));
        assert_eq!((breaker.silent_since(), breaker.last_answer()), (None, Some(at(100))));
        // One failure long ago proves nothing.
        breaker.fails(200);
        assert_eq!(breaker.silent_since(), None);
    }

    #[test]
    fn a_clock_that_is_set_back_lets_somebody_try() {
        let mut breaker = Breaker::default();
        for _ in 0..5 {
            breaker.fails(1000);
        }
        assert!(breaker.refuses(at(1000)).is_some());
        assert!(breaker.begins(at(-50_000)).is_ok());
    }

    #[test]
    fn only_a_server_that_is_not_there_counts() {
        for error in [
            ValidateError::Timeout,
            ValidateError::Unreachable(String::new()),
            ValidateError::Tls(String::new()),
            ValidateError::Status(502),
            ValidateError::Status(503),
            ValidateError::Status(504),
        ] {
            assert!(is_no_answer(&error), "{error}");
        }
        for error in [
            ValidateError::Refused { code: "INVALID_TICKET".to_owned() },
            ValidateError::Status(404),
            ValidateError::Status(302),
            ValidateError::Status(500),
            ValidateError::Status(501),
            ValidateError::Status(505),
            ValidateError::TooLarge,
        ] {
            assert!(!is_no_answer(&error), "{error}");
        }
    }
}
