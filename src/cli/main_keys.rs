//! The keys of `passerelle.toml` with what holds for them, to tell which of them another version changes. Only
//! their names are ever shown: some values are secrets.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::entry::json;
use crate::config::Text;
use crate::config::schema::Schema;

/// Every key with its value, written or default. Back-ends are entries, and are not among them.
#[derive(Clone, Default)]
pub(super) struct MainKeys(BTreeMap<String, Value>);

impl MainKeys {
    /// Those of a file; one that cannot be read has the defaults.
    pub(super) fn of(main: &Text) -> Self {
        let defaults = Schema::Main.keys().into_iter().filter(|key| !key.path.contains("[]"));
        let mut keys: BTreeMap<String, Value> =
            defaults.filter_map(|key| Some((key.path, key.default?))).collect();
        let text = std::str::from_utf8(&main.content).unwrap_or_default();
        for (section, value) in text.parse::<toml::Table>().unwrap_or_default() {
            if section != "backend" {
                flat(section, &value, &mut keys);
            }
        }
        Self(keys)
    }

    /// The names of the keys whose values are others in `next`, as `site.name`.
    pub(super) fn differing(&self, next: &Self) -> Vec<String> {
        let names: BTreeSet<&String> = self.0.keys().chain(next.0.keys()).collect();
        let differ = names.into_iter().filter(|name| self.0.get(*name) != next.0.get(*name));
        differ.cloned().collect()
    }
}

fn flat(path: String, value: &toml::Value, keys: &mut BTreeMap<String, Value>) {
    match value {
        toml::Value::Table(table) => {
            table.iter().for_each(|(name, value)| flat(format!("{path}.{name}"), value, keys));
        }
        value => drop(keys.insert(path, json(value))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named_and_a_default_is_a_value() {
        let keys = |text: &str| MainKeys::of(&Text::new("passerelle.toml", text));
        let now = keys("[site]\nname = \"A\"\n[server]\npublic_url = \"https://a.example/cas\"\n");
        let next =
            keys("[site]\nname = \"B\"\n[server]\npublic_url = \"https://a.example/cas\"\ncontrol = \"c\"\n");
        assert_eq!(now.differing(&next), ["server.control", "site.name"]);
        assert_eq!(next.differing(&now), ["server.control", "site.name"]);
        // Written as it would be anyway.
        let same = keys(
            "[site]\nname = \"A\"\n[server]\npublic_url = \"https://a.example/cas\"\n[federation]\nenabled = true\n",
        );
        assert!(now.differing(&same).is_empty());
        let off = keys(
            "[site]\nname = \"A\"\n[server]\npublic_url = \"https://a.example/cas\"\n[federation]\nenabled = false\n",
        );
        assert_eq!(now.differing(&off), ["federation.enabled"]);
    }
}
