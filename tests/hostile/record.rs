//! A record that an attacker has written: paths that lead astray, ids that are none, names of backups that are paths,
//! lists that lie. It is never believed where that would write, read or delete outside of the working tree, and
//! whatever stands in it, files are backed up, cleaned up and brought back.

use crate::backup_files::blob_id;
use crate::scratch::{Ran, Scratch};

const DAY: &str = ".git/bak/record/2025-11-06";

/// Adds lines to the record; `WT` in them is this worktree.
fn add(s: &Scratch, lines: &[String]) {
    let id = s.read(".git/bak/worktree");
    let more: String = lines.iter().map(|line| line.replace("WT", &id) + "\n").collect();
    s.write(DAY, s.read(DAY) + &more);
}

/// A repository with a backup and a failed commit on record.
fn with_past() -> Scratch {
    let s = Scratch::new();
    s.hook("commit-msg", "exit 1");
    s.write("a.txt", "two\n");
    s.try_git(["commit", "-qam", "fails"]);
    s.bak(["snapshot", "-m", "label", "a.txt"]);
    s
}

/// A line of a snapshot with this file in it.
fn line(file: &str) -> String {
    format!(
        r#"{{"t":1762459846,"z":0,"wt":"WT","ev":"snapshot","cause":"commit","full":true,"files":[{file}]}}"#
    )
}

fn harmless(ran: &Ran) {
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    assert!((0..=3).contains(&ran.status), "{ran:?}");
    let is_plain = |text: &str| !text.bytes().any(|byte| byte < 32 && byte != b'\n');
    assert!(is_plain(&ran.stdout) && is_plain(&ran.stderr), "{ran:?}");
}

/// Whatever stands in the record, work is backed up, comes back, and is cleaned up.
fn works_all_the_same(s: &Scratch) {
    for args in [
        &["list"][..],
        &["list", "--worktree=all"],
        &["status"],
        &["log"],
        &["log", "--json"],
        &["log", "--failures"],
        &["doctor"],
        &["restore", "a.txt", "--at", "label"],
        &["restore", "--all"],
        &["clean", "-n"],
        &["fold"],
        &["vault", "log", "--all"],
        &["clean", "--vault"],
    ] {
        harmless(&s.try_bak(args));
    }
    s.hook("commit-msg", "exit 1");
    s.write("a.txt", "three\n");
    harmless(&s.try_git(["commit", "-qam", "fails"]));
    assert!(s.backup_texts("a.txt").contains(&"three\n".to_owned()));
    assert!(s.vault_has("a.txt", "three\n"));
    s.write("a.txt", "lost");
    harmless(&s.bak(["restore", "--yes", "a.txt"]));
    assert_eq!(s.read("a.txt"), "three\n");
    s.hook("commit-msg", "exit 0");
    let ran = s.git(["commit", "-qam", "second"]);
    harmless(&ran);
    assert_eq!(s.all_backups(), Vec::<String>::new(), "{ran:?}");
}

#[test]
fn values_of_any_type_and_size_hide_no_others() {
    let s = with_past();
    let good =
        r#"{"path":"other.txt","kind":"staged","what":"created","id":"ID","size":4,"mode":420}"#;
    let good = good.replace("ID", &blob_id(&s, b"two\n"));
    let values = ["null", "\"\"", "-1", "1e308", "18446744073709551615", "[]", "{}", "\"\\u0000\""];
    let mut lines = Vec::new();
    for value in values {
        for field in ["t", "z", "wt", "ev", "cause", "label", "head", "named", "attempt", "files"] {
            lines.push(line(&good).replace("\"full\":true", &format!("\"{field}\":{value}")));
        }
        for field in ["path", "path_c", "kind", "what", "id", "size", "mode", "bak", "stat", "t"] {
            lines.push(line(&format!("{{\"{field}\":{value}}}")));
            lines.push(line(&good.replacen('{', &format!("{{\"{field}\":{value},"), 1)));
        }
    }
    for number in [i64::MIN, -1, 0, i64::MAX] {
        lines.push(line(&good).replace("1762459846", &number.to_string()));
        lines.push(line(&good).replace("\"z\":0", &format!("\"z\":{number}")));
    }
    lines.push(line(&good).replace("\"full\":true", "\"big\":[0,99999999999]"));
    add(&s, &lines);
    let events = s.bak(["log", "--json"]).stdout;
    assert!(events.contains("\"created\"") && events.contains("a.txt"), "{events}");
    works_all_the_same(&s);
}

#[test]
fn paths_that_lead_astray_are_neither_followed_nor_shown() {
    let s = with_past();
    let outside = s.root().join("x.bak.20251106_201045.abc12345");
    std::fs::write(&outside, "not ours\n").unwrap();
    std::fs::write(s.root().join("x"), "not ours\n").unwrap();
    s.write(".git/x.bak.20251106_201045.abc12345", "not ours\n");
    let config = s.read(".git/config");
    let id = blob_id(&s, b"two\n");
    let mut lines = Vec::new();
    for path in
        ["../x", ".git/x", ".git/config", "sub/../../x", "/etc/x", "a//x", "", ".GIT/x", "."]
    {
        for what in ["created", "duplicate", "found"] {
            lines.push(line(&format!(
                r#"{{"path":"{path}","kind":"staged","what":"{what}","id":"{id}","bak":"20251106_201045.abc12345"}}"#
            )));
        }
    }
    // Names of backups that are paths.
    for bak in
        ["../x.bak.20251106_201045.abc12345", "20251106_201045.abc12345/../../x", "/etc/passwd"]
    {
        lines.push(line(&format!(
            r#"{{"path":"a.txt","what":"created","id":"{id}","bak":"{bak}"}}"#
        )));
    }
    add(&s, &lines);
    for args in [&["list"][..], &["log"], &["status"], &["clean", "-n"]] {
        let ran = s.bak(args);
        assert!(!ran.stdout.contains("/x") && !ran.stdout.contains("x.bak"), "{ran:?}");
    }
    for args in [&["restore", "--all"][..], &["restore", ".git/config"], &["restore", "../x"]] {
        harmless(&s.try_bak(args));
    }
    s.bak(["clean"]);
    works_all_the_same(&s);
    assert_eq!(std::fs::read_to_string(s.root().join("x")).unwrap(), "not ours\n");
    assert!(outside.exists() && s.exists(".git/x.bak.20251106_201045.abc12345"));
    assert_eq!(s.read(".git/config"), config);
}

#[test]
fn a_path_through_a_file_or_a_link_is_not_written() {
    let s = with_past();
    let outside = s.root().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::os::unix::fs::symlink(&outside, s.top().join("link")).unwrap();
    s.git(["add", "link"]);
    s.git(["commit", "-q", "--no-verify", "-m", "a link", "--", "link"]);
    let id = blob_id(&s, b"two\n");
    let of = |path: &str| {
        line(&format!(r#"{{"path":"{path}","kind":"worktree","what":"deposited","id":"{id}"}}"#))
    };
    add(&s, &["a.txt/x", "link/x", "link"].map(of));
    for path in ["a.txt/x", "link/x", "link"] {
        harmless(&s.try_bak(["restore", "--yes", path]));
    }
    harmless(&s.try_bak(["restore", "--yes", "--all"]));
    assert!(s.top().join("link").is_symlink());
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    s.git(["checkout", "-q", "--", "."]);
    works_all_the_same(&s);
}

#[test]
fn ids_of_what_is_not_there_or_is_no_blob_cost_nobody_elses_version() {
    let s = with_past();
    let ids = [
        "1".repeat(40),
        "nonsense".to_owned(),
        "A".repeat(40),
        "e".repeat(64),
        s.git(["rev-parse", "HEAD"]).stdout.trim().to_owned(),
        s.git(["rev-parse", "HEAD^{tree}"]).stdout.trim().to_owned(),
        "-".to_owned(),
        "../../HEAD".to_owned(),
    ];
    let of = |id: &String| {
        line(&format!(r#"{{"path":"b.txt","kind":"staged","what":"deposited","id":"{id}"}}"#))
    };
    add(&s, &ids.iter().map(of).collect::<Vec<_>>());
    s.bak(["fold"]);
    assert!(s.vault_has("a.txt", "two\n"));
    harmless(&s.try_bak(["restore", "--yes", "b.txt"]));
    assert!(!s.exists("b.txt"), "there is nothing to be had");
    works_all_the_same(&s);
}

#[test]
fn a_note_that_all_is_gone_deletes_no_work_that_comes_after_it() {
    let s = with_past();
    let of = |rest: &str| format!(r#"{{"t":1762459900,"z":0,"wt":"","ev":"gone",{rest}}}"#);
    add(
        &s,
        &[of(r#""before":9223372036854775807"#), of(r#""after":-9223372036854775808,"before":0"#)],
    );
    s.hook("commit-msg", "exit 1");
    s.write("a.txt", "after\n");
    s.try_git(["commit", "-qam", "fails"]);
    for _ in 0..3 {
        s.advance(2 * 86_400);
        s.bak(["fold"]);
    }
    assert!(s.vault_has("a.txt", "after\n"));
    works_all_the_same(&s);
}

#[test]
fn a_day_that_is_a_link_or_a_pipe_is_neither_gone_through_nor_waited_for() {
    for kind in ["link", "pipe"] {
        let s = with_past();
        let outside = s.root().join("outside");
        std::fs::write(&outside, "not ours\n").unwrap();
        let day = s.top().join(DAY);
        std::fs::remove_file(&day).unwrap();
        match kind {
            "link" => std::os::unix::fs::symlink(&outside, &day).unwrap(),
            _ => drop(Ran::of(&s.command("mkfifo").arg(&day).output().unwrap()).expect_success()),
        }
        s.hook("commit-msg", "exit 1");
        s.write("a.txt", "three\n");
        let ran = s.try_git(["commit", "-am", "fails"]);
        harmless(&ran);
        assert!(ran.stderr.contains("a.txt"), "{kind}: {ran:?}");
        for args in [&["list"][..], &["log"], &["status"], &["fold"], &["doctor"]] {
            harmless(&s.try_bak(args));
        }
        s.hook("commit-msg", "exit 0");
        s.git(["commit", "-qam", "second"]);
        assert_eq!(std::fs::read_to_string(&outside).unwrap(), "not ours\n");
    }
}
