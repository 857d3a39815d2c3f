//! `test-provider --login`: one sign-in at an institution with the browser of whoever sits here, through the same
//! code as the gateway's, and what would come in. Nothing is stored.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::anyhow;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::demo::open;
use super::steps::{Found, Report};
use super::table::say;
use crate::client::Question;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::intake::OURS;
use crate::domain::never::is_secret;
use crate::domain::provider::Provider;
use crate::domain::service_rule::Origin;
use crate::http::seats::Seats;
use crate::http::serve::{Listener, serve};
use crate::mint::Key;
use crate::protocol::attributes::{Attributes, Value};
use crate::protocol::params::Pairs;
use crate::upstream::{Begun, Principal, Upstreams};

/// So long somebody may take.
const WAIT: Duration = Duration::from_secs(300);
/// What the browser shows at the end.
const DONE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Done</title>\
                    <p>You came back. What came with you stands in the terminal; this page can be closed.";

/// How it is done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    /// Where the browser comes back to.
    pub listen: SocketAddr,
    /// Whether a browser is opened.
    pub opens: bool,
    /// Whether values of attributes are shown.
    pub values: bool,
}

/// Waits for one sign-in. Errors when the port cannot be opened.
pub(super) async fn sign_in(
    config: &Config,
    upstreams: &Upstreams,
    provider: &Provider,
    way: &Way,
    report: &mut Report,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(way.listen).await;
    let listener = listener.map_err(|error| anyhow!("cannot listen on {}: {error}", way.listen))?;
    let ours = format!("http://{}/", listener.local_addr()?);
    // Nobody else knows where this is: what else asks at this port did not come back from there.
    let mark = Key::random_text();
    let callback = format!("{ours}{mark}");
    let (told, mut hears) = mpsc::channel(1);
    let stop = CancellationToken::new();
    let router = Router::new().route(&format!("/{mark}"), get(came_back)).with_state(told);
    let server = tokio::spawn(serve(Listener::Tcp(listener), router, Seats::new(Vec::new()), stop.clone()));

    let url = upstreams.leave(provider, &callback, provider.approach.renew, false);
    let url = url.ok_or_else(|| anyhow!("there is no way to {}", provider.suffix))?;
    say(&format!("The institution must accept {ours} as a service; choose the port with --listen."));
    say(&format!("sign in at this address within {} minutes:\n{url}", WAIT.as_secs() / 60));
    if way.opens {
        open::open(&url);
    }
    let began = Instant::now();
    let back = tokio::time::timeout(WAIT, hears.recv()).await;
    let seconds = began.elapsed().as_secs();
    match back.ok().flatten() {
        Some(Some(ticket)) => {
            report.note("sign-in", Found::Good(format!("came back with a ticket after {seconds} s")));
            redeem(config, upstreams, provider, (&ticket, &callback), way.values, report).await;
        }
        Some(None) => report.note("sign-in", Found::Bad("came back without a ticket".to_owned())),
        None => {
            report.note("sign-in", Found::Bad(format!("nobody came back in {} s", WAIT.as_secs())));
            report.hint = Some(format!(
                "an institution that takes registered services only has to know {ours} for this: choose \
                 the port with --listen"
            ));
        }
    }
    stop.cancel();
    // The page that says so is on its way.
    let _in_time = tokio::time::timeout(Duration::from_secs(2), server).await;
    Ok(())
}

/// The browser is back: `None` without a ticket.
async fn came_back(
    State(told): State<mpsc::Sender<Option<String>>>,
    RawQuery(query): RawQuery,
) -> Html<&'static str> {
    let pairs = Pairs::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
    let ticket = pairs.single("ticket").ok().flatten().map(str::to_owned);
    // A second return is of no interest.
    let _full = told.try_send(ticket);
    Html(DONE)
}

async fn redeem(
    config: &Config,
    upstreams: &Upstreams,
    provider: &Provider,
    (ticket, callback): (&str, &str),
    values: bool,
    report: &mut Report,
) {
    let begun = Begun { suffix: &provider.suffix, url: &provider.url, protocol: provider.protocol };
    let began = Instant::now();
    let question = Question { renew: provider.approach.renew, ..Question::new(ticket, callback) };
    let redeemed = upstreams.redeem(begun, question, SystemClock.now()).await;
    let principal = match redeemed {
        Ok(principal) => principal,
        Err(trouble) => {
            report.note("ticket", Found::Bad(trouble.to_string()));
            return;
        }
    };
    report.note("ticket", Found::Good(format!("confirmed in {} ms", began.elapsed().as_millis())));
    let others = config.directory.suffixes_but(&provider.suffix);
    report.note(
        "user",
        match provider.names.of_answer(&principal.name, &principal.attributes, others) {
            Ok(name) => Found::Good(format!("{}@{}", name.as_str(), provider.suffix)),
            Err(reason) => Found::Bad(format!("the name cannot be used: {reason}")),
        },
    );
    let ours = provider.take_in(&principal.attributes);
    report.note("attributes", Found::Good(listed(&ours.attributes, values)));
    let mut dropped = dropped(provider, &principal.attributes);
    let of_others = ours.out_of_scope.iter().map(|(name, lost)| format!("{name}: {lost} of another scope"));
    dropped.extend(of_others);
    if !dropped.is_empty() {
        report.note("dropped", Found::Good(dropped.join("; ")));
    }
    report.note("told", Found::Good(standard(&principal)));
}

/// Names and how many values, or the values.
pub(super) fn listed(attributes: &Attributes, values: bool) -> String {
    let one = |(name, list): (&str, &[Value])| match values {
        true => {
            let texts: Vec<_> = list.iter().map(Value::as_text).collect();
            format!("{name} = {}", texts.join(", "))
        }
        false => format!("{name} ({})", list.len()),
    };
    let all: Vec<String> = attributes.iter().map(one).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(if values { "; " } else { ", " }) }
}

/// What [`standard`] tells.
const TOLD: [&str; 3] = ["authenticationDate", "isFromNewLogin", "longTermAuthenticationRequestTokenUsed"];

/// What does not come in under its own name, and why.
fn dropped(provider: &Provider, theirs: &Attributes) -> Vec<String> {
    let is_taken = |name: &str| match &provider.attributes {
        Some(table) => table.iter().any(|(_, origin)| match origin {
            Origin::Attribute(source) | Origin::Rewritten(source, _) => source == name,
            Origin::Fixed(_) => false,
        }),
        None => true,
    };
    let mut list = Vec::new();
    for (name, _) in theirs.iter() {
        if TOLD.contains(&name) {
            continue;
        }
        if is_secret(name) {
            list.push(format!("{name}: looks like a password"));
        } else if !is_taken(name) {
            list.push(format!("{name}: not in [provider.attributes]"));
        } else if OURS.contains(&name) && provider.attributes.is_none() {
            list.push(format!("{name}: comes in as upstream_{name}"));
        }
    }
    list
}

/// What the institution says of the sign-in itself (CAS 3.0 Appendix A).
fn standard(principal: &Principal) -> String {
    let date = principal.authenticated_at.map_or_else(|| "not told".to_owned(), |at| at.iso());
    let new = principal.new_login.map_or("not told", |new| if new { "true" } else { "false" });
    let long_term = principal.long_term;
    format!(
        "authenticationDate {date}, isFromNewLogin {new}, longTermAuthenticationRequestTokenUsed {long_term}"
    )
}
