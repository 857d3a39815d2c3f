//! `kind = "ldap"`: a directory.

mod query;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::super::page::Words;
use super::super::paths::certificates;
use super::super::problem::PLAIN_DIRECTORY;
use super::super::section::{Found, Section};
use super::Around;
use super::check::{self, PasswordCheck, Stored};

pub use query::UserQuery;

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
    pub user_query: UserQuery,
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

/// Reads the keys. In: whether passwords are checked here.
pub(super) fn read(section: &mut Section<'_>, around: &Around<'_>, signs_in: bool) -> Option<Ldap> {
    let second = Duration::from_secs(1);
    let starttls = section.opt_bool("starttls");
    let secret = signs_in || section.has("bind_password_file");
    let servers = servers(section, starttls.as_ref(), secret);
    let starttls = starttls.is_some_and(|found| found.value);
    let ca_file = section
        .filled_text("ca_file")
        .and_then(|found| certificates("ca_file", found.value, &found.spot, around.files));
    let timeout = section.duration("timeout", second * 5, second / 10..=second * 60);
    let bind = bind(section, around);
    let check = check(section);
    let words = [("service", AttributesAs::Service), ("user", AttributesAs::User)];
    let attributes_as = section.word("attributes_as", AttributesAs::Service, &words);
    if attributes_as == AttributesAs::User && check != LdapCheck::Bind {
        section.header().error("`attributes_as = \"user\"` needs `password_check = \"bind\"`");
    }
    let list = section.list("attributes");
    let attributes = list.map(|list| list.value.iter().filter_map(|found| wanted(found)).collect());
    let connections = usize::try_from(section.int("connections", 4, 1..=64)).unwrap_or(4);
    let user_query = match section.opt_text("user_query") {
        Some(found) => query::read(&found),
        None => UserQuery::parse("(uid=%(username)s)").ok(),
    };
    let username_attr = attribute(section, "username_attr", "uid");
    let base_dn = section.text("base_dn")?;
    if base_dn.value.contains("%(username)s") || base_dn.value.contains("%s") {
        base_dn.spot.error("`base_dn` has no place for a name; `user_query` has");
    } else if !base_dn.value.contains('=') {
        let words = Words::new("`base_dn` is no name of an entry");
        base_dn.spot.tell(words.hint("such as \"ou=people,dc=campus,dc=example\""));
    }
    Some(Ldap {
        servers: servers?,
        starttls,
        ca_file,
        timeout,
        bind,
        base_dn: base_dn.value.to_owned(),
        user_query: user_query?,
        username_attr,
        check,
        attributes_as,
        attributes: attributes.unwrap_or_else(|| vec!["*".to_owned()]),
        connections,
    })
}

/// The name of an attribute (RFC 4512 §2.5), with options behind it.
fn is_attribute(name: &str) -> bool {
    let fits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let (kind, options) = name.split_once(';').map_or((name, None), |(kind, options)| (kind, Some(options)));
    let described = fits(kind) && kind.starts_with(|first: char| first.is_ascii_alphabetic());
    let numbered = kind.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    (described || numbered) && options.is_none_or(|options| options.split(';').all(fits))
}

fn not_an_attribute(found: &Found<'_, &str>) {
    let words = Words::new(format!("{:?} is no name of an attribute", found.value));
    found.spot.tell(words.hint("letters, digits and `-`, such as \"mail\" or \"memberOf\""));
}

fn attribute(section: &mut Section<'_>, key: &'static str, default: &str) -> String {
    let found = section.opt_text(key);
    if let Some(found) = found.as_ref().filter(|found| !is_attribute(found.value)) {
        not_an_attribute(found);
    }
    found.map_or(default, |found| found.value).to_owned()
}

/// One of `attributes`: also `*`, all, and `+`, those that the directory keeps for itself.
fn wanted(found: &Found<'_, &str>) -> Option<String> {
    if matches!(found.value, "*" | "+") || is_attribute(found.value) {
        return Some(found.value.to_owned());
    }
    not_an_attribute(found);
    None
}

/// `url`. In: `starttls`, and whether passwords travel at all.
fn servers(section: &mut Section<'_>, starttls: Option<&Found<'_, bool>>, secret: bool) -> Option<Vec<Url>> {
    let Some(list) = section.text_or_list("url") else {
        if !section.has("url") {
            section.missing("url");
        }
        return None;
    };
    if list.value.is_empty() {
        list.spot.error("`url` names no server");
        return None;
    }
    let upgraded = starttls.filter(|found| found.value);
    let mut servers = Vec::new();
    for found in &list.value {
        let Some(url) = server(found) else { continue };
        match upgraded {
            Some(starttls) if url.scheme() == "ldaps" => {
                let words = Words::new("`starttls` is for `ldap://`: here TLS begins by itself");
                starttls.spot.tell(words.mark(format!("{} is at {}", url, found.spot.address())));
            }
            None if url.scheme() == "ldap" && secret && !is_here(&url) => {
                let words = Words::warning(PLAIN_DIRECTORY, "passwords travel to this directory unencrypted");
                let words = words.note("whoever is on the way can read them, and say yes to any of them.");
                found.spot.tell(words.hint("write an address that begins with ldaps:, or starttls = true"));
            }
            _ => {}
        }
        if (upgraded.is_some() || url.scheme() == "ldaps") && url.as_str().contains('[') {
            let words = Words::new("TLS needs the name of the server here, not an IPv6 address");
            found.spot.tell(words.hint("write the name that stands in its certificate"));
        }
        servers.push(url);
    }
    Some(servers)
}

fn server(found: &Found<'_, &str>) -> Option<Url> {
    let parsed = Url::parse(found.value);
    let url = match parsed.as_ref().map(unusable) {
        Ok(None) => return parsed.ok(),
        Ok(Some(why)) => why,
        Err(_) => "it cannot be read",
    };
    let words = Words::new(format!("this is no address of a directory: {url}")).address();
    found.spot.tell(words.hint("such as \"ldaps://ldap.example\" or \"ldap://127.0.0.1:3890\""));
    None
}

/// Why an address is none of a directory.
fn unusable(url: &Url) -> Option<&'static str> {
    if !matches!(url.scheme(), "ldap" | "ldaps") {
        return Some("it begins with ldap:// or ldaps://");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Some("a user stands in `bind_dn`, the password in `bind_password_file`");
    }
    if !url.host_str().is_some_and(|host| !host.is_empty() && !host.contains('%')) {
        return Some("it names no host");
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Some("nothing follows the host and its port; what is searched stands in `base_dn`");
    }
    (url.port() == Some(0)).then_some("0 is no port")
}

/// Whether nothing leaves this machine. The host of such an address is a text like any other to the parser.
fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost") || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// `bind_dn` and `bind_password_file`: both or none.
fn bind(section: &mut Section<'_>, around: &Around<'_>) -> Option<(String, SecretString)> {
    let dn = section.filled_text("bind_dn").map(|found| found.value.to_owned());
    let file = section.filled_text("bind_password_file");
    if dn.is_some() != file.is_some() {
        section.header().error("`bind_dn` and `bind_password_file` belong together");
    }
    let found = file?;
    let secret = super::secret(found.value, &found.spot, around.files)?;
    Some((dn?, secret))
}

fn check(section: &mut Section<'_>) -> LdapCheck {
    let (charset, clear_text) = (check::charset(section), section.bool("clear_text", false));
    let name = attribute(section, "password_attr", "userPassword");
    let words: Vec<(&str, Option<PasswordCheck>)> =
        [("bind", None)].into_iter().chain(check::WORDS.map(|(word, check)| (word, Some(check)))).collect();
    match section.word("password_check", None, &words) {
        None => LdapCheck::Bind,
        Some(check) => LdapCheck::Attribute { name, stored: Stored { check, charset, clear_text } },
    }
}
