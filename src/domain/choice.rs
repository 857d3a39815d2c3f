//! Which institutions a service lets somebody choose.

use super::provider::Provider;
use super::service_rule::ServiceRule;

pub use super::directory::{Directory, Listed, Offered};

/// Whether a service takes accounts of the institution.
pub fn accepts(rule: Option<&ServiceRule>, provider: &Provider) -> bool {
    rule.is_none_or(|rule| rule.accounts.take_people_of(&provider.suffix))
}
