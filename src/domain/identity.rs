//! Who somebody is.
//!
//! An identity is the pair of a name and its source, stored and compared as a pair. The text
//! `name@suffix` is only how it is written: a text that is split again is a text that can be spoofed.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::name::Name;

/// The name of a provider after the `@`: letters, digits, `.`, `-`, `_`. Unique without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Suffix(String);

/// A text that cannot be a suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotASuffix {
    /// A character outside letters, digits, `.`, `-`, `_`, or nothing at all, or over 200 bytes.
    #[error("a suffix has 1 to 200 letters, digits, `.`, `-` or `_`")]
    Characters,
    /// `local` means every back-end in the list `providers` of a service.
    #[error("`local` is reserved: it means the local accounts")]
    Reserved,
}

impl Suffix {
    /// Takes a text for a suffix.
    pub fn parse(text: &str) -> Result<Self, NotASuffix> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b".-_".contains(&b);
        if text.is_empty() || text.len() > 200 || !text.bytes().all(plain) {
            return Err(NotASuffix::Characters);
        }
        if text.eq_ignore_ascii_case("local") {
            return Err(NotASuffix::Reserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// The text as configured.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both would be the same suffix to a reader.
    pub fn same_as(&self, other: &str) -> bool {
        self.0.eq_ignore_ascii_case(other)
    }
}

impl fmt::Display for Suffix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a name comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// An institution, by its suffix.
    Provider(Suffix),
    /// A local back-end, by its name.
    Backend(String),
}

impl Source {
    /// The suffix, for people of an institution.
    pub fn provider(&self) -> Option<&Suffix> {
        match self {
            Self::Provider(suffix) => Some(suffix),
            Self::Backend(_) => None,
        }
    }

    /// The suffix or the name of the back-end: both share one name space.
    pub fn label(&self) -> &str {
        match self {
            Self::Provider(suffix) => suffix.as_str(),
            Self::Backend(name) => name,
        }
    }
}

/// A person: a name, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The name at the source.
    pub name: Name,
    /// The source.
    pub source: Source,
}

impl Identity {
    /// How the person is written everywhere: `name@suffix`, or the plain name of a local account.
    pub fn username(&self) -> Username {
        match &self.source {
            Source::Provider(suffix) => Username(format!("{}@{suffix}", self.name.as_str())),
            Source::Backend(_) => Username(self.name.as_str().to_owned()),
        }
    }
}

/// The rendering of an [`Identity`]. Opaque: nobody takes it apart again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Username(String);

impl Username {
    /// The text that services are told.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes() {
        assert_eq!(Suffix::parse("northfield.example").unwrap().as_str(), "northfield.example");
        assert!(Suffix::parse("North-Field_2").unwrap().same_as("north-field_2"));
        for bad in ["", "a@b", "a b", "é", "a/b", &"x".repeat(201)] {
            assert_eq!(Suffix::parse(bad), Err(NotASuffix::Characters), "{bad}");
        }
        assert_eq!(Suffix::parse("Local"), Err(NotASuffix::Reserved));
    }

    #[test]
    fn one_name_at_two_institutions_is_two_people() {
        let name = Name::stored("ana");
        let at = |suffix| Identity {
            name: name.clone(),
            source: Source::Provider(Suffix::parse(suffix).unwrap()),
        };
        assert_ne!(at("a.example"), at("b.example"));
        assert_eq!(at("a.example").username().as_str(), "ana@a.example");
        let local = Identity { name, source: Source::Backend("staff".to_owned()) };
        assert_eq!(local.username().as_str(), "ana");
    }
}
