//! Problems as people and programs read them.

use std::fmt::Write as _;

use serde::Serialize;

use super::problem::{Level, MOST_SHOWN, Problem, Problems};

impl Problems {
    /// For people, one after the other, then a line that counts.
    ///
    /// In: whether to use colours, and a sentence that the last line ends with, or an empty text. Out: text
    /// that ends with a line break; nothing where there is no problem.
    pub fn text(&self, colours: bool, last_words: &str) -> String {
        if self.is_empty() {
            return String::new();
        }
        let paint = Paint(colours);
        let mut out: String = self.iter().take(MOST_SHOWN).map(|problem| one(problem, paint)).collect();
        if let Some(more) = self.len().checked_sub(MOST_SHOWN).filter(|more| *more > 0) {
            let _ = writeln!(out, "… and {more} more\n");
        }
        let space = if last_words.is_empty() { "" } else { " " };
        let _ = writeln!(out, "passerelle: {}.{space}{last_words}", self.count());
        out
    }

    /// `2 errors, 1 warning`; what there is none of is not named.
    pub fn count(&self) -> String {
        let some = |number: usize, word: &str| match number {
            0 => None,
            1 => Some(format!("1 {word}")),
            n => Some(format!("{n} {word}s")),
        };
        let parts = [some(self.errors(), "error"), some(self.warnings(), "warning")];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "no problems".to_owned() } else { parts.join(", ") }
    }

    /// For programs: a list of objects with `file line column end_column level code message hint`. Where
    /// the only advice stands beside the carets, that is the hint.
    pub fn json(&self) -> String {
        let list: Vec<_> = self.iter().take(MOST_SHOWN).map(Row::from).collect();
        // Texts and numbers alone: there is nothing that JSON could not write.
        format!("{}\n", serde_json::to_string(&list).unwrap_or_default())
    }

    /// For a build at GitHub: one line a problem, which shows beside the changed line.
    pub fn github(&self) -> String {
        let mut out = String::new();
        for p in self.iter().take(MOST_SHOWN) {
            let words = [Some(&p.message), p.mark.as_ref(), p.hint.as_ref()];
            let words: Vec<&str> = words.into_iter().flatten().map(String::as_str).collect();
            let columns = format!(",col={},endColumn={}", p.column, p.end_column);
            out.push_str(&annotation(p.level, &p.file, p.line, &columns, &words.join("; ")));
        }
        out
    }
}

/// A line that shows beside the line of a file, in a build at GitHub. In: `further` properties of it, each
/// with a comma in front.
pub fn annotation(level: Level, file: &str, line: usize, further: &str, words: &str) -> String {
    let file = escaped(file).replace(':', "%3A").replace(',', "%2C");
    format!("::{} file={file},line={line}{further}::{}\n", level.as_str(), escaped(words))
}

/// A problem for programs.
#[derive(Serialize)]
struct Row<'p> {
    file: &'p str,
    line: usize,
    column: usize,
    end_column: usize,
    level: &'static str,
    code: Option<&'static str>,
    message: &'p str,
    hint: Option<&'p str>,
}

impl<'p> From<&'p Problem> for Row<'p> {
    fn from(p: &'p Problem) -> Self {
        Self {
            file: &p.file,
            line: p.line,
            column: p.column,
            end_column: p.end_column,
            level: p.level.as_str(),
            code: p.code,
            message: &p.message,
            hint: p.hint.as_deref().or(p.mark.as_deref()),
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Colours, or none.
#[derive(Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn level(self, level: Level, text: &str) -> String {
        match level {
            Level::Error => self.with("1;31", text),
            Level::Warning => self.with("1;33", text),
        }
    }

    fn frame(self, text: &str) -> String {
        self.with("1;34", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// One problem with an empty line behind it.
fn one(p: &Problem, paint: Paint) -> String {
    let number = p.line.to_string();
    let width = number.len().max(2);
    let space = " ".repeat(width);
    let bar = paint.frame(&format!("{space} |"));
    let code = p.code.map(|code| format!("[{code}]")).unwrap_or_default();

    let level = paint.level(p.level, &format!("{}{code}", p.level.as_str()));
    let mut out = format!("{level}: {}\n", shown(&p.message));
    let _ = writeln!(out, "{space}{} {}", paint.frame("-->"), p.address());
    if !p.source.is_empty() {
        let line = paint.frame(&format!("{number:>width$} |"));
        let _ = writeln!(out, "{bar}\n{line} {}\n{bar} {}", p.source, carets(p, paint));
    }
    if let Some(entry) = &p.entry {
        let _ = writeln!(out, "{bar}\n{space} = {}", shown(entry));
    }
    for note in &p.notes {
        let _ = writeln!(out, "{space} = note: {}", shown(note));
    }
    if let Some(hint) = &p.hint {
        let _ = writeln!(out, "{space} = help: {}", shown(hint));
    }
    out.push('\n');
    out
}

/// The carets below the line, and the words beside them.
fn carets(p: &Problem, paint: Paint) -> String {
    let length = p.source.chars().count();
    // A secret is cut out of the line that is shown: the carets stay below what is left.
    let masked = p.column > length + 1;
    let start = if masked { length } else { p.column };
    let room = (length + 1).saturating_sub(start);
    let wide = p.end_column.saturating_sub(p.column).min(room).max(1);
    let pad: String = p.source.chars().take(start - 1).map(|c| if c == '\t' { c } else { ' ' }).collect();
    let mark = p.mark.as_ref().map(|mark| format!(" {}", shown(mark))).unwrap_or_default();
    format!("{pad}{}", paint.level(p.level, &format!("{}{mark}", "^".repeat(wide))))
}

/// A message may repeat what stands in a file: control characters do not reach a terminal.
fn shown(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}
