//! `kind = "ldap"`: a directory.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::super::page::Words;
use super::super::paths::certificates;
use super::super::section::Section;
use super::Around;
use super::check::{self, PasswordCheck, Stored};

/// Most bytes of the file of a password.
const LARGEST_SECRET: u64 = 64 << 10;

/// The keys of `kind = "ldap"`.
#[derive(Clone, Debug)]
pub struct Ldap {
    /// `ldap://…` or `ldaps://…`, tried in order.
    pub servers: Vec<Url>,
    /// Whether `ldap://` is left for TLS before anything is said. Default: false.
    pub starttls: bool,
    /// Authorities in place of those of the system.
    pub ca_file: Option<PathBuf>,
    /// For connecting, and for each question. Default: 5 s.
    pub timeout: Duration,
    /// The service account and its password; `None`: anonymous.
    pub bind: Option<(String, SecretString)>,
    /// Below which people are searched.
    pub base_dn: String,
    /// The filter, with `%(username)s` or `%s` for the escaped name. Default: `(uid=%(username)s)`.
    pub user_query: String,
    /// The attribute whose first value becomes the user name. Default: `uid`.
    pub username_attr: String,
    /// How passwords are checked. Default: bind.
    pub check: LdapCheck,
    /// Who reads attributes.
    pub attributes_as: AttributesAs,
    /// The attributes that are asked for. Default: `*`.
    pub attributes: Vec<String>,
    /// Most connections that wait for searches. Default: 4.
    pub connections: usize,
}

/// How a directory checks a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LdapCheck {
    /// By a bind as the entry.
    Bind,
    /// Against an attribute of the entry.
    Attribute {
        /// Its name. Default: `userPassword`.
        name: String,
        /// What it holds.
        stored: Stored,
    },
}

/// Who reads attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributesAs {
    /// The service account.
    Service,
    /// The person, after the bind.
    User,
}

/// Reads the keys.
pub(super) fn read(section: &mut Section<'_>, around: &Around<'_>) -> Option<Ldap> {
    let second = Duration::from_secs(1);
    let servers = servers(section);
    let ca_file = section
        .filled_text("ca_file")
        .and_then(|found| certificates("ca_file", found.value, &found.spot, around.files));
    let starttls = section.bool("starttls", false);
    let timeout = section.duration("timeout", second * 5, second / 10..=second * 60);
    let bind = bind(section, around);
    let check = check(section);
    let words = [("service", AttributesAs::Service), ("user", AttributesAs::User)];
    let attributes_as = section.word("attributes_as", AttributesAs::Service, &words);
    if attributes_as == AttributesAs::User && check != LdapCheck::Bind {
        section.header().error("`attributes_as = \"user\"` needs `password_check = \"bind\"`");
    }
    let attributes = section.list("attributes");
    let attributes = attributes.map(|list| list.value.iter().map(|found| found.value.to_owned()).collect());
    let connections = usize::try_from(section.int("connections", 4, 1..=64)).unwrap_or(4);
    let text = |found: Option<super::super::section::Found<'_, &str>>, default: &str| {
        found.map_or(default, |found| found.value).to_owned()
    };
    let user_query = text(section.opt_text("user_query"), "(uid=%(username)s)");
    let username_attr = text(section.opt_text("username_attr"), "uid");
    let base_dn = section.text("base_dn")?.value.to_owned();
    Some(Ldap {
        servers: servers?,
        starttls,
        ca_file,
        timeout,
        bind,
        base_dn,
        user_query,
        username_attr,
        check,
        attributes_as,
        attributes: attributes.unwrap_or_else(|| vec!["*".to_owned()]),
        connections,
    })
}

fn servers(section: &mut Section<'_>) -> Option<Vec<Url>> {
    let Some(list) = section.text_or_list("url") else {
        if !section.has("url") {
            section.missing("url");
        }
        return None;
    };
    let mut servers = Vec::new();
    for found in list.value {
        let url = Url::parse(found.value).ok();
        let usable = url.filter(|url| {
            let plain = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
            let nobody = url.username().is_empty() && url.password().is_none();
            matches!(url.scheme(), "ldap" | "ldaps") && url.host().is_some() && plain && nobody
        });
        match usable {
            Some(url) => servers.push(url),
            None => {
                let words = Words::new("this is no address of a directory");
                found.spot.tell(words.hint("such as \"ldaps://ldap.example\" or \"ldap://127.0.0.1:3890\""));
            }
        }
    }
    Some(servers)
}

/// `bind_dn` and `bind_password_file`: both or none.
fn bind(section: &mut Section<'_>, around: &Around<'_>) -> Option<(String, SecretString)> {
    let dn = section.filled_text("bind_dn").map(|found| found.value.to_owned());
    let file = section.filled_text("bind_password_file");
    if dn.is_some() != file.is_some() {
        section.header().error("`bind_dn` and `bind_password_file` belong together");
    }
    let found = file?;
    let secret = super::secret(found.value, &found.spot, around.files, LARGEST_SECRET)?;
    Some((dn?, secret))
}

fn check(section: &mut Section<'_>) -> LdapCheck {
    let (charset, clear_text) = (check::charset(section), section.bool("clear_text", false));
    let name = section.opt_text("password_attr").map_or("userPassword", |found| found.value).to_owned();
    let words: Vec<(&str, Option<PasswordCheck>)> =
        [("bind", None)].into_iter().chain(check::WORDS.map(|(word, check)| (word, Some(check)))).collect();
    match section.word("password_check", None, &words) {
        None => LdapCheck::Bind,
        Some(check) => LdapCheck::Attribute { name, stored: Stored { check, charset, clear_text } },
    }
}
