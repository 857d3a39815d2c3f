//! An institution says that sessions ended there (CAS 3.0 §2.3.3): ours that stand on them end too.
//!
//! Nobody signs such a message: the only secret in it is the ticket that this institution gave us. So it ends
//! what this institution began, and everything else in it is ignored.

use std::sync::Arc;

use crate::app::App;
use crate::domain::identity::Suffix;
use crate::protocol::slo::session_indexes;
use crate::protocol::time::Timestamp;
use crate::store::{StoreError, TicketHash, Tx, federated, handoffs, sessions};

use super::Error;

/// Ends the sessions that an institution opened with the tickets of a message; their services will be told.
///
/// In: the suffix of the path, the text of `logoutRequest`. Whatever the message is worth, its sender hears
/// nothing of it. An institution that was taken out of the files is still heard: sessions outlive its entry.
/// Errors: faults of the database.
pub async fn hear(app: &App, suffix: &str, message: &str) -> Result<(), Error> {
    let Some(suffix) = speaker(app, suffix) else { return Ok(()) };
    let suffix = &suffix;
    let tickets: Arc<[TicketHash]> = match session_indexes(message) {
        Ok(tickets) => tickets.iter().map(|ticket| TicketHash::of(ticket)).collect(),
        Err(error) => {
            let reason = error.to_string();
            tracing::debug!(
                event = "slo.malformed",
                provider = suffix.as_str(),
                reason,
                "no log-out message"
            );
            return Ok(());
        }
    };
    let ended = match is_known(app, suffix, &tickets).await? {
        true => end(app, suffix.clone(), Arc::clone(&tickets), app.clock.now()).await?,
        false => 0,
    };
    if ended == 0 {
        // Anybody can name any ticket, and the session may have ended here first: no line at the usual level.
        tracing::debug!(
            event = "slo.received",
            provider = suffix.as_str(),
            sessions = 0,
            "nobody to sign out"
        );
        return Ok(());
    }
    app.outbox.notify_one();
    tracing::info!(
        event = "slo.received",
        provider = suffix.as_str(),
        tickets = tickets.len(),
        sessions = ended,
        "signed out at the institution"
    );
    Ok(())
}

/// Who speaks: an institution, or what may have been one. `None`: nobody that is listened to.
fn speaker(app: &App, suffix: &str) -> Option<Suffix> {
    match app.config.directory.find(suffix) {
        Some(provider) if provider.single_log_out => Some(provider.suffix.clone()),
        Some(_) => {
            tracing::debug!(event = "slo.received", provider = suffix, "log-outs are not listened to");
            None
        }
        None => {
            let gone = Suffix::parse(suffix).ok();
            if gone.is_none() {
                tracing::debug!(event = "slo.received", "no institution has such a suffix");
            }
            gone
        }
    }
}

async fn is_known(app: &App, provider: &Suffix, tickets: &[TicketHash]) -> Result<bool, StoreError> {
    federated::is_known(&mut app.store.read().await?, provider, tickets).await
}

/// Out: how many sessions ended.
async fn end(
    app: &App,
    provider: Suffix,
    tickets: Arc<[TicketHash]>,
    now: Timestamp,
) -> Result<usize, StoreError> {
    app.store
        .write(move |tx| {
            let (provider, tickets) = (provider.clone(), Arc::clone(&tickets));
            Box::pin(async move { end_all(tx, &provider, &tickets, now).await })
        })
        .await
}

/// First whoever is on the way in, then who is in: somebody who is between both is met in one of them.
async fn end_all(
    tx: &mut Tx,
    provider: &Suffix,
    tickets: &[TicketHash],
    now: Timestamp,
) -> Result<usize, StoreError> {
    handoffs::note_end(tx, provider, tickets).await?;
    let mut ended = 0;
    for id in federated::standing_on(tx, provider, tickets).await? {
        ended += usize::from(sessions::end(tx, &id, now).await?);
    }
    Ok(ended)
}
