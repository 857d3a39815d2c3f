//! Which services are still used: noted by every node, with the sweep.

use std::sync::Arc;

use crate::app::App;
use crate::store::{StoreError, uses};

/// All services that are registered are known from now on.
pub async fn begin(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let rules: Arc<[String]> = app.config.rules.iter().map(|rule| rule.name.clone()).collect();
    app.store
        .write(move |tx| {
            let rules = Arc::clone(&rules);
            Box::pin(async move { uses::meet(tx, &rules, now).await })
        })
        .await
}

/// Writes down the services that tickets were issued for since the last time.
pub async fn note(app: &App) -> Result<(), StoreError> {
    let now = app.clock.now();
    let used: Arc<[String]> = app.uses.take().into();
    if used.is_empty() {
        return Ok(());
    }
    app.store
        .write(move |tx| {
            let used = Arc::clone(&used);
            Box::pin(async move { uses::note(tx, &used, now).await })
        })
        .await
}
