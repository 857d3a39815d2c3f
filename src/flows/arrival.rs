//! Who arrives from an institution: the name by its rules, the suffix by our configuration, the attributes by
//! its table.

use crate::app::App;
use crate::domain::code::Code;
use crate::domain::identity::{Identity, Source};
use crate::domain::provider::Provider;
use crate::domain::session::UNDATED;
use crate::protocol::params::LoginParams;
use crate::protocol::time::Timestamp;
use crate::store::{Handoff, TicketHash};
use crate::upstream::{Principal, Trouble};

use super::open::{SignIn, may_remember};

/// Turns what an institution says into a sign-in.
///
/// In: what it says of whom it let in, the handoff and the request that the sign-in began with, its ticket.
/// Errors where that makes no name: `upstream.username_invalid`, with the rule that refused it and never the
/// name.
pub(super) fn sign_in(
    app: &App,
    provider: &Provider,
    handoff: &Handoff,
    asked: &LoginParams,
    principal: Principal,
    ticket: &str,
    now: Timestamp,
) -> Result<SignIn, Trouble> {
    let others = app.config.directory.suffixes_but(&provider.suffix);
    let name = provider
        .names
        .of_answer(&principal.name, &principal.attributes, others)
        .map_err(|reason| Trouble { code: Code::UpstreamUsernameInvalid, reason: reason.to_string() })?;
    let taken = provider.take_in(&principal.attributes);
    report_scopes(provider, &taken.out_of_scope);
    let told = match principal.authenticated_at {
        Some(told) => told,
        // Just now they were given, whatever the date says.
        None if principal.is_undated && !handoff.renew => UNDATED,
        None => now,
    };
    Ok(SignIn {
        identity: Identity { name, source: Source::Provider(provider.suffix.clone()) },
        attributes: taken.attributes,
        authenticated_at: told.min(now),
        long_term: principal.long_term,
        remembered: may_remember(app, asked),
        shared: asked.shared,
        warn: asked.warn,
        // Only a renewal that the institution confirmed counts as fresh credentials.
        fresh_for: handoff.renew.then(|| asked.service.clone().unwrap_or_default()),
        lasts: provider.max_session,
        upstream: Some((provider.suffix.clone(), TicketHash::of(ticket))),
        receipt: principal.pgt_iou.as_deref().map(TicketHash::of).filter(|_| provider.grants()),
        password_at: None,
    })
}

/// One line a sign-in: which attributes lost how many values, and never the values.
fn report_scopes(provider: &Provider, lost: &[(String, usize)]) {
    if lost.is_empty() {
        return;
    }
    let dropped: Vec<String> = lost.iter().map(|(name, count)| format!("{name}: {count}")).collect();
    tracing::warn!(
        event = "attribute.out_of_scope",
        provider = provider.suffix.as_str(),
        dropped = dropped.join(", "),
        "values of another scope were dropped"
    );
}
