//! A typed password as bytes.

use encoding_rs::{Encoding, UTF_8};
use secrecy::{ExposeSecret, SecretSlice, SecretString};

/// A typed password in the charset of a back-end.
pub struct Typed {
    bytes: SecretSlice<u8>,
    is_whole: bool,
}

impl Typed {
    /// Writes a password in a charset.
    pub fn new(password: &SecretString, charset: &'static Encoding) -> Self {
        let text = password.expose_secret();
        let (bytes, is_whole) = if charset == UTF_8 {
            (text.as_bytes().to_vec(), true)
        } else {
            let (bytes, _, unwritable) = charset.encode(text);
            (bytes.into_owned(), !unwritable)
        };
        Self { bytes: SecretSlice::from(bytes), is_whole }
    }

    /// The bytes. What the charset has no character for is written in some way: see [`Self::is_whole`].
    pub fn bytes(&self) -> &[u8] {
        self.bytes.expose_secret()
    }

    /// Whether the charset has every character. A password of which one is missing is never right.
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether crypt(3) would look at a part of it only.
    pub fn has_nul(&self) -> bool {
        self.bytes().contains(&0)
    }
}
