//! The ways to write bytes as text that stored passwords use.

use base64::Engine;
use base64::alphabet::{BCRYPT, STANDARD};
use base64::engine::general_purpose::NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use data_encoding::HEXLOWER_PERMISSIVE;

/// Base64, whether padded or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The 64 characters of crypt(3).
const CRYPT: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Base64 of RFC 4648.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

/// The same without padding, and with `.` in place of `+` where it was written so.
pub fn dotted_base64(text: &str) -> Option<Vec<u8>> {
    base64(&text.replace('.', "+"))
}

/// Base64 with the alphabet of bcrypt, never padded.
pub fn bcrypt64(text: &str) -> Option<Vec<u8>> {
    GeneralPurpose::new(&BCRYPT, NO_PAD).decode(text).ok()
}

/// Hexadecimal digits, capital or small.
pub fn hex(text: &str) -> Option<Vec<u8>> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()
}

/// Whether a text has this many characters, all of those that crypt(3) writes with.
pub fn is_crypt64(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| CRYPT.contains(&byte))
}

/// Bytes as yescrypt writes them: six bits a character, the lowest first.
pub fn crypt64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for group in text.as_bytes().chunks(4) {
        let mut value = 0;
        for (place, byte) in group.iter().enumerate() {
            value |= value_of(*byte)? << (6 * place);
        }
        let whole = 6 * group.len() / 8;
        let written = value.to_le_bytes();
        let (kept, left) = written.split_at_checked(whole)?;
        if group.len() == 1 || left.iter().any(|byte| *byte != 0) {
            return None;
        }
        bytes.extend_from_slice(kept);
    }
    Some(bytes)
}

/// A number as BSDi's crypt writes it.
#[cfg(feature = "legacy-crypt")]
pub fn crypt64_number(text: &str) -> Option<u32> {
    text.bytes().rev().try_fold(0, |number, byte| Some(number << 6 | value_of(byte)?))
}

fn value_of(byte: u8) -> Option<u32> {
    CRYPT.iter().position(|known| *known == byte).and_then(|place| u32::try_from(place).ok())
}

/// A number in decimal digits, with nothing before them: no sign, no blank, no zero.
pub fn number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let led = text.len() > 1 && text.starts_with('0');
    if digits && !led { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_may_be_there_but_no_bit_too_much() {
        for text in ["c2FsdA==", "c2FsdA"] {
            assert_eq!(base64(text).unwrap(), b"salt");
        }
        for text in ["c2FsdB", "c2F sdA", "c2Fsd", "é"] {
            assert_eq!(base64(text), None, "{text}");
        }
        assert_eq!(dotted_base64("..../w"), base64("++++/w"));
    }

    #[test]
    fn hex_of_either_case() {
        assert_eq!(hex("00fFAb"), Some(vec![0, 255, 171]));
        for text in ["0", "0g", "+1", "é0"] {
            assert_eq!(hex(text), None, "{text}");
        }
    }

    #[test]
    fn crypt_characters_lowest_bits_first() {
        assert_eq!(crypt64(""), Some(Vec::new()));
        assert_eq!(crypt64("/."), Some(vec![1]));
        assert_eq!(crypt64("zzzz"), Some(vec![255, 255, 255]));
        assert_eq!(crypt64("zzz1"), Some(vec![255, 255, 15]));
        for text in [".", "zz", "zzz", "zzzz.", "a$", "é"] {
            assert_eq!(crypt64(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_is_digits() {
        assert_eq!((number("0"), number("29000")), (Some(0), Some(29_000)));
        for text in ["", "+1", "-1", " 1", "01", "4294967296", "１"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
