//! Directories: a real one that people sign in with, and others that hang, hang up, or show bad papers.
//!
//! Where slapd is not installed these stories are left out, unless `REQUIRE_SLAPD` is set.

mod access;
mod failover;
mod names;
mod papers;
mod people;
mod probe;
mod ranges;
mod stored;
mod unclear;
mod wall;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use passerelle::auth::{Authenticator, Directory, Down, Hashing, Steps, Verdict};
use passerelle::config::{BackendKind, Config, Files, Text, Texts};
use passerelle::protocol::attributes::Attributes;

use crate::support::slapd::{BASE, GATEWAY};

/// A back-end of the people, at this address, with further lines. Later lines of the same key are the caller's
/// to leave out.
pub fn people(url: &str, more: &str) -> String {
    below(&format!("ou=people,{BASE}"), url, more)
}

/// The same for those whose passwords we read.
pub fn vault(url: &str, more: &str) -> String {
    below(&format!("ou=vault,{BASE}"), url, more)
}

fn below(base: &str, url: &str, more: &str) -> String {
    let url = if url.starts_with('[') { url.to_owned() } else { format!("{url:?}") };
    format!(
        "[[backend]]\nname = \"campus\"\nkind = \"ldap\"\nurl = {url}\nbase_dn = \"{base}\"\n\
         bind_dn = \"{}\"\nbind_password_file = \"gateway.secret\"\n{more}\n",
        GATEWAY.0
    )
}

/// The directory of a table.
pub fn directory(toml: &str, ca_file: Option<&Path>) -> Directory {
    let mut files = BTreeMap::from([("gateway.secret".to_owned(), GATEWAY.1.as_bytes().to_vec())]);
    files.insert("wrong.secret".to_owned(), b"Not the lantern".to_vec());
    if let Some(path) = ca_file {
        files.insert(path.display().to_string(), std::fs::read(path).unwrap());
    }
    let main = format!("[server]\npublic_url = \"https://login.example/cas\"\n{toml}");
    let texts = Texts {
        main: Text::new("passerelle.toml", main),
        providers: Vec::new(),
        services: Vec::new(),
        files: Files::Memory(files),
    };
    let config = match Config::read(&texts, &|_| None) {
        Ok((config, _)) => config,
        Err(problems) => panic!("{}", problems.text(false, "")),
    };
    let [backend] = config.backends.as_slice() else { panic!("one back-end") };
    let BackendKind::Ldap(ldap) = &backend.kind else { panic!("a directory") };
    Directory::new(&backend.name, ldap, backend.signs_in, Arc::new(Hashing::default()), None).unwrap()
}

/// What comes of a name and a password.
pub async fn check(directory: &Directory, name: &str, password: &str) -> Result<Verdict, Down> {
    directory.check(name, &password.into(), &Steps::untold()).await
}

/// The name and the attributes of somebody with the right password.
pub async fn right(directory: &Directory, name: &str, password: &str) -> (String, Attributes) {
    match check(directory, name, password).await {
        Ok(Verdict::Right { name, attributes }) => (name, attributes),
        other => panic!("{name}: {other:?}"),
    }
}

/// The steps as lines.
pub fn lines(steps: &Steps) -> String {
    steps.list().iter().map(|step| format!("{}: {}\n", step.what, step.found)).collect()
}

/// The values of an attribute, beside each other.
pub fn values(attributes: &Attributes, name: &str) -> String {
    let values = attributes.get(name).unwrap_or_default();
    values.iter().map(|value| value.as_text().into_owned()).collect::<Vec<_>>().join("|")
}

/// The shared directory, or one of the story's own with this certificate; or the end of the story.
macro_rules! slapd {
    () => {
        match $crate::support::slapd::Slapd::shared() {
            Some(slapd) => slapd,
            None => return,
        }
    };
    ($paper:expr) => {
        match $crate::support::slapd::Slapd::start($paper) {
            Some(slapd) => slapd,
            None => return,
        }
    };
}

use slapd;
