//! What came of a reload, for people and programs.

use serde::Serialize;
use serde_json::Value;

use super::Answer;
use crate::cli::Format;
use crate::cli::changes::Changes;
use crate::cli::reloader::Outcome;
use crate::config::Problems;

/// The last words where the files are wrong.
const NOT_CHANGED: &str = "The running configuration was not changed.";

/// The same as programs read it.
#[derive(Serialize)]
struct View<'a> {
    loaded: bool,
    dry_run: bool,
    #[serde(flatten)]
    changes: Option<&'a Changes>,
    needs_restart: &'a [&'static str],
    problems: Value,
}

/// Puts an outcome into words.
pub(super) fn of(outcome: &Outcome, dry_run: bool, format: Format, colours: bool) -> Answer {
    match outcome {
        Outcome::Failed(reason) => {
            Answer { code: 1, out: String::new(), told: format!("passerelle: {reason}. {NOT_CHANGED}\n") }
        }
        Outcome::Refused(problems) => {
            let problems_in = |out: String| Answer { code: 1, out, told: String::new() };
            match format {
                Format::Text => {
                    Answer { code: 1, out: String::new(), told: problems.text(colours, NOT_CHANGED) }
                }
                Format::Json => problems_in(json(&View {
                    loaded: false,
                    dry_run,
                    changes: None,
                    needs_restart: &[],
                    problems: list(problems),
                })),
                Format::Github => problems_in(problems.github()),
            }
        }
        Outcome::Loaded { changes, waiting, warnings } => {
            let mut told = match format {
                Format::Text => warnings.text(colours, ""),
                Format::Json | Format::Github => String::new(),
            };
            if !waiting.is_empty() && format == Format::Text {
                let keys = waiting.join(", ");
                told.push_str(&format!(
                    "passerelle: a restart is needed for {keys}; the old values stay until then\n"
                ));
            }
            if format == Format::Text {
                told.extend(changes.warnings().map(|warning| format!("passerelle: {warning}\n")));
            }
            let out = match format {
                Format::Text if dry_run => format!("config would be {changes}\n{}", changes.lines()),
                Format::Text => format!("config loaded {changes}\n{}", changes.lines()),
                Format::Json => json(&View {
                    loaded: !dry_run,
                    dry_run,
                    changes: Some(changes),
                    needs_restart: waiting,
                    problems: list(warnings),
                }),
                Format::Github => warnings.github(),
            };
            Answer { code: 0, out, told }
        }
    }
}

fn list(problems: &Problems) -> Value {
    serde_json::from_str(&problems.json()).unwrap_or_default()
}

fn json(view: &View<'_>) -> String {
    // Texts and numbers alone: there is nothing that JSON could not write.
    format!("{}\n", serde_json::to_string_pretty(view).unwrap_or_default())
}
