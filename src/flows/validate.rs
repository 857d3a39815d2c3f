//! A service asks who a ticket belongs to (CAS 3.0 §2.4, §2.5, §2.6, §2.8, §2.9): one flow for every
//! address, one write for every attempt; with `pgtUrl` a call and a second write follow.

use crate::app::App;
use crate::domain::issued::{Attempt, IssuedTicket, check, unknown};
use crate::domain::name::looks_federated;
use crate::domain::session::SsoSession;
use crate::protocol::params::ValidateParams;
use crate::protocol::response::{Standard, Validated};
use crate::protocol::ticket::TicketId;
use crate::store::{StoreError, TakeTicket, TicketHash, sessions};

use super::{NotGiven, pgt_callback};

/// What differs between the addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// `/proxyValidate` and its twin take proxy tickets too.
    pub proxies_too: bool,
    /// The CAS 3 addresses always send attributes; the others unless the service does not want them.
    pub always_attributes: bool,
    /// `/validate` knows no `pgtUrl` (CAS 3.0 §2.4.1).
    pub knows_pgt_url: bool,
}

/// Validates a ticket. Whatever the answer is, a ticket of ours is used up by the attempt; nothing is sent to
/// `pgtUrl` unless the ticket was good.
pub async fn validate(app: &App, asked: &ValidateParams, address: Address) -> Result<Validated, NotGiven> {
    let now = app.clock.now();
    let Ok(id) = TicketId::parse(&asked.ticket) else { return Err(unknown(&asked.ticket).into()) };
    let pgt_url = asked.pgt_url.as_deref().filter(|_| address.knows_pgt_url);
    let callback = pgt_url.map(|url| pgt_callback::permit(app, url, now)).transpose();
    let take = TakeTicket {
        hash: TicketHash::of(id.expose()),
        text: asked.ticket.clone(),
        service: asked.service.clone(),
        renew: asked.renew,
        proxies_too: address.proxies_too,
        // Whoever wants a proxy-granting ticket where there is none to have is refused below.
        may_succeed: callback.is_ok(),
        now,
    };
    let Some(ticket) = app.store.take(take).await? else {
        // Anybody can ask about any text: no line at the usual level.
        tracing::debug!(event = "ticket.rejected", "unknown ticket");
        return Err(unknown(&asked.ticket).into());
    };
    let attempt = Attempt {
        ticket: &asked.ticket,
        service: &asked.service,
        renew: asked.renew,
        proxies_too: address.proxies_too,
    };
    if let Err(refusal) = check(&ticket, &attempt, now) {
        let (service, code) = (ticket.rule.as_str(), refusal.code.as_str());
        // The service is told no more than of any unknown ticket; its operator looks for a slow application.
        let late = "it came too late";
        let (age, reason) = (ticket.age(now), if ticket.is_over(now) { late } else { &refusal.detail });
        tracing::info!(event = "ticket.rejected", service, code, age, reason, "ticket rejected");
        return Err(refusal.into());
    }
    if ticket.issued_at <= app.since && is_claimed(app, &ticket).await? {
        let (service, session) = (ticket.rule.as_str(), ticket.session.as_str());
        let reason = "its name is one of an institution that is new here";
        tracing::info!(event = "ticket.rejected", service, session, reason, "ticket rejected");
        return Err(unknown(&asked.ticket).into());
    }
    let pgt_iou = match callback {
        Ok(None) => None,
        Ok(Some(callback)) => pgt_callback::hand_over(app, &asked.ticket, &ticket, &callback, now).await?,
        Err(refusal) => return Err(pgt_callback::refused(app, &ticket, refusal).into()),
    };
    let (service, session) = (ticket.rule.as_str(), ticket.session.as_str());
    tracing::info!(event = "ticket.validated", service, session, "ticket validated");
    Ok(answer(app, ticket, address, pgt_iou))
}

/// Whether a ticket of before this configuration names its person like one of an institution that they do not come
/// from. Since then nobody gets such a ticket, so the others are not asked.
async fn is_claimed(app: &App, ticket: &IssuedTicket) -> Result<bool, StoreError> {
    let session = sessions::by_id(&mut app.store.read().await?, &ticket.session).await?;
    let Some(SsoSession { identity, .. }) = session else { return Ok(true) };
    let directory = &app.config.directory;
    let foreign = directory.suffixes_foreign_to(&identity.source);
    Ok(directory.claims(&identity).is_some() || looks_federated(&ticket.user, foreign).is_some())
}

fn answer(app: &App, ticket: IssuedTicket, address: Address, pgt_iou: Option<TicketId>) -> Validated {
    let wanted = || app.config.rules.named(&ticket.rule).is_none_or(|rule| rule.attributes_on_v2);
    Validated {
        send_attributes: address.always_attributes || wanted(),
        user: ticket.user,
        attributes: ticket.attributes,
        standard: Some(Standard {
            authentication_date: ticket.authenticated_at,
            long_term: ticket.long_term,
            new_login: ticket.renewed,
        }),
        pgt_iou: pgt_iou.map(|receipt| receipt.expose().to_owned()),
        proxies: ticket.proxies,
    }
}
