//! `[service.release]`: what a service is told. Lines of the same forms stand in `[provider.attributes]`.

use std::collections::HashMap;

use super::page::Words;
use super::problem::RENAMED;
use super::section::{Found, Section, Value};
use crate::domain::intake::OURS;
use crate::domain::never::is_secret;
use crate::domain::pattern::SearchPattern;
use crate::domain::rewrite::{Rewriting, Step};
use crate::domain::service_rule::{Origin, Release};
use crate::protocol::xml::element_name;

/// Where somebody comes from: told where a service is to know it, and always as it is.
const SOURCES: [&str; 3] = ["provider", "providerName", "backend"];

/// Reads the table: the name that the service sees = where it comes from: `"source"`, `{ from = "source" }`,
/// with `replace` and `with` or `steps` of them, or `{ value = "always this" }`; `"*" = "*"` for
/// everything.
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
        // A line that says of one of our names what is so anyway is how to tell it without the rest.
        let is_as_it_is = SOURCES.contains(&seen.value) && text == Some(seen.value);
        name(&seen, is_as_it_is, &mut sent);
        release.named.extend(line(&section, &seen, value).map(|origin| (seen.value.to_owned(), origin)));
    }
    release
}

/// Where the values of one line come from, in a table of *name* = `"source"`, `{ from = … }` or
/// `{ value = … }`. In: the table, the name of the line, what stands for it.
pub fn line<'a>(section: &Section<'a>, name: &Found<'a, &'a str>, value: Value<'a>) -> Option<Origin> {
    let (name, spot) = (name.value, section.place(value));
    match value.get_ref().as_str() {
        Some(source) if !source.is_empty() => known(&Found { value: source, spot }).map(Origin::Attribute),
        Some(_) => {
            spot.error(format!("`{name}` comes from nowhere"));
            None
        }
        None => match section.inline(&format!("`{name}`"), value) {
            Some(table) => origin(table),
            None => {
                let words = Words::new(format!("`{name}` must be text or a table"));
                spot.tell(words.hint("\"source\", { from = \"source\" } or { value = \"…\" }"));
                None
            }
        },
    }
}

/// Whether the name can be sent, and how. In: whether it is one of ours that is told as it is, the names that are
/// sent already, and for which keys.
fn name<'a>(seen: &Found<'a, &'a str>, is_as_it_is: bool, sent: &mut HashMap<String, &'a str>) {
    let key = seen.value;
    let becomes = |own: &&&str| key == **own || element_name(key).is_some_and(|element| element == **own);
    let ours = OURS.iter().find(becomes);
    if let Some(own) = ours.filter(|_| !is_as_it_is) {
        let words = Words::new(format!("`{own}` is told by the gateway itself"));
        return seen.spot.tell(match SOURCES.contains(own) {
            true => words.hint(format!("write {own} = \"{own}\", or another name on the left")),
            false => words,
        });
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

/// An attribute that may be told to services at all.
pub fn known(found: &Found<'_, &str>) -> Option<String> {
    if is_secret(found.value) {
        let words = Words::new(format!("`{}` is never told to anybody", found.value));
        found
            .spot
            .tell(words.note("attributes of this name hold passwords, and are dropped when they come in."));
        return None;
    }
    Some(found.value.to_owned())
}

fn origin(mut table: Section<'_>) -> Option<Origin> {
    let from = table.opt_text("from").and_then(|found| known(&found));
    let fixed = table.opt_text("value").map(|found| Origin::Fixed(found.value.to_owned()));
    let written = usize::from(table.has("from")) + usize::from(table.has("value"));
    if written != 1 {
        table.header().error("where a value comes from is either `from` or `value`");
    }
    let rewriting = rewriting(&mut table);
    table.finish();
    match (from, rewriting) {
        (Some(from), Some(rewriting)) => Some(Origin::Rewritten(from, rewriting)),
        (from, _) => from.map(Origin::Attribute).or(fixed),
    }
}

/// `replace` and `with`, or `steps` of them.
fn rewriting(table: &mut Section<'_>) -> Option<Rewriting> {
    let alone = table.has("replace") || table.has("with");
    let one = if alone { step(table) } else { no_step(table) };
    let steps = table.tables("steps", "replace");
    let several = table.has("steps");
    if alone && several {
        table.header().error("a rewriting has `replace` and `with`, or `steps`");
    }
    if (alone || several) && !table.has("from") {
        table.header().error("only what comes `from` an attribute can be rewritten");
    }
    if several && steps.is_empty() {
        table.header().error("`steps` is a list of { replace = \"…\", with = \"…\" }");
    }
    let written = steps.len() + usize::from(alone);
    let mut read: Vec<Step> = one.into_iter().collect();
    for mut section in steps {
        read.extend(step(&mut section));
        section.finish();
    }
    (written > 0 && read.len() == written).then(|| Rewriting::new(read))
}

/// Asks for the keys that are not there, so that they are told to whoever looks for another one.
fn no_step(table: &mut Section<'_>) -> Option<Step> {
    let _absent = (table.opt_text("replace"), table.whole_text("with"));
    None
}

fn step(table: &mut Section<'_>) -> Option<Step> {
    let replace = table.text("replace");
    if !table.has("with") {
        table.missing("with");
    }
    let with = table.whole_text("with")?;
    let replace = replace?;
    let pattern = match SearchPattern::new(replace.value) {
        Ok(pattern) => pattern,
        Err(reason) => {
            replace.spot.error(format!("`replace` is no regular expression: {reason}"));
            return None;
        }
    };
    match Step::new(pattern, with.value) {
        Ok(step) => Some(step),
        Err(reason) => {
            with.spot.error(reason);
            None
        }
    }
}
