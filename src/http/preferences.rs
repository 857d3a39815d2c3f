//! `POST /preferences`: small choices of this device and of the person at it.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderValue;
use axum::response::Response;

use crate::domain::code::Code;
use crate::flows::form::{self, Form};
use crate::flows::{Error, preferences};
use crate::protocol::params::{LoginParams, MalformedParams, Pairs};

use super::doors::Doors;
use super::visit::Visit;
use super::{cookies, foreign, render};

/// Takes one choice, then shows the page again.
pub async fn choose(
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
    let posted = match Posted::read(&body) {
        Ok(posted) => posted,
        Err(malformed) => {
            return render::refuse(&doors, &visit, Code::RequestMalformed, &malformed.to_string());
        }
    };
    match carry_out(&doors, &visit, &posted).await {
        Ok(cookie) => {
            let mut response = render::to_login(&doors, &posted.asked, "");
            cookie.into_iter().for_each(|cookie| render::set_cookie(&mut response, cookie));
            response
        }
        Err(error) => render::error(&doors, &visit, error),
    }
}

/// What a form of ours chooses.
enum Choice {
    /// `forget=`: one institution by its suffix, or all by `*`, is not remembered on this device any more.
    Forget(String),
    /// `end=`: another session of the person, by its number.
    End(String),
    /// `save`: the boxes of the signed-in page.
    Save { warn: bool },
    /// Nothing that we know.
    Nothing,
}

struct Posted {
    lt: String,
    choice: Choice,
    asked: LoginParams,
}

impl Posted {
    fn read(body: &[u8]) -> Result<Self, MalformedParams> {
        let pairs = Pairs::parse(body)?;
        let text = |name| Ok(pairs.single(name)?.map(str::to_owned));
        let mut asked = LoginParams::read(&pairs)?;
        let choice = match (text("forget")?, text("end")?, pairs.flag("save")?) {
            (Some(suffix), _, _) => Choice::Forget(suffix),
            (None, Some(id), _) => Choice::End(id),
            // The box belongs to the choice, not to the request that goes on.
            (None, None, true) => Choice::Save { warn: std::mem::take(&mut asked.warn) },
            (None, None, false) => Choice::Nothing,
        };
        Ok(Self { lt: text("lt")?.unwrap_or_default(), choice, asked })
    }
}

/// Out: the cookie that keeps the choice, if one does. Nothing happens without the token of the form.
async fn carry_out(doors: &Doors, visit: &Visit, posted: &Posted) -> Result<Option<HeaderValue>, Error> {
    let app = &doors.app;
    if form::take(app, &visit.guest, &posted.lt, app.clock.now()).await? != Form::Taken {
        return Ok(None);
    }
    let base = &app.config.server.public_url;
    match &posted.choice {
        Choice::Forget(suffix) => {
            let left: Vec<String> = match suffix.as_str() {
                "*" => Vec::new(),
                suffix => {
                    visit.recent.iter().filter(|own| !own.eq_ignore_ascii_case(suffix)).cloned().collect()
                }
            };
            Ok(Some(cookies::recent(base, &left, app.config.federation.remember)))
        }
        Choice::End(id) => {
            preferences::end_device(app, &visit.guest, id).await?;
            Ok(None)
        }
        Choice::Save { warn } => {
            preferences::set_warn(app, &visit.guest, *warn).await?;
            Ok(Some(cookies::warn(base, *warn)))
        }
        Choice::Nothing => Ok(None),
    }
}
