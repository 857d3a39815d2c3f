//! A back-end that is told what to say, and counts who asks it.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use passerelle::auth::{Answer, Authenticator, Down, Known, Steps, Verdict};
use passerelle::protocol::attributes::Attributes;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;

/// How it answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    #[default]
    Well,
    /// It says at once that it cannot.
    Down,
    /// Not at all.
    Hangs,
}

/// The back-end.
#[derive(Default)]
pub struct Puppet {
    people: Mutex<HashMap<String, (String, Attributes)>>,
    mood: Mutex<Mood>,
    checks: watch::Sender<usize>,
    looks: AtomicUsize,
}

impl fmt::Debug for Puppet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Puppet")
    }
}

impl Puppet {
    /// One that knows nobody yet.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Somebody it knows, in place of what it knew of them.
    pub fn knows(&self, (name, password): (&str, &str), attributes: &[(&str, &str)]) {
        let mut all = Attributes::new();
        attributes.iter().for_each(|&(name, value)| all.push(name, value));
        self.people().insert(name.to_owned(), (password.to_owned(), all));
    }

    /// Somebody is taken out.
    pub fn forgets(&self, name: &str) {
        self.people().remove(name);
    }

    /// How it answers from now on.
    pub fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// How many passwords it was asked to check.
    pub fn checks(&self) -> usize {
        *self.checks.borrow()
    }

    /// Waits until it was asked to check so many.
    pub async fn was_asked(&self, times: usize) {
        let mut checks = self.checks.subscribe();
        let _count = checks.wait_for(|checks| *checks >= times).await.expect("it is here");
    }

    /// How often it was asked what it knows of somebody.
    pub fn looks(&self) -> usize {
        self.looks.load(Ordering::Relaxed)
    }

    fn people(&self) -> std::sync::MutexGuard<'_, HashMap<String, (String, Attributes)>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answers(&self) -> Result<(), Down> {
        let mood = *self.mood.lock().unwrap_or_else(PoisonError::into_inner);
        match mood {
            Mood::Well => Ok(()),
            Mood::Down => Err(Down::Silent("the puppet is down".to_owned())),
            Mood::Hangs => std::future::pending().await,
        }
    }
}

impl Authenticator for Puppet {
    fn check<'a>(&'a self, name: &'a str, password: &'a SecretString, _: &'a Steps) -> Answer<'a, Verdict> {
        Box::pin(async move {
            self.checks.send_modify(|checks| *checks += 1);
            self.answers().await?;
            let known = self.people().get(name).cloned();
            Ok(match known {
                None => Verdict::Unknown,
                Some((own, attributes)) if own == password.expose_secret() => {
                    Verdict::Right { name: name.to_owned(), attributes }
                }
                Some(_) => Verdict::Wrong,
            })
        })
    }

    fn attributes<'a>(&'a self, name: &'a str, _: &'a Steps) -> Answer<'a, Known> {
        Box::pin(async move {
            self.looks.fetch_add(1, Ordering::Relaxed);
            self.answers().await?;
            Ok(self.people().get(name).map_or(Known::Nobody, |(_, known)| Known::now(name, known)))
        })
    }
}
