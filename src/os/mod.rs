//! What differs between systems: folder handles, files that appear whole, room on a disk, processes, terminals. But for
//! calls of libgit2, all unsafe code of ours is here.
//!
//! - `folder`: folders by handle, and files in them; `bytes`: reading large files; `disk`: free space;
//! - `private`, `sharing`: permissions of our own files; `platform`: names as bytes, file states;
//! - `child`, `process`, `signals`: processes; `terminal`: terminals; `local_socket`: sockets; `zone`: local time.

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
