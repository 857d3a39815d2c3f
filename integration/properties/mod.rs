//! What must hold for every input of every parser, as functions over bytes that panic where it does not.
//!
//! Two callers share them: `fuzzed.rs` tries them with made-up input in every run of the tests, and the
//! targets in `fuzz/` for as long as somebody likes. Each answers whether the input was accepted, so that
//! a caller can see that it did not only try nonsense.

pub mod addresses;
#[cfg(feature = "server")]
pub mod backends;
#[cfg(feature = "server")]
pub mod config;
#[cfg(feature = "server")]
pub mod cookies;
#[cfg(feature = "server")]
pub mod directories;
pub mod messages;
pub mod requests;

/// A property of a parser: panics where it does not hold. Out: whether the parser accepted the input.
pub type Property = fn(&[u8]) -> bool;

/// All of them, by the name of their target and their folder of seeds.
pub const ALL: &[(&str, Property)] = &[
    ("service", addresses::service),
    ("pattern", addresses::pattern),
    ("other", addresses::other),
    ("logout", messages::logout),
    ("xml", messages::xml),
    ("answers", messages::answers),
    ("text", messages::text),
    ("saml", messages::saml),
    ("params", requests::params),
    ("ticket", requests::ticket),
    #[cfg(feature = "server")]
    ("cookies", cookies::cookies),
    #[cfg(feature = "server")]
    ("config", config::config),
    #[cfg(feature = "server")]
    ("query", backends::query),
    #[cfg(feature = "server")]
    ("stored", backends::stored),
    #[cfg(feature = "server")]
    ("directory", directories::directory),
];

/// The input as text; without its end where that is broken.
fn text(data: &[u8]) -> &str {
    match std::str::from_utf8(data) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&data[..error.valid_up_to()]).unwrap_or_default(),
    }
}
