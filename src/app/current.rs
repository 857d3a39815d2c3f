//! The gateway in force, for what lives longer than a request.

use tokio::sync::watch;

use super::App;

/// Whichever [`App`] is in force at the moment somebody asks.
#[derive(Clone, Debug)]
pub struct Current(watch::Receiver<App>);

impl Current {
    /// The one in force now. Keep it for one piece of work, then ask again.
    pub fn app(&self) -> App {
        self.0.borrow().clone()
    }

    /// Ends when another one is in force than the one that was asked for last; where nobody can change it
    /// any more, never.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// [`Current::app`], and [`Current::changed`] waits for the one after it.
    pub fn seen(&mut self) -> App {
        self.0.borrow_and_update().clone()
    }
}

impl From<watch::Receiver<App>> for Current {
    fn from(apps: watch::Receiver<App>) -> Self {
        Self(apps)
    }
}

/// One that stays.
impl From<App> for Current {
    fn from(app: App) -> Self {
        Self(watch::channel(app).1)
    }
}
