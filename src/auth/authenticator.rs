//! What a source of local accounts can do.

use std::future::Future;
use std::pin::Pin;

use secrecy::SecretString;

use super::Steps;
use crate::config::backend::check::Stored;
use crate::protocol::attributes::Attributes;

/// A source of local accounts.
pub trait Authenticator: Send + Sync {
    /// Checks a password. In: a canonical name, and a password that has from 1 to
    /// [`MAX_PASSWORD`](super::MAX_PASSWORD) bytes.
    fn check<'a>(
        &'a self,
        name: &'a str,
        password: &'a SecretString,
        steps: &'a Steps,
    ) -> Answer<'a, Verdict>;

    /// What is known of a person at this moment.
    fn attributes<'a>(&'a self, name: &'a str, steps: &'a Steps) -> Answer<'a, Known>;

    /// A stored password of the costly kind here, and how it is read: an attempt for an unknown name is measured
    /// against it. `None`: passwords cost no time of ours.
    fn sample(&self) -> Option<(SecretString, Stored)>;

    /// Whether it can be asked at all, without a name: for `check --online`.
    fn probe<'a>(&'a self, steps: &'a Steps) -> Answer<'a, ()>;
}

/// A future in a box: back-ends are called through a trait object.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Down>> + Send + 'a>>;

/// Why there is no answer at the moment. For the log and for operators: no password, no value of anybody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Down(pub String);

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
    Now(Attributes),
    /// It can be asked at a sign-in only; what it said then holds.
    AtSignIn,
    /// There is nobody of that name.
    Nobody,
}
