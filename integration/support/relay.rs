//! A place between a client and a server that somebody closes and opens again.

use std::net::SocketAddr;
use std::path::PathBuf;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Where the server is.
#[derive(Clone, Debug)]
pub enum Target {
    /// A port of this machine.
    Port(u16),
    /// A socket.
    Socket(PathBuf),
}

/// Hands everything on, while it is open.
pub struct Relay {
    target: Target,
    address: SocketAddr,
    open: Option<(CancellationToken, TaskTracker)>,
}

impl Relay {
    /// Opens on a port of its own.
    pub async fn open(target: Target) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut relay = Self { target, address, open: None };
        relay.serve(listener);
        relay
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Ends every connection and refuses new ones.
    pub async fn close(&mut self) {
        if let Some((stop, tasks)) = self.open.take() {
            stop.cancel();
            tasks.wait().await;
        }
    }

    /// Listens again, where it did before.
    pub async fn open_again(&mut self) {
        self.close().await;
        let listener = TcpListener::bind(self.address).await.expect("the same port");
        self.serve(listener);
    }

    fn serve(&mut self, listener: TcpListener) {
        let (stop, tasks, target) = (CancellationToken::new(), TaskTracker::new(), self.target.clone());
        let stopped = stop.clone();
        tasks.spawn(async move {
            let mut pairs = JoinSet::new();
            while let Some(Ok((stream, _))) = stopped.run_until_cancelled(listener.accept()).await {
                pairs.spawn(hand_on(stream, target.clone()));
            }
            drop(listener);
            pairs.shutdown().await;
        });
        tasks.close();
        self.open = Some((stop, tasks));
    }
}

async fn hand_on(mut stream: TcpStream, target: Target) {
    let _ = match target {
        Target::Port(port) => {
            let mut server = TcpStream::connect(("127.0.0.1", port)).await.expect("the server");
            copy_bidirectional(&mut stream, &mut server).await
        }
        Target::Socket(path) => {
            let mut server = UnixStream::connect(path).await.expect("the server");
            copy_bidirectional(&mut stream, &mut server).await
        }
    };
}
