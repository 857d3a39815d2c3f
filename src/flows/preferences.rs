//! Small choices of somebody who is signed in: be asked before services, and end what is open elsewhere.

use crate::app::App;
use crate::domain::rules::Destination;
use crate::domain::service_rule::Warn;
use crate::domain::session::SessionId;
use crate::domain::skip::Skip;
use crate::protocol::params::LoginParams;
use crate::protocol::time::Timestamp;
use crate::store::people;

use super::{Error, Guest, federate};

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

/// Somebody wants to go to this institution without being asked, from now on in this browser. Out: what the
/// browser is to keep, and for how many seconds; `None` where nobody may, on a shared computer, and for an
/// institution that this browser has never come back from.
pub fn skip_page(
    app: &App,
    guest: &Guest,
    asked: &LoginParams,
    suffix: &str,
    now: Timestamp,
) -> Option<(Skip, i64)> {
    let life = app.config.federation.skip_page?;
    let provider = federate::usable(app, suffix, None).ok()?;
    let was_used = guest.device.recent.iter().any(|own| provider.suffix.same_as(own));
    (was_used && !asked.shared).then(|| (Skip::chosen(provider.suffix.clone(), life, now), life))
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
