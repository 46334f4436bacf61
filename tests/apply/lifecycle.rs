//! What is printed, step by step.

use std::fs;

use super::{apply, assert_nothing_left, commit_all, rich};
use crate::scratch::Scratch;

fn listener() -> Scratch {
    let s = Scratch::new();
    s.write("stt_listener.py", "one\n");
    commit_all(&s, "base");
    s.write("stt_listener.py", "two\n");
    super::patch_of_all(&s, "up.patch");
    s
}

#[test]
fn the_life_of_an_upgrade_is_told_line_by_line() {
    let s = listener();
    for text in ["a", "b", "c"] {
        s.write("stt_listener.py", text);
        s.bak(["snapshot", "stt_listener.py"]);
    }
    let oldest = s.backups("stt_listener.py").remove(0);
    s.write("stt_listener.py", "one\n");
    let ran = apply(&s, &["--artifact", "abc12345", "--commit", "-m", "Up", "../up.patch"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, ""), "{ran:#?}");
    let head = s.git(["rev-parse", "HEAD"]).stdout;
    let ours: Vec<&str> = ran.stderr.lines().filter(|line| !line.starts_with("git-bak ")).collect();
    let backup = ours[1].rsplit(' ').next().unwrap();
    assert!(backup.starts_with("stt_listener.py.bak.20251106_2010"), "{backup}");
    assert!(backup.ends_with(".abc12345"), "{backup}");
    let expected = [
        "📦 Applying artifact 1/1: abc12345".to_owned(),
        format!("  ✓ Created timestamped backup: {backup}"),
        format!("  ✓ Removed old backup: {oldest}"),
        "  ✓ Success: 1 files modified".to_owned(),
        "🏛 Committing to git...".to_owned(),
        format!("  ✓ Git commit: {}", &head[..8]),
        "🧹 Cleaning up backups (now in git history)...".to_owned(),
        format!("  ✓ Cleaned up backup after git commit: {backup}"),
        "  ✓ Backups cleaned".to_owned(),
    ];
    assert_eq!(ours, expected);
    assert_eq!(
        s.git(["log", "-1", "--format=%s", "--name-only"]).stdout,
        "Up\n\nstt_listener.py\n"
    );
    assert!(s.backups("stt_listener.py").is_empty());
    assert!(s.vault_has("stt_listener.py", "one\n"));
    assert_nothing_left(&s);
}

#[test]
fn the_marks_are_ascii_where_the_locale_is() {
    let mut s = listener();
    s.set_env("LC_ALL", "C");
    let ran = apply(&s, &["--test", "exit 1", "../up.patch"]);
    assert!(ran.stderr.is_ascii(), "{ran:#?}");
    assert!(ran.stderr.starts_with("=> Applying artifact 1/1: "), "{ran:#?}");
    assert!(ran.stderr.contains("\n  + Success: 1 files modified\n"), "{ran:#?}");
    assert!(ran.stderr.contains("\n  x Test: failed with exit status 1\n"), "{ran:#?}");
}

#[test]
fn quiet_says_only_what_went_wrong() {
    let s = listener();
    s.git(["config", "bak.verbosity", "quiet"]);
    let failed = apply(&s, &["--test", "exit 1", "../up.patch"]);
    assert_eq!(failed.stderr, "  ✗ Test: failed with exit status 1\n");
    let done = apply(&s, &["--test", "true", "../up.patch"]);
    assert_eq!((done.status, done.stderr.as_str()), (0, ""));
}

#[test]
fn what_the_commands_print_goes_where_they_print_it() {
    let s = listener();
    let ran = apply(&s, &["--reload", "echo out", "--test", "echo err >&2", "../up.patch"]);
    assert_eq!((ran.status, ran.stdout.as_str()), (0, "out\n"), "{ran:#?}");
    assert!(ran.stderr.contains("\nerr\n"), "{ran:#?}");
}

#[test]
fn the_id_of_an_artifact_is_that_of_its_bytes() {
    let s = listener();
    let id = s.git(["hash-object", "--no-filters", "../up.patch"]).stdout;
    apply(&s, &["../up.patch"]);
    assert!(s.backups("stt_listener.py")[0].ends_with(&format!(".{}", &id[..8])));
}

#[test]
fn the_settings_say_what_the_command_line_does_not() {
    let s = listener();
    s.git(["config", "bak.applyValidate", "echo validated"]);
    s.git(["config", "bak.applyReload", "echo reloaded"]);
    s.git(["config", "bak.applyTest", "echo tested"]);
    s.git(["config", "bak.applyCommit", "true"]);
    let none = apply(&s, &["--no-commit", "--reload", "", "--test", "exit 1", "../up.patch"]);
    assert_eq!((none.status, none.stdout.as_str()), (1, "validated\n"), "{none:#?}");
    let ran = apply(&s, &["../up.patch"]);
    assert_eq!(ran.stdout, "validated\nreloaded\ntested\n", "{ran:#?}");
    assert_eq!(s.git(["status", "--porcelain"]).stdout, "");
    let subject = s.git(["log", "-1", "--format=%s"]).stdout;
    assert!(subject.starts_with("Apply up.patch ("), "{subject}");
}

#[test]
fn a_mails_subject_is_the_message_unless_another_is_given() {
    let s = listener();
    s.write("stt_listener.py", "two\n");
    commit_all(&s, "Listen better");
    let mail = s.git(["format-patch", "-1", "--stdout"]).stdout;
    fs::write(s.root().join("mail"), mail).unwrap();
    s.git(["reset", "-q", "--hard", "HEAD^"]);
    assert_eq!(apply(&s, &["--commit", "../mail"]).status, 0);
    assert_eq!(s.git(["log", "-1", "--format=%s"]).stdout, "Listen better\n");
}

#[test]
fn a_file_is_counted_as_what_happens_to_it() {
    let s = rich();
    let ran = apply(&s, &["../all.patch"]);
    let expected = "  ✓ Success: 8 files modified, 4 files created, 2 files removed\n";
    assert!(ran.stderr.contains(expected), "{ran:#?}");
}
