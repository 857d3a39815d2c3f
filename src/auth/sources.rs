//! `[[attributes]]`: back-ends as further sources, for people who signed in elsewhere.

use std::sync::Arc;

use moka::future::Cache;

use super::chain::Backends;
use super::link::Link;
use super::{Down, Known, Steps};
use crate::config::AttributeSource;
use crate::config::backend::source::LookUpKey;
use crate::domain::identity::{Identity, Source};
use crate::protocol::attributes::{Attributes, Value};
use crate::protocol::time::Timestamp;

/// Room for what is kept of one source, in bytes.
const ROOM: u64 = 32 << 20;
/// Most people of whom something is kept, so that small answers do not become too many.
const PEOPLE: u64 = 10_000;
/// Longest text that somebody is looked up by.
const MAX_KEY: usize = 256;

/// One source, and what it has said lately.
pub(super) struct Lookups {
    source: AttributeSource,
    /// `None`: nothing is kept.
    kept: Option<Cache<String, Arc<Kept>>>,
}

/// An answer, and when it was given.
struct Kept {
    attributes: Attributes,
    at: Timestamp,
}

impl Lookups {
    pub(super) fn new(source: &AttributeSource) -> Self {
        let cache = || {
            Cache::builder()
                .time_to_live(source.keep)
                .max_capacity(ROOM)
                .weigher(|key: &String, kept: &Arc<Kept>| weight(key, kept))
                .build()
        };
        Self { source: source.clone(), kept: (!source.keep.is_zero()).then(cache) }
    }

    /// Whether it is asked for this person. Somebody's own back-end has told everything already.
    fn is_for(&self, who: &Identity) -> bool {
        let AttributeSource { backend, of, key, .. } = &self.source;
        let is_own = matches!(&who.source, Source::Backend(own) if own == backend) && *key == LookUpKey::User;
        let fits = |own: &String| match &who.source {
            Source::Provider(suffix) => suffix.same_as(own),
            Source::Backend(name) => name == own,
        };
        !is_own && (of.is_empty() || of.iter().any(fits))
    }

    /// What this person is looked up by: nothing that no name could hold.
    fn key(&self, who: &Identity, known: &Attributes) -> Option<String> {
        let text = match &self.source.key {
            LookUpKey::User => who.username().as_str().to_owned(),
            LookUpKey::Attribute(name) => known.first_text(name)?.into_owned(),
        };
        let fits = (1..=MAX_KEY).contains(&text.len()) && !text.chars().any(char::is_control);
        fits.then_some(text)
    }

    /// What the source says; everybody who asks for the same person at the same time waits for one question.
    async fn ask(&self, link: &Link, key: String, now: Timestamp) -> Result<Arc<Kept>, Down> {
        let Some(kept) = &self.kept else { return asked(link, &key, now).await };
        let seconds = i64::try_from(self.source.keep.as_secs()).unwrap_or(i64::MAX);
        // Also where the clock was set back.
        let is_old = |one: &Kept| now < one.at || now.seconds() - one.at.seconds() >= seconds;
        if kept.get(&key).await.is_some_and(|one| is_old(&one)) {
            kept.invalidate(&key).await;
        }
        let question = asked(link, &key, now);
        kept.try_get_with_by_ref(&key, question).await.map_err(|down: Arc<Down>| Down::clone(&down))
    }
}

async fn asked(link: &Link, key: &str, now: Timestamp) -> Result<Arc<Kept>, Down> {
    let steps = Steps::untold();
    let question = link.authenticator.attributes(key, &steps);
    let attributes = match link.guard.look_up(&link.name, question, now).await? {
        Known::Now { attributes, .. } => link.shown(attributes),
        Known::AtSignIn | Known::Nobody => Attributes::new(),
    };
    Ok(Arc::new(Kept { attributes, at: now }))
}

/// About how many bytes an answer takes, and never so few that there would be more than [`PEOPLE`].
fn weight(key: &str, kept: &Kept) -> u32 {
    let value = |value: &Value| size_of::<Value>() + value.as_text().len();
    let entry = |(name, values): (&str, &[Value])| name.len() + 48 + values.iter().map(value).sum::<usize>();
    let bytes = key.len() + kept.attributes.iter().map(entry).sum::<usize>();
    u32::try_from(bytes.max(usize::try_from(ROOM / PEOPLE).unwrap_or(usize::MAX))).unwrap_or(u32::MAX)
}

/// Adds what is not there under its name, without regard to case.
fn add(known: &mut Attributes, more: &Attributes) {
    let there: Vec<String> = known.iter().map(|(name, _)| name.to_lowercase()).collect();
    for (name, values) in more.iter().filter(|(name, _)| !there.contains(&name.to_lowercase())) {
        known.set(name, values.to_vec());
    }
}

impl Backends {
    /// What is known of somebody together with what further sources say at this moment. Nothing that is there is
    /// overwritten; a source that does not answer is left out.
    pub async fn supplemented(&self, who: &Identity, mut known: Attributes, now: Timestamp) -> Attributes {
        for lookups in self.lookups().iter().filter(|lookups| lookups.is_for(who)) {
            let Some(link) = self.link(&lookups.source.backend) else { continue };
            let Some(key) = lookups.key(who, &known) else { continue };
            match lookups.ask(link, key, now).await {
                Ok(kept) => add(&mut known, &kept.attributes),
                Err(down) => tracing::debug!(backend = link.name, reason = down.to_string(), "left out"),
            }
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_for_so_many_and_less_of_large_ones() {
        let kept = |bytes: usize| {
            let mut attributes = Attributes::new();
            attributes.push("photo", "x".repeat(bytes));
            Arc::new(Kept { attributes, at: Timestamp::from_seconds(0) })
        };
        assert_eq!(u64::from(weight("ada", &kept(1))), ROOM / PEOPLE);
        assert!(weight("ada", &kept(1 << 20)) >= 1 << 20);
    }
}
