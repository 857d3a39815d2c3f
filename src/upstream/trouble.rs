//! Trouble with an institution: a code for people, a text for the log, nothing that it wrote itself.

use crate::client::ValidateError;
use crate::domain::code::Code;

/// Why a sign-in at an institution gave nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", code.as_str())]
pub struct Trouble {
    /// The code of the page.
    pub code: Code,
    /// For the log.
    pub reason: String,
}

impl Trouble {
    /// Sorts an error of the client.
    pub fn of(error: &ValidateError) -> Self {
        let code = match error {
            ValidateError::Timeout => Code::UpstreamTimeout,
            ValidateError::Unreachable(_) => Code::UpstreamUnreachable,
            ValidateError::Tls(_) => Code::UpstreamTls,
            ValidateError::Status(_) => Code::UpstreamHttp,
            ValidateError::TooLarge => Code::UpstreamTooLarge,
            ValidateError::Compressed | ValidateError::BadAnswer(_) => Code::UpstreamBadAnswer,
            ValidateError::Refused { .. } => Code::UpstreamTicketRejected,
        };
        let reason = match error {
            ValidateError::Refused { code } => refused_with(code),
            other => other.to_string(),
        };
        Self { code, reason }
    }

    /// The institution is no longer there.
    pub fn gone() -> Self {
        Self { code: Code::ProviderUnknown, reason: "no longer configured".to_owned() }
    }

    /// The institution confirmed somebody, but not what was asked for.
    pub fn unconfirmed(reason: &str) -> Self {
        Self { code: Code::UpstreamTicketRejected, reason: reason.to_owned() }
    }
}

/// A refusal in words, with its code if that looks like one: anything else stays out of the log.
pub(super) fn refused_with(code: &str) -> String {
    let looks_right = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    let is_code = code.len() <= 40 && code.bytes().all(looks_right);
    format!("refused with {}", if is_code { code } else { "a code that is none" })
}
