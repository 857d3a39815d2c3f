//! The CAS client: asks a CAS server who a ticket belongs to.
//!
//! May use: `protocol`; reqwest. The caller brings a `reqwest::Client` that follows no redirects and
//! verifies TLS (the room `outbound` builds ours). Entry point: [`CasClient`].

mod error;
mod transport;

use std::time::Duration;

pub use error::ValidateError;

use crate::protocol::params::push_pair;
use crate::protocol::response::{Answer, UpstreamUser};
use crate::protocol::version::CasVersion;
use crate::protocol::xml::Reading;
use crate::protocol::{text, xml};

/// Largest answer that is read, in bytes.
pub const MAX_ANSWER: usize = 1 << 20;

/// One CAS server, as a client sees it. Cheap to make: connections belong to the HTTP client.
#[derive(Clone, Debug)]
pub struct CasClient {
    http: reqwest::Client,
    base: String,
    version: CasVersion,
    timeout: Duration,
}

impl CasClient {
    /// A client of the server whose addresses begin with `base` (no last slash, without `/login`).
    /// `timeout` bounds a whole validation, with its fallback.
    pub fn new(http: reqwest::Client, base: &str, version: CasVersion, timeout: Duration) -> Self {
        Self { http, base: base.trim_end_matches('/').to_owned(), version, timeout }
    }

    /// Where a browser signs in (CAS 3.0 §2.1.1).
    pub fn login_url(&self, service: &str, renew: bool) -> String {
        let mut query = String::new();
        push_pair(&mut query, "service", service);
        if renew {
            push_pair(&mut query, "renew", "true");
        }
        format!("{}/login?{query}", self.base)
    }

    /// Where a browser signs out (CAS 3.0 §2.3).
    pub fn logout_url(&self) -> String {
        format!("{}/logout", self.base)
    }

    /// Asks once who the ticket belongs to (CAS 3.0 §2.4, §2.5, §2.8).
    ///
    /// In: the ticket as the browser brought it, the service address it was issued for, whether only
    /// fresh credentials will do. Errors: see [`ValidateError`]; the ticket is spent in any case.
    pub async fn validate(
        &self,
        ticket: &str,
        service: &str,
        renew: bool,
    ) -> Result<UpstreamUser, ValidateError> {
        tokio::time::timeout(self.timeout, self.ask(ticket, service, renew))
            .await
            .unwrap_or(Err(ValidateError::Timeout))
    }

    async fn ask(&self, ticket: &str, service: &str, renew: bool) -> Result<UpstreamUser, ValidateError> {
        let mut query = String::new();
        push_pair(&mut query, "service", service);
        push_pair(&mut query, "ticket", ticket);
        if renew {
            push_pair(&mut query, "renew", "true");
        }
        let answer = match self.version {
            CasVersion::V1 => {
                let body = self.get("/validate", &query).await?;
                text::read(&body.bytes)?
            }
            CasVersion::Saml1 => return Err(ValidateError::Unreachable("saml1".to_owned())),
            CasVersion::V2 => self.ask_xml("/serviceValidate", &query).await?,
            CasVersion::V3 => match self.ask_xml("/p3/serviceValidate", &query).await {
                // The path does not exist there, so nobody has looked at the ticket.
                Err(ValidateError::Status(404)) => self.ask_xml("/serviceValidate", &query).await?,
                other => other?,
            },
        };
        match answer {
            Answer::Success(user) => Ok(user),
            Answer::Failure { code, .. } => Err(ValidateError::Refused { code }),
        }
    }

    async fn ask_xml(&self, path: &str, query: &str) -> Result<Answer, ValidateError> {
        let body = self.get(path, query).await?;
        let reading = Reading { charset: body.charset.as_deref() };
        Ok(xml::read(&body.bytes, &reading)?)
    }

    async fn get(&self, path: &str, query: &str) -> Result<transport::Body, ValidateError> {
        transport::get(&self.http, &format!("{}{path}?{query}", self.base), MAX_ANSWER).await
    }
}
