//! Local accounts: passwords are checked here, off the async threads, and nowhere else.
//!
//! May use: `domain`, `config`, `protocol`, `store` (for accounts), `outbound`, `telemetry`. Entry point: [`Backends::check`]. Back-ends are asked in order; the
//! first that knows the name decides, also when it then refuses.

mod authenticator;
mod chain;
mod file;
mod hash;
mod nobody;
mod sample;
mod steps;
mod stored;
mod test;

pub use authenticator::{Answer, Authenticator, Down, Known, Verdict};
pub use chain::{Authenticated, BackendDown, Backends, Checked, Surroundings};
pub use hash::{Busy, Hashing};
pub use sample::Sample;
pub use steps::{Step, Steps};
pub use stored::{NotHashed, Outcome, hash as hash_password, is_current};

/// Longest password that is looked at, in bytes.
pub const MAX_PASSWORD: usize = 512;
