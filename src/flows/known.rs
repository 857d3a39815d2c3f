//! What is known of somebody at this moment, where the session itself does not say the last word.

use crate::app::App;
use crate::domain::identity::Source;
use crate::domain::provider::Live;
use crate::domain::session::SsoSession;
use crate::protocol::attributes::Attributes;
use crate::protocol::time::Timestamp;
use crate::store::{StoreError, federated, people};

/// Whether a session counts now: it is not over, and its person is not written as one of an institution that came
/// into the files after a local account of that name had signed in. To services both would be one person.
pub(super) fn counts(app: &App, session: &SsoSession, now: Timestamp) -> bool {
    if session.is_over(&app.config.lives, now) {
        return false;
    }
    let Some(claimed) = app.config.directory.claims(&session.identity) else { return true };
    tracing::info!(
        event = "session.claimed",
        user = session.identity.username().as_str(),
        source = session.identity.source.label(),
        provider = claimed.as_str(),
        session = session.id.as_str(),
        "a local name that is one of an institution now: the session does not count"
    );
    false
}

/// A session with the attributes that count now: of a local account those that its back-end gives, of a person
/// whose institution says `attributes_live = "latest"` those of their latest sign-in in any browser (one
/// read), of all others its own; and of everybody what further sources say, which is never stored.
pub(super) async fn refreshed(
    app: &App,
    mut session: SsoSession,
    now: Timestamp,
) -> Result<SsoSession, StoreError> {
    match &session.identity.source {
        Source::Backend(backend) => {
            let name = session.identity.name.as_str();
            if let Some(read) = app.backends.read_again(backend, name, now).await {
                remember(app, &session, &read).await?;
                session.attributes = read;
            }
        }
        Source::Provider(suffix) => {
            let provider = app.config.directory.of(&session.identity.source);
            if provider.is_some_and(|provider| provider.live == Live::Latest) {
                let mut read = app.store.read().await?;
                if let Some(latest) = federated::latest(&mut read, suffix, &session.identity.name).await? {
                    session.attributes = latest;
                }
            }
        }
    }
    let known = std::mem::take(&mut session.attributes);
    session.attributes = app.backends.supplemented(&session.identity, known, now).await;
    Ok(session)
}

/// Keeps what was read of somebody with all their sessions, where it is news: so whatever was taken away from them
/// stays away while the back-end is silent, in every browser. Accounts of our own are never silent while anybody
/// is known, and those that tell of the latest sign-in would be news each time.
async fn remember(app: &App, session: &SsoSession, read: &Attributes) -> Result<(), StoreError> {
    let who = &session.identity;
    let is_own = app.config.accounts().is_some_and(|(own, _)| own.name == who.source.label());
    // What a sign-in has read is with its own session only.
    let is_news = session.attributes != *read || session.fresh.is_some();
    // Read again, since most of what looks like news is known to the others too.
    if is_own || !is_news || !people::differs(&mut app.store.read().await?, who, read).await? {
        return Ok(());
    }
    let (who, read) = (who.clone(), read.clone());
    let write = app.store.write(move |tx| {
        let (who, read) = (who.clone(), read.clone());
        Box::pin(async move { people::remember(tx, &who, &read).await })
    });
    write.await
}
