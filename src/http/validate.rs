//! The validation addresses: one flow, one codec each. They answer GET and form posts, set no cookie, and
//! always with status 200 (clients stop at others).

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{Response as HttpResponse, StatusCode, Uri};
use axum::response::Response;

use crate::flows::NotGiven;
use crate::flows::validate::{Address, validate};
use crate::protocol::format::Format;
use crate::protocol::params::{MalformedParams, Pairs, ValidateParams};
use crate::protocol::refusal::{ErrorCode, Refusal};
use crate::protocol::response::Validated;
use crate::protocol::{json, text, xml};

use super::doors::Doors;
use super::headers;

/// What CAS 1 is answered with.
pub(super) const TEXT: &str = "text/plain; charset=utf-8";
/// What the addresses that speak XML answer with.
pub(super) const XML: &str = "text/xml; charset=utf-8";
/// Why a body could not be read.
pub(super) const TOO_LARGE: &str = "the body is too large or was cut";

/// `/validate` (CAS 3.0 §2.4): a name and nothing else.
pub async fn text(State(doors): State<Doors>, uri: Uri, body: Result<Bytes, BytesRejection>) -> Response {
    let address = Address { proxies_too: false, always_attributes: false, knows_pgt_url: false };
    let answer = match pairs(&uri, body) {
        Ok(pairs) => ask(&doors, &pairs, address).await,
        Err(refusal) => Err(refusal),
    };
    let user = answer.ok().and_then(|validated| text::success(&validated.user).ok());
    respond(&doors, TEXT, user.unwrap_or_else(|| text::FAILURE.to_owned()))
}

/// `/serviceValidate` (§2.5).
pub async fn service(state: State<Doors>, uri: Uri, body: Result<Bytes, BytesRejection>) -> Response {
    answer(state, uri, body, Address { proxies_too: false, always_attributes: false, knows_pgt_url: true })
        .await
}

/// `/proxyValidate` (§2.6).
pub async fn proxy(state: State<Doors>, uri: Uri, body: Result<Bytes, BytesRejection>) -> Response {
    answer(state, uri, body, Address { proxies_too: true, always_attributes: false, knows_pgt_url: true })
        .await
}

/// `/p3/serviceValidate` (§2.8).
pub async fn p3_service(state: State<Doors>, uri: Uri, body: Result<Bytes, BytesRejection>) -> Response {
    answer(state, uri, body, Address { proxies_too: false, always_attributes: true, knows_pgt_url: true })
        .await
}

/// `/p3/proxyValidate` (§2.9).
pub async fn p3_proxy(state: State<Doors>, uri: Uri, body: Result<Bytes, BytesRejection>) -> Response {
    answer(state, uri, body, Address { proxies_too: true, always_attributes: true, knows_pgt_url: true })
        .await
}

/// HEAD asks nothing: it never uses a ticket up.
pub async fn head_text(State(doors): State<Doors>) -> Response {
    respond(&doors, TEXT, String::new())
}

/// HEAD asks nothing: it never uses a ticket up.
pub async fn head_xml(State(doors): State<Doors>) -> Response {
    respond(&doors, XML, String::new())
}

/// The answer in the form that `format` names.
async fn answer(
    State(doors): State<Doors>,
    uri: Uri,
    body: Result<Bytes, BytesRejection>,
    address: Address,
) -> Response {
    let (format, outcome) = match form(&uri, body) {
        Ok((format, pairs)) => (format, ask(&doors, &pairs, address).await),
        Err(refusal) => (Format::default(), Err(refusal)),
    };
    let document = match (format, outcome) {
        (Format::Xml, Ok(validated)) => xml::success(&validated),
        (Format::Xml, Err(refusal)) => xml::failure(&refusal),
        (Format::Json, Ok(validated)) => json::success(&validated),
        (Format::Json, Err(refusal)) => json::failure(&refusal),
    };
    respond(&doors, content_type(format), document)
}

/// The parameters of a request and the form of its answer. What cannot be read is refused before any
/// ticket is looked at.
pub(super) fn form(uri: &Uri, body: Result<Bytes, BytesRejection>) -> Result<(Format, Pairs), Refusal> {
    let pairs = pairs(uri, body)?;
    let format = Format::read(&pairs).map_err(|error| invalid(error.to_string()))?;
    Ok((format, pairs))
}

/// The Content-Type of a form.
pub(super) fn content_type(format: Format) -> &'static str {
    match format {
        Format::Xml => XML,
        Format::Json => "application/json; charset=utf-8",
    }
}

fn pairs(uri: &Uri, body: Result<Bytes, BytesRejection>) -> Result<Pairs, Refusal> {
    let body = body.map_err(|_| invalid(TOO_LARGE.to_owned()))?;
    let query = uri.query().unwrap_or_default();
    let read = || Ok(Pairs::parse(&body)?.with_all(Pairs::parse(query.as_bytes())?));
    read().map_err(|error: MalformedParams| invalid(error.to_string()))
}

async fn ask(doors: &Doors, pairs: &Pairs, address: Address) -> Result<Validated, Refusal> {
    let asked = ValidateParams::read(pairs)
        .map_err(|error| invalid(error.to_string()))?
        .ok_or_else(|| invalid("service and ticket are required".to_owned()))?;
    validate(&doors.app, &asked, address).await.map_err(|error| refusal(doors, error, NOT_VALIDATED))
}

/// A request that says nothing to go by.
pub(super) fn invalid(detail: String) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, detail)
}

/// What the log says where a validation broke.
pub(super) const NOT_VALIDATED: &str = "a ticket could not be validated";

/// What a service is told that gets nothing. A fault is logged here, in words that say what was asked for.
pub(super) fn refusal(doors: &Doors, error: NotGiven, what: &'static str) -> Refusal {
    match error {
        NotGiven::Refusal(refusal) => refusal,
        NotGiven::Fault(fault) => {
            let reference = doors.app.mint.reference();
            tracing::error!(event = "fault", r#ref = reference, error = fault.to_string(), "{what}");
            let detail = format!("something failed on our side, reference {reference}");
            Refusal::new(ErrorCode::InternalError, detail)
        }
    }
}

/// An answer of the protocol: status 200, not to be kept.
pub(super) fn respond(doors: &Doors, content_type: &'static str, body: String) -> Response {
    let mut response = HttpResponse::new(Body::from(body));
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers::of_every_answer(response.headers_mut(), &doors.app.config.server.public_url);
    response
}
