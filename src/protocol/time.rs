//! Instants as the protocol and the database know them: whole seconds since 1970, UTC.

use serde::{Deserialize, Serialize};

/// Unix seconds. Comes in by the door as a value; nothing here asks what time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// Later by `seconds` (earlier when negative). Stops at the ends of time instead of wrapping: an
    /// absurd lifetime in a configuration must not turn into an expiry in the past.
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// `2026-03-04T10:52:07Z`: an xs:dateTime with a zone (CAS 3.0 Appendix A, `authenticationDate`).
    pub fn iso(self) -> String {
        // Outside the years that jiff knows (-9999 to 9999) the nearest instant is written.
        let nearest = if self.0 < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        let instant = jiff::Timestamp::from_second(self.0).unwrap_or(nearest);
        let whole = jiff::Timestamp::from_second(instant.as_second()).unwrap_or(instant);
        whole.to_string()
    }

    /// Reads an xs:dateTime that names its zone. A fraction of a second is tolerated, at any length, and
    /// forgotten. Without a zone there is no instant, so there is no answer.
    pub fn parse_iso(text: &str) -> Option<Self> {
        let (whole, rest) = text.split_at_checked(19)?;
        let zone = match rest.strip_prefix('.') {
            Some(fraction) => {
                let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
                if zone.len() == fraction.len() {
                    return None;
                }
                zone
            }
            None => rest,
        };
        // jiff reads more spellings than xs:dateTime has, so the shape is checked here.
        let fits = fits(whole, "dddd-dd-ddTdd:dd:dd")
            && (zone == "Z" || fits(zone, "+dd:dd") || fits(zone, "-dd:dd"));
        if !fits {
            return None;
        }
        let instant: jiff::Timestamp = format!("{whole}{zone}").parse().ok()?;
        Some(Self(instant.as_second()))
    }
}

/// Whether `text` has the shape: `d` stands for a digit, everything else for itself.
fn fits(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(t, s)| if s == b'd' { t.is_ascii_digit() } else { t == s })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_a_zone() {
        assert_eq!(Timestamp::from_seconds(1_772_621_527).iso(), "2026-03-04T10:52:07Z");
        assert_eq!(Timestamp::from_seconds(0).iso(), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn the_ends_of_time_are_no_panic() {
        for end in [i64::MIN, i64::MAX] {
            assert!(Timestamp::from_seconds(end).iso().ends_with('Z'));
            assert!(!Timestamp::from_seconds(end).iso().contains('.'));
        }
        assert_eq!(Timestamp::from_seconds(5).plus(i64::MAX).seconds(), i64::MAX);
        assert_eq!(Timestamp::from_seconds(5).plus(-10).seconds(), -5);
    }

    #[test]
    fn reads_what_has_a_zone() {
        for (text, seconds) in [
            ("2026-03-04T10:52:07Z", 1_772_621_527),
            ("2026-03-04T10:52:07.5Z", 1_772_621_527),
            ("2026-03-04T10:52:07.123456789012Z", 1_772_621_527),
            ("2026-03-04T11:52:07+01:00", 1_772_621_527),
            ("2026-03-04T05:22:07.1-05:30", 1_772_621_527),
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59.9Z", -1),
        ] {
            assert_eq!(Timestamp::parse_iso(text), Some(Timestamp::from_seconds(seconds)), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "",
            "2026",
            "2026-03-04",
            "2026-03-04T10:52:07",
            "2026-03-04T10:52:07.Z",
            "2026-03-04T10:52:07.",
            "2026-03-04T10:52Z",
            "2026-03-04 10:52:07Z",
            "2026-03-04t10:52:07z",
            "20260304T105207Z",
            "2026-03-04T10:52:07Z ",
            " 2026-03-04T10:52:07Z",
            "2026-03-04T10:52:07+0100",
            "2026-03-04T10:52:07+01:00[Europe/Paris]",
            "2026-13-04T10:52:07Z",
            "2026-02-30T10:52:07Z",
            "2026-03-04T25:52:07Z",
            "2026-03-04T10:52:07Zé",
            "Wed, 04 Mar 2026 10:52:07 +0000",
            "２０２６-03-04T10:52:07Z",
        ] {
            assert_eq!(Timestamp::parse_iso(text), None, "{text}");
        }
    }
}
