//! dulwich runs pre-commit at the top of the working tree, commit-msg and post-commit inside the Git
//! directory, none of them with a variable of Git's. Its process may commit more than once.
//!
//! It is not on every machine, so these tests are ignored unless they are asked for: `.ci/run` installs
//! the version in `requirements.txt`, and says where in `GIT_BAK_TEST_TOOLS`.

use std::path::PathBuf;

use crate::pair::{WATCH, left, ours};
use crate::scratch::{Ran, Scratch};

/// Stages `a.txt`, commits, and says what became of it; as often as there are texts.
const COMMITS: &str = r#"
import sys
from dulwich import porcelain
from dulwich.errors import CommitError
who = b'Test <test@example.org>'
for text in sys.argv[1:]:
    open('a.txt', 'w').write(text + '\n')
    porcelain.add('.', paths=['a.txt'])
    try:
        porcelain.commit('.', message=text.encode(), author=who, committer=who)
        print('committed', text)
    except CommitError:
        print('refused', text)
"#;

/// Commits one text after the other in one process.
fn commit(scratch: &Scratch, texts: &[&str]) -> Ran {
    let tools = std::env::var_os("GIT_BAK_TEST_TOOLS").map(PathBuf::from);
    let tools = tools.expect("GIT_BAK_TEST_TOOLS names no folder: .ci/run makes one");
    let mut command = scratch.command(tools.join("venv/bin/python"));
    Ran::of(&command.args(["-c", COMMITS]).args(texts).output().unwrap()).expect_success()
}

/// The word "bad" in a message is refused.
fn choosy() -> Scratch {
    let mut scratch = Scratch::new();
    scratch.set_env("SEEN", scratch.root().join("seen"));
    scratch.hook("commit-msg", "! grep -q bad \"$1\"");
    scratch
}

#[test]
#[ignore = "needs dulwich: .ci/run installs it"]
fn a_commit_is_backed_up_before_and_cleaned_up_after() {
    let scratch = choosy();
    scratch.hook("pre-commit", WATCH);
    scratch.hook("post-commit", "pwd >>\"$SEEN\"");
    let ran = commit(&scratch, &["two"]);
    assert_eq!(ran.stdout, "committed two\n");
    assert_eq!(ours(&ran).len(), 1, "{ran:#?}");
    let seen = std::fs::read_to_string(scratch.root().join("seen")).unwrap();
    assert_eq!(seen, format!("a.txt=two|\n{}\n", scratch.top().join(".git").display()));
    assert!(left(&scratch.root()).is_empty());
    assert!(scratch.vault_has("a.txt", "two\n"));
    assert!(!scratch.bak(["status"]).stdout.contains("failed"));
}

#[test]
#[ignore = "needs dulwich: .ci/run installs it"]
fn a_refused_commit_keeps_its_backup_until_the_next_one() {
    let scratch = choosy();
    assert_eq!(commit(&scratch, &["bad"]).stdout, "refused bad\n");
    assert_eq!(scratch.backup_texts("a.txt"), ["bad\n"]);
    assert!(scratch.bak(["status"]).stdout.contains("failed"));
    scratch.git(["commit", "-qam", "by Git"]);
    assert!(left(&scratch.root()).is_empty());
    assert!(scratch.vault_has("a.txt", "bad\n"));
}

#[test]
#[ignore = "needs dulwich: .ci/run installs it"]
fn a_process_that_goes_on_cleans_up_after_its_own_failures() {
    let scratch = choosy();
    let ran = commit(&scratch, &["bad one", "bad two", "good"]);
    assert_eq!(ran.stdout, "refused bad one\nrefused bad two\ncommitted good\n");
    assert!(left(&scratch.root()).is_empty(), "{ran:#?}");
    for text in ["bad one\n", "bad two\n", "good\n"] {
        assert!(scratch.vault_has("a.txt", text));
    }
    assert!(!scratch.bak(["status"]).stdout.contains("failed"));
}
