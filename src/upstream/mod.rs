//! Institutions as somebody to talk to: where a browser leaves for, and what a ticket of theirs is worth.
//!
//! May use: `domain`, `client`, `protocol`, `config`, `outbound`. Entry points: [`Upstreams::leave`],
//! [`Upstreams::redeem`].

mod breaker;
mod health;
mod inherit;
mod papers;
mod principal;
mod seats;
mod sign_out;
mod trouble;
mod watch;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use health::Health;
use inherit::Likeness;
use papers::SystemTrust;
pub use principal::Principal;
pub use trouble::Trouble;

use crate::client::CasClient;
use crate::domain::choice::Directory;
use crate::domain::identity::Suffix;
use crate::domain::provider::{CasVersion, Provider};
use crate::outbound::{self, OutboundError};
use crate::protocol::time::Timestamp;

/// The ways to all institutions.
#[derive(Debug)]
pub struct Upstreams {
    ways: HashMap<Suffix, Arc<Way>>,
    further: Option<PathBuf>,
    trust: SystemTrust,
}

#[derive(Debug)]
struct Way {
    http: reqwest::Client,
    timeout: Duration,
    health: Arc<Health>,
    likeness: Likeness,
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
    /// Prepares the ways to all institutions: one HTTP client for each distinct file of authorities.
    pub fn new(directory: &Directory, further: Option<&Path>) -> Result<Self, OutboundError> {
        let system = outbound::client(further)?;
        let mut own: HashMap<PathBuf, reqwest::Client> = HashMap::new();
        let mut ways = HashMap::new();
        for provider in directory.iter() {
            let http = match &provider.approach.ca_file {
                None => system.clone(),
                Some(file) => match own.get(file) {
                    Some(client) => client.clone(),
                    None => own.entry(file.clone()).or_insert(outbound::client_of(file)?).clone(),
                },
            };
            let timeout = Duration::from_millis(provider.approach.timeout_ms);
            let health = Arc::new(Health::new(&provider.suffix, &provider.url));
            let likeness = Likeness::of(provider, further);
            ways.insert(provider.suffix.clone(), Arc::new(Way { http, timeout, health, likeness }));
        }
        Ok(Self { ways, further: further.map(Path::to_owned), trust: SystemTrust::default() })
    }

    /// The address at which a person signs in at their institution and comes back to `callback`.
    pub fn leave(&self, provider: &Provider, callback: &str, renew: bool) -> Option<String> {
        let way = self.ways.get(&provider.suffix)?;
        let client = CasClient::new(way.http.clone(), &provider.url, provider.protocol, way.timeout);
        Some(client.login_url(callback, renew))
    }

    /// The address at which a person signs out at their institution, and comes back from it if it can send
    /// people on.
    pub fn sign_out(&self, provider: &Provider, back: Option<&str>) -> String {
        sign_out::address(provider, back)
    }

    /// Whether an institution can send people on after they signed out there.
    pub fn comes_back(&self, provider: &Provider) -> bool {
        sign_out::comes_back(provider)
    }

    /// Asks an institution, once, who a ticket belongs to.
    ///
    /// In: where the sign-in began, the ticket that the browser brought, our callback address, whether
    /// only fresh credentials will do, now. Errors: the kind of trouble, with a text for the log; at once
    /// where the institution does not answer anybody.
    pub async fn redeem(
        &self,
        begun: Begun<'_>,
        ticket: &str,
        callback: &str,
        renew: bool,
        now: Timestamp,
    ) -> Result<Principal, Trouble> {
        let way = self.ways.get(begun.suffix).ok_or_else(Trouble::gone)?;
        let client = CasClient::new(way.http.clone(), begun.url, begun.protocol, way.timeout);
        let question = client.validate(ticket, callback, renew);
        way.health_at(&begun).ask(now, way.timeout, question).await.map(Principal::of)
    }
}
