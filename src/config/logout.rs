//! `[logout]`: how services are told.

use std::time::Duration;

use super::section::Section;

/// `[logout]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logout {
    /// Limit of one message. Default: 5 s.
    pub timeout: Duration,
    /// Messages at once, 1 to 1000. Default: 10.
    pub parallel: usize,
    /// Waits before a message that failed is sent again. Default: 10 s, 1 min, 3 min, 6 min.
    pub retry: Vec<Duration>,
}

/// Reads `[logout]`.
pub fn read(mut section: Section<'_>) -> Logout {
    let second = Duration::from_secs(1);
    let timeout = section.duration("timeout", second * 5, second / 10..=second * 60);
    let parallel = section.int("parallel", 10, 1..=1000);
    let retry = section.durations("retry", &(second..=second * 86_400));
    section.finish();
    Logout {
        timeout,
        parallel: usize::try_from(parallel).unwrap_or(10),
        retry: retry.unwrap_or_else(|| [10, 60, 180, 360].map(Duration::from_secs).to_vec()),
    }
}
