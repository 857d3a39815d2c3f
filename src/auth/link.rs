//! One back-end with what is common to all kinds.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::guard::Guard;
use super::ldap::Directory;
use super::nobody::Nobody;
use super::owed::{Asked, Usual};
use super::{Authenticator, BackendDown, Down, Hashing, accounts, file, http, sql, test};
use crate::config::{Backend, BackendKind};
use crate::domain::identity::Suffix;
use crate::domain::intake::without_ours;
use crate::domain::name::visible;
use crate::domain::pattern::WholePattern;
use crate::outbound::OutboundError;
use crate::protocol::attributes::Attributes;
use crate::protocol::time::Timestamp;
use crate::store::Store;
use crate::telemetry::Seldom;

/// One back-end with what is common to all kinds.
pub(super) struct Link {
    pub(super) name: String,
    pub(super) authenticator: Arc<dyn Authenticator>,
    pub(super) guard: Arc<Guard>,
    /// Attributes that are dropped.
    hidden: Vec<String>,
    /// The names that it is asked for; `None`: all.
    names: Option<WholePattern>,
    pub(super) signs_in: bool,
    /// The people of whom it was said lately that they go on with what is stored.
    pub(super) stored_said: Arc<Seldom>,
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
    pub(super) fn new(
        configured: &Backend,
        hashing: &Arc<Hashing>,
        around: &Surroundings,
    ) -> Result<Self, OutboundError> {
        let hashing = Arc::clone(hashing);
        let authenticator: Box<dyn Authenticator> = match &configured.kind {
            BackendKind::File { users, stored } => {
                Box::new(file::File::new(&configured.name, users, *stored, hashing))
            }
            BackendKind::Test { user, password, attributes } => {
                Box::new(test::Test::new(user, password, attributes))
            }
            BackendKind::Accounts(keys) => {
                Box::new(accounts::Accounts::new(&configured.name, keys, around.store.clone(), hashing))
            }
            BackendKind::Http(keys) => Box::new(http::Http::new(keys, around.further_ca.as_deref())?),
            BackendKind::Sql(keys) => {
                Box::new(sql::Sql::new(&configured.name, keys, configured.signs_in, hashing))
            }
            BackendKind::Ldap(ldap) => {
                let further = around.further_ca.as_deref();
                Box::new(Directory::new(&configured.name, ldap, configured.signs_in, hashing, further)?)
            }
            BackendKind::None => Box::new(Nobody),
        };
        let guard = Arc::new(Guard::default());
        guard.serves(configured.signs_in);
        Ok(Self {
            name: configured.name.clone(),
            authenticator: Arc::from(authenticator),
            guard,
            hidden: configured.hidden.clone(),
            names: configured.names.clone(),
            signs_in: configured.signs_in,
            stored_said: Arc::default(),
        })
    }

    /// One that the files do not know: it is asked for every name, behind all others.
    pub(super) fn own(name: &str, authenticator: Arc<dyn Authenticator>) -> Self {
        Self {
            name: name.to_owned(),
            authenticator,
            guard: Arc::default(),
            hidden: Vec::new(),
            names: None,
            signs_in: true,
            stored_said: Arc::default(),
        }
    }

    /// Whether it is asked for the password of this name.
    pub(super) fn may_know(&self, name: &str) -> bool {
        self.signs_in && self.names.as_ref().is_none_or(|names| names.matches(name))
    }

    /// What may be known of somebody: nothing under a name of ours, no password, nothing hidden.
    pub(super) fn shown(&self, attributes: Attributes) -> Attributes {
        let mut shown = without_ours(attributes);
        let is_hidden = |name: &str| self.hidden.iter().any(|own| own.to_lowercase() == name.to_lowercase());
        let names: Vec<String> =
            shown.iter().map(|(name, _)| name).filter(|name| is_hidden(name)).map(str::to_owned).collect();
        for name in names {
            shown.remove(&name);
        }
        shown
    }

    /// Tells, once a minute and person, that somebody goes on with what was stored. In: why.
    pub(super) fn goes_on_stored(&self, user: &str, reason: &str, now: Timestamp) {
        if self.stored_said.is_due(user, now) {
            let (backend, user) = (self.name.as_str(), visible(user));
            tracing::warn!(
                event = "attributes.stored",
                backend,
                %user,
                reason,
                "the attributes of the last reading are used"
            );
        }
    }

    pub(super) fn down(&self, down: &Down) -> BackendDown {
        BackendDown { backend: Some(self.name.clone()), reason: down.to_string() }
    }

    /// What a hash of ours costs here is no matter of time.
    pub(super) fn usual(&self, asked: Asked) -> Usual {
        let wrong = match self.authenticator.sample() {
            Some(_) => Duration::ZERO,
            None => self.guard.wrong_on_top(),
        };
        Usual { unknown: self.guard.unknown(), wrong, asked }
    }
}
