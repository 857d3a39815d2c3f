//! `kind = "accounts"`: people of our own, in our database.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tokio::sync::OnceCell;

use super::{Answer, Authenticator, Down, Hashing, Known, Outcome, Passwords, Steps, Verdict, is_current};
use crate::config::Accounts as Keys;
use crate::config::backend::check::form::Form;
use crate::config::backend::check::{PasswordCheck, Stored};
use crate::protocol::attributes::{Attributes, Value};
use crate::store::accounts::{self, Account};
use crate::store::{Store, StoreError};

/// What every account has by itself: no attribute of these names is kept with it.
pub const OF_EVERY_ACCOUNT: [&str; 4] = ["username", "is_active", "date_joined", "last_login"];

/// Truths that are false where nobody said anything.
pub const TRUTHS: [&str; 2] = ["is_staff", "is_superuser"];

/// The accounts.
pub struct Accounts {
    store: Store,
    /// Hashes of another kind or cost become ours when their owner signs in.
    rehash: bool,
    passwords: Passwords,
    /// Filled once the passwords that there are were looked at.
    learned: OnceCell<()>,
}

/// What an account may hold: any kind that names itself.
fn stored_here() -> Stored {
    Stored::in_utf_8(PasswordCheck::Named)
}

/// Why no password can be checked by a stored text; `None`: one can, or none is right and that is meant so. Says
/// nothing of the text. Costs little, also where a check would cost much.
pub fn unreadable(text: &SecretString) -> Option<String> {
    Form::read(text.expose_secret(), stored_here()).err().map(|why| why.to_string())
}

impl Accounts {
    /// The accounts of this database. In also: the name of the back-end.
    pub fn new(backend: &str, keys: &Keys, store: Store, hashing: Arc<Hashing>) -> Self {
        Self {
            store,
            rehash: keys.rehash,
            passwords: Passwords::new(backend, stored_here(), hashing),
            learned: OnceCell::new(),
        }
    }

    async fn find(&self, name: &str) -> Result<Option<Account>, Down> {
        let found = async { accounts::find(&mut self.store.read().await?, name).await };
        found.await.map_err(|error: StoreError| Down::Silent(error.to_string()))
    }

    /// Looks once at the kinds of passwords that there are: an unknown name is measured against the costliest of
    /// them from the first attempt on.
    async fn learn(&self) -> Result<(), Down> {
        let look = async || {
            let kinds = accounts::kinds_of_passwords(&mut self.store.read().await?).await?;
            kinds.iter().for_each(|text| self.passwords.seen(text));
            Ok::<_, StoreError>(())
        };
        self.learned.get_or_try_init(look).await.map_err(|error| Down::Silent(error.to_string()))?;
        Ok(())
    }

    /// Whether it is the password of somebody who may sign in. An account that is switched off or has no password is
    /// answered no sooner than any other.
    async fn verify(&self, password: &SecretString, account: &Account) -> Result<Outcome, Down> {
        if !account.has_password() {
            self.passwords.refuse(password, 0).await?;
            return Ok(Outcome::Wrong);
        }
        let outcome = self.passwords.check(account.name.as_str(), password, &account.password).await?;
        if outcome == Outcome::Right && !account.active {
            self.passwords.refuse(password, self.passwords.cost(&account.password)).await?;
        }
        Ok(outcome)
    }

    /// Keeps the password in the form of today. A sign-in does not fail by it.
    async fn renew(&self, password: &SecretString, account: &Account) {
        let new = match self.passwords.hashing().hash(password).await {
            Ok(new) => new,
            Err(error) => return not_renewed(&error.to_string()),
        };
        let (name, old) = (account.name.clone(), account.password.clone());
        let write = self.store.write(move |tx| {
            let (name, old, new) = (name.clone(), old.clone(), new.clone());
            Box::pin(async move { accounts::rehash(tx, name.as_str(), &old, &new).await })
        });
        match write.await {
            Ok(true) => tracing::info!(
                event = "password.rehashed",
                user = account.name.as_str(),
                "the password is stored in the form of today"
            ),
            Ok(false) => {}
            Err(error) => not_renewed(&error.to_string()),
        }
    }
}

fn not_renewed(reason: &str) {
    tracing::warn!(reason, "a password stays stored in an older form");
}

/// What is known of somebody: never a hash.
fn told(account: &Account) -> Attributes {
    let mut told = Attributes::new();
    told.push("username", account.name.as_str());
    for (name, values) in account.attributes.iter().filter(|(name, _)| !OF_EVERY_ACCOUNT.contains(name)) {
        told.set(name, values.to_vec());
    }
    told.push("is_active", account.active);
    for name in TRUTHS {
        if !told.contains(name) {
            told.set(name, vec![Value::Bool(false)]);
        }
    }
    told.push("date_joined", account.joined_at.iso());
    if let Some(at) = account.last_login {
        told.push("last_login", at.iso());
    }
    told
}

impl Authenticator for Accounts {
    fn check<'a>(
        &'a self,
        name: &'a str,
        password: &'a SecretString,
        steps: &'a Steps,
    ) -> Answer<'a, Verdict> {
        Box::pin(async move {
            self.learn().await?;
            let Some(account) = self.find(name).await? else { return Ok(Verdict::Unknown) };
            let outcome = self.verify(password, &account).await?;
            steps.password(&outcome, || match account.has_password() {
                true => outcome.to_string(),
                false => "there is none".to_owned(),
            });
            if !account.active {
                steps.failed("account", || {
                    "switched off: people are told that the password is wrong".to_owned()
                });
                steps.advise("`passerelle users enable` switches an account on again");
                return Ok(Verdict::Wrong);
            }
            if outcome != Outcome::Right {
                return Ok(Verdict::Wrong);
            }
            let name = account.name.as_str().to_owned();
            if account.must_change {
                return Ok(Verdict::MustChange { name });
            }
            if self.rehash && !is_current(&account.password) {
                self.renew(password, &account).await;
            }
            Ok(Verdict::Own { name, attributes: told(&account), password_at: account.password_at })
        })
    }

    fn attributes<'a>(&'a self, name: &'a str, _: &'a Steps) -> Answer<'a, Known> {
        Box::pin(async move {
            let account = self.find(name).await?;
            Ok(account.map_or(Known::Nobody, |account| Known::now(name, &told(&account))))
        })
    }

    fn sample(&self) -> Option<(SecretString, Stored)> {
        self.passwords.sample()
    }

    fn probe<'a>(&'a self, steps: &'a Steps) -> Answer<'a, ()> {
        Box::pin(async move {
            self.find("").await?;
            steps.tell("database", || "answers".to_owned());
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::name::Name;
    use crate::protocol::time::Timestamp;

    #[test]
    fn what_cannot_be_checked_is_named() {
        for text in ["hunter2hunter2", "{NOBODY}x", "$argon2id$v=19$m=4194304,t=9999,p=1$c2FsdHNhbHQ$AAAA"] {
            let why = unreadable(&text.into());
            assert!(why.is_some_and(|why| !why.contains("hunter2")), "{text}");
        }
        for text in ["!", "{SSHA}dvKqrJstWrXovkKkGAo+z0k4ySptYXJzaA=="] {
            assert_eq!(unreadable(&text.into()), None, "{text}");
        }
    }

    #[test]
    fn an_account_has_what_it_has_by_itself() {
        let joined = Timestamp::from_seconds(1_772_621_527);
        let mut ada = Account::new(Name::stored("ada"), "$argon2id$secret".into(), joined);
        ada.attributes.push("email", "ada@home.example");
        ada.attributes.push("username", "somebody else");
        ada.attributes.push("is_staff", true);
        let told = told(&ada);
        let one = |name: &str| told.get(name).map(<[Value]>::to_vec);
        for (name, value) in [
            ("username", Value::from("ada")),
            ("email", Value::from("ada@home.example")),
            ("is_active", Value::Bool(true)),
            ("is_staff", Value::Bool(true)),
            ("is_superuser", Value::Bool(false)),
            ("date_joined", Value::from("2026-03-04T10:52:07Z")),
        ] {
            assert_eq!(one(name), Some(vec![value]), "{name}");
        }
        assert_eq!((one("last_login"), one("password")), (None, None));
        assert!(!format!("{told:?}").contains("argon2"));
    }
}
