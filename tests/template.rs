//! The template: what every repository gets that is cloned or made after `install --template`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::scratch::{Other, Ran, Scratch, script};

/// A repository with one commit, and settings of the user's own that can be written.
fn origin() -> Scratch {
    let mut s = Scratch::empty();
    let global = s.root().join("home/.gitconfig");
    fs::write(&global, "[user]\n\tname = Test\n\temail = test@example.org\n").unwrap();
    s.set_env("GIT_CONFIG_GLOBAL", global);
    s.write("a.txt", "one\n");
    s.git(["add", "a.txt"]);
    s.git(["commit", "-m", "first"]);
    s
}

fn global(s: &Scratch) -> String {
    fs::read_to_string(s.root().join("home/.gitconfig")).unwrap()
}

/// Our own template folder.
fn own(s: &Scratch) -> PathBuf {
    s.root().join("home/.local/share/git-bak/template")
}

/// A template folder of the user's, with a hook, an exclude and a setting.
fn users(s: &Scratch) -> PathBuf {
    let folder = s.root().join("home/my templates");
    fs::create_dir_all(folder.join("hooks")).unwrap();
    fs::create_dir_all(folder.join("info")).unwrap();
    script(&folder.join("hooks/pre-commit"), "echo mine >>../mine");
    fs::write(folder.join("info/exclude"), "*.o\n").unwrap();
    fs::write(folder.join("config"), "[alias]\n\tx = status\n").unwrap();
    s.git(["config", "--global", "init.templateDir", "~/my templates"]);
    folder
}

/// Every file below a folder with its bytes.
fn tree(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut all = Vec::new();
    for entry in entries {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(tree(&path)),
            false => all.push((path.clone(), fs::read(path).unwrap())),
        }
    }
    all.sort();
    all
}

fn clone<'a>(s: &'a Scratch, name: &str) -> (Other<'a>, PathBuf) {
    let top = s.root().join(name);
    let ran = s.at(s.root()).git(["clone", "-q", "repo", name]);
    assert_eq!(ran.stderr, "", "the first checkout says nothing");
    (s.at(&top), top)
}

/// The first commit in a repository that has never seen an `install`.
fn assert_protected(there: &Other<'_>, top: &Path) {
    fs::write(top.join("a.txt"), "two\n").unwrap();
    there.git(["add", "a.txt"]);
    assert!(there.bak(["list"]).stdout.starts_with("a.txt\n"), "staged");
    fs::write(top.join("a.txt"), "three\n").unwrap();
    let ran = there.git(["commit", "-m", "second"]);
    assert_eq!(ran.stderr.matches("backed up: a.txt.bak.").count(), 1, "{ran:#?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:#?}");
    fs::write(top.join("a.txt"), "lost\n").unwrap();
    there.bak(["restore", "--yes", "a.txt"]);
    assert_eq!(fs::read_to_string(top.join("a.txt")).unwrap(), "three\n");
    assert!(!there.git(["status", "--porcelain"]).stdout.contains(".bak."));
    // What a fetch from here is shown.
    let shown = there.git(["ls-remote", "."]).stdout;
    assert!(shown.contains("refs/heads/main") && !shown.contains("bak"), "{shown}");
}

#[test]
fn a_clone_and_a_new_repository_are_protected_from_their_first_commit() {
    let s = origin();
    s.at(s.root()).bak(["install", "--template"]);
    let (there, top) = clone(&s, "clone");
    assert_protected(&there, &top);
    let again = there.bak(["install"]).stderr;
    assert!(again.contains("already installed: post-index-change, pre-commit,"), "{again}");

    let fresh = s.root().join("fresh");
    s.at(s.root()).git(["init", "-q", "-b", "main", "fresh"]);
    assert_protected(&s.at(&fresh), &fresh);
    there.bak(["uninstall"]);
    assert!(!top.join(".git/hooks/pre-commit").exists());
}

#[test]
fn a_submodule_and_a_linked_worktree_of_a_clone_are_protected_too() {
    let s = origin();
    s.bak(["install", "--template"]);
    let (there, top) = clone(&s, "clone");
    there.git(["worktree", "add", "-q", "-b", "side", "../side"]);
    let side = s.root().join("side");
    assert_protected(&s.at(&side), &side);
    let args = ["-c", "protocol.file.allow=always", "submodule", "-q", "add", "../repo", "sub"];
    there.git(args);
    assert_protected(&s.at(top.join("sub")), &top.join("sub"));
}

#[test]
fn a_bare_clone_and_one_without_checkout_are_made_as_before() {
    let s = origin();
    s.bak(["install", "--template"]);
    for option in ["--bare", "--mirror", "--no-checkout"] {
        let ran =
            s.at(s.root()).git(["clone", "-q", option, "repo", option.trim_start_matches('-')]);
        assert_eq!(ran.stderr, "", "{option}");
    }
}

#[test]
fn the_setting_is_made_in_a_form_that_holds_elsewhere_and_is_named() {
    let s = origin();
    let before = global(&s);
    let ran = s.bak(["install", "--template"]);
    assert!(
        ran.stderr.contains("set: init.templateDir = ~/.local/share/git-bak/template"),
        "{ran:#?}"
    );
    assert_eq!(
        s.git(["config", "--global", "init.templateDir"]).stdout,
        "~/.local/share/git-bak/template\n"
    );
    assert!(!s.exists(".git/hooks/pre-commit"), "this repository is left alone");
    let ran = s.bak(["uninstall", "--template"]);
    assert!(ran.stderr.contains("the setting init.templateDir"), "{ran:#?}");
    assert_eq!(global(&s), before);
    assert!(!own(&s).parent().unwrap().exists(), "nothing is left of it");
    let (_, top) = clone(&s, "clone");
    assert!(!top.join(".git/hooks/pre-commit").exists());
    let again = s.bak(["uninstall", "--template"]);
    assert!(again.stderr.contains("not installed in the template"), "{again:#?}");
}

#[test]
fn data_kept_elsewhere_by_the_user_is_heeded() {
    let mut s = origin();
    let data = s.root().join("data");
    s.set_env("XDG_DATA_HOME", &data);
    s.bak(["install", "--template"]);
    assert!(data.join("git-bak/template/hooks/pre-commit").is_file());
    let (there, top) = clone(&s, "clone");
    assert_protected(&there, &top);
}

#[test]
fn twice_is_as_once() {
    for own_folder in [true, false] {
        let s = origin();
        let folder = if own_folder { own(&s) } else { users(&s) };
        s.bak(["install", "--template"]);
        let once = (tree(&folder), global(&s));
        let ran = s.bak(["install", "--template"]);
        assert!(ran.stderr.contains("already installed"), "{ran:#?}");
        assert_eq!((tree(&folder), global(&s)), once);
    }
}

#[test]
fn a_template_of_the_users_keeps_what_is_in_it_and_gets_it_back() {
    let s = origin();
    let folder = users(&s);
    let before = (tree(&folder), global(&s));
    let ran = s.bak(["install", "--template"]);
    assert!(ran.stderr.contains("pre-commit: your own hook still runs"), "{ran:#?}");
    let (there, top) = clone(&s, "clone");
    let exclude = fs::read_to_string(top.join(".git/info/exclude")).unwrap();
    assert!(exclude.starts_with("*.o\n") && exclude.contains("git-bak"), "{exclude}");
    assert_protected(&there, &top);
    let mine = fs::read_to_string(s.root().join("mine")).unwrap();
    assert_eq!(mine, "mine\n", "the template's own hook runs as well");
    assert_eq!(there.git(["config", "alias.x"]).stdout, "status\n");
    let ran = s.bak(["uninstall", "--template"]);
    assert!(ran.stderr.contains("your own hook is back"), "{ran:#?}");
    assert_eq!((tree(&folder), global(&s)), before);
    // The clone has both, and can be left by git-bak in its turn.
    there.bak(["uninstall"]);
    let hook = fs::read_to_string(top.join(".git/hooks/pre-commit")).unwrap();
    assert_eq!(hook, "#!/bin/sh\necho mine >>../mine\n");
}

#[test]
fn a_folder_that_is_set_and_not_there_yet_is_made() {
    let s = origin();
    s.git(["config", "--global", "init.templateDir", "~/to come"]);
    let before = global(&s);
    s.bak(["install", "--template"]);
    let (there, top) = clone(&s, "clone");
    assert_protected(&there, &top);
    s.bak(["uninstall", "--template"]);
    assert_eq!(tree(&s.root().join("home/to come")), []);
    assert_eq!(global(&s), before);
}

#[test]
fn the_environments_folder_is_the_one_that_git_takes() {
    let mut s = origin();
    let folder = s.root().join("by environment");
    s.set_env("GIT_TEMPLATE_DIR", &folder);
    let ran = s.bak(["install", "--template"]);
    assert!(ran.stderr.contains("GIT_TEMPLATE_DIR"), "{ran:#?}");
    assert!(!global(&s).contains("templateDir"));
    let (there, top) = clone(&s, "clone");
    assert_protected(&there, &top);
    s.bak(["uninstall", "--template"]);
    assert_eq!(tree(&folder), []);
}

#[test]
fn a_hook_in_a_repository_that_is_there_is_kept_by_git_init() {
    let s = origin();
    s.bak(["install", "--template"]);
    s.hook("pre-commit", "echo mine >>../mine");
    let before = s.read(".git/hooks/pre-commit");
    s.git(["init", "-q"]);
    assert_eq!(s.read(".git/hooks/pre-commit"), before);
    s.write("a.txt", "two\n");
    let ran = s.git(["commit", "-am", "second"]);
    assert_eq!(ran.stderr, "", "half installed is no reason to complain");
    s.bak(["install"]);
    s.write("a.txt", "three\n");
    let ran = s.git(["commit", "-am", "third"]);
    assert!(ran.stderr.contains("backed up: a.txt"), "{ran:#?}");
    assert_eq!(fs::read_to_string(s.root().join("mine")).unwrap(), "mine\nmine\n");
}

#[test]
fn a_hook_that_finds_itself_by_name_is_refused_and_the_others_are_there() {
    let s = origin();
    let folder = users(&s);
    script(&folder.join("hooks/pre-commit"), "exec \"$0.d/run\"");
    let ran = s.try_bak(["install", "--template"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(ran.stderr.contains("add this as its second line"), "{ran:#?}");
    assert!(folder.join("hooks/post-commit").is_file());
    assert!(!folder.join("hooks/pre-commit.before-bak").exists());
}

#[test]
fn only_the_hooks_that_are_named_come_into_it() {
    let s = origin();
    s.bak(["install", "--template", "--hooks", "pre-commit"]);
    let names: Vec<_> = fs::read_dir(own(&s).join("hooks")).unwrap().collect();
    assert_eq!(names.len(), 1);
}

#[test]
fn settings_that_cannot_be_written_are_named() {
    let mut s = origin();
    s.set_env("GIT_CONFIG_GLOBAL", s.root().join("nowhere/config"));
    let ran: Ran = s.try_bak(["install", "--template"]);
    assert_eq!(ran.status, 3, "{ran:#?}");
    assert!(ran.stderr.contains("nowhere/config"), "{ran:#?}");
}

#[cfg(target_os = "linux")]
#[test]
fn settings_of_the_users_that_are_no_file_are_not_replaced() {
    let mut s = origin();
    // Where the system's own could be replaced, another one stands in for it.
    let own = s.root().join("null");
    let made = s.command("mknod").arg(&own).args(["c", "1", "3"]).output();
    let made = made.is_ok_and(|made| made.status.success()) && fs::File::open(&own).is_ok();
    let null = if made { own } else { PathBuf::from("/dev/null") };
    s.set_env("GIT_CONFIG_GLOBAL", &null);
    let ran = s.try_bak(["install", "--template"]);
    assert!(ran.status == 3 && ran.stderr.contains("null, which is not a file"), "{ran:?}");
    assert!(!fs::metadata(null).unwrap().is_file());
}

#[test]
fn without_a_home_nothing_is_begun() {
    let mut s = origin();
    s.unset_env("GIT_CONFIG_GLOBAL");
    let gone = s.root().join("gone");
    fs::write(s.root().join("file"), "").unwrap();
    let file = s.root().join("file");
    let not = |home: &Path| format!("HOME is {}, which is no folder to make a te", home.display());
    for (home, named) in [
        (None, "there is no HOME to make a template folder in".to_owned()),
        (Some(Path::new("")), "there is no HOME to make a template folder in".to_owned()),
        (Some(Path::new("relative")), not(Path::new("relative"))),
        (Some(&gone), not(&gone)),
        (Some(&file), not(&file)),
    ] {
        match home {
            Some(home) => s.set_env("HOME", home),
            None => s.unset_env("HOME"),
        }
        let before = tree(&s.root());
        let ran = s.try_bak(["install", "--template"]);
        assert_eq!((ran.status, ran.stderr.lines().count()), (3, 1), "{ran:?}");
        assert!(ran.stderr.contains(&named), "{ran:?}");
        assert_eq!(tree(&s.root()), before, "{ran:?}");
    }
}

#[test]
fn where_the_setting_can_not_be_written_all_is_as_it_was() {
    let s = origin();
    fs::write(s.root().join("home/.gitconfig.lock"), "").unwrap();
    let before = tree(&s.root());
    let ran = s.try_bak(["install", "--template"]);
    assert_eq!((ran.status, ran.stderr.lines().count()), (3, 1), "{ran:?}");
    assert!(ran.stderr.contains(".gitconfig: File exists"), "{ran:?}");
    assert_eq!(tree(&s.root()), before, "{ran:?}");
    fs::remove_file(s.root().join("home/.gitconfig.lock")).unwrap();
    s.bak(["install", "--template"]);
    assert!(clone(&s, "copy").1.join(".git/hooks/pre-commit").exists());
}

#[cfg(unix)]
#[test]
fn settings_that_are_a_link_stay_one() {
    let s = origin();
    let (link, real) = (s.root().join("home/.gitconfig"), s.root().join("home/dotfiles"));
    fs::rename(&link, &real).unwrap();
    std::os::unix::fs::symlink("dotfiles", &link).unwrap();
    let before = fs::read(&real).unwrap();
    s.bak(["install", "--template"]);
    assert!(link.is_symlink() && fs::read_to_string(&real).unwrap().contains("templateDir"));
    s.bak(["uninstall", "--template"]);
    assert!(link.is_symlink());
    assert_eq!(fs::read(&real).unwrap(), before);
}
