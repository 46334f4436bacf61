//! The file system and the system that the tests run on.

use super::day;
use crate::scratch::Scratch;

#[test]
fn a_day_with_git_bak() {
    day::all(Scratch::new);
}

/// A hook in another language than the shell's is found by its first line, on Windows, too.
#[test]
fn a_chained_hook_is_run_by_what_its_first_line_names() {
    let s = Scratch::new();
    s.hook("pre-commit", "exit 0");
    let hook = s.top().join(".git/hooks/pre-commit.before-bak");
    // As a script for the shell this would fail.
    std::fs::write(hook, "#!/usr/bin/env git\n[alias]\n").unwrap();
    s.write("a.txt", "two\n");
    let ran = s.try_git(["commit", "-qam", "second"]);
    assert!(ran.stderr.contains("is not a git command"), "{ran:#?}");
}
