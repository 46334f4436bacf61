//! Environments: a GUI's bare PATH, no HOME, no room for temporary files, other locales and umasks.

use std::os::unix::fs::PermissionsExt;

use super::{LINES, commits_both, edited, git, sh};
use crate::pair::{Pair, left, ours};
use crate::scratch::{Ran, Scratch};

/// A commit with nothing in the environment but these variables, and the tests' clock.
fn bare(scratch: &Scratch, variables: &[(&str, &str)]) -> Ran {
    let given = scratch.command(git());
    let kept = ["GIT_BAK_NOW", "GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE", "SEEN"];
    let mut command = std::process::Command::new(git());
    command.current_dir(scratch.top()).env_clear().envs(variables.iter().copied());
    for (key, value) in given.get_envs() {
        if kept.iter().any(|kept| key == *kept) {
            command.env(key, value.unwrap());
        }
    }
    Ran::of(&command.args(["commit", "-m", "second"]).output().unwrap())
}

#[test]
fn a_bare_environment_is_enough() {
    let environments: [&[(&str, &str)]; 8] = [
        &[("PATH", "/usr/bin:/bin")],
        &[("PATH", "/nonexistent")],
        &[("PATH", "")],
        &[],
        &[("PATH", "/usr/bin:/bin"), ("HOME", "/nonexistent")],
        &[("PATH", "/usr/bin:/bin"), ("HOME", "/dev/null"), ("XDG_CONFIG_HOME", "/dev/null")],
        &[("PATH", "/usr/bin:/bin"), ("HOME", ""), ("TMPDIR", "/nonexistent"), ("TZ", "nowhere")],
        &[("PATH", "/usr/bin:/bin"), ("TERM", "dumb"), ("COLUMNS", "20"), ("LINES", "5")],
    ];
    for environment in environments {
        let pair = edited();
        let ran = commits_both(&pair, |scratch| bare(scratch, environment));
        assert_eq!((ran.status, ours(&ran).len()), (0, LINES), "{environment:?} {ran:#?}");
    }
}

#[test]
fn marks_are_plain_where_the_locale_is() {
    let plain: [&[(&str, &str)]; 4] = [
        &[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")],
        &[("LC_CTYPE", "POSIX"), ("LANG", "de_DE.UTF-8")],
        &[("LANG", "de_DE.ISO-8859-1")],
        &[],
    ];
    let marked: [&[(&str, &str)]; 3] = [
        &[("LC_ALL", "C.utf8"), ("LANG", "C")],
        &[("LC_ALL", ""), ("LC_CTYPE", "en_US.UTF-8")],
        &[("LANG", "de_DE.UTF-8")],
    ];
    for (environments, is_ascii) in [(&plain[..], true), (&marked[..], false)] {
        for environment in environments {
            let ran = bare(&edited().with, environment);
            assert_eq!(ran.stderr.is_ascii(), is_ascii, "{environment:?} {ran:#?}");
            assert_eq!(ours(&ran).len(), LINES, "{ran:#?}");
        }
    }
}

#[test]
fn an_umask_is_git_s_affair_and_not_that_of_a_backup() {
    for umask in ["077", "000", "777"] {
        let pair = Pair::new();
        pair.write("a.txt", "two\n");
        pair.each(|scratch| {
            let a = scratch.top().join("a.txt");
            std::fs::set_permissions(a, PermissionsExt::from_mode(0o640)).unwrap();
        });
        let line = format!("umask {umask}; exec git add a.txt");
        let ran = pair.same(|scratch| Ran::of(&sh(scratch, &line).output().unwrap()));
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "umask {umask}");
        assert_eq!(pair.with.backups("a.txt").len(), 1, "umask {umask}");
        pair.write("b.txt", "edited\n");
        let line = format!("umask {umask}; exec git commit -m second");
        pair.hook("commit-msg", "exit 1");
        let ran = pair.same(|scratch| Ran::of(&sh(scratch, &line).output().unwrap()));
        assert_eq!(ran.status, 1);
        let mode = |path: &std::path::PathBuf| {
            std::fs::metadata(path).unwrap().permissions().mode() & 0o777
        };
        let modes: Vec<u32> = left(pair.with.top()).iter().map(mode).collect();
        assert_eq!(modes, [0o640, 0o644], "umask {umask}");
        pair.hook("commit-msg", "exit 0");
        commits_both(&pair, |scratch| Ran::of(&sh(scratch, &line).output().unwrap()));
        let bak = pair.with.top().join(".git/bak");
        assert_eq!(mode(&bak), 0o700);
        assert_eq!(mode(&bak.join("record")), 0o700);
        assert_eq!(mode(&bak.join("record/2025-11-06")), 0o600);
        assert_eq!(mode(&bak.join("lock")), 0o600);
    }
}
