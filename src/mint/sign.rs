//! Signatures over short texts that come back to us.

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use rand::RngExt;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The key of login tickets and browser marks.
///
/// Kept as HMAC begins with it: half of the work of each signature is the same.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key from any text with enough chance in it.
    pub fn from_text(text: &str) -> Self {
        Self::of(&Sha256::digest(text.as_bytes()).into())
    }

    fn of(bytes: &[u8; 32]) -> Self {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let begun = Hmac::new_from_slice(bytes).expect("any length");
        Self(begun)
    }

    /// A fresh key.
    pub fn random() -> Self {
        Self::of(&random())
    }

    /// A fresh secret as text, to be kept in the database.
    pub fn random_text() -> String {
        HEXLOWER.encode(&random())
    }

    /// 32 hexadecimal digits over the parts, which are kept apart by their lengths.
    pub(super) fn sign(&self, parts: &[&str]) -> String {
        let mut text = HEXLOWER.encode(&self.mac(parts));
        text.truncate(32);
        text
    }

    /// Another key, for this purpose alone.
    pub(super) fn derived(&self, purpose: &str) -> [u8; 32] {
        self.mac(&[purpose])
    }

    fn mac(&self, parts: &[&str]) -> [u8; 32] {
        let mut mac = self.0.clone();
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

fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    super::system().fill(&mut bytes);
    bytes
}
