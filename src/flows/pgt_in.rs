//! An institution hands us a proxy-granting ticket (CAS 3.0 §2.5.4, as a service sees it): kept, sealed, until
//! its answer names the receipt.
//!
//! The address is the same for everybody, since targets compare it: anybody can deliver anything. So only while
//! somebody is coming back from that institution, only so much, and without a word about what became of it: to
//! a server that is told of a failure the whole sign-in would be one.

use crate::app::App;
use crate::domain::code::Code;
use crate::domain::identity::Suffix;
use crate::protocol::ticket::could_be_foreign;
use crate::protocol::time::Timestamp;
use crate::store::{StoreError, TicketHash, upstream_grants};

use super::{Error, Refused};

/// Takes a delivery. In: the suffix of the path, `pgtId` and `pgtIou`; servers also try the address without
/// them. Errors: there is no such institution, or it has nothing to hand over; faults of the database.
pub async fn take_in(app: &App, suffix: &str, pgt: Option<&str>, iou: Option<&str>) -> Result<(), Error> {
    let found = app.config.directory.find(suffix).filter(|provider| provider.grants());
    let Some(provider) = found else {
        return Err(Refused::new(Code::NotFound, "a delivery of a provider that has none").into());
    };
    let suffix = &provider.suffix;
    let (Some(pgt), Some(iou)) =
        (pgt.filter(|text| could_be_foreign(text)), iou.filter(|text| could_be_foreign(text)))
    else {
        return Ok(());
    };
    let now = app.clock.now();
    if !is_expected(app, suffix, now).await? {
        tracing::debug!(provider = suffix.as_str(), "a proxy-granting ticket that nobody waits for");
        return Ok(());
    }
    let Some(sealed) = app.mint.seal(suffix.as_str(), pgt) else { return Ok(()) };
    let (receipt, suffix) = (TicketHash::of(iou), suffix.clone());
    app.store
        .write(move |tx| {
            let (receipt, suffix, sealed) = (receipt.clone(), suffix.clone(), sealed.clone());
            Box::pin(async move { upstream_grants::put(tx, &receipt, &suffix, &sealed, now).await })
        })
        .await?;
    Ok(())
}

async fn is_expected(app: &App, provider: &Suffix, now: Timestamp) -> Result<bool, StoreError> {
    upstream_grants::is_expected(&mut app.store.read().await?, provider, now).await
}
