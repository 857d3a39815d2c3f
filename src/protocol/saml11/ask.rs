//! What we ask an institution (CAS 3.0 §4.2.2).
//!
//! There is an empty header, and no white space between elements: some servers take the second element of
//! the envelope and the first of the request.

use crate::protocol::time::Timestamp;
use crate::protocol::xml::{Forbidden, push_escaped};

/// Longest part of a ticket that the ID of a question shows.
const MAX_ID: usize = 64;

/// The ID of the question about a ticket. A ticket is asked about once, so its letters will do.
pub fn request_id(ticket: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    format!("_{}", ticket.chars().filter(plain).take(MAX_ID).collect::<String>())
}

/// The question whose ticket this is: a SOAP 1.1 envelope. In: an ID (an NCName) and now.
pub fn question(ticket: &str, id: &str, now: Timestamp) -> String {
    let mut out = String::with_capacity(600 + ticket.len());
    out.push_str(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\"><SOAP-ENV:Header/>\
         <SOAP-ENV:Body><samlp:Request xmlns:samlp=\"urn:oasis:names:tc:SAML:1.0:protocol\" MajorVersion=\"1\" \
         MinorVersion=\"1\" RequestID=\"",
    );
    push_escaped(&mut out, id, Forbidden::Drop);
    out.push_str("\" IssueInstant=\"");
    out.push_str(&now.iso());
    out.push_str("\"><samlp:AssertionArtifact>");
    // Without the character it would be another ticket.
    push_escaped(&mut out, ticket, Forbidden::Mark);
    out.push_str("</samlp:AssertionArtifact></samlp:Request></SOAP-ENV:Body></SOAP-ENV:Envelope>");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::saml11::{Request, read};

    const NOW: Timestamp = Timestamp::from_seconds(1_772_621_527);

    #[test]
    fn what_is_asked() {
        insta::assert_snapshot!(question("ST-1<&", "_ST-1", NOW), @r#"<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Header/><SOAP-ENV:Body><samlp:Request xmlns:samlp="urn:oasis:names:tc:SAML:1.0:protocol" MajorVersion="1" MinorVersion="1" RequestID="_ST-1" IssueInstant="2026-03-04T10:52:07Z"><samlp:AssertionArtifact>ST-1&lt;&amp;</samlp:AssertionArtifact></samlp:Request></SOAP-ENV:Body></SOAP-ENV:Envelope>"#);
    }

    #[test]
    fn our_own_server_reads_it() {
        for ticket in ["ST-1-hQ2xRb7-cas01.north", "a&b<c>\"d'", "é", &"x".repeat(1024)] {
            let id = request_id(ticket);
            let asked = Request { id: Some(id.clone()), ticket: ticket.to_owned() };
            assert_eq!(read(question(ticket, &id, NOW).as_bytes()), Ok(asked));
        }
    }

    #[test]
    fn an_id_is_a_name() {
        for (ticket, id) in [
            ("ST-1.a", "_ST-1.a"),
            ("", "_"),
            ("é\"<", "_"),
            (&"x".repeat(99), &format!("_{}", "x".repeat(64))),
        ] {
            assert_eq!(request_id(ticket), id);
        }
    }
}
