//! `/federate/{suffix}/callback`: where an institution hands proxy-granting tickets over. It is a server and no
//! browser: no cookie counts, and none is set.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::domain::code::Code;
use crate::flows::pgt_in;

use super::doors::Doors;
use super::visit::Visit;
use super::{render, validate};

/// Takes `pgtId` and `pgtIou` and says nothing, with status 200, whatever becomes of them.
pub async fn take(
    State(doors): State<Doors>,
    suffix: Result<Path<String>, PathRejection>,
    visit: Visit,
) -> Response {
    let Ok(Path(suffix)) = suffix else {
        return render::refuse(&doors, &visit, Code::RequestMalformed, "a suffix that is not UTF-8");
    };
    let pairs = visit.query.clone().unwrap_or_default();
    match pgt_in::take_in(&doors.app, &suffix, pairs.first("pgtId"), pairs.first("pgtIou")).await {
        Ok(()) => validate::respond(&doors, validate::TEXT, String::new()),
        Err(error) => render::error(&doors, &visit, error),
    }
}
