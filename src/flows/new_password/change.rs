//! Another password is written, and what it ends.

use secrecy::SecretString;

use crate::app::App;
use crate::auth::Authenticated;
use crate::domain::identity::Identity;
use crate::domain::session::SsoSession;
use crate::protocol::params::LoginParams;
use crate::protocol::time::Timestamp;
use crate::store::Farewell;
use crate::store::accounts::{self, Account};
use crate::store::sessions;

use super::super::open::{Opened, try_open};
use super::super::password::sign_in_of;
use super::super::{Error, Guest};

/// What will be written.
pub(super) struct Change {
    pub identity: Identity,
    /// The session of this browser, which goes on under a new cookie.
    pub session: Option<SsoSession>,
    pub was: Account,
    pub new: SecretString,
    pub now: Timestamp,
}

impl Change {
    /// Out: `None`, and nothing is written, where the account was switched off or has another password by now.
    pub(super) async fn carry_out(
        self,
        app: &App,
        guest: &Guest,
        asked: &LoginParams,
    ) -> Result<Option<Opened>, Error> {
        let Self { identity, session, was, new, now } = self;
        let own = session.as_ref().map(|own| own.id.clone());
        let (who, before, kept) = (identity.clone(), was.clone(), own);
        let ends = app.store.write(move |tx| {
            let (who, was, new, own) = (who.clone(), before.clone(), new.clone(), kept.clone());
            Box::pin(async move {
                if !accounts::choose(tx, &was, &new, now).await? {
                    return Ok(None);
                }
                sessions::end_of_person(tx, &who, own.as_ref(), now, Farewell::Told).await.map(Some)
            })
        });
        let Some(ends) = ends.await? else { return Ok(None) };
        if ends.messages > 0 {
            app.outbox.notify_one();
        }
        tracing::info!(
            event = "password.changed",
            user = identity.username().as_str(),
            source = identity.source.label(),
            sessions = ends.sessions,
            ip = guest.ip,
            "somebody chose another password"
        );
        let warn = asked.warn || guest.warn || session.is_some_and(|own| own.warn);
        let attributes =
            app.backends.refreshed(identity.source.label(), was.name.as_str(), was.attributes.clone(), now);
        let person = Authenticated {
            attributes: attributes.await,
            identity,
            password_at: Some(was.next_password(now)),
        };
        try_open(app, guest, sign_in_of(app, asked, person, warn, now), now).await
    }
}
