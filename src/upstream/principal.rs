//! What an institution vouches for.

use crate::protocol::attributes::{Attributes, Value};
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
    /// They say when, but not in a form that can be read: it may have been any time ago.
    pub is_undated: bool,
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
    ///
    /// What is not said is no claim. What is said and cannot be read counts as old: the sign-in stands on a
    /// remembered one, no credentials were given for the ticket, and nobody knows when they were. Of several
    /// values the oldest counts.
    pub fn of(user: UpstreamUser) -> Self {
        let said = |name: &str| user.attributes.get(name);
        let dates = said("authenticationDate").map(oldest);
        Self {
            authenticated_at: dates.flatten(),
            is_undated: dates == Some(None),
            long_term: said("longTermAuthenticationRequestTokenUsed")
                .is_some_and(|values| !values.iter().all(|value| truth(value) == Some(false))),
            new_login: said("isFromNewLogin")
                .map(|values| !values.is_empty() && values.iter().all(|value| truth(value) == Some(true))),
            pgt_iou: user.pgt_iou,
            name: user.user,
            attributes: user.attributes,
        }
    }
}

/// A truth, as servers of several languages write it.
fn truth(value: &Value) -> Option<bool> {
    let text = value.as_text().trim().to_ascii_lowercase();
    match text.as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// The oldest of some dates; `None` where one of them cannot be read, or none is there.
fn oldest(values: &[Value]) -> Option<Timestamp> {
    let dates: Option<Vec<_>> = values.iter().map(|value| instant(value.as_text().trim())).collect();
    dates?.into_iter().min()
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

    fn said(name: &str, values: &[&str]) -> Principal {
        let mut attributes = Attributes::new();
        attributes.set(name, values.iter().copied().map(Value::from).collect());
        Principal::of(UpstreamUser { user: "ada".to_owned(), attributes, pgt_iou: None, proxies: Vec::new() })
    }

    #[test]
    fn what_cannot_be_read_counts_as_old() {
        let (new, long) = ("isFromNewLogin", "longTermAuthenticationRequestTokenUsed");
        let nothing = said("mail", &["x"]);
        assert_eq!((nothing.new_login, nothing.long_term, nothing.is_undated), (None, false, false));
        for (values, is_new, is_long) in [
            (&["true"][..], true, true),
            (&[" TRUE "], true, true),
            (&["1"], true, true),
            (&["true", "True"], true, true),
            (&["false"], false, false),
            (&["FALSE"], false, false),
            (&["0"], false, false),
            (&["true", "false"], false, true),
            (&["false", "true"], false, true),
            (&["yes"], false, true),
            (&[""], false, true),
            (&["[true]"], false, true),
            (&["false", ""], false, true),
            (&[], false, false),
        ] {
            assert_eq!(said(new, values).new_login, Some(is_new), "{values:?}");
            assert_eq!(said(long, values).long_term, is_long, "{values:?}");
        }
    }

    #[test]
    fn a_date_that_cannot_be_read_is_known_as_such() {
        let (early, late) = ("2026-03-04T10:52:07Z", "2026-03-04T11:52:07Z");
        let at = Some(Timestamp::from_seconds(1_772_621_527));
        for (values, date, is_undated) in [
            (&[early][..], at, false),
            (&[late, early], at, false),
            (&["yesterday"], None, true),
            (&["2026-03-04T10:52:07"], None, true),
            (&[early, "yesterday"], None, true),
            (&[""], None, true),
            (&[], None, true),
        ] {
            let told = said("authenticationDate", values);
            assert_eq!((told.authenticated_at, told.is_undated), (date, is_undated), "{values:?}");
        }
    }

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
