//! passerelle from outside: stories that knock at a real door.
//!
//! Every story runs on SQLite, or on PostgreSQL with `PASSERELLE_TEST_DATABASE=postgres`. Nobody sleeps:
//! the clock is moved by hand, and what happens in the background is called by name. Only of a
//! program in another process we look again and again, for ten seconds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "all of this crate is a test, and a panic is how a test speaks"
)]

mod accounts;
mod backends;
mod bad_input;
mod commands;
mod conformance;
mod federate;
mod files;
mod forms;
mod fuzzed;
mod headers;
mod hostile;
mod json;
mod ldap;
mod login;
mod logout;
mod mount;
mod plan;
mod properties;
mod proxy;
mod release;
mod reload;
mod rules;
mod saml;
mod select;
mod session;
mod sign_in;
mod signed_out;
mod slo;
mod sql;
mod storage;
mod support;
mod sweep;
mod test_provider;
mod upstream;
mod upstream_wire;
mod validate;
