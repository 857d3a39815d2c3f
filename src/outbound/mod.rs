//! The one place that builds HTTP clients: verified TLS, own authorities, no redirects, no proxies, no
//! referrer, limits of time. Nothing here can switch verification off. [`Places`] bounds calls at once;
//! [`probe`] asks a server step by step, for people who look for what is wrong.
//!
//! May use: reqwest, rustls; no other room.

mod places;
pub mod probe;

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Certificate;
use reqwest::redirect::Policy;

pub use places::{Place, Places};

/// Longest wait for a connection.
pub const CONNECT: Duration = Duration::from_secs(2);
/// Longest wait of any request, whatever shorter limit its caller sets.
const WHOLE: Duration = Duration::from_secs(60);

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

/// A client that trusts the authorities of one file and no others.
pub fn client_of(only: &Path) -> Result<reqwest::Client, OutboundError> {
    Ok(builder().tls_certs_only(certificates(only)?).build()?)
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

fn certificates(file: &Path) -> Result<Vec<Certificate>, OutboundError> {
    let pem =
        std::fs::read(file).map_err(|source| OutboundError::Unreadable { file: file.to_owned(), source })?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(list) if !list.is_empty() => Ok(list),
        _ => Err(OutboundError::NoCertificate(file.to_owned())),
    }
}
