//! Attributes of which only the first values came: Active Directory sends 1,500 at once, as `member;range=0-1499`, and
//! the next ones to whoever asks for `member;range=1500-*`.

use std::time::Duration;

use ldap3::Scope;
use tokio::time::timeout;

use super::super::connection::{Connection, Question};
use super::super::pool::Pool;
use super::super::wanted::Wanted;
use super::{Entry, MOST_BYTES, MOST_VALUES};
use crate::auth::Steps;

/// Most questions for what is missing of an entry.
const MOST_QUESTIONS: usize = 20;

/// Who asks for more of an entry: the same as read it.
pub enum Reader<'r> {
    /// The account that searches.
    Account(&'r Pool),
    /// The person, on a connection of their own.
    Person(&'r mut Connection),
}

impl Reader<'_> {
    async fn read(&mut self, dn: &str, attribute: String, limit: Duration) -> Option<Entry> {
        let attributes = [attribute];
        let question =
            Question { base: dn, scope: Scope::Base, filter: "(objectClass=*)", attributes: &attributes };
        let mut entries = match self {
            Self::Account(pool) => pool.search(&question, &Steps::untold()).await.ok()?.entries,
            Self::Person(connection) => connection.search(&question, limit).await.ok()?.0,
        };
        Entry::read(entries.pop()?)
    }
}

/// Asks for the values that are missing, as far as they are told; all questions together have this time. What does not
/// come stays away: then the name goes on saying that these are not all.
pub async fn complete(entry: &mut Entry, wanted: &Wanted, mut reader: Reader<'_>, limit: Duration) {
    let asked = async {
        let mut left = MOST_QUESTIONS;
        for at in 0..entry.attributes.len() {
            while let Some(range) = entry.missing(at, wanted) {
                if left == 0 {
                    return;
                }
                left -= 1;
                let Some(found) = reader.read(&entry.dn, range.next(), limit).await else { return };
                if !entry.extend(at, &range, found) {
                    break;
                }
            }
        }
    };
    let _what_came_in_time = timeout(limit, asked).await;
}

impl Entry {
    /// The range of an attribute that is told, begins with the first value, and has more behind it than we have room for.
    fn missing(&self, at: usize, wanted: &Wanted) -> Option<Range> {
        let (name, values) = self.attributes.get(at)?;
        let range = Range::of(name).filter(|range| range.first == 0 && range.last.is_some())?;
        (wanted.shown(name).is_some() && values.len() < MOST_VALUES).then_some(range)
    }

    /// Takes over what follows. Out: whether it was that, and there was room for all of it.
    fn extend(&mut self, at: usize, range: &Range, found: Entry) -> bool {
        let next = found.attributes.into_iter().find_map(|(name, values)| {
            let own = Range::of(&name)?;
            let follows = own.name.eq_ignore_ascii_case(&range.name) && Some(own.first) == range.behind();
            (follows && !values.is_empty()).then_some((own, values))
        });
        let (Some((next, values)), Some((name, all))) = (next, self.attributes.get_mut(at)) else {
            return false;
        };
        let mut bytes: usize = all.iter().map(Vec::len).sum();
        for value in values {
            bytes += value.len();
            if all.len() >= MOST_VALUES || bytes > MOST_BYTES {
                return false;
            }
            all.push(value);
        }
        *name = match next.last {
            Some(last) => format!("{};range=0-{last}", next.name),
            None => next.name,
        };
        true
    }
}

/// Which values of an attribute these are.
#[derive(Debug, PartialEq, Eq)]
struct Range {
    /// The name with other options.
    name: String,
    first: u32,
    /// `None`: up to the last that there is.
    last: Option<u32>,
}

impl Range {
    /// `None`: they are all of them.
    fn of(name: &str) -> Option<Self> {
        let is_range =
            |option: &&str| option.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("range="));
        let option = name.split(';').find(is_range)?;
        let (first, last) = option.get(6..)?.split_once('-')?;
        let last = if last == "*" { None } else { Some(last.parse().ok()?) };
        let rest: Vec<&str> = name.split(';').filter(|option| !is_range(option)).collect();
        Some(Self { name: rest.join(";"), first: first.parse().ok()?, last })
    }

    /// Where the next ones begin.
    fn behind(&self) -> Option<u32> {
        self.last?.checked_add(1)
    }

    /// The name to ask for them by.
    fn next(&self) -> String {
        format!("{};range={}-*", self.name, self.behind().unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(attributes: &[(&str, usize)]) -> Entry {
        let values = |count: usize| (0..count).map(|number| number.to_string().into_bytes()).collect();
        let own = attributes.iter().map(|&(name, count)| (name.to_owned(), values(count))).collect();
        Entry { dn: "uid=ada".to_owned(), attributes: own }
    }

    #[test]
    fn ranges() {
        let range = |name: &str, first, last| Some(Range { name: name.to_owned(), first, last });
        for (name, expected) in [
            ("member;range=0-1499", range("member", 0, Some(1499))),
            ("member;Range=1500-*", range("member", 1500, None)),
            ("member;binary;range=3-4", range("member;binary", 3, Some(4))),
            ("member;range=0-1;x-y", range("member;x-y", 0, Some(1))),
            ("member", None),
            ("range=0-1x", None),
            ("member;range=", None),
            ("member;range=-1", None),
            ("member;range=0-x", None),
            ("member;range=0", None),
            ("member;range=0-99999999999", None),
            ("member;ränge=0-1", None),
        ] {
            assert_eq!(Range::of(name), expected, "{name}");
        }
        let next = Range::of("member;x;range=0-1499").unwrap().next();
        assert_eq!(next, "member;x;range=1500-*");
        assert_eq!(Range::of("a;range=0-4294967295").unwrap().behind(), None);
    }

    #[test]
    fn what_is_missing() {
        let all = Wanted::new(&["*".to_owned()], "uid", Some("secret"));
        let some = Wanted::new(&["mail".to_owned()], "uid", None);
        for (name, count, missing) in [
            ("member;range=0-1", 2, true),
            ("member;range=0-*", 2, false),
            ("member;range=2-3", 2, false),
            ("member", 2, false),
            ("secret;range=0-1", 2, false),
            ("userPassword;range=0-1", 2, false),
            ("member;range=0-4999", MOST_VALUES, false),
        ] {
            assert_eq!(entry(&[(name, count)]).missing(0, &all).is_some(), missing, "{name}");
            assert_eq!(entry(&[(name, count)]).missing(0, &some), None, "{name}");
        }
        assert_eq!(entry(&[]).missing(0, &all), None);
    }

    #[test]
    fn what_follows() {
        let begin = || entry(&[("member;range=0-1", 2)]);
        for (found, took, name, count) in [
            (("MEMBER;range=2-4", 3), true, "MEMBER;range=0-4", 5),
            (("member;range=2-*", 3), true, "member", 5),
            (("member;range=2-*", 0), false, "member;range=0-1", 2),
            (("member;range=3-4", 2), false, "member;range=0-1", 2),
            (("member;range=0-1", 2), false, "member;range=0-1", 2),
            (("member", 2), false, "member;range=0-1", 2),
            (("other;range=2-*", 2), false, "member;range=0-1", 2),
            // What does not fit stays away, and the name says so.
            (("member;range=2-*", MOST_VALUES), false, "member;range=0-1", MOST_VALUES),
        ] {
            let mut own = begin();
            let range = Range::of("member;range=0-1").unwrap();
            assert_eq!(own.extend(0, &range, entry(&[("member", 0), found])), took, "{found:?}");
            let (told, values) = &own.attributes[0];
            assert_eq!((told.as_str(), values.len()), (name, count), "{found:?}");
        }
        let mut large = begin();
        let found = Entry {
            attributes: vec![(
                "member;range=2-*".to_owned(),
                vec![vec![b'x'; MOST_BYTES - 3], vec![b'x'; 2]],
            )],
            ..begin()
        };
        assert!(!large.extend(0, &Range::of("member;range=0-1").unwrap(), found));
        assert_eq!(large.attributes[0].1.len(), 3);
    }
}
