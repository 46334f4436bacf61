//! Filters that fail, are missing or talk nonsense, and contents that don't convert.

use std::fs;
use std::time::{Duration, SystemTime};

use super::PROCESS;
use crate::pair::Pair;
use crate::scratch::{Ran, Scratch};

fn commit(scratch: &Scratch) -> Ran {
    scratch.try_git(["commit", "-qm", "second"])
}

/// Two repositories in which `f.dat` was committed before this attribute and these settings came, and was
/// edited since; `other.txt` is staged.
fn edited(attribute: &str, settings: &[(&str, &str)], text: &str) -> Pair {
    let pair = Pair::empty();
    pair.write("f.dat", "committed before\n");
    pair.git(["add", "."]);
    pair.git(["commit", "-qm", "first"]);
    pair.each(|scratch| {
        for (key, value) in settings {
            scratch.git(["config", key, value]);
        }
        scratch.write(".git/info/attributes", format!("*.dat {attribute}\n"));
    });
    pair.write("f.dat", text);
    pair.write("other.txt", "other\n");
    pair.git(["add", "other.txt"]);
    pair
}

/// A commit, and no such filter any more: what Git itself says next would depend on how fast that dies.
fn commit_without_more(scratch: &Scratch) -> Ran {
    let ran = commit(scratch);
    scratch.try_git(["config", "--remove-section", "filter.box"]);
    ran
}

/// Git lets the commit through; the edited file is backed up and held as it is.
// Shown where the test fails.
#[allow(clippy::print_stdout)]
fn goes_through(attribute: &str, settings: &[(&str, &str)]) {
    println!("{attribute}: {settings:?}");
    let pair = edited(attribute, settings, "edited\n");
    pair.commits(["f.dat=edited|", "other.txt=other|"], commit_without_more);
    fs::remove_file(pair.with.top().join("f.dat")).unwrap();
    pair.with.bak(["restore", "--yes", "f.dat"]);
    assert_eq!(pair.with.read("f.dat"), "edited\n");
}

#[test]
fn a_filter_that_fails_or_is_missing() {
    for driver in ["clean", "process"] {
        let key = format!("filter.box.{driver}");
        for program in ["exit 3", "no-such-program", "kill -9 $$"] {
            goes_through("filter=box", &[(&key, program)]);
            goes_through("filter=box", &[(&key, program), ("filter.box.required", "true")]);
        }
    }
    goes_through("filter=nowhere-defined", &[]);
    goes_through("filter=box", &[("filter.box.required", "true")]);
}

#[test]
fn a_running_filter_that_refuses_or_talks_nonsense() {
    let place = tempfile::tempdir().unwrap();
    let script = place.path().join("filter");
    fs::write(&script, PROCESS).unwrap();
    for required in ["false", "true"] {
        for answer in ["error", "abort"] {
            let process = format!("exec sh '{}' {answer}", script.display());
            let settings = [("filter.box.process", &*process), ("filter.box.required", required)];
            goes_through("filter=box", &settings);
        }
        let settings = [("filter.box.process", "echo nonsense"), ("filter.box.required", required)];
        goes_through("filter=box", &settings);
    }
}

#[test]
fn an_encoding_that_does_not_exist_or_does_not_fit() {
    goes_through("text working-tree-encoding=NO-SUCH-ENCODING", &[]);
    // An odd number of bytes and no byte order mark.
    goes_through("text working-tree-encoding=UTF-16LE-BOM", &[]);
}

#[test]
fn line_ends_that_safecrlf_refuses() {
    let settings = [("core.autocrlf", "input"), ("core.safecrlf", "true")];
    let pair = edited("text", &settings, "mixed\r\nline ends\n");
    // Git won't stage it; that is no reason for it not to be kept.
    let refused = pair.try_git(["add", "f.dat"]);
    assert_eq!(refused.status, 128, "{refused:#?}");
    pair.commits(["f.dat=mixed\r|line ends|", "other.txt=other|"], commit);
}

#[test]
fn a_required_filter_that_fails_on_a_file_that_was_only_touched() {
    let pair = edited("filter=box", &[], "committed before\n");
    pair.each(|scratch| {
        scratch.git(["config", "filter.box.clean", "exit 3"]);
        scratch.git(["config", "filter.box.required", "true"]);
        let file = fs::File::options().write(true).open(scratch.top().join("f.dat")).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000)).unwrap();
    });
    // Git itself can't, and says so before any hook runs.
    let ran = pair.same(commit);
    assert_eq!(ran.status, 128, "{ran:#?}");
    // By hand there is a way.
    let ran = pair.with.bak(["snapshot"]);
    assert!(ran.stderr.contains("git status failed"), "{ran:#?}");
    assert!(pair.with.vault_has("other.txt", "other\n"), "{ran:#?}");
}
