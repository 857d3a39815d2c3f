//! Institutions that are looked at, beside those that people meet: their state, and how it is found out.

use super::{Begun, Upstreams, papers};
use crate::client::Question;
use crate::domain::identity::Suffix;
use crate::domain::provider::Provider;
use crate::protocol::time::Timestamp;

/// A ticket that nobody ever issues: to refuse it is an answer, and costs a server next to nothing.
const NO_TICKET: &str = "ST-0-passerelle-asks-whether-you-answer";

impl Upstreams {
    /// Since when an institution has answered nobody, if that is a minute or more; `None`: it answers, or
    /// nobody has asked.
    pub fn silent_since(&self, suffix: &Suffix) -> Option<Timestamp> {
        self.known.of(suffix)?.silent_since()
    }

    /// When the certificate of an institution ends, or ended; `None`: nobody has looked, or it has none.
    pub fn certificate_ends(&self, suffix: &Suffix) -> Option<Timestamp> {
        self.known.of(suffix)?.papers(|papers| papers.ends())
    }

    /// When a look at an institution is due. In: now, seconds between two looks at one that is well.
    pub fn due(&self, suffix: &Suffix, now: Timestamp, every: i64) -> Option<Timestamp> {
        Some(self.known.of(suffix)?.due(now, every))
    }

    /// Looks at an institution: asks it about a ticket that is none, as if somebody had come back to
    /// `callback`; once a day also at its certificate. What it finds is known by [`Self::silent_since`] and
    /// [`Self::certificate_ends`].
    pub async fn look(&self, provider: &Provider, callback: &str, now: Timestamp) {
        let Some(health) = self.known.of(&provider.suffix) else { return };
        health.looks(now);
        let begun = Begun { suffix: &provider.suffix, url: &provider.url, protocol: provider.protocol };
        if let Err(trouble) = self.redeem(begun, Question::new(NO_TICKET, callback), now).await {
            tracing::debug!(
                provider = provider.suffix.as_str(),
                code = trouble.code.as_str(),
                reason = trouble.reason,
                "looked at the institution"
            );
        }
        if health.papers(|papers| papers.is_due(now)) {
            let ends = self.known.trust.look(provider, self.known.further.as_deref()).await;
            let left = ends.and_then(|ends| health.papers(|papers| papers.note(ends, now)));
            if let (Some(ends), Some(left)) = (ends, left) {
                papers::tell(&provider.suffix, ends, left);
            }
        }
    }
}
