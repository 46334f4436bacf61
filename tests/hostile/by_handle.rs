//! No file of the working tree is opened, written or deleted by a path that leads through folders: every step
//! is taken below a folder held open. Told from the system calls.

use std::os::unix::fs::symlink;

use crate::scratch::{BAK, Ran, Scratch};

/// What opens, changes or removes by name.
const CALLS: &str = "open,openat,openat2,creat,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,\
     symlinkat,mkdir,mkdirat,rmdir,truncate,chmod,fchmodat,chown,lchown,fchownat,readlink,readlinkat,utimensat";

/// Runs git-bak; the calls of itself alone that name something below `deep/`, or a backup, by a path.
fn by_path(s: &Scratch, args: &[&str]) -> Vec<String> {
    let log = s.root().join("calls");
    let mut command = s.command("strace");
    command.args(["-qq", "-o"]).arg(&log).args([
        "-s",
        "4096",
        "-e",
        &format!("trace={CALLS}"),
        BAK,
    ]);
    let ran = Ran::of(&command.args(args).output().unwrap());
    assert!(ran.status <= 1, "{args:?}: {ran:?}");
    let calls = std::fs::read_to_string(log).unwrap();
    let mut found = Vec::new();
    for call in calls.lines() {
        let names = call.split('"').skip(1).step_by(2);
        for name in names.filter(|name| name.contains("deep") || name.contains(".bak.")) {
            let is_ours = name.contains("/.git/");
            if name.contains('/') && !is_ours {
                found.push(call.to_owned());
            }
        }
    }
    found
}

#[test]
#[cfg(target_os = "linux")]
#[ignore = "needs strace: cargo test -- --include-ignored"]
fn files_of_the_working_tree_are_reached_by_handles_alone() {
    let s = Scratch::new();
    // One that is hashed in memory, one that isn't.
    for (path, size) in [("deep/er/small", 10), ("deep/er/big", 9 << 20)] {
        s.write(path, vec![b'x'; size]);
    }
    s.git(["add", "."]);
    s.write("deep/er/small", "edited");
    s.write("deep/er/big", vec![b'y'; 9 << 20]);
    s.git(["config", "bak.maxBackups", "1"]);
    for args in [
        &["hook", "pre-commit"][..],
        &["snapshot"],
        &["list"],
        &["status"],
        &["doctor"],
        &["show", "deep/er/big@{1}"],
    ] {
        assert_eq!(by_path(&s, args), Vec::<String>::new(), "{args:?}");
    }
    for round in 0..3 {
        s.write("deep/er/big", vec![round; 9 << 20]);
        s.write("deep/er/small", [round; 9]);
        for args in [&["snapshot", "deep"][..], &["restore", "--all"], &["restore", "deep/er/big"]]
        {
            assert_eq!(by_path(&s, args), Vec::<String>::new(), "{args:?}");
        }
    }
    std::fs::remove_dir_all(s.top().join("deep/er")).unwrap();
    let restored = by_path(&s, &["restore", "deep/er/big", "deep/er/small"]);
    assert_eq!(restored, Vec::<String>::new());
    s.bak(["snapshot", "deep"]);
    for args in
        [&["hook", "post-commit"][..], &["clean"], &["hook", "post-checkout", "0", "0", "1"]]
    {
        s.bak(["snapshot", "deep"]);
        assert_eq!(by_path(&s, args), Vec::<String>::new(), "{args:?}");
    }
    let patch = "--- a/deep/er/small\n+++ b/deep/er/small\n@@ -1 +1 @@\n-one\n+two\n";
    s.write("deep/er/small", "one\n");
    std::fs::write(s.root().join("patch"), patch).unwrap();
    assert_eq!(by_path(&s, &["apply", "--test", "exit 1", "../patch"]), Vec::<String>::new());
    assert_eq!(s.read("deep/er/small"), "one\n");
    assert_eq!(
        by_path(&s, &["run", "--", "sh", "-c", "echo x >deep/er/new; exit 1"]),
        Vec::<String>::new()
    );
    assert!(!s.exists("deep/er/new"));
}

/// `folder` is now a link to a folder outside that has a file of the same name, and backups of it.
fn becomes_a_link(s: &Scratch, folder: &str) -> std::path::PathBuf {
    let outside = s.root().join("outside");
    let _ = std::fs::remove_dir_all(&outside);
    std::fs::create_dir_all(outside.join("er")).unwrap();
    for place in ["", "er"] {
        for name in ["f.txt", "f.txt.bak.20200101_101010.abc12345", "f.txt.bak.20200101_101010"] {
            std::fs::write(outside.join(place).join(name), "not ours\n").unwrap();
        }
    }
    let inside = s.top().join(folder);
    std::fs::rename(&inside, s.root().join("moved away")).unwrap();
    symlink(&outside, &inside).unwrap();
    outside
}

fn is_untouched(outside: &std::path::Path, what: &str) {
    let mut count = 0;
    for place in ["", "er"] {
        for entry in std::fs::read_dir(outside.join(place)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                count += 1;
                assert_eq!(std::fs::read_to_string(&path).unwrap(), "not ours\n", "{what}");
            }
        }
    }
    assert_eq!(count, 6, "{what}");
}

#[test]
fn nothing_is_done_through_a_folder_that_became_a_link() {
    for folder in ["deep", "deep/er"] {
        for args in [
            &["snapshot"][..],
            &["snapshot", "deep"],
            &["snapshot", "deep/er/f.txt"],
            &["snapshot", "--untracked"],
            &["restore", "--all"],
            &["restore", "deep/er/f.txt"],
            &["restore", "deep/er/f.txt", "--at", "now"],
            &["clean"],
            &["clean", "--keep", "1"],
            &["clean", "deep"],
            &["forget", "--yes", "deep"],
            &["list"],
            &["doctor", "--fix"],
            &["hook", "pre-commit"],
            &["hook", "post-commit"],
            &["hook", "post-checkout", "0", "0", "1"],
            &["hook", "post-checkout", "0", "0", "0"],
            &["hook", "post-index-change", "0", "0"],
            &["diff", "deep/er/f.txt"],
            &["show", "deep/er/f.txt@{1}"],
        ] {
            let s = Scratch::new();
            s.git(["config", "bak.maxBackups", "1"]);
            for text in ["one\n", "two\n", "three\n"] {
                s.write("deep/er/f.txt", text);
                s.git(["add", "deep"]);
                s.bak(["snapshot"]);
            }
            let outside = becomes_a_link(&s, folder);
            let ran = s.try_bak(args);
            assert!(
                !ran.stderr.contains("panicked") && !ran.stdout.contains("not ours"),
                "{args:?} {ran:?}"
            );
            is_untouched(&outside, &format!("{args:?}"));
            assert!(!s.vault().values().any(|text| text == "not ours\n"), "{args:?}");
        }
    }
}

#[test]
fn no_upgrade_is_made_or_taken_back_through_a_folder_that_became_a_link() {
    // The command swaps the folder in the middle: what is rolled back must not go through it.
    let swap = "mv deep ../moved && ln -s ../outside deep; exit 1";
    let patch = "--- a/deep/er/f.txt\n+++ b/deep/er/f.txt\n@@ -1 +1 @@\n-one\n+two\n";
    for args in [
        &["apply", "--test", swap, "../patch"][..],
        &["apply", "--reload", swap, "../patch"],
        &["apply", "--validate", swap, "../patch"],
        &["run", "--", "sh", "-c", swap],
        &[
            "run",
            "--test",
            swap,
            "--",
            "sh",
            "-c",
            "echo new >deep/er/f.txt; echo new >deep/er/g.txt",
        ],
    ] {
        let s = Scratch::new();
        std::fs::write(s.root().join("patch"), patch).unwrap();
        s.write("deep/er/f.txt", "one\n");
        s.git(["add", "deep"]);
        s.git(["commit", "-qm", "deep"]);
        s.write("deep/er/f.txt", "one\n");
        std::fs::create_dir_all(s.root().join("outside/er")).unwrap();
        let outside = s.root().join("outside");
        for place in ["", "er"] {
            for name in ["f.txt", "f.txt.bak.20200101_101010.abc12345", "f.txt.bak.20200101_101010"]
            {
                std::fs::write(outside.join(place).join(name), "not ours\n").unwrap();
            }
        }
        let ran = s.try_bak(args);
        assert!(!ran.stderr.contains("panicked"), "{args:?} {ran:?}");
        is_untouched(&outside, &format!("{args:?}"));
        let ran = s.try_bak([args[0], "--abort"]);
        assert!(!ran.stderr.contains("panicked"), "{args:?} {ran:?}");
        is_untouched(&outside, &format!("{args:?}"));
        assert_ne!(ran.status, 101);
    }
}
