//! The id of a worktree: 64 random bits in hex, made once, in the worktree's own Git directory.
//!
//! Its name won't do: a new worktree under an old name is another one, and inherits nothing.
//! Two processes may make it at once: it is linked into place complete, and the second takes the first
//! one's. Where a file system has no links it is made in place, in one write.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use crate::os::private;

const NAME: &str = "worktree";

/// The id of the worktree whose own folder of ours this is; made if need be.
pub fn id(own: &Path) -> io::Result<String> {
    if let Some(id) = read(own)? {
        return Ok(id);
    }
    private::make_dir(own)?;
    let fresh = random_id();
    let mut file = private::temporary(own)?;
    file.write_all(fresh.as_bytes())?;
    private::share_file(file.path());
    let path = own.join(NAME);
    let placed = match file.persist_noclobber(&path) {
        Err(error) if error.error.kind() != ErrorKind::AlreadyExists => {
            make_in_place(&path, &fresh)
        }
        other => other.map(drop).map_err(|error| error.error),
    };
    match placed {
        Ok(()) => Ok(fresh),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => match read(own)? {
            Some(id) => Ok(id),
            // Cut short by a power cut: nothing readable was recorded under it.
            None => private::write(&path, fresh.as_bytes()).map(|()| fresh),
        },
        Err(error) => Err(error),
    }
}

fn make_in_place(path: &Path, id: &str) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).open(path)?;
    private::share_file(path);
    file.write_all(id.as_bytes())
}

/// The id, if there is one.
pub fn known(own: &Path) -> Option<String> {
    read(own).ok().flatten()
}

/// The id, or none where there is none. One that can't be read just now is an error: another in its place would
/// cut the worktree off from all that was recorded of it.
fn read(own: &Path) -> io::Result<Option<String>> {
    let text = match std::fs::read(own.join(NAME)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => String::from_utf8(other?).unwrap_or_default(),
    };
    let is_id = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    Ok(is_id.then_some(text))
}

/// 64 random bits: the seed that the standard library draws from the system for its hash tables.
pub fn random_id() -> String {
    use std::hash::{BuildHasher, RandomState};
    let seed = (std::process::id(), std::time::Instant::now());
    format!("{:016x}", RandomState::new().hash_one(seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_and_is_another_elsewhere() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let first = id(one.path()).unwrap();
        assert_eq!(id(one.path()).unwrap(), first);
        assert_ne!(id(other.path()).unwrap(), first);
        std::fs::write(one.path().join(NAME), "").unwrap();
        assert_eq!(known(one.path()), None);
        assert_eq!(id(one.path()).unwrap(), known(one.path()).unwrap());
    }

    #[test]
    fn one_that_cant_be_read_is_not_made_anew() {
        let place = tempfile::tempdir().unwrap();
        std::fs::create_dir(place.path().join(NAME)).unwrap();
        assert!(id(place.path()).is_err());
        assert!(place.path().join(NAME).is_dir());
    }
}
