//! CAS 2 and 3 answers as JSON (CAS 3.0 §2.5.2, §2.6.2, §2.7.2).
//!
//! - `write` – what we answer.
//! - `read` – what a provider answered, as strictly as XML.

mod read;
mod write;

pub use read::read;
pub use write::{failure, proxy_failure, proxy_success, success};
