//! `passerelle users import`: accounts from a table, all of them or none.

mod read;

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use futures_util::{StreamExt, TryStreamExt, stream};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use self::read::{Place, Row, Secret, Table};
use super::super::table::{plain, results, say};
use super::super::{Format, Outcome};
use super::change::farewell;
use super::{least, password, person, tell_of_messages};
use crate::app::App;
use crate::domain::identity::Identity;
use crate::protocol::time::Timestamp;
use crate::store::accounts::{self, Account};
use crate::store::sessions::{self, Ends};
use crate::store::{StoreError, Tx};

/// Largest table, in bytes.
const LARGEST: u64 = 64 << 20;
/// Most problems that are told.
const MOST: usize = 50;

/// Which table, and what to do with it.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// The table: commas, a line of names first; `-` is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Accounts that are there already are changed: by the columns that the table has
    #[arg(long)]
    update: bool,
    /// The services of sessions that end are not told
    #[arg(long)]
    no_slo: bool,
    /// Read everything, say what would be done, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// What was done, as programs read it.
#[derive(Serialize)]
struct Done {
    added: usize,
    changed: usize,
    /// Those that the table has columns for.
    attributes: Vec<String>,
    sessions: u64,
    messages: u64,
    dry_run: bool,
}

/// Runs the command.
pub(super) async fn run(app: &App, format: Format, options: Options) -> anyhow::Result<Outcome> {
    let file = options.file.clone();
    let content = tokio::task::spawn_blocking(move || content(&file)).await??;
    let Table { attributes, rows, mut problems } = read::table(app, &content);
    let mut known = Vec::with_capacity(rows.len());
    {
        let mut read = app.store.read().await?;
        for row in &rows {
            let is_there = accounts::find(&mut read, row.name.as_str()).await?.is_some();
            if is_there && !options.update {
                let words = format!("there is an account {} already", plain(row.name.as_str()));
                problems.push((row.place, words));
            }
            known.push(is_there);
        }
    }
    if !problems.is_empty() {
        tell(&options.file, problems);
        return Ok(Outcome::Problem);
    }
    if rows.is_empty() {
        say("there is nobody in the table: nothing follows the line with the names of the columns");
    }
    tell_of_short(app, &options.file, &rows);
    let changed = known.iter().filter(|known| **known).count();
    let (added, dry_run) = (rows.len() - changed, options.dry_run);
    let mut done = Done { added, changed, attributes, sessions: 0, messages: 0, dry_run };
    if !options.dry_run {
        let ends = write(app, hashed(app, rows).await?, &options).await?;
        (done.sessions, done.messages) = (ends.sessions, ends.messages);
    }
    let mut text = match done.dry_run {
        true => format!("accounts that would be added: {}, changed: {}\n", done.added, done.changed),
        false => format!("accounts added: {}, changed: {}\n", done.added, done.changed),
    };
    if !done.attributes.is_empty() {
        let names: Vec<String> = done.attributes.iter().map(|name| plain(name)).collect();
        text.push_str(&format!("attributes: {}\n", names.join(", ")));
    }
    results(format, &text, &done)?;
    if done.messages > 0 {
        tell_of_messages(app).await?;
    }
    Ok(Outcome::Fine)
}

fn content(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut content = Vec::new();
    let read = match file.to_str() {
        Some("-") => std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut content),
        _ => std::fs::File::open(file).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut content)),
    };
    let read = read.with_context(|| format!("cannot read {}", file.display()))?;
    if u64::try_from(read).is_ok_and(|read| read > LARGEST) {
        bail!("{} has more than 64 MiB", file.display());
    }
    Ok(content)
}

/// Passwords that their owners could not choose.
fn tell_of_short(app: &App, file: &Path, rows: &[Row]) {
    let least = least(app);
    let is_short = |row: &&Row| match &row.password {
        Some(Secret::Clear(text)) => text.expose_secret().chars().count() < least,
        _ => false,
    };
    let short: Vec<&Row> = rows.iter().filter(is_short).collect();
    if let Some((line, _)) = short.first().map(|row| row.place) {
        let file = plain(&shown(file));
        say(&format!(
            "warning: passwords with fewer than {least} characters, which their owners could not choose: {}, \
             the first at {file}:{line}",
            short.len()
        ));
    }
}

fn shown(file: &Path) -> String {
    if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() }
}

/// In the order of the table. The column is the number of the field.
fn tell(file: &Path, mut problems: Vec<(Place, String)>) {
    problems.sort_by_key(|(place, _)| *place);
    let file = plain(&shown(file));
    for ((line, column), words) in problems.iter().take(MOST) {
        say(&format!("{}:{line}:{column}: {words}", plain(&file)));
    }
    match problems.len().saturating_sub(MOST) {
        0 => say("nothing was imported"),
        more => say(&format!("and {more} more; nothing was imported")),
    }
}

/// A row with the text that is stored in the place of its password.
struct Ready {
    row: Row,
    password: Option<SecretString>,
}

/// Hashes what stands there in clear text, several at once.
async fn hashed(app: &App, rows: Vec<Row>) -> anyhow::Result<Vec<Ready>> {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let ready = stream::iter(rows).map(|mut row| async move {
        let password = match row.password.take() {
            Some(Secret::Clear(text)) => Some(password::hashed(app, text).await?),
            Some(Secret::Hash(text)) => Some(text),
            None => None,
        };
        anyhow::Ok(Ready { row, password })
    });
    ready.buffered(cores).try_collect().await
}

/// One transaction.
async fn write(app: &App, rows: Vec<Ready>, options: &Options) -> anyhow::Result<Ends> {
    let (now, update, no_slo) = (app.clock.now(), options.update, options.no_slo);
    let people: Vec<_> = rows.iter().map(|ready| person(app, &ready.row.name)).collect();
    let rows: Arc<Vec<(Ready, Option<Identity>)>> = Arc::new(rows.into_iter().zip(people).collect());
    let write = app.store.write(move |tx| {
        let rows = Arc::clone(&rows);
        Box::pin(async move {
            let mut all = Ends::default();
            for (ready, who) in rows.iter() {
                let ends = keep(tx, ready, who.as_ref(), (update, no_slo), now).await?;
                all.sessions += ends.sessions;
                all.messages += ends.messages;
            }
            Ok(all)
        })
    });
    match write.await {
        Err(StoreError::Conflict(name)) => bail!("{name} was added meanwhile: nothing was imported"),
        done => Ok(done?),
    }
}

async fn keep(
    tx: &mut Tx,
    ready: &Ready,
    who: Option<&Identity>,
    (update, no_slo): (bool, bool),
    now: Timestamp,
) -> Result<Ends, StoreError> {
    let Ready { row, password } = ready;
    let held = if update { accounts::hold(tx, &row.name).await? } else { None };
    let Some(mut account) = held else {
        let mut account = Account::new(row.name.clone(), password.clone().unwrap_or_default(), now);
        row.apply(&mut account);
        return match accounts::add(tx, &account).await? {
            true => Ok(Ends::default()),
            false => Err(StoreError::Conflict(format!("account {}", row.name.as_str()))),
        };
    };
    if let Some(password) = password {
        account.set_password(password.clone(), now);
    }
    row.apply(&mut account);
    accounts::change(tx, &account).await?;
    let is_out = password.is_some() || !account.active || account.must_change;
    match who.filter(|_| is_out) {
        Some(who) => sessions::end_of_person(tx, who, None, now, farewell(no_slo)).await,
        None => Ok(Ends::default()),
    }
}
