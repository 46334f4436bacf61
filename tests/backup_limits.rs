//! What is backed up and where: scopes, limits, exclusions, the ignore block, the place for backups.

use std::fs;
#[cfg(unix)]
use std::path::Path;

use crate::backup_files::{blob_id, only, refused_commit, refusing, stage_and_fail};
use crate::scratch::{Ran, Scratch};

/// The one line that says that something is in the vault only.
fn vault_alone(ran: &Ran) -> &str {
    let lines: Vec<&str> = ran.stderr.lines().filter(|l| l.contains("vault only")).collect();
    assert_eq!(lines.len(), 1, "{ran:#?}");
    lines[0]
}

/// Staged: `staged.txt`; tracked with unstaged edits: `edited.txt`; untracked: `new.txt`; ignored: `junk.o`.
fn all_kinds(scope: Option<&str>) -> Scratch {
    let s = Scratch::new();
    s.write("edited.txt", "committed\n");
    s.write(".gitignore", "*.o\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "second"]);
    s.hook("pre-commit", "exit 1");
    if let Some(scope) = scope {
        s.git(["config", "bak.scope", scope]);
    }
    s.write("staged.txt", "staged\n");
    s.git(["add", "staged.txt"]);
    for path in ["edited.txt", "new.txt", "sub/new.txt", "junk.o"] {
        s.write(path, "edited\n");
    }
    refused_commit(&s);
    s
}

/// Which of the files of `all_kinds` have a backup.
fn backed_up(s: &Scratch) -> Vec<&'static str> {
    let all = ["staged.txt", "edited.txt", "new.txt", "sub/new.txt", "junk.o"];
    all.into_iter().filter(|path| !s.backups(path).is_empty()).collect()
}

#[test]
fn the_default_scope_takes_staged_files_and_unstaged_edits() {
    assert_eq!(backed_up(&all_kinds(None)), ["staged.txt", "edited.txt"]);
    assert_eq!(backed_up(&all_kinds(Some("tracked"))), ["staged.txt", "edited.txt"]);
}

#[test]
fn the_scope_staged_takes_staged_files_alone() {
    assert_eq!(backed_up(&all_kinds(Some("staged"))), ["staged.txt"]);
}

#[test]
fn the_scope_all_takes_untracked_files_too_but_no_ignored_ones() {
    let expected = ["staged.txt", "edited.txt", "new.txt", "sub/new.txt"];
    assert_eq!(backed_up(&all_kinds(Some("all"))), expected);
}

#[test]
fn the_scope_staged_takes_both_versions_of_a_staged_file() {
    let s = refusing();
    s.git(["config", "bak.scope", "staged"]);
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    s.write("a.txt", "edited\n");
    refused_commit(&s);
    assert_eq!(s.backups("a.txt").len(), 2);
}

#[test]
fn a_staged_file_over_the_limit_is_in_the_vault_alone() {
    let s = refusing();
    s.git(["config", "bak.maxFileSize", "1k"]);
    let big = "b".repeat(1025);
    s.write("big.txt", &big);
    s.write("small.txt", "s".repeat(1024));
    s.git(["add", "."]);
    let ran = refused_commit(&s);
    assert!(s.backups("big.txt").is_empty());
    assert_eq!(s.backups("small.txt").len(), 1);
    assert!(vault_alone(&ran).contains("big.txt"), "{ran:#?}");
    assert!(vault_alone(&ran).contains("bak.maxFileSize"), "{ran:#?}");
    assert!(s.vault_has("big.txt", &big));
}

#[test]
fn a_staged_version_over_the_limit_is_in_the_vault_alone_though_the_file_is_small_now() {
    let s = refusing();
    s.git(["config", "bak.maxFileSize", "1k"]);
    let big = "b".repeat(1025);
    s.write("big.txt", &big);
    s.git(["add", "."]);
    s.write("big.txt", "small\n");
    let ran = refused_commit(&s);
    assert_eq!(s.backup_texts("big.txt"), ["small\n"]);
    assert!(vault_alone(&ran).contains("bak.maxFileSize"), "{ran:#?}");
    assert!(s.vault_has("big.txt", &big));
}

#[test]
fn an_edited_file_over_the_limit_is_named_as_not_protected_and_nothing_is_blocked() {
    let s = Scratch::new();
    s.git(["config", "bak.maxFileSize", "1k"]);
    s.write("b.txt", "bee\n");
    s.git(["add", "b.txt"]);
    s.write("a.txt", "e".repeat(2000));
    let ran = s.git(["commit", "-qm", "goes through"]);
    let line = ran.stderr.lines().find(|line| line.contains("a.txt"));
    let line = line.unwrap_or_else(|| panic!("{ran:#?}"));
    assert!(line.contains("not protected") && line.contains("bak.maxFileSize"), "{ran:#?}");
    assert!(s.vault_has("b.txt", "bee\n"));
}

#[test]
fn a_limit_of_zero_is_none() {
    let s = refusing();
    s.git(["config", "bak.maxFileSize", "0"]);
    s.git(["config", "bak.maxFiles", "0"]);
    stage_and_fail(&s, "big.txt", "b".repeat(40_000));
    assert_eq!(s.backups("big.txt").len(), 1);
}

#[test]
fn more_files_than_the_limit_are_in_the_vault_alone_with_one_line() {
    let s = refusing();
    s.git(["config", "bak.maxFiles", "2"]);
    for path in ["1.txt", "2.txt", "3.txt"] {
        s.write(path, path);
    }
    s.git(["add", "."]);
    let ran = refused_commit(&s);
    assert!(s.all_backups().is_empty(), "{:?}", s.all_backups());
    let line = vault_alone(&ran);
    assert!(line.contains("bak.maxFiles") && line.contains("3 files"), "{ran:#?}");
    for path in ["1.txt", "2.txt", "3.txt"] {
        assert!(s.vault_has(path, path), "{path}");
    }
}

#[test]
fn the_limit_counts_files_and_not_their_versions() {
    let s = refusing();
    s.git(["config", "bak.maxFiles", "2"]);
    for path in ["1.txt", "2.txt"] {
        s.write(path, "staged\n");
    }
    s.git(["add", "."]);
    for path in ["1.txt", "2.txt"] {
        s.write(path, "edited\n");
    }
    refused_commit(&s);
    assert_eq!(s.all_backups().len(), 4, "{:?}", s.all_backups());
}

#[test]
fn excluded_files_are_never_backed_up() {
    let cases: &[(&[&str], &[&str])] = &[
        (&["*.log"], &["keep.txt", "UP.LOG", "dir/keep.txt", "dir/glob.md"]),
        (&["dir"], &["keep.txt", "x.log", "UP.LOG"]),
        (&["dir/"], &["keep.txt", "x.log", "UP.LOG"]),
        (&[":(icase)*.log"], &["keep.txt", "dir/keep.txt", "dir/glob.md"]),
        (&[":(top)x.log"], &["keep.txt", "UP.LOG", "dir/keep.txt", "dir/x.log", "dir/glob.md"]),
        (&[":/x.log"], &["keep.txt", "UP.LOG", "dir/keep.txt", "dir/x.log", "dir/glob.md"]),
        (&[":(glob)*.log"], &["keep.txt", "UP.LOG", "dir/keep.txt", "dir/x.log", "dir/glob.md"]),
        (&[":(glob)**/*.log"], &["keep.txt", "UP.LOG", "dir/keep.txt", "dir/glob.md"]),
        (
            &[":(literal)*.log"],
            &["keep.txt", "x.log", "UP.LOG", "dir/keep.txt", "dir/x.log", "dir/glob.md"],
        ),
        (&["*.log", "*.LOG", "*.md"], &["keep.txt", "dir/keep.txt"]),
        (&["*.log", "", "*.md"], &["keep.txt", "x.log", "UP.LOG", "dir/keep.txt", "dir/x.log"]),
        (&[":/"], &[]),
    ];
    let all = ["keep.txt", "x.log", "UP.LOG", "dir/keep.txt", "dir/x.log", "dir/glob.md"];
    for (exclude, expected) in cases {
        let s = refusing();
        for spec in *exclude {
            s.git(["config", "--add", "bak.exclude", spec]);
        }
        for path in all {
            s.write(path, format!("{path}\n"));
        }
        s.git(["add", "."]);
        refused_commit(&s);
        let found: Vec<&str> = all.into_iter().filter(|p| !s.backups(p).is_empty()).collect();
        assert_eq!(found, *expected, "{exclude:?}");
        let kept = all.into_iter().filter(|p| s.vault_has(p, &format!("{p}\n")));
        assert_eq!(kept.collect::<Vec<_>>(), *expected, "{exclude:?}");
    }
}

#[test]
fn a_pathspec_that_git_cant_read_is_named_and_leaves_nothing_unprotected() {
    let s = refusing();
    s.git(["config", "bak.exclude", ":(nonsense)x"]);
    let ran = stage_and_fail(&s, "b.txt", "bee\n");
    assert!(ran.stderr.contains("nonsense"), "{ran:#?}");
    assert_eq!(s.backup_texts("b.txt"), ["bee\n"], "{ran:#?}");
}

#[test]
fn the_ignore_block_stands_before_the_first_backup_and_is_written_once() {
    let s = Scratch::empty();
    s.hook("pre-commit", &format!("\"{}\" hook pre-commit \"$@\"", crate::scratch::BAK));
    let exclude = s.top().join(".git/info/exclude");
    fs::remove_dir_all(s.top().join(".git/info")).unwrap();
    s.write("a.txt", "one\n");
    s.git(["add", "a.txt"]);
    s.git(["commit", "-qm", "first"]);
    let once = fs::read_to_string(&exclude).unwrap();
    assert_eq!(once.matches(">>> git-bak").count(), 1, "{once}");
    let name = s.backups("a.txt").remove(0);
    assert_eq!(
        s.git(["check-ignore", "-v", &name]).stdout.split(':').next(),
        Some(".git/info/exclude")
    );
    assert!(s.git(["status", "--porcelain"]).stdout.is_empty());
    s.git(["add", "-A"]);
    assert!(s.git(["diff", "--cached", "--name-only"]).stdout.is_empty());
    // What else is in the file stays, and so does the block if it is there.
    fs::write(&exclude, format!("*.mine\n{once}*.more\n")).unwrap();
    let before = fs::read_to_string(&exclude).unwrap();
    s.write("a.txt", "two\n");
    s.git(["commit", "-qam", "second"]);
    assert_eq!(fs::read_to_string(&exclude).unwrap(), before);
    // Taken out, it comes back with the next backup.
    fs::write(&exclude, "*.mine").unwrap();
    s.write("a.txt", "three\n");
    s.git(["commit", "-qam", "third"]);
    let after = fs::read_to_string(&exclude).unwrap();
    assert!(after.starts_with("*.mine\n") && after.contains(">>> git-bak"), "{after}");
}

#[test]
fn temporary_names_are_ignored_too() {
    let s = refusing();
    s.write("a.txt.bak.00000000_000000.00000abc", "half");
    s.git(["add", "-A"]);
    assert!(s.git(["diff", "--cached", "--name-only"]).stdout.is_empty());
}

#[test]
fn an_exclude_file_that_cant_be_written_puts_backups_into_the_vault_alone_and_says_so() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.write("b.txt", "bee\n");
    // A folder in the file's place would stop Git itself.
    fs::remove_dir_all(s.top().join(".git/info")).unwrap();
    s.write(".git/info", "in the way");
    s.git(["add", "."]);
    let ran = s.git(["commit", "-qm", "goes through"]);
    assert!(vault_alone(&ran).contains("would not be ignored"), "{ran:#?}");
    assert!(s.all_backups().is_empty());
    assert!(s.vault_has("a.txt", "two\n") && s.vault_has("b.txt", "bee\n"));
}

#[test]
fn a_linked_exclude_file_is_written_through_and_stays_a_link() {
    #[cfg(unix)]
    {
        let s = Scratch::new();
        let exclude = s.top().join(".git/info/exclude");
        let elsewhere = s.root().join("my-excludes");
        fs::write(&elsewhere, "*.mine\n").unwrap();
        fs::remove_file(&exclude).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &exclude).unwrap();
        s.hook("pre-commit", "exit 1");
        stage_and_fail(&s, "a.txt", "two\n");
        assert!(exclude.is_symlink());
        let text = fs::read_to_string(&elsewhere).unwrap();
        assert!(text.starts_with("*.mine\n") && text.contains(">>> git-bak"), "{text}");
    }
}

#[test]
fn a_file_whose_folder_is_gone_is_in_the_vault_alone() {
    let s = refusing();
    s.write("dir/f.txt", "staged\n");
    s.git(["add", "."]);
    fs::remove_dir_all(s.top().join("dir")).unwrap();
    let ran = refused_commit(&s);
    assert!(vault_alone(&ran).contains("dir/f.txt"), "{ran:#?}");
    assert!(!s.exists("dir"));
    assert!(s.vault_has("dir/f.txt", "staged\n"));
}

#[test]
fn a_file_whose_folder_is_a_file_now_is_in_the_vault_alone() {
    let s = refusing();
    s.write("dir/f.txt", "staged\n");
    s.git(["add", "."]);
    fs::remove_dir_all(s.top().join("dir")).unwrap();
    s.write("dir", "a file\n");
    let ran = refused_commit(&s);
    assert!(vault_alone(&ran).contains("dir/f.txt"), "{ran:#?}");
    assert_eq!(s.read("dir"), "a file\n");
    assert!(s.vault_has("dir/f.txt", "staged\n"));
}

/// Makes a folder read-only; whether that keeps this user from writing to it (it doesn't keep root).
#[cfg(unix)]
fn makes_read_only(folder: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o555)).unwrap();
    let probe = folder.join("probe");
    let kept_out = fs::write(&probe, "").is_err();
    let _ = fs::remove_file(probe);
    kept_out
}

#[cfg(unix)]
#[test]
fn a_file_in_a_folder_that_cant_be_written_is_in_the_vault_alone() {
    use std::os::unix::fs::PermissionsExt;
    let s = refusing();
    s.write("dir/f.txt", "staged\n");
    let dir = s.top().join("dir");
    if !makes_read_only(&dir) {
        // No permission stops root: a file where the backups' folder would be does.
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
        s.git(["config", "bak.location", "gitdir"]);
        s.write(".git/bak/files/dir", "in the way");
    }
    s.git(["add", "."]);
    assert!(s.vault_has("dir/f.txt", "staged\n"), "at staging already");
    let ran = refused_commit(&s);
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(vault_alone(&ran).contains("dir/f.txt"), "{ran:#?}");
    assert!(s.vault_has("dir/f.txt", "staged\n"));
    assert!(s.backups("dir/f.txt").is_empty());
}

#[cfg(unix)]
#[test]
fn an_edited_file_that_cant_be_read_is_named_and_the_others_are_backed_up() {
    use std::os::unix::fs::PermissionsExt;
    let s = Scratch::new();
    s.write("b.txt", "bee\n");
    s.git(["add", "b.txt"]);
    s.write("a.txt", "edited\n");
    let unreadable = s.top().join("a.txt");
    fs::set_permissions(&unreadable, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&unreadable).is_ok() {
        // Nothing is unreadable for root but what is too much.
        s.git(["config", "bak.maxFileSize", "5"]);
    }
    let ran = s.git(["commit", "-qm", "goes through"]);
    fs::set_permissions(&unreadable, fs::Permissions::from_mode(0o644)).unwrap();
    let line = ran.stderr.lines().find(|line| line.contains("a.txt"));
    assert!(line.is_some_and(|line| line.contains("not protected")), "{ran:#?}");
    assert!(s.vault_has("b.txt", "bee\n"));
}

/// The backups of `path` under the Git directory.
fn in_gitdir(s: &Scratch, path: &str) -> Vec<String> {
    let all = s.backups(&format!(".git/bak/files/{path}"));
    all.into_iter().inspect(|name| assert!(name.contains(".bak."), "{name}")).collect()
}

#[test]
fn backups_under_the_git_directory_have_the_same_paths_and_names() {
    let s = refusing();
    s.git(["config", "bak.location", "gitdir"]);
    s.write("deep/er/f.txt", "staged\n");
    stage_and_fail(&s, "deep/er/f.txt", "staged\n");
    assert!(s.all_backups().is_empty() && s.backups("deep/er/f.txt").is_empty());
    let name = only(&in_gitdir(&s, "deep/er/f.txt")).to_owned();
    assert!(name.ends_with(&blob_id(&s, b"staged\n")[..8]), "{name}");
    let listed = s.bak(["list", "--json"]).stdout;
    assert!(listed.contains(&name), "{listed}");
    // The same again makes no second one; a third version retires the first as it would elsewhere.
    refused_commit(&s);
    assert_eq!(in_gitdir(&s, "deep/er/f.txt"), [name.as_str()]);
    s.git(["config", "bak.maxBackups", "1"]);
    stage_and_fail(&s, "deep/er/f.txt", "second\n");
    assert!(!in_gitdir(&s, "deep/er/f.txt").contains(&name));
}

#[test]
fn backups_under_the_git_directory_are_restored_and_cleaned() {
    let s = refusing();
    s.git(["config", "bak.location", "gitdir"]);
    stage_and_fail(&s, "sub/f.txt", "staged\n");
    s.write("sub/f.txt", "damaged\n");
    s.bak(["restore", "--yes", "sub/f.txt"]);
    assert_eq!(s.read("sub/f.txt"), "staged\n");
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qm", "done"]);
    assert!(in_gitdir(&s, "sub/f.txt").is_empty(), "{:?}", in_gitdir(&s, "sub/f.txt"));
    s.hook("pre-commit", "exit 1");
    stage_and_fail(&s, "sub/f.txt", "again\n");
    assert_eq!(in_gitdir(&s, "sub/f.txt").len(), 1);
    s.bak(["clean"]);
    assert!(in_gitdir(&s, "sub/f.txt").is_empty());
    assert!(s.vault_has("sub/f.txt", "again\n"));
}

#[test]
fn backups_under_the_git_directory_survive_a_file_that_becomes_a_folder() {
    let s = refusing();
    s.git(["config", "bak.location", "gitdir"]);
    stage_and_fail(&s, "thing", "a file\n");
    s.git(["rm", "-qf", "thing"]);
    stage_and_fail(&s, "thing/inside", "in a folder\n");
    assert_eq!(in_gitdir(&s, "thing").len(), 1);
    assert_eq!(in_gitdir(&s, "thing/inside").len(), 1);
}

#[test]
fn an_upgrades_id_stands_in_the_name_of_a_manual_snapshot() {
    let s = refusing();
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "--artifact", "upgrade42-and-more", "a.txt"]);
    assert!(only(&s.backups("a.txt")).ends_with(".upgrade4"));
    for refused in ["short", "ab-cd-ef-gh", "../../../../x", ""] {
        let ran = s.try_bak(["snapshot", "--artifact", refused, "a.txt"]);
        assert_eq!(ran.status, 2, "{refused}: {ran:#?}");
    }
    assert_eq!(s.backups("a.txt").len(), 1);
}

#[test]
fn two_upgrades_of_one_file_and_second_move_on_by_a_second() {
    let s = refusing();
    for text in ["two\n", "three\n"] {
        s.write("a.txt", text);
        s.bak(["snapshot", "--artifact", "upgrade42", "a.txt"]);
        s.advance(-1);
    }
    assert_eq!(s.backup_texts("a.txt"), ["two\n", "three\n"]);
}
