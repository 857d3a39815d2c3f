//! Whether institutions answer: those that do not, and those that nobody used for a while, are looked at in
//! the background. Each node looks for itself.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use tokio_util::sync::CancellationToken;

use crate::app::{App, Current};
use crate::domain::provider::Provider;

/// How often those are picked who are due.
const EVERY: Duration = Duration::from_secs(5);
/// The most of one round: those who are due for longest.
const ROUND: usize = 64;
/// Looks at once.
const AT_ONCE: usize = 8;

/// Looks at institutions until told to stop, or never where `outbound.probe` is `off`.
pub async fn run(app: impl Into<Current>, stop: CancellationToken) {
    let current: Current = app.into();
    loop {
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = stop.cancelled() => return,
        }
        let app = current.app();
        tokio::select! {
            _ = round(&app) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// One round. Out: how many were looked at.
pub async fn round(app: &App) -> usize {
    let Some(every) = app.config.outbound.probe else { return 0 };
    let now = app.clock.now();
    let mut due: Vec<_> = app
        .config
        .directory
        .iter()
        .filter(|provider| !provider.disabled)
        .filter_map(|provider| Some((app.upstreams.due(&provider.suffix, now, every)?, provider)))
        .filter(|(due, _)| *due <= now)
        .collect();
    due.sort_by_key(|(due, _)| *due);
    due.truncate(ROUND);
    let looks: Vec<_> = due.into_iter().map(|(_, provider)| look(app, Arc::clone(provider))).collect();
    stream::iter(looks).buffer_unordered(AT_ONCE).count().await
}

async fn look(app: &App, provider: Arc<Provider>) {
    // The address that people come back to, without a sign-in under way.
    let callback = app.config.server.public_url.at(&format!("/federate/{}", provider.suffix));
    app.upstreams.look(&provider, &callback, app.clock.now()).await;
}
