//! One entry of `providers.d` or `services.d` as it is written, with the defaults of all other keys; and where
//! each of them stands.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use crate::config::schema::Schema;
use crate::config::{Text, Texts};
use crate::domain::switches::Kind;

/// What stands in the files for one entry.
pub(super) struct Entry {
    /// The file, from the folder of `passerelle.toml`.
    pub(super) file: String,
    /// Every key that has a value, in the order of the schema: written there, or the default.
    pub(super) keys: Vec<(String, Value, Origin)>,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is written.
    File,
    /// It is not.
    Default,
}

/// Finds an entry. In: a suffix in any case, or the name of a service.
pub(super) fn find(texts: &Texts, kind: Kind, name: &str) -> Option<Entry> {
    let (files, by) = named(texts, kind);
    let schema = match kind {
        Kind::Provider => Schema::Provider,
        Kind::Service => Schema::Service,
    };
    for file in files {
        let Some(table) =
            std::str::from_utf8(&file.content).ok().and_then(|text| text.parse::<toml::Table>().ok())
        else {
            continue;
        };
        let entries = table.get(kind.as_str()).and_then(toml::Value::as_array).into_iter().flatten();
        let is_meant = |entry: &&toml::Value| {
            let own = entry.get(by).and_then(toml::Value::as_str);
            own.is_some_and(|own| kind.key(own) == kind.key(name))
        };
        if let Some(entry) = entries.into_iter().find(is_meant) {
            return Some(Entry { file: file.name.clone(), keys: keys(schema, kind, &json(entry)) });
        }
    }
    None
}

/// Where an entry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The file, from the folder of `passerelle.toml`.
    pub(super) file: String,
    /// Its first line.
    pub(super) line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Where all entries of a kind stand, by [`Kind::key`] of what they are called.
pub(super) fn places(texts: &Texts, kind: Kind) -> BTreeMap<String, Place> {
    let (files, by) = named(texts, kind);
    places_in(files, kind.as_str(), by, |own| kind.key(own))
}

/// Where all `[[backend]]` stand, by their names.
pub(super) fn backends(texts: &Texts) -> BTreeMap<String, Place> {
    places_in(std::slice::from_ref(&texts.main), "backend", "name", str::to_owned)
}

/// In: the files, the tables that are meant, the key that they are called by, and what becomes of its value.
fn places_in(
    files: &[Text],
    tables: &str,
    by: &str,
    key: impl Fn(&str) -> String,
) -> BTreeMap<String, Place> {
    let mut places = BTreeMap::new();
    for file in files {
        let Some(text) = std::str::from_utf8(&file.content).ok() else { continue };
        let Ok(table) = DeTable::parse(text) else { continue };
        let entries = table.get_ref().get(tables).and_then(|list| list.get_ref().as_array());
        // Entries stand in their order: lines are counted once.
        let (mut line, mut counted) = (1, 0);
        for entry in entries.into_iter().flatten() {
            let start = entry.span().start;
            line += text.get(counted..start).unwrap_or_default().matches('\n').count();
            counted = counted.max(start);
            let DeValue::Table(table) = entry.get_ref() else { continue };
            let Some(own) = table.get(by).and_then(|own| own.get_ref().as_str()) else { continue };
            places.entry(key(own)).or_insert_with(|| Place { file: file.name.clone(), line });
        }
    }
    places
}

/// The files of a kind, and the key that its entries are called by.
fn named(texts: &Texts, kind: Kind) -> (&[Text], &'static str) {
    match kind {
        Kind::Provider => (&texts.providers, "suffix"),
        Kind::Service => (&texts.services, "name"),
    }
}

fn keys(schema: Schema, kind: Kind, written: &Value) -> Vec<(String, Value, Origin)> {
    let front = format!("{}[].", kind.as_str());
    let mut keys = Vec::new();
    for key in schema.keys() {
        let Some(path) = key.path.strip_prefix(&front) else { continue };
        // Tables that may come several times are shown as they are written.
        let (path, is_list) = path.split_once("[]").map_or((path, false), |(path, _)| (path, true));
        let found = path.split('.').try_fold(written, |table, step| table.get(step));
        let known = |keys: &[(String, Value, Origin)]| keys.iter().any(|(own, ..)| own == path);
        match (found, key.default) {
            (Some(value), _) if !known(&keys) => {
                keys.push((path.to_owned(), without_password(value), Origin::File));
            }
            (None, Some(default)) if !is_list => keys.push((path.to_owned(), default, Origin::Default)),
            _ => {}
        }
    }
    keys
}

/// The same as JSON; dates as they are written.
pub(super) fn json(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(truth) => (*truth).into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(list) => list.iter().map(json).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.iter().map(|(key, value)| (key.clone(), json(value))).collect::<Map<_, _>>())
        }
    }
}

/// An address with a user and a password, as that of a proxy may be, without them.
fn without_password(value: &Value) -> Value {
    let Value::String(text) = value else { return value.clone() };
    let Some((scheme, rest)) = text.split_once("://") else { return value.clone() };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest.get(..end).and_then(|place| place.rfind('@')) {
        Some(at) => format!("{scheme}://…{}", rest.get(at..).unwrap_or_default()).into(),
        None => value.clone(),
    }
}

/// A value as TOML writes it on one line.
pub(super) fn line(value: &Value) -> String {
    match value {
        Value::Array(list) => format!("[{}]", list.iter().map(line).collect::<Vec<_>>().join(", ")),
        Value::Object(table) => {
            let pairs =
                table.iter().map(|(key, value)| format!("{} = {}", Value::from(key.as_str()), line(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
        plain => plain.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Files;

    fn texts(provider: &str) -> Texts {
        Texts {
            main: Text::new("passerelle.toml", ""),
            providers: vec![
                Text::new("providers.d/broken.toml", "[["),
                Text::new("providers.d/n.toml", provider),
            ],
            services: Vec::new(),
            files: Files::Memory(BTreeMap::new()),
        }
    }

    #[test]
    fn an_entry_is_shown_with_its_defaults_and_without_secrets() {
        let provider = "[[provider]]\nsuffix = \"other.example\"\n[[provider]]\nsuffix = \"N.example\"\n\
            position = 5\nattributes = { mail = \"email\" }\nhttp_proxy = \"http://us:hunter2@proxy.example:3128\"\n\
            [provider.paths]\nlogin = \"/in\"\n";
        let texts = texts(provider);
        let entry = find(&texts, Kind::Provider, "n.EXAMPLE").unwrap();
        assert_eq!(entry.file, "providers.d/n.toml");
        let of = |name: &str| {
            entry.keys.iter().find(|(key, ..)| key == name).map(|(_, value, origin)| (line(value), *origin))
        };
        assert_eq!(of("position"), Some(("5".to_owned(), Origin::File)));
        assert_eq!(of("disabled"), Some(("false".to_owned(), Origin::Default)));
        assert_eq!(of("paths.login"), Some(("\"/in\"".to_owned(), Origin::File)));
        assert_eq!(of("attributes"), Some(("{ \"mail\" = \"email\" }".to_owned(), Origin::File)));
        assert_eq!(of("http_proxy"), Some(("\"http://…@proxy.example:3128\"".to_owned(), Origin::File)));
        assert_eq!(of("logo"), None, "neither written nor a default");
        assert!(find(&texts, Kind::Provider, "nobody.example").is_none());
        assert!(find(&texts, Kind::Service, "N.example").is_none());
    }

    #[test]
    fn the_first_line_of_each_entry() {
        let texts = texts(
            "# ours\n\n[[provider]]\r\nsuffix = \"É.example\"\n\n[[provider]]\nname = \"é\"\n\
            suffix = \"N.example\"\n[provider.paths]\nlogin = \"/in\"\n",
        );
        let places = places(&texts, Kind::Provider);
        let of = |key: &str| places.get(key).map(ToString::to_string);
        assert_eq!(of("n.example").as_deref(), Some("providers.d/n.toml:6"));
        assert_eq!((places.len(), of("N.example")), (2, None), "by the key, in small letters");
        assert!(super::places(&texts, Kind::Service).is_empty());
    }
}
