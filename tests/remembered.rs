//! The settings are remembered from hook to hook, and read again as soon as anything that they depend on
//! has changed.

use std::fs;
use std::path::PathBuf;

use crate::scratch::Scratch;

/// A time after everything that a test writes: only what was left alone for two seconds is believed in.
const TEN_YEARS: i64 = 10 * 365 * 86_400;

fn later() -> Scratch {
    let s = Scratch::new();
    s.advance(TEN_YEARS);
    s
}

fn file(s: &Scratch) -> PathBuf {
    s.top().join(".git/bak/settings")
}

/// Commits an edit of `a.txt`; whether it was backed up.
fn commits(s: &Scratch, options: &[&str], text: &str) -> bool {
    s.write("a.txt", text);
    s.git(options.iter().chain(&["commit", "-qam", "x"]));
    s.vault_has("a.txt", text)
}

/// Puts a setting among those remembered that stands in no file: `bak.enabled=false`.
fn poison(s: &Scratch) {
    poison_with(s, "bak.enabled");
}

/// The same of another one.
fn poison_with(s: &Scratch, key: &str) {
    let bytes = fs::read(file(s)).unwrap();
    let rest = bytes.strip_suffix(b"end\0").unwrap();
    let setting = format!("setting\0{key}\0false\0file:.git/config\0end\0");
    fs::write(file(s), [rest, setting.as_bytes()].concat()).unwrap();
}

/// Whether Git is asked after `change`, in a repository that was made by `prepare`.
fn asks_after(prepare: impl Fn(&mut Scratch), change: impl Fn(&mut Scratch)) -> bool {
    let mut s = later();
    prepare(&mut s);
    assert!(commits(&s, &[], "remembered"));
    poison(&s);
    assert!(!commits(&s, &[], "from memory"), "the settings were not remembered");
    change(&mut s);
    commits(&s, &[], "asked")
}

#[test]
fn settings_that_stand_are_not_read_again() {
    let s = later();
    assert!(commits(&s, &[], "one"));
    poison(&s);
    assert!(!commits(&s, &[], "two"));
    fs::remove_file(file(&s)).unwrap();
    assert!(commits(&s, &[], "three"));
}

#[test]
fn a_file_written_to_just_now_is_not_believed_in() {
    let s = Scratch::new();
    assert!(commits(&s, &[], "one"));
    assert!(!file(&s).exists());
}

#[test]
fn a_change_of_the_repositorys_settings_is_seen() {
    assert!(asks_after(|_| {}, |s| drop(s.git(["config", "x.y", "1"]))));
}

#[test]
fn a_change_by_hand_of_the_same_length_is_seen() {
    let rewrite = |s: &mut Scratch| {
        let config = s.top().join(".git/config");
        let text = fs::read_to_string(&config).unwrap().replace("= Test", "= Tset");
        fs::write(config, text).unwrap();
    };
    assert!(asks_after(|_| {}, rewrite));
}

#[test]
fn a_change_of_the_users_settings_is_seen() {
    let global = |s: &Scratch| s.root().join("home/settings");
    let prepare = |s: &mut Scratch| {
        fs::write(global(s), "[x]\n\ty = 1\n").unwrap();
        s.set_env("GIT_CONFIG_GLOBAL", global(s));
    };
    assert!(asks_after(prepare, |s| fs::write(global(s), "[x]\n\ty = 12\n").unwrap()));
    assert!(asks_after(prepare, |s| s.set_env("GIT_CONFIG_GLOBAL", "/dev/null")));
}

#[test]
fn a_file_of_the_users_that_appears_is_seen() {
    for name in [".gitconfig", ".config/git/config", "xdg/git/config"] {
        let prepare = |s: &mut Scratch| {
            fs::create_dir_all(s.root().join("home").join(name).parent().unwrap()).unwrap();
            // It would replace Git's own places.
            s.unset_env("GIT_CONFIG_GLOBAL");
            if name.starts_with("xdg") {
                s.set_env("XDG_CONFIG_HOME", s.root().join("home/xdg"));
            }
        };
        let appear = |s: &mut Scratch| {
            fs::write(s.root().join("home").join(name), "[x]\n\ty = 1\n").unwrap();
        };
        assert!(asks_after(prepare, appear), "{name}");
    }
}

#[test]
fn another_home_is_seen() {
    assert!(asks_after(|_| {}, |s| s.set_env("HOME", s.root())));
}

#[test]
fn a_change_of_the_systems_settings_is_seen() {
    let system = |s: &Scratch| s.root().join("system");
    let mut s = later();
    s.set_env("GIT_CONFIG_NOSYSTEM", "0");
    s.set_env("GIT_CONFIG_SYSTEM", system(&s));
    assert!(commits(&s, &[], "one"));
    let says_where = s.try_git(["var", "GIT_CONFIG_SYSTEM"]).status == 0;
    let text = fs::read(file(&s)).unwrap();
    assert_eq!(text.windows(9).any(|some| some == b"\0unknown\0"), !says_where);
    if says_where {
        poison(&s);
        assert!(!commits(&s, &[], "two"));
    }
    fs::write(system(&s), "[x]\n\ty = 1\n").unwrap();
    assert!(commits(&s, &[], "three"));
}

#[test]
fn settings_of_the_worktree_that_appear_are_seen() {
    let prepare = |s: &mut Scratch| drop(s.git(["config", "extensions.worktreeConfig", "true"]));
    assert!(asks_after(prepare, |s| drop(s.git(["config", "--worktree", "x.y", "1"]))));
}

#[test]
fn a_change_of_an_included_file_is_seen() {
    let more = |s: &Scratch| s.top().join(".git/more");
    for key in ["include.path", "includeIf.gitdir:**.path", "includeIf.gitdir/i:/nowhere.path"] {
        let prepare = |s: &mut Scratch| {
            fs::write(more(s), "[x]\n\ty = 1\n").unwrap();
            s.git(["config", key, "more"]);
        };
        assert!(asks_after(prepare, |s| fs::write(more(s), "[x]\n\ty = 12\n").unwrap()), "{key}");
        let absent = |s: &mut Scratch| drop(s.git(["config", key, "more"]));
        assert!(asks_after(absent, |s| fs::write(more(s), "[x]\n\ty = 1\n").unwrap()), "{key}");
    }
}

#[test]
fn includes_that_may_change_by_themselves_are_not_remembered() {
    for (key, value) in [
        ("includeIf.onbranch:other.path", "more"),
        ("includeIf.hasconfig:remote.*.url:x.path", "more"),
        ("include.path", "~nobody/more"),
    ] {
        let s = later();
        s.git(["config", key, value]);
        if s.try_git(["status"]).status == 0 {
            assert!(commits(&s, &[], "one"), "{key}");
        }
        assert!(!file(&s).exists(), "{key}");
    }
}

#[test]
fn settings_for_one_command_are_neither_remembered_nor_overruled() {
    let mut s = later();
    assert!(!commits(&s, &["-c", "bak.enabled=false"], "off"));
    assert!(!file(&s).exists());
    assert!(commits(&s, &[], "on"));
    assert!(!commits(&s, &["-c", "bak.enabled=false"], "off again"));
    s.set_env("GIT_CONFIG_COUNT", "1");
    s.set_env("GIT_CONFIG_KEY_0", "bak.enabled");
    s.set_env("GIT_CONFIG_VALUE_0", "false");
    assert!(!commits(&s, &[], "off by the environment"));
}

#[test]
fn each_working_tree_remembers_its_own() {
    let s = later();
    s.git(["config", "extensions.worktreeConfig", "true"]);
    s.git(["worktree", "add", "-q", "../linked"]);
    let linked = s.at(s.root().join("linked"));
    linked.git(["config", "--worktree", "bak.enabled", "false"]);
    for text in ["one", "two"] {
        assert!(commits(&s, &[], text));
        fs::write(s.root().join("linked/a.txt"), format!("linked {text}")).unwrap();
        linked.git(["commit", "-qam", "x"]);
        assert!(!s.vault().values().any(|content| content.starts_with("linked")));
    }
    assert!(s.top().join(".git/worktrees/linked/bak/settings").exists());
}

#[test]
fn what_can_not_be_read_back_is_asked_for() {
    let s = later();
    for text in ["", "git-bak settings 2\0", "git-bak settings 3\0end\0", "\u{0}\u{0}"] {
        assert!(commits(&s, &[], &format!("before {text:?}")));
        fs::write(file(&s), text).unwrap();
        assert!(commits(&s, &[], &format!("after {text:?}")));
    }
    fs::remove_file(file(&s)).unwrap();
    fs::create_dir(file(&s)).unwrap();
    assert!(commits(&s, &[], "a folder in its place"));
}

/// Whether a look goes by what is remembered, and not by what Git says.
fn looks_back(s: &Scratch) -> bool {
    poison_with(s, "bak.maxBackups");
    let said = s.git(["bak", "list"]).stderr;
    s.git(["bak", "list"]);
    said.contains("bak.maxBackups")
}

#[cfg(unix)]
#[test]
fn a_command_asks_once_and_then_only_after_a_change() {
    let s = later();
    assert!(commits(&s, &[], "one"));
    s.git(["bak", "list"]);
    assert!(looks_back(&s));
    // A hook believes it, too.
    poison(&s);
    assert!(!commits(&s, &[], "two"));
    s.git(["config", "x.y", "1"]);
    assert!(!looks_back(&s));
    s.git(["config", "x.y", "12"]);
    s.git(["bak", "list"]);
    assert!(commits(&s, &[], "three"));
}

#[cfg(unix)]
#[test]
fn a_script_that_starts_git_is_asked_each_time() {
    let s = later();
    let starts_git =
        "for git in /usr/local/bin/git /usr/bin/git; do [ -x $git ] && exec $git \"$@\"; done";
    crate::scratch::script(&s.root().join("bin/git"), starts_git);
    s.bak(["snapshot"]);
    s.bak(["list"]);
    assert!(!file(&s).exists());
}

#[cfg(unix)]
#[test]
fn a_look_leaves_nothing_where_nothing_is_kept() {
    let s = Scratch::empty();
    s.advance(TEN_YEARS);
    s.bak(["list"]);
    assert!(!s.exists(".git/bak"));
}
