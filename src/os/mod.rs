//! What differs between systems: folder handles, files that appear whole, room on a disk, processes, terminals. But for
//! calls of libgit2, all unsafe code of ours is here.

pub mod bytes;
pub mod child;
pub mod disk;
pub mod folder;
pub mod local_socket;
pub mod platform;
pub mod private;
pub mod process;
pub mod sharing;
#[cfg(unix)]
mod signals;
pub mod terminal;
pub mod zone;
