//! Why a validation gave nobody.

use crate::protocol::response::BadAnswer;

/// Longest reason, in characters.
const MAX_REASON: usize = 200;

/// What went wrong between us and a CAS server. Holds nothing that the server wrote but a bounded code.
#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// No connection, or nothing whole came over it that would be HTTP. The words say which.
    #[error("{0}")]
    Unreachable(String),
    /// The certificate was not accepted, or the handshake failed.
    #[error("TLS: {0}")]
    Tls(String),
    /// A status other than 200. Redirects are not followed.
    #[error("HTTP status {0}")]
    Status(u16),
    /// More than [`super::MAX_ANSWER`].
    #[error("the answer is too large")]
    TooLarge,
    /// Compressed, which nobody asked for.
    #[error("the answer is compressed")]
    Compressed,
    /// Not a CAS answer.
    #[error("bad answer: {0}")]
    BadAnswer(#[from] BadAnswer),
    /// The server says no.
    #[error("the ticket was refused")]
    Refused {
        /// Its code, as it wrote it: for a log line, shortened, never for a page.
        code: String,
    },
}

impl ValidateError {
    /// Sorts an error of the HTTP client. Where the address holds a secret, take it out of the error first.
    pub fn of_http(error: &reqwest::Error) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        match tls_reason(error) {
            Some(reason) => Self::Tls(bounded(&reason)),
            None => Self::Unreachable(format!("{}: {}", what_broke(error), bounded(&innermost(error)))),
        }
    }
}

/// What became of the call, beside the words of the libraries.
fn what_broke(error: &reqwest::Error) -> &'static str {
    let http = chain(error).find_map(|cause| cause.downcast_ref::<hyper::Error>());
    match http {
        _ if error.is_connect() => "no connection",
        Some(http) if http.is_parse() => "the answer is no HTTP",
        Some(_) => "the answer broke off",
        None if error.is_body() || error.is_decode() => "the answer broke off",
        None => "the connection broke",
    }
}

/// Words of a library, which may hold words of the other side (names in a certificate): short, and of
/// characters that change nothing in a log.
fn bounded(words: &str) -> String {
    let plain = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    words.chars().map(plain).take(MAX_REASON).collect()
}

/// The words of the TLS library, wherever in the chain they stand.
fn tls_reason(error: &reqwest::Error) -> Option<String> {
    chain(error).find_map(tls_error).map(tls_words)
}

/// What operators meet most has words of ours; anything else those of the TLS library.
fn tls_words(error: &rustls::Error) -> String {
    use rustls::{CertificateError, Error, InvalidMessage};
    match error {
        Error::InvalidCertificate(reason) => match reason {
            CertificateError::UnknownIssuer => {
                "the certificate is signed by an authority that is not known here"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "the certificate is for another name"
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "the certificate has ended"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "the certificate has not begun yet"
            }
            // The library has no variant for it.
            CertificateError::Other(_) if reason.to_string().contains("CaUsedAsEndEntity") => {
                "a self-signed certificate"
            }
            _ => return error.to_string(),
        },
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => "this port does not speak TLS",
        _ => return error.to_string(),
    }
    .to_owned()
}

/// An `io::Error` skips what it wraps when it is asked for its source, and a failed handshake is wrapped
/// in two of them.
fn tls_error<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    error
        .downcast_ref::<rustls::Error>()
        .or_else(|| tls_error(error.downcast_ref::<std::io::Error>()?.get_ref()?))
}

fn innermost(error: &reqwest::Error) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

fn chain<'e>(error: &'e reqwest::Error) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |cause| cause.source())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_operators_meet_has_words() {
        use rustls::{CertificateError, Error, InvalidMessage};
        let plain = Error::InvalidMessage(InvalidMessage::InvalidContentType);
        assert_eq!(tls_words(&plain), "this port does not speak TLS");
        let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert!(tls_words(&unknown).ends_with("an authority that is not known here"));
        let revoked = Error::InvalidCertificate(CertificateError::Revoked);
        assert_eq!(tls_words(&revoked), revoked.to_string());
    }

    #[test]
    fn reasons_are_short_and_plain() {
        assert_eq!(bounded("certificate not valid for name"), "certificate not valid for name");
        assert_eq!(bounded("a\nb\u{202e}\u{1b}[2Jé"), "a?b??[2J?");
        assert_eq!(bounded(&"x".repeat(5000)).len(), MAX_REASON);
    }
}
