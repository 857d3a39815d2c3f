//! What stories are told with: a gateway, browsers, applications.

// Not every story needs everything.
#![allow(dead_code)]

pub mod authority;
pub mod browser;
pub mod callback;
pub mod dialects;
pub mod fake_cas;
pub mod form;
pub mod hash;
pub mod house;
pub mod journey;
pub mod log_out;
pub mod logs;
pub mod mariadb;
pub mod postgres;
pub mod puppet;
pub mod raw;
pub mod relay;
pub mod saml;
pub mod scripted;
pub mod server;
pub mod service;
pub mod slapd;
pub mod sources;
pub mod trouble;
pub mod wire;

pub use browser::{Browser, Page};
pub use callback::Callback;
pub use fake_cas::FakeCas;
pub use house::House;
pub use puppet::Puppet;
pub use service::Service;
