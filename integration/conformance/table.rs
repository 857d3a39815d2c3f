//! `docs/conformance.md` against the sources: every row of the checklist is in it, and every row names
//! tests that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::sources::sources;

/// The checklist: each group with the number of its last row.
const GROUPS: &[(&str, usize)] = &[
    ("REQ", 34),
    ("ACC", 30),
    ("OUT", 14),
    ("VAL", 13),
    ("SV", 30),
    ("XS", 9),
    ("JSN", 10),
    ("PGT", 20),
    ("PX", 14),
    ("PV", 15),
    ("TKT", 13),
    ("TGC", 14),
    ("RMB", 5),
    ("CON", 10),
    ("SLO", 16),
    ("SAM", 23),
    ("NET", 28),
    ("ENC", 8),
];

/// One row of a table of the document.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    id: String,
    statement: String,
    section: String,
    tests: Vec<String>,
}

fn ids() -> BTreeSet<String> {
    let of_group = |(group, last): &(&str, usize)| {
        let group = (*group).to_owned();
        (1..=*last).map(move |number| format!("{group}-{number:02}"))
    };
    GROUPS.iter().flat_map(of_group).collect()
}

/// The rows of a document: lines of a table whose first cell is an id.
fn rows(document: &str) -> Vec<Row> {
    let mut found = Vec::new();
    for line in document.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [id, statement, section, tests] = cells[..] else { continue };
        let is_id = id.split_once('-').is_some_and(|(group, _)| GROUPS.iter().any(|(own, _)| *own == group));
        if is_id {
            let tests = tests.split(' ').map(|test| test.trim_matches(['`', ',']).to_owned());
            found.push(Row {
                id: id.to_owned(),
                statement: statement.to_owned(),
                section: section.to_owned(),
                tests: tests.filter(|test| !test.is_empty()).collect(),
            });
        }
    }
    found
}

/// Everything that is wrong with a document, where these tests exist.
fn flaws(document: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let rows = rows(document);
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for row in &rows {
        if !seen.insert(row.id.clone()) {
            found.push(format!("{}: twice", row.id));
        }
        if row.statement.is_empty() || row.section.is_empty() {
            found.push(format!("{}: no statement or no section", row.id));
        }
        if row.tests.is_empty() {
            found.push(format!("{}: no test", row.id));
        }
        let unknown = row.tests.iter().filter(|test| !tests.contains(*test));
        found.extend(unknown.map(|test| format!("{}: there is no test `{test}`", row.id)));
    }
    let all = ids();
    found.extend(all.difference(&seen).map(|id| format!("{id}: not in the document")));
    found.extend(seen.difference(&all).map(|id| format!("{id}: not in the checklist")));
    for (group, all) in GROUPS {
        let line = format!("| {group} | {all} |");
        if !document.lines().any(|own| own.contains(&line)) {
            found.push(format!("{group}: the totals do not say `{line}`"));
        }
    }
    let line = format!("| all | | {} |", all.len());
    if !document.lines().any(|own| own == line) {
        found.push(format!("the totals do not say `{line}`"));
    }
    found
}

/// The names of all tests below `integration`, as `module::name`.
fn tests_of_the_sources() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (path, text) in sources("integration") {
        let module = module_of(&path);
        names.extend(tests_in(&text).map(|name| format!("{module}::{name}")));
    }
    names
}

/// `federate/names.rs` is `federate::names`, `conformance/mod.rs` is `conformance`.
fn module_of(path: &Path) -> String {
    let path = if path.ends_with("mod.rs") { path.parent().map(PathBuf::from) } else { None }
        .unwrap_or_else(|| path.with_extension(""));
    let parts: Vec<_> =
        path.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    parts.join("::")
}

/// The functions of a text that a test attribute stands before.
fn tests_in(text: &str) -> impl Iterator<Item = &str> {
    let is_attribute = |line: &str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
    let mut is_test = false;
    text.lines().map(str::trim).filter_map(move |line| {
        if is_attribute(line) {
            is_test = true;
            return None;
        }
        let rest = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "))?;
        std::mem::take(&mut is_test).then(|| rest.split(['(', '<']).next().unwrap_or_default())
    })
}

#[test]
fn every_row_is_shown_by_a_test_that_exists() {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/conformance.md");
    let found = flaws(&fs::read_to_string(document).unwrap(), &tests_of_the_sources());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_planted_flaw_is_found() {
    let document =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/conformance.md")).unwrap();
    let tests = tests_of_the_sources();
    let line = document.lines().find(|line| line.starts_with("| REQ-04 |")).expect("the row");
    let [row] = &rows(line)[..] else { panic!("one row: {line}") };
    let without_tests = format!("| REQ-04 | {} | {} | |", row.statement, row.section);
    for (planted, expected) in [
        (String::new(), "REQ-04: not in the document"),
        (format!("{line}\n{line}"), "REQ-04: twice"),
        (line.replace("| REQ-04 |", "| REQ-4 |"), "REQ-4: not in the checklist"),
        (
            line.replace(&row.tests[0], "login::nobody_wrote_this"),
            "REQ-04: there is no test `login::nobody_wrote_this`",
        ),
        (without_tests.clone(), "REQ-04: no test"),
        (without_tests.replace("| |", "| pending |"), "REQ-04: there is no test `pending`"),
        (line.replace(&row.statement, ""), "REQ-04: no statement or no section"),
    ] {
        let found = flaws(&document.replace(line, &planted), &tests);
        assert!(found.iter().any(|flaw| flaw == expected), "{expected}: {found:?}");
    }
}

#[test]
fn tests_are_found_where_they_stand() {
    let text = "#[test]\nfn one() {}\nfn helper() {}\n#[tokio::test(flavor = \"x\")]\n#[ignore]\nasync fn two() {}\n";
    assert_eq!(tests_in(text).collect::<Vec<_>>(), ["one", "two"]);
    for (path, module) in [("login.rs", "login"), ("a/mod.rs", "a"), ("a/b.rs", "a::b")] {
        assert_eq!(module_of(Path::new(path)), module);
    }
}
