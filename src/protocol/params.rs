//! The parameters of requests (CAS 3.0 §2.1.1, §2.2.1, §2.3.1, §2.4.1, §2.5.1), read from pairs.
//!
//! Names are case-sensitive, an empty value is no value, unknown names are ignored. A parameter that
//! must be single and comes twice is an error: two programs would read two different ones.

use std::fmt;

use percent_encoding::percent_decode;

use super::delivery::Delivery;

/// Most pairs that one query or form may hold.
pub const MAX_PAIRS: usize = 1000;

/// The pairs of a query or a form, decoded. `Debug` shows names only: values are passwords and tickets.
#[derive(Clone, Default)]
pub struct Pairs(Vec<(String, String)>);

/// Why pairs cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MalformedParams {
    /// Escapes that are not UTF-8.
    #[error("a parameter is not valid UTF-8")]
    NotUtf8,
    /// More than [`MAX_PAIRS`].
    #[error("more than {MAX_PAIRS} parameters")]
    TooMany,
    /// A parameter that must be single.
    #[error("the parameter `{0}` is given more than once")]
    Repeated(&'static str),
    /// Longer than anything it could mean.
    #[error("the parameter `{0}` is too long")]
    TooLong(&'static str),
}

impl Pairs {
    /// Reads `application/x-www-form-urlencoded` bytes: `+` and `%20` are blanks, a broken escape stays
    /// as text, bytes that are not UTF-8 are an error.
    pub fn parse(input: &[u8]) -> Result<Self, MalformedParams> {
        let mut pairs = Vec::new();
        for piece in input.split(|&b| b == b'&').filter(|piece| !piece.is_empty()) {
            if pairs.len() == MAX_PAIRS {
                return Err(MalformedParams::TooMany);
            }
            let mut halves = piece.splitn(2, |&b| b == b'=');
            let name = decoded(halves.next().unwrap_or_default())?;
            let value = decoded(halves.next().unwrap_or_default())?;
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// The one value of `name`; an empty one counts as absent.
    pub fn single(&self, name: &'static str) -> Result<Option<&str>, MalformedParams> {
        let mut found = self.0.iter().filter(|(key, _)| key == name);
        let first = found.next();
        if found.next().is_some() {
            return Err(MalformedParams::Repeated(name));
        }
        Ok(first.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty()))
    }

    /// The first value of `name`, empty or not.
    pub fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// These pairs, and those of `other` whose names are absent here.
    #[must_use]
    pub fn with_defaults(mut self, other: Self) -> Self {
        let absent = |name: &str| !self.0.iter().any(|(own, _)| own == name);
        let further: Vec<_> = other.0.into_iter().filter(|(name, _)| absent(name)).collect();
        self.0.extend(further);
        self
    }

    /// These pairs and all those of `other`.
    #[must_use]
    pub fn with_all(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Whether `name` is set in the sense of [`is_set`].
    pub fn flag(&self, name: &'static str) -> Result<bool, MalformedParams> {
        Ok(self.single(name)?.is_some_and(is_set))
    }
}

impl fmt::Debug for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// A flag (`renew`, `gateway`, …) is set when its value is not empty and not one of the words for no:
/// old clients send `renew=false` with every login and mean it.
pub fn is_set(value: &str) -> bool {
    !matches!(value, "" | "false" | "False" | "0" | "no")
}

fn decoded(raw: &[u8]) -> Result<String, MalformedParams> {
    let spaced: Vec<u8> = raw.iter().map(|&b| if b == b'+' { b' ' } else { b }).collect();
    let bytes = percent_decode(&spaced).collect::<Vec<u8>>();
    String::from_utf8(bytes).map_err(|_| MalformedParams::NotUtf8)
}

/// Appends `name=value` to a query under construction, both encoded.
pub fn push_pair(query: &mut String, name: &str, value: &str) {
    let mut pairs = url::form_urlencoded::Serializer::new(std::mem::take(query));
    pairs.append_pair(name, value);
    *query = pairs.finish();
}

/// What `/login` was asked for (CAS 3.0 §2.1.1, and names of our own). Travels through the whole sign-in,
/// also through an institution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoginParams {
    /// The address of the application, unchecked.
    pub service: Option<String>,
    /// Fresh credentials are asked for.
    pub renew: bool,
    /// No interaction is wanted.
    pub gateway: bool,
    /// How the ticket shall travel; absent: as the service's entry says.
    pub method: Option<Delivery>,
    /// Be asked before signing in to further services.
    pub warn: bool,
    /// Stay signed in (CAS 3.0 §4.1).
    pub remember_me: bool,
    /// The institution (a suffix) or `local`.
    pub provider: Option<String>,
    /// An e-mail address or domain that tells the institution.
    pub hint: Option<String>,
    /// Show the selection page whatever was remembered.
    pub choose: bool,
    /// This is a shared computer: remember nothing.
    pub shared: bool,
    /// The language asked for.
    pub lang: Option<String>,
    /// Words to search institutions for.
    pub q: Option<String>,
}

impl LoginParams {
    /// Reads them from a query or a form. Errors on a repeated parameter.
    pub fn read(pairs: &Pairs) -> Result<Self, MalformedParams> {
        // They are kept through a sign-in, so each has a bound; that of a service is its own.
        let text = |name, most| match pairs.single(name)? {
            Some(value) if value.len() > most => Err(MalformedParams::TooLong(name)),
            value => Ok(value.map(str::to_owned)),
        };
        let lang = text("lang", 35)?;
        Ok(Self {
            service: pairs.single("service")?.map(str::to_owned),
            renew: pairs.flag("renew")?,
            gateway: pairs.flag("gateway")?,
            method: pairs.single("method")?.map(Delivery::named),
            warn: pairs.flag("warn")?,
            remember_me: pairs.flag("rememberMe")?,
            provider: text("provider", 256)?,
            hint: text("hint", 320)?,
            choose: pairs.flag("choose")?,
            shared: pairs.flag("shared")?,
            lang: match lang {
                Some(lang) => Some(lang),
                None => text("locale", 35)?,
            },
            q: text("q", 1000)?,
        })
    }

    /// The pairs that belong to the request itself and are carried along: in hidden fields, through a
    /// handoff, back to `/login`. What only chose the next page (`provider hint choose q`) is left out.
    pub fn kept(&self) -> Vec<(&'static str, String)> {
        let flag = |name, set: bool| set.then(|| (name, "true".to_owned()));
        let text = |name, value: &Option<String>| value.clone().map(|value| (name, value));
        [
            text("service", &self.service),
            flag("renew", self.renew),
            flag("gateway", self.gateway),
            self.method.map(|way| ("method", way.as_str().to_owned())),
            flag("warn", self.warn),
            flag("rememberMe", self.remember_me),
            flag("shared", self.shared),
            text("lang", &self.lang),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// [`LoginParams::kept`] as the text of a query, without `?`.
    pub fn to_query(&self) -> String {
        let mut query = String::new();
        for (name, value) in self.kept() {
            push_pair(&mut query, name, &value);
        }
        query
    }
}

/// What a validation asked for (CAS 3.0 §2.4.1, §2.5.1).
#[derive(Clone, PartialEq, Eq)]
pub struct ValidateParams {
    /// The service that presents the ticket, compared byte for byte.
    pub service: String,
    /// The text presented as a ticket.
    pub ticket: String,
    /// Only a ticket from fresh credentials will do.
    pub renew: bool,
    /// Where a proxy-granting ticket shall be delivered.
    pub pgt_url: Option<String>,
}

impl ValidateParams {
    /// Reads them. `Ok(None)`: `service` or `ticket` is missing (CAS: INVALID_REQUEST).
    pub fn read(pairs: &Pairs) -> Result<Option<Self>, MalformedParams> {
        let (service, ticket) = (pairs.single("service")?, pairs.single("ticket")?);
        let (renew, pgt_url) = (pairs.flag("renew")?, pairs.single("pgtUrl")?);
        Ok(service.zip(ticket).map(|(service, ticket)| Self {
            service: service.to_owned(),
            ticket: ticket.to_owned(),
            renew,
            pgt_url: pgt_url.map(str::to_owned),
        }))
    }
}

/// What somebody who holds a proxy-granting ticket asked for (CAS 3.0 §2.7.1).
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyParams {
    /// The text presented as a proxy-granting ticket.
    pub pgt: String,
    /// The service that the proxy ticket is for, byte for byte.
    pub target: String,
}

impl ProxyParams {
    /// Reads them. `Ok(None)`: `pgt` or `targetService` is missing (CAS: INVALID_REQUEST).
    pub fn read(pairs: &Pairs) -> Result<Option<Self>, MalformedParams> {
        let (pgt, target) = (pairs.single("pgt")?, pairs.single("targetService")?);
        Ok(pgt.zip(target).map(|(pgt, target)| Self { pgt: pgt.to_owned(), target: target.to_owned() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(query: &str) -> Pairs {
        Pairs::parse(query.as_bytes()).unwrap()
    }

    #[test]
    fn names_are_case_sensitive_and_empty_is_absent() {
        let login = LoginParams::read(&pairs("Service=https://x&service=&RENEW=true")).unwrap();
        assert_eq!(login, LoginParams::default());
    }

    #[test]
    fn repeated_parameters_are_an_error() {
        assert_eq!(
            LoginParams::read(&pairs("service=a&service=b")),
            Err(MalformedParams::Repeated("service"))
        );
        assert!(LoginParams::read(&pairs("other=a&other=b")).is_ok());
        let long = format!("lang={}", "x".repeat(36));
        assert_eq!(LoginParams::read(&pairs(&long)), Err(MalformedParams::TooLong("lang")));
    }

    #[test]
    fn blanks_escapes_and_bad_bytes() {
        assert_eq!(pairs("a=1+2%203").first("a"), Some("1 2 3"));
        assert_eq!(pairs("a=100%&b=%zz").first("b"), Some("%zz"));
        assert_eq!(pairs("a==&&b").first("a"), Some("="));
        assert!(matches!(Pairs::parse(b"a=%ff"), Err(MalformedParams::NotUtf8)));
        assert!(matches!(Pairs::parse("a&".repeat(1001).as_bytes()), Err(MalformedParams::TooMany)));
    }

    #[test]
    fn words_for_no_are_no() {
        for (value, set) in [("true", true), ("1", true), ("false", false), ("False", false), ("0", false)] {
            assert_eq!(is_set(value), set, "{value}");
        }
    }

    #[test]
    fn what_is_kept_comes_back_the_same() {
        let login = LoginParams::read(&pairs(
            "service=https%3A%2F%2Fw.example%2F%3Fa%3D1%26b&renew=1&gateway=1&method=POST&warn=1&rememberMe=on\
             &shared=1&locale=fr&q=north&choose=1",
        ))
        .unwrap();
        let again = LoginParams::read(&pairs(&login.to_query())).unwrap();
        assert_eq!(again, LoginParams { q: None, choose: false, ..login });
    }

    #[test]
    fn validation_needs_service_and_ticket() {
        assert!(ValidateParams::read(&pairs("service=x")).unwrap().is_none());
        assert!(ValidateParams::read(&pairs("service=x&ticket=")).unwrap().is_none());
        let asked = ValidateParams::read(&pairs("service=x&ticket=ST-1&renew=true")).unwrap().unwrap();
        assert!(asked.renew);
    }

    #[test]
    fn proxying_needs_a_pgt_and_a_target() {
        for query in ["", "pgt=PGT-1", "targetService=x", "pgt=&targetService=x", "pgt=1&targetservice=x"] {
            assert!(ProxyParams::read(&pairs(query)).unwrap().is_none(), "{query}");
        }
        let twice = ProxyParams::read(&pairs("pgt=1&pgt=1&targetService=x")).err();
        assert_eq!(twice, Some(MalformedParams::Repeated("pgt")));
        let asked = ProxyParams::read(&pairs("pgt=PGT-1&targetService=https%3A%2F%2Fx%2F")).unwrap().unwrap();
        assert_eq!((asked.pgt.as_str(), asked.target.as_str()), ("PGT-1", "https://x/"));
    }
}
