//! Telling services that a session ended (CAS 3.0 §2.3.3): empties the outbox, on any node, with a cap,
//! a limit of time and retries. Nobody waits for it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use crate::app::{App, Current};
use crate::protocol::slo::LogoutRequest;
use crate::protocol::time::Timestamp;
use crate::store::{Message, StoreError, outbox};

/// A slow look beside the bell: other nodes ring their own.
const POLL: Duration = Duration::from_secs(5);
/// Beyond the limit of one post, a message that a node took and never gave back is free again.
const LEASE: i64 = 30;

/// Works until told to stop; a round that has begun is finished. What is left stays in the database.
///
/// A round ends early when the configuration changes, and the next one is under the new.
pub async fn run(app: impl Into<Current>, stop: CancellationToken) {
    let mut current: Current = app.into();
    while !stop.is_cancelled() {
        let app = current.seen();
        let enough = stop.child_token();
        let told = {
            let mut round = std::pin::pin!(round(&app, &enough));
            tokio::select! {
                told = &mut round => told,
                () = current.changed() => {
                    enough.cancel();
                    round.await
                }
            }
        };
        let busy = match told {
            Ok(told) => told > 0,
            Err(error) => {
                tracing::error!(error = error.to_string(), "the outbox cannot be read");
                false
            }
        };
        if !busy {
            tokio::select! {
                () = app.outbox.notified() => {}
                () = tokio::time::sleep(POLL) => {}
                () = stop.cancelled() => {}
            }
        }
    }
}

/// Takes what is due, as many as may run at once, and replaces each that ends by the next. A service has a
/// quarter of the places at most, and one that failed just now comes after all others: so that those
/// that hang keep nobody else waiting. What becomes due meanwhile is taken too. Out: how many were tried. After an error
/// nothing more is taken, and what runs is finished.
pub async fn round(app: &App, stop: &CancellationToken) -> Result<usize, StoreError> {
    let parallel = app.config.logout.parallel;
    let mut running = FuturesUnordered::new();
    let (mut busy, mut late) = (Vec::<String>::new(), BTreeSet::new());
    let (mut told, mut failed) = (0, None);
    loop {
        let may_go_on = failed.is_none() && !stop.is_cancelled();
        let free = if may_go_on { parallel.saturating_sub(running.len()) } else { 0 };
        if free > 0 {
            match claim(app, free, (parallel / 4).max(1), &busy, &late).await {
                Ok(taken) => {
                    told += taken.len();
                    busy.extend(taken.iter().map(|message| message.service.clone()));
                    running.extend(taken.into_iter().map(|message| tell(app, message)));
                }
                Err(error) => failed = Some(error),
            }
        }
        tokio::select! {
            biased;
            ended = running.next() => {
                let Some((service, is_told)) = ended else { return failed.map_or(Ok(told), Err) };
                if let Some(place) = busy.iter().position(|name| *name == service) {
                    busy.swap_remove(place);
                }
                if is_told { late.remove(&service) } else { late.insert(service) };
            }
            () = app.outbox.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

async fn claim(
    app: &App,
    limit: usize,
    each: usize,
    busy: &[String],
    late: &BTreeSet<String>,
) -> Result<Vec<Message>, StoreError> {
    // A look costs a read; a write happens only where something is due.
    let now = app.clock.now();
    let due = {
        let mut read = app.store.read().await?;
        outbox::next_due(&mut read).await?.is_some_and(|due| due <= now)
    };
    if !due {
        return Ok(Vec::new());
    }
    let lease = now.plus(seconds(app.config.logout.timeout) + LEASE);
    let [limit, each] = [limit, each].map(|number| u32::try_from(number).unwrap_or(u32::MAX));
    let names: Arc<(Vec<String>, Vec<String>)> = Arc::new((busy.to_vec(), late.iter().cloned().collect()));
    app.store
        .write(move |tx| {
            let names = Arc::clone(&names);
            Box::pin(async move {
                let share = outbox::Share { limit, each, busy: &names.0, late: &names.1 };
                outbox::claim(tx, now, lease, share).await
            })
        })
        .await
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX / 2)
}

/// Out: the name of the service, and whether it took the message.
async fn tell(app: &App, message: Message) -> (String, bool) {
    let service = message.service.clone();
    let outcome = post(app, &message).await;
    let now = app.clock.now();
    match &outcome {
        Ok(status) => {
            tracing::info!(
                event = "slo.sent",
                service = message.service,
                status,
                tries = message.tries + 1,
                "service told"
            );
        }
        Err(reason) => {
            tracing::warn!(
                event = "slo.failed",
                service = message.service,
                reason,
                tries = message.tries + 1,
                "service not told"
            );
        }
    }
    let is_told = outcome.is_ok();
    if let Err(error) = note(app, message, outcome.err(), now).await {
        // The lease runs out and the message is told again: at least once.
        tracing::error!(error = error.to_string(), "an answer to a log-out message could not be noted");
    }
    (service, is_told)
}

/// Posts one message. Redirects are not followed; one that comes instead of an answer still says that
/// the service took the message, as do several well-known clients.
async fn post(app: &App, message: &Message) -> Result<u16, String> {
    let request = LogoutRequest {
        id: message.id.clone(),
        issue_instant: message.created_at,
        name_id: message.name_id.clone(),
        session_indexes: vec![message.session_index.clone()],
    };
    let sent = app
        .http
        .post(&message.url)
        .timeout(app.config.logout.timeout)
        .form(&[("logoutRequest", request.to_xml())])
        .send()
        .await;
    match sent {
        Ok(answer) if answer.status().is_success() || answer.status().is_redirection() => {
            Ok(answer.status().as_u16())
        }
        Ok(answer) => Err(format!("status {}", answer.status().as_u16())),
        Err(error) if error.is_timeout() => Err("no answer in time".to_owned()),
        Err(_) => Err("no connection".to_owned()),
    }
}

/// A wait, and up to a tenth more: what failed together comes back apart. In seconds.
fn jittered(app: &App, wait: Duration) -> i64 {
    let wait = seconds(wait);
    let most = u32::try_from(wait.saturating_add(9) / 10).unwrap_or(u32::MAX);
    wait.saturating_add(i64::from(app.mint.delay(most)))
}

async fn note(app: &App, message: Message, failed: Option<String>, now: Timestamp) -> Result<(), StoreError> {
    let tries = usize::try_from(message.tries).unwrap_or(usize::MAX);
    let wait = app.config.logout.retry.get(tries).map(|&wait| jittered(app, wait));
    let message = Arc::new((message.id, failed));
    app.store
        .write(move |tx| {
            let message = Arc::clone(&message);
            Box::pin(async move {
                match (&message.1, wait) {
                    (None, _) => outbox::delivered(tx, &message.0, now).await,
                    (Some(answer), Some(wait)) => outbox::again(tx, &message.0, now.plus(wait), answer).await,
                    (Some(answer), None) => outbox::give_up(tx, &message.0, answer).await,
                }
            })
        })
        .await
}
