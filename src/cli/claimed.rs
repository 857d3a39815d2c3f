//! Local names that are written like people of an institution: nobody signs in under them, so an operator who adds an
//! institution hears of it.

use std::collections::BTreeMap;

use crate::app::App;
use crate::store::{StoreError, people};

/// Most names that are looked at.
const MOST: u32 = 100_000;

/// A warning for each institution that such names end in. Reads the accounts of our own, and who is signed in.
pub(super) async fn tell(app: &App) {
    match found(app).await {
        Ok(found) => {
            for (provider, names) in found {
                tracing::warn!(
                    event = "names.claimed",
                    provider,
                    names,
                    "local accounts are named like people of this institution: they cannot sign in, and count as \
                     nobody where they are signed in"
                );
            }
        }
        Err(error) => tracing::debug!(error = error.to_string(), "local names cannot be looked at"),
    }
}

/// How many there are, by suffix.
async fn found(app: &App) -> Result<BTreeMap<String, usize>, StoreError> {
    let directory = &app.config.directory;
    let mut found = BTreeMap::new();
    if directory.is_empty() || app.backends.is_empty() {
        return Ok(found);
    }
    for name in people::local_names_with_at(&mut app.store.read().await?, MOST).await? {
        if let Some(suffix) = directory.of_name(&name) {
            *found.entry(suffix.as_str().to_owned()).or_default() += 1;
        }
    }
    Ok(found)
}
