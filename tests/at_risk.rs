//! status: what nothing protects now, and what brings that into safety.

use serde_json::{Value, json};

use crate::scratch::Scratch;

fn status(s: &Scratch) -> String {
    s.bak(["status"]).stdout
}

fn unprotected(s: &Scratch) -> Value {
    let document: Value = serde_json::from_str(&s.bak(["status", "--json"]).stdout).unwrap();
    document["uncommitted"].clone()
}

#[test]
fn what_no_version_holds_is_named_first_and_the_command_brings_it_into_safety() {
    let s = Scratch::new();
    assert!(status(&s).starts_with("no uncommitted work\n"), "{}", status(&s));
    s.write("a.txt", "edited\n");
    s.write("dir/new.txt", "new\n");
    let text = status(&s);
    let head = "2 files with uncommitted work are not backed up: git bak snapshot --untracked\n  edited     \
                a.txt\n  untracked  dir/new.txt\n";
    assert!(text.starts_with(head), "{text}");
    s.bak(["snapshot"]);
    let head = "1 of 2 files with uncommitted work is not backed up: git bak snapshot --untracked\n  untracked  ";
    assert!(status(&s).starts_with(head), "{}", status(&s));
    s.bak(["snapshot", "--untracked"]);
    let head = "2 files have uncommitted work, and all are backed up\n";
    assert!(status(&s).starts_with(head), "{}", status(&s));
    s.write("a.txt", "edited once more\n");
    assert!(status(&s).contains("  edited  a.txt\n"), "{}", status(&s));
    s.git(["commit", "-qam", "second"]);
    let head = "1 file has uncommitted work, and it is backed up\n";
    assert!(status(&s).starts_with(head), "{}", status(&s));
}

#[test]
fn what_the_settings_leave_out_is_named_with_the_setting() {
    let s = Scratch::new();
    for name in ["excluded", "attribute", "big", "staged"] {
        s.write(name, "one\n");
    }
    s.write(".gitattributes", "attribute -bak\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "second"]);
    s.git(["config", "bak.exclude", "excluded"]);
    s.git(["config", "bak.maxFileSize", "1k"]);
    for name in ["excluded", "attribute"] {
        s.write(name, "two\n");
    }
    s.write("big", "x".repeat(2000));
    let text = status(&s);
    let head = "3 files with uncommitted work are not backed up\n  excluded by bak.exclude         excluded\n  \
                excluded by the attribute -bak  attribute\n  2 KiB: over bak.maxFileSize     big\n";
    assert!(text.starts_with(head), "{text}");
    s.write("staged", "staged\n");
    s.git_alone(["add", "staged"]);
    assert!(status(&s).contains("  staged"), "{}", status(&s));
    s.write("staged", "and edited\n");
    s.bak(["snapshot", "staged"]);
    assert!(status(&s).contains("  staged"), "what is staged has no copy: {}", status(&s));
    let whys = json!([
        { "path": "attribute", "why": "-bak" },
        { "path": "big", "why": "bak.maxFileSize" },
        { "path": "excluded", "why": "bak.exclude" },
        { "path": "staged", "why": "staged" },
    ]);
    assert_eq!(unprotected(&s), json!({ "backed_up": 0, "unprotected": whys }));
}

#[test]
fn edits_that_git_does_not_see_are_at_risk_too() {
    let s = Scratch::new();
    s.git(["update-index", "--assume-unchanged", "a.txt"]);
    s.write("a.txt", "mine\n");
    assert_eq!(unprotected(&s)["unprotected"], json!([{ "path": "a.txt", "why": "edited" }]));
    s.bak(["snapshot"]);
    assert_eq!(unprotected(&s), json!({ "backed_up": 1, "unprotected": [] }));
}

#[test]
fn many_files_are_counted_and_names_are_those_from_here() {
    let s = Scratch::new();
    for n in 10..22 {
        s.write(&format!("new/{n}"), "x\n");
    }
    let text = s.at(s.top().join("new")).bak(["status"]).stdout;
    assert!(text.contains("  untracked  10\n") && text.contains("  and 2 more\n"), "{text}");
    assert_eq!(text.matches("untracked  ").count(), 10, "{text}");
}

#[test]
fn a_commit_that_failed_is_named_as_long_as_its_work_is_not_committed() {
    let s = Scratch::new();
    s.hook("commit-msg", "exit 1");
    s.write("a.txt", "two\n");
    s.try_git(["commit", "-qam", "second"]);
    assert!(
        status(&s).contains(" failed: not completed; its files are as they were\n"),
        "{}",
        status(&s)
    );
    s.git(["checkout", "-q", "HEAD", "--", "a.txt"]);
    assert!(
        status(&s).contains(" failed: not completed: git bak restore --all\n"),
        "{}",
        status(&s)
    );
    s.bak(["restore", "a.txt"]);
    assert!(status(&s).contains("; its files are as they were\n"), "{}", status(&s));
}

#[test]
fn where_git_can_not_tell_that_is_said() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.git_alone(["commit", "-qam", "second"]);
    let tree = s.git(["rev-parse", "HEAD^{tree}"]).stdout;
    let (folder, name) = tree.trim().split_at(2);
    std::fs::remove_file(s.top().join(format!(".git/objects/{folder}/{name}"))).unwrap();
    let text = status(&s);
    assert!(text.starts_with("git status fails, so there may be fewer: "), "{text}");
    assert!(text.contains("  staged  a.txt\n"), "{text}");
}
