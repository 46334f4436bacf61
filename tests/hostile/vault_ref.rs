//! A vault ref that names something else: a commit, a blob, what is not there, trees with names that lead
//! astray, trees that belong to somebody else.

use std::io::Write;
use std::process::Stdio;

use crate::scratch::{Ran, Scratch};

const REF: &str = "refs/bak/vault";

/// Stores an object of this kind as it is, however wrong.
fn object(s: &Scratch, kind: &str, body: &[u8]) -> String {
    let mut command = s.command("git");
    command.args(["hash-object", "-w", "--literally", "--stdin", "-t", kind]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(body).unwrap();
    Ran::of(&child.wait_with_output().unwrap()).expect_success().stdout.trim().to_owned()
}

/// A tree of these entries, whatever they are called.
fn tree(s: &Scratch, entries: &[(&str, &[u8], &str)]) -> String {
    let mut body = Vec::new();
    for (mode, name, id) in entries {
        body.extend([mode.as_bytes(), b" ", name, b"\0"].concat());
        body.extend((0..40).step_by(2).map(|at| u8::from_str_radix(&id[at..at + 2], 16).unwrap()));
    }
    object(s, "tree", &body)
}

fn point_at(s: &Scratch, id: &str) {
    s.write(&format!(".git/{REF}"), format!("{id}\n"));
}

/// The root of a vault with one snapshot, of 20:00:00 that day, that has this tree.
fn vault_of(s: &Scratch, snapshot: &str) -> String {
    let hour = tree(s, &[("40000", b"0000", snapshot)]);
    let day = tree(s, &[("40000", b"20", &hour)]);
    tree(s, &[("40000", b"20251106", &day)])
}

/// What must not change: everything but the working tree's own files, our folder, objects and the index.
fn surroundings(s: &Scratch) -> Vec<(String, Vec<u8>)> {
    let (mut found, mut folders) = (Vec::new(), vec![s.root()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(s.root()).unwrap().to_string_lossy().into_owned();
            let ours = ["repo/.git/bak", "repo/.git/objects", "repo/.git/refs/bak", "bin"];
            if ours.contains(&name.as_str()) {
                continue;
            }
            let kind = path.symlink_metadata().unwrap();
            if kind.is_dir() {
                folders.push(path);
            } else if name.starts_with("repo/.git/config")
                || name.starts_with("repo/.git/hooks")
                || !name.starts_with("repo/")
            {
                found.push((name, std::fs::read(&path).unwrap_or_default()));
            }
        }
    }
    found.sort();
    found
}

/// Every command ends as commands end, and harms nothing.
fn every_command_ends(s: &Scratch) {
    let before = surroundings(s);
    for args in [
        &["list", "--vault", "--all-worktrees"][..],
        &["list", "--vault", "--json"],
        &["status"],
        &["log"],
        &["restore", "--all"],
        &["restore", "--all", "--at", "20251106_200000"],
        &["restore", "a.txt"],
        &["restore", "a.txt/x"],
        &["show", "a.txt@{2}"],
        &["snapshot", "--untracked"],
        &["clean", "--expired", "-n"],
        &["clean"],
        &["doctor"],
    ] {
        let ran = s.try_bak(args);
        assert!((0..=3).contains(&ran.status), "{args:?}: {ran:?}");
        assert!(!ran.stderr.contains("panicked"), "{args:?}: {ran:?}");
    }
    assert_eq!(surroundings(s), before);
}

/// A commit that fails leaves what was staged where it can be had back, and one that succeeds succeeds.
fn commits_are_protected(s: &Scratch) {
    s.git(["reset", "-q", "--hard"]);
    s.hook("commit-msg", "exit 1");
    s.write("a.txt", "precious\n");
    let ran = s.try_git(["commit", "-qam", "fails"]);
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    s.write("a.txt", "lost");
    s.bak(["restore", "a.txt"]);
    assert_eq!(s.read("a.txt"), "precious\n", "{ran:?}");
    s.hook("commit-msg", "exit 0");
    let ran = s.git(["commit", "-qam", "second"]);
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    s.git(["rev-list", "--objects", "--quiet", "HEAD"]);
}

#[test]
fn what_is_no_tree_is_left_alone_and_named() {
    for kind in ["commit", "blob", "tag", "nothing", "nonsense", "empty", "itself"] {
        let s = Scratch::new();
        s.git(["-c", "tag.gpgSign=false", "tag", "-am", "x", "t"]);
        let id = match kind {
            "commit" => s.git(["rev-parse", "HEAD"]).stdout,
            "blob" => s.git(["rev-parse", "HEAD:a.txt"]).stdout,
            "tag" => s.git(["rev-parse", "t"]).stdout,
            "nothing" => "1".repeat(40),
            "nonsense" => "\u{1b}[31m\0nonsense".to_owned(),
            "itself" => format!("ref: {REF}"),
            _ => String::new(),
        };
        s.write(&format!(".git/{REF}"), id.trim());
        let ran = s.try_bak(["doctor"]);
        assert!(ran.status == 1 && ran.stdout.contains(REF), "{kind}: {ran:?}");
        every_command_ends(&s);
        commits_are_protected(&s);
    }
}

#[test]
fn a_tree_that_is_broken_or_cut_short_hides_no_work() {
    for body in
        [&b"garbage"[..], b"40000 20251106\0short", b"-40000 20251106\0aaaaaaaaaaaaaaaaaaaa", b"\0"]
    {
        let s = Scratch::new();
        let broken = object(&s, "tree", body);
        for root in [broken.clone(), vault_of(&s, &broken)] {
            point_at(&s, &root);
            every_command_ends(&s);
        }
        commits_are_protected(&s);
        // Cut short on the disk.
        let s = Scratch::new();
        s.write("a.txt", "two\n");
        s.bak(["snapshot"]);
        let root = s.git(["rev-parse", REF]).stdout;
        let file = s.top().join(format!(".git/objects/{}/{}", &root[..2], root[2..].trim()));
        let bytes = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
        every_command_ends(&s);
        commits_are_protected(&s);
    }
}

#[test]
fn names_in_it_that_lead_astray_are_passed_over() {
    let names: [&[u8]; 16] = [
        b"..",
        b".",
        b".git",
        b".GIT",
        b".Git",
        b"../x",
        b"../../x",
        b"a/../../b",
        b".git/config",
        b".git/hooks/pre-commit",
        b"/etc/x",
        b"",
        b"sub/",
        b"//",
        b"\xff\n\x1b[31m",
        b"a.txt.bak.20251106_201045.abc12345",
    ];
    let s = Scratch::new();
    std::fs::write(s.root().join("x"), "not ours\n").unwrap();
    let blob = object(&s, "blob", b"hostile\n");
    let inner = tree(
        &s,
        &[("100644", b"config", &blob), ("100755", b"pre-commit", &blob), ("100644", b"x", &blob)],
    );
    let hooks = tree(&s, &[("40000", b"hooks", &inner), ("100755", b"config", &blob)]);
    for name in names {
        let files = tree(&s, &[("100755", name, &blob)]);
        let folders = tree(&s, &[("40000", name, &hooks)]);
        let nested = tree(&s, &[("40000", b"sub", &folders), ("40000", name, &files)]);
        for snapshot in [files, folders, nested] {
            point_at(&s, &vault_of(&s, &snapshot));
            every_command_ends(&s);
        }
        s.git(["reset", "-q", "--hard"]);
        s.git(["clean", "-fdqx"]);
    }
    commits_are_protected(&s);
    assert_eq!(std::fs::read_to_string(s.root().join("x")).unwrap(), "not ours\n");
}

#[test]
fn a_path_through_a_file_or_a_link_is_not_written() {
    let s = Scratch::new();
    let outside = s.root().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, s.top().join("link")).unwrap();
    s.git(["add", "link"]);
    s.git(["commit", "-qm", "a link"]);
    let blob = object(&s, "blob", b"hostile\n");
    let target = object(&s, "blob", b"../outside");
    let x = tree(&s, &[("100644", b"x", &blob)]);
    // Both a file and a folder of one name; a link and a file through it.
    let both = tree(&s, &[("100644", b"a.txt", &blob), ("40000", b"a.txt", &x)]);
    let through =
        tree(&s, &[("120000", b"new", &target), ("40000", b"link", &x), ("40000", b"new", &x)]);
    for snapshot in [both, through] {
        point_at(&s, &vault_of(&s, &snapshot));
        every_command_ends(&s);
        for path in ["a.txt/x", "link/x", "new/x", "new"] {
            let ran = s.try_bak(["restore", path]);
            assert!(!ran.stderr.contains("panicked"), "{ran:?}");
        }
        assert!(s.top().join("link").is_symlink() && !s.top().join("new").is_symlink());
        assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
        let _ = std::fs::remove_dir_all(s.top().join("new"));
    }
    commits_are_protected(&s);
}

#[test]
fn a_tree_that_is_somebody_elses_is_never_removed() {
    let s = Scratch::new();
    s.write("dir/b.txt", "b\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "second"]);
    let id = s.git(["rev-parse", "HEAD^{tree}"]).stdout;
    point_at(&s, id.trim());
    // A vault's own tree that somebody has come to like.
    for round in 0..70 {
        s.write("a.txt", format!("{round}\n"));
        s.bak(["snapshot"]);
        if round == 1 {
            s.git(["tag", "kept", REF]);
            s.git(["tag", "day", &format!("{REF}:20251106")]);
            let commit = s.git(["commit-tree", "-m", "x", &format!("{REF}^{{tree}}")]).stdout;
            s.git(["update-ref", "refs/heads/kept", commit.trim()]);
        }
        s.advance(120);
    }
    assert!(s.read(".git/bak/superseded").len() < 40_000, "old trees are removed");
    s.git(["fsck", "--connectivity-only"]);
    s.git(["gc", "-q", "--prune=now"]);
}

#[test]
fn folders_in_folders_without_end_crash_nothing() {
    let s = Scratch::new();
    let blob = object(&s, "blob", b"deep\n");
    // In Rust a name of one byte: every level costs one Git process, so few are made by Git.
    let mut packed = Vec::new();
    let mut id = tree(&s, &[("100644", b"f", &blob)]);
    let repository = git2::Repository::open(s.top()).unwrap();
    let odb = repository.odb().unwrap();
    for _ in 0..20_000 {
        let mut body = b"40000 d\0".to_vec();
        body.extend(git2::Oid::from_str(&id).unwrap().as_bytes());
        id = git2::Oid::hash_object(git2::ObjectType::Tree, &body).unwrap().to_string();
        packed.push(body);
    }
    for body in &packed {
        odb.write(git2::ObjectType::Tree, body).unwrap();
    }
    point_at(&s, &vault_of(&s, &id));
    every_command_ends(&s);
    commits_are_protected(&s);
}
