//! One file while it is read: where a problem is, and how it is told.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use toml::Spanned;
use toml::de::DeTable;

use super::problem::{Level, Problem};
use super::shown::{Hidden, shown};
use super::texts::Text;

/// Where problems are collected while files are read.
#[derive(Debug, Default)]
pub struct Sink(RefCell<Vec<Problem>>);

impl Sink {
    /// Takes what was collected.
    pub fn into_list(self) -> Vec<Problem> {
        self.0.into_inner()
    }

    fn push(&self, problem: Problem) {
        self.0.borrow_mut().push(problem);
    }
}

/// The text of one file.
#[derive(Clone, Debug)]
pub struct Page<'a> {
    /// Its name as shown.
    pub name: &'a str,
    text: &'a str,
    /// Where lines begin: a file of ten thousand entries asks often.
    lines: Rc<[usize]>,
    sink: &'a Sink,
    /// Hashes and what is known of people stand in it: only names and titles of tables are shown.
    secret: bool,
}

/// A file as a table.
#[derive(Debug)]
pub struct Parsed<'a> {
    /// Its text.
    pub page: Page<'a>,
    /// What stands in it; `None` after a problem with its form.
    pub table: Option<Spanned<DeTable<'a>>>,
}

impl<'a> Parsed<'a> {
    /// Reads a file. What is wrong with its form, UTF-8 and TOML, goes to the sink, at most one problem a
    /// line. In: `secret`: whether its lines are about people and their passwords, and values are not shown.
    pub fn new(file: &'a Text, sink: &'a Sink, secret: bool) -> Self {
        let (text, broken_at) = match std::str::from_utf8(&file.content) {
            Ok(text) => (text, None),
            Err(error) => {
                let (good, _) = file.content.split_at(error.valid_up_to());
                (std::str::from_utf8(good).unwrap_or_default(), Some(good.len()))
            }
        };
        let starts = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        let page = Page { name: &file.name, text, lines, sink, secret };
        if let Some(end) = broken_at {
            page.spot(end..end).tell(Words::new("this is not UTF-8").hint("save the file as UTF-8"));
            return Self { page, table: None };
        }
        let (table, mut errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Self { page, table: Some(table) };
        }
        errors.sort_by_key(|error| error.span().map_or(0, |span| span.start));
        let mut told = 0;
        for error in errors {
            let spot = page.spot(error.span().unwrap_or(0..0));
            let (line, _) = spot.line_and_column();
            if line != told {
                told = line;
                spot.tell(Words::new(error.message().replace('\n', " ")));
            }
        }
        Self { page, table: None }
    }
}

impl<'a> Page<'a> {
    /// Where a line begins, in bytes.
    fn start(&self, line: usize) -> usize {
        self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0)
    }

    /// A line without its end.
    fn line(&self, line: usize) -> &'a str {
        let text = self.text.get(self.start(line)..).unwrap_or_default();
        text.split_once('\n').map_or(text, |(line, _)| line).trim_end_matches('\r')
    }

    /// A place in this file, in bytes.
    pub fn spot(&self, span: Range<usize>) -> Spot<'a> {
        Spot { page: self.clone(), span, entry: None, allowed: Rc::default() }
    }
}

/// A place in a file, and the entry it belongs to.
#[derive(Clone, Debug)]
pub struct Spot<'a> {
    page: Page<'a>,
    span: Range<usize>,
    entry: Option<Rc<str>>,
    allowed: Rc<[String]>,
}

/// What is said about a place.
#[derive(Clone, Debug)]
pub struct Words {
    level: Level,
    code: Option<&'static str>,
    message: String,
    mark: Option<String>,
    notes: Vec<String>,
    hint: Option<String>,
    hidden: Hidden,
}

impl Words {
    /// An error.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            level: Level::Error,
            code: None,
            message: message.into(),
            mark: None,
            notes: Vec::new(),
            hint: None,
            hidden: Hidden::Secrets,
        }
    }

    /// A warning.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { level: Level::Warning, code: Some(code), ..Self::new(message) }
    }

    /// Words beside the carets.
    pub fn mark(self, mark: impl Into<String>) -> Self {
        Self { mark: Some(mark.into()), ..self }
    }

    /// Why it is wrong.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// What to do.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The value of the line is not shown.
    pub fn secret(self) -> Self {
        Self { hidden: Hidden::Values, ..self }
    }

    /// The value of the line is an address: it is shown if nobody's password can be in it.
    pub fn address(self) -> Self {
        Self { hidden: Hidden::Addresses, ..self }
    }
}

impl Spot<'_> {
    /// The same place as part of an entry.
    pub fn of(self, entry: Option<Rc<str>>) -> Self {
        Self { entry, ..self }
    }

    /// The same place, where warnings of these codes are not told.
    pub fn allowing(self, allowed: Rc<[String]>) -> Self {
        Self { allowed, ..self }
    }

    /// A part of a text value, in bytes of it; the whole value where it is written with escapes.
    pub fn part(&self, value: &str, part: Range<usize>) -> Self {
        let written = self.page.text.get(self.span.clone()).unwrap_or_default();
        let quotes = if written.starts_with("'''") || written.starts_with("\"\"\"") { 3 } else { 1 };
        let inner = written.get(quotes..written.len().saturating_sub(quotes)).unwrap_or_default();
        // A line break after three quotes is not part of the value.
        let broken =
            if quotes == 3 { inner.strip_prefix('\n').or_else(|| inner.strip_prefix("\r\n")) } else { None };
        let text = broken.unwrap_or(inner);
        let skipped = inner.len() - text.len();
        if text != value {
            return self.clone();
        }
        let start = self.span.start + quotes + skipped;
        Self { span: start + part.start..start + part.end, ..self.clone() }
    }

    /// The same place without the name of the entry.
    pub fn alone(&self) -> Self {
        self.clone().of(None)
    }

    /// Line and column, from 1.
    pub fn line_and_column(&self) -> (usize, usize) {
        let line = self.page.lines.partition_point(|start| *start <= self.span.start).max(1);
        let before = self.page.line(line).get(..self.span.start - self.page.start(line));
        let column = before.unwrap_or_default().trim_start_matches('\u{feff}').chars().count();
        (line, column + 1)
    }

    /// `file:line:column`.
    pub fn address(&self) -> String {
        let (line, column) = self.line_and_column();
        format!("{}:{line}:{column}", self.page.name)
    }

    /// Records an error without further words.
    pub fn error(&self, message: impl Into<String>) {
        self.tell(Words::new(message));
    }

    /// Records a problem.
    pub fn tell(&self, words: Words) {
        let Words { level, code, .. } = words;
        let allowed = code.is_some_and(|code| self.allowed.iter().any(|own| own == code));
        if level == Level::Warning && allowed {
            return;
        }
        let hidden = if self.page.secret { Hidden::People } else { words.hidden };
        let (line, column) = self.line_and_column();
        let source = self.page.line(line);
        let from = (self.span.start - self.page.start(line)).min(source.len());
        let to = (self.span.end - self.page.start(line)).min(source.len());
        let marked = source.get(from..to).unwrap_or_default();
        self.page.sink.push(Problem {
            level: words.level,
            code: words.code,
            file: self.page.name.to_owned(),
            line,
            column,
            end_column: column + marked.chars().count().max(1),
            message: words.message,
            mark: words.mark,
            entry: self.entry.as_deref().map(str::to_owned),
            notes: words.notes,
            hint: words.hint,
            source: shown(source.trim_start_matches('\u{feff}'), hidden),
        });
    }
}
