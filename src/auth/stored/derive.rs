//! The work: from a password to what is stored of it.

use secrecy::SecretSlice;
use sha2::Digest as _;

use super::sha_crypt;
use crate::config::backend::check::Digest;
use crate::config::backend::check::form::{Argon2, Work};

/// bcrypt looks at no more bytes.
const BCRYPT: usize = 72;

/// Does the work. In: the password, and how many bytes are wanted. Out: `None` where the system has no memory.
pub fn derive(work: &Work, password: &[u8], length: usize) -> Option<Vec<u8>> {
    match work {
        Work::Digest { digest: kind, front, back } => Some(digest(*kind, &[front, password, back])),
        Work::Pbkdf2 { digest, rounds, salt } => Some(pbkdf2(*digest, password, salt, *rounds, length)),
        Work::Argon2 { kind, version, memory, passes, lanes, salt } => {
            let params = argon2::Params::new(*memory, *passes, *lanes, Some(length)).ok()?;
            let version = argon2::Version::try_from(*version).ok()?;
            let mut out = vec![0; length];
            let argon2 = argon2::Argon2::new(algorithm(*kind), version, params);
            argon2.hash_password_into(password, salt, &mut out).ok().map(|()| out)
        }
        Work::Scrypt { log_n, r, p, salt } => {
            let params = scrypt::Params::new(*log_n, *r, *p).ok()?;
            let mut out = vec![0; length];
            scrypt::scrypt(password, salt, &params, &mut out).ok().map(|()| out)
        }
        Work::Bcrypt { cost, salt } => {
            let ended = SecretSlice::from([password, &[0]].concat());
            let ended = secrecy::ExposeSecret::expose_secret(&ended);
            let looked_at = ended.get(..BCRYPT).unwrap_or(ended);
            bcrypt::bcrypt(*cost, *salt, looked_at).get(..length).map(<[u8]>::to_vec)
        }
        Work::Yescrypt { params, salt } => {
            let mut out = vec![0; length];
            yescrypt::yescrypt(password, salt, params, &mut out).ok().map(|()| out)
        }
        Work::ShaCrypt { wide, rounds, salt } => sha_crypt::text(*wide, password, salt, *rounds),
        #[cfg(feature = "legacy-crypt")]
        Work::Md5Crypt { magic, salt } => Some(super::md5_crypt::text(magic, password, salt)),
        #[cfg(feature = "legacy-crypt")]
        Work::Sha1Crypt { rounds, salt } => super::legacy::sha1(password, salt, *rounds),
        #[cfg(feature = "legacy-crypt")]
        Work::Des { salt, whole: false } => super::legacy::des(password, salt),
        #[cfg(feature = "legacy-crypt")]
        Work::Des { salt, whole: true } => super::legacy::whole_des(password, salt),
        #[cfg(feature = "legacy-crypt")]
        Work::Bsdi { rounds, salt } => super::legacy::bsdi(password, salt, *rounds),
    }
}

/// Whether the work is one of crypt(3), where a password ends at its first NUL.
pub fn ends_at_nul(work: &Work) -> bool {
    match work {
        Work::Digest { .. } | Work::Pbkdf2 { .. } | Work::Argon2 { .. } | Work::Scrypt { .. } => false,
        Work::Bcrypt { .. } | Work::Yescrypt { .. } | Work::ShaCrypt { .. } => true,
        #[cfg(feature = "legacy-crypt")]
        Work::Md5Crypt { .. } | Work::Sha1Crypt { .. } | Work::Des { .. } | Work::Bsdi { .. } => true,
    }
}

/// One digest over all parts.
fn digest(kind: Digest, parts: &[&[u8]]) -> Vec<u8> {
    fn over<D: sha2::Digest>(parts: &[&[u8]]) -> Vec<u8> {
        parts.iter().fold(D::new(), |state, part| state.chain_update(part)).finalize().to_vec()
    }
    match kind {
        Digest::Md5 => over::<md5::Md5>(parts),
        Digest::Sha1 => over::<sha1::Sha1>(parts),
        Digest::Sha224 => over::<sha2::Sha224>(parts),
        Digest::Sha256 => over::<sha2::Sha256>(parts),
        Digest::Sha384 => over::<sha2::Sha384>(parts),
        Digest::Sha512 => over::<sha2::Sha512>(parts),
    }
}

/// The SHA-256 of a password, in small hexadecimal digits.
pub fn hex_sha256(password: &[u8]) -> String {
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(u32::from(digit), 16));
    sha2::Sha256::digest(password).iter().flat_map(digits).flatten().collect()
}

fn pbkdf2(kind: Digest, password: &[u8], salt: &[u8], rounds: u32, length: usize) -> Vec<u8> {
    let mut out = vec![0; length];
    match kind {
        Digest::Md5 => pbkdf2::pbkdf2_hmac::<md5::Md5>(password, salt, rounds, &mut out),
        Digest::Sha1 => pbkdf2::pbkdf2_hmac::<sha1::Sha1>(password, salt, rounds, &mut out),
        Digest::Sha224 => pbkdf2::pbkdf2_hmac::<sha2::Sha224>(password, salt, rounds, &mut out),
        Digest::Sha256 => pbkdf2::pbkdf2_hmac::<sha2::Sha256>(password, salt, rounds, &mut out),
        Digest::Sha384 => pbkdf2::pbkdf2_hmac::<sha2::Sha384>(password, salt, rounds, &mut out),
        Digest::Sha512 => pbkdf2::pbkdf2_hmac::<sha2::Sha512>(password, salt, rounds, &mut out),
    }
    out
}

fn algorithm(kind: Argon2) -> argon2::Algorithm {
    match kind {
        Argon2::D => argon2::Algorithm::Argon2d,
        Argon2::I => argon2::Algorithm::Argon2i,
        Argon2::Id => argon2::Algorithm::Argon2id,
    }
}
