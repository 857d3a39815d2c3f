//! Local accounts: passwords are checked here, off the async threads, and nowhere else.
//!
//! May use: `domain`, `config`, `protocol`, `store` (for accounts), `outbound`, `telemetry`. Entry point: [`Backends::check`]. Back-ends are asked in order; the
//! first that knows the name decides, also when it then refuses.
//!
//! | file | holds |
//! |---|---|
//! | [`Authenticator`] | what a back-end can do; a file for each kind |
//! | `chain`, `link` | all of them, in order; one of them with what is common to all kinds |
//! | `guard` | what stands before each: places, limits of time, silence |
//! | `owed` | what a failed attempt still owes |
//! | `sources` | `[[attributes]]` |
//! | `single` | one by itself, for an operator |
//! | `hash`, `stored` | the pool that passwords are hashed in, and whether one is the stored one |

mod accounts;
mod authenticator;
mod chain;
mod file;
mod guard;
mod hash;
mod http;
mod ldap;
mod link;
mod nobody;
mod owed;
mod passwords;
mod sample;
mod single;
mod sources;
mod sql;
mod steps;
mod stored;
mod strength;
mod test;

pub use accounts::{OF_EVERY_ACCOUNT, TRUTHS, unreadable};
pub use authenticator::{Answer, Authenticator, Down, Known, Verdict};
pub use chain::{Authenticated, BackendDown, Backends, Checked};
pub use hash::{Busy, Hashing, NoHash};
pub use ldap::{Directory, Frames, MOST_BYTES as MOST_OF_A_MESSAGE, Odd, Taken};
pub use link::Surroundings;
pub use passwords::Passwords;
pub use single::Single;
pub use sql::Sql;
pub use steps::{Step, Steps, Went};
pub use stored::{
    NotHashed, Outcome, cost as cost_of_stored, hash as hash_password, is_current, matches as is_stored,
};
pub use strength::{Weakness, weakness};

/// Longest password that is looked at, in bytes.
pub const MAX_PASSWORD: usize = 512;
