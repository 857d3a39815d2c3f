//! `/proxy` for a service of an institution: the institution gives the ticket, by the proxy-granting ticket that
//! it gave us for the person of the session.

use std::sync::Arc;

use crate::app::App;
use crate::domain::provider::Provider;
use crate::domain::proxying::may_ask_elsewhere;
use crate::domain::session::SsoSession;
use crate::protocol::refusal::{ErrorCode, Refusal};
use crate::protocol::service::ServiceUrl;
use crate::protocol::ticket::TicketId;
use crate::protocol::time::Timestamp;
use crate::store::{Grant, StoreError, upstream_grants};
use crate::upstream::Withheld;

use super::proxy::refused;
use super::{NotGiven, login};

/// The institution of a session, if the target is a service there by its entry (`proxy_to`).
pub fn institution(app: &App, session: &SsoSession, target: &str) -> Option<Arc<Provider>> {
    let provider = app.config.directory.of(&session.identity.source)?;
    let url = ServiceUrl::parse(target).ok()?;
    let is_there = provider.grants() && provider.proxy_to.iter().any(|pattern| pattern.matches(&url));
    is_there.then(|| Arc::clone(provider))
}

/// A proxy ticket of the institution. It is asked with no connection of ours open. Errors:
/// `UNAUTHORIZED_SERVICE` where the holder may not ask or the institution does not let us,
/// `UNAUTHORIZED_USER` where it gave nothing for this person or does not know it any more, `INTERNAL_ERROR`
/// where it cannot be asked; faults of the database.
pub async fn ticket(
    app: &App,
    (grant, session): (&Grant, &SsoSession),
    provider: &Provider,
    target: &str,
    now: Timestamp,
) -> Result<TicketId, NotGiven> {
    let no = |code, detail: &str| NotGiven::from(refused(app, grant, session, Refusal::new(code, detail)));
    // Rights are those of now, not those of when the ticket was handed over.
    if !app.config.rules.named(&grant.rule).is_some_and(|holder| may_ask_elsewhere(holder, now)) {
        return Err(no(ErrorCode::UnauthorizedService, "no proxy tickets of institutions for this service"));
    }
    if provider.disabled {
        return Err(no(ErrorCode::UnauthorizedService, "the institution is switched off"));
    }
    let Some(pgt) = of_session(app, session, provider).await? else {
        let detail = "the institution gave no proxy-granting ticket for this person";
        return Err(no(ErrorCode::UnauthorizedUser, detail));
    };
    login::touch(app, session, now).await?;
    let answer = app.upstreams.proxy_ticket(provider, (&pgt, target), now).await;
    let withheld = |reason: &str| {
        tracing::info!(
            event = "proxy.withheld",
            provider = provider.suffix.as_str(),
            session = session.id.as_str(),
            reason,
            "the institution gave no proxy ticket"
        );
    };
    let answer = answer.map_err(|(kind, reason)| {
        withheld(&reason);
        match kind {
            Withheld::Target => {
                no(ErrorCode::UnauthorizedService, "the institution gives us no tickets for this target")
            }
            Withheld::Person => {
                no(ErrorCode::UnauthorizedUser, "the institution gives no tickets for this person any more")
            }
            Withheld::Unknown => no(ErrorCode::InternalError, "the institution could not be asked"),
        }
    })?;
    let ticket = TicketId::parse_foreign(&answer).map_err(|_| {
        withheld("the answer names a ticket that cannot be one: empty, too long, or of other characters");
        no(ErrorCode::InternalError, "the institution gave no ticket that could be one")
    })?;
    tracing::info!(
        event = "ticket.passed_on",
        user = session.identity.username().as_str(),
        provider = provider.suffix.as_str(),
        holder = grant.rule,
        session = session.id.as_str(),
        "proxy ticket of the institution passed on"
    );
    Ok(ticket)
}

/// The proxy-granting ticket itself; `None` also where the key has changed since.
async fn of_session(
    app: &App,
    session: &SsoSession,
    provider: &Provider,
) -> Result<Option<String>, StoreError> {
    let mut read = app.store.read().await?;
    let sealed = upstream_grants::of_session(&mut read, &session.id, &provider.suffix).await?;
    Ok(sealed.and_then(|sealed| app.mint.unseal(provider.suffix.as_str(), &sealed)))
}
