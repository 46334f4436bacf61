//! Completion: what `complete` offers, and the scripts in the shells they are for.

use crate::scratch::{Ran, Scratch};

/// A repository with three versions of `a.txt`, and one each of `sub/b.txt` and `sp ace/c d.txt`.
fn with_versions() -> Scratch {
    let s = Scratch::new();
    for (path, text) in
        [("a.txt", "two\n"), ("a.txt", "three\n"), ("sub/b.txt", "b\n"), ("sp ace/c d.txt", "c\n")]
    {
        s.write(path, text);
        s.bak(["snapshot", "-m", &format!("with {}", text.trim()), path]);
    }
    s
}

fn lines(ran: &Ran) -> Vec<String> {
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    ran.stdout.lines().map(str::to_owned).collect()
}

/// What is offered for the last of the words, without what it is.
fn offered(s: &Scratch, words: &[&str]) -> Vec<String> {
    let words = ["complete", "--", "git-bak"].iter().chain(words);
    let words = lines(&s.bak(words));
    words.into_iter().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn commands_and_options_are_offered_anywhere() {
    let s = Scratch::empty();
    assert_eq!(offered(&s, &["res"]), ["restore"]);
    assert_eq!(offered(&s, &["restore", "--al"]), ["--all"]);
    assert_eq!(offered(&s, &["completions", "b"]), ["bash"]);
    assert_eq!(offered(&s, &["install", "--hooks", "pre-commit,post-c"]).len(), 2);
    assert_eq!(offered(&s, &["install", "--agent", "co"]), ["codex", "copilot"]);
    // Where no repository is, no file has backups, and typing shows no error.
    let outside = s.at(s.root());
    let ran = outside.try_bak(["complete", "--", "git-bak", "restore", ""]);
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    assert!(!ran.stdout.contains("a.txt"), "{ran:?}");
    assert_eq!(lines(&outside.try_bak(["complete", "--", "git-bak", "unin"])).len(), 1);
}

#[test]
fn nothing_that_is_not_for_typing_is_offered() {
    let s = Scratch::empty();
    let all = offered(&s, &[""]);
    assert!(all.contains(&"restore".to_owned()), "{all:?}");
    assert!(!all.iter().any(|word| word == "hook" || word == "complete"), "{all:?}");
    assert!(!all.iter().any(|word| word.starts_with('-')), "{all:?}");
}

#[test]
fn files_with_backups_are_offered_a_folder_at_a_time() {
    let s = with_versions();
    // Those of the vault alone, too.
    s.bak(["clean"]);
    assert_eq!(offered(&s, &["restore", ""]), ["a.txt", "sp ace/", "sub/"]);
    assert_eq!(offered(&s, &["restore", "sub/"]), ["sub/b.txt"]);
    assert_eq!(offered(&s, &["restore", "a.txt", ""]), ["sp ace/", "sub/"]);
    assert_eq!(offered(&s, &["list", "sp"]), ["sp ace/"]);
    let below = s.at(s.top().join("sub"));
    let ran = below.bak(["complete", "--", "git-bak", "restore", ""]);
    assert_eq!(lines(&ran), ["../", "b.txt"]);
    let ran = below.bak(["complete", "--", "git-bak", "restore", "../a"]);
    assert_eq!(lines(&ran), ["../a.txt"]);
}

#[test]
fn backups_are_offered_by_number() {
    let s = with_versions();
    let numbers = ["a.txt@{1}", "a.txt@{2}", "a.txt@{3}"];
    for words in [
        &["diff", "a.txt", ""][..],
        &["restore", "a.txt", "--from", ""],
        &["restore", "--from", "a.txt@"],
        &["show", "a.t"],
    ] {
        assert_eq!(offered(&s, words), numbers, "{words:?}");
    }
    assert_eq!(offered(&s, &["restore", "--from=a.txt@{2"]), ["--from=a.txt@{2}"]);
    // Of several files, the files first.
    assert_eq!(offered(&s, &["show", "s"]), ["sp ace/c d.txt@", "sub/b.txt@"]);
    let described = lines(&s.bak(["complete", "--", "git-bak", "show", "a.txt@{2"]));
    let [line] = &described[..] else { panic!("{described:?}") };
    assert!(line.starts_with("a.txt@{2}\t2025-11-06 20:"), "{line}");
    assert!(line.ends_with("s ago, manual, \"with two\""), "{line}");
}

#[test]
fn backups_are_offered_by_name_and_by_id_once_these_are_begun() {
    let s = with_versions();
    let newest_first: Vec<_> = s.backups("a.txt").into_iter().rev().collect();
    assert_eq!(offered(&s, &["show", "a.txt.bak"]), newest_first);
    let [name] = &s.backups("sub/b.txt")[..] else { panic!() };
    let id = name.rsplit('.').next().unwrap();
    assert_eq!(offered(&s, &["restore", "--from", &id[..4]]), [id]);
    // Where a file or a backup may stand, both.
    assert_eq!(offered(&s, &["forget", "sub/b"]), ["sub/b.txt", "sub/b.txt@{1}"]);
    assert_eq!(offered(&s, &["forget", "a.txt", &id[..4]]), [id]);
}

#[test]
fn times_are_offered_with_the_labels() {
    let s = with_versions();
    let all = offered(&s, &["restore", "--all", "--at", ""]);
    assert_eq!(all[..4], ["with c", "with b", "with three", "with two"]);
    assert!(all[4..].iter().all(|time| time.starts_with("20251106_20")), "{all:?}");
    assert_eq!(offered(&s, &["restore", "--at", "with t"]), ["with three", "with two"]);
    assert_eq!(offered(&s, &["restore", "--at", &all[4]]), all[4..=4]);
}

#[cfg(unix)]
#[test]
fn a_name_that_is_no_line_is_left_out() {
    let s = with_versions();
    s.write("a\nb", "x\n");
    s.write("a\tc", "x\n");
    s.bak(["snapshot", "a\nb", "a\tc"]);
    assert_eq!(offered(&s, &["restore", "a"]), ["a.txt"]);
}

#[test]
fn every_script_asks_the_program() {
    let s = Scratch::empty();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = s.at(s.root()).bak(["completions", shell]).stdout;
        assert!(script.contains(" complete "), "{shell}: {script}");
        assert!(script.contains(&format!("git bak completions {shell}")), "{shell}");
    }
    let ran = s.try_bak(["completions", "tcsh"]);
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("bash, zsh, fish, powershell"), "{ran:?}");
}

/// The shells themselves, on a terminal: what is typed, with the Tab key, does what it should.
#[cfg(unix)]
mod shells {
    use std::fs;
    use std::io::Write;
    use std::process::Stdio;

    use super::{Ran, Scratch, with_versions};

    /// A HOME in which the shell finds its completion script where `place` says, and reads `start` first.
    fn home(place: &str, shell: &str, start: (&str, &str)) -> Scratch {
        let mut s = with_versions();
        s.set_env("TERM", "xterm");
        let home = s.root().join("home");
        let file = home.join(place);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, s.bak(["completions", shell]).stdout).unwrap();
        fs::write(home.join(start.0), start.1).unwrap();
        s
    }

    /// Types into an interactive shell, and ends it.
    fn type_into(s: &Scratch, shell: &str, keys: &str) -> Ran {
        let mut command = s.command("script");
        command.args(["-qec", shell, "/dev/null"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let keys = format!("{keys}\nexit\n");
        child.stdin.take().unwrap().write_all(keys.as_bytes()).unwrap();
        Ran::of(&child.wait_with_output().unwrap())
    }

    /// What every shell has to get right, the files named by their beginnings.
    fn assert_completes(s: &Scratch, shell: &str) {
        for (path, text) in [("a.txt", "lost\n"), ("sp ace/c d.txt", "lost\n")] {
            s.write(path, text);
        }
        let ran = type_into(s, shell, "git bak rest\ta\t--yes");
        assert_eq!(s.read("a.txt"), "three\n", "{ran:#?}");
        let ran = type_into(s, shell, "git-bak restore --yes sp\t\t");
        assert_eq!(s.read("sp ace/c d.txt"), "c\n", "{ran:#?}");
        // 1 is what the restore before overwrote.
        let ran = type_into(s, shell, "git bak restore a.txt --from a.txt@\t3\t");
        assert_eq!(s.read("a.txt"), "two\n", "{ran:#?}");
    }

    const GITS: &str = "/usr/share/bash-completion/completions/git";

    #[test]
    #[ignore = "needs bash, Git's own completion, bash-completion and script: .ci/run installs them"]
    fn bash_completes_when_the_script_is_in_its_folder() {
        let start = format!(". /usr/share/bash-completion/bash_completion; . {GITS}\n");
        let place = ".local/share/bash-completion/completions/git-bak";
        let s = home(place, "bash", (".bashrc", &start));
        assert_completes(&s, "bash -i");
        // Pressed twice, the key shows what each version is.
        let ran = type_into(&s, "bash -i", "git bak show a.txt@{\t\t2\t");
        assert!(ran.stdout.contains("(2025-11-06 20:"), "{ran:#?}");
    }

    #[test]
    #[ignore = "needs bash, Git's own completion and script: .ci/run installs them"]
    fn bash_completes_when_a_start_up_file_reads_the_script() {
        let start = format!(". {GITS}; eval \"$(git bak completions bash)\"\n");
        let s = home("unused", "bash", (".bashrc", &start));
        assert_completes(&s, "bash -i");
        // As Git's own completion does for its own commands.
        std::fs::remove_file(s.top().join("a.txt")).unwrap();
        let ran = type_into(&s, "bash -i", "cd ..\ngit -C repo bak restore a\t");
        assert_eq!(s.read("a.txt"), "two\n", "{ran:#?}");
        std::fs::remove_file(s.top().join("sp ace/c d.txt")).unwrap();
        let ran = type_into(&s, "bash -i", "git bak restore \"sp\t\t");
        assert_eq!(s.read("sp ace/c d.txt"), "c\n", "{ran:#?}");
    }

    #[test]
    #[ignore = "needs zsh and script: .ci/run installs them"]
    fn zsh_completes_with_its_own_completion_of_git() {
        let start = "fpath=(~/functions $fpath); autoload -U compinit; compinit -u\n";
        let s = home("functions/_git-bak", "zsh", (".zshrc", start));
        assert_completes(&s, "zsh -i");
        let start = "autoload -U compinit; compinit -u; eval \"$(git bak completions zsh)\"\n";
        let s = home("unused", "zsh", (".zshrc", start));
        assert_completes(&s, "zsh -i");
        // Typed without a backslash, the bracket is zsh's own to it.
        for (typed, path, text) in
            [("a.txt", "a.txt", "two\n"), ("sp\\ ace/c\\ d.txt", "sp ace/c d.txt", "c\n")]
        {
            s.write(path, text);
            s.bak(["snapshot", path]);
            s.write(path, "lost\n");
            let ran = type_into(&s, "zsh -i", &format!("git bak restore --from {typed}@{{1\t"));
            assert_eq!(s.read(path), text, "{ran:#?}");
        }
    }

    #[test]
    #[ignore = "needs fish: .ci/run installs it"]
    fn fish_completes_with_its_own_completion_of_git() {
        let start = (".config/fish/config.fish", "git bak completions fish | source\n");
        let s = home(".config/fish/completions/git-bak.fish", "fish", start);
        let offered = |line: &str| {
            let ran = s.command("fish").args(["-c", "complete -C $argv", line]).output().unwrap();
            let ran = Ran::of(&ran).expect_success();
            let words = ran.stdout.lines().map(|line| line.split('\t').next().unwrap().to_owned());
            words.collect::<Vec<_>>()
        };
        assert_eq!(offered("git ba"), ["bak"]);
        for git_bak in ["git bak", "git-bak"] {
            assert_eq!(offered(&format!("{git_bak} rest")), ["restore"]);
            assert_eq!(offered(&format!("{git_bak} restore a")), ["a.txt"]);
            let numbers = offered(&format!("{git_bak} diff a.txt ''"));
            assert_eq!(numbers, ["a.txt@{1}", "a.txt@{2}", "a.txt@{3}"], "{git_bak}");
            let of_spaced = offered(&format!("{git_bak} show 'sp ace/c d.txt'@"));
            assert_eq!(of_spaced, ["sp ace/c d.txt@{1}"]);
        }
    }
}
