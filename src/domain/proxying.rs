//! A service acts for somebody at another one (CAS 3.0 §2.5.4, §2.7): which callback may get a
//! proxy-granting ticket, what that ticket is good for, and how long a chain may become.

use std::sync::Arc;

use super::rules::Rules;
use super::service_rule::ServiceRule;
use crate::protocol::refusal::{ErrorCode, Refusal};
use crate::protocol::service::ServiceUrl;
use crate::protocol::time::Timestamp;

/// Most proxies in a chain: far more than anybody builds, and an end for two that call each other.
pub const LONGEST_CHAIN: usize = 50;

/// A callback that may get a proxy-granting ticket.
#[derive(Clone, Debug)]
pub struct Callback {
    /// The `pgtUrl`, byte for byte.
    pub url: ServiceUrl,
    /// The service that it belongs to.
    pub rule: Arc<ServiceRule>,
}

/// Decides about a `pgtUrl` before anything is sent there. The service that it belongs to must have the
/// right; whose ticket is validated is not asked.
///
/// In: the services, the text of `pgtUrl`, whether plain http on this machine will do. Errors:
/// `INVALID_PROXY_CALLBACK` for an address that nothing secret may be sent to, and
/// `UNAUTHORIZED_SERVICE_PROXY` for one that no service with the right has.
pub fn callback(
    rules: &Rules,
    pgt_url: &str,
    http_on_loopback: bool,
    now: Timestamp,
) -> Result<Callback, Refusal> {
    let invalid = |detail: String| Refusal::new(ErrorCode::InvalidProxyCallback, detail);
    let url = ServiceUrl::parse(pgt_url).map_err(|error| invalid(format!("pgtUrl: {error}")))?;
    if url.scheme() != "https" && !(http_on_loopback && url.is_loopback()) {
        return Err(invalid("pgtUrl must begin with https://".to_owned()));
    }
    let rule = rules.first_match(&url).filter(|rule| may_proxy(rule, now));
    let unauthorized = || {
        let detail = "no service that may proxy has this pgtUrl";
        Refusal::new(ErrorCode::UnauthorizedServiceProxy, detail)
    };
    Ok(Callback { rule: Arc::clone(rule.ok_or_else(unauthorized)?), url })
}

/// The chain of what is born from a ticket through this callback, most recent proxy first. Errors: it would
/// be longer than [`LONGEST_CHAIN`].
pub fn chain(callback: &Callback, of_ticket: &[String]) -> Result<Vec<String>, Refusal> {
    if of_ticket.len() >= LONGEST_CHAIN {
        let detail = format!("the ticket came through {LONGEST_CHAIN} proxies, which is the most");
        return Err(Refusal::new(ErrorCode::UnauthorizedServiceProxy, detail));
    }
    Ok(std::iter::once(callback.url.as_str())
        .chain(of_ticket.iter().map(String::as_str))
        .map(str::to_owned)
        .collect())
}

/// Whether a service may hold proxy-granting tickets now.
pub fn may_proxy(rule: &ServiceRule, now: Timestamp) -> bool {
    rule.proxy_callback && rule.is_open(now)
}

/// Whether a service that holds a proxy-granting ticket may ask for proxy tickets for another one. Never for
/// one that wants credentials each time: nobody is there to give them.
pub fn may_ask_for(holder: &ServiceRule, target: &ServiceRule, now: Timestamp) -> bool {
    let named = || holder.proxy_targets.contains(&target.name);
    let agrees = target.proxy && !target.renew && target.is_open(now);
    may_proxy(holder, now) && agrees && (holder.proxy_targets.is_empty() || named())
}

/// Whether a service that holds a proxy-granting ticket of ours may ask for proxy tickets of an institution.
/// Where its entry lists services that it may ask for, services elsewhere are not among them.
pub fn may_ask_elsewhere(holder: &ServiceRule, now: Timestamp) -> bool {
    may_proxy(holder, now) && holder.proxy_targets.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rules::tests::rule;

    const NOW: Timestamp = Timestamp::from_seconds(1000);

    fn rules() -> Rules {
        let portal = |name, url| ServiceRule { proxy_callback: true, ..rule(name, 100, url) };
        Rules::new([
            portal("portal", "https://portal.example/**"),
            portal("desk", "http://127.0.0.1:8093/**"),
            portal("plain", "http://plain.example/**"),
            ServiceRule { disabled: true, ..portal("off", "https://off.example/**") },
            rule("wiki", 100, "https://wiki.example/**"),
        ])
    }

    #[test]
    fn only_a_safe_address_of_a_service_with_the_right_is_called() {
        let (invalid, unauthorized) = (ErrorCode::InvalidProxyCallback, ErrorCode::UnauthorizedServiceProxy);
        for (url, on_desk, answer) in [
            ("https://portal.example/cb?a=1&a=", false, Ok("portal")),
            ("https://wiki.example/cb", false, Err(unauthorized)),
            ("https://unknown.example/cb", false, Err(unauthorized)),
            ("https://off.example/cb", false, Err(unauthorized)),
            ("http://portal.example/cb", true, Err(invalid)),
            ("http://plain.example/cb", true, Err(invalid)),
            ("http://127.0.0.1:8093/cb", false, Err(invalid)),
            ("http://127.0.0.1:8093/cb", true, Ok("desk")),
            ("http://127.0.0.1:8094/cb", true, Err(unauthorized)),
            ("ftp://portal.example/cb", false, Err(invalid)),
            ("javascript:alert(1)", false, Err(invalid)),
            ("https://ana@portal.example/cb", false, Err(invalid)),
            ("https://portal.example\\@evil.example/", false, Err(invalid)),
            ("portal", false, Err(invalid)),
        ] {
            let found = callback(&rules(), url, on_desk, NOW);
            let found = found.as_ref().map(|callback| callback.rule.name.as_str()).map_err(|no| no.code);
            assert_eq!(found, answer, "{url}");
        }
    }

    #[test]
    fn a_chain_grows_at_its_front_and_has_an_end() {
        let callback = callback(&rules(), "https://portal.example/cb", false, NOW).unwrap();
        let grown = chain(&callback, &["https://a/".to_owned()]).unwrap();
        assert_eq!(grown, ["https://portal.example/cb", "https://a/"]);
        let full = vec!["https://a/".to_owned(); LONGEST_CHAIN];
        assert_eq!(chain(&callback, &full[1..]).unwrap().len(), LONGEST_CHAIN);
        assert_eq!(chain(&callback, &full).unwrap_err().code, ErrorCode::UnauthorizedServiceProxy);
    }

    #[test]
    fn both_sides_must_agree() {
        let holder = ServiceRule { proxy_callback: true, ..rule("portal", 100, "https://portal.example/**") };
        let target = ServiceRule { proxy: true, ..rule("mail", 100, "https://mail.example/**") };
        assert!(may_ask_for(&holder, &target, NOW));
        assert!(!may_ask_for(&holder, &ServiceRule { proxy: false, ..target.clone() }, NOW));
        let named = |name: &str| ServiceRule { proxy_targets: vec![name.to_owned()], ..holder.clone() };
        assert!(may_ask_for(&named("mail"), &target, NOW));
        assert!(!may_ask_for(&named("Mail"), &target, NOW));
        assert!(may_ask_elsewhere(&holder, NOW) && !may_ask_elsewhere(&named("mail"), NOW));
        assert!(!may_ask_elsewhere(&ServiceRule { proxy_callback: false, ..holder.clone() }, NOW));
        assert!(!may_ask_elsewhere(&ServiceRule { disabled: true, ..holder.clone() }, NOW));
        assert!(!may_ask_for(&ServiceRule { proxy_callback: false, ..holder.clone() }, &target, NOW));
        assert!(!may_ask_for(&ServiceRule { disabled: true, ..holder.clone() }, &target, NOW));
        assert!(!may_ask_for(&holder, &ServiceRule { disabled: true, ..target.clone() }, NOW));
        assert!(!may_ask_for(&holder, &ServiceRule { renew: true, ..target.clone() }, NOW));
    }
}
