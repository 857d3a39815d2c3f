//! `/password`: the owner of a local account chooses another password.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::SecretString;

use crate::domain::code::Code;
use crate::domain::rules::Destination;
use crate::flows::Error;
use crate::flows::form;
use crate::flows::new_password::{Asked, Attempt, Missing, Shown, Typed, Weakness, Why, ask, choose};
use crate::flows::open::Opened;
use crate::protocol::params::{LoginParams, MalformedParams, Pairs};

use super::doors::Doors;
use super::lang::Lang;
use super::pages::{NewPasswordForm, NewPasswordPage};
use super::visit::Visit;
use super::{cookies, foreign, login, render};

/// `GET /password`.
pub async fn show(State(doors): State<Doors>, visit: Visit) -> Response {
    let asked = match visit.query.clone().and_then(|pairs| LoginParams::read(&pairs)) {
        Ok(asked) => asked,
        Err(malformed) => {
            return render::refuse(&doors, &visit, Code::RequestMalformed, &malformed.to_string());
        }
    };
    match ask(&doors.app, &visit.guest, &asked).await {
        Ok(Some(Shown::Form(found))) => {
            let page = page(&doors, &visit, &asked, &found, &Kept::default());
            login::with_form(&doors, &visit, StatusCode::OK, &page, found.destination.as_ref())
        }
        Ok(Some(Shown::NotHere(destination))) => {
            let page = not_here(&doors, &visit, &asked, destination.as_ref());
            render::page(&doors, StatusCode::OK, &page, None)
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
pub fn must(doors: &Doors, visit: &Visit, asked: &LoginParams, username: &str, found: &Asked) -> Response {
    let page = page(doors, visit, asked, found, &Kept { username, must: true });
    login::with_form(doors, visit, StatusCode::OK, &page, found.destination.as_ref())
}

/// The page for somebody who is known, and changes no password here.
fn not_here(
    doors: &Doors,
    visit: &Visit,
    asked: &LoginParams,
    destination: Option<&Destination>,
) -> NewPasswordPage {
    let lang = visit.lang();
    let stub = render::stub(doors, &lang, destination);
    let back = doors.chrome.href(&render::with_query("/login", asked, ""));
    NewPasswordPage::closed(&doors.chrome, &lang, stub, back)
}

/// What the form holds. Passwords count in the body only; the parameters of the request may also stand in the
/// query of the address that was posted to.
struct Posted {
    asked: LoginParams,
    typed: Typed,
    must: bool,
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
        let must = body.flag("must")?;
        Ok(Self { asked: LoginParams::read(&body.with_defaults(visit.query.clone()?))?, typed, must })
    }
}

async fn carry_out(doors: &Doors, visit: &Visit, posted: &Posted) -> Result<Option<Response>, Error> {
    let Posted { asked, typed, must } = posted;
    let attempt = choose(&doors.app, &visit.guest, asked, typed).await?;
    Ok(attempt.map(|attempt| match attempt {
        Attempt::Changed(opened) => changed(doors, visit, asked, &opened),
        Attempt::Again { asked: found, why } => {
            let kept = Kept { username: &typed.username, must: *must };
            let page = page(doors, visit, asked, &found, &kept);
            let (status, page) = telling(doors, &visit.lang(), page, &why);
            login::with_form(doors, visit, status, &page, found.destination.as_ref())
        }
    }))
}

/// On to `/login`: to the service, or to our own page, which says what was done.
fn changed(doors: &Doors, visit: &Visit, asked: &LoginParams, opened: &Opened) -> Response {
    let mut next = asked.clone();
    // Without a service there is nothing left to renew for.
    next.renew &= next.service.is_some();
    let mut response = render::to_login(doors, &next, "");
    login::keep_sign_in(doors, visit, &mut response, opened, asked.shared);
    if next.service.is_none() {
        let base = &doors.app.config.server.public_url;
        render::set_cookie(&mut response, cookies::password_changed(base, true));
    }
    response
}

/// The page with what was wrong.
fn telling(doors: &Doors, lang: &Lang, page: NewPasswordPage, why: &Why) -> (StatusCode, NewPasswordPage) {
    let chrome = &doors.chrome;
    match *why {
        Why::Expired => (StatusCode::OK, page.expired(lang)),
        Why::NoCookies => (StatusCode::OK, page.no_cookies(lang)),
        Why::Missing(Missing { username, current, new, again }) => {
            (StatusCode::OK, page.missing(chrome, lang, [username, current, new, again]))
        }
        Why::Weak(weakness) => (StatusCode::OK, page.weak(chrome, lang, words(lang, weakness))),
        Why::Different => (StatusCode::OK, page.different(chrome, lang)),
        Why::NotHere => (StatusCode::FORBIDDEN, page.not_here(chrome, lang)),
        Why::Wrong => (StatusCode::UNAUTHORIZED, page.wrong(chrome, lang)),
    }
}

/// What survives a failed attempt.
#[derive(Default)]
struct Kept<'a> {
    /// As typed; empty: whoever is signed in.
    username: &'a str,
    /// The password that somebody was given has to be replaced.
    must: bool,
}

fn page(
    doors: &Doors,
    visit: &Visit,
    asked: &LoginParams,
    found: &Asked,
    kept: &Kept<'_>,
) -> NewPasswordPage {
    let lang = visit.lang();
    let own = found.user.as_deref();
    let typed = Some(kept.username).filter(|typed| !typed.is_empty());
    let is_fixed = own.is_some() && typed.is_none_or(|typed| own == Some(typed));
    let lt = form::token(&doors.app, &visit.guest, doors.app.clock.now());
    let form = NewPasswordForm {
        lt: lt.expose().to_owned(),
        kept: login::kept(asked, ""),
        username: typed.or(own).unwrap_or_default().to_owned(),
        is_fixed,
        must: kept.must && !is_fixed,
    };
    let stub = render::stub(doors, &lang, found.destination.as_ref());
    let further = if own.is_some() { "" } else { "provider=local" };
    let back = doors.chrome.href(&render::with_query("/login", asked, further));
    NewPasswordPage::new(&doors.chrome, &lang, stub, form, found.least, back)
}

/// What is wrong with a new password.
fn words(lang: &Lang, weakness: Weakness) -> String {
    lang.say(match weakness {
        Weakness::TooShort(least) => return lang.tell("password-short", &[("n", least.into())]),
        Weakness::TooLong => "password-long",
        Weakness::Nul => "password-nul",
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
