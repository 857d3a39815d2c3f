//! How often one browser was sent to institutions without anybody pressing anything, and for what. Two gateways
//! that know only each other, or an institution that sends people back at once, would do that for ever. A circle
//! repeats; the tabs of a browser that comes up again do not.

use super::skip::instant;
use crate::protocol::time::Timestamp;

/// So many departures in a row for one thing are somebody who tries again; one more goes round in circles.
const MOST: u32 = 5;
/// So many in all are somebody with many tabs. It ends a circle that looks new at every turn, and keeps small
/// what is kept.
const MOST_IN_ALL: u32 = 40;
/// In a row means within so many seconds.
pub const ROW: i64 = 60;
/// Digits of a thing in the text; one for its count follows.
const DIGITS: usize = 8;

/// Departures without a sign-in at their end. Data from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trips(Option<Row>);

/// When it began, and the count of each thing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    since: Timestamp,
    counts: Vec<(u32, u32)>,
}

impl Trips {
    /// Reads what [`Trips::to_text`] wrote; anything else is none.
    pub fn read(text: &str) -> Self {
        let mut parts = text.split('~');
        let since = parts.next().and_then(instant);
        // With one more than there can be it is none of ours.
        let most = usize::try_from(MOST_IN_ALL).unwrap_or_default();
        let counts: Option<Vec<_>> = parts.take(most + 1).map(counted).collect();
        let counts = counts.filter(|counts| !counts.is_empty() && counts.len() <= most);
        Self(since.zip(counts).map(|(since, counts)| Row { since, counts }))
    }

    /// As text: digits, letters and `~`.
    pub fn to_text(&self) -> String {
        let Some(Row { since, counts }) = &self.0 else { return String::new() };
        let counts = counts.iter().map(|(thing, count)| format!("{thing:08x}{count}"));
        let parts: Vec<_> = std::iter::once(since.seconds().to_string()).chain(counts).collect();
        parts.join("~")
    }

    /// Whether there is anything to forget.
    pub fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// With one departure more for that thing; `None`: it would be one too many.
    pub fn one_more(&self, thing: &str, now: Timestamp) -> Option<Self> {
        // A beginning that lies ahead is none of ours.
        let in_a_row = |row: &&Row| row.since <= now && now < row.since.plus(ROW);
        let row = self.0.as_ref().filter(in_a_row).cloned();
        let Row { since, mut counts } = row.unwrap_or(Row { since: now, counts: Vec::new() });
        if counts.iter().map(|(_, count)| count).sum::<u32>() >= MOST_IN_ALL {
            return None;
        }
        let thing = short(thing);
        match counts.iter_mut().find(|(own, _)| *own == thing) {
            Some((_, count)) if *count >= MOST => return None,
            Some((_, count)) => *count += 1,
            None => counts.push((thing, 1)),
        }
        Some(Self(Some(Row { since, counts })))
    }
}

fn counted(text: &str) -> Option<(u32, u32)> {
    let is_ours = text.len() == DIGITS + 1 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let (thing, count) = text.split_at_checked(DIGITS).filter(|_| is_ours)?;
    Some((u32::from_str_radix(thing, 16).ok()?, count.parse().ok()?))
}

/// A few digits for a text (FNV-1a): enough to tell tabs apart. Whoever makes two the same disturbs only their
/// own browser.
fn short(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn the_sixth_within_a_minute_for_one_thing_is_one_too_many() {
        let mut trips = Trips::default();
        for i in 1..=5 {
            trips = Trips::read(&trips.one_more("a", NOW.plus(i)).unwrap().to_text());
        }
        assert_eq!(trips.to_text(), "1800000001~e40c292c5");
        assert_eq!(trips.one_more("a", NOW.plus(60)), None);
        assert_eq!(trips.one_more("b", NOW.plus(60)).unwrap().to_text(), "1800000001~e40c292c5~e70c2de51");
        assert_eq!(trips.one_more("a", NOW.plus(61)).unwrap().to_text(), "1800000061~e40c292c1");
    }

    #[test]
    fn many_tabs_are_no_circle_and_what_never_looks_the_same_ends_too() {
        let mut trips = Trips::default();
        for i in 0..40 {
            trips = Trips::read(&trips.one_more(&format!("{i}"), NOW).unwrap().to_text());
        }
        assert!(trips.to_text().len() < 512);
        assert_eq!(trips.one_more("new", NOW), None);
        assert!(trips.one_more("new", NOW.plus(60)).is_some());
        let longer = format!("{}~000000001", trips.to_text());
        assert!(!Trips::read(&longer).is_some(), "more than we ever write");
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "5",
            "5~",
            "~5",
            "5~1800000001",
            "5~0000000x5",
            "5~00000000x",
            "5~+00000005",
            "-1~000000005",
            "99999999999~1",
            "999999999999~000000005",
            "5~000000005~",
            "5~é0000005",
        ] {
            assert!(!Trips::read(text).is_some(), "{text}");
        }
        let ahead = Trips::read("1800000999~e40c292c5");
        assert_eq!(ahead.one_more("a", NOW).unwrap().to_text(), "1800000000~e40c292c1");
        let absurd = Trips::read("1800000000~000000009~000000009");
        assert!(absurd.one_more("a", NOW).is_some());
    }
}
