//! Keys: from a file, so that several nodes can share one, or kept in the database. And what tickets look
//! like.

use secrecy::ExposeSecret;

use crate::config::Config;
use crate::mint::{Key, Shapes};
use crate::store::{Store, StoreError, secrets};

/// Name of the signing key in the table of secrets.
const COOKIE_KEY: &str = "cookie_key";
/// Name of the key of pseudonyms there.
const PAIRWISE_KEY: &str = "pairwise_key";

/// The key of login tickets and browser marks.
pub(super) async fn of_signatures(config: &Config, store: &Store) -> Result<Key, StoreError> {
    if let Some(secret) = &config.session.cookie_secret {
        return Ok(Key::from_text(secret.expose_secret()));
    }
    stored_key(store, COOKIE_KEY).await
}

/// Never the key of cookies: that one may be changed, and then everybody would be somebody else.
pub(super) async fn of_pseudonyms(store: &Store) -> Result<Key, StoreError> {
    stored_key(store, PAIRWISE_KEY).await
}

/// A key that is kept in the database, made by whoever asks first.
async fn stored_key(store: &Store, name: &'static str) -> Result<Key, StoreError> {
    let candidate = Key::random_text();
    let text = store
        .write(move |tx| {
            let candidate = candidate.clone();
            Box::pin(async move { secrets::get_or_insert(tx, name, &candidate).await })
        })
        .await?;
    Ok(Key::from_text(&text))
}

/// `[ticket]`, as the mint wants it.
pub(super) fn shapes(config: &Config) -> Shapes {
    let ticket = &config.ticket;
    Shapes {
        service_prefix: ticket.service_prefix.clone(),
        service_length: ticket.service_length,
        proxy_prefix: ticket.proxy_prefix.clone(),
        proxy_length: ticket.proxy_length,
        pgt_prefix: ticket.pgt_prefix.clone(),
        pgt_length: ticket.pgt_length,
        pgtiou_prefix: ticket.pgtiou_prefix.clone(),
        pgtiou_length: ticket.pgtiou_length,
        login_prefix: ticket.login_prefix.clone(),
        login_length: ticket.login_length,
    }
}
