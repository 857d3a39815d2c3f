//! Every key of every file, as JSON Schema: the texts in the folder `schema/`, and what can be asked of them.
//!
//! The readers do not use them. Tests hold the two together: the same keys, the same defaults.

use serde_json::{Map, Value, json};

/// The file that a schema is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// `passerelle.toml`
    Main,
    /// `providers.d/*.toml`
    Provider,
    /// `services.d/*.toml`
    Service,
    /// The file of a back-end of the kind `file`.
    Users,
}

/// One key.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// Its tables and itself, with dots between; `[]` behind a table that may come several times.
    pub path: String,
    /// What stands for it where it is absent: `None` if it is needed or has no default.
    pub default: Option<Value>,
    /// Its table cannot do without it.
    pub is_needed: bool,
    /// What it means.
    pub about: String,
}

impl Schema {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Main, Self::Provider, Self::Service, Self::Users];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Provider => "provider",
            Self::Service => "service",
            Self::Users => "users",
        }
    }

    /// The document (JSON Schema 2020-12).
    pub fn text(self) -> &'static str {
        match self {
            Self::Main => include_str!("../../schema/main.json"),
            Self::Provider => include_str!("../../schema/provider.json"),
            Self::Service => include_str!("../../schema/service.json"),
            Self::Users => include_str!("../../schema/users.json"),
        }
    }

    /// The keys in the order of the document.
    pub fn keys(self) -> Vec<Key> {
        let mut keys = Vec::new();
        // A text that is no JSON has no keys; a test reads all four.
        if let Ok(document) = serde_json::from_str(self.text()) {
            collect("", &document, &mut keys);
        }
        keys
    }
}

/// All four in one document, each under its name.
pub fn whole() -> Value {
    let documents = Schema::ALL
        .map(|schema| (schema.name().to_owned(), serde_json::from_str(schema.text()).unwrap_or(Value::Null)));
    let any: Vec<Value> =
        Schema::ALL.iter().map(|schema| json!({ "$ref": format!("{}.json", schema.name()) })).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The files of passerelle",
        "anyOf": any,
        "$defs": documents.into_iter().collect::<Map<_, _>>(),
    })
}

fn collect(path: &str, table: &Value, keys: &mut Vec<Key>) {
    for (name, about) in table.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        if about.get("properties").is_some() {
            collect(&path, about, keys);
        } else if let Some(entry) = about.get("items").filter(|items| items.get("properties").is_some()) {
            collect(&format!("{path}[]"), entry, keys);
        } else {
            let text = about.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
            let default = about.get("default").filter(|value| !value.is_null()).cloned();
            let needed = table.get("required").and_then(Value::as_array);
            let is_needed = needed.is_some_and(|list| list.iter().any(|key| key == name));
            keys.push(Key { path, default, is_needed, about: text });
        }
    }
}
