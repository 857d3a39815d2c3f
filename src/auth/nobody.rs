//! `kind = "none"`: knows nobody.

use secrecy::SecretString;

use super::{Answer, Authenticator, Known, Steps, Verdict};
use crate::config::backend::check::Stored;

/// A back-end where every attempt fails.
pub struct Nobody;

impl Authenticator for Nobody {
    fn check<'a>(&'a self, _: &'a str, _: &'a SecretString, _: &'a Steps) -> Answer<'a, Verdict> {
        Box::pin(async { Ok(Verdict::Unknown) })
    }

    fn attributes<'a>(&'a self, _: &'a str, _: &'a Steps) -> Answer<'a, Known> {
        Box::pin(async { Ok(Known::Nobody) })
    }

    fn sample(&self) -> Option<(SecretString, Stored)> {
        None
    }

    fn probe<'a>(&'a self, _: &'a Steps) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}
