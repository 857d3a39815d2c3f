//! Results on stdout: aligned columns for people, JSON for programs.

use std::io::Write;

use serde::Serialize;

use super::Format;
use crate::domain::name::visible;
use crate::protocol::time::Timestamp;

/// Columns under their names, two blanks apart.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub(super) fn new(names: &[&str]) -> Self {
        Self { rows: vec![names.iter().map(|&name| name.to_owned()).collect()] }
    }

    /// One more row.
    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells.iter().map(|cell| plain(cell)).collect());
    }

    /// The lines.
    pub(super) fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
            format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
        };
        self.rows.iter().map(line).collect()
    }
}

/// A text without what would steer the terminal, turn its lines around or be seen by nobody: names come from
/// elsewhere.
pub(super) fn plain(text: &str) -> String {
    visible(text).into_owned()
}

/// An instant for people: `2026-11-21 08:16:46Z`.
pub(super) fn moment(at: Timestamp) -> String {
    at.iso().replace('T', " ")
}

/// An instant that may be absent.
pub(super) fn maybe(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "-".to_owned(), moment)
}

/// Writes results. Whoever reads may have read enough (`| head`): that is no failure of ours.
pub(super) fn results(format: Format, text: &str, json: &impl Serialize) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    let _gone = match format {
        Format::Text | Format::Github => write!(out, "{text}"),
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(json)?),
    };
    Ok(())
}

/// Talk, on stderr.
#[expect(clippy::print_stderr, reason = "the front gate talks to people")]
pub(super) fn say(line: &str) {
    eprintln!("passerelle: {line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other() {
        let mut table = Table::new(&["ID", "USER", "LAST"]);
        table.row(vec!["1".to_owned(), "zoé@valmont.example".to_owned(), String::new()]);
        table.row(vec!["22".to_owned(), "a\u{1b}[31m\nb\u{202e}".to_owned(), "x".to_owned()]);
        let lines = "ID  USER                 LAST\n1   zoé@valmont.example\n22  a\u{fffd}[31m\u{fffd}b\u{fffd}            x\n";
        assert_eq!(table.text(), lines);
    }
}
