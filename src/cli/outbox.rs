//! `passerelle outbox`: messages to services that wait, or were given up.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::opened::{open, tell_of_messages};
use super::table::{Table, maybe, moment, plain, results, say};
use super::{Format, Outcome};
use crate::app::App;
use crate::protocol::time::Timestamp;
use crate::store::{Message, outbox};

/// What to do with messages.
#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// List messages, oldest first
    List,
    /// Send messages again now, also those that were given up
    Retry(Retry),
    /// Forget messages: their services are not told
    Drop(Drop),
}

/// Which messages are sent again.
#[derive(Debug, Args)]
pub(super) struct Retry {
    #[command(flatten)]
    which: Which,
    /// Say what would be sent, and change nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// These messages, as `list` writes them
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// All messages
    #[arg(long)]
    all: bool,
}

/// Which messages are forgotten.
#[derive(Debug, Args)]
pub(super) struct Drop {
    /// These messages, as `list` writes them
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Say what would be forgotten, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// A message as programs read it.
#[derive(Serialize)]
struct View {
    id: String,
    service: String,
    url: String,
    created: String,
    tries: u32,
    next: Option<String>,
    last_answer: Option<String>,
}

/// What was done, as programs read it.
#[derive(Serialize)]
struct Done {
    messages: Vec<String>,
    dry_run: bool,
}

/// Runs the command.
pub(super) async fn run(file: Option<PathBuf>, format: Format, task: Task) -> anyhow::Result<Outcome> {
    let Some(app) = open(file).await? else { return Ok(Outcome::Problem) };
    let outcome = match task {
        Task::List => list(&app, format).await,
        Task::Retry(retry) => self::retry(&app, format, retry).await,
        Task::Drop(drop) => forget(&app, format, drop).await,
    };
    app.store.close().await;
    outcome
}

/// Enough of the id: the rest of it is the hash of a ticket.
fn short(message: &Message) -> String {
    message.id.chars().take(15).collect()
}

async fn messages(app: &App) -> anyhow::Result<Vec<Message>> {
    Ok(outbox::list(&mut app.store.read().await?).await?)
}

async fn list(app: &App, format: Format) -> anyhow::Result<Outcome> {
    let found = messages(app).await?;
    let mut table = Table::new(&["ID", "SERVICE", "SINCE", "TRIES", "NEXT", "LAST ANSWER", "ADDRESS"]);
    for message in &found {
        table.row(vec![
            short(message),
            message.service.clone(),
            moment(message.created_at),
            message.tries.to_string(),
            message.next_try.map_or_else(|| "given up".to_owned(), |next| maybe(Some(next))),
            message.last_answer.clone().unwrap_or_else(|| "-".to_owned()),
            message.url.clone(),
        ]);
    }
    let view = |message: &Message| View {
        id: short(message),
        service: message.service.clone(),
        url: message.url.clone(),
        created: message.created_at.iso(),
        tries: message.tries,
        next: message.next_try.map(Timestamp::iso),
        last_answer: message.last_answer.clone(),
    };
    results(format, &table.text(), &found.iter().map(view).collect::<Vec<_>>())?;
    Ok(Outcome::Fine)
}

/// The messages that these ids mean, each whole or its beginning, and the ids that none has.
fn chosen(found: Vec<Message>, ids: &[String]) -> (Vec<Message>, Vec<String>) {
    let is_meant = |message: &Message, id: &String| {
        message.id.len() >= id.len() && id.len() >= 8 && message.id.starts_with(id.as_str())
    };
    let missing =
        ids.iter().filter(|id| !found.iter().any(|message| is_meant(message, id))).cloned().collect();
    let chosen = found.into_iter().filter(|message| ids.iter().any(|id| is_meant(message, id))).collect();
    (chosen, missing)
}

async fn retry(app: &App, format: Format, retry: Retry) -> anyhow::Result<Outcome> {
    let found = messages(app).await?;
    let (meant, missing) =
        if retry.which.all { (found, Vec::new()) } else { chosen(found, &retry.which.ids) };
    let now = app.clock.now();
    let mut done = Done { messages: Vec::new(), dry_run: retry.dry_run };
    for message in meant {
        let (short, id) = (short(&message), message.id);
        let is_due = retry.dry_run
            || app
                .store
                .write(move |tx| {
                    let id = id.clone();
                    Box::pin(async move { outbox::retry(tx, &id, now).await })
                })
                .await?;
        if is_due {
            done.messages.push(short);
        } else {
            say(&format!("{short} is being sent at this moment, or was taken meanwhile"));
        }
    }
    let words = if retry.dry_run { "messages that would be sent again" } else { "messages due now" };
    report(format, words, &done, &missing)?;
    if !done.messages.is_empty() && !retry.dry_run {
        tell_of_messages(app).await?;
    }
    Ok(if missing.is_empty() { Outcome::Fine } else { Outcome::Problem })
}

async fn forget(app: &App, format: Format, drop: Drop) -> anyhow::Result<Outcome> {
    let (meant, missing) = chosen(messages(app).await?, &drop.ids);
    let mut done = Done { messages: Vec::new(), dry_run: drop.dry_run };
    for message in meant {
        let (short, id) = (short(&message), message.id);
        let is_gone = drop.dry_run
            || app
                .store
                .write(move |tx| {
                    let id = id.clone();
                    Box::pin(async move { outbox::forget(tx, &id).await })
                })
                .await?;
        if is_gone {
            done.messages.push(short);
        }
    }
    report(
        format,
        if drop.dry_run { "messages that would be forgotten" } else { "messages forgotten" },
        &done,
        &missing,
    )?;
    Ok(if missing.is_empty() { Outcome::Fine } else { Outcome::Problem })
}

fn report(format: Format, words: &str, done: &Done, missing: &[String]) -> anyhow::Result<()> {
    results(format, &format!("{words}: {}\n", done.messages.len()), done)?;
    for id in missing {
        say(&format!("there is no message {}", plain(id)));
    }
    Ok(())
}
