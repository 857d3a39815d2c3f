//! The parts of a gateway that does not serve: for commands that look into its database, or change it,
//! beside a server that runs.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{anyhow, bail};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use super::{Format, check, table};
use crate::app::App;
use crate::clock::SystemClock;
use crate::config::{Address, Listen};
use crate::flows::sweep;
use crate::store::{leases, outbox};

/// How long a server may take to take a connection.
const PATIENCE: Duration = Duration::from_secs(1);

/// Opens the database of the configuration. `None`: there are errors in the files, and they are told.
/// Errors: there is no database yet, or it cannot be reached.
pub(super) async fn open(file: Option<PathBuf>) -> anyhow::Result<Option<App>> {
    let (config, problems) = check::read(file)?;
    let Some(config) = config else {
        check::print(&problems, Format::Text);
        return Ok(None);
    };
    match &config.database.url {
        Address::Memory => bail!("the database is in the memory of the server: nobody else can look into it"),
        // Opening would make an empty one, and a slip in a path would look like a quiet night.
        Address::Sqlite(path) if !path.exists() => {
            return Err(anyhow!("there is no database at {}: no server has run with it yet", path.display()));
        }
        Address::Sqlite(_) | Address::Postgres(_) => {}
    }
    Ok(Some(App::start(config, Arc::new(SystemClock), None).await?))
}

/// Says what becomes of messages that are due, if there are any.
pub(super) async fn tell_of_messages(app: &App) -> anyhow::Result<()> {
    let now = app.clock.now();
    let (due, lease) = {
        let mut read = app.store.read().await?;
        let due = outbox::next_due(&mut read).await?.is_some_and(|due| due <= now);
        (due, leases::is_held(&mut read, sweep::LEASE, now).await?)
    };
    if !due {
        return Ok(());
    }
    let listen = &app.config.server.listen;
    table::say(&match (answers(listen).await, lease) {
        (true, _) => "the running server tells the services within seconds".to_owned(),
        (false, true) => "a server on this database tells the services within seconds".to_owned(),
        (false, false) => {
            format!("no server answers at {listen}: the messages to services wait until one runs")
        }
    });
    Ok(())
}

/// Whether somebody listens where the server would.
async fn answers(listen: &Listen) -> bool {
    match listen {
        Listen::Tcp(address) => {
            let mut address = *address;
            if address.ip().is_unspecified() {
                address.set_ip(match address.is_ipv4() {
                    true => std::net::Ipv4Addr::LOCALHOST.into(),
                    false => std::net::Ipv6Addr::LOCALHOST.into(),
                });
            }
            timeout(PATIENCE, TcpStream::connect(address)).await.is_ok_and(|connected| connected.is_ok())
        }
        Listen::Unix(path) => {
            timeout(PATIENCE, UnixStream::connect(path)).await.is_ok_and(|connected| connected.is_ok())
        }
    }
}
