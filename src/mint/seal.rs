//! Sealed texts: what we must be able to use again, so that a hash will not do, and what a copied backup shall
//! not tell. ChaCha20-Poly1305 under a key of its own that follows from the key of cookies, which a file may hold.

use data_encoding::HEXLOWER;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::Mint;

const PURPOSE: &str = "sealed texts";

impl Mint {
    /// Seals a text for its owner: only under the same name it is opened again. `None`: it is too long for the
    /// cipher, which is more than any memory holds.
    pub fn seal(&self, owner: &str, text: &str) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        self.fill(&mut nonce);
        let mut bytes = text.as_bytes().to_vec();
        let aad = Aad::from(owner.as_bytes());
        let tag = self
            .sealing_key()?
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, &mut bytes)
            .ok()?;
        Some(format!(
            "{}{}{}",
            HEXLOWER.encode(&nonce),
            HEXLOWER.encode(&bytes),
            HEXLOWER.encode(tag.as_ref())
        ))
    }

    /// The text that was sealed for this owner. `None`: it was not, or under another key.
    pub fn unseal(&self, owner: &str, sealed: &str) -> Option<String> {
        let bytes = HEXLOWER.decode(sealed.as_bytes()).ok()?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE_LEN>()?;
        let mut rest = rest.to_vec();
        let aad = Aad::from(owner.as_bytes());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let text = self.sealing_key()?.open_in_place(nonce, aad, &mut rest).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }

    fn sealing_key(&self) -> Option<LessSafeKey> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &self.key.derived(PURPOSE)).ok()?;
        Some(LessSafeKey::new(key))
    }
}

#[cfg(test)]
mod tests {
    use crate::mint::{Key, Mint, Shapes};

    fn mint(key: &str) -> Mint {
        Mint::new(Shapes::default(), Key::from_text(key))
    }

    #[test]
    fn only_the_same_key_and_owner_open_it() {
        let one = mint("k");
        let sealed = one.seal("north.example", "PGT-1-é").unwrap();
        assert_eq!(mint("k").unseal("north.example", &sealed).as_deref(), Some("PGT-1-é"));
        assert_eq!(one.unseal("south.example", &sealed), None);
        assert_eq!(mint("l").unseal("north.example", &sealed), None);
        assert!(!sealed.contains("PGT") && sealed.bytes().all(|b| b.is_ascii_hexdigit()), "{sealed}");
        assert_ne!(one.seal("north.example", "PGT-1-é").unwrap(), sealed, "no two are the same");
    }

    #[test]
    fn a_changed_text_does_not_open() {
        let mint = mint("k");
        let sealed = mint.seal("o", "PGT-1").unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
            assert_eq!(mint.unseal("o", std::str::from_utf8(&changed).unwrap()), None, "{at}");
            assert_eq!(mint.unseal("o", &sealed[..at]), None, "cut at {at}");
        }
        for odd in ["", "0", "zz", "é", &format!("{sealed}00")] {
            assert_eq!(mint.unseal("o", odd), None, "{odd}");
        }
    }
}
