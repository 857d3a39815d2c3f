//! `[[provider]]`: institutions.

use std::path::PathBuf;
use std::time::Duration;

use super::page::Words;
use super::paths::{certificates, image};
use super::public_url::web_address;
use super::release;
use super::section::{Found, Section};
use super::texts::Files;
use crate::domain::identity::Suffix;
use crate::domain::name::NameRules;
use crate::domain::pattern::WholePattern;
use crate::domain::provider::{CasVersion, Provider};

/// Reads all `[[provider]]` of a file.
///
/// In: the file, the suffixes of earlier files and where they stand; those of this file are added, also
/// where the rest of an entry has a problem. Out: the institutions without a problem.
pub fn read(mut root: Section<'_>, files: &Files, suffixes: &mut Vec<(Suffix, String)>) -> Vec<Provider> {
    let mut providers = Vec::new();
    for section in root.tables("provider", "suffix") {
        providers.extend(provider(section, files, suffixes));
    }
    root.finish();
    providers
}

fn provider(
    mut section: Section<'_>,
    files: &Files,
    suffixes: &mut Vec<(Suffix, String)>,
) -> Option<Provider> {
    let suffix = suffix(&mut section, suffixes);
    let name = section.text("name").map(|found| found.value.to_owned());
    let url = section.text("url").and_then(|found| url(&found));
    let versions = [("3.0", CasVersion::V3), ("2.0", CasVersion::V2), ("1.0", CasVersion::V1)];
    let second = Duration::from_secs(1);
    let protocol = section.word("protocol", CasVersion::V3, &versions);
    let position = section.int("position", 100, i64::MIN..=i64::MAX);
    let display = section.bool("display", true);
    let disabled = section.bool("disabled", false);
    let group = section.filled_text("group").map(|found| found.value.to_owned());
    let aliases = texts(section.list("aliases"));
    let email_domains = email_domains(&mut section);
    let logo = logo(&mut section, files);
    let timeout = section.duration("timeout", second * 5, second / 10..=second * 60);
    let ca_file = ca_file(&mut section, files);
    let names = names(section.table("username"));
    let attributes = attributes(&mut section);
    section.finish();
    Some(Provider {
        suffix: suffix?,
        name: name?,
        url: url?,
        protocol,
        position,
        display,
        disabled,
        group,
        aliases,
        email_domains,
        logo,
        timeout_ms: u64::try_from(timeout.as_millis()).unwrap_or(5000),
        ca_file,
        names,
        attributes,
    })
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

/// The base address of an institution: without a last slash, and never with `/login`.
fn url(found: &Found<'_, &str>) -> Option<String> {
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
    Some(base)
}

/// The texts of a list.
pub fn texts(list: Option<Found<'_, Vec<Found<'_, &str>>>>) -> Vec<String> {
    list.into_iter().flat_map(|list| list.value).map(|found| found.value.to_owned()).collect()
}

fn email_domains(section: &mut Section<'_>) -> Vec<String> {
    let Some(list) = section.list("email_domains") else { return Vec::new() };
    let mut domains = Vec::new();
    for found in list.value {
        let domain = found.value;
        let odd = |c: char| c.is_whitespace() || c.is_control() || "@/*".contains(c);
        if domain.contains(odd) || domain.starts_with('.') || domain.ends_with('.') {
            found.spot.error(format!("{domain:?} is no domain of e-mail addresses"));
        } else {
            domains.push(domain.to_owned());
        }
    }
    domains
}

/// The key `logo`: the path of the picture as it is read.
pub fn logo(section: &mut Section<'_>, files: &Files) -> Option<String> {
    let found = section.filled_text("logo")?;
    let path = image("logo", found.value, &found.spot, files)?;
    Some(path.to_string_lossy().into_owned())
}

fn ca_file(section: &mut Section<'_>, files: &Files) -> Option<PathBuf> {
    let found = section.filled_text("ca_file")?;
    certificates("ca_file", found.value, &found.spot, files)
}

fn names(mut section: Section<'_>) -> NameRules {
    let lowercase = section.bool("lowercase", false);
    let accept = section.filled_text("accept").and_then(|found| pattern("accept", &found));
    section.finish();
    NameRules { lowercase, accept }
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

fn attributes(section: &mut Section<'_>) -> Option<Vec<(String, String)>> {
    let mut table = section.table("attributes");
    if !table.is_there() {
        return None;
    }
    let mut list = Vec::new();
    for (ours, value) in table.pairs() {
        release::known(&ours);
        if let Some(theirs) = value.get_ref().as_str() {
            release::known(&Found { value: theirs, spot: table.place(value) });
        }
        match value.get_ref().as_str().filter(|theirs| !theirs.is_empty() && !ours.value.is_empty()) {
            Some(theirs) => list.push((ours.value.to_owned(), theirs.to_owned())),
            None => {
                let words = Words::new("an attribute is renamed by text: our name = \"their name\"");
                table.place(value).tell(words.hint("such as email = \"mail\""));
            }
        }
    }
    Some(list)
}
