//! What a repository is surrounded by: object databases of others, worktrees that come and go, time zones.

use std::fs;

use crate::scratch::Scratch;

#[test]
fn objects_that_only_an_alternate_of_the_environment_has_are_read_and_copied() {
    let s = Scratch::new();
    s.write("f.txt", "two\n");
    let odb = s.root().join("scratch odb");
    fs::create_dir(&odb).unwrap();
    let git = |args: &[&str]| {
        let mut command = s.command("git");
        command.env("GIT_OBJECT_DIRECTORY", &odb);
        command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", s.top().join(".git/objects"));
        let ran = command.args(args).output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
        String::from_utf8(ran.stderr).unwrap()
    };
    // What is staged is in the repository's own database, and HEAD's tree as well.
    s.write("g.txt", "staged earlier\n");
    s.git_alone(["add", "g.txt"]);
    s.write("g.txt", "edited\n");
    let said = git(&["add", "f.txt"]);
    assert_eq!(said, "");
    let said = git(&["commit", "-qm", "elsewhere"]);
    assert!(!said.contains("not protected"), "{said}");
    fs::remove_dir_all(&odb).unwrap();
    for (path, text) in [("f.txt", "two\n"), ("g.txt", "staged earlier\n"), ("g.txt", "edited\n")] {
        assert!(s.vault_has(path, text), "{path}: {text}");
    }
}

#[test]
fn a_worktree_made_anew_under_an_old_name_inherits_nothing() {
    let s = Scratch::new();
    let place = s.root().join("linked");
    let make = || {
        s.git(["worktree", "add", "-q", "--detach", place.to_str().unwrap()]);
        s.at(&place)
    };
    let first = make();
    fs::write(place.join("a.txt"), "work of the first\n").unwrap();
    first.bak(["snapshot", "a.txt"]);
    assert!(first.bak(["list", "a.txt"]).stdout.contains("@{1}"));
    s.git(["worktree", "remove", "--force", place.to_str().unwrap()]);
    let second = make();
    let listed = second.try_bak(["list", "a.txt"]);
    assert!(!listed.stdout.contains("@{1}"), "{listed:#?}");
    let restored = second.try_bak(["restore", "--yes", "a.txt"]);
    assert_eq!(restored.status, 1, "{restored:#?}");
    assert_eq!(fs::read_to_string(place.join("a.txt")).unwrap(), "one\n");
    let status = second.try_bak(["status"]);
    assert!(!status.stdout.contains("a.txt"), "{status:#?}");
    // The vault has it still, for a user who asks for it.
    assert!(s.vault_has("a.txt", "work of the first\n"));
}

#[test]
fn two_time_zones_are_one_order() {
    let s = Scratch::without_staging();
    let at = |now: &str, args: &[&str]| {
        let ran = s.command("git-bak").env("GIT_BAK_NOW", now).args(args).output().unwrap();
        assert!(ran.status.success(), "{now}: {ran:?}");
        String::from_utf8(ran.stdout).unwrap()
    };
    let text = |text: &str| s.write("a.txt", text);
    // Noon in Tokyo, then five in the morning in London: two hours later, under an earlier name.
    text("earlier, with the later name\n");
    at("2025-11-07T12:00:00+09:00", &["snapshot", "a.txt"]);
    text("later, with the earlier name\n");
    at("2025-11-07T05:00:00+00:00", &["snapshot", "a.txt"]);
    text("one\n");
    for backup in s.backups("a.txt") {
        fs::remove_file(s.top().join(backup)).unwrap();
    }
    for zone in ["2025-11-07T06:00:00+00:00", "2025-11-07T15:00:00+09:00"] {
        let shown = at(zone, &["show", "a.txt@{1}"]);
        assert_eq!(shown, "later, with the earlier name\n", "{zone}");
        let shown = at(zone, &["show", "a.txt@{2}"]);
        assert_eq!(shown, "earlier, with the later name\n", "{zone}");
    }
    at("2025-11-07T15:00:01+09:00", &["restore", "a.txt"]);
    assert_eq!(s.read("a.txt"), "later, with the earlier name\n");
}
