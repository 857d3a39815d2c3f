//! Login tickets (CAS 3.0 §3.5): the one-time token of every form.
//!
//! A ticket is its own proof, so showing a form writes nothing: the time, a random part and a signature
//! over both and the mark of the browser. That it was used is stored when it is used.

use super::{BrowserMark, Mint};
use crate::protocol::ticket::TicketId;
use crate::protocol::time::Timestamp;

const PURPOSE: &str = "login ticket";
const TIME: usize = 8;
const SIGNATURE: usize = 32;

/// Why a form cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormRefused {
    /// Not a ticket of ours, or of another browser.
    Foreign,
    /// Too old.
    Old,
}

impl Mint {
    /// A login ticket for a form that this browser gets now.
    pub fn login_ticket(&self, mark: &BrowserMark, now: Timestamp) -> TicketId {
        let prefix = &self.shapes.login_prefix;
        let fixed = prefix.len() + 1 + TIME + SIGNATURE;
        let random = self.letters(self.shapes.login_length.saturating_sub(fixed).max(16));
        let body = format!("{:08x}{random}", now.seconds());
        let signature = self.key.sign(&[PURPOSE, &body, mark.as_str()]);
        TicketId::of_alphabet(format!("{prefix}-{body}{signature}"))
    }

    /// Checks a login ticket that came back: ours, of this browser, younger than `life` seconds.
    ///
    /// Whether it was used before is for the store to say.
    pub fn known_form(
        &self,
        text: &str,
        mark: &BrowserMark,
        now: Timestamp,
        life: i64,
    ) -> Result<TicketId, FormRefused> {
        let ticket = TicketId::parse(text).map_err(|_| FormRefused::Foreign)?;
        let (body, signature) = text
            .split_once('-')
            .and_then(|(_, rest)| rest.split_at_checked(rest.len().checked_sub(SIGNATURE)?))
            .ok_or(FormRefused::Foreign)?;
        if !self.key.verifies(&[PURPOSE, body, mark.as_str()], signature) {
            return Err(FormRefused::Foreign);
        }
        let made = body.get(..TIME).and_then(|hex| i64::from_str_radix(hex, 16).ok());
        let made = Timestamp::from_seconds(made.ok_or(FormRefused::Foreign)?);
        if now >= made.plus(life) { Err(FormRefused::Old) } else { Ok(ticket) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mint::{Key, Shapes};

    #[test]
    fn bound_to_browser_and_time() {
        let mint = Mint::new(Shapes::default(), Key::random());
        let (mine, other) = (mint.browser_mark(), mint.browser_mark());
        let at = Timestamp::from_seconds;
        let form = mint.login_ticket(&mine, at(1_800_000_000));
        let text = form.expose();
        assert!(text.starts_with("LT-"));
        assert_eq!(text.len(), 64);
        assert_eq!(mint.known_form(text, &mine, at(1_800_001_799), 1800), Ok(form.clone()));
        assert_eq!(mint.known_form(text, &mine, at(1_800_001_800), 1800), Err(FormRefused::Old));
        assert_eq!(mint.known_form(text, &other, at(1_800_000_001), 1800), Err(FormRefused::Foreign));
        let changed = text.replacen('-', "-0", 1);
        for bad in ["", "LT", "LT-", "LT-short", "LT-é", &changed] {
            assert_eq!(mint.known_form(bad, &mine, at(0), 1800), Err(FormRefused::Foreign), "{bad}");
        }
    }
}
