//! `passerelle schema`: every key of every file, with its default.

use std::io::Write;

use super::Outcome;
use crate::config::schema::{Key, Schema, whole};
use clap::{Args, ValueEnum};

/// Which file, and how.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The file [default: all]
    #[arg(value_enum)]
    file: Option<File>,
    /// Print one line a key, with its default, in place of the JSON Schema
    #[arg(long)]
    keys: bool,
}

/// The files that have keys.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum File {
    /// passerelle.toml
    Main,
    /// providers.d/*.toml
    Provider,
    /// services.d/*.toml
    Service,
    /// The file of users of a back-end
    Users,
}

impl From<File> for Schema {
    fn from(file: File) -> Self {
        match file {
            File::Main => Self::Main,
            File::Provider => Self::Provider,
            File::Service => Self::Service,
            File::Users => Self::Users,
        }
    }
}

/// Prints the JSON Schema of one file, or of all in one document; or a list of keys.
pub(super) fn run(options: &Options) -> anyhow::Result<Outcome> {
    let mut out = std::io::stdout().lock();
    let chosen = options.file.map(Schema::from);
    // Whoever reads may have read enough (`| head`): that is no failure of ours.
    let _gone = match (options.keys, chosen) {
        (true, Some(one)) => write!(out, "{}", lines(one)),
        (true, None) => write!(out, "{}", Schema::ALL.map(lines).join("\n")),
        (false, Some(one)) => write!(out, "{}", one.text()),
        (false, None) => writeln!(out, "{}", serde_json::to_string_pretty(&whole())?),
    };
    Ok(Outcome::Fine)
}

fn lines(schema: Schema) -> String {
    let keys = schema.keys();
    let written: Vec<String> = keys.iter().map(|key| format!("{} = {}", key.path, default(key))).collect();
    let width =
        written.iter().map(|text| text.chars().count()).filter(|&width| width <= 50).max().unwrap_or(0);
    let mut lines = format!("# {}\n", schema.name());
    for (key, text) in keys.iter().zip(written) {
        lines.push_str(&format!("{text:width$}  # {}\n", key.about));
    }
    lines
}

/// A default as it would be written; a word or a dash where there is none.
fn default(key: &Key) -> String {
    let none = if key.is_needed { "(required)" } else { "-" };
    key.default.as_ref().map_or_else(|| none.to_owned(), ToString::to_string)
}
