//! How much work a stored password may ask for. A sign-in takes some seconds at most, and 256 MiB.

use super::form::Unreadable;

/// Most rounds of PBKDF2, of SHA-crypt and their like.
const ROUNDS: u64 = 10_000_000;

/// Most memory, in KiB.
const MEMORY: u64 = 256 * 1024;

/// Most KiB that Argon2 goes over, all passes together.
const ARGON2: u64 = 4 * 1024 * 1024;

/// Most blocks of 128 bytes that scrypt and yescrypt fill.
const SCRYPT: u64 = 8 * 1024 * 1024;

/// Highest cost of bcrypt, a power of two.
const BCRYPT: u32 = 16;

/// Bounds a work of rounds.
pub fn rounds(scheme: &'static str, rounds: u64) -> Result<(), Unreadable> {
    bound(scheme, rounds <= ROUNDS)
}

/// Bounds Argon2. In: KiB, and passes over them.
pub fn argon2(scheme: &'static str, memory: u32, passes: u32) -> Result<(), Unreadable> {
    let work = u64::from(memory) * u64::from(passes);
    bound(scheme, u64::from(memory) <= MEMORY && work <= ARGON2)
}

/// Bounds scrypt and yescrypt: 128 bytes for each of N·r and p·r.
pub fn scrypt(scheme: &'static str, n: u64, r: u32, p: u32) -> Result<(), Unreadable> {
    let (r, p) = (u64::from(r), u64::from(p));
    let memory = n.checked_add(p).and_then(|blocks| blocks.checked_mul(r)).map(|blocks| blocks / 8);
    let work = n.checked_mul(r).and_then(|blocks| blocks.checked_mul(p));
    bound(scheme, memory.is_some_and(|kib| kib <= MEMORY) && work.is_some_and(|work| work <= SCRYPT))
}

/// Bounds bcrypt.
pub fn bcrypt(cost: u32) -> Result<(), Unreadable> {
    bound("bcrypt", cost <= BCRYPT)
}

fn bound(scheme: &'static str, fits: bool) -> Result<(), Unreadable> {
    if fits { Ok(()) } else { Err(Unreadable::TooCostly(scheme)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_at_both_sides() {
        let refused = |result: Result<(), Unreadable>| result == Err(Unreadable::TooCostly("x"));
        assert!(rounds("x", 10_000_000).is_ok() && refused(rounds("x", 10_000_001)));
        assert!(argon2("x", 262_144, 16).is_ok());
        assert!(refused(argon2("x", 262_145, 1)) && refused(argon2("x", 262_144, 17)));
        assert!(refused(argon2("x", 8, u32::MAX)));
        assert!(scrypt("x", 1 << 17, 8, 8).is_ok());
        assert!(refused(scrypt("x", 1 << 17, 8, 9)) && refused(scrypt("x", 1 << 21, 2, 1)));
        assert!(refused(scrypt("x", 2, 1 << 12, 1 << 10)), "the blocks of p count as memory too");
        assert!(refused(scrypt("x", u64::MAX, u32::MAX, u32::MAX)));
        assert!(bcrypt(16).is_ok() && bcrypt(17).is_err());
    }
}
