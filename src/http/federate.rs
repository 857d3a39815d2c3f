//! `/federate`: the way to an institution, and the way back from it.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::response::Response;

use crate::domain::code::Code;
use crate::domain::provider::{Provider, StateIn};
use crate::domain::skip::Skip;
use crate::flows::federate::{Return, Start, come_back, start};
use crate::flows::{About, Refused, jump};
use crate::protocol::params::{LoginParams, MalformedParams, Pairs};

use super::doors::Doors;
use super::visit::Visit;
use super::{cookies, exit, login, render};

/// `GET /federate/{suffix}`: with `h` or `ticket` a return, without them a start.
pub async fn arrive(
    State(doors): State<Doors>,
    suffix: Result<Path<String>, PathRejection>,
    visit: Visit,
) -> Response {
    let Ok(Path(suffix)) = suffix else {
        return render::refuse(&doors, &visit, Code::RequestMalformed, "a suffix that is not UTF-8");
    };
    match Asked::read(&visit) {
        Ok(Asked::Return { h, ticket }) => {
            back(&doors, &visit, &suffix, &h, StateIn::Url, ticket.as_deref()).await
        }
        Ok(Asked::Start(asked)) => match start(&doors.app, &visit.guest, &suffix, &asked).await {
            Ok(Start::Away(leaving)) => login::away(&doors, &visit, &leaving),
            Ok(Start::GoOn) => render::to_login(&doors, &asked, ""),
            Err(error) => render::error(&doors, &visit, error),
        },
        Err(malformed) => render::refuse(&doors, &visit, Code::RequestMalformed, &malformed.to_string()),
    }
}

/// `GET /federate/{suffix}/return`: a return whose handoff travelled in a cookie, for institutions that compare
/// the whole address. Which of two tabs came back cannot be seen: the handoff is that of the newest.
pub async fn arrive_by_cookie(
    State(doors): State<Doors>,
    suffix: Result<Path<String>, PathRejection>,
    visit: Visit,
) -> Response {
    let Ok(Path(suffix)) = suffix else {
        return render::refuse(&doors, &visit, Code::RequestMalformed, "a suffix that is not UTF-8");
    };
    let h = visit.state_of(&suffix).unwrap_or_default();
    match visit.query.clone().and_then(|pairs| ticket(&pairs)) {
        Ok(ticket) => back(&doors, &visit, &suffix, h, StateIn::Cookie, ticket.as_deref()).await,
        Err(malformed) => render::refuse(&doors, &visit, Code::RequestMalformed, &malformed.to_string()),
    }
}

/// `POST /federate`: a form of an older page names the institution. Nothing happens here that a link could
/// not do, so it does not matter whose form it is.
pub async fn chosen(
    State(doors): State<Doors>,
    visit: Visit,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let Ok(body) = body else {
        return render::refuse(&doors, &visit, Code::RequestTooLarge, "the body is too large or was cut");
    };
    let asked = Pairs::parse(&body)
        .and_then(|pairs| Ok(pairs.with_defaults(visit.query.clone()?)))
        .and_then(|pairs| LoginParams::read(&pairs));
    match asked {
        Ok(asked) => lead(&doors, &visit, &asked),
        Err(malformed) => render::refuse(&doors, &visit, Code::RequestMalformed, &malformed.to_string()),
    }
}

/// To the start at the institution that a form names; without one, to the choice.
pub fn lead(doors: &Doors, visit: &Visit, asked: &LoginParams) -> Response {
    let suffix = match asked.provider.as_deref() {
        None => return render::to_login(doors, asked, "choose=1"),
        Some("local") => return render::to_login(doors, asked, "provider=local"),
        Some(suffix) => suffix,
    };
    let Some(provider) = doors.app.config.directory.find(suffix) else {
        let destination = crate::flows::login::destination(&doors.app, asked).ok().flatten();
        let about = About { destination, retry: Some(asked.clone()), ..About::default() };
        let refused = Refused::new(Code::ProviderUnknown, "no such provider").about(about);
        return render::error(doors, visit, refused.into());
    };
    let path = render::with_query(&format!("/federate/{}", provider.suffix), asked, "");
    render::see_other(doors, &doors.app.config.server.public_url.at(&path))
}

/// The ticket of a return. Servers that speak SAML may call it `SAMLart`; beside a ticket that means nothing.
fn ticket(pairs: &Pairs) -> Result<Option<String>, MalformedParams> {
    let (ticket, artifact) = (pairs.single("ticket")?, pairs.single("SAMLart")?);
    Ok(ticket.or(artifact).map(str::to_owned))
}

enum Asked {
    Start(LoginParams),
    Return { h: String, ticket: Option<String> },
}

impl Asked {
    fn read(visit: &Visit) -> Result<Self, MalformedParams> {
        let pairs = visit.query.clone()?;
        match (pairs.single("h")?, ticket(&pairs)?) {
            (None, None) => Ok(Self::Start(LoginParams::read(&pairs)?)),
            // A ticket alone is a return whose query got lost on the way: to start again would be answered
            // with the next ticket, for ever.
            (h, ticket) => Ok(Self::Return { h: h.unwrap_or_default().to_owned(), ticket }),
        }
    }
}

async fn back(
    doors: &Doors,
    visit: &Visit,
    suffix: &str,
    h: &str,
    state_in: StateIn,
    ticket: Option<&str>,
) -> Response {
    let now = doors.app.clock.now();
    match come_back(&doors.app, &visit.guest, suffix, h, state_in, ticket).await {
        Ok(Return::SignedIn { opened, provider, mut asked }) => {
            // Without a service there is nothing left to renew for.
            asked.renew &= asked.service.is_some();
            let mut response = render::to_login(doors, &asked, "");
            login::keep_sign_in(doors, visit, &mut response, &opened, asked.shared);
            if !asked.shared {
                remember(doors, visit, &provider, &mut response);
            }
            note(doors, visit, &mut response, suffix, Skip::went_well);
            if visit.guest.device.trips.is_some() {
                let cookie = cookies::no_trips(&doors.app.config.server.public_url);
                render::set_cookie(&mut response, cookie);
            }
            response
        }
        Ok(Return::GoOn { mut asked }) => {
            asked.renew &= asked.service.is_some();
            render::to_login(doors, &asked, "")
        }
        Ok(Return::Without { destination }) => exit::to_service(doors, visit, &destination, None),
        Ok(Return::Choose { provider, asked }) => {
            // A suffix needs no escapes.
            let further = format!("without={}&choose=1", provider.suffix);
            let mut response = render::to_login(doors, &asked, &further);
            note(doors, visit, &mut response, suffix, |skip| skip.failed(now));
            response
        }
        Err(error) => {
            let mut response = render::error(doors, visit, error);
            note(doors, visit, &mut response, suffix, |skip| skip.failed(now));
            response
        }
    }
}

/// Writes down how it went at the institution for which this browser skips the selection page.
fn note(doors: &Doors, visit: &Visit, response: &mut Response, suffix: &str, how: impl FnOnce(Skip) -> Skip) {
    let kept = jump::kept_skip(&doors.app, &visit.guest, doors.app.clock.now());
    if let Some((skip, left)) = kept.filter(|(skip, _)| skip.suffix.same_as(suffix)) {
        let cookie = cookies::skip(&doors.app.config.server.public_url, &how(skip), left);
        render::set_cookie(response, cookie);
    }
}

/// Puts the institution first in the list of those used on this device.
fn remember(doors: &Doors, visit: &Visit, provider: &Provider, response: &mut Response) {
    let mut list = vec![provider.suffix.as_str().to_owned()];
    list.extend(visit.recent.iter().filter(|suffix| !provider.suffix.same_as(suffix)).cloned());
    let config = &doors.app.config;
    let cookie = cookies::recent(&config.server.public_url, &list, config.federation.remember);
    render::set_cookie(response, cookie);
}
