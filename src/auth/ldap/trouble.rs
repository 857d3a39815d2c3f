//! Why a server gives no answer.

use std::io;
use std::time::Duration;

use ldap3::LdapError;

use super::tls;
use crate::auth::Down;

/// Longest text of a server that is repeated, in characters.
const LONGEST: usize = 200;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The server says nothing in time.
    Silent(String),
    /// The server cannot be reached, or went away: another try may help.
    Lost(String),
    /// It answered, and another try would not help.
    Refused(String),
}

impl Trouble {
    /// It took longer than this.
    pub fn silent(limit: Duration) -> Self {
        Self::Silent(format!("no answer in {limit:?}"))
    }

    /// The server hung up.
    pub fn closed() -> Self {
        Self::Lost("it closed the connection".to_owned())
    }

    /// Its words.
    pub fn words(&self) -> &str {
        let (Self::Silent(words) | Self::Lost(words) | Self::Refused(words)) = self;
        words
    }

    /// What it is to whoever asked, in these words.
    pub fn down(&self, words: String) -> Down {
        match self {
            Self::Silent(_) | Self::Lost(_) => Down::Silent(words),
            Self::Refused(_) => Down::Unfit(words),
        }
    }
}

impl From<&io::Error> for Trouble {
    fn from(error: &io::Error) -> Self {
        // Many servers end TLS by just hanging up; a message that is cut off is none, with TLS or without.
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Self::closed();
        }
        Self::Lost(tls::why(error).unwrap_or_else(|| short(&error.to_string())))
    }
}

impl From<&LdapError> for Trouble {
    fn from(error: &LdapError) -> Self {
        match error {
            LdapError::Io { source } => source.into(),
            LdapError::ResultRecv { .. }
            | LdapError::OpSend { .. }
            | LdapError::IdScrubSend { .. }
            | LdapError::EndOfStream => Self::closed(),
            LdapError::FilterParsing => Self::Refused("the filter cannot be used".to_owned()),
            other => Self::Lost(short(&other.to_string())),
        }
    }
}

/// One short line of what a server says.
pub fn short(text: &str) -> String {
    let line: String =
        text.chars().take(LONGEST).map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_without_a_word_is_an_end() {
        let words = "peer closed connection without sending TLS close_notify";
        let eof = io::Error::new(io::ErrorKind::UnexpectedEof, words);
        assert_eq!(Trouble::from(&eof), Trouble::closed());
        let other = io::Error::new(io::ErrorKind::ConnectionReset, "reset\n");
        assert_eq!(Trouble::from(&other), Trouble::Lost("reset".to_owned()));
    }

    #[test]
    fn what_a_server_says_is_one_short_line() {
        assert_eq!(short(" no\nsuch\u{0} thing "), "no such  thing");
        assert_eq!(short(&"x".repeat(1000)).len(), LONGEST);
    }
}
