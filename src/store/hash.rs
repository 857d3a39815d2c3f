//! What the database knows of a secret.

use std::fmt;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// SHA-256 of a secret text in lower-case hex: tickets, cookies, handoffs, forms. A copied backup is no
/// key ring.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TicketHash(String);

impl TicketHash {
    /// The hash of a secret text.
    pub fn of(text: &str) -> Self {
        Self(HEXLOWER.encode(&Sha256::digest(text.as_bytes())))
    }

    /// A hash that was stored.
    pub(super) fn stored(text: String) -> Self {
        Self(text)
    }

    /// The 64 hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Hashes as a list in JSON. They are hexadecimal: nothing in them needs an escape.
pub(super) fn hash_list(hashes: &[&str]) -> String {
    format!("[\"{}\"]", hashes.join("\",\""))
}

/// Eight digits: enough to correlate.
impl fmt::Debug for TicketHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0.get(..8).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_sha_256_in_small_hex() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(TicketHash::of("abc").as_str(), abc);
        assert_eq!(format!("{:?}", TicketHash::of("abc")), "#ba7816bf");
    }
}
