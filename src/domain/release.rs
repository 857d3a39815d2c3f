//! Who may enter a service, and what it is told about them.
//!
//! The checks have one order, so that the code on the page names the first thing to mend: disabled,
//! accounts, user names, filter, user field. How old the sign-in may be is asked last, by
//! [`ServiceRule::wants_newer_login`]: it refuses nobody, but asks again.

use std::collections::HashSet;

use super::code::Code;
use super::identity::{Identity, Source, Suffix};
use super::name::{NameRules, canonical};
use super::rewrite::Budget;
use super::service_rule::{Origin, Release, ServiceRule, UserField};
use crate::protocol::attributes::{Attributes, Value};
use crate::protocol::time::Timestamp;
use crate::protocol::xml::element_name;

/// The attribute that holds the name of an institution.
const PROVIDER_NAME: &str = "providerName";

/// What a service is told: frozen when the ticket is issued.
#[derive(Clone, Debug, PartialEq)]
pub struct Released {
    /// The user name.
    pub user: String,
    /// The attributes, under the names that the service sees.
    pub attributes: Attributes,
}

/// Why somebody may not enter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// The service is switched off, or not open now.
    Disabled,
    /// It takes no accounts from there: another account would do.
    Account,
    /// It takes only named people.
    Username,
    /// No value of this attribute passes, or one is turned away.
    Filter {
        /// The attribute.
        attribute: String,
    },
    /// The attribute that becomes the user name is missing, or makes no user name.
    Attribute {
        /// The attribute.
        attribute: String,
    },
}

impl Denied {
    /// The code of the page.
    pub fn code(&self) -> Code {
        match self {
            Self::Disabled => Code::ServiceDisabled,
            Self::Account => Code::ServiceProviderNotAllowed,
            Self::Username => Code::ServiceUserNotAllowed,
            Self::Filter { .. } => Code::ServiceFilter,
            Self::Attribute { .. } => Code::ServiceAttributeMissing,
        }
    }
}

/// What the decision depends on beside the person and the service.
pub struct Around<'a> {
    /// Now.
    pub now: Timestamp,
    /// The name of the person's institution, as the files give it now.
    pub provider_name: Option<&'a str>,
    /// The pseudonym of a user name for a service, by the name of the service.
    pub pseudonym: &'a dyn Fn(&str, &str) -> String,
}

/// Decides whether a person may enter a service, and what it is told.
///
/// In: the rule, the person, the attributes of the session, the suffixes of all institutions but the
/// person's own. Out: what is released, or the first check that fails.
pub fn enter<'s>(
    rule: &ServiceRule,
    who: &Identity,
    attributes: &Attributes,
    others: impl IntoIterator<Item = &'s Suffix>,
    around: &Around<'_>,
) -> Result<Released, Denied> {
    if !rule.is_open(around.now) {
        return Err(Denied::Disabled);
    }
    if !rule.accounts.take(&who.source) {
        return Err(Denied::Account);
    }
    let username = who.username();
    if !rule.usernames.is_empty() && !rule.usernames.iter().any(|name| name == username.as_str()) {
        return Err(Denied::Username);
    }
    let known = known(who, attributes, around.provider_name);
    filter(rule, &known)?;
    let user = user_name(rule, username.as_str(), &known, others, around)?;
    Ok(Released { user, attributes: released(rule, &known) })
}

/// What must match, and what must not. A value that a pattern takes too many steps for does not match
/// where it must, and does where it must not.
fn filter(rule: &ServiceRule, known: &Attributes) -> Result<(), Denied> {
    let values = |attribute: &str| known.get(attribute).unwrap_or_default();
    for (attribute, patterns) in &rule.filter {
        let passes =
            patterns.iter().all(|p| values(attribute).iter().any(|value| p.matches(&value.as_text())));
        if !passes {
            return Err(Denied::Filter { attribute: attribute.clone() });
        }
    }
    for (attribute, patterns) in &rule.deny {
        let matches = |value: &Value| {
            let text = value.as_text();
            patterns.iter().any(|pattern| pattern.try_matches(&text).unwrap_or(true))
        };
        if values(attribute).iter().any(matches) {
            return Err(Denied::Filter { attribute: attribute.clone() });
        }
    }
    Ok(())
}

/// Everything that is known of a person: the attributes of the session and where they come from. In: the name
/// of their institution, if they come from one that is still known.
pub fn known(who: &Identity, attributes: &Attributes, provider_name: Option<&str>) -> Attributes {
    let mut known = attributes.clone();
    // Whoever else says these, only we know them.
    for own in ["provider", PROVIDER_NAME, "backend"] {
        known.remove(own);
    }
    let name = match &who.source {
        Source::Provider(_) => "provider",
        Source::Backend(_) => "backend",
    };
    known.set(name, vec![Value::Text(who.source.label().to_owned())]);
    if let (Source::Provider(_), Some(text)) = (&who.source, provider_name) {
        known.set(PROVIDER_NAME, vec![Value::Text(text.to_owned())]);
    }
    known
}

/// The attribute stands in the place of a name, so it is held to what holds for names: no institution can
/// have its people called like those of another one.
fn user_name<'s>(
    rule: &ServiceRule,
    username: &str,
    known: &Attributes,
    others: impl IntoIterator<Item = &'s Suffix>,
    around: &Around<'_>,
) -> Result<String, Denied> {
    let field = match &rule.user_field {
        UserField::LoginName => return Ok(username.to_owned()),
        UserField::Pairwise => return Ok((around.pseudonym)(username, &rule.name)),
        UserField::Attribute(field) => field,
    };
    known
        .get(field)
        .and_then(|values| values.first())
        .and_then(|value| canonical(&value.as_text(), NameRules::anything_visible(), others).ok())
        .map(|name| name.as_str().to_owned())
        .ok_or_else(|| Denied::Attribute { attribute: field.clone() })
}

/// What `"*"` tells. Several names may become one in XML: nobody gets a value beside that of an explicit line
/// or of the gateway by a name like `is staff`, and of all others the first counts.
fn everything(release: &Release, known: &Attributes) -> Attributes {
    let ours =
        release.named.iter().map(|(seen, _)| seen.as_str()).chain(["provider", PROVIDER_NAME, "backend"]);
    let ours: Vec<_> = ours.filter_map(|name| Some((element_name(name)?, name))).collect();
    let mut taken = HashSet::new();
    let mut out = Attributes::new();
    for (name, values) in known.iter() {
        let tells = element_name(name).is_none_or(|element| {
            let twin = ours.iter().any(|(own, seen)| *own == element && *seen != name);
            !twin && taken.insert(element)
        });
        if tells {
            out.set(name, values.to_vec());
        }
    }
    out
}

fn released(rule: &ServiceRule, known: &Attributes) -> Attributes {
    let mut out = if rule.release.all { everything(&rule.release, known) } else { Attributes::new() };
    let mut budget = Budget::default();
    for (seen, origin) in &rule.release.named {
        match origin {
            Origin::Fixed(text) => out.set(seen, vec![Value::Text(text.clone())]),
            Origin::Attribute(source) => match known.get(source) {
                Some(values) => out.set(seen, values.to_vec()),
                // An explicit line beats "*", also when there is nothing to tell.
                None => {
                    out.remove(seen);
                }
            },
            Origin::Rewritten(source, rewriting) => {
                match known.get(source).map(|values| rewriting.apply(values, &mut budget)) {
                    Some(values) if !values.is_empty() => out.set(seen, values),
                    _ => {
                        out.remove(seen);
                    }
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
