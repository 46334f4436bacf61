//! Processes killed at bad moments, left-overs, and files that are not what they say.

use std::fs;
use std::process::Command;

use crate::backup_files::{blob_id, only, refused_commit, refusing, stage_and_fail, stamp_of_now};
use crate::scratch::Scratch;

/// How each try at a commit on record ended, the oldest first.
fn attempts(s: &Scratch) -> Vec<String> {
    let lines = s.record();
    let begun = lines.iter().filter(|line| line["ev"] == "snapshot" && line["attempt"].is_string());
    let ended = |begun: &serde_json::Value| {
        let of_it = |line: &&serde_json::Value| {
            line["ev"] != "snapshot" && line["attempt"] == begun["attempt"]
        };
        let end = lines.iter().find(of_it);
        end.map_or("open", |line| line["ev"].as_str().unwrap()).to_owned()
    };
    begun.map(ended).collect()
}

/// The number of a process that is gone.
fn dead_process() -> u32 {
    let mut child = Command::new(crate::scratch::BAK)
        .arg("--version")
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let id = child.id();
    child.wait().unwrap();
    id
}

/// The temporary name that a process of this number writes `a.txt`'s backup under.
fn temporary(pid: u32) -> String {
    let mut digits: Vec<char> = Vec::new();
    let mut rest = pid % 36_u32.pow(5);
    for _ in 0..5 {
        digits.push(char::from_digit(rest % 36, 36).unwrap());
        rest /= 36;
    }
    let pid: String = digits.into_iter().rev().collect();
    format!("a.txt.bak.00000000_000000.{pid}000")
}

#[test]
fn what_only_looks_is_sure_of_nothing_where_no_backup_lies() {
    let s = Scratch::new();
    let name = format!("folder/{}", temporary(dead_process()));
    s.write(&name, "half");
    for verb in ["list", "status"] {
        s.bak([verb]);
        assert_eq!(s.read(&name), "half", "{verb}");
    }
}

#[cfg(unix)]
#[test]
fn killed_while_the_chained_hook_runs_it_has_lost_nothing() {
    let s = Scratch::new();
    s.write("a.txt", "staged\n");
    s.git(["add", "a.txt"]);
    s.write("a.txt", "edited\n");
    s.hook("pre-commit", "kill -9 $PPID");
    let ran = s.try_git(["commit", "-qm", "killed"]);
    assert_ne!(ran.status, 0, "{ran:#?}");
    assert_eq!(s.backups("a.txt").len(), 2);
    assert!(s.vault_has("a.txt", "staged\n") && s.vault_has("a.txt", "edited\n"));
    assert_eq!(attempts(&s), ["commit", "open"]);
    let status = s.bak(["status"]).stdout;
    assert!(status.contains("failed"), "{status}");
    // The next one takes it in.
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qm", "second"]);
    assert_eq!(attempts(&s), ["commit", "failed", "commit"]);
    assert!(s.backups("a.txt").is_empty());
    assert_eq!(s.read("a.txt"), "edited\n");
}

#[cfg(target_os = "linux")]
#[test]
fn killed_while_git_writes_out_staged_files_it_leaves_nothing_behind_for_long() {
    let s = Scratch::without_staging();
    // From the filter upwards to the first process called git-bak.
    let kill = s.root().join("kill-git-bak");
    crate::scratch::script(
        &kill,
        "pid=$PPID\n\
         while [ \"$pid\" -gt 1 ]; do\n\
           read -r name </proc/$pid/comm\n\
           [ \"$name\" = git-bak ] && kill -9 \"$pid\" && break\n\
           pid=$(sed -e 's/.*) . //' -e 's/ .*//' /proc/$pid/stat)\n\
         done\n\
         cat",
    );
    s.git(["config", "filter.box.clean", "cat"]);
    s.write(".git/info/attributes", "*.box filter=box\n");
    s.write("f.box", "staged\n");
    s.git(["add", "f.box"]);
    s.write("f.box", "edited\n");
    s.git(["config", "filter.box.smudge", kill.to_str().unwrap()]);
    s.hook("pre-commit", "exit 1");
    let ran = refused_commit(&s);
    assert!(ran.stderr.contains("ended with status 137"), "{ran:#?}");
    let left = |s: &Scratch| {
        let entries = fs::read_dir(s.top().join(".git/bak")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("staged-")).count()
    };
    assert_eq!(left(&s), 1, "it was killed at that moment");
    s.git(["config", "filter.box.smudge", "cat"]);
    refused_commit(&s);
    assert_eq!(s.backups("f.box").len(), 2);
    assert_eq!(left(&s), 0, "what a dead writer left is removed");
}

#[test]
fn what_a_dead_writer_left_is_never_listed_and_is_removed_by_the_next_run() {
    let s = refusing();
    let dead = temporary(dead_process());
    let live = temporary(std::process::id());
    s.write(&dead, "half a b");
    s.write(&live, "half a backup of somebody at work");
    assert!(s.git(["status", "--porcelain"]).stdout.is_empty(), "both are ignored");
    let listed = s.bak(["list"]).stdout;
    assert!(!listed.contains("00000000"), "{listed}");
    stage_and_fail(&s, "a.txt", "two\n");
    assert!(!s.exists(&dead));
    assert!(s.exists(&live), "its writer lives");
    s.bak(["clean"]);
    assert!(s.exists(&live));
    assert!(s.backups("a.txt").iter().all(|name| *name == live));
}

#[cfg(target_os = "linux")]
#[test]
fn a_writer_that_nobody_has_asked_after_is_dead() {
    let s = refusing();
    let mut child = Command::new("sleep").arg("100").spawn().unwrap();
    child.kill().unwrap();
    // It stays until `wait`, as the orphans do of a container whose first process never waits.
    let stat = format!("/proc/{}/stat", child.id());
    while !fs::read_to_string(&stat).unwrap().contains(") Z") {
        std::thread::yield_now();
    }
    let dead = temporary(child.id());
    s.write(&dead, "half a b");
    stage_and_fail(&s, "a.txt", "two\n");
    assert!(!s.exists(&dead));
    child.wait().unwrap();
}

#[test]
fn what_a_writer_left_that_was_killed_is_removed_by_the_next_fold() {
    let s = Scratch::new();
    for folder in ["", "record/", "vault.git/objects/pack/"] {
        for pid in [dead_process(), std::process::id()] {
            s.write(&format!(".git/bak/{folder}.new-{pid}-abcdef"), "half a f");
        }
    }
    s.bak(["vault", "log", "-1"]);
    for folder in ["", "record/", "vault.git/objects/pack/"] {
        let entries = fs::read_dir(s.top().join(".git/bak").join(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let left: Vec<String> = names.filter(|name| name.starts_with(".new-")).collect();
        assert_eq!(left, [format!(".new-{}-abcdef", std::process::id())], "its writer lives");
    }
}

/// Takes the end of a file away, and the zlib checksum with it.
fn cut_short(file: &std::path::Path) {
    let bytes = fs::read(file).unwrap();
    fs::remove_file(file).unwrap();
    fs::write(file, &bytes[..bytes.len() - 8]).unwrap();
}

#[test]
fn a_copy_that_a_power_cut_has_cut_short_stops_nobody_and_is_made_anew() {
    let s = Scratch::new();
    let text = "edited, and copied just before the power cut\n";
    s.write("a.txt", text);
    s.bak(["snapshot"]);
    let id = blob_id(&s, text.as_bytes());
    let (folder, name) = id.split_at(2);
    let copy = s.top().join(format!(".git/bak/new/{folder}/{name}"));
    cut_short(&copy);
    // None of them waits for the rest.
    assert_eq!(s.bak(["show", "a.txt@{1}"]).stdout, text, "from the backup");
    s.bak(["clean"]);
    assert!(s.vault_has("a.txt", text), "the backup is the proof of it");
    cut_short(&copy);
    s.write("a.txt", "three\n");
    s.git(["commit", "-qam", "second"]);
    s.try_bak(["show", "a.txt@{1}"]);
    // What is there under its name is no proof.
    s.write("a.txt", text);
    s.bak(["snapshot"]);
    assert!(s.vault_has("a.txt", text));
}

#[test]
fn an_object_cut_short_in_a_repository_that_is_borrowed_from_stops_nobody() {
    let s = Scratch::new();
    let other = s.root().join("other");
    s.git(["clone", "-qs", ".", other.to_str().unwrap()]);
    let other = s.at(&other);
    other.bak(["install"]);
    let tree = s.git(["rev-parse", "HEAD^{tree}"]).stdout;
    let (folder, name) = tree.trim_end().split_at(2);
    cut_short(&s.top().join(format!(".git/objects/{folder}/{name}")));
    fs::write(s.root().join("other/a.txt"), "two\n").unwrap();
    other.try_bak(["snapshot"]);
    assert!(other.vault_has("a.txt", "two\n"));
}

#[test]
fn a_vault_whose_head_and_settings_a_power_cut_has_emptied_is_put_right_by_the_next_fold() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot"]);
    s.bak(["vault", "log", "-1"]);
    for (name, left) in [
        ("HEAD", "\0\0\0\0"),
        ("HEAD", "ref: refs/hea"),
        ("config", ""),
        ("config", "[core]\n\tre"),
    ] {
        s.write(&format!(".git/bak/vault.git/{name}"), left);
        let log = s.bak(["vault", "log", "--all", "--format=%s"]);
        assert!(log.stdout.contains("snapshot") && log.stderr.is_empty(), "{name}: {log:#?}");
    }
}

#[test]
fn what_was_taken_in_of_a_damaged_backup_is_not_restored_by_itself() {
    let s = Scratch::new();
    s.write("a.txt.bak.20251106_201046.abc12345", "half of what it w");
    s.bak(["clean"]);
    assert!(s.vault_has("a.txt", "half of what it w"));
    s.write("a.txt", "lost\n");
    let ran = s.try_bak(["restore", "--yes", "a.txt"]);
    assert_eq!((ran.status, s.read("a.txt").as_str()), (1, "lost\n"), "{ran:#?}");
    let listed = s.bak(["list", "a.txt"]).stdout;
    let last = listed.lines().last().unwrap().split_whitespace().next().unwrap().to_owned();
    s.bak(["restore", "--yes", "a.txt", "--from", &last]);
    assert_eq!(s.read("a.txt"), "half of what it w", "{listed}");
}

#[test]
fn a_planted_backup_is_not_believed_to_be_held() {
    let s = Scratch::new();
    let id = blob_id(&s, b"one\n");
    let planted = format!("a.txt.bak.20251106_100000.{}", &id[..8]);
    s.write(&planted, "something else\n");
    s.write("a.txt", "two\n");
    s.git(["commit", "-qam", "second"]);
    assert!(!s.exists(&planted));
    assert!(s.vault_has("a.txt", "something else\n"), "deposited before it was unlinked");
}

#[test]
fn a_damaged_backup_is_neither_believed_nor_restored() {
    let s = refusing();
    stage_and_fail(&s, "a.txt", "two\n");
    let name = s.backups("a.txt").remove(0);
    s.write(&name, "damaged backup\n");
    s.write("a.txt", "damaged file\n");
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "two\n");
    s.write("a.txt", "damaged file again\n");
    s.bak(["restore", "--yes", "a.txt", "--from", &name]);
    assert_eq!(s.read("a.txt"), "two\n");
    assert_eq!(s.bak(["show", &name]).stdout, "two\n");
    // It counts for no duplicate of what its name says.
    let before = s.backups("a.txt").len();
    s.bak(["clean", "--keep", "1"]);
    s.write(&name, "damaged backup\n");
    stage_and_fail(&s, "a.txt", "two\n");
    assert!(s.backup_texts("a.txt").contains(&"two\n".to_owned()), "{before}");
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qm", "second"]);
    assert!(s.backups("a.txt").is_empty());
    assert!(s.vault_has("a.txt", "damaged backup\n"));
}

#[test]
fn an_empty_backup_of_a_crash_is_made_anew() {
    let s = refusing();
    stage_and_fail(&s, "a.txt", "two\n");
    let name = s.backups("a.txt").remove(0);
    s.write(&name, "");
    refused_commit(&s);
    assert!(s.backup_texts("a.txt").contains(&"two\n".to_owned()));
}

#[cfg(unix)]
#[test]
fn a_link_under_a_backups_name_is_no_backup() {
    let s = Scratch::new();
    let outside = s.root().join("outside");
    fs::write(&outside, "not ours\n").unwrap();
    let name = "a.txt.bak.20251106_100000.abc12345";
    std::os::unix::fs::symlink(&outside, s.top().join(name)).unwrap();
    assert!(!s.bak(["list"]).stdout.contains("abc12345"));
    s.write("a.txt", "two\n");
    s.git(["commit", "-qam", "second"]);
    s.bak(["clean"]);
    assert!(s.top().join(name).is_symlink());
    assert_eq!(fs::read_to_string(&outside).unwrap(), "not ours\n");
    assert!(!s.vault_has("a.txt", "not ours\n"));
}

#[test]
fn a_record_that_cant_be_written_costs_a_line_and_no_backup() {
    let s = refusing();
    let day = s.top().join(".git/bak/record/2025-11-06");
    let aside = s.root().join("aside");
    fs::rename(&day, &aside).unwrap();
    fs::create_dir(&day).unwrap();
    let ran = stage_and_fail(&s, "b.txt", "bee\n");
    assert!(ran.stderr.lines().any(|line| line.contains("record")), "{ran:#?}");
    assert_eq!(s.backup_texts("b.txt"), ["bee\n"]);
    s.hook("pre-commit", "exit 0");
    s.git(["commit", "-qm", "second"]);
    assert_eq!(s.backup_texts("b.txt"), ["bee\n"], "nothing names what the vault has of it");
    fs::remove_dir(&day).unwrap();
    fs::rename(&aside, &day).unwrap();
    s.write("b.txt", "three\n");
    s.git(["commit", "-qam", "third"]);
    assert!(s.backups("b.txt").is_empty());
    assert!(s.vault_has("b.txt", "bee\n") && s.vault_has("b.txt", "three\n"));
}

#[test]
fn a_line_of_a_later_version_is_left_for_that() {
    let s = Scratch::new();
    let worktree = s.read(".git/bak/worktree");
    let line =
        format!("{{\"t\":1762459846,\"wt\":\"{worktree}\",\"ev\":\"dance\",\"steps\":[1,2]}}\n");
    let day = ".git/bak/record/2025-11-06";
    s.write(day, s.read(day) + &line);
    s.write("b.txt", "bee\n");
    s.git(["add", "b.txt"]);
    s.git(["commit", "-qm", "second"]);
    assert!(s.backups("b.txt").is_empty());
    // HEAD has its content, and keeps it.
    s.try_bak(["forget", "--yes", "a.txt"]);
    s.bak(["clean", "--vault"]);
    assert!(s.read(day).contains(&line));
    assert!(s.vault_has("b.txt", "bee\n"));
}

#[test]
fn what_a_power_cut_has_left_of_the_record_costs_one_line_of_it() {
    for torn in [&b"{\"t\":1762459846,\"wt\":\"0123"[..], &[0; 5000], b"{}{}"] {
        let s = refusing();
        stage_and_fail(&s, "a.txt", "two\n");
        let day = s.top().join(".git/bak/record/2025-11-06");
        let whole = fs::read(&day).unwrap();
        fs::write(&day, [&whole, torn].concat()).unwrap();
        assert_eq!(s.bak(["show", "a.txt@{1}"]).stdout, "two\n");
        let ran = stage_and_fail(&s, "a.txt", "three\n");
        assert!(!ran.stderr.contains('✗'), "{ran:#?}");
        let now = fs::read(&day).unwrap();
        assert!(now.starts_with(&whole) && !now.windows(torn.len()).any(|part| part == torn));
        s.write("a.txt", "lost\n");
        s.bak(["restore", "--yes", "a.txt"]);
        assert_eq!(s.read("a.txt"), "three\n");
    }
}

#[test]
fn a_file_where_our_folder_would_be_fails_no_commit_and_is_said() {
    let s = Scratch::new();
    fs::remove_dir_all(s.top().join(".git/bak")).unwrap();
    s.write(".git/bak", "in the way");
    s.write("b.txt", "bee\n");
    s.git(["add", "b.txt"]);
    let ran = s.git(["commit", "-qm", "second"]);
    assert!(ran.stderr.contains("git-bak"), "{ran:#?}");
    assert_eq!(s.git(["log", "--oneline"]).stdout.lines().count(), 2);
    s.git(["switch", "-q", "-c", "other"]);
}

#[test]
fn one_version_that_cant_be_stored_is_named_and_the_others_are_kept() {
    let s = Scratch::new();
    s.write("b.txt", "bee\n");
    s.git(["add", "b.txt"]);
    let text = (0..).map(|n| format!("edited {n}\n")).find(|text| {
        let id = blob_id(&s, text.as_bytes());
        !s.exists(&format!(".git/bak/new/{}", &id[..2]))
    });
    let text = text.unwrap();
    s.write("a.txt", &text);
    let folder = blob_id(&s, text.as_bytes())[..2].to_owned();
    s.hook("pre-commit", "exit 1");
    s.write(&format!(".git/bak/new/{folder}"), "in the way");
    let ran = s.try_git(["commit", "-qm", "x"]);
    assert_eq!(only(&s.backups("b.txt")).len(), 34);
    assert!(s.vault_has("b.txt", "bee\n"));
    let named =
        ran.stderr.lines().any(|line| line.contains("a.txt") && line.contains("not protected"));
    assert!(named || s.backup_texts("a.txt") == [text], "{ran:#?}");
}

#[test]
fn two_commits_in_a_row_after_a_kill_leave_nothing_behind() {
    let s = refusing();
    for n in 0..5 {
        stage_and_fail(&s, "a.txt", format!("{n}\n"));
    }
    assert_eq!(attempts(&s)[1..], ["failed"; 5]);
    s.hook("pre-commit", "exit 0");
    let second = stamp_of_now(&s);
    s.git(["commit", "-qm", "second"]);
    assert_eq!(attempts(&s).last().unwrap(), "commit");
    assert!(s.all_backups().is_empty());
    for n in 0..5 {
        assert!(s.vault_has("a.txt", &format!("{n}\n")), "{n} at {second}");
    }
}
