//! `[federation]`: signing in at institutions.

use super::section::Section;

/// `[federation]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Federation {
    /// Whether institutions are offered. Default: as soon as there is one. `false` switches all off.
    pub enabled: bool,
    /// Seconds that a browser remembers institutions. Default: 180 d.
    pub remember: i64,
    /// Seconds that the attributes of a person without a session are kept. Default: 24 h.
    pub keep_users: i64,
    /// Seconds that "skip this page" holds; `None`: nobody may. Default: 30 d.
    pub skip_page: Option<i64>,
    /// Where local accounts stand on the selection page. Default: last.
    pub local_account: LocalAccount,
    /// Their place among the institutions. Default: 100.
    pub local_position: i64,
    /// What people call them; `None`: words of ours.
    pub local_name: Option<String>,
}

/// Where local accounts stand on the selection page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalAccount {
    /// Behind all institutions.
    Last,
    /// Among the institutions, at their position.
    Position,
    /// Nowhere: only by `provider=local`.
    Hidden,
    /// As if there were no back-end.
    Off,
}

/// Reads `[federation]`. Out: the section as if there were institutions, and whether it is switched off.
pub fn read(mut section: Section<'_>) -> Federation {
    let enabled = section.bool("enabled", true);
    let remember = section.seconds("remember", 180 * 86_400);
    let keep_users = section.seconds("keep_users", 86_400);
    let skip_page = section.seconds_or("skip_page", 30 * 86_400, "off");
    let places = [
        ("last", LocalAccount::Last),
        ("position", LocalAccount::Position),
        ("hidden", LocalAccount::Hidden),
        ("off", LocalAccount::Off),
    ];
    let local_account = section.word("local_account", LocalAccount::Last, &places);
    let local_position = section.int("local_position", 100, i64::MIN..=i64::MAX);
    let local_name = section.filled_text("local_name").map(|found| found.value.to_owned());
    section.finish();
    Federation { enabled, remember, keep_users, skip_page, local_account, local_position, local_name }
}
