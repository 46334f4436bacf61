//! A copy of the vault in another place: `bak.remote`, any repository that Git can push to.
//!
//! - [`transport`]: Git on its way there, from a repository that is made for one try and goes with it;
//! - [`export`]: the days as they leave this machine, without what stays here;
//! - [`push`]: what the other place lacks goes there, each day by itself;
//! - [`fetch`]: what is there, to list or restore it, on another machine, too;
//! - [`state`]: how the last try went, and which days are there.
//!
//! What could go wrong, and why it can't do harm:
//! - the other place has more than this vault (another copy of it, or one that lost something): a day that is no
//!   continuation of what is there replaces only what was pushed from here, and only if nothing of it is lost here;
//! - it is off-line, slow, full or refuses: no command waits for it, a deadline ends it, what it said is written down;
//! - several machines and repositories share it: a branch is named by a worktree's random id, and others are not
//!   touched.

mod export;
pub mod fetch;
pub mod push;
pub mod state;
mod transport;

pub use transport::{Remote, checked};
