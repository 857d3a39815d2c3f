//! What answers at this moment. Whoever changes the configuration puts the next gateway up beside the one
//! that answers, and then all at once lets it answer in its place. A request that has begun goes on with
//! what it began with.

use std::sync::Arc;

use axum::Router;
use tokio::sync::watch;

use super::seats::Seats;
use super::{Doors, DoorsError, router};
use crate::app::{App, Current};

/// The gateway that answers. Cheap to clone: clones are one.
#[derive(Clone, Debug)]
pub struct InForce(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    app: watch::Sender<App>,
    router: watch::Sender<Router>,
    seats: Seats,
}

/// Whichever addresses answer at this moment.
#[derive(Clone, Debug)]
pub struct Routes(watch::Receiver<Router>);

impl Routes {
    /// Those of now, for one request. Nobody waits for it.
    pub(super) fn now(&self) -> Router {
        self.0.borrow().clone()
    }
}

/// Those that stay.
impl From<Router> for Routes {
    fn from(router: Router) -> Self {
        Self(watch::channel(router).1)
    }
}

impl InForce {
    /// The first one. Errors: a picture that the configuration names is not there any more.
    pub fn new(app: App) -> Result<Self, DoorsError> {
        let router = router(Doors::new(app.clone())?);
        let seats = Seats::new(app.config.server.trusted_proxies.clone());
        let (app, router) = (watch::Sender::new(app), watch::Sender::new(router));
        Ok(Self(Arc::new(Inner { app, router, seats })))
    }

    /// The gateway of now.
    pub fn app(&self) -> App {
        self.0.app.borrow().clone()
    }

    /// The same for what goes on for long.
    pub fn current(&self) -> Current {
        self.0.app.subscribe().into()
    }

    /// Its addresses, for the listener.
    pub fn routes(&self) -> Routes {
        Routes(self.0.router.subscribe())
    }

    /// Its seats, for the listener.
    pub fn seats(&self) -> Seats {
        self.0.seats.clone()
    }

    /// Lets another gateway answer from the next request on. Errors as [`InForce::new`], and then nothing
    /// has changed.
    pub fn change_to(&self, app: App) -> Result<(), DoorsError> {
        let router = router(Doors::new(app.clone())?);
        self.0.seats.trust(app.config.server.trusted_proxies.clone());
        self.0.router.send_modify(|now| *now = router);
        self.0.app.send_modify(|now| *now = app);
        Ok(())
    }
}
