//! `[service.release]`: what a service is told.

use std::collections::HashMap;

use super::page::Words;
use super::problem::RENAMED;
use super::section::{Found, Section};
use crate::domain::service_rule::{Origin, Release};
use crate::protocol::xml::element_name;

/// What the gateway tells every service by itself (CAS 3.0 §2.5.7).
const STANDARD: [&str; 3] =
    ["authenticationDate", "longTermAuthenticationRequestTokenUsed", "isFromNewLogin"];

/// Reads the table: the name that the service sees = where it comes from: `"source"`, `{ from = "source" }`
/// or `{ value = "always this" }`; `"*" = "*"` for everything.
pub fn read(mut section: Section<'_>) -> Release {
    let mut release = Release::default();
    let mut sent = HashMap::new();
    for (seen, value) in section.pairs() {
        let spot = section.place(value);
        let text = value.get_ref().as_str();
        if seen.value == "*" || text == Some("*") {
            release.all = seen.value == "*" && text == Some("*");
            if !release.all {
                spot.error("`*` stands on both sides or on none: \"*\" = \"*\"");
            }
            continue;
        }
        name(&seen, &mut sent);
        let origin = match text {
            Some(source) if !source.is_empty() => Some(Origin::Attribute(source.to_owned())),
            Some(_) => {
                spot.error(format!("`{}` comes from nowhere", seen.value));
                None
            }
            None => match section.inline(&format!("`{}`", seen.value), value) {
                Some(table) => origin(table),
                None => {
                    let words = Words::new(format!("`{}` must be text or a table", seen.value));
                    spot.tell(words.hint("\"source\", { from = \"source\" } or { value = \"…\" }"));
                    None
                }
            },
        };
        release.named.extend(origin.map(|origin| (seen.value.to_owned(), origin)));
    }
    release
}

/// Whether the name can be sent, and how. In: the names that are sent already, and for which keys.
fn name<'a>(seen: &Found<'a, &'a str>, sent: &mut HashMap<String, &'a str>) {
    let key = seen.value;
    if STANDARD.contains(&key) {
        return seen.spot.error(format!("`{key}` is told by the gateway itself"));
    }
    let Some(element) = element_name(key) else {
        let words = Words::new(format!("an attribute `{key}` cannot be sent"));
        return seen.spot.tell(words.note("clients would take it for a part of the answer itself."));
    };
    if let Some(twin) = sent.insert(element.clone().into_owned(), key) {
        let words = Words::new(format!("`{key}` and `{twin}` are the same name in XML: `{element}`"));
        return seen.spot.tell(words.hint("one value would be taken for the other: rename one of them"));
    }
    if element != key {
        let words =
            Words::warning(RENAMED, format!("`{key}` is no name in XML and is sent as `{element}` there"));
        seen.spot.tell(words);
    }
}

fn origin(mut table: Section<'_>) -> Option<Origin> {
    let from = table.opt_text("from").map(|found| Origin::Attribute(found.value.to_owned()));
    let fixed = table.opt_text("value").map(|found| Origin::Fixed(found.value.to_owned()));
    let written = usize::from(table.has("from")) + usize::from(table.has("value"));
    if written != 1 {
        table.header().error("a released value has either `from` or `value`");
    }
    table.finish();
    from.or(fixed)
}
