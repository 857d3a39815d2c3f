//! How often one browser was sent to institutions without anybody pressing anything. Two gateways that know
//! only each other, or an institution that sends people back at once, would do that for ever.

use super::skip::instant;
use crate::protocol::time::Timestamp;

/// So many departures in a row are somebody with many tabs; one more goes round in circles.
const MOST: u32 = 5;
/// In a row means within so many seconds.
pub const ROW: i64 = 60;

/// Departures without a sign-in at their end. Data from outside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trips(Option<(u32, Timestamp)>);

impl Trips {
    /// Reads what [`Trips::to_text`] wrote; anything else is none.
    pub fn read(text: &str) -> Self {
        let read = |text: &str| {
            let (count, since) = text.split_once('~')?;
            let count = instant(count).and_then(|count| u32::try_from(count.seconds()).ok())?;
            Some((count, instant(since)?))
        };
        Self(read(text))
    }

    /// As text: digits and `~`.
    pub fn to_text(self) -> String {
        let (count, since) = self.0.unwrap_or((0, Timestamp::from_seconds(0)));
        format!("{count}~{}", since.seconds())
    }

    /// Whether there is anything to forget.
    pub fn is_some(self) -> bool {
        self.0.is_some()
    }

    /// With one departure more; `None`: it would be one too many.
    pub fn one_more(self, now: Timestamp) -> Option<Self> {
        // A beginning that lies ahead is none of ours.
        let in_a_row = |&(_, since): &(u32, Timestamp)| since <= now && now < since.plus(ROW);
        match self.0.filter(in_a_row) {
            None => Some(Self(Some((1, now)))),
            Some((count, since)) if count < MOST => Some(Self(Some((count + 1, since)))),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn the_sixth_within_a_minute_is_one_too_many() {
        let mut trips = Trips::default();
        for i in 1..=5 {
            trips = Trips::read(&trips.one_more(NOW.plus(i)).unwrap().to_text());
        }
        assert_eq!(trips.to_text(), "5~1800000001");
        assert_eq!(trips.one_more(NOW.plus(60)), None);
        assert_eq!(trips.one_more(NOW.plus(61)).unwrap().to_text(), "1~1800000061");
    }

    #[test]
    fn anything_else_is_none() {
        for text in ["", "5", "5~", "~5", "-1~5", "5~x", "5~1~1", "5~999999999999", "99999999999~1"] {
            assert!(!Trips::read(text).is_some(), "{text}");
        }
        let ahead = Trips::read("5~1800000999");
        assert_eq!(ahead.one_more(NOW).unwrap().to_text(), "1~1800000000");
    }
}
