//! The way to a server: a connection, and TLS before anything is said, at once or by StartTLS.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ldap3::asn1::{TagClass, parse_tag, parse_uint};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

use super::connection::Reply;
use super::frames::Frames;
use super::trouble::{Trouble, short};

/// How servers are reached.
pub struct Way {
    /// Whom to believe.
    pub tls: Arc<ClientConfig>,
    /// Whether `ldap://` is left for TLS before anything is said.
    pub starttls: bool,
    /// For connecting, and for each question.
    pub limit: Duration,
}

/// A connection, with TLS or without.
pub trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Socket for S {}

/// The wish for TLS (RFC 4511 §4.14.1), as the first message of a connection.
const WISH: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
/// Most bytes of the answer to it.
const MOST: usize = 16 << 10;

/// Connects, and shakes hands where that is the way: then what comes out is secured, or nothing does.
pub async fn reach(server: &Url, way: &Way) -> Result<Box<dyn Socket>, Trouble> {
    let unusable = || Trouble::Refused("its address cannot be used".to_owned());
    let host = server.host_str().filter(|host| !host.is_empty()).ok_or_else(unusable)?;
    let secure = server.scheme() == "ldaps";
    let port = server.port().unwrap_or(if secure { 636 } else { 389 });
    let lost = |error: io::Error| Trouble::from(&error);
    let mut stream = TcpStream::connect(format!("{host}:{port}")).await.map_err(lost)?;
    if !secure && !way.starttls {
        return Ok(Box::new(stream));
    }
    let no_name = |_| Trouble::Refused("its address is no name for TLS".to_owned());
    // An address of IPv6 stands in brackets before a port, and nowhere else.
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let name = ServerName::try_from(bare.to_owned()).map_err(no_name)?;
    if !secure {
        start_tls(&mut stream).await?;
    }
    let connector = TlsConnector::from(Arc::clone(&way.tls));
    Ok(Box::new(connector.connect(name, stream).await.map_err(lost)?))
}

/// Asks for TLS. After that nothing of what was said in clear text is kept: whatever stands behind the answer could be
/// anybody's, and would be taken for what the server says under TLS.
async fn start_tls<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Result<(), Trouble> {
    let lost = |error: io::Error| Trouble::from(&error);
    let refused = |words: &str| Err(Trouble::Refused(words.to_owned()));
    stream.write_all(WISH).await.map_err(lost)?;
    stream.flush().await.map_err(lost)?;
    let (mut frames, mut answer, mut buffer) = (Frames::default(), Vec::new(), [0; 1 << 10]);
    loop {
        let read = stream.read(&mut buffer).await.map_err(lost)?;
        let read = buffer.get(..read).unwrap_or_default();
        if read.is_empty() {
            return Err(Trouble::closed());
        }
        let taken = frames.take(read).map_err(|odd| Trouble::Refused(odd.to_string()))?;
        answer.extend_from_slice(read.get(..taken.bytes).unwrap_or_default());
        if answer.len() > MOST {
            return refused("its answer to StartTLS is too large");
        }
        if frames.is_between() {
            if taken.bytes < read.len() {
                return refused("it says more in clear text, behind its answer to StartTLS");
            }
            break;
        }
    }
    match answered(&answer) {
        Some((1, Reply { code: 0, .. })) => Ok(()),
        Some((_, reply)) if reply.code != 0 => Err(Trouble::Lost(format!("it refuses StartTLS: {reply}"))),
        _ => refused("its answer to StartTLS cannot be read"),
    }
}

/// Reads the answer to an extended request (RFC 4511 §4.12), which has passed as a message. Out: its number, and what it
/// says.
fn answered(message: &[u8]) -> Option<(u64, Reply)> {
    let number = |bytes: Vec<u8>| parse_uint(&bytes).ok().map(|(_, number)| number);
    let (_, message) = parse_tag(message).ok()?;
    let mut parts = message.expect_constructed()?.into_iter();
    let id = number(parts.next()?.expect_primitive()?)?;
    let answer = parts.next()?.match_class(TagClass::Application)?.match_id(24)?;
    let mut parts = answer.expect_constructed()?.into_iter();
    let code = number(parts.next()?.match_id(10)?.expect_primitive()?)?;
    let _matched = parts.next()?;
    let text = parts.next()?.expect_primitive()?;
    let code = u32::try_from(code).unwrap_or(u32::MAX);
    Some((id, Reply { code, text: short(&String::from_utf8_lossy(&text)) }))
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    /// That TLS may begin.
    const YES: &[u8] = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00";

    /// What comes of these answers, each sent by itself.
    async fn told(answers: &[&[u8]]) -> Result<(), Trouble> {
        let (mut server, mut stream) = duplex(1 << 20);
        let says = async {
            let mut asked = vec![0; WISH.len()];
            server.read_exact(&mut asked).await.unwrap();
            assert_eq!(asked, WISH);
            for answer in answers {
                server.write_all(answer).await.unwrap();
                tokio::task::yield_now().await;
            }
            server.shutdown().await.unwrap();
        };
        tokio::join!(start_tls(&mut stream), says).0
    }

    #[tokio::test]
    async fn yes_and_no() {
        assert_eq!(told(&[YES]).await, Ok(()));
        let bytes: Vec<&[u8]> = YES.chunks(1).collect();
        assert_eq!(told(&bytes).await, Ok(()));
        // With the name of what it answers.
        let named = b"\x30\x24\x02\x01\x01\x78\x1f\x0a\x01\x00\x04\x00\x04\x00\x8a\x161.3.6.1.4.1.1466.20037";
        assert_eq!(told(&[named]).await, Ok(()));
        let no = b"\x30\x0e\x02\x01\x01\x78\x09\x0a\x01\x02\x04\x00\x04\x02no";
        let words = "it refuses StartTLS: protocol error (2), \"no\"";
        assert_eq!(told(&[no]).await, Err(Trouble::Lost(words.to_owned())));
        // A notice that it goes away has no number.
        let gone = b"\x30\x0c\x02\x01\x00\x78\x07\x0a\x01\x34\x04\x00\x04\x00";
        assert_eq!(
            told(&[gone]).await,
            Err(Trouble::Lost("it refuses StartTLS: unavailable (52)".to_owned()))
        );
        assert_eq!(told(&[&YES[..5]]).await, Err(Trouble::closed()));
    }

    #[tokio::test]
    async fn answers_that_are_none() {
        let behind = [YES, b"\x30"].concat();
        let twice = YES.repeat(2);
        let other_number = b"\x30\x0c\x02\x01\x02\x78\x07\x0a\x01\x00\x04\x00\x04\x00";
        let other_kind = b"\x30\x0c\x02\x01\x01\x65\x07\x0a\x01\x00\x04\x00\x04\x00";
        let large =
            [b"\x30\x82\x70\x00\x02\x01\x01\x78\x82\x6f\xf9\x04\x82\x6f\xf5".as_slice(), &[b'x'; 20_000]];
        for (answer, words) in [
            (behind.as_slice(), "behind its answer to StartTLS"),
            (&twice, "behind its answer to StartTLS"),
            (other_number, "cannot be read"),
            (other_kind, "cannot be read"),
            (b"\x30\x05\x02\x01\x01\x78\x00", "cannot be read"),
            (b"\x30\x80", "without a length"),
            (b"220 ready\r\n", "does not speak LDAP"),
            (&large.concat(), "is too large"),
        ] {
            let found = told(&[answer]).await;
            assert!(
                matches!(&found, Err(Trouble::Refused(told)) if told.contains(words)),
                "{words}: {found:?}"
            );
        }
    }
}
