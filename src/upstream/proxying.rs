//! Proxy tickets of an institution (CAS 3.0 §2.7): what ours have no say in.

use std::time::Duration;

use super::trouble::refused_with;
use super::{Begun, Trouble, Upstreams};
use crate::client::ValidateError;
use crate::domain::provider::Provider;
use crate::protocol::time::Timestamp;

/// Why an institution gave no proxy ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// It does not let us ask for this target.
    Target,
    /// It does not know the person's grant any more, or gives this person nothing.
    Person,
    /// It could not be asked, or said nothing that could be read.
    Unknown,
}

impl Upstreams {
    /// Asks an institution for a proxy ticket, within the same limits as all questions. In: a proxy-granting
    /// ticket of it, the service that will validate what comes out, now. Errors: which kind of no, and a text
    /// for the log.
    pub async fn proxy_ticket(
        &self,
        provider: &Provider,
        (pgt, target): (&str, &str),
        now: Timestamp,
    ) -> Result<String, (Withheld, String)> {
        let gone = || (Withheld::Unknown, Trouble::gone().reason);
        let way = self.ways.get(&provider.suffix).ok_or_else(gone)?;
        let client = way.client(&provider.url, provider.protocol);
        let limit = Duration::from_millis(way.approach.timeout_ms);
        // A refusal is an answer.
        let question = async {
            match client.proxy_ticket(pgt, target).await {
                Err(ValidateError::Refused { code }) => Ok(Err(code)),
                other => other.map(Ok),
            }
        };
        let begun = Begun { suffix: &provider.suffix, url: &provider.url, protocol: provider.protocol };
        match self.known.ask(begun, now, limit, question).await {
            Ok(answer) => answer.map_err(|code| (withheld(&code), refused_with(&code))),
            Err(trouble) => Err((Withheld::Unknown, trouble.reason)),
        }
    }
}

fn withheld(code: &str) -> Withheld {
    match code {
        "UNAUTHORIZED_SERVICE" | "UNAUTHORIZED_SERVICE_PROXY" | "INVALID_SERVICE" => Withheld::Target,
        "INTERNAL_ERROR" | "INVALID_REQUEST" => Withheld::Unknown,
        _ => Withheld::Person,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_no() {
        for (code, kind) in [
            ("UNAUTHORIZED_SERVICE", Withheld::Target),
            ("INVALID_TICKET", Withheld::Person),
            ("BAD_PGT", Withheld::Person),
            ("INTERNAL_ERROR", Withheld::Unknown),
        ] {
            assert_eq!(withheld(code), kind, "{code}");
        }
    }
}
