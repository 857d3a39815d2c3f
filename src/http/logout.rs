//! `/logout`: the session ends, and the page says who was told, as far as that is known.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{HeaderValue, REFRESH};
use axum::http::{Method, StatusCode};
use axum::response::Response;

use crate::config::After;
use crate::domain::code::Code;
use crate::domain::provider::{LogOut, Provider};
use crate::domain::rules::Destination;
use crate::domain::told::Told;
use crate::flows::form::{self, Form};
use crate::flows::jump;
use crate::flows::logout::{Leaving, Shown, SignedOut, look_back, sign_out, way_back};
use crate::flows::{Error, ServiceUse};
use crate::protocol::params::{MalformedParams, Pairs, push_pair};
use crate::protocol::service::ServiceUrl;
use crate::protocol::ticket::TicketId;

use super::doors::Doors;
use super::lang::Lang;
use super::pages::{LeavePage, LeftService, LogoutPage, Pair, Sent};
use super::visit::Visit;
use super::{cookies, exit, foreign, login, render, signed_in};

/// The page asks so often for the news, every two seconds.
const MOST_LOOKS: u32 = 5;

/// `GET` and `POST /logout`. GET signs out too (CAS 3.0 §2.3), so the token of the form adds nothing and is
/// not looked at, unless other sites may not sign people out; a post of another site is refused in any case.
pub async fn leave(
    State(doors): State<Doors>,
    method: Method,
    visit: Visit,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let posted = method == Method::POST;
    if posted && foreign::is_foreign(&visit, &doors.app.config.server.public_url) {
        return render::refuse(&doors, &visit, Code::RequestForeign, "a form of another site");
    }
    let Ok(body) = body else {
        return render::refuse(&doors, &visit, Code::RequestTooLarge, "the body is too large or was cut");
    };
    let asked = match Asked::read(&visit, &body) {
        Ok(asked) => asked,
        Err(malformed) => {
            return render::refuse(&doors, &visit, Code::RequestMalformed, &malformed.to_string());
        }
    };
    let answered = match &asked.look {
        Some(look) if !posted => look_again(&doors, &visit, look).await,
        _ => answer(&doors, &visit, &asked, posted).await,
    };
    answered.unwrap_or_else(|error| render::error(&doors, &visit, error))
}

/// What `/logout` was asked for (CAS 3.0 §2.3.1, and names of our own).
struct Asked {
    service: Option<String>,
    all: bool,
    forget_provider: bool,
    look: Option<Look>,
    lt: String,
}

/// A sign-out that is looked at again.
struct Look {
    receipt: String,
    /// How often, so far.
    count: u32,
    /// The browser was at the institution meanwhile, which sent it here after its own sign-out.
    is_back: bool,
}

impl Look {
    fn read(pairs: &Pairs) -> Result<Option<Self>, MalformedParams> {
        let (receipt, back) = (pairs.single("receipt")?, pairs.single("back")?);
        let count = pairs.single("n")?.and_then(|n| n.parse().ok());
        // One parameter: institutions rebuild queries.
        let count = count.unwrap_or(if back.is_some() { 0 } else { MOST_LOOKS });
        let receipt = back.or(receipt).map(str::to_owned);
        Ok(receipt.map(|receipt| Self { receipt, count, is_back: back.is_some() }))
    }
}

impl Asked {
    fn read(visit: &Visit, body: &[u8]) -> Result<Self, MalformedParams> {
        let query = visit.query.clone()?;
        let pairs = Pairs::parse(body)?.with_defaults(query);
        let text = |name| Ok(pairs.single(name)?.map(str::to_owned));
        Ok(Self {
            service: text("service")?,
            all: pairs.flag("all")?,
            forget_provider: pairs.flag("forget_provider")?,
            look: Look::read(&pairs)?,
            lt: text("lt")?.unwrap_or_default(),
        })
    }

    /// The pairs that a form carries on.
    fn kept(&self) -> Vec<Pair> {
        let flag = |name, set: bool| set.then(|| Pair::new(name, "1"));
        let service = self.service.as_ref().map(|service| Pair::new("service", service.as_str()));
        let flags = [flag("all", self.all), flag("forget_provider", self.forget_provider)];
        service.into_iter().chain(flags.into_iter().flatten()).collect()
    }
}

async fn answer(doors: &Doors, visit: &Visit, asked: &Asked, posted: bool) -> Result<Response, Error> {
    if let Some(question) = question(doors, visit, asked, posted).await? {
        return Ok(question);
    }
    let base = &doors.app.config.server.public_url;
    let way_back = way_back(&doors.app, asked.service.as_deref());
    let to_login = doors.app.config.logout.after == After::Login;
    let shown = match (&way_back, to_login) {
        (Some(_), _) => Shown::No,
        (None, true) => Shown::Warning,
        (None, false) => Shown::Yes,
    };
    let leaving = Leaving { all: asked.all, shown };
    let ended = sign_out(&doors.app, &visit.guest, leaving).await?;
    let to_login = to_login && !ended.as_ref().is_some_and(SignedOut::warns);
    let by_institution =
        ended.as_ref().and_then(|ended| by_institution(doors, visit, ended, way_back.as_ref()));
    let mut response = match (by_institution, way_back) {
        (Some(response), _) => response,
        (None, Some(destination)) => exit::to_service(doors, visit, &destination, None),
        // The only institution would sign the person in again at once: so the page that asks.
        (None, None) if to_login => render::see_other(doors, &base.at("/login?choose=1&signed_out=1")),
        (None, None) => {
            let remembered = if asked.forget_provider { &[][..] } else { &visit.recent };
            let page = match &ended {
                Some(ended) => ended_page(doors, visit, ended, false),
                None => LogoutPage::nothing(&doors.chrome, &visit.lang()),
            };
            let receipt = ended.as_ref().and_then(|ended| ended.receipt.as_ref());
            draw(doors, visit, page, remembered, receipt.map(|receipt| (receipt, 0)))
        }
    };
    render::set_cookie(&mut response, cookies::no_session(base));
    if ended.is_some_and(|ended| ended.suffix.is_some() && ended.receipt.is_some()) {
        login::keep_mark(doors, visit, &mut response);
    }
    note_sign_out(doors, visit, &mut response, asked.forget_provider);
    if asked.forget_provider {
        for cookie in cookies::no_provider(base) {
            render::set_cookie(&mut response, cookie);
        }
    }
    Ok(response)
}

/// The way through the institution, where its entry says `always` and it answers. Our own sign-out is written, so it is no
/// loss if the browser does not come back; a service that it is to go on to would be one.
fn by_institution(
    doors: &Doors,
    visit: &Visit,
    ended: &SignedOut,
    way_back: Option<&Destination>,
) -> Option<Response> {
    let leads = |provider: &&Arc<Provider>| provider.log_out == LogOut::Always && !ended.silent;
    let provider = ended.upstream.as_ref().filter(leads)?;
    if way_back.is_some() && !doors.app.upstreams.comes_back(provider) {
        return None;
    }
    let back = match way_back {
        Some(destination) => {
            let mut query = String::new();
            push_pair(&mut query, "service", destination.url.as_str());
            doors.app.config.server.public_url.at(&format!("/logout?{query}"))
        }
        None => back(doors, ended.receipt.as_ref()),
    };
    exit::to_institution(doors, visit, provider, &back)
}

/// Where an institution sends the browser after its own sign-out.
fn back(doors: &Doors, receipt: Option<&TicketId>) -> String {
    let base = &doors.app.config.server.public_url;
    match receipt {
        Some(receipt) => base.at(&format!("/logout?back={}", receipt.expose())),
        // Nobody is signed in: it goes on from there as after any sign-out.
        None => base.at("/logout"),
    }
}

/// So that nobody who signed out is signed in again by themselves: not where the selection page is skipped, and
/// not where an institution may be asked in silence.
fn note_sign_out(doors: &Doors, visit: &Visit, response: &mut Response, forgets: bool) {
    let (config, now) = (&doors.app.config, doors.app.clock.now());
    let base = &config.server.public_url;
    if let Some((skip, left)) = jump::kept_skip(&doors.app, &visit.guest, now).filter(|_| !forgets) {
        render::set_cookie(response, cookies::skip(base, &skip.signed_out(now), left));
    }
    if config.directory.iter().any(|provider| provider.passive) {
        render::set_cookie(response, cookies::signed_out(base, now));
    }
}

/// The page that asks first, where another site may have sent the browser here and that is not enough.
async fn question(
    doors: &Doors,
    visit: &Visit,
    asked: &Asked,
    posted: bool,
) -> Result<Option<Response>, Error> {
    let is_ours = matches!(visit.fetch_site.as_deref(), Some("same-origin" | "none"));
    if !doors.app.config.logout.confirm || (is_ours && !posted) {
        return Ok(None);
    }
    let now = doors.app.clock.now();
    let Some(session) = visit.guest.session(&doors.app, now).await? else { return Ok(None) };
    if posted && form::take(&doors.app, &visit.guest, &asked.lt, now).await? == Form::Taken {
        return Ok(None);
    }
    let lang = visit.lang();
    let username = session.identity.username();
    let name = signed_in::display_name(&session).unwrap_or_else(|| username.as_str().to_owned());
    let lt = form::token(&doors.app, &visit.guest, now).expose().to_owned();
    let by_another_site = matches!(visit.fetch_site.as_deref(), Some("same-site" | "cross-site"));
    let sent = Sent { by_another_site, all: asked.all };
    let page = LeavePage::new(&doors.chrome, &lang, (&name, username.as_str()), sent, lt, asked.kept());
    let origin = way_back(&doors.app, asked.service.as_deref()).map(|destination| destination.url.origin());
    let mut response = render::page(doors, StatusCode::OK, &page, origin.as_deref());
    login::keep_mark(doors, visit, &mut response);
    Ok(Some(response))
}

/// Shows a sign-out again. Reads only. It says nothing about somebody who is signed in now: that would be a
/// page of ours that tells them otherwise, at any address that somebody sends them.
async fn look_again(doors: &Doors, visit: &Visit, look: &Look) -> Result<Response, Error> {
    if visit.guest.session(&doors.app, doors.app.clock.now()).await?.is_some() {
        return Ok(render::see_other(doors, &doors.app.config.server.public_url.at("/login")));
    }
    Ok(match look_back(&doors.app, &visit.guest, &look.receipt).await? {
        Some(ended) => {
            let page = ended_page(doors, visit, &ended, look.is_back);
            let receipt = ended.receipt.as_ref().map(|receipt| (receipt, look.count));
            draw(doors, visit, page, &visit.recent, receipt)
        }
        None => {
            let page = LogoutPage::unknown(&doors.chrome, &visit.lang());
            draw(doors, visit, page, &visit.recent, None)
        }
    })
}

/// Draws the page. While a service is being told it asks for the news, so many times.
fn draw(
    doors: &Doors,
    visit: &Visit,
    mut page: LogoutPage,
    remembered: &[String],
    receipt: Option<(&TicketId, u32)>,
) -> Response {
    let known = remembered.iter().filter_map(|suffix| doors.app.config.directory.find(suffix));
    let names: Vec<&str> = known.map(|provider| provider.name.as_str()).collect();
    if let Some(first) = names.first() {
        let lt = form::token(&doors.app, &visit.guest, doors.app.clock.now());
        page = page.remembered(&visit.lang(), first, names.len(), lt.expose().to_owned());
    }
    if let Some((receipt, looks)) = receipt.filter(|(_, looks)| page.is_waiting() && *looks < MOST_LOOKS) {
        page.refresh = format!("2; url={}", doors.chrome.href(&again(visit, receipt, looks + 1)));
    }
    let mut response = render::page(doors, StatusCode::OK, &page, None);
    if let Ok(refresh) = HeaderValue::from_str(&page.refresh)
        && !page.refresh.is_empty()
    {
        response.headers_mut().insert(REFRESH, refresh);
    }
    if !names.is_empty() {
        login::keep_mark(doors, visit, &mut response);
    }
    response
}

fn again(visit: &Visit, receipt: &TicketId, looks: u32) -> String {
    let mut query = String::new();
    let is_back = visit.query.as_ref().is_ok_and(|pairs| pairs.first("back").is_some());
    push_pair(&mut query, if is_back { "back" } else { "receipt" }, receipt.expose());
    push_pair(&mut query, "n", &looks.to_string());
    if let Some(lang) = visit.query.as_ref().ok().and_then(|pairs| pairs.first("lang")) {
        push_pair(&mut query, "lang", lang);
    }
    format!("/logout?{query}")
}

/// `is_back`: the browser was at the institution meanwhile.
fn ended_page(doors: &Doors, visit: &Visit, ended: &SignedOut, is_back: bool) -> LogoutPage {
    let lang = visit.lang();
    let services = ended.services.iter().map(|(used, told)| left(doors, &lang, used, *told)).collect();
    let mut page = LogoutPage::ended(&doors.chrome, &lang, services);
    if ended.all {
        page = page.all(&lang, ended.sessions);
    }
    match (&ended.upstream, &ended.suffix) {
        (Some(provider), _) => {
            let back = back(doors, ended.receipt.as_ref());
            let href = match provider.log_out {
                LogOut::None => None,
                LogOut::Ask | LogOut::Always => doors.app.upstreams.sign_out(provider, Some(&back)),
            };
            page.upstream(&lang, &provider.name, href.unwrap_or_default(), is_back)
        }
        // Taken out of the files: where its sign-out is, nobody here knows.
        (None, Some(suffix)) => page.upstream(&lang, suffix, String::new(), is_back),
        (None, None) => page,
    }
}

fn left(doors: &Doors, lang: &Lang, used: &ServiceUse, told: Told) -> LeftService {
    let url = ServiceUrl::parse(&used.service).ok();
    let rule = doors.app.config.rules.named(&used.rule);
    let logo = doors.logo(rule.and_then(|rule| rule.logo.as_ref()));
    let front_page = |url| rule.map(|rule| rule.addresses.front_page(url));
    let href = url.as_ref().and_then(front_page).unwrap_or_default();
    LeftService::new(lang, &used.rule, url.as_ref().map_or("", ServiceUrl::host), logo, told, href)
}
