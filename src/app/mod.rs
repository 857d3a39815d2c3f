//! Everything that a request needs, in one place that is cheap to clone.
//!
//! An [`App`] never changes: with another configuration it is followed by another one, which shares what
//! lives on. A request keeps the one that it began with; whoever lives longer asks [`Current`].
//!
//! May use: every room but `flows` and the doors. No logic lives here, only how the parts are put
//! together.

mod current;
mod keys;
mod uses;

use std::ops::Deref;
use std::sync::Arc;

use secrecy::ExposeSecret;
use tokio::sync::Notify;
use tokio::task::JoinError;

use crate::auth::{Authenticator, Backends, Hashing, Surroundings};
use crate::clock::Clock;
use crate::config::{Address, Config};
use crate::domain::switches::Switches;
use crate::mint::Mint;
use crate::outbound::{self, OutboundError, Places};
use crate::protocol::time::Timestamp;
use crate::store::{DatabaseUrl, Store, StoreError, switches};
use crate::telemetry::Once;
use crate::upstream::Upstreams;

pub use current::Current;
pub use uses::Uses;

/// The gateway under one configuration.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

/// What the gateway is made of.
pub struct Parts {
    /// The configuration in force: that of the files, with what somebody switched off.
    pub config: Config,
    /// What the files say.
    pub written: Config,
    /// What somebody switched off.
    pub switches: Switches,
    /// Since when these are the institutions.
    pub since: Timestamp,
    /// The database.
    pub store: Store,
    /// Local accounts.
    pub backends: Arc<Backends>,
    /// Sources of local accounts that the files do not know.
    own: Arc<[OwnBackend]>,
    /// Institutions.
    pub upstreams: Arc<Upstreams>,
    /// Now.
    pub clock: Arc<dyn Clock>,
    /// Tickets and other chance.
    pub mint: Arc<Mint>,
    /// Posts to services, and hands proxy-granting tickets over.
    pub http: reqwest::Client,
    /// Bounds the calls that hand proxy-granting tickets over.
    pub callbacks: Arc<Places>,
    /// Rung when the outbox has work.
    pub outbox: Arc<Notify>,
    /// Names of attributes that are no names in XML and were reported.
    pub odd_names: Arc<Once>,
    /// Services that tickets were issued for.
    pub uses: Arc<Uses>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("public_url", &self.config.server.public_url.base())
            .finish_non_exhaustive()
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// A source of local accounts of the caller's own, and its name.
pub type OwnBackend = (String, Arc<dyn Authenticator>);

/// Why the gateway cannot start, or not go on with another configuration.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file of authorities cannot be used.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// What was to prepare it died.
    #[error("what we talk to was not prepared: {0}")]
    Died(#[from] JoinError),
}

/// Calls of proxy callbacks at once.
const CALLBACKS: usize = 128;
/// The same at one service: one that hangs must cost the others nothing.
const CALLBACKS_EACH: usize = 16;

impl App {
    /// Opens the database, brings it up to date and puts the parts together.
    ///
    /// `seed` makes chance repeat itself, for tests; absent: the system's.
    pub async fn start(config: Config, clock: Arc<dyn Clock>, seed: Option<u64>) -> Result<Self, StartError> {
        Self::start_with(config, clock, seed, Vec::new()).await
    }

    /// The same with sources of local accounts of the caller's own ([`Authenticator`]), under any configuration
    /// that follows.
    pub async fn start_with(
        config: Config,
        clock: Arc<dyn Clock>,
        seed: Option<u64>,
        own: Vec<OwnBackend>,
    ) -> Result<Self, StartError> {
        let store = Store::open(&database(&config)).await?;
        let key = keys::of_signatures(&config, &store).await?;
        let mint = match seed {
            Some(seed) => Mint::seeded(keys::shapes(&config), key, seed),
            None => Mint::new(keys::shapes(&config), key),
        };
        let mint = mint.with_pairwise(keys::of_pseudonyms(&store).await?);
        let switches = switches::read(&mut store.read().await?).await?;
        let own: Arc<[OwnBackend]> = own.into();
        let (backends, upstreams, http) = outside(&config, &store, &own, Arc::default()).await?;
        Ok(Self(Arc::new(Parts {
            backends: Arc::new(backends),
            own,
            upstreams: Arc::new(upstreams),
            callbacks: Arc::new(Places::new(CALLBACKS, CALLBACKS_EACH)),
            outbox: Arc::default(),
            odd_names: Arc::default(),
            uses: Arc::default(),
            mint: Arc::new(mint),
            config: in_force(&config, &switches),
            written: config,
            switches,
            since: clock.now(),
            http,
            store,
            clock,
        })))
    }

    /// The gateway under another configuration. The database, the clock, chance, what waits, and the ways
    /// to institutions that stay as they were are the same; the address of the database must be.
    ///
    /// Errors: a file of authorities cannot be used any more, or the database does not answer.
    pub async fn with_config(&self, config: Config) -> Result<Self, StartError> {
        let key = keys::of_signatures(&config, &self.store).await?;
        let mint = self.mint.with_shapes(keys::shapes(&config), key);
        let hashing = Arc::clone(self.backends.hashing());
        let (backends, upstreams, http) = outside(&config, &self.store, &self.own, hashing).await?;
        Ok(Self(Arc::new(Parts {
            backends: Arc::new(backends.inheriting(&self.backends)),
            upstreams: Arc::new(upstreams.inheriting(&self.upstreams)),
            mint: Arc::new(mint),
            config: in_force(&config, &self.switches),
            written: config,
            switches: self.switches.clone(),
            since: self.clock.now(),
            http,
            ..self.shared()
        })))
    }

    /// The gateway under the same files with other switches.
    #[must_use]
    pub fn with_switches(&self, switches: Switches) -> Self {
        Self(Arc::new(Parts { config: in_force(&self.written, &switches), switches, ..self.shared() }))
    }

    /// Parts of their own that are these.
    fn shared(&self) -> Parts {
        Parts {
            config: self.config.clone(),
            written: self.written.clone(),
            switches: self.switches.clone(),
            since: self.since,
            store: self.store.clone(),
            backends: Arc::clone(&self.backends),
            own: Arc::clone(&self.own),
            upstreams: Arc::clone(&self.upstreams),
            clock: Arc::clone(&self.clock),
            mint: Arc::clone(&self.mint),
            http: self.http.clone(),
            callbacks: Arc::clone(&self.callbacks),
            outbox: Arc::clone(&self.outbox),
            odd_names: Arc::clone(&self.odd_names),
            uses: Arc::clone(&self.uses),
        }
    }
}

/// The files with what somebody switched off.
fn in_force(written: &Config, switches: &Switches) -> Config {
    Config {
        directory: written.directory.without(switches),
        rules: written.rules.without(switches),
        ..written.clone()
    }
}

/// What the gateway talks to: back-ends, institutions, services. Authorities are read from disk, so it is done
/// apart.
async fn outside(
    config: &Config,
    store: &Store,
    own: &[OwnBackend],
    hashing: Arc<Hashing>,
) -> Result<(Backends, Upstreams, reqwest::Client), StartError> {
    let (directory, further) = (config.directory.clone(), config.outbound.ca_file.clone());
    let (configured, around) = (config.backends.clone(), surroundings(config, store));
    let prepared = tokio::task::spawn_blocking(move || {
        let backends = Backends::hashing_in(&configured, around, hashing)?;
        let further = further.as_deref();
        Ok::<_, OutboundError>((backends, Upstreams::new(&directory, further)?, outbound::client(further)?))
    });
    let (backends, upstreams, http) = prepared.await??;
    let backends = own.iter().fold(backends, |all, (name, one)| all.with(name, Arc::clone(one)));
    Ok((backends.with_sources(&config.sources), upstreams, http))
}

/// What back-ends need of the rest.
pub fn surroundings(config: &Config, store: &Store) -> Surroundings {
    Surroundings {
        suffixes: config.directory.iter().map(|provider| provider.suffix.clone()).collect(),
        store: store.clone(),
        further_ca: config.outbound.ca_file.clone(),
    }
}

/// The address of the database, as the store knows it.
pub fn database(config: &Config) -> DatabaseUrl {
    match &config.database.url {
        Address::Sqlite(path) => DatabaseUrl::Sqlite(path.clone()),
        Address::Memory => DatabaseUrl::Memory,
        Address::Postgres(text) => DatabaseUrl::Postgres(text.expose_secret().to_owned()),
    }
}
