//! `/logout`: the session ends, and the page says who will be told.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{Method, StatusCode};
use axum::response::Response;

use crate::domain::code::Code;
use crate::flows::ServiceUse;
use crate::flows::logout::{SignedOut, sign_out, way_back};
use crate::protocol::params::{MalformedParams, Pairs};
use crate::protocol::service::ServiceUrl;

use super::doors::Doors;
use super::lang::Lang;
use super::pages::{LeftService, LogoutPage, Told};
use super::visit::Visit;
use super::{cookies, exit, foreign, render};

/// `GET` and `POST /logout`. GET signs out too (CAS 3.0 §2.3), so the token of the form adds nothing and
/// is not looked at; a post of another site is refused all the same.
pub async fn leave(
    State(doors): State<Doors>,
    method: Method,
    visit: Visit,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if method == Method::POST && foreign::is_foreign(&visit, &doors.app.config.server.public_url) {
        return render::refuse(&doors, &visit, Code::RequestForeign, "a form of another site");
    }
    let service = match service(&visit, &body.unwrap_or_default()) {
        Ok(service) => service,
        Err(malformed) => {
            return render::refuse(&doors, &visit, Code::RequestMalformed, &malformed.to_string());
        }
    };
    match sign_out(&doors.app, &visit.guest).await {
        Ok(ended) => {
            let base = &doors.app.config.server.public_url;
            let mut response = match way_back(&doors.app, service.as_deref()) {
                Some(destination) => exit::to_service(&doors, &visit, &destination, None),
                None => render::page(&doors, StatusCode::OK, &page(&doors, &visit, ended), None),
            };
            render::set_cookie(&mut response, cookies::no_session(base));
            response
        }
        Err(error) => render::error(&doors, &visit, error),
    }
}

fn service(visit: &Visit, body: &[u8]) -> Result<Option<String>, MalformedParams> {
    let query = visit.query.clone()?;
    let pairs = Pairs::parse(body)?.with_defaults(query);
    Ok(pairs.single("service")?.map(str::to_owned))
}

fn page(doors: &Doors, visit: &Visit, ended: Option<SignedOut>) -> LogoutPage {
    let lang = visit.lang();
    let Some(ended) = ended else { return LogoutPage::nothing(&doors.chrome, &lang) };
    let services = ended.services.iter().map(|used| left(doors, &lang, used)).collect();
    let page = LogoutPage::ended(&doors.chrome, &lang, services);
    match ended.upstream {
        Some((provider, url)) => page.upstream(&lang, &provider.name, url),
        None => page,
    }
}

fn left(doors: &Doors, lang: &Lang, used: &ServiceUse) -> LeftService {
    let url = ServiceUrl::parse(&used.service).ok();
    let logo = doors.logo(doors.app.config.rules.named(&used.rule).and_then(|rule| rule.logo.as_ref()));
    let told = match (used.single_log_out, &url) {
        (true, _) => Told::BeingTold,
        (false, url) => Told::SignOutYourself {
            href: url.as_ref().map(|url| format!("{}/", url.origin())).unwrap_or_default(),
        },
    };
    LeftService::new(lang, &used.rule, url.as_ref().map_or("", ServiceUrl::host), logo, told)
}
