//! Entries that somebody switched off by command: it holds whatever the files say.

use std::collections::BTreeSet;
use std::fmt;

/// What can be switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An institution.
    Provider,
    /// A service.
    Service,
}

impl Kind {
    /// The word for it, in the database and for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Service => "service",
        }
    }

    /// How a name is kept: suffixes are the same in small letters.
    pub fn key(self, name: &str) -> String {
        match self {
            Self::Provider => name.to_ascii_lowercase(),
            Self::Service => name.to_owned(),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// All switches that are off. One of an entry that does not exist means nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switches(BTreeSet<(Kind, String)>);

impl Switches {
    /// Whether this entry is switched off. In: a suffix in any case, or the name of a service.
    pub fn is_off(&self, kind: Kind, name: &str) -> bool {
        self.0.contains(&(kind, kind.key(name)))
    }

    /// Whether nothing of this kind is.
    pub fn is_empty(&self, kind: Kind) -> bool {
        self.names(kind).next().is_none()
    }

    /// The entries of this kind, as [`Kind::key`] writes them.
    pub fn names(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(own, _)| *own == kind).map(|(_, name)| name.as_str())
    }

    /// Those that are off here and not there.
    pub fn beyond<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a (Kind, String)> {
        self.0.difference(&other.0)
    }
}

impl FromIterator<(Kind, String)> for Switches {
    fn from_iter<I: IntoIterator<Item = (Kind, String)>>(list: I) -> Self {
        Self(list.into_iter().map(|(kind, name)| (kind, kind.key(&name))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_know_no_case_and_names_of_services_do() {
        let off: Switches =
            [(Kind::Provider, "North.Example".to_owned()), (Kind::Service, "Wiki".to_owned())]
                .into_iter()
                .collect();
        assert!(off.is_off(Kind::Provider, "NORTH.example") && off.is_off(Kind::Service, "Wiki"));
        assert!(!off.is_off(Kind::Service, "wiki") && !off.is_off(Kind::Service, "north.example"));
        assert!(!off.is_empty(Kind::Service) && Switches::default().is_empty(Kind::Service));
        assert_eq!(off.beyond(&Switches::default()).count(), 2);
        assert_eq!(off.beyond(&off).count(), 0);
    }
}
