//! The browser mark: one signed random cookie for all tabs, which says nothing about who. Login tickets
//! and handoffs are bound to it, so that neither works in another browser.

use super::Mint;

const PURPOSE: &str = "browser mark";

/// A mark that we gave out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserMark(String);

impl BrowserMark {
    /// The value of the cookie.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Mint {
    /// A new mark.
    pub fn browser_mark(&self) -> BrowserMark {
        let random = self.letters(22);
        let signature = self.key.sign(&[PURPOSE, &random]);
        BrowserMark(format!("{random}-{signature}"))
    }

    /// The mark that a cookie holds, if it is one of ours.
    pub fn known_mark(&self, cookie: &str) -> Option<BrowserMark> {
        let (random, signature) = cookie.split_once('-')?;
        self.key.verifies(&[PURPOSE, random], signature).then(|| BrowserMark(cookie.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use crate::mint::{Key, Mint, Shapes};

    #[test]
    fn only_our_own_marks_are_known() {
        let mint = Mint::new(Shapes::default(), Key::random());
        let mark = mint.browser_mark();
        assert_eq!(mint.known_mark(mark.as_str()), Some(mark.clone()));
        for bad in ["", "-", "a-b", &format!("x{}", mark.as_str()), &mark.as_str()[1..]] {
            assert_eq!(mint.known_mark(bad), None, "{bad}");
        }
        let other = Mint::new(Shapes::default(), Key::random());
        assert_eq!(other.known_mark(mark.as_str()), None);
    }
}
