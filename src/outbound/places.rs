//! Room for calls to addresses that services chose: one that hangs keeps a share of it and no more.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls at once, in all and to each service.
pub struct Places {
    all: Arc<Semaphore>,
    each: usize,
    shares: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// A place. Given back when dropped.
#[derive(Debug)]
pub struct Place {
    _of_all: OwnedSemaphorePermit,
    _of_share: OwnedSemaphorePermit,
}

impl Places {
    /// In: calls at once in all, and to each service.
    pub fn new(all: usize, each: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), each, shares: Mutex::default() }
    }

    /// Waits for a place. The caller has a limit of time. In: the name of a registered service, so that
    /// there are no more shares than services.
    pub async fn take(&self, service: &str) -> Option<Place> {
        // First that of the service: whoever waits for it holds nothing that others wait for.
        let of_share = self.share(service).acquire_owned().await.ok()?;
        let of_all = Arc::clone(&self.all).acquire_owned().await.ok()?;
        Some(Place { _of_all: of_all, _of_share: of_share })
    }

    fn share(&self, service: &str) -> Arc<Semaphore> {
        let mut shares = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = shares.get(service) {
            return Arc::clone(share);
        }
        let share = Arc::new(Semaphore::new(self.each));
        shares.insert(service.to_owned(), Arc::clone(&share));
        share
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Places")
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn now(places: &Places, service: &str) -> Option<Place> {
        places.take(service).now_or_never().flatten()
    }

    #[test]
    fn a_service_that_hangs_keeps_its_share_and_no_more() {
        let places = Places::new(3, 2);
        let (first, _second) = (now(&places, "sick").unwrap(), now(&places, "sick").unwrap());
        assert!(now(&places, "sick").is_none());
        let _other = now(&places, "well").unwrap();
        assert!(now(&places, "well").is_none(), "no place is left in all");
        drop(first);
        assert!(now(&places, "well").is_some());
    }
}
