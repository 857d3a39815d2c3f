//! One connection to one server.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use ldap3::{LdapConnAsync, LdapConnSettings, LdapError, ResultEntry, Scope, SearchOptions};
use rustls::ClientConfig;
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;
use url::Url;

use super::tls;
use crate::auth::Down;

/// Most messages of one answer that are read, references to other servers among them.
const MOST_MESSAGES: usize = 1000;
/// Longest text of a server that is repeated, in characters.
const LONGEST: usize = 200;

/// How servers are reached.
pub struct Way {
    /// Whom to believe.
    pub tls: Arc<ClientConfig>,
    /// Whether `ldap://` is left for TLS before anything is said.
    pub starttls: bool,
    /// For connecting, and for each question.
    pub limit: Duration,
}

/// A question.
pub struct Question<'a> {
    /// Where to look.
    pub base: &'a str,
    /// How deep.
    pub scope: Scope,
    /// What to look for.
    pub filter: &'a str,
    /// What to tell of it.
    pub attributes: &'a [String],
}

/// Most entries that are asked for: one is wanted, and two are too many.
const MOST_ENTRIES: i32 = 2;

/// What a server answers to anything: a result code, and its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// RFC 4511 §4.1.9.
    pub code: u32,
    /// What the server says of it, in one short line.
    pub text: String,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The server says nothing in time.
    Silent(String),
    /// The server cannot be reached, or went away: another try may help.
    Lost(String),
    /// It answered, and another try would not help.
    Refused(String),
}

impl Trouble {
    /// Its words.
    pub fn words(&self) -> &str {
        let (Self::Silent(words) | Self::Lost(words) | Self::Refused(words)) = self;
        words
    }

    /// What it is to whoever asked, in these words.
    pub fn down(&self, words: String) -> Down {
        match self {
            Self::Silent(_) | Self::Lost(_) => Down::Silent(words),
            Self::Refused(_) => Down::Unfit(words),
        }
    }
}

/// An open connection. It closes when it is dropped.
pub struct Connection(ldap3::Ldap);

impl Connection {
    /// Connects, and shakes hands where that is the way. Nothing is said as anybody yet.
    pub async fn open(server: &Url, way: &Way) -> Result<Self, Trouble> {
        let settings = LdapConnSettings::new().set_config(Arc::clone(&way.tls)).set_starttls(way.starttls);
        let (driver, ldap) =
            within(way.limit, LdapConnAsync::from_url_with_settings(settings, server)).await?;
        tokio::spawn(async move {
            // How it ended is told by what was asked last.
            let _end = driver.drive().await;
        });
        Ok(Self(ldap))
    }

    /// Whether the server closed it.
    pub fn is_closed(&mut self) -> bool {
        self.0.is_closed()
    }

    /// A simple bind (RFC 4511 §4.2). One without a name or a password would be one as nobody, which servers
    /// answer with success (RFC 4513 §5.1.2): it is never sent, and is wrong.
    pub async fn bind(
        &mut self,
        dn: &str,
        password: &SecretString,
        limit: Duration,
    ) -> Result<Reply, Trouble> {
        if dn.is_empty() || password.expose_secret().is_empty() {
            return Ok(Reply { code: 49, text: "no name or no password".to_owned() });
        }
        let answer = within(limit, self.0.simple_bind(dn, password.expose_secret())).await?;
        Ok(Reply::new(&answer))
    }

    /// A search (RFC 4511 §4.5). Out: its first entries, and how it ended. References to other servers are left
    /// out. After an error the connection is not to be used again.
    pub async fn search(
        &mut self,
        question: &Question<'_>,
        limit: Duration,
    ) -> Result<(Vec<ResultEntry>, Reply), Trouble> {
        let seconds = i32::try_from(limit.as_secs().max(1)).unwrap_or(i32::MAX);
        let options = SearchOptions::new().sizelimit(MOST_ENTRIES).timelimit(seconds);
        let ldap = self.0.with_search_options(options);
        let answer = within(limit, async {
            let Question { base, scope, filter, attributes } = question;
            let mut stream = ldap.streaming_search(base, *scope, filter, *attributes).await?;
            let mut entries = Vec::new();
            for _ in 0..MOST_MESSAGES {
                match stream.next().await? {
                    Some(entry) if entry.is_ref() || entry.is_intermediate() => {}
                    Some(entry) if entries.len() < usize::try_from(MOST_ENTRIES).unwrap_or(2) => {
                        entries.push(entry);
                    }
                    Some(_) => {}
                    None => return Ok(Some((entries, stream.finish().await))),
                }
            }
            Ok(None)
        });
        match answer.await? {
            Some((entries, end)) => Ok((entries, Reply::new(&end))),
            None => Err(Trouble::Refused("it sends more than was asked for".to_owned())),
        }
    }
}

impl Reply {
    fn new(result: &ldap3::LdapResult) -> Self {
        Self { code: result.rc, text: short(&result.text) }
    }
}

/// One short line of what a server says.
fn short(text: &str) -> String {
    let line: String =
        text.chars().take(LONGEST).map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    line.trim().to_owned()
}

/// Waits so long, and survives what the library makes of answers that are none: it panics.
async fn within<T>(limit: Duration, asked: impl Future<Output = Result<T, LdapError>>) -> Result<T, Trouble> {
    match timeout(limit, AssertUnwindSafe(asked).catch_unwind()).await {
        Ok(Ok(Ok(answer))) => Ok(answer),
        Ok(Ok(Err(error))) => Err(sorted(&error)),
        Ok(Err(_)) => Err(Trouble::Lost("its answer cannot be read".to_owned())),
        Err(_) => Err(Trouble::Silent(format!("no answer in {limit:?}"))),
    }
}

fn sorted(error: &LdapError) -> Trouble {
    match error {
        LdapError::Io { source } => {
            Trouble::Lost(tls::why(source).unwrap_or_else(|| short(&source.to_string())))
        }
        LdapError::LdapResult { result } => {
            Trouble::Lost(format!("it refuses StartTLS: {}", Reply::new(result)))
        }
        LdapError::ResultRecv { .. }
        | LdapError::OpSend { .. }
        | LdapError::IdScrubSend { .. }
        | LdapError::EndOfStream => Trouble::Lost("it closed the connection".to_owned()),
        LdapError::FilterParsing => Trouble::Refused("the filter cannot be used".to_owned()),
        LdapError::DNSName { .. } => Trouble::Refused("its address is no name for TLS".to_owned()),
        other => Trouble::Lost(short(&other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_library_that_panics_is_a_lost_connection() {
        let limit = Duration::from_secs(5);
        let answer: Result<(), Trouble> =
            within(limit, async { panic!("the answer of a server that is none") }).await;
        assert!(matches!(answer, Err(Trouble::Lost(words)) if words.contains("cannot be read")));
    }

    #[test]
    fn what_a_server_says_is_one_short_line() {
        assert_eq!(short(" no\nsuch\u{0} thing "), "no such  thing");
        assert_eq!(short(&"x".repeat(1000)).len(), LONGEST);
    }
}
