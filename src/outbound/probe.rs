//! One server, step by step, the way our clients ask it: its addresses, a connection, its certificate. For
//! people who look for what is wrong; requests of the gateway do not come through here.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::WantsClientCert;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{CertificateError, ClientConfig, ConfigBuilder, InvalidMessage, RootCertStore};
use rustls_platform_verifier::Verifier;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
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
    /// It is an authority's own, mostly one that signed itself.
    SelfSigned,
    /// What answers is no TLS.
    NoTls,
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
        Self::system_and_showing(further, None)
    }

    /// The same, and what proves who we are: a certificate and its key, PEM files.
    pub fn system_and_showing(
        further: Option<&Path>,
        shown: Option<(&Path, &Path)>,
    ) -> Result<Self, OutboundError> {
        let further = further.map_or_else(|| Ok(Vec::new()), certificates)?;
        let odd = |error: rustls::Error| OutboundError::Tls(error.to_string());
        let provider = Arc::new(default_provider());
        // The verifier of our HTTP clients; the word is rustls' for any that is not its own.
        let verifier = Verifier::new_with_extra_roots(further, Arc::clone(&provider)).map_err(odd)?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(odd)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        showing(config, shown)
    }

    /// The authorities of one file and no others, like the client of a [`super::Route`], and what proves who we are.
    pub fn only_showing(only: &Path, shown: Option<(&Path, &Path)>) -> Result<Self, OutboundError> {
        let odd = |error: rustls::Error| OutboundError::Tls(error.to_string());
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(certificates(only)?);
        if added == 0 {
            return Err(OutboundError::NoCertificate(only.to_owned()));
        }
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(odd)?
            .with_root_certificates(roots);
        showing(config, shown)
    }
}

impl Trust {
    /// What other clients than ours for HTTP shake hands with.
    pub fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.0)
    }
}

type Builder = ConfigBuilder<ClientConfig, WantsClientCert>;

fn showing(config: Builder, shown: Option<(&Path, &Path)>) -> Result<Trust, OutboundError> {
    let config = match shown {
        None => config.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = certificates(certificate)?;
            let odd = |error: &dyn fmt::Display| OutboundError::Tls(error.to_string());
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| odd(&error))?;
            config.with_client_auth_cert(chain, key).map_err(|error| odd(&error))?
        }
    };
    Ok(Trust(Arc::new(config)))
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

/// Longest answer of a proxy that is read.
const MOST_OF_PROXY: usize = 8192;

/// Asks an HTTP proxy at the other end of a connection to connect further (RFC 9110 §9.3.6). Out: the
/// connection, which now leads there.
pub async fn tunnel(
    mut stream: TcpStream,
    host: &str,
    port: u16,
    limit: Duration,
) -> Result<TcpStream, String> {
    let ask = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n");
    let answered = timeout(limit, async {
        stream.write_all(ask.as_bytes()).await?;
        let mut head = Vec::new();
        // Byte by byte: what follows the empty line is the other server's.
        while !head.ends_with(b"\r\n\r\n") && head.len() < MOST_OF_PROXY {
            head.push(stream.read_u8().await?);
        }
        Ok::<_, io::Error>(head)
    });
    let head = match answered.await {
        Ok(Ok(head)) => head,
        Ok(Err(error)) => return Err(error.kind().to_string()),
        Err(_) => return Err("no answer in time".to_owned()),
    };
    let status = std::str::from_utf8(&head).ok().and_then(|text| text.split(' ').nth(1)).unwrap_or_default();
    match status.parse::<u16>() {
        Ok(200..=299) => Ok(stream),
        Ok(status) => Err(format!("it answers {status}")),
        Err(_) => Err("it is no HTTP proxy".to_owned()),
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
    why(error).unwrap_or_else(|| NotTrusted::Other(error.kind().to_string()))
}

/// A name of a certificate as people write it: the library tells it as `DnsName("a.example")`.
fn plain_name(told: &str) -> String {
    let inner = told.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(told).trim_matches('"').to_owned()
}

/// Why a connection failed, where TLS ended it.
pub fn why(error: &io::Error) -> Option<NotTrusted> {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>())?;
    let seconds = |time: &rustls::pki_types::UnixTime| i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Some(match tls {
        rustls::Error::InvalidCertificate(reason) => match reason {
            CertificateError::ExpiredContext { not_after, .. } => NotTrusted::Ended(seconds(not_after)),
            CertificateError::NotValidYetContext { not_before, .. } => {
                NotTrusted::NotYet(seconds(not_before))
            }
            CertificateError::NotValidForNameContext { presented, .. } => {
                NotTrusted::OtherName(presented.iter().map(|name| plain_name(name)).collect())
            }
            CertificateError::UnknownIssuer => NotTrusted::UnknownAuthority,
            // The library has no variant for it.
            CertificateError::Other(_) if reason.to_string().contains("CaUsedAsEndEntity") => {
                NotTrusted::SelfSigned
            }
            CertificateError::Revoked => NotTrusted::Other("the certificate was revoked".to_owned()),
            CertificateError::BadSignature => {
                NotTrusted::Other("the signature of the certificate is wrong".to_owned())
            }
            CertificateError::BadEncoding => NotTrusted::Other("the certificate cannot be read".to_owned()),
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                NotTrusted::Other("the certificate is not one of a server".to_owned())
            }
            reason => NotTrusted::Other(reason.to_string()),
        },
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => NotTrusted::NoTls,
        error => NotTrusted::Other(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_as_people_write_them() {
        for (told, plain) in [
            ("DnsName(\"other.example\")", "other.example"),
            ("IpAddress(192.0.2.7)", "192.0.2.7"),
            ("other.example", "other.example"),
        ] {
            assert_eq!(plain_name(told), plain);
        }
    }
}
