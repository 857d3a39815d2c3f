//! What a source of local accounts can do.

use std::future::Future;
use std::pin::Pin;

use secrecy::SecretString;

use super::{Busy, Steps};
use crate::config::backend::check::Stored;
use crate::protocol::attributes::Attributes;
use crate::protocol::time::Timestamp;

/// A source of local accounts.
///
/// Whoever builds on this library can bring one of their own. It takes the place of the `[[backend]]` of its
/// name, mostly one of the kind `none`, which says where it stands, which `names` it is asked for and what is
/// hidden, and makes its name known to the `providers` of services:
///
/// ```
/// use std::collections::{BTreeMap, HashMap};
/// use std::sync::Arc;
///
/// use passerelle::app::App;
/// use passerelle::auth::{Answer, Authenticator, Checked, Known, Steps, Verdict};
/// use passerelle::clock::SystemClock;
/// use passerelle::config::{Config, Files, Text, Texts};
/// use passerelle::protocol::attributes::Attributes;
/// use secrecy::{ExposeSecret, SecretString};
/// use subtle::ConstantTimeEq;
///
/// /// Visitors of one day, by their names.
/// struct Visitors(HashMap<String, (SecretString, Attributes)>);
///
/// impl Authenticator for Visitors {
///     fn check<'a>(
///         &'a self,
///         name: &'a str,
///         password: &'a SecretString,
///         steps: &'a Steps,
///     ) -> Answer<'a, Verdict> {
///         Box::pin(async move {
///             let Some((own, attributes)) = self.0.get(name) else { return Ok(Verdict::Unknown) };
///             let (own, typed) = (own.expose_secret().as_bytes(), password.expose_secret().as_bytes());
///             let is_right = bool::from(own.ct_eq(typed));
///             steps.tell("badge", || if is_right { "right" } else { "wrong" }.to_owned());
///             Ok(match is_right {
///                 true => Verdict::Right { name: name.to_owned(), attributes: attributes.clone() },
///                 false => Verdict::Wrong,
///             })
///         })
///     }
///
///     fn attributes<'a>(&'a self, name: &'a str, _: &'a Steps) -> Answer<'a, Known> {
///         let known = self.0.get(name).map_or(Known::Nobody, |(_, known)| Known::now(name, known));
///         Box::pin(async move { Ok(known) })
///     }
/// }
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let main = r#"
///     [server]
///     public_url = "http://127.0.0.1:8090/cas"
///     [database]
///     url = "sqlite::memory:"
///     [[backend]]
///     name = "visitors"
///     kind = "none"
/// "#;
/// let texts = Texts {
///     main: Text::new("passerelle.toml", main),
///     providers: Vec::new(),
///     services: Vec::new(),
///     files: Files::Memory(BTreeMap::new()),
/// };
/// let (config, _warnings) = Config::read(&texts, &|_| None).map_err(|all| all.text(false, ""))?;
///
/// let mut ana = Attributes::new();
/// ana.push("badge", "17");
/// let visitors = Visitors(HashMap::from([("ana".to_owned(), ("seventeen".into(), ana))]));
/// let own: Vec<(String, Arc<dyn Authenticator>)> = vec![("visitors".to_owned(), Arc::new(visitors))];
///
/// // With `http::InForce::new(app)` and `http::serve::serve` it answers at a socket.
/// let app = App::start_with(config, Arc::new(SystemClock), None, own).await?;
/// let checked = app.backends.check("ana", &"seventeen".into()).await?;
/// let Checked::Right(ana) = checked else { panic!("{checked:?}") };
/// assert_eq!(ana.identity.source.label(), "visitors");
/// assert_eq!(ana.attributes.first_text("badge").as_deref(), Some("17"));
/// assert_eq!(app.backends.check("ana", &"eighteen".into()).await?, Checked::Nobody);
/// # Ok(())
/// # }
/// ```
pub trait Authenticator: Send + Sync {
    /// Checks a password. In: a canonical name, and a password that has from 1 to
    /// [`MAX_PASSWORD`](super::MAX_PASSWORD) bytes.
    ///
    /// Whoever compares passwords here compares them in constant time, and where that costs time of this
    /// process says how much by [`Authenticator::sample`].
    fn check<'a>(
        &'a self,
        name: &'a str,
        password: &'a SecretString,
        steps: &'a Steps,
    ) -> Answer<'a, Verdict>;

    /// What is known of a person at this moment. Unless it is written: what was known at the sign-in holds.
    fn attributes<'a>(&'a self, _name: &'a str, _steps: &'a Steps) -> Answer<'a, Known> {
        Box::pin(async { Ok(Known::AtSignIn) })
    }

    /// Whether a session goes on with the attributes of its sign-in, which say more of its owner than a look-up
    /// would: then [`Authenticator::attributes`] is asked for others only.
    fn keeps_attributes(&self) -> bool {
        false
    }

    /// A stored password of the costly kind here, and how it is read: an attempt for an unknown name is measured
    /// against it. `None`: passwords cost no time of ours.
    fn sample(&self) -> Option<(SecretString, Stored)> {
        None
    }

    /// Whether it can be asked at all, without a name: for `check --online`.
    fn probe<'a>(&'a self, _steps: &'a Steps) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// A future in a box: back-ends are called through a trait object.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Down>> + Send + 'a>>;

/// Why there is no answer at the moment. For the log and for operators: no password, no value of anybody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Down {
    /// Too many ask at this moment, and there was no place in time: no outage, nothing is wrong with the back-end.
    #[error("{0}")]
    Crowd(String),
    /// It does not answer.
    #[error("{0}")]
    Silent(String),
    /// It answers, and not what it was asked: something in the configuration, or on its side, has to be mended.
    #[error("{0}")]
    Unfit(String),
}

impl Down {
    /// Whether it could not be asked because of too many people, which says nothing of itself.
    pub fn is_crowd(&self) -> bool {
        matches!(self, Self::Crowd(_))
    }
}

impl From<Busy> for Down {
    fn from(busy: Busy) -> Self {
        Self::Crowd(busy.to_string())
    }
}

/// What a back-end says of a name and a password.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The password is right.
    Right {
        /// The name as the back-end writes it.
        name: String,
        /// What it knows of the person.
        attributes: Attributes,
    },
    /// The same of somebody of our own.
    Own {
        /// The name of the account.
        name: String,
        /// What is known of the person.
        attributes: Attributes,
        /// When the password was set: no session starts where it is another one by then.
        password_at: Timestamp,
    },
    /// The password is right, and good for choosing another one only.
    MustChange {
        /// The name as the back-end writes it.
        name: String,
    },
    /// The name is known, the password is wrong.
    Wrong,
    /// Nobody of that name here.
    Unknown,
}

/// What a back-end knows of a person without a password.
#[derive(Clone, Debug, PartialEq)]
pub enum Known {
    /// This.
    Now {
        /// The name as the back-end writes it.
        name: String,
        /// What it knows of the person.
        attributes: Attributes,
    },
    /// It can be asked at a sign-in only; what it said then holds.
    AtSignIn,
    /// There is nobody of that name.
    Nobody,
}

impl Known {
    /// What is known of somebody whose name is written as it was asked for.
    pub fn now(name: &str, attributes: &Attributes) -> Self {
        Self::Now { name: name.to_owned(), attributes: attributes.clone() }
    }
}
