//! doctor and the hooks.

use std::fs;

use super::{assert_well, doctor, fix_mends, obey, only_problem, remedy_mends};
use crate::scratch::{Scratch, script};

const HOOKS: &str = ".git/hooks";

/// The hooks that are installed.
fn installed(s: &Scratch) -> Vec<String> {
    let names = fs::read_dir(s.top().join(HOOKS)).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| !name.contains('.')).collect();
    names.sort();
    assert!(names.len() >= 3, "{names:?}");
    names
}

fn edit(s: &Scratch, hook: &str, change: impl FnOnce(String) -> String) {
    let path = format!("{HOOKS}/{hook}");
    s.write(&path, change(s.read(&path)));
}

#[test]
fn a_hook_that_is_gone() {
    let s = Scratch::new();
    // A user may want to do without the other one.
    for hook in installed(&s).into_iter().filter(|hook| hook != "post-index-change") {
        let path = s.top().join(HOOKS).join(&hook);
        fs::remove_file(&path).unwrap();
        remedy_mends(&s, &hook, "not installed");
        fs::remove_file(&path).unwrap();
        fix_mends(&s, &hook, "not installed", &format!("installed: {hook}"));
    }
}

#[test]
fn a_hook_that_was_left_out_is_no_problem_and_is_not_put_in() {
    let s = Scratch::without_staging();
    let ran = s.bak(["doctor"]);
    let line = ran.stdout.lines().find(|line| line.contains("post-index-change")).unwrap();
    assert!(line.contains("left out"), "{line}");
    fs::remove_file(s.top().join(HOOKS).join("pre-commit")).unwrap();
    s.bak(["doctor", "--fix"]);
    assert!(s.exists(".git/hooks/pre-commit"));
    s.bak(["install", "--hooks", "pre-commit,post-commit,post-checkout"]);
    fs::remove_file(s.top().join(HOOKS).join("post-commit")).unwrap();
    s.bak(["doctor", "--fix"]);
    assert!(s.exists(".git/hooks/post-commit") && !s.exists(".git/hooks/post-index-change"));
}

#[cfg(unix)]
#[test]
fn a_hook_that_git_passes_over() {
    use std::os::unix::fs::PermissionsExt;
    let s = Scratch::new();
    for hook in installed(&s) {
        let path = s.top().join(HOOKS).join(&hook);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        remedy_mends(&s, &hook, "is not executable");
    }
}

#[test]
fn a_hook_of_another_version() {
    let s = Scratch::new();
    for hook in installed(&s) {
        edit(&s, &hook, |text| text.replace(env!("CARGO_PKG_VERSION"), "0.0.9"));
        fix_mends(&s, &hook, "written by git-bak 0.0.9", &format!("updated: {hook}"));
    }
}

#[test]
fn a_hook_whose_program_is_not_there() {
    let s = Scratch::new();
    for hook in installed(&s) {
        edit(&s, &hook, |text| {
            let program = text.split('\'').find(|word| word.starts_with('/')).unwrap().to_owned();
            text.replace(&program, "/nowhere/git-bak")
        });
        remedy_mends(&s, &hook, "starts /nowhere/git-bak, which is not there");
    }
}

#[test]
fn an_edited_hook_is_left_alone_by_fix() {
    let s = Scratch::new();
    edit(&s, "pre-commit", |text| text + "echo mine\n");
    let before = s.read(".git/hooks/pre-commit");
    let (found, _) = doctor(&s, &["--fix"]);
    assert_eq!(found.status, 1);
    assert_eq!(s.read(".git/hooks/pre-commit"), before);
    remedy_mends(&s, "pre-commit", "was edited");
    assert_eq!(s.read(".git/hooks/pre-commit.before-bak.1"), before);
}

#[test]
fn another_hook_in_its_place() {
    let s = Scratch::new();
    for (hook, undone) in [
        ("pre-commit", "commits are not backed up"),
        ("post-index-change", "work is not backed up when it is staged"),
        ("post-commit", "backups stay after a commit"),
        ("post-checkout", "files that a checkout overwrites are not named"),
    ] {
        script(&s.top().join(HOOKS).join(hook), "echo mine");
        let said = format!("is another hook, and {undone}");
        fix_mends(&s, hook, &said, "your own hook still runs");
        assert_eq!(s.read(&format!("{HOOKS}/{hook}.before-bak")), "#!/bin/sh\necho mine\n");
    }
}

#[test]
fn a_hook_that_finds_its_work_by_its_own_name() {
    let s = Scratch::new();
    let text = "name=$(basename \"$0\")\n[ ! -x \"mine/$name\" ] || exec \"mine/$name\"";
    script(&s.top().join(".git/hooks/pre-commit"), text);
    remedy_mends(&s, "pre-commit", "doesn't run git-bak");
    assert!(s.read(".git/hooks/pre-commit").ends_with(&format!("{text}\n")));
    s.write("a.txt", "two\n");
    s.hook("commit-msg", "exit 1");
    s.try_git(["commit", "-qam", "x"]);
    assert_eq!(s.backup_texts("a.txt"), ["two\n"]);
}

#[test]
fn a_folder_in_its_place() {
    let s = Scratch::new();
    fs::remove_file(s.top().join(".git/hooks/post-checkout")).unwrap();
    fs::create_dir(s.top().join(".git/hooks/post-checkout")).unwrap();
    remedy_mends(&s, "post-checkout", "is not a file");
}

#[test]
fn hooks_taken_from_elsewhere() {
    let mut s = Scratch::new();
    let elsewhere = s.root().join("hooks of all");
    fs::create_dir(&elsewhere).unwrap();
    let config = s.root().join("global");
    s.set_env("GIT_CONFIG_GLOBAL", &config);
    s.git(["config", "--global", "core.hooksPath", elsewhere.to_str().unwrap()]);
    remedy_mends(&s, "hooks-path", "which is not this repository's");
}

#[test]
fn hooks_in_the_working_tree_get_the_line_that_is_printed() {
    let s = Scratch::empty();
    s.bak(["install"]);
    let folder = s.top().join(".githooks");
    fs::create_dir(&folder).unwrap();
    script(&folder.join("pre-commit"), "echo mine >&2");
    fs::write(folder.join("post-commit"), "echo no interpreter >&2\n").unwrap();
    s.git(["config", "core.hooksPath", ".githooks"]);
    let (found, _) = doctor(&s, &[]);
    let wrong = found.wrong();
    assert_eq!(wrong.len(), installed(&s).len(), "{wrong:#?}");
    for (_, message, remedy) in wrong {
        assert!(message.contains("doesn't run git-bak"), "{message}");
        assert_eq!(obey(&s, remedy.unwrap()).status, 0, "{remedy:?}");
    }
    assert_well(&s);
    assert!(s.read(".githooks/pre-commit").starts_with("#!/bin/sh\n[ ! -x "));
    assert!(s.read(".githooks/post-commit").starts_with("[ ! -x "));
    s.write("a.txt", "one\n");
    s.git(["add", "a.txt"]);
    script(&folder.join("commit-msg"), "exit 1");
    s.try_git(["commit", "-qm", "x"]);
    assert_eq!(s.backup_texts("a.txt"), ["one\n"]);
}

#[test]
fn hook_managers_are_named_with_what_they_mean_for_us() {
    let s = Scratch::new();
    for name in [".pre-commit-config.yaml", "lefthook.yml", ".overcommit.yml"] {
        s.write(name, "");
    }
    s.write("package.json", "{ \"lint-staged\": { \"*\": \"true\" } }");
    fs::create_dir(s.top().join(".husky")).unwrap();
    let (found, _) = doctor(&s, &[]);
    assert_eq!(found.status, 0);
    let managers = found.findings.iter().filter(|finding| finding["check"] == "hook-manager");
    let said: Vec<&str> = managers.map(|finding| finding["message"].as_str().unwrap()).collect();
    let names = ["pre-commit: ", "husky: ", "lefthook: ", "lint-staged: ", "Overcommit: "];
    assert_eq!(said.len(), names.len(), "{said:?}");
    for (said, name) in said.iter().zip(names) {
        assert!(said.starts_with(name), "{said}");
    }
    let line = "pre-commit: both run, git-bak first, whichever was installed last";
    assert_eq!(said[0], line);
}

#[test]
fn a_problem_without_a_remedy_of_its_own_names_none() {
    let mut s = Scratch::new();
    s.set_env("GIT_CONFIG_COUNT", "1");
    s.set_env("GIT_CONFIG_KEY_0", "bak.maxFiles");
    s.set_env("GIT_CONFIG_VALUE_0", "few");
    assert_eq!(only_problem(&s, "settings", "bak.maxFiles in command line"), None);
}
