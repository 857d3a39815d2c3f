//! HTTP clients: institutions that are reached in the same way share one, with its connections.

use std::collections::HashMap;
use std::path::Path;

use crate::domain::provider::Approach;
use crate::outbound::{self, OutboundError, Route};

/// The clients that were built so far.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    further: Option<&'a Path>,
    built: HashMap<Route, reqwest::Client>,
}

impl<'a> Lines<'a> {
    /// In: authorities beside those of the system.
    pub(super) fn new(further: Option<&'a Path>) -> Self {
        Self { further, built: HashMap::new() }
    }

    /// The client for an institution. Errors: one of its files cannot be used.
    pub(super) fn of(&mut self, approach: &Approach) -> Result<reqwest::Client, OutboundError> {
        let route = Route {
            only: approach.ca_file.clone(),
            identity: approach.client_certificate.clone(),
            proxy: approach.http_proxy.clone(),
        };
        if let Some(client) = self.built.get(&route) {
            return Ok(client.clone());
        }
        let client = outbound::client_on(&route, self.further)?;
        self.built.insert(route, client.clone());
        Ok(client)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_reached_in_the_same_way_shares_a_client() {
        let mut lines = Lines::new(None);
        let by = |proxy: &str| Approach { http_proxy: Some(proxy.to_owned()), ..Approach::default() };
        let patient = Approach { timeout_ms: 60_000, renew: true, ..Approach::default() };
        for approach in [&Approach::default(), &patient, &by("http://a.example:1"), &by("http://b.example:1")]
        {
            lines.of(approach).unwrap();
            lines.of(approach).unwrap();
        }
        assert_eq!(lines.built.len(), 3);
        let gone = Approach { ca_file: Some("/nowhere/authority.pem".into()), ..Approach::default() };
        assert!(matches!(lines.of(&gone), Err(OutboundError::Unreadable { .. })));
    }
}
