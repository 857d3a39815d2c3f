//! What the schema tells is what the readers do: the same keys, the same defaults.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{LEAST, config, problems};
use crate::config::schema::{Schema, whole};

fn document(schema: Schema) -> Value {
    serde_json::from_str(schema.text()).unwrap()
}

/// The tables of a schema: the lines that begin each, and its properties.
fn tables() -> Vec<(&'static str, String, Value)> {
    let main = document(Schema::Main);
    let mut tables = Vec::new();
    for (name, table) in main["properties"].as_object().unwrap() {
        if table.get("properties").is_some() {
            tables.push(("passerelle.toml", format!("[{name}]\n"), table["properties"].clone()));
        }
    }
    let entry =
        |schema: Schema, key: &str| document(schema)["properties"][key]["items"]["properties"].clone();
    let (provider, service) = (entry(Schema::Provider, "provider"), entry(Schema::Service, "service"));
    for table in ["username", "paths", "notice"] {
        let begin = format!("[[provider]]\n[provider.{table}]\n");
        tables.push(("providers.d/a.toml", begin, provider[table]["properties"].clone()));
    }
    let source = main["properties"]["attributes"]["items"]["properties"].clone();
    tables.push(("passerelle.toml", "[[attributes]]\n".to_owned(), source));
    tables.push(("providers.d/a.toml", "[[provider]]\n".to_owned(), provider));
    tables.push(("services.d/a.toml", "[[service]]\n".to_owned(), service));
    tables
}

/// The keys that a reader asks a table for: it tells them when it meets one that it does not know.
fn asked(file: &str, begin: &str) -> BTreeSet<String> {
    let text = format!("{begin}zzzzzzzz = 1\n");
    let found = problems(&[(file, &text)]);
    let hint =
        found.iter().find(|problem| problem.message == "unknown key `zzzzzzzz`").and_then(|p| p.hint.clone());
    let hint = hint.unwrap_or_else(|| panic!("{begin}: {}", found.text(false, "")));
    let (_, keys) = hint.split_once(" knows ").unwrap();
    keys.split(", ").map(str::to_owned).collect()
}

#[test]
fn the_keys_are_those_that_are_read() {
    for (file, begin, properties) in tables() {
        let told: BTreeSet<String> = properties.as_object().unwrap().keys().cloned().collect();
        assert_eq!(asked(file, &begin), told, "{begin}");
    }
    let main: BTreeSet<String> =
        document(Schema::Main)["properties"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(asked("passerelle.toml", ""), main);
}

/// Back-ends ask for the keys of their kind only.
#[test]
fn the_keys_of_back_ends_are_those_that_are_read() {
    let backend = &document(Schema::Main)["properties"]["backend"]["items"]["properties"];
    let told: BTreeSet<String> = backend.as_object().unwrap().keys().cloned().collect();
    let kinds = backend["kind"]["enum"].as_array().unwrap();
    let read = kinds.iter().flat_map(|kind| {
        asked("passerelle.toml", &format!("[[backend]]\nkind = {kind}\npath = \"u.toml\"\n"))
    });
    assert_eq!(read.collect::<BTreeSet<_>>(), told);
    let users = &document(Schema::Users)["properties"]["user"]["items"]["properties"];
    let backend = "[server]\npublic_url = \"https://login.example/cas\"\n[[backend]]\nname = \"u\"\nkind = \"file\"\npath = \"u.toml\"\n";
    let found = problems(&[("passerelle.toml", backend), ("u.toml", "[[user]]\nzzzzzzzz = 1\n")]);
    let known: Vec<&str> = users.as_object().unwrap().keys().map(String::as_str).collect();
    for key in known {
        assert!(
            found.iter().any(|problem| problem.hint.as_ref().is_some_and(|hint| hint.contains(key))),
            "{key}"
        );
    }
}

fn toml_of(value: &Value) -> String {
    match value {
        Value::Array(list) => format!("[{}]", list.iter().map(toml_of).collect::<Vec<_>>().join(", ")),
        Value::Object(table) => {
            let pairs = table.iter().map(|(key, value)| format!("{key} = {}", toml_of(value)));
            format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
        }
        plain => plain.to_string(),
    }
}

/// Every key of a table with its default written out, but for those named.
fn defaults(properties: &Map<String, Value>, but: &[&str]) -> String {
    let of_here = properties.iter().filter(|(name, _)| !but.contains(&name.as_str()));
    let written = of_here.filter_map(|(name, about)| {
        let default = about.get("default").filter(|value| !value.is_null())?;
        Some(format!("{name} = {}\n", toml_of(default)))
    });
    written.collect()
}

#[test]
fn the_defaults_are_those_that_hold() {
    let main = document(Schema::Main);
    let mut written = String::new();
    for (name, table) in main["properties"].as_object().unwrap() {
        if let Some(properties) = table.get("properties") {
            written.push_str(&format!("[{name}]\n{}", defaults(properties.as_object().unwrap(), &[])));
            if name == "server" {
                written.push_str("public_url = \"https://login.example/cas\"\n");
            }
        }
    }
    let provider = document(Schema::Provider)["properties"]["provider"]["items"]["properties"].clone();
    let service = document(Schema::Service)["properties"]["service"]["items"]["properties"].clone();
    let backend = main["properties"]["backend"]["items"]["properties"].as_object().unwrap();
    let of_the_test = asked("passerelle.toml", "[[backend]]\nkind = \"test\"\n");
    let backend: Map<String, Value> = backend
        .iter()
        .filter(|(key, _)| of_the_test.contains(*key))
        .map(|(k, v)| (k.clone(), v.clone()))
        .collect();
    let backend = Value::Object(backend);
    let least_provider =
        "[[provider]]\nsuffix = \"n.example\"\nname = \"N\"\nurl = \"https://cas.n.example/cas\"\n";
    let least_service = "[[service]]\nname = \"W\"\nurl = \"https://w.example/**\"\n";
    let least_backend = "[[backend]]\nname = \"t\"\nkind = \"test\"\n";
    let with = |least: &str, properties: &Value, but: &[&str]| {
        format!("{least}{}", defaults(properties.as_object().unwrap(), but))
    };
    let all = |main: String, provider: String, service: String, backend: String| {
        let main = format!("{main}\n{backend}");
        let config = config(&[
            ("passerelle.toml", &main),
            ("providers.d/p.toml", &provider),
            ("services.d/s.toml", &service),
        ]);
        format!("{config:#?}")
    };
    let least =
        all(LEAST.to_owned(), least_provider.to_owned(), least_service.to_owned(), least_backend.to_owned());
    let full = all(
        written,
        with(least_provider, &provider, &["username", "paths", "notice"]),
        with(least_service, &service, &["filter", "release", "deny"]),
        with(least_backend, &backend, &[]),
    );
    let differs = least.lines().zip(full.lines()).find(|(least, full)| least != full);
    assert_eq!((least.len(), differs), (full.len(), None));
}

#[test]
fn every_key_tells_what_it_means_and_its_default() {
    for schema in Schema::ALL {
        for key in schema.keys() {
            assert!(!key.about.is_empty(), "{}", key.path);
        }
    }
    assert!(
        Schema::Main.keys().iter().any(|key| key.path == "session.idle" && key.default == Some("2 h".into()))
    );
    assert_eq!(whole()["$defs"]["service"]["$id"], "service.json");
}

/// The shipped examples name every key.
#[test]
fn the_examples_name_every_key() {
    let files = [
        include_str!("../../../passerelle.toml"),
        include_str!("../../../providers.d/northfield.toml"),
        include_str!("../../../services.d/20-wiki.toml"),
    ];
    let words: BTreeSet<&str> =
        files.iter().flat_map(|text| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')).collect();
    for schema in [Schema::Main, Schema::Provider, Schema::Service] {
        for key in schema.keys() {
            let short = key.path.rsplit(['.', ']']).next().unwrap();
            assert!(words.contains(short), "{}", key.path);
        }
    }
}

/// The reference for people names every key.
#[test]
fn the_reference_names_every_key() {
    let reference = include_str!("../../../docs/configuration.md");
    for schema in Schema::ALL {
        for key in schema.keys() {
            let short = key.path.rsplit('.').next().unwrap();
            assert!(
                reference.contains(&format!("`{short}`")) || reference.contains(&format!("`{}`", key.path)),
                "{}",
                key.path
            );
        }
    }
}
