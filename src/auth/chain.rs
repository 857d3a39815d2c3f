//! All back-ends, asked in order.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::nobody::Nobody;
use super::{Authenticator, Busy, Down, Hashing, Known, MAX_PASSWORD, Steps, Verdict, file, stored, test};
use crate::config::backend::check::{PasswordCheck, Stored};
use crate::config::backend::local_names;
use crate::config::{Backend, BackendKind};
use crate::domain::identity::{Identity, Source, Suffix};
use crate::domain::intake::without_ours;
use crate::domain::name::{NameRules, canonical};
use crate::domain::pattern::WholePattern;
use crate::outbound::OutboundError;
use crate::protocol::attributes::Attributes;
use crate::store::Store;

/// What an attempt for an unknown name is measured against where no password is stored yet: Argon2id with
/// the usual cost.
const DUMMY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cGFzc2VyZWxsZS1zYWx0$W3eHbeHkKKHm3IOBWIrl1BkjJzyNhkJHnwzUjOkVpjE";

/// Somebody with the right password.
#[derive(Clone, Debug, PartialEq)]
pub struct Authenticated {
    /// Who.
    pub identity: Identity,
    /// What the back-end knows.
    pub attributes: Attributes,
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

/// A back-end that cannot answer at the moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("back-end `{backend}`: {reason}")]
pub struct BackendDown {
    /// Its name.
    pub backend: String,
    /// For the log.
    pub reason: String,
}

/// One back-end with what is common to all kinds.
struct Link {
    name: String,
    authenticator: Box<dyn Authenticator>,
    /// Attributes that are dropped.
    hidden: Vec<String>,
    /// The names that it is asked for; `None`: all.
    names: Option<WholePattern>,
    signs_in: bool,
}

/// All back-ends, in order.
pub struct Backends {
    links: Vec<Link>,
    hashing: Arc<Hashing>,
    names: NameRules,
    suffixes: Vec<Suffix>,
}

impl std::fmt::Debug for Backends {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.links.iter().map(|link| &link.name)).finish()
    }
}

/// What back-ends need of the rest.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The suffixes of all institutions, which no local name may end in.
    pub suffixes: Vec<Suffix>,
    /// Our own database.
    pub store: Store,
    /// Authorities beside those of the system.
    pub further_ca: Option<PathBuf>,
}

impl Link {
    fn new(
        configured: &Backend,
        hashing: &Arc<Hashing>,
        _around: &Surroundings,
    ) -> Result<Self, OutboundError> {
        let hashing = Arc::clone(hashing);
        let authenticator: Box<dyn Authenticator> = match &configured.kind {
            BackendKind::File { users, stored } => Box::new(file::File::new(users, *stored, hashing)),
            BackendKind::Test { user, password, attributes } => {
                Box::new(test::Test::new(user, password, attributes))
            }
            BackendKind::Accounts(_)
            | BackendKind::Sql(_)
            | BackendKind::Ldap(_)
            | BackendKind::Http(_)
            | BackendKind::None => Box::new(Nobody),
        };
        Ok(Self {
            name: configured.name.clone(),
            authenticator,
            hidden: configured.hidden.clone(),
            names: configured.names.clone(),
            signs_in: configured.signs_in,
        })
    }

    /// Whether it is asked for the password of this name.
    fn may_know(&self, name: &str) -> bool {
        self.signs_in && self.names.as_ref().is_none_or(|names| names.matches(name))
    }

    /// What may be known of somebody: nothing under a name of ours, no password, nothing hidden.
    fn shown(&self, attributes: Attributes) -> Attributes {
        let mut shown = without_ours(attributes);
        let is_hidden = |name: &str| self.hidden.iter().any(|own| own.to_lowercase() == name.to_lowercase());
        let names: Vec<String> =
            shown.iter().map(|(name, _)| name).filter(|name| is_hidden(name)).map(str::to_owned).collect();
        for name in names {
            shown.remove(&name);
        }
        shown
    }

    fn down(&self, down: &Down) -> BackendDown {
        BackendDown { backend: self.name.clone(), reason: down.to_string() }
    }
}

impl Backends {
    /// Sets up the back-ends of the configuration. Nothing is asked yet; files of authorities are read.
    pub fn new(configured: &[Backend], around: Surroundings) -> Result<Self, OutboundError> {
        let hashing = Arc::new(Hashing::default());
        let links = configured.iter().map(|backend| Link::new(backend, &hashing, &around));
        let links = links.collect::<Result<_, _>>()?;
        Ok(Self { links, hashing, names: local_names(), suffixes: around.suffixes })
    }

    /// The names of the back-ends that check passwords.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.links.iter().filter(|link| link.signs_in).map(|link| link.name.as_str())
    }

    /// Whether nobody can sign in here.
    pub fn is_empty(&self) -> bool {
        self.names().next().is_none()
    }

    /// Checks a typed name and password.
    ///
    /// Out: the person, or nobody, after the same time and with the same answer for an unknown name and
    /// for a wrong password. Errors: a back-end that may know the name cannot answer.
    pub async fn check(&self, typed: &str, password: &SecretString) -> Result<Checked, BackendDown> {
        let name = canonical(typed, &self.names, &self.suffixes).ok();
        let fits = (1..=MAX_PASSWORD).contains(&password.expose_secret().len());
        let mut spent = 0;
        if let (Some(name), true) = (&name, fits) {
            for link in self.links.iter().filter(|link| link.may_know(name.as_str())) {
                let verdict = link.authenticator.check(name.as_str(), password, &Steps::untold()).await;
                match verdict.map_err(|down| link.down(&down))? {
                    Verdict::Unknown => {}
                    Verdict::Wrong => {
                        spent = link.authenticator.sample().map_or(0, |(text, how)| stored::cost(&text, how));
                        break;
                    }
                    Verdict::Right { name, attributes } => return Ok(self.right(link, &name, attributes)),
                    Verdict::MustChange { name } => return Ok(self.must_change(link, &name)),
                }
            }
        }
        self.spend(spent).await?;
        Ok(Checked::Nobody)
    }

    /// Spends the time that the costliest password costs, and is as busy as that would be. In: what the attempt
    /// has cost already; about as much is enough.
    async fn spend(&self, spent: u64) -> Result<(), BackendDown> {
        let samples =
            self.links.iter().filter(|link| link.signs_in).filter_map(|link| link.authenticator.sample());
        let costly = samples.max_by_key(|(text, stored)| stored::cost(text, *stored));
        let Some((text, how)) = costly else { return Ok(()) };
        let whole = stored::cost(&text, how);
        if whole > 0 && spent >= whole / 2 {
            return Ok(());
        }
        // A value that cannot be read costs nothing, and would tell a known name by that.
        let (text, how) = match whole {
            0 => (DUMMY.into(), Stored::in_utf_8(PasswordCheck::Argon2)),
            _ => (text, how),
        };
        let down = |busy: Busy| BackendDown { backend: "hashing".to_owned(), reason: busy.to_string() };
        self.hashing.verify(&SecretString::from("none"), &text, how).await.map_err(down)?;
        Ok(())
    }

    /// The attributes of somebody who signed in here, as they are now; those of the last reading where the
    /// back-end is down or knows the person no more.
    pub async fn refreshed(&self, backend: &str, name: &str, last: Attributes) -> Attributes {
        let Some(link) = self.links.iter().find(|link| link.name == backend) else { return last };
        match link.authenticator.attributes(name, &Steps::untold()).await {
            Ok(Known::Now(attributes)) => link.shown(attributes),
            Ok(Known::AtSignIn | Known::Nobody) => last,
            Err(down) => {
                tracing::warn!(backend, reason = down.to_string(), "attributes of the last reading are used");
                last
            }
        }
    }

    fn right(&self, link: &Link, name: &str, attributes: Attributes) -> Checked {
        self.identity(link, name).map_or(Checked::Nobody, |identity| {
            Checked::Right(Authenticated { identity, attributes: link.shown(attributes) })
        })
    }

    fn must_change(&self, link: &Link, name: &str) -> Checked {
        self.identity(link, name).map_or(Checked::Nobody, Checked::MustChange)
    }

    /// A back-end may give a name in another spelling; it passes the same rule again.
    fn identity(&self, link: &Link, name: &str) -> Option<Identity> {
        match canonical(name, &self.names, &self.suffixes) {
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
mod tests {
    use super::*;
    use crate::config::FileUser;
    use crate::protocol::attributes::Value;
    use crate::store::DatabaseUrl;

    fn mail(address: &str) -> Attributes {
        let mut attributes = Attributes::new();
        attributes.push("mail", Value::from(address));
        attributes
    }

    async fn backends(user: &str, attributes: Attributes) -> Backends {
        let user = FileUser { name: user.to_owned(), password: "$argon2id$none".into(), attributes };
        let kind = BackendKind::File { users: vec![user], stored: Stored::in_utf_8(PasswordCheck::Argon2) };
        let (name, hidden) = ("staff".to_owned(), vec!["Room".to_owned()]);
        let store = Store::open(&DatabaseUrl::Memory).await.unwrap();
        let around = Surroundings { suffixes: Vec::new(), store, further_ca: None };
        Backends::new(&[Backend { name, kind, hidden, names: None, signs_in: true }], around).unwrap()
    }

    #[tokio::test]
    async fn attributes_are_those_of_now_while_somebody_is_known() {
        let backends = backends("ada", mail("new@example.net")).await;
        let last = || mail("old@example.net");
        assert_eq!(backends.refreshed("staff", "ada", last()).await, mail("new@example.net"));
        assert_eq!(backends.refreshed("staff", "ben", last()).await, last());
        assert_eq!(backends.refreshed("gone", "ada", last()).await, last());
    }

    #[tokio::test]
    async fn hidden_attributes_and_passwords_stay_inside() {
        let mut attributes = mail("ada@example.net");
        attributes.push("room", "4");
        attributes.push("userPassword", "x");
        let backends = backends("ada", attributes.clone()).await;
        let known = backends.right(&backends.links[0], "ada", attributes);
        let Checked::Right(known) = known else { panic!("{known:?}") };
        assert_eq!(known.attributes, mail("ada@example.net"));
        assert_eq!(backends.refreshed("staff", "ada", Attributes::new()).await, known.attributes);
    }

    #[tokio::test]
    async fn an_unknown_name_is_as_busy_as_a_known_one() {
        let backends = backends("ada", Attributes::new()).await;
        let _all = backends.hashing.hold_all().await;
        for name in ["ada", "nobody", "not a name"] {
            assert!(backends.check(name, &"wrong".into()).await.is_err(), "{name}");
        }
    }
}
