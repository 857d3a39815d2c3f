//! `/samlValidate` (CAS 3.0 §4.2): the ticket in a SOAP body, the service in the query. Every answer has
//! status 200, whatever came in.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::Uri;
use axum::response::Response;

use crate::flows::saml::validate_saml;
use crate::protocol::params::{Pairs, ValidateParams};
use crate::protocol::refusal::Refusal;
use crate::protocol::response::Validated;
use crate::protocol::saml11::{self, BadRequest, Frame, Status};

use super::doors::Doors;
use super::validate::{NOT_VALIDATED, TOO_LARGE, XML, invalid, refusal, respond};

/// `POST /samlValidate?TARGET=…`. `renew` in the query is heard, because clients send it there.
pub async fn validate(State(doors): State<Doors>, uri: Uri, body: Result<Bytes, BytesRejection>) -> Response {
    let query = Pairs::parse(uri.query().unwrap_or_default().as_bytes());
    let target = query.as_ref().ok().and_then(|pairs| pairs.single("TARGET").ok().flatten());
    let request = body.map_err(|_| (Status::Requester, TOO_LARGE.to_owned())).and_then(|body| read(&body));
    let in_response_to = request.as_ref().ok().and_then(|request| request.id.clone());
    let outcome = match (&query, request) {
        (_, Err((status, detail))) => Err((status, invalid(detail))),
        (Err(error), _) => Err((Status::Requester, invalid(error.to_string()))),
        (Ok(query), Ok(request)) => {
            ask(&doors, query, request.ticket).await.map_err(|no| (Status::of(no.code), no))
        }
    };
    let response_id = doors.app.mint.xml_id();
    let frame = Frame {
        response_id: &response_id,
        in_response_to: in_response_to.as_deref(),
        recipient: target,
        now: doors.app.clock.now(),
    };
    let document = match outcome {
        Ok(validated) => {
            let issuer = doors.app.config.server.public_url.base();
            saml11::success(&frame, &doors.app.mint.xml_id(), issuer, &validated)
        }
        Err((status, refusal)) => saml11::failure(&frame, status, &refusal),
    };
    respond(&doors, XML, document)
}

fn read(body: &[u8]) -> Result<saml11::Request, (Status, String)> {
    saml11::read(body).map_err(|error| {
        let version = matches!(error, BadRequest::Version);
        (if version { Status::VersionMismatch } else { Status::Requester }, error.to_string())
    })
}

async fn ask(doors: &Doors, query: &Pairs, ticket: String) -> Result<Validated, Refusal> {
    let malformed = |error: crate::protocol::params::MalformedParams| invalid(error.to_string());
    let target = query.single("TARGET").map_err(malformed)?;
    let asked = ValidateParams {
        service: target.ok_or_else(|| invalid("TARGET is required".to_owned()))?.to_owned(),
        ticket,
        renew: query.flag("renew").map_err(malformed)?,
        pgt_url: None,
    };
    validate_saml(&doors.app, &asked).await.map_err(|error| refusal(doors, error, NOT_VALIDATED))
}
