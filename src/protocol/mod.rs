//! CAS itself: the words, the values and the bytes of the protocol.
//!
//! Ground floor. Everything here is true without a computer running: no I/O, no clock, no chance.
//! May use std, url, quick-xml, serde, serde_json, thiserror and the values of jiff; nothing else of ours.
//!
//! | noun | where | specification |
//! |---|---|---|
//! | tickets as texts | [`ticket`] | CAS 3.0 §3 |
//! | addresses of services | [`service`] | CAS 3.0 §2.1.1, §2.2.4 |
//! | addresses of what is no web page | [`other_service`] | CAS 3.0 §2.7.1 |
//! | parameters of requests | [`params`] | CAS 3.0 §2.1.1, §2.2.1, §2.4.1, §2.5.1 |
//! | how a ticket travels | [`delivery`] | CAS 3.0 §2.1.1 |
//! | generations of the protocol | [`version`] | CAS 3.0 §1 |
//! | instants | [`time`] | CAS 3.0 Appendix A (xs:dateTime) |
//! | attributes of a person | [`attributes`] | CAS 3.0 §2.5.7 |
//! | a no with its code | [`refusal`] | CAS 3.0 §2.5.3 |
//! | what we answer, what a provider answered | [`response`] | CAS 3.0 §2.5.2 |
//! | CAS 1 answers | [`text`] | CAS 3.0 §2.4.2 |
//! | CAS 2 and 3 answers | [`xml`] | CAS 3.0 §2.5, §2.6, §2.8, Appendix A |
//! | in which form an answer is wanted | [`mod@format`] | CAS 3.0 §2.5.1 |
//! | the same answers in JSON | [`json`] | CAS 3.0 §2.5.2, §2.6.2, §2.7.2 |
//! | lists that came as one text | [`list_text`] | none |
//! | SAML 1.1 questions and answers | [`saml11`] | CAS 3.0 §4.2 |
//! | single logout messages | [`slo`] | CAS 3.0 §2.3.3, Appendix C |

pub mod attributes;
pub mod delivery;
pub mod format;
pub mod json;
pub mod list_text;
pub mod other_service;
pub mod params;
pub mod refusal;
pub mod response;
pub mod saml11;
pub mod service;
pub mod slo;
pub mod text;
pub mod ticket;
pub mod time;
pub mod version;
pub mod xml;
