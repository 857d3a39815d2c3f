//! `passerelle init DIR`: files to start from. Asks nothing and overwrites nothing.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde::Serialize;

use super::table::results;
use super::{Format, Outcome};
use crate::mint::Key;

/// Where to.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The folder; it is made where it does not exist
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// List the files, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// A file to be written.
struct File {
    path: PathBuf,
    content: String,
    mode: u32,
}

/// What was written, as programs read it.
#[derive(Serialize)]
struct Done {
    files: Vec<String>,
    dry_run: bool,
}

/// Whoever may read the folder.
const PLAIN: u32 = 0o644;
/// Nobody but the owner.
const SECRET: u32 = 0o600;

/// Runs the command. Errors before the first file where one is there already.
pub(super) fn run(format: Format, options: &Options) -> anyhow::Result<Outcome> {
    let folder = std::path::absolute(&options.folder).context("there is no such folder")?;
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("/usr/local/bin/passerelle"));
    let files = files(&folder, &program)?;
    let there: Vec<String> = files
        .iter()
        .filter(|file| fs::symlink_metadata(&file.path).is_ok())
        .map(|file| file.path.display().to_string())
        .collect();
    if !there.is_empty() {
        bail!("nothing was written, because this is there already: {}", there.join(", "));
    }
    if !options.dry_run {
        for file in &files {
            write(file).with_context(|| format!("cannot write {}", file.path.display()))?;
        }
    }
    let done = Done {
        files: files.iter().map(|file| file.path.display().to_string()).collect(),
        dry_run: options.dry_run,
    };
    results(format, &text(&folder, &done), &done)?;
    Ok(Outcome::Fine)
}

fn text(folder: &Path, done: &Done) -> String {
    let mut text: String = done.files.iter().map(|file| format!("{file}\n")).collect();
    if !done.dry_run {
        let folder = folder.display();
        text.push_str(&format!(
            "\nPut your institution and your service in the place of those that are made up. Then:\n\n\
             \x20 passerelle --config {folder}/passerelle.toml check\n\
             \x20 passerelle --config {folder}/passerelle.toml serve     # to try it; Ctrl-C ends it\n\n\
             While it runs, or later, an account for somebody without an institution; it asks for a password:\n\n\
             \x20 passerelle --config {folder}/passerelle.toml users add NAME\n\n\
             To keep it running, as root. The account is to read and write this folder, and to run the program:\n\n\
             \x20 useradd --system --shell /usr/sbin/nologin passerelle\n\
             \x20 chown -R passerelle: {folder}\n\
             \x20 cp {folder}/passerelle.service /etc/systemd/system/\n\
             \x20 systemctl enable --now passerelle\n"
        ));
    }
    text
}

/// All files. In: absolute paths. Errors: a path that no unit could name.
fn files(folder: &Path, program: &Path) -> anyhow::Result<Vec<File>> {
    let (quoted, program) = (quoted(folder)?, quoted(program)?);
    let unit = include_str!("texts/passerelle.service")
        .replace("{folder}", &folder.display().to_string())
        .replace("{quoted}", &quoted)
        .replace("{program}", &program);
    let file =
        |name: &str, content: &str, mode| File { path: folder.join(name), content: content.to_owned(), mode };
    Ok(vec![
        file("passerelle.toml", include_str!("texts/passerelle.toml"), PLAIN),
        file("providers.d/northfield.toml", include_str!("texts/providers.d/northfield.toml"), PLAIN),
        file("services.d/20-wiki.toml", include_str!("texts/services.d/20-wiki.toml"), PLAIN),
        file("cookie.key", &(Key::random_text() + "\n"), SECRET),
        file("passerelle.service", &unit, PLAIN),
    ])
}

/// A path as it stands between the quotes of a unit.
fn quoted(path: &Path) -> anyhow::Result<String> {
    match path.to_str() {
        Some(text) if !text.chars().any(char::is_control) => {
            Ok(text.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%"))
        }
        _ => bail!("{}: choose a folder with a plain name", path.display()),
    }
}

fn write(file: &File) -> std::io::Result<()> {
    if let Some(folder) = file.path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(file.mode);
    options.open(&file.path)?.write_all(file.content.as_bytes())
}
