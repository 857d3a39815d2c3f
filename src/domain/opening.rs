//! When a service is open: until a day, and within hours of the week.

use jiff::tz::TimeZone;

use crate::protocol::time::Timestamp;

/// Minutes of a day.
const DAY: u32 = 24 * 60;
/// Minutes of a week.
const WEEK: u32 = 7 * DAY;
/// Days as they are written, from Monday.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// When a service is open. Default: always.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// From then on it is closed.
    pub until: Option<Timestamp>,
    /// Outside these it is closed.
    pub hours: Option<Hours>,
}

impl Opening {
    /// Whether it is open.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until) && self.hours.as_ref().is_none_or(|hours| hours.hold(now))
    }
}

/// Hours of the week, on the clocks of a place.
#[derive(Clone, Debug)]
pub struct Hours {
    zone: TimeZone,
    spans: Vec<Span>,
}

/// Minutes of the week: from one up to, but not including, another, which may lie in the next week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    from: u32,
    to: u32,
}

impl Hours {
    /// Takes spans of a place.
    pub fn new(zone: TimeZone, spans: Vec<Span>) -> Self {
        Self { zone, spans }
    }

    /// Whether now is one of them.
    pub fn hold(&self, now: Timestamp) -> bool {
        let Ok(instant) = jiff::Timestamp::from_second(now.seconds()) else { return false };
        let local = self.zone.to_datetime(instant);
        let part = |number: i8| u32::try_from(number).unwrap_or_default();
        let day = part(local.weekday().to_monday_zero_offset());
        let minute = day * DAY + part(local.hour()) * 60 + part(local.minute());
        let holds = |span: &Span| {
            let reaches = |minute| span.from <= minute && minute < span.to;
            reaches(minute) || reaches(minute + WEEK)
        };
        self.spans.iter().any(holds)
    }
}

/// Reads hours: `Mon-Fri 08:00-18:00`, `Sat,Sun 10:00-24:00`, `Fri 22:00-02:00` into the next day.
/// `None` for anything else.
pub fn hours(text: &str) -> Option<Vec<Span>> {
    let (days, times) = text.trim().split_once(' ')?;
    let (from, to) = times.trim().split_once('-')?;
    let (from, to) = (minute(from)?, minute(to)?);
    if from == to || from == DAY {
        return None;
    }
    let to = if to < from { to + DAY } else { to };
    let mut spans = Vec::new();
    for part in days.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        let last = if last < first { last + 7 } else { last };
        spans.extend((first..=last).map(|day| {
            let start = day % 7 * DAY;
            Span { from: start + from, to: start + to }
        }));
    }
    Some(spans)
}

fn day(text: &str) -> Option<u32> {
    let place = DAYS.iter().position(|day| day.eq_ignore_ascii_case(text))?;
    u32::try_from(place).ok()
}

fn minute(text: &str) -> Option<u32> {
    let two = |text: &str| match text.len() {
        2 if text.bytes().all(|b| b.is_ascii_digit()) => text.parse::<u32>().ok(),
        _ => None,
    };
    let (hours, minutes) = text.split_once(':')?;
    let minute = two(hours)? * 60 + two(minutes).filter(|minutes| *minutes < 60)?;
    (minute <= DAY).then_some(minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_iso(text).unwrap()
    }

    fn open(hours_of: &[&str], zone: TimeZone, now: &str) -> bool {
        let spans = hours_of.iter().flat_map(|text| hours(text).unwrap()).collect();
        Opening { until: None, hours: Some(Hours::new(zone, spans)) }.is_open(at(now))
    }

    #[test]
    fn hours_of_the_week() {
        // 15 January 2027 is a Friday.
        for (text, now, expected) in [
            ("Mon-Fri 08:00-18:00", "2027-01-15T07:59:59Z", false),
            ("Mon-Fri 08:00-18:00", "2027-01-15T08:00:00Z", true),
            ("Mon-Fri 08:00-18:00", "2027-01-15T17:59:59Z", true),
            ("Mon-Fri 08:00-18:00", "2027-01-15T18:00:00Z", false),
            ("Mon-Fri 08:00-18:00", "2027-01-16T09:00:00Z", false),
            ("mon,FRI 00:00-24:00", "2027-01-15T23:59:59Z", true),
            ("Mon,Fri 00:00-24:00", "2027-01-16T00:00:00Z", false),
            ("Sat-Mon 10:00-11:00", "2027-01-17T10:30:00Z", true),
            ("Sat-Mon 10:00-11:00", "2027-01-15T10:30:00Z", false),
            ("Thu 22:00-02:00", "2027-01-15T01:59:00Z", true),
            ("Thu 22:00-02:00", "2027-01-15T02:00:00Z", false),
            ("Sun 22:00-06:00", "2027-01-18T05:00:00Z", true),
            ("Sun 22:00-06:00", "2027-01-17T05:00:00Z", false),
        ] {
            assert_eq!(open(&[text], TimeZone::UTC, now), expected, "{text} {now}");
        }
        let two = ["Fri 08:00-12:00", "Fri 13:00-17:00"];
        assert!(open(&two, TimeZone::UTC, "2027-01-15T13:00:00Z"));
        assert!(!open(&two, TimeZone::UTC, "2027-01-15T12:30:00Z"));
    }

    #[test]
    fn clocks_of_a_place_change() {
        let place = || TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        assert!(open(&["Fri 08:00-18:00"], place(), "2027-01-15T07:00:00Z"));
        assert!(!open(&["Fri 08:00-18:00"], place(), "2027-01-15T06:59:00Z"));
        assert!(open(&["Fri 08:00-18:00"], place(), "2027-07-16T06:00:00Z"));
        assert!(!open(&["Fri 08:00-18:00"], place(), "2027-07-16T16:00:00Z"));
    }

    #[test]
    fn a_last_moment() {
        let opening = Opening { until: Some(at("2027-01-15T08:00:00Z")), hours: None };
        assert!(opening.is_open(at("2027-01-15T07:59:59Z")));
        assert!(!opening.is_open(at("2027-01-15T08:00:00Z")));
        assert!(Opening::default().is_open(at("2027-01-15T08:00:00Z")));
    }

    #[test]
    fn other_texts_are_no_hours() {
        for text in [
            "",
            "Mon",
            "Mon-Fri",
            "08:00-18:00",
            "Mon-Fri 8:00-18:00",
            "Mon-Fri 08:00-18",
            "Mon-Fri 08:00-24:01",
            "Mon-Fri 08:60-18:00",
            "Mon-Fri 08:00-08:00",
            "Mon-Fri 24:00-08:00",
            "Monday 08:00-18:00",
            "Mon-Fri-Sat 08:00-18:00",
            "Mon, Fri 08:00-18:00",
            "Mon +8:00-18:00",
        ] {
            assert_eq!(hours(text), None, "{text}");
        }
    }
}
