//! `/login`: the page of whoever arrives, and the form of the local accounts.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::http::header::{HeaderValue, LOCATION};
use axum::response::Response;
use secrecy::{ExposeSecret, SecretString};

use crate::domain::code::Code;
use crate::domain::login::Why;
use crate::domain::provider::StateIn;
use crate::domain::release::Released;
use crate::domain::rules::Destination;
use crate::domain::service_rule::Warn;
use crate::domain::session::SsoSession;
use crate::flows::Error;
use crate::flows::federate::Leaving;
use crate::flows::form::{self, Form};
use crate::flows::login::{Choice, Outcome, arrive, renews};
use crate::flows::open::Opened;
use crate::flows::password::{Attempt, Typed, sign_in};
use crate::flows::preferences;
use crate::protocol::params::{LoginParams, MalformedParams, Pairs, is_set};

use super::doors::Doors;
use super::pages::{ExitPage, LoginForm, LoginPage, OperatorPage, Pair, WarnPage};
use super::visit::Visit;
use super::{cookies, exit, federate, foreign, new_password, render, select, signed_in};

/// `GET /`: the same request at `/login`, its query byte for byte.
pub async fn root(State(doors): State<Doors>, visit: Visit) -> Response {
    let base = &doors.app.config.server.public_url;
    let query = if visit.raw_query.is_empty() { String::new() } else { format!("?{}", visit.raw_query) };
    render::see_other(&doors, &base.at(&format!("/login{query}")))
}

/// `GET /login`.
pub async fn show(State(doors): State<Doors>, visit: Visit) -> Response {
    match visit.query.clone().and_then(|pairs| LoginParams::read(&pairs)) {
        Ok(asked) => lead(&doors, &visit, &asked).await,
        Err(malformed) => render::refuse(&doors, &visit, Code::RequestMalformed, &malformed.to_string()),
    }
}

/// `POST /login`: a password, or the answer to the page that asks before a service; from older pages the
/// name of an institution.
pub async fn post(State(doors): State<Doors>, visit: Visit, body: Result<Bytes, BytesRejection>) -> Response {
    let posted = body.as_ref().ok().map(|body| Posted::read(body, &visit));
    // A link could do as much, so it does not matter whose form it is.
    if let Some(Ok(posted)) = &posted
        && posted.only_chooses()
    {
        return federate::lead(&doors, &visit, &posted.asked);
    }
    if foreign::is_foreign(&visit, &doors.app.config.server.public_url) {
        return render::refuse(&doors, &visit, Code::RequestForeign, "a form of another site");
    }
    let posted = match posted {
        Some(Ok(posted)) => posted,
        Some(Err(malformed)) => {
            return render::refuse(&doors, &visit, Code::RequestMalformed, &malformed.to_string());
        }
        None => {
            let reason = "the body is too large or was cut";
            return render::refuse(&doors, &visit, Code::RequestTooLarge, reason);
        }
    };
    let answered = match posted.goes_on {
        true => confirm(&doors, &visit, &posted).await,
        false => password(&doors, &visit, &posted).await,
    };
    answered.unwrap_or_else(|error| render::error(&doors, &visit, error))
}

/// Gives the browser its new session cookie, and notes whether its person wants to be asked before services.
/// On a shared computer nothing is noted; a wish that is gone is forgotten in any case.
pub fn keep_sign_in(doors: &Doors, visit: &Visit, response: &mut Response, opened: &Opened, shared: bool) {
    let base = &doors.app.config.server.public_url;
    render::set_cookie(response, cookies::session(base, &opened.cookie, opened.keeps));
    let is_news = if opened.warn { !shared } else { visit.guest.warn };
    if is_news {
        render::set_cookie(response, cookies::warn(base, opened.warn));
    }
}

/// What a form of `/login` holds. Credentials count in the body only; the parameters of the request may
/// also stand in the query of the address that was posted to.
struct Posted {
    asked: LoginParams,
    typed: Typed,
    goes_on: bool,
    never_again: bool,
}

impl Posted {
    fn read(body: &[u8], visit: &Visit) -> Result<Self, MalformedParams> {
        let body = Pairs::parse(body)?;
        let text = |name| Ok(body.single(name)?.unwrap_or_default().to_owned());
        let typed = Typed {
            lt: text("lt")?,
            username: text("username")?,
            password: SecretString::from(text("password")?),
        };
        let (goes_on, never_again) = (body.flag("go")?, body.flag("skip")?);
        let asked = LoginParams::read(&body.with_defaults(visit.query.clone()?))?;
        Ok(Self { asked, typed, goes_on, never_again })
    }

    /// Names an institution, and is no form of ours: those have a token.
    fn only_chooses(&self) -> bool {
        let Typed { lt, username, password } = &self.typed;
        let is_bare = lt.is_empty() && username.is_empty() && password.expose_secret().is_empty();
        is_bare && self.asked.provider.as_deref().is_some_and(|provider| provider != "local")
    }
}

/// The page that asks before a service was answered with "continue". Whatever else than the service that
/// leads to is for a request of its own.
async fn confirm(doors: &Doors, visit: &Visit, posted: &Posted) -> Result<Response, Error> {
    let now = doors.app.clock.now();
    let taken = form::take(&doors.app, &visit.guest, &posted.typed.lt, now).await?;
    if taken == Form::Taken
        && let Outcome::Exit { destination, ticket, delivery } =
            arrive(&doors.app, &visit.guest, &posted.asked, true).await?
    {
        if posted.never_again {
            preferences::do_not_ask(&doors.app, &visit.guest, &destination).await?;
        }
        return Ok(exit::deliver(doors, visit, &destination, ticket.as_ref(), delivery));
    }
    Ok(render::to_login(doors, &posted.asked, ""))
}

async fn password(doors: &Doors, visit: &Visit, posted: &Posted) -> Result<Response, Error> {
    let attempt = sign_in(&doors.app, &visit.guest, &posted.asked, &posted.typed).await?;
    if let Attempt::SignedIn(opened) = &attempt {
        let mut asked = posted.asked.clone();
        // Without a service there is nothing left to renew for.
        asked.renew &= asked.service.is_some();
        let mut response = render::to_login(doors, &asked, "");
        keep_sign_in(doors, visit, &mut response, opened, posted.asked.shared);
        return Ok(response);
    }
    if let Attempt::MustChange(found) = &attempt {
        return Ok(new_password::must(doors, visit, &posted.asked, &posted.typed.username, found));
    }
    let destination = crate::flows::login::destination(&doors.app, &posted.asked)?;
    let lang = visit.lang();
    // The boxes are as they were sent.
    let kept = Kept {
        username: &posted.typed.username,
        warn: posted.asked.warn,
        remember: posted.asked.remember_me,
    };
    let mut page = form_page(doors, visit, &posted.asked, destination.as_ref(), &kept);
    if renews(&posted.asked, destination.as_ref()) && is_local(doors, visit).await? {
        page = page.renewal(&lang);
    }
    let (status, page) = match attempt {
        Attempt::Missing { username, password } => {
            (StatusCode::OK, page.missing(&doors.chrome, &lang, username, password))
        }
        Attempt::Expired => (StatusCode::OK, page.expired(&lang)),
        Attempt::NoCookies => (StatusCode::OK, page.no_cookies(&lang)),
        Attempt::Wrong | Attempt::MustChange(_) | Attempt::SignedIn(_) => {
            (StatusCode::UNAUTHORIZED, page.wrong(&doors.chrome, &lang))
        }
    };
    Ok(with_form(doors, visit, status, &page, destination.as_ref()))
}

/// Whether somebody is signed in whose password is asked for here.
async fn is_local(doors: &Doors, visit: &Visit) -> Result<bool, Error> {
    let session = visit.guest.session(&doors.app, doors.app.clock.now()).await?;
    Ok(session.is_some_and(|session| session.identity.source.provider().is_none()))
}

/// Asks the flow where `/login` leads, and goes there.
async fn lead(doors: &Doors, visit: &Visit, asked: &LoginParams) -> Response {
    match arrive(&doors.app, &visit.guest, asked, false).await {
        Ok(outcome) => answer(doors, visit, asked, outcome),
        Err(error) => render::error(doors, visit, error),
    }
}

fn answer(doors: &Doors, visit: &Visit, asked: &LoginParams, outcome: Outcome) -> Response {
    match outcome {
        Outcome::Exit { destination, ticket, delivery } => {
            exit::deliver(doors, visit, &destination, ticket.as_ref(), delivery)
        }
        Outcome::Away(leaving) => {
            let mut response = away(doors, visit, &leaving);
            exit::end_form_chain(visit, &mut response);
            response
        }
        Outcome::SignedIn(signed_in) => signed_in::page(doors, visit, &signed_in),
        Outcome::Choose(choice) => select::page(doors, visit, asked, &choice),
        Outcome::Password(choice) => ask_password(doors, visit, asked, &choice),
        Outcome::Warn { destination, session, released } => {
            warn(doors, visit, asked, &destination, &session, &released)
        }
        Outcome::Operator => operator(doors, visit),
    }
}

/// To an institution, with the browser mark that the handoff is bound to. Whoever does not follow
/// redirects reads where it goes.
pub fn away(doors: &Doors, visit: &Visit, leaving: &Leaving) -> Response {
    let Leaving { url, provider, handoff, trips } = leaving;
    let page = ExitPage::new(&doors.chrome, &visit.lang(), &provider.name, url.clone());
    let mut response = render::page(doors, StatusCode::SEE_OTHER, &page, None);
    if let Ok(location) = HeaderValue::from_str(url) {
        response.headers_mut().insert(LOCATION, location);
    }
    keep_mark(doors, visit, &mut response);
    if let Some(trips) = trips {
        let cookie = cookies::trips(&doors.app.config.server.public_url, trips);
        render::set_cookie(&mut response, cookie);
    }
    if visit.guest.mark_is_new {
        // Another tab may be given another mark at this very moment: this one is also kept beside.
        let cookie = cookies::going(&doors.app.config.server.public_url, handoff, &visit.guest.mark);
        render::set_cookie(&mut response, cookie);
    }
    if provider.approach.state_in == StateIn::Cookie {
        let base = &doors.app.config.server.public_url;
        render::set_cookie(&mut response, cookies::state(base, &provider.suffix, handoff));
    }
    response
}

/// Gives the browser its mark, if it did not bring one.
pub fn keep_mark(doors: &Doors, visit: &Visit, response: &mut Response) {
    if visit.guest.mark_is_new {
        let base = &doors.app.config.server.public_url;
        render::set_cookie(response, cookies::mark(base, &visit.guest.mark));
    }
}

/// The parameters of a request as hidden fields; a box of the page itself comes in place of `but`.
pub fn kept(asked: &LoginParams, but: &str) -> Vec<Pair> {
    let pairs = asked.kept().into_iter().filter(|(name, _)| *name != but);
    pairs.map(|(name, value)| Pair::new(name, value)).collect()
}

fn ask_password(doors: &Doors, visit: &Visit, asked: &LoginParams, choice: &Choice) -> Response {
    let lang = visit.lang();
    let destination = choice.destination.as_ref();
    // To stay signed in is ticked by the person alone (CAS 3.0 §4.1.1).
    let warn = asked.warn || visit.guest.warn || choice.warned;
    // Who proves to be there still types the password only.
    let known = choice.local_user.as_deref().filter(|_| choice.why == Why::Renewal);
    let kept = Kept { username: known.unwrap_or_default(), warn, remember: false };
    let mut page = form_page(doors, visit, asked, destination, &kept);
    if choice.why == Why::Renewal {
        page = page.renewal(&lang);
    }
    if let (Why::AnotherAccount, Some(destination)) = (choice.why, destination) {
        let institution = choice.signed_in_from.as_deref().filter(|name| !name.is_empty());
        page = page.not_accepted(&lang, &destination.rule.name, institution);
    }
    if let (Why::NotAsked, Some(institution)) = (choice.why, &choice.signed_in_from) {
        page = page.not_asked(&lang, institution);
    }
    if was_signed_out(visit, choice) {
        page = page.signed_out(&lang);
    }
    with_form(doors, visit, StatusCode::OK, &page, destination)
}

/// Whether the page says that somebody signed out just now. Anybody can write such an address, so it counts
/// only where it is true: nobody is signed in.
pub fn was_signed_out(visit: &Visit, choice: &Choice) -> bool {
    let asked = visit.query.as_ref().ok().and_then(|pairs| pairs.first("signed_out"));
    choice.signed_in_from.is_none() && asked.is_some_and(is_set)
}

/// What a person need not fill in again.
struct Kept<'a> {
    username: &'a str,
    warn: bool,
    remember: bool,
}

fn form_page(
    doors: &Doors,
    visit: &Visit,
    asked: &LoginParams,
    destination: Option<&Destination>,
    kept: &Kept<'_>,
) -> LoginPage {
    let lang = visit.lang();
    let lt = form::token(&doors.app, &visit.guest, doors.app.clock.now());
    let form = LoginForm {
        lt: lt.expose().to_owned(),
        kept: self::kept(&LoginParams { warn: false, remember_me: false, ..asked.clone() }, ""),
        username: kept.username.to_owned(),
        warn: kept.warn,
        remember: kept.remember,
        may_remember: doors.app.config.lives.remembered.is_some() && !asked.shared,
    };
    let mut page = LoginPage::new(&doors.chrome, &lang, render::stub(doors, &lang, destination), form);
    if crate::flows::new_password::is_offered(&doors.app) {
        let href = doors.chrome.href(&render::with_query("/password", asked, ""));
        page = page.may_change(&lang, href);
    }
    let rule = destination.map(|destination| destination.rule.as_ref());
    if doors.app.config.directory.offered(rule).is_empty() {
        return page;
    }
    page.institution(&lang, doors.chrome.href(&render::with_query("/login", asked, "choose=1")))
}

/// A page with a form that may end at the service.
pub fn with_form(
    doors: &Doors,
    visit: &Visit,
    status: StatusCode,
    page: &impl askama::Template,
    destination: Option<&Destination>,
) -> Response {
    let origin = destination.map(|destination| destination.url.origin());
    let mut response = render::page(doors, status, page, origin.as_deref());
    keep_mark(doors, visit, &mut response);
    response
}

fn warn(
    doors: &Doors,
    visit: &Visit,
    asked: &LoginParams,
    destination: &Destination,
    session: &SsoSession,
    released: &Released,
) -> Response {
    let lang = visit.lang();
    let Some(stub) = render::stub(doors, &lang, Some(destination)) else {
        return render::refuse(doors, visit, Code::ServerError, "a service without a stub");
    };
    let username = session.identity.username();
    let name = signed_in::display_name(session).unwrap_or_else(|| username.as_str().to_owned());
    let lt = form::token(&doors.app, &visit.guest, doors.app.clock.now());
    let page = WarnPage::new(
        &doors.chrome,
        &lang,
        stub,
        (&name, username.as_str()),
        &released.user,
        signed_in::facts(&released.attributes),
        lt.expose().to_owned(),
        kept(asked, ""),
    );
    let page = match destination.rule.warn {
        Warn::Always => page.always(&lang),
        Warn::User | Warn::Never => page.may_skip(&lang),
    };
    with_form(doors, visit, StatusCode::OK, &page, Some(destination))
}

/// Nothing is set up: on loopback the operator is told how to begin; elsewhere nothing is told.
fn operator(doors: &Doors, visit: &Visit) -> Response {
    let on_loopback = visit.guest.ip.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if !on_loopback {
        return render::refuse(doors, visit, Code::ServerError, "no provider and no back-end is set up");
    }
    let folder = doors.app.config.folder.display().to_string();
    let page = OperatorPage::new(&doors.chrome, &visit.lang(), &folder);
    render::page(doors, StatusCode::OK, &page, None)
}
