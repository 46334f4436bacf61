//! The user's own hooks, run by ours: the same arguments, standard input, environment and outcome as if
//! git-bak were not there.

use crate::pair::{Pair, left, not_ours, ours};
use crate::scratch::{Ran, Scratch, script};

/// A pair in which `a.txt` is staged as "two\n".
fn staged() -> Pair {
    let pair = Pair::new();
    pair.write("a.txt", "two\n");
    pair.git(["add", "a.txt"]);
    pair
}

/// Writes what it was given into the file `$SEEN-name`: all but what a shell sets by itself.
const DUMP: &str = r#"{
    echo "args: $# $*"; pwd -P; umask; ls -l /proc/self/fd/0 | sed 's/.*->//'
    env | LC_ALL=C sort | grep -Ev '^(_|PWD|OLDPWD|SHLVL|GIT_BAK_[A-Z_]*)='
} >>"$SEEN-${0##*/}"; cat"#;

fn dumped(scratch: &Scratch, hook: &str) -> String {
    let suffix = [format!("seen-{hook}.before-bak"), format!("seen-{hook}")];
    let files = suffix.map(|name| scratch.root().join(name));
    let text = files.iter().find_map(|file| std::fs::read_to_string(file).ok()).unwrap();
    // A `git commit` has another number each time, and the index it locks has it in its name.
    let text = text.replace(&scratch.root().to_string_lossy().into_owned(), "ROOT");
    text.lines()
        .map(|line| match line.split_once("next-index-") {
            Some((before, _)) => format!("{before}next-index\n"),
            None => format!("{line}\n"),
        })
        .collect()
}

#[cfg(target_os = "linux")]
#[test]
fn hooks_get_what_git_gives_them() {
    let pair = staged();
    // What we make is for all then; what the user's hooks make is as their umask has it.
    pair.git(["config", "core.sharedRepository", "0666"]);
    let hooks = ["pre-commit", "post-commit", "post-checkout"];
    for hook in hooks {
        pair.hook(hook, DUMP);
    }
    pair.write("sub/b.txt", "two\n");
    pair.git(["commit", "-qm", "plain"]);
    pair.git(["add", "."]);
    pair.same(|scratch| {
        let sub = scratch.at(scratch.top().join("sub"));
        sub.try_git(["-c", "user.name=It's", "commit", "-qm", "only", "-o", "b.txt"])
    });
    pair.write("a.txt", "three\n");
    pair.git(["commit", "-qam", "all"]);
    pair.git(["checkout", "-q", "-b", "other", "HEAD~1"]);
    pair.write("a.txt", "four\n");
    pair.git(["checkout", "-q", "--", "a.txt"]);
    pair.git(["worktree", "add", "-q", "../linked"]);
    pair.same(|scratch| {
        let linked = scratch.at(scratch.root().join("linked"));
        linked.try_git(["commit", "-q", "--allow-empty", "-m", "linked"])
    });
    for hook in hooks {
        let (with, without) = (dumped(&pair.with, hook), dumped(&pair.without, hook));
        assert!(with.contains("/dev/null") && with.contains("GIT_EXEC_PATH"), "{with}");
        assert_eq!(with, without, "{hook}");
    }
    assert!(dumped(&pair.with, "post-checkout").contains("args: 3 "));
    assert!(dumped(&pair.with, "pre-commit").contains("GIT_INDEX_FILE=ROOT/repo/.git/index.lock"));
}

#[test]
fn arguments_that_are_not_plain_words_arrive_whole() {
    let scratch = Scratch::new();
    scratch.hook("post-checkout", r#"printf '<%s>' "$@" >../args"#);
    scratch.bak(["hook", "post-checkout", "a b", "", "--help", "*\n"]);
    let args = std::fs::read_to_string(scratch.root().join("args")).unwrap();
    assert_eq!(args, "<a b><><--help><*\n>");
}

#[test]
fn standard_input_is_passed_on() {
    let scratch = Scratch::new();
    scratch.hook("pre-commit", "cat >../got");
    let mut command = scratch.command(crate::scratch::BAK);
    command.args(["hook", "pre-commit"]);
    assert_eq!(crate::pair::feed(command, "some words").status, 0);
    assert_eq!(std::fs::read_to_string(scratch.root().join("got")).unwrap(), "some words");
}

#[test]
fn a_hooks_exit_status_is_what_git_gets() {
    for (hook, status) in
        [("pre-commit", 1), ("pre-commit", 3), ("pre-commit", 255), ("post-commit", 3)]
    {
        let pair = staged();
        pair.hook(hook, &format!("echo said on stdout; echo said on stderr >&2; exit {status}"));
        let ran = pair.try_git(["commit", "-m", "second"]);
        assert_eq!(ran.status, i32::from(hook == "pre-commit"));
        assert!(not_ours(&ran).starts_with(&["said on stdout", "said on stderr"]), "{ran:#?}");
        if hook == "pre-commit" {
            let direct = pair.with.try_bak(["hook", "pre-commit"]);
            assert_eq!(direct.status, status);
        }
    }
}

#[test]
fn a_post_checkout_hook_that_fails_makes_checkout_fail_as_without_us() {
    let pair = Pair::new();
    pair.hook("post-checkout", "exit 5");
    pair.write("a.txt", "two\n");
    assert_ne!(pair.try_git(["checkout", "-q", "--", "a.txt"]).status, 0);
    assert_ne!(pair.try_git(["checkout", "-qb", "other"]).status, 0);
}

#[cfg(unix)]
#[test]
fn a_hook_that_dies_of_a_signal_stops_the_commit() {
    for signal in ["KILL", "TERM"] {
        let scratch = staged().with;
        scratch.hook("pre-commit", &format!("kill -s {signal} $$"));
        assert_eq!(scratch.try_git(["commit", "-qm", "second"]).status, 1);
        assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
    }
}

#[cfg(unix)]
#[test]
fn a_broken_pipe_in_a_hook_is_as_quiet_as_without_us() {
    for hook in ["pre-commit", "post-commit"] {
        let pair = staged();
        pair.hook(hook, "yes | head -n 1 >/dev/null");
        pair.git(["commit", "-qm", "second"]);
    }
}

#[test]
fn a_hook_that_rewrites_files_comes_too_late_for_the_backups() {
    let pair = staged();
    pair.write("b.txt", "edited\n");
    pair.hook("pre-commit", "echo rewritten >a.txt; echo rewritten >b.txt");
    pair.git(["commit", "-qm", "second"]);
    assert_eq!(pair.seen(), ["a.txt=two|", "b.txt=edited|"]);
}

#[test]
fn what_a_hook_stages_is_committed() {
    let forms: [&[&str]; 4] = [
        &["commit", "-qm", "second"],
        &["commit", "-qam", "second"],
        &["commit", "-qm", "second", "-o", "b.txt"],
        &["commit", "-qm", "second", "-i", "b.txt"],
    ];
    for form in forms {
        let pair = staged();
        pair.write("b.txt", "edited\n");
        pair.hook(
            "pre-commit",
            "echo formatted >a.txt; git add a.txt; echo n >n.txt; git add n.txt",
        );
        let ran = pair.same(|scratch| scratch.try_git(form)).expect_success();
        assert_eq!(pair.with.git(["show", "HEAD:n.txt"]).stdout, "n\n", "{ran:#?}");
        assert!(pair.with.vault_has("a.txt", "two\n"));
        assert!(left(&pair.with.root()).is_empty());
    }
}

#[test]
fn what_another_process_stages_meanwhile_is_committed_unseen() {
    let pair = staged();
    let body = "unset $(git rev-parse --local-env-vars); echo late >late.txt; git add late.txt";
    pair.hook("pre-commit", body);
    pair.git(["commit", "-qm", "second"]);
    assert_eq!(pair.with.git(["show", "HEAD:late.txt"]).stdout, "late\n");
    assert!(left(&pair.with.root()).is_empty());
}

#[test]
fn a_hook_that_leads_back_to_ours_runs_once() {
    for hook in ["pre-commit", "post-commit"] {
        let scratch = staged().with;
        let body = format!("echo once >>../times; .git/hooks/{hook} \"$@\" || exit 1");
        scratch.hook(hook, &body);
        scratch.git(["commit", "-qm", "second"]);
        let times = std::fs::read_to_string(scratch.root().join("times")).unwrap();
        assert_eq!(times, "once\n");
        assert!(left(&scratch.root()).is_empty());
    }
}

#[cfg(unix)]
#[test]
fn a_hook_that_is_not_executable_is_not_run() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = staged().with;
    scratch.hook("pre-commit", "exit 1");
    let file = scratch.top().join(".git/hooks/pre-commit.before-bak");
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).unwrap();
    scratch.git(["commit", "-qm", "second"]);
    assert!(left(&scratch.root()).is_empty());
}

/// Puts a hook into place that is no script with a first line of ours.
#[cfg(unix)]
fn raw_hook(scratch: &Scratch, name: &str, text: &str) {
    scratch.hook(name, "");
    let hooks = scratch.top().join(".git/hooks");
    let chained = hooks.join(format!("{name}.before-bak"));
    let file = if chained.exists() { chained } else { hooks.join(name) };
    std::fs::write(file, text).unwrap();
}

#[cfg(unix)]
#[test]
fn a_hook_without_a_first_line_is_run_by_the_shell() {
    for hook in ["pre-commit", "post-commit", "post-checkout"] {
        let pair = staged();
        pair.each(|scratch| raw_hook(scratch, hook, "echo ran: $# >>\"$SEEN\"\n"));
        pair.git(["commit", "-qm", "second"]);
        pair.git(["checkout", "-q", "HEAD~1"]);
        let read = |scratch: &Scratch| {
            let text = std::fs::read_to_string(scratch.root().join("seen")).unwrap();
            text.lines().filter(|line| line.starts_with("ran")).map(str::to_owned).collect()
        };
        let (with, without): (Vec<String>, Vec<String>) = (read(&pair.with), read(&pair.without));
        assert_eq!(with, without, "{hook}");
    }
}

#[cfg(unix)]
#[test]
fn an_empty_hook_is_a_hook_that_agrees() {
    let pair = staged();
    pair.each(|scratch| raw_hook(scratch, "pre-commit", ""));
    pair.git(["commit", "-qm", "second"]);
}

#[cfg(unix)]
#[test]
fn a_hook_whose_interpreter_is_missing_stops_the_commit_as_without_us() {
    for text in ["#!/no/such/interpreter\n", "#!/bin/sh\r\nexit 0\r\n"] {
        let scratch = staged().with;
        raw_hook(&scratch, "pre-commit", text);
        let ran = scratch.try_git(["commit", "-qm", "second"]);
        assert_eq!(ran.status, 1);
        assert!(ran.stderr.contains("pre-commit.before-bak"), "{ran:#?}");
        // Where git-bak starts it itself.
        let ran = scratch.try_bak(["hook", "pre-commit"]);
        assert!(ran.stderr.contains("your pre-commit hook can't be run"), "{ran:#?}");
        assert_eq!(scratch.backup_texts("a.txt"), ["two\n"]);
        raw_hook(&scratch, "post-commit", text);
        scratch.git(["commit", "-qnm", "second"]);
        raw_hook(&scratch, "post-checkout", text);
        assert_ne!(scratch.try_git(["checkout", "-qb", "other"]).status, 0);
    }
}

#[test]
fn a_commit_inside_a_pre_commit_hook_in_the_same_repository_is_as_without_us() {
    let pair = staged();
    pair.write("b.txt", "two\n");
    let body = "[ -z \"$NESTED\" ] || exit 0; export NESTED=1; git commit -qm nested";
    pair.hook("pre-commit", body);
    pair.try_git(["commit", "-qm", "outer"]);
    assert!(pair.with.vault_has("a.txt", "two\n") && pair.with.vault_has("b.txt", "two\n"));
}

#[test]
fn a_commit_inside_a_post_commit_hook_cleans_up_after_both() {
    let pair = staged();
    let body = "[ -z \"$NESTED\" ] || exit 0; export NESTED=1
        echo nested >b.txt; git add b.txt; git commit -qm nested";
    pair.hook("post-commit", body);
    pair.git(["commit", "-qm", "outer"]);
    assert_eq!(pair.with.git(["log", "--format=%s"]).stdout, "nested\nouter\nfirst\n");
    assert!(left(&pair.with.root()).is_empty());
    assert!(pair.with.vault_has("b.txt", "nested\n"));
}

/// A hook that commits in another place: what Git set for this repository must be unset first.
const ELSEWHERE: &str = "unset $(git rev-parse --local-env-vars); cd ../other || exit
    echo inner >a.txt; git commit -qam inner";

#[test]
fn a_commit_inside_a_hook_in_another_repository_runs_that_ones_hooks() {
    for hook in ["pre-commit", "post-commit"] {
        let pair = staged();
        pair.each(|scratch| {
            scratch.git(["clone", "-q", ".", "../other"]);
            let other = scratch.at(scratch.root().join("other"));
            other.git(["config", "user.name", "Test"]);
            other.git(["config", "user.email", "test@example.org"]);
        });
        let other = |scratch: &Scratch| scratch.root().join("other");
        pair.with.at(other(&pair.with)).bak(["install"]);
        let own = other(&pair.with).join(".git/hooks/pre-commit.before-bak");
        script(&own, "ls *.bak.* | wc -l | tr -d ' ' >../inner-backups");
        pair.hook(hook, ELSEWHERE);
        pair.git(["commit", "-qm", "outer"]);
        let counted = std::fs::read_to_string(pair.with.root().join("inner-backups")).unwrap();
        assert_eq!(counted, "1\n");
        assert!(left(&pair.with.root()).is_empty());
        let vault = pair.with.at(other(&pair.with)).vault();
        assert_eq!(vault.values().collect::<Vec<_>>(), ["inner\n"]);
        assert!(!pair.with.vault_has("a.txt", "inner\n"), "it is the other one's");
    }
}

#[test]
fn a_commit_inside_a_hook_in_a_linked_worktree_runs_the_shared_hook_again() {
    let pair = staged();
    pair.git(["worktree", "add", "-q", "-b", "side", "../other"]);
    pair.seen();
    let body = format!("[ -z \"$NESTED\" ] || exit 0; export NESTED=1\n{ELSEWHERE}");
    pair.hook("pre-commit", &body);
    pair.git(["commit", "-qm", "outer"]);
    assert_eq!(pair.seen(), ["a.txt=inner|", "a.txt=two|"]);
    assert!(left(&pair.with.root()).is_empty());
    assert!(pair.with.vault_has("a.txt", "inner\n") && pair.with.vault_has("a.txt", "two\n"));
}

#[test]
fn a_line_in_somebody_elses_hook_does_what_a_shim_does() {
    let scratch = Scratch::new();
    for hook in ["pre-commit", "post-commit", "post-checkout"] {
        let file = scratch.top().join(".git/hooks").join(hook);
        let line = format!("[ ! -x \"$BAK\" ] || \"$BAK\" hook {hook} \"$@\" || exit $?");
        script(&file, &format!("BAK=../bin/git-bak\n{line}\nexit 0"));
    }
    scratch.write("a.txt", "two\n");
    scratch.git(["add", "a.txt"]);
    scratch.write("a.txt", "three\n");
    // Edits that are lost between the two hooks are noticed by post-commit.
    scratch.hook("prepare-commit-msg", "git show :a.txt >a.txt");
    let ran = scratch.git(["commit", "-qm", "second"]);
    assert!(ran.stderr.contains("a.txt: its unstaged edits are gone"), "{ran:#?}");
    assert!(left(&scratch.root()).is_empty());
    let status = scratch.bak(["status"]).stdout;
    assert!(!status.contains("failed"), "the commit succeeded: {status}");
}

#[test]
fn a_program_in_between_whose_name_is_like_gits_is_not_taken_for_git() {
    for line in ["git-hooks", "git bak hook", "git -c bak.maxBackups=5 bak hook"] {
        let scratch = staged().with;
        let manager = scratch.root().join("bin/git-hooks");
        script(&manager, "git-bak hook \"$@\" || exit $?\nexit 0");
        for hook in ["pre-commit", "post-commit"] {
            let file = scratch.top().join(".git/hooks").join(hook);
            script(&file, &format!("{line} {hook} \"$@\" || exit $?\nexit 0"));
        }
        scratch.git(["commit", "-qm", "second"]);
        assert!(left(&scratch.root()).is_empty());
        let status = scratch.bak(["status"]).stdout;
        assert!(!status.contains("failed"), "{line}: the commit succeeded: {status}");
    }
}

#[test]
fn a_hook_manager_that_took_our_shim_for_the_hook_from_before_runs_it_once() {
    let scratch = staged().with;
    scratch.write("a.txt", "edited\n");
    let hooks = scratch.top().join(".git/hooks");
    std::fs::rename(hooks.join("pre-commit"), hooks.join("pre-commit.legacy")).unwrap();
    script(&hooks.join("pre-commit.before-bak"), "echo old >>../times");
    script(&hooks.join("pre-commit"), "\"${0%/*}/pre-commit.legacy\" \"$@\" || exit 1");
    let ran = scratch.git(["commit", "-m", "second"]);
    assert!(ran.stderr.contains("backed up: a.txt"), "{ran:#?}");
    let times = std::fs::read_to_string(scratch.root().join("times")).unwrap();
    assert_eq!(times, "old\n");
    assert!(left(&scratch.root()).is_empty());
    assert!(!scratch.bak(["status"]).stdout.contains("failed"));
}

#[test]
fn a_commit_inside_a_hook_behind_a_hook_manager_is_protected_too() {
    let scratch = staged().with;
    let hooks = scratch.top().join(".git/hooks");
    std::fs::rename(hooks.join("pre-commit"), hooks.join("pre-commit.legacy")).unwrap();
    script(&hooks.join("pre-commit"), "\"${0%/*}/pre-commit.legacy\" \"$@\" || exit 1");
    let body = "echo ran >>../times; [ -z \"$NESTED\" ] || exit 0; export NESTED=1
        echo nested >b.txt; git add b.txt; git commit -qm nested";
    script(&hooks.join("pre-commit.before-bak"), body);
    scratch.try_git(["commit", "-qm", "outer"]);
    let times = std::fs::read_to_string(scratch.root().join("times")).unwrap();
    assert_eq!(times, "ran\nran\n");
    assert!(scratch.vault_has("b.txt", "nested\n"));
}

#[test]
fn a_hook_that_wipes_what_is_ignored_takes_backups_that_can_be_brought_back() {
    let pair = staged();
    pair.write("b.txt", "edited\n");
    pair.hook("pre-commit", "git clean -qfdx");
    pair.git(["commit", "-qm", "second"]);
    assert!(left(&pair.with.root()).is_empty());
    assert!(pair.with.vault_has("a.txt", "two\n") && pair.with.vault_has("b.txt", "edited\n"));
    pair.with.write("b.txt", "lost\n");
    pair.with.bak(["restore", "--yes", "b.txt"]);
    assert_eq!(pair.with.read("b.txt"), "edited\n");
}

#[test]
fn switched_off_for_one_command_only_the_users_hook_runs() {
    for off in ["0", "false", "no", "off"] {
        let pair = Pair::new();
        for hook in ["pre", "post"] {
            pair.hook(&format!("{hook}-commit"), &format!("echo {hook} >>../times"));
        }
        pair.hook("post-index-change", "echo index $1 $2 >>../times");
        pair.write("a.txt", "two\n");
        for args in [&["add", "a.txt"][..], &["commit", "-qm", "x"]] {
            let ran = pair.same(|scratch| {
                let mut command = scratch.command("git");
                Ran::of(&command.env("GIT_BAK", off).args(args).output().unwrap())
            });
            assert!(ours(&ran).is_empty() && pair.seen().is_empty());
        }
        let times = std::fs::read_to_string(pair.with.root().join("times")).unwrap();
        // How often Git refreshes the index besides is up to the clock.
        let (index, others): (Vec<&str>, Vec<&str>) =
            times.lines().partition(|line| *line == "index 0 0");
        assert!(!index.is_empty(), "{times}");
        assert_eq!(others, ["pre", "post"], "{times}");
        assert!(!pair.with.vault_has("a.txt", "two\n"));
    }
}

#[test]
fn switched_off_for_a_repository_only_the_users_hook_runs() {
    let pair = Pair::new();
    pair.hook("pre-commit", "echo pre >>../times");
    pair.write("a.txt", "two\n");
    assert!(ours(&pair.git(["-c", "bak.enabled=false", "add", "a.txt"])).is_empty());
    let ran = pair.git(["-c", "bak.enabled=false", "commit", "-qm", "second"]);
    assert!(ours(&ran).is_empty() && pair.seen().is_empty());
    assert!(pair.with.root().join("times").exists());
    assert!(!pair.with.vault_has("a.txt", "two\n"));
    pair.git(["config", "bak.enabled", "false"]);
    pair.write("a.txt", "three\n");
    let ran = pair.git(["checkout", "-q", "--", "a.txt"]);
    assert!(ours(&ran).is_empty());
    pair.hook("pre-commit", "exit 1");
    assert_eq!(pair.try_git(["commit", "--allow-empty", "-qm", "third"]).status, 1);
}
