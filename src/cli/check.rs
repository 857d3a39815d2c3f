//! `passerelle check`: reads all files and prints every problem.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::{Format, Outcome};
use crate::config::{Config, Problems, Texts};

/// Runs the command.
pub(super) fn run(file: Option<PathBuf>, format: Format, strict: bool) -> anyhow::Result<Outcome> {
    let (config, problems) = read(file)?;
    print(&problems, format);
    let fails = config.is_none() || (strict && !problems.is_empty());
    Ok(if fails { Outcome::Problem } else { Outcome::Fine })
}

/// Reads the configuration. Out: the configuration unless there are errors, and the problems, warnings
/// among them. Errors: files that cannot be read at all.
pub(super) fn read(file: Option<PathBuf>) -> anyhow::Result<(Option<Config>, Problems)> {
    let file = file.unwrap_or_else(default_file);
    let texts = Texts::from_disk(&file)?;
    Ok(match Config::read(&texts, &|name| std::env::var(name).ok()) {
        Ok((config, warnings)) => (Some(config), warnings),
        Err(problems) => (None, problems),
    })
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
