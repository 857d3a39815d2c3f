//! MD5-crypt: `$1$`, and `$apr1$`, which differs by its name alone.

use md5::{Digest, Md5};

use super::hash64::hash64;

/// Each round hashes once more.
const ROUNDS: usize = 1000;

/// The bytes of the digest in the order that they are written in; the last stands alone.
const ORDER: [usize; 16] = [12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11];

/// The text behind the salt. In: `$1$` or `$apr1$`, the password, at most eight bytes of salt.
pub fn text(magic: &str, password: &[u8], salt: &[u8]) -> Vec<u8> {
    let mut digest = first(magic.as_bytes(), password, salt);
    for round in 0..ROUNDS {
        let (begin, end) =
            if round % 2 == 1 { (password, digest.as_slice()) } else { (digest.as_slice(), password) };
        let mut state = Md5::new().chain_update(begin);
        if round % 3 != 0 {
            state.update(salt);
        }
        if round % 7 != 0 {
            state.update(password);
        }
        digest = state.chain_update(end).finalize().to_vec();
    }
    let written: Vec<u8> = ORDER.iter().filter_map(|place| digest.get(*place).copied()).collect();
    hash64(&written)
}

fn first(magic: &[u8], password: &[u8], salt: &[u8]) -> Vec<u8> {
    let inner = Md5::new().chain_update(password).chain_update(salt).chain_update(password).finalize();
    let mut state = Md5::new().chain_update(password).chain_update(magic).chain_update(salt);
    for part in password.chunks(inner.len()) {
        state.update(inner.get(..part.len()).unwrap_or_default());
    }
    let mut bits = password.len();
    while bits > 0 {
        // A set bit of the length adds a zero, any other the first character.
        let byte = if bits & 1 == 1 { Some(&0) } else { password.first() };
        state.update(byte.map_or(&[][..], std::slice::from_ref));
        bits >>= 1;
    }
    state.finalize().to_vec()
}
