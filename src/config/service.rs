//! `[[service]]`: applications.

use std::collections::HashMap;

use super::page::Words;
use super::problem::ANY_HOST;
use super::provider::{logo, pattern, texts};
use super::public_url::web_address;
use super::release;
use super::section::{Found, Section};
use super::suggest::closest;
use super::texts::Files;
use crate::domain::identity::Suffix;
use crate::domain::open_host::is_open;
use crate::domain::pattern::{UrlPattern, WholePattern};
use crate::domain::service_rule::{Accounts, Addresses, Delivery, ServiceRule, Warn};

const WARN: [(&str, Warn); 3] = [("user", Warn::User), ("always", Warn::Always), ("never", Warn::Never)];
const DELIVERY: [(&str, Delivery); 3] =
    [("redirect", Delivery::Redirect), ("post", Delivery::Post), ("header", Delivery::Header)];

/// What reading services needs to know of the rest.
#[derive(Debug)]
pub struct Around<'c> {
    /// The files that keys name.
    pub files: &'c Files,
    /// The suffixes of all institutions.
    pub suffixes: &'c [(Suffix, String)],
    /// The names of all back-ends.
    pub backends: &'c [String],
    /// Whether both lists are whole: no file is unreadable, so an unknown name is a slip.
    pub complete: bool,
}

/// What was seen in the files so far.
#[derive(Debug, Default)]
pub struct Seen<'a> {
    /// The names of services, and where they stand.
    names: HashMap<String, String>,
    /// The names that services call others by.
    targets: Vec<Found<'a, &'a str>>,
}

impl Seen<'_> {
    /// Tells, when all files are read, which names in `proxy_targets` no service has.
    pub fn names_that_are_nobodys(self) {
        let names = self.names;
        for found in self.targets.iter().filter(|found| !names.contains_key(found.value)) {
            let words = Words::new(format!("there is no service {:?}", found.value));
            found.spot.tell(match closest(found.value, names.keys().map(String::as_str)) {
                Some(meant) => words.mark(format!("did you mean `{meant}`?")),
                None => words.hint("the `name` of a [[service]], as it is written there"),
            });
        }
    }
}

/// Reads all `[[service]]` of a file. In: what was seen in earlier files. Out: the services without a problem.
pub fn read<'a>(mut root: Section<'a>, around: &Around<'_>, seen: &mut Seen<'a>) -> Vec<ServiceRule> {
    let mut rules = Vec::new();
    for section in root.tables("service", "name") {
        rules.extend(service(section, around, seen));
    }
    root.finish();
    rules
}

fn service<'a>(mut section: Section<'a>, around: &Around<'_>, seen: &mut Seen<'a>) -> Option<ServiceRule> {
    let name = name(&mut section, &mut seen.names);
    let description = filled(&mut section, "description");
    let notice = filled(&mut section, "notice");
    let logo = logo(&mut section, around.files);
    let position = section.int("position", 100, i64::MIN..=i64::MAX);
    let addresses = addresses(&mut section);
    let user_field = filled(&mut section, "user_field");
    let accounts = accounts(&mut section, around);
    let usernames = texts(section.list("usernames"));
    let filter = filter(&mut section);
    let explain_filter = section.bool("explain_filter", false);
    let disabled = section.bool("disabled", false);
    let proxy = section.bool("proxy", false);
    let proxy_callback = section.bool("proxy_callback", false);
    let proxy_targets = proxy_targets(&mut section, proxy_callback, seen);
    let pgt_optional = section.bool("pgt_optional", false);
    let warn = section.word("warn", Warn::User, &WARN);
    let renew = section.bool("renew", false);
    let response = section.word("response", Delivery::Redirect, &DELIVERY);
    let http_attributes = section.bool("http_attributes", false);
    let attributes_on_v2 = section.bool("attributes_on_v2", true);
    let single_log_out = section.bool("single_log_out", true);
    let single_log_out_callback = callback(&mut section);
    let release = release::read(section.table("release"));
    section.finish();
    Some(ServiceRule {
        name: name?,
        description,
        notice,
        logo,
        position,
        addresses: addresses?,
        disabled,
        user_field,
        accounts,
        usernames,
        filter,
        explain_filter,
        release,
        proxy,
        proxy_callback,
        proxy_targets,
        pgt_optional,
        warn,
        renew,
        response,
        http_attributes,
        attributes_on_v2,
        single_log_out,
        single_log_out_callback,
    })
}

fn filled(section: &mut Section<'_>, key: &'static str) -> Option<String> {
    section.filled_text(key).map(|found| found.value.to_owned())
}

fn name(section: &mut Section<'_>, names: &mut HashMap<String, String>) -> Option<String> {
    let found = section.text("name")?;
    if let Some(at) = names.get(found.value) {
        let words = Words::new(format!("two services have the name {:?}", found.value));
        found.spot.alone().tell(words.mark(format!("also at {at}")));
        return None;
    }
    names.insert(found.value.to_owned(), found.spot.address());
    Some(found.value.to_owned())
}

/// `url` or `pattern`, exactly one of them.
fn addresses(section: &mut Section<'_>) -> Option<Addresses> {
    let urls = section.text_or_list("url");
    let regex = section.opt_text("pattern");
    let any_host = section.bool("any_host", false);
    match (urls, regex) {
        (Some(_), Some(found)) => {
            found.spot.error("a service has `url` or `pattern`, not both");
            None
        }
        (Some(urls), None) => url_patterns(urls),
        (None, Some(found)) => whole_pattern(&found, any_host).map(Addresses::Pattern),
        (None, None) => {
            if !section.has("url") && !section.has("pattern") {
                section.missing("url");
            }
            None
        }
    }
}

fn url_patterns(urls: Found<'_, Vec<Found<'_, &str>>>) -> Option<Addresses> {
    let written = urls.value.len();
    let mut patterns = Vec::new();
    for found in urls.value {
        match UrlPattern::new(found.value) {
            Ok(pattern) => patterns.push(pattern),
            Err(reason) => found.spot.error(format!("`url` cannot be used: {reason}")),
        }
    }
    if written == 0 {
        urls.spot.error("`url` names no address");
    }
    (!patterns.is_empty()).then_some(Addresses::Urls(patterns))
}

fn whole_pattern(found: &Found<'_, &str>, any_host: bool) -> Option<WholePattern> {
    if !found.value.starts_with('^') {
        let words = Words::new("`pattern` must begin with `^`");
        found.spot.tell(words.hint("it is matched with the whole address; url = \"…\" is simpler"));
        return None;
    }
    let pattern = pattern("pattern", found)?;
    if !is_open(&pattern) {
        return Some(pattern);
    }
    let why = "whoever has a web address could get tickets of our people.";
    if any_host {
        let words = Words::warning(ANY_HOST, "this pattern matches addresses at hosts of strangers");
        found.spot.tell(words.mark("any_host = true").note(why));
        return Some(pattern);
    }
    let words = Words::new("this pattern matches addresses at hosts of strangers").note(why);
    found.spot.tell(words.hint("name the host up to its `/`, or write any_host = true if that is meant"));
    None
}

/// The list `providers`: suffixes, names of back-ends, `local`, each also with `!`.
fn accounts(section: &mut Section<'_>, around: &Around<'_>) -> Accounts {
    let Some(list) = section.list("providers") else { return Accounts::default() };
    if list.value.is_empty() {
        let words = Words::new("`providers` is empty: nobody could enter");
        list.spot.tell(words.hint("leave the key out to take all, or write disabled = true"));
    }
    for found in &list.value {
        let name = found.value.strip_prefix('!').unwrap_or(found.value);
        let known = name == "local"
            || around.suffixes.iter().any(|(suffix, _)| suffix.same_as(name))
            || around.backends.iter().any(|backend| backend == name);
        if known || !around.complete {
            continue;
        }
        let suffixes = around.suffixes.iter().map(|(suffix, _)| suffix.as_str());
        let names = suffixes.chain(around.backends.iter().map(String::as_str)).chain(["local"]);
        let words = Words::new(format!("there is no provider or back-end {name:?}"));
        found.spot.tell(match closest(name, names) {
            Some(meant) => words.mark(format!("did you mean `{meant}`?")),
            None => words.hint("a suffix, the name of a back-end, or \"local\""),
        });
    }
    Accounts::new(&texts(Some(list)))
}

/// `proxy_targets`: names of services, looked up when all are read.
fn proxy_targets<'a>(section: &mut Section<'a>, proxy_callback: bool, seen: &mut Seen<'a>) -> Vec<String> {
    let Some(list) = section.list("proxy_targets") else { return Vec::new() };
    if !proxy_callback && !list.value.is_empty() {
        let words = Words::new("`proxy_targets` says nothing about a service that may not proxy");
        list.spot.tell(words.hint("write proxy_callback = true too, or leave this key out"));
    }
    let names = list.value.iter().map(|found| found.value.to_owned()).collect();
    seen.targets.extend(list.value);
    names
}

/// `[service.filter]`: an attribute = a regular expression, or a list of them.
fn filter(section: &mut Section<'_>) -> Vec<(String, Vec<WholePattern>)> {
    let mut table = section.table("filter");
    let mut filter = Vec::new();
    for (attribute, value) in table.pairs() {
        if value.get_ref().as_array().is_some_and(|list| list.is_empty()) {
            table.place(value).error(format!("the filter of `{}` has no pattern", attribute.value));
        }
        let written = table.texts(attribute.value, value);
        let patterns = written.iter().filter_map(|found| pattern(attribute.value, found)).collect();
        filter.push((attribute.value.to_owned(), patterns));
    }
    filter
}

fn callback(section: &mut Section<'_>) -> Option<String> {
    let found = section.filled_text("single_log_out_callback")?;
    // Its query is its own business.
    let front = found.value.split_once('?').map_or(found.value, |(front, _)| front);
    let readable = web_address(front).and_then(|_| {
        crate::protocol::service::ServiceUrl::parse(found.value).map_err(|error| error.to_string())
    });
    if let Err(reason) = readable {
        found.spot.error(format!("`single_log_out_callback` cannot be used: {reason}"));
        return None;
    }
    Some(found.value.to_owned())
}
