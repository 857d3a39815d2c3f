//! The choice to skip the selection page, as one browser keeps it: an institution, an end, and what speaks
//! against it for a while. Data from outside: it is read strictly and never says where to go, only which of
//! our institutions is meant.

use super::identity::Suffix;
use crate::protocol::time::Timestamp;

/// After an attempt that failed the page is shown for so long, in seconds.
const AFTER_FAILURE: i64 = 300;
/// After a sign-out in this browser, in seconds.
pub const AFTER_SIGN_OUT: i64 = 600;
/// Clocks of several nodes may differ so much, in seconds.
const LEEWAY: i64 = 60;
/// Between the parts: a sign that suffixes cannot hold and cookies can.
const BETWEEN: char = '~';

/// "Go to this institution without asking."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The institution.
    pub suffix: Suffix,
    until: Timestamp,
    failed_at: Option<Timestamp>,
    signed_out_at: Option<Timestamp>,
}

impl Skip {
    /// Chosen now, for so many seconds.
    pub fn chosen(suffix: Suffix, life: i64, now: Timestamp) -> Self {
        Self { suffix, until: now.plus(life), failed_at: None, signed_out_at: None }
    }

    /// Reads what [`Skip::to_text`] wrote; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(BETWEEN);
        let suffix = Suffix::parse(parts.next()?).ok()?;
        let until = instant(parts.next()?)?;
        let (failed_at, signed_out_at) = (perhaps(parts.next()?)?, perhaps(parts.next()?)?);
        parts.next().is_none().then_some(Self { suffix, until, failed_at, signed_out_at })
    }

    /// As text: letters, digits and `-_.~`.
    pub fn to_text(&self) -> String {
        let seconds = |at: Option<Timestamp>| at.map_or(0, Timestamp::seconds);
        let (failed, left) = (seconds(self.failed_at), seconds(self.signed_out_at));
        format!("{}~{}~{failed}~{left}", self.suffix, self.until.seconds())
    }

    /// Seconds that it still holds, where people may choose so for `longest` seconds (`None`: not at all).
    /// A cookie that claims more than anybody could have chosen holds no longer.
    pub fn left(&self, longest: Option<i64>, now: Timestamp) -> Option<i64> {
        let left = self.until.seconds().saturating_sub(now.seconds());
        longest.filter(|most| left > 0 && left <= most.saturating_add(LEEWAY)).map(|_| left)
    }

    /// Whether it leads there now. A renewal is not tried a second time by itself, however long ago the first
    /// failed.
    pub fn leads(&self, renew: bool, now: Timestamp) -> bool {
        let recently = |at: Option<Timestamp>, life| at.is_some_and(|at| now < at.plus(life));
        let failed = recently(self.failed_at, AFTER_FAILURE) || (renew && self.failed_at.is_some());
        !failed && !recently(self.signed_out_at, AFTER_SIGN_OUT)
    }

    /// A sign-in there failed.
    #[must_use]
    pub fn failed(self, now: Timestamp) -> Self {
        Self { failed_at: Some(now), ..self }
    }

    /// A sign-in there went well.
    #[must_use]
    pub fn went_well(self) -> Self {
        Self { failed_at: None, signed_out_at: None, ..self }
    }

    /// Somebody signed out in this browser.
    #[must_use]
    pub fn signed_out(self, now: Timestamp) -> Self {
        Self { signed_out_at: Some(now), ..self }
    }
}

/// Unix seconds as we write them: digits, and few enough to be an instant.
pub fn instant(text: &str) -> Option<Timestamp> {
    let is_number = !text.is_empty() && text.len() <= 11 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_number).map(Timestamp::from_seconds)
}

/// The same, where 0 stands for never. `None`: no number.
fn perhaps(text: &str) -> Option<Option<Timestamp>> {
    instant(text).map(|at| Some(at).filter(|at| at.seconds() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const MONTH: i64 = 30 * 86_400;

    fn skip() -> Skip {
        Skip::chosen(Suffix::parse("north.example").unwrap(), MONTH, NOW)
    }

    #[test]
    fn what_is_written_is_read() {
        for skip in [skip(), skip().failed(NOW), skip().signed_out(NOW.plus(5)).failed(NOW)] {
            assert_eq!(Skip::read(&skip.to_text()), Some(skip));
        }
        assert_eq!(skip().failed(NOW).to_text(), "north.example~1802592000~1800000000~0");
        for text in [
            "",
            "north.example",
            "north.example~1802592000",
            "north.example~1802592000~0",
            "north.example~1802592000~0~0~0",
            "north.example~-5~0~0",
            "north.example~+5~0~0",
            "north.example~1802592000~x~0",
            "north.example~999999999999~0~0",
            "https://evil.example/~1802592000~0~0",
            "local~1802592000~0~0",
        ] {
            assert_eq!(Skip::read(text), None, "{text}");
        }
    }

    #[test]
    fn it_ends_and_cannot_be_stretched() {
        let left = |longest, after| skip().left(longest, NOW.plus(after));
        assert_eq!(left(Some(MONTH), 0), Some(MONTH));
        assert_eq!(left(Some(MONTH), MONTH - 1), Some(1));
        assert_eq!(left(Some(MONTH), MONTH), None);
        assert_eq!(left(None, 0), None, "nobody may");
        assert_eq!(left(Some(60), 0), None, "nobody could choose so much");
        assert_eq!(left(Some(MONTH - LEEWAY), 0), Some(MONTH), "another node's clock");
    }

    #[test]
    fn what_speaks_against_it_passes() {
        for (skip, renew, after, leads) in [
            (skip(), false, 0, true),
            (skip(), true, 0, true),
            (skip().failed(NOW), false, 299, false),
            (skip().failed(NOW), false, 300, true),
            (skip().failed(NOW), true, 300, false),
            (skip().failed(NOW).went_well(), true, 0, true),
            (skip().signed_out(NOW), false, 599, false),
            (skip().signed_out(NOW), false, 600, true),
            (skip().signed_out(NOW).failed(NOW), false, 599, false),
            (skip().signed_out(NOW).went_well(), false, 0, true),
        ] {
            assert_eq!(skip.leads(renew, NOW.plus(after)), leads, "{skip:?} {renew} {after}");
        }
    }
}
