//! Words, paths, settings and surroundings that make no sense: an exit status, a line that names the
//! thing, and nothing lost.

use std::fs;

use crate::scratch::{BAK, Ran, Scratch};

fn keep(s: &Scratch, path: &str, text: &str) {
    s.write(path, text);
    s.bak(["snapshot", path]);
}

/// Runs it: the status, one line on standard error that has `named`, nothing else, nothing changed.
fn refused(s: &Scratch, args: &[&str], status: i32, named: &str) {
    let before = (s.all_backups(), s.vault());
    let ran = s.try_bak(args);
    in_one_line(&ran, args, status, named);
    assert_eq!((s.all_backups(), s.vault()), before, "{args:?}");
}

fn in_one_line(ran: &Ran, args: &[&str], status: i32, named: &str) {
    assert_eq!((ran.status, ran.stdout.as_str()), (status, ""), "{args:?}: {ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{args:?}: {ran:?}");
    assert!(ran.stderr.contains(named), "{args:?}: {ran:?}");
    assert!(!ran.stderr.contains("panicked"), "{args:?}: {ran:?}");
}

#[test]
fn a_path_outside_the_repository_is_wrong_usage() {
    let s = Scratch::new();
    keep(&s, "a.txt", "two\n");
    fs::write(s.root().join("outside.txt"), "x").unwrap();
    for verb in ["snapshot", "list", "restore", "clean", "diff"] {
        refused(&s, &[verb, "../outside.txt"], 2, "../outside.txt");
        refused(&s, &[verb, "a/../../../../../../outside"], 2, "outside");
    }
    assert_eq!(fs::read_dir(s.root()).unwrap().count(), 4, "home, bin, repo, outside.txt");
}

#[test]
fn a_path_inside_the_git_directory_is_wrong_usage() {
    let s = Scratch::new();
    for path in [".git/config", "sub/.git/x", ".GIT/config"] {
        for verb in ["snapshot", "list", "restore", "clean"] {
            refused(&s, &[verb, path], 2, path);
        }
    }
}

#[test]
fn outside_a_repository_every_verb_says_so() {
    let s = Scratch::empty();
    let outside = s.root();
    for args in [
        &["install"][..],
        &["uninstall"],
        &["snapshot"],
        &["list", "--json"],
        &["status"],
        &["show", "x"],
        &["diff"],
        &["restore", "x"],
        &["clean"],
    ] {
        in_one_line(&s.at(&outside).try_bak(args), args, 3, "not a git repository");
    }
}

#[test]
fn inside_the_git_directory_and_in_a_bare_repository_every_verb_says_so() {
    let s = Scratch::new();
    let bare = s.root().join("bare.git");
    s.git(["init", "-q", "--bare", bare.to_str().unwrap()]);
    for place in [bare, s.top().join(".git"), s.top().join(".git/hooks")] {
        for args in [&["list"][..], &["snapshot"], &["restore", "a.txt"], &["clean"], &["status"]] {
            in_one_line(&s.at(&place).try_bak(args), args, 3, "not a working tree");
        }
    }
}

#[test]
fn a_repository_that_git_can_not_read_is_said_to_be_so() {
    let s = Scratch::new();
    fs::write(s.top().join(".git/config"), "[broken\n").unwrap();
    for args in [&["list"][..], &["status"], &["clean"]] {
        in_one_line(&s.try_bak(args), args, 3, "config");
    }
}

#[test]
fn names_with_control_characters_are_shown_quoted() {
    let s = Scratch::new();
    keep(&s, "evil\u{1b}[31m\n.txt", "x\n");
    let (list, status) = (s.bak(["list"]), s.bak(["status"]));
    for ran in [&list, &status] {
        assert!(ran.stdout.contains("\"evil\\033[31m\\n.txt\""), "{ran:?}");
    }
    let ran = s.bak(["clean"]);
    assert!(!ran.stderr.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn words_with_control_characters_do_not_reach_the_terminal() {
    let s = Scratch::new();
    keep(&s, "a.txt", "two\n");
    for args in [
        &["show", "\u{1b}[31mred"][..],
        &["list", "../../\u{1b}[31mred"],
        &["restore", "\u{1b}[31mred"],
        &["restore", "--from", "\u{1b}[31mred\u{7}"],
        &["restore", "a.txt", "--at", "\u{1b}[31mred"],
        &["clean", "--older-than", "\u{1b}[31mred"],
        &["snapshot", "--artifact", "\u{1b}[31mred", "a.txt"],
        &["snapshot", ".git/\u{1b}[31mred"],
    ] {
        let ran = s.try_bak(args);
        assert_ne!(ran.status, 0, "{args:?}");
        assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
        assert!(!ran.stderr.contains(['\u{1b}', '\u{7}']), "{args:?}: {ran:?}");
    }
}

#[test]
fn what_the_command_line_does_not_know_is_wrong_usage() {
    let s = Scratch::new();
    for (args, named) in [
        (&["nope"][..], "nope"),
        (&["list", "--nope"], "--nope"),
        (&["show"], "BACKUP"),
        (&["restore", "--from"], "--from"),
        (&["snapshot", "-m"], "-m"),
        (&["hook"], "NAME"),
        (&["hook", "pre-push"], "pre-push"),
        (&["clean", "--keep", "x"], "x"),
        (&["status", "extra"], "extra"),
        (&[], "Usage"),
    ] {
        let ran = s.try_bak(args);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{args:?}: {ran:?}");
        assert!(ran.stderr.to_lowercase().contains(&named.to_lowercase()), "{args:?}: {ran:?}");
        assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    }
}

#[test]
fn a_bad_age_and_a_bad_time_are_named() {
    let s = Scratch::new();
    keep(&s, "a.txt", "two\n");
    for age in ["soon", "3", "1.fortnight", "-1.day", "1.day.", ".", "\u{1f600}"] {
        let ran = s.try_bak(["clean", "-n", "--older-than", age]);
        // "1.day." is one day to Git, too.
        let expected = if age == "1.day." { 0 } else { 2 };
        assert_eq!(ran.status, expected, "{age}: {ran:?}");
    }
    s.write("a.txt", "three\n");
    for time in ["25:00", "2025-13-01", "20251306_000000", "tomorrow-ish", "-5"] {
        let ran = s.try_bak(["restore", "--yes", "a.txt", &format!("--at={time}")]);
        assert!(ran.status == 1 || ran.status == 2, "{time}: {ran:?}");
        assert!(ran.stderr.contains(time) && ran.stderr.lines().count() == 1, "{ran:?}");
    }
    assert_eq!(s.read("a.txt"), "three\n");
    assert_eq!(s.backups("a.txt").len(), 1);
}

#[test]
fn huge_numbers_in_every_setting_harm_nobody() {
    let s = Scratch::new();
    s.hook("commit-msg", "exit 1");
    let numbers =
        ["99999999999999999999999", "9223372036854775807", "-1", "4294967296", "8589934591g"];
    let keys = ["maxBackups", "maxAge", "maxFileSize", "maxFiles", "vaultExpire"];
    for (at, number) in numbers.iter().enumerate() {
        for (key_at, key) in keys.iter().enumerate() {
            let value = match *key {
                "maxAge" | "vaultExpire" => format!("{number}.years"),
                _ => (*number).to_owned(),
            };
            let text = format!("{at} {key_at}\n");
            s.write("a.txt", &text);
            let setting = format!("bak.{key}={value}");
            let ran = s.try_git(["-c", &setting, "commit", "-qam", "x"]);
            assert!(!ran.stderr.contains("panicked"), "{setting}: {ran:?}");
            assert!(s.backup_texts("a.txt").contains(&text), "{setting}: {ran:?}");
            let ran = s.try_git(["-c", &setting, "bak", "clean", "-n", "--vault"]);
            assert_eq!(ran.status, 0, "{setting}: {ran:?}");
        }
    }
}

#[test]
fn a_setting_that_can_not_be_read_is_named_with_its_origin_and_the_default_is_used() {
    let s = Scratch::new();
    s.hook("commit-msg", "exit 1");
    for (key, value, default) in [
        ("maxBackups", "three", "using 3"),
        ("maxAge", "old", "using never"),
        ("scope", "everything", "using tracked"),
        ("cleanup", "Never", "using all"),
        ("vault", "maybe", "using true"),
        ("vaultExpire", "", "using 30.days"),
        ("location", "/tmp", "using auto"),
        ("maxFileSize", "big", "using 32"),
        ("maxFiles", "1.5", "using 500"),
        ("onError", "panic", "using warn"),
        ("verbosity", "loud", "using normal"),
        ("enabled", "perhaps", "using true"),
    ] {
        let (text, full) = (format!("{key}\n"), format!("bak.{key}"));
        s.write("a.txt", &text);
        s.git(["config", &full, value]);
        let ran = s.try_git(["commit", "-qam", "x"]);
        let line = ran.stderr.lines().find(|line| line.contains(&full));
        let line = line.unwrap_or_else(|| panic!("{key}: {ran:?}"));
        for part in ["file:.git/config", &format!("{value:?}"), default] {
            assert!(line.contains(part), "{part}: {line}");
        }
        assert_eq!(ran.stderr.matches(&full).count(), 1, "said once: {ran:?}");
        assert!(s.backup_texts("a.txt").contains(&text), "{key}: {ran:?}");
        let command = s.bak(["list"]);
        assert!(command.stderr.contains(&full) && !command.stdout.contains(&full), "{command:?}");
        s.git(["config", "--unset", &full]);
    }
}

#[test]
fn a_pathspec_that_git_does_not_take_is_named_and_the_files_are_protected_all_the_same() {
    let s = Scratch::new();
    s.hook("commit-msg", "exit 1");
    for exclude in [":(nonsense)x", "../outside", ":(attr:x y z"] {
        s.write("a.txt", exclude);
        let setting = format!("bak.exclude={exclude}");
        let ran = s.try_git(["-c", &setting, "commit", "-qam", "x"]);
        assert!(ran.stderr.contains("bak.exclude"), "{exclude}: {ran:?}");
        assert!(s.backup_texts("a.txt").contains(&exclude.to_owned()), "{exclude}: {ran:?}");
    }
}

#[test]
fn settings_with_control_characters_are_said_in_one_line() {
    let s = Scratch::new();
    let ran = s.git(["-c", "bak.scope=\u{1b}[31m\nall", "bak", "list", "--files"]);
    assert!(!ran.stderr.contains('\u{1b}'), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 2, "the setting, and that there is none: {ran:?}");
}

#[test]
fn a_clock_that_makes_no_sense_is_wrong_usage_to_a_command() {
    let mut s = Scratch::new();
    for time in ["nonsense", "", "2025-11-06", "99999-01-01T00:00:00Z"] {
        s.set_env("GIT_BAK_NOW", time);
        let ran = s.try_bak(["list"]);
        in_one_line(&ran, &["list"], 2, "GIT_BAK_NOW");
    }
}

#[test]
fn a_clock_that_makes_no_sense_fails_no_commit_and_the_users_hook_runs() {
    let mut s = Scratch::new();
    s.hook("pre-commit", "touch .git/mine-ran");
    s.set_env("GIT_BAK_NOW", "nonsense");
    s.write("a.txt", "two\n");
    let ran = s.try_git(["commit", "-qam", "second"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(s.exists(".git/mine-ran"));
    assert!(ran.stderr.contains("GIT_BAK_NOW"), "{ran:?}");
}

#[test]
fn the_ends_of_time_are_times_like_any_other() {
    let mut s = Scratch::new();
    s.hook("commit-msg", "exit 1");
    for now in ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"] {
        s.set_env("GIT_BAK_NOW", now);
        s.write("a.txt", now);
        let ran = s.try_git(["commit", "-qam", "x"]);
        assert!(!ran.stderr.contains("panicked"), "{now}: {ran:?}");
        assert!(s.vault_has("a.txt", now), "{now}: {ran:?}");
        for args in [
            &["list", "--json", "--vault"][..],
            &["status"],
            &["clean", "-n", "--older-than", "1.day"],
        ] {
            s.bak(args);
        }
        s.write("a.txt", "lost");
        // What was written down in such a time may stand before all commits.
        let ran = s.try_bak(["restore", "--yes", "a.txt"]);
        assert!(ran.status < 2 && !ran.stderr.contains("panicked"), "{now}: {ran:?}");
    }
}

#[test]
fn an_empty_word_is_no_path() {
    let s = Scratch::new();
    keep(&s, "a.txt", "two\n");
    for verb in ["restore", "diff"] {
        let ran: Ran = s.try_bak([verb, ""]);
        assert!(ran.status == 1 || ran.status == 2, "{verb}: {ran:?}");
    }
    let mut command = s.command(BAK);
    let ran = Ran::of(&command.args(["clean", ""]).output().unwrap());
    assert_eq!(
        ran.status, 2,
        "an empty path (an unset variable, say) is not the whole tree: {ran:?}"
    );
    assert_eq!(s.backups("a.txt").len(), 1, "{ran:?}");
}

#[test]
fn a_folder_that_is_gone_is_said_to_be() {
    let s = Scratch::new();
    let gone = s.top().join("gone");
    fs::create_dir(&gone).unwrap();
    let mut command = s.command("sh");
    // The folder is removed under the shell's feet.
    command.args(["-c", "rmdir \"$PWD\" && exec \"$0\" list", BAK]).current_dir(&gone);
    let ran = Ran::of(&command.output().unwrap());
    assert_eq!((ran.status, ran.stderr.lines().count()), (3, 1), "{ran:?}");
}

#[test]
fn a_file_that_git_config_alone_is_given_hides_no_setting() {
    let mut s = Scratch::new();
    s.hook("commit-msg", "exit 1");
    s.git(["config", "bak.location", "gitdir"]);
    s.bak(["uninstall"]);
    let before = s.read(".git/config");
    s.bak(["install"]);
    s.set_env("GIT_CONFIG", s.root().join("nothing"));
    s.write("a.txt", "two\n");
    s.try_git(["commit", "-qam", "x"]);
    assert_eq!(s.backups("a.txt").len(), 0, "the setting counts");
    assert!(s.vault_has("a.txt", "two\n"));
    s.bak(["install"]);
    assert!(s.read(".git/config").contains("fsmonitor"));
    s.git(["reset", "-q", "--hard"]);
    assert_eq!(s.read("a.txt"), "one\n");
    s.bak(["doctor"]);
    s.bak(["uninstall"]);
    assert_eq!(s.read(".git/config"), before);
    assert!(!s.root().join("nothing").exists());
}

#[test]
fn what_is_typed_to_git_is_understood_or_refused_in_its_own_words() {
    let s = Scratch::new();
    for path in ["f.rs", "deep/er/g.rs", "h"] {
        s.write(path, path);
    }
    s.git(["add", "."]);
    s.git(["commit", "-qm", "second"]);
    ["f.rs", "deep/er/g.rs", "h"].iter().for_each(|path| s.write(path, format!("{path} more")));
    s.git(["add", "."]);
    s.git(["reset", "-q", "--hard"]);
    let backup = s.backups("f.rs").remove(0);
    for (args, files) in [
        (&["deep"][..], "g.rs"),
        (&["."], "f.rs g.rs h"),
        (&["*.rs"], "f.rs g.rs"),
        (&[":(glob)**/*.rs"], "f.rs g.rs"),
        (&[":/f.rs"], "f.rs"),
        (&[&backup], "f.rs"),
        (&["f.rs@{1}"], "f.rs"),
        (&["f.rs", "--from", "1"], "f.rs"),
        (&["--from", "@{1}", "f.rs"], "f.rs"),
        (&["--all", "--at", "today"], "f.rs g.rs h"),
    ] {
        let ran = s.bak([&["restore", "-n"], args].concat());
        let named = |name: &str| ran.stderr.contains(&format!("{name}: as of"));
        let found: Vec<&str> = ["f.rs", "g.rs", "h"].into_iter().filter(|it| named(it)).collect();
        assert_eq!(found.join(" "), files, "{args:?}: {ran:?}");
    }
    assert_eq!(s.bak(["show", "f.rs"]).stdout, "f.rs more");
    for args in [&["f.rs", "1"][..], &["deep"], &["*.rs"], &[":/h"], &[&backup]] {
        let ran = s.bak([&["diff", "--stat"], args].concat());
        assert!(ran.stdout.contains(" changed"), "{args:?}: {ran:?}");
    }
    assert!(s.bak(["list", "*.rs"]).stdout.contains("f.rs\n"));
    for (args, status, words) in [
        (&["list", "nosuch"][..], 1, "nosuch: there is no version of it: git bak list shows all"),
        (&["show", "nosuch"], 1, "'nosuch' matches no backup: git bak list shows all"),
        (
            &["restore", "--all", "--at", "HEAD"],
            2,
            "'HEAD' is not a label, and it can't be read as a time: try 14:02",
        ),
        (&["restore", "--stdout", "h"], 2, "unexpected argument '--stdout' found"),
        (&["log", "-n", "x"], 2, "'--number <N>': not a number"),
        (&["ls"], 2, "a similar subcommand exists: 'list'"),
    ] {
        let ran = s.try_bak(args);
        assert!(ran.status == status && ran.stderr.contains(words), "{args:?}: {ran:?}");
        assert!(!ran.stderr.contains("use '-- "), "no tip that leads elsewhere: {ran:?}");
    }
}

/// Lost work in `build.rs` and below `crates/core`, and nothing known of `FAQ.md`.
fn lost_crates() -> Scratch {
    let s = Scratch::new();
    for path in ["build.rs", "FAQ.md", "crates/core/main.rs", "crates/core/flags.rs"] {
        s.write(path, "one\n");
    }
    s.git(["add", "."]);
    s.git(["-c", "core.hooksPath=/dev/null", "commit", "-qm", "second"]);
    for path in ["build.rs", "crates/core/main.rs", "crates/core/flags.rs"] {
        s.write(path, "work\n");
    }
    s.git(["add", "."]);
    s.git(["reset", "-q", "--hard"]);
    s
}

#[test]
fn what_somebody_who_knows_git_types_selects_what_it_says() {
    let s = lost_crates();
    let name = s.backups("build.rs").pop().unwrap();
    let (core, all) = (
        &["crates/core/flags.rs", "crates/core/main.rs"][..],
        &["build.rs", "crates/core/flags.rs", "crates/core/main.rs"][..],
    );
    let absolute = s.top().join("crates/core");
    for (words, wanted) in [
        (&["crates/core"][..], core),
        (&["crates"], core),
        (&["crates/"], core),
        (&[absolute.to_str().unwrap()], core),
        (&["."], all),
        (&["*.rs"], all),
        (&[":(glob)**/*.rs"], all),
        (&["crates/*", ":!*flags.rs"], &core[1..]),
        (&[":/build.rs"], &all[..1]),
        (&[&*name], &all[..1]),
        (&["build.rs@{1}"], &all[..1]),
        (&["build.rs", "--from", "1"], &all[..1]),
        (&["build.rs", "--from", "@{1}"], &all[..1]),
        (&["build.rs", "--source", "1"], &all[..1]),
        // What the shell makes of `*`: each once, and what isn't lost is named.
        (&["FAQ.md", "a.txt", "build.rs", &*name, "crates"], all),
    ] {
        for options in [&["-n"][..], &["--dry-run"]] {
            let ran = s.try_bak([&["restore"], options, words].concat());
            let mut shown: Vec<&str> = ran
                .stderr
                .lines()
                .filter_map(|line| {
                    line.strip_prefix("• ")?.split_once(": as of ").map(|(path, _)| path)
                })
                .collect();
            shown.sort_unstable();
            assert_eq!(shown, wanted, "{words:?}: {ran:?}");
            assert_eq!(ran.status, i32::from(words[0] == "FAQ.md"), "{ran:?}");
            assert_eq!(
                ran.stderr.lines().count(),
                wanted.len() + 2 * usize::from(words[0] == "FAQ.md"),
                "{ran:?}"
            );
        }
    }
    assert!(s.bak(["diff", "build.rs", "1"]).stdout.ends_with("-one\n+work\n"));
    assert_eq!(s.bak(["diff", "--name-only", "crates"]).stdout.lines().count(), 2);
    assert_eq!(s.bak(["show", "build.rs"]).stdout, "work\n");
    let folder = "crates is a folder: name a file in it: git bak list -- crates";
    refused(&s, &["show", "crates"], 2, folder);
    s.bak(["restore", &*name]);
    for words in [&*name, "build.rs@{1}"] {
        let again = s.bak(["restore", words]).stderr;
        assert!(again.contains("build.rs: already holds your work as of "), "{words}: {again}");
    }
    assert_eq!(s.bak(["list", "*.rs", "--json"]).stdout.matches("\"path\"").count() % 3, 0);
    refused(&s, &["restore", "-i", "crates"], 2, "there is no terminal to pick on");
    for args in [
        &["list", "nosuch"][..],
        &["list", "nosuch*"],
        &["restore", "nosuch"],
        &["clean", "nosuch"],
        &["log", "nosuch"],
    ] {
        refused(&s, args, 1, ": there is no version of it");
    }
}

#[test]
fn what_git_shows_less_of_list_and_log_show_less_of() {
    let mut s = Scratch::new();
    for (hour, text) in [("09", "nine\n"), ("10", "ten\n"), ("11", "eleven\n")] {
        s.set_env("GIT_BAK_NOW", format!("2025-11-07T{hour}:00:00+00:00"));
        keep(&s, "a.txt", text);
        keep(&s, "b.txt", text);
    }
    let lines = |args: &[&str]| s.bak(args).stdout.lines().count();
    assert_eq!(lines(&["list", "b.txt"]), 4, "three, and the name");
    assert_eq!(lines(&["list", "-3", "b.txt"]), 4);
    assert_eq!(lines(&["list", "-2", "b.txt"]), 3);
    assert_eq!(lines(&["list", "-n", "1", "b.txt"]), 2);
    assert_eq!(lines(&["list", "-n", "0"]), 0);
    assert_eq!(lines(&["list", "--since", "10:00", "b.txt"]), 3);
    assert_eq!(lines(&["log", "--oneline", "-3"]), 3);
    assert_eq!(lines(&["log", "-3"]), 3);
    assert!(lines(&["log", "-p", "-1"]) > 1);
    s.git(["add", "-A"]);
    s.git(["reset", "-q", "--hard"]);
    assert_eq!(lines(&["log", "--moments", "--since", "10:30"]), 1);
    s.set_env("GIT_BAK_NOW", "2025-11-07T12:00:00+00:00");
    assert_eq!(s.bak(["log", "--moments", "--since", "11:30"]).stdout, "");
}

#[test]
fn a_label_that_is_empty_or_reads_as_a_time_is_refused() {
    let s = Scratch::new();
    keep(&s, "a.txt", "two\n");
    for label in ["", " ", "yesterday", "5m", "20:10", "2099-01-01", "now", "2.days.ago"] {
        let text = format!("'{label}' can't be a label: it is empty, or a time");
        refused(&s, &["snapshot", "-m", label, "a.txt"], 2, &text);
    }
    for label in ["before 5m", "after"] {
        let ran = s.bak(["snapshot", "-m", label, "a.txt"]);
        let text = format!("✓ 1 version already backed up, now with the label \"{label}\"\n");
        assert_eq!(ran.stderr, text);
    }
    let listed = s.bak(["list"]).stdout;
    assert!(listed.contains("\"before 5m\"") && listed.contains("\"after\""), "{listed}");
}

#[test]
fn no_tip_leads_to_something_else() {
    let s = Scratch::new();
    for (args, tip) in [
        (&["undoo"][..], None),
        (&["redo"], None),
        (&["stash"], None),
        (&["checkout"], None),
        (&["restore", "-o", "x"], None),
        (&["restore", "--stdout", "x"], None),
        (&["ls"], Some("'list'")),
        (&["restroe"], Some("'restore'")),
        (&["doctor", "--fixx"], Some("'--fix'")),
    ] {
        let ran = s.try_bak(args);
        assert_eq!((ran.status, ran.stderr.contains("tip: ")), (2, tip.is_some()), "{ran:?}");
        assert!(tip.is_none_or(|tip| ran.stderr.contains(tip)), "{ran:?}");
    }
    for args in [&["apply", "--abort"], &["run", "--abort"]] {
        let ran = s.bak(args);
        assert_eq!(ran.stderr, "• there is no unfinished apply or run\n");
    }
    let ran = s.try_bak(["log", "-n", "x"]);
    assert!(ran.stderr.contains("invalid value 'x' for '--number <N>': not a number"), "{ran:?}");
}

#[test]
fn every_help_fits_a_narrow_terminal_and_begins_with_what_is_needed_most() {
    let s = Scratch::empty();
    let all = s.bak(["-h"]).stdout;
    let verbs: Vec<&str> = all
        .lines()
        .filter_map(|line| line.strip_prefix("  "))
        .filter(|line| line.chars().next().is_some_and(|first| first.is_ascii_lowercase()))
        .filter_map(|line| line.split(' ').next())
        .filter(|verb| *verb != "git")
        .collect();
    assert_eq!(verbs[..3], ["restore", "undo", "list"], "{all}");
    assert!(verbs.len() > 15, "{verbs:?}");
    for verb in [""].into_iter().chain(verbs) {
        for option in ["-h", "--help"] {
            let words = [verb, option].into_iter().filter(|word| !word.is_empty());
            let ran = s.try_bak(words);
            // That of Git's own comes from Git.
            let longest = ran.stdout.lines().map(|line| line.chars().count()).max().unwrap_or(0);
            assert!(
                ran.status != 0 || verb == "vault" || longest <= 60,
                "{verb}: {longest}: {}",
                ran.stdout
            );
        }
    }
    for verb in ["restore", "undo", "list", "diff", "log", "snapshot"] {
        assert!(s.bak([verb, "-h"]).stdout.contains("\nExamples:\n  git bak "), "{verb}");
    }
}
