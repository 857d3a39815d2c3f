//! An institution: an upstream CAS server that speaks for its own people.

use std::path::PathBuf;

use super::identity::Suffix;
use super::name::NameRules;
use super::never::{is_secret, without_secrets};
use crate::protocol::attributes::Attributes;

pub use crate::protocol::version::CasVersion;

/// One `[[provider]]`.
#[derive(Clone, Debug)]
pub struct Provider {
    /// What stands after the `@`.
    pub suffix: Suffix,
    /// Shown to people.
    pub name: String,
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
    /// Limit of a whole validation request, in milliseconds.
    pub timeout_ms: u64,
    /// Authorities in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// Which of its names are accepted.
    pub names: NameRules,
    /// Ours and theirs; absent: all under their own names.
    pub attributes: Option<Vec<(String, String)>>,
}

impl Provider {
    /// The host of the provider, for pages.
    pub fn host(&self) -> &str {
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or(rest);
        authority.rsplit_once(':').map_or(authority, |(host, _)| host)
    }

    /// What its attributes become here: renamed as the provider's table says, nothing that only we may
    /// say, and no password, whatever it is renamed to.
    pub fn take_in(&self, theirs: &Attributes) -> Attributes {
        let mut ours = Attributes::new();
        match &self.attributes {
            Some(table) => {
                for (name, source) in table.iter().filter(|(_, source)| !is_secret(source)) {
                    if let Some(values) = theirs.get(source) {
                        ours.set(name, values.to_vec());
                    }
                }
            }
            None => {
                for (name, values) in theirs.iter() {
                    ours.set(name, values.to_vec());
                }
            }
        }
        without_ours(ours)
    }
}

/// Names that only the gateway may say: services decide on them.
pub const OURS: [&str; 5] =
    ["authenticationDate", "longTermAuthenticationRequestTokenUsed", "isFromNewLogin", "provider", "backend"];

/// Attributes from outside: those under a name of ours are renamed `upstream_…`, and those that hold
/// passwords are dropped.
pub fn without_ours(attributes: Attributes) -> Attributes {
    let mut out = Attributes::new();
    for (name, values) in without_secrets(attributes).iter() {
        let name = if OURS.contains(&name) { format!("upstream_{name}") } else { name.to_owned() };
        // Somebody may use the new name already: nothing gets lost.
        for value in values {
            out.push(name.as_str(), value.clone());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::attributes::Value;

    fn provider(attributes: Option<Vec<(String, String)>>) -> Provider {
        Provider {
            suffix: Suffix::parse("north.example").unwrap(),
            name: "North".to_owned(),
            url: "https://cas.north.example:8443/cas".to_owned(),
            protocol: CasVersion::V3,
            position: 100,
            display: true,
            disabled: false,
            group: None,
            aliases: vec![],
            email_domains: vec![],
            logo: None,
            timeout_ms: 5000,
            ca_file: None,
            names: NameRules::default(),
            attributes,
        }
    }

    fn theirs() -> Attributes {
        let mut theirs = Attributes::new();
        theirs.push("mail", Value::Text("ana@north.example".to_owned()));
        theirs.push("provider", Value::Text("evil".to_owned()));
        theirs.push("isFromNewLogin", Value::Bool(true));
        theirs
    }

    #[test]
    fn without_a_table_all_is_kept_but_our_own_names() {
        let ours = provider(None).take_in(&theirs());
        let names: Vec<_> = ours.iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(names, ["mail", "upstream_provider", "upstream_isFromNewLogin"]);
        let mut twice = theirs();
        twice.push("upstream_provider", Value::Text("also".to_owned()));
        assert_eq!(provider(None).take_in(&twice).get("upstream_provider").map(<[_]>::len), Some(2));
    }

    #[test]
    fn a_table_picks_and_renames() {
        let table = vec![("email".to_owned(), "mail".to_owned()), ("backend".to_owned(), "mail".to_owned())];
        let ours = provider(Some(table)).take_in(&theirs());
        let names: Vec<_> = ours.iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(names, ["email", "upstream_backend"]);
    }

    #[test]
    fn passwords_do_not_come_in() {
        let mut theirs = theirs();
        theirs.push("userPassword", "x");
        assert!(!provider(None).take_in(&theirs).contains("userPassword"));
        let table = [("note", "userPassword"), ("passwd", "mail"), ("email", "mail")];
        let table = table.map(|(ours, their)| (ours.to_owned(), their.to_owned())).to_vec();
        let ours = provider(Some(table)).take_in(&theirs);
        assert_eq!(ours.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["email"]);
    }

    #[test]
    fn the_host_is_shown_without_its_port() {
        assert_eq!(provider(None).host(), "cas.north.example");
    }
}
