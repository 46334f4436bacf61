//! Installs and uninstalls at the same time: they are as one after the other, and the user's own hook is in one place.

use std::fs;
use std::path::Path;
use std::process::Child;

use crate::scratch::{BAK, Ran, Scratch};

const HOOKS: [&str; 4] = ["post-index-change", "pre-commit", "post-commit", "post-checkout"];

/// Starts all of them at once; how each ended.
fn at_once(s: &Scratch, commands: &[&[&str]]) -> Vec<Ran> {
    let start = |args: &&[&str]| {
        let mut command = s.command(BAK);
        command.args(*args).stdout(std::process::Stdio::piped());
        command.stderr(std::process::Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<Child> = commands.iter().map(start).collect();
    children.into_iter().map(|child| Ran::of(&child.wait_with_output().unwrap())).collect()
}

fn text(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap_or_default()
}

/// Each hook of the user's is in one file of the folder, and nothing else is but shims.
fn each_is_in_one_place(folder: &Path, about: &str) {
    for hook in HOOKS {
        let mine = format!("#!/bin/sh\necho mine {hook}\n");
        let (own, chained) = (text(folder, hook), text(folder, &format!("{hook}.before-bak")));
        let is_shim = own.contains("# git-bak shim ");
        let is_right = if is_shim { chained == mine } else { own == mine && chained.is_empty() };
        assert!(is_right, "{hook}: {own:?}, {chained:?}: {about}");
    }
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let left = names.filter(|name| name.to_string_lossy().starts_with(".git-bak"));
    assert_eq!(left.count(), 0, "{about}");
}

fn with_hooks() -> Scratch {
    let s = Scratch::empty();
    HOOKS.iter().for_each(|hook| s.hook(hook, &format!("echo mine {hook}")));
    s
}

#[test]
fn installs_at_once_are_as_one() {
    let once = with_hooks();
    once.bak(["install"]);
    for _ in 0..5 {
        let s = with_hooks();
        let before = s.read(".git/config");
        let ended = at_once(&s, &[&["install"][..]; 5]);
        assert!(ended.iter().all(|ran| ran.status == 0), "{ended:#?}");
        let chained = ended.iter().filter(|ran| ran.stderr.contains("your own hook still runs"));
        assert_eq!(chained.count(), 1, "the others found it installed: {ended:#?}");
        each_is_in_one_place(&s.top().join(".git/hooks"), &format!("{ended:#?}"));
        assert_eq!(s.read(".git/config"), once.read(".git/config"));
        assert_eq!(s.read(".git/info/exclude"), once.read(".git/info/exclude"));
        let ended = at_once(&s, &[&["uninstall"][..]; 5]);
        assert!(ended.iter().all(|ran| ran.status == 0), "{ended:#?}");
        assert_eq!(
            text(&s.top().join(".git/hooks"), "pre-commit"),
            "#!/bin/sh\necho mine pre-commit\n"
        );
        assert_eq!(s.read(".git/config"), before);
    }
}

#[test]
fn installs_and_uninstalls_at_once_lose_no_hook() {
    for _ in 0..5 {
        let s = with_hooks();
        let commands: [&[&str]; 6] = [
            &["install"],
            &["uninstall"],
            &["install", "--force"],
            &["doctor", "--fix"],
            &["uninstall"],
            &["install", "--hooks", "pre-commit"],
        ];
        let ended = at_once(&s, &commands);
        each_is_in_one_place(&s.top().join(".git/hooks"), &format!("{ended:#?}"));
    }
}

#[test]
fn template_installs_at_once_are_as_one() {
    for round in 0..5 {
        let mut s = with_hooks();
        s.set_env("GIT_CONFIG_GLOBAL", s.root().join("home/config"));
        let folder = s.root().join("home/.local/share/git-bak/template/hooks");
        if round > 0 {
            // One of the user's own.
            fs::create_dir_all(s.root().join("home/template")).unwrap();
            let to = s.root().join("home/template/hooks");
            fs::rename(s.top().join(".git/hooks"), to).unwrap();
            s.git(["config", "--global", "init.templateDir", "~/template"]);
        }
        let ended = at_once(&s, &[&["install", "--template"][..]; 5]);
        assert!(ended.iter().all(|ran| ran.status == 0), "{ended:#?}");
        match round {
            0 => assert!(text(&folder, "pre-commit").contains("# git-bak shim "), "{ended:#?}"),
            _ => {
                each_is_in_one_place(&s.root().join("home/template/hooks"), &format!("{ended:#?}"));
            }
        }
        let ended = at_once(&s, &[&["uninstall", "--template"], &["install", "--template"]]);
        assert!(ended.iter().all(|ran| ran.status == 0), "{ended:#?}");
        let ended = at_once(&s, &[&["uninstall", "--template"][..]; 4]);
        assert!(ended.iter().all(|ran| ran.status == 0), "{ended:#?}");
        assert!(!text(&folder, "pre-commit").contains("git-bak"), "{ended:#?}");
    }
}
