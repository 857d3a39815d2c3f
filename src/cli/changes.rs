//! What another configuration brings: entries that come, change and go.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::ExposeSecret;
use serde::Serialize;

use super::table::plain;
use crate::config::{Backend, BackendKind, Config};

/// Most entries that a log line names.
const MOST: usize = 20;

/// The difference between two configurations.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Changes {
    /// Keys of `passerelle.toml`, by their names alone.
    keys: Vec<String>,
    backends: Of,
    providers: Of,
    services: Of,
    /// Institutions that go and come again under another suffix: from, to.
    renamed: Vec<(String, String)>,
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
    /// What comes with `next` after `now`, by the files alone. In also: the keys of `passerelle.toml` that differ.
    pub(super) fn between(now: &Config, next: &Config, keys: Vec<String>) -> Self {
        let providers = Of::between(
            now.directory.iter().map(|one| (one.suffix.as_str(), one)),
            next.directory.iter().map(|one| (one.suffix.as_str(), one)),
        );
        Self {
            keys,
            backends: Of::told(
                now.backends.iter().map(|one| (one.name.as_str(), one)),
                next.backends.iter().map(|one| (one.name.as_str(), one)),
                whole,
            ),
            renamed: renamed(now, next, &providers),
            providers,
            services: Of::between(
                now.rules.iter().map(|one| (one.name.as_str(), one)),
                next.rules.iter().map(|one| (one.name.as_str(), one)),
            ),
        }
    }

    /// Whether there are suffixes that were not there before.
    pub(super) fn adds_institutions(&self) -> bool {
        !self.providers.added.is_empty()
    }

    /// One line a key and an entry: `~ site.name`, `+ service Wiki`.
    pub(super) fn lines(&self) -> String {
        let of = |kind: &str, of: &Of| {
            let signs = [("+", &of.added), ("~", &of.changed), ("-", &of.removed)];
            let lines =
                signs.into_iter().flat_map(|(sign, names)| names.iter().map(move |name| (sign, name)));
            lines.map(|(sign, name)| format!("{sign} {kind} {}\n", plain(name))).collect::<String>()
        };
        let keys: String = self.keys.iter().map(|key| format!("~ {}\n", plain(key))).collect();
        keys + &of("backend", &self.backends)
            + &of("provider", &self.providers)
            + &of("service", &self.services)
    }

    /// The first of the lines in one, for a log. `None`: nothing changes.
    pub(super) fn short(&self) -> Option<String> {
        let lines = self.lines();
        let named: Vec<&str> = lines.lines().take(MOST).collect();
        let more = match lines.lines().count().saturating_sub(MOST) {
            0 => String::new(),
            more => format!(", and {more} more"),
        };
        (!named.is_empty()).then(|| named.join(", ") + &more)
    }

    /// A sentence for each institution that has another suffix now: a person is a name at a suffix.
    pub(super) fn warnings(&self) -> impl Iterator<Item = String> {
        self.renamed.iter().map(|(from, to)| {
            let (from, to) = (plain(from), plain(to));
            format!("the institution {from} is {to} now: its people become other people")
        })
    }
}

/// Who came at the address of somebody who went.
fn renamed(now: &Config, next: &Config, providers: &Of) -> Vec<(String, String)> {
    let url = |config: &Config, suffix: &str| {
        config.directory.iter().find(|one| one.suffix.as_str() == suffix).map(|one| one.url.clone())
    };
    let mut renamed = Vec::new();
    for from in &providers.removed {
        let was = url(now, from);
        let to = providers.added.iter().find(|to| was.is_some() && url(next, to) == was);
        renamed.extend(to.map(|to| (from.clone(), to.clone())));
    }
    renamed
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
        Self::told(now, next, |entry| format!("{entry:?}"))
    }

    /// The same where an entry is told from another by a text of its own, which goes no further than this.
    fn told<'a, T: 'a>(
        now: impl Iterator<Item = (&'a str, &'a T)>,
        next: impl Iterator<Item = (&'a str, &'a T)>,
        text: impl Fn(&T) -> String,
    ) -> Self {
        let mut former: BTreeMap<&str, &T> = now.collect();
        let mut of = Self::default();
        for (name, entry) in next {
            of.total += 1;
            match former.remove(name) {
                None => of.added.push(name.to_owned()),
                Some(old) if text(old) != text(entry) => of.changed.push(name.to_owned()),
                Some(_) => {}
            }
        }
        of.removed = former.into_keys().map(str::to_owned).collect();
        of
    }
}

/// A back-end with its secrets, which `Debug` does not show: another password of somebody is a change too.
fn whole(backend: &Backend) -> String {
    let secrets: Vec<&str> = match &backend.kind {
        BackendKind::File { users, .. } => users.iter().map(|user| user.password.expose_secret()).collect(),
        BackendKind::Test { password, .. } => vec![password.expose_secret()],
        BackendKind::Sql(sql) => vec![sql.url.expose()],
        BackendKind::Ldap(ldap) => ldap.bind.iter().map(|(_, password)| password.expose_secret()).collect(),
        BackendKind::Http(http) => http.secret.iter().map(ExposeSecret::expose_secret).collect(),
        BackendKind::Accounts(_) | BackendKind::None => Vec::new(),
    };
    format!("{backend:?} {secrets:?}")
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
        let changes = Changes::between(&now, &next, vec!["site.name".to_owned()]);
        assert_eq!(changes.to_string(), "providers=0 (+0 ~0 -0) services=2 (+1 ~1 -1)");
        assert_eq!(changes.lines(), "~ site.name\n+ service Forms\n~ service Wiki\n- service Cloud\n");
        let short = "~ site.name, + service Forms, ~ service Wiki, - service Cloud";
        assert_eq!(changes.short().as_deref(), Some(short));
        let again = config(&[("Wiki", "https://wiki.example/**"), ("Cloud", "https://cloud.example/**")]);
        let nothing = Changes::between(&now, &again, Vec::new());
        assert_eq!((nothing.lines().as_str(), nothing.short()), ("", None), "two readings of the same");
    }

    #[test]
    fn another_password_is_a_change_that_is_not_shown() {
        let config = |password: &str| {
            let mut config = config(&[]);
            let (user, attributes) = ("ada".to_owned(), crate::protocol::attributes::Attributes::new());
            config.backends.push(Backend {
                name: "desk".to_owned(),
                kind: BackendKind::Test { user, password: password.into(), attributes },
                hidden: Vec::new(),
                names: None,
                signs_in: true,
            });
            config
        };
        let changes = |next: &str| Changes::between(&config("first"), &config(next), Vec::new());
        assert_eq!(changes("second").lines(), "~ backend desk\n");
        assert!(!format!("{:?}", changes("second")).contains("second"));
        assert_eq!(changes("first").short(), None);
    }

    #[test]
    fn a_log_line_has_an_end() {
        let changes = Changes { keys: vec!["a.b".to_owned(); MOST + 5], ..Changes::default() };
        assert!(changes.short().unwrap().ends_with("~ a.b, and 5 more"));
    }
}
