//! Where a command gets a password from: a terminal, without showing it, or standard input.

use std::io::{self, IsTerminal, Read};

use nix::sys::termios::{SetArg, tcgetattr, tcsetattr};
use secrecy::{ExposeSecret, SecretString};
use tokio::signal::unix::{SignalKind, signal};

use super::super::table::say;
use super::super::usage;
use crate::app::App;
use crate::auth::MAX_PASSWORD;

/// Asks for a password, and hashes it. Out: `None` where it cannot be one, which is told. Without a terminal and
/// without the flag the program ends: wrong usage.
pub(super) async fn ask(app: &App, from_stdin: bool) -> anyhow::Result<Option<SecretString>> {
    if !from_stdin && !io::stdin().is_terminal() {
        usage("there is no terminal to ask for the password: use --password-stdin");
    }
    let password = match read(from_stdin).await? {
        Ok(password) => password,
        Err(reason) => {
            say(reason);
            return Ok(None);
        }
    };
    let least = super::least(app);
    if password.expose_secret().chars().count() < least {
        say(&format!(
            "warning: the password has fewer than {least} characters: its owner could not choose it"
        ));
    }
    hashed(app, password).await.map(Some)
}

async fn read(from_stdin: bool) -> anyhow::Result<Result<SecretString, &'static str>> {
    match from_stdin {
        true => Ok(tokio::task::spawn_blocking(first_line).await??),
        false => at_terminal(typed_twice).await,
    }
}

/// Asks at the terminal. Whoever gives up (Ctrl-C) gets it back as it was, so that it shows what is typed, and the
/// program ends.
pub(in crate::cli) async fn at_terminal<T: Send + 'static>(
    ask: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    let terminal = io::stdin();
    let before = tcgetattr(&terminal)?;
    let mut given_up = signal(SignalKind::interrupt())?;
    let asked = tokio::select! {
        asked = tokio::task::spawn_blocking(ask) => Some(asked?),
        _ = given_up.recv() => None,
    };
    match asked {
        // The key ends the question and sends the signal: either may be seen first.
        None => {}
        Some(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
        Some(asked) => return Ok(asked?),
    }
    tcsetattr(&terminal, SetArg::TCSANOW, &before)?;
    say("given up: nothing was changed");
    // The thread that waits for the terminal would keep the program.
    std::process::exit(130)
}

/// The text to store.
pub(super) async fn hashed(app: &App, password: SecretString) -> anyhow::Result<SecretString> {
    Ok(app.backends.hashing().hash(&password).await?)
}

/// Whether a text can be a password. Errors: why not.
pub(in crate::cli) fn fits(text: &str) -> Result<(), &'static str> {
    match text.len() {
        0 => Err("the password is empty"),
        long if long > MAX_PASSWORD => Err("the password has more than 512 bytes"),
        _ if text.contains('\0') => Err("the password has a NUL in it, where other programs would cut it"),
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
    Ok(if same {
        Ok(SecretString::from(first))
    } else {
        Err("the two passwords are not the same: nothing was changed")
    })
}

/// All before the first end of a line; blanks count.
pub(in crate::cli) fn first_line() -> io::Result<Result<SecretString, &'static str>> {
    let mut text = String::new();
    let limit = u64::try_from(MAX_PASSWORD).unwrap_or(u64::MAX) + 3;
    if io::stdin().lock().take(limit).read_to_string(&mut text).is_err() {
        return Ok(Err("the password is not valid UTF-8, or cannot be read"));
    }
    let line = text.split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    Ok(fits(line).map(|()| SecretString::from(line)))
}
