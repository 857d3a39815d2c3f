//! When the certificates of institutions end: looked at once a day, told when it gets late.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use url::Url;

use crate::domain::identity::Suffix;
use crate::domain::provider::Provider;
use crate::outbound::probe::{self, NotTrusted, Trust};
use crate::protocol::time::Timestamp;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Days before the end at which it is told.
const STEPS: [i64; 5] = [0, 1, 7, 14, 30];
/// Longest handshake.
const LIMIT: Duration = Duration::from_secs(5);

/// What is known of the certificate of one institution.
#[derive(Debug, Default)]
pub(super) struct Papers {
    ends: Option<Timestamp>,
    looked: Option<Timestamp>,
    told: Option<i64>,
}

impl Papers {
    /// When it ends, or ended.
    pub(super) fn ends(&self) -> Option<Timestamp> {
        self.ends
    }

    /// Whether a look is due; if so, it counts as done.
    pub(super) fn is_due(&mut self, now: Timestamp) -> bool {
        let is_due = self.looked.is_none_or(|at| now.seconds().abs_diff(at.seconds()) >= DAY.unsigned_abs());
        if is_due {
            self.looked = Some(now);
        }
        is_due
    }

    /// Notes when it ends. Out: days that are left, if that is worth a line.
    pub(super) fn note(&mut self, ends: Timestamp, now: Timestamp) -> Option<i64> {
        self.ends = Some(ends);
        let left = (ends.seconds() - now.seconds()).div_euclid(DAY);
        let is_over = ends <= now;
        let step = STEPS.into_iter().find(|step| if *step == 0 { is_over } else { left < *step });
        let is_news = step.is_some() && self.told.is_none_or(|told| step < Some(told));
        self.told = step;
        is_news.then_some(left)
    }
}

/// Whom institutions without a file of their own are believed by; made when it is first needed.
#[derive(Debug, Default)]
pub(super) struct SystemTrust(OnceLock<Option<Trust>>);

impl SystemTrust {
    fn get(&self, further: Option<&Path>) -> Option<Trust> {
        self.0.get_or_init(|| Trust::system_and(further).ok()).clone()
    }

    /// When the certificate ends that an institution shows, or ended; `None` where that cannot be said.
    pub(super) async fn look(&self, provider: &Provider, further: Option<&Path>) -> Option<Timestamp> {
        let url = Url::parse(&provider.url).ok().filter(|url| url.scheme() == "https")?;
        if provider.approach.http_proxy.is_some() {
            return None;
        }
        let (host, port) = (url.host_str()?, url.port_or_known_default()?);
        let shown = provider.approach.client_certificate.as_ref();
        let shown = shown.map(|(chain, key)| (chain.as_path(), key.as_path()));
        let trust = match (&provider.approach.ca_file, shown) {
            (None, None) => self.get(further)?,
            (None, shown) => Trust::system_and_showing(further, shown).ok()?,
            (Some(file), shown) => Trust::only_showing(file, shown).ok()?,
        };
        let addresses = probe::addresses(host, port).await.ok()?;
        let (stream, _) = probe::connect(&addresses).await.ok()?;
        match probe::handshake(stream, host, &trust, LIMIT).await {
            Ok(papers) => Some(Timestamp::from_seconds(papers.ends)),
            Err(NotTrusted::Ended(at)) => Some(Timestamp::from_seconds(at)),
            Err(_) => None,
        }
    }
}

/// Writes the line. In: the days that are left; below zero: it is over.
pub(super) fn tell(suffix: &Suffix, ends: Timestamp, left: i64) {
    let (provider, ends) = (suffix.as_str(), ends.iso());
    if left < 0 {
        tracing::warn!(
            event = "provider.certificate",
            provider,
            ends,
            "the certificate of the institution is over"
        );
    } else {
        tracing::warn!(
            event = "provider.certificate",
            provider,
            ends,
            days = left,
            "the certificate of the institution ends soon"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + day * DAY)
    }

    #[test]
    fn it_is_told_a_few_times_and_again_after_a_renewal() {
        let mut papers = Papers::default();
        let told: Vec<i64> = (0..70).filter(|now| papers.note(day(60), day(*now)).is_some()).collect();
        assert_eq!(told, [31, 47, 54, 60], "29, 13, 6 and 0 days before, the last with its end");
        assert_eq!(papers.note(day(160), day(71)), None);
        assert_eq!(papers.ends(), Some(day(160)));
        assert_eq!(papers.note(day(160), day(150)), Some(10));
    }

    #[test]
    fn once_a_day() {
        let mut papers = Papers::default();
        assert!(papers.is_due(day(0)) && !papers.is_due(day(0)) && !papers.is_due(day(1).plus(-1)));
        assert!(papers.is_due(day(1)));
    }
}
