//! Where a person signs out at their institution (CAS 3.0 §2.3).

use crate::domain::provider::{CasVersion, Provider};
use crate::protocol::params::push_pair;

/// Whether an institution may send the browser on afterwards: CAS 3 has a word for it, older servers do not.
pub fn comes_back(provider: &Provider) -> bool {
    provider.protocol == CasVersion::V3
}

/// Its sign-out address. `back` is where it is asked to send the browser afterwards, if it knows how to.
pub fn address(provider: &Provider, back: Option<&str>) -> String {
    let path = provider.approach.paths.logout.as_deref().unwrap_or("/logout");
    let base = provider.url.trim_end_matches('/');
    let mut url = format!("{base}{path}");
    if let Some(back) = back.filter(|_| comes_back(provider)) {
        let mut query = String::new();
        push_pair(&mut query, "service", back);
        url.push(if path.contains('?') { '&' } else { '?' });
        url.push_str(&query);
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::identity::Suffix;

    #[test]
    fn only_cas_3_is_told_where_to_send_people() {
        let suffix = Suffix::parse("north.example").unwrap();
        let mut provider = Provider::new(suffix, "North", "https://cas.north.example/cas");
        let (plain, back) =
            ("https://cas.north.example/cas/logout", Some("https://login.example/logout?back=R-1"));
        let with = "?service=https%3A%2F%2Flogin.example%2Flogout%3Fback%3DR-1";
        assert_eq!(address(&provider, None), plain);
        assert_eq!(address(&provider, back), format!("{plain}{with}"));
        for older in [CasVersion::V1, CasVersion::V2, CasVersion::Saml1] {
            provider.protocol = older;
            assert_eq!(address(&provider, back), plain);
        }
        provider.protocol = CasVersion::V3;
        provider.approach.paths.logout = Some("/signout".to_owned());
        assert_eq!(address(&provider, back), format!("https://cas.north.example/cas/signout{with}"));
    }
}
