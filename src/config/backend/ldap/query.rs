//! `user_query`: a search filter (RFC 4515) with places for the name.

use std::ops::Range;

use super::super::super::page::Words;
use super::super::super::section::Found;

/// What stands for the escaped name.
const PLACES: [&str; 2] = ["%(username)s", "%s"];
const HINT: &str = "such as \"(uid=%(username)s)\" or \"(&(objectClass=person)(mail=%s))\"";

/// A filter, cut where the name goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserQuery(Vec<String>);

impl UserQuery {
    /// Reads a filter. Errors: what is wrong, and which bytes of it are meant.
    pub fn parse(text: &str) -> Result<Self, (String, Range<usize>)> {
        let places = places(text)?;
        brackets(text, &places)?;
        let mut pieces = Vec::new();
        let mut from = 0;
        for place in &places {
            let piece = text.get(from..place.start).unwrap_or_default();
            pieces.push(piece.to_owned());
            from = place.end;
            let before = text.get(..place.start).unwrap_or_default();
            let inside = before.rsplit_once('(').map_or(before, |(_, item)| item);
            if !inside.contains('=') {
                return Err(("the name is a value: it stands behind a `=`".to_owned(), place.clone()));
            }
        }
        pieces.push(text.get(from..).unwrap_or_default().to_owned());
        let query = Self(pieces);
        match ldap3::parse_filter(query.with("x")) {
            Ok(_) => Ok(query),
            Err(()) => Err(("this is no search filter (RFC 4515)".to_owned(), 0..text.len())),
        }
    }

    /// The filter with this in place of the name. In: the name with everything escaped that means something
    /// in a filter; it is put in as it is.
    pub fn with(&self, escaped: &str) -> String {
        self.0.join(escaped)
    }
}

/// Reads the key.
pub(super) fn read(found: &Found<'_, &str>) -> Option<UserQuery> {
    match UserQuery::parse(found.value) {
        Ok(query) => Some(query),
        Err((reason, part)) => {
            let words = Words::new(format!("`user_query` cannot be used: {reason}"));
            found.spot.part(found.value, part).tell(words.hint(HINT));
            None
        }
    }
}

/// Where the name goes: once at least.
fn places(text: &str) -> Result<Vec<Range<usize>>, (String, Range<usize>)> {
    let mut places = Vec::new();
    for (start, _) in text.match_indices('%') {
        let rest = text.get(start..).unwrap_or_default();
        match PLACES.iter().find(|place| rest.starts_with(**place)) {
            Some(place) => places.push(start..start + place.len()),
            None if rest.starts_with("%(") => {
                return Err(("only `%(username)s` and `%s` are known here".to_owned(), start..start + 2));
            }
            None => {}
        }
    }
    match places.is_empty() {
        true => {
            Err(("it asks for nobody: `%(username)s` or `%s` must stand in it".to_owned(), 0..text.len()))
        }
        false => Ok(places),
    }
}

/// Every parenthesis has its partner. Those of a place do not count.
fn brackets(text: &str, places: &[Range<usize>]) -> Result<(), (String, Range<usize>)> {
    let mut open = Vec::new();
    for (at, sign) in text.char_indices() {
        match sign {
            _ if places.iter().any(|place| place.contains(&at)) => {}
            '(' => open.push(at),
            ')' if open.pop().is_none() => {
                return Err(("nothing opens this parenthesis".to_owned(), at..at + 1));
            }
            _ => {}
        }
    }
    match open.pop() {
        Some(at) => Err(("nothing closes this parenthesis".to_owned(), at..at + 1)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_goes_into_every_place() {
        let with = |text: &str| UserQuery::parse(text).unwrap().with("ada");
        assert_eq!(with("(uid=%(username)s)"), "(uid=ada)");
        assert_eq!(with("uid=%s"), "uid=ada");
        assert_eq!(with("(|(uid=%s)(mail=%(username)s@x.example))"), "(|(uid=ada)(mail=ada@x.example))");
        assert_eq!(with("(&(cn=50%)(uid:caseExactMatch:=%s))"), "(&(cn=50%)(uid:caseExactMatch:=ada))");
    }

    #[test]
    fn a_name_that_looks_like_a_place_stays_a_name() {
        let query = UserQuery::parse("(|(uid=%s)(cn=%(username)s))").unwrap();
        assert_eq!(query.with("%s"), "(|(uid=%s)(cn=%s))");
    }

    #[test]
    fn what_cannot_be_used_is_marked() {
        let cases: [(&str, &str, Range<usize>); 11] = [
            ("(uid=ada)", "asks for nobody", 0..9),
            ("(uid=%u)", "asks for nobody", 0..8),
            ("(uid=%(user)s)", "only `%(username)s`", 5..7),
            ("(uid=%(username))", "only `%(username)s`", 5..7),
            ("(&(a=b)(uid=%s)", "nothing closes", 0..1),
            ("((uid=%s)", "nothing closes", 0..1),
            ("(uid=%s))", "nothing opens", 8..9),
            ("(%s=x)", "stands behind", 1..3),
            ("(&(a=b)(%(username)s))", "stands behind", 8..20),
            ("(uid=%s)(cn=x)", "no search filter", 0..14),
            ("(& (a=b) (uid=%s))", "no search filter", 0..18),
        ];
        for (text, words, part) in cases {
            let (reason, found) = UserQuery::parse(text).unwrap_err();
            assert!(reason.contains(words) && found == part, "{text}: {reason} {found:?}");
        }
    }
}
