//! `/password`: the owner of a local account chooses another password.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::SecretString;

use crate::domain::code::Code;
use crate::domain::rules::Destination;
use crate::flows::form;
use crate::flows::new_password::{Asked, Attempt, Missing, Typed, Weakness, ask, choose, of_ours};
use crate::flows::{Error, Refused};
use crate::protocol::params::{LoginParams, MalformedParams, Pairs};

use super::doors::Doors;
use super::lang::Lang;
use super::pages::{NewPasswordForm, NewPasswordPage};
use super::visit::Visit;
use super::{foreign, login, render};

/// `GET /password`.
pub async fn show(State(doors): State<Doors>, visit: Visit) -> Response {
    let asked = match visit.query.clone().and_then(|pairs| LoginParams::read(&pairs)) {
        Ok(asked) => asked,
        Err(malformed) => {
            return render::refuse(&doors, &visit, Code::RequestMalformed, &malformed.to_string());
        }
    };
    match ask(&doors.app, &visit.guest, &asked).await {
        Ok(Some(found)) => {
            let page = page(&doors, &visit, &asked, &found, None);
            login::with_form(&doors, &visit, StatusCode::OK, &page, found.destination.as_ref())
        }
        Ok(None) => render::not_found(State(doors), visit).await,
        Err(error) => render::error(&doors, &visit, error),
    }
}

/// `POST /password`.
pub async fn post(State(doors): State<Doors>, visit: Visit, body: Result<Bytes, BytesRejection>) -> Response {
    if foreign::is_foreign(&visit, &doors.app.config.server.public_url) {
        return render::refuse(&doors, &visit, Code::RequestForeign, "a form of another site");
    }
    let Ok(body) = body else {
        return render::refuse(&doors, &visit, Code::RequestTooLarge, "the body is too large or was cut");
    };
    let posted = match Posted::read(&body, &visit) {
        Ok(posted) => posted,
        Err(malformed) => {
            return render::refuse(&doors, &visit, Code::RequestMalformed, &malformed.to_string());
        }
    };
    match carry_out(&doors, &visit, &posted).await {
        Ok(Some(response)) => response,
        Ok(None) => render::not_found(State(doors), visit).await,
        Err(error) => render::error(&doors, &visit, error),
    }
}

/// The page for somebody who signed in with a password that is good for choosing another one only.
pub fn must(
    doors: &Doors,
    visit: &Visit,
    asked: &LoginParams,
    username: &str,
    destination: Option<&Destination>,
) -> Response {
    let least = of_ours(&doors.app).map_or(0, |(_, keys)| keys.min_length);
    let found = Asked { destination: destination.cloned(), user: None, least };
    let page = page(doors, visit, asked, &found, Some(username)).must(&visit.lang());
    login::with_form(doors, visit, StatusCode::OK, &page, destination)
}

/// What the form holds. Passwords count in the body only; the parameters of the request may also stand in the
/// query of the address that was posted to.
struct Posted {
    asked: LoginParams,
    typed: Typed,
}

impl Posted {
    fn read(body: &[u8], visit: &Visit) -> Result<Self, MalformedParams> {
        let body = Pairs::parse(body)?;
        let text = |name| Ok(body.single(name)?.unwrap_or_default().to_owned());
        let typed = Typed {
            lt: text("lt")?,
            username: text("username")?,
            current: SecretString::from(text("current")?),
            new: SecretString::from(text("new")?),
            again: SecretString::from(text("again")?),
        };
        Ok(Self { asked: LoginParams::read(&body.with_defaults(visit.query.clone()?))?, typed })
    }
}

async fn carry_out(doors: &Doors, visit: &Visit, posted: &Posted) -> Result<Option<Response>, Error> {
    let Posted { asked, typed } = posted;
    let Some(attempt) = choose(&doors.app, &visit.guest, asked, typed).await? else { return Ok(None) };
    if let Attempt::Changed(opened) = &attempt {
        let mut next = asked.clone();
        // Without a service there is nothing left to renew for.
        next.renew &= next.service.is_some();
        let mut response = render::to_login(doors, &next, "");
        login::keep_sign_in(doors, visit, &mut response, opened, asked.shared);
        return Ok(Some(response));
    }
    let gone = || Refused::new(Code::ServerError, "the accounts went away in one request");
    let found = ask(&doors.app, &visit.guest, asked).await?.ok_or_else(gone)?;
    let (chrome, lang) = (&doors.chrome, visit.lang());
    let page = page(doors, visit, asked, &found, Some(&typed.username));
    let (status, page) = match attempt {
        Attempt::Expired => (StatusCode::OK, page.expired(&lang)),
        Attempt::NoCookies => (StatusCode::OK, page.no_cookies(&lang)),
        Attempt::Missing(Missing { username, current, new, again }) => {
            (StatusCode::OK, page.missing(chrome, &lang, [username, current, new, again]))
        }
        Attempt::Weak(weakness) => (StatusCode::OK, page.weak(chrome, &lang, words(&lang, weakness))),
        Attempt::Different => (StatusCode::OK, page.different(chrome, &lang)),
        Attempt::NotHere => (StatusCode::FORBIDDEN, page.not_here(chrome, &lang)),
        Attempt::Wrong | Attempt::Changed(_) => (StatusCode::UNAUTHORIZED, page.wrong(chrome, &lang)),
    };
    Ok(Some(login::with_form(doors, visit, status, &page, found.destination.as_ref())))
}

/// In: the name that was typed, if one was; whoever is signed in otherwise.
fn page(
    doors: &Doors,
    visit: &Visit,
    asked: &LoginParams,
    found: &Asked,
    typed: Option<&str>,
) -> NewPasswordPage {
    let lang = visit.lang();
    let typed = typed.filter(|typed| !typed.is_empty());
    let own = found.user.as_deref();
    let lt = form::token(&doors.app, &visit.guest, doors.app.clock.now());
    let form = NewPasswordForm {
        lt: lt.expose().to_owned(),
        kept: login::kept(asked, ""),
        username: typed.or(own).unwrap_or_default().to_owned(),
        is_fixed: own.is_some() && typed.is_none_or(|typed| own == Some(typed)),
    };
    let stub = render::stub(doors, &lang, found.destination.as_ref());
    let back = doors.chrome.href(&render::with_query("/login", asked, ""));
    NewPasswordPage::new(&doors.chrome, &lang, stub, form, found.least, back)
}

/// What is wrong with a new password.
fn words(lang: &Lang, weakness: Weakness) -> String {
    lang.say(match weakness {
        Weakness::TooShort(least) => return lang.tell("password-short", &[("n", least.into())]),
        Weakness::TooLong => "password-long",
        Weakness::Same => "password-same",
        Weakness::UserName => "password-username",
        Weakness::OwnWords => "password-own",
        Weakness::Keys => "password-keys",
        Weakness::Repeats => "password-repeats",
        Weakness::Common => "password-common",
        Weakness::Sequence => "password-sequence",
        Weakness::Date => "password-date",
        Weakness::Word => "password-word",
        Weakness::Guessable => "password-guessable",
    })
}
