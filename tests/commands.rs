//! list, status, show and diff: text and JSON, data on standard output and messages on standard error.

use std::fs;
use std::io::Read;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::scratch::{BAK, Ran, Scratch};

fn keep(s: &Scratch, path: &str, text: impl AsRef<[u8]>) {
    s.write(path, text);
    s.bak(["snapshot", path]);
}

fn json_of(ran: &Ran) -> Value {
    assert_eq!(ran.stderr, "");
    assert!(ran.stdout.ends_with('\n'));
    serde_json::from_str(&ran.stdout).unwrap()
}

fn listed(s: &Scratch, args: &[&str]) -> Vec<Value> {
    let all: Vec<&str> = ["list", "--json"].into_iter().chain(args.iter().copied()).collect();
    let document = json_of(&s.bak(all));
    assert_eq!(document["version"], 1);
    document["backups"].as_array().unwrap().clone()
}

/// The values of one field.
fn field<'a>(rows: &'a [Value], name: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[name].as_str().unwrap_or("null")).collect()
}

#[test]
fn list_shows_backups_by_file_newest_first() {
    let s = Scratch::new();
    keep(&s, "b.txt", "b\n");
    keep(&s, "a.txt", "one\ntwo\n");
    keep(&s, "a.txt", "one\ntwo\nthree\n");
    s.write("a.txt", "one\nfour\n");
    let ran = s.bak(["list", "--files"]);
    assert_eq!(ran.stderr, "");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 5, "{ran:?}");
    assert_eq!((lines[0], lines[3]), ("a.txt", "b.txt"));
    let names = s.backups("a.txt");
    for (line, number, name, difference) in
        [(lines[1], "@{1}", &names[1], "+2 -1"), (lines[2], "@{2}", &names[0], "+1 -1")]
    {
        let artifact = name.rsplit('.').next().unwrap();
        for part in [number, artifact, "manual", difference, "2025-11-06 20:1"] {
            assert!(line.contains(part), "{part} in {line}");
        }
    }
    assert!(lines[4].contains("as the file"), "{ran:?}");
    // The word for a version that list shows is one that show takes.
    assert_eq!(s.bak(["show", "a.txt@{2}"]).stdout, "one\ntwo\n");
}

#[test]
fn list_says_when_there_is_nothing_on_standard_error() {
    let s = Scratch::new();
    let ran = s.bak(["list", "--files"]);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("no backups: git bak list shows what the vault has"), "{ran:?}");
    assert!(listed(&s, &["--files"]).is_empty());
}

#[test]
fn the_fields_of_list_are_those_that_scripts_rely_on() {
    let mut s = Scratch::new();
    s.set_env("GIT_BAK_NOW", "2025-11-07T09:08:07+01:00");
    keep(&s, "sub/b.txt", "12345");
    let name = s.backups("sub/b.txt").remove(0);
    let rows = listed(&s, &["--files"]);
    assert_eq!(rows.len(), 1);
    let expected = json!({
        "path": "sub/b.txt",
        "backup": format!("sub/{name}"),
        "artifact": name.rsplit('.').next().unwrap(),
        "time": "2025-11-07T09:08:07+01:00",
        "size": 5,
        "kind": "manual",
        "vault": true,
        "state": "uncommitted",
        "commit": null,
    });
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(&rows[0][key], value, "{key}");
    }
    assert!(rows[0].get("path_bytes").is_none());
}

#[test]
fn a_version_that_only_the_vault_has_is_listed_with_no_backup() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.git(["add", "a.txt"]);
    s.git(["commit", "-qm", "second"]);
    assert!(listed(&s, &["--files"]).is_empty());
    let rows = listed(&s, &[]);
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!(
            (&row["backup"], &row["vault"], &row["kind"]),
            (&Value::Null, &json!(true), &json!("staged"))
        );
    }
    let text = s.bak(["list"]).stdout;
    assert_eq!(text.matches("  vault").count(), 2, "{text}");
}

#[test]
fn a_backup_that_the_vault_lacks_is_listed_as_such() {
    let s = Scratch::new();
    s.git(["config", "bak.vault", "false"]);
    keep(&s, "b.txt", "b\n");
    let rows = listed(&s, &["b.txt"]);
    assert_eq!((rows.len(), &rows[0]["vault"]), (1, &json!(false)));
}

#[test]
fn the_kind_of_a_version_is_what_it_was_kept_for() {
    let s = Scratch::new();
    s.hook("pre-commit", "exit 1");
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    s.write("a.txt", "edited\n");
    s.try_git(["commit", "-qm", "second"]);
    assert_eq!(field(&listed(&s, &["a.txt"]), "kind"), ["worktree", "staged", "staged"]);
    keep(&s, "a.txt", "by hand\n");
    assert_eq!(field(&listed(&s, &["a.txt"]), "kind"), ["manual", "worktree", "staged", "staged"]);
}

#[test]
fn paths_select_files_and_folders() {
    let s = Scratch::new();
    for path in ["sub/b.txt", "sub/deep/c.txt", "sub.txt", "a.txt"] {
        keep(&s, path, path);
    }
    assert_eq!(field(&listed(&s, &["sub"]), "path"), ["sub/deep/c.txt", "sub/b.txt"]);
    assert_eq!(
        field(&listed(&s, &["--files", "a.txt", "sub/deep"]), "path"),
        ["a.txt", "sub/deep/c.txt"]
    );
    assert_eq!(listed(&s, &["--files", "."]).len(), 4);
    let below = s.at(s.top().join("sub"));
    let rows = json_of(&below.bak(["list", "--json", "."]));
    assert_eq!(field(rows["backups"].as_array().unwrap(), "path"), ["sub/deep/c.txt", "sub/b.txt"]);
    let rows = json_of(&below.bak(["list", "--json", "../a.txt"]));
    assert_eq!(rows["backups"][0]["path"], "a.txt");
    let none = s.try_bak(["list", "--json", "none"]);
    let empty: Value = serde_json::from_str(&none.stdout).unwrap();
    assert_eq!((none.status, empty["backups"].as_array().map(Vec::len)), (1, Some(0)));
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_that_is_not_utf8_is_given_in_base64_too() {
    use std::os::unix::ffi::OsStrExt;
    let s = Scratch::new();
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.txt");
    fs::write(s.top().join(name), "x\n").unwrap();
    s.bak([std::ffi::OsStr::new("snapshot"), name]);
    let rows = listed(&s, &[]);
    assert_eq!(rows[0]["path_bytes"], "Y2Fm6S50eHQ=");
    let status = json_of(&s.bak(["status", "--json"]));
    assert_eq!(status["files"][0]["path_bytes"], "Y2Fm6S50eHQ=");
    assert!(s.bak(["list"]).stdout.starts_with("\"caf\\351.txt\"\n"));
    fs::write(s.top().join(name), "lost\n").unwrap();
    s.bak([std::ffi::OsStr::new("restore"), std::ffi::OsStr::new("--yes"), name]);
    assert_eq!(fs::read(s.top().join(name)).unwrap(), b"x\n");
}

#[cfg(target_os = "linux")]
#[test]
fn words_that_are_not_utf8_name_files_too() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let s = Scratch::new();
    let name = OsStr::from_bytes(b"caf\xe9.txt");
    fs::write(s.top().join(name), "x\n").unwrap();
    s.bak([OsStr::new("snapshot"), name]);
    fs::write(s.top().join(name), "y\n").unwrap();
    let numbered = OsStr::from_bytes(b"caf\xe9.txt@{1}");
    assert_eq!(s.try_bak([OsStr::new("show"), numbered]).stdout, "x\n");
    let ran = s.try_bak([OsStr::new("diff"), name]);
    assert!(ran.stdout.contains("-y\n+x\n"), "{ran:?}");
    let ran = s.try_bak([OsStr::new("restore"), OsStr::new("--from"), numbered]);
    assert_eq!(ran.status, 0, "{ran:?}");
}

#[test]
fn names_are_quoted_as_git_quotes_them() {
    let s = Scratch::new();
    keep(&s, "é", "x\n");
    assert!(s.bak(["list"]).stdout.starts_with("\"\\303\\251\"\n"));
    s.git(["config", "core.quotePath", "false"]);
    assert!(s.bak(["list"]).stdout.starts_with("é\n"));
    assert_eq!(listed(&s, &[])[0]["path"], "é");
}

#[test]
fn times_have_the_offset_that_local_time_had_then() {
    let mut s = Scratch::new();
    s.set_env("TZ", "CET-1CEST,M3.5.0,M10.5.0/3");
    s.write("a.txt.bak.20250701_120000.aaaaaaaa", "summer\n");
    s.write("a.txt.bak.20250101_120000.bbbbbbbb", "winter\n");
    let mut command = s.command(BAK);
    let ran =
        Ran::of(&command.env_remove("GIT_BAK_NOW").args(["list", "--json"]).output().unwrap());
    let rows = json_of(&ran);
    let rows = rows["backups"].as_array().unwrap().clone();
    assert_eq!(field(&rows, "time"), ["2025-07-01T12:00:00+02:00", "2025-01-01T12:00:00+01:00"]);
    // A time as list gives it is one that restore takes.
    for (row, text) in rows.iter().zip(["summer\n", "winter\n"]) {
        let time = row["time"].as_str().unwrap();
        let mut command = s.command(BAK);
        command.env_remove("GIT_BAK_NOW").args(["restore", "--yes", "a.txt", "--at", time]);
        let ran = Ran::of(&command.output().unwrap());
        assert_eq!((ran.status, s.read("a.txt").as_str()), (0, text), "{time}: {ran:?}");
    }
}

#[test]
fn status_of_a_quiet_repository() {
    let s = Scratch::new();
    let status = json_of(&s.bak(["status", "--json"]));
    assert_eq!(status["version"], 1);
    assert_eq!((&status["backups"], &status["bytes"]), (&json!(0), &json!(0)));
    assert_eq!(status["files"], json!([]));
    assert_eq!(status["vault"], json!({ "snapshots": 2, "files": 2 }));
    assert_eq!(status["attempt"]["state"], "none");
    let ran = s.bak(["status"]);
    assert!(ran.stdout.contains("0 backups of 0 files"), "{ran:?}");
    assert_eq!(ran.stderr, "");
}

#[test]
fn status_counts_what_is_on_disk_by_file() {
    let s = Scratch::new();
    keep(&s, "a.txt", "12345");
    keep(&s, "a.txt", "123");
    keep(&s, "sub/b.txt", "1");
    let status = json_of(&s.bak(["status", "--json"]));
    assert_eq!((&status["backups"], &status["bytes"]), (&json!(3), &json!(9)));
    let files = json!([
        { "path": "a.txt", "backups": 2, "bytes": 8 },
        { "path": "sub/b.txt", "backups": 1, "bytes": 1 },
    ]);
    assert_eq!(status["files"], files);
    let text = s.bak(["status"]).stdout;
    assert!(text.contains("3 backups of 2 files") && text.contains("sub/b.txt"), "{text}");
}

#[test]
fn status_tells_of_a_failed_attempt_with_its_time_and_step_until_a_commit_succeeds() {
    let s = Scratch::new();
    s.hook("pre-commit", "exit 1");
    s.write("a.txt", "two\n");
    s.git(["add", "a.txt"]);
    let began = s.now();
    s.try_git(["commit", "-qm", "second"]);
    let attempt = &json_of(&s.bak(["status", "--json"]))["attempt"];
    assert_eq!(*attempt, json!({ "state": "failed", "time": began, "step": "pre-commit hook" }));
    assert!(s.bak(["status"]).stdout.contains("failed: pre-commit hook"));
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qm", "second"]);
    assert_eq!(json_of(&s.bak(["status", "--json"]))["attempt"]["state"], "none");
}

#[test]
fn status_tells_of_a_commit_that_is_under_way_and_of_one_that_did_not_end() {
    let s = Scratch::new();
    s.hook("commit-msg", "git bak status --json > during; exit 1");
    s.write("a.txt", "two\n");
    s.git(["add", "a.txt"]);
    s.try_git(["commit", "-qm", "second"]);
    let during: Value = serde_json::from_str(&s.read("during")).unwrap();
    assert_eq!(during["attempt"]["state"], "open");
    let attempt = &json_of(&s.bak(["status", "--json"]))["attempt"];
    assert_eq!((&attempt["state"], &attempt["step"]), (&json!("failed"), &json!("not completed")));
}

#[test]
fn status_names_backups_that_are_stuck() {
    let s = Scratch::new();
    keep(&s, "a.txt", "two\n");
    s.advance(8 * 24 * 3600);
    keep(&s, "b.txt", "b\n");
    let text = s.bak(["status"]).stdout;
    assert!(text.contains("1 backup older than a week") || text.contains("1 is older"), "{text}");
    assert_eq!(json_of(&s.bak(["status", "--json"]))["stuck"], 1);
}

#[test]
fn show_prints_the_bytes_and_nothing_else() {
    let s = Scratch::new();
    let bytes: Vec<u8> = (0..=255).chain([b'\r', b'\n', 0]).collect();
    keep(&s, "x.bin", &bytes);
    let output = s.command(BAK).args(["show", "x.bin@{1}"]).output().unwrap();
    assert!(output.stdout == bytes && output.stderr.is_empty());
    fs::remove_file(s.top().join(s.backups("x.bin").remove(0))).unwrap();
    let output = s.command(BAK).args(["show", "x.bin@{1}"]).output().unwrap();
    assert!(output.stdout == bytes, "from the vault");
}

#[test]
fn diff_compares_a_backup_with_the_file_now() {
    let s = Scratch::new();
    keep(&s, "a.txt", "one\ntwo\n");
    keep(&s, "a.txt", "one\nthree\n");
    let newest = s.bak(["diff", "a.txt"]).stdout;
    assert!(newest.contains("-three\n+two\n"), "the newest that differs: {newest}");
    s.write("a.txt", "one\nfour\n");
    assert!(s.bak(["diff", "a.txt"]).stdout.contains("-four\n+three\n"));
    assert!(s.bak(["diff"]).stdout.contains("-four\n+three\n"));
    for args in [["diff", "a.txt", "a.txt@{2}"], ["diff", "a.txt", &s.backups("a.txt")[0]]] {
        assert!(s.bak(args).stdout.contains("-four\n+two\n"), "{args:?}");
    }
    assert!(s.bak(["diff", &s.backups("a.txt")[0]]).stdout.contains("-four\n+two\n"));
}

#[test]
fn diff_shows_paths_from_the_top_and_goes_by_their_attributes() {
    let s = Scratch::new();
    s.write("docs/a.txt", "one\n");
    s.bak(["snapshot", "docs/a.txt"]);
    s.write("docs/a.txt", "two\n");
    let shown = s.at(s.top().join("docs")).bak(["diff", "a.txt"]).stdout;
    assert!(shown.contains("\n--- a/docs/a.txt\n+++ b/docs/a.txt\n"), "{shown}");
    s.write(".gitattributes", "docs/a.txt -diff\n");
    assert!(s.bak(["diff", "docs/a.txt"]).stdout.contains("Binary files"));
}

#[test]
fn diff_of_a_deleted_file_brings_all_of_it() {
    let s = Scratch::new();
    keep(&s, "b.txt", "b\n");
    fs::remove_file(s.top().join("b.txt")).unwrap();
    let ran = s.bak(["diff", "b.txt"]);
    assert!(ran.stdout.contains("+b\n") && ran.stdout.contains("--- /dev/null"), "{ran:?}");
}

#[test]
fn diff_of_what_is_no_text_and_of_what_is_equal() {
    let s = Scratch::new();
    keep(&s, "x.bin", b"a\0b");
    let equal = s.bak(["diff", "x.bin"]);
    assert_eq!((equal.stdout.as_str(), equal.stderr.as_str()), ("", ""));
    s.write("x.bin", b"a\0c");
    assert!(s.bak(["diff", "x.bin"]).stdout.contains("Binary files"));
}

#[test]
fn diff_goes_by_the_users_own_settings_for_diffs() {
    let s = Scratch::new();
    keep(&s, "a.txt", "two\n");
    s.write("a.txt", "three\n");
    s.git(["config", "diff.external", "echo external"]);
    assert!(s.bak(["diff", "a.txt"]).stdout.starts_with("external a.txt "));
}

#[test]
fn diff_says_what_it_can_not_find() {
    let s = Scratch::empty();
    s.write("a.txt", "x");
    for args in [&["diff", "a.txt"][..], &["diff", "a.txt", "a.txt@{1}"]] {
        let ran = s.try_bak(args);
        assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{args:?}: {ran:?}");
        assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    }
    keep(&s, "a.txt", "a\n");
    keep(&s, "b.txt", "b\n");
    let ran = s.bak(["diff"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.lines().count()), ("", 1), "{ran:?}");
}

#[test]
fn diff_leaves_nothing_behind() {
    let s = Scratch::new();
    keep(&s, "a.txt", "two\n");
    let before = fs::read_dir(s.top().join(".git/bak")).unwrap().count();
    s.bak(["diff", "a.txt"]);
    assert_eq!(fs::read_dir(s.top().join(".git/bak")).unwrap().count(), before);
}

#[test]
fn the_verbs_work_as_git_commands() {
    let s = Scratch::new();
    keep(&s, "a.txt", "two\n");
    s.write("a.txt", "three\n");
    assert!(s.git(["bak", "list"]).stdout.starts_with("a.txt\n"));
    assert_eq!(s.git(["bak", "show", "a.txt@{1}"]).stdout, "two\n");
    s.git(["bak", "restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "two\n");
    // `-C` and a path from elsewhere.
    let top = s.top().to_str().unwrap();
    let ran = s.at(s.root()).git(["-C", top, "bak", "list", "--json"]);
    assert!(ran.stdout.contains("\"a.txt\""), "{ran:?}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let s = Scratch::new();
    keep(&s, "big", vec![b'x'; 1 << 20]);
    for args in [&["show", "big@{1}"][..], &["list"], &["--help"]] {
        let mut command = s.command(BAK);
        let mut child =
            command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut byte = [0];
        let mut out = child.stdout.take().unwrap();
        out.read_exact(&mut byte).unwrap();
        drop(out);
        let ran = Ran::of(&child.wait_with_output().unwrap());
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{args:?}");
    }
}

#[test]
fn a_linked_worktree_sees_its_own_backups_only() {
    let s = Scratch::new();
    let linked = s.root().join("linked");
    s.git(["worktree", "add", "-q", linked.to_str().unwrap()]);
    keep(&s, "a.txt", "in the main one\n");
    let there = s.at(&linked);
    assert_eq!(json_of(&there.bak(["list", "--json"]))["backups"], json!([]));
    fs::write(linked.join("a.txt"), "in the linked one\n").unwrap();
    there.bak(["snapshot", "a.txt"]);
    assert_eq!(json_of(&there.bak(["list", "--json"]))["backups"].as_array().unwrap().len(), 1);
    fs::write(linked.join("a.txt"), "lost\n").unwrap();
    there.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(fs::read_to_string(linked.join("a.txt")).unwrap(), "in the linked one\n");
    assert_eq!(s.read("a.txt"), "in the main one\n");
}

#[cfg(unix)]
#[test]
fn a_working_tree_reached_through_a_link_is_the_same() {
    let s = Scratch::new();
    keep(&s, "sub/b.txt", "b\n");
    let link = s.root().join("link");
    std::os::unix::fs::symlink(s.top(), &link).unwrap();
    let through = link.join("sub/b.txt");
    let direct = s.top().join("sub/b.txt");
    for typed in [through.to_str().unwrap(), direct.to_str().unwrap(), "sub/b.txt"] {
        let ran = s.at(&link).bak(["list", typed]);
        assert!(ran.stdout.starts_with("sub/b.txt\n"), "{typed}: {ran:?}");
    }
}

#[test]
fn the_environment_may_say_where_the_repository_is() {
    let s = Scratch::new();
    s.write("sub/b.txt", "b\n");
    let mut command = s.at(s.top().join("sub")).command(BAK);
    command.env("GIT_DIR", "../.git").env("GIT_WORK_TREE", "..").args(["snapshot", "b.txt"]);
    Ran::of(&command.output().unwrap()).expect_success();
    assert_eq!(s.backup_texts("sub/b.txt"), ["b\n"]);
    let mut command = s.at(s.root()).command(BAK);
    command.env("GIT_DIR", "repo/.git").env("GIT_WORK_TREE", "repo");
    let ran = Ran::of(&command.args(["list", "repo/sub"]).output().unwrap());
    assert!(ran.stdout.starts_with("sub/b.txt\n"), "{ran:?}");
}

#[test]
fn list_has_what_no_commit_has_first_and_of_the_others_the_commit() {
    let s = Scratch::new();
    s.write("a.txt", "draft\n");
    s.git(["add", "a.txt"]);
    s.write("a.txt", "two\n");
    s.git(["commit", "-qam", "second"]);
    s.git(["switch", "-qc", "other", "HEAD~1"]);
    s.write("a.txt", "stashed\n");
    s.bak(["snapshot", "a.txt"]);
    s.git(["stash", "push", "-q", "--", "a.txt"]);
    s.write("b.txt", "open\n");
    s.git(["add", "b.txt"]);
    s.advance(60);
    let commit = |name: &str| s.git(["rev-parse", "--short=7", name]).stdout.trim().to_owned();
    let text = s.bak(["list"]).stdout;
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0] == "b.txt" && lines[1].ends_with("  uncommitted"), "{text}");
    assert_eq!(lines[2], "a.txt");
    assert!(lines[3].contains("  in stash@{0}"), "{text}");
    let there = format!("{}, not on this branch", commit("main"));
    assert!(lines[4].contains(&format!("  in {there}")), "{text}");
    assert!(lines[5].contains(&format!("  draft of {there}")), "{text}");
    assert!(lines[6].contains(&format!("  in {} ", commit("HEAD"))), "{text}");
    let rows = listed(&s, &["a.txt"]);
    assert_eq!(field(&rows, "state"), ["stashed", "committed", "draft", "committed"]);
    assert_eq!(rows[1]["commit"], s.git(["rev-parse", "main"]).stdout.trim());
    s.write("b.txt", "lost\n");
    s.bak(["restore", "--yes", "b.txt"]);
    assert!(s.bak(["list", "b.txt"]).stdout.contains("  before restore  "));
}
