//! A service asks who a ticket belongs to (CAS 3.0 §2.4, §2.5, §2.6, §2.8, §2.9): one flow for every
//! address, one write for every attempt.

use crate::app::App;
use crate::domain::issued::{Attempt, IssuedTicket, check, unknown};
use crate::protocol::params::ValidateParams;
use crate::protocol::refusal::{ErrorCode, Refusal};
use crate::protocol::response::{Standard, Validated};
use crate::protocol::ticket::TicketId;
use crate::store::{StoreError, TakeTicket, TicketHash};

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

/// Why a validation gave nobody.
#[derive(Debug, thiserror::Error)]
pub enum NotValidated {
    /// The protocol says no.
    #[error(transparent)]
    Refusal(#[from] Refusal),
    /// The database did not answer.
    #[error(transparent)]
    Fault(#[from] StoreError),
}

/// Validates a ticket. Whatever the answer is, a ticket of ours is used up by the attempt.
pub async fn validate(
    app: &App,
    asked: &ValidateParams,
    address: Address,
) -> Result<Validated, NotValidated> {
    let now = app.clock.now();
    let Ok(id) = TicketId::parse(&asked.ticket) else { return Err(unknown(&asked.ticket).into()) };
    let wants_pgt = address.knows_pgt_url && asked.pgt_url.is_some();
    let take = TakeTicket {
        hash: TicketHash::of(id.expose()),
        text: asked.ticket.clone(),
        service: asked.service.clone(),
        renew: asked.renew,
        proxies_too: address.proxies_too,
        // No service may have proxy-granting tickets yet: whoever wants one is refused below.
        may_succeed: !wants_pgt,
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
        tracing::info!(event = "ticket.rejected", service, code, reason = refusal.detail, "ticket rejected");
        return Err(refusal.into());
    }
    if wants_pgt {
        let detail = "no service that may proxy has this pgtUrl";
        return Err(Refusal::new(ErrorCode::UnauthorizedServiceProxy, detail).into());
    }
    let (service, session) = (ticket.rule.as_str(), ticket.session.as_str());
    tracing::info!(event = "ticket.validated", service, session, "ticket validated");
    Ok(answer(app, ticket, address))
}

fn answer(app: &App, ticket: IssuedTicket, address: Address) -> Validated {
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
        pgt_iou: None,
        proxies: ticket.proxies,
    }
}
