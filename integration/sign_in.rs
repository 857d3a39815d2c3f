//! What people and services say about a sign-in: how the ticket travels, whether to ask first, whether to
//! stay, and what is open elsewhere.

mod devices;
mod head;
mod method;
mod newer;
mod remember;
mod renew;
mod warn;
