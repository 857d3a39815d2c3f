//! `passerelle users`: the accounts of our own.

mod change;
mod import;
pub(in crate::cli) mod password;
mod view;

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::opened::{open, tell_of_messages};
use super::table::{plain, say};
use super::{Format, Outcome};
use crate::app::App;
use crate::auth::{OF_EVERY_ACCOUNT, TRUTHS};
use crate::config::{local_names, local_reason, names_a_secret};
use crate::domain::identity::{Identity, Source};
use crate::domain::intake::without_ours;
use crate::domain::name::{Name, canonical};
use crate::protocol::attributes::{Attributes, Value};

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// Add an account; the password is asked for, without showing it
    Add(Add),
    /// Set another password; sessions of the account end
    Passwd(Passwd),
    /// Nobody signs in to these accounts any more; their sessions end
    Disable(Several),
    /// Undo what `disable` did
    Enable(Few),
    /// Change what is known of somebody
    Set(Set),
    /// List accounts by name
    List {
        /// Only those that are switched off
        #[arg(long)]
        disabled: bool,
    },
    /// Show one account with what is known of the person
    Show {
        /// The user name
        name: String,
    },
    /// Remove accounts for good; their sessions end
    Remove(Several),
    /// Add accounts from a table (CSV), all of them or none
    Import(import::Options),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The user name
    name: String,
    /// What is known of the person, such as `email=ada@meridian.example`; several values: several times
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = pair)]
    attributes: Vec<(String, String)>,
    #[command(flatten)]
    password: Password,
    /// Say what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct Passwd {
    /// The user name
    name: String,
    #[command(flatten)]
    password: Password,
    /// The services of the sessions that end are not told
    #[arg(long)]
    no_slo: bool,
    /// Say what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Where a password comes from: never from the command line, which others on the machine can read.
#[derive(Clone, Copy, Debug, Args)]
struct Password {
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    /// It is good for choosing another one only
    #[arg(long)]
    must_change: bool,
}

#[derive(Debug, Args)]
pub(super) struct Several {
    /// User names
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// The services of the sessions that end are not told
    #[arg(long)]
    no_slo: bool,
    /// Say what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct Few {
    /// User names
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Say what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).multiple(true).args(["attributes", "remove"])))]
pub(super) struct Set {
    /// The user name
    name: String,
    /// All values of an attribute from now on; several values: several times
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = pair)]
    attributes: Vec<(String, String)>,
    /// An attribute that goes
    #[arg(long, value_name = "NAME")]
    remove: Vec<String>,
    /// Say what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err("such as email=ada@meridian.example".to_owned()),
    }
}

/// Runs the command.
pub(super) async fn run(file: Option<PathBuf>, format: Format, task: Task) -> anyhow::Result<Outcome> {
    let Some(app) = open(file).await? else { return Ok(Outcome::Problem) };
    if source(&app).is_none() {
        say("no [[backend]] is of the kind \"accounts\": nobody signs in with these accounts");
    }
    let outcome = match task {
        Task::Add(add) => change::add(&app, format, add).await,
        Task::Passwd(passwd) => change::passwd(&app, format, passwd).await,
        Task::Disable(several) => change::disable(&app, format, several).await,
        Task::Enable(few) => change::enable(&app, format, few).await,
        Task::Set(set) => change::set(&app, format, set).await,
        Task::List { disabled } => view::list(&app, format, disabled).await,
        Task::Show { name } => view::show(&app, format, &name).await,
        Task::Remove(several) => change::remove(&app, format, several).await,
        Task::Import(options) => import::run(&app, format, options).await,
    };
    app.store.close().await;
    outcome
}

/// Where people of ours come from, by the files.
fn source(app: &App) -> Option<Source> {
    app.written.accounts().map(|(ours, _)| Source::Backend(ours.name.clone()))
}

/// The person of an account, as sessions know them.
fn person(app: &App, name: &Name) -> Option<Identity> {
    source(app).map(|source| Identity { name: name.clone(), source })
}

/// Fewest characters of a password.
fn least(app: &App) -> usize {
    app.written.accounts().map_or(1, |(_, keys)| keys.min_length)
}

/// A name as it is stored, or why it is none.
fn name(app: &App, typed: &str) -> Result<Name, String> {
    let suffixes = app.written.directory.iter().map(|provider| &provider.suffix);
    canonical(typed, &local_names(), suffixes).map_err(|reason| local_reason(&reason))
}

/// The same for a command: says why there is none.
fn told_name(app: &App, typed: &str) -> Option<Name> {
    let name = name(app, typed);
    name.map_err(|reason| say(&format!("{} is no user name: {reason}", plain(typed)))).ok()
}

/// An attribute that may be kept with an account. Errors: why not.
fn attribute(name: &str, values: Vec<Value>) -> Result<(String, Vec<Value>), String> {
    if OF_EVERY_ACCOUNT.iter().any(|own| same(own, name)) {
        return Err(format!("`{name}` is no attribute to set: every account has it by itself"));
    }
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err("an attribute needs a name".to_owned());
    }
    let mut one = Attributes::new();
    one.push(name, "");
    if without_ours(one).get(name).is_none() {
        return Err(format!("no attribute is called `{}` here", plain(name)));
    }
    if names_a_secret(name) {
        return Err(format!("no attribute is called `{}` here: it looks like a password", plain(name)));
    }
    let name = TRUTHS.iter().find(|own| same(own, name)).map_or(name, |own| *own);
    let truth = |value: Value| match value {
        Value::Text(text) if TRUTHS.contains(&name) => match truth(&text) {
            Some(truth) => Ok(Value::Bool(truth)),
            None => Err(format!("`{name}` is true or false")),
        },
        value => Ok(value),
    };
    Ok((name.to_owned(), values.into_iter().map(truth).collect::<Result<_, _>>()?))
}

/// Whether two attributes are one: by their names, without regard to case.
fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// Gives an attribute these values, in whatever case it was there before; without values it goes.
fn put(attributes: &mut Attributes, name: &str, values: Vec<Value>) {
    let names = attributes.iter().map(|(name, _)| name);
    let stale: Vec<String> = names
        .filter(|own| same(own, name) && (*own != name || values.is_empty()))
        .map(str::to_owned)
        .collect();
    for own in stale {
        attributes.remove(&own);
    }
    if !values.is_empty() {
        attributes.set(name, values);
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" => Some(false),
        _ => None,
    }
}

/// Attributes of a command line, values of one name together. Errors are told.
fn told_attributes(pairs: &[(String, String)]) -> Option<Vec<(String, Vec<Value>)>> {
    let mut all = Attributes::new();
    for (name, value) in pairs {
        if value.is_empty() {
            say(&format!(
                "`{0}` has no value: `users set NAME --remove {0}` takes an attribute away",
                plain(name)
            ));
            return None;
        }
        let known = all.iter().map(|(own, _)| own).find(|own| same(own, name)).map(str::to_owned);
        all.push(known.unwrap_or_else(|| name.clone()), value.as_str());
    }
    let checked = all.iter().map(|(name, values)| attribute(name, values.to_vec()));
    checked.collect::<Result<Vec<_>, _>>().map_err(|reason| say(&reason)).ok()
}
