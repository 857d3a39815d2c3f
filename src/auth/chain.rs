//! All back-ends, asked in order.

use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::link::{Link, Surroundings};
use super::owed::{self, Asked, Usual};
use super::sources::Lookups;
use super::{Authenticator, Busy, Hashing, Known, MAX_PASSWORD, Steps, Verdict};
use crate::config::backend::local_names;
use crate::config::{AttributeSource, Backend};
use crate::domain::identity::{Identity, Source, Suffix};
use crate::domain::name::{Name, NameRefused, NameRules, canonical, visible};
use crate::outbound::OutboundError;
use crate::protocol::attributes::Attributes;
use crate::protocol::time::Timestamp;

/// Somebody with the right password.
#[derive(Clone, Debug, PartialEq)]
pub struct Authenticated {
    /// Who.
    pub identity: Identity,
    /// What the back-end knows.
    pub attributes: Attributes,
    /// When the password was set, where the back-end knows: it must still be so when the session starts.
    pub password_at: Option<Timestamp>,
}

/// What comes of a typed name and password.
#[derive(Clone, Debug, PartialEq)]
pub enum Checked {
    /// This is them.
    Right(Authenticated),
    /// It is them, and they have to choose another password first.
    MustChange(Identity),
    /// Nobody: an unknown name or a wrong password, which look the same.
    Nobody,
}

/// Passwords cannot be checked at the moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{reason}", backend.as_ref().map(|name| format!("back-end `{name}`: ")).unwrap_or_default())]
pub struct BackendDown {
    /// Its name; `None`: it is no back-end, but the hashing here that has no place.
    pub backend: Option<String>,
    /// For the log.
    pub reason: String,
}

/// All back-ends, in order.
pub struct Backends {
    links: Vec<Link>,
    lookups: Vec<Lookups>,
    hashing: Arc<Hashing>,
    names: NameRules,
    suffixes: Vec<Suffix>,
}

impl std::fmt::Debug for Backends {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.links.iter().map(|link| &link.name)).finish()
    }
}

/// Why an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failed {
    /// Nobody was asked: the name is none, or the password is too long.
    Unasked,
    /// Nobody knows the name.
    Unknown,
    /// This one decided, by its place.
    Wrong(usize),
}

impl Backends {
    /// Sets up the back-ends of the configuration. Nothing is asked yet; files of authorities are read.
    pub fn new(configured: &[Backend], around: Surroundings) -> Result<Self, OutboundError> {
        Self::hashing_in(configured, around, Arc::default())
    }

    /// The same with a pool that is there already: another configuration brings no further places to hash in.
    pub fn hashing_in(
        configured: &[Backend],
        around: Surroundings,
        hashing: Arc<Hashing>,
    ) -> Result<Self, OutboundError> {
        let links = configured.iter().map(|backend| Link::new(backend, &hashing, &around));
        let links = links.collect::<Result<_, _>>()?;
        Ok(Self { links, lookups: Vec::new(), hashing, names: local_names(), suffixes: around.suffixes })
    }

    /// With one of the caller's own, in the place of the back-end of this name; where there is none, behind all
    /// others.
    #[must_use]
    pub fn with(mut self, name: &str, authenticator: Arc<dyn Authenticator>) -> Self {
        match self.links.iter_mut().find(|link| link.name == name) {
            Some(link) => link.authenticator = authenticator,
            None => self.links.push(Link::own(name, authenticator)),
        }
        self
    }

    /// With further sources of attributes.
    #[must_use]
    pub fn with_sources(self, sources: &[AttributeSource]) -> Self {
        Self { lookups: sources.iter().map(Lookups::new).collect(), ..self }
    }

    /// What is known of each back-end, and who asks it just now, goes on with the one of the same name.
    #[must_use]
    pub fn inheriting(mut self, former: &Self) -> Self {
        for link in &mut self.links {
            if let Some(old) = former.link(&link.name) {
                link.guard = Arc::clone(&old.guard);
                link.guard.serves(link.signs_in);
                link.stored_said = Arc::clone(&old.stored_said);
            }
        }
        self
    }

    /// The pool that passwords are checked in.
    pub fn hashing(&self) -> &Arc<Hashing> {
        &self.hashing
    }

    /// The names of the back-ends that check passwords.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.links.iter().filter(|link| link.signs_in).map(|link| link.name.as_str())
    }

    /// Whether nobody can sign in here.
    pub fn is_empty(&self) -> bool {
        self.names().next().is_none()
    }

    pub(super) fn link(&self, name: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.name == name)
    }

    pub(super) fn links(&self) -> &[Link] {
        &self.links
    }

    pub(super) fn lookups(&self) -> &[Lookups] {
        &self.lookups
    }

    /// What somebody typed as the name of a person here, if it is one.
    pub fn name(&self, typed: &str) -> Option<Name> {
        self.canonical(typed).ok()
    }

    /// A typed name in canonical form; one that could be somebody's at an institution is none.
    pub(super) fn canonical(&self, typed: &str) -> Result<Name, NameRefused> {
        canonical(typed, &self.names, &self.suffixes)
    }

    /// Checks a typed name and password.
    ///
    /// Out: the person, or nobody, after the same time and with the same answer for an unknown name and
    /// for a wrong password. Errors: a back-end that may know the name cannot answer.
    pub async fn check(&self, typed: &str, password: &SecretString) -> Result<Checked, BackendDown> {
        Ok(self.check_telling(typed, password).await?.0)
    }

    /// The same. Out also, for the log alone: who it would have been, where a back-end knows the name and the
    /// password is wrong. Whatever else was typed in the place of a name may be a password.
    pub async fn check_telling(
        &self,
        typed: &str,
        password: &SecretString,
    ) -> Result<(Checked, Option<Name>), BackendDown> {
        let name = self.name(typed);
        let fits = (1..=MAX_PASSWORD).contains(&password.expose_secret().len());
        let failed = match name.as_ref().filter(|_| fits) {
            None => Failed::Unasked,
            Some(name) => match self.ask(name.as_str(), password).await? {
                Ok(checked) => return Ok((checked, None)),
                Err(failed) => failed,
            },
        };
        let (hashes, wait) = self.owed(name.as_ref(), failed);
        // Some work takes longer for a longer password.
        let none = SecretString::from("none");
        let typed = if fits { password } else { &none };
        for (text, how) in hashes {
            let down = |busy: Busy| BackendDown { backend: None, reason: busy.to_string() };
            self.hashing.verify(typed, &text, how).await.map_err(down)?;
        }
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Ok((Checked::Nobody, name.filter(|_| matches!(failed, Failed::Wrong(_)))))
    }

    /// Asks one after the other until one knows the name. Nobody is asked behind one that is down: the name could
    /// be another person's there.
    async fn ask(&self, name: &str, password: &SecretString) -> Result<Result<Checked, Failed>, BackendDown> {
        let steps = Steps::untold();
        for (place, link) in self.links.iter().enumerate().filter(|(_, link)| link.may_know(name)) {
            let verdict =
                link.guard.check(&link.name, link.authenticator.check(name, password, &steps)).await;
            let checked = match verdict.map_err(|down| link.down(&down))? {
                Verdict::Unknown => continue,
                Verdict::Wrong => None,
                Verdict::Right { name: given, attributes } => {
                    self.owns(place, name, &given).await?.then(|| self.right(link, &given, attributes, None))
                }
                Verdict::Own { name: given, attributes, password_at } => {
                    Some(self.right(link, &given, attributes, Some(password_at)))
                }
                Verdict::MustChange { name: given } => {
                    self.owns(place, name, &given).await?.then(|| self.must_change(link, &given))
                }
            };
            return Ok(checked.flatten().ok_or(Failed::Wrong(place)));
        }
        Ok(Err(Failed::Unknown))
    }

    /// Whether a back-end may give this name to whoever typed another one: it must be asked for such names, and no
    /// back-end before it may know somebody by that name, who could be another person.
    async fn owns(&self, place: usize, typed: &str, given: &str) -> Result<bool, BackendDown> {
        if given == typed {
            return Ok(true);
        }
        let steps = Steps::untold();
        for (before, link) in self.links.iter().enumerate().take(place + 1) {
            if before == place && link.may_know(given) {
                return Ok(true);
            }
            if before < place && link.may_know(given) {
                let question = link.authenticator.attributes(given, &steps);
                let known = link.guard.find(&link.name, question).await;
                match known.map_err(|down| link.down(&down))? {
                    Known::Nobody => {}
                    Known::Now { name, .. } if name != given => {}
                    Known::Now { .. } | Known::AtSignIn => break,
                }
            }
        }
        let backend = self.links.get(place).map_or("", |link| link.name.as_str());
        tracing::error!(backend, user = %visible(given), "a back-end gave the name of somebody who is not its own");
        Ok(false)
    }

    /// What a failed attempt still has to do: hashes, and a while to wait. In: the name, if it is one.
    fn owed(&self, name: Option<&Name>, failed: Failed) -> (Vec<owed::Sample>, Duration) {
        let decided = match failed {
            Failed::Wrong(place) => Some(place),
            Failed::Unasked | Failed::Unknown => None,
        };
        let samples = self.links.iter().filter(|link| link.signs_in);
        let samples = samples.filter_map(|link| link.authenticator.sample()).collect();
        let checked = decided.and_then(|place| self.links.get(place)?.authenticator.sample());
        let may_know = |link: &Link| match name {
            Some(name) => link.may_know(name.as_str()),
            None => link.signs_in,
        };
        let asked = |place: usize| match (failed, decided) {
            (Failed::Unasked, _) => Asked::No,
            (_, Some(decided)) if place == decided => Asked::Wrong,
            (_, Some(decided)) if place > decided => Asked::No,
            _ => Asked::Unknown,
        };
        let links = self.links.iter().enumerate().filter(|(_, link)| may_know(link));
        let usual: Vec<Usual> = links.map(|(place, link)| link.usual(asked(place))).collect();
        (owed::hashes(samples, checked.as_ref()), owed::wait(&usual))
    }

    /// The attributes of somebody who signed in here, as they are now; those of the last reading where the
    /// back-end is down or knows the person no more.
    pub async fn refreshed(&self, backend: &str, name: &str, last: Attributes, now: Timestamp) -> Attributes {
        self.read_again(backend, name, now).await.unwrap_or(last)
    }

    /// The attributes of somebody who signed in here, read at this moment. Out: `None` where those of before hold:
    /// the back-end tells them at a sign-in only, and else, with a line in the log, it is down or knows the person
    /// no more.
    pub async fn read_again(&self, backend: &str, name: &str, now: Timestamp) -> Option<Attributes> {
        let link = self.link(backend).filter(|link| !link.authenticator.keeps_attributes())?;
        let steps = Steps::untold();
        let reason = match link.guard.look_up(backend, link.authenticator.attributes(name, &steps), now).await
        {
            // A question may find by the name of one person the row of another.
            Ok(Known::Now { name: given, attributes })
                if self.name(&given).is_some_and(|own| own.as_str() == name) =>
            {
                return Some(link.shown(attributes));
            }
            Ok(Known::AtSignIn) => return None,
            Ok(Known::Now { .. } | Known::Nobody) => "nobody of that name is known any more".to_owned(),
            Err(down) => down.to_string(),
        };
        link.goes_on_stored(name, &reason, now);
        None
    }

    fn right(
        &self,
        link: &Link,
        name: &str,
        attributes: Attributes,
        password_at: Option<Timestamp>,
    ) -> Option<Checked> {
        let identity = self.identity(link, name)?;
        Some(Checked::Right(Authenticated { identity, attributes: link.shown(attributes), password_at }))
    }

    fn must_change(&self, link: &Link, name: &str) -> Option<Checked> {
        self.identity(link, name).map(Checked::MustChange)
    }

    /// A back-end may give a name in another spelling; it passes the same rule again.
    fn identity(&self, link: &Link, name: &str) -> Option<Identity> {
        match self.canonical(name) {
            Ok(name) => Some(Identity { name, source: Source::Backend(link.name.clone()) }),
            Err(reason) => {
                tracing::error!(
                    backend = link.name,
                    reason = reason.to_string(),
                    "a back-end gave a name that cannot be used"
                );
                None
            }
        }
    }
}

#[cfg(test)]
mod tests;
