//! What nobody should make any more: DES, BSDi's longer DES, and SHA-1 in rounds.

use pwhash::{HashSetup, bsdi_crypt, sha1_crypt, unix_crypt};

/// The text behind the two characters of salt. The first eight bytes of the password count, seven bits of each.
pub fn des(password: &[u8], salt: &str) -> Option<Vec<u8>> {
    #[expect(deprecated, reason = "nothing new is made: it is compared with what is there")]
    let text = unix_crypt::hash_with(salt, password).ok()?;
    behind(&text, 2)
}

/// The same eight bytes after eight bytes, as far as 128. The salt of each is the beginning of the one before.
pub fn whole_des(password: &[u8], salt: &str) -> Option<Vec<u8>> {
    let (mut salt, mut text) = (salt.to_owned(), Vec::new());
    for part in password.chunks(8).take(16) {
        let hash = des(part, &salt)?;
        salt = String::from_utf8(hash.get(..2)?.to_vec()).ok()?;
        text.extend(hash);
    }
    Some(text)
}

/// The text behind the rounds and the salt.
pub fn bsdi(password: &[u8], salt: &str, rounds: u32) -> Option<Vec<u8>> {
    let setup = HashSetup { salt: Some(salt), rounds: Some(rounds) };
    #[expect(deprecated, reason = "nothing new is made: it is compared with what is there")]
    let text = bsdi_crypt::hash_with(setup, password).ok()?;
    behind(&text, 9)
}

/// The text behind the salt.
pub fn sha1(password: &[u8], salt: &str, rounds: u32) -> Option<Vec<u8>> {
    let setup = HashSetup { salt: Some(salt), rounds: Some(rounds) };
    let text = sha1_crypt::hash_with(setup, password).ok()?;
    text.rsplit_once('$').map(|(_, hash)| hash.as_bytes().to_vec())
}

fn behind(text: &str, front: usize) -> Option<Vec<u8>> {
    text.get(front..).map(|hash| hash.as_bytes().to_vec())
}
