//! `passerelle backend`: what back-ends there are, and what one of them says of somebody.

use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;

use super::table::{Table, results};
use super::{Format, Outcome, backend_test, check};
use crate::app::{database, surroundings};
use crate::auth::Backends;
use crate::config::{Address, Backend, Config};
use crate::domain::pattern::WholePattern;
use crate::store::{DatabaseUrl, Store};

/// What to do with back-ends.
#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// List all, in the order in which they are asked
    List,
    /// Ask one of them for somebody, and show every step: what was asked, found, matched
    Test(backend_test::Options),
}

/// One back-end, as programs read it.
#[derive(Serialize)]
struct View<'a> {
    name: &'a str,
    kind: &'static str,
    sign_in: bool,
    names: Option<&'a str>,
    hidden_attributes: &'a [String],
    /// Whose attributes it adds to; absent: it is no `[[attributes]]`.
    attributes_for: Option<Vec<&'a str>>,
}

/// Runs the command.
pub(super) async fn run(file: Option<PathBuf>, format: Format, task: Task) -> anyhow::Result<Outcome> {
    let (config, problems) = check::read(file)?;
    let Some(config) = config else {
        check::print(&problems, format);
        return Ok(Outcome::Problem);
    };
    match task {
        Task::List => list(&config, format),
        Task::Test(options) => backend_test::run(&config, format, &options).await,
    }
}

fn view<'a>(config: &'a Config, one: &'a Backend) -> View<'a> {
    let sources: Vec<_> = config.sources.iter().filter(|source| source.backend == one.name).collect();
    let of = || sources.iter().flat_map(|source| &source.of).map(String::as_str).collect();
    View {
        name: &one.name,
        kind: one.kind.word(),
        sign_in: one.signs_in,
        names: one.names.as_ref().map(WholePattern::source),
        hidden_attributes: &one.hidden,
        attributes_for: (!sources.is_empty()).then(of),
    }
}

fn list(config: &Config, format: Format) -> anyhow::Result<Outcome> {
    let views: Vec<View<'_>> = config.backends.iter().map(|one| view(config, one)).collect();
    let mut table = Table::new(&["NAME", "KIND", "SIGN-IN", "NAMES", "ATTRIBUTES FOR"]);
    for one in &views {
        let people = match &one.attributes_for {
            None => "-".to_owned(),
            Some(of) if of.is_empty() => "everybody".to_owned(),
            Some(of) => of.join(", "),
        };
        let sign_in = if one.sign_in { "yes" } else { "no" };
        let names = one.names.unwrap_or("all");
        table.row([one.name, one.kind, sign_in, names, &people].map(str::to_owned).to_vec());
    }
    results(format, &table.text(), &views)?;
    Ok(Outcome::Fine)
}

/// The back-ends of a configuration, in a process that does not serve. Out also: why our own accounts cannot be
/// asked, if so. Errors: a file of authorities cannot be used.
pub(super) async fn open(config: &Config) -> anyhow::Result<(Backends, Option<String>)> {
    let own = if config.accounts().is_some() { own_database(config).await } else { Ok(None) };
    let (store, trouble) = match own {
        Ok(store) => (store, None),
        Err(trouble) => (None, Some(trouble)),
    };
    let store = match store {
        Some(store) => store,
        // The other kinds do not look into it.
        None => Store::open(&DatabaseUrl::Memory).await?,
    };
    Ok((Backends::new(&config.backends, surroundings(config, &store))?, trouble))
}

/// The database of the configuration, if there is one to open. Errors in words.
async fn own_database(config: &Config) -> Result<Option<Store>, String> {
    match &config.database.url {
        Address::Memory => return Err("the database is in the memory of the server".to_owned()),
        // Opening would make an empty one.
        Address::Sqlite(path) if !path.exists() => {
            return Err(format!("there is no database at {} yet", path.display()));
        }
        Address::Sqlite(_) | Address::Postgres(_) => {}
    }
    Store::open(&database(config)).await.map(Some).map_err(|error| error.to_string())
}
