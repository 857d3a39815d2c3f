//! `POST /preferences`: small choices of this device.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;

use crate::domain::code::Code;
use crate::flows::form::{self, Form};
use crate::protocol::params::{LoginParams, MalformedParams, Pairs};

use super::doors::Doors;
use super::visit::Visit;
use super::{cookies, foreign, render};

/// Forgets one institution (`forget=SUFFIX`) or all (`forget=*`), then shows the page again.
pub async fn forget(
    State(doors): State<Doors>,
    visit: Visit,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if foreign::is_foreign(&visit, &doors.app.config.server.public_url) {
        return render::refuse(&doors, &visit, Code::RequestForeign, "a form of another site");
    }
    let Ok(body) = body else {
        return render::refuse(&doors, &visit, Code::RequestTooLarge, "the body is too large or was cut");
    };
    let (lt, forget, asked) = match read(&body) {
        Ok(read) => read,
        Err(malformed) => {
            return render::refuse(&doors, &visit, Code::RequestMalformed, &malformed.to_string());
        }
    };
    let taken = match form::take(&doors.app, &visit.guest, &lt, doors.app.clock.now()).await {
        Ok(taken) => taken,
        Err(error) => return render::error(&doors, &visit, error),
    };
    let mut response = render::to_login(&doors, &asked, "");
    if taken == Form::Taken {
        let config = &doors.app.config;
        let left: Vec<String> = match forget.as_str() {
            "*" => Vec::new(),
            suffix => visit.recent.iter().filter(|own| !own.eq_ignore_ascii_case(suffix)).cloned().collect(),
        };
        let cookie = cookies::recent(&config.server.public_url, &left, config.federation.remember);
        render::set_cookie(&mut response, cookie);
    }
    response
}

fn read(body: &[u8]) -> Result<(String, String, LoginParams), MalformedParams> {
    let pairs = Pairs::parse(body)?;
    let text = |name| Ok(pairs.single(name)?.unwrap_or_default().to_owned());
    Ok((text("lt")?, text("forget")?, LoginParams::read(&pairs)?))
}
