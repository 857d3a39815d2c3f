//! A local account signs in (CAS 3.0 §2.2).

use secrecy::{ExposeSecret, SecretString};

use crate::app::App;
use crate::auth::{Authenticated, BackendDown, Checked};
use crate::domain::code::Code;
use crate::domain::login::Local;
use crate::domain::name::Name;
use crate::domain::rules::Destination;
use crate::protocol::params::LoginParams;
use crate::protocol::time::Timestamp;

use super::form::{self, Form};
use super::new_password::{self, Asked};
use super::open::{Opened, SignIn, may_remember, try_open};
use super::{About, Error, Guest, Refused, login};

/// What was typed.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The one-time token of the form.
    pub lt: String,
    /// As typed.
    pub username: String,
    /// As typed.
    pub password: SecretString,
}

/// What becomes of the form.
#[derive(Clone, Debug)]
pub enum Attempt {
    /// Signed in: a new cookie, then `/login` with the parameters.
    SignedIn(Opened),
    /// The form was too old or used.
    Expired,
    /// The browser keeps no cookies.
    NoCookies,
    /// Fields were left empty.
    Missing {
        /// The user name.
        username: bool,
        /// The password.
        password: bool,
    },
    /// Unknown name or wrong password.
    Wrong,
    /// The right password, which is good for choosing another one only.
    MustChange(Asked),
}

/// Somebody posts the form of the local accounts.
///
/// The service and the token are looked at before the password. Nothing is written but the use of the
/// token, unless the password is right. Errors: a service that may not be used, a back-end that is down.
pub async fn sign_in(app: &App, guest: &Guest, asked: &LoginParams, typed: &Typed) -> Result<Attempt, Error> {
    let now = app.clock.now();
    let destination = open_destination(app, asked, now)?;
    match form::take(app, guest, &typed.lt, now).await? {
        Form::Taken => {}
        Form::NoCookies => return Ok(Attempt::NoCookies),
        Form::Expired => return Ok(Attempt::Expired),
    }
    let (username, password) = (typed.username.is_empty(), typed.password.expose_secret().is_empty());
    if username || password {
        return Ok(Attempt::Missing { username, password });
    }
    check(app, guest, asked, typed, destination, now).await
}

/// The service of a request, if local accounts may be used for it now.
pub(super) fn open_destination(
    app: &App,
    asked: &LoginParams,
    now: Timestamp,
) -> Result<Option<Destination>, Refused> {
    let destination = login::destination(app, asked)?;
    if destination.as_ref().is_some_and(|destination| !destination.rule.is_open(now)) {
        return Err(refused(Code::ServiceDisabled, destination, asked));
    }
    if login::local(app, destination.as_ref()) == Local::Off {
        return Err(refused(Code::ServiceProviderNotAllowed, destination, asked));
    }
    Ok(destination)
}

async fn check(
    app: &App,
    guest: &Guest,
    asked: &LoginParams,
    typed: &Typed,
    destination: Option<Destination>,
    now: Timestamp,
) -> Result<Attempt, Error> {
    let checked = app.backends.check_telling(&typed.username, &typed.password).await;
    let (opened, known) = match checked {
        Ok((Checked::Right(person), _)) => {
            let name = person.identity.name.clone();
            (try_open(app, guest, sign_in_of(app, asked, person, asked.warn, now), now).await?, Some(name))
        }
        Ok((Checked::MustChange(identity), _)) => match new_password::least(app) {
            Some(least) => return Ok(Attempt::MustChange(Asked { destination, user: None, least })),
            None => (None, Some(identity.name)),
        },
        Ok((Checked::Nobody, name)) => (None, name),
        Err(down) => return Err(backend_down(&down, destination, asked).into()),
    };
    // An account that was switched off at this very moment looks like one that was before.
    let Some(opened) = opened else {
        failed(guest, destination.as_ref(), known.as_ref());
        return Ok(Attempt::Wrong);
    };
    Ok(Attempt::SignedIn(opened))
}

/// What somebody with the right password signs in as.
pub(super) fn sign_in_of(
    app: &App,
    asked: &LoginParams,
    person: Authenticated,
    warn: bool,
    now: Timestamp,
) -> SignIn {
    SignIn {
        identity: person.identity,
        attributes: person.attributes,
        authenticated_at: now,
        long_term: false,
        remembered: may_remember(app, asked),
        shared: asked.shared,
        warn,
        fresh_for: Some(asked.service.clone().unwrap_or_default()),
        lasts: None,
        upstream: None,
        receipt: None,
        password_at: person.password_at,
    }
}

/// One line for each password that was wrong. In also: who it would have been, where a back-end knows the name; what
/// else stands in its place is never written down, since people type passwords there.
pub(super) fn failed(guest: &Guest, destination: Option<&Destination>, known: Option<&Name>) {
    let service = destination.map_or("", |destination| destination.rule.name.as_str());
    let user = known.map(Name::as_str);
    tracing::warn!(event = "login.failed", user, service, ip = guest.ip, "wrong user name or password");
}

/// Nobody can check a password, or hash one, at the moment.
pub(super) fn backend_down(
    down: &BackendDown,
    destination: Option<Destination>,
    asked: &LoginParams,
) -> Refused {
    let mut refused = refused(Code::LoginBackendDown, destination, asked);
    refused.reason = down.to_string();
    refused
}

pub(super) fn refused(code: Code, destination: Option<Destination>, asked: &LoginParams) -> Refused {
    let about = About {
        account: destination.as_ref().map(|_| String::new()),
        destination,
        retry: Some(asked.clone()),
        ..About::default()
    };
    Refused::new(code, "local accounts may not be used").about(about)
}
