//! One gateway in this process: opened, served, ended. `serve` runs one, `demo` three.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::flows::{slo_out, sweep};
use crate::http::seats::Seats;
use crate::http::serve::{Listener, serve};
use crate::http::{Doors, router};

/// How long what runs may take to end. A message to a service that is under way then is sent again by the
/// next start, or by another node, when its lease is over.
const GRACE: Duration = Duration::from_secs(10);

/// A gateway that answers.
pub(super) struct Gateway {
    app: App,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Gateway {
    /// Opens the database and the socket and starts to answer, until `stop`.
    pub(super) async fn start(config: Config, stop: CancellationToken) -> anyhow::Result<Self> {
        let listen = config.server.listen.clone();
        let app = App::start(config, Arc::new(SystemClock), None).await?;
        let doors = Doors::new(app.clone())?;
        let listener = Listener::open(&listen).await.with_context(|| format!("cannot listen on {listen}"))?;
        Ok(Self::answering(listener, app, doors, stop))
    }

    /// The same at a socket that is open already: who comes early waits.
    pub(super) async fn start_on(
        listener: Listener,
        config: Config,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        let app = App::start(config, Arc::new(SystemClock), None).await?;
        let doors = Doors::new(app.clone())?;
        Ok(Self::answering(listener, app, doors, stop))
    }

    fn answering(listener: Listener, app: App, doors: Doors, stop: CancellationToken) -> Self {
        let seats = Seats::new(app.config.server.trusted_proxies.clone());
        let tasks = TaskTracker::new();
        tasks.spawn(serve(listener, router(doors), seats, stop.clone()));
        tasks.spawn(slo_out::run(app.clone(), stop.clone()));
        tasks.spawn(sweep::run(app.clone(), stop.clone()));
        tasks.close();
        Self { app, tasks, stop }
    }

    /// Waits for the end: what runs is finished, within [`GRACE`]; the outbox stays for the next start.
    pub(super) async fn ended(self) {
        self.stop.cancelled().await;
        if tokio::time::timeout(GRACE, self.tasks.wait()).await.is_err() {
            tracing::warn!(seconds = GRACE.as_secs(), "ends before everything is finished");
        }
        self.app.store.close().await;
    }
}

/// Listens for SIGTERM and SIGINT from now on. Begin before anything answers: who sees the first answer may
/// ask the process to stop. Out: what ends when somebody does.
pub(super) fn asked_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
