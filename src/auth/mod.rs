//! Local accounts: passwords are checked here, off the async threads, and nowhere else.
//!
//! May use: `domain`, `config`. Entry point: [`Backends::check`]. Back-ends are asked in order; the first
//! that knows the name decides, also when it then refuses.

mod file;
mod hash;
mod test;

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

pub use hash::Hashing;

use crate::config::backend::local_names;
use crate::config::{Backend, BackendKind};
use crate::domain::identity::{Identity, Source, Suffix};
use crate::domain::intake::without_ours;
use crate::domain::name::{NameRules, canonical};
use crate::protocol::attributes::Attributes;

/// Longest password that is looked at, in bytes.
pub const MAX_PASSWORD: usize = 512;

/// What a back-end says of a name and a password.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The password is right.
    Right {
        /// The name as the back-end writes it.
        name: String,
        /// What it knows of the person.
        attributes: Attributes,
    },
    /// The name is known, the password is wrong.
    Wrong,
    /// Nobody of that name here.
    Unknown,
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

/// A future in a box: back-ends are called through a trait object.
pub type Checking<'a> = Pin<Box<dyn Future<Output = Result<Verdict, BackendDown>> + Send + 'a>>;

/// The same for a reading of attributes.
pub type Reading<'a> = Pin<Box<dyn Future<Output = Result<Option<Attributes>, BackendDown>> + Send + 'a>>;

/// A source of local accounts.
pub trait Authenticator: Send + Sync {
    /// Checks a password. The name is canonical; the password has at most [`MAX_PASSWORD`] bytes.
    fn check<'a>(&'a self, name: &'a str, password: &'a SecretString) -> Checking<'a>;

    /// What is known of a person now. `None`: nobody of that name any more.
    fn attributes<'a>(&'a self, name: &'a str) -> Reading<'a>;

    /// Whether an attempt for an unknown name must still cost what a password costs.
    fn hashes(&self) -> bool;
}

/// Somebody with the right password.
#[derive(Clone, Debug, PartialEq)]
pub struct Authenticated {
    /// Who.
    pub identity: Identity,
    /// What the back-end knows.
    pub attributes: Attributes,
}

/// All back-ends, in order.
pub struct Backends {
    list: Vec<(String, Box<dyn Authenticator>)>,
    /// Attributes that are dropped, by the name of the back-end.
    hidden: HashMap<String, Vec<String>>,
    hashing: Arc<Hashing>,
    names: NameRules,
    suffixes: Vec<Suffix>,
}

impl std::fmt::Debug for Backends {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl Backends {
    /// Sets up the back-ends of the configuration. `suffixes`: those of all institutions, which no local
    /// name may end in.
    pub fn new(configured: &[Backend], suffixes: Vec<Suffix>) -> Self {
        // The costliest hash: an unknown name must not be answered sooner than any known one.
        let stored = configured.iter().flat_map(|backend| match &backend.kind {
            BackendKind::File(users) => users.as_slice(),
            BackendKind::Test { .. } => &[],
        });
        let like = stored.map(|user| &user.password).max_by_key(|stored| hash::cost(stored)).cloned();
        let hashing = Arc::new(Hashing::new(like));
        let list = configured
            .iter()
            .map(|backend| {
                let authenticator: Box<dyn Authenticator> = match &backend.kind {
                    BackendKind::File(users) => Box::new(file::File::new(users, Arc::clone(&hashing))),
                    BackendKind::Test { user, password, attributes } => {
                        Box::new(test::Test::new(user, password, attributes))
                    }
                };
                (backend.name.clone(), authenticator)
            })
            .collect();
        let hidden =
            configured.iter().map(|backend| (backend.name.clone(), backend.hidden.clone())).collect();
        Self { list, hidden, hashing, names: local_names(), suffixes }
    }

    /// What may be known of somebody: nothing under a name of ours, no password, nothing hidden.
    fn shown(&self, backend: &str, attributes: Attributes) -> Attributes {
        let mut shown = without_ours(attributes);
        let hidden = self.hidden.get(backend).map(Vec::as_slice).unwrap_or_default();
        let is_hidden = |name: &str| hidden.iter().any(|own| own.to_lowercase() == name.to_lowercase());
        let names: Vec<String> =
            shown.iter().map(|(name, _)| name).filter(|name| is_hidden(name)).map(str::to_owned).collect();
        for name in names {
            shown.remove(&name);
        }
        shown
    }

    /// The names of the back-ends.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|(name, _)| name.as_str())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Checks a typed name and password.
    ///
    /// Out: the person, or nobody, after the same time and with the same answer for an unknown name and
    /// for a wrong password. Errors: a back-end that may know the name cannot answer.
    pub async fn check(
        &self,
        typed: &str,
        password: &SecretString,
    ) -> Result<Option<Authenticated>, BackendDown> {
        let name = canonical(typed, &self.names, &self.suffixes).ok();
        let fits = password.expose_secret().len() <= MAX_PASSWORD;
        if let (Some(name), true) = (&name, fits) {
            for (backend, authenticator) in &self.list {
                match authenticator.check(name.as_str(), password).await? {
                    Verdict::Unknown => {}
                    Verdict::Wrong if authenticator.hashes() => return Ok(None),
                    Verdict::Wrong => break,
                    Verdict::Right { name, attributes } => return Ok(self.known(backend, &name, attributes)),
                }
            }
        }
        if self.list.iter().any(|(_, authenticator)| authenticator.hashes()) {
            let down =
                |busy: hash::Busy| BackendDown { backend: "hashing".to_owned(), reason: busy.to_string() };
            self.hashing.spend().await.map_err(down)?;
        }
        Ok(None)
    }

    /// The attributes of somebody who signed in here, as they are now; those of the last reading where the
    /// back-end is down or knows the person no more.
    pub async fn refreshed(&self, backend: &str, name: &str, last: Attributes) -> Attributes {
        let Some((_, authenticator)) = self.list.iter().find(|(own, _)| own == backend) else { return last };
        match authenticator.attributes(name).await {
            Ok(Some(attributes)) => self.shown(backend, attributes),
            Ok(None) => last,
            Err(down) => {
                tracing::warn!(backend, reason = down.reason, "attributes of the last reading are used");
                last
            }
        }
    }

    /// A back-end may give a name in another spelling; it passes the same rule again.
    fn known(&self, backend: &str, name: &str, attributes: Attributes) -> Option<Authenticated> {
        match canonical(name, &self.names, &self.suffixes) {
            Ok(name) => Some(Authenticated {
                identity: Identity { name, source: Source::Backend(backend.to_owned()) },
                attributes: self.shown(backend, attributes),
            }),
            Err(reason) => {
                tracing::error!(
                    backend,
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

    fn mail(address: &str) -> Attributes {
        let mut attributes = Attributes::new();
        attributes.push("mail", Value::from(address));
        attributes
    }

    fn backends(user: &str, attributes: Attributes) -> Backends {
        let user = FileUser { name: user.to_owned(), password: "$argon2id$none".into(), attributes };
        let kind = BackendKind::File(vec![user]);
        Backends::new(&[Backend { name: "staff".to_owned(), kind, hidden: vec!["Room".to_owned()] }], vec![])
    }

    #[tokio::test]
    async fn attributes_are_those_of_now_while_somebody_is_known() {
        let backends = backends("ada", mail("new@example.net"));
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
        let backends = backends("ada", attributes.clone());
        let known = backends.known("staff", "ada", attributes).unwrap();
        assert_eq!(known.attributes, mail("ada@example.net"));
        assert_eq!(backends.refreshed("staff", "ada", Attributes::new()).await, known.attributes);
    }

    #[tokio::test]
    async fn an_unknown_name_is_as_busy_as_a_known_one() {
        let backends = backends("ada", Attributes::new());
        let _all = backends.hashing.hold_all().await;
        for name in ["ada", "nobody", "not a name"] {
            assert!(backends.check(name, &"wrong".into()).await.is_err(), "{name}");
        }
    }
}
