//! The index in all its versions and forms: entry by entry against `git ls-files --debug`, and what hooks ask Git in
//! each.

use std::collections::BTreeSet;

use git_bak::git::index::{Entry, Index};
use git_bak::git::object_format::ObjectFormat;

use crate::scratch::Scratch;
use crate::survey::Repo;

/// What `git ls-files --stage --debug -z` prints of an entry, its flags last (git-ls-files(1) says no more of them;
/// they are those of Git's read-cache-ll.h).
fn printed(entry: &Entry<'_>) -> Vec<u8> {
    let numbers = format!("{:06o} {} {}\t", entry.mode, entry.id, entry.stage);
    let stat = format!(
        "\0  ctime: {}:{}\n  mtime: {}:{}\n  dev: {}\tino: {}\n  uid: {}\tgid: {}\n  size: {}\tflags: ",
        entry.ctime.0,
        entry.ctime.1,
        entry.mtime.0,
        entry.mtime.1,
        entry.dev,
        entry.ino,
        entry.uid,
        entry.gid,
        entry.size,
    );
    [numbers.as_bytes(), entry.path, stat.as_bytes()].concat()
}

/// The flags that stand in the file.
fn flags(entry: &Entry<'_>) -> u32 {
    u32::from(entry.assume_valid) << 15
        | u32::from(entry.stage) << 12
        | u32::from(entry.intent_to_add) << 29
        | u32::from(entry.skip_worktree) << 30
}

/// Compares the index of `repo` with what Git says; whether it can be read without Git.
pub fn is_as_git_says(repo: &Repo, format: ObjectFormat) -> bool {
    let file = repo.at(".git/index");
    if !file.exists() {
        return false;
    }
    let index = match Index::read(&file, format) {
        Ok(Some(index)) => index,
        Ok(None) => return false,
        // Git 2.39, changing to a sparse one, may write an entry several times.
        Err(error) => {
            let text = repo.git(["ls-files", "--stage", "--sparse", "-z"]);
            let mut all = BTreeSet::new();
            assert!(!text.split('\0').all(|entry| all.insert(entry)), "{error:#}");
            return true;
        }
    };
    // Else Git corrects, in memory, what the sparse checkout left there.
    let as_it_is = ["-c", "sparse.expectFilesOutsideOfPatterns=true"];
    let words = ["ls-files", "--stage", "--debug", "--sparse", "-z"];
    let text = repo.git(as_it_is.into_iter().chain(words));
    let mut rest = text.as_bytes();
    for (at, entry) in index.entries().enumerate() {
        let expected = printed(&entry);
        let said = String::from_utf8_lossy(rest.get(..400).unwrap_or(rest)).into_owned();
        let what = || format!("entry {at}: {}\nGit: {said}", String::from_utf8_lossy(&expected));
        rest = rest.strip_prefix(&expected[..]).unwrap_or_else(|| panic!("{}", what()));
        let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        let git = u32::from_str_radix(str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        assert_eq!(git & 0x6000_b000, flags(&entry), "{}", what());
        assert_eq!(index.path(at), Some(entry.path));
        assert_eq!(index.contains(entry.path), Some(true));
        let marked = index.marked.binary_search(&at).is_ok();
        assert_eq!(marked, entry.is_marked());
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    assert!(rest.is_empty(), "Git has more: {:.400}", String::from_utf8_lossy(rest));
    true
}

/// What Git is asked of the files at risk while one file is staged and two are committed.
fn asked(form: &[&[&str]]) -> Vec<String> {
    let s = Scratch::new();
    for at in 0..12 {
        s.write(&format!("d{}/{at}", at % 4), format!("{at}\n"));
    }
    s.git(["add", "."]);
    s.git(["commit", "-qm", "files"]);
    for words in form {
        s.git(*words);
    }
    let trace = s.root().join("trace");
    for round in ["one", "another"] {
        for name in ["d0/0", "d1/1"] {
            s.write(name, round.repeat(9));
        }
        for words in [&["add", "d0/0"][..], &["commit", "-qam", round]] {
            let ran = s.command("git").args(words).env("GIT_TRACE", &trace).output().unwrap();
            assert!(ran.status.success(), "{ran:?}");
        }
        assert!(s.vault_has("d0/0", &round.repeat(9)) && s.vault_has("d1/1", &round.repeat(9)));
    }
    let trace = std::fs::read_to_string(trace).unwrap();
    assert!(trace.contains("built-in: git commit"), "{trace}");
    let is_asked = |line: &&str| {
        let kinds = ["status", "ls-files", "diff-index", "diff-files"];
        kinds.iter().any(|kind| line.contains(&format!("built-in: git {kind} ")))
    };
    trace.lines().filter(is_asked).map(str::to_owned).collect()
}

#[test]
fn a_hook_needs_no_child_whatever_form_the_index_has() {
    let forms: [&[&[&str]]; 7] = [
        &[],
        &[&["update-index", "--index-version", "4"]],
        &[&["config", "index.skipHash", "true"]],
        &[&["config", "feature.manyFiles", "true"], &["update-index", "--index-version", "4"]],
        &[&["config", "core.splitIndex", "true"], &["update-index", "--split-index"]],
        &[&["sparse-checkout", "set", "--cone", "--sparse-index", "d0", "d1"]],
        &[
            &["update-index", "--index-version", "4"],
            &["sparse-checkout", "set", "--cone", "--sparse-index", "d0", "d1"],
        ],
    ];
    for form in forms {
        assert_eq!(asked(form), [""; 0], "{form:?}");
    }
}
