//! `/federate/{suffix}`: the way to an institution, and the way back from it.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::domain::code::Code;
use crate::domain::provider::Provider;
use crate::flows::federate::{Return, Start, come_back, start};
use crate::protocol::params::{LoginParams, MalformedParams};

use super::doors::Doors;
use super::visit::Visit;
use super::{cookies, login, render};

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
        Ok(Asked::Return { h, ticket }) => back(&doors, &visit, &suffix, &h, ticket.as_deref()).await,
        Ok(Asked::Start(asked)) => match start(&doors.app, &visit.guest, &suffix, &asked).await {
            Ok(Start::Away(leaving)) => login::away(&doors, &visit, &leaving),
            Ok(Start::GoOn) => render::to_login(&doors, &asked, ""),
            Err(error) => render::error(&doors, &visit, error),
        },
        Err(malformed) => render::refuse(&doors, &visit, Code::RequestMalformed, &malformed.to_string()),
    }
}

enum Asked {
    Start(LoginParams),
    Return { h: String, ticket: Option<String> },
}

impl Asked {
    fn read(visit: &Visit) -> Result<Self, MalformedParams> {
        let pairs = visit.query.clone()?;
        match (pairs.single("h")?, pairs.single("ticket")?) {
            (None, None) => Ok(Self::Start(LoginParams::read(&pairs)?)),
            // A ticket alone is a return whose query got lost on the way: to start again would be answered
            // with the next ticket, for ever.
            (h, ticket) => {
                Ok(Self::Return { h: h.unwrap_or_default().to_owned(), ticket: ticket.map(str::to_owned) })
            }
        }
    }
}

async fn back(doors: &Doors, visit: &Visit, suffix: &str, h: &str, ticket: Option<&str>) -> Response {
    match come_back(&doors.app, &visit.guest, suffix, h, ticket).await {
        Ok(Return::SignedIn { opened, provider, mut asked }) => {
            // Without a service there is nothing left to renew for.
            asked.renew &= asked.service.is_some();
            let mut response = render::to_login(doors, &asked, "");
            login::keep_sign_in(doors, visit, &mut response, &opened, asked.shared);
            if !asked.shared {
                remember(doors, visit, &provider, &mut response);
            }
            response
        }
        Ok(Return::GoOn { mut asked }) => {
            asked.renew &= asked.service.is_some();
            render::to_login(doors, &asked, "")
        }
        Ok(Return::Choose { asked }) => render::to_login(doors, &asked, "choose=1"),
        Err(error) => render::error(doors, visit, error),
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
