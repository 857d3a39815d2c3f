//! Files that change while the server runs: taken over as a whole, or not at all.

mod begun;
mod command;
mod files;
mod init;
mod load;
mod switches;
mod users;
