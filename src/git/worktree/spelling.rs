//! A path that the user typed, as the working tree spells it.
//!
//! On Windows one folder has many names: in capitals, short (`PROGRA~1`), with `\\?\` before it, through a drive
//! that stands for another. Git knows it by one, and a backup has that one, too.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// Whether `A.TXT` names the file `a.txt`.
const IGNORES_CASE: bool = cfg!(any(windows, target_os = "macos"));

/// The absolute path relative to `top`, as the disk spells it; `None` for what is outside. Its last name is not
/// followed if it is a link. What is gone is spelled as it was typed.
pub fn below(top: &Path, path: &Path) -> Option<PathBuf> {
    let straight = path.strip_prefix(top).map(Path::to_owned);
    // The place may have been named through a link, or otherwise: its folder's real name then tells.
    let below = straight.or_else(|_| {
        let top = fs::canonicalize(top).unwrap_or_else(|_| top.to_owned());
        real(path).strip_prefix(top).map(Path::to_owned)
    });
    let below = below.ok()?;
    Some(if IGNORES_CASE { spelled(top, &below) } else { below })
}

/// The same for a folder that one is in: an absolute path that begins as `top` does.
pub fn place(top: &Path, folder: PathBuf) -> PathBuf {
    match below(top, &folder) {
        Some(below) if below.as_os_str().is_empty() => top.to_owned(),
        Some(below) => top.join(below),
        None => folder,
    }
}

/// The path with the longest part of it that exists given its real name.
fn real(path: &Path) -> PathBuf {
    // A folder that one is in is whole; a file's own name is its last.
    if path.is_dir()
        && !path.is_symlink()
        && let Ok(real) = path.canonicalize()
    {
        return real;
    }
    for ancestor in path.ancestors().skip(1) {
        if let (Ok(real), Ok(rest)) = (ancestor.canonicalize(), path.strip_prefix(ancestor)) {
            return real.join(rest);
        }
    }
    path.to_owned()
}

/// Each name as its folder has it, or as it is where its folder has no such name.
fn spelled(top: &Path, below: &Path) -> PathBuf {
    let mut found = PathBuf::new();
    for name in below {
        let known = name_in(&top.join(&found), &name.to_string_lossy());
        found.push(known.unwrap_or_else(|| name.to_owned()));
    }
    found
}

/// The name in a folder that is this one but for its case: the very same, if there is one.
fn name_in(folder: &Path, name: &str) -> Option<OsString> {
    let lower = name.to_lowercase();
    let names = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.file_name()));
    let same = names.filter(|other| other.to_string_lossy().to_lowercase() == lower);
    // `false` is before `true`.
    same.min_by_key(|other| other != name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelled_as_on_the_disk() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path();
        fs::create_dir_all(top.join("Src/Ärger")).unwrap();
        fs::write(top.join("Src/Ärger/a.txt"), "").unwrap();
        let as_typed = |typed: &str| spelled(top, Path::new(typed));
        assert_eq!(as_typed("src/ärger/A.TXT"), Path::new("Src/Ärger/a.txt"));
        assert_eq!(as_typed("SRC/gone/A.txt"), Path::new("Src/gone/A.txt"));
        assert_eq!(as_typed(""), Path::new(""));
    }

    #[test]
    fn what_is_outside_is_nowhere_below() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().join("top");
        fs::create_dir(&top).unwrap();
        assert_eq!(below(&top, &dir.path().join("a.txt")), None);
        assert_eq!(place(&top, dir.path().to_owned()), dir.path());
        assert_eq!(place(&top, top.clone()), top);
    }

    #[cfg(windows)]
    #[test]
    fn a_folder_is_known_by_each_of_its_names() {
        let dir = tempfile::tempdir().unwrap();
        let top = dir.path().join("Top");
        fs::create_dir_all(top.join("src")).unwrap();
        fs::write(top.join("src/a.txt"), "").unwrap();
        let capitals = PathBuf::from(top.to_string_lossy().to_uppercase());
        let marked = fs::canonicalize(&top).unwrap();
        for other in [capitals, marked, top.clone()] {
            for (typed, file) in
                [(r"SRC\A.txt", "src/a.txt"), ("src/a.txt", "src/a.txt"), (r"src\gone", "src/gone")]
            {
                let found = below(&top, &other.join(typed));
                assert_eq!(found.as_deref(), Some(Path::new(file)), "{}", other.display());
            }
            assert_eq!(place(&top, other.join("SRC")), top.join("src"));
        }
    }
}
