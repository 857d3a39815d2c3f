//! The table as it is written: its columns, its rows, and everything that is wrong with them.

use std::collections::HashMap;

use csv::{ByteRecord, ReaderBuilder};
use secrecy::SecretString;

use super::super::super::table::plain;
use super::super::{attribute, name, password, put, same, truth};
use crate::app::App;
use crate::auth::unreadable;
use crate::config::names_a_secret;
use crate::domain::name::Name;
use crate::protocol::attributes::{Attributes, Value};
use crate::store::accounts::Account;

/// A line, and the number of a field in it; both from 1.
pub(super) type Place = (u64, usize);

/// What was read.
pub(super) struct Table {
    /// The attributes that it has columns for.
    pub(super) attributes: Vec<String>,
    /// Rows without a problem.
    pub(super) rows: Vec<Row>,
    /// What is wrong, and where. Never a password, never a hash.
    pub(super) problems: Vec<(Place, String)>,
}

/// A password as it stands there.
pub(super) enum Secret {
    /// Itself.
    Clear(SecretString),
    /// A hash that names its scheme.
    Hash(SecretString),
}

/// One account.
pub(super) struct Row {
    /// Where its name stands.
    pub(super) place: Place,
    pub(super) name: Name,
    /// Absent: none, or as it was.
    pub(super) password: Option<Secret>,
    must_change: Option<bool>,
    active: Option<bool>,
    /// By the columns of the table; without values: it goes.
    attributes: Vec<(String, Vec<Value>)>,
}

impl Row {
    /// Writes everything but the password into an account.
    pub(super) fn apply(&self, account: &mut Account) {
        account.must_change = self.must_change.unwrap_or(account.must_change);
        account.active = self.active.unwrap_or(account.active);
        for (name, values) in &self.attributes {
            put(&mut account.attributes, name, values.clone());
        }
    }
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    Username,
    Password,
    Hash,
    MustChange,
    Active,
    Attribute(String),
    /// There is a problem with its name.
    Nothing,
}

impl Column {
    fn named(text: &str) -> Result<Self, String> {
        Ok(match text.to_lowercase().as_str() {
            "username" => Self::Username,
            "password" => Self::Password,
            "password_hash" => Self::Hash,
            "must_change" => Self::MustChange,
            "is_active" => Self::Active,
            _ => Self::Attribute(attribute(text, Vec::new()).map_err(|words| hinted(text, words))?.0),
        })
    }
}

/// What is wrong with the name of a column, and where passwords go.
fn hinted(name: &str, words: String) -> String {
    match names_a_secret(name) {
        true => format!("{words}; clear text goes into the column `password`, a hash into `password_hash`"),
        false => words,
    }
}

/// Reads a whole table.
pub(super) fn table(app: &App, content: &[u8]) -> Table {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let mut table = Table { attributes: Vec::new(), rows: Vec::new(), problems: Vec::new() };
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(content);
    let mut records = reader.byte_records();
    let columns = match records.next() {
        Some(Ok(header)) if let Some(sign) = other_sign(&header) => {
            let words = format!("the fields are parted by {sign}: a table is parted by commas");
            table.problems.push(((1, 1), words));
            return table;
        }
        Some(Ok(header)) => columns(&header, &mut table.problems),
        _ => {
            table.problems.push(((1, 1), "there is no line with the names of the columns".to_owned()));
            return table;
        }
    };
    for column in &columns {
        if let Column::Attribute(name) = column
            && !table.attributes.contains(name)
        {
            table.attributes.push(name.clone());
        }
    }
    let mut known: HashMap<String, u64> = HashMap::new();
    for record in records {
        let Ok(record) = record else { continue };
        let line = record.position().map_or(1, |at| first_line(content, at));
        let found = table.problems.len();
        let row = row(app, &columns, &record, line, &mut table.problems);
        let Some(row) = row.filter(|_| table.problems.len() == found) else { continue };
        match known.insert(row.name.as_str().to_owned(), line) {
            None => table.rows.push(row),
            Some(first) => {
                let words = format!("{} stands in line {first} too", plain(row.name.as_str()));
                table.problems.push((row.place, words));
            }
        }
    }
    table
}

/// What parts the names of columns where it is no comma.
fn other_sign(header: &ByteRecord) -> Option<&'static str> {
    let [only] = header.iter().collect::<Vec<_>>()[..] else { return None };
    let signs = [(b';', "semicolons"), (b'\t', "tabs"), (b'|', "bars")];
    signs.into_iter().find(|(sign, _)| only.contains(sign)).map(|(_, words)| words)
}

/// The line that a record begins in: the reader stands before the end of the line above, where that has two bytes,
/// and before empty lines.
fn first_line(content: &[u8], at: &csv::Position) -> u64 {
    let start = usize::try_from(at.byte()).unwrap_or(usize::MAX);
    let ends = content.iter().skip(start).take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let above = ends.filter(|byte| **byte == b'\n').count();
    at.line() + u64::try_from(above).unwrap_or_default()
}

fn columns(header: &ByteRecord, problems: &mut Vec<(Place, String)>) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for (at, field) in (1..).zip(header) {
        let column = match std::str::from_utf8(field) {
            Ok(text) => Column::named(text.trim()),
            Err(_) => Err("this is not valid UTF-8".to_owned()),
        };
        let column = match column {
            Ok(column) if !matches!(column, Column::Attribute(_)) && columns.contains(&column) => {
                Err("this column is there twice".to_owned())
            }
            Ok(Column::Attribute(name)) => Ok(Column::Attribute(spelling(&columns, name))),
            column => column,
        };
        columns.push(column.unwrap_or_else(|words| {
            problems.push(((1, at), words));
            Column::Nothing
        }));
    }
    if !columns.contains(&Column::Username) {
        problems.push(((1, 1), "the column `username` is missing".to_owned()));
    }
    columns
}

/// An attribute as it is written in the first column for it.
fn spelling(columns: &[Column], name: String) -> String {
    let written = columns.iter().find_map(|column| match column {
        Column::Attribute(own) if same(own, &name) => Some(own.clone()),
        _ => None,
    });
    written.unwrap_or(name)
}

/// One line. Out: `None` where it has no name; with further problems it counts for nothing either.
fn row(
    app: &App,
    columns: &[Column],
    record: &ByteRecord,
    line: u64,
    problems: &mut Vec<(Place, String)>,
) -> Option<Row> {
    if record.len() != columns.len() {
        let words = format!("{} fields, where the first line has {}", record.len(), columns.len());
        problems.push(((line, record.len().min(columns.len())), words));
        return None;
    }
    let mut fields = Fields::default();
    for ((at, column), field) in (1..).zip(columns).zip(record) {
        let read = match std::str::from_utf8(field) {
            Ok(text) => fields.take(app, column, (line, at), text),
            Err(_) => Err("this is not valid UTF-8".to_owned()),
        };
        if let Err(words) = read {
            problems.push(((line, at), words));
        }
    }
    let (place, name) = fields.name?;
    let attributes = fields.attributes.iter().map(|(name, values)| (name.to_owned(), values.to_vec()));
    let attributes = attributes.collect();
    let Fields { password, must_change, active, .. } = fields;
    Some(Row { place, name, password, must_change, active, attributes })
}

/// What is read of a line so far.
#[derive(Default)]
struct Fields {
    name: Option<(Place, Name)>,
    password: Option<Secret>,
    must_change: Option<bool>,
    active: Option<bool>,
    attributes: Attributes,
}

impl Fields {
    fn take(&mut self, app: &App, column: &Column, place: Place, text: &str) -> Result<(), String> {
        match column {
            Column::Nothing => {}
            Column::Username => {
                let name = name(app, text).map_err(|reason| format!("this is no user name: {reason}"))?;
                self.name = Some((place, name));
            }
            Column::Password | Column::Hash if text.is_empty() => {}
            Column::Password | Column::Hash if self.password.is_some() => {
                return Err("a password and a hash: one of them is enough".to_owned());
            }
            Column::Password => {
                password::fits(text)?;
                self.password = Some(Secret::Clear(SecretString::from(text)));
            }
            Column::Hash => {
                let hash = SecretString::from(text);
                // Several programs write 32 digits, each of another digest: none may be guessed.
                if text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return Err(
                        "32 hexadecimal digits do not say what they are: write `md5$$` before a bare MD5 of Django"
                            .to_owned(),
                    );
                }
                if let Some(reason) = unreadable(&hash) {
                    return Err(format!("no password can be checked by this hash: {reason}"));
                }
                self.password = Some(Secret::Hash(hash));
            }
            Column::MustChange => self.must_change = truth_or_nothing(text)?,
            Column::Active => self.active = truth_or_nothing(text)?,
            Column::Attribute(name) => {
                let mut all = self.attributes.get(name).map(<[Value]>::to_vec).unwrap_or_default();
                all.extend(attribute(name, values(text)?)?.1);
                self.attributes.set(name.as_str(), all);
            }
        }
        Ok(())
    }
}

fn truth_or_nothing(text: &str) -> Result<Option<bool>, String> {
    match text.trim() {
        "" => Ok(None),
        text => truth(text).map(Some).ok_or_else(|| "this is true or false".to_owned()),
    }
}

/// One value, or a list in JSON.
fn values(text: &str) -> Result<Vec<Value>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    if !(text.starts_with('[') && text.ends_with(']')) {
        return Ok(vec![Value::from(text)]);
    }
    let wrong = || "a list is written in JSON, and holds texts, numbers and truths".to_owned();
    let list: Vec<serde_json::Value> = serde_json::from_str(text).map_err(|_| wrong())?;
    list.into_iter()
        .map(|one| match one {
            serde_json::Value::String(text) => Ok(Value::Text(text)),
            serde_json::Value::Bool(truth) => Ok(Value::Bool(truth)),
            serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Ok(Value::Integer(whole)),
                (None, Some(number)) => Ok(Value::Float(number)),
                (None, None) => Err(wrong()),
            },
            _ => Err(wrong()),
        })
        .collect()
}
