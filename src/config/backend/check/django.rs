//! What Django keeps: `algorithm$…`, salts as text.

use super::form::{Derived, Form, Reading, Unreadable, Work};
use super::{Digest, codes, crypt, limits, phc};

/// The algorithms that Django ships, or once did.
const NAMES: [&str; 9] =
    ["pbkdf2_sha256", "pbkdf2_sha1", "argon2", "bcrypt_sha256", "bcrypt", "scrypt", "sha1", "md5", "crypt"];

/// Whether a text begins like one of Django's.
pub fn is_named(text: &str) -> bool {
    text.split_once('$').is_some_and(|(name, _)| NAMES.contains(&name))
}

/// Reads a text. What begins with `!` is an account that has no password.
pub fn read(text: &str) -> Reading {
    if text.starts_with('!') {
        return Ok(Form::Nobody);
    }
    let Some((name, rest)) = text.split_once('$') else { return bare_md5(text) };
    match name {
        "pbkdf2_sha256" => pbkdf2(rest, Digest::Sha256, "pbkdf2_sha256"),
        "pbkdf2_sha1" => pbkdf2(rest, Digest::Sha1, "pbkdf2_sha1"),
        "argon2" => phc::argon2(&format!("${rest}")),
        "bcrypt" => crypt::bcrypt(rest),
        "bcrypt_sha256" => bcrypt_sha256(rest),
        "scrypt" => scrypt(rest),
        "md5" => one_digest(rest, Digest::Md5, "md5"),
        "sha1" => one_digest(rest, Digest::Sha1, "sha1"),
        // Between the two `$` stood a salt that was never used.
        "crypt" => crypt::read(rest.strip_prefix('$').ok_or(Unreadable::Damaged("crypt"))?),
        _ => Err(Unreadable::Unknown),
    }
}

/// `rounds$salt$hash`
fn pbkdf2(rest: &str, digest: Digest, scheme: &'static str) -> Reading {
    let damaged = || Unreadable::Damaged(scheme);
    let parts: Vec<&str> = rest.split('$').collect();
    let [rounds, salt, hash] = parts.as_slice() else { return Err(damaged()) };
    let rounds = codes::number(rounds).ok_or_else(damaged)?;
    let hash = codes::base64(hash).filter(|hash| hash.len() == digest.length()).ok_or_else(damaged)?;
    let work = phc::pbkdf2_work(digest, rounds, salt.as_bytes().to_vec(), hash.len(), scheme)?;
    Ok(Form::derived(work, hash))
}

/// bcrypt of the hexadecimal SHA-256 of the password: so no byte of a long one is left out.
fn bcrypt_sha256(rest: &str) -> Reading {
    Ok(match crypt::bcrypt(rest)? {
        Form::Derived(derived) => Form::Derived(Derived { of_sha256: true, ..derived }),
        other => other,
    })
}

/// `N$salt$r$p$hash`
fn scrypt(rest: &str) -> Reading {
    let damaged = || Unreadable::Damaged("scrypt");
    let parts: Vec<&str> = rest.split('$').collect();
    let [n, salt, r, p, hash] = parts.as_slice() else { return Err(damaged()) };
    let number = |text: &str| codes::number(text).ok_or_else(damaged);
    let (n, r, p) = (number(n)?, number(r)?, number(p)?);
    limits::scrypt("scrypt", u64::from(n), r, p)?;
    let log_n = u8::try_from(n.trailing_zeros()).map_err(|_| damaged())?;
    let hash = phc::hash_of(codes::base64(hash)).ok_or_else(damaged)?;
    if n < 2 || !n.is_power_of_two() || r == 0 || p == 0 {
        return Err(damaged());
    }
    Ok(Form::derived(Work::Scrypt { log_n, r, p, salt: salt.as_bytes().to_vec() }, hash))
}

/// `salt$hex`: the digest of salt and password.
fn one_digest(rest: &str, digest: Digest, scheme: &'static str) -> Reading {
    let damaged = || Unreadable::Damaged(scheme);
    let (salt, hash) = rest.split_once('$').ok_or_else(damaged)?;
    let hash = codes::hex(hash).filter(|hash| hash.len() == digest.length()).ok_or_else(damaged)?;
    let work = Work::Digest { digest, front: salt.as_bytes().to_vec(), back: Vec::new() };
    Ok(Form::derived(work, hash))
}

/// The oldest form: the digest alone.
fn bare_md5(text: &str) -> Reading {
    let hash = codes::hex(text).filter(|hash| hash.len() == Digest::Md5.length());
    let work = Work::Digest { digest: Digest::Md5, front: Vec::new(), back: Vec::new() };
    hash.map(|hash| Form::derived(work, hash)).ok_or(Unreadable::Unknown)
}
