//! Signatures over short texts that come back to us.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The key of login tickets and browser marks.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key from any text with enough chance in it.
    pub fn from_text(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// A fresh key.
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        super::system().fill(&mut bytes);
        Self(bytes)
    }

    /// A fresh secret as text, to be kept in the database.
    pub fn random_text() -> String {
        hex(&Self::random().0)
    }

    /// 32 hexadecimal digits over the parts, which are kept apart by their lengths.
    pub(super) fn sign(&self, parts: &[&str]) -> String {
        let mut text = hex(&self.mac(parts));
        text.truncate(32);
        text
    }

    /// Another key, for this purpose alone.
    pub(super) fn derived(&self, purpose: &str) -> [u8; 32] {
        self.mac(&[purpose])
    }

    fn mac(&self, parts: &[&str]) -> [u8; 32] {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }

    /// Whether a signature is the one that [`Key::sign`] gives, in constant time.
    pub(super) fn verifies(&self, parts: &[&str], signature: &str) -> bool {
        self.sign(parts).as_bytes().ct_eq(signature.as_bytes()).into()
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
