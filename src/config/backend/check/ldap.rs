//! `{SCHEME}…`, as directories keep passwords (RFC 2307 and what came after it).

use secrecy::SecretString;

use super::form::{Form, Reading, Unreadable, Work};
use super::{Digest, codes, crypt, phc};

/// Longest name of a scheme that is repeated in a message.
const LONGEST_NAME: usize = 24;

/// The schemes that are one digest: name, digest, whether a salt stands behind it.
const DIGESTS: [(&str, Digest, bool); 10] = [
    ("MD5", Digest::Md5, false),
    ("SHA", Digest::Sha1, false),
    ("SHA256", Digest::Sha256, false),
    ("SHA384", Digest::Sha384, false),
    ("SHA512", Digest::Sha512, false),
    ("SMD5", Digest::Md5, true),
    ("SSHA", Digest::Sha1, true),
    ("SSHA256", Digest::Sha256, true),
    ("SSHA384", Digest::Sha384, true),
    ("SSHA512", Digest::Sha512, true),
];

/// The schemes of PBKDF2.
const PBKDF2: [(&str, Digest); 4] = [
    ("PBKDF2", Digest::Sha1),
    ("PBKDF2-SHA1", Digest::Sha1),
    ("PBKDF2-SHA256", Digest::Sha256),
    ("PBKDF2-SHA512", Digest::Sha512),
];

/// Reads a value of a directory. In: whether it may be the password itself, with `{CLEARTEXT}` or without a scheme.
pub fn read(text: &str, clear_text: bool) -> Reading {
    let clear = |text: &str| match clear_text {
        true => Ok(Form::Clear(SecretString::from(text))),
        false => Err(Unreadable::ClearText),
    };
    let Some((name, rest)) = text.strip_prefix('{').and_then(|text| text.split_once('}')) else {
        return clear(text);
    };
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    if let Some((known, digest, salted)) = DIGESTS.into_iter().find(|(known, ..)| is(known)) {
        return one_digest(rest, known, digest, salted);
    }
    if let Some((known, digest)) = PBKDF2.into_iter().find(|(known, _)| is(known)) {
        return phc::pbkdf2_parts(rest, digest, known);
    }
    match name {
        _ if is("CRYPT") => crypt::read(rest),
        _ if is("ARGON2") => phc::argon2(rest),
        _ if is("CLEARTEXT") => clear(rest),
        _ => Err(unknown(name)),
    }
}

/// The digest, and behind it the salt.
fn one_digest(rest: &str, scheme: &'static str, digest: Digest, salted: bool) -> Reading {
    let bytes = codes::base64(rest);
    let parts = bytes.as_deref().and_then(|bytes| bytes.split_at_checked(digest.length()));
    let fit = parts.filter(|(_, salt)| salt.is_empty() != salted);
    let (expected, salt) = fit.ok_or(Unreadable::Damaged(scheme))?;
    let work = Work::Digest { digest, front: Vec::new(), back: salt.to_vec() };
    Ok(Form::derived(work, expected.to_vec()))
}

/// The name is repeated where it looks like one: a password may begin with a brace too.
fn unknown(name: &str) -> Unreadable {
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    let named = (1..=LONGEST_NAME).contains(&name.len()) && name.bytes().all(plain);
    if named { Unreadable::Scheme(format!("{{{name}}}")) } else { Unreadable::Unknown }
}
