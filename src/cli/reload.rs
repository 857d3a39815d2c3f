//! `passerelle reload`: the server that runs reads its files again, at once.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;

use super::control::{self, Ask};
use super::{Format, Outcome, check};
use crate::config;

/// What is done with the files.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Options {
    /// Check the files, tell what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs the command. The files tell where the server is reached, also while they are wrong.
pub(super) async fn run(file: Option<PathBuf>, format: Format, options: Options) -> anyhow::Result<Outcome> {
    let texts = check::texts(file)?;
    let Some(path) = config::control(&texts, &|name| std::env::var(name).ok()) else {
        let (_, problems) = check::read_texts(&texts, &std::collections::BTreeSet::new());
        if problems.errors() > 0 {
            check::print(&problems, format);
            return Ok(Outcome::Problem);
        }
        return Err(anyhow!("`control` is false in [server]: send SIGHUP to the server in place of this"));
    };
    let colours = std::io::stderr().is_terminal();
    let answer = control::ask(&path, Ask::Reload { dry_run: options.dry_run, format, colours }).await?;
    // Whoever reads may have read enough (`| head`): that is no failure of ours.
    let _gone = std::io::stdout().write_all(answer.out.as_bytes());
    let _gone = std::io::stderr().write_all(answer.told.as_bytes());
    match answer.code {
        0 => Ok(Outcome::Fine),
        1 => Ok(Outcome::Problem),
        _ => Err(anyhow!("the server could not do it")),
    }
}
