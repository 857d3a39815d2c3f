//! Connections that are kept for searches, and those of people.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ldap3::ResultEntry;
use secrecy::SecretString;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep, timeout};

use super::answer::{self, Bound};
use super::connection::{Connection, Question, Reply};
use super::reach::Way;
use super::servers::Servers;
use super::trouble::Trouble;
use crate::auth::guard::patience;
use crate::auth::{Down, Steps, Went};

/// How often a question is asked, each time of the best server of that moment.
const TRIES: usize = 3;
/// How long a try waits for the failure before it to pass: a server that restarts is back soon.
const PAUSE: Duration = Duration::from_millis(100);
/// How long an unused connection is kept: shorter than what is on the way forgets one.
const IDLE: Duration = Duration::from_secs(60);
/// How long any connection is kept, so that a server that is back gets its share.
const AGE: Duration = Duration::from_secs(600);
/// Most people whose passwords are at the directory at once.
const MOST_BINDS: usize = 64;

/// The way to a directory.
pub struct Pool {
    servers: Servers,
    way: Way,
    /// Who searches; `None`: nobody in particular.
    account: Option<(String, SecretString)>,
    searches: Semaphore,
    binds: Semaphore,
    idle: Mutex<Vec<Kept>>,
}

/// A connection of the account that searches, between two questions.
struct Kept {
    connection: Connection,
    server: usize,
    opened: Instant,
    used: Instant,
}

/// What a search found.
pub struct Found {
    /// Two at most.
    pub entries: Vec<ResultEntry>,
    /// Whether there are more.
    pub more: bool,
    /// Which server said so.
    pub server: usize,
}

/// The connection of a person, and what the directory said of the password.
pub struct Person {
    /// Open, and bound where the password is right.
    pub connection: Connection,
    /// Right or wrong.
    pub bound: Bound,
    /// Which server it leads to.
    pub server: usize,
    /// How long connecting and the bind took.
    pub took: Duration,
}

/// The tries for one question.
struct Tries<'p> {
    pool: &'p Pool,
    done: usize,
    useless: Vec<usize>,
    reasons: Vec<String>,
}

impl Pool {
    /// Connects nowhere yet. In: most connections for searches.
    pub fn new(
        servers: Servers,
        way: Way,
        account: Option<(String, SecretString)>,
        connections: usize,
    ) -> Self {
        let (searches, binds) = (Semaphore::new(connections), Semaphore::new(MOST_BINDS));
        Self { servers, way, account, searches, binds, idle: Mutex::default() }
    }

    /// The servers.
    pub fn servers(&self) -> &Servers {
        &self.servers
    }

    /// For connecting, and for each question.
    pub fn limit(&self) -> Duration {
        self.way.limit
    }

    /// Searches as the account.
    pub async fn search(&self, question: &Question<'_>, steps: &Steps) -> Result<Found, Down> {
        let _place = self.place(&self.searches).await?;
        let mut tries = self.tries();
        let mut anew = false;
        loop {
            let kept = if anew { None } else { self.kept() };
            let was_kept = kept.is_some();
            let (server, answer) = match kept {
                Some(kept) => (kept.server, self.ask(kept, question).await),
                None => {
                    let server = self.servers.next(None, Instant::now());
                    (server, self.ask_anew(server, question).await)
                }
            };
            match answer {
                Ok((entries, more)) => {
                    steps.tell("server", || self.told(server));
                    return Ok(Found { entries, more, server });
                }
                // A server may close what is not used; nothing is wrong with it then.
                Err(Trouble::Lost(_)) if was_kept => anew = true,
                Err(trouble) => tries.after(server, trouble, steps).await?,
            }
            self.forget(server);
        }
    }

    /// Says a password as the person it is of, on a connection of their own.
    pub async fn sign_in(
        &self,
        dn: &str,
        password: &SecretString,
        server: usize,
        steps: &Steps,
    ) -> Result<Person, Down> {
        let _place = self.place(&self.binds).await?;
        let mut tries = self.tries();
        loop {
            let server = self.servers.next(Some(server), Instant::now());
            match self.bind(server, dn, password).await {
                Ok(person) => return Ok(person),
                Err(trouble) => tries.after(server, trouble, steps).await?,
            }
        }
    }

    /// A new connection to this server, bound as the account.
    pub async fn open(&self, server: usize) -> Result<Connection, Trouble> {
        let mut connection = self.connect(server).await?;
        if let Some((dn, password)) = &self.account {
            answer::of_account(&connection.bind(dn, password, self.way.limit).await?)?;
        }
        Ok(connection)
    }

    /// A new connection to this server, bound as nobody.
    pub async fn connect(&self, server: usize) -> Result<Connection, Trouble> {
        let gone = || Trouble::Refused("there is no such server".to_owned());
        Connection::open(self.servers.url(server).ok_or_else(gone)?, &self.way).await
    }

    /// The name of the account that searches.
    pub fn account(&self) -> Option<&str> {
        self.account.as_ref().map(|(dn, _)| dn.as_str())
    }

    /// A server, and how it is reached.
    pub fn told(&self, server: usize) -> String {
        let Some(url) = self.servers.url(server) else { return String::new() };
        let how = match (url.scheme(), self.way.starttls) {
            ("ldaps", _) => "TLS",
            (_, true) => "StartTLS",
            (_, false) => "no TLS",
        };
        format!("{url}, {how}, as {}", self.account().unwrap_or("nobody in particular"))
    }

    async fn ask_anew(
        &self,
        server: usize,
        question: &Question<'_>,
    ) -> Result<(Vec<ResultEntry>, bool), Trouble> {
        // Connecting, TLS and the bind together have the time of one question.
        let connection = timeout(self.way.limit, self.open(server))
            .await
            .map_err(|_| Trouble::silent(self.way.limit))??;
        let now = Instant::now();
        self.ask(Kept { connection, server, opened: now, used: now }, question).await
    }

    async fn ask(
        &self,
        mut kept: Kept,
        question: &Question<'_>,
    ) -> Result<(Vec<ResultEntry>, bool), Trouble> {
        let (entries, reply) = kept.connection.search(question, self.way.limit).await?;
        let more = answer::of_search(&reply);
        if !matches!(more, Err(Trouble::Lost(_))) {
            kept.used = Instant::now();
            self.servers.answered(kept.server);
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
        }
        Ok((entries, more?))
    }

    async fn bind(&self, server: usize, dn: &str, password: &SecretString) -> Result<Person, Trouble> {
        let began = Instant::now();
        let mut connection = self.connect(server).await?;
        let reply: Reply = connection.bind(dn, password, self.way.limit).await?;
        let took = began.elapsed();
        let bound = answer::of_bind(&reply)?;
        self.servers.answered(server);
        Ok(Person { connection, bound, server, took })
    }

    /// The connection that was used last, of those that are good for another question.
    fn kept(&self) -> Option<Kept> {
        let now = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain_mut(|kept| kept.is_good(now));
        idle.pop()
    }

    /// What else is open to a server that failed is no better.
    fn forget(&self, server: usize) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).retain(|kept| kept.server != server);
    }

    async fn place<'s>(&self, places: &'s Semaphore) -> Result<SemaphorePermit<'s>, Down> {
        match timeout(patience(self.way.limit), places.acquire()).await {
            Ok(Ok(place)) => Ok(place),
            _ => Err(Down::Crowd("too many questions to the directory at once".to_owned())),
        }
    }

    fn tries(&self) -> Tries<'_> {
        Tries { pool: self, done: 0, useless: Vec::new(), reasons: Vec::new() }
    }
}

impl Kept {
    fn is_good(&mut self, now: Instant) -> bool {
        now.saturating_duration_since(self.used) < IDLE
            && now.saturating_duration_since(self.opened) < AGE
            && !self.connection.is_closed()
    }
}

impl Tries<'_> {
    /// Goes on after a try that failed, or says why there is no other.
    async fn after(&mut self, server: usize, trouble: Trouble, steps: &Steps) -> Result<(), Down> {
        let reason = format!("{}: {}", self.pool.servers.name(server), trouble.words());
        steps.note(Went::Oddly, "failed", || reason.clone());
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
        self.done += 1;
        let now = Instant::now();
        self.pool.servers.failed(server, now);
        // Whoever waited once for a server in vain does not wait for it again; one that refuses will not be in better
        // order a moment later, though another may be.
        if matches!(trouble, Trouble::Silent(_) | Trouble::Refused(_)) {
            self.useless.push(server);
        }
        let next = self.pool.servers.next(None, now);
        if self.done >= TRIES || self.useless.contains(&next) {
            return Err(trouble.down(self.reasons.join("; ")));
        }
        if next == server {
            sleep(PAUSE).await;
        }
        Ok(())
    }
}
