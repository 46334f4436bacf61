//! The guard: whatever a command overwrites or deletes comes back, and every other command is as without it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::scratch::{BAK, Ran, Scratch, script};

const EDITED: &[u8] = b"a edited\0\xff\r\n\n";
const STAGED: &[u8] = b"b staged\0\xfe\r\n";
const AGAIN: &[u8] = b"b edited again\0\x80 no line end";

/// The files that are in danger, with what they hold: edited, staged and edited again, staged, untracked
/// (beside tracked files, and in a folder of its own), ignored.
fn in_danger() -> BTreeMap<&'static str, &'static [u8]> {
    BTreeMap::from([
        ("a.txt", EDITED),
        ("b.txt", AGAIN),
        ("dir/c.txt", b"c staged\n"),
        ("new.txt", b"untracked, and tracked on another branch\n"),
        ("lone/u.txt", b"untracked\0\n"),
        ("i.ign", b"ignored\0\n"),
        ("junk.ign/x", b"in an ignored folder\n"),
    ])
}

/// A repository with the guard and a branch `other` that changes or has most of the files.
fn guarded() -> Scratch {
    let s = Scratch::new();
    s.write(".gitignore", "*.ign\n");
    s.write("b.txt", "b\n");
    s.write("dir/c.txt", "c\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "second"]);
    s.git(["checkout", "-qb", "other"]);
    s.write("a.txt", "theirs\n");
    s.write("new.txt", "theirs\n");
    s.write("i.ign", "theirs\n");
    s.git(["add", "-f", "."]);
    s.git(["commit", "-qm", "theirs"]);
    s.git(["checkout", "-q", "main"]);
    s
}

fn with_work() -> Scratch {
    let s = guarded();
    s.write("b.txt", STAGED);
    s.write("dir/c.txt", in_danger()["dir/c.txt"]);
    s.git(["add", "b.txt", "dir/c.txt"]);
    for (path, bytes) in in_danger() {
        s.write(path, bytes);
    }
    s
}

fn bytes(s: &Scratch, path: &str) -> Option<Vec<u8>> {
    fs::read(s.top().join(path)).ok()
}

fn words(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

/// How many versions the guard has kept.
fn kept(s: &Scratch) -> usize {
    s.bak(["list", "--json"]).stdout.matches("\"guard\"").count()
}

fn has_blob(s: &Scratch, path: &str, bytes: &[u8]) -> bool {
    s.vault_has(path, &String::from_utf8_lossy(bytes))
}

/// Runs a command and brings back all that it has overwritten or deleted; the files are named.
fn run_and_bring_back(s: &Scratch, line: &str) -> BTreeSet<String> {
    let ran = s.try_git(words(line));
    let changed = |path: &&str| bytes(s, path).as_deref() != Some(in_danger()[*path]);
    let lost: Vec<&str> = in_danger().into_keys().filter(changed).collect();
    if line.starts_with("stash") {
        // Until then Git has it.
        s.git(["stash", "drop", "-q"]);
    }
    for path in &lost {
        s.bak(["restore", "--yes", "--", path]);
        let back = bytes(s, path);
        assert_eq!(back.as_deref(), Some(in_danger()[path]), "{line}: {path}: {ran:#?}");
    }
    let staged = s.try_git(["cat-file", "-p", ":b.txt"]).stdout;
    if staged != String::from_utf8_lossy(STAGED) {
        assert!(has_blob(s, "b.txt", STAGED), "{line}: what was staged");
    }
    lost.into_iter().map(str::to_owned).collect()
}

/// Git removes a whole folder, or a file, that nothing tracks where a tracked file has to be.
#[test]
fn what_has_taken_the_place_of_a_tracked_file_is_kept() {
    for line in ["reset -q --hard", "checkout -- .", "restore .", "stash -q", "checkout -q -f main"]
    {
        let s = with_work();
        std::fs::remove_file(s.top().join("a.txt")).unwrap();
        std::fs::remove_dir_all(s.top().join("dir")).unwrap();
        s.write("a.txt/deep/in.txt", "in the place of a file\n");
        s.write("dir", "in the place of a folder\n");
        s.git(words(line));
        assert!(s.top().join("a.txt").is_file() && s.top().join("dir").is_dir(), "{line}");
        for (path, text) in [
            ("a.txt/deep/in.txt", "in the place of a file\n"),
            ("dir", "in the place of a folder\n"),
        ] {
            assert!(s.vault_has(path, text), "{line}: {path}");
            let ran = s.try_bak(["restore", path]);
            assert_ne!(ran.status, 0, "{line}: {path}: {ran:?}");
            assert!(ran.stderr.contains(": move "), "{ran:?}");
            assert_eq!(s.bak(["show", path]).stdout, text);
        }
        for path in ["a.txt", "dir"] {
            std::fs::rename(s.top().join(path), s.root().join(path)).unwrap();
        }
        let ran = s.try_bak(["undo", "--yes"]);
        assert_eq!(s.read("a.txt/deep/in.txt"), "in the place of a file\n", "{line}: {ran:?}");
        assert_eq!(s.read("dir"), "in the place of a folder\n", "{line}: {ran:?}");
    }
}

#[test]
fn whatever_a_command_overwrites_or_deletes_comes_back() {
    let tracked = "a.txt b.txt dir/c.txt";
    let untracked = "lone/u.txt new.txt";
    let all = format!("{tracked} {untracked} i.ign junk.ign/x");
    for (line, lost) in [
        ("reset --hard", tracked),
        ("reset --hard other", "a.txt b.txt dir/c.txt i.ign new.txt"),
        ("checkout -f", tracked),
        ("checkout -f other", "a.txt b.txt dir/c.txt i.ign new.txt"),
        ("switch -f other", "a.txt b.txt dir/c.txt i.ign new.txt"),
        ("switch --discard-changes main", tracked),
        ("checkout a.txt", "a.txt"),
        ("checkout .", "a.txt b.txt"),
        ("checkout HEAD -- .", tracked),
        ("checkout other -- .", "a.txt b.txt dir/c.txt i.ign new.txt"),
        ("restore .", "a.txt b.txt"),
        ("restore -SW .", tracked),
        ("restore --source=other new.txt i.ign", "i.ign new.txt"),
        ("clean -fdq", untracked),
        ("clean -fdxq", "i.ign junk.ign/x lone/u.txt new.txt"),
        ("clean -fdXq", "i.ign junk.ign/x"),
        ("clean -fq new.txt", "new.txt"),
        ("rm -rfq .", tracked),
        ("stash push -q", tracked),
        ("stash -q -u", "a.txt b.txt dir/c.txt lone/u.txt new.txt"),
        ("stash -q -a", all.as_str()),
        ("stash -q -- a.txt", "a.txt"),
        ("read-tree -u --reset other", "a.txt b.txt dir/c.txt i.ign new.txt"),
        ("checkout-index -f a.txt", "a.txt"),
    ] {
        let s = with_work();
        let wanted: BTreeSet<String> = words(lost).into_iter().map(str::to_owned).collect();
        let found = run_and_bring_back(&s, line);
        // What is taken besides is Git's to decide, and differs between its versions.
        assert!(found.is_superset(&wanted), "{line}: {found:?} were lost, not {wanted:?}");
    }
}

#[test]
fn an_ignored_file_in_the_way_of_a_branch_comes_back() {
    for line in ["checkout -q other", "switch -q other", "merge -q other", "rebase -q other"] {
        let s = guarded();
        s.write("i.ign", "mine\n");
        s.git(words(line));
        assert_eq!(s.read("i.ign"), "theirs\n", "{line}");
        s.bak(["restore", "--yes", "i.ign"]);
        assert_eq!(s.read("i.ign"), "mine\n", "{line}");
    }
    let s = guarded();
    s.git(["rm", "-q", "--cached", "a.txt"]);
    s.write("a.txt", "no longer tracked\n");
    s.git(["reset", "-q", "--hard"]);
    assert_eq!(s.read("a.txt"), "one\n");
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "no longer tracked\n");
    s.git(["reset", "-q", "--hard"]);
    // A folder where the branch has a file.
    s.write("new.txt/deep/u.ign", "below\n");
    s.try_git(["checkout", "-q", "-f", "other"]);
    assert_eq!(s.read("new.txt"), "theirs\n");
    fs::remove_file(s.top().join("new.txt")).unwrap();
    s.bak(["restore", "--yes", "--", "new.txt/deep/u.ign"]);
    assert_eq!(s.read("new.txt/deep/u.ign"), "below\n");
}

#[test]
fn what_a_move_overwrites_is_kept() {
    let s = with_work();
    s.git(["mv", "-f", "a.txt", "new.txt"]);
    assert_eq!(bytes(&s, "new.txt").as_deref(), Some(EDITED));
    assert!(has_blob(&s, "new.txt", in_danger()["new.txt"]));
}

#[test]
fn edits_that_git_puts_away_itself_are_kept_too() {
    for line in ["rebase -q --autostash other", "merge -q --autostash other", "stash -q"] {
        let s = guarded();
        s.write("b.txt", AGAIN);
        let ran = s.git(words(line));
        assert!(has_blob(&s, "b.txt", AGAIN), "{line}: {ran:#?}");
        assert!(!ran.stderr.contains("git-bak"), "{line}: nothing was lost: {ran:#?}");
    }
}

#[test]
fn a_resolution_that_is_given_up_comes_back() {
    let conflict = |start: &str| {
        let s = guarded();
        s.write("a.txt", "mine\n");
        s.git(["commit", "-qam", "mine"]);
        assert_ne!(s.try_git(words(start)).status, 0, "{start}: there is no conflict");
        s.write("a.txt", "resolved with care\n");
        s
    };
    for (start, give_up) in [
        ("merge other", "merge --abort"),
        ("merge other", "checkout --theirs a.txt"),
        ("merge other", "reset --merge"),
        ("rebase other", "rebase --abort"),
        ("rebase other", "rebase --skip"),
        ("cherry-pick other", "cherry-pick --abort"),
        ("cherry-pick other", "cherry-pick --skip"),
        ("revert --no-edit other", "revert --abort"),
    ] {
        let s = conflict(start);
        let ran = s.git(words(give_up));
        assert_ne!(s.read("a.txt"), "resolved with care\n", "{give_up}");
        assert!(ran.stderr.contains(": backed up before git "), "{give_up}: {ran:#?}");
        s.bak(["restore", "--yes", "--", "a.txt"]);
        assert_eq!(s.read("a.txt"), "resolved with care\n", "{give_up}");
    }
}

#[test]
fn harmless_commands_make_no_snapshot_and_say_nothing() {
    let s = with_work();
    for line in [
        "status --short",
        "diff",
        "diff --cached --stat",
        "log -p -1",
        "show",
        "add a.txt",
        "ls-files -m",
        "blame a.txt",
        "grep one",
        "describe --always --dirty",
        "stash list",
        "clean -nd",
        "reset -q --soft HEAD",
        "update-index --refresh",
        "branch x",
        "tag t",
    ] {
        let ran = s.try_git(words(line));
        assert!(!ran.stderr.contains("git-bak"), "{line}: {ran:#?}");
    }
    assert_eq!(kept(&s), 0);
    s.git(["commit", "-qm", "third"]);
    assert_eq!(kept(&s), 0);
    s.git(["reset", "-q", "--hard"]);
    assert!(kept(&s) > 0, "this one does");
}

#[test]
fn a_command_is_known_however_it_is_given() {
    let exec_path = Scratch::empty().git(["--exec-path"]).stdout;
    let dashed = format!("{}/git-reset --hard -q", exec_path.trim_end());
    let s = guarded();
    s.git(["config", "alias.rh", "reset --hard -q"]);
    s.git(["config", "alias.sweep", "!git reset --hard -q"]);
    let by_script = s.root().join("by script");
    script(&by_script, "cd \"$(dirname \"$0\")/repo/dir\" && git reset --hard -q");
    let git_dir = s.top().join(".git").display().to_string();
    let top = s.top().display().to_string();
    let lines: [Vec<&str>; 8] = [
        vec!["git", "rh"],
        vec!["git", "sweep"],
        vec!["git", "-c", "x.y=z", "-C", "dir", "reset", "--hard", "-q"],
        vec!["git", "--git-dir", &git_dir, "--work-tree", &top, "reset", "--hard", "-q"],
        vec!["git", "-C", "/", "--git-dir", &git_dir, "--work-tree", &top, "reset", "--hard", "-q"],
        words(&dashed),
        vec!["git", "stash", "-q"],
        vec![by_script.to_str().unwrap()],
    ];
    for (number, line) in lines.iter().enumerate() {
        let text = format!("edited for {number}\n");
        s.write("a.txt", &text);
        let ran = Ran::of(&s.command(line[0]).args(&line[1..]).output().unwrap()).expect_success();
        assert_eq!(s.read("a.txt"), "one\n", "{line:?}");
        assert!(s.vault_has("a.txt", &text), "{line:?}: {ran:#?}");
        let restore = match line[..] {
            [_, _, _, "-C", ..] => {
                "../a.txt: backed up before git reset: git -C dir bak restore -- ../a.txt"
            }
            [_, "-C", ..] => "a.txt: backed up before git reset: git -C / bak restore -- a.txt",
            [_] => "../a.txt: backed up before git reset: git bak restore -- ../a.txt",
            _ => "a.txt: backed up before git reset: git bak restore -- a.txt",
        };
        let said = ran.stderr.contains(restore);
        assert_eq!(said, !line.contains(&"stash"), "{line:?}: {ran:#?}");
    }
    let off = s.top().join("a.txt");
    fs::write(off, "not to be kept\n").unwrap();
    Ran::of(&s.command("git").env("GIT_BAK", "0").args(["reset", "--hard"]).output().unwrap());
    assert!(!s.vault_has("a.txt", "not to be kept\n"));
}

/// Its words alone are enough for the scripts; an alias has others.
#[test]
#[cfg(target_os = "linux")]
fn git_status_starts_no_program_and_git_commit_few() {
    let s = guarded();
    // One that a script starts by its path has other words.
    let words = "alias.words=!tr '\\0' ' ' </proc/$PPID/cmdline";
    let is_plain = s.git(["-c", words, "words"]).stdout.starts_with("git ");
    let started = s.root().join("started");
    let program = s.root().join("bin/git-bak");
    fs::rename(&program, s.root().join("bin/real")).unwrap();
    script(
        &program,
        &format!("echo \"$*\" >>'{}'\nexec \"${{0%/*}}/real\" \"$@\"", started.display()),
    );
    s.git(["config", "alias.st", "status"]);
    let program = program.display().to_string();
    for file in [".git/config", ".git/hooks/post-index-change"] {
        let text = s.read(file).replace(BAK, &program);
        assert!(text.contains(&program), "{text}");
        fs::write(s.top().join(file), text).unwrap();
    }
    for words in [&["status"][..], &["status", "-s"], &["status", "--porcelain"], &["diff"]] {
        s.write("a.txt", "edited\n");
        s.git(words);
        assert_eq!(started.exists(), !is_plain, "{words:?}: {:?}", fs::read_to_string(&started));
        let _ = fs::remove_file(&started);
    }
    s.git(["commit", "-qam", "edited"]);
    let hooks = fs::read_to_string(&started).unwrap();
    assert_eq!(hooks.contains("post-index-change"), !is_plain, "{hooks}");
    s.write("a.txt", "edited again\n");
    for words in [&["status", "--short"][..], &["st"], &["reset", "-q", "--hard"]] {
        s.git(words);
        assert!(started.exists(), "{words:?}");
        fs::remove_file(&started).unwrap();
    }
    assert!(s.vault_has("a.txt", "edited again\n"));
}

#[test]
fn what_is_traced_is_the_users_command_alone() {
    let mut s = guarded();
    s.git(["config", "filter.upper.clean", "tr a-z A-Z"]);
    s.write(".gitattributes", "a.txt filter=upper\n");
    s.write("a.txt", "two\n");
    let trace = s.root().join("trace");
    for variable in ["GIT_TRACE2", "GIT_TRACE2_EVENT", "GIT_TRACE2_PERF"] {
        s.set_env(variable, &trace);
    }
    s.git(["reset", "-q", "--hard"]);
    let traced = fs::read_to_string(&trace).unwrap();
    assert!(traced.contains("reset"), "{traced}");
    assert!(!traced.contains("core.hooksPath"), "{traced}");
    assert!(s.vault_has("a.txt", "two\n"));
}

/// Git then names its directory from where it is itself.
#[test]
#[cfg(target_os = "linux")]
fn a_working_tree_below_where_git_is_is_guarded() {
    let s = guarded();
    s.write("below/a.txt", "one\n");
    let read_tree = |options: &[&str]| {
        let mut command = s.command("git");
        command.env("GIT_WORK_TREE", s.top().join("below"));
        command.env("GIT_INDEX_FILE", s.root().join("another index"));
        Ran::of(&command.arg("read-tree").args(options).output().unwrap()).expect_success()
    };
    let said = [read_tree(&["-i", "-m", "HEAD"]), read_tree(&["-i", "-m", "HEAD"])];
    assert!(said.iter().all(|ran| ran.stderr.is_empty()), "{said:#?}");
    s.write("below/a.txt", "to be overwritten\n");
    let ran = read_tree(&["--reset", "-u", "HEAD"]);
    assert_eq!(s.read("below/a.txt"), "one\n");
    assert!(s.vault_has("a.txt", "to be overwritten\n"), "{ran:#?}");
}

#[test]
fn asked_by_nobody_that_is_known_it_keeps_what_could_be_lost() {
    let s = with_work();
    let asked = s.command(BAK).args(["guard", "2", "some token"]).output().unwrap();
    assert_eq!((asked.status.code(), asked.stdout.len()), (Some(10), 0));
    for path in ["a.txt", "b.txt", "dir/c.txt", "new.txt", "lone/u.txt"] {
        assert!(has_blob(&s, path, in_danger()[path]), "{path}");
    }
    assert!(!has_blob(&s, "i.ign", in_danger()["i.ign"]));
}

#[test]
fn one_line_says_what_was_kept_and_how_it_comes_back() {
    let s = with_work();
    let before = s.all_backups();
    let ran = s.git(["reset", "--hard", "-q"]);
    assert_eq!(
        ran.stderr,
        "git-bak ✓ 3 files: backed up before git reset: git bak restore --all\n"
    );
    assert_eq!(s.all_backups(), before, "no files beside the originals");
    s.bak(["restore", "--yes", "--all"]);
    for path in ["a.txt", "b.txt", "dir/c.txt"] {
        assert_eq!(bytes(&s, path).as_deref(), Some(in_danger()[path]), "{path}");
    }
    let ran = s.git(["clean", "-fdxq"]);
    assert_eq!(
        ran.stderr,
        "git-bak ✓ 4 files: backed up before git clean: git bak restore --all\n"
    );
    s.git(["reset", "-q", "--hard"]);
    s.advance(60);
    let ran = s.git(["reset", "-q", "--hard"]);
    assert_eq!(ran.stderr, "", "there was nothing to lose");
    s.git(["config", "bak.verbosity", "quiet"]);
    s.write("a.txt", "once more\n");
    assert_eq!(s.git(["reset", "-q", "--hard"]).stderr, "");
    assert!(s.vault_has("a.txt", "once more\n"));
}

#[test]
fn what_is_too_big_is_left_out_and_named() {
    let s = guarded();
    s.git(["config", "bak.maxFiles", "3"]);
    s.git(["config", "bak.maxFileSize", "100"]);
    for number in 0..4 {
        s.write(&format!("many.ign/{number}"), "x");
        s.write(&format!("plain/{number}"), "y");
    }
    s.write("few.ign/1", "z");
    s.write("big.ign/1", [b'x'; 60]);
    s.write("big.ign/2", [b'x'; 60]);
    s.write("a.txt", [b'x'; 101]);
    let ran = s.git(["clean", "-fdxq"]);
    for line in ["many.ign: not protected: ", "big.ign: not protected: "] {
        assert!(ran.stderr.contains(line), "{ran:#?}");
    }
    let vault = s.vault();
    let has = |path: &str| vault.keys().any(|key| key.ends_with(path));
    assert!(has("/few.ign/1") && has("/plain/3"), "{vault:#?}");
    assert!(!has("many.ign/1") && !has("big.ign/1"));
    let ran = s.git(["checkout", "-q", "."]);
    assert!(ran.stderr.contains("a.txt: not protected: "), "{ran:#?}");
}

#[test]
fn without_a_vault_files_under_the_git_directory_have_it() {
    let s = with_work();
    s.git(["config", "bak.vault", "false"]);
    let beside = s.all_backups();
    s.git(["reset", "-q", "--hard"]);
    assert_eq!(s.all_backups(), beside, "clean -x would take them");
    s.bak(["restore", "a.txt"]);
    assert_eq!(std::fs::read(s.top().join("a.txt")).unwrap(), EDITED);
    let known = kept(&s);
    s.git(["config", "bak.enabled", "false"]);
    s.write("a.txt", "off\n");
    s.git(["reset", "-q", "--hard"]);
    assert_eq!(kept(&s), known);
}

#[test]
fn uninstall_leaves_nothing_of_it() {
    let s = Scratch::empty();
    let before = s.read(".git/config");
    for _ in 0..2 {
        s.bak(["install"]);
    }
    assert_eq!(s.git(["config", "--get-all", "core.fsmonitor"]).stdout.lines().count(), 1);
    assert_eq!(s.git(["config", "core.fsmonitorHookVersion"]).stdout, "2\n");
    let ran = s.bak(["install"]);
    assert!(ran.stderr.contains("already installed: the guard"), "{ran:#?}");
    let ran = s.bak(["uninstall"]);
    assert!(ran.stderr.contains("the guard"), "{ran:#?}");
    assert_eq!(s.read(".git/config"), before);
}

#[test]
fn who_does_without_it_is_not_given_it_by_the_doctor() {
    let s = Scratch::empty();
    assert!(!s.bak(["install", "--no-guard"]).stderr.contains("the guard"));
    let before = s.read(".git/config");
    assert!(!before.contains("fsmonitor"), "{before}");
    fs::remove_file(s.top().join(".git/hooks/pre-commit")).unwrap();
    let ran = s.bak(["doctor", "--fix"]);
    assert!(ran.stdout.contains("left out: work that reset --hard"), "{ran:#?}");
    assert_eq!(s.read(".git/config"), before);
    s.bak(["install"]);
    let ran = s.bak(["install", "--no-guard"]);
    assert!(ran.stderr.contains("removed: the guard\n"), "{ran:#?}");
    assert_eq!(s.read(".git/config"), before);
    s.bak(["install"]);
    assert_ne!(s.read(".git/config"), before);
}

#[test]
fn where_another_monitor_is_set_it_stays_out() {
    for value in ["true", ".git/hooks/query-watchman"] {
        let s = Scratch::empty();
        // Git's own is passed on, where Git has it (see `monitor`).
        if value == "true" && s.try_git(["fsmonitor--daemon", "status"]).status < 128 {
            continue;
        }
        s.git(["config", "core.fsmonitor", value]);
        let before = s.read(".git/config");
        let ran = s.bak(["install"]);
        let named = format!("core.fsmonitor is {value} (file:.git/config)");
        assert!(ran.stderr.contains(&named), "{ran:#?}");
        assert!(s.bak(["doctor"]).stdout.contains(&format!("left out because {named}")));
        s.bak(["uninstall"]);
        assert_eq!(s.read(".git/config"), before);
    }
    let s = Scratch::new();
    s.bak(["uninstall"]);
    s.git(["config", "core.fsmonitor", "false"]);
    let before = s.read(".git/config");
    s.bak(["install"]);
    s.write("a.txt", "two\n");
    s.git(["reset", "-q", "--hard"]);
    assert!(s.vault_has("a.txt", "two\n"));
    s.bak(["uninstall"]);
    assert_eq!(s.read(".git/config"), before);
}

#[test]
fn submodules_that_are_checked_out_are_covered_too() {
    let s = Scratch::empty();
    let url = s.root().join("origin");
    s.at(s.root()).git(["init", "-q", "-b", "main", "origin"]);
    let who = ["-c", "user.name=T", "-c", "user.email=t@example.org"];
    fs::write(url.join("f.txt"), "committed\n").unwrap();
    s.at(&url).git(["add", "f.txt"]);
    s.at(&url).git(who.iter().chain(&["commit", "-qm", "x"]));
    let add = ["-c", "protocol.file.allow=always", "submodule", "-q", "add"];
    let url = url.to_str().unwrap();
    for name in ["lib", "gone", "deaf"] {
        s.git(add.iter().chain(&[url, name]));
    }
    s.at(s.top().join("lib")).git(add.iter().chain(&[url, "below"]));
    fs::remove_dir_all(s.top().join("gone")).unwrap();
    fs::remove_dir_all(s.top().join(".git/modules/deaf")).unwrap();
    let (lib, below) = (".git/modules/lib/config", ".git/modules/lib/modules/below/config");
    let before = [lib, below].map(|file| s.read(file));
    let ran = s.bak(["install"]);
    assert_eq!(ran.stderr.matches("in the submodule ").count(), 2, "{ran:#?}");
    for path in ["lib/f.txt", "lib/below/f.txt"] {
        s.write(path, "edited\n");
    }
    fs::remove_dir_all(s.top().join("deaf")).unwrap();
    s.git(["submodule", "--quiet", "foreach", "--recursive", "git checkout -q -f ."]);
    for folder in ["lib", "lib/below"] {
        assert_eq!(s.read(&format!("{folder}/f.txt")), "committed\n");
        assert!(s.at(s.top().join(folder)).vault_has("f.txt", "edited\n"), "{folder}");
    }
    s.bak(["uninstall"]);
    assert_eq!([lib, below].map(|file| s.read(file)), before);
    assert!(!s.exists(".git/modules/lib/hooks/pre-commit"));
}

#[test]
fn without_the_program_git_works_as_ever() {
    let s = guarded();
    let value = s.git(["config", "core.fsmonitor"]).stdout;
    s.git(["config", "core.fsmonitor", &value.trim_end().replacen(BAK, "/gone/git-bak", 1)]);
    s.write("a.txt", "found on the PATH\n");
    s.git(["reset", "-q", "--hard"]);
    assert!(s.vault_has("a.txt", "found on the PATH\n"));
    fs::remove_file(s.root().join("bin/git-bak")).unwrap();
    s.write("a.txt", "two\n");
    let ran = s.git(["status", "--short"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), (" M a.txt\n", ""));
    assert_eq!(s.git(["reset", "-q", "--hard"]).stderr, "");
    assert_eq!(s.read("a.txt"), "one\n");
}

#[test]
fn git_sees_every_edit() {
    let s = guarded();
    for setting in ["core.untrackedCache", "core.splitIndex"] {
        s.git(["config", setting, "true"]);
        for round in 0..5 {
            s.write("a.txt", format!("{round}\n"));
            s.write("dir/c.txt", format!("{round}\n"));
            s.write(&format!("dir/u{round}"), "");
            let ran = s.git(["status", "--short"]);
            for line in [" M a.txt", " M dir/c.txt", &format!("?? dir/u{round}")] {
                assert!(ran.stdout.lines().any(|seen| seen == line), "{setting} {round}: {ran:#?}");
            }
            let ran = s.git(["diff", "--name-only"]);
            assert_eq!(ran.stdout, "a.txt\ndir/c.txt\n");
            s.git(["commit", "-qam", "round"]);
            assert_eq!(s.git(["diff", "--name-only"]).stdout, "");
        }
        s.git(["clean", "-fdq"]);
    }
}

#[test]
fn its_own_children_never_ask_it() {
    let s = guarded();
    // The status of a submodule is only Git's to tell.
    fs::create_dir(s.top().join("sub")).unwrap();
    let head = s.git(["rev-parse", "HEAD"]).stdout;
    let entry = format!("160000,{},sub", head.trim());
    s.git(["update-index", "--add", "--cacheinfo", &entry]);
    s.git(["commit", "-qm", "submodule"]);
    let log = s.root().join("asked");
    let asks = s.root().join("asks");
    script(
        &asks,
        &format!(
            "if [ -z \"$GIT_BAK_NO_GUARD\" ]; then tr '\\0' ' ' </proc/$PPID/cmdline; echo; fi \
             >>'{}'\nexec '{BAK}' guard \"$@\"",
            log.display()
        ),
    );
    s.git(["config", "core.fsmonitor", asks.to_str().unwrap()]);
    s.write("a.txt", "two\n");
    s.git(["reset", "-q", "--hard"]);
    s.write("a.txt", "three\n");
    s.git(["commit", "-qam", "three"]);
    let asked = fs::read_to_string(log).unwrap();
    assert!(asked.lines().count() >= 2, "{asked}");
    for line in asked.lines() {
        assert!(!line.contains("core."), "{line}");
    }
    assert!(s.vault_has("a.txt", "two\n"));
}

#[test]
fn each_linked_worktree_is_served() {
    let s = guarded();
    s.git(["worktree", "add", "-q", "../linked", "-b", "linked"]);
    let linked = s.at(s.root().join("linked"));
    fs::write(s.root().join("linked/a.txt"), "edited there\n").unwrap();
    s.write("a.txt", "edited here\n");
    let ran = linked.git(["reset", "-q", "--hard"]);
    assert!(ran.stderr.contains("a.txt: backed up before git reset"), "{ran:#?}");
    assert!(s.vault_has("a.txt", "edited there\n") && !s.vault_has("a.txt", "edited here\n"));
    linked.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(fs::read_to_string(s.root().join("linked/a.txt")).unwrap(), "edited there\n");
    s.git(["reset", "-q", "--hard"]);
    s.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(s.read("a.txt"), "edited here\n");
}
