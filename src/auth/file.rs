//! `kind = "file"`: users of a TOML file, with Argon2id hashes.

use std::collections::HashMap;
use std::sync::Arc;

use secrecy::SecretString;

use super::{Authenticator, BackendDown, Checking, Hashing, Reading, Verdict};
use crate::config::FileUser;
use crate::protocol::attributes::Attributes;

/// The users of one file.
pub struct File {
    users: HashMap<String, (SecretString, Attributes)>,
    hashing: Arc<Hashing>,
}

impl File {
    /// Takes users as the configuration read them.
    pub fn new(users: &[FileUser], hashing: Arc<Hashing>) -> Self {
        let entry = |user: &FileUser| (user.name.clone(), (user.password.clone(), user.attributes.clone()));
        Self { users: users.iter().map(entry).collect(), hashing }
    }
}

impl Authenticator for File {
    fn check<'a>(&'a self, name: &'a str, password: &'a SecretString) -> Checking<'a> {
        Box::pin(async move {
            let Some((stored, attributes)) = self.users.get(name) else { return Ok(Verdict::Unknown) };
            match self.hashing.verify(password, stored).await {
                Ok(true) => Ok(Verdict::Right { name: name.to_owned(), attributes: attributes.clone() }),
                Ok(false) => Ok(Verdict::Wrong),
                Err(busy) => Err(BackendDown { backend: "file".to_owned(), reason: busy.to_string() }),
            }
        })
    }

    fn attributes<'a>(&'a self, name: &'a str) -> Reading<'a> {
        Box::pin(async move { Ok(self.users.get(name).map(|(_, attributes)| attributes.clone())) })
    }

    fn hashes(&self) -> bool {
        true
    }
}
