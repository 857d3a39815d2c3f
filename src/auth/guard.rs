//! What stands before each back-end: places for questions, an end to every wait, when it went silent, and how
//! long its answers usually take.
//!
//! A back-end that hangs keeps its own places and no more: who asks another one does not notice.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};

use super::{Answer, Down, Verdict};
use crate::outbound::Queue;
use crate::protocol::time::Timestamp;

/// Questions under way at one back-end. More than wait for a place to hash in, or a storm would queue here, where
/// nobody is told at once.
const PLACES: usize = 128;
/// People who wait for one of them at the most.
const QUEUE: usize = 128;
/// And for so long.
const PATIENCE: Duration = if cfg!(test) { Duration::from_millis(200) } else { Duration::from_secs(5) };
/// Longest wait for an answer, whatever shorter limit a back-end has of its own.
const LONGEST: Duration = Duration::from_secs(60);
/// The same where there is an answer of before to go on with.
const LOOK_UP: Duration = if cfg!(test) { Duration::from_millis(200) } else { Duration::from_secs(5) };
/// Whoever waited so long for nothing spares the next ones that …
const SLOW: Duration = Duration::from_millis(100);
/// … for so many seconds after the wait.
const PAUSE: i64 = 5;
/// From the begin of a wait to the end of the pause behind it, at most.
const LONGEST_PAUSE: i64 = 20;
/// Too many people ask at once: nothing is wrong with the back-end itself.
const CROWDED: &str = "too many questions are under way";

/// Before one back-end.
#[derive(Debug)]
pub(super) struct Guard {
    places: Semaphore,
    queue: Queue,
    down_since: Mutex<Option<Instant>>,
    /// Until when it is left alone; behind that one question at a time looks whether it is back.
    paused_until: Mutex<Option<Timestamp>>,
    trial: Semaphore,
    signs_in: AtomicBool,
    unknown: Average,
    wrong: Average,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            places: Semaphore::new(PLACES),
            queue: Queue::new(QUEUE),
            down_since: Mutex::default(),
            paused_until: Mutex::default(),
            trial: Semaphore::new(1),
            signs_in: AtomicBool::new(true),
            unknown: Average::default(),
            wrong: Average::default(),
        }
    }
}

impl Guard {
    /// Notes whether people sign in here: who misses it while it is silent.
    pub(super) fn serves(&self, signs_in: bool) {
        self.signs_in.store(signs_in, Ordering::Relaxed);
    }

    /// Asks for the check of a password. In also: its name, for the log.
    pub(super) async fn check(&self, backend: &str, question: Answer<'_, Verdict>) -> Result<Verdict, Down> {
        let (verdict, took) = self.ask(backend, question, LONGEST).await;
        let verdict = verdict?;
        match verdict {
            Verdict::Unknown => self.unknown.note(took),
            Verdict::Wrong => self.wrong.note(took),
            Verdict::Right { .. } | Verdict::Own { .. } | Verdict::MustChange { .. } => {}
        }
        Ok(verdict)
    }

    /// Asks for what a sign-in cannot do without, beside the check of a password.
    pub(super) async fn find<T>(&self, backend: &str, question: Answer<'_, T>) -> Result<T, Down> {
        self.ask(backend, question, LOOK_UP).await.0
    }

    /// Asks for what somebody can do without: not at all for a while after it was silent for long, and then by one
    /// question at a time until it answers. Whoever signs in asks it all the same.
    pub(super) async fn look_up<T>(
        &self,
        backend: &str,
        question: Answer<'_, T>,
        now: Timestamp,
    ) -> Result<T, Down> {
        let paused = || Down::Silent("not asked for a while, since it did not answer".to_owned());
        let began = Instant::now();
        let _trial = match self.paused(now) {
            Paused::No => None,
            Paused::Until => return Err(paused()),
            Paused::IsOver => {
                let trial = self.trial.try_acquire().map_err(|_| paused())?;
                // Somebody else may have tried at this very moment.
                if self.paused(now) == Paused::Until {
                    return Err(paused());
                }
                Some(trial)
            }
        };
        let (answer, took) = self.ask(backend, question, LOOK_UP).await;
        if answer.as_ref().is_err_and(|down| !down.is_crowd()) {
            // `now` is when the guest came in.
            let waited = i64::try_from(began.elapsed().as_secs()).unwrap_or(LONGEST_PAUSE).saturating_add(1);
            let until = now.plus(waited.saturating_add(PAUSE).min(LONGEST_PAUSE));
            self.pause((took >= SLOW).then_some(until));
        }
        answer
    }

    /// Asks, within a limit that begins with the place. A silence that begins or ends is told once. Out also: how
    /// long the question took, without the wait for a place.
    async fn ask<T>(
        &self,
        backend: &str,
        question: Answer<'_, T>,
        limit: Duration,
    ) -> (Result<T, Down>, Duration) {
        let _place = match self.place().await {
            Ok(place) => place,
            Err(crowd) => return (Err(crowd), Duration::ZERO),
        };
        let began = Instant::now();
        let silent = |_| Err(Down::Silent(format!("no answer in {} s", limit.as_secs_f32())));
        let answer = timeout(limit, question).await.unwrap_or_else(silent);
        match &answer {
            Ok(_) => self.answers(backend),
            Err(Down::Crowd(_)) => {}
            Err(down @ (Down::Silent(_) | Down::Unfit(_))) => self.is_silent(backend, down),
        }
        (answer, began.elapsed())
    }

    async fn place(&self) -> Result<SemaphorePermit<'_>, Down> {
        let crowd = || Down::Crowd(CROWDED.to_owned());
        let _waiting = self.queue.enter().ok_or_else(crowd)?;
        match timeout(PATIENCE, self.places.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(crowd()),
        }
    }

    fn answers(&self, backend: &str) {
        self.pause(None);
        let was_down = self.down_since.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(since) = was_down {
            let seconds = since.elapsed().as_secs();
            tracing::info!(
                event = "backend.state",
                backend,
                state = "answering",
                seconds,
                "a back-end answers again"
            );
        }
    }

    fn is_silent(&self, backend: &str, down: &Down) {
        let mut since = self.down_since.lock().unwrap_or_else(PoisonError::into_inner);
        if since.is_none() {
            *since = Some(Instant::now());
            let reason = down.to_string();
            if !self.signs_in.load(Ordering::Relaxed) {
                tracing::error!(
                    event = "backend.state",
                    backend,
                    state = "silent",
                    reason,
                    "a back-end does not answer: what it would add to people is left out"
                );
                return;
            }
            tracing::error!(
                event = "backend.state",
                backend,
                state = "silent",
                reason,
                "a back-end does not answer: people that it may know cannot sign in"
            );
        }
    }

    fn pause(&self, until: Option<Timestamp>) {
        *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    fn paused(&self, now: Timestamp) -> Paused {
        match *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner) {
            None => Paused::No,
            // A clock that was set back must not make it longer.
            Some(until) if now < until && until <= now.plus(LONGEST_PAUSE) => Paused::Until,
            Some(_) => Paused::IsOver,
        }
    }

    /// How long it usually takes to say that nobody has a name.
    pub(super) fn unknown(&self) -> Duration {
        self.unknown.get()
    }

    /// How much longer it usually takes to say that a password is wrong.
    pub(super) fn wrong_on_top(&self) -> Duration {
        self.wrong.get().saturating_sub(self.unknown.get())
    }

    /// What it would have learned.
    #[cfg(test)]
    pub(super) fn usually(&self, unknown: Duration, wrong: Duration) {
        self.unknown.note(unknown);
        self.wrong.note(wrong);
    }
}

/// Whether look-ups leave a back-end alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Paused {
    /// It answers, as far as is known.
    No,
    /// They do.
    Until,
    /// One of them may look whether it is back.
    IsOver,
}

/// How long a question may wait for one of the few connections of its back-end, or for what it can do without. Less
/// than its own time, and than that of a look-up: whoever waits in vain must be known as one of a crowd before anybody
/// calls it silence.
pub(super) fn patience(limit: Duration) -> Duration {
    limit.min(LOOK_UP) * 4 / 5
}

/// A moving average of times, in microseconds; 0: none was seen.
#[derive(Debug, Default)]
struct Average(AtomicU64);

impl Average {
    /// An eighth of each new time counts.
    fn note(&self, took: Duration) {
        let took = u64::try_from(took.min(LOOK_UP.max(PATIENCE)).as_micros()).unwrap_or_default().max(1);
        let next = |old: u64| Some(if old == 0 { took } else { (old * 7 + took) / 8 });
        let _old = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
    }

    fn get(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures_util::future::join_all;

    use super::super::Busy;
    use std::sync::atomic::AtomicUsize;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    async fn ask<T>(guard: &Guard, backend: &str, question: Answer<'_, T>) -> Result<T, Down> {
        guard.ask(backend, question, LONGEST).await.0
    }

    #[tokio::test]
    async fn what_hangs_keeps_its_places_and_the_queue_has_an_end() {
        let guard = Guard::default();
        let hanging = (0..PLACES).map(|_| ask::<()>(&guard, "x", Box::pin(pending())));
        let mut hanging = Box::pin(join_all(hanging));
        assert!(futures_util::poll!(&mut hanging).is_pending());
        let more = (0..QUEUE).map(|_| ask(&guard, "x", Box::pin(async { Ok(1) })));
        let mut more = Box::pin(join_all(more));
        assert!(futures_util::poll!(&mut more).is_pending());
        // Who comes now is told at once.
        let crowd = || Down::Crowd(CROWDED.to_owned());
        let late = ask(&guard, "x", Box::pin(async { Ok(1) }));
        assert_eq!(futures_util::FutureExt::now_or_never(late), Some(Err(crowd())));
        assert!(more.await.iter().all(|answer| *answer == Err(crowd())));
        assert!(guard.down_since.lock().unwrap().is_none(), "a crowd is no outage");
        drop(hanging);
        assert_eq!(ask(&guard, "x", Box::pin(async { Ok(1) })).await, Ok(1));
    }

    #[tokio::test]
    async fn an_outage_begins_once_and_ends_once() {
        let guard = Guard::default();
        let down = || Box::pin(async { Err::<(), _>(Down::Silent("refused".to_owned())) });
        for _ in 0..3 {
            assert!(ask(&guard, "x", down()).await.is_err());
        }
        let since = *guard.down_since.lock().unwrap();
        assert!(ask(&guard, "x", down()).await.is_err());
        assert!(since.is_some() && *guard.down_since.lock().unwrap() == since, "the same outage");
        let busy = ask::<()>(&guard, "y", Box::pin(async { Err(Busy.into()) })).await;
        assert!(busy.is_err() && ask(&guard, "x", Box::pin(async { Ok(()) })).await.is_ok());
        assert!(guard.down_since.lock().unwrap().is_none());
    }

    #[tokio::test]
    async fn after_a_long_silence_nobody_waits_for_a_while() {
        let guard = Guard::default();
        let asked = AtomicUsize::new(0);
        let hangs = || {
            Box::pin(async {
                asked.fetch_add(1, Ordering::Relaxed);
                pending::<Result<(), Down>>().await
            })
        };
        assert!(guard.look_up("x", hangs(), at(0)).await.is_err());
        // The wait does not count: who comes when it is over has waited for it already.
        let over = PAUSE + 1;
        for second in [0, 1, PAUSE - 1, PAUSE] {
            assert!(guard.look_up("x", hangs(), at(second)).await.is_err());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        // One at a time tries it again; all others go on at once.
        let (first, second) =
            tokio::join!(guard.look_up("x", hangs(), at(over)), guard.look_up("x", hangs(), at(over)));
        assert!(first.is_err() && second.is_err());
        assert_eq!(asked.load(Ordering::Relaxed), 2);
        assert_eq!(guard.paused(at(over + PAUSE)), Paused::Until, "from the end of the second wait");
        // Nor does a clock that was set back make it longer.
        assert_eq!(guard.paused(at(-3600)), Paused::IsOver);
        let over = over + PAUSE + 1;
        assert_eq!(guard.look_up("x", Box::pin(async { Ok(2) }), at(over)).await, Ok(2));
        assert_eq!(guard.paused(at(over)), Paused::No);
        // Whoever says no at once is asked again.
        let no =
            guard.look_up::<()>("x", Box::pin(async { Err(Down::Unfit("no".to_owned())) }), at(over)).await;
        assert!(no.is_err() && guard.paused(at(over)) == Paused::No);
        // Somebody who signs in asks it meanwhile, and finds that it is back.
        assert!(guard.look_up("x", hangs(), at(over)).await.is_err());
        assert_eq!(guard.paused(at(over)), Paused::Until);
        assert_eq!(guard.check("x", Box::pin(async { Ok(Verdict::Unknown) })).await, Ok(Verdict::Unknown));
        assert_eq!(guard.paused(at(over)), Paused::No);
    }

    #[tokio::test]
    async fn a_crowd_inside_of_a_back_end_is_no_silence() {
        let guard = Guard::default();
        let crowd = || {
            Box::pin(async {
                tokio::time::sleep(SLOW + Duration::from_millis(20)).await;
                Err::<Verdict, _>(Down::Crowd("no connection is free".to_owned()))
            })
        };
        assert!(guard.look_up("x", crowd(), at(0)).await.is_err());
        assert!(guard.check("x", crowd()).await.is_err());
        assert!(guard.paused(at(0)) == Paused::No && guard.down_since.lock().unwrap().is_none());
        // And what it usually takes is counted from the place on.
        let all = guard.places.acquire_many(u32::try_from(PLACES).unwrap()).await.unwrap();
        let late = guard.check("x", Box::pin(async { Ok(Verdict::Unknown) }));
        let free = async {
            tokio::time::sleep(PATIENCE / 2).await;
            drop(all);
        };
        assert_eq!(tokio::join!(late, free).0, Ok(Verdict::Unknown));
        assert!(guard.unknown() < PATIENCE / 4, "{:?}", guard.unknown());
        assert!(patience(Duration::from_secs(60)) < LOOK_UP);
    }

    #[test]
    fn averages_follow_slowly() {
        let average = Average::default();
        assert_eq!(average.get(), Duration::ZERO);
        average.note(Duration::from_millis(80));
        assert_eq!(average.get(), Duration::from_millis(80));
        average.note(Duration::from_millis(160));
        assert_eq!(average.get(), Duration::from_millis(90));
        (0..100).for_each(|_| average.note(Duration::from_secs(3600)));
        assert!(average.get() <= PATIENCE);
    }
}
