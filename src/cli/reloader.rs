//! What keeps the configuration in force up to date while the server runs: a glance at the files each
//! second, SIGHUP, commands, and the switches in the database.
//!
//! All files are read and checked, then the whole is swapped or nothing is. One task does all of it, so
//! that no two changes meet.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use tokio::signal::unix::Signal;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};
use tokio_util::sync::CancellationToken;

use super::changes::Changes;
use super::check;
use super::claimed;
use super::control::Order;
use super::main_keys::MainKeys;
use crate::app::App;
use crate::config::problem::{Level, MOST_SHOWN, Problem};
use crate::config::{BackendKind, Config, Problems, Seen, Texts};
use crate::domain::switches::Switches;
use crate::http::InForce;
use crate::store::{StoreError, switches};

/// From one glance at the files to the next.
const GLANCE: Duration = Duration::from_secs(1);
/// So long nothing must change before the files are read: who writes several is given the time.
const SILENCE: Duration = Duration::from_millis(500);
/// From one look at the switches to the next.
const SWITCHES: Duration = Duration::from_secs(2);

/// What came of an attempt.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The configuration is in force, or would be.
    Loaded {
        /// What it changes.
        changes: Box<Changes>,
        /// Keys whose new value waits for a restart.
        waiting: Vec<&'static str>,
        /// Warnings.
        warnings: Problems,
    },
    /// The files are wrong.
    Refused(Problems),
    /// The files are good, or cannot be read at all, and something else is in the way.
    Failed(String),
}

/// The configuration as it was read from the files, and when.
pub(super) struct Files {
    /// `passerelle.toml`, absolute.
    main: PathBuf,
    seen: Seen,
    named: BTreeSet<PathBuf>,
    keys: MainKeys,
}

impl Files {
    /// Looks before anything is read, so that no change in between is missed.
    pub(super) fn before_reading(main: PathBuf) -> anyhow::Result<Self> {
        let main = std::path::absolute(main).context("there is no folder to start from")?;
        let named = BTreeSet::new();
        Ok(Self { seen: Seen::look(&main, &named), main, named, keys: MainKeys::default() })
    }

    /// These were read.
    pub(super) fn read(&mut self, texts: &Texts) {
        self.keys = MainKeys::of(&texts.main);
        self.named = texts.files.named();
        self.seen = std::mem::take(&mut self.seen).naming(&self.main, &self.named);
    }
}

/// Keeps a server up to date.
pub(super) struct Reloader {
    in_force: InForce,
    /// The keys that are in force; those of the files may have been refused.
    keys: MainKeys,
    files: Files,
    /// What was seen when a change was noticed that may not be over.
    pending: Option<Seen>,
    orders: mpsc::Receiver<Order>,
    hang_up: Signal,
    switches_are_read: bool,
}

impl Reloader {
    /// In: what answers, what it was read from, and where commands come from.
    pub(super) fn new(
        in_force: InForce,
        files: Files,
        orders: mpsc::Receiver<Order>,
        hang_up: Signal,
    ) -> Self {
        let keys = files.keys.clone();
        Self { in_force, keys, files, pending: None, orders, hang_up, switches_are_read: true }
    }

    /// Works until told to stop.
    pub(super) async fn run(mut self, stop: CancellationToken) {
        let mut next_glance = Instant::now();
        let mut switches = interval(SWITCHES);
        switches.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = self.hang_up.recv() => drop(self.load("SIGHUP", false).await),
                Some(order) = self.orders.recv() => {
                    let outcome = self.load("command", order.dry_run).await;
                    // Whoever asked may have gone.
                    let _nobody_waits = order.answer.send(outcome);
                }
                () = sleep_until(next_glance) => {
                    self.glance().await;
                    next_glance = Instant::now() + if self.pending.is_some() { SILENCE } else { GLANCE };
                }
                _ = switches.tick() => self.follow_switches().await,
            }
        }
    }

    /// Reads the files when they have changed, and have not changed again for a while.
    async fn glance(&mut self) {
        let (main, named) = (self.files.main.clone(), self.files.named.clone());
        let Ok(now) = spawn_blocking(move || Seen::look(&main, &named)).await else { return };
        if now == self.files.seen {
            self.pending = None;
        } else if self.pending.as_ref() == Some(&now) {
            drop(self.load("file watch", false).await);
        } else {
            self.pending = Some(now);
        }
    }

    /// Reads all files, and swaps the configuration unless it is a dry run. What was read is not read
    /// again until it changes, so a mistake is told once.
    async fn load(&mut self, by: &str, dry_run: bool) -> Outcome {
        self.pending = None;
        let now = self.in_force.app();
        let (main, named, keys) = (self.files.main.clone(), self.files.named.clone(), self.keys.clone());
        let reading = spawn_blocking(move || {
            let mut files = Files { seen: Seen::look(&main, &named), main, named, keys: MainKeys::default() };
            let outcome = read(&mut files, &now, &keys);
            (files, outcome)
        });
        let (config, outcome) = match reading.await {
            Ok((files, read)) => {
                if !dry_run {
                    self.files = files;
                }
                read
            }
            Err(died) => (None, Outcome::Failed(format!("the reading of the files died: {died}"))),
        };
        let outcome = match config.filter(|_| !dry_run) {
            None => outcome,
            Some(config) => match self.swap(*config).await {
                Ok(()) => {
                    self.keys = self.files.keys.clone();
                    outcome
                }
                Err(error) => Outcome::Failed(format!("{error:#}")),
            },
        };
        if !dry_run {
            tell(&outcome, by);
            if matches!(&outcome, Outcome::Loaded { changes, .. } if changes.adds_institutions()) {
                claimed::tell(&self.in_force.app()).await;
            }
        }
        outcome
    }

    async fn swap(&self, config: Config) -> anyhow::Result<()> {
        let next = self.in_force.app().with_config(config).await?;
        self.in_force.change_to(next)?;
        Ok(())
    }

    /// Applies the switches of the database where they have changed.
    async fn follow_switches(&mut self) {
        let app = self.in_force.app();
        let now = match read_switches(&app).await {
            Ok(now) => now,
            Err(error) => {
                if std::mem::replace(&mut self.switches_are_read, false) {
                    tracing::error!(error = error.to_string(), "the switches cannot be read");
                }
                return;
            }
        };
        self.switches_are_read = true;
        if now == app.switches {
            return;
        }
        if let Err(error) = self.in_force.change_to(app.with_switches(now.clone())) {
            tracing::error!(error = error.to_string(), "the switches cannot be applied");
            return;
        }
        for (kind, name) in now.beyond(&app.switches) {
            tracing::info!(event = "switched", kind = kind.as_str(), name, "switched off by command");
        }
        for (kind, name) in app.switches.beyond(&now) {
            tracing::info!(
                event = "switched",
                kind = kind.as_str(),
                name,
                "no longer switched off by command"
            );
        }
    }
}

async fn read_switches(app: &App) -> Result<Switches, StoreError> {
    switches::read(&mut app.store.read().await?).await
}

/// Reads and checks. In also: the keys of `passerelle.toml` that are in force. Out: the configuration, if it may
/// come into force, with the old values of what needs a restart; and what is to be said.
fn read(files: &mut Files, now: &App, keys: &MainKeys) -> (Option<Box<Config>>, Outcome) {
    let texts = match Texts::from_disk(&files.main) {
        Ok(texts) => texts,
        Err(error) => return (None, Outcome::Failed(error.to_string())),
    };
    let (config, problems) = check::read_texts(&texts, &BTreeSet::new());
    files.read(&texts);
    let Some(mut config) = config else { return (None, Outcome::Refused(problems)) };
    match keep(&mut config, &now.written) {
        Err(reason) => (None, Outcome::Failed(reason)),
        Ok(waiting) => {
            let changes = Changes::between(&now.written, &config, keys.differing(&files.keys));
            (
                Some(Box::new(config)),
                Outcome::Loaded { changes: Box::new(changes), waiting, warnings: problems },
            )
        }
    }
}

/// Keeps what only a restart can change. Out: the keys that wait for it. Errors: what was checked against
/// another address must not hold at this one.
fn keep(config: &mut Config, now: &Config) -> Result<Vec<&'static str>, String> {
    let mut waiting = Vec::new();
    if config.server.listen != now.server.listen {
        waiting.push("server.listen");
        let tests = config.backends.iter().any(|one| matches!(one.kind, BackendKind::Test { .. }));
        if tests && !now.server.listen.is_loopback() {
            return Err(format!(
                "there is a back-end of the kind `test`, and until a restart others reach us at {}",
                now.server.listen
            ));
        }
        config.server.listen = now.server.listen.clone();
    }
    if !config.database.url.is(&now.database.url) {
        waiting.push("database.url");
    }
    config.database = now.database.clone();
    if config.control() != now.control() {
        waiting.push("server.control");
        config.server.control = now.server.control.clone();
    }
    Ok(waiting)
}

/// Once for each attempt.
fn tell(outcome: &Outcome, by: &str) {
    match outcome {
        Outcome::Loaded { changes, waiting, warnings } => {
            tracing::info!(event = "config_loaded", by, entries = changes.short(), "config loaded {changes}");
            changes.warnings().for_each(|warning| tracing::warn!("{warning}"));
            if !waiting.is_empty() {
                let keys = waiting.join(", ");
                tracing::warn!(keys, "these keys need a restart, and keep their old values until then");
            }
            if !warnings.is_empty() {
                tracing::warn!("the files have {}; `check` tells them", warnings.count());
            }
        }
        Outcome::Refused(problems) => {
            for problem in problems.iter().take(MOST_SHOWN) {
                let (at, hint) = (problem.address(), advice(problem));
                match problem.level {
                    Level::Error => tracing::error!(at, hint, "{}", problem.message),
                    Level::Warning => tracing::warn!(at, hint, "{}", problem.message),
                }
            }
            let count = problems.count();
            tracing::error!(
                event = "config_refused",
                by,
                "the running configuration was not changed: {count}"
            );
        }
        Outcome::Failed(reason) => {
            tracing::error!(
                event = "config_refused",
                by,
                reason,
                "the running configuration was not changed: it cannot be loaded"
            );
        }
    }
}

/// What to do about a problem: the words beside its carets, and below them.
fn advice(problem: &Problem) -> Option<String> {
    let words: Vec<&str> = [&problem.mark, &problem.hint].into_iter().flatten().map(String::as_str).collect();
    (!words.is_empty()).then(|| words.join("; "))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::Text;

    fn config(listen: &str, database: &str, more: &str) -> Config {
        let main = format!(
            "[server]\npublic_url = \"https://login.example/cas\"\nlisten = \"{listen}\"\n\
             [database]\nurl = \"{database}\"\n{more}"
        );
        let texts = Texts {
            main: Text::new("passerelle.toml", main),
            providers: Vec::new(),
            services: Vec::new(),
            files: crate::config::Files::Memory(BTreeMap::new()),
        };
        Config::read(&texts, &|_| None).unwrap().0
    }

    #[test]
    fn what_needs_a_restart_keeps_its_value() {
        let now = config("0.0.0.0:8090", "sqlite:a/p.db", "");
        let mut next = config("127.0.0.1:8090", "sqlite:b/p.db", "");
        // The socket lies beside the database that stays.
        assert_eq!(keep(&mut next, &now), Ok(vec!["server.listen", "database.url"]));
        assert_eq!((&next.server.listen, next.control()), (&now.server.listen, now.control()));
        assert!(next.database.url.is(&now.database.url));
        assert_eq!(keep(&mut next, &now), Ok(vec![]));
    }

    /// It was checked for an address that nobody else can reach.
    #[test]
    fn a_back_end_for_a_desk_does_not_come_to_an_open_address() {
        let test = "[[backend]]\nname = \"desk\"\nkind = \"test\"\n";
        let (open, desk) =
            (config("0.0.0.0:8090", "sqlite:p.db", ""), config("127.0.0.1:8090", "sqlite:p.db", test));
        assert!(keep(&mut desk.clone(), &open).unwrap_err().contains("0.0.0.0:8090"));
        assert_eq!(keep(&mut desk.clone(), &desk), Ok(vec![]));
    }
}
