//! A proxy-granting ticket is handed over: one request to an address that a service chose (CAS 3.0 §2.5.4).
//!
//! The address belongs to a registered service that has the right, the certificate is verified, redirects
//! are not followed, and there are limits of time and of calls at once. The service that asked learns whether
//! it worked and nothing else: what the network says is for the log, since it would tell strangers which
//! hosts and ports there are.

use std::time::Duration;

use crate::app::App;
use crate::client::ValidateError as NotDelivered;
use crate::domain::issued::{IssuedTicket, unknown};
use crate::domain::proxying::{self, Callback, chain};
use crate::domain::session::{SessionId, SsoSession};
use crate::protocol::attributes::Attributes;
use crate::protocol::refusal::{ErrorCode, Refusal};
use crate::protocol::ticket::{TicketId, TicketKind};
use crate::protocol::time::Timestamp;
use crate::store::{NewTicket, StoreError, TicketHash, grants, sessions};

use super::NotGiven;

/// Bytes of an answer that are waited for; the rest is nobody's business.
const MAX_BODY: usize = 64 * 1024;
/// How long the rest of an answer is waited for.
const BODY: Duration = Duration::from_secs(1);

/// The callback that a `pgtUrl` names, if anything may be sent there. Errors: the code of the answer.
pub fn permit(app: &App, pgt_url: &str, now: Timestamp) -> Result<Callback, Refusal> {
    proxying::callback(&app.config.rules, pgt_url, app.config.proxy.allow_http_loopback, now)
}

/// Hands a proxy-granting ticket over and remembers it, in this order: it is usable only when it has arrived.
///
/// In: the text of the ticket that it is born from, and that ticket, which was good. Out: the receipt; `None`
/// where the service takes an answer without one. Errors: it cannot be had or was not taken, and the
/// validation fails after all.
pub async fn hand_over(
    app: &App,
    text: &str,
    ticket: &IssuedTicket,
    callback: &Callback,
    now: Timestamp,
) -> Result<Option<TicketId>, NotGiven> {
    let proxies = match chain(callback, &ticket.proxies) {
        Ok(proxies) => proxies,
        Err(refusal) => {
            forget(app, text).await?;
            return Err(refused(app, ticket, refusal).into());
        }
    };
    let session = session(app, &ticket.session).await?;
    // Both gone: a session takes its tickets with it.
    let Some(session) = session else { return Err(unknown(text).into()) };
    let (pgt, pgt_iou) = (app.mint.proxy_granting_ticket(), app.mint.proxy_granting_receipt());
    if let Err(reason) = deliver(app, callback, &pgt, &pgt_iou).await {
        let refusal = failed(app, ticket, callback, &reason);
        if app.config.rules.named(&ticket.rule).is_some_and(|rule| rule.pgt_optional) {
            // The session may have ended meanwhile, and its services were told: then this is no success.
            return if lives(app, &ticket.session).await? { Ok(None) } else { Err(unknown(text).into()) };
        }
        forget(app, text).await?;
        return Err(refusal.into());
    }
    let new = NewTicket {
        hash: TicketHash::of(pgt.expose()),
        ticket: born(app, ticket, callback, proxies, &session, now),
        slo_url: None,
        parent: Some(TicketHash::of(text)),
    };
    if !app.store.issue(new).await? {
        return Err(unknown(text).into());
    }
    let (service, holder) = (ticket.rule.as_str(), callback.rule.name.as_str());
    let session = ticket.session.as_str();
    tracing::info!(event = "proxy.granted", service, holder, session, "proxy-granting ticket handed over");
    Ok(Some(pgt_iou))
}

async fn session(app: &App, id: &SessionId) -> Result<Option<SsoSession>, StoreError> {
    sessions::by_id(&mut app.store.read().await?, id).await
}

async fn lives(app: &App, id: &SessionId) -> Result<bool, StoreError> {
    Ok(session(app, id).await?.is_some())
}

/// The proxy-granting ticket that is born from a ticket.
fn born(
    app: &App,
    ticket: &IssuedTicket,
    callback: &Callback,
    proxies: Vec<String>,
    session: &SsoSession,
    now: Timestamp,
) -> IssuedTicket {
    let lives = &app.config.lives;
    IssuedTicket {
        kind: TicketKind::Pgt,
        session: ticket.session.clone(),
        service: callback.url.as_str().to_owned(),
        rule: callback.rule.name.clone(),
        issued_at: now,
        // Using it is a use of the session, so only the end that no use puts off is its own, too.
        expires_at: lives.grant_ends(now, session.ends_at_the_latest(lives)),
        renewed: false,
        single_log_out: false,
        // Nobody is told anything by it: each proxy ticket is released for a service of its own.
        user: String::new(),
        attributes: Attributes::new(),
        authenticated_at: ticket.authenticated_at,
        long_term: ticket.long_term,
        proxies,
    }
}

/// Hands a proxy-granting ticket over. Only status 200 says that it was taken. Errors: why it was not, in
/// words that hold nothing of what the other end wrote.
pub async fn deliver(
    app: &App,
    callback: &Callback,
    pgt: &TicketId,
    pgt_iou: &TicketId,
) -> Result<(), NotDelivered> {
    let limit = app.config.proxy.callback_timeout;
    let url = callback.url.with_grant(pgt.expose(), pgt_iou.expose());
    let mut heard = Err(NotDelivered::Timeout);
    let call = async {
        let Some(_place) = app.callbacks.take(&callback.rule.name).await else { return };
        match app.http.get(url).timeout(limit).send().await {
            Ok(answer) if answer.status().as_u16() == 200 => {
                heard = Ok(());
                let _cut = tokio::time::timeout(BODY, listen_to_the_end(answer)).await;
            }
            Ok(answer) => heard = Err(NotDelivered::Status(answer.status().as_u16())),
            // Its text would have the address, and that has the ticket.
            Err(error) => heard = Err(NotDelivered::of_http(&error.without_url())),
        }
    };
    // One limit for all of it: the wait for a place counts too.
    let _in_time = tokio::time::timeout(limit, call).await;
    heard
}

/// Many clients answer first and store the ticket then, and some end their work when nobody listens any
/// more. So we do, for a while; what is said makes no difference.
async fn listen_to_the_end(mut answer: reqwest::Response) {
    let mut length = 0;
    while let Ok(Some(chunk)) = answer.chunk().await {
        length += chunk.len();
        if length > MAX_BODY {
            return;
        }
    }
}

/// The ticket was good and the validation fails all the same.
async fn forget(app: &App, text: &str) -> Result<(), StoreError> {
    let hash = TicketHash::of(text);
    app.store
        .write(move |tx| {
            let hash = hash.clone();
            Box::pin(async move { grants::not_delivered(tx, &hash).await })
        })
        .await
}

/// Nothing was sent: the answer, and a line in the log with the same reference.
pub fn refused(app: &App, ticket: &IssuedTicket, refusal: Refusal) -> Refusal {
    let reference = app.mint.reference();
    tracing::info!(
        event = "proxy.refused",
        r#ref = reference,
        service = ticket.rule,
        code = refusal.code.as_str(),
        reason = refusal.detail,
        "no proxy-granting ticket"
    );
    with_reference(refusal, &reference)
}

/// The callback did not take it: the answer tells no more than that.
fn failed(app: &App, ticket: &IssuedTicket, callback: &Callback, reason: &NotDelivered) -> Refusal {
    let reference = app.mint.reference();
    let refusal = Refusal::new(ErrorCode::InvalidProxyCallback, "the callback did not take the ticket");
    tracing::warn!(
        event = "proxy.refused",
        r#ref = reference,
        service = ticket.rule,
        holder = callback.rule.name,
        callback = callback.url.without_query(),
        code = refusal.code.as_str(),
        reason = reason.to_string(),
        "no proxy-granting ticket"
    );
    with_reference(refusal, &reference)
}

/// The refusal with a reference that leads to the line of the log.
pub(super) fn with_reference(refusal: Refusal, reference: &str) -> Refusal {
    let detail = format!("{}, reference {reference}", refusal.detail);
    Refusal { detail, ..refusal }
}
