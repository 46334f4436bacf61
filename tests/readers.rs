//! A copy, and what is restored of it, can be read only by users who could read the original.

#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{XattrFlags, setxattr};

use crate::scratch::Scratch;

const OF_FILE: &str = "system.posix_acl_access";
const OF_FOLDER: &str = "system.posix_acl_default";

/// Gives a user an entry of their own, with these rights of the owner; false where the file system has no lists.
fn let_in(path: &Path, list: &str, owner: u16) -> bool {
    let mut bytes = 2_u32.to_le_bytes().to_vec();
    let nobody = u32::MAX;
    for (tag, rights, id) in
        [(1_u16, owner, nobody), (2, 4, 12345), (4, 0, nobody), (16, 4, nobody), (32, 0, nobody)]
    {
        bytes.extend(tag.to_le_bytes().iter().chain(&rights.to_le_bytes()));
        bytes.extend(id.to_le_bytes());
    }
    setxattr(path, list, &bytes, XattrFlags::empty()).is_ok()
}

fn has_list(path: &Path) -> bool {
    rustix::fs::getxattr(path, OF_FILE, &mut [0_u8; 64][..]).is_ok()
}

fn mode(s: &Scratch, path: &str) -> u32 {
    fs::metadata(s.top().join(path)).unwrap().permissions().mode() & 0o777
}

#[test]
fn of_a_file_with_an_access_list_a_copy_is_for_its_owner_alone() {
    let s = Scratch::new();
    for (path, owner, bits) in [("f", 6, 0o600), ("run", 7, 0o700)] {
        s.write(path, "staged\n");
        if !let_in(&s.top().join(path), OF_FILE, owner) {
            return;
        }
        s.git(["add", path]);
        s.write(path, "edited\n");
        s.bak(["snapshot", path]);
        let backups = s.backups(path);
        assert!(backups.len() >= 2, "{backups:?}");
        for backup in &backups {
            assert_eq!(mode(&s, backup), bits, "{backup}");
            assert!(!has_list(&s.top().join(backup)), "{backup}");
        }
        s.bak(["clean"]);
        fs::remove_file(s.top().join(path)).unwrap();
        s.bak(["restore", path]);
        assert_eq!((s.read(path).as_str(), mode(&s, path)), ("edited\n", bits));
        s.write(path, "overwritten\n");
        let_in(&s.top().join(path), OF_FILE, owner);
        s.bak(["restore", "--yes", path]);
        assert_eq!(mode(&s, path), bits, "over one that has a list");
    }
}

#[test]
fn a_list_that_a_folder_gives_lets_nobody_in() {
    let s = Scratch::new();
    s.write("d/f", "f\n");
    fs::set_permissions(s.top().join("d/f"), fs::Permissions::from_mode(0o640)).unwrap();
    if !let_in(&s.top().join("d"), OF_FOLDER, 7) {
        return;
    }
    s.bak(["snapshot", "d/f"]);
    let backup = s.backups("d/f").remove(0);
    assert!(!has_list(&s.top().join("d").join(&backup)));
    fs::remove_file(s.top().join("d/f")).unwrap();
    s.bak(["restore", "d/f"]);
    assert!(!has_list(&s.top().join("d/f")));
    assert_eq!(mode(&s, "d/f"), 0o640);
}

#[test]
fn what_is_restored_is_the_group_s_again_or_no_group_s() {
    let s = Scratch::new();
    s.write("f", "f\n");
    let file = s.top().join("f");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    // Only root may give to any group.
    if std::os::unix::fs::chown(&file, None, Some(23456)).is_err() {
        return;
    }
    s.bak(["snapshot", "f"]);
    s.bak(["clean"]);
    fs::remove_file(&file).unwrap();
    s.bak(["restore", "f"]);
    let restored = fs::metadata(&file).unwrap();
    assert_eq!((restored.gid(), restored.mode() & 0o777), (23456, 0o640));
    // A record of before tells no group.
    let record = s.top().join(".git/bak/record");
    for day in fs::read_dir(record).unwrap() {
        let day = day.unwrap().path();
        let text = fs::read_to_string(&day).unwrap();
        fs::write(&day, text.replace(",\"gid\":23456", "")).unwrap();
    }
    s.bak(["clean"]);
    fs::remove_file(&file).unwrap();
    s.bak(["restore", "f"]);
    assert_eq!(mode(&s, "f"), 0o600);
}
