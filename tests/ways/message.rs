//! Where a message comes from and what is made of it, authors, dates and environments.

#[cfg(unix)]
use super::git;
use super::{staged, with_env};
use crate::pair::Pair;
use crate::scratch::{Ran, Scratch};

#[test]
fn every_source_of_a_message_gives_the_same() {
    let ways: [&[&str]; 12] = [
        &["commit", "-m", "subject", "-m", "body"],
        &["commit", "-F", "b.txt"],
        &["commit", "-C", "HEAD"],
        &["commit", "-c", "HEAD", "--reset-author"],
        &["commit", "-t", "b.txt", "--allow-empty-message"],
        &["commit", "-m", "", "--allow-empty-message"],
        &["commit", "-sm", "signed off", "--trailer", "Key: value"],
        &["commit", "-m", "# kept\n\n", "--cleanup=verbatim"],
        &["commit", "-m", "other", "--author", "Other <o@example.org>", "--date=@86400 +0100"],
        &["commit", "-qm", "quiet", "--no-post-rewrite"],
        &["commit", "-m", "listed", "--pathspec-from-file=list"],
        &["commit", "--no-status", "-m", "x", "--no-gpg-sign"],
    ];
    for way in ways {
        let pair = staged();
        pair.write("list", "a.txt\n");
        pair.commits(["a.txt=two|"], |scratch| scratch.try_git(way));
    }
}

#[test]
fn an_unusual_environment_changes_nothing() {
    let variables = [
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_ICASE_PATHSPECS", "1"),
        ("GIT_OPTIONAL_LOCKS", "0"),
        ("GIT_CONFIG_PARAMETERS", "'core.quotePath'='false' 'color.ui'='always'"),
        ("GIT_TRACE2_EVENT", "../trace"),
        ("GIT_CEILING_DIRECTORIES", "/"),
        ("GIT_NAMESPACE", "other"),
        ("GIT_REFLOG_ACTION", "mine"),
        ("PWD", "/nowhere"),
        ("IFS", "/."),
        ("CDPATH", "/"),
        ("GIT_DEFAULT_HASH", "sha256"),
    ];
    for (key, value) in variables {
        let pair = staged();
        pair.commits(["a.txt=two|"], with_env(key, value, &["commit", "-m", "second"]));
    }
}

#[test]
fn folders_named_by_the_environment_are_found() {
    let ways: [&[(&str, &str)]; 4] = [
        &[("GIT_DIR", ".git")],
        &[("GIT_DIR", "TOP/.git"), ("GIT_WORK_TREE", ".")],
        &[("GIT_WORK_TREE", "TOP")],
        &[("GIT_OBJECT_DIRECTORY", "TOP/.git/objects"), ("GIT_COMMON_DIR", "TOP/.git")],
    ];
    for way in ways {
        let pair = staged();
        pair.commits(["a.txt=two|"], |scratch| {
            let top = scratch.top().to_string_lossy();
            let set = way.iter().map(|(key, value)| (key, value.replace("TOP", &top)));
            let mut command = scratch.command("git");
            Ran::of(&command.envs(set).args(["commit", "-am", "second"]).output().unwrap())
        });
    }
}

#[test]
fn aliases_and_flags_before_the_verb_lead_to_the_same() {
    let ways: [&[&str]; 5] = [
        &["-c", "alias.ci=commit -m aliased", "ci"],
        &["-c", "alias.ci=!git commit -m shell", "ci"],
        &["-C", ".git/..", "commit", "-m", "from there"],
        &["--no-pager", "--literal-pathspecs", "commit", "-m", "x", "a.txt"],
        &["--no-optional-locks", "-c", "core.quotePath=false", "commit", "-m", "x"],
    ];
    for way in ways {
        staged().commits(["a.txt=two|"], |scratch| scratch.try_git(way));
    }
}

#[cfg(unix)]
#[test]
fn a_signed_commit_is_signed_as_without_us() {
    let pair = staged();
    pair.each(|scratch| {
        let sign = "cat >/dev/null; echo '[GNUPG:] SIG_CREATED D' >&2; echo signature";
        crate::scratch::script(&scratch.root().join("sign"), sign);
    });
    pair.commits(
        ["a.txt=two|"],
        git(["-c", "gpg.program=../sign", "commit", "-S", "-m", "signed"]),
    );
    assert!(pair.with.git(["cat-file", "commit", "HEAD"]).stdout.contains("signature"));
}

#[test]
fn what_the_users_hooks_are_given_is_the_same() {
    let pair = Pair::new();
    let note = r#"{ echo "$0 $*" | sed 's/.*hooks.//; s/.before-bak//'; pwd -P; cat
        env | grep '^GIT_' | grep -v '^GIT_\(BAK\|EXEC_PATH\|EDITOR\)' | sort; } >>"${SEEN%/*}/given""#;
    for hook in ["pre-commit", "commit-msg", "post-commit", "post-checkout", "post-rewrite"] {
        pair.hook(hook, note);
    }
    let given = |scratch: &Scratch| {
        let text = std::fs::read_to_string(scratch.root().join("given")).unwrap();
        text.replace(&*scratch.root().to_string_lossy(), "ROOT")
    };
    pair.write("a.txt", "two\n");
    pair.git(["commit", "-aqm", "second"]);
    pair.write("a.txt", "three\n");
    pair.git(["commit", "-aq", "--amend", "--no-edit"]);
    pair.git(["checkout", "-qb", "other"]);
    pair.git(["-c", "bak.maxBackups=5", "commit", "-q", "--allow-empty", "-m", "x"]);
    assert_eq!(given(&pair.with), given(&pair.without));
    assert!(given(&pair.with).matches("pre-commit").count() == 3);
}
