//! `[[service]]`: applications.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::address::{Address, addresses};
use super::moment::{begin, instant};
use super::page::{Spot, Words};
use super::problem::{NEVER_TOLD, SHADOWED, SHARED_NAME, UNUSED};
use super::provider::{logo, pattern, texts};
use super::public_url::web_address;
use super::release;
use super::section::{Found, Section};
use super::site::is_link;
use super::suggest::closest;
use super::texts::Files;
use crate::domain::cover::shadowed;
use crate::domain::identity::{Source, Suffix};
use crate::domain::opening::{Hours, Opening, hours};
use crate::domain::pattern::WholePattern;
use crate::domain::rules::Rules;
use crate::domain::service_rule::{Accounts, Delivery, ServiceRule, UserField, Warn};

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
    /// The names of services that nobody has used for a long time.
    pub unused: &'c BTreeSet<String>,
    /// Whether both lists are whole: no file is unreadable, so an unknown name is a slip.
    pub complete: bool,
}

impl Around<'_> {
    /// How many institutions and back-ends there are whose people may enter.
    fn sources(&self, accounts: &Accounts) -> usize {
        let institutions = self.suffixes.iter().filter(|(suffix, _)| accounts.take_people_of(suffix)).count();
        let local = |name: &&String| accounts.take(&Source::Backend((*name).clone()));
        institutions + self.backends.iter().filter(local).count()
    }
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

/// A service, and where its addresses stand.
#[derive(Debug)]
pub struct Placed<'a> {
    /// The service.
    pub rule: ServiceRule,
    /// The value of `url` or `pattern`.
    pub spot: Spot<'a>,
}

/// Reads all `[[service]]` of a file. In: what was seen in earlier files. Out: the services without a problem.
pub fn read<'a>(mut root: Section<'a>, around: &Around<'_>, seen: &mut Seen<'a>) -> Vec<Placed<'a>> {
    let mut rules = Vec::new();
    for section in root.tables("service", "name") {
        rules.extend(service(section, around, seen));
    }
    root.finish();
    rules
}

/// Puts the services of all files in order, and tells those that nothing reaches.
pub fn in_order(mut placed: Vec<Placed<'_>>) -> Rules {
    placed.sort_by_key(|placed| placed.rule.position);
    let (rules, spots): (Vec<_>, Vec<_>) =
        placed.into_iter().map(|placed| (placed.rule, placed.spot)).unzip();
    let rules = Rules::new(rules);
    for (at, before) in shadowed(&rules) {
        if let (Some(spot), Some(first), Some(earlier)) =
            (spots.get(at), rules.iter().nth(before), spots.get(before))
        {
            let words = Words::warning(SHADOWED, "no address ever reaches this service").mark(format!(
                "all are taken by \"{}\" at {}",
                first.name,
                earlier.address()
            ));
            spot.tell(words.hint("give it a smaller `position`, or take it out"));
        }
    }
    rules
}

fn service<'a>(mut section: Section<'a>, around: &Around<'_>, seen: &mut Seen<'a>) -> Option<Placed<'a>> {
    section.allow();
    let name = name(&mut section, &mut seen.names);
    if name.as_ref().is_some_and(|name| around.unused.contains(name)) {
        let words = Words::warning(UNUSED, "nobody has used this service for 90 days");
        section.header().tell(words.hint("take it out if it is gone: what is not registered is refused"));
    }
    let description = filled(&mut section, "description");
    let notice = filled(&mut section, "notice");
    let logo = logo(&mut section, around.files);
    let position = section.int("position", 100, i64::MIN..=i64::MAX);
    let addresses = addresses(&mut section);
    let accounts = accounts(&mut section, around);
    let user_field = user_field(&mut section, around.sources(&accounts));
    let usernames = texts(section.list("usernames"));
    let filter = patterns(&mut section, "filter");
    let deny = patterns(&mut section, "deny");
    let explain_filter = section.bool("explain_filter", false);
    let disabled = section.bool("disabled", false);
    let opening = opening(&mut section);
    let max_auth_age = section.opt_seconds("max_auth_age");
    let contacts = contacts(&mut section);
    let denied_url = denied_url(&mut section);
    let proxy = section.bool("proxy", false);
    let proxy_callback = section.bool("proxy_callback", false);
    let proxy_targets = proxy_targets(&mut section, proxy_callback, seen);
    let pgt_optional = section.bool("pgt_optional", false);
    let warn = section.word("warn", Warn::User, &WARN);
    let renew = renew(&mut section, proxy);
    let response = section.word("response", Delivery::Redirect, &DELIVERY);
    let http_attributes = section.bool("http_attributes", false);
    let attributes_on_v2 = section.bool("attributes_on_v2", true);
    let single_log_out = section.bool("single_log_out", true);
    let single_log_out_callback = callback(&mut section);
    if let Some(address) = addresses.as_ref().filter(|_| single_log_out && single_log_out_callback.is_none())
    {
        never_told(address);
    }
    let release = release::read(section.table("release"));
    section.finish();
    let Address { addresses, spot, .. } = addresses?;
    let rule = ServiceRule {
        name: name?,
        description,
        notice,
        logo,
        position,
        addresses,
        disabled,
        opening,
        user_field,
        accounts,
        usernames,
        filter,
        deny,
        max_auth_age,
        contacts,
        denied_url,
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
    };
    Some(Placed { rule, spot })
}

/// A service that no browser reaches hears nothing at its own address.
fn never_told(address: &Address<'_>) {
    if !address.web {
        let words = Words::warning(NEVER_TOLD, "this service is never told when somebody signs out");
        address.spot.tell(
            words
                .note("it is no web page, and log-out messages go to web addresses.")
                .hint("name one: single_log_out_callback = \"https://…\", or write single_log_out = false"),
        );
    }
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

/// `user_field`: an attribute, or `@pairwise`. In: from how many sources people come.
fn user_field(section: &mut Section<'_>, sources: usize) -> UserField {
    let Some(found) = section.filled_text("user_field") else { return UserField::LoginName };
    if found.value == "@pairwise" {
        return UserField::Pairwise;
    }
    let Some(attribute) = release::known(&found) else { return UserField::LoginName };
    if sources > 1 {
        let words = Words::warning(SHARED_NAME, format!("`{attribute}` names people of {sources} sources"));
        let words =
            words.note("each of them says what it likes there: two people may become one to the service.");
        found.spot.tell(words.hint("let `providers` name one source, or write user_field = \"@pairwise\""));
    }
    UserField::Attribute(attribute)
}

/// `valid_until` and `hours`, on the clocks of `time_zone`.
fn opening(section: &mut Section<'_>) -> Opening {
    let zone = section.filled_text("time_zone");
    let until = section.moment("valid_until");
    let list = section.list("hours");
    let place = match &zone {
        Some(found) => match TimeZone::get(found.value) {
            Ok(zone) => zone,
            Err(_) => {
                let words = Words::new(format!("there is no time zone {:?}", found.value));
                found.spot.tell(words.hint("a region and a city, such as \"Europe/Paris\", or \"UTC\""));
                TimeZone::UTC
            }
        },
        None => TimeZone::UTC,
    };
    if let Some(found) = zone.filter(|_| until.is_none() && list.is_none()) {
        found.spot.error("`time_zone` says nothing without `hours` or `valid_until`");
    }
    let end = |day: Date| day.tomorrow().ok().map(begin);
    let until = until.and_then(|found| match instant(&found.value, &place, end) {
        Some(until) => Some(until),
        None => {
            let words = Words::new(format!("`valid_until` is no date: {:?}", found.value));
            found.spot.tell(words.hint("such as 2027-06-30, 2027-06-30T12:00:00 or 2027-06-30T12:00:00Z"));
            None
        }
    });
    Opening { until, hours: list.and_then(|list| spans(&list, place)) }
}

fn spans(list: &Found<'_, Vec<Found<'_, &str>>>, place: TimeZone) -> Option<Hours> {
    if list.value.is_empty() {
        let words = Words::new("`hours` is empty: nobody could ever enter");
        list.spot.tell(words.hint("leave the key out for all hours, or write disabled = true"));
        return None;
    }
    let mut spans = Vec::new();
    for found in &list.value {
        match hours(found.value) {
            Some(read) => spans.extend(read),
            None => found.spot.tell(
                Words::new(format!("`hours` cannot be read: {:?}", found.value))
                    .hint("such as \"Mon-Fri 08:00-18:00\" or \"Sat,Sun 10:00-24:00\""),
            ),
        }
    }
    Some(Hours::new(place, spans))
}

/// `contacts`: links to write to or to read, or texts that are shown as they are.
fn contacts(section: &mut Section<'_>) -> Vec<String> {
    let mut contacts = Vec::new();
    for found in section.list("contacts").into_iter().flat_map(|list| list.value) {
        let looks_like_link = found.value.contains("://") || found.value.starts_with("mailto:");
        if looks_like_link && !is_link(found.value) {
            found.spot.error("a contact is a link that begins with mailto: or https:, or a plain text");
        } else if found.value.contains(char::is_control) {
            found.spot.error("a contact is one line");
        } else {
            contacts.push(found.value.to_owned());
        }
    }
    contacts
}

fn denied_url(section: &mut Section<'_>) -> Option<String> {
    let found = section.filled_text("denied_url")?;
    if !found.value.starts_with("https:") || !is_link(found.value) {
        found.spot.error("`denied_url` is a link that begins with https:");
        return None;
    }
    Some(found.value.to_owned())
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

/// `renew`, which a service that takes proxy tickets cannot have.
fn renew(section: &mut Section<'_>, proxy: bool) -> bool {
    let Some(found) = section.opt_bool("renew") else { return false };
    if found.value && proxy {
        let words = Words::new("a service cannot have both `renew` and `proxy`");
        found.spot.tell(words.note("whoever brings a proxy ticket has nobody there to give credentials."));
    }
    found.value
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

/// `[service.filter]` and `[service.deny]`: an attribute = a regular expression, or a list of them.
fn patterns(section: &mut Section<'_>, key: &'static str) -> Vec<(String, Vec<WholePattern>)> {
    let mut table = section.table(key);
    let mut filter = Vec::new();
    for (attribute, value) in table.pairs() {
        release::known(&attribute);
        if value.get_ref().as_array().is_some_and(|list| list.is_empty()) {
            table.place(value).error(format!("the {key} of `{}` has no pattern", attribute.value));
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
