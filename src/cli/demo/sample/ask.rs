//! One question to the gateway: whose ticket is this? The answer is kept as it came, to be shown.

use crate::client::MAX_ANSWER;
use crate::protocol::params::push_pair;
use crate::protocol::response::{Answer, BadAnswer};
use crate::protocol::xml::{self, Reading};

/// What the gateway said.
pub(super) struct Told {
    /// Byte for byte.
    pub raw: String,
    /// What it means.
    pub answer: Answer,
}

/// Why nothing can be shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("The gateway cannot be reached.")]
    Unreachable,
    #[error("The gateway answered with the status {0}.")]
    Status(u16),
    #[error("The answer of the gateway is too large.")]
    TooLarge,
    #[error("The answer of the gateway makes no sense: {0}.")]
    Bad(#[from] BadAnswer),
}

/// Asks, once: the ticket is spent by it (CAS 3.0 §2.5, §2.8).
pub(super) async fn whose(
    http: &reqwest::Client,
    gateway: &str,
    service: &str,
    ticket: &str,
) -> Result<Told, Trouble> {
    let mut query = String::new();
    push_pair(&mut query, "service", service);
    push_pair(&mut query, "ticket", ticket);
    let url = format!("{gateway}/p3/serviceValidate?{query}");
    let sent = http.get(url).timeout(super::PATIENCE).send().await;
    let mut response = sent.map_err(|_| Trouble::Unreachable)?;
    if response.status().as_u16() != 200 {
        return Err(Trouble::Status(response.status().as_u16()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Trouble::Unreachable)? {
        if bytes.len() + chunk.len() > MAX_ANSWER {
            return Err(Trouble::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    let answer = xml::read(&bytes, &Reading::default())?;
    Ok(Told { raw: String::from_utf8_lossy(&bytes).into_owned(), answer })
}
