//! What the hook keeps, and that nothing it is fed makes it speak.

use std::fs;

use serde_json::json;

use super::{bash, causes, edit, feed, feed_in};
use crate::scratch::Scratch;

#[test]
fn before_a_command_all_work_is_kept_and_comes_back() {
    let s = Scratch::new();
    s.write(".gitignore", "*.ign\n.env\n");
    s.git(["config", "bak.include", ".env"]);
    for (path, text) in [("a.txt", "edited\n"), ("dir/u.txt", "untracked\n"), (".env", "K=1\n")] {
        s.write(path, text);
    }
    s.write("b.ign", "ignored\n");
    s.write("s.txt", "staged\n");
    s.git(["add", "s.txt"]);
    feed(&s, "claude", &bash(&s, "rm -rf * .env; git reset --hard"));
    assert_eq!(causes(&s), ["agent claude 0a1b Bash rm"]);
    fs::remove_dir_all(s.top().join("dir")).unwrap();
    for path in ["a.txt", ".env", "s.txt"] {
        fs::remove_file(s.top().join(path)).unwrap();
    }
    s.bak(["restore", "a.txt", "dir/u.txt", ".env", "s.txt"]);
    assert_eq!((s.read("a.txt").as_str(), s.read("s.txt").as_str()), ("edited\n", "staged\n"));
    assert_eq!((s.read("dir/u.txt").as_str(), s.read(".env").as_str()), ("untracked\n", "K=1\n"));
    assert!(!s.vault_has("b.ign", "ignored\n"));
}

#[test]
fn what_a_command_may_do_to_the_git_directory_leaves_copies_beside() {
    let s = Scratch::new();
    s.write("a.txt", "edited\n");
    s.write("u.txt", "untracked\n");
    feed(&s, "claude", &bash(&s, "rm -rf .git && git init"));
    fs::remove_dir_all(s.top().join(".git")).unwrap();
    assert_eq!(s.backup_texts("a.txt"), ["edited\n"]);
    assert_eq!(s.backup_texts("u.txt"), ["untracked\n"]);
}

#[test]
fn what_is_in_submodules_and_in_repositories_inside_is_kept_too() {
    let s = Scratch::new();
    s.git(["init", "-q", "../other"]);
    let other = s.at(s.root().join("other"));
    fs::write(s.root().join("other/sub.txt"), "sub\n").unwrap();
    other.git(["add", "."]);
    other.git(["-c", "user.name=x", "-c", "user.email=x@y.z", "commit", "-qm", "first"]);
    let add = ["-c", "protocol.file.allow=always", "submodule", "add", "-q", "../other", "module"];
    s.git(add);
    s.git(["commit", "-qm", "module"]);
    s.git(["init", "-q", "dir/inner"]);
    s.git(["init", "-q", "dir/inner/deeper"]);
    for (path, text) in [
        ("module/sub.txt", "edited\n"),
        ("module/u.txt", "untracked\n"),
        ("dir/inner/i.txt", "inner\n"),
        ("dir/inner/deeper/d.txt", "deeper\n"),
    ] {
        s.write(path, text);
    }
    feed(&s, "claude", &bash(&s, "make clean"));
    let at = |path: &str| s.at(s.top().join(path));
    assert!(at("module").vault_has("sub.txt", "edited\n"));
    assert!(at("module").vault_has("u.txt", "untracked\n"));
    assert!(at("dir/inner").vault_has("i.txt", "inner\n"));
    assert!(at("dir/inner/deeper").vault_has("d.txt", "deeper\n"));
    fs::remove_file(s.top().join("module/sub.txt")).unwrap();
    at("module").bak(["undo", "--session", "0a1b", "--yes"]);
    assert_eq!(s.read("module/sub.txt"), "edited\n");
}

#[test]
fn before_an_edit_the_named_files_alone_are_kept() {
    let s = Scratch::new();
    s.write("b.txt", "b\n");
    s.write("c.txt", "c\n");
    feed(&s, "claude", &edit(&s, s.top().join("b.txt")));
    assert_eq!(causes(&s), ["agent claude 0a1b Edit"]);
    assert!(s.vault_has("b.txt", "b\n") && !s.vault_has("c.txt", "c\n"));
    assert!(s.backups("b.txt").is_empty(), "no edit takes the vault");
    let patch = "*** Begin Patch\n*** Update File: c.txt\n@@\n-c\n+d\n*** Add File: new.txt\n+n\n\
                 *** Delete File: ../repo/a.txt\n*** End Patch";
    let codex = json!({"session_id": "2c", "turn_id": "1", "cwd": s.top(), "model": "m",
        "hook_event_name": "PreToolUse", "tool_name": "apply_patch", "tool_input": {"command": patch}});
    feed(&s, "codex", &codex);
    assert_eq!(causes(&s)[1..], ["agent codex 2c apply_patch"]);
    assert!(s.vault_has("c.txt", "c\n") && s.vault_has("a.txt", "one\n"));
    fs::remove_file(s.top().join("c.txt")).unwrap();
    s.bak(["restore", "c.txt"]);
    assert_eq!(s.read("c.txt"), "c\n");
}

#[test]
fn what_only_reads_leaves_no_trace() {
    let s = Scratch::empty();
    s.write("u.txt", "u\n");
    feed(&s, "claude", &bash(&s, "git status && ls -la | head"));
    let read = json!({"tool_name": "Read", "cwd": s.top(), "tool_input": {"file_path": "u.txt"}});
    feed(&s, "claude", &read);
    assert!(!s.exists(".git/bak"));
    feed(&s, "claude", &bash(&s, "touch x"));
    assert!(s.vault_has("u.txt", "u\n"));
}

#[test]
fn whatever_it_is_fed_it_says_nothing_and_ends_well() {
    let s = Scratch::new();
    s.write("u.txt", "u\n");
    let whole = edit(&s, "u.txt").to_string();
    let mut huge = edit(&s, "nowhere.txt");
    huge["tool_input"]["new_string"] = "x".repeat(10 << 20).into();
    let deep = "{\"tool_input\":".repeat(100_000);
    let path = |path: &str| edit(&s, path).to_string();
    let texts = [
        String::new(),
        "no JSON".to_owned(),
        "\0\0\0".to_owned(),
        whole[..whole.len() / 2].to_owned(),
        huge.to_string(),
        deep,
        path("/etc/passwd"),
        path("../../../../etc/passwd"),
        path("a\0b"),
        path(".git/config"),
        path(".git/hooks/pre-commit"),
        path(&"x".repeat(5000)),
        path("/dev/zero"),
        path(""),
        json!({"tool_name": "Edit", "cwd": "/nowhere", "tool_input": {"file_path": "u.txt"}})
            .to_string(),
        json!({"tool_name": "Bash", "cwd": "\0", "tool_input": {"command": "make"}}).to_string(),
    ];
    for text in &texts {
        for name in ["claude", "nobody", ""] {
            feed_in(&s, s.top(), name, text.as_bytes());
        }
    }
    feed_in(&s, s.top(), "claude", b"\xff\xfe\x80");
    let kept: Vec<String> = s.vault().into_keys().collect();
    assert!(
        kept.iter().all(|path| path.ends_with("/a.txt") || path.ends_with("/u.txt")),
        "{kept:?}"
    );
    assert!(s.vault_has("u.txt", "u\n"), "what can't be told counts as the worst");
}

#[test]
fn outside_a_repository_nothing_is_made() {
    let s = Scratch::new();
    let elsewhere = s.root().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("x"), "x").unwrap();
    let event = json!({"tool_name": "Bash", "cwd": elsewhere, "tool_input": {"command": "make"}});
    feed_in(&s, &elsewhere, "claude", event.to_string().as_bytes());
    feed_in(&s, &elsewhere, "claude", b"{");
    feed(&s, "claude", &edit(&s, elsewhere.join("x")));
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
    assert_eq!(causes(&s), [""; 0]);
}

#[test]
fn a_file_is_kept_in_the_repository_that_it_lies_in() {
    let s = Scratch::new();
    let other = s.at(s.root().join("other"));
    s.git(["init", "-q", "../other"]);
    fs::write(s.root().join("other/x.txt"), "x\n").unwrap();
    feed(&s, "claude", &edit(&s, s.root().join("other/x.txt")));
    assert!(other.vault_has("x.txt", "x\n"));
    assert_eq!(causes(&s), [""; 0]);
}

#[cfg(unix)]
#[test]
fn where_a_link_leads_the_edit_would_be_too() {
    use std::os::unix::fs::symlink;
    let s = Scratch::new();
    s.write("dir/real.txt", "real\n");
    symlink("dir", s.top().join("way")).unwrap();
    symlink("dir/real.txt", s.top().join("link.txt")).unwrap();
    symlink("/etc/passwd", s.top().join("out.txt")).unwrap();
    symlink("loop", s.top().join("loop")).unwrap();
    for name in ["out.txt", "loop"] {
        feed(&s, "claude", &edit(&s, name));
    }
    assert_eq!(causes(&s), [""; 0]);
    feed(&s, "claude", &edit(&s, "way/real.txt"));
    s.write("dir/real.txt", "again\n");
    feed(&s, "claude", &edit(&s, "link.txt"));
    assert!(s.vault_has("dir/real.txt", "real\n") && s.vault_has("dir/real.txt", "again\n"));
    // A folder that is named is all that is in it.
    s.write("u.txt", "u\n");
    let delete = json!({"tool_name": "Delete", "cwd": s.top(), "tool_input": {"path": "dir"}});
    feed(&s, "cursor", &delete);
    assert!(s.vault_has("u.txt", "u\n"));
}

#[test]
fn where_git_bak_is_off_or_a_file_left_out_nothing_is_kept() {
    let mut s = Scratch::new();
    s.write("u.txt", "u\n");
    s.write("x.log", "log\n");
    s.git(["config", "bak.exclude", "*.log"]);
    feed(&s, "claude", &edit(&s, "x.log"));
    s.git(["config", "bak.enabled", "false"]);
    feed(&s, "claude", &edit(&s, "u.txt"));
    feed(&s, "claude", &bash(&s, "make"));
    s.git(["config", "bak.enabled", "true"]);
    s.set_env("GIT_BAK", "0");
    feed(&s, "claude", &bash(&s, "make"));
    assert_eq!(causes(&s), [""; 0]);
    s.unset_env("GIT_BAK");
    feed(&s, "claude", &bash(&s, "make"));
    assert!(s.vault_has("u.txt", "u\n") && !s.vault_has("x.log", "log\n"));
}
