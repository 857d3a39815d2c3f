//! HTTP clients: institutions that are reached in the same way share one, with its connections.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::domain::provider::Approach;
use crate::outbound::{self, OutboundError, Route};

/// A client, and what stood in the files that it was built from.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) http: reqwest::Client,
    /// Hashes: of its own authorities, of what proves who we are, of the authorities for all.
    pub(super) files: Arc<[Option<[u8; 32]>]>,
}

/// The lines that were built so far.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    further: Option<&'a Path>,
    built: HashMap<Route, Line>,
}

impl<'a> Lines<'a> {
    /// In: authorities beside those of the system.
    pub(super) fn new(further: Option<&'a Path>) -> Self {
        Self { further, built: HashMap::new() }
    }

    /// The line to an institution. Errors: one of its files cannot be used.
    pub(super) fn of(&mut self, approach: &Approach) -> Result<Line, OutboundError> {
        let route = Route {
            only: approach.ca_file.clone(),
            identity: approach.client_certificate.clone(),
            proxy: approach.http_proxy.clone(),
        };
        if let Some(line) = self.built.get(&route) {
            return Ok(line.clone());
        }
        let line = Line { http: outbound::client_on(&route, self.further)?, files: self.files(&route) };
        self.built.insert(route, line.clone());
        Ok(line)
    }

    fn files(&self, route: &Route) -> Arc<[Option<[u8; 32]>]> {
        let pair = route.identity.iter().flat_map(|(chain, key)| [chain, key]);
        let own = route.only.iter().chain(pair).map(|path| path.as_path());
        // A file that cannot be read is like none; whoever builds the client has said so.
        let hash = |path: &Path| std::fs::read(path).ok().map(|content| Sha256::digest(content).into());
        own.chain(self.further).map(hash).collect()
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
