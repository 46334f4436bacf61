//! What is not put back: it is named, and the command that is printed helps.

use super::*;

/// A run that fails; the commands at the ends of the lines that begin with these words.
fn named(s: &Scratch, line: &str, starts: &[&str]) -> Vec<String> {
    let ran = run(s, &[], &format!("{line}; exit 3"));
    assert_eq!(ran.status, 3, "{ran:#?}");
    assert!(!ran.stderr.contains("Everything is as it was"), "{ran:#?}");
    assert!(ran.stderr.contains("All else is as it was"), "{ran:#?}");
    assert_over(s);
    let said: Vec<&str> = ran.stderr.lines().filter_map(|it| it.strip_prefix("  ✗ ")).collect();
    let command = |start: &&str| {
        let line = said.iter().find(|line| line.starts_with(start));
        let line = line.unwrap_or_else(|| panic!("{start}: {ran:#?}"));
        let command = line.rsplit(": ").next().unwrap_or_default();
        let is_one = ["git ", "cp ", "rm "].iter().any(|verb| command.starts_with(verb));
        if is_one { command.to_owned() } else { String::new() }
    };
    starts.iter().map(command).collect()
}

fn run_as_printed(s: &Scratch, commands: &[String]) {
    for line in commands {
        let ran = Ran::of(&s.command("sh").args(["-c", line]).output().unwrap());
        assert_eq!(ran.status, 0, "{line}: {ran:#?}");
    }
}

#[test]
fn refs_are_named_and_the_printed_commands_bring_them_back() {
    let s = rich();
    s.git(["branch", "moves"]);
    s.git(["branch", "goes"]);
    let before = s.git(["for-each-ref"]).stdout;
    let line = "git branch made; git branch -D -q goes; \
                git update-ref refs/heads/moves $(git commit-tree -m x HEAD^{tree})";
    let starts = [
        "refs/heads/made is new: ",
        "refs/heads/goes is gone: git update-ref refs/heads/goes ",
        "refs/heads/moves has moved: git update-ref refs/heads/moves ",
    ];
    let commands = named(&s, line, &starts);
    run_as_printed(&s, &commands);
    assert_eq!(s.git(["for-each-ref"]).stdout, before);
}

#[test]
fn many_refs_are_counted() {
    let s = rich();
    let ran = run(&s, &[], "for n in 1 2 3 4 5 6 7 8; do git tag t$n; done; exit 3");
    assert!(ran.stderr.contains("and 3 more are not as they were"), "{ran:#?}");
}

#[test]
fn a_stash_is_named_and_an_entry_that_is_gone_comes_back() {
    let s = Scratch::new();
    s.write("a.txt", "edited\n");
    assert_eq!(named(&s, "git stash -q", &["the stash is another: "]), ["git stash list"]);
    assert_eq!(s.read("a.txt"), "edited\n");
    let before = s.git(["rev-parse", "stash@{0}"]).stdout;
    let commands = named(&s, "git stash drop -q", &["a stash entry is gone: "]);
    run_as_printed(&s, &commands);
    assert_eq!(s.git(["rev-parse", "stash@{0}"]).stdout, before);
}

#[test]
fn settings_are_named_and_can_be_put_back() {
    let s = rich();
    let (config, exclude) = (s.read(".git/config"), s.read(".git/info/exclude"));
    let at = |name: &str, words: &str| format!("{}/.git/{name} {words}: ", s.top().display());
    let starts = [
        at("config", "was changed"),
        at("info/exclude", "was changed"),
        at("info/attributes", "is new"),
    ];
    let line = "git config core.autocrlf true; echo '*.gen' >>.git/info/exclude; echo >.git/info/attributes";
    let starts: Vec<&str> = starts.iter().map(String::as_str).collect();
    run_as_printed(&s, &named(&s, line, &starts));
    assert_eq!((s.read(".git/config"), s.read(".git/info/exclude")), (config, exclude));
    assert!(!s.exists(".git/info/attributes"));
    run(&s, &[], "true");
    assert!(!s.exists(".git/bak/upgrade/was"), "the next run takes it away");
}

#[test]
fn a_merge_that_is_begun_or_ended_is_named() {
    let s = Scratch::new();
    s.git(["checkout", "-qb", "other"]);
    s.write("a.txt", "other\n");
    s.git(["commit", "-qam", "other"]);
    s.git(["checkout", "-q", "main"]);
    s.write("a.txt", "main\n");
    s.git(["commit", "-qam", "main"]);
    let commands = named(&s, "git merge -q other >/dev/null", &["MERGE_HEAD is new: "]);
    assert_eq!(s.read("a.txt"), "main\n");
    run_as_printed(&s, &commands);
    assert!(!s.exists(".git/MERGE_HEAD"));
    s.try_git(["merge", "-q", "other"]);
    assert_eq!(named(&s, "git merge --quit", &["MERGE_HEAD is gone"]), [""]);
    assert_eq!(s.git(["diff", "--name-only", "--diff-filter=U"]).stdout, "a.txt\n");
}

#[test]
fn submodules_and_other_repositories_are_named_when_they_were_changed() {
    let s = rich();
    s.git(["init", "-q", "../sub"]);
    let sub = s.root().join("sub");
    fs::write(sub.join("s"), "s\n").unwrap();
    let sub = s.at(&sub);
    sub.git(["add", "s"]);
    sub.git(["-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qm", "s"]);
    s.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../sub", "sm"]);
    s.git(["init", "-q", "nested"]);
    s.git(["init", "-q", "leaves"]);
    s.write("sm/s", "my work\n");
    s.write("nested/n", "my work\n");
    let ran = run(&s, &[], "echo x >clean.txt; exit 3");
    assert!(ran.stderr.contains("Everything is as it was"), "{ran:#?}");
    let line = "echo spoilt >sm/s; echo spoilt >nested/n; git init -q made; rm -rf leaves";
    let is = "a repository of its own, which";
    let [new, gone] = [format!("made: {is} is new, and stays"), format!("leaves: {is} is gone")];
    let [sm, nested] = ["sm", "nested"].map(|name| format!("{name}: {is} was changed: "));
    let commands = named(&s, line, &[&sm, &nested, &new, &gone]);
    assert_eq!(commands[2..], ["", ""]);
    run_as_printed(&s, &commands[..2]);
}
