//! Decisions. Everything here is true without a computer running: no I/O, no clock, no chance; `now`
//! comes in as a value.
//!
//! May use: `protocol`.
//!
//! | file | decides |
//! |---|---|
//! | [`identity`] | who somebody is: a name and where it comes from, and how that is written |
//! | [`name`] | which upstream or typed names are names |
//! | [`provider`] | what an institution is, and what its attributes become |
//! | [`pattern`], [`service_rule`], [`rules`] | which registered service an address belongs to |
//! | [`proxying`] | which service may act for somebody at which other one |
//! | [`release`] | who may enter a service, and what it is told |
//! | [`session`], [`issued`], [`lifetimes`] | what is still valid |
//! | [`choice`] | which institutions somebody is offered |
//! | [`login`] | what `/login` does next |
//! | [`told`] | how far a service knows that a session is over |
//! | [`code`] | the codes of pages that end a way |

pub mod choice;
pub mod code;
pub mod identity;
pub mod issued;
pub mod lifetimes;
pub mod login;
pub mod name;
pub mod open_host;
pub mod pattern;
pub mod provider;
pub mod proxying;
pub mod release;
pub mod rules;
pub mod service_rule;
pub mod session;
pub mod told;
