//! Values that need more than one column type: how they travel.

use super::error::StoreError;
use crate::protocol::attributes::Attributes;
use crate::protocol::time::Timestamp;

/// Attributes as JSON: types, order and lists survive.
pub(super) fn attributes_text(attributes: &Attributes) -> Result<String, StoreError> {
    serde_json::to_string(attributes).map_err(|error| StoreError::Sql(sqlx::Error::Encode(error.into())))
}

/// What [`attributes_text`] wrote.
pub(super) fn attributes_from(text: &str) -> Option<Attributes> {
    serde_json::from_str(text).ok()
}

/// A list for `json_each`.
pub(super) fn list_text(list: &[String]) -> Result<String, StoreError> {
    serde_json::to_string(list).map_err(|error| StoreError::Sql(sqlx::Error::Encode(error.into())))
}

/// A list as it was written.
pub(super) fn list_from(text: &str) -> Option<Vec<String>> {
    serde_json::from_str(text).ok()
}

/// A time that may be absent, as it is bound.
pub(super) fn maybe(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::seconds)
}
