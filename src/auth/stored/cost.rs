//! How long the work takes, about.

use crate::config::backend::check::Digest;
use crate::config::backend::check::form::Work;

/// Microseconds on a usual machine of today, never zero. It is there to compare one stored text with another, so
/// what counts is that one that takes longer has more.
pub fn cost(work: &Work) -> u64 {
    let parts = |count: u64, nanoseconds: u64| count.saturating_mul(nanoseconds) / 1000;
    let taken = match work {
        Work::Digest { .. } => 1,
        Work::Pbkdf2 { digest, rounds, .. } => parts(u64::from(*rounds), pbkdf2(*digest)),
        Work::Argon2 { memory, passes, .. } => parts(u64::from(*memory) * u64::from(*passes), 700),
        Work::Scrypt { log_n, r, p, .. } => parts((u64::from(*r) * u64::from(*p)) << log_n, 245),
        Work::Bcrypt { cost, .. } => parts(1 << cost, 67_000),
        Work::Yescrypt { params, .. } => {
            parts(params.n().saturating_mul(u64::from(params.r()) * u64::from(params.p())), 250)
        }
        Work::ShaCrypt { wide, rounds, .. } => parts(u64::from(*rounds), if *wide { 290 } else { 120 }),
        #[cfg(feature = "legacy-crypt")]
        Work::Md5Crypt { .. } => 165,
        #[cfg(feature = "legacy-crypt")]
        Work::Sha1Crypt { rounds, .. } => parts(u64::from(*rounds), 400),
        #[cfg(feature = "legacy-crypt")]
        Work::Des { .. } => 3,
        #[cfg(feature = "legacy-crypt")]
        Work::Bsdi { rounds, .. } => parts(u64::from(*rounds), 110),
    };
    taken.max(1)
}

/// Nanoseconds of a round.
fn pbkdf2(digest: Digest) -> u64 {
    match digest {
        Digest::Md5 | Digest::Sha1 => 140,
        Digest::Sha224 | Digest::Sha256 => 130,
        Digest::Sha384 | Digest::Sha512 => 550,
    }
}
