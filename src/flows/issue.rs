//! A service ticket (CAS 3.0 §3.1): written before anybody is told of it.

use std::sync::Arc;

use crate::app::App;
use crate::domain::issued::IssuedTicket;
use crate::domain::release::Released;
use crate::domain::rules::Destination;
use crate::domain::service_rule::ServiceRule;
use crate::domain::session::SsoSession;
use crate::protocol::ticket::{TicketId, TicketKind};
use crate::protocol::time::Timestamp;
use crate::protocol::xml::element_name;
use crate::store::{NewTicket, TicketHash, sessions, tickets};

use super::Error;

/// Issues a ticket of a session for a service.
///
/// Fresh credentials that were given for exactly this service are used up by it, and make it a primary
/// one. Out: the ticket; `None` when the session ended meanwhile, or when `renew` was asked for and
/// another tab was faster with the fresh credentials.
pub async fn issue(
    app: &App,
    session: &SsoSession,
    destination: &Destination,
    released: Released,
    renew: bool,
    now: Timestamp,
) -> Result<Option<TicketId>, Error> {
    let ticket = app.mint.service_ticket();
    let odd = odd_names(&released);
    let (rule, service) = (&destination.rule, destination.url.as_str());
    let new = NewTicket {
        hash: TicketHash::of(ticket.expose()),
        slo_url: rule.single_log_out_callback.clone(),
        ticket: frozen(app, session, rule, service, released, now),
        parent: None,
    };
    let issued = if session.is_fresh_for(service, now) {
        issue_primary(app, new, renew, now).await?
    } else {
        app.store.issue(new).await?
    };
    if issued {
        app.uses.note(&rule.name);
        report_odd_names(app, rule, &odd);
        tracing::info!(
            event = "ticket.issued",
            user = session.identity.username().as_str(),
            service = rule.name.as_str(),
            session = session.id.as_str(),
            "ticket issued"
        );
    }
    Ok(issued.then_some(ticket))
}

/// What a validation will need: a service ticket, not from fresh credentials.
pub(super) fn frozen(
    app: &App,
    session: &SsoSession,
    rule: &ServiceRule,
    service: &str,
    released: Released,
    now: Timestamp,
) -> IssuedTicket {
    let lives = &app.config.lives;
    IssuedTicket {
        kind: TicketKind::St,
        session: session.id.clone(),
        service: service.to_owned(),
        rule: rule.name.clone(),
        issued_at: now,
        // This very request is a use of the session.
        expires_at: lives.ticket_ends(now, session.ends(lives, now)),
        renewed: false,
        single_log_out: rule.log_out_address(service).is_some(),
        user: released.user,
        attributes: released.attributes,
        authenticated_at: session.told_date(),
        long_term: session.long_term,
        proxies: Vec::new(),
    }
}

/// Released names that are no names in XML: they are sent under another name, or not at all.
pub(super) fn odd_names(released: &Released) -> Vec<String> {
    let names = released.attributes.iter().map(|(name, _)| name);
    names.filter(|name| element_name(name).as_deref() != Some(*name)).map(str::to_owned).collect()
}

/// One line for each, not one a ticket.
pub(super) fn report_odd_names(app: &App, rule: &ServiceRule, odd: &[String]) {
    for name in odd.iter().filter(|name| app.odd_names.is_first(name)) {
        let sent_as = element_name(name);
        let sent_as = sent_as.as_deref().unwrap_or("nothing");
        let service = rule.name.as_str();
        tracing::warn!(event = "attribute.renamed", name, sent_as, service, "no name in XML");
    }
}

/// The rare case, once after each sign-in: the fresh credentials and the ticket in one transaction.
async fn issue_primary(app: &App, new: NewTicket, renew: bool, now: Timestamp) -> Result<bool, Error> {
    let new = Arc::new(new);
    let issued = app
        .store
        .write(move |tx| {
            let new = Arc::clone(&new);
            Box::pin(async move {
                let mut new = NewTicket::clone(&new);
                let ticket = &mut new.ticket;
                ticket.renewed = sessions::use_fresh(tx, &ticket.session, &ticket.service, now).await?;
                if renew && !ticket.renewed {
                    return Ok(false);
                }
                tickets::issue_fresh(tx, new).await
            })
        })
        .await?;
    Ok(issued)
}
