//! Git's own monitor of the file system: the survey that asks it sees what `git status` sees without it, while the
//! monitor runs, is killed, starts again, and while something else answers in its place.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use git_bak::git::config::fsmonitor;
use git_bak::git::fs_daemon;
use git_bak::git::repository::Repository;

use crate::scratch::{BAK, Scratch, script};
use crate::survey::{NAMES, Repo, Walk};

/// The token of the index, and whether the daemon has an answer to it.
fn is_heard(repo: &Repo) -> bool {
    let repository = Repository::discover(repo.dir.path()).unwrap();
    let Ok(Some(index)) = repository.index() else { return false };
    let Some((token, _)) = index.monitored() else { return false };
    let answer = fs_daemon::ask(&repository, token);
    answer.is_some_and(|answer| answer.names().is_some())
}

/// Git before 2.55 has none on Linux.
fn has_daemon() -> bool {
    let version = Repo::new("sha1", 0).git(["version"]);
    let mut numbers =
        version.rsplit(' ').next().unwrap().split('.').map(|it| it.parse().unwrap_or(0));
    (numbers.next(), numbers.next()) >= (Some(2), Some(55))
}

/// A file that Git tracks.
fn tracked(repo: &mut Repo) -> Option<String> {
    let names = repo.git(["ls-files"]);
    let names: Vec<&str> = names.lines().collect();
    (!names.is_empty()).then(|| repo.one_of(&names).to_owned())
}

fn move_folder(repo: &mut Repo, aside: &Path) {
    let Some(file) = tracked(repo) else { return };
    let folders: Vec<&str> = file.match_indices('/').map(|(at, _)| &file[..at]).collect();
    if folders.is_empty() {
        return;
    }
    let from = repo.one_of(&folders).to_owned();
    let to = format!("m{}", repo.number(100));
    match repo.number(4) {
        0 => drop(repo.git(["mv", &from, &to])),
        // Out of the working tree and in again: no event says that it is the same.
        1 => {
            let _ = std::fs::rename(repo.at(&from), aside.join(&to));
            let _ = std::fs::rename(aside.join(&to), repo.at(&to));
        }
        2 => drop(std::fs::rename(repo.at(&from), repo.at("d").join(&to))),
        _ => drop(std::fs::rename(repo.at(&from), repo.at(&to))),
    }
    if repo.number(3) > 0 {
        repo.git(["add", "-A"]);
        repo.git(["commit", "-qm", "moved"]);
    }
}

/// An edit in place, or by a new file.
fn edit(repo: &mut Repo) {
    let Some(name) = tracked(repo) else { return };
    let text = format!("{}\n", "x".repeat(repo.number(60)));
    if repo.number(2) == 0 {
        repo.write(&name, &text);
    } else if repo.at(&name).is_file() {
        repo.write(&format!("{name}.new"), &text);
        let _ = std::fs::rename(repo.at(&format!("{name}.new")), repo.at(&name));
    }
}

fn disturb(repo: &mut Repo) {
    if repo.number(2) == 0 {
        repo.git(["fsmonitor--daemon", "stop"]);
        return;
    }
    // Killed, it leaves its socket.
    let repository = Repository::discover(repo.dir.path()).unwrap();
    let Ok(Some(index)) = repository.index() else { return };
    let Some((token, _)) = index.monitored() else { return };
    let token = String::from_utf8(token.to_vec()).unwrap();
    if let Some(process) = token.split('.').nth(1).filter(|_| is_heard(repo)) {
        std::process::Command::new("kill").args(["-9", process]).status().unwrap();
    }
}

#[test]
fn what_the_daemon_is_asked_for_is_all_that_git_sees_without_it() {
    if !has_daemon() {
        return;
    }
    let (mut answers, mut heard) = (0, 0);
    for seed in 20..24 {
        let aside = tempfile::tempdir().unwrap();
        let mut repo = Repo::new("sha1", seed);
        repo.start();
        for name in NAMES {
            repo.write(&format!("big/{name}"), name);
        }
        repo.git(["add", "-A"]);
        repo.git(["commit", "-qm", "files"]);
        thread::sleep(Duration::from_millis(50));
        repo.git(["config", "core.fsmonitor", "true"]);
        for at in 0..120 {
            let kind = repo.number(12);
            match kind {
                0..=3 => edit(&mut repo),
                4 => move_folder(&mut repo, aside.path()),
                5 if repo.number(3) == 0 => disturb(&mut repo),
                5 | 6 => drop(repo.git(["status"])),
                7 => drop(repo.git(["commit", "-qam", "more"])),
                _ => drop(repo.step(Walk::Ordinary)),
            }
            let (quick, slow) = repo.surveys();
            let is_heard = is_heard(&repo);
            heard += usize::from(is_heard);
            let Some(quick) = quick else { continue };
            answers += usize::from(is_heard);
            assert_eq!(quick.files, slow.files, "seed {seed}, step {at} (kind {kind})");
        }
        repo.git(["fsmonitor--daemon", "stop"]);
    }
    assert!(answers > 60 && heard > 120, "too few answers: {answers} of {heard}");
}

#[test]
fn an_edit_made_just_before_the_question_is_seen() {
    if !has_daemon() {
        return;
    }
    let mut repo = Repo::new("sha1", 30);
    repo.start();
    repo.git(["add", "-A"]);
    repo.git(["commit", "-qm", "files"]);
    repo.git(["config", "core.fsmonitor", "true"]);
    for at in 0..60 {
        repo.git(["status"]);
        assert!(is_heard(&repo));
        repo.write("d/e/a", &"x".repeat(100 + at));
        let (quick, _) = repo.surveys();
        let files = quick.unwrap().files;
        assert!(files.iter().any(|file| file.path.as_bytes() == b"d/e/a"), "{at}: {files:?}");
    }
    repo.git(["fsmonitor--daemon", "stop"]);
}

#[test]
fn a_daemon_that_was_started_for_another_folder_is_not_believed() {
    if !has_daemon() {
        return;
    }
    let mut repo = Repo::new("sha1", 32);
    repo.start();
    repo.git(["add", "-A"]);
    repo.git(["commit", "-qm", "files"]);
    repo.git(["config", "core.fsmonitor", "true"]);
    let elsewhere = tempfile::tempdir().unwrap();
    let there = format!("--work-tree={}", elsewhere.path().display());
    repo.git([&there, "checkout", "-q", "HEAD", "--", "."]);
    repo.git(["status"]);
    repo.git(["status"]);
    repo.write("d/a", "Git doesn't see this edit now");
    assert_eq!(repo.git(["status", "--short"]), "");
    let (quick, slow) = repo.surveys();
    assert_eq!(slow.files.len(), 1);
    assert_eq!(quick.map(|quick| quick.files), Some(slow.files));
    repo.git(["fsmonitor--daemon", "stop"]);
}

const TOKEN: &str = "builtin:0.77.20261130T174128.123456Z:5";

/// Answers every question with `answer`, for as long as the repository is there.
fn listen(git_dir: &Path, answer: impl Fn(UnixStream) + Send + 'static) {
    let _ = std::fs::remove_file(git_dir.join("fsmonitor--daemon.ipc"));
    let listener = UnixListener::bind(git_dir.join("fsmonitor--daemon.ipc")).unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut question = vec![0; 4 + TOKEN.len() + 4];
            let _ = stream.read_exact(&mut question);
            answer(stream);
        }
    });
}

fn says(parts: Vec<String>) -> impl Fn(UnixStream) {
    move |mut stream| {
        for part in &parts {
            let _ = write!(stream, "{:04x}{part}", part.len() + 4);
        }
        let _ = stream.write_all(b"0000");
    }
}

/// What git-bak says on both streams.
fn bak(repo: &Repo, args: &[&str]) -> String {
    let mut command = Command::new(BAK);
    command.args(args).current_dir(repo.dir.path()).env_clear().env("HOME", repo.dir.path());
    command.env("PATH", std::env::var_os("PATH").unwrap()).env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

/// Git's own monitor is chosen, and the guard is put in its place.
fn guarded(seed: u64) -> Repo {
    let mut repo = Repo::new("sha1", seed);
    repo.start();
    repo.git(["add", "-A"]);
    repo.git(["commit", "-qm", "files"]);
    repo.git(["config", "core.fsmonitor", "true"]);
    let said = bak(&repo, &["install"]);
    assert!(said.contains("passes on what Git's own monitor answers (core.fsmonitor)"), "{said}");
    repo
}

#[test]
fn the_guard_takes_the_place_of_gits_own_monitor_and_gives_it_back() {
    if !has_daemon() {
        return;
    }
    let repo = guarded(33);
    let values = || repo.git(["config", "--get-all", "core.fsmonitor"]);
    assert_eq!((values().lines().count(), values().lines().next()), (2, Some("true")));
    // Again, it is as it was.
    let before = values();
    bak(&repo, &["install"]);
    assert_eq!(values(), before);
    repo.write("d/a", "thrown away");
    repo.git(["reset", "-q", "--hard"]);
    assert!(bak(&repo, &["list", "d/a"]).contains("11 B"));
    bak(&repo, &["uninstall"]);
    assert_eq!(values(), "true");
    assert_eq!(repo.git(["config", "core.fsmonitorHookVersion"]), "");
    repo.git(["fsmonitor--daemon", "stop"]);
}

#[test]
fn where_one_working_trees_own_setting_counts_the_guard_stays_out() {
    if !has_daemon() {
        return;
    }
    let repo = Repo::new("sha1", 34);
    repo.git(["config", "extensions.worktreeConfig", "true"]);
    repo.git(["config", "--worktree", "core.fsmonitor", "true"]);
    let before = std::fs::read_to_string(repo.at(".git/config")).unwrap();
    let said = bak(&repo, &["install"]);
    assert!(said.contains("the guard stays out"), "{said}");
    bak(&repo, &["uninstall"]);
    assert_eq!(std::fs::read_to_string(repo.at(".git/config")).unwrap(), before);
}

/// What `git status` says, with the guard and without any monitor.
fn statuses(repo: &Repo) -> [String; 2] {
    let words = ["status", "--porcelain=v2", "--untracked-files=all"];
    let without = ["-c", "core.fsmonitor=false", "--no-optional-locks"];
    [repo.git(words), repo.git(without.into_iter().chain(words))]
}

#[test]
fn git_status_is_the_same_with_the_daemons_answer_passed_on() {
    if !has_daemon() {
        return;
    }
    let mut heard = 0;
    for seed in 40..43 {
        let mut repo = guarded(seed);
        let cache = repo.one_of(&["true", "false"]);
        repo.git(["config", "core.untrackedCache", cache]);
        for at in 0..100 {
            let kind = repo.number(10);
            match kind {
                0..=3 => edit(&mut repo),
                4 if repo.number(2) == 0 => disturb(&mut repo),
                4 | 5 => drop(repo.git(["commit", "-qam", "more"])),
                6 => drop(repo.git(["reset", "-q", "--hard"])),
                _ => drop(repo.step(Walk::Ordinary)),
            }
            let [with, without] = statuses(&repo);
            assert_eq!(with, without, "seed {seed}, step {at} (kind {kind})");
            heard += usize::from(is_heard(&repo));
        }
        repo.git(["fsmonitor--daemon", "stop"]);
    }
    assert!(heard > 100, "too few answers: {heard}");
}

/// The index has this token, as if a daemon had given it.
const PRETENDED: &str = "printf 'builtin:0.77.20261130T174128.123456Z:5\\0'; :";

/// A repository with an index of which all is valid, and an edit that no answer names.
fn edited() -> Repo {
    let repo = Repo::new("sha1", 31);
    NAMES.iter().for_each(|name| repo.write(name, name));
    repo.git(["add", "-A"]);
    repo.git(["commit", "-qm", "files"]);
    repo.git(["config", "core.fsmonitorHookVersion", "2"]);
    repo.git(["config", "core.fsmonitor", PRETENDED]);
    repo.git(["status"]);
    repo.git(["status"]);
    repo.write("d/a", "edited");
    repo
}

/// What the survey finds, and how long it takes.
fn found(repo: &Repo) -> (usize, Duration) {
    let began = Instant::now();
    let (quick, _) = repo.surveys();
    (quick.unwrap().files.len(), began.elapsed())
}

#[test]
fn an_answer_that_is_no_daemons_of_this_index_hides_nothing() {
    let repo = edited();
    let newer = TOKEN.replace(":5", ":6") + "\0";
    // The pretence works: an answer with the right token is believed, and the file that it names, too.
    listen(&repo.at(".git"), says(vec![newer.clone()]));
    thread::sleep(Duration::from_millis(50));
    assert!(is_heard(&repo));
    let wrong: Vec<Box<dyn Fn(UnixStream) + Send>> = vec![
        Box::new(says(vec![newer.clone(), "d/a\0".to_owned()])),
        Box::new(says(vec![newer.clone(), "d\0".to_owned()])),
        Box::new(says(vec![newer.clone(), "d/\0".to_owned()])),
        Box::new(says(vec![newer.clone(), "/\0".to_owned()])),
        Box::new(says(vec![newer.replace("77", "78")])),
        Box::new(says(vec![newer.replace(":6", ":4")])),
        Box::new(says(vec![newer.clone(), "/etc/passwd\0".to_owned()])),
        Box::new(says(vec![newer.clone(), "b".to_owned()])),
        Box::new(says(vec!["hello".to_owned()])),
        Box::new(says(vec![])),
        Box::new(|mut stream| drop(stream.write_all(b"garbage\n"))),
        Box::new(drop),
        Box::new(|_| thread::sleep(Duration::from_secs(2))),
        Box::new(|mut stream| while stream.write_all(b"0005x").is_ok() {}),
        Box::new(|mut stream| {
            while stream.write_all(b"0").is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
        }),
    ];
    for (at, answer) in wrong.into_iter().enumerate() {
        listen(&repo.at(".git"), answer);
        let (files, time) = found(&repo);
        assert_eq!(files, 1, "answer {at}");
        assert!(time < Duration::from_millis(1500), "answer {at}: {time:?}");
    }
    // What is outside doesn't belong to this working tree.
    listen(&repo.at(".git"), says(vec![newer, "../d/a\0.git/config\0a\0".to_owned()]));
    assert!(is_heard(&repo));
}

#[test]
fn an_answer_that_is_no_daemons_is_not_passed_on() {
    let repo = edited();
    let line = fsmonitor::line(BAK.as_bytes(), true);
    repo.git(["config", "core.fsmonitor", str::from_utf8(&line).unwrap()]);
    let newer = TOKEN.replace(":5", ":6") + "\0";
    let many: String = (0..2000).map(|at| format!("no/such/file/{at}\0")).collect();
    let said: Vec<Box<dyn Fn(UnixStream) + Send>> = vec![
        Box::new(says(vec![newer.replace("77", "78")])),
        Box::new(says(vec![newer.clone(), "b".to_owned()])),
        Box::new(says(vec!["hello".to_owned()])),
        Box::new(says(vec![])),
        Box::new(drop),
        Box::new(|_| thread::sleep(Duration::from_secs(2))),
        Box::new(|mut stream| while stream.write_all(b"0005x").is_ok() {}),
        Box::new(says(vec![newer.clone(), "/\0".to_owned()])),
        // Too long for one write: then anything may have changed.
        Box::new(says(vec![newer.clone(), many])),
        Box::new(says(vec![newer.clone(), "d/a\0".to_owned()])),
    ];
    for (at, answer) in said.into_iter().enumerate() {
        listen(&repo.at(".git"), answer);
        let began = Instant::now();
        let seen = repo.git(["--no-optional-locks", "status", "--porcelain"]);
        assert_eq!(seen, "M d/a", "answer {at}");
        assert!(began.elapsed() < Duration::from_millis(1500), "answer {at}");
    }
    // And what is one is: a lie with the right token is believed, as by Git itself.
    listen(&repo.at(".git"), says(vec![newer]));
    assert_eq!(repo.git(["--no-optional-locks", "status", "--porcelain"]), "");
}

#[test]
#[ignore = "needs strace"]
fn whatever_the_guard_dies_of_while_it_passes_on_git_sees_the_edit() {
    let repo = edited();
    let ours = repo.at(".git/ours");
    let line = fsmonitor::line(ours.to_str().unwrap().as_bytes(), true);
    repo.git(["config", "core.fsmonitor", str::from_utf8(&line).unwrap()]);
    listen(&repo.at(".git"), says(vec![TOKEN.replace(":5", ":6") + "\0", "d/a\0".to_owned()]));
    let calls = ["socket", "connect", "sendto", "recvfrom", "write", "exit_group"];
    for how in ["signal=KILL", "error=EIO"].iter().flat_map(|how| calls.map(|call| (call, how))) {
        let inject = format!("inject={}:{}:when=1+", how.0, how.1);
        let trace = format!("exec strace -qq -o /dev/null -e {inject} {BAK} \"$@\"\n");
        script(&ours, &trace);
        let seen = repo.git(["--no-optional-locks", "status", "--porcelain"]);
        assert_eq!(seen, "M d/a", "{how:?}");
    }
}

#[test]
fn a_daemon_of_another_working_tree_hides_nothing() {
    let repo = edited();
    listen(&repo.at(".git"), says(vec![TOKEN.to_owned() + "\0"]));
    let elsewhere = tempfile::tempdir().unwrap();
    for name in NAMES {
        std::fs::create_dir_all(elsewhere.path().join(name).parent().unwrap()).unwrap();
        std::fs::copy(repo.at(name), elsewhere.path().join(name)).unwrap();
    }
    std::os::unix::fs::symlink(repo.at(".git"), elsewhere.path().join(".git")).unwrap();
    std::fs::write(elsewhere.path().join("d/b"), "edited, too").unwrap();
    let other = Repo { dir: elsewhere, numbers: 0 };
    let (quick, slow) = other.surveys();
    assert!(quick.is_none_or(|quick| quick.files == slow.files));
    assert_eq!(slow.files.len(), 2);
}

#[test]
fn a_daemon_that_hangs_or_lies_delays_no_commit_and_loses_no_edit() {
    for hangs in [true, false] {
        let s = Scratch::new();
        for name in NAMES {
            s.write(name, format!("{name}\n"));
        }
        s.git(["add", "."]);
        s.git(["commit", "-qm", "files"]);
        s.git(["config", "core.fsmonitorHookVersion", "2"]);
        s.git(["config", "core.fsmonitor", PRETENDED]);
        s.git(["status"]);
        // Of the other edit Git is told nothing, so that its index calls that file valid.
        s.git(["config", "core.fsmonitor", &PRETENDED.replace("'; :", "d/a\\0'; :")]);
        s.write("d/a", "staged\n");
        s.git(["add", "d/a"]);
        s.write("d/e/a", "an edit\n");
        listen(&s.top().join(".git"), move |stream| match hangs {
            true => thread::sleep(Duration::from_secs(5)),
            false => says(vec![TOKEN.replace("77", "78") + "\0"])(stream),
        });
        let began = Instant::now();
        s.git(["commit", "-qm", "one"]);
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        assert!(s.vault_has("d/e/a", "an edit\n"));
    }
}
