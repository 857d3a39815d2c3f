//! Moments as people write them: a day, a time of some place, or an instant.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::protocol::time::Timestamp;

/// The moment that a text means: `2027-06-30`, `2027-06-30T12:00:00` or `2027-06-30T12:00:00Z`. In: whose clocks a
/// text without an offset goes by, and which moment a bare day stands for. `None` for other texts.
pub fn instant(text: &str, place: &TimeZone, of_day: impl Fn(Date) -> Option<DateTime>) -> Option<Timestamp> {
    let zoned: Option<jiff::Timestamp> = text.parse().ok();
    let local = || match text.parse::<Date>() {
        Ok(day) if text.len() == 10 => of_day(day),
        _ => text.parse::<DateTime>().ok().filter(|_| text.len() > 10),
    };
    let instant = zoned.or_else(|| place.to_timestamp(local()?).ok())?;
    Some(Timestamp::from_seconds(instant.as_second()))
}

/// The first moment of a day.
pub fn begin(day: Date) -> DateTime {
    day.at(0, 0, 0, 0)
}
