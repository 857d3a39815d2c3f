//! passerelle, a CAS federation gateway: people pick their institution, sign in there, and are known to
//! local services as `name@suffix`. Towards those services it is an ordinary CAS server.
//!
//! The crate is a house of rooms, one module each; `ARCHITECTURE.md` has the plan, the table of which
//! room may use which, and the way of a request. Features make its storeys: nothing is the ground floor
//! ([`protocol`], [`domain`]), `client` adds the CAS client, `server` everything else.

#[cfg(feature = "server")]
pub mod app;
#[cfg(feature = "server")]
pub mod auth;
#[cfg(feature = "server")]
pub mod cli;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "server")]
pub mod clock;
#[cfg(feature = "server")]
pub mod config;
pub mod domain;
#[cfg(feature = "server")]
pub mod flows;
#[cfg(feature = "server")]
pub mod http;
#[cfg(feature = "server")]
pub mod mint;
#[cfg(feature = "server")]
pub mod outbound;
pub mod protocol;
#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
pub mod telemetry;
#[cfg(feature = "server")]
pub mod upstream;
