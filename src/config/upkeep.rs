//! `[clean]`, `[outbound]` and `[check]`: what goes on behind the pages.

use std::path::PathBuf;
use std::time::Duration;

use super::paths::certificates;
use super::section::Section;
use super::texts::Files;

/// `[clean]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clean {
    /// How often the server sweeps. Default: 5 min.
    pub every: Duration,
}

/// `[outbound]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outbound {
    /// Authorities beside those of the system. Default: none.
    pub ca_file: Option<PathBuf>,
    /// Seconds after which an institution that nobody used is looked at; `None`: never. Default: 5 min.
    pub probe: Option<i64>,
}

/// `[check]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Codes of warnings that are not told. Default: none.
    pub allow: Vec<String>,
}

/// Reads `[check]`.
pub fn check(mut section: Section<'_>) -> Check {
    let allow = section.allow().to_vec();
    section.finish();
    Check { allow }
}

/// Reads `[clean]`.
pub fn clean(mut section: Section<'_>) -> Clean {
    let second = Duration::from_secs(1);
    let every = section.duration("every", second * 300, second..=second * 86_400);
    section.finish();
    Clean { every }
}

/// Reads `[outbound]`.
pub fn outbound(mut section: Section<'_>, files: &Files) -> Outbound {
    let found = section.filled_text("ca_file");
    let ca_file = found.and_then(|found| certificates("ca_file", found.value, &found.spot, files));
    let probe = section.seconds_or("probe", 300, "off");
    section.finish();
    Outbound { ca_file, probe }
}
