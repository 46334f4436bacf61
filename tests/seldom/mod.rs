//! Messages of what seldom happens: each is brought about by its real cause, and is read whole.

mod hooks;
mod lists;
mod plain;
mod streams;
mod users;
