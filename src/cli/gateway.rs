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
use crate::flows::{slo_out, sweep, watch};
use crate::http::InForce;
use crate::http::serve::{Listener, serve};

/// How long what runs may take to end. A message to a service that is under way then is sent again by the
/// next start, or by another node, when its lease is over.
const GRACE: Duration = Duration::from_secs(10);

/// A gateway that answers.
pub(super) struct Gateway {
    in_force: InForce,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Gateway {
    /// Opens the database and starts to answer at a socket that is open already, until `stop`: who comes early
    /// waits.
    pub(super) async fn start_on(
        listener: Listener,
        config: Config,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        let app = App::start(config, Arc::new(SystemClock), None).await?;
        Ok(Self::answering(listener, InForce::new(app)?, stop))
    }

    fn answering(listener: Listener, in_force: InForce, stop: CancellationToken) -> Self {
        let tasks = TaskTracker::new();
        tasks.spawn(serve(listener, in_force.routes(), in_force.seats(), stop.clone()));
        tasks.spawn(slo_out::run(in_force.current(), stop.clone()));
        tasks.spawn(sweep::run(in_force.current(), stop.clone()));
        tasks.spawn(watch::run(in_force.current(), stop.clone()));
        Self { in_force, tasks, stop }
    }

    /// What answers, for whoever changes it.
    pub(super) fn in_force(&self) -> &InForce {
        &self.in_force
    }

    /// Runs something beside, which ends when the gateway is told to.
    pub(super) fn beside(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Waits for the end: what runs is finished, within [`GRACE`]; the outbox stays for the next start.
    pub(super) async fn ended(self) {
        self.stop.cancelled().await;
        self.tasks.close();
        if tokio::time::timeout(GRACE, self.tasks.wait()).await.is_err() {
            tracing::warn!(seconds = GRACE.as_secs(), "ends before everything is finished");
        }
        self.in_force.app().store.close().await;
    }
}

/// Opens the socket of the configuration. Before anything else, so that a second server says this first.
pub(super) async fn listen(config: &Config) -> anyhow::Result<Listener> {
    let listen = &config.server.listen;
    Listener::open(listen).await.with_context(|| format!("cannot listen on {listen}"))
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
