//! What a session did: in the list, as a diff, and taken back.

use std::fs;

use serde_json::{Value, json};

use super::feed;
use crate::scratch::{Ran, Scratch};

/// A repository with work: an edit, an untracked file, and a folder that is as Git has it.
fn with_work() -> Scratch {
    let s = Scratch::new();
    for (path, text) in [("src/x", "x\n"), ("src/y", "y\n"), (".gitignore", "*.ign\n")] {
        s.write(path, text);
    }
    s.git(["add", "."]);
    s.git(["commit", "-qm", "second"]);
    s.write("a.txt", "mine\n");
    s.write("u.txt", "u\n");
    s.write("b.ign", "ignored\n");
    s
}

fn before_command(s: &Scratch, session: &str, command: &str) {
    let event = json!({"session_id": session, "cwd": s.top(), "tool_name": "Bash",
        "tool_input": {"command": command}});
    feed(s, "claude", &event);
}

/// An agent's command, as the agent runs it.
fn command(s: &Scratch, session: &str, command: &str) {
    before_command(s, session, command);
    assert!(s.command("sh").args(["-c", command]).output().unwrap().status.success());
}

/// An agent's edit.
fn edit(s: &Scratch, session: &str, path: &str, text: &str) {
    let event = json!({"session_id": session, "cwd": s.top(), "tool_name": "Write",
        "tool_input": {"file_path": s.top().join(path)}});
    feed(s, "claude", &event);
    s.write(path, text);
}

fn state(s: &Scratch) -> String {
    let status = s.git(["status", "--short", "--ignored", "--untracked-files=all"]).stdout;
    let lines = status.lines().filter(|line| !line.contains(".bak."));
    lines
        .map(|line| {
            format!("{line} {}\n", fs::read_to_string(s.top().join(&line[3..])).unwrap_or_default())
        })
        .collect()
}

fn undo(s: &Scratch, session: &str) -> Ran {
    s.try_bak(["undo", "--yes", "--session", session])
}

#[test]
fn all_that_a_session_did_is_taken_back_and_can_be_redone() {
    let s = with_work();
    let before = state(&s);
    edit(&s, "0a1b-2c", "a.txt", "agent\n");
    edit(&s, "0a1b-2c", "new/file", "new\n");
    command(&s, "0a1b-2c", "rm -rf src u.txt; echo y >made; ln -s a.txt link; echo z >>.gitignore");
    command(&s, "0a1b-2c", "git reset -q --hard; sed -i s/x/changed/ src/x");
    edit(&s, "0a1b-2c", "a.txt", "again\n");
    let after = state(&s);
    let ran = undo(&s, "0a1b-2c");
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(
        ran.stderr.starts_with("• undo session 0a1b-2c of Claude Code since 2025-11-06 20:"),
        "{ran:?}"
    );
    assert_eq!(state(&s), before);
    let ran = undo(&s, "0a1b-2c");
    let text = "git-bak: nothing of session 0a1b-2c is left to take back\n";
    assert_eq!((ran.status, ran.stderr.as_str()), (1, text));
    s.bak(["undo", "--redo", "--yes"]);
    assert_eq!(state(&s), after);
    assert_eq!(undo(&s, "0a1b-2c").status, 0);
    assert_eq!(state(&s), before);
}

#[test]
fn a_diff_shows_what_an_undo_of_a_session_would_change() {
    let s = with_work();
    edit(&s, "0a1b", "a.txt", "agent\n");
    command(&s, "0a1b", "rm -rf src; echo n >new");
    let before = state(&s);
    let ran = s.bak(["diff", "--session", "0a1b", "--stat"]);
    for words in [" a.txt | 2 +-\n", " new   | 1 -\n", " src/x | 1 +\n", " src/y | 1 +\n"] {
        assert!(ran.stdout.contains(words), "{ran:?}");
    }
    let other_way = s.bak(["diff", "-R", "--session=0a", "a.txt"]).stdout;
    assert!(other_way.ends_with("-mine\n+agent\n"), "{other_way}");
    assert_eq!(state(&s), before, "a diff changes nothing");
    let ran = s.bak(["diff", "--session", "0a1b", "u.txt"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "{ran:?}");
    let patch = s.root().join("patch");
    fs::write(&patch, s.bak(["diff", "--session", "0a1b"]).stdout).unwrap();
    s.git(["apply", patch.to_str().unwrap()]);
    assert_eq!((s.read("a.txt").as_str(), s.read("src/x").as_str()), ("mine\n", "x\n"));
    assert!(!s.exists("new"));
}

#[test]
fn the_list_has_steps_by_agent_and_session() {
    let s = with_work();
    s.git(["checkout", "-q", "a.txt"]);
    edit(&s, "one", "a.txt", "1\n");
    edit(&s, "two", "src/x", "2\n");
    command(&s, "one", "rm src/y");
    let event = json!({"tool_name": "Write", "cwd": s.top(), "tool_input": {"file_path": "c"}});
    feed(&s, "nobody", &event);
    s.write("c", "c\n");
    let list = s.bak(["undo", "--list"]).stdout;
    let ends: Vec<&str> = list.lines().map(|line| line.get(20..).unwrap_or(line)).collect();
    let wanted = [
        "",
        "Write            c",
        "git bak undo --session one",
        "Bash rm          src/y",
        "Write            a.txt",
        "git bak undo --session two",
        "Write            src/x",
        "",
        "git checkout -q  a.txt",
    ];
    for (line, end) in ends.iter().zip(wanted) {
        assert!(line.ends_with(end), "{list}");
    }
    assert!(list.starts_with("nobody:\n") && list.contains("\nothers:\n"), "{list}");
    assert_eq!(list.matches("\nClaude Code, session ").count(), 2, "{list}");
    let all: Value = serde_json::from_str(&s.bak(["undo", "--list", "--json"]).stdout).unwrap();
    let of = |at: usize, field: &str| all["moments"][at][field].as_str().unwrap_or("").to_owned();
    assert_eq!(
        (of(0, "agent"), of(1, "session"), of(1, "tool")),
        ("nobody".into(), "one".into(), "Bash".into())
    );
    assert_eq!(of(4, "agent"), "");
    // One step by itself is taken back like any other moment.
    let ran = s.bak(["undo", "--yes", &of(1, "moment")]);
    assert!(ran.stderr.starts_with("• undo Bash rm (Claude Code) of 2025-11-06 20:"), "{ran:?}");
    assert!(s.exists("src/y") && s.read("a.txt") == "1\n");
}

#[test]
fn a_session_is_known_by_its_first_characters_and_an_unknown_one_is_told_of_the_others() {
    let s = with_work();
    let ran = undo(&s, "0a");
    let text = "git-bak: '0a' is no session: no step of a coding agent is on record here\n";
    assert_eq!((ran.status, ran.stderr.as_str()), (1, text));
    edit(&s, "0a1b", "a.txt", "1\n");
    edit(&s, "0a1c", "u.txt", "2\n");
    for (word, text) in [
        ("0a1", "'0a1' may be several sessions: 0a1c (Claude Code), 0a1b (Claude Code)"),
        ("f", "'f' is no session on record here: there are 0a1c (Claude Code), 0a1b (Claude Code)"),
    ] {
        for ran in [undo(&s, word), s.try_bak(["diff", "--session", word])] {
            assert_eq!((ran.status, ran.stderr), (1, format!("git-bak: {text}\n")));
        }
    }
    assert_eq!(undo(&s, "0a1b").status, 0);
    assert_eq!((s.read("a.txt").as_str(), s.read("u.txt").as_str()), ("mine\n", "2\n"));
    assert_eq!(s.try_bak(["undo", "--session", "0a1b", "--redo"]).status, 2);
    let linked = s.root().join("linked");
    s.git(["worktree", "add", "-q", linked.to_str().unwrap(), "-b", "other"]);
    let ran = s.at(&linked).try_bak(["undo", "--session", "0a1c"]);
    let text = "'0a1c' is a session of another working tree: run it there";
    assert!(ran.status == 1 && ran.stderr.contains(text), "{ran:?}");
}

#[test]
fn what_others_did_since_stays() {
    let s = with_work();
    edit(&s, "0a1b", "a.txt", "agent\n");
    command(&s, "0a1b", "echo n >new");
    // Another session goes on with the same file: what this one left is known, and is not there any more.
    edit(&s, "ffff", "a.txt", "theirs\n");
    let ran = undo(&s, "0a1b");
    assert!(ran.status == 1 && ran.stderr.contains("✗ a.txt: changed since\n"), "{ran:?}");
    assert!(ran.stderr.contains("git bak undo --session 0a1b --force a.txt\n"), "{ran:?}");
    assert!(s.exists("new") && s.read("a.txt") == "theirs\n");
    s.bak(["undo", "--session", "0a1b", "--yes", "--force", "a.txt"]);
    assert!(!s.exists("new") && s.read("a.txt") == "mine\n");
    // What is written long after the last step is its author's.
    command(&s, "0a1b", "echo n >new");
    s.write("src/x", "by hand\n");
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(3600);
    let file = fs::File::options().write(true).open(s.top().join("src/x")).unwrap();
    file.set_modified(later).unwrap();
    assert_eq!(undo(&s, "0a1b").status, 0);
    assert!(!s.exists("new") && s.read("src/x") == "by hand\n");
    // Seen by the next step or not.
    edit(&s, "ffff", "src/x", "theirs\n");
    command(&s, "ffff", "true; :");
    let ran = undo(&s, "0a1b");
    assert!(ran.stderr.contains("nothing of session 0a1b is left to take back"), "{ran:?}");
}

#[test]
fn a_file_that_was_there_before_is_never_taken_for_one_that_was_made() {
    let s = with_work();
    // Git takes no notice of it until the session has the rules changed.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    command(&s, "0a1b", "echo >.gitignore; echo n >new");
    assert_eq!(undo(&s, "0a1b").status, 0);
    assert_eq!((s.exists("b.ign"), s.exists("new")), (true, false));
    // Too big to be copied: what it was is not known.
    s.git(["config", "bak.maxFileSize", "10"]);
    s.write("src/x", "an edit that is too big\n");
    command(&s, "0a1b", "echo n >new");
    let ran = undo(&s, "0a1b");
    assert_eq!(
        (s.read("src/x").as_str(), s.exists("new")),
        ("an edit that is too big\n", false),
        "{ran:?}"
    );
}

#[test]
fn what_was_forgotten_is_not_taken_for_something_else() {
    let s = with_work();
    command(&s, "0a1b", "echo agent >a.txt; echo agent >u.txt; rm src/x");
    for file in ["a.txt@{1}", "u.txt@{1}"] {
        s.try_bak(["forget", "--yes", file]);
    }
    assert_eq!(undo(&s, "0a1b").status, 0);
    assert_eq!((s.read("a.txt").as_str(), s.read("u.txt").as_str()), ("agent\n", "agent\n"));
    assert_eq!(s.read("src/x"), "x\n");
}

#[test]
fn what_a_session_committed_is_put_back_on_top_and_a_move_is_named_first() {
    let s = with_work();
    edit(&s, "0a1b", "a.txt", "agent\n");
    command(&s, "0a1b", "sed -i s/x/changed/ src/x; git commit -qam agent");
    let head = s.git(["rev-parse", "HEAD"]).stdout;
    assert_eq!(undo(&s, "0a1b").status, 0);
    assert_eq!((s.read("a.txt").as_str(), s.read("src/x").as_str()), ("mine\n", "x\n"));
    assert_eq!(s.git(["rev-parse", "HEAD"]).stdout, head);
    s.git(["stash", "-q"]);
    edit(&s, "ffff", "a.txt", "more\n");
    command(&s, "ffff", "git checkout -q -b side; git commit -qam side; git rm -q src/y");
    let ran = undo(&s, "ffff");
    let text = "also moved HEAD, from ";
    assert!(ran.status == 1 && ran.stderr.contains(text), "{ran:?}");
    assert!(ran.stderr.contains(": git switch main && git bak undo --session ffff\n"), "{ran:?}");
}

#[test]
fn what_git_writes_out_otherwise_comes_back_as_it_was() {
    let s = with_work();
    s.write(".gitattributes", "*.crlf text eol=crlf\n*.sh text\n");
    s.write("l.crlf", "a\r\nb\r\n");
    s.write("run.sh", "#!/bin/sh\n");
    let run = s.top().join("run.sh");
    fs::set_permissions(&run, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    s.git(["add", "."]);
    s.git(["commit", "-qm", "more"]);
    edit(&s, "0a1b", "l.crlf", "c\r\n");
    s.git(["commit", "-qam", "agent"]);
    command(&s, "0a1b", "true; rm run.sh");
    assert_eq!(undo(&s, "0a1b").status, 0);
    assert_eq!(s.read("l.crlf"), "a\r\nb\r\n");
    command(&s, "ffff", "rm l.crlf");
    assert_eq!(undo(&s, "ffff").status, 0);
    assert_eq!(s.read("l.crlf"), "a\r\nb\r\n");
    assert!(s.command(run).status().unwrap().success());
}

#[test]
fn the_record_has_agent_session_tool_and_command_line_and_only_the_record() {
    let s = with_work();
    s.git(["init", "-q", "--bare", "../bak.git"]);
    s.git(["config", "bak.remote", &format!("file://{}", s.root().join("bak.git").display())]);
    command(&s, "0a1b", "TOKEN=hush true; echo n >new");
    let record = s.record();
    let line = record.iter().rfind(|line| line["agent"].is_object()).unwrap();
    let note = &line["agent"];
    assert_eq!(
        (&note["name"], &note["session"], &note["tool"]),
        (&"claude".into(), &"0a1b".into(), &"Bash".into())
    );
    assert_eq!(note["command"], "TOKEN=hush true; echo n >new");
    assert!(!line["cause"].to_string().contains("hush"));
    s.bak(["push"]);
    let there = s.at(s.root().join("bak.git"));
    let all = there.git(["log", "--all", "-p", "--root", "--format=fuller%n%B"]).stdout;
    assert!(all.contains("+u\n") && !all.contains("hush") && !all.contains("0a1b"), "{all}");
    // To forget what it copied is to forget what it ran.
    s.try_bak(["forget", "--yes", "u.txt"]);
    assert!(!format!("{:?}", s.record()).contains("hush"));
}
