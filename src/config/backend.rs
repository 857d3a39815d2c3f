//! `[[backend]]`: who checks the passwords of local people. One file below for each kind with keys of its own.

pub mod check;
pub mod http;
pub mod ldap;
pub mod source;
pub mod sql;
mod users;

use secrecy::SecretString;
use toml::de::DeValue;

use super::database::Env;
use super::page::{Sink, Spot, Words};
use super::paths::secret_text;
use super::problem::TEST_BACKEND;
use super::provider::texts;
use super::public_url::PublicUrl;
use super::section::{Section, kind};
use super::server::Listen;
use super::texts::Files;
use crate::domain::identity::{NotASuffix, Suffix};
use crate::domain::name::{Name, NameRefused, NameRules, canonical};
use crate::domain::pattern::WholePattern;
use crate::domain::provider::Provider;
use crate::protocol::attributes::{Attributes, Value};
use check::{PasswordCheck, Stored};

/// One `[[backend]]`. They are asked in order.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Unique, also among the suffixes of institutions.
    pub name: String,
    /// What it is.
    pub kind: BackendKind,
    /// Attributes that are dropped when it gives them, without regard to case.
    pub hidden: Vec<String>,
    /// The names that it is asked for; `None`: all.
    pub names: Option<WholePattern>,
    /// Whether passwords are checked here; false: it is a source of attributes only.
    pub signs_in: bool,
}

/// What a back-end is.
#[derive(Clone, Debug)]
pub enum BackendKind {
    /// `kind = "accounts"`: the accounts in our own database.
    Accounts(Accounts),
    /// `kind = "file"`: the users of a file.
    File {
        /// Who they are.
        users: Vec<FileUser>,
        /// How their passwords are kept.
        stored: Stored,
    },
    /// `kind = "sql"`: a table of somebody else.
    Sql(sql::Sql),
    /// `kind = "ldap"`: a directory.
    Ldap(Box<ldap::Ldap>),
    /// `kind = "http"`: a program of the operator's own.
    Http(http::Http),
    /// `kind = "test"`: one user, the password in clear text.
    Test {
        /// Default: `test`.
        user: String,
        /// Default: `test`.
        password: SecretString,
        /// Default: those of the anonymous test person.
        attributes: Attributes,
    },
    /// `kind = "none"`: knows nobody.
    None,
}

impl BackendKind {
    /// The word in the files.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Accounts(_) => "accounts",
            Self::File { .. } => "file",
            Self::Sql(_) => "sql",
            Self::Ldap(_) => "ldap",
            Self::Http(_) => "http",
            Self::Test { .. } => "test",
            Self::None => "none",
        }
    }
}

/// The keys of `kind = "accounts"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accounts {
    /// Hashes of another kind or cost become Argon2id when their owner signs in. Default: true.
    pub rehash: bool,
    /// People may choose another password on a page of ours. Default: true.
    pub own_password: bool,
    /// Fewest characters of a new password. Default: 10.
    pub min_length: usize,
}

/// One `[[user]]` of a file.
#[derive(Clone, Debug)]
pub struct FileUser {
    /// In canonical form.
    pub name: String,
    /// The hash of the password.
    pub password: SecretString,
    /// What is known of the person.
    pub attributes: Attributes,
}

/// Which local names are names: no blank; `@` is allowed, since an e-mail address is a usual name.
pub fn local_names() -> NameRules {
    NameRules { accept: WholePattern::new(r"\S+").ok(), ..NameRules::default() }
}

/// Why a text is no local name, in words: there is no rule to name here.
pub fn local_reason(reason: &NameRefused) -> String {
    match reason {
        NameRefused::NotAccepted => "a user name has no blank".to_owned(),
        other => other.to_string(),
    }
}

/// A name that is taken, and where.
pub type Taken = (String, String);

/// What reading back-ends needs to know of the rest.
pub struct Around<'c> {
    /// The suffixes of all institutions, and where they stand.
    pub suffixes: &'c [(Suffix, String)],
    /// The institutions without a problem.
    pub providers: &'c [Provider],
    /// Where we listen; `None` after a problem with it.
    pub listen: Option<&'c Listen>,
    /// Our address, if it could be read.
    pub public_url: Option<&'c PublicUrl>,
    /// The environment, for `env:NAME`.
    pub env: Env<'c>,
    /// The files that keys name.
    pub files: &'c Files,
    /// Where problems of those files go.
    pub sink: &'c Sink,
}

/// Reads all `[[backend]]`. Out: the back-ends without a problem, and all names that were written, also
/// those of others, for the lists that name them.
pub fn read(sections: Vec<Section<'_>>, around: &Around<'_>) -> (Vec<Backend>, Vec<String>) {
    let mut taken: Vec<Taken> = Vec::new();
    let mut backends = Vec::new();
    let mut accounts: Option<String> = None;
    for mut section in sections {
        let name = name(&mut section, &mut taken, around);
        let hidden = texts(section.list("hidden_attributes"));
        let names = names(&mut section);
        let signs_in = section.bool("sign_in", true);
        let kind = kind_of(&mut section, around, signs_in);
        if let Some(BackendKind::Accounts(_)) = &kind {
            one_table(&section, &mut accounts);
        }
        section.finish();
        if let (Some(name), Some(kind)) = (name, kind) {
            backends.push(Backend { name, kind, hidden, names, signs_in });
        }
    }
    (backends, taken.into_iter().map(|(name, _)| name).collect())
}

fn name(section: &mut Section<'_>, taken: &mut Vec<Taken>, around: &Around<'_>) -> Option<String> {
    let found = section.text("name")?;
    let name = found.value;
    match Suffix::parse(name) {
        Ok(_) => {}
        Err(NotASuffix::Reserved) => {
            found.spot.error("`local` is reserved: it means every back-end");
            return None;
        }
        Err(NotASuffix::Characters) => {
            found.spot.error("the name of a back-end has 1 to 200 letters, digits, `.`, `-` or `_`");
            return None;
        }
    }
    let twin = taken.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    let suffix = around.suffixes.iter().find(|(suffix, _)| suffix.same_as(name));
    let double = match (twin, suffix) {
        (Some((_, at)), _) => Some((format!("two back-ends have the name \"{name}\""), at)),
        (None, Some((_, at))) => Some((format!("\"{name}\" is also the suffix of a provider"), at)),
        (None, None) => None,
    };
    if let Some((message, at)) = double {
        let words = Words::new(message).mark(format!("also at {at}"));
        found.spot.alone().tell(words.note("back-ends and providers share one name space."));
        return None;
    }
    taken.push((name.to_owned(), found.spot.address()));
    Some(name.to_owned())
}

/// `names`: the pattern of the names that a back-end is asked for; empty: all.
fn names(section: &mut Section<'_>) -> Option<WholePattern> {
    let found = section.filled_text("names")?;
    match WholePattern::new(found.value) {
        Ok(pattern) => Some(pattern),
        Err(reason) => {
            found.spot.error(format!("`names` is no pattern: {reason}"));
            None
        }
    }
}

/// Our database has one table of accounts.
fn one_table(section: &Section<'_>, first: &mut Option<String>) {
    let here = section.header();
    match first {
        None => *first = Some(here.address()),
        Some(at) => {
            let words = Words::new("there is one table of accounts, and a back-end for it already");
            here.alone().tell(words.mark(format!("also at {at}")));
        }
    }
}

fn kind_of(section: &mut Section<'_>, around: &Around<'_>, signs_in: bool) -> Option<BackendKind> {
    let Some(found) = section.text("kind") else {
        section.pairs();
        return None;
    };
    match found.value {
        "accounts" => Some(BackendKind::Accounts(Accounts {
            rehash: section.bool("rehash", true),
            own_password: section.bool("own_password", true),
            min_length: usize::try_from(section.int("min_length", 10, 8..=128)).unwrap_or(10),
        })),
        "file" => {
            let stored = check::read_hashed(section, PasswordCheck::Argon2);
            let path = section.text("path")?;
            let users = users::read(path.value, &path.spot, stored, around)?;
            Some(BackendKind::File { users, stored })
        }
        "sql" => sql::read(section, around).map(BackendKind::Sql),
        "ldap" => ldap::read(section, around, signs_in).map(|ldap| BackendKind::Ldap(Box::new(ldap))),
        "http" => http::read(section, around).map(BackendKind::Http),
        "test" => test(section, &found.spot, around),
        "none" => Some(BackendKind::None),
        other => {
            let words = Words::new(format!("there is no kind of back-end {other:?}"));
            let known = r#"one of "accounts", "file", "sql", "ldap", "http", "test", "none""#;
            found.spot.tell(words.hint(known));
            // Its keys are those of a kind that we do not know.
            section.pairs();
            None
        }
    }
}

/// The secret in a file, without the white space around it.
fn secret(path: &str, spot: &Spot<'_>, files: &Files) -> Option<SecretString> {
    let text = secret_text(path, spot, files)?;
    if text.is_empty() {
        spot.error(format!("the file {path:?} is empty"));
        return None;
    }
    Some(SecretString::from(text))
}

fn test(section: &mut Section<'_>, spot: &Spot<'_>, around: &Around<'_>) -> Option<BackendKind> {
    let user = match section.opt_text("user") {
        Some(found) => local_name(found.value, &found.spot, around).map(|name| name.as_str().to_owned()),
        None => Some("test".to_owned()),
    };
    let password = section.opt_text("password").map_or("test", |found| found.value);
    let attributes = attributes(section).unwrap_or_else(anonymous);
    let allowed = section.bool("allow_test_backend", false);
    if !allowed && around.listen.is_some_and(|listen| !listen.is_loopback()) {
        spot.tell(
            Words::new("the test back-end would let anybody in: we listen beyond this machine")
                .hint("listen on 127.0.0.1, or write allow_test_backend = true in this table"),
        );
        return None;
    }
    if !allowed && around.public_url.is_some_and(|url| !url.is_loopback()) {
        spot.tell(
            Words::warning(TEST_BACKEND, "with the test back-end anybody can sign in at the public address")
                .hint("take the table out, or write allow_test_backend = true in it"),
        );
    }
    Some(BackendKind::Test { user: user?, password: SecretString::from(password), attributes })
}

fn anonymous() -> Attributes {
    let mut attributes = Attributes::new();
    let known: [(&str, &[&str]); 4] = [
        ("nom", &["Nymous"]),
        ("prenom", &["Ano"]),
        ("email", &["anonymous@example.net"]),
        ("alias", &["demo1", "demo2"]),
    ];
    for (name, values) in known {
        attributes.set(name, values.iter().map(|&value| Value::from(value)).collect());
    }
    attributes
}

/// A local name in canonical form, if it is one.
pub fn local_name(raw: &str, spot: &Spot<'_>, around: &Around<'_>) -> Option<Name> {
    let suffixes = around.suffixes.iter().map(|(suffix, _)| suffix);
    match canonical(raw, &local_names(), suffixes) {
        Ok(name) => Some(name),
        Err(reason) => {
            spot.error(format!("this is no user name: {}", local_reason(&reason)));
            None
        }
    }
}

/// The table `attributes`: texts, numbers, truths, or lists of them. Default: `None`.
pub fn attributes(section: &mut Section<'_>) -> Option<Attributes> {
    let mut table = section.table("attributes");
    if !table.is_there() {
        return None;
    }
    let mut attributes = Attributes::new();
    for (name, written) in table.pairs() {
        if name.value.trim().is_empty() {
            name.spot.error("an attribute needs a name");
        }
        let one = std::slice::from_ref(written);
        let list = match written.get_ref() {
            DeValue::Array(list) => list.iter(),
            _ => one.iter(),
        };
        let mut values = Vec::new();
        for item in list {
            match value(item.get_ref()) {
                Some(value) => values.push(value),
                None => {
                    let found = kind(item.get_ref());
                    let wanted = "a text, a number, true or false, or a list of them";
                    table.place(item).error(format!("an attribute is {wanted}, not {found}"));
                }
            }
        }
        if !values.is_empty() {
            attributes.set(name.value, values);
        }
    }
    Some(attributes)
}

fn value(written: &DeValue<'_>) -> Option<Value> {
    match written {
        DeValue::String(text) => Some(Value::Text(text.to_string())),
        DeValue::Boolean(truth) => Some(Value::Bool(*truth)),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(Value::Integer)
        }
        DeValue::Float(number) => {
            number.as_str().parse().ok().filter(|n: &f64| n.is_finite()).map(Value::Float)
        }
        DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
