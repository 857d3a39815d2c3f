//! `[session]`: how long a sign-in lasts.

use std::time::Duration;

use secrecy::SecretString;

use super::page::Spot;
use super::paths::secret_text;
use super::section::Section;
use super::texts::Files;

const SECOND: Duration = Duration::from_secs(1);
/// Nobody stays signed in for longer (CAS 3.0 §4.1.5: three months).
const LONGEST_MEMORY: Duration = Duration::from_secs(90 * 86_400);
/// Fewest bytes of the cookie secret.
const SHORTEST_SECRET: usize = 32;

/// `[session]`.
#[derive(Clone, Debug)]
pub struct Session {
    /// Seconds without use; `None`: no limit. Default: 2 h.
    pub idle: Option<i64>,
    /// Seconds after the sign-in; `None`: no limit. Default: 10 h.
    pub lifetime: Option<i64>,
    /// Seconds that somebody who asks for it stays signed in; `None`: nobody may. Default: off.
    pub remember_me: Option<i64>,
    /// Signing in as somebody else ends the old session. Default: true.
    pub single_identity: bool,
    /// What cookies are signed with. Default: a key kept in the database.
    pub cookie_secret: Option<SecretString>,
}

/// Reads `[session]`.
pub fn read(mut section: Section<'_>, files: &Files) -> Session {
    let idle = section.seconds_or("idle", 2 * 3600, "none");
    let lifetime = section.seconds_or("lifetime", 10 * 3600, "none");
    let remember_me = section.duration_or("remember_me", "off", &(SECOND..=LONGEST_MEMORY));
    let single_identity = section.bool("single_identity", true);
    let file = section.filled_text("cookie_secret_file");
    let cookie_secret = file.and_then(|found| secret(found.value, &found.spot, files));
    section.finish();
    let remember_me = remember_me.and_then(|time| i64::try_from(time.as_secs()).ok());
    Session { idle, lifetime, remember_me, single_identity, cookie_secret }
}

fn secret(path: &str, spot: &Spot<'_>, files: &Files) -> Option<SecretString> {
    let text = secret_text(path, spot, files)?;
    if text.len() < SHORTEST_SECRET {
        spot.error(format!("the secret in {path:?} is shorter than {SHORTEST_SECRET} bytes"));
        return None;
    }
    Some(SecretString::from(text))
}
