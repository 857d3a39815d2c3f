//! The listener: bounds on everything that comes in, and an end that finishes what runs.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::os::unix::fs::FileTypeExt;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{HeaderValue, X_CONTENT_TYPE_OPTIONS};
use axum::http::{Request, Response, StatusCode};
use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::config::Listen;

use super::seats::Seats;
use super::visit::Peer;
use super::{MAX_BODY, Routes};

/// Longest wait for the headers of a request, the first on a connection or the next.
const HEADERS: Duration = Duration::from_secs(30);
/// Longest time for a request with its answer.
const REQUEST: Duration = Duration::from_secs(75);
/// Longest wait for what runs when the server ends.
const DRAIN: Duration = Duration::from_secs(10);
/// An open socket.
#[derive(Debug)]
pub enum Listener {
    /// An address and a port.
    Tcp(TcpListener),
    /// A socket file.
    Unix(UnixListener),
}

impl Listener {
    /// Opens the socket of the configuration. A socket file that nobody listens on is replaced.
    pub async fn open(listen: &Listen) -> io::Result<Self> {
        match listen {
            Listen::Tcp(address) => TcpListener::bind(address).await.map(Self::Tcp),
            Listen::Unix(path) => {
                remove_stale(path).await?;
                UnixListener::bind(path).map(Self::Unix)
            }
        }
    }
}

async fn remove_stale(path: &Path) -> io::Result<()> {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_socket());
    if is_socket && tokio::net::UnixStream::connect(path).await.is_err() {
        std::fs::remove_file(path)?;
    }
    Ok(())
}

/// Serves until told to stop; then no new connections, and what runs is finished, 10 seconds at most.
/// Each request is for the addresses of its moment.
pub async fn serve(listener: Listener, routes: impl Into<Routes>, seats: Seats, stop: CancellationToken) {
    let routes = routes.into();
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = stop.cancelled() => break,
        };
        let (stream, peer) = match accepted {
            Ok(connection) => connection,
            Err(error) => {
                // Out of file descriptors, or a client that was gone before we looked.
                tracing::warn!(error = error.to_string(), "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        // Without a seat it is closed at once: whoever takes them all must not make others wait.
        let Some(seat) = seats.take(peer.0) else { continue };
        let routes = routes.clone();
        let service = hyper::service::service_fn(move |request| handle(routes.now(), peer, request));
        let connection = builder().serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // Errors here are those of the client: cut connections, bytes that are no HTTP.
            let _ended = connection.await;
            drop(seat);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were still running at the end");
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn accept(listener: &Listener) -> io::Result<(Box<dyn Stream>, Peer)> {
    match listener {
        Listener::Tcp(tcp) => {
            let (stream, address) = tcp.accept().await?;
            stream.set_nodelay(true)?;
            Ok((Box::new(stream), Peer(Some(plain(address.ip())))))
        }
        Listener::Unix(unix) => {
            let (stream, _) = unix.accept().await?;
            Ok((Box::new(stream), Peer(None)))
        }
    }
}

/// An IPv4 address that arrived on an IPv6 socket, as what it is.
fn plain(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

fn builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(64 * 1024);
    builder
}

/// One request: bounded in time, and a panic is an answer of its own, never a dead process.
async fn handle(
    router: axum::Router,
    peer: Peer,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(bounded);
    request.extensions_mut().insert(peer);
    let answer = AssertUnwindSafe(router.oneshot(request)).catch_unwind();
    let mut response = match tokio::time::timeout(REQUEST, answer).await {
        Ok(Ok(Ok(response))) => response,
        Ok(Ok(Err(never))) => match never {},
        Ok(Err(_panic)) => {
            tracing::error!("a request ended in a panic");
            bare(StatusCode::INTERNAL_SERVER_ERROR)
        }
        Err(_elapsed) => bare(StatusCode::REQUEST_TIMEOUT),
    };
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(response)
}

/// A body that says itself that it is too long is not asked for: the address refuses it in its own form
/// without a byte of it, also to a client that waits for `100 Continue`.
fn bounded(body: Incoming) -> Body {
    if body.size_hint().lower() <= MAX_BODY as u64 {
        return Body::new(body);
    }
    let too_long = io::Error::new(io::ErrorKind::FileTooLarge, "the body is too long");
    Body::from_stream(futures_util::stream::once(async { Err::<Bytes, _>(too_long) }))
}

fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
