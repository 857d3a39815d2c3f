//! `[[provider]]`: institutions.

mod approach;
mod idle;

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::moment::{begin, instant};
use super::page::Words;
use super::paths::image;
use super::problem::{NOTICE_NEVER, PLAIN_INSTITUTION};
use super::public_url::{PublicUrl, web_address};
use super::release;
use super::section::{Found, Section};
use super::site::help;
use super::texts::Files;
use crate::domain::identity::Suffix;
use crate::domain::name::NameRules;
use crate::domain::pattern::WholePattern;
use crate::domain::provider::{CasVersion, Live, LogOut, Notice, Provider};
use crate::domain::service_rule::Origin;
use crate::domain::url_pattern::UrlPattern;
use crate::protocol::time::Timestamp;

const PROTOCOLS: [(&str, CasVersion); 4] =
    [("3.0", CasVersion::V3), ("2.0", CasVersion::V2), ("1.0", CasVersion::V1), ("saml1", CasVersion::Saml1)];
const LOG_OUT: [(&str, LogOut); 3] =
    [("ask", LogOut::Ask), ("none", LogOut::None), ("always", LogOut::Always)];
const LIVE: [(&str, Live); 2] = [("session", Live::Session), ("latest", Live::Latest)];

/// What entries have taken, and where it stands: no two may have it, or no two should.
#[derive(Debug, Default)]
pub struct Taken {
    /// Their suffixes.
    pub suffixes: Vec<(Suffix, String)>,
    /// Their domains of e-mail addresses, in small letters.
    domains: HashMap<String, String>,
}

/// Reads all `[[provider]]` of a file.
///
/// In: the file, our own address, what earlier files have taken; what this file takes is added, also where the
/// rest of an entry has a problem. Out: the institutions without a problem.
pub fn read(
    mut root: Section<'_>,
    files: &Files,
    own: Option<&PublicUrl>,
    taken: &mut Taken,
) -> Vec<Provider> {
    let mut providers = Vec::new();
    for section in root.tables("provider", "suffix") {
        providers.extend(provider(section, files, own, taken));
    }
    root.finish();
    providers
}

fn provider(
    mut section: Section<'_>,
    files: &Files,
    own: Option<&PublicUrl>,
    taken: &mut Taken,
) -> Option<Provider> {
    let suffix = suffix(&mut section, &mut taken.suffixes);
    let name = section.text("name").map(|found| found.value.to_owned());
    let url = section.text("url").and_then(|found| url(&found, own));
    // Where one of these is missing all others are read too, so that their problems are told.
    let is_whole = suffix.is_some() && name.is_some() && url.is_some();
    let stand_in = || Suffix::parse("none.example").ok();
    let mut provider = Provider::new(
        suffix.or_else(stand_in)?,
        name.as_deref().unwrap_or_default(),
        url.as_deref().unwrap_or_default(),
    );
    provider.translations = translations(&mut section);
    provider.protocol = section.word("protocol", CasVersion::V3, &PROTOCOLS);
    on_the_page(&mut section, files, taken, &mut provider);
    provider.approach = approach::read(&mut section, files, &provider.url);
    provider.passive = section.bool("passive", false);
    provider.single_log_out = section.bool("single_log_out", true);
    provider.log_out = section.word("logout", LogOut::Ask, &LOG_OUT);
    provider.proxy_to = proxy_to(&mut section, provider.protocol);
    provider.max_session = section.opt_seconds("max_session");
    provider.live = section.word("attributes_live", Live::Session, &LIVE);
    if let Some(scopes) = scopes(&mut section) {
        provider.scopes = scopes;
    }
    if let Some(list) = section.list("scoped_attributes") {
        provider.scoped_attributes = texts(Some(list));
    }
    provider.names = names(section.table("username"), provider.protocol);
    provider.attributes = attributes(&mut section);
    idle::tell(&section, &provider);
    section.finish();
    is_whole.then_some(provider)
}

/// What the selection page shows.
fn on_the_page(section: &mut Section<'_>, files: &Files, taken: &mut Taken, provider: &mut Provider) {
    provider.position = section.int("position", 100, i64::MIN..=i64::MAX);
    provider.display = section.bool("display", true);
    provider.disabled = section.bool("disabled", false);
    provider.group = section.filled_text("group").map(|found| found.value.to_owned());
    provider.aliases = texts(section.list("aliases"));
    provider.email_domains = email_domains(section, &mut taken.domains);
    provider.logo = logo(section, files);
    provider.help = help(section);
    provider.notice = notice(section);
}

/// `names`: language = name.
fn translations(section: &mut Section<'_>) -> Vec<(String, String)> {
    let mut table = section.table("names");
    by_language(&mut table)
}

fn by_language(table: &mut Section<'_>) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for (language, value) in table.pairs() {
        if language.value.parse::<unic_langid::LanguageIdentifier>().is_err() {
            language
                .spot
                .error(format!("{:?} is no language: write its tag, such as fr or zh-Hans", language.value));
            continue;
        }
        match value.get_ref().as_str().filter(|text| !text.trim().is_empty()) {
            Some(text) => texts.push((language.value.to_owned(), text.to_owned())),
            None => table.place(value).error(format!("`{}` must be text", language.value)),
        }
    }
    texts
}

/// `[provider.notice]`: `text`, or `texts` by language, with `from` and `until`.
fn notice(section: &mut Section<'_>) -> Option<Notice> {
    let mut table = section.table("notice");
    let is_there = table.is_there();
    let text = table.filled_text("text").map(|found| (String::new(), found.value.to_owned()));
    let by_language = by_language(&mut table.table("texts"));
    let (from, until) = (moment(&mut table, "from"), moment(&mut table, "until"));
    let texts: Vec<_> = text.into_iter().chain(by_language).collect();
    if is_there && texts.is_empty() {
        table.header().error("a notice has a `text`, or `texts` by language");
    }
    if from.zip(until).is_some_and(|(from, until)| until <= from) {
        let words = Words::warning(NOTICE_NEVER, "`until` is not after `from`: nobody ever reads the notice");
        table.at("until").tell(words);
    }
    table.finish();
    (!texts.is_empty()).then_some(Notice { texts, from, until })
}

/// A moment: a date is its first second in UTC.
fn moment(section: &mut Section<'_>, key: &'static str) -> Option<Timestamp> {
    let found = section.moment(key)?;
    let instant = instant(&found.value, &TimeZone::UTC, |day| Some(begin(day)));
    if instant.is_none() {
        let words = Words::new(format!("`{key}` is no date: {:?}", found.value));
        found.spot.tell(words.hint("such as 2027-06-30 or 2027-06-30T12:00:00Z"));
    }
    instant
}

/// `proxy_to`: addresses of services at the institution, as in `url` of a service.
fn proxy_to(section: &mut Section<'_>, protocol: CasVersion) -> Vec<UrlPattern> {
    let mut patterns = Vec::new();
    let Some(list) = section.list("proxy_to") else { return patterns };
    if !list.value.is_empty() && !matches!(protocol, CasVersion::V2 | CasVersion::V3) {
        list.spot.error("`proxy_to` needs an institution that is asked by CAS 2.0 or 3.0");
    }
    for found in list.value {
        match UrlPattern::new(found.value) {
            Ok(pattern) => patterns.push(pattern),
            Err(reason) => found.spot.error(format!("`proxy_to` cannot be used: {reason}")),
        }
    }
    patterns
}

/// `scopes`: domains, in small letters.
fn scopes(section: &mut Section<'_>) -> Option<Vec<String>> {
    let list = section.list("scopes")?;
    Some(list.value.iter().filter_map(scope).collect())
}

fn scope(found: &Found<'_, &str>) -> Option<String> {
    let text = found.value;
    if !is_domain(text) {
        found.spot.error(format!("{text:?} is no scope: write what stands behind the @"));
        return None;
    }
    Some(text.to_lowercase())
}

fn suffix(section: &mut Section<'_>, suffixes: &mut Vec<(Suffix, String)>) -> Option<Suffix> {
    let found = section.text("suffix")?;
    let suffix = match Suffix::parse(found.value) {
        Ok(suffix) => suffix,
        Err(reason) => {
            found.spot.error(format!("this suffix cannot be used: {reason}"));
            return None;
        }
    };
    if let Some((_, at)) = suffixes.iter().find(|(other, _)| other.same_as(suffix.as_str())) {
        found.spot.alone().tell(
            Words::new(format!("two providers use the suffix \"{suffix}\""))
                .mark(format!("also at {at}"))
                .note("accounts of both would be the same person. Choose another suffix."),
        );
        return None;
    }
    suffixes.push((suffix.clone(), found.spot.address()));
    Some(suffix)
}

/// The base address of an institution: without a last slash, never with `/login`, and never our own.
fn url(found: &Found<'_, &str>, own: Option<&PublicUrl>) -> Option<String> {
    let url = match web_address(found.value) {
        Ok(url) => url,
        Err(reason) => {
            found.spot.error(format!("`url` cannot be used: {reason}"));
            return None;
        }
    };
    let base = format!("{}{}", url.origin(), url.path().trim_end_matches('/'));
    if let Some(front) = base.strip_suffix("/login") {
        let words = Words::new("`url` is the address of the CAS server without /login");
        found.spot.tell(words.hint(format!("write url = \"{front}\"")));
        return None;
    }
    if url.scheme() == "http" && !url.is_loopback() {
        let words =
            Words::warning(PLAIN_INSTITUTION, "`url` is plain http: its answers can be forged on the way");
        let words = words.note("whoever is on the way there can sign in as any of its people.");
        found.spot.tell(words.hint("write an address that begins with https:"));
    }
    if own.is_some_and(|own| own.base() == base) {
        let words = Words::new("`url` is `public_url`: the gateway would send people to itself");
        found.spot.tell(words.hint("write the address of the institution's CAS server"));
        return None;
    }
    Some(base)
}

/// The texts of a list.
pub fn texts(list: Option<Found<'_, Vec<Found<'_, &str>>>>) -> Vec<String> {
    list.into_iter().flat_map(|list| list.value).map(|found| found.value.to_owned()).collect()
}

/// Whether a text can stand behind an `@`.
fn is_domain(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "@/*".contains(c);
    !text.is_empty() && !text.contains(odd) && !text.starts_with('.') && !text.ends_with('.')
}

fn email_domains(section: &mut Section<'_>, taken: &mut HashMap<String, String>) -> Vec<String> {
    let Some(list) = section.list("email_domains") else { return Vec::new() };
    let mut domains = Vec::new();
    let mut own = Vec::new();
    for found in list.value {
        let domain = found.value;
        if !is_domain(domain) {
            found.spot.error(format!("{domain:?} is no domain of e-mail addresses"));
            continue;
        }
        let small = domain.to_lowercase();
        match taken.get(&small) {
            Some(at) => idle::twin(&found, at),
            None => own.push((small, found.spot.address())),
        }
        domains.push(domain.to_owned());
    }
    // Not before the whole list is read: what an entry says twice is no other's.
    for (domain, at) in own {
        taken.entry(domain).or_insert(at);
    }
    domains
}

/// The key `logo`: the path of the picture as it is read.
pub fn logo(section: &mut Section<'_>, files: &Files) -> Option<String> {
    let found = section.filled_text("logo")?;
    let path = image("logo", found.value, &found.spot, files)?;
    Some(path.to_string_lossy().into_owned())
}

fn names(mut section: Section<'_>, protocol: CasVersion) -> NameRules {
    let lowercase = section.bool("lowercase", false);
    let accept = section.filled_text("accept").and_then(|found| pattern("accept", &found));
    let strip_scope = section.list("strip_scope").into_iter().flat_map(|list| list.value);
    let strip_scope = strip_scope.filter_map(|found| scope(&found)).collect();
    let user_from = section.filled_text("user_from").and_then(|found| {
        if protocol == CasVersion::V1 {
            let words =
                Words::new("`user_from` needs an attribute, and CAS 1.0 tells none: nobody could sign in");
            found.spot.tell(words.hint("take it out, or ask by another `protocol`"));
        }
        release::known(&found)
    });
    section.finish();
    NameRules { lowercase, accept, strip_scope, user_from }
}

/// A regular expression. Records one that cannot be read.
pub fn pattern(key: &str, found: &Found<'_, &str>) -> Option<WholePattern> {
    match WholePattern::new(found.value) {
        Ok(pattern) => Some(pattern),
        Err(reason) => {
            found.spot.error(format!("`{key}` is no regular expression: {reason}"));
            None
        }
    }
}

/// `[provider.attributes]`: our name = where its values come from, in the forms of a release.
fn attributes(section: &mut Section<'_>) -> Option<Vec<(String, Origin)>> {
    let mut table = section.table("attributes");
    if !table.is_there() {
        return None;
    }
    let mut list = Vec::new();
    for (ours, value) in table.pairs() {
        if ours.value == "*" || value.get_ref().as_str() == Some("*") {
            let words = Words::new("`*` is no attribute of a person");
            ours.spot.tell(words.hint("without this table all are kept under their own names"));
            continue;
        }
        if ours.value.is_empty() {
            ours.spot.error("an attribute has a name: our name = \"their name\"");
            continue;
        }
        release::known(&ours);
        let origin = release::line(&table, &ours, value);
        list.extend(origin.map(|origin| (ours.value.to_owned(), origin)));
    }
    Some(list)
}
