//! What is known of a CAS server before anybody asks it anything.

use std::time::Duration;

use super::Question;
use crate::protocol::format::Format;
use crate::protocol::params::push_pair;
use crate::protocol::version::CasVersion;

/// Longest validation, unless somebody says otherwise.
const PATIENCE: Duration = Duration::from_secs(5);
/// Seconds that its clock may be wrong, unless somebody says otherwise.
const SKEW: i64 = 30;

/// One CAS server: its addresses, and how it is asked and read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// What its addresses begin with, without a last slash and without `/login`.
    pub base: String,
    /// How it is asked.
    pub version: CasVersion,
    /// Limit of a whole validation, with its fallback.
    pub timeout: Duration,
    /// Paths in place of those of CAS.
    pub paths: Paths,
    /// The form of its answers in CAS 2 and 3.
    pub format: Format,
    /// A value `[a, b]` is a list.
    pub split_lists: bool,
    /// A stray `&` in an answer is text.
    pub repair_ampersands: bool,
    /// Seconds that its clock may be wrong.
    pub skew: i64,
    /// Added to its sign-in address.
    pub extra_params: Vec<(String, String)>,
}

/// Paths below the base address, with a first slash; `None`: that of CAS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// In place of `/login`.
    pub login: Option<String>,
    /// In place of the validation path of its version.
    pub validate: Option<String>,
    /// In place of `/logout`.
    pub logout: Option<String>,
}

impl Server {
    /// A server that keeps to the specification.
    pub fn new(base: &str, version: CasVersion) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            version,
            timeout: PATIENCE,
            paths: Paths::default(),
            format: Format::Xml,
            split_lists: false,
            repair_ampersands: false,
            skew: SKEW,
            extra_params: Vec::new(),
        }
    }

    pub(super) fn login(&self, service: &str, renew: bool, gateway: bool) -> String {
        let mut query = String::new();
        push_pair(&mut query, "service", service);
        if renew {
            push_pair(&mut query, "renew", "true");
        } else if gateway {
            push_pair(&mut query, "gateway", "true");
        }
        for (name, value) in &self.extra_params {
            push_pair(&mut query, name, value);
        }
        self.at(self.paths.login.as_ref(), "/login", &query)
    }

    pub(super) fn logout(&self, service: Option<&str>) -> String {
        let mut query = String::new();
        if let Some(service) = service {
            push_pair(&mut query, "service", service);
        }
        self.at(self.paths.logout.as_ref(), "/logout", &query)
    }

    /// In: the path of CAS, in whose place another may stand.
    pub(super) fn validation(&self, path: &str, question: &Question<'_>) -> String {
        let mut query = String::new();
        if self.version == CasVersion::Saml1 {
            // The ticket stands in the body (CAS 3.0 §4.2.2).
            push_pair(&mut query, "TARGET", question.service);
        } else {
            push_pair(&mut query, "service", question.service);
            push_pair(&mut query, "ticket", question.ticket);
        }
        if question.renew {
            push_pair(&mut query, "renew", "true");
        }
        if matches!(self.version, CasVersion::V2 | CasVersion::V3) {
            if let Some(pgt_url) = question.pgt_url {
                push_pair(&mut query, "pgtUrl", pgt_url);
            }
            if self.format == Format::Json {
                push_pair(&mut query, "format", "JSON");
            }
        }
        self.at(self.paths.validate.as_ref(), path, &query)
    }

    pub(super) fn proxy(&self, pgt: &str, target_service: &str) -> String {
        let mut query = String::new();
        push_pair(&mut query, "pgt", pgt);
        push_pair(&mut query, "targetService", target_service);
        self.at(None, "/proxy", &query)
    }

    fn at(&self, own: Option<&String>, usual: &str, query: &str) -> String {
        let path = own.map_or(usual, String::as_str);
        let between = if query.is_empty() { "" } else { "?" };
        format!("{}{path}{between}{query}", self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://cas.north.example/sso";
    const BACK: &str = "https://login.example/federate/north?h=a&b";
    const SERVICE: &str = "service=https%3A%2F%2Flogin.example%2Ffederate%2Fnorth%3Fh%3Da%26b";

    fn north() -> Server {
        Server::new(&format!("{BASE}/"), CasVersion::V3)
    }

    /// One with paths of its own.
    fn odd() -> Server {
        let path = |name: &str| Some(format!("/{name}"));
        Server {
            paths: Paths { login: path("sign-in"), validate: path("check"), logout: path("bye") },
            extra_params: vec![("lang".to_owned(), "en&x".to_owned()), ("hint".to_owned(), String::new())],
            ..north()
        }
    }

    #[test]
    fn the_way_to_the_sign_in() {
        for (renew, gateway, more) in [
            (false, false, ""),
            (true, false, "&renew=true"),
            (false, true, "&gateway=true"),
            (true, true, "&renew=true"),
        ] {
            let url = north().login(BACK, renew, gateway);
            assert_eq!(url, format!("{BASE}/login?{SERVICE}{more}"));
            let url = odd().login(BACK, renew, gateway);
            assert_eq!(url, format!("{BASE}/sign-in?{SERVICE}{more}&lang=en%26x&hint="));
        }
    }

    #[test]
    fn the_way_to_the_sign_out() {
        assert_eq!(north().logout(None), format!("{BASE}/logout"));
        let back = format!("{BASE}/logout?service=https%3A%2F%2Flogin.example%2Flogout%3Fx%3D1");
        assert_eq!(north().logout(Some("https://login.example/logout?x=1")), back);
        assert_eq!(odd().logout(None), format!("{BASE}/bye"));
    }

    #[test]
    fn what_a_validation_asks() {
        let plain = Question::new("ST-1&x", BACK);
        let usual = format!("{SERVICE}&ticket=ST-1%26x");
        assert_eq!(north().validation("/p3/v", &plain), format!("{BASE}/p3/v?{usual}"));
        assert_eq!(odd().validation("/p3/v", &plain), format!("{BASE}/check?{usual}"));
        let more = Question { renew: true, pgt_url: Some("https://b.example/?x"), ..plain };
        let url = north().validation("/p3/v", &more);
        assert_eq!(url, format!("{BASE}/p3/v?{usual}&renew=true&pgtUrl=https%3A%2F%2Fb.example%2F%3Fx"));
        let first = Server { version: CasVersion::V1, ..north() };
        assert_eq!(first.validation("/v", &more), format!("{BASE}/v?{usual}&renew=true"));
        let json = |version| Server { version, format: Format::Json, ..north() };
        let url = json(CasVersion::V2).validation("/v", &plain);
        assert_eq!(url, format!("{BASE}/v?{usual}&format=JSON"));
        assert_eq!(json(CasVersion::V1).validation("/v", &plain), format!("{BASE}/v?{usual}"));
        let target = format!("TARGET{}", SERVICE.trim_start_matches("service"));
        let url = json(CasVersion::Saml1).validation("/samlValidate", &more);
        assert_eq!(url, format!("{BASE}/samlValidate?{target}&renew=true"));
        assert!(!format!("{plain:?}").contains("ST-1"));
    }

    #[test]
    fn what_a_proxy_asks() {
        let url = north().proxy("PGT-1&x", "https://imap.example/?a=b");
        let query = "pgt=PGT-1%26x&targetService=https%3A%2F%2Fimap.example%2F%3Fa%3Db";
        assert_eq!(url, format!("{BASE}/proxy?{query}"));
    }
}
