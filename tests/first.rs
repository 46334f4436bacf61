//! First on every Git: hooks in the configuration (Git 2.54 and later) run before any hook file, a formatter's too, and
//! those of another folder in place of ours; the guard is asked before them all.

use std::fs;

use crate::scratch::{Ran, Scratch, script};

/// Whether the Git that is tested knows hooks in the configuration.
fn knows_entries(s: &Scratch) -> bool {
    let version = s.git(["version"]).stdout;
    let mut parts = version.trim().rsplit(' ').next().unwrap().split('.');
    let mut next = || parts.next().unwrap().parse::<u32>().unwrap();
    (next(), next()) >= (2, 54)
}

/// A repository with two committed files, whose user has settings of their own, and no git-bak.
fn with_settings() -> Scratch {
    let mut s = Scratch::empty();
    let file = s.root().join("home/.gitconfig");
    s.set_env("GIT_CONFIG_GLOBAL", &file);
    fs::write(file, "[alias]\n\tst = status\n").unwrap();
    s.write("a.txt", "one\n");
    s.write("b.txt", "one\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "first"]);
    s
}

fn settings(s: &Scratch) -> (String, String) {
    (fs::read_to_string(s.root().join("home/.gitconfig")).unwrap(), s.read(".git/config"))
}

/// A formatter that empties a file which isn't staged.
fn formatter(s: &Scratch, scope: &str) {
    for (key, value) in [("command", ": >b.txt; :"), ("event", "pre-commit")] {
        s.git(["config", scope, &format!("hook.fmt.{key}"), value]);
    }
}

/// A commit before which there is work in two files.
fn commit(s: &Scratch) -> Ran {
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    s.write("b.txt", "not staged\n");
    s.git(["commit", "-m", "second"])
}

#[test]
fn what_a_formatter_in_the_settings_empties_comes_back() {
    if !knows_entries(&Scratch::empty()) {
        return;
    }
    for (how, scopes) in [
        (&["install"][..], &["--local", "--global"][..]),
        (&["install", "--no-guard"], &["--local"]),
        (&["install", "--global"], &["--local", "--global"]),
    ] {
        for scope in scopes {
            for is_first in [true, false] {
                let s = with_settings();
                if is_first {
                    formatter(&s, scope);
                }
                let before = settings(&s);
                let ran = s.bak(how);
                let said = "installed: pre-commit in the settings, before other hooks there (hook.git-bak-pre-commit)";
                let is_entry = how.contains(&"--no-guard");
                assert_eq!(ran.stderr.contains(said), is_entry, "{ran:#?}");
                if !is_first {
                    formatter(&s, scope);
                }
                let ran = commit(&s);
                assert_eq!(s.read("b.txt"), "", "the formatter runs");
                let said = ran.stderr.matches("backed up: b.txt.bak.").count();
                assert_eq!(said, 1, "{how:?} {scope} {is_first}: {ran:#?}");
                let commits = s.record().iter().filter(|line| line["ev"] == "commit").count();
                assert_eq!(commits, 1, "one attempt, and one end of it");
                s.bak(["restore", "--yes", "b.txt"]);
                assert_eq!(s.read("b.txt"), "not staged\n", "{how:?} {scope} {is_first}");
                let all = how.contains(&"--global");
                let ran = s.bak(if all { &["uninstall", "--global"][..] } else { &["uninstall"] });
                let said = "removed: pre-commit in the settings, before other hooks there\n";
                assert_eq!(ran.stderr.contains(said), is_entry, "{ran:#?}");
                if is_first {
                    assert_eq!(settings(&s), before, "{how:?} {scope}");
                }
            }
        }
    }
}

/// A repository whose commits run a hook of another folder, which empties a file.
fn with_hooks_elsewhere() -> Scratch {
    let s = with_settings();
    s.bak(["install"]);
    fs::create_dir(s.root().join("hooks")).unwrap();
    script(&s.root().join("hooks/pre-commit"), ": >b.txt");
    s
}

#[test]
fn the_guard_takes_the_snapshot_of_every_form_of_commit_once() {
    for form in [
        &["commit", "-m", "x"][..],
        &["commit", "-am", "x"],
        &["commit", "-m", "x", "--", "a.txt"],
        &["commit", "-m", "x", "-i", "a.txt"],
        &["commit", "--amend", "--no-edit"],
        &["commit", "-nm", "x"],
        &["commit", "-m", "x", "--allow-empty", "-o"],
    ] {
        let s = with_hooks_elsewhere();
        s.write("a.txt", "staged\n");
        s.git(["add", "a.txt"]);
        s.write("b.txt", "not staged\n");
        let ran = s.git(["-c", "core.hooksPath=../hooks"].iter().chain(form));
        let line = "git-bak \u{2713} backed up: b.txt.bak.";
        assert_eq!(ran.stderr.matches(line).count(), 1, "{form:?}: {ran:#?}");
        assert!(s.vault_has("a.txt", "staged\n"), "{form:?}");
        assert_eq!(s.backup_texts("b.txt"), ["not staged\n"], "{form:?}");
        let of_commit = s.record().iter().filter(|line| line["cause"] == "commit").count();
        assert_eq!(of_commit, 1, "{form:?}");
    }
}

#[test]
fn what_only_shows_a_commit_or_is_off_has_no_snapshot() {
    for form in [&["commit", "--dry-run"][..], &["commit", "--short"], &["commit", "-am", "x"]] {
        let mut s = with_hooks_elsewhere();
        s.write("b.txt", "not staged\n");
        if form.contains(&"-am") {
            s.set_env("GIT_BAK", "0");
        }
        s.try_git(form);
        assert!(s.all_backups().is_empty() && s.record().is_empty(), "{form:?}");
    }
}

#[test]
fn a_commit_whose_parts_are_picked_has_its_snapshot_when_they_are() {
    let s = with_settings();
    s.bak(["install"]);
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    s.write("b.txt", "not staged\n");
    let ran = s.git(["commit", "-pm", "x"]);
    assert!(ran.stderr.contains("backed up: b.txt.bak."), "{ran:#?}");
    assert!(s.all_backups().is_empty());
}

#[test]
fn only_the_hook_takes_a_snapshot_that_may_stop_the_commit() {
    let s = with_settings();
    s.bak(["install"]);
    s.git(["config", "bak.onError", "block"]);
    s.git(["config", "bak.maxFileSize", "10"]);
    s.git(["config", "bak.vault", "false"]);
    s.write("a.txt", "more than ten bytes\n");
    let ran = s.try_git(["commit", "-am", "x"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert_eq!(ran.stderr.matches("a.txt").count(), 1, "said once: {ran:#?}");
}

#[test]
fn the_doctor_names_what_runs_before_the_first_look_and_what_helps() {
    let s = with_settings();
    formatter(&s, "--global");
    s.bak(["install", "--no-guard"]);
    let ran = s.try_bak(["doctor"]);
    let named = ran.stdout.contains("is not backed up before they run: fmt (global)");
    assert_eq!(named, knows_entries(&s), "{ran:#?}");
    if !named {
        return;
    }
    assert!(ran.stdout.contains("git bak install --global && git bak install\n"), "{ran:#?}");
    s.bak(["install", "--global"]);
    let ran = s.bak(["install"]);
    assert!(ran.stderr.contains("already installed: the guard"), "{ran:#?}");
    s.bak(["doctor"]);
    commit(&s);
    assert!(s.vault_has("b.txt", "not staged\n"));
}

#[test]
fn for_every_repository_hooks_and_guard_are_in_the_users_settings_alone() {
    let s = with_settings();
    let before = settings(&s);
    let ran = s.try_bak(["install", "--global"]);
    if !knows_entries(&s) {
        assert_eq!(ran.status, 1, "{ran:#?}");
        assert!(ran.stderr.contains("git bak install --template"), "{ran:#?}");
        let ran = s.try_bak(["uninstall", "--global"]);
        assert_eq!((ran.status, settings(&s)), (1, before), "{ran:#?}");
        return;
    }
    assert!(ran.stderr.contains("set for every repository: post-index-change, pre-commit, post-commit, post-checkout, the guard"), "{ran:#?}");
    let once = settings(&s);
    s.bak(["install", "--global"]);
    assert_eq!(settings(&s), once);
    assert!(!s.exists(".git/hooks/pre-commit"));
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    assert!(s.vault_has("a.txt", "staged\n"), "post-index-change");
    s.write("b.txt", "not staged\n");
    s.git(["commit", "-qm", "second"]);
    assert!(s.all_backups().is_empty(), "post-commit");
    s.git(["reset", "-q", "--hard"]);
    assert!(s.vault_has("b.txt", "not staged\n"));
    s.write("b.txt", "thrown away\n");
    let ran = s.git(["reset", "-q", "--hard"]);
    assert!(ran.stderr.contains("b.txt: backed up before git reset"), "the guard: {ran:#?}");
    let ran = s.bak(["doctor"]);
    assert!(ran.stdout.contains("by your own settings, in every repository"), "{ran:#?}");
    let ran = s.bak(["uninstall"]);
    assert_eq!(settings(&s), once, "{ran:#?}");
    let ran = s.bak(["uninstall", "--global"]);
    assert!(ran.stderr.contains("removed: git-bak's lines in "), "{ran:#?}");
    assert_eq!(settings(&s), before);
    let ran = s.bak(["uninstall", "--global"]);
    assert!(ran.stderr.contains("git-bak is not in your own settings"), "{ran:#?}");
}

#[test]
fn a_program_that_is_gone_or_dies_stops_no_commit() {
    let mut s = with_settings();
    if !knows_entries(&s) {
        return;
    }
    s.bak(["install", "--global", "--no-guard"]);
    let file = s.root().join("home/.gitconfig");
    let text = fs::read_to_string(&file).unwrap();
    let bak = crate::scratch::BAK;
    fs::write(&file, text.replace(bak, "/bin/false")).unwrap();
    let ran = commit(&s);
    assert!(
        ran.stderr.contains("may not be backed up, for git-bak ended with status 1: "),
        "{ran:#?}"
    );
    fs::write(&file, text.replace(bak, "/gone")).unwrap();
    fs::remove_file(s.root().join("bin/git-bak")).unwrap();
    s.write("a.txt", "again\n");
    let ran = s.git(["commit", "-qam", "third"]);
    assert_eq!(ran.stderr.matches("git-bak").count(), 2, "one line: {ran:#?}");
    assert!(ran.stderr.contains("for git-bak is not found: reinstall it"), "{ran:#?}");
    s.set_env("GIT_CONFIG_GLOBAL", "/dev/null");
    let ran = s.try_bak(["install", "--global"]);
    assert_eq!(ran.status, 3, "{ran:#?}");
    assert!(ran.stderr.contains("/dev/null, which is not a file"), "{ran:#?}");
}

#[test]
fn a_monitor_in_the_users_settings_keeps_its_place() {
    let s = with_settings();
    if !knows_entries(&s) {
        return;
    }
    s.git(["config", "--global", "core.fsmonitor", "true"]);
    let ran = s.bak(["install", "--global"]);
    assert!(ran.stderr.contains("core.fsmonitor is true (git config --global)"), "{ran:#?}");
    assert_eq!(s.git(["config", "--get-all", "core.fsmonitor"]).stdout, "true\n");
}

#[test]
fn a_hook_in_place_of_ours_is_named_by_the_commit_that_was_not_backed_up() {
    let s = with_settings();
    s.bak(["install"]);
    let hook = s.top().join(".git/hooks/pre-commit");
    fs::rename(&hook, hook.with_extension("old")).unwrap();
    script(&hook, "exit 0");
    s.write("a.txt", "two\n");
    let off = "core.fsmonitor=false";
    let ran = s.git(["-c", off, "commit", "-am", "x"]);
    let line =
        "has taken the place of git-bak's, and this commit was not backed up: git bak install\n";
    assert!(ran.stderr.contains(line), "{ran:#?}");
    s.write("a.txt", "three\n");
    let ran = s.git(["commit", "-am", "x"]);
    assert!(!ran.stderr.contains("not backed up"), "{ran:#?}");
    assert!(s.vault_has("a.txt", "three\n"));
}
