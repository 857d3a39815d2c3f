//! `kind = "file"`: users of a TOML file, with hashes.

use std::collections::HashMap;
use std::sync::Arc;

use secrecy::SecretString;

use super::{Answer, Authenticator, Down, Hashing, Known, Outcome, Steps, Verdict, stored};
use crate::config::FileUser;
use crate::config::backend::check::Stored;
use crate::protocol::attributes::Attributes;

/// The users of one file.
pub struct File {
    users: HashMap<String, (SecretString, Attributes)>,
    stored: Stored,
    /// The costliest hash: an unknown name must not be answered sooner than any known one.
    sample: Option<SecretString>,
    hashing: Arc<Hashing>,
}

impl File {
    /// Takes users as the configuration read them.
    pub fn new(users: &[FileUser], stored: Stored, hashing: Arc<Hashing>) -> Self {
        let entry = |user: &FileUser| (user.name.clone(), (user.password.clone(), user.attributes.clone()));
        let costly = users.iter().map(|user| &user.password).max_by_key(|text| stored::cost(text, stored));
        Self { users: users.iter().map(entry).collect(), stored, sample: costly.cloned(), hashing }
    }
}

impl Authenticator for File {
    fn check<'a>(
        &'a self,
        name: &'a str,
        password: &'a SecretString,
        steps: &'a Steps,
    ) -> Answer<'a, Verdict> {
        Box::pin(async move {
            let Some((text, attributes)) = self.users.get(name) else { return Ok(Verdict::Unknown) };
            let outcome = self.hashing.verify(password, text, self.stored).await;
            let outcome = outcome.map_err(|busy| Down(busy.to_string()))?;
            steps.tell("password", || outcome.to_string());
            Ok(match outcome {
                Outcome::Right => Verdict::Right { name: name.to_owned(), attributes: attributes.clone() },
                Outcome::Wrong | Outcome::Unreadable(_) => Verdict::Wrong,
            })
        })
    }

    fn attributes<'a>(&'a self, name: &'a str, _: &'a Steps) -> Answer<'a, Known> {
        Box::pin(async move {
            Ok(self.users.get(name).map_or(Known::Nobody, |(_, attributes)| Known::Now(attributes.clone())))
        })
    }

    fn sample(&self) -> Option<(SecretString, Stored)> {
        self.sample.clone().map(|text| (text, self.stored))
    }

    fn probe<'a>(&'a self, _: &'a Steps) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}
