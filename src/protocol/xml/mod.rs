//! CAS 2 and 3 answers as XML (CAS 3.0 §2.5, §2.6, §2.7, Appendix A).
//!
//! - `write` – what we answer. Always well formed, whatever a person or a provider is called.
//! - `read` – what a provider answered: one strict reader over `tree`, which knows XML and nothing of CAS.
//! - `names` and `escape` – what may be an element's name, and what may stand inside.
//! - `ampersand` – a repair for servers that do not escape.

mod ampersand;
mod escape;
mod names;
mod read;
pub(in crate::protocol) mod tree;
mod write;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod read_tests;

pub(in crate::protocol) use escape::{Forbidden, push_escaped};
pub use names::element_name;
pub(in crate::protocol) use names::{is_ncname, is_xml_text};
pub(in crate::protocol) use read::MAX_PROXIES;
pub use read::{MAX_NAME, MAX_VALUE, MAX_VALUES, Reading, read, read_proxy};
pub(in crate::protocol) use tree::trim;
pub use tree::{BadXml, Flaw};
pub use write::{failure, proxy_failure, proxy_success, success};

/// The namespace of every CAS answer (CAS 3.0 Appendix A).
pub const NAMESPACE: &str = "http://www.yale.edu/tp/cas";

/// Attributes of the protocol itself: ours to say, never from outside.
pub(in crate::protocol) const AUTHENTICATION_DATE: &str = "authenticationDate";
pub(in crate::protocol) const LONG_TERM: &str = "longTermAuthenticationRequestTokenUsed";
pub(in crate::protocol) const NEW_LOGIN: &str = "isFromNewLogin";
