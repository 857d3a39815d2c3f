//! Times on pages: exact for machines, near for people.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::http::lang::Lang;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// For `<time>`: `iso` in its attribute, `text` to read, `exact` where people compare logs.
#[derive(Debug, Clone, Default)]
pub struct Moment {
    pub iso: String,
    pub text: String,
    pub exact: String,
}

impl Moment {
    /// Both in seconds since 1970; `now` is the one clock of the page.
    pub fn new(lang: &Lang, at: i64, now: i64) -> Self {
        let Ok(stamp) = Timestamp::from_second(at) else { return Self::default() };
        let utc = stamp.to_zoned(TimeZone::UTC);
        let text = relative(lang, at - now).unwrap_or_else(|| {
            // As text, so that the variants of the message are chosen by its letters.
            let (day, month, year) = (utc.day(), utc.month(), utc.year());
            lang.tell(
                "moment-date",
                &[
                    ("day", day.to_string().into()),
                    ("month", month.into()),
                    ("year", year.to_string().into()),
                ],
            )
        });
        Self { iso: stamp.to_string(), text, exact: utc.strftime("%Y-%m-%d %H:%M:%S UTC").to_string() }
    }
}

impl Moment {
    /// Two digits each, in UTC; `None` where there is no time.
    pub fn hour_and_minute(&self) -> Option<(&str, &str)> {
        Some((self.exact.get(11..13)?, self.exact.get(14..16)?))
    }
}

/// Within a day people count; `None` beyond it.
fn relative(lang: &Lang, ahead: i64) -> Option<String> {
    let far = ahead.abs();
    let n = |unit: i64| [("n", ((far + unit / 2) / unit).into())];
    let past = ahead < 0;
    Some(match far {
        _ if far < MINUTE => lang.say("moment-now"),
        _ if far < 90 * MINUTE && past => lang.tell("moment-minutes-ago", &n(MINUTE)),
        _ if far < 90 * MINUTE => lang.tell("moment-in-minutes", &n(MINUTE)),
        _ if far < DAY && past => lang.tell("moment-hours-ago", &n(HOUR)),
        _ if far < DAY => lang.tell("moment-in-hours", &n(HOUR)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_times_are_counted_far_ones_are_dates() {
        let now = 1_772_621_527; // 2026-03-04T10:52:07Z
        let cases = [
            (0, "just now"),
            (-59, "just now"),
            (-60, "1 minute ago"),
            (-600, "10 minutes ago"),
            (-5400, "2 hours ago"),
            (36_000, "in 10 hours"),
            (90, "in 2 minutes"),
            (-DAY, "3 March 2026"),
            (DAY * 300, "29 December 2026"),
        ];
        for (offset, text) in cases {
            assert_eq!(Moment::new(&Lang::default(), now + offset, now).text, text);
        }
        let moment = Moment::new(&Lang::default(), now, now);
        assert_eq!(moment.iso, "2026-03-04T10:52:07Z");
        assert_eq!(moment.exact, "2026-03-04 10:52:07 UTC");
        assert_eq!(Moment::new(&Lang::default(), i64::MAX, now).text, "");
    }
}
