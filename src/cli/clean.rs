//! `passerelle clean`: what the server does by itself every few minutes.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::opened::{open, tell_of_messages};
use super::table::results;
use super::{Format, Outcome};
use crate::app::App;
use crate::flows::sweep::{Parts, Swept, count, sweep_parts};

/// What is cleaned; without any of them everything is.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Options {
    /// Tickets that nobody validated in time
    #[arg(long)]
    tickets: bool,
    /// Sessions that nobody used, or that are too old; their services are told
    #[arg(long)]
    sessions: bool,
    /// People of institutions who have no session any more
    #[arg(long)]
    federated: bool,
    /// Count, and change nothing
    #[arg(long)]
    dry_run: bool,
}

impl Options {
    fn parts(self) -> Parts {
        let Self { tickets, sessions, federated, .. } = self;
        if tickets || sessions || federated {
            return Parts { sessions, tickets, people: federated, others: false };
        }
        Parts::ALL
    }
}

/// What was cleaned, as programs read it.
#[derive(Serialize)]
struct Cleaned {
    sessions: u64,
    tickets: u64,
    federated: u64,
    others: u64,
    dry_run: bool,
}

/// Runs the command.
pub(super) async fn run(file: Option<PathBuf>, format: Format, options: Options) -> anyhow::Result<Outcome> {
    let Some(app) = open(file).await? else { return Ok(Outcome::Problem) };
    let outcome = clean(&app, format, options).await;
    app.store.close().await;
    outcome
}

async fn clean(app: &App, format: Format, options: Options) -> anyhow::Result<Outcome> {
    let parts = options.parts();
    let Swept { sessions, tickets, people, others } =
        if options.dry_run { count(app, parts).await? } else { sweep_parts(app, parts).await? };
    let cleaned = Cleaned { sessions, tickets, federated: people, others, dry_run: options.dry_run };
    let text =
        format!("sessions   {sessions}\ntickets    {tickets}\nfederated  {people}\nothers     {others}\n");
    results(format, &text, &cleaned)?;
    if !options.dry_run {
        tell_of_messages(app).await?;
    }
    Ok(Outcome::Fine)
}
