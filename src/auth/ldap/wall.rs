//! The wall between a server and the library: it hands on what [`Frames`] finds good, and of that no more than the
//! answer to a question may be.
//!
//! The library has one end of a pair of sockets, and the wall has the other one and the connection to the server.

use std::future::Future;
use std::io;
use std::os::unix::net::UnixStream as Near;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::UnixStream;

use super::frames::{Frames, Taken};
use super::trouble::Trouble;

/// Most bytes of the answer to a bind, and of what a server says unasked.
pub const OF_A_BIND: usize = 64 << 10;
/// Most bytes of the answer to a search: two entries as large as a message may be.
pub const OF_A_SEARCH: usize = 16 << 20;
/// What an element costs beside its bytes, since the library makes so much more of it.
const ELEMENT: usize = 32;
/// Bytes that are read at once.
const AT_ONCE: usize = 16 << 10;

/// The side of the wall where questions come from.
#[derive(Clone, Debug)]
pub struct Wall(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// How many bytes the server may still say.
    left: AtomicUsize,
    why: OnceLock<Trouble>,
}

impl Wall {
    /// Stands before this server. Out also: the end for the library, and the work of handing on, which ends when either
    /// side hangs up, or when the wall refuses; then both sides are closed.
    pub fn before<S>(far: S) -> io::Result<(Self, Near, impl Future<Output = ()> + Send + use<S>)>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin,
    {
        let (near, inside) = UnixStream::pair()?;
        let shared = Arc::new(Shared { left: AtomicUsize::new(OF_A_BIND), why: OnceLock::new() });
        Ok((Self(Arc::clone(&shared)), near.into_std()?, hand_on(far, inside, shared)))
    }

    /// A question is asked next, and its answer may have so many bytes.
    pub fn expect(&self, bytes: usize) {
        self.0.left.store(bytes, Ordering::Relaxed);
    }

    /// Why it closed both sides; `None` where it did not, or the server just hung up.
    pub fn why(&self) -> Option<Trouble> {
        self.0.why.get().cloned()
    }
}

async fn hand_on<S: AsyncRead + AsyncWrite + Unpin>(far: S, inside: UnixStream, shared: Arc<Shared>) {
    let (mut says, mut hears) = tokio::io::split(far);
    let (mut asks, mut told) = inside.into_split();
    let ended = tokio::select! {
        ended = inward(&mut says, &mut told, &shared) => ended,
        ended = outward(&mut asks, &mut hears) => ended,
    };
    if let Err(trouble) = ended {
        // Before anything is closed: whoever asks why looks after that.
        let _first = shared.why.set(trouble);
    }
}

/// From the server to the library.
async fn inward(
    says: &mut (impl AsyncRead + Unpin),
    told: &mut (impl AsyncWrite + Unpin),
    shared: &Shared,
) -> Result<(), Trouble> {
    let (mut frames, mut buffer) = (Frames::default(), vec![0; AT_ONCE]);
    loop {
        let read = says.read(&mut buffer).await.map_err(|error| Trouble::from(&error))?;
        let mut rest = buffer.get(..read).unwrap_or_default();
        if rest.is_empty() {
            return Ok(());
        }
        while !rest.is_empty() {
            let taken = frames.take(rest).map_err(|odd| Trouble::Refused(odd.to_string()))?;
            shared.spend(taken)?;
            let (good, behind) = rest.split_at_checked(taken.bytes).unwrap_or((rest, &[]));
            if told.write_all(good).await.is_err() {
                return Ok(());
            }
            rest = behind;
        }
    }
}

/// From the library to the server.
async fn outward(
    asks: &mut (impl AsyncRead + Unpin),
    hears: &mut (impl AsyncWrite + Unpin),
) -> Result<(), Trouble> {
    let mut buffer = vec![0; AT_ONCE];
    loop {
        let Ok(read @ 1..) = asks.read(&mut buffer).await else { return Ok(()) };
        let asked = buffer.get(..read).unwrap_or_default();
        let sent = async {
            hears.write_all(asked).await?;
            hears.flush().await
        };
        sent.await.map_err(|error| Trouble::from(&error))?;
    }
}

impl Shared {
    fn spend(&self, taken: Taken) -> Result<(), Trouble> {
        let elements = usize::try_from(taken.elements).unwrap_or(usize::MAX);
        let cost = taken.bytes.saturating_add(elements.saturating_mul(ELEMENT));
        let spent = |left: usize| left.checked_sub(cost);
        match self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spent) {
            Ok(_) => Ok(()),
            Err(_) => {
                let words = "its answer is too large: name fewer of them in `attributes`";
                Err(Trouble::Refused(words.to_owned()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::duplex;
    use tokio::task::JoinHandle;
    use tokio::time::timeout;

    use super::*;

    /// The answer to a bind, with the number 1.
    const BOUND: &[u8] = b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00";

    struct Both {
        wall: Wall,
        library: UnixStream,
        server: tokio::io::DuplexStream,
        work: JoinHandle<()>,
    }

    fn both() -> Both {
        let (server, far) = duplex(1 << 10);
        let (wall, near, work) = Wall::before(far).unwrap();
        Both { wall, library: UnixStream::from_std(near).unwrap(), server, work: tokio::spawn(work) }
    }

    impl Both {
        /// What the library reads to the end, once the work is over.
        async fn end(mut self) -> (Vec<u8>, Option<Trouble>) {
            let mut read = Vec::new();
            timeout(Duration::from_secs(5), async {
                self.library.read_to_end(&mut read).await.unwrap();
                self.work.await.unwrap();
            })
            .await
            .unwrap();
            (read, self.wall.why())
        }
    }

    #[tokio::test]
    async fn questions_and_answers_pass() {
        let mut both = both();
        both.library.write_all(b"anything").await.unwrap();
        let mut asked = [0; 8];
        both.server.read_exact(&mut asked).await.unwrap();
        assert_eq!(&asked, b"anything");
        both.server.write_all(&BOUND.repeat(3)).await.unwrap();
        both.server.shutdown().await.unwrap();
        assert_eq!(both.end().await, (BOUND.repeat(3), None));
    }

    #[tokio::test]
    async fn what_was_whole_passes_before_what_is_refused() {
        let mut both = both();
        both.server.write_all(&[BOUND, BOUND, b"\x30\x05\x02\x01\x02\x65\x80"].concat()).await.unwrap();
        let (read, why) = both.end().await;
        assert_eq!(read, BOUND.repeat(2));
        assert_eq!(why, Some(Trouble::Refused("it sends a message without a length".to_owned())));
    }

    #[tokio::test]
    async fn an_answer_is_no_larger_than_the_question_is_worth() {
        let mut both = both();
        let one = BOUND.len() + 6 * ELEMENT;
        both.wall.expect(one * 2);
        both.server.write_all(&BOUND.repeat(3)).await.unwrap();
        let (read, why) = both.end().await;
        assert_eq!(read, BOUND.repeat(2));
        assert!(matches!(why, Some(Trouble::Refused(words)) if words.contains("too large")));
    }

    #[tokio::test]
    async fn the_work_ends_with_either_side() {
        let limit = Duration::from_secs(5);
        let Both { library, server, work, .. } = both();
        drop(library);
        timeout(limit, work).await.unwrap().unwrap();
        drop(server);
        let Both { library, server, work, .. } = both();
        drop(server);
        timeout(limit, work).await.unwrap().unwrap();
        drop(library);
    }
}
