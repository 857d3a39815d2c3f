//! How an institution is reached, and its answers are read: the keys of `[[provider]]` that are about the wire.

use std::path::PathBuf;
use std::time::Duration;

use super::super::page::Words;
use super::super::pair;
use super::super::paths::{certificates, private_key};
use super::super::public_url::web_address;
use super::super::section::{Found, Section};
use super::super::texts::Files;
use crate::domain::provider::{Approach, Format, Paths, StateIn};

const FORMATS: [(&str, Format); 2] = [("xml", Format::Xml), ("json", Format::Json)];
const STATES: [(&str, StateIn); 2] = [("url", StateIn::Url), ("cookie", StateIn::Cookie)];
/// Parameters that are ours to send.
const OURS: [&str; 4] = ["service", "renew", "gateway", "TARGET"];

/// Reads them. In: the base address of the institution.
pub(super) fn read(section: &mut Section<'_>, files: &Files, url: &str) -> Approach {
    let second = Duration::from_secs(1);
    let timeout = section.duration("timeout", second * 5, second / 10..=second * 60);
    let skew = section.duration("skew", second * 30, Duration::ZERO..=second * 600);
    Approach {
        timeout_ms: u64::try_from(timeout.as_millis()).unwrap_or(5000),
        ca_file: file(section, "ca_file", files, certificates),
        client_certificate: client_certificate(section, files, url),
        http_proxy: http_proxy(section),
        paths: paths(section.table("paths")),
        extra_params: extra_params(section.table("extra_params")),
        format: section.word("format", Format::Xml, &FORMATS),
        renew: section.bool("renew", false),
        split_lists: section.bool("split_lists", false),
        repair_ampersands: section.bool("repair_ampersands", false),
        skew: i64::try_from(skew.as_secs()).unwrap_or(30),
        state_in: section.word("state_in", StateIn::Url, &STATES),
    }
}

type Reader = fn(&str, &str, &super::super::page::Spot<'_>, &Files) -> Option<PathBuf>;

fn file(section: &mut Section<'_>, key: &'static str, files: &Files, read: Reader) -> Option<PathBuf> {
    let found = section.filled_text(key)?;
    read(key, found.value, &found.spot, files)
}

/// `client_cert_file` and `client_key_file`: both or none, and of one another.
fn client_certificate(section: &mut Section<'_>, files: &Files, url: &str) -> Option<(PathBuf, PathBuf)> {
    let shown = section.filled_text("client_cert_file");
    let secret = section.filled_text("client_key_file");
    let read =
        |key: &str, found: &Found<'_, &str>, reader: Reader| reader(key, found.value, &found.spot, files);
    let certificate = shown.as_ref().and_then(|found| read("client_cert_file", found, certificates));
    let key = secret.as_ref().and_then(|found| read("client_key_file", found, private_key));
    if section.has("client_cert_file") != section.has("client_key_file") {
        section.header().error("`client_cert_file` and `client_key_file` belong together");
    } else if certificate.is_some() && !url.starts_with("https:") {
        section.header().error("a client certificate is shown over https only");
    }
    let paths = certificate.zip(key)?;
    pair::fits(shown.as_ref()?, secret.as_ref()?, files).then_some(paths)
}

/// `http_proxy`: an address; empty: none.
fn http_proxy(section: &mut Section<'_>) -> Option<String> {
    let found = section.filled_text("http_proxy")?;
    match web_address(found.value) {
        Ok(url) => Some(url.origin()),
        Err(reason) => {
            found.spot.error(format!("`http_proxy` cannot be used: {reason}"));
            None
        }
    }
}

/// `paths`: in place of those of CAS.
fn paths(mut table: Section<'_>) -> Paths {
    let paths = Paths {
        login: path(&mut table, "login"),
        validate: path(&mut table, "validate"),
        logout: path(&mut table, "logout"),
    };
    table.finish();
    paths
}

fn path(table: &mut Section<'_>, key: &'static str) -> Option<String> {
    let found = table.filled_text(key)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
    if !found.value.starts_with('/') || !found.value.chars().all(plain) || found.value.contains("//") {
        let words = Words::new(format!("`{key}` is no path below `url`"));
        found
            .spot
            .tell(words.hint("such as \"/signin\": letters, digits, `-`, `.`, `_`, `~` and single `/`"));
        return None;
    }
    Some(found.value.to_owned())
}

/// `extra_params`: name = value, for the sign-in address.
fn extra_params(mut table: Section<'_>) -> Vec<(String, String)> {
    let mut list = Vec::new();
    for (name, value) in table.pairs() {
        let text = value.get_ref().as_str().map(|text| Found { value: text, spot: table.place(value) });
        if name.value.is_empty() || OURS.contains(&name.value) {
            name.spot.error(format!("the parameter `{}` is sent by the gateway itself", name.value));
        } else if let Some(text) = text {
            list.push((name.value.to_owned(), text.value.to_owned()));
        } else {
            table.place(value).error(format!("`{}` must be text", name.value));
        }
    }
    list
}
