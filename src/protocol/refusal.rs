//! The protocol says no: a code that programs read, words that a developer reads.

use std::fmt;

/// The codes of CAS 3.0 §2.5.3 and §2.7.2, and `UNAUTHORIZED_USER` for a person whom a service's rule keeps
/// out ("others are allowed", ibid.).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    InvalidRequest,
    InvalidTicketSpec,
    UnauthorizedServiceProxy,
    InvalidProxyCallback,
    InvalidTicket,
    InvalidService,
    UnauthorizedService,
    UnauthorizedUser,
    InternalError,
}

impl ErrorCode {
    /// The code as it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "INVALID_REQUEST",
            Self::InvalidTicketSpec => "INVALID_TICKET_SPEC",
            Self::UnauthorizedServiceProxy => "UNAUTHORIZED_SERVICE_PROXY",
            Self::InvalidProxyCallback => "INVALID_PROXY_CALLBACK",
            Self::InvalidTicket => "INVALID_TICKET",
            Self::InvalidService => "INVALID_SERVICE",
            Self::UnauthorizedService => "UNAUTHORIZED_SERVICE",
            Self::UnauthorizedUser => "UNAUTHORIZED_USER",
            Self::InternalError => "INTERNAL_ERROR",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A no, as it is answered. `detail` is shown to strangers: it helps a developer and holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Refusal {
    pub code: ErrorCode,
    pub detail: String,
}

impl Refusal {
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_reads_as_code_and_detail() {
        let refusal = Refusal::new(ErrorCode::InvalidTicket, "this ticket is not known");
        assert_eq!(refusal.to_string(), "INVALID_TICKET: this ticket is not known");
        assert_eq!(ErrorCode::UnauthorizedServiceProxy.to_string(), "UNAUTHORIZED_SERVICE_PROXY");
    }
}
