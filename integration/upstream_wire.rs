//! How an institution is spoken to: what is asked, what is read, and what is never believed.

mod answers;
mod json;
mod limits;
mod proxying;
mod routes;
mod saml;
mod state_in_cookie;

use std::time::Duration;

use passerelle::client::{CasClient, Question, Server, ValidateError};
use passerelle::outbound::{Route, client_on};
use passerelle::protocol::response::UpstreamUser;
use passerelle::protocol::time::Timestamp;
use passerelle::protocol::version::CasVersion;

use crate::support::house::BEGIN;

/// The address that a ticket was issued for.
const CALLBACK: &str = "https://login.example/federate/north?h=a&b";

/// A service that is told everything.
const LIBRARY: &str = "https://library.example/";
const RELEASED: &str =
    "[[service]]\nname = \"L\"\nurl = \"https://library.example/**\"\n[service.release]\n\"*\" = \"*\"\n";

/// A client of a server at this address.
fn client(base: &str, version: CasVersion) -> CasClient {
    client_of(Server::new(base, version))
}

fn client_of(server: Server) -> CasClient {
    client_by(&Route::default(), server)
}

fn client_by(route: &Route, server: Server) -> CasClient {
    CasClient::new(client_on(route, None).unwrap(), server)
}

/// A server that has a second to answer.
fn hasty(base: &str) -> Server {
    Server { timeout: Duration::from_secs(1), ..Server::new(base, CasVersion::V3) }
}

/// Asks whose ticket `ST-1` is.
async fn ask(client: &CasClient) -> Result<UpstreamUser, ValidateError> {
    client.validate(Question::new("ST-1", CALLBACK), Timestamp::from_seconds(BEGIN)).await
}
