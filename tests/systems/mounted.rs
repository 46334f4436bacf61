//! File systems that take different names for one, and lack links, modes and fine times. A test whose file
//! system can't be had here says why and proves nothing: it needs root, a loop device, the kernel's or FUSE's
//! driver, and the program that makes the file system.

use super::day::{self, refuse, stage_and_fail};
use super::mount::Mount;
use crate::scratch::Scratch;

// What a run proves depends on where it runs, so it says so.
#[allow(clippy::print_stdout)]
/// Does `test` on each such file system that can be had; says which can't.
fn on_each(test: impl Fn(&Mount)) {
    let kinds = [
        ("vfat", Mount::vfat as fn() -> Result<Mount, String>),
        ("exfat", Mount::exfat),
        ("ext4 with casefold", Mount::casefold),
        ("hfsplus", Mount::hfsplus),
    ];
    for (name, kind) in kinds {
        match kind() {
            Ok(mount) => {
                println!("on {name}");
                test(&mount);
            }
            Err(missing) => println!("{name} can't be had here: {missing}"),
        }
    }
}

#[test]
#[ignore = "needs root, and file systems that the kernel may not have"]
fn a_day_with_git_bak() {
    on_each(|mount| day::all(|| Scratch::new_in(&mount.top())));
}

#[test]
#[ignore = "needs root, and file systems that the kernel may not have"]
fn a_file_renamed_in_case_alone_keeps_its_backups_and_comes_back() {
    on_each(|mount| {
        let s = Scratch::new_in(&mount.top());
        stage_and_fail(&s, "a.txt", "two\n");
        s.git(["mv", "a.txt", "A.txt"]);
        stage_and_fail(&s, "A.txt", "three\n");
        s.write("A.txt", "lost\n");
        s.bak(["restore", "--yes", "A.txt"]);
        assert_eq!(s.read("A.txt"), "three\n");
        s.bak(["restore", "--yes", "a.txt"]);
        assert_eq!(s.read("a.txt"), "two\n");
        assert!(s.vault_has("A.txt", "three\n") && s.vault_has("a.txt", "two\n"));
        s.write("A.txt", "three\n");
        refuse(&s, false);
        s.git(["commit", "-qam", "renamed"]);
        assert_eq!(s.all_backups(), Vec::<String>::new());
        assert_eq!(s.git(["ls-files"]).stdout, "A.txt\n");
        assert_eq!(s.read("A.txt"), "three\n");
    });
}

/// As HFS+ lists them: in other bytes than they were made with, and it takes both for one.
#[test]
#[ignore = "needs root, and file systems that the kernel may not have"]
fn backups_whose_names_are_listed_decomposed_are_found() {
    on_each(|mount| {
        let (one, other) = ("\u{e9}.txt", "e\u{301}.txt");
        if !mount.takes_for_one(one, other) || mount.caches_names {
            return;
        }
        let s = Scratch::new_in(&mount.top());
        stage_and_fail(&s, one, "1\n");
        decompose(&s, one, other);
        for text in ["2\n", "3\n", "4\n"] {
            stage_and_fail(&s, one, text);
            decompose(&s, one, other);
        }
        // Three are kept of them, the newest is found, and all go when the commit succeeds.
        assert_eq!(s.all_backups().len(), 3, "{:?}", s.all_backups());
        s.write(one, "lost\n");
        let id = s.bak(["list", one, "--json"]).stdout;
        assert!(!id.contains("\"backup\": null"), "{id}");
        s.bak(["restore", "--yes", one]);
        assert_eq!(s.read(one), "4\n");
        refuse(&s, false);
        s.git(["commit", "-qm", "done"]);
        assert_eq!(s.all_backups(), Vec::<String>::new());
    });
}

/// Gives every backup of `one` the name that it has as one of `other`.
fn decompose(s: &Scratch, one: &str, other: &str) {
    for name in s.backups(one) {
        let (from, to) = (s.top().join(&name), s.top().join(name.replacen(one, other, 1)));
        let bytes = std::fs::read(&from).unwrap();
        std::fs::remove_file(from).unwrap();
        std::fs::write(to, bytes).unwrap();
    }
}

/// A repository made on Linux has two files whose names are one here.
#[test]
#[ignore = "needs root, and file systems that the kernel may not have"]
fn of_two_files_whose_names_are_one_here_nothing_is_lost() {
    on_each(|mount| {
        for (one, other) in [("a.txt", "A.txt"), ("\u{e9}.txt", "e\u{301}.txt")] {
            if mount.takes_for_one(one, other) && !mount.caches_names {
                two_of_one_name(&Scratch::new_in(&mount.top()), one, other);
            }
        }
    });
}

fn two_of_one_name(s: &Scratch, one: &str, other: &str) {
    s.git(["config", "core.precomposeUnicode", "false"]);
    s.git(["config", "core.quotePath", "false"]);
    // As Linux would have committed them.
    for (path, text) in [(one, "one\n"), (other, "other\n")] {
        s.write("content", text);
        let id = s.git(["hash-object", "-w", "content"]).stdout;
        let entry = format!("100644,{},{path}", id.trim());
        s.git(["-c", "core.ignoreCase=false", "update-index", "--add", "--cacheinfo", &entry]);
    }
    std::fs::remove_file(s.top().join("content")).unwrap();
    refuse(s, false);
    s.git(["commit", "-qm", "both"]);
    s.git(["checkout", "-qf", "HEAD"]);
    refuse(s, true);
    // Both entries name the one file that is here, and both are edited by it.
    s.write(one, "edited\n");
    let ran = s.try_git(["commit", "-qm", "x", "--allow-empty"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(!ran.stderr.contains("git-bak ✗"), "{ran:#?}");
    assert!(s.vault_has(one, "edited\n") || s.vault_has(other, "edited\n"), "{:?}", s.vault());
    for text in ["1\n", "2\n", "3\n", "4\n"] {
        s.write(other, text);
        let ran = s.try_git(["commit", "-qm", "x", "--allow-empty"]);
        assert!(!ran.stderr.contains("git-bak ✗"), "{ran:#?}");
        assert!(s.vault_has(one, text) || s.vault_has(other, text), "{:?}", s.vault());
    }
    s.write(other, "lost\n");
    s.bak(["restore", "--yes", other]);
    assert_eq!(s.read(other), "4\n");
    let ran = s.bak(["doctor"]);
    assert_eq!(ran.stderr, "", "{ran:#?}");
    refuse(s, false);
    s.git(["commit", "-qam", "done"]);
    assert_eq!(s.all_backups(), Vec::<String>::new());
    assert_eq!(s.read(one), "4\n");
    assert!(s.vault().values().any(|text| text == "lost\n"));
}
