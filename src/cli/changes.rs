//! What another configuration brings: entries that come, change and go.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::table::plain;
use crate::config::Config;

/// The difference between two configurations.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Changes {
    providers: Of,
    services: Of,
}

/// Entries of one kind.
#[derive(Clone, Debug, Default, Serialize)]
struct Of {
    total: usize,
    added: Vec<String>,
    changed: Vec<String>,
    removed: Vec<String>,
}

impl Changes {
    /// What comes with `next` after `now`, by the files alone.
    pub(super) fn between(now: &Config, next: &Config) -> Self {
        Self {
            providers: Of::between(
                now.directory.iter().map(|one| (one.suffix.as_str(), one)),
                next.directory.iter().map(|one| (one.suffix.as_str(), one)),
            ),
            services: Of::between(
                now.rules.iter().map(|one| (one.name.as_str(), one)),
                next.rules.iter().map(|one| (one.name.as_str(), one)),
            ),
        }
    }

    /// One line an entry: `+ service Wiki`.
    pub(super) fn lines(&self) -> String {
        let of = |kind: &str, of: &Of| {
            let signs = [("+", &of.added), ("~", &of.changed), ("-", &of.removed)];
            let lines =
                signs.into_iter().flat_map(|(sign, names)| names.iter().map(move |name| (sign, name)));
            lines.map(|(sign, name)| format!("{sign} {kind} {}\n", plain(name))).collect::<String>()
        };
        of("provider", &self.providers) + &of("service", &self.services)
    }
}

/// `providers=17 (+1 ~0 -0) services=6 (+0 ~1 -0)`.
impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "providers={} services={}", self.providers, self.services)
    }
}

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { total, added, changed, removed } = self;
        write!(f, "{total} (+{} ~{} -{})", added.len(), changed.len(), removed.len())
    }
}

impl Of {
    /// Two entries are the same when everything that was read of them is: it is all in their `Debug`.
    fn between<'a, T: fmt::Debug + 'a>(
        now: impl Iterator<Item = (&'a str, &'a T)>,
        next: impl Iterator<Item = (&'a str, &'a T)>,
    ) -> Self {
        let mut former: BTreeMap<&str, &T> = now.collect();
        let mut of = Self::default();
        for (name, entry) in next {
            of.total += 1;
            match former.remove(name) {
                None => of.added.push(name.to_owned()),
                Some(old) if format!("{old:?}") != format!("{entry:?}") => of.changed.push(name.to_owned()),
                Some(_) => {}
            }
        }
        of.removed = former.into_keys().map(str::to_owned).collect();
        of
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Files, Text, Texts};

    fn config(services: &[(&str, &str)]) -> Config {
        let entry = |(name, url): &(&str, &str)| format!("[[service]]\nname = \"{name}\"\nurl = \"{url}\"\n");
        let texts = Texts {
            main: Text::new("passerelle.toml", "[server]\npublic_url = \"https://login.example/cas\"\n"),
            providers: Vec::new(),
            services: services.iter().map(|one| Text::new("services.d/a.toml", entry(one))).collect(),
            files: Files::Memory(BTreeMap::new()),
        };
        Config::read(&texts, &|_| None).unwrap().0
    }

    #[test]
    fn entries_come_change_and_go() {
        let now = config(&[("Wiki", "https://wiki.example/**"), ("Cloud", "https://cloud.example/**")]);
        let next = config(&[("Wiki", "https://wiki.example/w/**"), ("Forms", "https://forms.example/**")]);
        let changes = Changes::between(&now, &next);
        assert_eq!(changes.to_string(), "providers=0 (+0 ~0 -0) services=2 (+1 ~1 -1)");
        assert_eq!(changes.lines(), "+ service Forms\n~ service Wiki\n- service Cloud\n");
        let again = config(&[("Wiki", "https://wiki.example/**"), ("Cloud", "https://cloud.example/**")]);
        assert_eq!(Changes::between(&now, &again).lines(), "", "two readings of the same");
    }
}
