//! Bytes in the 64 characters of crypt(3), the lowest six bits first.

const CHARACTERS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Three bytes to four characters; one or two at the end to two or three.
pub fn hash64(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for group in bytes.chunks(3) {
        let value = group.iter().rev().fold(0_usize, |value, byte| value << 8 | usize::from(*byte));
        let characters = (0..=group.len()).filter_map(|place| CHARACTERS.get(value >> (6 * place) & 63));
        text.extend(characters);
    }
    text
}
