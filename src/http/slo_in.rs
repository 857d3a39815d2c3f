//! `POST /federate/{suffix}`: an institution says that sessions ended there. It is a server and no browser, so
//! no cookie, no mark and no form of ours counts here, and none is set.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::response::Response;

use crate::domain::code::Code;
use crate::flows::slo_in;
use crate::protocol::params::Pairs;

use super::doors::Doors;
use super::visit::Visit;
use super::{render, validate};

/// Takes the field `logoutRequest` of a form, whatever the address has for a query: servers post to the very
/// address that they gave a ticket for. Says `ok` to everything, so that nobody learns which tickets exist.
pub async fn hear(
    State(doors): State<Doors>,
    suffix: Result<Path<String>, PathRejection>,
    visit: Visit,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(Path(suffix)) = suffix else {
        return render::refuse(&doors, &visit, Code::RequestMalformed, "a suffix that is not UTF-8");
    };
    // What cannot be read names no ticket: the flow says so in the log.
    let pairs = body.ok().and_then(|body| Pairs::parse(&body).ok()).unwrap_or_default();
    match slo_in::hear(&doors.app, &suffix, pairs.first("logoutRequest").unwrap_or_default()).await {
        Ok(()) => validate::respond(&doors, validate::TEXT, "ok".to_owned()),
        Err(error) => render::error(&doors, &visit, error),
    }
}
