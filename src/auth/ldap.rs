//! `kind = "ldap"`: a directory. The account that searches finds an entry; the directory itself checks the
//! password by a bind as that entry, or we do, against one of its attributes.
//!
//! What it sends goes through `wall`, which looks at it by `frames`, before the library reads any of it.

mod answer;
mod connection;
mod entry;
mod frames;
mod pace;
mod pool;
mod probe;
mod reach;
mod servers;
mod tls;
mod trouble;
mod wall;
mod wanted;

use std::path::Path;
use std::sync::Arc;

use ldap3::{Scope, ldap_escape};
use secrecy::{ExposeSecret, SecretString};

use super::guard::patience;
use super::{Answer, Authenticator, Down, Hashing, Known, Outcome, Passwords, Steps, Verdict, Went};
use crate::config::backend::check::Stored;
use crate::config::backend::ldap::{AttributesAs, Ldap, LdapCheck};
use crate::outbound::OutboundError;
use crate::protocol::attributes::Attributes;
use crate::telemetry::Once;
use answer::Bound;
use connection::Question;
use entry::{Entry, Reader};
use pace::Pace;
use pool::{Person, Pool};
use reach::Way;
use servers::Servers;
use wanted::Wanted;

pub use frames::{Frames, MOST_BYTES, Odd, Taken};

/// A directory.
pub struct Directory {
    name: String,
    config: Ldap,
    signs_in: bool,
    pool: Pool,
    wanted: Wanted,
    /// Where we check passwords ourselves.
    passwords: Option<Passwords>,
    pace: Pace,
    once: Once,
}

/// Somebody who was found.
struct Somebody {
    entry: Entry,
    server: usize,
}

impl Directory {
    /// Connects nowhere yet; files of authorities are read. In: the name of the back-end, whether passwords are
    /// checked here, and authorities beside those of the system.
    pub fn new(
        name: &str,
        config: &Ldap,
        signs_in: bool,
        hashing: Arc<Hashing>,
        further_ca: Option<&Path>,
    ) -> Result<Self, OutboundError> {
        let trust = tls::trust(config.ca_file.as_deref(), further_ca)?;
        let way = Way { tls: trust.config(), starttls: config.starttls, limit: config.timeout };
        let (secret, passwords) = match &config.check {
            LdapCheck::Bind => (None, None),
            LdapCheck::Attribute { name: attribute, stored } => {
                (Some(attribute.as_str()), Some(Passwords::new(name, *stored, hashing)))
            }
        };
        let servers = Servers::new(&config.servers);
        Ok(Self {
            name: name.to_owned(),
            signs_in,
            pool: Pool::new(servers, way, config.bind.clone(), config.connections),
            wanted: Wanted::new(&config.attributes, &config.username_attr, secret),
            passwords,
            pace: Pace::default(),
            once: Once::default(),
            config: config.clone(),
        })
    }

    /// The one entry of a name.
    async fn find(&self, name: &str, steps: &Steps) -> Result<Option<Somebody>, Down> {
        let filter = self.config.user_query.with(&ldap_escape(name));
        let question = Question {
            base: &self.config.base_dn,
            scope: Scope::Subtree,
            filter: &filter,
            attributes: self.wanted.asked(),
        };
        steps.tell("search", || format!("{filter} below {}", self.config.base_dn));
        let found = self.pool.search(&question, steps).await?;
        let server = found.server;
        let entries: Option<Vec<Entry>> = found.entries.into_iter().map(Entry::read).collect();
        let mut entries = entries.ok_or_else(|| {
            Down::Unfit(format!("{}: an entry cannot be read", self.pool.servers().name(server)))
        })?;
        if entries.len() > 1 || found.more {
            steps.failed("entry", || "several: nobody, since one must be meant".to_owned());
            steps.advise(
                "nobody can sign in with a name that several entries have: narrow `user_query` or `base_dn`",
            );
            if self.once.is_first(&format!("several {name}")) {
                tracing::warn!(backend = self.name, user = name, "several entries fit: nobody can sign in");
            }
            return Ok(None);
        }
        let entry = entries.pop();
        let went = if entry.is_some() { Went::Well } else { Went::Badly };
        steps.note(went, "entry", || entry.as_ref().map_or("none", |entry| entry.dn.as_str()).to_owned());
        Ok(entry.map(|entry| Somebody { entry, server }))
    }

    /// The user name of an entry.
    fn user_name(&self, entry: &Entry, steps: &Steps) -> Option<String> {
        let name = entry.first(&self.config.username_attr);
        let went = if name.is_some() { Went::Well } else { Went::Badly };
        steps.note(went, "user", || match &name {
            Some(name) => name.clone(),
            None => format!("none: the entry has no {}", self.config.username_attr),
        });
        name
    }

    /// What is told of an entry, once all of it is here.
    async fn tell(&self, mut entry: Entry, reader: Reader<'_>, steps: &Steps) -> Attributes {
        // Less time than a look-up has: what came by then is told, and the others are known to be missing.
        entry::complete(&mut entry, &self.wanted, reader, patience(self.pool.limit())).await;
        let told = entry.tell(&self.wanted);
        for attribute in &told.short {
            if self.once.is_first(&format!("short {attribute}")) {
                tracing::warn!(
                    backend = self.name,
                    attribute,
                    "has too many values: told in part, or not at all"
                );
            }
        }
        steps.tell("attributes", || {
            told.attributes.iter().map(|(name, _)| name).collect::<Vec<_>>().join(", ")
        });
        told.attributes
    }

    /// Checks by a bind.
    async fn by_bind(&self, name: &str, password: &SecretString, steps: &Steps) -> Result<Verdict, Down> {
        let Some(Somebody { entry, server }) = self.find(name, steps).await? else {
            return Ok(self.unknown().await);
        };
        // Whoever reads it to its first NUL reads another password, or an empty one, which binds anybody.
        if password.expose_secret().contains('\0') {
            self.unknown().await;
            return Ok(Verdict::Wrong);
        }
        let by_account = self.config.attributes_as == AttributesAs::Service;
        if by_account && self.user_name(&entry, &Steps::untold()).is_none() {
            self.user_name(&entry, steps);
            return Ok(self.unknown().await);
        }
        let mut person = self.pool.sign_in(&entry.dn, password, server, steps).await?;
        self.pace.took(person.took, person.bound != Bound::Right);
        match &person.bound {
            Bound::Right => {}
            Bound::Wrong(reason) => {
                steps.failed("bind", || reason.clone());
                tracing::debug!(backend = self.name, reason, "the directory refuses a password");
                return Ok(Verdict::Wrong);
            }
            Bound::Unclear(reason) => {
                steps.failed("bind", || reason.clone());
                tracing::warn!(
                    backend = self.name,
                    user = name,
                    reason,
                    "the directory does not say whether a password is right: it counts as wrong"
                );
                return Ok(Verdict::Wrong);
            }
        }
        steps.tell("bind", || "right".to_owned());
        let read = match by_account {
            true => None,
            false => Some(self.own_reading(&mut person, &entry.dn).await?),
        };
        let shown = read.as_ref().unwrap_or(&entry);
        if let Some(why) = shown.is_shut(true).or_else(|| entry.is_shut(true)) {
            steps.failed("account", || why.to_owned());
            return Ok(Verdict::Wrong);
        }
        // What a person may not read of the own entry, the account that searches has read.
        let named = if shown.first(&self.config.username_attr).is_some() { shown } else { &entry };
        let Some(name) = self.user_name(named, steps) else { return Ok(Verdict::Unknown) };
        let (shown, reader) = match read {
            Some(read) => (read, Reader::Person(&mut person.connection)),
            None => (entry, Reader::Account(&self.pool)),
        };
        Ok(Verdict::Right { name, attributes: self.tell(shown, reader, steps).await })
    }

    /// The entry as the person sees it.
    async fn own_reading(&self, person: &mut Person, dn: &str) -> Result<Entry, Down> {
        let question = Question {
            base: dn,
            scope: Scope::Base,
            filter: "(objectClass=*)",
            attributes: self.wanted.asked(),
        };
        let server = self.pool.servers().name(person.server);
        let answer = person.connection.search(&question, self.pool.limit()).await;
        let (mut entries, reply) =
            answer.map_err(|trouble| trouble.down(format!("{server}: {}", trouble.words())))?;
        let unread = || {
            Down::Unfit(format!(
                "{server}: a person may not read the own entry, as `attributes_as` asks: {reply}"
            ))
        };
        let entry = entries.pop().filter(|_| reply.code == 0).ok_or_else(unread)?;
        Entry::read(entry).ok_or_else(|| Down::Unfit(format!("{server}: an entry cannot be read")))
    }

    /// Nobody, after the time that a wrong password takes.
    async fn unknown(&self) -> Verdict {
        if let Some(time) = self.pace.like_the_last() {
            tokio::time::sleep(time).await;
        }
        Verdict::Unknown
    }

    /// Checks against the values of an attribute.
    async fn by_value(
        &self,
        name: &str,
        password: &SecretString,
        (attribute, passwords): (&str, &Passwords),
        steps: &Steps,
    ) -> Result<Verdict, Down> {
        let Some(Somebody { entry, .. }) = self.find(name, steps).await? else { return Ok(Verdict::Unknown) };
        let Some(user) = self.user_name(&entry, steps) else { return Ok(Verdict::Unknown) };
        let values: Vec<&[u8]> = entry.values(attribute).take(MOST_PASSWORDS).collect();
        let went = if values.is_empty() { Went::Badly } else { Went::Well };
        steps.note(went, "password", || match values.len() {
            1 => format!("one value of {attribute}"),
            several => format!("{several} values of {attribute}"),
        });
        if values.is_empty() {
            steps.advise("the entry has no stored password, or the account that searches may not read it");
        }
        let (mut spent, mut outcomes) = (0, Vec::new());
        for value in &values {
            let outcome = match passwords.decoded(value) {
                None => {
                    passwords.report(&user, "bytes that are no text");
                    Outcome::Unreadable("bytes that are no text".to_owned())
                }
                Some(text) => {
                    let (outcome, cost) = passwords.compare(&user, password, &text).await?;
                    spent += cost;
                    outcome
                }
            };
            outcomes.push(outcome);
        }
        let mut right = outcomes.contains(&Outcome::Right);
        let is_unread = |outcome: &Outcome| matches!(outcome, Outcome::Unreadable(_));
        let all_unread = outcomes.iter().all(is_unread);
        for outcome in &outcomes {
            match right {
                true => steps.tell("password", || outcome.to_string()),
                // Another one was read and decided: no kind of hash is to blame.
                false if is_unread(outcome) && !all_unread => {
                    steps.note(Went::Oddly, "password", || outcome.to_string());
                }
                false => steps.password(outcome, || outcome.to_string()),
            }
        }
        if let Some(why) = entry.is_shut(false) {
            steps.failed("account", || why.to_owned());
            right = false;
        }
        if !right {
            passwords.refuse(password, spent).await?;
        }
        if !right {
            return Ok(Verdict::Wrong);
        }
        let attributes = self.tell(entry, Reader::Account(&self.pool), steps).await;
        Ok(Verdict::Right { name: user, attributes })
    }
}

/// Most stored passwords of an entry that are tried: each may cost its time.
const MOST_PASSWORDS: usize = 8;

impl Authenticator for Directory {
    fn check<'a>(
        &'a self,
        name: &'a str,
        password: &'a SecretString,
        steps: &'a Steps,
    ) -> Answer<'a, Verdict> {
        Box::pin(async move {
            match (&self.config.check, &self.passwords) {
                (LdapCheck::Attribute { name: attribute, .. }, Some(passwords)) => {
                    self.by_value(name, password, (attribute, passwords), steps).await
                }
                _ => self.by_bind(name, password, steps).await,
            }
        })
    }

    fn attributes<'a>(&'a self, name: &'a str, steps: &'a Steps) -> Answer<'a, Known> {
        Box::pin(async move {
            let by_bind = self.config.check == LdapCheck::Bind;
            let Some(Somebody { entry, .. }) = self.find(name, steps).await? else {
                return Ok(Known::Nobody);
            };
            if let Some(why) = entry.is_shut(by_bind) {
                steps.failed("account", || why.to_owned());
                return Ok(Known::Nobody);
            }
            let Some(name) = self.user_name(&entry, steps) else { return Ok(Known::Nobody) };
            let attributes = self.tell(entry, Reader::Account(&self.pool), steps).await;
            Ok(Known::Now { name, attributes })
        })
    }

    /// The person of a bind may have read more than the account that searches.
    fn keeps_attributes(&self) -> bool {
        self.config.check == LdapCheck::Bind && self.signs_in
    }

    fn sample(&self) -> Option<(SecretString, Stored)> {
        self.passwords.as_ref()?.sample()
    }

    fn probe<'a>(&'a self, steps: &'a Steps) -> Answer<'a, ()> {
        Box::pin(probe::all(self, steps))
    }
}
