//! The validation addresses: one flow, one codec each. They answer GET and form posts, set no cookie, and
//! always with status 200 (clients stop at others).

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::http::{Response as HttpResponse, StatusCode, Uri};
use axum::response::Response;

use crate::flows::validate::{Address, NotValidated, validate};
use crate::protocol::params::{Pairs, ValidateParams};
use crate::protocol::refusal::{ErrorCode, Refusal};
use crate::protocol::response::Validated;
use crate::protocol::{text, xml};

use super::doors::Doors;
use super::headers;

const TEXT: &str = "text/plain; charset=utf-8";
pub(super) const XML: &str = "text/xml; charset=utf-8";

/// `/validate` (CAS 3.0 §2.4): a name and nothing else.
pub async fn text(State(doors): State<Doors>, uri: Uri, body: Result<Bytes, BytesRejection>) -> Response {
    let address = Address { proxies_too: false, always_attributes: false, knows_pgt_url: false };
    let answer = ask(&doors, &uri, body, address).await;
    let user = answer.ok().and_then(|validated| text::success(&validated.user).ok());
    respond(&doors, TEXT, user.unwrap_or_else(|| text::FAILURE.to_owned()))
}

/// `/serviceValidate` (§2.5).
pub async fn service(state: State<Doors>, uri: Uri, body: Result<Bytes, BytesRejection>) -> Response {
    as_xml(state, uri, body, Address { proxies_too: false, always_attributes: false, knows_pgt_url: true })
        .await
}

/// `/proxyValidate` (§2.6).
pub async fn proxy(state: State<Doors>, uri: Uri, body: Result<Bytes, BytesRejection>) -> Response {
    as_xml(state, uri, body, Address { proxies_too: true, always_attributes: false, knows_pgt_url: true })
        .await
}

/// `/p3/serviceValidate` (§2.8).
pub async fn p3_service(state: State<Doors>, uri: Uri, body: Result<Bytes, BytesRejection>) -> Response {
    as_xml(state, uri, body, Address { proxies_too: false, always_attributes: true, knows_pgt_url: true })
        .await
}

/// `/p3/proxyValidate` (§2.9).
pub async fn p3_proxy(state: State<Doors>, uri: Uri, body: Result<Bytes, BytesRejection>) -> Response {
    as_xml(state, uri, body, Address { proxies_too: true, always_attributes: true, knows_pgt_url: true })
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

async fn as_xml(
    State(doors): State<Doors>,
    uri: Uri,
    body: Result<Bytes, BytesRejection>,
    address: Address,
) -> Response {
    let document = match ask(&doors, &uri, body, address).await {
        Ok(validated) => xml::success(&validated),
        Err(refusal) => xml::failure(&refusal),
    };
    respond(&doors, XML, document)
}

async fn ask(
    doors: &Doors,
    uri: &Uri,
    body: Result<Bytes, BytesRejection>,
    address: Address,
) -> Result<Validated, Refusal> {
    let invalid = |detail: String| Refusal::new(ErrorCode::InvalidRequest, detail);
    let body = body.map_err(|_| invalid("the body is too large or was cut".to_owned()))?;
    let query = uri.query().unwrap_or_default();
    let pairs = Pairs::parse(&body)
        .and_then(|pairs| Ok(pairs.with_all(Pairs::parse(query.as_bytes())?)))
        .map_err(|error| invalid(error.to_string()))?;
    let asked = ValidateParams::read(&pairs)
        .map_err(|error| invalid(error.to_string()))?
        .ok_or_else(|| invalid("service and ticket are required".to_owned()))?;
    validate(&doors.app, &asked, address).await.map_err(|error| match error {
        NotValidated::Refusal(refusal) => refusal,
        NotValidated::Fault(fault) => {
            let reference = doors.app.mint.reference();
            tracing::error!(
                event = "fault",
                r#ref = reference,
                error = fault.to_string(),
                "a ticket could not be validated"
            );
            let detail = format!("something failed on our side, reference {reference}");
            Refusal::new(ErrorCode::InternalError, detail)
        }
    })
}

pub(super) fn respond(doors: &Doors, content_type: &'static str, body: String) -> Response {
    let mut response = HttpResponse::new(Body::from(body));
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers::of_every_answer(response.headers_mut(), &doors.app.config.server.public_url);
    response
}
