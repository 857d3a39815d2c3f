//! Where everything random comes from: tickets, session cookies, row numbers, references, the two signed
//! things, login tickets and browser marks, sealed texts, and pseudonyms.
//!
//! May use: `protocol`.

mod login_ticket;
mod mark;
mod pseudonym;
mod seal;
mod sign;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rand::distr::{Alphanumeric, SampleString};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

pub use login_ticket::FormRefused;
pub use mark::BrowserMark;
pub use sign::Key;

use crate::protocol::ticket::TicketId;
use crate::protocol::time::Timestamp;

/// Prefixes and whole lengths of tickets (features of `[ticket]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shapes {
    /// Prefix of service tickets; begins with `ST`.
    pub service_prefix: String,
    /// Whole length of a service ticket.
    pub service_length: usize,
    /// Prefix of proxy tickets.
    pub proxy_prefix: String,
    /// Whole length of a proxy ticket.
    pub proxy_length: usize,
    /// Prefix of proxy-granting tickets.
    pub pgt_prefix: String,
    /// Whole length of a proxy-granting ticket.
    pub pgt_length: usize,
    /// Prefix of their receipts.
    pub pgtiou_prefix: String,
    /// Whole length of such a receipt.
    pub pgtiou_length: usize,
    /// Prefix of login tickets.
    pub login_prefix: String,
    /// Whole length of a login ticket.
    pub login_length: usize,
}

impl Default for Shapes {
    fn default() -> Self {
        Self {
            service_prefix: "ST".to_owned(),
            service_length: 32,
            proxy_prefix: "PT".to_owned(),
            proxy_length: 32,
            pgt_prefix: "PGT".to_owned(),
            pgt_length: 64,
            pgtiou_prefix: "PGTIOU".to_owned(),
            pgtiou_length: 64,
            login_prefix: "LT".to_owned(),
            login_length: 64,
        }
    }
}

enum Chance {
    System,
    Seeded(Box<Mutex<StdRng>>),
}

/// Makes what must not be guessed.
pub struct Mint {
    chance: Arc<Chance>,
    shapes: Shapes,
    key: Key,
    pairwise: Key,
}

impl fmt::Debug for Mint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mint")
    }
}

/// Letters and digits of a session cookie, whole length with prefix.
const COOKIE_LENGTH: usize = 64;
/// Random characters of a handoff: 190 bits.
const HANDOFF_LENGTH: usize = 32;
/// Random characters of an ID in a document: 190 bits (SAML 1.1 core §1.2.3 wants 128).
const XML_ID_LENGTH: usize = 32;

impl Mint {
    /// A mint that draws from the generator that the operating system seeds.
    pub fn new(shapes: Shapes, key: Key) -> Self {
        Self { chance: Arc::new(Chance::System), shapes, pairwise: key.clone(), key }
    }

    /// A mint whose chance repeats itself: for tests.
    pub fn seeded(shapes: Shapes, key: Key, seed: u64) -> Self {
        let chance = Chance::Seeded(Box::new(Mutex::new(StdRng::seed_from_u64(seed))));
        Self { chance: Arc::new(chance), shapes, pairwise: key.clone(), key }
    }

    /// The same with a key of its own for pseudonyms, which must outlive the other key.
    #[must_use]
    pub fn with_pairwise(self, pairwise: Key) -> Self {
        Self { pairwise, ..self }
    }

    /// The same chance and the same pseudonyms under other shapes and another key of signatures. What was
    /// signed with the old key is signed no more; tickets and cookies are not signed and stay.
    #[must_use]
    pub fn with_shapes(&self, shapes: Shapes, key: Key) -> Self {
        Self { chance: Arc::clone(&self.chance), shapes, key, pairwise: self.pairwise.clone() }
    }

    /// A service ticket (CAS 3.0 §3.1).
    pub fn service_ticket(&self) -> TicketId {
        self.ticket(&self.shapes.service_prefix, self.shapes.service_length)
    }

    /// A proxy ticket (CAS 3.0 §3.2).
    pub fn proxy_ticket(&self) -> TicketId {
        self.ticket(&self.shapes.proxy_prefix, self.shapes.proxy_length)
    }

    /// A proxy-granting ticket (CAS 3.0 §3.3).
    pub fn proxy_granting_ticket(&self) -> TicketId {
        self.ticket(&self.shapes.pgt_prefix, self.shapes.pgt_length)
    }

    /// The receipt for a proxy-granting ticket, drawn apart from it (CAS 3.0 §3.4).
    pub fn proxy_granting_receipt(&self) -> TicketId {
        self.ticket(&self.shapes.pgtiou_prefix, self.shapes.pgtiou_length)
    }

    /// The value of a session cookie (CAS 3.0 §3.6).
    pub fn session_cookie(&self) -> TicketId {
        self.ticket("TGT", COOKIE_LENGTH)
    }

    /// The unguessable part of a callback address.
    pub fn handoff(&self) -> TicketId {
        TicketId::of_alphabet(self.letters(HANDOFF_LENGTH))
    }

    /// An ID of a SAML document: unique, and an XML name.
    pub fn xml_id(&self) -> String {
        format!("_{}", self.letters(XML_ID_LENGTH))
    }

    /// What stands in the address of the page after a sign-out: whoever has it may read that page.
    pub fn sign_out_receipt(&self) -> TicketId {
        TicketId::of_alphabet(self.letters(HANDOFF_LENGTH))
    }

    /// A delay from nothing to `most` seconds, so that what failed together is not tried again together.
    pub fn delay(&self, most: u32) -> u32 {
        let mut bytes = [0_u8; 8];
        self.fill(&mut bytes);
        u32::try_from(u64::from_le_bytes(bytes) % (u64::from(most) + 1)).unwrap_or(most)
    }

    /// The number of a row: grows with time, so that indexes stay compact; secret to nobody.
    pub fn row(&self, now: Timestamp) -> String {
        format!("{:010x}{}", now.seconds(), self.letters(14))
    }

    /// What an error page shows to be read out on the telephone: two groups of Crockford's base 32.
    pub fn reference(&self) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
        let mut bytes = [0_u8; 8];
        self.fill(&mut bytes);
        let letter = |b: &u8| ALPHABET.get(usize::from(b % 32)).map_or('0', |&c| char::from(c));
        let text: String = bytes.iter().map(letter).collect();
        let (left, right) = text.split_at(4);
        format!("{left}-{right}")
    }

    fn ticket(&self, prefix: &str, length: usize) -> TicketId {
        let random = self.letters(length.saturating_sub(prefix.len() + 1).max(22));
        TicketId::of_alphabet(format!("{prefix}-{random}"))
    }

    fn letters(&self, count: usize) -> String {
        match &*self.chance {
            Chance::System => Alphanumeric.sample_string(&mut system(), count),
            Chance::Seeded(rng) => {
                Alphanumeric.sample_string(&mut *rng.lock().unwrap_or_else(PoisonError::into_inner), count)
            }
        }
    }

    fn fill(&self, bytes: &mut [u8]) {
        match &*self.chance {
            Chance::System => system().fill(bytes),
            Chance::Seeded(rng) => rng.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the door that chance comes in by")]
fn system() -> impl Rng {
    rand::rng()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mint() -> Mint {
        Mint::new(Shapes::default(), Key::random())
    }

    #[test]
    fn shapes_of_tickets() {
        let ticket = mint().service_ticket();
        assert!(ticket.expose().starts_with("ST-"));
        assert_eq!(ticket.expose().len(), 32);
        assert_eq!(mint().session_cookie().expose().len(), 64);
        assert_ne!(mint().service_ticket(), mint().service_ticket());
        assert!(TicketId::parse(mint().handoff().expose()).is_ok());
    }

    #[test]
    fn references_can_be_read_out() {
        let reference = mint().reference();
        assert_eq!(reference.len(), 9);
        assert!(!reference.contains(['I', 'L', 'O', 'U']));
    }

    #[test]
    fn delays_have_a_bound() {
        let mint = mint();
        let delays: std::collections::BTreeSet<_> = (0..200).map(|_| mint.delay(3)).collect();
        assert_eq!(delays.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(mint.delay(0), 0);
    }

    #[test]
    fn rows_grow_with_time() {
        let (early, late) = (mint().row(Timestamp::from_seconds(9)), mint().row(Timestamp::from_seconds(10)));
        assert!(early < late);
    }

    #[test]
    fn a_seed_repeats() {
        let seeded = || Mint::seeded(Shapes::default(), Key::from_text("k"), 7).service_ticket();
        assert_eq!(seeded(), seeded());
    }
}
