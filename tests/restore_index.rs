//! restore --staged and restore -p: the index entry, and hunks.

use std::io::Write;
use std::process::Stdio;

use crate::scratch::{BAK, Ran, Scratch};

fn staged(s: &Scratch, path: &str) -> String {
    s.git(["ls-files", "-s", path]).stdout
}

#[test]
fn what_was_staged_comes_back_into_the_index_and_the_working_tree_stays() {
    let s = Scratch::new();
    s.write("dir/b.txt", "staged\n");
    #[cfg(unix)]
    s.command("chmod").args(["+x", "dir/b.txt"]).status().unwrap();
    s.git(["add", "dir/b.txt"]);
    s.write("dir/b.txt", "edited\n");
    let before = staged(&s, "dir/b.txt");
    s.git(["reset", "-q"]);
    let below = s.at(s.top().join("dir"));
    assert!(below.bak(["restore", "--staged", "-n", "b.txt"]).stderr.contains("b.txt: as of 2025"));
    assert_eq!(staged(&s, "dir/b.txt"), "");
    let ran = below.bak(["restore", "--staged", "b.txt"]);
    assert!(ran.stderr.contains("✓ staged again: b.txt, as of 2025-11-06 20:10:"), "{ran:?}");
    assert_eq!(staged(&s, "dir/b.txt"), before);
    assert_eq!(s.read("dir/b.txt"), "edited\n");
    let again = below.bak(["restore", "--staged", "b.txt"]);
    assert!(
        again.stderr.contains("b.txt: the index already has the version staged at 2025"),
        "{again:?}"
    );
    s.git(["commit", "-qm", "second"]);
    let ran = s.try_bak(["restore", "--staged", "dir/b.txt"]);
    let words = "dir/b.txt: nothing to restore: everything that was staged was committed";
    assert!(ran.status == 1 && ran.stderr.contains(words), "{ran:?}");
}

#[test]
fn a_blob_that_git_has_thrown_away_is_made_again_by_its_filter() {
    for (attributes, text) in [
        ("", "staged\n"),
        ("*.txt text eol=crlf\n", "staged\r\n"),
        ("*.txt filter=x\n", "staged\n"),
    ] {
        let s = Scratch::new();
        s.git(["config", "filter.x.clean", "tr a-z A-Z"]);
        s.git(["config", "filter.x.smudge", "tr A-Z a-z"]);
        s.write(".gitattributes", attributes);
        s.write("b.txt", text);
        s.git(["add", "b.txt"]);
        let before = staged(&s, "b.txt");
        s.git(["reset", "-q"]);
        s.git(["prune", "--expire=now"]);
        s.write("b.txt", "later\n");
        s.bak(["restore", "--staged", "b.txt"]);
        assert_eq!(staged(&s, "b.txt"), before, "{attributes}");
        s.git(["cat-file", "-e", ":b.txt"]);
        s.git(["reset", "-q"]);
        s.git(["prune", "--expire=now"]);
        s.git(["config", "filter.x.clean", "tr a-z n-z"]);
        let ran = s.try_bak(["restore", "--staged", "b.txt"]);
        if attributes.contains("filter") {
            let words = "b.txt: its filter produces other bytes than when it was staged";
            assert!(ran.status == 3 && ran.stderr.contains(words), "{ran:?}");
        } else {
            assert_eq!(ran.status, 0, "{ran:?}");
        }
    }
}

#[test]
fn what_is_unmerged_or_locked_is_left_alone() {
    let s = Scratch::new();
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    s.git(["reset", "-q", "--hard"]);
    std::fs::write(s.top().join(".git/index.lock"), "").unwrap();
    let ran = s.try_bak(["restore", "--staged", "a.txt"]);
    assert!(ran.status == 3 && ran.stderr.contains("the index can't be written: "), "{ran:?}");
    std::fs::remove_file(s.top().join(".git/index.lock")).unwrap();
    let id = s.git(["rev-parse", "HEAD:a.txt"]).stdout;
    let line = format!("100644 {} 2\ta.txt\n", id.trim());
    let mut command = s.command("git");
    let mut child =
        command.args(["update-index", "--index-info"]).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(line.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let ran = s.try_bak(["restore", "--staged", "a.txt"]);
    let words = "a.txt: not restored: it is unmerged: resolve it first";
    assert!(ran.status == 1 && ran.stderr.contains(words), "{ran:?}");
}

/// Types these answers.
fn pick(s: &Scratch, args: &[&str], answers: &str) -> Ran {
    let mut command = s.command(BAK);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let _ = child.stdin.take().unwrap().write_all(answers.as_bytes());
    Ran::of(&child.wait_with_output().unwrap())
}

#[test]
fn hunks_are_picked_by_gits_own_picker() {
    for (attributes, end) in [("", "\n"), ("*.txt text eol=crlf\n", "\r\n")] {
        let s = Scratch::new();
        s.write(".gitattributes", attributes);
        let lines = |first: &str, last: &str| {
            let middle = (0..20).map(|n| n.to_string());
            [first.to_owned()]
                .into_iter()
                .chain(middle)
                .chain([last.to_owned()])
                .map(|line| line + end)
                .collect::<String>()
        };
        s.write("a.txt", lines("one", "last"));
        s.git(["add", "."]);
        s.git(["commit", "-qm", "second"]);
        s.write("a.txt", lines("ONE", "LAST"));
        s.git(["add", "a.txt"]);
        s.git(["reset", "-q", "--hard"]);
        let objects = s.git(["count-objects"]).stdout;
        let ran = pick(&s, &["restore", "-p", "a.txt"], "n\ny\n");
        assert_eq!(ran.status, 0, "{ran:?}");
        assert_eq!(s.read("a.txt"), lines("one", "LAST"), "{ran:?}");
        assert_eq!(s.git(["count-objects"]).stdout, objects);
        let ran = pick(&s, &["restore", "-p", "a.txt", "--from", "a.txt@{1}"], "y\n");
        assert_eq!(ran.status, 0, "{ran:?}");
    }
    let s = Scratch::new();
    let ran = s.try_bak(["restore", "-p", "a.txt"]);
    let words = "a.txt: nothing to restore: ";
    assert!(ran.status == 1 && ran.stderr.contains(words), "{ran:?}");
    let ran = s.try_bak(["restore", "-p", "a.txt", "b.txt", "--from", "a.txt@{1}"]);
    let words = "-p with --from goes through one file: name it";
    assert!(ran.status == 2 && ran.stderr.contains(words), "{ran:?}");
}

/// Two files in a folder and one beside it, staged, and lost from the index.
fn three_staged() -> Scratch {
    let s = Scratch::new();
    for path in ["d/b.txt", "d/c.md", "e.txt"] {
        s.write(path, "staged\n");
    }
    s.git(["add", "."]);
    s
}

#[test]
fn folders_and_pathspecs_give_all_that_was_staged_below_once_somebody_agrees() {
    for (words, wanted) in [
        (&["d"][..], "d/b.txt\nd/c.md\n"),
        (&["*.txt"], "d/b.txt\ne.txt\n"),
        (&[":/", ":!e.txt"], "d/b.txt\nd/c.md\n"),
        (&["d/c.md", "*.txt"], "d/b.txt\nd/c.md\ne.txt\n"),
    ] {
        let s = three_staged();
        s.git(["reset", "-q"]);
        let all = [&["restore", "--staged"], words].concat();
        let ran = s.try_bak(&all);
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.stderr.ends_with("git-bak: not a terminal: add --yes to confirm\n"), "{ran:?}");
        assert_eq!(
            s.bak([&all[..], &["-n"]].concat()).stderr.lines().count(),
            wanted.lines().count()
        );
        assert_eq!(s.git(["diff", "--cached", "--name-only"]).stdout, "");
        s.bak([&all[..], &["--yes"]].concat());
        assert_eq!(s.git(["diff", "--cached", "--name-only"]).stdout, wanted);
        let ran = s.try_bak([&all[..], &["--yes"]].concat());
        assert!(ran.stderr.contains("nothing to restore: ") || words[0] == "d/c.md", "{ran:?}");
    }
    let s = three_staged();
    let ran = s.try_bak(["restore", "--staged", "nosuch/"]);
    assert!(ran.status == 1 && ran.stderr.contains("nosuch: there is no version of it"), "{ran:?}");
}

#[test]
fn hunks_are_picked_over_all_files_below_a_folder() {
    let s = three_staged();
    s.git(["commit", "-qm", "second"]);
    for path in ["d/b.txt", "d/c.md", "e.txt"] {
        s.write(path, "staged\nmore\n");
    }
    s.git(["add", "."]);
    s.git(["reset", "-q", "--hard"]);
    let ran = pick(&s, &["restore", "-p", "d"], "y\nn\n");
    assert_eq!(ran.status, 0, "{ran:?}");
    let texts = ["d/b.txt", "d/c.md", "e.txt"].map(|path| s.read(path));
    assert_eq!(texts, ["staged\nmore\n", "staged\n", "staged\n"], "{ran:?}");
}
