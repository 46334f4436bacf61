//! doctor and programs that are gone: where a foreign file, or a setting, starts git-bak.

use std::fs;

use super::{assert_well, doctor, fix_mends, obey, remedy_mends};
use crate::scratch::{BAK, Ran, Scratch, script};

const GONE: &str = "/gone/git-bak";
const HOOKS: [&str; 4] = ["post-index-change", "pre-commit", "post-commit", "post-checkout"];

/// A line as `install` prints it, for a program that is gone.
fn dead_line(hook: &str) -> String {
    format!("[ ! -x {GONE} ] || {GONE} hook {hook} \"$@\" || exit $?")
}

/// A commit is backed up: its backup stays, since it is refused.
fn assert_protected(s: &Scratch, hooks: &str) {
    script(&s.top().join(hooks).join("commit-msg"), "exit 1");
    s.write("a.txt", "protected\n");
    assert_eq!(s.try_git(["commit", "-qam", "x"]).status, 1);
    assert_eq!(s.backup_texts("a.txt"), ["protected\n"]);
}

#[test]
fn lines_in_hooks_of_the_working_tree() {
    let s = Scratch::new();
    for hook in HOOKS {
        fs::create_dir_all(s.top().join(".githooks")).unwrap();
        script(&s.top().join(".githooks").join(hook), &format!("{}\ntrue", dead_line(hook)));
    }
    s.git(["config", "core.hooksPath", ".githooks"]);
    let (found, ran) = doctor(&s, &["--fix"]);
    assert_eq!((found.status, found.wrong().len()), (1, 4), "{ran:#?}");
    for (check, message, remedy) in found.wrong() {
        let words = format!("/.githooks/{check} starts {GONE}, which is not there");
        assert!(message.ends_with(&words), "{message}");
        // What is the user's is left to them, and the line that would do is said.
        assert!(s.read(&format!(".githooks/{check}")).contains(GONE));
        assert!(ran.stderr.contains("add this as its second line: "), "{ran:#?}");
        assert_eq!(obey(&s, remedy.unwrap()).status, 0, "{remedy:?}");
    }
    assert_well(&s);
    assert!(!s.read(".githooks/pre-commit").contains(GONE));
    assert_protected(&s, ".githooks");
}

#[test]
fn a_name_that_is_not_on_the_path_gets_another_line() {
    let mut s = Scratch::new();
    fs::create_dir(s.top().join(".githooks")).unwrap();
    for hook in HOOKS {
        script(&s.top().join(".githooks").join(hook), &format!("git-bak hook {hook} \"$@\""));
    }
    s.git(["config", "core.hooksPath", ".githooks"]);
    assert_well(&s);
    // Scratch repositories have one on their PATH.
    fs::remove_file(s.root().join("bin/git-bak")).unwrap();
    s.set_env("PATH", std::env::var_os("PATH").unwrap());
    let (found, ran) = doctor(&s, &[]);
    assert_eq!((found.status, found.wrong().len()), (1, 4), "{ran:#?}");
    for (_, message, remedy) in found.wrong() {
        assert!(message.ends_with(" starts git-bak, which is not on the PATH"), "{message}");
        assert_eq!(obey(&s, remedy.unwrap()).status, 0, "{remedy:?}");
    }
    assert_well(&s);
}

#[test]
fn a_line_in_a_hook_that_can_be_chained() {
    let s = Scratch::new();
    script(
        &s.top().join(".git/hooks/pre-commit"),
        &format!("{}\necho mine", dead_line("pre-commit")),
    );
    let said = format!("starts {GONE}, which is not there");
    fix_mends(&s, "pre-commit", &said, "your own hook still runs, after git-bak");
    assert_protected(&s, ".git/hooks");
}

#[test]
fn a_line_in_a_hook_that_finds_its_work_by_its_own_name() {
    let s = Scratch::new();
    let text = format!("{}\ntrue \"$(basename \"$0\")\"", dead_line("pre-commit"));
    script(&s.top().join(".git/hooks/pre-commit"), &text);
    remedy_mends(&s, "pre-commit", &format!("pre-commit starts {GONE}, which is not there"));
    assert!(s.read(".git/hooks/pre-commit").contains(&format!("{BAK} hook pre-commit")));
    assert_protected(&s, ".git/hooks");
}

#[test]
fn the_hook_from_before_of_a_manager() {
    let s = Scratch::new();
    let hook = s.top().join(".git/hooks/pre-commit");
    let ours = fs::read_to_string(&hook).unwrap().replace(BAK, GONE);
    fs::rename(&hook, s.top().join(".git/hooks/pre-commit.legacy")).unwrap();
    fs::write(s.top().join(".git/hooks/pre-commit.legacy"), ours).unwrap();
    script(&hook, "exec \"${0%/*}/pre-commit.legacy\" \"$@\"");
    remedy_mends(&s, "pre-commit", &format!("starts {GONE}, which is not there"));
    assert_protected(&s, ".git/hooks");
}

#[test]
fn settings_of_hook_managers() {
    for (file, manager, text) in [
        ("lefthook.yml", "lefthook", "pre-commit:\n  jobs:\n    - run: PROGRAM hook pre-commit\n"),
        (
            ".pre-commit-config.yaml",
            "pre-commit",
            "repos:\n- repo: local\n  hooks:\n  - {id: b, entry: PROGRAM hook pre-commit}\n",
        ),
        ("prek.toml", "prek", "entry = \"PROGRAM hook pre-commit\"\n"),
        (".overcommit.yml", "Overcommit", "command: ['PROGRAM', 'hook', 'pre-commit']\n"),
        (
            "package.json",
            "lint-staged",
            "{\"lint-staged\": {\"*\": [\"PROGRAM snapshot\", \"x\"]}}\n",
        ),
        (".lintstagedrc.json", "lint-staged", "{\"*\": [\"PROGRAM snapshot\"]}\n"),
    ] {
        let s = Scratch::new();
        for there in [BAK, "git-bak"] {
            s.write(file, text.replace("PROGRAM", there));
            assert_well(&s);
        }
        s.write(file, text.replace("PROGRAM", GONE));
        let said =
            format!("{manager}: {}/{file} starts {GONE}, which is not there", s.top().display());
        remedy_mends(&s, "hook-manager", &said);
        assert_eq!(s.read(file), text.replace("PROGRAM", BAK), "and nothing else has changed");
    }
}

#[test]
fn settings_that_name_a_folder_or_another_file_start_nothing() {
    let s = Scratch::new();
    s.write(".pre-commit-config.yaml", "repos:\n- repo: /gone/git-bak\n  hooks: [{id: git-bak}]\n");
    s.write(
        "lefthook.yml",
        "# /gone/git-bak hook pre-commit\nrun: \"$HOME/git-bak hook pre-commit\"\n",
    );
    assert_well(&s);
}

#[test]
fn the_guard() {
    let s = Scratch::new();
    let good = "✓ guard             Git asks git-bak before it overwrites or deletes files\n";
    assert!(s.bak(["doctor"]).stdout.contains(good));
    let value = s.git(["config", "core.fsmonitor"]).stdout;
    let value = value.trim_end().to_owned();
    let break_it = || drop(s.git(["config", "core.fsmonitor", &value.replace(BAK, GONE)]));
    let said = format!("starts {GONE}, which is not there");
    break_it();
    fix_mends(&s, "guard", &said, "guard: starts this git-bak");
    assert_eq!(s.git(["config", "core.fsmonitor"]).stdout.trim_end(), value);
    break_it();
    remedy_mends(&s, "guard", &said);
    s.write("a.txt", "lost\n");
    s.git(["reset", "-q", "--hard"]);
    assert!(s.vault_has("a.txt", "lost\n"));
}

#[test]
fn a_program_in_a_place_that_needs_quotes_is_left_to_another_line() {
    let s = Scratch::new();
    let placed = s.root().join("my bin");
    fs::create_dir(&placed).unwrap();
    // A copy may be open for writing still in a child of another test.
    fs::hard_link(BAK, placed.join("git-bak"))
        .or_else(|_| fs::copy(BAK, placed.join("git-bak")).map(drop))
        .unwrap();
    fs::create_dir(s.top().join(".githooks")).unwrap();
    for hook in HOOKS {
        script(&s.top().join(".githooks").join(hook), &dead_line(hook));
    }
    s.git(["config", "core.hooksPath", ".githooks"]);
    s.write("lefthook.yml", format!("run: {GONE} hook pre-commit\n"));
    let look =
        || Ran::of(&s.command(placed.join("git-bak")).args(["doctor", "--json"]).output().unwrap());
    let document: serde_json::Value = serde_json::from_str(&look().stdout).unwrap();
    let wrong = document["findings"].as_array().unwrap().iter().filter(|it| it["ok"] == false);
    for finding in wrong {
        match finding["remedy"].as_str() {
            Some(remedy) => assert_eq!(obey(&s, remedy).status, 0, "{remedy}"),
            None => assert_eq!(finding["check"], "hook-manager"),
        }
    }
    fs::remove_file(s.top().join("lefthook.yml")).unwrap();
    let again = look();
    assert_eq!(again.status, 0, "{again:#?}");
    assert_protected(&s, ".githooks");
}
