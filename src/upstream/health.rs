//! One institution over time: who asks it, how it answered, when it is looked at.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::client::ValidateError;
use crate::domain::code::Code;
use crate::domain::identity::Suffix;
use crate::protocol::time::Timestamp;

use super::Trouble;
use super::breaker::{Breaker, Change, Question, is_no_answer};
use super::papers::Papers;
use super::seats::Seats;

/// Seconds between two looks at an institution that does not answer: soon at first.
const LOOKS: [(i64, i64); 2] = [(600, 15), (3600, 60)];

/// What is known of one institution, at one address. It outlives a change of the files.
#[derive(Debug)]
pub(super) struct Health {
    suffix: Suffix,
    url: String,
    seats: Seats,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    breaker: Breaker,
    papers: Papers,
    /// Somebody went away without an answer.
    doubt: bool,
    /// When it was last looked at, or should have been.
    looked: Option<Timestamp>,
}

/// A question that may be dropped before it is answered.
struct Asked<'a> {
    health: &'a Health,
    question: Option<Question>,
    began: Instant,
    limit: Duration,
}

impl Health {
    /// Nothing is known yet. In: the institution, and its base address.
    pub(super) fn new(suffix: &Suffix, url: &str) -> Self {
        Self { suffix: suffix.clone(), url: url.to_owned(), seats: Seats::default(), state: Mutex::default() }
    }

    /// Whether this is about the same institution at the same address.
    pub(super) fn is_at_address_of(&self, other: &Self) -> bool {
        self.suffix == other.suffix && self.url == other.url
    }

    /// Asks a question, within the limits of this institution, and learns from what comes of it.
    ///
    /// In: the base address that is asked (what is met at an earlier one says nothing of this one), now, the
    /// limit of time with the wait for a seat, the question. Errors: those of the question; at once where
    /// the institution does not answer anybody, or too many wait already.
    pub(super) async fn ask<T>(
        &self,
        url: &str,
        now: Timestamp,
        limit: Duration,
        question: impl Future<Output = Result<T, ValidateError>>,
    ) -> Result<T, Trouble> {
        let began = Instant::now();
        let (until, late) = (began + limit, began + limit / 2);
        let time = || now.plus(i64::try_from(began.elapsed().as_secs()).unwrap_or(i64::MAX));
        let is_here = self.url == url;
        if let Some(trouble) = self.state().breaker.refuses(now).filter(|_| is_here) {
            return Err(trouble);
        }
        let Some(waiting) = self.seats.queue() else { return Err(crowded("too many wait for an answer")) };
        let seat = timeout_at(until, waiting.seat()).await.ok().flatten();
        let Some(seat) = seat else { return Err(crowded("no answer in time to those who came before")) };
        let learns = if is_here { Some(self.state().breaker.begins(time())?) } else { None };
        let asked = Asked { health: self, question: learns, began: Instant::now(), limit };
        let answer = timeout_at(until, question).await.unwrap_or(Err(ValidateError::Timeout));
        match answer {
            // Little time was left after the wait: that is not the institution's silence.
            Err(error @ ValidateError::Timeout) if asked.began > late => {
                drop(asked);
                Err(Trouble::of(&error))
            }
            Err(error) if is_no_answer(&error) => {
                seat.not_answered();
                let trouble = Trouble::of(&error);
                asked.ends(
                    |breaker, question| breaker.not_answered(time(), question, &trouble),
                    &trouble.reason,
                );
                Err(trouble)
            }
            other => {
                seat.answered();
                asked.ends(|breaker, question| breaker.answered(time(), question), "");
                other.map_err(|error| Trouble::of(&error))
            }
        }
    }

    /// Since when nothing had an answer, if that is a minute or more.
    pub(super) fn silent_since(&self) -> Option<Timestamp> {
        self.state().breaker.silent_since()
    }

    /// When a look at it is due. In: now, seconds between two looks at one that is well.
    ///
    /// One that nobody has asked yet is due at some time within the first of these spans, so that thousands
    /// do not fall due at once.
    pub(super) fn due(&self, now: Timestamp, every: i64) -> Timestamp {
        let mut state = self.state();
        if state.doubt {
            return now;
        }
        let span = every.max(1);
        let looked = *state.looked.get_or_insert_with(|| now.plus(-self.scatter(now, span)));
        if let Some((since, last)) = state.breaker.unanswered() {
            let lasts = now.seconds() - since.seconds();
            let pause = LOOKS.iter().find(|(until, _)| lasts < *until).map_or(span, |(_, pause)| *pause);
            return last.max(looked).plus(pause.min(span));
        }
        let heard = state.breaker.last_answer().map_or(looked, |answer| answer.max(looked));
        heard.plus(span + self.scatter(heard, span / 5 + 1))
    }

    /// It is looked at now.
    pub(super) fn looks(&self, now: Timestamp) {
        let mut state = self.state();
        (state.doubt, state.looked) = (false, Some(now));
    }

    /// What is known of its certificate.
    pub(super) fn papers<T>(&self, read: impl FnOnce(&mut Papers) -> T) -> T {
        read(&mut self.state().papers)
    }

    /// A number below `span` that is another one for each institution and time.
    fn scatter(&self, at: Timestamp, span: i64) -> i64 {
        let mut hasher = DefaultHasher::new();
        (self.suffix.as_str(), at.seconds()).hash(&mut hasher);
        i64::try_from(hasher.finish() % span.unsigned_abs().max(1)).unwrap_or_default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, change: Change, reason: &str) {
        let provider = self.suffix.as_str();
        match change {
            Change::Silent(since) => tracing::warn!(
                event = "provider.state",
                provider,
                state = "silent",
                since = since.iso(),
                reason,
                "the institution is not answering"
            ),
            Change::Answering(since) => tracing::info!(
                event = "provider.state",
                provider,
                state = "answering",
                since = since.iso(),
                "the institution answers again"
            ),
            Change::Shut => tracing::debug!(provider, reason, "the institution is not asked for a while"),
        }
    }
}

/// Too many are there already: nobody asks.
pub(super) fn crowded(reason: &str) -> Trouble {
    Trouble { code: Code::UpstreamTimeout, reason: reason.to_owned() }
}

impl Asked<'_> {
    fn ends(mut self, learn: impl FnOnce(&mut Breaker, Question) -> Option<Change>, reason: &str) {
        let Some(question) = self.question.take() else { return };
        let change = learn(&mut self.health.state().breaker, question);
        if let Some(change) = change {
            self.health.tell(change, reason);
        }
    }
}

impl Drop for Asked<'_> {
    /// The browser is gone, or nothing can be said.
    fn drop(&mut self) {
        let Some(question) = self.question.take() else { return };
        let mut state = self.health.state();
        state.breaker.left(question);
        // Who waited for long and left has found out something that is worth a look.
        state.doubt |= self.began.elapsed() >= self.limit / 3;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const URL: &str = "https://cas.north.example";
    const LIMIT: Duration = Duration::from_secs(5);

    fn health(suffix: &str) -> Health {
        Health::new(&Suffix::parse(suffix).unwrap(), URL)
    }

    async fn silence() -> Result<(), ValidateError> {
        std::future::pending().await
    }

    #[tokio::test]
    async fn after_a_few_nobody_is_asked_until_a_trial() {
        let health = health("north.example");
        let short = Duration::from_millis(100);
        assert_eq!(health.ask(URL, NOW, short, silence()).await.unwrap_err().code, Code::UpstreamTimeout);
        for n in 0..4 {
            let broken = async { Err::<(), _>(ValidateError::Status(503)) };
            assert_eq!(
                health.ask(URL, NOW.plus(n), LIMIT, broken).await.unwrap_err().code,
                Code::UpstreamHttp
            );
        }
        let asked = async { unreachable!("nobody asks") };
        let refused = health.ask::<()>(URL, NOW.plus(7), LIMIT, asked).await.unwrap_err();
        assert_eq!(refused.code, Code::UpstreamHttp, "that of the last trouble");
        // At its address of before it is another one.
        health.ask("https://old.north.example", NOW.plus(7), LIMIT, async { Ok(()) }).await.unwrap();
        assert!(health.ask::<()>(URL, NOW.plus(7), LIMIT, async { unreachable!("nor now") }).await.is_err());
        // A trial ends it for all.
        for _ in 0..3 {
            health.ask(URL, NOW.plus(8), LIMIT, async { Ok(()) }).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_refusal_is_an_answer() {
        let health = health("north.example");
        for _ in 0..20 {
            let no = async { Err::<(), _>(ValidateError::Refused { code: "INVALID_TICKET".to_owned() }) };
            assert_eq!(health.ask(URL, NOW, LIMIT, no).await.unwrap_err().code, Code::UpstreamTicketRejected);
        }
    }

    #[tokio::test]
    async fn a_trial_that_is_abandoned_is_no_end() {
        let health = health("north.example");
        for _ in 0..5 {
            let broken = async { Err::<(), _>(ValidateError::Status(503)) };
            health.ask(URL, NOW, LIMIT, broken).await.unwrap_err();
        }
        let later = NOW.plus(5);
        {
            let left = health.ask(URL, later, Duration::from_millis(300), silence());
            assert!(tokio::time::timeout(Duration::from_millis(110), left).await.is_err());
        }
        assert_eq!(health.due(later, 300), later, "worth a look");
        health.ask(URL, later, LIMIT, async { Ok(()) }).await.unwrap();
    }

    #[tokio::test]
    async fn looks_are_scattered_and_soon_where_nobody_answers() {
        let all: Vec<Health> = (0..3000).map(|n| health(&format!("n{n}.example"))).collect();
        let dues: Vec<i64> =
            all.iter().map(|health| health.due(NOW, 300).seconds() - NOW.seconds()).collect();
        for minute in 0..5 {
            let within = dues.iter().filter(|due| (minute * 60..(minute + 1) * 60).contains(*due)).count();
            assert!((200..900).contains(&within), "{within} in minute {minute}");
        }
        assert!(dues.iter().all(|due| (0..=360).contains(due)));

        let sick = health("sick.example");
        sick.due(NOW, 300);
        let broken = async { Err::<(), _>(ValidateError::Status(503)) };
        sick.ask(URL, NOW, LIMIT, broken).await.unwrap_err();
        assert_eq!(sick.due(NOW, 300), NOW.plus(15));
        assert_eq!(sick.due(NOW.plus(1200), 300), NOW.plus(60));
        assert_eq!(sick.due(NOW.plus(7200), 300), NOW.plus(300));
        sick.looks(NOW.plus(20));
        assert_eq!(sick.due(NOW.plus(20), 300), NOW.plus(35), "also where the look was refused");
        sick.ask(URL, NOW.plus(40), LIMIT, async { Ok(()) }).await.unwrap();
        let next = sick.due(NOW.plus(40), 300).seconds() - NOW.seconds();
        assert!((340..=400).contains(&next), "{next}");
    }
}
