//! All registered services, in the order in which they are tried.

use std::sync::Arc;

use super::code::Code;
use super::service_rule::ServiceRule;
use crate::protocol::service::ServiceUrl;

/// The services. The first that matches decides, also when it then refuses.
#[derive(Clone, Debug, Default)]
pub struct Rules(Vec<Arc<ServiceRule>>);

/// What is known of the address that somebody wants to go to.
#[derive(Clone, Debug)]
pub struct Destination {
    /// The address, byte for byte.
    pub url: ServiceUrl,
    /// The service it belongs to.
    pub rule: Arc<ServiceRule>,
}

impl Destination {
    /// Whether the service is told when somebody signs out. An address that is no page of the web takes no
    /// messages; then only the one that the rule names for them will do.
    pub fn is_told(&self) -> bool {
        let has_place = self.rule.single_log_out_callback.is_some();
        self.rule.single_log_out && (has_place || matches!(self.url.scheme(), "http" | "https"))
    }
}

impl Rules {
    /// Takes services in the order of files and entries and sorts them by position; equal positions keep
    /// their order.
    pub fn new(rules: impl IntoIterator<Item = ServiceRule>) -> Self {
        let mut rules: Vec<_> = rules.into_iter().map(Arc::new).collect();
        rules.sort_by_key(|rule| rule.position);
        Self(rules)
    }

    /// The service of an address.
    pub fn first_match(&self, service: &ServiceUrl) -> Option<&Arc<ServiceRule>> {
        self.0.iter().find(|rule| rule.addresses.contain(service))
    }

    /// The service of a text that a browser brought, or the code of the refusal.
    pub fn destination(&self, service: &str) -> Result<Destination, Code> {
        let url = ServiceUrl::parse(service).map_err(|_| Code::ServiceMalformed)?;
        match self.first_match(&url) {
            Some(rule) => Ok(Destination { rule: Arc::clone(rule), url }),
            None if url.over_https().is_some_and(|safe| self.first_match(&safe).is_some()) => {
                Err(Code::ServiceNotHttps)
            }
            None => Err(Code::ServiceNotRegistered),
        }
    }

    /// The service of that name.
    pub fn named(&self, name: &str) -> Option<&Arc<ServiceRule>> {
        self.0.iter().find(|rule| rule.name == name)
    }

    /// All services in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<ServiceRule>> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is registered yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::pattern::UrlPattern;
    use crate::domain::service_rule::{Accounts, Addresses, Delivery, Release, Warn};

    pub(crate) fn rule(name: &str, position: i64, url: &str) -> ServiceRule {
        ServiceRule {
            name: name.to_owned(),
            description: None,
            notice: None,
            logo: None,
            position,
            addresses: Addresses::Urls(vec![UrlPattern::new(url).unwrap()]),
            disabled: false,
            user_field: None,
            accounts: Accounts::default(),
            usernames: vec![],
            filter: vec![],
            explain_filter: false,
            release: Release::default(),
            proxy: false,
            proxy_callback: false,
            proxy_targets: vec![],
            pgt_optional: false,
            warn: Warn::User,
            renew: false,
            response: Delivery::Redirect,
            http_attributes: false,
            attributes_on_v2: true,
            single_log_out: true,
            single_log_out_callback: None,
        }
    }

    #[test]
    fn position_then_order_decides() {
        let rules = Rules::new([
            rule("late", 200, "https://w.example/**"),
            rule("first of equals", 100, "https://w.example/**"),
            rule("second of equals", 100, "https://w.example/**"),
        ]);
        assert_eq!(rules.destination("https://w.example/x").unwrap().rule.name, "first of equals");
    }

    #[test]
    fn who_wants_no_messages_gets_none() {
        let told = |single_log_out, callback: Option<&str>| {
            let single_log_out_callback = callback.map(str::to_owned);
            let rule = ServiceRule {
                single_log_out,
                single_log_out_callback,
                ..rule("w", 1, "https://w.example/**")
            };
            Rules::new([rule]).destination("https://w.example/").unwrap().is_told()
        };
        assert!(told(true, None) && told(true, Some("https://w.example/slo")));
        assert!(!told(false, None) && !told(false, Some("https://w.example/slo")));
    }

    #[test]
    fn refusals_tell_what_is_wrong() {
        let rules = Rules::new([rule("wiki", 100, "https://w.example/**")]);
        for (service, code) in [
            ("https://other.example/", Code::ServiceNotRegistered),
            ("http://w.example/", Code::ServiceNotHttps),
            ("http://other.example/", Code::ServiceNotRegistered),
            ("javascript:alert(1)", Code::ServiceMalformed),
            ("https://w.example@evil.example/", Code::ServiceMalformed),
        ] {
            assert_eq!(rules.destination(service).err(), Some(code), "{service}");
        }
    }
}
