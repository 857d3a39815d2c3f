//! The parts of a gateway that does not serve: for commands that look into its database, or change it,
//! beside a server that runs.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{anyhow, bail};
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

use super::{Format, check, table};
use crate::app::App;
use crate::clock::SystemClock;
use crate::config::texts::{FORBIDDEN, Unreadable};
use crate::config::{Address, Listen};
use crate::flows::sweep;
use crate::store::{leases, outbox};

/// What to do where a file is for the account of the server only.
const AS_SERVER: &str = "run this as the account of the server, such as `sudo -u passerelle passerelle …`";
/// How long a server may take to take a connection.
const PATIENCE: Duration = Duration::from_secs(1);

/// Opens the database of the configuration. `None`: there are errors in the files, and they are told.
/// Errors: there is no database yet, or it cannot be reached.
pub(super) async fn open(file: Option<PathBuf>) -> anyhow::Result<Option<App>> {
    let (config, problems) = check::read(file).map_err(|error| match is_refused(&error) {
        true => anyhow!("{error:#}: {AS_SERVER}"),
        false => error,
    })?;
    let Some(config) = config else {
        check::print(&problems, Format::Text);
        if problems.iter().any(|problem| problem.message.ends_with(FORBIDDEN)) {
            bail!("a file of the configuration may not be read: {AS_SERVER}");
        }
        return Ok(None);
    };
    match &config.database.url {
        Address::Memory => bail!("the database is in the memory of the server: nobody else can look into it"),
        Address::Sqlite(path) => is_there(path)?,
        Address::Postgres(_) => {}
    }
    Ok(Some(App::start(config, Arc::new(SystemClock), None).await?))
}

/// Whether a configuration could not be read since this user may not.
fn is_refused(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Unreadable>().is_some_and(|found| found.error.kind() == ErrorKind::PermissionDenied)
}

/// Looks for the file of a database. Opening it as one would make an empty one, and a slip in a path would look
/// like a quiet night.
fn is_there(path: &Path) -> anyhow::Result<()> {
    match OpenOptions::new().read(true).write(true).open(path).map_err(|error| error.kind()) {
        Err(ErrorKind::NotFound) => bail!(
            "there is no database at {}: no server has run with it yet; start `passerelle serve` once",
            path.display()
        ),
        Err(ErrorKind::PermissionDenied) => {
            bail!("the database at {} may not be opened by this user: {AS_SERVER}", path.display())
        }
        Ok(_) | Err(_) => Ok(()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_user_may_not_do_is_told_apart() {
        let unreadable = |kind| anyhow::Error::from(Unreadable { path: PathBuf::from("/x"), error: kind });
        assert!(is_refused(&unreadable(ErrorKind::PermissionDenied.into())));
        assert!(!is_refused(&unreadable(ErrorKind::NotFound.into())) && !is_refused(&anyhow!("x")));
        let folder = tempfile::tempdir().unwrap();
        let told = is_there(&folder.path().join("x.db")).unwrap_err().to_string();
        assert!(told.contains("start `passerelle serve` once"), "{told}");
        let file = folder.path().join("y.db");
        std::fs::write(&file, "").unwrap();
        is_there(&file).unwrap();
    }
}
