//! `passerelle sessions show`: one session, and what was born from it.

use serde::Serialize;

use super::sessions::{SessionView, ends, living};
use super::table::{maybe, moment, plain, results, say};
use super::{Format, Outcome};
use crate::app::App;
use crate::protocol::time::Timestamp;
use crate::store::overview::{self, Listed, ListedTicket, Wanted};

/// Generations of tickets that are drawn: far more than proxies make.
const DEEPEST: usize = 40;

#[derive(Serialize)]
struct View {
    #[serde(flatten)]
    session: SessionView,
    tickets: Vec<TicketView>,
}

/// A ticket as programs read it: nothing that works as one.
#[derive(Serialize)]
struct TicketView {
    id: String,
    kind: String,
    session: String,
    service: String,
    rule: String,
    created: String,
    expires: String,
    validated_at: Option<String>,
    renewed: bool,
    single_log_out: bool,
    parent: Option<String>,
    proxies: Vec<String>,
    user: String,
    attributes: Vec<String>,
}

impl TicketView {
    fn of(ticket: &ListedTicket, session: &str) -> Self {
        Self {
            id: ticket.id.clone(),
            kind: ticket.kind.to_uppercase(),
            session: session.to_owned(),
            service: ticket.service.clone(),
            rule: ticket.rule.clone(),
            created: ticket.issued_at.iso(),
            expires: ticket.expires_at.iso(),
            validated_at: ticket.validated_at.map(Timestamp::iso),
            renewed: ticket.renewed,
            single_log_out: ticket.single_log_out,
            parent: ticket.parent.clone(),
            proxies: ticket.proxies.clone(),
            user: ticket.user.clone(),
            attributes: ticket.attributes.clone(),
        }
    }
}

/// Shows it.
pub(super) async fn show(app: &App, format: Format, id: String) -> anyhow::Result<Outcome> {
    let wanted = Wanted { id: Some(id.clone()), ..Wanted::default() };
    let Some(listed) = living(app, &wanted).await?.pop() else {
        say(&format!("there is no session {}", plain(&id)));
        return Ok(Outcome::Problem);
    };
    let tickets = overview::tickets(&mut app.store.read().await?, &listed.session.id).await?;
    let view = View {
        session: SessionView::of(app, &listed),
        tickets: tickets.iter().map(|ticket| TicketView::of(ticket, &id)).collect(),
    };
    results(format, &text(app, &listed, &tickets), &view)?;
    Ok(Outcome::Fine)
}

fn text(app: &App, listed: &Listed, tickets: &[ListedTicket]) -> String {
    let session = &listed.session;
    let names: Vec<_> = session.attributes.iter().map(|(name, _)| name).collect();
    let mut text = String::new();
    for (name, value) in [
        ("session", session.id.as_str()),
        ("user", session.identity.username().as_str()),
        ("from", session.identity.source.label()),
        ("began", &moment(listed.created_at)),
        ("last seen", &moment(session.last_seen)),
        ("expires", &maybe(ends(app, listed))),
        ("address", &session.ip),
        ("browser", &session.browser),
        ("attributes", &names.join(", ")),
    ] {
        text.push_str(&format!("{name:<12}{}\n", plain(value)));
    }
    if !tickets.is_empty() {
        text.push_str("\ntickets\n");
    }
    let known = |parent: &str| tickets.iter().any(|ticket| ticket.id == parent);
    for root in tickets.iter().filter(|ticket| !ticket.parent.as_deref().is_some_and(known)) {
        branch(tickets, root, 1, &mut text);
    }
    text
}

fn branch(tickets: &[ListedTicket], ticket: &ListedTicket, depth: usize, text: &mut String) {
    let state = match ticket.validated_at {
        Some(at) => format!("validated {}", moment(at)),
        None => format!("until {}", moment(ticket.expires_at)),
    };
    let told = if ticket.single_log_out { "" } else { ", not told at sign-out" };
    let line = format!(
        "{} {}…  {}  {}  {state}{told}",
        ticket.kind.to_uppercase(),
        ticket.id,
        ticket.rule,
        ticket.service
    );
    text.push_str(&format!("{:indent$}{}\n", "", plain(&line), indent = 2 * depth));
    if depth < DEEPEST {
        for child in tickets.iter().filter(|child| child.parent.as_deref() == Some(ticket.id.as_str())) {
            branch(tickets, child, depth + 1, text);
        }
    }
}
