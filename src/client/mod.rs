//! The CAS client: asks a CAS server who a ticket belongs to.
//!
//! May use: `protocol`; reqwest, encoding_rs. The caller brings a `reqwest::Client` that follows no redirects
//! and verifies TLS (the room `outbound` builds ours). Entry point: [`CasClient`].
//!
//! - `server` – the addresses of a server, and its ways.
//! - `transport` – one request, one answer, within limits, and never twice.
//! - `decode` – UTF-8 of answers that are in another charset and say so.

mod decode;
mod error;
mod server;
mod transport;

use std::borrow::Cow;

pub use error::ValidateError;
pub use server::{Paths, Server};

use crate::protocol::format::Format;
use crate::protocol::response::{Answer, ProxyAnswer, UpstreamUser};
use crate::protocol::time::Timestamp;
use crate::protocol::version::CasVersion;
use crate::protocol::xml::Reading;
use crate::protocol::{json, list_text, saml11, text, xml};

/// Largest answer that is read, in bytes.
pub const MAX_ANSWER: usize = 1 << 20;

/// One CAS server, as a client sees it. Cheap to make: connections belong to the HTTP client.
#[derive(Clone, Debug)]
pub struct CasClient {
    http: reqwest::Client,
    server: Server,
}

/// What a validation asks (CAS 3.0 §2.5.1).
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The ticket as the browser brought it.
    pub ticket: &'a str,
    /// The service address that it was issued for.
    pub service: &'a str,
    /// Only fresh credentials will do.
    pub renew: bool,
    /// Where a proxy-granting ticket is to be handed over. SAML 1.1 and CAS 1 know no such thing.
    pub pgt_url: Option<&'a str>,
}

impl<'a> Question<'a> {
    /// Whose ticket this is, and nothing more.
    pub fn new(ticket: &'a str, service: &'a str) -> Self {
        Self { ticket, service, renew: false, pgt_url: None }
    }
}

/// Without the ticket.
impl std::fmt::Debug for Question<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Question").field("renew", &self.renew).finish_non_exhaustive()
    }
}

impl CasClient {
    /// A client of this server.
    pub fn new(http: reqwest::Client, server: Server) -> Self {
        Self { http, server }
    }

    /// Where a browser signs in (CAS 3.0 §2.1.1): with fresh credentials if `renew`, in silence or not at
    /// all if `gateway`. Both at once mean the first.
    pub fn login_url(&self, service: &str, renew: bool, gateway: bool) -> String {
        self.server.login(service, renew, gateway)
    }

    /// Where a browser signs out (CAS 3.0 §2.3), and where it is to be sent from there.
    pub fn logout_url(&self, service: Option<&str>) -> String {
        self.server.logout(service)
    }

    /// Asks once who the ticket belongs to (CAS 3.0 §2.4, §2.5, §2.8, §4.2). Errors: see
    /// [`ValidateError`]; the ticket is spent in any case.
    pub async fn validate(
        &self,
        question: Question<'_>,
        now: Timestamp,
    ) -> Result<UpstreamUser, ValidateError> {
        let answer = tokio::time::timeout(self.server.timeout, self.ask(question, now)).await;
        match answer.unwrap_or(Err(ValidateError::Timeout))? {
            Answer::Success(user) if self.server.split_lists => {
                Ok(UpstreamUser { attributes: list_text::split(user.attributes), ..user })
            }
            Answer::Success(user) => Ok(user),
            Answer::Failure { code, .. } => Err(ValidateError::Refused { code }),
        }
    }

    /// Asks for a proxy ticket (CAS 3.0 §2.7). In: a proxy-granting ticket of this server, and the service
    /// that is to be called with what comes out. Errors: see [`ValidateError`].
    pub async fn proxy_ticket(&self, pgt: &str, target_service: &str) -> Result<String, ValidateError> {
        let url = self.server.proxy(pgt, target_service);
        let got = tokio::time::timeout(self.server.timeout, self.get(&url)).await;
        let body = got.unwrap_or(Err(ValidateError::Timeout))?;
        let (bytes, reading) = self.document(&body)?;
        match xml::read_proxy(&bytes, &reading)? {
            ProxyAnswer::Success(ticket) => Ok(ticket),
            ProxyAnswer::Failure { code, .. } => Err(ValidateError::Refused { code }),
        }
    }

    async fn ask(&self, question: Question<'_>, now: Timestamp) -> Result<Answer, ValidateError> {
        let at = |path| self.server.validation(path, &question);
        match self.server.version {
            CasVersion::V1 => {
                let body = self.get(&at("/validate")).await?;
                Ok(text::read(&decode::text(&body)?)?)
            }
            CasVersion::V2 => self.ask_marked(&at("/serviceValidate")).await,
            CasVersion::V3 => match self.ask_marked(&at("/p3/serviceValidate")).await {
                // The path does not exist there, so nobody has looked at the ticket.
                Err(ValidateError::Status(404)) if self.server.paths.validate.is_none() => {
                    self.ask_marked(&at("/serviceValidate")).await
                }
                other => other,
            },
            CasVersion::Saml1 => self.ask_saml(&at("/samlValidate"), question, now).await,
        }
    }

    /// Asks for XML or JSON.
    async fn ask_marked(&self, url: &str) -> Result<Answer, ValidateError> {
        let body = self.get(url).await?;
        // Some servers refuse in the words of CAS 1 whatever they were asked in. A yes of CAS 1 is no answer.
        if let Ok(refused @ Answer::Failure { .. }) = text::read(&body.bytes) {
            return Ok(refused);
        }
        match self.server.format {
            Format::Json => Ok(json::read(&decode::text(&body)?)?),
            Format::Xml => {
                let (bytes, reading) = self.document(&body)?;
                Ok(xml::read(&bytes, &reading)?)
            }
        }
    }

    async fn ask_saml(
        &self,
        url: &str,
        question: Question<'_>,
        now: Timestamp,
    ) -> Result<Answer, ValidateError> {
        let id = saml11::request_id(question.ticket);
        let asked = saml11::question(question.ticket, &id, now);
        let body = transport::post_soap(&self.http, url, &asked, MAX_ANSWER).await?;
        let (bytes, reading) = self.document(&body)?;
        let (audience, skew) = (question.service, self.server.skew);
        let expected = saml11::Expected { request_id: &id, audience, now, skew };
        Ok(saml11::read_answer(&bytes, &reading, &expected)?)
    }

    /// The bytes of a document in UTF-8, and how to read them.
    fn document<'b>(
        &self,
        body: &'b transport::Body,
    ) -> Result<(Cow<'b, [u8]>, Reading<'static>), ValidateError> {
        let (bytes, is_decoded) = decode::xml(body)?;
        let repair_ampersands = self.server.repair_ampersands;
        Ok((bytes, Reading { charset: None, is_decoded, repair_ampersands }))
    }

    async fn get(&self, url: &str) -> Result<transport::Body, ValidateError> {
        transport::get(&self.http, url, MAX_ANSWER).await
    }
}
