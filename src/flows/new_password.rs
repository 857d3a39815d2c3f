//! The owner of an account of ours chooses another password.

mod change;

use secrecy::{ExposeSecret, SecretString};

use crate::app::App;
use crate::auth::{BackendDown, Checked, weakness};
use crate::config::Accounts;
use crate::domain::identity::{Identity, Source};
use crate::domain::name::Name;
use crate::domain::rules::Destination;
use crate::domain::session::SsoSession;
use crate::protocol::attributes::Attributes;
use crate::protocol::params::LoginParams;
use crate::protocol::time::Timestamp;
use crate::store::accounts::{self, Account};

use super::form::{self, Form};
use super::open::Opened;
use super::password::{backend_down, failed, open_destination};
use super::{Error, Guest};
use change::Change;

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
    /// Nothing is changed.
    Again {
        /// What the form shows once more.
        asked: Asked,
        /// What was wrong.
        why: Why,
    },
}

/// Why the form is shown once more.
#[derive(Clone, Debug)]
pub enum Why {
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

/// What somebody who opens the page sees.
#[derive(Clone, Debug)]
pub enum Shown {
    /// The form.
    Form(Asked),
    /// Whoever is signed in does not change a password here.
    NotHere(Option<Destination>),
}

/// What the form shows.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Where the person wants to go.
    pub destination: Option<Destination>,
    /// Who is signed in here with an account of ours: nobody else is meant.
    pub user: Option<String>,
    /// Fewest characters of a new password.
    pub least: usize,
}

impl Asked {
    fn of(destination: Option<&Destination>, own: Option<&SsoSession>, keys: &Accounts) -> Self {
        let user = own.map(|own| own.identity.username().as_str().to_owned());
        Self { destination: destination.cloned(), user, least: keys.min_length }
    }
}

/// The accounts of our own, if anybody signs in with them: the name of the back-end, and its keys.
fn of_ours(app: &App) -> Option<(&str, &Accounts)> {
    let (backend, keys) = app.config.accounts().filter(|(backend, _)| backend.signs_in)?;
    Some((backend.name.as_str(), keys))
}

/// Fewest characters of a new password, where there are accounts of ours.
pub(super) fn least(app: &App) -> Option<usize> {
    of_ours(app).map(|(_, keys)| keys.min_length)
}

/// Whether somebody is offered the page.
pub fn may_change(app: &App, who: &Identity) -> bool {
    of_ours(app).is_some_and(|(name, keys)| keys.own_password && is_of(who, name))
}

/// Whether people whom nobody knows yet are offered the page.
pub fn is_offered(app: &App) -> bool {
    of_ours(app).is_some_and(|(_, keys)| keys.own_password)
}

fn is_of(who: &Identity, backend: &str) -> bool {
    matches!(&who.source, Source::Backend(own) if own == backend)
}

/// Somebody opens the page. Out: `None` where there are no accounts of ours. Errors: a service that may not be
/// used, or not with them.
pub async fn ask(app: &App, guest: &Guest, asked: &LoginParams) -> Result<Option<Shown>, Error> {
    let Some((_, keys)) = of_ours(app) else { return Ok(None) };
    let now = app.clock.now();
    let destination = open_destination(app, asked, now)?;
    let session = guest.session(app, now).await?;
    if session.as_ref().is_some_and(|session| !may_change(app, &session.identity)) {
        return Ok(Some(Shown::NotHere(destination)));
    }
    Ok(Some(Shown::Form(Asked::of(destination.as_ref(), session.as_ref(), keys))))
}

/// Somebody posts the form. Out: `None` where there are no accounts of ours.
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
    let taken = form::take(app, guest, &typed.lt, now).await?;
    let session = guest.session(app, now).await?.filter(|session| is_of(&session.identity, backend));
    let shown = Asked::of(destination.as_ref(), session.as_ref(), keys);
    let desk = Desk { app, guest, asked, typed, backend, keys, destination, session, now };
    match desk.carry_out(taken).await {
        Ok(opened) => Ok(Some(Attempt::Changed(opened))),
        Err(Stop::Again(why)) => Ok(Some(Attempt::Again { asked: shown, why })),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// What ends an attempt: something to say in the form, or a page of its own.
enum Stop {
    Again(Why),
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Where a form is looked at.
struct Desk<'a> {
    app: &'a App,
    guest: &'a Guest,
    asked: &'a LoginParams,
    typed: &'a Typed,
    /// The accounts of ours: the name of the back-end, and its keys.
    backend: &'a str,
    keys: &'a Accounts,
    destination: Option<Destination>,
    /// Of an account of ours.
    session: Option<SsoSession>,
    now: Timestamp,
}

impl Desk<'_> {
    async fn carry_out(self, taken: Form) -> Result<Opened, Stop> {
        match taken {
            Form::Taken => {}
            Form::NoCookies => return Err(Stop::Again(Why::NoCookies)),
            Form::Expired => return Err(Stop::Again(Why::Expired)),
        }
        let (identity, was) = self.who().await?;
        let new = self.good_one(&was).await?;
        let session = self.session.clone().filter(|own| own.identity == identity);
        let known = identity.name.clone();
        let change = Change { identity, session, was, new, now: self.now };
        match change.carry_out(self.app, self.guest, self.asked).await? {
            Some(opened) => Ok(opened),
            None => Err(self.wrong(Some(&known))),
        }
    }

    /// Who it is, by the current password.
    async fn who(&self) -> Result<(Identity, Account), Stop> {
        let Self { app, typed, .. } = self;
        let username = match (typed.username.as_str(), &self.session) {
            ("", Some(own)) => own.identity.name.as_str(),
            (username, _) => username,
        };
        if let Some(missing) = missing(username, typed) {
            return Err(Stop::Again(Why::Missing(missing)));
        }
        // Read before the password is checked: what is written later is written to this one only.
        let was = find(app, username).await?;
        let checked = app.backends.check_telling(username, &typed.current).await;
        let (checked, known) = checked.map_err(|down| self.down(&down))?;
        let (identity, may) = match checked {
            Checked::Right(person) => (person.identity, self.keys.own_password),
            Checked::MustChange(identity) => (identity, true),
            Checked::Nobody => return Err(self.wrong(known.as_ref())),
        };
        if !may || !is_of(&identity, self.backend) {
            return Err(Stop::Again(Why::NotHere));
        }
        let known = identity.name.clone();
        was.map(|was| (identity, was)).ok_or_else(|| self.wrong(Some(&known)))
    }

    /// The hash of the new password, if that is good.
    async fn good_one(&self, was: &Account) -> Result<SecretString, Stop> {
        let Self { app, typed, .. } = self;
        let weakness = self.weakness(was).await.map_err(|down| self.down(&down))?;
        if let Some(weakness) = weakness {
            return Err(Stop::Again(Why::Weak(weakness)));
        }
        if typed.new.expose_secret() != typed.again.expose_secret() {
            return Err(Stop::Again(Why::Different));
        }
        let hashed = app.backends.hashing().hash(&typed.new).await;
        hashed.map_err(|none| self.down(&not_hashed(none.to_string())))
    }

    async fn weakness(&self, was: &Account) -> Result<Option<Weakness>, BackendDown> {
        let words = words(self.app, &was.attributes, self.destination.as_ref());
        let (new, current, name) = (self.typed.new.clone(), self.typed.current.clone(), was.name.clone());
        let least = self.keys.min_length;
        // Costly work is done where passwords are checked too.
        let work = move || weakness(&new, &current, name.as_str(), &words, least);
        let done =
            self.app.backends.hashing().run(work).await.map_err(|busy| not_hashed(busy.to_string()))?;
        done.ok_or_else(|| not_hashed("the hashing died".to_owned()))
    }

    fn wrong(&self, known: Option<&Name>) -> Stop {
        failed(self.guest, self.destination.as_ref(), known);
        Stop::Again(Why::Wrong)
    }

    fn down(&self, down: &BackendDown) -> Stop {
        let mut refused = backend_down(down, self.destination.clone(), self.asked);
        refused.about.retry_at = Some("/password");
        Stop::Failed(refused.into())
    }
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
    let ours = [app.config.site.name.clone(), app.config.server.public_url.host().to_owned()];
    values.chain(ours).chain(service).collect()
}

fn not_hashed(reason: String) -> BackendDown {
    BackendDown { backend: None, reason }
}
