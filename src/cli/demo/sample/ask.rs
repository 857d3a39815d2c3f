//! Questions to the gateway: whose ticket is this, and a ticket for somebody else, please. Answers are kept as
//! they came, to be shown.

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

/// Asks, once: the ticket is spent by it (CAS 3.0 §2.5, §2.8, §2.9). In: `at`: the address below the
/// gateway's; `pgt_url`: where a proxy-granting ticket is to be handed over.
pub(super) async fn whose(
    http: &reqwest::Client,
    at: &str,
    service: &str,
    ticket: &str,
    pgt_url: Option<&str>,
) -> Result<Told, Trouble> {
    let mut query = String::new();
    push_pair(&mut query, "service", service);
    push_pair(&mut query, "ticket", ticket);
    if let Some(pgt_url) = pgt_url {
        push_pair(&mut query, "pgtUrl", pgt_url);
    }
    told(get(http, &format!("{at}?{query}")).await?)
}

/// Asks for a proxy ticket (CAS 3.0 §2.7). Out: the ticket, if there is one, and the answer as it came.
pub(super) async fn proxy_ticket(
    http: &reqwest::Client,
    gateway: &str,
    pgt: &str,
    target: &str,
) -> Result<(Option<String>, String), Trouble> {
    let mut query = String::new();
    push_pair(&mut query, "pgt", pgt);
    push_pair(&mut query, "targetService", target);
    let raw = text(&get(http, &format!("{gateway}/proxy?{query}")).await?);
    let inside =
        raw.split_once("<cas:proxyTicket>").and_then(|(_, rest)| rest.split_once("</cas:proxyTicket>"));
    Ok((inside.map(|(ticket, _)| ticket.to_owned()), raw))
}

/// Reads an answer that somebody passed on.
pub(super) fn told(bytes: Vec<u8>) -> Result<Told, Trouble> {
    let answer = xml::read(&bytes, &Reading::default())?;
    Ok(Told { raw: text(&bytes), answer })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Gets an address.
pub(super) async fn get(http: &reqwest::Client, url: &str) -> Result<Vec<u8>, Trouble> {
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
    Ok(bytes)
}
