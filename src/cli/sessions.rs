//! `passerelle sessions`: who is signed in, and an end to it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::opened::{open, tell_of_messages};
use super::table::{Table, maybe, moment, plain, results, say};
use super::{Format, Outcome, session_tree};
use crate::app::App;
use crate::config::duration;
use crate::domain::session::SessionId;
use crate::protocol::time::Timestamp;
use crate::store::overview::{self, Listed, Wanted};
use crate::store::{Farewell, sessions};

/// What to do with sessions.
#[derive(Debug, Subcommand)]
pub(super) enum Task {
    /// List sessions, oldest first
    List(Filter),
    /// Show one session with its tickets
    Show {
        /// As `list` writes it
        id: String,
    },
    /// End sessions; their services are told
    End(End),
}

/// Which sessions are listed.
#[derive(Debug, Args)]
pub(super) struct Filter {
    /// Of this user, exactly as services are told: `name@suffix`, or the name of a local account
    #[arg(long)]
    user: Option<String>,
    /// With a ticket for the service of this name
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// From this institution (its suffix) or back-end
    #[arg(long, value_name = "SUFFIX")]
    provider: Option<String>,
    /// That nobody used for so long: `30 min`
    #[arg(long, value_name = "TIME", value_parser = time)]
    idle: Option<Duration>,
}

/// Which sessions end.
#[derive(Debug, Args)]
pub(super) struct End {
    #[command(flatten)]
    which: Which,
    /// Services are not told
    #[arg(long)]
    no_slo: bool,
    /// Say what would end, and end nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// These sessions
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// All of this user, exactly as services are told
    #[arg(long)]
    user: Option<String>,
    /// All from this institution (its suffix) or back-end
    #[arg(long, value_name = "SUFFIX")]
    provider: Option<String>,
}

fn time(text: &str) -> Result<Duration, String> {
    duration::parse(text).ok_or_else(|| duration::EXAMPLES.to_owned())
}

/// A session as programs read it.
#[derive(Serialize)]
pub(super) struct SessionView {
    id: String,
    user: String,
    name: String,
    provider: Option<String>,
    backend: Option<String>,
    created: String,
    last_seen: String,
    expires: Option<String>,
    ip: String,
    browser: String,
    attributes: Vec<String>,
}

impl SessionView {
    /// The names of attributes, never their values.
    pub(super) fn of(app: &App, listed: &Listed) -> Self {
        let session = &listed.session;
        let source = &session.identity.source;
        let label = || source.label().to_owned();
        let provider = source.provider().map(|_| label());
        Self {
            id: session.id.as_str().to_owned(),
            user: session.identity.username().as_str().to_owned(),
            name: session.identity.name.as_str().to_owned(),
            backend: if provider.is_none() { Some(label()) } else { None },
            provider,
            created: listed.created_at.iso(),
            last_seen: session.last_seen.iso(),
            expires: ends(app, listed).map(Timestamp::iso),
            ip: session.ip.clone(),
            browser: session.browser.clone(),
            attributes: session.attributes.iter().map(|(name, _)| name.to_owned()).collect(),
        }
    }
}

/// Until when a session lives if nobody uses it again.
pub(super) fn ends(app: &App, listed: &Listed) -> Option<Timestamp> {
    listed.session.ends(&app.config.lives, listed.session.last_seen)
}

/// Runs the command.
pub(super) async fn run(file: Option<PathBuf>, format: Format, task: Task) -> anyhow::Result<Outcome> {
    let Some(app) = open(file).await? else { return Ok(Outcome::Problem) };
    let outcome = match task {
        Task::List(filter) => list(&app, format, filter).await,
        Task::Show { id } => session_tree::show(&app, format, id).await,
        Task::End(end) => self::end(&app, format, end).await,
    };
    app.store.close().await;
    outcome
}

/// Sessions that live: one that is over counts for nothing, swept or not.
pub(super) async fn living(app: &App, wanted: &Wanted) -> anyhow::Result<Vec<Listed>> {
    let now = app.clock.now();
    let mut read = app.store.read().await?;
    let mut found = overview::sessions(&mut read, wanted).await?;
    found.retain(|listed| !listed.session.is_over(&app.config.lives, now));
    Ok(found)
}

async fn list(app: &App, format: Format, filter: Filter) -> anyhow::Result<Outcome> {
    let idle = filter.idle.map(|idle| i64::try_from(idle.as_secs()).unwrap_or(i64::MAX));
    let wanted = Wanted {
        user: filter.user,
        service: filter.service,
        source: filter.provider,
        unused_since: idle.map(|seconds| app.clock.now().plus(-seconds)),
        id: None,
    };
    let found = living(app, &wanted).await?;
    let mut table = Table::new(&["ID", "USER", "FROM", "BEGAN", "LAST SEEN", "EXPIRES", "ADDRESS"]);
    for listed in &found {
        let session = &listed.session;
        table.row(vec![
            session.id.as_str().to_owned(),
            session.identity.username().as_str().to_owned(),
            session.identity.source.label().to_owned(),
            moment(listed.created_at),
            moment(session.last_seen),
            maybe(ends(app, listed)),
            session.ip.clone(),
        ]);
    }
    let views: Vec<_> = found.iter().map(|listed| SessionView::of(app, listed)).collect();
    results(format, &table.text(), &views)?;
    Ok(Outcome::Fine)
}

/// What an end did, as programs read it.
#[derive(Serialize)]
struct Ended {
    sessions: Vec<String>,
    messages: u64,
    dry_run: bool,
}

async fn end(app: &App, format: Format, end: End) -> anyhow::Result<Outcome> {
    let End { which, no_slo, dry_run } = end;
    let source = which.provider.clone();
    let (chosen, missing) = choose(app, which).await?;
    // One that is gone from the files may have sessions still.
    let nobodys = source.filter(|source| chosen.is_empty() && !is_configured(app, source));
    let mut ended = Ended { sessions: Vec::new(), messages: 0, dry_run };
    for listed in chosen {
        let id = listed.session.id;
        if let Some(messages) = end_one(app, &id, no_slo, dry_run).await? {
            ended.messages += messages;
            ended.sessions.push(id.as_str().to_owned());
        }
    }
    let words = if dry_run { "sessions that would end" } else { "sessions ended" };
    let text = format!("{words}: {}, messages to services: {}\n", ended.sessions.len(), ended.messages);
    results(format, &text, &ended)?;
    if ended.messages > 0 && !dry_run {
        tell_of_messages(app).await?;
    }
    for id in &missing {
        say(&format!("there is no session {}", plain(id)));
    }
    if let Some(source) = &nobodys {
        say(&format!("{} is no institution and no back-end of the files, and has no session", plain(source)));
    }
    Ok(if missing.is_empty() && nobodys.is_none() { Outcome::Fine } else { Outcome::Problem })
}

/// Whether the files have an institution of this suffix, or a back-end of this name; in any case of letters,
/// as sessions are found.
fn is_configured(app: &App, source: &str) -> bool {
    let files = &app.written;
    files.directory.find(source).is_some()
        || files.backends.iter().any(|backend| backend.name.eq_ignore_ascii_case(source))
}

/// The sessions that are meant, also those that are over and not swept yet, and the ids that none has.
async fn choose(app: &App, which: Which) -> anyhow::Result<(Vec<Listed>, Vec<String>)> {
    let mut read = app.store.read().await?;
    if which.ids.is_empty() {
        let wanted = Wanted { user: which.user, source: which.provider, ..Wanted::default() };
        return Ok((overview::sessions(&mut read, &wanted).await?, Vec::new()));
    }
    let (mut chosen, mut missing) = (Vec::new(), Vec::new());
    for id in which.ids {
        let wanted = Wanted { id: Some(id.clone()), ..Wanted::default() };
        match overview::sessions(&mut read, &wanted).await?.pop() {
            Some(listed) => chosen.push(listed),
            None => missing.push(id),
        }
    }
    Ok((chosen, missing))
}

/// Ends a session, or only looks. Out: how many messages that makes; `None` when it is gone already.
async fn end_one(app: &App, id: &SessionId, no_slo: bool, dry_run: bool) -> anyhow::Result<Option<u64>> {
    if dry_run {
        let messages = overview::messages(&mut app.store.read().await?, id).await?;
        return Ok(Some(if no_slo { 0 } else { messages }));
    }
    let (id, now) = (id.clone(), app.clock.now());
    let farewell = if no_slo { Farewell::Silent } else { Farewell::Told };
    let ended = app.store.write(move |tx| {
        let id = id.clone();
        Box::pin(async move {
            let messages = if no_slo { 0 } else { overview::messages(tx, &id).await? };
            Ok(sessions::end_with(tx, &id, now, farewell).await?.then_some(messages))
        })
    });
    Ok(ended.await?)
}
