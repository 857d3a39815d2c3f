//! Who knocks: what a browser brings with every request, read once at the door.

use crate::app::App;
use crate::domain::session::SsoSession;
use crate::mint::BrowserMark;
use crate::protocol::ticket::TicketId;
use crate::protocol::time::Timestamp;
use crate::store::TicketHash;

use super::Error;

/// A browser at the door.
#[derive(Clone, Debug)]
pub struct Guest {
    /// The session cookie, if it could be one of ours.
    pub cookie: Option<TicketId>,
    /// The browser mark: the one it brought, or a new one.
    pub mark: BrowserMark,
    /// The mark is new: the browser did not bring one of ours.
    pub mark_is_new: bool,
    /// Its person wants to be asked before each service: the wish of an earlier sign-in.
    pub warn: bool,
    /// The address it comes from.
    pub ip: String,
    /// What it calls itself, shortened.
    pub browser: String,
}

impl Guest {
    /// The session of this browser, if it still lives.
    pub async fn session(&self, app: &App, now: Timestamp) -> Result<Option<SsoSession>, Error> {
        let session = self.stored_session(app).await?;
        Ok(session.filter(|session| !session.is_over(&app.config.lives, now)))
    }

    /// The session of this browser as it stands in the database, over or not.
    pub async fn stored_session(&self, app: &App) -> Result<Option<SsoSession>, Error> {
        let Some(cookie) = &self.cookie else { return Ok(None) };
        Ok(app.store.session(&TicketHash::of(cookie.expose())).await?)
    }
}
