//! `/proxy` (CAS 3.0 §2.7): takes GET and form posts, sets no cookie, and answers always with status 200, like
//! the validation addresses.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::Uri;
use axum::response::Response;

use crate::flows::proxy::{NotProxied, proxy};
use crate::protocol::params::{Pairs, ProxyParams};
use crate::protocol::refusal::{ErrorCode, Refusal};
use crate::protocol::ticket::TicketId;
use crate::protocol::xml;

use super::doors::Doors;
use super::validate::{XML, respond};

/// A proxy ticket for whoever holds a proxy-granting one.
pub async fn grant(State(doors): State<Doors>, uri: Uri, body: Result<Bytes, BytesRejection>) -> Response {
    let answer = match read(&uri, body) {
        Ok(asked) => ask(&doors, &asked).await,
        Err(refusal) => Err(refusal),
    };
    render(&doors, &answer)
}

fn read(uri: &Uri, body: Result<Bytes, BytesRejection>) -> Result<ProxyParams, Refusal> {
    let invalid = |detail: String| Refusal::new(ErrorCode::InvalidRequest, detail);
    let body = body.map_err(|_| invalid("the body is too large or was cut".to_owned()))?;
    let query = uri.query().unwrap_or_default();
    let pairs = Pairs::parse(&body)
        .and_then(|pairs| Ok(pairs.with_all(Pairs::parse(query.as_bytes())?)))
        .map_err(|error| invalid(error.to_string()))?;
    ProxyParams::read(&pairs)
        .map_err(|error| invalid(error.to_string()))?
        .ok_or_else(|| invalid("pgt and targetService are required".to_owned()))
}

async fn ask(doors: &Doors, asked: &ProxyParams) -> Result<TicketId, Refusal> {
    proxy(&doors.app, asked).await.map_err(|error| match error {
        NotProxied::Refusal(refusal) => refusal,
        NotProxied::Fault(fault) => {
            let reference = doors.app.mint.reference();
            tracing::error!(
                event = "fault",
                r#ref = reference,
                error = fault.to_string(),
                "a proxy ticket could not be issued"
            );
            let detail = format!("something failed on our side, reference {reference}");
            Refusal::new(ErrorCode::InternalError, detail)
        }
    })
}

fn render(doors: &Doors, answer: &Result<TicketId, Refusal>) -> Response {
    let document = match answer {
        Ok(ticket) => xml::proxy_success(ticket),
        Err(refusal) => xml::proxy_failure(refusal),
    };
    respond(doors, XML, document)
}
