//! SAML 1.1 as CAS speaks it at `/samlValidate` (CAS 3.0 §4.2; SAML 1.1 core and bindings).
//!
//! - `request` – who asks us about which ticket: liberal where clients leave something out, strict about the
//!   ticket itself.
//! - `response` – what we answer: in the order, with the prefixes and with the header that clients count on.
//! - `ask` – what we ask an institution.
//! - `answer` – what an institution answered: one strict reader.

mod answer;
mod ask;
mod request;
mod response;

#[cfg(test)]
mod answer_tests;
#[cfg(test)]
mod request_tests;
#[cfg(test)]
mod response_tests;

pub use answer::{Expected, read_answer};
pub use ask::{question, request_id};
pub use request::{BadRequest, MAX_REQUEST_ID, Request, read};
pub use response::{Frame, Status, failure, success};
