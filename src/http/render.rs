//! Outcomes to bytes: pages, redirects, and what an error looks like to a person.

use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use axum::http::{Response as HttpResponse, StatusCode};
use axum::response::Response;

use crate::domain::code::Code;
use crate::domain::rules::Destination;
use crate::flows::{About, Error, Fault, Refused, no_way};
use crate::protocol::params::LoginParams;
use crate::protocol::service::ServiceUrl;

use super::doors::Doors;
use super::headers;
use super::lang::Lang;
use super::pages::{Chrome, ErrorPage, Moment, Stub, error_text::Facts};
use super::visit::Visit;

/// A page. `form_action`: see [`headers::of_page`].
pub fn page(doors: &Doors, status: StatusCode, page: &impl Template, form_action: Option<&str>) -> Response {
    let base = &doors.app.config.server.public_url;
    let (status, html) = match page.render() {
        Ok(html) => (status, html),
        Err(error) => {
            tracing::error!(%error, "a page could not be drawn");
            (StatusCode::INTERNAL_SERVER_ERROR, "This page could not be drawn.".to_owned())
        }
    };
    let mut response = HttpResponse::new(Body::from(html));
    *response.status_mut() = status;
    headers::of_page(response.headers_mut(), base, form_action);
    response
}

/// A redirect that is followed by GET.
pub fn see_other(doors: &Doors, url: &str) -> Response {
    let mut response = HttpResponse::new(Body::empty());
    match HeaderValue::from_str(url) {
        Ok(location) => {
            *response.status_mut() = StatusCode::SEE_OTHER;
            response.headers_mut().insert(LOCATION, location);
        }
        Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
    }
    headers::of_every_answer(response.headers_mut(), &doors.app.config.server.public_url);
    response
}

/// A redirect to `/login` with these parameters.
pub fn to_login(doors: &Doors, asked: &LoginParams, further: &str) -> Response {
    see_other(doors, &doors.app.config.server.public_url.at(&with_query("/login", asked, further)))
}

/// A path of ours with the parameters of a request, and more of our own (`choose=1`, or nothing).
pub fn with_query(path: &str, asked: &LoginParams, further: &str) -> String {
    let query = asked.to_query();
    match (query.is_empty(), further.is_empty()) {
        (true, true) => path.to_owned(),
        (true, false) => format!("{path}?{further}"),
        (false, true) => format!("{path}?{query}"),
        (false, false) => format!("{path}?{query}&{further}"),
    }
}

/// Adds a cookie to an answer.
pub fn set_cookie(response: &mut Response, cookie: HeaderValue) {
    response.headers_mut().append(SET_COOKIE, cookie);
}

/// The stub of a page: where the person is going, in the words of the configuration.
pub fn stub(doors: &Doors, lang: &Lang, destination: Option<&Destination>) -> Option<Stub> {
    let destination = destination?;
    let rule = &destination.rule;
    let stub = Stub::new(lang, &rule.name, destination.url.host(), doors.logo(rule.logo.as_ref()));
    Some(stub.saying(rule.description.as_deref(), rule.notice.as_deref()))
}

/// The page that an error ends on. One failure, one line in the log, found again by its reference.
pub fn error(doors: &Doors, visit: &Visit, error: Error) -> Response {
    let reference = doors.app.mint.reference();
    let refused = match error {
        Error::Refusal(refused) => {
            log_refusal(&refused, &reference, &visit.guest.ip);
            refused
        }
        Error::Fault(fault) => {
            log_fault(&fault, &reference);
            Refused::new(fault.code(), "")
        }
    };
    refusal_page(doors, visit, &refused, &reference)
}

/// A refusal that a handler finds itself.
pub fn refuse(doors: &Doors, visit: &Visit, code: Code, reason: &str) -> Response {
    error(doors, visit, Refused::new(code, reason).into())
}

fn log_refusal(refused: &Refused, reference: &str, ip: &str) {
    let (code, reason) = (refused.code.as_str(), refused.reason.as_str());
    let provider = refused.about.provider.as_ref().map_or("", |provider| provider.suffix.as_str());
    let service = refused.about.destination.as_ref().map_or("", |d| d.rule.name.as_str());
    if refused.code.status() >= 500 {
        tracing::warn!(
            event = "refused",
            r#ref = reference,
            code,
            provider,
            service,
            ip,
            reason,
            "sign-in stopped"
        );
    } else {
        tracing::info!(event = "refused", r#ref = reference, code, provider, service, ip, reason, "refused");
    }
}

fn log_fault(fault: &Fault, reference: &str) {
    tracing::error!(
        event = "fault",
        r#ref = reference,
        code = fault.code().as_str(),
        error = fault.to_string(),
        "something failed"
    );
}

fn refusal_page(doors: &Doors, visit: &Visit, refused: &Refused, reference: &str) -> Response {
    let lang = visit.lang();
    let About { destination, account, attribute, provider, no_way, .. } = refused.about.as_ref();
    let is_way = !no_way && no_way::is_way(&doors.app, destination.as_ref());
    let facts = Facts {
        service: destination.as_ref().map_or("", |d| d.rule.name.as_str()),
        institution: account.as_deref().unwrap_or_default(),
        institution_help: provider.as_ref().and_then(|own| own.help.as_deref()).unwrap_or_default(),
        attribute: attribute.as_deref().unwrap_or_default(),
        no_way: *no_way,
        no_other: !is_way,
        ..Facts::default()
    };
    let now = doors.app.clock.now().seconds();
    let mut page = ErrorPage::new(
        &doors.chrome,
        &lang,
        stub(doors, &lang, destination.as_ref()),
        refused.code.as_str(),
        &facts,
        reference,
        Moment::new(&lang, now, now),
    );
    if let Some(host) = refused.about.address.as_deref().and_then(host) {
        page = page.address(&host);
    }
    if let Some(provider) = provider {
        page = page.provider(&lang, &format!("{}, CAS {}", provider.suffix, provider.protocol.as_str()));
    }
    if let (Code::ServiceFilter, Some(attribute)) = (refused.code, attribute) {
        page = page.attribute(&lang, attribute);
    }
    if let Some(destination) = destination.as_ref().filter(|_| refused.code.as_str().starts_with("service."))
    {
        page = page.contacts(&lang, &destination.rule.name, &destination.rule.contacts);
    }
    let page = actions(page, &doors.chrome, &lang, refused, is_way);
    let status = StatusCode::from_u16(refused.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = self::page(doors, status, &page, None);
    if let Ok(reference) = HeaderValue::from_str(reference) {
        response.headers_mut().insert(HeaderName::from_static("cas-reference"), reference);
    }
    response
}

/// The host of an address that could be read; of one that could not, nothing is shown.
fn host(address: &str) -> Option<String> {
    ServiceUrl::parse(address).ok().map(|url| url.host().to_owned())
}

/// What the person can do: never an automatic way back, and no choice where there is none.
fn actions(page: ErrorPage, chrome: &Chrome, lang: &Lang, refused: &Refused, is_way: bool) -> ErrorPage {
    let asked = refused.about.retry.clone().unwrap_or_default();
    let choose = || chrome.href(&with_query("/login", &asked, "choose=1"));
    let again = || chrome.href(&with_query("/login", &asked, ""));
    // Back to the form, not to the institutions.
    let form = || match refused.about.retry_at {
        Some(path) => chrome.href(&with_query(path, &asked, "")),
        None => chrome.href(&with_query("/login", &asked, "provider=local")),
    };
    let provider = refused.about.provider.as_ref();
    match (refused.code, provider) {
        (Code::UpstreamStateLost, _) => page.start(lang, again()),
        _ if refused.about.no_way => page.retry(lang, again()),
        (Code::ServiceProviderNotAllowed, _) if !is_way => access(page, lang, refused).home(lang, chrome),
        (Code::ProviderDisabled, _) if !is_way => page.retry(lang, again()),
        (Code::ServiceProviderNotAllowed, _) => access(page.choose_another(lang, choose()), lang, refused),
        // Whatever leads there by itself would go on with the circle.
        (Code::UpstreamLoop, _) => page.choose(lang, choose()),
        (Code::ProviderDisabled, _) => page.choose_another(lang, choose()),
        (Code::ProviderUnknown, _) => page.choose(lang, choose()),
        (code, Some(provider)) if code.as_str().starts_with("upstream.") => {
            let path = format!("/federate/{}", provider.suffix);
            page.retry(lang, chrome.href(&with_query(&path, &asked, ""))).choose_another(lang, choose())
        }
        (Code::LoginBackendDown, _) => page.retry(lang, form()),
        (code, _) if code.as_str().starts_with("service.") => access(page, lang, refused).home(lang, chrome),
        _ => page.home(lang, chrome),
    }
}

/// The link that a service has for people it does not let in.
fn access(page: ErrorPage, lang: &Lang, refused: &Refused) -> ErrorPage {
    let rule = refused.about.destination.as_ref().map(|destination| destination.rule.as_ref());
    match rule.and_then(|rule| rule.denied_url.clone().map(|url| (rule, url))) {
        Some((rule, url)) => page.access(lang, &rule.name, url),
        None => page,
    }
}

/// An address that does not exist.
pub async fn not_found(State(doors): State<Doors>, visit: Visit) -> Response {
    quiet(&doors, &visit, Code::NotFound)
}

/// A method that an address does not know.
pub async fn method_not_allowed(State(doors): State<Doors>, visit: Visit) -> Response {
    quiet(&doors, &visit, Code::RequestMethod)
}

/// A page for requests that scanners make all day: no line in the log.
fn quiet(doors: &Doors, visit: &Visit, code: Code) -> Response {
    let reference = doors.app.mint.reference();
    tracing::debug!(r#ref = reference, code = code.as_str(), "refused");
    refusal_page(doors, visit, &Refused::new(code, ""), &reference)
}
