//! Every setting has its effect, from wherever Git reads it.

use std::fs;

use crate::scratch::{Ran, Scratch};

/// A repository whose commits are refused after pre-commit, so that backups stay.
fn refusing() -> Scratch {
    let s = Scratch::new();
    s.hook("commit-msg", "exit 1");
    s
}

/// The same without post-index-change: what is made and said is pre-commit's.
fn refusing_without_staging() -> Scratch {
    let s = Scratch::without_staging();
    s.hook("commit-msg", "exit 1");
    s
}

/// Edits `a.txt` and tries to commit, with options of Git's before the verb.
fn attempt(s: &Scratch, options: &[&str], text: &str) -> Ran {
    s.write("a.txt", text);
    s.try_git(options.iter().chain(&["commit", "-am", "x"]))
}

fn accept(s: &Scratch) {
    fs::remove_file(s.top().join(".git/hooks/commit-msg")).unwrap();
}

#[test]
fn enabled_off_leaves_the_users_hook_alone_at_work() {
    let s = refusing();
    s.hook("pre-commit", "touch .git/mine-ran");
    let vault = s.vault();
    for value in ["false", "no", "off", "0", ""] {
        let ran = attempt(&s, &["-c", &format!("bak.enabled={value}")], value);
        assert!(s.all_backups().is_empty(), "{value}: {ran:?}");
        fs::remove_file(s.top().join(".git/mine-ran")).unwrap();
    }
    assert_eq!(s.vault(), vault);
    attempt(&s, &["-c", "bak.enabled=yes"], "on");
    assert_eq!(s.backup_texts("a.txt"), ["on"]);
}

#[test]
fn the_environment_turns_it_off_for_one_command() {
    let s = refusing();
    s.hook("pre-commit", "touch .git/mine-ran");
    s.write("a.txt", "two\n");
    let mut command = s.command("git");
    command.env("GIT_BAK", "0").args(["commit", "-am", "x"]).output().unwrap();
    assert!(s.all_backups().is_empty() && s.exists(".git/mine-ran"));
    attempt(&s, &[], "two\n");
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
}

#[test]
fn max_backups_keeps_the_newest_on_disk() {
    let s = refusing();
    for number in 1..=5 {
        attempt(&s, &[], &number.to_string());
    }
    assert_eq!(s.backup_texts("a.txt"), ["3", "4", "5"], "three by default");
    attempt(&s, &["-c", "bak.maxBackups=1"], "6");
    assert_eq!(s.backup_texts("a.txt"), ["6"]);
    for number in 7..=11 {
        attempt(&s, &["-c", "bak.maxBackups=0"], &number.to_string());
    }
    assert_eq!(s.backups("a.txt").len(), 6, "no limit");
    assert!(s.vault_has("a.txt", "1"), "what was retired is held");
}

#[test]
fn max_age_retires_what_is_older() {
    let s = refusing();
    attempt(&s, &[], "old");
    s.advance(15 * 24 * 3600);
    attempt(&s, &[], "newer");
    assert_eq!(s.backup_texts("a.txt"), ["old", "newer"], "no limit by default");
    attempt(&s, &["-c", "bak.maxAge=14.days"], "newest");
    assert_eq!(s.backup_texts("a.txt"), ["newer", "newest"]);
}

#[test]
fn scope_says_which_files_are_at_risk() {
    for (scope, expected) in
        [("staged", "staged"), ("tracked", "staged tracked"), ("all", "staged tracked untracked")]
    {
        let s = refusing();
        accept(&s);
        s.write("tracked", "1");
        s.git(["add", "tracked"]);
        s.git(["commit", "-m", "second"]);
        s.hook("commit-msg", "exit 1");
        s.write(".git/info/exclude", s.read(".git/info/exclude") + "ignored\n");
        for path in ["staged", "tracked", "untracked", "ignored"] {
            s.write(path, "2");
        }
        s.git(["add", "staged"]);
        s.try_git(["-c", &format!("bak.scope={scope}"), "commit", "-m", "x"]);
        let mut found: Vec<String> = s.all_backups();
        found.iter_mut().for_each(|name| name.truncate(name.find(".bak.").unwrap()));
        found.sort();
        assert_eq!(found.join(" "), expected, "{scope}");
    }
}

#[test]
fn cleanup_says_which_backups_a_commit_takes_away() {
    for (cleanup, a, b) in [("all", 0, 0), ("committed", 0, 1), ("never", 1, 1)] {
        let s = refusing();
        s.write("b.txt", "b");
        s.bak(["snapshot", "b.txt"]);
        attempt(&s, &[], "two\n");
        accept(&s);
        s.git(["-c", &format!("bak.cleanup={cleanup}"), "commit", "-am", "second"]);
        assert_eq!((s.backups("a.txt").len(), s.backups("b.txt").len()), (a, b), "{cleanup}");
    }
}

#[test]
fn without_a_vault_there_is_none_and_clean_up_deletes() {
    let s = Scratch::empty();
    s.git(["config", "bak.vault", "false"]);
    s.bak(["install"]);
    s.hook("commit-msg", "exit 1");
    s.write("a.txt", "one\n");
    s.git(["add", "a.txt"]);
    s.try_git(["commit", "-m", "x"]);
    assert_eq!(s.backup_texts("a.txt"), ["one\n"]);
    for number in 1..=4 {
        attempt(&s, &[], &number.to_string());
    }
    assert_eq!(s.backups("a.txt").len(), 3);
    accept(&s);
    s.git(["commit", "-am", "first"]);
    assert!(s.backups("a.txt").is_empty());
    assert!(s.vault().is_empty());
}

#[test]
fn vault_expire_says_how_long_snapshots_are_held() {
    for (expire, held) in [("1.day", false), ("3.days", true), ("never", true), ("30.days", true)] {
        let s = Scratch::new();
        s.git(["config", "bak.vaultExpire", expire]);
        s.write("a.txt", "old\n");
        s.git(["commit", "-am", "second"]);
        s.advance(2 * 24 * 3600);
        s.write("a.txt", "new\n");
        s.git(["commit", "-am", "third"]);
        s.bak(["fold"]);
        assert!(s.vault_has("a.txt", "old\n"), "{expire}: a first look destroys nothing");
        s.advance(24 * 3600);
        s.bak(["fold"]);
        assert_eq!(s.vault_has("a.txt", "old\n"), held, "{expire}");
        assert!(s.vault_has("a.txt", "new\n") || !held, "{expire}");
    }
}

#[test]
fn location_gitdir_keeps_the_working_tree_free_of_backups() {
    let s = refusing();
    s.git(["config", "bak.location", "gitdir"]);
    s.write("sub/b.txt", "b\n");
    s.git(["add", "sub"]);
    attempt(&s, &[], "two\n");
    assert!(s.all_backups().is_empty());
    let files = |folder: &str| {
        let entries = fs::read_dir(s.top().join(".git/bak/files").join(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names.filter(|name| name.contains(".bak.")).collect::<Vec<String>>()
    };
    assert!(files("")[0].starts_with("a.txt.bak.2025"), "{:?}", files(""));
    assert!(files("sub")[0].starts_with("b.txt.bak.2025"));
    assert!(s.bak(["list"]).stdout.contains("sub/b.txt\n"));
    s.write("sub/b.txt", "lost\n");
    s.bak(["restore", "--yes", "sub/b.txt"]);
    assert_eq!(s.read("sub/b.txt"), "b\n");
    accept(&s);
    s.git(["commit", "-am", "second"]);
    assert!(files("").is_empty() && files("sub").is_empty());
}

#[test]
fn files_over_the_size_limit_are_in_the_vault_or_named() {
    let s = refusing_without_staging();
    s.write("staged.big", "s".repeat(2000));
    s.git(["add", "staged.big"]);
    s.write("a.txt", "e".repeat(2000));
    let ran = s.try_git(["-c", "bak.maxFileSize=1k", "commit", "-m", "x"]);
    assert!(s.all_backups().is_empty(), "{ran:?}");
    assert!(s.vault_has("staged.big", &"s".repeat(2000)));
    let line = |name: &str| ran.stderr.lines().find(|line| line.contains(name)).unwrap();
    assert!(line("staged.big").contains("vault only"), "{ran:?}");
    assert!(line("a.txt").contains("not protected"), "{ran:?}");
    s.try_git(["-c", "bak.maxFileSize=0", "commit", "-m", "x"]);
    assert_eq!((s.backups("a.txt").len(), s.backups("staged.big").len()), (1, 1), "no limit");
}

#[test]
fn a_snapshot_of_too_many_files_goes_to_the_vault_alone() {
    let s = refusing_without_staging();
    for path in ["x", "y"] {
        s.write(path, path);
    }
    s.git(["add", "x", "y"]);
    let ran = s.try_git(["-c", "bak.maxFiles=1", "commit", "-m", "x"]);
    assert!(s.all_backups().is_empty());
    assert!(s.vault_has("x", "x") && s.vault_has("y", "y"));
    let said = ran.stderr.lines().filter(|line| line.contains("bak.maxFiles"));
    assert_eq!(said.count(), 1, "{ran:?}");
    s.try_git(["-c", "bak.maxFiles=2", "commit", "-m", "x"]);
    assert_eq!(s.all_backups().len(), 2, "as many are not too many");
}

#[test]
fn excluded_files_are_never_backed_up() {
    let s = refusing();
    for key in ["*.key", ":(icase)SECRET/", "sub/**/x"] {
        s.git(["config", "--add", "bak.exclude", key]);
    }
    for path in ["a.key", "deep/b.key", "secret/c", "sub/one/two/x", "sub/y"] {
        s.write(path, path);
    }
    s.git(["add", "."]);
    s.try_git(["commit", "-m", "x"]);
    let found = s.all_backups();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("sub/y.bak."));
    assert!(!s.vault_has("a.key", "a.key") && !s.vault_has("secret/c", "secret/c"));
}

#[test]
fn on_error_block_stops_a_commit_that_would_not_be_protected() {
    let s = Scratch::new();
    s.git(["config", "bak.maxFileSize", "1k"]);
    s.write("b.txt", "b");
    s.git(["add", "b.txt"]);
    s.write("a.txt", "e".repeat(2000));
    let ran = s.try_git(["-c", "bak.onError=block", "commit", "-m", "x"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("a.txt"), "{ran:?}");
    let ran = s.try_git(["-c", "bak.onError=warn", "commit", "-m", "x"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stderr.contains("a.txt"), "{ran:?}");
}

#[test]
fn verbosity_says_how_much_is_said() {
    let said = |verbosity: &str| {
        let s = refusing_without_staging();
        for number in 1..=7 {
            s.write(&format!("f{number}"), "x");
        }
        s.git(["add", "."]);
        let ran = s.try_git(["-c", &format!("bak.verbosity={verbosity}"), "commit", "-m", "x"]);
        assert_eq!(ran.stdout, "");
        ran.stderr
    };
    assert_eq!(said("quiet"), "");
    let normal = said("normal");
    assert_eq!(normal, "git-bak \u{2713} backed up: 7 files\n");
    assert_eq!(said("verbose").lines().count(), 7);
}

#[test]
fn quiet_still_says_what_went_wrong() {
    let s = refusing();
    s.git(["config", "bak.maxFileSize", "1k"]);
    let ran = attempt(&s, &["-c", "bak.verbosity=quiet"], "two\n");
    assert_eq!(ran.stderr, "");
    s.write("b.txt", "b");
    s.git(["add", "b.txt"]);
    s.write("a.txt", "e".repeat(2000));
    let ran = s.try_git(["-c", "bak.verbosity=quiet", "commit", "-m", "x"]);
    assert!(ran.stderr.contains("a.txt: not protected"), "{ran:?}");
}

#[test]
fn where_the_locale_is_not_utf8_the_marks_are_ascii() {
    let mut s = refusing();
    let ran = attempt(&s, &[], "two\n");
    assert!(ran.stderr.starts_with("git-bak ✓ backed up"), "{ran:?}");
    for locale in ["C", "POSIX", "de_DE.ISO-8859-1"] {
        s.set_env("LC_ALL", locale);
        let ran = attempt(&s, &[], locale);
        assert!(ran.stderr.is_ascii() && ran.stderr.starts_with("git-bak + backed up"), "{ran:?}");
    }
    s.set_env("LC_ALL", "");
    s.set_env("LANG", "de_DE.utf8");
    assert!(attempt(&s, &[], "lang").stderr.contains('✓'));
}

#[test]
fn settings_come_from_every_place_that_git_reads() {
    let mut s = refusing();
    let count = |s: &Scratch, options: &[&str]| {
        for number in 0..4 {
            attempt(s, options, &format!("{number} {}", s.now()));
        }
        s.backups("a.txt").len()
    };
    let global = s.root().join("global");
    fs::write(&global, "[bak]\n\tmaxBackups = 1\n").unwrap();
    s.set_env("GIT_CONFIG_GLOBAL", &global);
    assert_eq!(count(&s, &[]), 1, "the user's own");
    s.git(["config", "bak.maxBackups", "4"]);
    assert_eq!(count(&s, &[]), 4, "the repository's goes before the user's");
    s.git(["config", "extensions.worktreeConfig", "true"]);
    s.git(["config", "--worktree", "bak.maxBackups", "2"]);
    assert_eq!(count(&s, &[]), 2, "the working tree's before that");
    s.set_env("GIT_CONFIG_COUNT", "1");
    s.set_env("GIT_CONFIG_KEY_0", "bak.maxBackups");
    s.set_env("GIT_CONFIG_VALUE_0", "3");
    assert_eq!(count(&s, &[]), 3, "the environment's before that");
    assert_eq!(count(&s, &["-c", "bak.maxbackups=1"]), 1, "the command's before that, in any case");
}

#[test]
fn an_included_file_counts_where_its_condition_holds() {
    let s = refusing();
    fs::write(s.root().join("included"), "[bak]\n\tmaxBackups = 1\n").unwrap();
    let included = s.root().join("included");
    s.git(["config", "includeIf.onbranch:topic/**.path", included.to_str().unwrap()]);
    for number in 0..3 {
        attempt(&s, &[], &number.to_string());
    }
    assert_eq!(s.backups("a.txt").len(), 3);
    s.git(["checkout", "-q", "-b", "topic/x"]);
    attempt(&s, &[], "on the branch");
    assert_eq!(s.backup_texts("a.txt"), ["on the branch"]);
}

#[test]
fn a_key_without_a_value_is_true_where_a_boolean_is_asked_for() {
    let s = refusing();
    let config = s.read(".git/config");
    s.write(".git/config", config.clone() + "[bak]\n\tenabled = false\n\tenabled\n\tvault\n");
    let ran = attempt(&s, &[], "two\n");
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
    assert!(!ran.stderr.contains("bak.enabled"), "{ran:?}");
    s.write(".git/config", config + "[bak]\n\tmaxBackups\n\texclude\n\tscope\n");
    let ran = attempt(&s, &[], "three\n");
    for key in ["bak.maxBackups", "bak.exclude", "bak.scope"] {
        assert_eq!(ran.stderr.matches(key).count(), 1, "{key}: {ran:?}");
    }
    assert!(s.backup_texts("a.txt").contains(&"three\n".to_owned()));
}

#[test]
fn of_a_key_that_is_there_several_times_the_last_counts() {
    let s = refusing();
    s.git(["config", "--add", "bak.maxBackups", "1"]);
    s.git(["config", "--add", "bak.maxBackups", "2"]);
    for number in 0..3 {
        attempt(&s, &[], &number.to_string());
    }
    assert_eq!(s.backups("a.txt").len(), 2);
}

#[test]
fn post_commit_goes_by_the_settings_as_they_are_then() {
    let s = Scratch::new();
    s.hook("pre-commit", "git config bak.cleanup never");
    s.write("a.txt", "two\n");
    s.git(["commit", "-am", "second"]);
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
}

#[test]
fn the_commands_go_by_the_settings_too() {
    let s = Scratch::new();
    for number in 0..4 {
        s.write("a.txt", number.to_string());
        s.git(["-c", "bak.maxBackups=2", "bak", "snapshot", "a.txt"]);
    }
    assert_eq!(s.backup_texts("a.txt"), ["2", "3"]);
    let quiet = s.git(["-c", "bak.verbosity=quiet", "bak", "snapshot"]);
    assert_eq!(quiet.stderr, "");
}

#[test]
fn a_commit_that_goes_well_has_one_line_at_most_and_none_where_git_is_to_be_quiet() {
    let s = Scratch::new();
    let edit =
        |text: &str| ["a.txt", "b.txt", "public/c.txt"].iter().for_each(|name| s.write(name, text));
    edit("one\n");
    s.git(["add", "."]);
    let ran = s.git(["commit", "-m", "second"]);
    assert!(!ran.stderr.contains("git-bak"), "all was copied when it was staged: {ran:?}");
    edit("two\n");
    let ran = s.git(["commit", "-am", "third"]);
    let line = "git-bak \u{2713} backed up: 3 files (not all beside their files: programs read all that is in ";
    assert!(ran.stderr.starts_with(line) && ran.stderr.lines().count() == 1, "{ran:?}");
    for quiet in [&["commit", "-qam", "x"][..], &["commit", "--quiet", "-am", "x"]] {
        edit(&quiet.concat());
        assert_eq!(s.git(quiet).stderr, "");
    }
    s.write("a.txt", "staged\n");
    s.git_alone(["add", "a.txt"]);
    s.write("a.txt", "edited\n");
    let ran = s.git(["commit", "-m", "fourth"]);
    assert_eq!(ran.stderr, "git-bak \u{2713} backed up: 2 versions of a.txt\n");
    s.write("a.txt", "more\n");
    let ran = s.git(["-c", "bak.verbosity=verbose", "commit", "-qam", "fifth"]);
    assert!(
        ran.stderr.contains("backed up: a.txt.bak.")
            && ran.stderr.contains("cleaned up: a.txt.bak."),
        "{ran:?}"
    );
}

#[test]
fn a_misspelt_setting_is_named_by_a_commit_and_by_doctor() {
    let s = Scratch::new();
    s.git(["config", "bak.maxBackup", "5"]);
    s.write("a.txt", "two\n");
    let ran = s.git(["commit", "-am", "second"]);
    let said = "bak.maxbackup in file:.git/config: git-bak has no such setting";
    assert_eq!(ran.stderr.matches(said).count(), 1, "{ran:#?}");
    let ran = s.try_bak(["doctor"]);
    assert!(ran.status == 1 && ran.stdout.contains(said), "{ran:#?}");
    assert!(ran.stdout.contains("--unset-all bak.maxbackup\n"), "{ran:#?}");
}
