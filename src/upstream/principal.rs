//! What an institution vouches for.

use crate::protocol::attributes::Attributes;
use crate::protocol::response::UpstreamUser;
use crate::protocol::time::Timestamp;

/// A person as an institution describes them: the name is raw, the attributes are theirs.
#[derive(Clone, Debug, PartialEq)]
pub struct Principal {
    /// The name, not looked at yet.
    pub name: String,
    /// Their attributes, under their names.
    pub attributes: Attributes,
    /// When they say that credentials were given.
    pub authenticated_at: Option<Timestamp>,
    /// They say that the sign-in stands on a remembered one.
    pub long_term: bool,
    /// They say whether credentials were given for this very ticket.
    pub new_login: Option<bool>,
    /// The receipt for a proxy-granting ticket that they handed over beside the answer.
    pub pgt_iou: Option<String>,
}

impl Principal {
    /// Reads the three standard attributes (CAS 3.0 Appendix A) out of an answer; they also stay among
    /// the attributes, where they are renamed before anybody takes them for ours.
    pub fn of(user: UpstreamUser) -> Self {
        let first = |name: &str| user.attributes.first_text(name).map(|text| text.into_owned());
        let truth = |name: &str| match first(name)?.trim() {
            "true" | "True" | "1" => Some(true),
            "false" | "False" | "0" => Some(false),
            _ => None,
        };
        Self {
            authenticated_at: first("authenticationDate").and_then(|text| instant(text.trim())),
            long_term: truth("longTermAuthenticationRequestTokenUsed").unwrap_or(false),
            new_login: truth("isFromNewLogin"),
            pgt_iou: user.pgt_iou,
            name: user.user,
            attributes: user.attributes,
        }
    }
}

/// An `authenticationDate`. Servers written in Java name the region behind the offset, which says it all:
/// `2026-03-04T11:52:07.123+01:00[Europe/Paris]`.
fn instant(text: &str) -> Option<Timestamp> {
    let region = text.strip_suffix(']').and_then(|text| text.split_once('['));
    Timestamp::parse_iso(region.map_or(text, |(instant, _)| instant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_behind_the_offset_changes_nothing() {
        let at = Timestamp::from_seconds(1_772_621_527);
        for text in [
            "2026-03-04T10:52:07Z",
            "2026-03-04T10:52:07.495Z[UTC]",
            "2026-03-04T11:52:07+01:00[Europe/Paris]",
            "2026-03-04T18:52:07.37+08:00[GMT+08:00]",
        ] {
            assert_eq!(instant(text), Some(at), "{text}");
        }
        for text in [
            "",
            "]",
            "[UTC]",
            "2026-03-04T10:52:07[UTC]",
            "2026-03-04T10:52:07Z[UTC",
            "2026-03-04T10:52:07Z]",
        ] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
