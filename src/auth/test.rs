//! `kind = "test"`: one user with a clear-text password, for trying things out. The configuration refuses
//! it away from loopback.

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::{Answer, Authenticator, Known, Steps, Verdict};
use crate::config::backend::check::Stored;
use crate::protocol::attributes::Attributes;

/// The one user.
pub struct Test {
    user: String,
    password: SecretString,
    attributes: Attributes,
}

impl Test {
    /// Takes the user as the configuration read it.
    pub fn new(user: &str, password: &SecretString, attributes: &Attributes) -> Self {
        Self { user: user.to_owned(), password: password.clone(), attributes: attributes.clone() }
    }
}

impl Authenticator for Test {
    fn check<'a>(&'a self, name: &'a str, password: &'a SecretString, _: &'a Steps) -> Answer<'a, Verdict> {
        Box::pin(async move {
            if name != self.user {
                return Ok(Verdict::Unknown);
            }
            let typed = password.expose_secret().as_bytes();
            Ok(if bool::from(self.password.expose_secret().as_bytes().ct_eq(typed)) {
                Verdict::Right { name: self.user.clone(), attributes: self.attributes.clone() }
            } else {
                Verdict::Wrong
            })
        })
    }

    fn attributes<'a>(&'a self, name: &'a str, _: &'a Steps) -> Answer<'a, Known> {
        Box::pin(async move {
            Ok(if name == self.user { Known::now(name, &self.attributes) } else { Known::Nobody })
        })
    }

    fn sample(&self) -> Option<(SecretString, Stored)> {
        None
    }

    fn probe<'a>(&'a self, _: &'a Steps) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}
