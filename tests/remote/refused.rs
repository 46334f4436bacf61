//! Places that can't be, are not there, say no, or have more than is here; and what is said of them.

use std::fs;
use std::time::Duration;

use super::{all_that_is_there, branches, said, url, with_remote};
use crate::scratch::{Scratch, script};

fn edit(s: &Scratch, text: &str) {
    s.write("a.txt", text);
    s.bak(["snapshot"]);
}

#[test]
fn what_is_no_place_is_refused_before_anything_is_set() {
    let s = with_remote();
    s.git(["config", "--unset", "bak.remote"]);
    let own = s.top().join(".git/bak/vault.git").display().to_string();
    let itself = format!("file://{}", s.top().display());
    for (place, why) in [
        ("origin", "neither a URL nor a folder's path"),
        ("--upload-pack=x", "neither a URL nor a folder's path"),
        ("./", "it is this repository itself"),
        (&itself, "it is this repository itself"),
        (&own, "it is this repository itself"),
    ] {
        s.bak(["snapshot"]);
        s.bak(["vault", "--version"]);
        let ran = s.try_bak(["install", &format!("--remote={place}")]);
        assert!(ran.status == 3 && ran.stderr.contains(why), "{place}: {ran:#?}");
    }
    assert_eq!(s.try_git(["config", "bak.remote"]).status, 1);
    s.git(["config", "bak.remote", "https//me:hush@example.org"]);
    let ran = s.bak(["list"]);
    assert!(ran.stderr.contains("is not a URL or a folder's path; using none"), "{ran:#?}");
    s.git(["config", "bak.remote", "../nowhere.git"]);
    edit(&s, "two\n");
    assert_eq!(s.try_bak(["push"]).status, 3);
}

#[test]
fn install_names_what_will_leave_the_machine() {
    let s = with_remote();
    s.git(["config", "--unset", "bak.remote"]);
    fs::write(s.top().join(".git/config.lock"), "").unwrap();
    let ran = s.try_bak(["install", "--remote", &url(&s)]);
    assert!(ran.stderr.contains("bak.remote was not set"), "{ran:#?}");
    fs::remove_file(s.top().join(".git/config.lock")).unwrap();
    let ran = s.bak(["install", "--remote", &url(&s)]);
    for words in [
        "from now on, what the vault has goes to file://",
        "files that Git ignores, what commands print and an agent's command lines stay here",
    ] {
        assert!(ran.stderr.contains(words), "{ran:#?}");
    }
    let (said_now, remedy) = said(&s);
    assert!(said_now.iter().all(|line| line.ends_with(": never pushed")), "{said_now:?}");
    assert_eq!((said_now.len(), remedy.as_str()), (2, ""));
    edit(&s, "two\n");
    // As it is seen from where it was typed.
    fs::create_dir(s.top().join("sub")).unwrap();
    s.at(s.top().join("sub")).bak(["install", "--remote", "../../bak.git"]);
    let set = s.git(["config", "bak.remote"]).stdout;
    assert_eq!(set.trim(), s.root().join("bak.git").to_str().unwrap());
    // By the name that there is for it.
    s.git(["config", "url.file://.insteadOf", "there:"]);
    s.git(["config", "bak.remote", &format!("there:{}/bak.git", s.root().display())]);
    s.bak(["push"]);
    assert!(all_that_is_there(&s).contains("+two"));
}

#[test]
fn credentials_are_nowhere_in_what_is_printed_or_written_down() {
    let s = with_remote();
    edit(&s, "two\n");
    s.git(["config", "bak.remote", "https://me:hush@127.0.0.1:1/x.git?token=hush"]);
    s.bak(["status"]);
    let mut all = vec![s.try_bak(["push"])];
    assert_eq!(all[0].status, 3, "{all:#?}");
    s.try_bak(["fold"]);
    all.extend([s.bak(["status"]), s.bak(["status", "--json"]), s.try_bak(["doctor"])]);
    all.extend([
        s.try_bak(["list", "--remote"]),
        s.try_bak(["install", "--remote=https//a:hush@x"]),
    ]);
    let typed = "--remote=https://a:hush@127.0.0.1/x";
    all.push(s.bak(["install", typed]));
    for ran in &all {
        assert!(!ran.stderr.contains("hush") && !ran.stdout.contains("hush"), "{ran:#?}");
    }
    assert!(
        all[1].stdout.contains("https://127.0.0.1:1/x.git does not have all, never pushed"),
        "{all:#?}"
    );
    assert!(!fs::read_to_string(s.top().join(".git/bak/remote")).unwrap().contains("hush"));
}

#[test]
fn one_that_is_off_line_costs_a_commit_nothing_and_is_told_by_status_and_doctor() {
    let s = with_remote();
    edit(&s, "two\n");
    let (there, away) = (s.root().join("bak.git"), s.root().join("away.git"));
    fs::rename(&there, &away).unwrap();
    s.git(["commit", "-qam", "goes on"]);
    s.try_bak(["fold"]);
    let (lines, remedy) = said(&s);
    assert_eq!((lines.len(), remedy.as_str()), (2, "git bak push"));
    assert!(lines.iter().all(|line| line.contains("bak.git does not have all, never pushed: ")));
    fs::rename(&away, &there).unwrap();
    edit(&s, "three\n");
    s.bak(["fold"]);
    let (lines, _) = said(&s);
    assert!(lines.iter().all(|line| line.contains("bak.git: pushed ")), "{lines:?}");
}

#[test]
fn one_that_is_slow_costs_a_commit_nothing() {
    let mut s = with_remote();
    s.unset_env("CI");
    // What runs detached has the clock of the machine.
    s.unset_env("GIT_BAK_NOW");
    let (slow, ended) = (s.root().join("slow"), s.root().join("ended"));
    script(&slow, &format!("sleep 5; : >'{}'; echo 'too slow' >&2; exit 1", ended.display()));
    s.set_env("GIT_SSH_COMMAND", &slow);
    s.git(["config", "bak.remote", "ssh://127.0.0.1/bak.git"]);
    s.write("a.txt", "two\n");
    let ran = s.git(["commit", "-qam", "goes on"]);
    assert!(!ended.exists(), "the commit waited for it");
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    let is_said = || {
        std::thread::sleep(Duration::from_millis(200));
        s.bak(["status"]).stdout.contains("127.0.0.1/bak.git does not have all, never pushed: ")
    };
    assert!((0..300).any(|_| is_said()), "it was not tried");
}

#[test]
fn a_day_that_is_refused_keeps_no_other_back() {
    let s = with_remote();
    let hook = s.root().join("bak.git/hooks/update");
    script(&hook, "case $1 in */2025-11-*) echo 'a token is in it' >&2; exit 1;; esac");
    for day in 0..8 {
        edit(&s, &format!("{day}\n"));
        s.advance(super::A_DAY * if day == 6 { 20 } else { 1 });
    }
    let ran = s.try_bak(["push"]);
    assert_eq!(ran.status, 3, "{ran:#?}");
    for words in [
        "1 day pushed to ",
        "2025-11-12 not pushed: [remote rejected] (hook declined): a token is in it",
        "and 2 more days not pushed",
    ] {
        assert!(ran.stderr.contains(words), "{words}: {ran:#?}");
    }
    assert_eq!(branches(&s).len(), 1);
    fs::remove_file(hook).unwrap();
    s.bak(["push"]);
    assert_eq!(branches(&s).len(), 8);
}

#[test]
fn what_is_there_and_was_not_sent_from_here_is_not_replaced() {
    let s = with_remote();
    edit(&s, "two\n");
    s.bak(["push"]);
    s.command("cp").args(["-a", ".", "../copy"]).status().unwrap();
    let copy = s.at(s.root().join("copy"));
    fs::write(s.root().join("copy/a.txt"), "in the copy\n").unwrap();
    copy.bak(["snapshot"]);
    copy.bak(["push"]);
    let before = branches(&s);
    edit(&s, "here\n");
    let ran = s.try_bak(["push"]);
    let words = "not pushed: what is there was not sent from here, or is more than is left here";
    assert!(ran.status == 3 && ran.stderr.contains(words), "{ran:#?}");
    assert_eq!(branches(&s), before);
    assert!(said(&s).0.iter().all(|line| line.contains("was not sent from here")));
}

#[test]
fn a_vault_that_has_lost_versions_takes_none_from_the_other_place() {
    let s = with_remote();
    edit(&s, "two\n");
    edit(&s, "three\n");
    s.bak(["push"]);
    let before = branches(&s);
    let id = crate::backup_files::blob_id(&s, b"two\n");
    // All that this machine has of it.
    fs::remove_dir_all(s.top().join(".git/bak/vault.git")).unwrap();
    let _ = fs::remove_dir_all(s.top().join(".git/bak/new").join(&id[..2]));
    edit(&s, "four\n");
    assert_eq!(s.try_bak(["push"]).status, 3);
    assert_eq!(branches(&s), before);
    assert!(all_that_is_there(&s).contains("+two"));
    s.bak(["restore", "--remote", "--yes", "--from", "a.txt@{2}", "a.txt"]);
    assert_eq!(s.read("a.txt"), "two\n");
}
