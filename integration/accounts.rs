//! People of our own: they sign in, choose other passwords, and operators look after them.

mod change;
mod commands;
mod import;
mod must_change;
mod sign_in;
mod terminal;

use std::process::Command;

use passerelle::auth::hash_password;
use passerelle::domain::name::Name;
use passerelle::protocol::time::Timestamp;
use passerelle::store::accounts::{self, Account};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;

use crate::support::house::{BEGIN, Builder};
use crate::support::server::{Answer, program, run, run_with};
use crate::support::{House, Page};

/// Somebody with an account of ours, and the password.
const ANA: (&str, &str) = ("ana", "copper kettle lantern");
/// Another one.
const BEN: (&str, &str) = ("ben", "seven slow herons wade");
/// A password that nobody has yet.
const NEW: &str = "marble otter windmill";

const PEOPLE: &str = "[[backend]]\nname = \"people\"\nkind = \"accounts\"\n";

/// A gateway with accounts of its own, beside the usual back-ends.
fn house() -> Builder {
    let house = House::with().section(PEOPLE);
    [ANA.1, BEN.1, NEW, "$argon2"].into_iter().fold(house, Builder::secret)
}

/// A new account.
fn account((name, password): (&str, &str)) -> Account {
    let hash = hash_password(&SecretString::from(password)).unwrap();
    Account::new(Name::stored(name), hash, Timestamp::from_seconds(BEGIN))
}

/// Adds it.
async fn add(house: &House, account: Account) {
    let write = house.app.store.write(move |tx| {
        let account = account.clone();
        Box::pin(async move { accounts::add(tx, &account).await })
    });
    assert!(write.await.unwrap());
}

/// An account as it stands.
async fn found(house: &House, name: &str) -> Account {
    accounts::find(&mut house.app.store.read().await.unwrap(), name).await.unwrap().unwrap()
}

async fn hash(house: &House, name: &str) -> String {
    found(house, name).await.password.expose_secret().to_owned()
}

/// Fills in the form of a new password: current, new, and the new one again.
fn filled(page: &Page, current: &str, new: &str, again: &str) -> crate::support::form::Form {
    let forms = crate::support::form::Form::all(&page.body);
    let form = forms.into_iter().find(|form| form.value("again").is_some());
    let form = form.unwrap_or_else(|| panic!("no such form: {} {}", page.status, page.text()));
    form.fill("current", current).fill("new", new).fill("again", again)
}

/// Another process with the same database.
struct Desk(TempDir);

impl Desk {
    fn of(house: &House) -> Self {
        Self::with(house, PEOPLE)
    }

    fn with(house: &House, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (base, url) = (&house.base, house.database.url());
        let listen = house.address;
        let main = format!(
            "[server]\npublic_url = \"{base}\"\nlisten = \"{listen}\"\n[database]\nurl = \"{url}\"\n{more}"
        );
        std::fs::write(folder.path().join("passerelle.toml"), main).unwrap();
        Self(folder)
    }

    fn command(&self, line: &[&str]) -> Command {
        let mut command = program();
        command.arg("--config").arg(self.0.path().join("passerelle.toml")).arg("users").args(line);
        command
    }

    fn run(&self, line: &[&str]) -> Answer {
        run(&mut self.command(line))
    }

    fn run_with(&self, line: &[&str], input: &str) -> Answer {
        run_with(&mut self.command(line), input)
    }

    /// A command that succeeds, as programs read it.
    fn json(&self, line: &[&str]) -> serde_json::Value {
        let (code, out, told) = self.run(&[line, &["--format", "json"]].concat());
        assert_eq!(code, Some(0), "{line:?}: {told}");
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
    }
}
