//! Where nobody can sign in: whether it is so, and what a page says of it. Whoever stands before it has done
//! nothing wrong.

use crate::app::App;
use crate::domain::choice::accepts;
use crate::domain::code::Code;
use crate::domain::login::Local;
use crate::domain::rules::Destination;
use crate::protocol::params::LoginParams;

use super::login::local;
use super::{About, Refused};

/// Whether the pages offer anything to sign in with, for a service or at all.
pub fn is_way(app: &App, destination: Option<&Destination>) -> bool {
    let rule = destination.map(|destination| destination.rule.as_ref());
    !app.config.directory.offered(rule).is_empty() || local(app, destination) == Local::Offered
}

/// The refusal where there is none: by the institution that is switched off, if it is one; by all of them.
pub fn refused(app: &App, destination: Option<Destination>, asked: &LoginParams) -> Refused {
    let rule = destination.as_ref().map(|destination| destination.rule.as_ref());
    // Those that no page shows are nothing that is missed on it.
    let mut off = app.config.directory.iter().filter(|p| p.disabled && p.display && accepts(rule, p));
    let (first, second) = (off.next(), off.next());
    let code = if first.is_some() { Code::ProviderDisabled } else { Code::ServiceProviderNotAllowed };
    let only = first.filter(|_| second.is_none());
    let about = only.map(About::of).unwrap_or_default();
    let about = About { destination, retry: Some(asked.clone()), no_way: true, ..about };
    Refused::new(code, "nothing is offered to sign in with").about(about)
}
