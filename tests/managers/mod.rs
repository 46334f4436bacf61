//! git-bak beside hook managers, the real ones.
//!
//! They are not on every machine, so these tests are ignored unless they are asked for: `.ci/run`
//! installs the versions named in `requirements.txt` and `package.json`, says where in
//! `GIT_BAK_TEST_TOOLS`, and runs every test. There a manager that is missing is a failure.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Stdio;

use crate::pair::ours;
use crate::scratch::{Ran, Scratch, script};

mod husky;
mod in_their_list;
mod lefthook;
mod lint_staged;
mod losses;
mod pre_commit;

/// What every manager is told to run: it says that it ran, remembers the backups that were there,
/// turns "bad" into "good", then does what `../then` says, and objects to the word "fail".
const CHECK: &str = r#"root=${0%/*}
echo ran >>"$root/times"
for file; do
    cat "$file".bak.* >>"$root/seen"
    sed s/bad/good/ "$file" >"$root/formatted"
    cmp -s "$root/formatted" "$file" || cat "$root/formatted" >"$file"
done
if [ -e "$root/then" ]; then . "$root/then"; fi
! grep -q fail "$@""#;

/// Two files, `a.txt` and `b.txt`, committed with "one\n", and the managers on the PATH.
fn with_managers() -> Scratch {
    let mut s = Scratch::empty();
    s.set_env("PATH", path(&s));
    script(&s.root().join("check"), CHECK);
    s.write("a.txt", "one\n");
    s.write("b.txt", "one\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "first"]);
    s
}

/// The PATH with the managers, before all else the program under test.
fn path(s: &Scratch) -> OsString {
    let tools = std::env::var_os("GIT_BAK_TEST_TOOLS").map(PathBuf::from);
    let tools = tools.expect("GIT_BAK_TEST_TOOLS names no folder: .ci/run makes one");
    let mut folders = vec![s.root().join("bin")];
    for (folder, programs) in [
        ("venv/bin", &["pre-commit", "prek"][..]),
        ("node_modules/.bin", &["husky", "lefthook", "lint-staged"]),
    ] {
        for program in programs {
            let file = tools.join(folder).join(program);
            assert!(file.exists(), "{} is missing", file.display());
        }
        folders.push(tools.join(folder));
    }
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    std::env::join_paths(folders).unwrap()
}

/// Runs a program of the PATH in the repository, with arguments parted by blanks.
fn try_run(s: &Scratch, line: &str) -> Ran {
    Ran::of(&s.command("sh").args(["-c", line]).output().unwrap())
}

fn run(s: &Scratch, line: &str) -> Ran {
    try_run(s, line).expect_success()
}

/// What the check says about itself since the last time it was asked: how often it ran.
fn times(s: &Scratch) -> usize {
    let file = s.root().join("times");
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let _ = std::fs::remove_file(file);
    text.lines().count()
}

/// The backups that were beside the files when the check ran, one after the other.
fn seen(s: &Scratch) -> String {
    let file = s.root().join("seen");
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let _ = std::fs::remove_file(file);
    text
}

/// Stages another version of `a.txt` and tries to commit it, in a process group of its own. It is staged
/// while git-bak is off, so that it is the commit that backs it up.
fn commit(s: &Scratch, text: &str) -> Ran {
    s.write("a.txt", text);
    let added = s.command("git").env("GIT_BAK", "0").args(["add", "a.txt"]).status();
    assert!(added.unwrap().success());
    let mut command = s.command("git");
    command.args(["commit", "-m", "next"]).process_group(0);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    Ran::of(&command.spawn().unwrap().wait_with_output().unwrap())
}

/// How many lines say that a backup of `a.txt` was made.
fn backed_up(ran: &Ran) -> usize {
    ours(ran).iter().filter(|line| line.contains("backed up: a.txt.bak.")).count()
}

/// A commit that both take part in, once each: the backup stood there when the check ran.
fn assert_both_work(s: &Scratch, how: &str) {
    static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    s.try_bak(["clean"]);
    times(s);
    seen(s);
    let text = format!("number {number}\n");
    let ran = commit(s, &text);
    assert_eq!(ran.status, 0, "{how}: {ran:#?}");
    assert_eq!((backed_up(&ran), times(s)), (1, 1), "{how}: {ran:#?}");
    assert_eq!(seen(s), text, "{how}: the backup came first");
    assert!(s.backups("a.txt").is_empty(), "{how}: {ran:#?}");
    let refused = commit(s, "fail\n");
    assert_ne!(refused.status, 0, "{how}: {refused:#?}");
    assert_eq!((backed_up(&refused), times(s)), (1, 1), "{how}: {refused:#?}");
    assert_eq!(s.backup_texts("a.txt"), ["fail\n"], "{how}");
    assert_staging_is_backed_up(s, how);
}

/// The tools leave the hook at staging time alone; husky never runs it.
fn assert_staging_is_backed_up(s: &Scratch, how: &str) {
    let by_husky = s.try_git(["config", "core.hooksPath"]).stdout.contains(".husky");
    let text = format!("{how}, staged at {}\n", s.now());
    s.write("a.txt", &text);
    s.git(["add", "a.txt"]);
    assert_eq!(s.vault_has("a.txt", &text), !by_husky, "{how}");
}

/// A commit in which only the manager takes part.
fn assert_manager_alone(s: &Scratch, how: &str) {
    times(s);
    let ran = commit(s, &format!("{how}, the manager alone\n"));
    assert_eq!((ran.status, backed_up(&ran), times(s)), (0, 0, 1), "{how}: {ran:#?}");
    let refused = commit(s, "fail\n");
    assert_eq!((backed_up(&refused), times(s)), (0, 1), "{how}: {refused:#?}");
    assert_ne!(refused.status, 0, "{how}: {refused:#?}");
}

/// A commit in which only git-bak takes part.
fn assert_git_bak_alone(s: &Scratch, how: &str) {
    times(s);
    let ran = commit(s, &format!("{how}, git-bak alone\n"));
    assert_eq!((ran.status, backed_up(&ran), times(s)), (0, 1, 0), "{how}: {ran:#?}");
}

/// The hooks in `.git/hooks`, but for Git's samples.
fn hooks(s: &Scratch) -> Vec<String> {
    let entries = std::fs::read_dir(s.top().join(".git/hooks")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| !name.ends_with(".sample")).collect();
    names.sort();
    names
}

/// Runs the command that stands at the end of the line about `file`.
fn run_printed(s: &Scratch, text: &str, file: &str) {
    let line = text.lines().find(|line| line.contains(file) && line.contains("git bak restore"));
    let line = line.unwrap_or_else(|| panic!("nothing about {file}: {text}"));
    run(s, &line[line.find("git bak restore").unwrap()..]);
}
