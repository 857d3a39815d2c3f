//! One server, step by step, the way our clients ask it: its addresses, a connection, its certificate. For
//! people who look for what is wrong; requests of the gateway do not come through here.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use super::{CONNECT, OutboundError};

/// What a server shows that proved who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Papers {
    /// Who signed the certificate.
    pub issuer: String,
    /// When it ends, in unix seconds.
    pub ends: i64,
}

/// Why a handshake ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTrusted {
    /// The certificate ended then, in unix seconds.
    Ended(i64),
    /// It begins then, in unix seconds.
    NotYet(i64),
    /// It is for these names.
    OtherName(Vec<String>),
    /// It is signed by an authority that we do not know, or by nobody else.
    UnknownAuthority,
    /// No answer in time.
    Timeout,
    /// Anything else, in the words of the library.
    Other(String),
}

/// Whom to believe.
#[derive(Clone)]
pub struct Trust(Arc<ClientConfig>);

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trust")
    }
}

impl Trust {
    /// The system's authorities and, if named, those of one more file: like [`super::client`].
    pub fn system_and(further: Option<&Path>) -> Result<Self, OutboundError> {
        let further = further.map_or_else(|| Ok(Vec::new()), certificates)?;
        let odd = |error: rustls::Error| OutboundError::Tls(error.to_string());
        let provider = Arc::new(default_provider());
        // The verifier of our HTTP clients; the word is rustls' for any that is not its own.
        let verifier = Verifier::new_with_extra_roots(further, Arc::clone(&provider)).map_err(odd)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(odd)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// The authorities of one file and no others: like [`super::client_of`].
    pub fn only(file: &Path) -> Result<Self, OutboundError> {
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(certificates(file)?);
        if added == 0 {
            return Err(OutboundError::NoCertificate(file.to_owned()));
        }
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| OutboundError::Tls(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, OutboundError> {
    let none = |_| OutboundError::NoCertificate(file.to_owned());
    CertificateDer::pem_file_iter(file).map_err(none)?.collect::<Result<_, _>>().map_err(none)
}

/// The addresses of a host; an IPv6 address stands in brackets. Errors in words for people.
pub async fn addresses(host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match timeout(CONNECT, lookup_host((bare, port))).await {
        Ok(Ok(found)) => {
            let mut all: Vec<SocketAddr> = found.collect();
            all.dedup();
            if all.is_empty() { Err("no address".to_owned()) } else { Ok(all) }
        }
        Ok(Err(_)) => Err("the name is not known".to_owned()),
        Err(_) => Err(format!("no answer in {} s", CONNECT.as_secs())),
    }
}

/// Connects to the first address that answers. Out: the connection and how long it took.
pub async fn connect(addresses: &[SocketAddr]) -> Result<(TcpStream, Duration), String> {
    let began = Instant::now();
    match timeout(CONNECT, TcpStream::connect(addresses)).await {
        Ok(Ok(stream)) => Ok((stream, began.elapsed())),
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => Err("refused".to_owned()),
        Ok(Err(error)) => Err(error.kind().to_string()),
        Err(_) => Err(format!("no answer in {} s", CONNECT.as_secs())),
    }
}

/// Shakes hands and hangs up. Out: what the server showed, which was verified like everywhere here.
pub async fn handshake(
    stream: TcpStream,
    host: &str,
    trust: &Trust,
    limit: Duration,
) -> Result<Papers, NotTrusted> {
    let bare = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let other = |error: &dyn fmt::Display| NotTrusted::Other(error.to_string());
    let name = ServerName::try_from(bare).map_err(|error| other(&error))?;
    let connector = TlsConnector::from(Arc::clone(&trust.0));
    let stream = timeout(limit, connector.connect(name, stream)).await.map_err(|_| NotTrusted::Timeout)?;
    let stream = stream.map_err(|error| not_trusted(&error))?;
    let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let shown = shown.ok_or_else(|| other(&"no certificate"))?;
    papers(shown).ok_or_else(|| other(&"the certificate cannot be read"))
}

fn papers(certificate: &CertificateDer<'_>) -> Option<Papers> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let inside = certificate.tbs_certificate();
    let ends = inside.validity().not_after.to_unix_duration().as_secs();
    Some(Papers { issuer: inside.issuer().to_string(), ends: i64::try_from(ends).ok()? })
}

fn not_trusted(error: &io::Error) -> NotTrusted {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let seconds = |time: &rustls::pki_types::UnixTime| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    match tls {
        Some(rustls::Error::InvalidCertificate(reason)) => match reason {
            CertificateError::ExpiredContext { not_after, .. } => NotTrusted::Ended(seconds(not_after)),
            CertificateError::NotValidYetContext { not_before, .. } => {
                NotTrusted::NotYet(seconds(not_before))
            }
            CertificateError::NotValidForNameContext { presented, .. } => {
                NotTrusted::OtherName(presented.clone())
            }
            CertificateError::UnknownIssuer => NotTrusted::UnknownAuthority,
            reason => NotTrusted::Other(reason.to_string()),
        },
        Some(error) => NotTrusted::Other(error.to_string()),
        None => NotTrusted::Other(error.kind().to_string()),
    }
}
