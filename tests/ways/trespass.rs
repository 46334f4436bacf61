//! Two things that the comparison can't see, asked of each hook itself: a hook's standard output reaches
//! Git's standard error, where our own lines are left out, and an index may be rewritten with the same
//! entries.

use super::staged;
use crate::pair::Pair;
use crate::scratch::{Scratch, script};

/// Around each of our hooks: its standard output into a file, and the index before and after it.
const AROUND: &str = r#"
look() { ls -i "$index" && cksum <"$index"; }
dir=${0%/*} name=${0##*/}
index=${GIT_INDEX_FILE:-$(git rev-parse --git-path index)}
before=$(look)
"$dir/real/$name" "$@" >>"$dir/stdout"; status=$?
[ "$(look)" = "$before" ] || echo "$name wrote $index" >>"$dir/written"
echo "$name" >>"$dir/ran"
exit $status"#;

fn surround(scratch: &Scratch) {
    let hooks = scratch.top().join(".git/hooks");
    std::fs::create_dir(hooks.join("real")).unwrap();
    for name in ["pre-commit", "post-commit", "post-checkout"] {
        std::fs::rename(hooks.join(name), hooks.join("real").join(name)).unwrap();
        script(&hooks.join(name), AROUND);
    }
}

fn assert_clean(pair: &Pair, ran: &str) {
    let read = |name: &str| std::fs::read_to_string(pair.with.top().join(".git/hooks").join(name));
    assert_eq!(read("ran").unwrap(), ran);
    assert_eq!(read("stdout").unwrap(), "");
    assert!(read("written").is_err(), "{:?}", read("written"));
}

#[test]
fn no_hook_writes_to_standard_output_or_to_the_index() {
    let ways: [&[&str]; 6] = [
        &["commit", "-m", "plain"],
        &["commit", "-am", "all"],
        &["commit", "-m", "only", "-o", "b.txt"],
        &["commit", "-m", "and", "-i", "b.txt"],
        &["commit", "--amend", "-am", "amended"],
        &["-c", "bak.verbosity=verbose", "-c", "bak.scope=all", "commit", "-m", "verbose"],
    ];
    for way in ways {
        let pair = staged();
        surround(&pair.with);
        pair.write("b.txt", "edited\n");
        // Stale: Git would write the index to note that nothing has changed.
        pair.write("c.txt", "untracked\n");
        pair.same(|scratch| scratch.try_git(way)).expect_success();
        assert_clean(&pair, "pre-commit\npost-commit\n");
    }
}

#[test]
fn a_checkout_leaves_the_index_as_git_has_written_it() {
    let pair = staged();
    surround(&pair.with);
    pair.git(["checkout", "-qb", "other"]);
    pair.git(["commit", "-qm", "second"]);
    pair.git(["checkout", "-q", "main"]);
    pair.write("b.txt", "edited\n");
    pair.git(["checkout", "-q", "--", "b.txt"]);
    assert_clean(&pair, "post-checkout\npre-commit\npost-commit\npost-checkout\npost-checkout\n");
}
