//! Who knocks: what a browser brings with every request, read once at the door.

use crate::app::App;
use crate::domain::session::SsoSession;
use crate::domain::skip::Skip;
use crate::domain::trips::Trips;
use crate::mint::BrowserMark;
use crate::protocol::params::LoginParams;
use crate::protocol::ticket::TicketId;
use crate::protocol::time::Timestamp;
use crate::store::TicketHash;

use super::Error;
use super::known::counts;

/// What a device keeps of earlier sign-ins: data that is looked at, never a place to go.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// Suffixes of institutions used before, newest first.
    pub recent: Vec<String>,
    /// The institution for which the selection page is skipped.
    pub skip: Option<Skip>,
    /// Departures that nobody pressed a button for.
    pub trips: Trips,
    /// When somebody signed out here, if that was a short while ago.
    pub signed_out_at: Option<Timestamp>,
}

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
    /// What it remembers of institutions.
    pub device: Device,
    /// It says that a page of ours sent it here.
    pub from_us: bool,
    /// It says that a page of another site sent it here; old browsers, and all over plain http, say nothing.
    pub from_elsewhere: bool,
    /// The address it comes from.
    pub ip: String,
    /// What it calls itself, shortened.
    pub browser: String,
}

impl Guest {
    /// The parameters as they count on the way to an institution: to stay signed in is a wish that people have
    /// on a page of ours. There is no box, so the link of another site would decide that for them.
    pub fn wishes(&self, asked: &LoginParams) -> LoginParams {
        LoginParams { remember_me: asked.remember_me && !self.from_elsewhere, ..asked.clone() }
    }

    /// The session of this browser, if it still lives and counts.
    pub async fn session(&self, app: &App, now: Timestamp) -> Result<Option<SsoSession>, Error> {
        let session = self.stored_session(app).await?;
        Ok(session.filter(|session| counts(app, session, now)))
    }

    /// The session of this browser as it stands in the database, whether it counts or not.
    pub async fn stored_session(&self, app: &App) -> Result<Option<SsoSession>, Error> {
        let Some(cookie) = &self.cookie else { return Ok(None) };
        Ok(app.store.session(&TicketHash::of(cookie.expose())).await?)
    }
}
