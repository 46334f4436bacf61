//! Several patches are one transaction, each on top of the one before.

use std::fs;

use super::{apply, assert_nothing_left, commit_all, files, tree};
use crate::scratch::Scratch;

/// Ten mails that change the same files, the third of which makes one and the eighth removes it.
fn ten() -> (Scratch, Vec<String>) {
    let s = Scratch::new();
    s.write("b.txt", "b0\n");
    commit_all(&s, "base");
    for number in 1..=10 {
        s.write("a.txt", format!("a{number}\n"));
        s.write("b.txt", format!("b{number}\n"));
        match number {
            3 => s.write("brief/c.txt", "here\n"),
            8 => fs::remove_dir_all(s.top().join("brief")).unwrap(),
            _ => {}
        }
        commit_all(&s, &format!("change {number}"));
    }
    s.git(["format-patch", "-10", "-q", "-o", "../mails"]);
    s.git(["reset", "-q", "--hard", "HEAD~10"]);
    let names = fs::read_dir(s.root().join("mails")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.map(|name| format!("../mails/{name}")).collect();
    names.sort();
    (s, names)
}

fn with<'a>(options: &[&'a str], names: &'a [String]) -> Vec<&'a str> {
    options.iter().copied().chain(names.iter().map(String::as_str)).collect()
}

#[test]
fn ten_patches_to_the_same_files_are_applied_in_their_order() {
    let (s, names) = ten();
    let ran = apply(&s, &with(&["--commit"], &names));
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert_eq!((s.read("a.txt"), s.read("b.txt")), ("a10\n".into(), "b10\n".into()));
    assert!(!s.exists("brief"));
    assert!(ran.stderr.contains("Applying artifact 10/10: "), "{ran:#?}");
    assert_eq!(s.git(["rev-list", "--count", "HEAD"]).stdout, "3\n", "one commit for all");
    assert_eq!(s.git(["status", "--porcelain"]).stdout, "");
    assert!(s.vault_has("a.txt", "one\n") && s.vault_has("a.txt", "a9\n"));
    assert!(s.all_backups().is_empty());
    assert_nothing_left(&s);
}

#[test]
fn each_patch_has_its_backups_and_retention_keeps_the_newest() {
    let (s, names) = ten();
    assert_eq!(apply(&s, &with(&[], &names)).status, 0);
    let mut texts = s.backup_texts("a.txt");
    texts.sort();
    assert_eq!(texts, ["a7\n", "a8\n", "a9\n"]);
}

#[test]
fn all_of_them_are_undone_if_a_step_fails() {
    for setting in ["bak.vault=true", "bak.vault=false"] {
        let (s, names) = ten();
        let (key, value) = setting.split_once('=').unwrap();
        s.git(["config", key, value]);
        let before = tree(s.top());
        let ran = apply(&s, &with(&["--test", "exit 1"], &names));
        assert_eq!((ran.status, tree(s.top())), (1, before), "{setting}: {ran:#?}");
    }
}

#[test]
fn one_that_does_not_apply_keeps_all_of_them_out() {
    let (s, mut names) = ten();
    names.swap(4, 5);
    let before = files(s.top());
    let ran = apply(&s, &with(&[], &names));
    assert_eq!((ran.status, files(s.top())), (1, before), "{ran:#?}");
    assert!(ran.stderr.contains("0006-"), "{ran:#?}");
    assert!(s.all_backups().is_empty());
}
