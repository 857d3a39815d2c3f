//! Decisions. Everything here is true without a computer running: no I/O, no clock, no chance; `now`
//! comes in as a value.
//!
//! May use: `protocol`.
//!
//! | file | decides |
//! |---|---|
//! | [`identity`] | who somebody is: a name and where it comes from, and how that is written |
//! | [`name`] | which upstream or typed names are names |
//! | [`provider`] | what an institution is |
//! | [`intake`], [`scope`] | what its attributes become, and what may stand behind an `@` |
//! | [`pattern`], [`url_pattern`], [`service_rule`] | which addresses a service has |
//! | [`rules`], [`index`] | which registered service an address belongs to |
//! | [`open_host`], [`relaxed`], [`cover`] | whether a pattern says what its author means |
//! | [`opening`] | when a service is open |
//! | [`proxying`] | which service may act for somebody at which other one |
//! | [`release`], [`rewrite`], [`mod@never`] | who may enter a service, what it is told, and what nobody is told |
//! | [`session`], [`issued`], [`lifetimes`] | what is still valid |
//! | [`directory`], [`choice`] | which institutions there are, and which somebody is offered |
//! | [`search`], [`translated`] | which of them a search finds, and what they are called |
//! | [`login`] | what `/login` does next |
//! | [`told`] | how far a service knows that a session is over |
//! | [`switches`] | which entries somebody switched off |
//! | [`code`] | the codes of pages that end a way |

pub mod choice;
pub mod code;
pub mod cover;
pub mod directory;
pub mod identity;
pub mod index;
pub mod intake;
pub mod issued;
pub mod lifetimes;
pub mod login;
pub mod name;
pub mod never;
pub mod open_host;
pub mod opening;
pub mod pattern;
pub mod provider;
pub mod proxying;
pub mod relaxed;
pub mod release;
pub mod rewrite;
pub mod rules;
pub mod scope;
pub mod search;
pub mod service_rule;
pub mod session;
pub mod skip;
pub mod switches;
pub mod told;
pub mod translated;
pub mod trips;
pub mod url_pattern;
