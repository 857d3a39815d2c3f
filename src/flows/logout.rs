//! A session ends (CAS 3.0 §2.3): everything born from it is gone before the answer, and its services are
//! told afterwards, by the outbox.

use std::sync::Arc;

use crate::app::App;
use crate::domain::provider::Provider;
use crate::domain::rules::Destination;
use crate::domain::session::SsoSession;
use crate::store::{ServiceUse, sessions};

use super::{Error, Guest, login};

/// A session that just ended.
#[derive(Clone, Debug)]
pub struct SignedOut {
    /// The session.
    pub session: SsoSession,
    /// The name of its institution; empty for a local account.
    pub source: String,
    /// The institution, if it is still known, and where its own session ends.
    pub upstream: Option<(Arc<Provider>, String)>,
    /// The services of the session, newest first.
    pub services: Vec<ServiceUse>,
}

/// Ends the session of this browser. `None`: nothing was open.
pub async fn sign_out(app: &App, guest: &Guest) -> Result<Option<SignedOut>, Error> {
    let now = app.clock.now();
    let Some(session) = guest.stored_session(app).await? else { return Ok(None) };
    let services = {
        let mut read = app.store.read().await?;
        sessions::services(&mut read, &session.id).await?
    };
    let id = session.id.clone();
    let ended = app
        .store
        .write(move |tx| {
            let id = id.clone();
            Box::pin(async move { sessions::end(tx, &id, now).await })
        })
        .await?;
    app.outbox.notify_one();
    if !ended {
        return Ok(None);
    }
    tracing::info!(
        event = "logout",
        user = session.identity.username().as_str(),
        session = session.id.as_str(),
        "signed out"
    );
    let source = login::source_name(app, &session.identity.source);
    let suffix = session.identity.source.provider();
    let provider = suffix.and_then(|suffix| app.config.directory.find(suffix.as_str())).cloned();
    let upstream = provider.and_then(|p| app.upstreams.sign_out(&p).map(|url| (p, url)));
    Ok(Some(SignedOut { source, upstream, services, session }))
}

/// Where somebody may go after signing out: a registered service, or nowhere.
pub fn way_back(app: &App, service: Option<&str>) -> Option<Destination> {
    app.config.rules.destination(service?).ok().filter(|destination| !destination.rule.disabled)
}
