//! What a failed attempt still owes, so that it takes as long as any other.
//!
//! Nothing here depends on whether a name exists: every failed attempt for a name spends the hashes of all
//! back-ends and the usual time of every one that may know it. What the attempt did already is left out.

use std::time::Duration;

use secrecy::SecretString;

use super::stored;
use crate::config::backend::check::{PasswordCheck, Stored};

/// What an attempt for an unknown name is measured against where no stored password can be read: Argon2id
/// with the usual cost.
const DUMMY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cGFzc2VyZWxsZS1zYWx0$W3eHbeHkKKHm3IOBWIrl1BkjJzyNhkJHnwzUjOkVpjE";
/// Nobody waits longer than that to look like somebody else.
const LONGEST: Duration = Duration::from_secs(5);

/// A stored password that costs time, and how it is read.
pub(super) type Sample = (SecretString, Stored);

/// The hashes that a failed attempt still owes. In: the samples of all back-ends, and that of the back-end which
/// checked the password, if one did.
///
/// Costs that are about the same are one hash; those that are lost beside the costliest are none.
pub(super) fn hashes(samples: Vec<Sample>, checked: Option<&Sample>) -> Vec<Sample> {
    let cost = |(text, stored): &Sample| stored::cost(text, *stored);
    let spent = checked.map_or(0, cost);
    let mut samples: Vec<(u64, Sample)> = samples.into_iter().map(|sample| (cost(&sample), sample)).collect();
    samples.sort_by_key(|(cost, _)| std::cmp::Reverse(*cost));
    let Some(most) = samples.first().map(|(cost, _)| *cost) else { return Vec::new() };
    if most == 0 {
        // A value that cannot be read costs nothing, and would tell a known name by that.
        return vec![(DUMMY.into(), Stored::in_utf_8(PasswordCheck::Argon2))];
    }
    let mut owed = Vec::new();
    let mut last: Option<u64> = None;
    for (cost, sample) in samples {
        let is_news = last.is_none_or(|last| !about(cost, last)) && cost >= most / 8 && cost > 0;
        if !is_news {
            continue;
        }
        last = Some(cost);
        if !about(spent, cost) {
            owed.push(sample);
        }
    }
    owed
}

/// Whether one cost, which is no more than the other, is about the same.
fn about(less: u64, more: u64) -> bool {
    less <= more && less >= more - more / 4
}

/// What is known of the time of a back-end that may know the name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usual {
    /// Until it says that nobody has a name.
    pub unknown: Duration,
    /// More than that, until it says that a password is wrong. Nothing where a hash of ours is owed for it.
    pub wrong: Duration,
    /// What it was asked just now.
    pub asked: Asked,
}

/// What became of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Somebody before it has decided, or nobody was asked.
    No,
    /// It knows nobody of that name.
    Unknown,
    /// It has decided.
    Wrong,
}

/// How long a failed attempt still waits.
pub(super) fn wait(all: &[Usual]) -> Duration {
    let unasked: Duration = all.iter().filter(|one| one.asked == Asked::No).map(|one| one.unknown).sum();
    let longest = all.iter().map(|one| one.wrong).max().unwrap_or_default();
    let spent = all.iter().filter(|one| one.asked == Asked::Wrong).map(|one| one.wrong).sum();
    (unasked + longest.saturating_sub(spent)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::super::sample;
    use super::*;

    fn argon2(memory: u32) -> Sample {
        (sample::argon2(memory), Stored::in_utf_8(PasswordCheck::Argon2))
    }

    fn sum(list: &[Sample]) -> u64 {
        list.iter().map(|(text, stored)| stored::cost(text, *stored)).sum()
    }

    fn one(memory: u32) -> u64 {
        sum(&[argon2(memory)])
    }

    /// Whatever back-end decides, and where none does, the work is about the same.
    #[test]
    fn every_failed_attempt_costs_the_same() {
        for costs in [
            vec![1000, 100],
            vec![100, 1000],
            vec![600, 1000],
            vec![1000, 900, 500, 300, 20],
            vec![64],
            vec![],
        ] {
            let all = || costs.iter().map(|&memory| argon2(memory)).collect::<Vec<_>>();
            let unknown = sum(&hashes(all(), None));
            for checked in all() {
                let spent = sum(std::slice::from_ref(&checked)) + sum(&hashes(all(), Some(&checked)));
                let most = one(*costs.iter().max().unwrap());
                assert!(spent.abs_diff(unknown) * 100 <= most * 25, "{costs:?}: {spent}, {unknown}");
            }
        }
    }

    #[test]
    fn about_the_same_is_spent_once_and_little_not_at_all() {
        assert_eq!(sum(&hashes(vec![argon2(1000), argon2(990), argon2(10)], None)), one(1000));
        assert!(hashes(vec![argon2(1000), argon2(990)], Some(&argon2(990))).is_empty());
        assert_eq!(sum(&hashes(vec![argon2(1000), argon2(500)], Some(&argon2(500)))), one(1000));
        assert!(hashes(Vec::new(), None).is_empty());
    }

    #[test]
    fn where_nothing_can_be_read_everything_costs_the_usual() {
        let odd: Sample = ("clear text".into(), Stored::in_utf_8(PasswordCheck::Argon2));
        for checked in [None, Some(&odd)] {
            let owed = hashes(vec![odd.clone()], checked);
            assert_eq!(owed[0].0.expose_secret(), DUMMY);
        }
        assert_eq!(sum(&hashes(vec![odd.clone(), argon2(64)], Some(&odd))), one(64));
    }

    #[test]
    fn who_was_not_asked_is_waited_for() {
        let milliseconds = Duration::from_millis;
        let one = |unknown, wrong, asked| Usual {
            unknown: milliseconds(unknown),
            wrong: milliseconds(wrong),
            asked,
        };
        use Asked::{No, Unknown, Wrong};
        // A directory that binds takes 30 ms more for a wrong password; a table beside it takes none.
        let whole = |first, second| {
            let all = [one(20, 30, first), one(50, 0, second)];
            let spent: Duration = all
                .iter()
                .map(|one| match one.asked {
                    No => Duration::ZERO,
                    Unknown => one.unknown,
                    Wrong => one.unknown + one.wrong,
                })
                .sum();
            spent + wait(&all)
        };
        for (first, second) in [(No, No), (Unknown, Unknown), (Wrong, No), (Unknown, Wrong)] {
            assert_eq!(whole(first, second), milliseconds(100), "{first:?} {second:?}");
        }
        assert_eq!(wait(&[one(60_000, 0, No)]), LONGEST);
        assert_eq!(wait(&[]), Duration::ZERO);
    }
}
