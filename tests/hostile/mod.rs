//! Repositories, names and records that somebody has made to do harm: nothing is read, written or deleted
//! outside of the working tree and the Git directory, no lie is believed, and a terminal obeys nobody.

mod by_handle;
mod names;
mod planted;
mod record;
mod settings;
mod terminal;
mod vault;
