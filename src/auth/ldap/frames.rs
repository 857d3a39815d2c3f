//! Whether the bytes of a directory are messages that the library can read: their headers, before it sees them.
//!
//! The library reads a message by recursion, as large and as deep as its headers say. So each header is looked at
//! first, as the bytes come, without recursion and with a few words of memory a level.

use std::fmt;

/// Most bytes of a message, with its header.
pub const MOST_BYTES: u32 = 8 << 20;
/// Most levels of a message that hold others, itself among them: an entry has five.
pub const MOST_LEVELS: usize = 16;
/// Most elements of a message: each costs the library many times the two bytes that it may have here.
pub const MOST_ELEMENTS: u32 = 100_000;
/// Most elements right inside of a message: a number, what it says, and controls.
const MOST_PARTS: u32 = 3;

/// Why bytes are not handed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Odd {
    /// They begin no message (RFC 4511 §4.1.1).
    NoMessage,
    /// Its length is none, as BER has it but LDAP has not (§5.1).
    Indefinite,
    /// Its length has more octets than any length that we take.
    LongLength,
    /// A message is larger than any that we take.
    Large,
    /// It is deeper than any that we take.
    Deep,
    /// It has more elements than any that we take.
    Many,
    /// A part of it is longer than what it is a part of.
    Overrun,
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hint = "name fewer of them in `attributes`";
        match self {
            Self::NoMessage => f.write_str("it does not speak LDAP"),
            Self::Indefinite => f.write_str("it sends a message without a length"),
            Self::LongLength => f.write_str("it sends a message with a length of more than 4 octets"),
            Self::Large => write!(f, "it sends a message of more than {} MiB: {hint}", MOST_BYTES >> 20),
            Self::Deep => write!(f, "it sends a message of more than {MOST_LEVELS} levels"),
            Self::Many => write!(f, "it sends a message of more than {MOST_ELEMENTS} values: {hint}"),
            Self::Overrun => f.write_str("it sends a message with a part that is longer than the whole"),
        }
    }
}

/// What is good so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// So many bytes: all, or those to the end of a message.
    pub bytes: usize,
    /// So many elements begin in them.
    pub elements: u32,
}

/// A stream of messages, as far as it was looked at.
#[derive(Clone, Debug, Default)]
pub struct Frames {
    at: At,
    /// What is left of each element that is open and holds others, the message first: without what the one inside
    /// of it has.
    open: Vec<u32>,
    /// Elements right inside of this message so far.
    parts: u32,
    /// Elements of this message so far.
    elements: u32,
}

/// Where in an element.
#[derive(Clone, Copy, Debug, Default)]
enum At {
    /// Before one.
    #[default]
    Tag,
    /// Behind its tag.
    Length { tag: u8 },
    /// In a length of several octets.
    Octets { tag: u8, left: u8, length: u32 },
    /// In one that holds no others.
    Content { left: u32 },
}

impl Frames {
    /// Looks at the bytes that come next, at most to the end of a message. After an error nothing is to be handed on
    /// any more, and nothing more to be looked at.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Taken, Odd> {
        let (mut rest, mut elements) = (bytes, 0);
        while let Some((&byte, behind)) = rest.split_first() {
            let before = self.elements;
            match self.at {
                At::Content { left } => {
                    let most = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                    rest = rest.get(most..).unwrap_or_default();
                    let left = left.saturating_sub(u32::try_from(most).unwrap_or(u32::MAX));
                    self.at = if left == 0 { At::Tag } else { At::Content { left } };
                }
                At::Tag => {
                    self.tag(byte)?;
                    rest = behind;
                }
                At::Length { tag } => {
                    self.spend(1)?;
                    self.length(tag, byte)?;
                    rest = behind;
                }
                At::Octets { tag, left, length } => {
                    self.spend(1)?;
                    let length = length << 8 | u32::from(byte);
                    match left {
                        0 | 1 => self.enter(tag, length)?,
                        _ => self.at = At::Octets { tag, left: left - 1, length },
                    }
                    rest = behind;
                }
            }
            elements += self.elements.saturating_sub(before);
            if self.closes()? {
                break;
            }
        }
        Ok(Taken { bytes: bytes.len() - rest.len(), elements })
    }

    /// Whether a message has ended, and none has begun.
    pub fn is_between(&self) -> bool {
        self.open.is_empty() && matches!(self.at, At::Tag)
    }

    /// So many bytes of the innermost open element are gone.
    fn spend(&mut self, bytes: u32) -> Result<(), Odd> {
        match self.open.last_mut() {
            None => Ok(()),
            Some(left) => {
                *left = left.checked_sub(bytes).ok_or(Odd::Overrun)?;
                Ok(())
            }
        }
    }

    fn tag(&mut self, tag: u8) -> Result<(), Odd> {
        const SEQUENCE: u8 = 0x30;
        const INTEGER: u8 = 0x02;
        /// What says that more octets of the tag follow: LDAP has no such tags.
        const LONG: u8 = 0x1f;
        /// What a server says to us: of a bind, a search and an extended request, and on the way to their ends. The library
        /// makes nothing good of others.
        const ANSWERS: [u8; 6] = [0x61, 0x64, 0x65, 0x73, 0x78, 0x79];
        let fits = match (self.open.len(), self.parts) {
            (0, _) => tag == SEQUENCE,
            (1, 0) => tag == INTEGER,
            (1, 1) => ANSWERS.contains(&tag),
            (1, parts) => tag >> 6 == 2 && parts < MOST_PARTS,
            _ => true,
        };
        if !fits || tag & LONG == LONG {
            return Err(Odd::NoMessage);
        }
        self.spend(1)?;
        self.elements += 1;
        if self.elements > MOST_ELEMENTS {
            return Err(Odd::Many);
        }
        self.parts += u32::from(self.open.len() == 1);
        self.at = At::Length { tag };
        Ok(())
    }

    fn length(&mut self, tag: u8, octet: u8) -> Result<(), Odd> {
        match octet {
            0..0x80 => self.enter(tag, u32::from(octet)),
            0x80 => Err(Odd::Indefinite),
            0x81..=0x84 => {
                self.at = At::Octets { tag, left: octet & 0x7f, length: 0 };
                Ok(())
            }
            _ => Err(Odd::LongLength),
        }
    }

    /// The header has ended.
    fn enter(&mut self, tag: u8, length: u32) -> Result<(), Odd> {
        /// Of the longest header that we take.
        const HEADER: u32 = 6;
        const CONSTRUCTED: u8 = 0x20;
        match (self.open.len(), self.parts) {
            (0, _) if length > MOST_BYTES - HEADER => return Err(Odd::Large),
            // The number of a message is positive, and no more than 2³¹ - 1.
            (1, 1) if !(1..=4).contains(&length) => return Err(Odd::NoMessage),
            _ => self.spend(length)?,
        }
        self.at = match tag & CONSTRUCTED {
            0 if length == 0 => At::Tag,
            0 => At::Content { left: length },
            _ if self.open.len() >= MOST_LEVELS => return Err(Odd::Deep),
            _ => {
                self.open.push(length);
                At::Tag
            }
        };
        Ok(())
    }

    /// Ends the elements that have nothing left. Out: whether the message has ended.
    fn closes(&mut self) -> Result<bool, Odd> {
        if !matches!(self.at, At::Tag) {
            return Ok(false);
        }
        while self.open.last() == Some(&0) {
            self.open.pop();
        }
        if !self.open.is_empty() {
            return Ok(false);
        }
        if self.parts < 2 {
            return Err(Odd::NoMessage);
        }
        (self.parts, self.elements) = (0, 0);
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
