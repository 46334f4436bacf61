//! The script decides: whatever becomes of the program, Git goes on, the user's own hook runs once, its status is
//! Git's, and one line says what may not be protected. Under dash and under bash.

use std::fs;
use std::path::{Path, PathBuf};

use crate::scratch::{BAK, Ran, Scratch, script};

const HOOKS: [&str; 4] = ["post-index-change", "pre-commit", "post-commit", "post-checkout"];
const SHELLS: [&str; 2] = ["/bin/dash", "/bin/bash --posix"];

/// A repository whose hooks start a program at a place of their own, under this shell; the user's own hooks write down
/// that they ran.
fn installed(shell: &str) -> (Scratch, PathBuf) {
    let s = Scratch::empty();
    for hook in HOOKS {
        s.hook(hook, &format!("echo {hook} >>../ran"));
    }
    s.bak(["install"]);
    let program = s.root().join("program");
    // No link: some of the tests write into it.
    fs::copy(BAK, &program).unwrap();
    let program_text = program.to_str().unwrap();
    for hook in HOOKS {
        let file = s.top().join(".git/hooks").join(hook);
        let text = fs::read_to_string(&file).unwrap().replace(BAK, program_text);
        fs::write(&file, text.replacen("/bin/sh", shell, 1)).unwrap();
    }
    let guard = s.git(["config", "core.fsmonitor"]).stdout;
    s.git(["config", "core.fsmonitor", &guard.trim_end().replace(BAK, program_text)]);
    s.write("a.txt", "one\n");
    s.git(["add", "a.txt"]);
    s.git(["commit", "-qm", "first"]);
    fs::remove_file(s.root().join("ran")).unwrap();
    (s, program)
}

/// What the user's own hooks wrote down since the last time.
fn ran(s: &Scratch) -> String {
    let file = s.root().join("ran");
    let text = fs::read_to_string(&file).unwrap_or_default();
    let _ = fs::remove_file(file);
    text
}

fn times(text: &str, hook: &str) -> usize {
    text.lines().filter(|line| *line == hook).count()
}

/// What ours say in the place of a program that can't.
fn lines(ran: &Ran) -> Vec<&str> {
    ran.stderr.lines().filter(|line| line.starts_with("git-bak x ")).collect()
}

fn without_program(program: &Path) {
    fs::remove_file(program).unwrap();
}

fn put(program: &Path, bytes: &[u8]) {
    let _ = fs::remove_file(program);
    let text = program.with_extension("new");
    fs::write(&text, bytes).unwrap();
    fs::set_permissions(&text, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    fs::rename(text, program).unwrap();
}

type Way = (&'static str, fn(&Path));

/// How a program may be that doesn't do its work.
const WAYS: [Way; 10] = [
    ("not found", without_program),
    ("ended with status 0", |program| put(program, b"")),
    ("ended with status 1", |program| script(program, "exit 1")),
    ("ended with status 2", |program| script(program, "echo words >&2; exit 2")),
    ("ended with status 137", |program| script(program, "kill -KILL $$")),
    ("ended with status 134", |program| script(program, "kill -ABRT $$")),
    ("ended with status 9", |program| script(program, "echo on stdout; exit 9")),
    ("ended with status", |program| put(program, b"#!/no/such/interpreter\n")),
    ("ended with status", |program| {
        // Of another architecture.
        let mut bytes = fs::read(BAK).unwrap();
        bytes[18] ^= 0x5a;
        put(program, &bytes);
    }),
    ("ended with status", |program| put(program, &fs::read(BAK).unwrap()[..100_000])),
];

#[test]
fn whatever_becomes_of_the_program_git_goes_on_and_the_users_hook_runs_once() {
    for shell in SHELLS {
        for (number, (why, breaks)) in WAYS.iter().enumerate() {
            let (s, program) = installed(shell);
            breaks(&program);
            let about = format!("{shell}, way {number}, {why}");
            // Nor is there one on the PATH.
            fs::remove_dir_all(s.root().join("bin")).unwrap();
            s.write("a.txt", format!("{number}\n"));
            let status = s.try_git(["status", "--porcelain"]);
            assert_eq!((status.status, status.stdout.as_str()), (0, " M a.txt\n"), "{about}");
            let added = s.try_git(["add", "a.txt"]);
            assert_eq!((added.status, added.stdout.as_str()), (0, ""), "{about}: {added:#?}");
            assert!(times(&ran(&s), "post-index-change") > 0, "{about}: {added:#?}");
            let committed = s.try_git(["commit", "-qm", "second"]);
            assert_eq!((committed.status, committed.stdout.as_str()), (0, ""), "{about}");
            let own = ran(&s);
            for hook in ["pre-commit", "post-commit"] {
                assert_eq!(times(&own, hook), 1, "{about}: {own} {committed:#?}");
            }
            let said: Vec<&str> =
                lines(&committed).into_iter().filter(|it| it.contains(why)).collect();
            let one = |what: [&str; 2]| {
                let is_it = |line: &&&str| what.iter().any(|what| line.contains(what));
                assert_eq!(said.iter().filter(is_it).count(), 1, "{about}: {committed:#?}");
            };
            one(["no backups were made: reinst", "and this commit may not be backed up: reinst"]);
            one(["no backups were cleaned up: rein", "the backups may not be cleaned up: reins"]);
            assert_ne!(s.git(["show", "HEAD:a.txt"]).stdout, "one\n", "{about}");
            let switched = s.try_git(["checkout", "-qb", "other"]);
            assert_eq!((switched.status, times(&ran(&s), "post-checkout")), (0, 1), "{about}");
            assert!(!lines(&switched).is_empty(), "{about}: {switched:#?}");
            // Only the program's own word stops a commit.
            s.git(["config", "bak.onError", "block"]);
            s.git(["commit", "-qm", "third", "--allow-empty"]);
            s.hook("pre-commit", "exit 1");
            assert_eq!(s.try_git(["commit", "-qm", "no", "--allow-empty"]).status, 1, "{about}");
        }
    }
}

#[test]
fn a_program_that_is_open_for_writing_fails_no_commit() {
    for shell in SHELLS {
        let (s, program) = installed(shell);
        put(&program, &fs::read(BAK).unwrap());
        let open = fs::OpenOptions::new().append(true).open(&program).unwrap();
        let committed = s.git(["commit", "-qm", "second", "--allow-empty"]);
        drop(open);
        assert!(!lines(&committed).is_empty(), "{shell}: {committed:#?}");
        assert_eq!(times(&ran(&s), "pre-commit"), 1, "{shell}: {committed:#?}");
    }
}

#[test]
fn the_users_hook_may_end_with_any_status_that_the_program_ends_with() {
    for shell in SHELLS {
        for status in [1, 9, 10, 11, 12, 126, 137, 255] {
            let (s, _) = installed(shell);
            s.hook("post-checkout", &format!("exit {status}"));
            let switched = s.try_git(["checkout", "-qb", "other"]);
            assert_eq!((switched.status, lines(&switched).len()), (1, 0), "{switched:#?}");
            for hook in ["post-checkout", "post-commit", "pre-commit"] {
                s.hook(hook, &format!("exit {status}"));
                let hook = s.command(s.top().join(".git/hooks").join(hook)).status().unwrap();
                assert_eq!(hook.code(), Some(status), "{shell}");
            }
            s.hook("pre-commit", "exit 0");
            s.hook("post-commit", &format!("echo ran >../ran; exit {status}"));
            s.git(["commit", "-qm", "second", "--allow-empty"]);
            assert_eq!(ran(&s), "ran\n", "{shell}: {status}");
            s.hook("pre-commit", &format!("echo once >>../ran; exit {status}"));
            s.write("a.txt", "two\n");
            let refused = s.try_git(["commit", "-qam", "third"]);
            assert_eq!((refused.status, times(&ran(&s), "once")), (1, 1), "{refused:#?}");
            let said = format!("the pre-commit hook ended with status {status}");
            assert!(refused.stderr.contains(&said), "{shell}: {refused:#?}");
            assert!(s.vault_has("a.txt", "two\n"), "{shell}: {status}");
        }
    }
}

#[test]
fn what_the_users_hook_loses_is_named_by_the_look_afterwards() {
    for shell in SHELLS {
        let (s, program) = installed(shell);
        s.write("a.txt", "edited\n");
        s.hook("pre-commit", "git checkout -q .");
        let committed = s.git(["commit", "-qm", "second", "--allow-empty"]);
        assert!(committed.stderr.contains("a.txt: its unstaged edits are gone"), "{committed:#?}");
        // Said once: post-commit doesn't say it again.
        assert_eq!(committed.stderr.matches("edits are gone").count(), 1, "{committed:#?}");
        // The program goes while the hook runs.
        s.hook("pre-commit", &format!("rm '{}'; exit 7", program.display()));
        let refused = s.try_git(["commit", "-qm", "third", "--allow-empty"]);
        assert_eq!(refused.status, 1, "{refused:#?}");
    }
}

#[test]
fn a_commit_is_stopped_by_the_programs_word_alone() {
    for shell in SHELLS {
        let (s, _) = installed(shell);
        s.git(["config", "bak.onError", "block"]);
        s.git(["config", "bak.maxFileSize", "2"]);
        s.write("a.txt", "too big\n");
        let refused = s.try_git(["commit", "-qm", "second", "--allow-empty"]);
        assert_eq!(refused.status, 1, "{shell}: {refused:#?}");
        assert!(refused.stderr.contains("a.txt: not protected"), "{refused:#?}");
        assert_eq!(times(&ran(&s), "pre-commit"), 0, "stopped before it");
        // A manager's list gets a status that every program has.
        let listed = s.try_bak(["hook", "pre-commit"]);
        assert_eq!(listed.status, 1, "{listed:#?}");
        s.git(["config", "bak.maxFileSize", "1m"]);
        assert_eq!(s.try_bak(["hook", "pre-commit"]).status, 0);
    }
}

#[test]
fn a_hook_under_way_goes_on_while_program_and_scripts_are_replaced() {
    let s = Scratch::new();
    s.hook("pre-commit", &format!("'{BAK}' install --force >/dev/null 2>&1; echo mine >>../ran"));
    s.hook("post-commit", &format!("'{BAK}' uninstall >/dev/null 2>&1; echo mine too >>../ran"));
    s.write("a.txt", "two\n");
    // Another form of the script stands there when it begins.
    for hook in ["pre-commit", "post-commit"] {
        let file = s.top().join(".git/hooks").join(hook);
        let text =
            fs::read_to_string(&file).unwrap().replacen("shim 0.", "shim 00000000000000.", 1);
        fs::write(file, text).unwrap();
    }
    let committed = s.git(["commit", "-qam", "second"]);
    assert_eq!(ran(&s), "mine\nmine too\n", "{committed:#?}");
    assert_eq!(lines(&committed), [""; 0]);
}

#[test]
fn a_hook_that_is_put_back_while_the_program_works_runs_all_the_same() {
    for shell in SHELLS {
        let (s, program) = installed(shell);
        let body = "cd .git/hooks && mv \"$2.before-bak\" \"$2\"; exit 10";
        script(&program, &format!("[ \"$3\" = --after ] && exit 10; {body}"));
        let committed = s.git(["commit", "-qm", "second", "--allow-empty"]);
        let own = ran(&s);
        assert_eq!(
            (times(&own, "pre-commit"), times(&own, "post-commit")),
            (1, 1),
            "{committed:#?}"
        );
    }
}

#[test]
fn the_guards_line_answers_whatever_the_program_prints_or_dies_of() {
    for prints in [r"hello world\0", r"git-bak\0", r"x\0a.txt\0", ""] {
        for end in ["exit 0", "exit 10", "kill -KILL $$"] {
            let (s, program) = installed(SHELLS[0]);
            script(&program, &format!("printf '{prints}'; {end}"));
            s.write("a.txt", "two\n");
            let status = s.try_git(["status", "--porcelain=v1"]);
            assert_eq!(status.stdout, " M a.txt\n", "{prints}, {end}: {status:#?}");
            let said = "git-bak x the guard ended with status ";
            assert_eq!(status.stderr.contains(said), end != "exit 10", "{end}: {status:#?}");
            s.git(["commit", "-qam", "second"]);
            assert_eq!(s.git(["show", "HEAD:a.txt"]).stdout, "two\n", "{prints}, {end}");
        }
    }
}

#[test]
fn after_five_seconds_the_guard_answers_and_names_what_it_left() {
    for (same_size, named) in [
        (true, "✗ what git reset overwrites is not protected: git waits no longer than 5 seconds"),
        (false, "✗ a.txt: not protected: git waits no longer than 5 seconds"),
    ] {
        let (s, _) = installed(SHELLS[0]);
        // For us alone.
        s.git(["config", "filter.crypt.clean", "[ ! \"$GIT_BAK_NO_GUARD\" ] || sleep 60; cat"]);
        s.write(".gitattributes", "a.txt filter=crypt\n");
        s.write("a.txt", if same_size { "two\n" } else { "longer\n" });
        let began = std::time::Instant::now();
        let ran = s.git(["reset", "-q", "--hard"]);
        let took = began.elapsed().as_secs();
        assert!((4..30).contains(&took), "{took} seconds: {ran:#?}");
        assert!(ran.stderr.contains(named), "{same_size}: {ran:#?}");
    }
}

#[test]
fn the_line_for_somebody_elses_hook_stops_at_the_programs_word_alone() {
    for (body, status) in [
        ("exit 0", 0),
        ("exit 1", 0),
        ("exit 10", 0),
        ("exit 12", 0),
        ("kill -KILL $$", 0),
        ("exit 11", 1),
    ] {
        for shell in ["#!/bin/sh -e", "#!/bin/bash -e"] {
            let s = Scratch::empty();
            let program = s.root().join("it's a program");
            script(&program, body);
            let line = git_bak::model::hook::shim::line_to_add(
                git_bak::hooks::Hook::PreCommit,
                program.to_str().unwrap().as_bytes(),
            );
            let hook = s.top().join(".git/hooks/pre-commit");
            script(&hook, "");
            fs::write(&hook, format!("{shell}\n{line}\necho own >../ran\n")).unwrap();
            let ran = s.try_git(["commit", "-qm", "x", "--allow-empty"]);
            assert_eq!(ran.status, status, "{shell} {body}: {ran:#?}");
            assert_eq!(s.root().join("ran").exists(), status == 0, "{shell} {body}");
        }
    }
}
