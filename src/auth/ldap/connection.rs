//! One connection to one server.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use futures_util::FutureExt;
use ldap3::{LdapConnAsync, LdapConnSettings, LdapError, ResultEntry, Scope, SearchOptions, StdStream};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use super::reach::{Way, reach};
use super::trouble::{Trouble, short};
use super::wall::{OF_A_BIND, OF_A_SEARCH, Wall};

/// Most messages of one answer that are read, references to other servers among them.
const MOST_MESSAGES: usize = 1000;

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

/// An open connection. It closes when it is dropped, whatever is under way on it.
pub struct Connection {
    ldap: ldap3::Ldap,
    wall: Wall,
    _work: AbortOnDropHandle<()>,
}

impl Connection {
    /// Connects, and shakes hands where that is the way. Nothing is said as anybody yet.
    pub async fn open(server: &Url, way: &Way) -> Result<Self, Trouble> {
        let far = timeout(way.limit, reach(server, way)).await.map_err(|_| Trouble::silent(way.limit))??;
        let (wall, near, handing_on) = Wall::before(far).map_err(|error| Trouble::from(&error))?;
        // To the library it is a socket of this machine, already open.
        let settings = LdapConnSettings::new().set_std_stream(StdStream::Unix(near));
        let (driver, ldap) = LdapConnAsync::with_settings(settings, "ldapi:///")
            .await
            .map_err(|error| Trouble::from(&error))?;
        let work = tokio::spawn(async move {
            let mut driven = pin!(driver.drive());
            // How it ended is told by what was asked last.
            tokio::select! {
                _end = &mut driven => {}
                // What has passed is still read.
                () = handing_on => drop(driven.await),
            }
        });
        Ok(Self { ldap, wall, _work: AbortOnDropHandle::new(work) })
    }

    /// Whether it is closed, by the server or by the wall.
    pub fn is_closed(&mut self) -> bool {
        self.ldap.is_closed()
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
        self.wall.expect(OF_A_BIND);
        let answer = within(limit, &self.wall, self.ldap.simple_bind(dn, password.expose_secret())).await?;
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
        self.wall.expect(OF_A_SEARCH);
        let ldap = self.ldap.with_search_options(options);
        let answer = within(limit, &self.wall, async {
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

/// Waits so long, and survives what the library makes of answers that are none: it panics. Where the wall closed the
/// connection, that is why.
async fn within<T>(
    limit: Duration,
    wall: &Wall,
    asked: impl Future<Output = Result<T, LdapError>>,
) -> Result<T, Trouble> {
    let trouble = match timeout(limit, AssertUnwindSafe(asked).catch_unwind()).await {
        Ok(Ok(Ok(answer))) => return Ok(answer),
        Ok(Ok(Err(error))) => Trouble::from(&error),
        Ok(Err(_)) => Trouble::Lost("its answer cannot be read".to_owned()),
        Err(_) => Trouble::silent(limit),
    };
    Err(wall.why().unwrap_or(trouble))
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    use super::super::tls;
    use super::*;

    #[tokio::test]
    async fn a_library_that_panics_is_a_lost_connection() {
        let (limit, (_server, far)) = (Duration::from_secs(5), tokio::io::duplex(64));
        let (wall, _near, _handing_on) = Wall::before(far).unwrap();
        let answer: Result<(), Trouble> =
            within(limit, &wall, async { panic!("the answer of a server that is none") }).await;
        assert!(matches!(answer, Err(Trouble::Lost(words)) if words.contains("cannot be read")));
    }

    #[tokio::test]
    async fn a_server_that_does_not_read_keeps_nothing_here() {
        let deaf = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("ldap://{}", deaf.local_addr().unwrap())).unwrap();
        let limit = Duration::from_secs(60);
        let way = Way { tls: tls::trust(None, None).unwrap().config(), starttls: false, limit };
        let mut connection = Connection::open(&url, &way).await.unwrap();
        let (mut server, _) = deaf.accept().await.unwrap();
        // More than all that is on the way can hold.
        let password = SecretString::from("x".repeat(8 << 20));
        tokio::select! {
            answer = connection.bind("cn=x", &password, limit) => panic!("{answer:?}"),
            begun = server.read_u8() => assert_eq!(begun.unwrap(), 0x30),
        }
        drop(connection);
        let mut heard = Vec::new();
        let end = timeout(Duration::from_secs(20), server.read_to_end(&mut heard)).await;
        assert!(end.is_ok() && heard.len() < 8 << 20, "{end:?}, {}", heard.len());
    }
}
