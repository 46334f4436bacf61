//! The modes of what is made under the Git directory: those that Git itself gives there and then.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::place::{Place, mode};

/// Sets a file's permissions.
pub fn set_mode(file: &Path, bits: u32) {
    fs::set_permissions(file, fs::Permissions::from_mode(bits)).unwrap();
}

/// What Git makes now, and what we made.
pub fn are_those_that_git_gives(place: &Place) {
    let expected = Expected::of(place);
    let objects = place.git_path("objects");
    for folder in loose_folders(&objects) {
        assert_eq!(shown(&folder), format!("{:o}", expected.folder), "{}", folder.display());
        for object in paths_in(&folder) {
            assert_eq!(shown(&object), format!("{:o}", expected.object), "{}", object.display());
        }
    }
    let exclude = place.git_path("info/exclude");
    assert_eq!(shown(&exclude), format!("{:o}", expected.file), "{}", exclude.display());
    for name in ["post-index-change", "pre-commit", "post-commit", "post-checkout"] {
        let hook = place.git_path("hooks").join(name);
        assert_eq!(shown(&hook), format!("{:o}", expected.program), "{}", hook.display());
    }
    let (folder, file) = expected.own;
    let mut waiting = vec![place.git_path("bak"), place.git_path("objects").with_file_name("bak")];
    while let Some(path) = waiting.pop() {
        let expected = if path.is_dir() { folder } else { file };
        let in_folders_of_git = |name| {
            path.starts_with(place.bak_dir().join(name)) && path.parent() != Some(&place.bak_dir())
        };
        if ["new", "vault.git"].into_iter().any(in_folders_of_git) {
            // Git's own files, and those that it makes there: what lies above keeps others out.
            let shared = expected & 0o044 | (mode(&path) & 0o100) >> 2 & expected & 0o044;
            assert_eq!(mode(&path) & shared, shared, "{}", path.display());
        } else {
            assert_eq!(shown(&path), format!("{expected:o}"), "{}", path.display());
        }
        if path.is_dir() {
            waiting.extend(paths_in(&path));
        }
    }
}

/// The modes that Git gives to what it makes, found out by having it make something.
struct Expected {
    folder: u32,
    file: u32,
    object: u32,
    program: u32,
    /// Of our own folder, and the files in it: closed to others unless the repository is shared.
    own: (u32, u32),
}

impl Expected {
    fn of(place: &Place) -> Self {
        // A new one: objects in a folder that Git finds are no proof of what it would make.
        let text = (0..).map(|number| format!("probe {number}")).find(|text| {
            let id = place.blob_id(text.as_bytes());
            !place.git_path("objects").join(&id[..2]).exists()
        });
        let probe = place.scratch.root().join("to-hash");
        fs::write(&probe, text.unwrap()).unwrap();
        let id = place.git(["hash-object", "-w", probe.to_str().unwrap()]).stdout;
        let folder = place.git_path("objects").join(&id[..2]);
        // A file that Git rewrites, with the settings for shared repositories.
        place.git(["pack-refs"]);
        place.git(["update-server-info"]);
        let file = mode(&place.git_path("info/refs"));
        let (is_shared, bits) =
            match place.try_git(["config", "core.sharedRepository"]).stdout.trim_end() {
                "" | "0" => (false, 0),
                "1" | "yes" => (true, 0o060),
                "2" => (true, 0o064),
                octal => (true, u32::from_str_radix(octal, 8).unwrap() & 0o066),
            };
        let to_enter = (bits & 0o044) >> 2;
        let handed_on = if is_shared { 0o2000 } else { 0 };
        let own = (0o700 | bits | to_enter | handed_on, 0o600 | bits);
        let program = file | (file & 0o444) >> 2;
        Self {
            folder: mode(&folder),
            file,
            object: mode(&folder.join(&id.trim_end()[2..])),
            program,
            own,
        }
    }
}

fn shown(path: &Path) -> String {
    format!("{:o}", mode(path))
}

fn paths_in(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn loose_folders(objects: &Path) -> Vec<PathBuf> {
    let is_loose = |path: &PathBuf| path.file_name().is_some_and(|name| name.len() == 2);
    paths_in(objects).into_iter().filter(is_loose).collect()
}
