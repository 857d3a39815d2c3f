//! The one-time token of forms (CAS 3.0 §3.5): proved by its signature, and stored when it is used.

use crate::app::App;
use crate::mint::FormRefused;
use crate::protocol::ticket::TicketId;
use crate::protocol::time::Timestamp;
use crate::store::{TicketHash, UseForm};

use super::{Error, Guest};

/// What becomes of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Ours, of this browser, in time, and never used before.
    Taken,
    /// The browser brought no mark of ours back: it keeps no cookies.
    NoCookies,
    /// Too old, used, or not of this browser.
    Expired,
}

/// A token for a form that this guest gets now.
pub fn token(app: &App, guest: &Guest, now: Timestamp) -> TicketId {
    app.mint.login_ticket(&guest.mark, now)
}

/// Uses the token of a form up. One conditional statement decides, so a form posted six times at once is
/// taken once.
pub async fn take(app: &App, guest: &Guest, lt: &str, now: Timestamp) -> Result<Form, Error> {
    if guest.mark_is_new {
        return Ok(Form::NoCookies);
    }
    let life = app.config.lives.login_ticket;
    let ticket = match app.mint.known_form(lt, &guest.mark, now, life) {
        Ok(ticket) => ticket,
        Err(FormRefused::Foreign | FormRefused::Old) => return Ok(Form::Expired),
    };
    let attempt = UseForm { form: TicketHash::of(ticket.expose()), expires: now.plus(life) };
    let first = app.store.use_form(attempt).await?;
    Ok(if first { Form::Taken } else { Form::Expired })
}
