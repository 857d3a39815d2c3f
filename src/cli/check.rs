//! `passerelle check`: reads all files and prints every problem.

use std::collections::BTreeSet;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::entry;
use super::online::{self, Asked, Looked};
use super::{Format, Outcome};
use crate::app::database;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Problems, Texts};
use crate::domain::switches::Kind;
use crate::store::uses;

/// A service that was not used for so long is worth a question, in seconds.
const UNUSED: i64 = 90 * 86_400;

/// Runs the command.
pub(super) async fn run(
    file: Option<PathBuf>,
    format: Format,
    strict: bool,
    online: bool,
) -> anyhow::Result<Outcome> {
    let texts = texts(file)?;
    let (config, mut problems) = read_texts(&texts, &BTreeSet::new());
    if let Some(config) = &config {
        let unused = unused(config).await;
        if !unused.is_empty() {
            (_, problems) = read_texts(&texts, &unused);
        }
    }
    let fails = config.is_none() || (strict && !problems.is_empty());
    let outcome = if fails { Outcome::Problem } else { Outcome::Fine };
    let Some(config) = config.filter(|_| online) else {
        print(&problems, format);
        return Ok(outcome);
    };
    let found = Found { looked: online::all(&config).await?, asked: online::backends(&config).await? };
    print_all(&texts, &problems, &found, format)?;
    let reports = found.looked.iter().map(|one| &one.report).chain(found.asked.iter().map(|one| &one.report));
    Ok(if fails { outcome } else { online::outcome(reports) })
}

/// Reads the configuration. Out: the configuration unless there are errors, and the problems, warnings
/// among them. Errors: files that cannot be read at all.
pub(super) fn read(file: Option<PathBuf>) -> anyhow::Result<(Option<Config>, Problems)> {
    Ok(read_texts(&texts(file)?, &BTreeSet::new()))
}

/// Reads the files, unread. Errors: files that cannot be read at all.
pub(super) fn texts(file: Option<PathBuf>) -> anyhow::Result<Texts> {
    Ok(Texts::from_disk(&main_file(file))?)
}

/// Out: the configuration unless there are errors, and the problems. In: services that nobody uses.
pub(super) fn read_texts(texts: &Texts, unused: &BTreeSet<String>) -> (Option<Config>, Problems) {
    match Config::read_knowing(texts, &|name| std::env::var(name).ok(), unused) {
        Ok((config, warnings)) => (Some(config), warnings),
        Err(problems) => (None, problems),
    }
}

/// The services that were known 90 days ago and not used since. Files can be checked before there is a
/// database, and where there is none within reach: then there are none.
async fn unused(config: &Config) -> BTreeSet<String> {
    let cut = SystemClock.now().plus(-UNUSED);
    uses::unused(&database(config), cut).await.unwrap_or_default()
}

/// The main file: the one that is named, else the one that lies here, else that of the machine.
pub(super) fn main_file(named: Option<PathBuf>) -> PathBuf {
    named.unwrap_or_else(default_file)
}

/// What was found outside.
struct Found {
    /// At the institutions.
    looked: Vec<Looked>,
    /// At the back-ends.
    asked: Vec<Asked>,
}

/// Problems of the files, and what was found outside.
fn print_all(texts: &Texts, problems: &Problems, found: &Found, format: Format) -> anyhow::Result<()> {
    let Found { looked, asked } = found;
    let mut out = std::io::stdout();
    match format {
        Format::Text => {
            match problems.is_empty() {
                // The institutions may have some.
                true => drop(writeln!(out, "files: no problems")),
                false => print(problems, format),
            }
            let _gone = write!(out, "{}{}", online::text(looked), online::text_of_backends(asked));
        }
        Format::Github => {
            print(problems, format);
            let places = entry::places(texts, Kind::Provider);
            let _gone = write!(out, "{}", online::github(looked, &places));
            let places = entry::backends(texts);
            let _gone = write!(out, "{}", online::github_of_backends(asked, &places));
        }
        Format::Json => {
            let problems: serde_json::Value = serde_json::from_str(&problems.json())?;
            let all = serde_json::json!({ "problems": problems, "providers": looked, "backends": asked });
            let _gone = writeln!(out, "{}", serde_json::to_string_pretty(&all)?);
        }
    }
    Ok(())
}

fn default_file() -> PathBuf {
    let here = Path::new("passerelle.toml");
    if here.exists() { here.to_owned() } else { PathBuf::from("/etc/passerelle/passerelle.toml") }
}

/// Prints problems: results to stdout for programs, to stderr for people.
pub(super) fn print(problems: &Problems, format: Format) {
    let mut out = std::io::stdout();
    // Whoever reads may have read enough (`| head`): that is no failure of ours.
    let _gone = match format {
        Format::Text if problems.is_empty() => writeln!(out, "no problems"),
        Format::Text => {
            let mut err = std::io::stderr();
            write!(err, "{}", problems.text(err.is_terminal(), ""))
        }
        Format::Json => write!(out, "{}", problems.json()),
        Format::Github => write!(out, "{}", problems.github()),
    };
}
