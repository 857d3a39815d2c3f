//! SHA-crypt, written as crypt(3) writes it.

use super::hash64::hash64;

/// The text behind the salt. In: whether it is SHA-512, the password, the salt, at least 1000 rounds.
pub fn text(wide: bool, password: &[u8], salt: &[u8], rounds: u32) -> Option<Vec<u8>> {
    let params = sha_crypt::Params::new(rounds).ok()?;
    Some(match wide {
        true => in_order(&sha_crypt::sha512_crypt(password, salt, params), [1, 2, 0]),
        false => in_order(&sha_crypt::sha256_crypt(password, salt, params), [2, 0, 1]),
    })
}

/// Takes one byte of each third in turn. The thirds change places after each turn, in the way that is told;
/// what is left is written in its order.
fn in_order(digest: &[u8], turn: [usize; 3]) -> Vec<u8> {
    let third = digest.len() / 3;
    let mut places = [0, third, 2 * third];
    let mut text = Vec::new();
    for _ in 0..third {
        let group: Vec<u8> = places.iter().rev().filter_map(|place| digest.get(*place).copied()).collect();
        text.extend(hash64(&group));
        places = turn.map(|from| places.get(from).map_or(0, |place| place + 1));
    }
    text.extend(hash64(digest.get(3 * third..).unwrap_or_default()));
    text
}
