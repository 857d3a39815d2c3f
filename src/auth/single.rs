//! One back-end by itself, for an operator who asks what it does.

use secrecy::SecretString;

use super::chain::Backends;
use super::link::Link;
use super::{Answer, Authenticator, Down, Known, Steps, Verdict};
use crate::domain::name::NameRefused;
use crate::protocol::attributes::Attributes;

/// One back-end.
#[derive(Clone, Copy)]
pub struct Single<'a> {
    all: &'a Backends,
    link: &'a Link,
}

impl std::fmt::Debug for Single<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Single({:?})", self.link.name)
    }
}

impl Backends {
    /// Each back-end, in the order in which they are asked.
    pub fn each(&self) -> impl Iterator<Item = Single<'_>> {
        self.links().iter().map(|link| Single { all: self, link })
    }

    /// The back-end of this name.
    pub fn single(&self, name: &str) -> Option<Single<'_>> {
        self.each().find(|one| one.name() == name)
    }
}

impl<'a> Single<'a> {
    /// Its name.
    pub fn name(self) -> &'a str {
        &self.link.name
    }

    /// Whether it checks passwords.
    pub fn signs_in(self) -> bool {
        self.link.signs_in
    }

    /// Whether a sign-in with this name would ask it. In: a canonical name.
    pub fn may_know(self, name: &str) -> bool {
        self.link.may_know(name)
    }

    /// The back-ends that would be asked for this name before it.
    pub fn before(self, name: &str) -> Vec<&'a str> {
        let before = self.all.links().iter().take_while(|link| link.name != self.link.name);
        before.filter(|link| link.may_know(name)).map(|link| link.name.as_str()).collect()
    }

    /// A typed name, or one that a back-end gave, in canonical form.
    pub fn canonical(self, name: &str) -> Result<String, NameRefused> {
        self.all.canonical(name).map(|name| name.as_str().to_owned())
    }

    /// What is kept of what it gives.
    pub fn shown(self, attributes: Attributes) -> Attributes {
        self.link.shown(attributes)
    }

    /// Asks it alone whether this is the password.
    pub async fn check(self, name: &str, password: &SecretString, steps: &Steps) -> Result<Verdict, Down> {
        self.authenticator().check(name, password, steps).await
    }

    /// Asks it alone what it knows of somebody.
    pub async fn attributes(self, name: &str, steps: &Steps) -> Result<Known, Down> {
        self.authenticator().attributes(name, steps).await
    }

    /// Asks it whether it can be asked.
    pub fn probe(self, steps: &'a Steps) -> Answer<'a, ()> {
        self.authenticator().probe(steps)
    }

    fn authenticator(self) -> &'a dyn Authenticator {
        self.link.authenticator.as_ref()
    }
}
