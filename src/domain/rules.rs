//! All registered services, in the order in which they are tried.

use std::fmt;
use std::sync::Arc;

use super::code::Code;
use super::index::{Index, fits};
use super::service_rule::ServiceRule;
use super::switches::{Kind, Switches};
use crate::protocol::other_service::{OtherService, is_web};
use crate::protocol::service::ServiceUrl;

/// The services. The first that matches decides, also when it then refuses.
#[derive(Clone, Default)]
pub struct Rules {
    list: Vec<Arc<ServiceRule>>,
    index: Arc<Index>,
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.list).finish()
    }
}

/// What is known of the address that somebody wants to go to.
#[derive(Clone, Debug)]
pub struct Destination {
    /// The address, byte for byte.
    pub url: ServiceUrl,
    /// The service it belongs to.
    pub rule: Arc<ServiceRule>,
}

/// What a proxy ticket is for: a registered service, perhaps no web page. Nobody is ever sent there.
#[derive(Clone, Debug)]
pub struct Target {
    /// The address, byte for byte.
    pub text: String,
    /// The service it belongs to.
    pub rule: Arc<ServiceRule>,
}

impl From<Destination> for Target {
    fn from(destination: Destination) -> Self {
        Self { text: destination.url.as_str().to_owned(), rule: destination.rule }
    }
}

impl Rules {
    /// Takes services in the order of files and entries and sorts them by position; equal positions keep
    /// their order.
    pub fn new(rules: impl IntoIterator<Item = ServiceRule>) -> Self {
        let mut list: Vec<_> = rules.into_iter().map(Arc::new).collect();
        list.sort_by_key(|rule| rule.position);
        let index = Arc::new(Index::new(list.iter().map(AsRef::as_ref)));
        Self { list, index }
    }

    /// The same with these switched off beside those that are by the files: the order and the index stay.
    #[must_use]
    pub fn without(&self, off: &Switches) -> Self {
        let switched = |rule: &Arc<ServiceRule>| {
            if rule.disabled || !off.is_off(Kind::Service, &rule.name) {
                return Arc::clone(rule);
            }
            Arc::new(ServiceRule { disabled: true, ..ServiceRule::clone(rule) })
        };
        Self { list: self.list.iter().map(switched).collect(), index: Arc::clone(&self.index) }
    }

    /// The service of an address. A pattern that takes too many steps before one fits means none: what
    /// it would have decided is not known.
    pub fn first_match(&self, service: &ServiceUrl) -> Option<&Arc<ServiceRule>> {
        let by_url = self.index.first_url(service);
        let text = service.normalised();
        let first = self.first_candidate(&text, by_url, |rule| fits(rule, service, &text).ok())?;
        self.list.get(first?)
    }

    /// The service of an address that is no web page.
    fn first_other(&self, other: &OtherService) -> Option<&Arc<ServiceRule>> {
        let text = other.as_str();
        let first = self.first_candidate(text, None, |rule| rule.addresses.contain_other(text).ok())?;
        self.list.get(first?)
    }

    /// The first of the services that may have a fitting pattern and of one that is known to fit. `None`:
    /// a pattern gave up before.
    fn first_candidate(
        &self,
        text: &str,
        known: Option<usize>,
        ask: impl Fn(&ServiceRule) -> Option<bool>,
    ) -> Option<Option<usize>> {
        for at in self.index.candidates(text) {
            if known.is_some_and(|known| known < at) {
                break;
            }
            if self.list.get(at).map_or(Some(false), |rule| ask(rule))? {
                return Some(Some(at));
            }
        }
        Some(known)
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

    /// The service that a proxy ticket is asked for (CAS 3.0 §2.7.1), or the code of the refusal. Web
    /// addresses are matched as for a browser; others by `pattern` only.
    pub fn target(&self, text: &str) -> Result<Target, Code> {
        if is_web(text) {
            return self.destination(text).map(Target::from);
        }
        let other = OtherService::parse(text).map_err(|_| Code::ServiceMalformed)?;
        let rule = self.first_other(&other).ok_or(Code::ServiceNotRegistered)?;
        Ok(Target { rule: Arc::clone(rule), text: text.to_owned() })
    }

    /// The service of that name.
    pub fn named(&self, name: &str) -> Option<&Arc<ServiceRule>> {
        self.list.get(self.index.named(name)?)
    }

    /// Where in the order services stand that have an address pattern which fits.
    pub fn all_by_url(&self, service: &ServiceUrl) -> Vec<usize> {
        self.index.all_urls(service)
    }

    /// Where in the order services stand that have a regular expression which may fit.
    pub fn all_by_pattern(&self, text: &str) -> Vec<usize> {
        self.index.candidates(text)
    }

    /// All services in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<ServiceRule>> {
        self.list.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nothing is registered yet.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::opening::Opening;
    use crate::domain::pattern::{UrlPattern, WholePattern};
    use crate::domain::service_rule::{Accounts, Addresses, Delivery, Release, UserField, Warn};

    pub(crate) fn rule(name: &str, position: i64, url: &str) -> ServiceRule {
        ServiceRule {
            name: name.to_owned(),
            description: None,
            notice: None,
            logo: None,
            position,
            addresses: Addresses::Urls(vec![UrlPattern::new(url).unwrap()]),
            disabled: false,
            user_field: UserField::LoginName,
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
            deny: vec![],
            opening: Opening::default(),
            max_auth_age: None,
            contacts: vec![],
            denied_url: None,
        }
    }

    pub(crate) fn by_pattern(name: &str, pattern: &str) -> ServiceRule {
        let addresses = Addresses::Pattern(WholePattern::new(pattern).unwrap());
        ServiceRule { addresses, ..rule(name, 100, "https://unused.example/") }
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
            rule.log_out_address("https://w.example/").is_some()
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

    #[test]
    fn targets_may_be_no_web_pages() {
        let mut mail = by_pattern("mail", r"^imaps?://mail\.example(:\d+)?$");
        mail.single_log_out_callback = Some("https://mail.example/slo".to_owned());
        let directory = by_pattern("directory", r"^ldap://directory\.example(/.*)?$");
        let rules = Rules::new([rule("wiki", 100, "https://w.example/**"), mail, directory]);
        for (text, found) in [
            ("https://w.example/x", Ok("wiki")),
            ("imap://mail.example", Ok("mail")),
            ("imaps://mail.example:993", Ok("mail")),
            ("ldap://directory.example/dc=x", Ok("directory")),
            ("imap://mail.example.evil.example", Err(Code::ServiceNotRegistered)),
            ("smtp://mail.example", Err(Code::ServiceNotRegistered)),
            ("http://w.example/", Err(Code::ServiceNotHttps)),
            ("https:w.example", Err(Code::ServiceMalformed)),
            ("javascript:alert(1)", Err(Code::ServiceMalformed)),
            ("imap://mail.example\n", Err(Code::ServiceMalformed)),
        ] {
            let target = rules.target(text).map(|target| target.rule.name.clone());
            assert_eq!(target, found.map(str::to_owned), "{text}");
        }
        // Nobody is sent there.
        for text in ["imap://mail.example", "ldap://directory.example/dc=x"] {
            assert_eq!(rules.destination(text).err(), Some(Code::ServiceMalformed));
        }
        let told = |text| rules.target(text).unwrap().rule.log_out_address(text).map(str::to_owned);
        assert_eq!(told("https://w.example/x").as_deref(), Some("https://w.example/x"));
        assert_eq!(told("imap://mail.example").as_deref(), Some("https://mail.example/slo"));
        assert_eq!(told("ldap://directory.example"), None);
    }

    #[test]
    fn a_pattern_that_gives_up_lets_nobody_past() {
        let endless = r"^https://w\.example/(?:(a|aa)(?!b))+(?!c)c$";
        let rules = Rules::new([by_pattern("first", endless), rule("later", 200, "https://w.example/**")]);
        let url = format!("https://w.example/{}c", "a".repeat(60));
        assert_eq!(rules.destination(&url).err(), Some(Code::ServiceNotRegistered));
        assert_eq!(rules.destination("https://w.example/x").unwrap().rule.name, "later");
    }

    /// What asking each service in turn gives.
    fn plain<'r>(rules: &'r Rules, service: &ServiceUrl) -> Option<&'r Arc<ServiceRule>> {
        for rule in rules.iter() {
            if fits(rule, service, &service.normalised()).ok()? {
                return Some(rule);
            }
        }
        None
    }

    const HOSTS: [&str; 4] = ["a.example", "b.a.example", "c.b.a.example", "d.example"];
    const PATHS: [&str; 6] = ["/", "/x", "/x/y", "/x/y/z", "/xy", "/y/x"];

    fn some_rule() -> impl proptest::strategy::Strategy<Value = ServiceRule> {
        use proptest::prelude::*;
        let schemes = prop::sample::select(vec!["https", "http"]);
        let hosts = prop::sample::select(vec!["a.example", "b.a.example", "*.a.example", "*.b.a.example"]);
        let ports = prop::sample::select(vec!["", ":8443"]);
        let paths =
            prop::sample::select(vec!["/**", "/x", "/x/**", "/x**", "/*/y", "/x/*", "/*/**", "/", "/y*"]);
        let url = (schemes, hosts, ports, paths).prop_map(|(s, h, port, p)| format!("{s}://{h}{port}{p}"));
        let urls = prop::collection::vec(url, 1..4)
            .prop_map(|urls| Addresses::Urls(urls.iter().map(|url| UrlPattern::new(url).unwrap()).collect()));
        let patterns = prop::sample::select(vec![
            r"^https://a\.example/x.*$",
            r"^https://(?!b)[a-z.]+/x",
            r"^https?://[a-z.]*a\.example(:\d+)?/(x|y)(/.*)?",
            r"^https://([a-z])\.example/\1?x(?=/)/.*",
            r"^.*/(x)/.*(?(1)y|z)$",
            r"^https://d\.example/.*",
            "^nothing$",
        ]);
        let patterns = patterns.prop_map(|pattern| Addresses::Pattern(WholePattern::new(pattern).unwrap()));
        (prop_oneof![3 => urls.boxed(), 1 => patterns.boxed()], 0..4_i64).prop_map(|(addresses, position)| {
            ServiceRule { addresses, ..rule("r", position, "https://unused.example/") }
        })
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

        #[test]
        fn the_index_answers_like_asking_each(
            list in proptest::collection::vec(some_rule(), 0..12),
        ) {
            let named = list.into_iter().enumerate().map(|(at, rule)| ServiceRule { name: at.to_string(), ..rule });
            let rules = Rules::new(named);
            for host in HOSTS {
                for path in PATHS {
                    for (front, port) in [("https", ""), ("http", ""), ("https", ":8443")] {
                        let url = ServiceUrl::parse(&format!("{front}://{host}{port}{path}?q=1")).unwrap();
                        let (indexed, asked) = (rules.first_match(&url), plain(&rules, &url));
                        let name = |rule: Option<&Arc<ServiceRule>>| rule.map(|rule| rule.name.clone());
                        proptest::prop_assert_eq!(name(indexed), name(asked), "{}", url);
                        let all: Vec<usize> = rules.iter().enumerate()
                            .filter(|(_, rule)| matches!(rule.addresses, Addresses::Urls(_)))
                            .filter(|(_, rule)| fits(rule, &url, "").unwrap())
                            .map(|(at, _)| at).collect();
                        proptest::prop_assert_eq!(rules.all_by_url(&url), all);
                    }
                }
            }
            for rule in rules.iter() {
                proptest::prop_assert_eq!(&rules.named(&rule.name).unwrap().name, &rule.name);
            }
        }
    }
}
