//! The owner of an account of ours chooses another password.

use secrecy::{ExposeSecret, SecretString};

use crate::app::App;
use crate::auth::{Authenticated, BackendDown, Checked, hash_password, weakness};
use crate::config::{Accounts, BackendKind};
use crate::domain::identity::{Identity, Source};
use crate::domain::rules::Destination;
use crate::domain::session::SsoSession;
use crate::protocol::attributes::Attributes;
use crate::protocol::params::LoginParams;
use crate::protocol::time::Timestamp;
use crate::store::Farewell;
use crate::store::accounts::{self, Account};

use super::form::{self, Form};
use super::open::{Opened, try_open};
use super::password::{backend_down, failed, open_destination, sign_in_of};
use super::{Error, Guest};

pub use crate::auth::Weakness;

/// What was typed.
#[derive(Clone, Debug)]
pub struct Typed {
    /// The one-time token of the form.
    pub lt: String,
    /// As typed; left empty, whoever is signed in is meant.
    pub username: String,
    /// The password that is replaced.
    pub current: SecretString,
    /// The new one.
    pub new: SecretString,
    /// The new one once more.
    pub again: SecretString,
}

/// Fields that were left empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    /// The user name.
    pub username: bool,
    /// The password that is replaced.
    pub current: bool,
    /// The new one.
    pub new: bool,
    /// The new one once more.
    pub again: bool,
}

/// What becomes of the form.
#[derive(Clone, Debug)]
pub enum Attempt {
    /// It is changed, and this browser is signed in: a new cookie, then `/login` with the parameters.
    Changed(Opened),
    /// The form was too old or used.
    Expired,
    /// The browser keeps no cookies.
    NoCookies,
    /// Fields were left empty.
    Missing(Missing),
    /// Unknown name or wrong password.
    Wrong,
    /// The right password of an account that is not changed on this page.
    NotHere,
    /// Both new ones differ.
    Different,
    /// The new one is not good enough.
    Weak(Weakness),
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Where the person wants to go.
    pub destination: Option<Destination>,
    /// Who is signed in here with an account of ours: nobody else is meant.
    pub user: Option<String>,
    /// Fewest characters of a new password.
    pub least: usize,
}

/// The accounts of our own, if anybody signs in with them: the name of the back-end, and its keys.
pub fn of_ours(app: &App) -> Option<(&str, &Accounts)> {
    app.config.backends.iter().filter(|backend| backend.signs_in).find_map(|backend| match &backend.kind {
        BackendKind::Accounts(keys) => Some((backend.name.as_str(), keys)),
        _ => None,
    })
}

/// Whether somebody is offered the page.
pub fn may_change(app: &App, who: &Identity) -> bool {
    of_ours(app).is_some_and(|(name, keys)| keys.own_password && is_of(who, name))
}

fn is_of(who: &Identity, backend: &str) -> bool {
    matches!(&who.source, Source::Backend(own) if own == backend)
}

/// Somebody opens the page. Out: `None` where there are no accounts of ours. Errors: a service that may not be
/// used, or not with them.
pub async fn ask(app: &App, guest: &Guest, asked: &LoginParams) -> Result<Option<Asked>, Error> {
    let Some((name, keys)) = of_ours(app) else { return Ok(None) };
    let now = app.clock.now();
    let destination = open_destination(app, asked, now)?;
    let session = own_session(app, guest, name, now).await?;
    let user = session.map(|session| session.identity.username().as_str().to_owned());
    Ok(Some(Asked { destination, user, least: keys.min_length }))
}

async fn own_session(
    app: &App,
    guest: &Guest,
    backend: &str,
    now: Timestamp,
) -> Result<Option<SsoSession>, Error> {
    Ok(guest.session(app, now).await?.filter(|session| is_of(&session.identity, backend)))
}

/// Somebody posts the form. In: also the keys of the accounts.
///
/// The token is looked at before any password, and the current password, through the chain as at a sign-in,
/// before the new one. Every other session of the person ends, their services will be told. Errors: those of
/// [`ask`], a back-end that is down, no place to hash in.
pub async fn choose(
    app: &App,
    guest: &Guest,
    asked: &LoginParams,
    typed: &Typed,
) -> Result<Option<Attempt>, Error> {
    let Some((backend, keys)) = of_ours(app) else { return Ok(None) };
    let now = app.clock.now();
    let destination = open_destination(app, asked, now)?;
    match form::take(app, guest, &typed.lt, now).await? {
        Form::Taken => {}
        Form::NoCookies => return Ok(Some(Attempt::NoCookies)),
        Form::Expired => return Ok(Some(Attempt::Expired)),
    }
    let session = own_session(app, guest, backend, now).await?;
    let username = match (typed.username.as_str(), &session) {
        ("", Some(own)) => own.identity.name.as_str(),
        (username, _) => username,
    };
    if let Some(missing) = missing(username, typed) {
        return Ok(Some(Attempt::Missing(missing)));
    }
    // Read before the password is checked: what is written later is written to this one only.
    let was = find(app, username).await?;
    let checked = app.backends.check(username, &typed.current).await;
    let down = |down: BackendDown| backend_down(&down, destination.clone(), asked);
    let checked = checked.map_err(down)?;
    let (identity, may) = match checked {
        Checked::Right(person) => (person.identity, keys.own_password),
        Checked::MustChange(identity) => (identity, true),
        Checked::Nobody => {
            failed(guest, destination.as_ref());
            return Ok(Some(Attempt::Wrong));
        }
    };
    if !may || !is_of(&identity, backend) {
        return Ok(Some(Attempt::NotHere));
    }
    let Some(was) = was else { return Ok(Some(Attempt::Wrong)) };
    if let Some(weakness) =
        weakness_of(app, typed, &was, keys.min_length, destination.as_ref()).await.map_err(down)?
    {
        return Ok(Some(Attempt::Weak(weakness)));
    }
    if typed.new.expose_secret() != typed.again.expose_secret() {
        return Ok(Some(Attempt::Different));
    }
    let new = hashed(app, &typed.new).await.map_err(down)?;
    let session = session.filter(|own| own.identity == identity);
    let change = Change { identity, session, was, new, now };
    let changed = change.carry_out(app, guest, asked).await?;
    if changed.is_none() {
        failed(guest, destination.as_ref());
    }
    Ok(Some(changed.map_or(Attempt::Wrong, Attempt::Changed)))
}

fn missing(username: &str, typed: &Typed) -> Option<Missing> {
    let is_empty = |text: &SecretString| text.expose_secret().is_empty();
    let missing = Missing {
        username: username.is_empty(),
        current: is_empty(&typed.current),
        new: is_empty(&typed.new),
        again: is_empty(&typed.again),
    };
    (missing != Missing::default()).then_some(missing)
}

async fn find(app: &App, typed: &str) -> Result<Option<Account>, Error> {
    let Some(name) = app.backends.name(typed) else { return Ok(None) };
    Ok(accounts::find(&mut app.store.read().await?, name.as_str()).await?)
}

/// Words that are no secret to whoever wants to be this person.
fn words(app: &App, attributes: &Attributes, destination: Option<&Destination>) -> Vec<String> {
    let values = attributes.iter().flat_map(|(_, values)| values).map(|value| value.as_text().into_owned());
    let service = destination.map(|destination| destination.rule.name.clone());
    values.chain([app.config.site.name.clone()]).chain(service).collect()
}

async fn weakness_of(
    app: &App,
    typed: &Typed,
    was: &Account,
    least: usize,
    destination: Option<&Destination>,
) -> Result<Option<Weakness>, BackendDown> {
    let words = words(app, &was.attributes, destination);
    let (new, current, name) = (typed.new.clone(), typed.current.clone(), was.name.clone());
    in_pool(app, move || weakness(&new, &current, name.as_str(), &words, least)).await
}

async fn hashed(app: &App, password: &SecretString) -> Result<SecretString, BackendDown> {
    let password = password.clone();
    in_pool(app, move || hash_password(&password)).await?.map_err(|error| not_hashed(error.to_string()))
}

/// Costly work where passwords are checked too.
async fn in_pool<T: Send + 'static>(
    app: &App,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, BackendDown> {
    let done = app.backends.hashing().run(work).await.map_err(|busy| not_hashed(busy.to_string()))?;
    done.ok_or_else(|| not_hashed("the hashing died".to_owned()))
}

fn not_hashed(reason: String) -> BackendDown {
    BackendDown { backend: "hashing".to_owned(), reason }
}

/// What will be written.
struct Change {
    identity: Identity,
    /// The session of this browser, which goes on under a new cookie.
    session: Option<SsoSession>,
    was: Account,
    new: SecretString,
    now: Timestamp,
}

impl Change {
    /// Out: `None`, and nothing is written, where the account was switched off or has another password by now.
    async fn carry_out(self, app: &App, guest: &Guest, asked: &LoginParams) -> Result<Option<Opened>, Error> {
        let Self { identity, session, was, new, now } = self;
        let own = session.as_ref().map(|own| own.id.clone());
        let (who, before, kept) = (identity.clone(), was.clone(), own);
        let ends = app.store.write(move |tx| {
            let (who, was, new, own) = (who.clone(), before.clone(), new.clone(), kept.clone());
            Box::pin(async move {
                if !accounts::choose(tx, &was, &new, now).await? {
                    return Ok(None);
                }
                accounts::end_sessions(tx, &who, own.as_ref(), now, Farewell::Told).await.map(Some)
            })
        });
        let Some(ends) = ends.await? else { return Ok(None) };
        if ends.messages > 0 {
            app.outbox.notify_one();
        }
        tracing::info!(
            event = "password.changed",
            user = identity.username().as_str(),
            source = identity.source.label(),
            sessions = ends.sessions,
            ip = guest.ip,
            "somebody chose another password"
        );
        let warn = asked.warn || guest.warn || session.is_some_and(|own| own.warn);
        let attributes =
            app.backends.refreshed(identity.source.label(), was.name.as_str(), was.attributes.clone(), now);
        let person = Authenticated {
            attributes: attributes.await,
            identity,
            password_at: Some(was.next_password(now)),
        };
        try_open(app, guest, sign_in_of(app, asked, person, warn, now), now).await
    }
}
