//! Asking for a proxy ticket of an institution.

use passerelle::client::ValidateError;
use passerelle::protocol::version::CasVersion;

use super::client;
use crate::support::trouble::response;
use crate::support::wire::{Wire, http};

const PGT: &str = "PGT-1-secret";
const TARGET: &str = "https://imap.example/?a=b&c";

async fn answered(status: u16, inside: &str) -> (Result<String, ValidateError>, Wire) {
    let wire = Wire::saying(http(status, &[], response(inside))).await;
    let told = client(&format!("{}/sso", wire.base()), CasVersion::V3).proxy_ticket(PGT, TARGET).await;
    (told, wire)
}

#[tokio::test]
async fn a_proxy_ticket_is_handed_out() {
    let success = "<cas:proxySuccess><cas:proxyTicket>PT-1</cas:proxyTicket></cas:proxySuccess>";
    let (told, wire) = answered(200, success).await;
    assert_eq!(told.unwrap(), "PT-1");
    let heard = wire.heard();
    let line =
        "GET /sso/proxy?pgt=PGT-1-secret&targetService=https%3A%2F%2Fimap.example%2F%3Fa%3Db%26c HTTP/1.1";
    assert_eq!(heard.iter().map(|heard| heard.line.as_str()).collect::<Vec<_>>(), [line]);
    assert!(matches!(answered(500, success).await.0, Err(ValidateError::Status(500))));
}

#[tokio::test]
async fn a_refusal_has_a_code() {
    let failure = "<cas:proxyFailure code=\"UNAUTHORIZED_SERVICE\">no</cas:proxyFailure>";
    let (told, _wire) = answered(200, failure).await;
    assert!(matches!(told, Err(ValidateError::Refused { code }) if code == "UNAUTHORIZED_SERVICE"));
    let (told, _wire) = answered(200, "<cas:proxySuccess></cas:proxySuccess>").await;
    assert!(matches!(told, Err(ValidateError::BadAnswer(_))));
}
