//! Everything that a request needs, in one place that is cheap to clone.
//!
//! May use: every room but `flows` and the doors. No logic lives here, only how the parts are put
//! together.

mod uses;

use std::ops::Deref;
use std::sync::Arc;

use secrecy::ExposeSecret;
use tokio::sync::Notify;

use crate::auth::Backends;
use crate::clock::Clock;
use crate::config::{Address, Config};
use crate::mint::{Key, Mint, Shapes};
use crate::outbound::{self, OutboundError, Places};
use crate::store::{DatabaseUrl, Store, StoreError, secrets};
use crate::telemetry::Once;
use crate::upstream::Upstreams;

pub use uses::Uses;

/// The running gateway.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

/// What the gateway is made of.
pub struct Parts {
    /// The configuration in force.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// Local accounts.
    pub backends: Backends,
    /// Institutions.
    pub upstreams: Upstreams,
    /// Now.
    pub clock: Arc<dyn Clock>,
    /// Tickets and other chance.
    pub mint: Mint,
    /// Posts to services, and hands proxy-granting tickets over.
    pub http: reqwest::Client,
    /// Bounds the calls that hand proxy-granting tickets over.
    pub callbacks: Places,
    /// Rung when the outbox has work.
    pub outbox: Notify,
    /// Names of attributes that are no names in XML and were reported.
    pub odd_names: Once,
    /// Services that tickets were issued for.
    pub uses: Uses,
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

/// Why the gateway cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file of authorities cannot be used.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
}

/// Calls of proxy callbacks at once.
const CALLBACKS: usize = 128;
/// The same at one service: one that hangs must cost the others nothing.
const CALLBACKS_EACH: usize = 16;
/// Name of the signing key in the table of secrets.
const COOKIE_KEY: &str = "cookie_key";
/// Name of the key of pseudonyms there.
const PAIRWISE_KEY: &str = "pairwise_key";

impl App {
    /// Opens the database, brings it up to date and puts the parts together.
    ///
    /// `seed` makes chance repeat itself, for tests; absent: the system's.
    pub async fn start(config: Config, clock: Arc<dyn Clock>, seed: Option<u64>) -> Result<Self, StartError> {
        let store = Store::open(&database(&config)).await?;
        let key = key(&config, &store).await?;
        // Never the key of cookies: that one may be changed, and then everybody would be somebody else.
        let pairwise = stored_key(&store, PAIRWISE_KEY).await?;
        let shapes = Shapes {
            service_prefix: config.ticket.service_prefix.clone(),
            service_length: config.ticket.service_length,
            proxy_prefix: config.ticket.proxy_prefix.clone(),
            proxy_length: config.ticket.proxy_length,
            pgt_prefix: config.ticket.pgt_prefix.clone(),
            pgt_length: config.ticket.pgt_length,
            pgtiou_prefix: config.ticket.pgtiou_prefix.clone(),
            pgtiou_length: config.ticket.pgtiou_length,
            login_prefix: config.ticket.login_prefix.clone(),
            login_length: config.ticket.login_length,
        };
        let mint = match seed {
            Some(seed) => Mint::seeded(shapes, key, seed),
            None => Mint::new(shapes, key),
        };
        let mint = mint.with_pairwise(pairwise);
        let further = config.outbound.ca_file.as_deref();
        let suffixes = config.directory.iter().map(|provider| provider.suffix.clone()).collect();
        Ok(Self(Arc::new(Parts {
            upstreams: Upstreams::new(&config.directory, further)?,
            http: outbound::client(further)?,
            callbacks: Places::new(CALLBACKS, CALLBACKS_EACH),
            backends: Backends::new(&config.backends, suffixes),
            outbox: Notify::new(),
            odd_names: Once::default(),
            uses: Uses::default(),
            config,
            store,
            clock,
            mint,
        })))
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

/// The key of signatures: from a file, so that several nodes can share one, or kept in the database.
async fn key(config: &Config, store: &Store) -> Result<Key, StoreError> {
    if let Some(secret) = &config.session.cookie_secret {
        return Ok(Key::from_text(secret.expose_secret()));
    }
    stored_key(store, COOKIE_KEY).await
}

/// A key that is kept in the database, made by whoever asks first.
async fn stored_key(store: &Store, name: &'static str) -> Result<Key, StoreError> {
    let candidate = Key::random_text();
    let text = store
        .write(move |tx| {
            let candidate = candidate.clone();
            Box::pin(async move { secrets::get_or_insert(tx, name, &candidate).await })
        })
        .await?;
    Ok(Key::from_text(&text))
}
