//! `kind = "file"`: users of a TOML file, with hashes.

use std::collections::HashMap;
use std::sync::Arc;

use secrecy::SecretString;

use super::{Answer, Authenticator, Hashing, Known, Outcome, Passwords, Steps, Verdict};
use crate::config::FileUser;
use crate::config::backend::check::Stored;
use crate::protocol::attributes::Attributes;

/// The users of one file.
pub struct File {
    users: HashMap<String, (SecretString, Attributes)>,
    passwords: Passwords,
}

impl File {
    /// Takes users as the configuration read them. In also: the name of the back-end.
    pub fn new(backend: &str, users: &[FileUser], stored: Stored, hashing: Arc<Hashing>) -> Self {
        let passwords = Passwords::new(backend, stored, hashing);
        users.iter().for_each(|user| passwords.seen(&user.password));
        let entry = |user: &FileUser| (user.name.clone(), (user.password.clone(), user.attributes.clone()));
        Self { users: users.iter().map(entry).collect(), passwords }
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
            let outcome = self.passwords.check(name, password, text).await?;
            steps.password(&outcome, || outcome.to_string());
            Ok(match outcome {
                Outcome::Right => Verdict::Right { name: name.to_owned(), attributes: attributes.clone() },
                Outcome::Wrong | Outcome::Unreadable(_) => Verdict::Wrong,
            })
        })
    }

    fn attributes<'a>(&'a self, name: &'a str, _: &'a Steps) -> Answer<'a, Known> {
        Box::pin(async move {
            Ok(self.users.get(name).map_or(Known::Nobody, |(_, attributes)| Known::now(name, attributes)))
        })
    }

    fn sample(&self) -> Option<(SecretString, Stored)> {
        self.passwords.sample()
    }

    fn probe<'a>(&'a self, _: &'a Steps) -> Answer<'a, ()> {
        Box::pin(async { Ok(()) })
    }
}
