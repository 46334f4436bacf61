//! Repositories, names and records that were made to do harm: nothing is read, written or deleted
//! outside of the working tree and the Git directory, no lie is believed, and no text controls the terminal.

mod by_handle;
mod names;
mod planted;
mod record;
mod settings;
mod terminal;
mod vault;
