//! `$argon2id$v=19$m=…,t=…,p=…$salt$hash` and `$pbkdf2-sha256$…$salt$hash`.

use super::form::{Argon2, Form, Reading, Unreadable, Work};
use super::{Digest, codes, limits};

/// Shortest hash that is taken for one, in bytes: a shorter one is what is left of it.
pub const SHORTEST: usize = 10;

/// Longest hash, in bytes.
pub const LONGEST: usize = 512;

/// Argon2 in its three kinds. A text without a version is of the first, 16.
pub fn argon2(text: &str) -> Reading {
    let (name, rest) =
        text.strip_prefix('$').and_then(|text| text.split_once('$')).ok_or(Unreadable::Unknown)?;
    let (kind, scheme) = match name {
        "argon2d" => (Argon2::D, "argon2d"),
        "argon2i" => (Argon2::I, "argon2i"),
        "argon2id" => (Argon2::Id, "argon2id"),
        _ => return Err(Unreadable::Unknown),
    };
    let damaged = || Unreadable::Damaged(scheme);
    let mut parts: Vec<&str> = rest.split('$').collect();
    let version = match parts.first().and_then(|first| first.strip_prefix("v=")) {
        None => Some(16),
        Some(version) => {
            parts.remove(0);
            codes::number(version).filter(|version| [16, 19].contains(version))
        }
    };
    let version = version.ok_or_else(damaged)?;
    let [costs, salt, hash] = parts.as_slice() else { return Err(damaged()) };
    let [memory, passes, lanes] = numbers(costs, ["m", "t", "p"]).ok_or_else(damaged)?;
    let (memory, passes, lanes) =
        (memory.ok_or_else(damaged)?, passes.ok_or_else(damaged)?, lanes.unwrap_or(1));
    limits::argon2(scheme, memory, passes)?;
    let salt = codes::base64(salt).filter(|salt| salt.len() >= 8).ok_or_else(damaged)?;
    let hash = hash_of(codes::base64(hash)).ok_or_else(damaged)?;
    let fits = passes >= 1 && (1..=4096).contains(&lanes) && memory >= 8 * lanes;
    if !fits {
        return Err(damaged());
    }
    Ok(Form::derived(Work::Argon2 { kind, version, memory, passes, lanes, salt }, hash))
}

/// PBKDF2: `i=…,l=…` in the PHC form, the bare number of rounds elsewhere.
pub fn pbkdf2(text: &str) -> Reading {
    let (name, rest) =
        text.strip_prefix('$').and_then(|text| text.split_once('$')).ok_or(Unreadable::Unknown)?;
    let (digest, scheme) = match name {
        "pbkdf2" | "pbkdf2-sha1" => (Digest::Sha1, "pbkdf2-sha1"),
        "pbkdf2-sha224" => (Digest::Sha224, "pbkdf2-sha224"),
        "pbkdf2-sha256" => (Digest::Sha256, "pbkdf2-sha256"),
        "pbkdf2-sha384" => (Digest::Sha384, "pbkdf2-sha384"),
        "pbkdf2-sha512" => (Digest::Sha512, "pbkdf2-sha512"),
        _ => return Err(Unreadable::Unknown),
    };
    pbkdf2_parts(rest, digest, scheme)
}

/// What stands behind the name: `rounds$salt$hash`.
pub fn pbkdf2_parts(rest: &str, digest: Digest, scheme: &'static str) -> Reading {
    let damaged = || Unreadable::Damaged(scheme);
    let parts: Vec<&str> = rest.split('$').collect();
    let [costs, salt, hash] = parts.as_slice() else { return Err(damaged()) };
    let (rounds, length) = match codes::number(costs) {
        Some(rounds) => (Some(rounds), None),
        None => numbers(costs, ["i", "l"]).map(|[rounds, length]| (rounds, length)).ok_or_else(damaged)?,
    };
    let salt = codes::dotted_base64(salt).ok_or_else(damaged)?;
    let hash = hash_of(codes::dotted_base64(hash)).ok_or_else(damaged)?;
    if length.is_some_and(|length| usize::try_from(length) != Ok(hash.len())) {
        return Err(damaged());
    }
    let work = pbkdf2_work(digest, rounds.ok_or_else(damaged)?, salt, hash.len(), scheme)?;
    Ok(Form::derived(work, hash))
}

/// The work of PBKDF2, where it is bearable: each part of the hash costs all rounds.
pub fn pbkdf2_work(
    digest: Digest,
    rounds: u32,
    salt: Vec<u8>,
    length: usize,
    scheme: &'static str,
) -> Result<Work, Unreadable> {
    let parts = u64::try_from(length.div_ceil(digest.length())).unwrap_or(u64::MAX);
    limits::rounds(scheme, u64::from(rounds).saturating_mul(parts))?;
    if rounds == 0 {
        return Err(Unreadable::Damaged(scheme));
    }
    Ok(Work::Pbkdf2 { digest, rounds, salt })
}

/// A hash of a length that can be right.
pub fn hash_of(bytes: Option<Vec<u8>>) -> Option<Vec<u8>> {
    bytes.filter(|bytes| (SHORTEST..=LONGEST).contains(&bytes.len()))
}

/// `a=1,b=2`: each name once at most, no other.
fn numbers<const N: usize>(text: &str, names: [&str; N]) -> Option<[Option<u32>; N]> {
    let mut found = [None; N];
    for part in text.split(',') {
        let (name, value) = part.split_once('=')?;
        let place = names.iter().position(|known| *known == name)?;
        let slot = found.get_mut(place).filter(|slot| slot.is_none())?;
        *slot = Some(codes::number(value)?);
    }
    Some(found)
}
