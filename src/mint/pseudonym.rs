//! Pseudonyms: what a service is told in place of a user name, so that two services cannot compare notes.

use super::Mint;

const PURPOSE: &str = "pairwise pseudonym";

impl Mint {
    /// The pseudonym of a user name, as rendered, for a service: always the same for these two and this
    /// key. 32 letters and digits, 128 bits of an HMAC-SHA-256.
    pub fn pseudonym(&self, user: &str, service: &str) -> String {
        self.pairwise.sign(&[PURPOSE, user, service])
    }
}

#[cfg(test)]
mod tests {
    use crate::mint::{Key, Mint, Shapes};

    #[test]
    fn pseudonyms_are_stable_and_apart() {
        let mint =
            |key| Mint::new(Shapes::default(), Key::from_text("cookies")).with_pairwise(Key::from_text(key));
        let one = mint("k").pseudonym("ada", "Wiki");
        assert_eq!(one, mint("k").pseudonym("ada", "Wiki"));
        assert!(one.len() == 32 && one.bytes().all(|b| b.is_ascii_alphanumeric()), "{one}");
        for other in [
            mint("k").pseudonym("ada", "Notes"),
            mint("k").pseudonym("bob", "Wiki"),
            mint("k").pseudonym("adaW", "iki"),
            mint("l").pseudonym("ada", "Wiki"),
        ] {
            assert_ne!(one, other);
        }
        // Signatures of other things are other signatures, also under the same key.
        let same = Mint::new(Shapes::default(), Key::from_text("k"));
        assert_eq!(same.pseudonym("ada", "Wiki"), one);
        assert!(!same.browser_mark().as_str().contains(&one));
    }
}
