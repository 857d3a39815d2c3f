//! Places in a queue: whoever finds it full is told at once.

use std::sync::atomic::{AtomicUsize, Ordering};

/// A queue of so many places.
#[derive(Debug)]
pub struct Queue {
    waiting: AtomicUsize,
    places: usize,
}

/// A place in it, until it is dropped.
#[derive(Debug)]
pub struct Waiting<'a>(&'a Queue);

impl Queue {
    /// An empty one. In: how many may wait.
    pub const fn new(places: usize) -> Self {
        Self { waiting: AtomicUsize::new(0), places }
    }

    /// A place; `None`: there is none.
    pub fn enter(&self) -> Option<Waiting<'_>> {
        let one_more = |waiting: usize| (waiting < self.places).then_some(waiting + 1);
        self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).ok()?;
        Some(Waiting(self))
    }

    /// Whether nobody waits at this moment.
    pub fn is_empty(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) == 0
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_is_left_is_free() {
        let queue = Queue::new(2);
        let (first, second) = (queue.enter(), queue.enter());
        assert!(first.is_some() && second.is_some() && queue.enter().is_none() && !queue.is_empty());
        drop(first);
        let third = queue.enter();
        assert!(third.is_some() && queue.enter().is_none());
        drop((second, third));
        assert!(queue.is_empty());
    }
}
