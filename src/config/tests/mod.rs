//! Whole configurations from texts in memory.

mod backends;
mod directories;
mod folders;
mod good;
mod institutions;
mod pairs;
mod people;
mod places;
mod rendered;
mod schema;
mod tables;
mod warnings;

use std::collections::BTreeMap;

use super::Config;
use super::problem::Problems;
use super::texts::{Files, Text, Texts};

/// The least that works.
pub const LEAST: &str = "[server]\npublic_url = \"https://login.example/cas\"\n";

/// Texts by their names: `providers.d/…`, `services.d/…`, `passerelle.toml`, and files that keys name.
pub fn texts(files: &[(&str, &str)]) -> Texts {
    let find = |folder: &str| {
        let list = files.iter().filter(|(name, _)| name.starts_with(folder));
        list.map(|(name, content)| Text::new(*name, *content)).collect()
    };
    let main = files.iter().find(|(name, _)| *name == "passerelle.toml").map_or(LEAST, |(_, text)| text);
    let memory: BTreeMap<_, _> =
        files.iter().map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec())).collect();
    Texts {
        main: Text::new("passerelle.toml", main),
        providers: find("providers.d/"),
        services: find("services.d/"),
        files: Files::Memory(memory),
    }
}

/// The environment of the tests.
pub fn env(name: &str) -> Option<String> {
    match name {
        "GOOD_DB" => Some("postgres://gateway:hunter2@db.example/passerelle?sslmode=require".to_owned()),
        "BAD_DB" => Some("mysql://gateway:hunter2@db.example/passerelle".to_owned()),
        _ => None,
    }
}

/// A configuration without errors.
pub fn config(files: &[(&str, &str)]) -> Config {
    match Config::read(&texts(files), &env) {
        Ok((config, _)) => config,
        Err(problems) => panic!("{}", problems.text(false, "")),
    }
}

/// All problems, errors or warnings.
pub fn problems(files: &[(&str, &str)]) -> Problems {
    match Config::read(&texts(files), &env) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    }
}
