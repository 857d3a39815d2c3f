//! What is known of somebody at this moment, where the session itself does not say the last word.

use crate::app::App;
use crate::domain::identity::Source;
use crate::domain::provider::Live;
use crate::domain::session::SsoSession;
use crate::protocol::time::Timestamp;
use crate::store::{StoreError, federated};

/// A session with the attributes that count now: of a local account those that its back-end gives, of a person
/// whose institution says `attributes_live = "latest"` those of their latest sign-in in any browser (one
/// read), of all others its own; and of everybody what further sources say. None of this is stored in the session.
pub(super) async fn refreshed(
    app: &App,
    mut session: SsoSession,
    now: Timestamp,
) -> Result<SsoSession, StoreError> {
    match &session.identity.source {
        Source::Backend(backend) => {
            let last = std::mem::take(&mut session.attributes);
            let name = session.identity.name.as_str();
            session.attributes = app.backends.refreshed(backend, name, last, now).await;
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
