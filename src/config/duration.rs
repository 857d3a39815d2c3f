//! Times as text with a unit.

use std::time::Duration;

/// Longest time in seconds: a hundred years. Longer is "none", or a slip.
const LONGEST: u64 = 36_500 * 86_400;

/// What a time looks like, for messages.
pub const EXAMPLES: &str = r#"times have a unit: "500 ms", "60 s", "10 min", "2 h", "180 d""#;

/// Reads a time: a number, blanks or none, and one of `ms`, `s`, `min`, `h`, `d`. A number may have up to
/// three decimals. `None` for anything else, and over a hundred years.
pub fn parse(text: &str) -> Option<Duration> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let unit_ms: u64 = match unit.trim_start_matches(' ') {
        "ms" => 1,
        "s" => 1000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    if whole.is_empty() || decimals.is_empty() || decimals.len() > 3 {
        return None;
    }
    let thousandths: u64 = format!("{decimals:0<3}").parse().ok()?;
    let whole: u64 = whole.parse().ok()?;
    let ms = whole.checked_mul(unit_ms)?.checked_add(thousandths * unit_ms / 1000)?;
    (ms <= LONGEST * 1000).then(|| Duration::from_millis(ms))
}

/// Writes a time as [`parse`] reads it, in the largest unit that leaves a whole number.
pub fn write(time: Duration) -> String {
    let ms = time.as_millis();
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s")];
    match units.into_iter().find(|(size, _)| ms > 0 && ms.is_multiple_of(*size)) {
        Some((size, unit)) => format!("{} {unit}", ms / size),
        None if ms > 1000 => format!("{}.{:03} s", ms / 1000, ms % 1000),
        None => format!("{ms} ms"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, ms) in [
            ("60 s", 60_000),
            ("60s", 60_000),
            ("10 min", 600_000),
            ("2 h", 7_200_000),
            ("180 d", 15_552_000_000),
            ("500 ms", 500),
            ("0.1 s", 100),
            ("1.5 h", 5_400_000),
            ("0 s", 0),
        ] {
            assert_eq!(parse(text), Some(Duration::from_millis(ms)), "{text}");
        }
        for bad in [
            "", "60", "s", "2 hours", "-1 s", "1.2345 s", ".5 s", "5. s", " 5 s", "5 s ", "40000 d", "1e3 s",
            "5 S",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn times_are_written_as_they_are_read() {
        for text in ["60 d", "36 h", "10 min", "59 s", "100 ms", "1.500 s", "0 ms"] {
            assert_eq!(write(parse(text).unwrap()), text);
        }
    }
}
