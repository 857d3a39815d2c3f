//! Seats for questions to one institution: one that hangs must cost the others nothing.
//!
//! There are [`FEW`]. An institution that answers while people wait for a seat gets one more each time, up
//! to [`MANY`]: a slow one that is well serves a lecture hall as fast as it can. Each question without an
//! answer takes one of those back. Who finds [`QUEUE`] people waiting does not wait.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::outbound::{InQueue, Queue};

/// Questions under way at an institution that has not shown what it can do.
const FEW: usize = 128;
/// The most at any.
const MANY: usize = 1024;
/// People who wait for a seat at the most.
const QUEUE: usize = 1024;

/// The seats of one institution.
#[derive(Debug)]
pub(super) struct Seats {
    free: Semaphore,
    all: AtomicUsize,
    queue: Queue,
}

/// A place in the queue, until it is dropped.
#[derive(Debug)]
pub(super) struct Waiting<'a> {
    seats: &'a Seats,
    _place: InQueue<'a>,
}

/// A seat, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat<'a> {
    seats: &'a Seats,
    permit: SemaphorePermit<'a>,
}

impl Default for Seats {
    fn default() -> Self {
        Self { free: Semaphore::new(FEW), all: AtomicUsize::new(FEW), queue: Queue::new(QUEUE) }
    }
}

impl Seats {
    /// A place in the queue; `None`: it is too long.
    pub(super) fn queue(&self) -> Option<Waiting<'_>> {
        Some(Waiting { seats: self, _place: self.queue.enter()? })
    }
}

impl<'a> Waiting<'a> {
    /// Waits for a seat. The caller has a limit of time.
    pub(super) async fn seat(self) -> Option<Seat<'a>> {
        let permit = self.seats.free.acquire().await.ok()?;
        Some(Seat { seats: self.seats, permit })
    }
}

impl Seat<'_> {
    /// Gives it back after a proper answer: with one more, where people wait.
    pub(super) fn answered(self) {
        let Self { seats, permit } = self;
        let one_more = |all: usize| (all < MANY).then_some(all + 1);
        if !seats.queue.is_empty()
            && seats.all.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok()
        {
            seats.free.add_permits(1);
        }
        drop(permit);
    }

    /// Gives it back after no answer: for good, if it was one more.
    pub(super) fn not_answered(self) {
        let Self { seats, permit } = self;
        let one_less = |all: usize| (all > FEW).then(|| all - 1);
        if seats.all.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
            permit.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn take(seats: &Seats) -> Option<Seat<'_>> {
        seats.queue()?.seat().now_or_never().flatten()
    }

    #[test]
    fn few_until_it_answers_and_never_more_than_many() {
        let seats = Seats::default();
        let mut taken: Vec<Seat<'_>> = (0..FEW).map(|_| take(&seats).unwrap()).collect();
        assert!(take(&seats).is_none());
        // Nobody waits: an answer gives the seat back and no more.
        taken.pop().unwrap().answered();
        taken.push(take(&seats).unwrap());
        assert!(take(&seats).is_none());
        let somebody = seats.queue().unwrap();
        for _ in 0..5000 {
            taken.pop().unwrap().answered();
            while let Some(seat) = take(&seats) {
                taken.push(seat);
            }
        }
        assert_eq!(taken.len(), MANY);
        drop(somebody);
        taken.drain(..).for_each(Seat::not_answered);
        assert_eq!(seats.free.available_permits(), FEW);
        take(&seats).unwrap().not_answered();
        assert_eq!(seats.free.available_permits(), FEW);
    }

    #[test]
    fn the_queue_has_an_end() {
        let seats = Seats::default();
        let mut queue: Vec<_> = (0..QUEUE).map(|_| seats.queue().unwrap()).collect();
        assert!(seats.queue().is_none());
        queue.pop();
        assert!(seats.queue().is_some());
    }
}
