//! How an institution is spoken to: what is asked, what is read, and what is never believed.

mod proxying;

use passerelle::client::{CasClient, Server};
use passerelle::protocol::version::CasVersion;

/// A client of a server at this address.
fn client(base: &str, version: CasVersion) -> CasClient {
    client_of(Server::new(base, version))
}

fn client_of(server: Server) -> CasClient {
    CasClient::new(passerelle::outbound::client(None).unwrap(), server)
}
