//! diff: a patch that does what restore would do, by Git's own diff.

use crate::scratch::Scratch;

/// Lost work in two folders, of which nothing was committed.
fn lost() -> Scratch {
    let s = Scratch::new();
    s.write("dir/b.txt", "b\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "second"]);
    s.write("a.txt", "one\nmore\n");
    s.write("dir/b.txt", "b\nbee\n");
    s.write("dir/new.txt", "new\n");
    s.git(["add", "."]);
    s.git(["reset", "-q", "--hard"]);
    s
}

#[test]
fn git_apply_makes_of_it_what_restore_would() {
    let s = lost();
    for (from, words) in
        [("", &["diff"][..]), ("dir", &["diff", ":/"]), ("", &["diff", "a.txt", "dir"])]
    {
        let patch = s.at(s.top().join(from)).bak(words).stdout;
        s.write("../patch", &patch);
        s.git(["apply", "../patch"]);
        assert_eq!(s.read("a.txt"), "one\nmore\n", "{patch}");
        assert_eq!(s.read("dir/b.txt") + &s.read("dir/new.txt"), "b\nbee\nnew\n", "{patch}");
        assert_eq!(s.bak(["diff"]).stdout, "", "there is nothing left to restore");
        s.git(["apply", "-R", "../patch"]);
        assert!(!s.exists("dir/new.txt"));
    }
    let names = s.bak(["diff", "--name-status", "dir"]).stdout;
    assert_eq!(names, "M\tdir/b.txt\nA\tdir/new.txt\n");
    assert_eq!(s.bak(["diff", "--name-only", "*.txt", ":!dir"]).stdout, "a.txt\n");
}

#[test]
fn lines_are_signed_as_list_and_restore_count_them() {
    let s = lost();
    assert!(s.bak(["diff", "--numstat", "a.txt"]).stdout.starts_with("1\t0\ta.txt"));
    assert!(s.bak(["list", "a.txt"]).stdout.contains("+1 -0"));
    assert!(s.bak(["restore", "-n", "a.txt"]).stderr.contains("+1 -0"));
}

#[test]
fn the_options_are_those_of_git() {
    let mut s = lost();
    assert!(s.bak(["diff", "--stat"]).stdout.contains("3 files changed, 3 insertions(+)"));
    assert!(s.bak(["diff", "a.txt", "--word-diff"]).stdout.contains("{+more+}"));
    assert!(s.bak(["diff", "-U0", "a.txt"]).stdout.contains("@@ -1,0 +2 @@"));
    assert_eq!(s.bak(["diff", "--name-only", "-S", "bee"]).stdout, "dir/b.txt\n");
    assert!(s.bak(["diff", "--color=always", "--", "a.txt"]).stdout.contains("\u{1b}[32m+"));
    assert!(s.bak(["diff", "--no-prefix", "a.txt"]).stdout.contains("--- a.txt\n"));
    assert_eq!(s.try_bak(["diff", "--quiet"]).status, 1);
    let ran = s.try_bak(["diff", "--nonsense"]);
    assert!(ran.status == 2 && ran.stderr.contains("usage: git diff"), "{ran:?}");
    s.git(["config", "diff.noprefix", "true"]);
    assert!(s.bak(["diff", "a.txt"]).stdout.contains("--- a/a.txt\n+++ b/a.txt\n"));
    s.git(["config", "diff.shout.textconv", "tr a-z A-Z <"]);
    s.write(".gitattributes", "*.txt diff=shout\n");
    assert!(s.bak(["diff", "a.txt"]).stdout.contains("+MORE\n"));
    s.set_env("GIT_ALTERNATE_OBJECT_DIRECTORIES", s.root().join("none"));
    assert!(s.bak(["diff", "a.txt"]).stdout.contains("+MORE\n"));
}

#[test]
fn all_of_a_snapshot_can_be_compared_by_its_label_or_its_time() {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.write("b.txt", "new\n");
    s.bak(["snapshot", "-m", "before it", "a.txt", "b.txt"]);
    s.write("a.txt", "three\n");
    s.bak(["snapshot", "a.txt"]);
    let names = |word: &str| s.bak(["diff", "--name-only", word]).stdout;
    assert_eq!(names("before it"), "a.txt\n", "b.txt is as it was");
    s.write("b.txt", "newer\n");
    assert_eq!(names("before it"), "a.txt\nb.txt\n");
    let name = s.backups("b.txt").remove(0);
    assert_eq!(names(name.split('.').nth(3).unwrap()), "a.txt\nb.txt\n");
    let id = name.rsplit('.').next().unwrap();
    assert_eq!((names(id).as_str(), names(&name).as_str()), ("b.txt\n", "b.txt\n"));
    let ran = s.try_bak(["diff", "nonsense"]);
    assert!(ran.status == 1 && ran.stderr.contains("'nonsense' matches no backup"), "{ran:?}");
    s.write("c.txt", "never copied\n");
    let ran = s.try_bak(["diff", "--", "c.txt", "b.txt"]);
    assert!(ran.status == 1 && ran.stdout.contains("+new\n"), "the others are shown: {ran:?}");
}

#[test]
fn line_ends_modes_and_names_are_those_of_the_working_tree() {
    let s = Scratch::new();
    s.write(".gitattributes", "*.txt text eol=crlf\n");
    s.write("a.txt", "one\r\ntwo\r\n");
    s.write("it's \"é\".txt", "one\r\n");
    s.bak(["snapshot", "a.txt", "it's \"é\".txt"]);
    s.write("a.txt", "one\r\n");
    s.write("it's \"é\".txt", "lost\r\n");
    let patch = s.bak(["diff", "--", "a.txt", "it's \"é\".txt"]).stdout;
    assert!(
        patch.contains("+two\r\n") && !patch.contains("-one") && !patch.contains("mode"),
        "{patch}"
    );
    s.write("../patch", &patch);
    s.git(["apply", "../patch"]);
    assert_eq!(s.read("a.txt"), "one\r\ntwo\r\n");
    assert_eq!(s.read("it's \"é\".txt"), "one\r\n");
}

#[test]
fn a_moment_is_shown_as_an_undo_of_it_would_change_it() {
    let s = Scratch::new();
    s.write("a.txt", "edited\n");
    s.write("new", "new\n");
    s.git(["checkout", "-q", "a.txt"]);
    s.git(["clean", "-fdq"]);
    let text = s.bak(["undo", "--list", "--json"]).stdout;
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let id = |at: usize| all["moments"][at]["moment"].as_str().unwrap();
    assert_eq!(s.bak(["diff", "--name-status", "--moment", id(0)]).stdout, "A\tnew\n");
    let patch = s.bak(["diff", "--moment", id(1)]).stdout;
    assert!(patch.ends_with("-one\n+edited\n"), "{patch}");
    let moment = format!("--moment={}", id(1));
    assert_eq!(s.bak(["diff", "--stat", &moment, "new"]).stdout, "");
    // Whatever was changed since.
    s.write("a.txt", "typed since\n");
    let patch = s.bak(["diff", "--moment", id(1)]).stdout;
    assert!(patch.ends_with("-typed since\n+edited\n"), "{patch}");
    let ran = s.try_bak(["diff", "--moment", "nosuch"]);
    let text = "git-bak: 'nosuch' names nothing that can be undone: git bak undo --list\n";
    assert_eq!((ran.status, ran.stderr.as_str()), (1, text));
}
