//! Where a command gets a password from: a terminal, without showing it, or standard input.

use std::io::{self, IsTerminal, Read};

use secrecy::{ExposeSecret, SecretString};

use super::super::table::say;
use super::super::usage;
use crate::app::App;
use crate::auth::{MAX_PASSWORD, hash_password};

/// Asks for a password, and hashes it. Out: `None` where it cannot be one, which is told. Without a terminal and
/// without the flag the program ends: wrong usage.
pub(super) async fn ask(app: &App, from_stdin: bool) -> anyhow::Result<Option<SecretString>> {
    if !from_stdin && !io::stdin().is_terminal() {
        usage("there is no terminal to ask for the password: use --password-stdin");
    }
    let read = tokio::task::spawn_blocking(move || if from_stdin { first_line() } else { typed_twice() });
    let password = match read.await?? {
        Ok(password) => password,
        Err(reason) => {
            say(reason);
            return Ok(None);
        }
    };
    let least = super::least(app);
    if password.expose_secret().chars().count() < least {
        say(&format!("the password has fewer than {least} characters: its owner could not choose it"));
    }
    hashed(app, password).await.map(Some)
}

/// The text to store.
pub(super) async fn hashed(app: &App, password: SecretString) -> anyhow::Result<SecretString> {
    let hash = app.backends.hashing().run(move || hash_password(&password)).await?;
    Ok(hash.ok_or_else(|| anyhow::anyhow!("the hashing died"))??)
}

/// Whether a text can be a password. Errors: why not.
pub(super) fn fits(text: &str) -> Result<(), &'static str> {
    match text.len() {
        0 => Err("the password is empty"),
        long if long > MAX_PASSWORD => Err("the password has more than 512 bytes"),
        _ => Ok(()),
    }
}

fn typed_twice() -> io::Result<Result<SecretString, &'static str>> {
    let first = rpassword::prompt_password("Password: ")?;
    if let Err(reason) = fits(&first) {
        return Ok(Err(reason));
    }
    let second = SecretString::from(rpassword::prompt_password("Once more: ")?);
    let same = first == second.expose_secret();
    Ok(if same { Ok(SecretString::from(first)) } else { Err("both passwords differ: nothing was changed") })
}

/// All before the first end of a line; blanks count.
fn first_line() -> io::Result<Result<SecretString, &'static str>> {
    let mut text = String::new();
    let limit = u64::try_from(MAX_PASSWORD).unwrap_or(u64::MAX) + 3;
    if io::stdin().lock().take(limit).read_to_string(&mut text).is_err() {
        return Ok(Err("the password is not valid UTF-8, or cannot be read"));
    }
    let line = text.split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    Ok(fits(line).map(|()| SecretString::from(line)))
}
