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
        Ok(kept) => {
            let mut response = render::to_login(&doors, &posted.asked, "");
            kept.into_iter().for_each(|cookie| render::set_cookie(&mut response, cookie));
            response
        }
        Err(error) => render::error(&doors, &visit, error),
    }
}

/// What a form of ours chooses.
enum Choice {
    /// `forget=`: one institution by its suffix, or all by `*`, is not remembered on this device any more.
    Forget(String),
    /// `auto=`: the selection page is skipped for this institution from now on.
    Skip(String),
    /// `ask`: it is shown again.
    Ask,
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
        let (forget, auto, end) = (text("forget")?, text("auto")?, text("end")?);
        let (asks, saves) = (pairs.flag("ask")?, pairs.flag("save")?);
        let choice = match (forget, auto, end) {
            (Some(suffix), _, _) => Choice::Forget(suffix),
            (None, Some(suffix), _) => Choice::Skip(suffix),
            (None, None, Some(id)) => Choice::End(id),
            (None, None, None) if asks => Choice::Ask,
            // The box belongs to the choice, not to the request that goes on.
            (None, None, None) if saves => Choice::Save { warn: std::mem::take(&mut asked.warn) },
            (None, None, None) => Choice::Nothing,
        };
        Ok(Self { lt: text("lt")?.unwrap_or_default(), choice, asked })
    }
}

/// Out: the cookies that keep the choice. Nothing happens without the token of the form.
async fn carry_out(doors: &Doors, visit: &Visit, posted: &Posted) -> Result<Vec<HeaderValue>, Error> {
    let app = &doors.app;
    let now = app.clock.now();
    if form::take(app, &visit.guest, &posted.lt, now).await? != Form::Taken {
        return Ok(Vec::new());
    }
    let base = &app.config.server.public_url;
    Ok(match &posted.choice {
        Choice::Forget(suffix) => forget(doors, visit, suffix),
        Choice::Skip(suffix) => {
            let chosen = preferences::skip_page(app, &visit.guest, &posted.asked, suffix, now);
            chosen.map(|(skip, life)| cookies::skip(base, &skip, life)).into_iter().collect()
        }
        Choice::Ask => vec![cookies::no_skip(base)],
        Choice::End(id) => {
            preferences::end_device(app, &visit.guest, id).await?;
            Vec::new()
        }
        Choice::Save { warn } => {
            preferences::set_warn(app, &visit.guest, *warn).await?;
            vec![cookies::warn(base, *warn)]
        }
        Choice::Nothing => Vec::new(),
    })
}

/// What is forgotten is not gone to by itself either.
fn forget(doors: &Doors, visit: &Visit, suffix: &str) -> Vec<HeaderValue> {
    let config = &doors.app.config;
    let base = &config.server.public_url;
    let is_meant = |own: &str| suffix == "*" || own.eq_ignore_ascii_case(suffix);
    let left: Vec<String> = visit.recent.iter().filter(|own| !is_meant(own)).cloned().collect();
    let mut kept = vec![cookies::recent(base, &left, config.federation.remember)];
    if visit.guest.device.skip.as_ref().is_some_and(|skip| is_meant(skip.suffix.as_str())) {
        kept.push(cookies::no_skip(base));
    }
    kept
}
