//! Departures for institutions that nobody presses a button for: to the one that somebody chose for good, to
//! one that is asked in silence, and when it is enough of that.

use std::sync::Arc;

use crate::app::App;
use crate::domain::code::Code;
use crate::domain::provider::Provider;
use crate::domain::rules::Destination;
use crate::domain::skip::{AFTER_SIGN_OUT, Skip};
use crate::domain::trips::Trips;
use crate::protocol::params::LoginParams;
use crate::protocol::time::Timestamp;

use super::federate::usable;
use super::{About, Guest, Refused};

/// The choice of this browser to skip the selection page, as long as it holds. Out: it, and for how many
/// seconds.
pub fn kept_skip(app: &App, guest: &Guest, now: Timestamp) -> Option<(Skip, i64)> {
    let skip = guest.device.skip.clone()?;
    let left = skip.left(app.config.federation.skip_page, now)?;
    Some((skip, left))
}

/// The institution for which this browser skips the selection page, if nothing speaks against that now: the
/// last attempt, a sign-out, the institution, the service, a shared computer.
pub fn skipped_to(
    app: &App,
    guest: &Guest,
    asked: &LoginParams,
    destination: Option<&Destination>,
    now: Timestamp,
) -> Option<Arc<Provider>> {
    let (skip, _) = kept_skip(app, guest, now)?;
    if asked.shared || !skip.leads(asked.renew, now) {
        return None;
    }
    answering(app, skip.suffix.as_str(), destination)
}

/// The institution that may be asked in silence whether somebody is signed in there: the remembered one, if it
/// lets that be done. Not after a sign-out in this browser, which that would undo at once.
pub fn passive(
    app: &App,
    guest: &Guest,
    asked: &LoginParams,
    destination: &Destination,
    now: Timestamp,
) -> Option<Arc<Provider>> {
    let device = &guest.device;
    let left = device.signed_out_at.is_some_and(|at| now < at.plus(AFTER_SIGN_OUT));
    if asked.shared || left {
        return None;
    }
    let suffix = match kept_skip(app, guest, now) {
        // What speaks against going there speaks against asking there.
        Some((skip, _)) if !skip.leads(false, now) => return None,
        Some((skip, _)) => skip.suffix.as_str().to_owned(),
        None => device.recent.first()?.clone(),
    };
    answering(app, &suffix, Some(destination)).filter(|own| own.passive && !own.approach.renew)
}

fn answering(app: &App, suffix: &str, destination: Option<&Destination>) -> Option<Arc<Provider>> {
    let provider = usable(app, suffix, destination).ok()?;
    app.upstreams.silent_since(&provider.suffix).is_none().then_some(provider)
}

/// Counts a departure that nobody pressed a button for. Errors when it would go round in circles: with a page
/// whose only way on is chosen by hand.
pub fn count(
    guest: &Guest,
    provider: &Arc<Provider>,
    asked: &LoginParams,
    destination: Option<&Destination>,
    now: Timestamp,
) -> Result<Trips, Refused> {
    one_more(guest, provider, destination, now).ok_or_else(|| {
        let (destination, retry) = (destination.cloned(), Some(asked.clone()));
        let about = About { destination, retry, ..About::of(provider) };
        Refused::new(Code::UpstreamLoop, "too many departures without a sign-in").about(about)
    })
}

/// Counts a departure like [`count`]; `None`: it would be one too many.
///
/// The same is: to this institution, for this address without what changes at every turn. The address that
/// another gateway comes back to has a new number in its query each time.
pub fn one_more(
    guest: &Guest,
    provider: &Provider,
    destination: Option<&Destination>,
    now: Timestamp,
) -> Option<Trips> {
    let place = destination.map(|destination| {
        let path = destination.url.path();
        format!("{}{}", destination.url.origin(), path.split(';').next().unwrap_or(path))
    });
    let thing = format!("{} {}", provider.suffix, place.unwrap_or_default());
    guest.device.trips.one_more(&thing, now)
}
