//! The plan of the house (ARCHITECTURE.md): which room may use which, read against the source.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Longest file that feels right, in lines.
const LONGEST: usize = 450;

/// A room, and the rooms that it may use.
const PLAN: &[(&str, &[&str])] = &[
    ("protocol", &[]),
    ("client", &["protocol"]),
    ("domain", &["protocol"]),
    ("store", &["domain", "protocol"]),
    ("auth", &["config", "domain", "outbound", "protocol", "store", "telemetry"]),
    ("upstream", &["domain", "client", "protocol", "outbound"]),
    (
        "flows",
        &[
            "app",
            "auth",
            "client",
            "clock",
            "config",
            "domain",
            "mint",
            "outbound",
            "protocol",
            "store",
            "telemetry",
            "upstream",
        ],
    ),
    ("http", &["flows", "domain", "protocol", "app", "config"]),
    ("config", &["domain", "protocol"]),
    ("clock", &["protocol"]),
    ("mint", &["protocol"]),
    ("telemetry", &["protocol"]),
    ("outbound", &[]),
    (
        "app",
        &[
            "auth",
            "client",
            "clock",
            "config",
            "domain",
            "mint",
            "outbound",
            "protocol",
            "store",
            "telemetry",
            "upstream",
        ],
    ),
    (
        "cli",
        &[
            "app",
            "auth",
            "client",
            "clock",
            "config",
            "domain",
            "flows",
            "http",
            "mint",
            "outbound",
            "protocol",
            "store",
            "telemetry",
            "upstream",
        ],
    ),
];

/// One file of the source, by its path below `src`.
struct File {
    path: PathBuf,
    text: String,
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        Self { path: PathBuf::from(path), text: text.to_owned() }
    }

    /// The room that it stands in; `None` for `lib.rs` and `main.rs`.
    fn room(&self) -> Option<&str> {
        let first = self.path.components().next()?.as_os_str().to_str()?;
        Some(first.strip_suffix(".rs").unwrap_or(first)).filter(|room| !matches!(*room, "lib" | "main"))
    }

    /// How far it lies below the crate: `http/mod.rs` 1, `http/login.rs` 2.
    fn depth(&self) -> usize {
        let parts = self.path.components().count();
        if self.path.ends_with("mod.rs") { parts - 1 } else { parts }
    }
}

fn sources() -> Vec<File> {
    crate::support::sources::sources("src").into_iter().map(|(path, text)| File { path, text }).collect()
}

/// Everything that is not as the plan says.
fn violations(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    let rooms: BTreeSet<&str> = files.iter().filter_map(File::room).collect();
    for room in rooms {
        let Some((_, allowed)) = PLAN.iter().find(|(name, _)| *name == room) else {
            found.push(format!("{room}: a room that the plan does not know"));
            continue;
        };
        let plate = files.iter().find(|file| file.path == Path::new(room).join("mod.rs"));
        if !plate.is_some_and(|file| file.text.starts_with("//!")) {
            found.push(format!("{room}: no mod.rs that says what lives here"));
        }
        for file in files.iter().filter(|file| file.room() == Some(room)) {
            let code = bare(&file.text);
            let stray = used(&code).into_iter().filter(|path| !may(room, allowed, path));
            found.extend(stray.map(|path| format!("{}: uses {path}", file.path.display())));
            if climbs(&code) > file.depth() - 1 + usize::from(code.contains("mod tests {")) {
                found.push(format!("{}: climbs out of its room by `super`", file.path.display()));
            }
        }
    }
    for file in files.iter().filter(|file| file.text.lines().count() > LONGEST) {
        found.push(format!("{}: longer than {LONGEST} lines", file.path.display()));
    }
    found
}

fn may(room: &str, allowed: &[&str], path: &str) -> bool {
    let first = path.split("::").next().unwrap_or_default();
    first == room || allowed.contains(&first)
}

/// The first two steps of every path from `crate`, groups taken apart: `store::Tx`, `app`.
fn used(code: &str) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        for (first, rest) in branches(rest) {
            let Some(rest) = rest.strip_prefix("::") else {
                paths.insert(first.to_owned());
                continue;
            };
            for (second, _) in branches(rest) {
                paths.insert(format!("{first}::{second}"));
            }
        }
    }
    paths
}

/// The names that a path goes on with, each with what follows it: one, or those of a group.
fn branches(rest: &str) -> Vec<(&str, &str)> {
    let name = |text: &'_ str| text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let Some(group) = rest.strip_prefix('{') else {
        return vec![rest.split_at(name(rest))];
    };
    let (mut level, mut start, mut parts) = (0, 0, Vec::new());
    for (at, sign) in group.char_indices() {
        match sign {
            '{' => level += 1,
            ',' if level == 0 => {
                parts.push(&group[start..at]);
                start = at + 1;
            }
            '}' if level == 0 => {
                parts.push(&group[start..at]);
                break;
            }
            '}' => level -= 1,
            _ => {}
        }
    }
    parts
        .into_iter()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| part.split_at(name(part)))
        .collect()
}

/// The longest chain of `super::`.
fn climbs(code: &str) -> usize {
    let chains = code.match_indices("super::").map(|(at, _)| {
        let mut rest = &code[at..];
        let mut steps = 0;
        while let Some(further) = rest.strip_prefix("super::") {
            (rest, steps) = (further, steps + 1);
        }
        steps
    });
    chains.max().unwrap_or(0)
}

/// Code without comments and texts.
fn bare(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(sign) = rest.chars().next() {
        let skipped = match sign {
            '/' if rest.starts_with("//") => rest.find('\n'),
            '/' if rest.starts_with("/*") => rest.find("*/").map(|end| end + 2),
            'r' if rest.starts_with("r\"") => rest[2..].find('"').map(|end| end + 3),
            'r' if rest.starts_with("r#\"") => rest.find("\"#").map(|end| end + 2),
            '"' => closing(rest),
            '\'' if rest.starts_with("'\"'") => Some(3),
            '\'' if rest.starts_with("'\\") => rest[2..].find('\'').map(|end| end + 3),
            _ => Some(0),
        };
        match skipped {
            None => break,
            Some(0) => {
                out.push(sign);
                rest = &rest[sign.len_utf8()..];
            }
            Some(length) => {
                out.push(' ');
                rest = &rest[length..];
            }
        }
    }
    out
}

/// The length of a quoted text with its quotes.
fn closing(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, sign) in text.char_indices().skip(1) {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[test]
fn every_room_uses_what_the_plan_allows() {
    let found = violations(&sources());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_room_of_the_plan_is_built() {
    let files = sources();
    for (room, _) in PLAN {
        assert!(files.iter().any(|file| file.room() == Some(room)), "{room}");
    }
}

#[test]
fn a_planted_violation_is_found() {
    let long = "//!\n".repeat(LONGEST + 1);
    for (path, text, expected) in [
        ("domain/mod.rs", "//! x\nuse crate::store::Tx;", "domain/mod.rs: uses store::Tx"),
        ("domain/mod.rs", "//! x\nfn f() { crate::app::App::new() }", "domain/mod.rs: uses app::App"),
        ("store/mod.rs", "//! x\nuse crate::{domain::name, flows};", "store/mod.rs: uses flows"),
        ("http/mod.rs", "//! x\nuse crate::store::Tx;", "http/mod.rs: uses store::Tx"),
        ("domain/mod.rs", "//! x\nuse super::store;", "domain/mod.rs: climbs out of its room by `super`"),
        ("cellar/mod.rs", "//! x\n", "cellar: a room that the plan does not know"),
        ("clock/mod.rs", "// x\n", "clock: no mod.rs that says what lives here"),
        ("clock/mod.rs", long.as_str(), "clock/mod.rs: longer than 450 lines"),
    ] {
        assert_eq!(violations(&[File::new(path, text)]), [expected], "{text}");
    }
}

#[test]
fn what_is_no_violation_is_left_alone() {
    for (path, text) in [
        ("domain/mod.rs", "//! like crate::store\nuse crate::protocol::{time, ticket::TicketId};"),
        ("domain/mod.rs", "//! x\nconst A: &str = \"crate::store \\\" crate::app\"; // crate::flows"),
        (
            "domain/mod.rs",
            "//! x\nfn f() { '\"'; r#\"crate::app\"#; /* crate::cli */ }\nuse crate::domain::a;",
        ),
        ("http/mod.rs", "//! x\nuse crate::flows::{ServiceUse};\nmod tests { use super::*; }"),
        ("main.rs", "use crate::cli;"),
    ] {
        assert_eq!(violations(&[File::new(path, text)]), [""; 0], "{text}");
    }
}
