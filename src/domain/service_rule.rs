//! One registered service: which addresses it has, who may enter, what it is told.

use super::identity::{Source, Suffix};
use super::opening::Opening;
use super::pattern::{GaveUp, UrlPattern, WholePattern};
use super::rewrite::Rewriting;
pub use crate::protocol::delivery::Delivery;
use crate::protocol::other_service::is_web;
use crate::protocol::service::ServiceUrl;
use crate::protocol::time::Timestamp;

/// One `[[service]]`.
#[derive(Clone, Debug)]
pub struct ServiceRule {
    /// Unique, shown to people.
    pub name: String,
    /// One sentence for people.
    pub description: Option<String>,
    /// A text of the moment for people.
    pub notice: Option<String>,
    /// Path of the logo at our own origin.
    pub logo: Option<String>,
    /// Smaller is tried first.
    pub position: i64,
    /// Its addresses.
    pub addresses: Addresses,
    /// Matches, then refuses everybody.
    pub disabled: bool,
    /// When it is open, beside [`ServiceRule::disabled`].
    pub opening: Opening,
    /// What is sent as the user name.
    pub user_field: UserField,
    /// Whose accounts it takes.
    pub accounts: Accounts,
    /// Not empty: only these login names, as rendered.
    pub usernames: Vec<String>,
    /// At least one value of each attribute must match each of its patterns.
    pub filter: Vec<(String, Vec<WholePattern>)>,
    /// No value of these attributes may match any of its patterns.
    pub deny: Vec<(String, Vec<WholePattern>)>,
    /// Credentials that were given longer ago, in seconds, are asked for again.
    pub max_auth_age: Option<i64>,
    /// Who helps people that are refused: `mailto:` and `https:` links, or plain texts.
    pub contacts: Vec<String>,
    /// An `https:` link for people that are refused.
    pub denied_url: Option<String>,
    /// The page names the attribute that the filter wants.
    pub explain_filter: bool,
    /// What it is told.
    pub release: Release,
    /// Proxy tickets may be issued for it.
    pub proxy: bool,
    /// It may get proxy-granting tickets.
    pub proxy_callback: bool,
    /// Not empty: only for these services, by name, may it ask proxy tickets.
    pub proxy_targets: Vec<String>,
    /// A validation whose proxy callback fails succeeds all the same, without the ticket (the way of CAS 2).
    pub pgt_optional: bool,
    /// Whether people are asked before they are signed in to it.
    pub warn: Warn,
    /// Fresh credentials are asked for each time.
    pub renew: bool,
    /// How a ticket travels to it, where the request names no other way.
    pub response: Delivery,
    /// SAML answers tell attributes also where its address is plain http.
    pub http_attributes: bool,
    /// Attributes also in answers of CAS 2 addresses.
    pub attributes_on_v2: bool,
    /// It is told when somebody signs out.
    pub single_log_out: bool,
    /// Where it is told, in place of the service address.
    pub single_log_out_callback: Option<String>,
}

/// Whether people are asked before they are signed in to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warn {
    /// As they wish.
    User,
    /// In any case.
    Always,
    /// In no case.
    Never,
}

/// How a service is recognised.
#[derive(Clone, Debug)]
pub enum Addresses {
    /// Address patterns; one must match.
    Urls(Vec<UrlPattern>),
    /// A regular expression over the whole normalised address.
    Pattern(WholePattern),
}

impl Addresses {
    /// Whether an address that is no web page belongs here. Errors when that takes too many steps.
    pub fn contain_other(&self, text: &str) -> Result<bool, GaveUp> {
        match self {
            Self::Urls(_) => Ok(false),
            Self::Pattern(pattern) => pattern.try_matches(text),
        }
    }

    /// The front page of the service that this address belongs to: the folder that its pattern names, else
    /// the root of its host. Never the address itself, which may be one that signs out or takes tickets.
    pub fn front_page(&self, service: &ServiceUrl) -> String {
        let folder = match self {
            Self::Urls(patterns) => {
                patterns.iter().find(|pattern| pattern.matches(service)).and_then(UrlPattern::folder)
            }
            Self::Pattern(_) => None,
        };
        format!("{}{}", service.origin(), folder.unwrap_or("/"))
    }
}

impl ServiceRule {
    /// Whether people may enter at all: it is not switched off, its time is not over, and it is within
    /// its hours.
    pub fn is_open(&self, now: Timestamp) -> bool {
        !self.disabled && self.opening.is_open(now)
    }

    /// Whether credentials of then are too old for it.
    pub fn wants_newer_login(&self, authenticated_at: Timestamp, now: Timestamp) -> bool {
        self.max_auth_age.is_some_and(|most| now > authenticated_at.plus(most))
    }

    /// Where the end of a session is told, for a ticket of this address. `None`: nowhere, since it does
    /// not want to know, or is no web page and names no other address.
    pub fn log_out_address<'a>(&'a self, service: &'a str) -> Option<&'a str> {
        let page = Some(service).filter(|service| is_web(service));
        self.single_log_out_callback.as_deref().or(page).filter(|_| self.single_log_out)
    }
}

/// What is sent as the user name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum UserField {
    /// The login name, as rendered.
    #[default]
    LoginName,
    /// The first value of an attribute.
    Attribute(String),
    /// A pseudonym of the person for this service alone: `@pairwise`.
    Pairwise,
}

/// The list `providers` of a service: suffixes, names of back-ends, `local`, each also with `!`.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    only: Vec<String>,
    except: Vec<String>,
}

impl Accounts {
    /// Takes the list as written. An empty list means everybody: the file reader refuses a list that
    /// somebody wrote empty.
    pub fn new(entries: &[String]) -> Self {
        let (except, only): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.starts_with('!'));
        Self {
            only: only.into_iter().cloned().collect(),
            except: except
                .into_iter()
                .filter_map(|entry| entry.strip_prefix('!'))
                .map(str::to_owned)
                .collect(),
        }
    }

    /// Whether people from there may enter.
    pub fn take(&self, source: &Source) -> bool {
        match source {
            Source::Provider(suffix) => self.take_people_of(suffix),
            Source::Backend(name) => self.take_named(|entry| entry == "local" || entry == name),
        }
    }

    /// Whether people of an institution may enter.
    pub fn take_people_of(&self, suffix: &Suffix) -> bool {
        self.take_named(|entry| suffix.same_as(entry))
    }

    /// Whether nobody is left out.
    pub fn are_all(&self) -> bool {
        self.only.is_empty() && self.except.is_empty()
    }

    fn take_named(&self, named: impl Fn(&str) -> bool) -> bool {
        let named = |entry: &String| named(entry);
        (self.only.is_empty() || self.only.iter().any(named)) && !self.except.iter().any(named)
    }
}

/// The table `[service.release]`. Nothing else is told.
#[derive(Clone, Debug, Default)]
pub struct Release {
    /// `"*" = "*"`.
    pub all: bool,
    /// The name that the service sees, and where it comes from.
    pub named: Vec<(String, Origin)>,
}

/// Where a released value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// An attribute of the person.
    Attribute(String),
    /// Always the same text.
    Fixed(String),
    /// An attribute of the person, each value rewritten.
    Rewritten(String, Rewriting),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_front_page() {
        for (pattern, address, front) in [
            ("https://w.example/**", "https://w.example/logout?x=1", "https://w.example/"),
            ("https://*.u.example/mail/**", "https://w.u.example/mail/cas/", "https://w.u.example/mail/"),
            ("http://w.example:8080/a/**", "http://w.example:8080/a/", "http://w.example:8080/a/"),
            ("https://w.example/pay**", "https://w.example/payroll/x", "https://w.example/"),
            ("https://w.example/*/in", "https://w.example/a/in", "https://w.example/"),
            ("https://w.example/logout", "https://w.example/logout", "https://w.example/"),
        ] {
            let addresses = Addresses::Urls(vec![UrlPattern::new(pattern).unwrap()]);
            assert_eq!(addresses.front_page(&ServiceUrl::parse(address).unwrap()), front, "{pattern}");
        }
        let any = Addresses::Pattern(WholePattern::new("^https://w.*").unwrap());
        let deep = ServiceUrl::parse("https://w.example/a/b").unwrap();
        assert_eq!(any.front_page(&deep), "https://w.example/");
    }

    #[test]
    fn lists_of_accounts() {
        let north = Source::Provider(Suffix::parse("north.example").unwrap());
        let staff = Source::Backend("staff".to_owned());
        for (list, takes_north, takes_staff) in [
            (&[][..], true, true),
            (&["north.example"], true, false),
            (&["North.Example"], true, false),
            (&["local"], false, true),
            (&["staff"], false, true),
            (&["guests"], false, false),
            (&["!north.example"], false, true),
            (&["!local"], true, false),
            (&["north.example", "local", "!staff"], true, false),
        ] {
            let list: Vec<String> = list.iter().map(|&entry| entry.to_owned()).collect();
            let accounts = Accounts::new(&list);
            assert_eq!(
                (accounts.take(&north), accounts.take(&staff)),
                (takes_north, takes_staff),
                "{list:?}"
            );
        }
    }
}
