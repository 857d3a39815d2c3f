//! A service asks in SAML 1.1 (CAS 3.0 §4.2): the same validation, and less is told over plain http.

use crate::app::App;
use crate::protocol::attributes::Attributes;
use crate::protocol::params::ValidateParams;
use crate::protocol::response::Validated;
use crate::protocol::service::ServiceUrl;

use super::NotGiven;
use super::validate::{Address, validate};

/// Service tickets only: the answer has no place for the proxies that a ticket came through, so the service
/// would not learn that there were any. Attributes are what it asks this way for.
const ADDRESS: Address = Address { proxies_too: false, always_attributes: true, knows_pgt_url: false };

/// Validates a ticket. Whatever the answer is, a ticket of ours is used up by the attempt. The attributes
/// of the person are for services behind https, and for others whose rule says so (CAS 3.0 §4.2.1).
pub async fn validate_saml(app: &App, asked: &ValidateParams) -> Result<Validated, NotGiven> {
    let mut validated = validate(app, asked, ADDRESS).await?;
    if !may_be_told(app, &asked.service) {
        validated.attributes = Attributes::new();
    }
    Ok(validated)
}

/// In: the very address that the ticket was issued for.
fn may_be_told(app: &App, service: &str) -> bool {
    ServiceUrl::parse(service).is_ok_and(|url| {
        let allowed = || app.config.rules.first_match(&url).is_some_and(|rule| rule.http_attributes);
        url.scheme() == "https" || allowed()
    })
}
