//! `/proxy` (CAS 3.0 §2.7): a service that holds a proxy-granting ticket gets a ticket for another service,
//! in the name of the person whose session it was born from.

use crate::app::App;
use crate::domain::issued::{IssuedTicket, unknown};
use crate::domain::proxying::may_ask_for;
use crate::domain::rules::Target;
use crate::domain::session::SsoSession;
use crate::protocol::params::ProxyParams;
use crate::protocol::refusal::{ErrorCode, Refusal};
use crate::protocol::ticket::{TicketId, TicketKind};
use crate::protocol::time::Timestamp;
use crate::store::{Grant, NewTicket, TicketHash, grants, sessions};

use super::known::{counts, refreshed};
use super::pgt_callback::with_reference;
use super::{Fault, NotGiven, issue, login, proxy_elsewhere};

/// A proxy ticket for `asked.target`, of ours or of the institution that the target belongs to. Using a proxy-granting ticket does not use it up, and is a use of the
/// session. Errors: `INVALID_TICKET`, `UNAUTHORIZED_SERVICE`, `UNAUTHORIZED_USER`, faults of the database.
pub async fn proxy(app: &App, asked: &ProxyParams) -> Result<TicketId, NotGiven> {
    let now = app.clock.now();
    let Some((pgt, grant, session)) = held(app, &asked.pgt, now).await? else {
        // Anybody can ask about any text: no line at the usual level.
        tracing::debug!(event = "proxy.refused", "unknown proxy-granting ticket");
        return Err(unknown(&asked.pgt).into());
    };
    if let Some(provider) = proxy_elsewhere::institution(app, &session, &asked.target) {
        return proxy_elsewhere::ticket(app, (&grant, &session), &provider, &asked.target, now).await;
    }
    let refused = |refusal| refused(app, &grant, &session, refusal);
    let target = target(app, &grant, &asked.target, now).map_err(refused)?;
    let session = refreshed(app, session.clone(), now).await?;
    let released = login::entry(app, &target.rule, &session, now).map_err(|denied| {
        let detail = format!("this person may not enter the target ({})", denied.code().as_str());
        refused(Refusal::new(ErrorCode::UnauthorizedUser, detail))
    })?;
    if target.rule.wants_newer_login(session.authenticated_at, now) {
        let detail = "the credentials of this person are too old for the target".to_owned();
        return Err(refused(Refusal::new(ErrorCode::UnauthorizedUser, detail)).into());
    }
    login::touch(app, &session, now).await?;
    let odd = issue::odd_names(&released);
    let ticket = app.mint.proxy_ticket();
    let new = NewTicket {
        hash: TicketHash::of(ticket.expose()),
        slo_url: target.rule.single_log_out_callback.clone(),
        // Never from fresh credentials: nobody was there to give them.
        ticket: IssuedTicket {
            kind: TicketKind::Pt,
            proxies: grant.proxies.clone(),
            ..issue::frozen(app, &session, &target.rule, &target.text, released, now)
        },
        parent: Some(pgt),
    };
    if !app.store.issue(new).await? {
        return Err(unknown(&asked.pgt).into());
    }
    app.uses.note(&target.rule.name);
    issue::report_odd_names(app, &target.rule, &odd);
    tracing::info!(
        event = "ticket.issued",
        user = session.identity.username().as_str(),
        service = target.rule.name,
        holder = grant.rule,
        session = session.id.as_str(),
        "proxy ticket issued"
    );
    Ok(ticket)
}

/// What a text stands for that was presented as a proxy-granting ticket, if it is one and its session lives.
async fn held(
    app: &App,
    text: &str,
    now: Timestamp,
) -> Result<Option<(TicketHash, Grant, SsoSession)>, Fault> {
    let Ok(id) = TicketId::parse(text) else { return Ok(None) };
    let hash = TicketHash::of(id.expose());
    let mut read = app.store.read().await?;
    let Some(grant) = grants::find(&mut read, &hash).await? else { return Ok(None) };
    if now >= grant.expires_at {
        return Ok(None);
    }
    let session = sessions::by_id(&mut read, &grant.session).await?;
    let living = session.filter(|session| counts(app, session, now));
    Ok(living.map(|session| (hash, grant, session)))
}

/// The target, if whoever holds the ticket may ask for it.
fn target(app: &App, grant: &Grant, text: &str, now: Timestamp) -> Result<Target, Refusal> {
    let unauthorized = |detail| Refusal::new(ErrorCode::UnauthorizedService, detail);
    let rules = &app.config.rules;
    let target = rules
        .target(text)
        .map_err(|code| unauthorized(format!("the target is not registered ({})", code.as_str())))?;
    // Rights are those of now, not those of when the ticket was handed over.
    let may = rules.named(&grant.rule).is_some_and(|holder| may_ask_for(holder, &target.rule, now));
    if !may {
        return Err(unauthorized("no proxy tickets for this target".to_owned()));
    }
    Ok(target)
}

/// A no, and a line in the log with the same reference.
pub(super) fn refused(app: &App, grant: &Grant, session: &SsoSession, refusal: Refusal) -> Refusal {
    let reference = app.mint.reference();
    tracing::info!(
        event = "proxy.refused",
        r#ref = reference,
        holder = grant.rule,
        session = session.id.as_str(),
        code = refusal.code.as_str(),
        reason = refusal.detail,
        "no proxy ticket"
    );
    with_reference(refusal, &reference)
}
