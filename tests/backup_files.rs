//! Backup files: their names, their modes, what is found in their way, and what is never touched.

use std::fs;
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::scratch::{BAK, Ran, Scratch};

/// A repository whose own pre-commit hook says no: what is backed up stays.
pub fn refusing() -> Scratch {
    let scratch = Scratch::new();
    scratch.hook("pre-commit", "exit 1");
    scratch
}

/// The same without post-index-change: it is pre-commit that makes every backup.
pub fn refusing_without_staging() -> Scratch {
    let scratch = Scratch::without_staging();
    scratch.hook("pre-commit", "exit 1");
    scratch
}

/// A commit that its pre-commit hook refuses.
pub fn refused_commit(scratch: &Scratch) -> Ran {
    let ran = scratch.try_git(["commit", "-qm", "refused"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    ran
}

/// Stages `text` as `path` and has the commit refused.
pub fn stage_and_fail(scratch: &Scratch, path: &str, text: impl AsRef<[u8]>) -> Ran {
    scratch.write(path, text);
    scratch.git(["add", "-A", "--", path]);
    refused_commit(scratch)
}

/// What the next command's time is called in a backup's name.
pub fn stamp_of_now(scratch: &Scratch) -> String {
    scratch.now()[..19].replace(['-', ':'], "").replace('T', "_")
}

/// The second in a backup's name.
pub fn stamp(name: &str) -> &str {
    let at = name.rfind(".bak.").unwrap_or_else(|| panic!("{name} is no backup")) + 5;
    &name[at..at + 15]
}

/// The blob id of some bytes as they are.
pub fn blob_id(scratch: &Scratch, bytes: &[u8]) -> String {
    let file = scratch.root().join("to-hash");
    fs::write(&file, bytes).unwrap();
    let ran = scratch.git(["hash-object", "--no-filters", file.to_str().unwrap()]);
    ran.stdout.trim().to_owned()
}

/// The only entry of `names`.
pub fn only(names: &[String]) -> &str {
    assert_eq!(names.len(), 1, "{names:?}");
    &names[0]
}

#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_name_has_the_second_of_the_commit_and_the_blob_id_of_the_backups_own_bytes() {
    let s = refusing_without_staging();
    s.write("a.txt", "two\n");
    s.git(["add", "a.txt"]);
    let second = stamp_of_now(&s);
    refused_commit(&s);
    let id = blob_id(&s, b"two\n");
    assert_eq!(s.backups("a.txt"), [format!("a.txt.bak.{second}.{}", &id[..8])]);
    let name = s.backups("a.txt").remove(0);
    assert_eq!(s.git(["hash-object", "--no-filters", &name]).stdout.trim(), id);
}

#[test]
fn names_are_in_local_time() {
    let s = refusing_without_staging();
    s.write("a.txt", "two\n");
    s.git(["add", "a.txt"]);
    let mut command = s.command("git");
    command.env("GIT_BAK_NOW", "2025-11-07T00:30:05+02:00").args(["commit", "-qm", "x"]);
    assert_eq!(command.output().unwrap().status.code(), Some(1));
    assert_eq!(stamp(only(&s.backups("a.txt"))), "20251107_003005");
}

#[test]
fn staged_and_edited_again_is_two_backups_of_one_second() {
    let s = refusing_without_staging();
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    s.write("a.txt", "edited\n");
    refused_commit(&s);
    let names = s.backups("a.txt");
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(stamp(&names[0]), stamp(&names[1]));
    let mut texts = s.backup_texts("a.txt");
    texts.sort();
    assert_eq!(texts, ["edited\n", "staged\n"]);
}

#[test]
fn all_files_of_a_snapshot_share_one_second_and_lie_beside_their_originals() {
    let s = refusing();
    for path in ["b.txt", "deep/er/c.txt", ".hidden", "a.txt"] {
        s.write(path, format!("new in {path}\n"));
    }
    s.git(["add", "."]);
    refused_commit(&s);
    let all = s.all_backups();
    assert_eq!(all.len(), 4, "{all:?}");
    assert!(all.iter().all(|name| stamp(name) == stamp(&all[0])), "{all:?}");
    assert_eq!(s.backup_texts("deep/er/c.txt"), ["new in deep/er/c.txt\n"]);
    assert_eq!(s.backup_texts(".hidden"), ["new in .hidden\n"]);
}

#[test]
fn a_file_gone_from_the_working_tree_has_its_staged_version_backed_up() {
    let s = refusing();
    s.write("a.txt", "staged, then removed\n");
    s.git(["add", "a.txt"]);
    fs::remove_file(s.top().join("a.txt")).unwrap();
    refused_commit(&s);
    assert_eq!(s.backup_texts("a.txt"), ["staged, then removed\n"]);
}

#[cfg(unix)]
#[test]
fn a_backup_has_the_modes_of_its_original() {
    let s = refusing();
    let modes = [("secret", 0o600), ("script", 0o755), ("team", 0o640), ("odd", 0o701)];
    for (path, bits) in modes {
        s.write(path, format!("{path}\n"));
        set_mode(&s.top().join(path), bits);
    }
    s.git(["add", "."]);
    // The mode of the original counts for the staged version, too.
    s.write("team", "edited\n");
    set_mode(&s.top().join("team"), 0o640);
    refused_commit(&s);
    for (path, bits) in modes {
        let backups = s.backups(path);
        assert_eq!(backups.len(), if path == "team" { 2 } else { 1 }, "{backups:?}");
        for name in backups {
            assert_eq!(mode(&s.top().join(&name)), bits, "{name}");
        }
    }
}

#[cfg(unix)]
#[test]
fn an_executable_that_is_gone_has_an_executable_backup() {
    let s = refusing();
    s.write("run.sh", "#!/bin/sh\n");
    set_mode(&s.top().join("run.sh"), 0o755);
    s.git(["add", "run.sh"]);
    fs::remove_file(s.top().join("run.sh")).unwrap();
    refused_commit(&s);
    assert_eq!(mode(&s.top().join(only(&s.backups("run.sh")))) & 0o100, 0o100);
}

#[test]
fn an_empty_file_is_backed_up() {
    let s = refusing();
    stage_and_fail(&s, "a.txt", "");
    assert_eq!(s.backup_texts("a.txt"), [""]);
    assert!(only(&s.backups("a.txt")).ends_with(".e69de29b"));
}

#[test]
fn ten_mebibytes_are_backed_up_whole() {
    let s = refusing();
    let bytes: Vec<u8> =
        (0..10_u32 << 20).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    s.write("big.bin", &bytes);
    s.git(["add", "big.bin"]);
    s.write("big.bin", &bytes[1..]);
    refused_commit(&s);
    let names = s.backups("big.bin");
    let mut sizes = Vec::new();
    for name in &names {
        let read = fs::read(s.top().join(name)).unwrap();
        assert!(read == bytes || read == bytes[1..], "{name} has other bytes");
        assert_eq!(name[name.len() - 8..], blob_id(&s, &read)[..8]);
        sizes.push(read.len());
    }
    sizes.sort_unstable();
    assert_eq!(sizes, [bytes.len() - 1, bytes.len()]);
    // The same again: no new files.
    refused_commit(&s);
    assert_eq!(s.backups("big.bin"), names);
}

#[test]
fn the_same_bytes_make_no_second_file() {
    let s = refusing();
    stage_and_fail(&s, "a.txt", "two\n");
    let first = s.backups("a.txt");
    refused_commit(&s);
    assert_eq!(s.backups("a.txt"), first);
}

#[test]
fn however_often_a_commit_is_tried_there_are_no_new_files() {
    let s = refusing();
    stage_and_fail(&s, "a.txt", "earlier\n");
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    s.write("a.txt", "edited\n");
    for _ in 0..4 {
        refused_commit(&s);
        assert_eq!(s.backup_texts("a.txt"), ["earlier\n", "staged\n", "edited\n"]);
        // Something else that is staged makes a snapshot of its own.
        s.write("b.txt", s.now());
        s.git(["add", "b.txt"]);
    }
}

#[test]
fn either_version_of_the_newest_snapshot_counts_as_the_same() {
    let s = refusing();
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    s.write("a.txt", "edited\n");
    refused_commit(&s);
    let both = s.backups("a.txt");
    // What was the working tree's version is the staged one now.
    s.git(["add", "a.txt"]);
    refused_commit(&s);
    assert_eq!(s.backups("a.txt"), both);
    // Only the newest snapshot counts: after a third version the first is news again.
    stage_and_fail(&s, "a.txt", "third\n");
    stage_and_fail(&s, "a.txt", "staged\n");
    assert_eq!(s.backup_texts("a.txt").last().unwrap(), "staged\n");
    assert!(s.backups("a.txt").len() > both.len());
}

#[test]
fn what_the_guard_has_kept_is_no_reason_to_leave_out_a_backup_beside() {
    let s = Scratch::new();
    for text in ["staged\n", "third\n", "staged\n"] {
        s.write("a.txt", text);
        // By a process that isn't known, so that all that could be lost is kept.
        let status = s.command(BAK).args(["guard", "2", "token"]).status().unwrap();
        assert_eq!(status.code(), Some(10));
        s.git(["add", "a.txt"]);
        s.advance(60);
    }
    assert_eq!(s.backup_texts("a.txt"), ["staged\n", "third\n", "staged\n"]);
}

#[test]
fn a_planted_file_folder_or_link_moves_the_whole_snapshot_to_the_next_free_second() {
    type Plant = fn(&Path);
    let plants: [(&str, Plant); 2] = [
        ("file", |place| fs::write(place, "planted\n").unwrap()),
        ("folder", |place| fs::create_dir(place).unwrap()),
    ];
    #[cfg(unix)]
    let link: (&str, Plant) =
        ("link", |place| std::os::unix::fs::symlink("/nonexistent/target", place).unwrap());
    #[cfg(unix)]
    let plants = plants.into_iter().chain([link]);
    for (what, plant) in plants {
        let s = refusing_without_staging();
        s.write("a.txt", "two\n");
        s.write("b.txt", "bee\n");
        s.git(["add", "."]);
        let id = blob_id(&s, b"two\n");
        let second = stamp_of_now(&s);
        let planted = s.top().join(format!("a.txt.bak.{second}.{}", &id[..8]));
        plant(&planted);
        refused_commit(&s);
        let next = stamp_of_now(&s);
        assert_ne!(next, second);
        let names = s.backups("a.txt");
        assert!(names.contains(&format!("a.txt.bak.{next}.{}", &id[..8])), "{what}: {names:?}");
        assert_eq!(stamp(only(&s.backups("b.txt"))), next, "{what}");
        // What was planted is as it was.
        match what {
            "file" => assert_eq!(fs::read_to_string(&planted).unwrap(), "planted\n"),
            "folder" => assert!(planted.is_dir()),
            _ => assert!(planted.is_symlink() && !Path::new("/nonexistent").exists()),
        }
        let version = format!("a.txt.bak.{next}.{}", &id[..8]);
        fs::remove_file(s.top().join(&version)).unwrap();
        assert_eq!(s.bak(["show", &version]).stdout, "two\n", "{what}: the vault has it");
    }
}

#[test]
fn odd_names_have_backups_that_git_ignores() {
    let s = refusing();
    let names: &[&[u8]] = &[
        b"-rf",
        b"--help",
        #[cfg(unix)]
        b" leading and trailing ",
        b" leading",
        #[cfg(unix)]
        b"it's \"quoted\"",
        b"$(touch pwned)",
        #[cfg(unix)]
        b"glob*[a-z]?",
        #[cfg(unix)]
        b":(top)magic",
        b"#comment",
        b"!negated",
        b"semi;colon&",
        b"\xc3\xa4\xc3\xb6\xc3\xbc",
        b"x",
        #[cfg(unix)]
        b"new\nline",
        #[cfg(unix)]
        b"bell\x07 and\ttab",
        #[cfg(all(unix, not(target_os = "macos")))]
        b"latin-1 \xe4\xff",
        #[cfg(unix)]
        b"back\\slash",
    ];
    for name in names {
        fs::write(s.top().join(path_of(name)), name).unwrap();
    }
    s.git(["add", "-A"]);
    let ran = refused_commit(&s);
    assert!(!ran.stderr.contains('\x07'), "{ran:#?}");
    for name in names {
        let found = raw_backups(s.top(), name);
        assert_eq!(found.len(), 1, "{}", String::from_utf8_lossy(name));
        assert_eq!(fs::read(&found[0]).unwrap(), *name);
    }
    let untracked = s.git(["status", "--porcelain", "-uall"]).stdout;
    assert!(!untracked.contains("?? "), "{untracked}");
    // They go when the commit succeeds, and nothing else does.
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qm", "odd"]);
    for name in names {
        assert!(raw_backups(s.top(), name).is_empty(), "{}", String::from_utf8_lossy(name));
        assert_eq!(fs::read(s.top().join(path_of(name))).unwrap(), *name);
    }
    assert!(!s.exists("pwned"));
}

#[cfg(unix)]
fn path_of(name: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(name).into()
}

#[cfg(not(unix))]
fn path_of(name: &[u8]) -> PathBuf {
    String::from_utf8(name.to_vec()).unwrap().into()
}

fn raw_backups(folder: &Path, name: &[u8]) -> Vec<PathBuf> {
    let start = [name, b".bak."].concat();
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    all.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(&start))
        .map(|entry| entry.path())
        .collect()
}

#[test]
fn names_without_room_for_a_backups_name_are_in_the_vault_alone() {
    let s = refusing();
    // 29 bytes are added: 226 fit in 255, 227 don't.
    let (fits, long, longer) = ("f".repeat(226), "l".repeat(227), "m".repeat(250));
    for name in [&fits, &long, &longer] {
        s.write(name, format!("{name}\n"));
    }
    s.git(["add", "."]);
    let ran = refused_commit(&s);
    assert_eq!(s.all_backups().len(), 1, "{:?}", s.all_backups());
    assert_eq!(s.backups(&fits).len(), 1);
    assert!(ran.stderr.contains("vault only") && ran.stderr.contains("too long"), "{ran:#?}");
    for name in [&long, &longer] {
        assert!(s.vault_has(name, &format!("{name}\n")), "{name}");
        s.write(name, "damaged\n");
        s.bak(["restore", "--yes", "--", name]);
        assert_eq!(s.read(name), format!("{name}\n"));
    }
}

#[test]
fn a_file_that_keeps_changing_while_it_is_read_is_named_as_not_protected() {
    let s = Scratch::new();
    s.write("big.bin", vec![7_u8; 24 << 20]);
    s.git(["-c", "core.bigFileThreshold=1m", "add", "big.bin"]);
    s.git(["commit", "-qm", "big"]);
    s.write("a.txt", "two\n");
    s.git(["add", "a.txt"]);
    s.hook("pre-commit", "exit 1");
    let mut file = fs::OpenOptions::new().write(true).open(s.top().join("big.bin")).unwrap();
    file.write_all(b"edited").unwrap();
    let done = AtomicBool::new(false);
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut byte = 0_u8;
            while !done.load(Ordering::Relaxed) {
                byte = byte.wrapping_add(1);
                file.rewind().unwrap();
                file.write_all(&[byte]).unwrap();
                std::thread::yield_now();
            }
        });
        let ran = s.try_git(["commit", "-qm", "refused"]);
        done.store(true, Ordering::Relaxed);
        ran
    });
    let line = ran.stderr.lines().find(|line| line.contains("big.bin"));
    assert!(line.is_some_and(|line| line.contains("not protected")), "{ran:#?}");
    assert!(s.backups("big.bin").is_empty(), "{:?}", s.backups("big.bin"));
    // The others are.
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
}

/// Stages `a.txt` on a file system that has neither links nor a rename that never replaces, as far as `strace`
/// can make it one.
#[cfg(target_os = "linux")]
fn stage_without_links(s: &Scratch, more: &[&str]) {
    let mut strace = s.command("strace");
    strace.args(["-f", "-o", "/dev/null", "-e", "inject=renameat2:error=EINVAL"]);
    strace.args(["-e", "inject=linkat:error=EPERM"]).args(more).args(["git", "add", "a.txt"]);
    assert!(strace.output().unwrap().status.success());
}

#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs strace"]
fn without_links_a_name_is_claimed_first_and_whoever_dies_then_leaves_no_backup() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    stage_without_links(&s, &[]);
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
    s.write("a.txt", "three\n");
    s.advance(10);
    stage_without_links(&s, &["-e", "inject=renameat:signal=KILL:when=1"]);
    assert!(s.backup_texts("a.txt").contains(&String::new()), "{:?}", s.backup_texts("a.txt"));
    // The claimed name says other bytes: they come from the vault, and the next commit cleans up.
    s.advance(10);
    s.write("a.txt", "four\n");
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "three\n");
    s.git(["commit", "-qam", "second"]);
    assert!(s.all_backups().is_empty(), "{:?}", s.all_backups());
}
