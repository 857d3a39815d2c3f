//! `passerelle providers` and `passerelle services`: what there is, and the switch that turns an entry off
//! on every node, whatever the files say.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::entry::{self, Origin, Place};
use super::opened::open;
use super::table::{Table, plain, results, say};
use super::{Format, Outcome, check};
use crate::app::App;
use crate::domain::provider::Provider;
use crate::domain::service_rule::ServiceRule;
use crate::domain::switches::Kind;
use crate::store::switches;

/// What to do with entries.
#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// List all, and say which are off
    List,
    /// Show every key of one with its value, written or default
    Show {
        /// A provider by its suffix, a service by its name
        name: String,
    },
    /// Undo what `disable` did: the files decide again
    Enable(Change),
    /// Switch one off on every node, until it is enabled again
    Disable(Change),
}

/// One entry.
#[derive(Debug, Args)]
pub(super) struct Change {
    /// A provider by its suffix, a service by its name
    name: String,
    /// Say what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// An entry as it stands.
struct View {
    name: String,
    /// What the files say of it; none: there is no such entry.
    written: Option<Written>,
    disabled: bool,
    /// Who says so.
    by: Vec<&'static str>,
}

/// What the files say of an entry.
enum Written {
    Provider(Arc<Provider>),
    Service(Arc<ServiceRule>),
}

/// What was done, as programs read it.
#[derive(Serialize)]
struct Done<'a> {
    kind: &'static str,
    name: &'a str,
    /// Whether this changed anything.
    changed: bool,
    disabled: bool,
    dry_run: bool,
}

/// The files say so.
const FILE: &str = "file";
/// Somebody switched it off.
const COMMAND: &str = "command";

/// Runs the command.
pub(super) async fn run(
    file: Option<PathBuf>,
    format: Format,
    kind: Kind,
    task: Task,
) -> anyhow::Result<Outcome> {
    let Some(app) = open(file.clone()).await? else { return Ok(Outcome::Problem) };
    let outcome = match &task {
        Task::List => list(&app, file, format, kind),
        Task::Show { name } => show(&app, file, format, kind, name),
        Task::Enable(change) => enable(&app, format, kind, change).await,
        Task::Disable(change) => disable(&app, format, kind, change).await,
    };
    app.store.close().await;
    outcome
}

/// All entries of the files, and the switches of none.
fn views(app: &App, kind: Kind) -> Vec<View> {
    let view = |name: &str, written: Written, by_file: bool| {
        let by_command = app.switches.is_off(kind, name);
        let by = [by_file.then_some(FILE), by_command.then_some(COMMAND)];
        View {
            name: name.to_owned(),
            written: Some(written),
            disabled: by_file || by_command,
            by: by.into_iter().flatten().collect(),
        }
    };
    let files = &app.written;
    let mut views: Vec<View> = match kind {
        Kind::Provider => {
            let all = files.directory.iter();
            all.map(|one| view(one.suffix.as_str(), Written::Provider(Arc::clone(one)), one.disabled))
                .collect()
        }
        Kind::Service => {
            let all = files.rules.iter();
            all.map(|one| view(&one.name, Written::Service(Arc::clone(one)), one.disabled)).collect()
        }
    };
    let nobodys =
        app.switches.names(kind).filter(|name| !views.iter().any(|view| kind.key(&view.name) == **name));
    let nobodys: Vec<View> = nobodys
        .map(|name| View { name: name.to_owned(), written: None, disabled: true, by: vec![COMMAND] })
        .collect();
    views.extend(nobodys);
    views
}

fn state(view: &View) -> String {
    match (view.disabled, &view.written) {
        (false, _) => "on".to_owned(),
        (true, Some(_)) => format!("off by {}", view.by.join(" and ")),
        (true, None) => "off by command, and in no file".to_owned(),
    }
}

fn list(app: &App, file: Option<PathBuf>, format: Format, kind: Kind) -> anyhow::Result<Outcome> {
    let views = views(app, kind);
    let mut table = match kind {
        Kind::Provider => Table::new(&["SUFFIX", "STATE", "ADDRESS", "PROTOCOL", "NAME"]),
        Kind::Service => Table::new(&["NAME", "STATE", "POSITION"]),
    };
    for view in &views {
        let mut cells = vec![view.name.clone(), state(view)];
        match (&view.written, kind) {
            (Some(Written::Provider(one)), _) => {
                cells.extend([one.url.clone(), one.protocol.as_str().to_owned(), one.name.clone()]);
            }
            (Some(Written::Service(one)), _) => cells.push(one.position.to_string()),
            (None, Kind::Provider) => cells.extend(["-", "-", "-"].map(str::to_owned)),
            (None, Kind::Service) => cells.push("-".to_owned()),
        }
        table.row(cells);
    }
    let places = entry::places(&check::texts(file)?, kind);
    let json: Vec<Value> =
        views.iter().map(|view| as_json(kind, view, places.get(&kind.key(&view.name)))).collect();
    results(format, &table.text(), &json)?;
    Ok(Outcome::Fine)
}

/// In: where it is written, as far as that is known. Every entry has the same keys.
fn as_json(kind: Kind, view: &View, place: Option<&Place>) -> Value {
    let mut json = match (&view.written, kind) {
        (Some(Written::Provider(one)), _) => json!({
            "suffix": view.name, "name": one.name, "url": one.url, "protocol": one.protocol.as_str(),
            "position": one.position, "display": one.display,
        }),
        (Some(Written::Service(one)), _) => json!({ "name": view.name, "position": one.position }),
        (None, Kind::Provider) => json!({
            "suffix": view.name, "name": null, "url": null, "protocol": null, "position": null, "display": null,
        }),
        (None, Kind::Service) => json!({ "name": view.name, "position": null }),
    };
    let place = place.filter(|_| view.written.is_some());
    let rest = json!({
        "in_files": view.written.is_some(), "disabled": view.disabled, "by": view.by,
        "source": view.written.as_ref().map(|_| FILE), "place": place.map(ToString::to_string),
    });
    if let (Value::Object(json), Value::Object(rest)) = (&mut json, rest) {
        json.extend(rest);
    }
    json
}

fn show(app: &App, file: Option<PathBuf>, format: Format, kind: Kind, name: &str) -> anyhow::Result<Outcome> {
    let view = views(app, kind).into_iter().find(|view| kind.key(&view.name) == kind.key(name));
    let (Some(view), Some(entry)) = (view, entry::find(&check::texts(file)?, kind, name)) else {
        return Ok(nobody(kind, name));
    };
    let mut text = format!("# {}, {}\n", plain(&entry.file), state(&view));
    let mut keys = Map::new();
    for (key, value, origin) in entry.keys {
        let (value, note) = match (key.as_str(), origin) {
            // What is in force, whoever says so.
            ("disabled", _) if view.disabled => (Value::from(true), "   # in force"),
            (_, Origin::Default) => (value, "   # default"),
            (_, Origin::File) => (value, ""),
        };
        text.push_str(&format!("{key} = {}{note}\n", plain(&entry::line(&value))));
        keys.insert(key, value);
    }
    let json = json!({
        "source": FILE, "file": entry.file, "disabled": view.disabled, "by": view.by, "keys": keys,
    });
    results(format, &text, &json)?;
    Ok(Outcome::Fine)
}

fn nobody(kind: Kind, name: &str) -> Outcome {
    say(&format!("there is no {kind} {}", plain(name)));
    Outcome::Problem
}

async fn disable(app: &App, format: Format, kind: Kind, change: &Change) -> anyhow::Result<Outcome> {
    let known = views(app, kind).into_iter().find(|view| kind.key(&view.name) == kind.key(&change.name));
    let Some(view) = known else { return Ok(nobody(kind, &change.name)) };
    let changed = !app.switches.is_off(kind, &view.name);
    if changed && !change.dry_run {
        let (now, name) = (app.clock.now(), view.name.clone());
        let write = app.store.write(move |tx| {
            let name = name.clone();
            Box::pin(async move { switches::off(tx, kind, &name, now).await })
        });
        write.await?;
    }
    let words = match (changed, change.dry_run) {
        (false, _) => "was switched off already",
        (true, true) => "would be switched off",
        (true, false) => "is switched off; every server on this database knows within seconds",
    };
    let done =
        Done { kind: kind.as_str(), name: &view.name, changed, disabled: true, dry_run: change.dry_run };
    results(format, &format!("{kind} {} {words}\n", plain(&view.name)), &done)?;
    Ok(Outcome::Fine)
}

async fn enable(app: &App, format: Format, kind: Kind, change: &Change) -> anyhow::Result<Outcome> {
    let known = views(app, kind).into_iter().find(|view| kind.key(&view.name) == kind.key(&change.name));
    let Some(view) = known else { return Ok(nobody(kind, &change.name)) };
    let changed = app.switches.is_off(kind, &view.name);
    if changed && !change.dry_run {
        let name = view.name.clone();
        let write = app.store.write(move |tx| {
            let name = name.clone();
            Box::pin(async move { switches::on(tx, kind, &name).await })
        });
        write.await?;
    }
    let by_file = view.by.contains(&FILE);
    let words = match (changed, change.dry_run) {
        (false, _) => "was not switched off by command",
        (true, true) => "would no longer be switched off",
        (true, false) => "is no longer switched off; every server on this database knows within seconds",
    };
    let done =
        Done { kind: kind.as_str(), name: &view.name, changed, disabled: by_file, dry_run: change.dry_run };
    results(format, &format!("{kind} {} {words}\n", plain(&view.name)), &done)?;
    if by_file {
        let key = match kind {
            Kind::Provider if !app.written.federation.enabled => "enabled = false in [federation]",
            Kind::Provider | Kind::Service => "disabled = true",
        };
        say(&format!("{} stays off: the files say {key}", plain(&view.name)));
        return Ok(Outcome::Problem);
    }
    Ok(Outcome::Fine)
}
