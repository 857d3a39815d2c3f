//! Addresses of services, and the patterns that they are matched with.

use std::hash::{DefaultHasher, Hash, Hasher};

use passerelle::domain::open_host::is_open;
use passerelle::domain::pattern::{UrlPattern, WholePattern};
use passerelle::protocol::other_service::{OtherService, is_web};
use passerelle::protocol::service::{MAX_SERVICE, ServiceUrl};
use url::Url;

/// An address is read as the `url` crate reads it, which reads as browsers do; a ticket changes nothing
/// but the query.
pub fn service(data: &[u8]) -> bool {
    let text = super::text(data);
    let Ok(service) = ServiceUrl::parse(text) else { return false };
    assert_eq!(service.as_str(), text);
    assert_eq!(ServiceUrl::parse(text).as_ref(), Ok(&service));
    let seen = Url::parse(text).expect("what we read, a browser reads");
    assert_eq!(seen.host_str(), Some(service.host()), "{text}");
    assert_eq!(seen.scheme(), service.scheme(), "{text}");
    assert_eq!(seen.port_or_known_default(), service.port(), "{text}");
    assert!(seen.username().is_empty() && seen.password().is_none(), "{text}");
    assert!(matches!(service.scheme(), "http" | "https"));
    one_notation(&service);
    with_ticket(&service, &seen);
    if let Some(safe) = service.over_https() {
        assert_eq!((safe.scheme(), safe.host(), safe.path()), ("https", service.host(), service.path()));
    }
    true
}

/// The form that expressions are matched with says the same, and is its own.
fn one_notation(service: &ServiceUrl) {
    let normal = service.normalised();
    assert!(normal.starts_with(&service.origin()));
    if normal.len() > MAX_SERVICE {
        return;
    }
    let again = ServiceUrl::parse(&normal).unwrap_or_else(|error| panic!("{normal}: {error}"));
    let parts = |url: &ServiceUrl| {
        (url.scheme().to_owned(), url.host().to_owned(), url.port(), url.path().to_owned(), url.origin())
    };
    assert_eq!(parts(&again), parts(service), "{normal}");
    assert_eq!(again.normalised(), normal);
}

fn with_ticket(service: &ServiceUrl, seen: &Url) {
    let left = service.with_ticket("ST-1");
    let url = Url::parse(&left).expect("an address");
    assert_eq!(
        (url.scheme(), url.host_str(), url.port(), url.path(), url.fragment()),
        (seen.scheme(), seen.host_str(), seen.port(), seen.path(), seen.fragment()),
        "{left}"
    );
    let is_ticket = |(name, _): &(std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| name == "ticket";
    let tickets: Vec<_> = url.query_pairs().filter(is_ticket).map(|(_, value)| value).collect();
    assert_eq!(tickets, ["ST-1"], "{left}");
    let others = |url: &Url| {
        let pairs = url.query_pairs().filter(|pair| !is_ticket(pair));
        pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect::<Vec<_>>()
    };
    assert_eq!(others(&url), others(seen), "{left}");
    let front = service.as_str().split(['?', '#']).next().unwrap_or_default();
    assert!(left.starts_with(&format!("{front}?")), "{left}");
    assert!(left.bytes().all(|b| b > b' ' && b < 0x7f), "it is a header value: {left}");
    if let Ok(again) = ServiceUrl::parse(&left) {
        let second = Url::parse(&again.with_ticket("ST-2")).expect("an address");
        let tickets: Vec<_> = second.query_pairs().filter(is_ticket).map(|(_, value)| value).collect();
        assert_eq!(
            (tickets.len(), tickets[0].as_ref()),
            (1, "ST-2"),
            "one ticket replaces another: {second}"
        );
        assert_eq!((others(&second), second.fragment()), (others(seen), seen.fragment()), "{second}");
    }
}

/// The address of what is no web page is kept as it is, fits on a line of a header, and is nothing that a
/// browser opens or runs, nor an address of a web page for us.
pub fn other(data: &[u8]) -> bool {
    let text = super::text(data);
    let web = ServiceUrl::parse(text);
    assert!(web.is_err() || is_web(text), "{text}");
    let Ok(other) = OtherService::parse(text) else { return false };
    assert_eq!(other.as_str(), text);
    assert!(text.len() <= MAX_SERVICE && text.bytes().all(|b| b > b' ' && b < 0x7f), "{text}");
    assert!(web.is_err() && !is_web(text), "both a web page and none: {text}");
    let (scheme, rest) = text.split_once(':').expect("a scheme");
    assert!(rest.bytes().any(|b| b != b'/'), "{text}");
    // Whoever reads more liberally sees the same scheme.
    if let Ok(seen) = Url::parse(text) {
        assert_eq!(seen.scheme(), scheme.to_ascii_lowercase(), "{text}");
        let opens = ["http", "https", "javascript", "vbscript", "data", "file", "blob", "about", "ws", "wss"];
        assert!(!opens.contains(&seen.scheme()), "{text}");
    }
    true
}

/// The first line is a pattern, the second an address. What an address pattern matches lies at its host; an
/// expression fits whole texts, and one that is called closed fits no two hosts of strangers.
pub fn pattern(data: &[u8]) -> bool {
    let (pattern, address) = super::text(data).split_once('\n').unwrap_or_default();
    // Operators write a line; the engine has a limit of its own for the size of what comes of it.
    if pattern.len() > 300 {
        return false;
    }
    let service = ServiceUrl::parse(address).ok();
    let as_address = UrlPattern::new(pattern);
    if let (Ok(pattern), Some(service)) = (&as_address, &service) {
        address_pattern(pattern, service);
    }
    let as_expression = WholePattern::new(pattern);
    if let Ok(expression) = &as_expression {
        whole_pattern(expression, address, service.as_ref());
    }
    as_address.is_ok() || as_expression.is_ok()
}

fn address_pattern(pattern: &UrlPattern, service: &ServiceUrl) {
    if !pattern.matches(service) {
        return;
    }
    let seen = Url::parse(service.as_str()).expect("an address");
    let host = seen.host_str().unwrap_or_default();
    let (scheme, rest) = pattern.source().split_once("://").expect("a scheme");
    assert_eq!(scheme, seen.scheme());
    let authority = rest.split('/').next().unwrap_or_default();
    let own = authority.strip_prefix("*.").unwrap_or(authority).to_ascii_lowercase();
    let own_host = Url::parse(&format!("{scheme}://{own}/")).expect("a host");
    let own_host = own_host.host_str().unwrap_or_default();
    if authority.starts_with("*.") {
        assert!(host.ends_with(&format!(".{own_host}")), "{} {service}", pattern.source());
    } else {
        assert_eq!(host, own_host, "{} {service}", pattern.source());
    }
}

fn whole_pattern(expression: &WholePattern, text: &str, service: Option<&ServiceUrl>) {
    if expression.matches(text)
        && let Ok(anywhere) = regex::Regex::new(expression.source())
    {
        assert!(anywhere.is_match(text), "a whole text that fits, fits somewhere: {}", expression.source());
    }
    let Some(service) = service.filter(|service| service.path().len() < 100) else { return };
    if is_open(expression) {
        return;
    }
    // Names that no author can have meant, because they come of the expression itself.
    let mut hasher = DefaultHasher::new();
    expression.source().hash(&mut hasher);
    let strangers =
        ["q", "x"].map(|letter| format!("https://{letter}{:x}.example{}", hasher.finish(), service.path()));
    let fits = strangers.iter().filter(|stranger| expression.matches(stranger)).count();
    assert!(fits < 2, "closed, and open to {strangers:?}: {}", expression.source());
}
