//! `[[attributes]]`: a back-end as a further source of attributes, for people who signed in elsewhere.

use std::time::Duration;

use super::super::page::Words;
use super::super::problem::SAID_BY_OTHERS;
use super::super::section::{Found, Section};
use super::{Around, Backend, BackendKind};

/// One `[[attributes]]`. All that fit a person are asked, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeSource {
    /// The name of the back-end.
    pub backend: String,
    /// Whose people it is asked for: suffixes and names of back-ends; empty: everybody's.
    pub of: Vec<String>,
    /// What it is asked by.
    pub key: LookUpKey,
    /// For how long an answer is kept. Default: 10 min.
    pub keep: Duration,
}

/// What a person is looked up by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookUpKey {
    /// The user name, as services see it.
    User,
    /// The first value of an attribute.
    Attribute(String),
}

/// Reads all `[[attributes]]`. In: the back-ends without a problem, and the names of all that are written.
pub fn read(
    sections: Vec<Section<'_>>,
    backends: &[Backend],
    names: &[String],
    around: &Around<'_>,
) -> Vec<AttributeSource> {
    sections.into_iter().filter_map(|section| one(section, backends, names, around)).collect()
}

fn one(
    mut section: Section<'_>,
    backends: &[Backend],
    names: &[String],
    around: &Around<'_>,
) -> Option<AttributeSource> {
    let second = Duration::from_secs(1);
    let backend = section.text("backend");
    let of = section.list("for");
    let key = section.opt_text("key").filter(|found| found.value != "user");
    let keep = section.duration("keep", second * 600, Duration::ZERO..=second * 86_400);
    section.finish();
    let backend = backend?;
    let known = names.iter().any(|name| name == backend.value);
    match backends.iter().find(|own| own.name == backend.value) {
        Some(own) if !matches!(own.kind, BackendKind::Sql(_) | BackendKind::Ldap(_)) => {
            backend.spot.error("attributes come from a back-end of the kind `sql` or `ldap`");
        }
        None if !known => {
            backend.spot.error(format!("there is no back-end {:?}", backend.value));
        }
        _ => {}
    }
    for found in of.iter().flat_map(|list| &list.value) {
        let suffix = around.suffixes.iter().any(|(suffix, _)| suffix.same_as(found.value));
        if !suffix && !names.iter().any(|name| name == found.value) {
            found.spot.error(format!("there is no provider and no back-end {:?}", found.value));
        }
    }
    if let Some(key) = key.as_ref().filter(|_| of.as_ref().is_none_or(|list| list.value.is_empty())) {
        said_by_others(key, around);
    }
    Some(AttributeSource {
        backend: backend.value.to_owned(),
        of: of.iter().flat_map(|list| &list.value).map(|found| found.value.to_owned()).collect(),
        key: key.map_or(LookUpKey::User, |found| LookUpKey::Attribute(found.value.to_owned())),
        keep,
    })
}

/// Warns where people of any institution are looked up by what it says of them.
fn said_by_others(key: &Found<'_, &str>, around: &Around<'_>) {
    let Some(one) = around.providers.iter().find(|provider| provider.may_say(key.value)) else { return };
    let name = key.value;
    let message = format!("any institution chooses whose attributes are read, by what it sends as `{name}`");
    let note = format!("\"{}\" could send the `{name}` of somebody else.", one.suffix);
    let hint = "name those that guarantee it: for = [\"…\"], or look people up by their user names";
    key.spot.tell(Words::warning(SAID_BY_OTHERS, message).note(note).hint(hint));
}
