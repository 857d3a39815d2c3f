//! The one place that builds HTTP clients: verified TLS, own authorities, no redirects, no proxy but one that
//! an entry names, no referrer, nothing unpacked, limits of time. Nothing here can switch verification off.
//! [`Places`] bounds calls at once, [`Queue`] those who wait for something; [`probe`] asks a server step by step, for
//! people who look for what is wrong.
//!
//! May use: reqwest, rustls; no other room.

mod places;
pub mod probe;
mod queue;

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Certificate, Identity, Proxy};

pub use places::{Place, Places};
pub use queue::{Queue, Waiting as InQueue};

/// Longest wait for a connection.
pub const CONNECT: Duration = Duration::from_secs(2);
/// Longest wait of any request, whatever shorter limit its caller sets.
const WHOLE: Duration = Duration::from_secs(60);
/// How long a connection to an institution is kept for the next validation: shorter than servers wait before
/// they close one, since a question that meets the closing is lost, and its ticket with it.
const IDLE: Duration = Duration::from_secs(4);
/// Most lines of headers in an answer of an institution.
const MAX_HEADERS: usize = 100;

/// A file of authorities that cannot be used, or a client that cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The file cannot be read.
    #[error("{}: {source}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds no usable certificate.
    #[error("{}: no usable PEM certificate", .0.display())]
    NoCertificate(PathBuf),
    /// A certificate and a key that do not make an identity.
    #[error("{}: no usable PEM key with its certificate", .0.display())]
    NoIdentity(PathBuf),
    /// The TLS library refused.
    #[error("TLS: {0}")]
    Tls(String),
    /// The client library refused.
    #[error("HTTP client: {0}")]
    Client(#[from] reqwest::Error),
}

/// Chooses the cryptography of TLS. Must run before the first client is built; a second call does nothing.
pub fn install_crypto() {
    // An error means that somebody was faster, with the same provider.
    let _already = rustls::crypto::ring::default_provider().install_default();
}

/// A client that trusts the system's authorities and, if named, those of one more file.
pub fn client(further: Option<&Path>) -> Result<reqwest::Client, OutboundError> {
    let builder = builder();
    Ok(match further {
        Some(file) => builder.tls_certs_merge(certificates(file)?).build()?,
        None => builder.build()?,
    })
}

/// What is particular about the way to one server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Route {
    /// A file of authorities in place of all others.
    pub only: Option<PathBuf>,
    /// The certificate and the key by which it knows us: PEM files.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// An HTTP proxy on the way: an address.
    pub proxy: Option<String>,
}

/// A client for a way. In: further authorities, where the way names none of its own.
pub fn client_on(route: &Route, further: Option<&Path>) -> Result<reqwest::Client, OutboundError> {
    let mut builder = builder().pool_idle_timeout(IDLE).http1_max_headers(MAX_HEADERS);
    builder = match (&route.only, further) {
        (Some(file), _) => builder.tls_certs_only(certificates(file)?),
        (None, Some(file)) => builder.tls_certs_merge(certificates(file)?),
        (None, None) => builder,
    };
    if let Some((certificate, key)) = &route.identity {
        builder = builder.identity(identity(certificate, key)?);
    }
    if let Some(address) = &route.proxy {
        builder = builder.proxy(Proxy::all(address)?);
    }
    Ok(builder.build()?)
}

/// A certificate with its key; the library wants both in one text.
fn identity(certificate: &Path, key: &Path) -> Result<Identity, OutboundError> {
    let mut pem = read(certificate)?;
    pem.push(b'\n');
    pem.extend(read(key)?);
    Identity::from_pem(&pem).map_err(|_| OutboundError::NoIdentity(key.to_owned()))
}

#[expect(clippy::disallowed_methods, reason = "this is the one place")]
fn builder() -> reqwest::ClientBuilder {
    install_crypto();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .user_agent("passerelle")
}

fn read(file: &Path) -> Result<Vec<u8>, OutboundError> {
    std::fs::read(file).map_err(|source| OutboundError::Unreadable { file: file.to_owned(), source })
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, OutboundError> {
    let pem = read(file)?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(list) if !list.is_empty() => Ok(list),
        _ => Err(OutboundError::NoCertificate(file.to_owned())),
    }
}
