//! How long things live. All arithmetic of expiry stands here; every use asks it, whether a sweep ran or
//! not.

use crate::protocol::time::Timestamp;

/// The fresh credentials of a sign-in serve one ticket within this time, in seconds.
pub const FRESH: i64 = 300;
/// A browser has this long at its institution, in seconds.
pub const HANDOFF: i64 = 600;
/// So long an expired handoff is kept, in seconds: it signs nobody in any more, but whoever took long at their
/// institution and comes back to the same browser still learns where they wanted to go.
pub const HANDOFF_KEPT: i64 = 3600;
/// So long a page after a sign-out can be looked at again, and what it needs is kept, in seconds.
pub const SIGN_OUT_SHOWN: i64 = 900;
/// So long a proxy-granting ticket of an institution waits for the answer that names its receipt, in seconds.
pub const RECEIPT: i64 = 120;
/// "Last seen" is kept to the minute at most, in seconds, so that most uses write nothing of their own.
const SEEN_GRAIN: i64 = 60;

/// Lifetimes as configured, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// A session that nobody uses.
    pub idle: Option<i64>,
    /// A session, whatever happens.
    pub session: Option<i64>,
    /// A session of somebody who asked to stay signed in; `None`: nobody may.
    pub remembered: Option<i64>,
    /// A service or proxy ticket, from issue to validation.
    pub service_ticket: i64,
    /// A proxy-granting ticket.
    pub proxy_granting: i64,
    /// A login form.
    pub login_ticket: i64,
    /// A validated ticket, where services are told at that age.
    pub told_at_age: Option<i64>,
}

impl Lifetimes {
    /// Until when a session lives if nobody uses it again; `None`: for ever. A remembered one may lie idle.
    pub fn session_ends(
        &self,
        remembered: bool,
        signed_in: Timestamp,
        last_seen: Timestamp,
    ) -> Option<Timestamp> {
        let may_idle = remembered && self.remembered.is_some();
        let idle = self.idle.filter(|_| !may_idle).map(|seconds| last_seen.plus(seconds));
        let hard = self.session_ends_at_the_latest(remembered, signed_in);
        idle.into_iter().chain(hard).min()
    }

    /// How exactly "last seen" is kept, in seconds: well below the time after which it ends the session.
    pub fn seen_grain(&self) -> i64 {
        self.idle.map_or(SEEN_GRAIN, |idle| (idle / 2).clamp(1, SEEN_GRAIN))
    }

    /// Until when a session lives however much it is used. Where nobody may stay signed in any more, those
    /// who were remembered are like all others.
    pub fn session_ends_at_the_latest(&self, remembered: bool, signed_in: Timestamp) -> Option<Timestamp> {
        let limit = self.remembered.filter(|_| remembered).or(self.session);
        limit.map(|seconds| signed_in.plus(seconds))
    }

    /// Until when a service or proxy ticket issued now is good: never longer than its session.
    pub fn ticket_ends(&self, now: Timestamp, session_ends: Option<Timestamp>) -> Timestamp {
        no_longer_than(now.plus(self.service_ticket), session_ends)
    }

    /// Until when a proxy-granting ticket issued now is good: never longer than its session.
    pub fn grant_ends(&self, now: Timestamp, session_ends: Option<Timestamp>) -> Timestamp {
        no_longer_than(now.plus(self.proxy_granting), session_ends)
    }
}

fn no_longer_than(own: Timestamp, session_ends: Option<Timestamp>) -> Timestamp {
    session_ends.map_or(own, |end| end.min(own))
}

#[cfg(test)]
impl Lifetimes {
    /// The defaults, without an end of tickets at an age.
    pub(crate) fn of_tests() -> Self {
        Self {
            idle: Some(7200),
            session: Some(36_000),
            remembered: None,
            service_ticket: 60,
            proxy_granting: 3600,
            login_ticket: 1800,
            told_at_age: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn the_earlier_limit_holds() {
        let mut lives = Lifetimes { idle: Some(100), session: Some(1000), ..Lifetimes::of_tests() };
        assert_eq!(lives.session_ends(false, at(0), at(10)), Some(at(110)));
        assert_eq!(lives.session_ends(false, at(0), at(950)), Some(at(1000)));
        assert_eq!(lives.ticket_ends(at(980), Some(at(1000))), at(1000));
        assert_eq!(lives.ticket_ends(at(0), Some(at(1000))), at(60));
        assert_eq!(lives.grant_ends(at(0), Some(at(1000))), at(1000));
        lives.idle = None;
        lives.session = None;
        assert_eq!(lives.session_ends(false, at(0), at(10)), None);
    }

    #[test]
    fn whoever_stays_signed_in_has_one_limit_while_that_is_allowed() {
        let mut lives = Lifetimes { remembered: Some(90_000), ..Lifetimes::of_tests() };
        assert_eq!(lives.session_ends(true, at(0), at(10)), Some(at(90_000)));
        assert_eq!(lives.session_ends(false, at(0), at(10)), Some(at(7210)));
        lives.remembered = None;
        assert_eq!(lives.session_ends(true, at(0), at(10)), Some(at(7210)));
    }

    #[test]
    fn a_use_counts_well_before_the_session_ends() {
        let mut lives = Lifetimes::of_tests();
        for (idle, grain) in
            [(None, 60), (Some(7200), 60), (Some(120), 60), (Some(30), 15), (Some(3), 1), (Some(1), 1)]
        {
            lives.idle = idle;
            assert_eq!(lives.seen_grain(), grain, "{idle:?}");
        }
    }
}
