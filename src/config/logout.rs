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
    /// What follows a sign-out without a service. Default: the page that tells.
    pub after: After,
    /// A sign-out that another site sent the browser to is asked for once more. Default: false.
    pub confirm: bool,
}

/// What follows a sign-out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// The page that tells who was told.
    Page,
    /// The sign-in page, with a line that says so.
    Login,
}

/// Reads `[logout]`.
pub fn read(mut section: Section<'_>) -> Logout {
    let second = Duration::from_secs(1);
    let timeout = section.duration("timeout", second * 5, second / 10..=second * 60);
    let parallel = section.int("parallel", 10, 1..=1000);
    let retry = section.durations("retry", &(second..=second * 86_400));
    let after = section.word("after", After::Page, &[("page", After::Page), ("login", After::Login)]);
    let confirm = section.bool("confirm", false);
    section.finish();
    Logout {
        after,
        confirm,
        timeout,
        parallel: usize::try_from(parallel).unwrap_or(10),
        retry: retry.unwrap_or_else(|| [10, 60, 180, 360].map(Duration::from_secs).to_vec()),
    }
}
