//! An institution: an upstream CAS server that speaks for its own people.

use std::path::PathBuf;

use super::identity::Suffix;
use super::name::NameRules;
use super::service_rule::Origin;
use super::url_pattern::UrlPattern;
use crate::protocol::time::Timestamp;

pub use crate::protocol::format::Format;
pub use crate::protocol::version::CasVersion;

/// One `[[provider]]`.
#[derive(Clone, Debug)]
pub struct Provider {
    /// What stands after the `@`.
    pub suffix: Suffix,
    /// Shown to people.
    pub name: String,
    /// The same in other languages: tag and name.
    pub translations: Vec<(String, String)>,
    /// Base address without a last slash and without `/login`.
    pub url: String,
    /// How it is asked.
    pub protocol: CasVersion,
    /// Order on the selection page.
    pub position: i64,
    /// On the selection page at all.
    pub display: bool,
    /// Refuses everybody.
    pub disabled: bool,
    /// Heading on the selection page.
    pub group: Option<String>,
    /// Further names that a search finds.
    pub aliases: Vec<String>,
    /// Domains of e-mail addresses that tell this provider.
    pub email_domains: Vec<String>,
    /// Path of the logo at our own origin.
    pub logo: Option<String>,
    /// Where its people get help: a link.
    pub help: Option<String>,
    /// What its people are told on our pages, for a time.
    pub notice: Option<Notice>,
    /// How it is reached, and read.
    pub approach: Approach,
    /// May be asked in silence whether somebody is signed in there (`gateway`).
    pub passive: bool,
    /// Its log-out messages end sessions here.
    pub single_log_out: bool,
    /// What a sign-out here does about the session there.
    pub log_out: LogOut,
    /// Services there for which ours may have proxy tickets.
    pub proxy_to: Vec<UrlPattern>,
    /// Seconds that a session of its people lives at the most.
    pub max_session: Option<i64>,
    /// Whose attributes a session tells.
    pub live: Live,
    /// What may stand behind the `@` in values of [`Provider::scoped_attributes`]; empty: anything.
    pub scopes: Vec<String>,
    /// Attributes, by our names or theirs, whose values have a scope.
    pub scoped_attributes: Vec<String>,
    /// Which of its names are accepted.
    pub names: NameRules,
    /// Our names, and where their values come from; absent: all under their own names.
    pub attributes: Option<Vec<(String, Origin)>>,
}

/// How an institution is reached, and its answers are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approach {
    /// Limit of a whole validation request, in milliseconds.
    pub timeout_ms: u64,
    /// Authorities in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// The certificate and the key by which it knows us: PEM files.
    pub client_certificate: Option<(PathBuf, PathBuf)>,
    /// An HTTP proxy on the way: an address.
    pub http_proxy: Option<String>,
    /// Paths in place of those of CAS.
    pub paths: Paths,
    /// Added to its sign-in address.
    pub extra_params: Vec<(String, String)>,
    /// The form of its answers.
    pub format: Format,
    /// Asks for credentials at every sign-in.
    pub renew: bool,
    /// A value `[a, b]` is a list.
    pub split_lists: bool,
    /// A stray `&` in an answer is text.
    pub repair_ampersands: bool,
    /// Seconds that its clock may be wrong.
    pub skew: i64,
    /// Where the number of a sign-in under way travels.
    pub state_in: StateIn,
}

impl Default for Approach {
    fn default() -> Self {
        Self {
            timeout_ms: 5000,
            ca_file: None,
            client_certificate: None,
            http_proxy: None,
            paths: Paths::default(),
            extra_params: Vec::new(),
            format: Format::Xml,
            renew: false,
            split_lists: false,
            repair_ampersands: false,
            skew: 30,
            state_in: StateIn::Url,
        }
    }
}

/// Paths below the base address of an institution, with a first slash; `None`: that of CAS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// In place of `/login`.
    pub login: Option<String>,
    /// In place of the validation path of its protocol.
    pub validate: Option<String>,
    /// In place of `/logout`.
    pub logout: Option<String>,
}

/// Where the number of a sign-in under way travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateIn {
    /// In the query of the callback address.
    Url,
    /// In a cookie, for institutions that compare the whole address.
    Cookie,
}

/// What a sign-out here does about the session at the institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogOut {
    /// Nothing, but the page says that it goes on.
    None,
    /// The page offers to sign out there.
    Ask,
    /// The browser is sent there.
    Always,
}

/// Whose attributes a session tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Live {
    /// Those of its own last sign-in.
    Session,
    /// Those of the person's latest sign-in, in whichever browser.
    Latest,
}

/// What people are told, for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Language tag and text, the tag empty for all others. Never empty.
    pub texts: Vec<(String, String)>,
    /// From when on; `None`: at once.
    pub from: Option<Timestamp>,
    /// Until when; `None`: for ever.
    pub until: Option<Timestamp>,
}

impl Notice {
    /// Whether it is told now.
    pub fn is_on(&self, now: Timestamp) -> bool {
        self.from.is_none_or(|from| now >= from) && self.until.is_none_or(|until| now < until)
    }
}

/// The attributes that have a scope unless the files name others.
pub const SCOPED: [&str; 2] = ["eduPersonPrincipalName", "eduPersonScopedAffiliation"];

impl Provider {
    /// An institution with every default. In: the base address without a last slash and without `/login`.
    pub fn new(suffix: Suffix, name: &str, url: &str) -> Self {
        // A suffix that is a domain says what its people's scoped values end with.
        let own = suffix.as_str().contains('.').then(|| suffix.as_str().to_owned());
        Self {
            suffix,
            name: name.to_owned(),
            translations: Vec::new(),
            url: url.to_owned(),
            protocol: CasVersion::V3,
            position: 100,
            display: true,
            disabled: false,
            group: None,
            aliases: Vec::new(),
            email_domains: Vec::new(),
            logo: None,
            help: None,
            notice: None,
            approach: Approach::default(),
            passive: false,
            single_log_out: true,
            log_out: LogOut::Ask,
            proxy_to: Vec::new(),
            max_session: None,
            live: Live::Session,
            scopes: own.into_iter().collect(),
            scoped_attributes: SCOPED.map(str::to_owned).to_vec(),
            names: NameRules::default(),
            attributes: None,
        }
    }

    /// Whether its server can hand us proxy-granting tickets, and is asked to.
    pub fn grants(&self) -> bool {
        let knows = matches!(self.protocol, CasVersion::V2 | CasVersion::V3);
        knows && !self.proxy_to.is_empty()
    }

    /// The host of the provider, for pages.
    pub fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or(rest);
        authority.rsplit_once(':').map_or(authority, |(host, _)| host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_shown_without_its_port() {
        let suffix = Suffix::parse("north.example").unwrap();
        let north = Provider::new(suffix, "North", "https://cas.north.example:8443/cas");
        assert_eq!(north.host(), "cas.north.example");
    }
}
