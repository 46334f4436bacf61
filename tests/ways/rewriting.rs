//! Series that are rewritten: fixup and squash, interactive rebases with commits in them.

use super::{git, staged};
use crate::pair::{Pair, left};
use crate::scratch::{Ran, Scratch};

/// Four commits: `a.txt` in each is one line longer.
fn series() -> Pair {
    let pair = Pair::new();
    let mut text = "one\n".to_owned();
    for line in ["two", "three", "four"] {
        text = format!("{text}{line}\n");
        pair.write("a.txt", &text);
        pair.write(&format!("{line}.txt"), line);
        pair.git(["add", "."]);
        pair.git(["commit", "-qm", line]);
    }
    pair.seen();
    pair
}

/// An interactive rebase of the last three commits, its list changed by `sed`.
fn rebase(list: &'static str, flags: &'static [&'static str]) -> impl Fn(&Scratch) -> Ran {
    move |scratch| {
        let mut command = scratch.command("git");
        command.env("GIT_SEQUENCE_EDITOR", format!("sed -i.orig -e '{list}'"));
        command.env("GIT_EDITOR", "sh -c 'echo edited >>\"$1\"' sh");
        command.args(["rebase", "-i"]).args(flags).arg("HEAD~3");
        Ran::of(&command.output().unwrap())
    }
}

#[test]
fn fixups_and_squashes_are_committed_and_melted_in_as_without_us() {
    let ways: [&[&str]; 5] = [
        &["commit", "--fixup", "HEAD~1"],
        &["commit", "--squash", "HEAD~1", "-m", "more"],
        &["commit", "--fixup", "amend:HEAD~1"],
        &["commit", "-a", "--fixup", "HEAD~2"],
        &["commit", "-m", "fixup! two", "-o", "b.txt"],
    ];
    for way in ways {
        let pair = series();
        pair.write("b.txt", "fixed\n");
        pair.git(["add", "b.txt"]);
        pair.commits(["b.txt=fixed|"], |scratch| scratch.try_git(way));
        let autosquash = with_sequence_editor("true", &["rebase", "-i", "--autosquash", "HEAD~4"]);
        pair.same(autosquash).expect_success();
        assert_eq!(pair.with.git(["rev-list", "--count", "HEAD"]).stdout, "4\n");
        assert!(left(&pair.with.root()).is_empty());
    }
}

fn with_sequence_editor<'a>(editor: &'a str, args: &'a [&'a str]) -> impl Fn(&Scratch) -> Ran {
    super::with_env("GIT_SEQUENCE_EDITOR", editor, args)
}

#[test]
fn a_rewording_without_content_is_as_without_us() {
    let pair = series();
    let editor = "sh -c 'echo another subject >\"$1\"' sh";
    let reword = super::with_env("GIT_EDITOR", editor, &["commit", "--fixup=reword:HEAD~1"]);
    pair.write("b.txt", "staged\n");
    pair.git(["add", "b.txt"]);
    pair.commits(["b.txt=staged|"], reword);
    assert_eq!(pair.with.git(["diff", "--cached", "--name-only"]).stdout, "b.txt\n");
}

#[test]
fn every_verb_of_a_list_is_as_without_us() {
    let lists = [
        "s/^pick/reword/",
        "2s/^pick/squash/",
        "2s/^pick/fixup/;3s/^pick/fixup -C/",
        "3d",
        "2i exec echo x >x.txt; git add x.txt; git commit -qm x; git commit -q --amend -m y",
        "2i exec git commit -q --allow-empty --no-post-rewrite -m empty",
        "1i label start\n1i reset start",
        "1s/^pick.*/break/",
    ];
    for list in lists {
        let pair = series();
        pair.same(rebase(list, &[])).expect_success();
        if list.ends_with("/break/") {
            pair.write("a.txt", "broken off\n");
            pair.commits(["a.txt=broken off|"], git(["commit", "-am", "in the break"]));
            assert_eq!(pair.try_git(["rebase", "--continue"]).status, 1, "a conflict");
            pair.git(["rebase", "--abort"]);
            assert!(pair.with.vault_has("a.txt", "broken off\n"));
        }
        assert!(left(&pair.with.root()).is_empty(), "{list}");
    }
}

#[test]
fn a_rebase_with_its_own_flags_is_as_without_us() {
    let flags: [&[&str]; 5] = [
        &["--rebase-merges"],
        &["--exec", "git commit -q --amend --no-edit --author 'A <a@example.org>'"],
        &["--no-ff", "--signoff"],
        &["--keep-empty", "--committer-date-is-author-date"],
        &["--update-refs", "--autostash"],
    ];
    for flags in flags {
        let pair = series();
        pair.git(["branch", "in-the-middle", "HEAD~1"]);
        pair.write("b.txt", "unstaged\n");
        pair.same(|scratch| {
            let stash = ["-c", "rebase.autoStash=true", "rebase", "-i"];
            let mut command = scratch.command("git");
            command.env("GIT_SEQUENCE_EDITOR", "true");
            Ran::of(&command.args(stash).args(flags).arg("HEAD~3").output().unwrap())
        })
        .expect_success();
        assert_eq!(pair.with.read("b.txt"), "unstaged\n");
        pair.git(["commit", "-qam", "the edit"]);
        assert!(left(&pair.with.root()).is_empty());
    }
}

#[test]
fn a_commit_split_in_two_is_as_without_us() {
    let pair = series();
    pair.same(rebase("1s/^pick/edit/", &[])).expect_success();
    pair.git(["reset", "-q", "HEAD~1"]);
    pair.git(["add", "a.txt"]);
    pair.commits(["a.txt=one|two|"], git(["commit", "-m", "one half"]));
    pair.git(["add", "two.txt"]);
    pair.commits(["two.txt=two"], git(["commit", "-m", "the other half"]));
    pair.git(["rebase", "--continue"]);
    assert!(left(&pair.with.root()).is_empty());
}

#[test]
fn a_rebase_that_a_hook_stops_can_go_on() {
    let pair = series();
    pair.hook("commit-msg", "! grep -q edited \"$1\"");
    assert_eq!(pair.same(rebase("2s/^pick/reword/", &[])).status, 1);
    pair.hook("commit-msg", "exit 0");
    pair.write("b.txt", "meanwhile\n");
    pair.commits(["b.txt=meanwhile|"], git(["commit", "-qam", "meanwhile"]));
    pair.git(["rebase", "--continue"]);
    assert!(left(&pair.with.root()).is_empty());
}

#[test]
fn a_history_is_rewritten_from_its_root_and_by_a_pull() {
    let pair = series();
    pair.same(with_sequence_editor("true", &["rebase", "-i", "--root", "--no-ff"]))
        .expect_success();
    pair.each(|scratch| drop(scratch.git(["clone", "-q", ".", "../upstream"])));
    pair.git(["commit", "-q", "--allow-empty", "-m", "upstream lacks it"]);
    pair.each(|scratch| {
        let upstream = scratch.at(scratch.root().join("upstream"));
        let who = ["-c", "user.name=T", "-c", "user.email=t@e"];
        upstream.git(who.iter().chain(&["commit", "-qm", "up", "--allow-empty"]));
    });
    pair.git(["pull", "-q", "--rebase", "../upstream", "main"]);
}

#[test]
fn amending_without_rewriting_notes_is_as_without_us() {
    let pair = staged();
    pair.hook("post-rewrite", "cat >>../rewritten");
    pair.commits(["a.txt=two|"], git(["commit", "--amend", "--no-edit", "--no-post-rewrite"]));
    assert!(!pair.with.root().join("rewritten").exists());
    pair.write("a.txt", "three\n");
    pair.commits(
        ["a.txt=three|"],
        git(["commit", "-a", "--amend", "--no-edit", "--date=@1700000000 +0000"]),
    );
    assert!(pair.with.root().join("rewritten").exists());
}
