//! `passerelle serve`: runs the gateway.

use std::collections::BTreeSet;
use std::path::PathBuf;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::gateway::{self, Gateway, asked_to_stop};
use super::reloader::{Files, Reloader};
use super::{Format, Outcome, check, claimed, control, open_files};
use crate::config::Config;
use crate::telemetry;

/// Runs until SIGTERM or SIGINT. With errors in the files nothing is started.
pub(super) async fn run(file: Option<PathBuf>, format: Format) -> anyhow::Result<Outcome> {
    let file = check::main_file(file);
    let mut files = Files::before_reading(file.clone())?;
    let texts = check::texts(Some(file))?;
    let (config, problems) = check::read_texts(&texts, &BTreeSet::new());
    files.read(&texts);
    if !problems.is_empty() {
        check::print(&problems, format);
    }
    let Some(config) = config else { return Ok(Outcome::Problem) };
    telemetry::start();
    open_files::raise_and_tell();
    let line = first_line(&config);
    let stop = CancellationToken::new();
    let asked = asked_to_stop()?;
    let hang_up = signal(SignalKind::hangup())?;
    let listener = gateway::listen(&config).await?;
    // Before anything answers too: whoever asks already waits.
    let socket = control::open(config.control()).await;
    let gateway = Gateway::start_on(listener, config, stop.clone()).await?;
    let (asks, orders) = control::orders();
    let reloader = Reloader::new(gateway.in_force().clone(), files, orders, hang_up);
    gateway.beside(reloader.run(stop.clone()));
    if let Some(socket) = socket {
        gateway.beside(socket.run(asks, stop.clone()));
    }
    say(&line);
    claimed::tell(&gateway.in_force().app()).await;
    asked.await;
    tracing::info!("stopping");
    stop.cancel();
    gateway.ended().await;
    Ok(Outcome::Fine)
}

fn first_line(config: &Config) -> String {
    format!(
        "passerelle {} at {} (listening on {}), providers={}, backends={}, services={}, database={}",
        env!("CARGO_PKG_VERSION"),
        config.server.public_url.base(),
        config.server.listen,
        config.directory.len(),
        config.backends.len(),
        config.rules.len(),
        config.database.url,
    )
}

#[expect(clippy::print_stderr, reason = "the front gate talks to people")]
fn say(line: &str) {
    eprintln!("{line}");
}
