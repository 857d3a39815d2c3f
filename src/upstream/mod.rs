//! Institutions as somebody to talk to: where a browser leaves for, and what a ticket of theirs is worth.
//!
//! May use: `domain`, `client`, `protocol`, `config`, `outbound`. Entry points: [`Upstreams::leave`],
//! [`Upstreams::redeem`].

mod breaker;
mod health;
mod inherit;
mod known;
mod lines;
mod papers;
mod principal;
mod proxying;
mod seats;
mod trouble;
mod watch;

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use known::Known;
use lines::{Line, Lines};
pub use principal::Principal;
pub use proxying::Withheld;
pub use trouble::Trouble;

use crate::client::{self, CasClient, Question, Server};
use crate::domain::choice::Directory;
use crate::domain::identity::Suffix;
use crate::domain::provider::{Approach, CasVersion, Provider};
use crate::outbound::OutboundError;
use crate::protocol::time::Timestamp;

/// The ways to all institutions.
#[derive(Debug)]
pub struct Upstreams {
    ways: HashMap<Suffix, Arc<Way>>,
    known: Known,
}

#[derive(Debug)]
struct Way {
    line: Line,
    url: String,
    approach: Approach,
}

impl Way {
    /// A client of the institution at this address.
    fn client(&self, url: &str, version: CasVersion) -> CasClient {
        let approach = self.approach.clone();
        let paths = approach.paths;
        let server = Server {
            timeout: Duration::from_millis(approach.timeout_ms),
            paths: client::Paths { login: paths.login, validate: paths.validate, logout: paths.logout },
            format: approach.format,
            split_lists: approach.split_lists,
            repair_ampersands: approach.repair_ampersands,
            skew: approach.skew,
            extra_params: approach.extra_params,
            ..Server::new(url, version)
        };
        CasClient::new(self.line.http.clone(), server)
    }
}

/// Where a sign-in under way is asked: as it was when it began, whatever the files say by now.
#[derive(Clone, Copy, Debug)]
pub struct Begun<'a> {
    /// The institution.
    pub suffix: &'a Suffix,
    /// Its base address at that time.
    pub url: &'a str,
    /// Its protocol at that time.
    pub protocol: CasVersion,
}

impl Upstreams {
    /// Prepares the ways to all institutions: one HTTP client for each distinct route.
    pub fn new(directory: &Directory, further: Option<&Path>) -> Result<Self, OutboundError> {
        let mut lines = Lines::new(further);
        let mut ways = HashMap::new();
        for provider in directory.iter() {
            let (url, approach) = (provider.url.clone(), provider.approach.clone());
            let way = Way { line: lines.of(&approach)?, url, approach };
            ways.insert(provider.suffix.clone(), Arc::new(way));
        }
        Ok(Self { ways, known: Known::new(directory, further) })
    }

    /// The address at which a person signs in at their institution and comes back to `callback`: with fresh
    /// credentials if `renew`; if `gateway`, in silence or with empty hands.
    pub fn leave(&self, provider: &Provider, callback: &str, renew: bool, gateway: bool) -> Option<String> {
        let way = self.ways.get(&provider.suffix)?;
        Some(way.client(&provider.url, provider.protocol).login_url(callback, renew, gateway))
    }

    /// The address at which a person signs out at their institution. `back`: where it is to send them
    /// afterwards, if it can.
    pub fn sign_out(&self, provider: &Provider, back: Option<&str>) -> Option<String> {
        let way = self.ways.get(&provider.suffix)?;
        let back = back.filter(|_| self.comes_back(provider));
        Some(way.client(&provider.url, provider.protocol).logout_url(back))
    }

    /// Whether an institution can send people on after they signed out there: CAS 3 has a word for it.
    pub fn comes_back(&self, provider: &Provider) -> bool {
        provider.protocol == CasVersion::V3
    }

    /// The HTTP client for an institution: its authorities, its proxy, what proves who we are. For people who look
    /// for what is wrong.
    pub fn http(&self, suffix: &Suffix) -> Option<&reqwest::Client> {
        self.ways.get(suffix).map(|way| &way.line.http)
    }

    /// Asks an institution, once, who a ticket belongs to.
    ///
    /// In: where the sign-in began, what is asked (our callback address is the service), now. Errors: the
    /// kind of trouble, with a text for the log; at once where the institution does not answer anybody.
    pub async fn redeem(
        &self,
        begun: Begun<'_>,
        question: Question<'_>,
        now: Timestamp,
    ) -> Result<Principal, Trouble> {
        let way = self.ways.get(begun.suffix).ok_or_else(Trouble::gone)?;
        let client = way.client(begun.url, begun.protocol);
        let limit = Duration::from_millis(way.approach.timeout_ms);
        self.known.ask(begun, now, limit, client.validate(question, now)).await.map(Principal::of)
    }
}
