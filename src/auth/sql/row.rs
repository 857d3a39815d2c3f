//! A row of any database, and the person that it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;

use crate::protocol::attributes::{Attributes, Value};

/// Longest value that becomes an attribute, in bytes.
pub const LONGEST: usize = 64 << 10;

/// Fewest bytes of a stored password that are a part of it and no accident.
const SHORTEST_PART: usize = 8;

/// What stands in a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// One value, or those of a list.
    Values(Vec<Value>),
    /// Bytes that need not be text.
    Bytes(Vec<u8>),
}

/// A row: names of columns, which may repeat, with what stands in them.
pub type Row = Vec<(String, Cell)>;

/// What a row knows of a password.
pub enum Kept {
    /// Nothing: nobody can sign in.
    Nothing,
    /// This.
    Text(SecretString),
    /// Bytes that are no text, so nothing can be compared with them.
    NoText,
}

/// Somebody, as a row has them.
pub struct Person {
    /// The user name; `None`: the row has none.
    pub name: Option<String>,
    /// What the password is compared with.
    pub password: Kept,
    /// Everything else.
    pub attributes: Attributes,
    /// Columns whose values are too long to be attributes.
    pub left_out: Vec<String>,
}

impl Cell {
    /// One value.
    pub fn one(value: impl Into<Value>) -> Self {
        Self::Values(vec![value.into()])
    }

    /// The text of a cell that has one value.
    fn text(&self) -> Option<String> {
        match self {
            Self::Values(values) => match values.as_slice() {
                [value] => Some(value.as_text().into_owned()),
                _ => None,
            },
            Self::Bytes(bytes) => String::from_utf8(bytes.clone()).ok(),
            Self::Null => None,
        }
    }

    /// Whether a value of the cell is a stored password, or a part of one, or has it in it: `query` may have put
    /// it together, and a whole row is a value too.
    fn holds(&self, stored: &str) -> bool {
        let is_same = |text: &str| {
            let long = text.len().min(stored.len()) >= SHORTEST_PART;
            text == stored || long && (text.contains(stored) || stored.contains(text))
        };
        match self {
            Self::Null => false,
            Self::Values(values) => values.iter().any(|value| is_same(&value.as_text())),
            Self::Bytes(bytes) => std::str::from_utf8(bytes).is_ok_and(is_same),
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Null => 0,
            Self::Values(values) => values.iter().map(|value| value.as_text().len()).sum(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    fn into_values(self) -> Vec<Value> {
        match self {
            Self::Null => Vec::new(),
            Self::Values(values) => values,
            Self::Bytes(bytes) => vec![Value::Text(STANDARD.encode(bytes))],
        }
    }
}

/// The place of a column that is needed: the first of this name, else the only one that has it in other
/// letters. `None`: there is none, or nobody knows which.
pub fn find<'n>(names: impl Iterator<Item = &'n str> + Clone, wanted: &str) -> Option<usize> {
    if let Some(place) = names.clone().position(|name| name == wanted) {
        return Some(place);
    }
    let mut alike = names.enumerate().filter(|(_, name)| name.eq_ignore_ascii_case(wanted));
    match (alike.next(), alike.next()) {
        (Some((place, _)), None) => Some(place),
        _ => None,
    }
}

impl Person {
    /// Reads a row. Of several columns of one name the first counts. The stored password is no attribute under
    /// any name, `users.*` brings it along.
    pub fn of(row: Row) -> Self {
        let names = || row.iter().map(|(name, _)| name.as_str());
        let cell = |name: &str| find(names(), name).and_then(|place| row.get(place)).map(|(_, cell)| cell);
        let name = cell("username").and_then(Cell::text).filter(|name| !name.is_empty());
        let (password, stored) = match cell("password") {
            None | Some(Cell::Null) => (Kept::Nothing, None),
            Some(cell) => match cell.text() {
                Some(text) => (Kept::Text(SecretString::from(text.as_str())), Some(text)),
                None => (Kept::NoText, None),
            },
        };
        let stored_bytes = match cell("password") {
            Some(Cell::Bytes(bytes)) => Some(bytes.clone()),
            _ => None,
        };
        let is_password = |cell: &Cell| {
            stored.as_ref().is_some_and(|stored| !stored.is_empty() && cell.holds(stored))
                || matches!(cell, Cell::Bytes(bytes) if stored_bytes.as_ref() == Some(bytes))
        };
        let mut seen = Vec::new();
        let mut person = Self { name, password, attributes: Attributes::new(), left_out: Vec::new() };
        for (name, cell) in row {
            let is_needed = ["username", "password"].iter().any(|own| name.eq_ignore_ascii_case(own));
            if is_needed || seen.contains(&name) || is_password(&cell) {
                continue;
            }
            seen.push(name.clone());
            if cell.size() > LONGEST {
                person.left_out.push(name);
                continue;
            }
            let values = cell.into_values();
            if !values.is_empty() {
                person.attributes.set(name, values);
            }
        }
        person
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn row(cells: &[(&str, Cell)]) -> Row {
        cells.iter().map(|(name, cell)| ((*name).to_owned(), cell.clone())).collect()
    }

    fn text(text: &str) -> Cell {
        Cell::one(text)
    }

    #[test]
    fn the_hash_is_no_attribute_under_any_name() {
        let list = Cell::Values(vec![Value::from("x"), Value::from("$6$hash")]);
        let person = Person::of(row(&[
            ("username", text("ada")),
            ("password", text("$6$hash")),
            ("mail", text("ada@home.example")),
            ("pw", text("$6$hash")),
            ("blob", Cell::Bytes(b"$6$hash".to_vec())),
            ("old", list),
            ("PASSWORD", text("another")),
            ("mail", text("second@home.example")),
            ("photo", Cell::Bytes(vec![0, 255])),
            ("none", Cell::Null),
        ]));
        let seen: Vec<_> = person
            .attributes
            .iter()
            .map(|(name, values)| format!("{name}={}", values[0].as_text()))
            .collect();
        assert_eq!(seen, ["mail=ada@home.example", "photo=AP8="]);
        assert_eq!(person.name.as_deref(), Some("ada"));
        assert!(matches!(person.password, Kept::Text(text) if text.expose_secret() == "$6$hash"));
    }

    #[test]
    fn passwords_that_are_none() {
        for (cell, nothing) in
            [(Cell::Null, true), (Cell::Bytes(vec![0xff]), false), (Cell::Values(Vec::new()), false)]
        {
            let person =
                Person::of(row(&[("username", text("ada")), ("password", cell.clone()), ("copy", cell)]));
            assert_eq!(matches!(person.password, Kept::Nothing), nothing);
            assert_eq!(matches!(person.password, Kept::NoText), !nothing);
            assert!(person.attributes.is_empty(), "{:?}", person.attributes);
        }
    }

    #[test]
    fn needed_columns_are_found_in_any_letters() {
        for (names, place) in [
            (&["a", "username"][..], Some(1)),
            (&["USERNAME", "username", "username"], Some(1)),
            (&["UserName"], Some(0)),
            (&["UserName", "USERNAME"], None),
            (&["user"], None),
        ] {
            assert_eq!(find(names.iter().copied(), "username"), place, "{names:?}");
        }
    }

    #[test]
    fn a_name_is_one_value_and_long_values_are_left_out() {
        for (cell, name) in [
            (Cell::one(7_i64), Some("7")),
            (Cell::Bytes(b"ada".to_vec()), Some("ada")),
            (text(""), None),
            (Cell::Null, None),
        ] {
            assert_eq!(Person::of(row(&[("username", cell)])).name.as_deref(), name);
        }
        let person = Person::of(row(&[("photo", Cell::Bytes(vec![1; LONGEST + 1])), ("x", text("y"))]));
        assert_eq!((person.left_out, person.attributes.len()), (vec!["photo".to_owned()], 1));
    }
}
