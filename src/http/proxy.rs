//! `/proxy` (CAS 3.0 §2.7): takes GET and form posts, sets no cookie, and answers always with status 200, like
//! the validation addresses.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::Uri;
use axum::response::Response;

use crate::flows::proxy::proxy;
use crate::protocol::format::Format;
use crate::protocol::params::{Pairs, ProxyParams};
use crate::protocol::refusal::Refusal;
use crate::protocol::ticket::TicketId;
use crate::protocol::{json, xml};

use super::doors::Doors;
use super::validate::{content_type, form, invalid, refusal, respond};

/// A proxy ticket for whoever holds a proxy-granting one.
pub async fn grant(State(doors): State<Doors>, uri: Uri, body: Result<Bytes, BytesRejection>) -> Response {
    let (format, answer) = match form(&uri, body) {
        Ok((format, pairs)) => (format, ask(&doors, &pairs).await),
        Err(refusal) => (Format::default(), Err(refusal)),
    };
    render(&doors, format, answer)
}

async fn ask(doors: &Doors, pairs: &Pairs) -> Result<TicketId, Refusal> {
    let asked = ProxyParams::read(pairs)
        .map_err(|error| invalid(error.to_string()))?
        .ok_or_else(|| invalid("pgt and targetService are required".to_owned()))?;
    let issued = proxy(&doors.app, &asked).await;
    issued.map_err(|error| refusal(doors, error, "a proxy ticket could not be issued"))
}

fn render(doors: &Doors, format: Format, answer: Result<TicketId, Refusal>) -> Response {
    let document = match (format, answer) {
        (Format::Xml, Ok(ticket)) => xml::proxy_success(&ticket),
        (Format::Xml, Err(refusal)) => xml::proxy_failure(&refusal),
        (Format::Json, Ok(ticket)) => json::proxy_success(&ticket),
        (Format::Json, Err(refusal)) => json::proxy_failure(&refusal),
    };
    respond(doors, content_type(format), document)
}
