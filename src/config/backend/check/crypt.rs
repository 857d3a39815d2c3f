//! Texts of crypt(3).

use super::form::{Form, Reading, Unreadable, Work};
use super::{codes, limits};

/// Rounds of SHA-crypt where the text names none.
const SHA_ROUNDS: u32 = 5000;

/// Fewest rounds of SHA-crypt.
const SHA_FEWEST: u32 = 1000;

/// Longest salt of SHA-crypt; what stands behind it does not count.
const SHA_SALT: usize = 16;

/// Characters that DES makes of eight bytes.
const DES: usize = 11;

/// Reads a text of any kind. What begins with `!` or `*` is no hash of anything: a locked account.
pub fn read(text: &str) -> Reading {
    if text.starts_with(['!', '*']) {
        return Ok(Form::Nobody);
    }
    let Some((name, rest)) = text.strip_prefix('$').and_then(|text| text.split_once('$')) else {
        return legacy::read(text);
    };
    match name {
        "2a" | "2b" | "2y" => bcrypt(text),
        "5" => sha(rest, false),
        "6" => sha(rest, true),
        "y" => yescrypt(rest),
        "1" => legacy::md5(rest, "$1$", "md5crypt"),
        "apr1" => legacy::md5(rest, "$apr1$", "apr1"),
        "sha1" => legacy::sha1(rest),
        _ => Err(unknown(name)),
    }
}

/// Ids that other programs write and that are read by none of ours. Others are not repeated: what stands between two
/// `$` may be a part of a password in clear text.
const OF_OTHERS: [&str; 16] = [
    "2",
    "2x",
    "3",
    "7",
    "8",
    "9",
    "gy",
    "md5",
    "sm3",
    "sm3y",
    "argon2i",
    "argon2d",
    "argon2id",
    "scrypt",
    "pbkdf2-sha256",
    "pbkdf2-sha512",
];

fn unknown(id: &str) -> Unreadable {
    let short = id.split(',').next().unwrap_or_default();
    match OF_OTHERS.contains(&short) {
        true => Unreadable::Scheme(format!("${short}$")),
        false => Unreadable::Unknown,
    }
}

/// `$2b$12$`, 22 characters of salt, 31 of hash.
pub fn bcrypt(text: &str) -> Reading {
    let known = ["$2a$", "$2b$", "$2y$"].iter().find_map(|start| text.strip_prefix(start));
    let damaged = || Unreadable::Damaged("bcrypt");
    let (cost, rest) = known.ok_or(Unreadable::Unknown)?.split_once('$').ok_or_else(damaged)?;
    let digits = Some(cost).filter(|cost| cost.len() == 2);
    let cost =
        digits.and_then(|cost| codes::number(cost.strip_prefix('0').unwrap_or(cost))).ok_or_else(damaged)?;
    limits::bcrypt(cost)?;
    let (salt, hash) = rest.split_at_checked(22).ok_or_else(damaged)?;
    let salt = codes::bcrypt64(salt).and_then(|salt| salt.try_into().ok()).ok_or_else(damaged)?;
    let hash = codes::bcrypt64(hash).filter(|hash| hash.len() == 23 && cost >= 4).ok_or_else(damaged)?;
    Ok(Form::derived(Work::Bcrypt { cost, salt }, hash))
}

/// `[rounds=N$]salt$hash`
fn sha(rest: &str, wide: bool) -> Reading {
    let (scheme, length) = if wide { ("sha512crypt", 86) } else { ("sha256crypt", 43) };
    let damaged = || Unreadable::Damaged(scheme);
    let (rounds, rest) = match rest.strip_prefix("rounds=").and_then(|rest| rest.split_once('$')) {
        Some((rounds, rest)) => (codes::number(rounds).ok_or_else(damaged)?, rest),
        None => (SHA_ROUNDS, rest),
    };
    limits::rounds(scheme, u64::from(rounds))?;
    let (salt, hash) = rest.split_once('$').ok_or_else(damaged)?;
    if rounds < SHA_FEWEST || !codes::is_crypt64(hash, length) {
        return Err(damaged());
    }
    let salt = salt.bytes().take(SHA_SALT).collect();
    Ok(Form::derived(Work::ShaCrypt { wide, rounds, salt }, hash.as_bytes().to_vec()))
}

/// `parameters$salt$hash`, of the one flavour that crypt(3) makes.
fn yescrypt(rest: &str) -> Reading {
    let damaged = || Unreadable::Damaged("yescrypt");
    let parts: Vec<&str> = rest.split('$').collect();
    let [params, salt, hash] = parts.as_slice() else { return Err(damaged()) };
    let params: yescrypt::Params = params.parse().map_err(|_| damaged())?;
    let (n, r, p) = (params.n(), params.r(), params.p());
    limits::scrypt("yescrypt", n, r, p)?;
    // What this leaves out multiplies the work, and can only be seen by comparing.
    if yescrypt::Params::new(yescrypt::Mode::Rw, n, r, p) != Ok(params) {
        return Err(damaged());
    }
    let salt = codes::crypt64(salt).ok_or_else(damaged)?;
    let hash = codes::crypt64(hash).filter(|hash| hash.len() == 32).ok_or_else(damaged)?;
    Ok(Form::derived(Work::Yescrypt { params, salt }, hash))
}

/// How many times eight bytes of a password stand in a text of DES, at most 16; `None`: that cannot be its length.
fn des_parts(text: &str) -> Option<usize> {
    let hashes = text.len().checked_sub(2)?;
    Some(hashes / DES).filter(|parts| hashes.is_multiple_of(DES) && (1..=16).contains(parts))
}

/// What the feature `legacy-crypt` adds.
#[cfg(feature = "legacy-crypt")]
mod legacy {
    use super::{Form, Reading, Unreadable, Work, codes, limits};

    /// DES and BSDi, which have no `$`.
    pub fn read(text: &str) -> Reading {
        let is_des = codes::is_crypt64(text, text.len()) && super::des_parts(text).is_some();
        if let Some((salt, hash)) = text.split_at_checked(2).filter(|_| is_des) {
            let work = Work::Des { salt: salt.to_owned(), whole: hash.len() > super::DES };
            return Ok(Form::derived(work, hash.as_bytes().to_vec()));
        }
        let text = text.strip_prefix('_').ok_or(Unreadable::Unknown)?;
        let damaged = || Unreadable::Damaged("bsdicrypt");
        let whole = Some(text).filter(|text| codes::is_crypt64(text, 19));
        let (rounds, rest) = whole.and_then(|text| text.split_at_checked(4)).ok_or_else(damaged)?;
        let (salt, hash) = rest.split_at_checked(4).ok_or_else(damaged)?;
        let rounds = codes::crypt64_number(rounds).filter(|rounds| *rounds > 0).ok_or_else(damaged)?;
        limits::rounds("bsdicrypt", u64::from(rounds))?;
        Ok(Form::derived(Work::Bsdi { rounds, salt: salt.to_owned() }, hash.as_bytes().to_vec()))
    }

    /// `salt$hash`; eight characters of the salt count.
    pub fn md5(rest: &str, magic: &'static str, scheme: &'static str) -> Reading {
        let parts = rest.split_once('$').filter(|(_, hash)| codes::is_crypt64(hash, 22));
        let (salt, hash) = parts.ok_or(Unreadable::Damaged(scheme))?;
        let salt = salt.bytes().take(8).collect();
        Ok(Form::derived(Work::Md5Crypt { magic, salt }, hash.as_bytes().to_vec()))
    }

    /// `rounds$salt$hash`
    pub fn sha1(rest: &str) -> Reading {
        let damaged = || Unreadable::Damaged("sha1crypt");
        let parts: Vec<&str> = rest.split('$').collect();
        let [rounds, salt, hash] = parts.as_slice() else { return Err(damaged()) };
        let rounds = codes::number(rounds).filter(|rounds| *rounds > 0).ok_or_else(damaged)?;
        limits::rounds("sha1crypt", u64::from(rounds))?;
        if salt.len() > 64 || !codes::is_crypt64(salt, salt.len()) || !codes::is_crypt64(hash, 28) {
            return Err(damaged());
        }
        let work = Work::Sha1Crypt { rounds, salt: (*salt).to_owned() };
        Ok(Form::derived(work, hash.as_bytes().to_vec()))
    }
}

/// The same without it: the form is seen, and said so.
#[cfg(not(feature = "legacy-crypt"))]
mod legacy {
    use super::{Reading, Unreadable, codes};

    pub fn read(text: &str) -> Reading {
        let bsdi = text.strip_prefix('_').is_some_and(|text| codes::is_crypt64(text, 19));
        Err(match codes::is_crypt64(text, text.len()) && super::des_parts(text).is_some() {
            true => Unreadable::NotBuiltIn("descrypt"),
            false if bsdi => Unreadable::NotBuiltIn("bsdicrypt"),
            false => Unreadable::Unknown,
        })
    }

    pub fn md5(_: &str, _: &'static str, scheme: &'static str) -> Reading {
        Err(Unreadable::NotBuiltIn(scheme))
    }

    pub fn sha1(_: &str) -> Reading {
        Err(Unreadable::NotBuiltIn("sha1crypt"))
    }
}
