//! Which server is asked next.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

/// For so long, a server that failed is asked after all others: one that hangs must not cost every sign-in a
/// wait.
const AVOIDED: Duration = Duration::from_secs(30);

/// The servers of a directory, in the order of the configuration.
pub struct Servers {
    urls: Vec<Url>,
    /// When each failed last, while it has not answered since.
    failed: Mutex<Vec<Option<Instant>>>,
}

impl Servers {
    /// In: one at least.
    pub fn new(urls: &[Url]) -> Self {
        Self { urls: urls.to_vec(), failed: Mutex::new(vec![None; urls.len()]) }
    }

    /// The addresses, each with its number.
    pub fn all(&self) -> impl Iterator<Item = (usize, &Url)> {
        self.urls.iter().enumerate()
    }

    /// An address, by its number.
    pub fn url(&self, server: usize) -> Option<&Url> {
        self.urls.get(server)
    }

    /// An address as text.
    pub fn name(&self, server: usize) -> &str {
        self.url(server).map_or("", Url::as_str)
    }

    /// The one to ask: the first that did not fail of late; where all did, the one whose failure is the oldest.
    /// In: one that is better than others, as long as it answers.
    pub fn next(&self, better: Option<usize>, now: Instant) -> usize {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = |server: usize| {
            failed.get(server).copied().flatten().filter(|at| now.saturating_duration_since(*at) < AVOIDED)
        };
        let well = better.into_iter().chain(0..self.urls.len()).find(|server| lately(*server).is_none());
        well.or_else(|| (0..self.urls.len()).min_by_key(|server| lately(*server))).unwrap_or(0)
    }

    /// It failed.
    pub fn failed(&self, server: usize, now: Instant) {
        self.note(server, Some(now));
    }

    /// It answered.
    pub fn answered(&self, server: usize) {
        self.note(server, None);
    }

    fn note(&self, server: usize, at: Option<Instant>) {
        if let Some(place) = self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_mut(server) {
            *place = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_failed_is_asked_last_for_a_while() {
        let url = |host: &str| Url::parse(&format!("ldap://{host}.example")).unwrap();
        let servers = Servers::new(&[url("a"), url("b"), url("c")]);
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        assert_eq!((servers.next(None, at(0)), servers.next(Some(2), at(0))), (0, 2));
        servers.failed(0, at(0));
        assert_eq!((servers.next(None, at(1)), servers.next(Some(0), at(1))), (1, 1));
        servers.failed(1, at(2));
        servers.failed(2, at(3));
        assert_eq!(servers.next(Some(2), at(4)), 0, "the oldest failure");
        servers.failed(0, at(5));
        assert_eq!(servers.next(None, at(6)), 1);
        assert_eq!(servers.next(None, at(36)), 0, "forgotten");
        servers.answered(1);
        assert_eq!(servers.next(None, at(6)), 1);
    }
}
