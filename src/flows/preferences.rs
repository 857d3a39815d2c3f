//! Small choices of somebody who is signed in: be asked before services, and end what is open elsewhere.

use crate::app::App;
use crate::domain::rules::Destination;
use crate::domain::service_rule::Warn;
use crate::domain::session::SessionId;
use crate::store::people;

use super::{Error, Guest};

/// Longest number of a session that anybody is asked about.
const MAX_ID: usize = 64;

/// Whether the person wants to be asked before each service, from now on in this session. Nothing happens
/// where nobody is signed in.
pub async fn set_warn(app: &App, guest: &Guest, warn: bool) -> Result<(), Error> {
    let Some(session) = guest.session(app, app.clock.now()).await? else { return Ok(()) };
    app.store
        .write(move |tx| {
            let id = session.id.clone();
            Box::pin(async move { people::set_warn(tx, &id, warn).await })
        })
        .await?;
    Ok(())
}

/// The person does not want to be asked about this service again. A service whose entry asks each time goes
/// on asking.
pub async fn do_not_ask(app: &App, guest: &Guest, destination: &Destination) -> Result<(), Error> {
    if destination.rule.warn == Warn::Always {
        return Ok(());
    }
    let Some(session) = guest.session(app, app.clock.now()).await? else { return Ok(()) };
    let rule = destination.rule.name.clone();
    app.store
        .write(move |tx| {
            let (id, rule) = (session.id.clone(), rule.clone());
            Box::pin(async move { people::do_not_ask(tx, &id, &rule).await })
        })
        .await?;
    Ok(())
}

/// Ends another session of the person who is signed in here; its services will be told. Out: whether there
/// was one of that number, and of this person.
pub async fn end_device(app: &App, guest: &Guest, id: &str) -> Result<bool, Error> {
    let now = app.clock.now();
    let Some(own) = guest.session(app, now).await? else { return Ok(false) };
    // Our numbers are plain text; a database may not even take others.
    let is_number = id.len() <= MAX_ID && id.bytes().all(|b| b.is_ascii_graphic());
    if !is_number || id == own.id.as_str() {
        return Ok(false);
    }
    let (id, who) = (SessionId(id.to_owned()), own.identity.clone());
    let named = id.clone();
    let ended = app
        .store
        .write(move |tx| {
            let (id, who) = (id.clone(), who.clone());
            Box::pin(async move { people::end_of(tx, &id, &who, now).await })
        })
        .await?;
    if ended {
        app.outbox.notify_one();
        tracing::info!(
            event = "session.ended",
            user = own.identity.username().as_str(),
            session = named.as_str(),
            by = own.id.as_str(),
            "ended from another device"
        );
    }
    Ok(ended)
}
