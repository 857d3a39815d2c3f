//! What is known of all institutions together. It outlives a change of the files.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::client::ValidateError;
use crate::domain::choice::Directory;
use crate::domain::identity::Suffix;
use crate::protocol::time::Timestamp;

use super::health::{Health, crowded};
use super::papers::SystemTrust;
use super::{Begun, Trouble};

/// Validations that are under way or wait for a seat, at all institutions together: half of the connections
/// that we take, so that services can validate their tickets whatever hangs. New sign-ins are refused first.
const UNDER_WAY: usize = 4096;

/// What is known of each institution, and what they share.
#[derive(Debug)]
pub(super) struct Known {
    each: HashMap<Suffix, Arc<Health>>,
    under_way: Arc<Semaphore>,
    /// Authorities beside the system's.
    pub(super) further: Option<PathBuf>,
    pub(super) trust: SystemTrust,
}

impl Known {
    /// Nothing is known yet. In: the institutions, authorities beside the system's.
    pub(super) fn new(directory: &Directory, further: Option<&Path>) -> Self {
        let each = directory.iter().map(|provider| {
            (provider.suffix.clone(), Arc::new(Health::new(&provider.suffix, &provider.url)))
        });
        Self {
            each: each.collect(),
            under_way: Arc::new(Semaphore::new(UNDER_WAY)),
            further: further.map(Path::to_owned),
            trust: SystemTrust::default(),
        }
    }

    /// Takes over what an earlier one learned, of each institution that is still at the same address: its
    /// state, and the seats that are taken there.
    pub(super) fn inherit(&mut self, previous: &Self) {
        self.under_way = Arc::clone(&previous.under_way);
        for (suffix, health) in &mut self.each {
            if let Some(before) = previous.each.get(suffix).filter(|before| health.is_at_address_of(before)) {
                *health = Arc::clone(before);
            }
        }
    }

    /// One institution.
    pub(super) fn of(&self, suffix: &Suffix) -> Option<&Health> {
        self.each.get(suffix).map(Arc::as_ref)
    }

    /// Asks an institution a question, within every limit: see [`Health::ask`].
    pub(super) async fn ask<T>(
        &self,
        begun: Begun<'_>,
        now: Timestamp,
        limit: Duration,
        question: impl Future<Output = Result<T, ValidateError>>,
    ) -> Result<T, Trouble> {
        let seat = self.under_way.try_acquire();
        let _seat = seat.map_err(|_| crowded("too many sign-ins are under way at all institutions"))?;
        let health = self.of(begun.suffix).ok_or_else(Trouble::gone)?;
        health.ask(begun.url, now, limit, question).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::provider::{CasVersion, Provider};

    #[tokio::test]
    async fn when_all_places_are_taken_nobody_waits() {
        let suffix = Suffix::parse("north.example").unwrap();
        let url = "https://cas.north.example";
        let known = Known::new(&Directory::new([Provider::new(suffix.clone(), "North", url)]), None);
        let ask = || {
            let begun = Begun { suffix: &suffix, url, protocol: CasVersion::V3 };
            known.ask(begun, Timestamp::from_seconds(0), Duration::from_secs(5), async { Ok(()) })
        };
        let all = known.under_way.acquire_many(u32::try_from(UNDER_WAY).unwrap()).await.unwrap();
        assert!(ask().await.unwrap_err().reason.starts_with("too many"));
        drop(all);
        ask().await.unwrap();
    }
}
