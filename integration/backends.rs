//! Several back-ends beside each other and beside institutions: who is asked, who may go where, and what is known
//! of people.

mod attributes;
mod command;
mod own_sources;
mod services;
mod silence;
