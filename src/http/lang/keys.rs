//! Every key that the code names has words, and all words are named by the code.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

fn files(folder: &Path, ending: &str, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, into);
        } else if path.extension().is_some_and(|e| e == ending) {
            into.push(path);
        }
    }
}

fn texts(folder: &str, ending: &str) -> Vec<String> {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), ending, &mut paths);
    paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// `key` and `key.attribute` of the files of one language, each with its placeholders.
fn written(tag: &str) -> Vec<(String, BTreeSet<String>)> {
    let placeholder = Regex::new(r"\{ \$([a-z]+)").unwrap();
    let message = Regex::new(r"^([a-z0-9-]+) =").unwrap();
    let attribute = Regex::new(r"^ +\.([a-z0-9]+) =").unwrap();
    let mut all: Vec<(String, BTreeSet<String>)> = Vec::new();
    let mut current = String::new();
    for text in texts(&format!("templates/lang/{tag}"), "ftl") {
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some(found) = message.captures(line) {
                current = found[1].to_owned();
                all.push((current.clone(), BTreeSet::new()));
            } else if let Some(found) = attribute.captures(line) {
                all.push((format!("{current}.{}", &found[1]), BTreeSet::new()));
            }
            let names = placeholder.captures_iter(line).map(|found| found[1].to_owned());
            if let Some((_, placeholders)) = all.last_mut() {
                placeholders.extend(names);
            }
        }
    }
    all
}

/// The keys in the code: what `say`, `tell` and `words!` are given, and the tables of the errors.
fn named() -> BTreeSet<String> {
    let groups: BTreeSet<String> = written("en").iter().filter_map(|(key, _)| group(key)).collect();
    let literal = Regex::new(r#""([a-z0-9]+(?:-[a-z0-9]+)+(?:\.[a-z0-9]+)?)""#).unwrap();
    texts("src/http", "rs")
        .iter()
        .flat_map(|text| literal.captures_iter(text).map(|found| found[1].to_owned()).collect::<Vec<_>>())
        .filter(|key| group(key).is_some_and(|group| groups.contains(&group)))
        .collect()
}

/// The first word of a key names its page.
fn group(key: &str) -> Option<String> {
    key.split_once('-').map(|(group, _)| group.to_owned())
}

#[test]
fn no_key_is_missing_and_none_is_left_over() {
    let written: BTreeSet<String> = written("en").into_iter().map(|(key, _)| key).collect();
    let named = named();
    let missing: Vec<_> = named.difference(&written).collect();
    let unused: Vec<_> = written.difference(&named).collect();
    assert!(missing.is_empty(), "named in the code, without words: {missing:?}");
    assert!(unused.is_empty(), "words that nobody says: {unused:?}");
}

#[test]
fn each_language_has_the_keys_and_placeholders_of_english() {
    let english: BTreeSet<_> = written("en").into_iter().collect();
    assert!(english.len() > 100, "the files are read");
    for lang in super::Lang::all() {
        let own: BTreeSet<_> = written(&lang.tag()).into_iter().collect();
        assert_eq!(own, english, "{}", lang.tag());
    }
}

#[test]
fn no_key_is_written_twice() {
    let keys: Vec<_> = written("en").into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys.len(), keys.iter().collect::<BTreeSet<_>>().len(), "{keys:?}");
}
