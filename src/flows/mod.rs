//! Use cases, one a file: the only room with an order of steps. Each reads what it needs, lets go of the
//! database, calls the network if it must, and writes in one transaction.
//!
//! May use: every room but the doors.
//!
//! | file | walk |
//! |---|---|
//! | [`login`] | `/login`: facts, [`crate::domain::login::next_step`], and what it says |
//! | [`password`] | a local account signs in |
//! | [`new_password`] | the owner of one chooses another password |
//! | [`federate`], `arrival` | leave for an institution, come back from it, and as whom |
//! | [`open`] | the session that both end in |
//! | `known` | what is known of somebody at this moment |
//! | [`no_way`] | where nobody can sign in |
//! | [`jump`] | where a browser is sent without being asked |
//! | [`preferences`] | small choices of somebody who is signed in |
//! | [`issue`] | a service ticket |
//! | [`validate`] | a service asks who a ticket belongs to |
//! | [`pgt_callback`] | a proxy-granting ticket is handed over |
//! | [`pgt_in`] | an institution hands one over to us |
//! | [`proxy`] | a proxy ticket |
//! | [`proxy_elsewhere`] | a proxy ticket of an institution |
//! | [`saml`] | the same in SAML 1.1 |
//! | [`logout`] | a session ends, its services will be told |
//! | [`slo_in`] | an institution ends what it began |
//! | [`slo_out`] | empties the outbox |
//! | [`sweep`] | what ends by itself |
//! | [`uses`] | which services are still used |
//! | [`watch`] | whether institutions answer |

mod arrival;
mod error;
pub mod federate;
pub mod form;
pub mod guest;
pub mod issue;
pub mod jump;
mod known;
pub mod login;
pub mod logout;
pub mod new_password;
pub mod no_way;
pub mod open;
pub mod password;
pub mod pgt_callback;
pub mod pgt_in;
pub mod preferences;
pub mod proxy;
pub mod proxy_elsewhere;
pub mod saml;
pub mod slo_in;
pub mod slo_out;
pub mod sweep;
pub mod uses;
pub mod validate;
pub mod watch;

pub use error::{About, Error, Fault, NotGiven, Refused};
pub use guest::{Device, Guest};

pub use crate::mint::BrowserMark;
pub use crate::store::ServiceUse;
